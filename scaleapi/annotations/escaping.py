"""Text in XML and HTML."""

from __future__ import annotations

import re
from typing import Any

# Characters that XML does not allow.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}


def escape(text: str) -> str:
    """Return a text as it can stand in XML and HTML, between tags or in quotes."""
    return "".join(_ENTITIES.get(char, char) for char in plain(text))


def text_of(value: Any) -> str:
    """Return any value of a document as text.

    One that is nested deeper, or is a larger integer, than Python can print is named by
    its type.
    """
    try:
        return str(value)
    except (RecursionError, ValueError):
        return f"({type(value).__name__})"


def plain(text: str) -> str:
    """Return a text without the characters that XML does not allow."""
    return _NOT_XML.sub("\ufffd", text)
