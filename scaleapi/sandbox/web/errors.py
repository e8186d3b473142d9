"""The exception that becomes an error response of the API."""

from __future__ import annotations

from typing import Dict, Mapping, Optional

#: Status -> the text that the API uses in all of its operations.
#: api-notes: service-unavailable
WORDS: Dict[int, str] = {
    401: "Unauthorized -- No valid API key provided.",
    429: "Too Many Requests",
    503: "Server Timeout From Request Queueing",
}


class ApiError(Exception):
    """An error response of the API.

    Args:
        status: HTTP status of the answer.
        text: The value of ``error`` in the body.
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
    """Return the error for a parameter, in the form of the API.

    api-notes: missing-parameter
    """
    return ApiError(400, f"Parameter is invalid, reason: {reason}")
