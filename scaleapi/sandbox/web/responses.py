"""Answers in the API's form."""

from __future__ import annotations

import json
import logging
from typing import Any, List

from starlette.responses import Response

from scaleapi.sandbox.web.errors import ApiError

logger = logging.getLogger("scaleapi.sandbox")

_JSON = json.JSONEncoder(allow_nan=False)


def encoded(value: Any) -> bytes:
    """Return a value as JSON.

    The documents of a page are encoded one by one: while one is, nothing else runs
    in this process.
    """
    if not (isinstance(value, dict) and isinstance(value.get("docs"), list)):
        return _JSON.encode(value).encode()
    members = []
    for name, member in value.items():
        text = _JSON.encode(member) if name != "docs" else _list_of(member)
        members.append(f"{_JSON.encode(name)}: {text}")
    return f"{{{', '.join(members)}}}".encode()


def _list_of(documents: List[Any]) -> str:
    return f"[{', '.join(map(_JSON.encode, documents))}]"


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
