"""Text in XML and HTML."""

from __future__ import annotations

import re

# Characters that XML does not allow.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}


def escape(text: str) -> str:
    """Return a text as it can stand in XML and HTML, between tags or in quotes."""
    return "".join(_ENTITIES.get(char, char) for char in plain(text))


def plain(text: str) -> str:
    """Return a text without the characters that XML does not allow."""
    return _NOT_XML.sub("\ufffd", text)
