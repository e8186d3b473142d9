"""Ids and names -> the path of an endpoint."""

from __future__ import annotations

from enum import Enum
from typing import Any
from urllib.parse import quote


def quote_segment(text: str) -> str:
    """Return `text` as one segment of a path: ``a b/c`` -> ``a%20b%2Fc``."""
    return quote(text, safe="")


def endpoint(*segments: Any) -> str:
    """Join segments to an endpoint, each one quoted.

    Args:
        segments: Fixed words, ids, names; other types are turned to text.

    Raises:
        ValueError: A segment is None or empty, or it is ``.`` or ``..``, which
            every URL library resolves, quoted or not, so that the request would
            reach another endpoint.
    """
    return "/".join(_segment(segment, segments) for segment in segments)


def _segment(segment: Any, segments: Any) -> str:
    if isinstance(segment, Enum):
        segment = segment.value
    text = "" if segment is None else str(segment)
    if text in ("", ".", ".."):
        raise ValueError(
            f"{segment!r} cannot be an id or a name here: it would not be part "
            f"of the address {'/'.join(map(str, segments))!r}"
        )
    return quote_segment(text)
