"""Answers in the form of the API: JSON, errors included."""

from __future__ import annotations

import json
from typing import Any, List

from starlette.responses import Response

from scaleapi.sandbox.web.errors import ApiError

_JSON = json.JSONEncoder(allow_nan=False)


def encoded(value: Any) -> bytes:
    """Return a value as JSON.

    The documents of a page, and the elements of any other list in an answer, are
    encoded one by one, because no other thread of this process runs while the
    encoder does.
    """
    if not isinstance(value, dict):
        return _JSON.encode(value).encode()
    members = []
    for name, member in value.items():
        is_list = isinstance(member, list)
        text = _list_of(member) if is_list else _JSON.encode(member)
        members.append(f"{_JSON.encode(name)}: {text}")
    return f"{{{', '.join(members)}}}".encode()


def _list_of(documents: List[Any]) -> str:
    return f"[{', '.join(map(_JSON.encode, documents))}]"


def error_response(error: ApiError) -> Response:
    """Return the answer to a request that is refused."""
    return Response(
        encoded({"status_code": error.status, "error": error.text}),
        status_code=error.status,
        headers=error.headers,
        media_type="application/json",
    )
