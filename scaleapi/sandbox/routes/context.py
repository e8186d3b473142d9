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
    """What a handler is given.

    Attributes:
        store: The repositories of the caller's world, in one transaction: the
            request is executed completely or not at all.
        hosting: Makes URLs of contents.
        options: The named options.
        path: The variable parts of the path, decoded.
        query: The query.
        now: Time of the request, in milliseconds since 1970; the same for everything
            that the handler writes.
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
        """The body, which must be an array of strings, without duplicates.

        A missing body is read as an empty array.

        api-notes: empty-body
        """
        body = [] if self.body is None else self.body
        if not isinstance(body, list) or not all(isinstance(t, str) for t in body):
            raise ApiError(400, "The body must be a JSON array of strings")
        return list(dict.fromkeys(body))

    @property
    def object(self) -> Dict[str, Any]:
        """The body, which must be an object, without the keys that are null.

        A missing body is read as an empty object.

        api-notes: empty-body
        """
        return {k: v for k, v in self.raw_object.items() if v is not None}

    @property
    def raw_object(self) -> Dict[str, Any]:
        """The body, which must be an object, with the keys that are null."""
        body = {} if self.body is None else self.body
        if not isinstance(body, dict):
            raise ApiError(400, "The body must be a JSON object")
        return body
