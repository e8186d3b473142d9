"""Answers in the API's form."""

from __future__ import annotations

import json
import logging
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from scaleapi.sandbox.bodies import drain
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


async def http_error(request: Request, error: Exception) -> Response:
    """Return the answer to a request that no route takes."""
    assert isinstance(error, HTTPException)
    await drain(request)
    path = request.scope["path"]
    texts = {404: f"Unknown route {path}", 405: f"{request.method} not allowed here"}
    text = texts.get(error.status_code, error.detail)
    return refusal(ApiError(error.status_code, text, error.headers))
