"""One authenticated request of the API, as its handler sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional

from scaleapi.sandbox.options import Options
from scaleapi.sandbox.services.hosting import Hosting
from scaleapi.sandbox.store import Store
from scaleapi.sandbox.web.bodies import Upload
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.sandbox.web.query import Query


@dataclass(frozen=True)
class RequestContext:
    """What a route needs to answer.

    Attributes:
        store: The repositories of the caller's world, in one transaction: a call is
            carried out whole or not at all.
        hosting: Gives contents an address.
        options: What is answered where accounts differ.
        path: The variable parts of the path, decoded.
        query: The query.
        now: The moment of the call, the same for all it writes.
        body: The decoded JSON body; None without one.
        upload: The multipart body of an upload.
    """

    store: Store
    hosting: Hosting
    options: Options
    path: Mapping[str, str]
    query: Query
    now: int
    body: Any = None
    upload: Optional[Upload] = field(default=None, repr=False)

    @property
    def strings(self) -> List[str]:
        """The body, which has to be an array of strings, without repeats.

        No body is read as an empty array, which is what the official client
        sends for one (contract 6.7, guess).
        """
        body = [] if self.body is None else self.body
        if not isinstance(body, list) or not all(isinstance(t, str) for t in body):
            raise ApiError(400, "The body must be a JSON array of strings")
        return list(dict.fromkeys(body))

    @property
    def object(self) -> Dict[str, Any]:
        """The body, which has to be an object; keys that are null are left out.

        No body is read as an empty object (contract 6.3, guess).
        """
        return {k: v for k, v in self.raw_object.items() if v is not None}

    @property
    def raw_object(self) -> Dict[str, Any]:
        """The body, which has to be an object, with its nulls."""
        body = {} if self.body is None else self.body
        if not isinstance(body, dict):
            raise ApiError(400, "The body must be a JSON object")
        return body
