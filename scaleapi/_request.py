"""A request that is to be sent, and what may be done about its failures."""

from __future__ import annotations

import json
from typing import Any, Mapping, Optional

from scaleapi._multipart import Multipart
from scaleapi._recovery import Recovery
from scaleapi.exceptions import ScaleTypeError, ScaleValueError


class Request:
    """What to send, however often.

    Attributes:
        unique_id: Of the task that is to be created; None without one.
        harmless: Whether the request may be sent again after an attempt that the
            server may have carried out.
        expect: The type of the answer that is due; None if any is.
        recovery: How to find what a lost attempt has made; None if it cannot be.

    Raises:
        ScaleTypeError: The body cannot be JSON.
        ScaleValueError: The body has NaN or infinity in it.
    """

    def __init__(
        self,
        method: str,
        endpoint: str,
        params: Mapping[str, Any],
        *,
        body: Any = None,
        form: Optional[Multipart] = None,
        data: Any = None,
    ) -> None:
        self.method = method
        self.endpoint = endpoint
        self.params = params
        self.body = body
        self.form = form
        self.data = data if body is None else self._encoded(body)
        self.unique_id = _unique_id(body)
        harmless: Optional[bool] = getattr(endpoint, "harmless", None)
        if harmless is None:
            harmless = method != "POST" or self.unique_id is not None
        self.harmless = harmless
        self.expect: Optional[type] = getattr(endpoint, "expect", None)
        self.recovery: Optional[Recovery] = getattr(endpoint, "recovery", None)

    def __str__(self) -> str:
        return f"{self.method} /{self.endpoint.partition('?')[0]}"

    def doubt(self, status: Optional[int]) -> str:
        """Return what to add to an error after which something may exist.

        Args:
            status: Of the answer that the error is made of; None without one.
        """
        if not self.harmless:
            return (
                " (what was to be created may or may not exist; it was not sent again, "
                "because a second send could create, and bill, it twice. Look for it, "
                "or pass unique_id=..., or ScaleClient(auto_unique_id=True), so that "
                "the client can repeat safely)"
            )
        if self.unique_id is not None:
            return (
                f" (an earlier attempt of this call may have made it; look for it, or "
                f"repeat the call, with unique_id={self.unique_id!r})"
            )
        if self.recovery or status == 409:
            return " (an earlier attempt of this call may have made it)"
        return ""

    def _encoded(self, body: Any) -> bytes:
        """Return a JSON body as requests writes it."""
        try:
            return json.dumps(body, allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            wrong_type = isinstance(error, TypeError)
            kind = ScaleTypeError if wrong_type else ScaleValueError
            raise kind(f"the body of {self} cannot be JSON: {error}") from None


def _unique_id(body: Any) -> Any:
    unique_id = body.get("unique_id") if isinstance(body, Mapping) else None
    return None if unique_id == "" else unique_id
