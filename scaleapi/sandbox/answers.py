"""Answers in the API's form."""

from __future__ import annotations

import json
import logging
from typing import Any

from starlette.responses import Response

from scaleapi.sandbox.errors import ApiError

logger = logging.getLogger("scaleapi.sandbox")


def encoded(value: Any) -> bytes:
    """Return a value as JSON."""
    return json.dumps(value, allow_nan=False).encode()


def refusal(error: Exception) -> Response:
    """Return the answer that tells of an error."""
    if not isinstance(error, ApiError):
        logger.error("the sandbox failed", exc_info=error)
        error = ApiError(500, "The sandbox failed; its log says why")
    return Response(
        encoded({"status_code": error.status, "error": error.text}),
        status_code=error.status,
        headers=error.headers,
        media_type="application/json",
    )
