"""The base class of the calls of v2."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Type, TypeVar

from scaleapi._transport.recovery import Recovery
from scaleapi._transport.redact import masked_address
from scaleapi.v2.connection import ApiClient
from scaleapi.v2.records import Record
from scaleapi.v2.requests import Lists, query

R = TypeVar("R", bound=Record)


class V2Calls:
    """Base class of the classes that `V2Api` inherits.

    Args:
        api_client: Sends the requests. Default: ``ApiClient()``.

    Attributes:
        api_client: The same.
    """

    def __init__(self, api_client: Optional[ApiClient] = None) -> None:
        self.api_client = api_client or ApiClient()

    def __repr__(self) -> str:
        client = vars(self).get("api_client")
        address = client and masked_address(client.configuration.host)
        return f"{type(self).__name__}({address!r})"

    def _get(
        self,
        path: str,
        expected: Type[R],
        options: Mapping[str, Any],
        params: Mapping[str, Any],
        lists: Optional[Lists] = None,
    ) -> R:
        """Fetch something.

        Args:
            path: Path after ``/v2/``.
            expected: Class of the answer.
            options: Further keywords of the call.
            params: As in `query`, and so is `lists`.
            lists: Parameters that are lists.
        """
        target = self.api_client._target(
            *path.split("/"),
            expected=expected,
            query=query(params, lists),
            options=options,
        )
        return _record(expected, self.api_client._send("GET", target))

    def _post(
        self,
        path: str,
        expected: Type[R],
        options: Mapping[str, Any],
        body: Mapping[str, Any],
        *,
        idempotent: Optional[bool] = True,
        recovery: Optional[Recovery] = None,
    ) -> R:
        """Change something.

        Args:
            path: Path after ``/v2/``.
            expected: Class of the answer.
            options: Further keywords of the call.
            body: The body.
            idempotent: As in `endpoint`, and so is `recovery`.
            recovery: Where to look for the result if the answer is lost.
        """
        target = self.api_client._target(
            *path.split("/"),
            expected=expected,
            options=options,
            idempotent=idempotent,
            recovery=recovery,
        )
        return _record(expected, self.api_client._send("POST", target, body))


def _record(expected: Type[R], answer: Any) -> R:
    # None: an empty answer, with another status than 200. api-notes: v2-statuses
    nothing: Any = None
    return nothing if answer is None else expected._of(answer)
