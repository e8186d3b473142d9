"""The one way a call on the sandbox is turned down."""

from __future__ import annotations

from typing import Dict, Mapping, Optional

#: Status -> the API's own words, where it has some for all of its calls.
WORDS: Dict[int, str] = {
    401: "Unauthorized -- No valid API key provided.",
    429: "Too Many Requests",
    503: "Server Timeout From Request Queueing",
}


class ApiError(Exception):
    """An answer that is not 200: its status and the API's words for it.

    Args:
        status: HTTP status of the answer.
        text: What the person reads, as the value of ``error`` in the body.
        headers: Further headers of the answer.
    """

    def __init__(
        self, status: int, text: str, headers: Optional[Mapping[str, str]] = None
    ) -> None:
        super().__init__(f"{status} {text}")
        self.status = status
        self.text = text
        self.headers = dict(headers or {})


def invalid(reason: str) -> ApiError:
    """Return the refusal of a parameter, in the API's words."""
    return ApiError(400, f"Parameter is invalid, reason: {reason}")
