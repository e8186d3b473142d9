"""JSON lines: a document in, a line out, and nothing of the document is lost. Pure."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict

_COMPACT = (",", ":")
_readable = json.JSONEncoder(ensure_ascii=False, separators=_COMPACT).encode
_escaped = json.JSONEncoder(separators=_COMPACT).encode


def line_encoder() -> Callable[[Dict[str, Any]], bytes]:
    """Return the fastest function there is that makes a line of a document.

    A line ends with a line feed, and has no other. It is UTF-8; a document with a lone
    surrogate, which UTF-8 does not have, is escaped and is ASCII.
    """
    try:
        import orjson  # imported late, since not every program that exports has it
    except ModuleNotFoundError:
        return plain_line
    dumps, loads = orjson.dumps, orjson.loads
    option = orjson.OPT_APPEND_NEWLINE

    def line(document: Dict[str, Any]) -> bytes:
        try:
            encoded: bytes = dumps(document, option=option)
        except TypeError:  # a lone surrogate, or an integer beyond 64 bits
            return plain_line(document)
        # orjson writes null for NaN and infinity. A null of the document is equal to
        # what is read back.
        if b"null" in encoded and loads(encoded) != document:
            return plain_line(document)
        return encoded

    return line


def plain_line(document: Dict[str, Any]) -> bytes:
    """Return the line of a document, without orjson."""
    try:
        return _readable(document).encode() + b"\n"
    except UnicodeEncodeError:
        return _escaped(document).encode() + b"\n"
