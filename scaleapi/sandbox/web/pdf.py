"""The number of pages of a PDF, without parsing it."""

from __future__ import annotations

import re
from typing import BinaryIO

#: Maximum number of pages that are counted, so that no document of a task is huge.
MAX_PAGES = 1000

_PAGE = re.compile(rb"/Type\s{0,8}/Page(?![A-Za-z])")
#: No match of `_PAGE`, with the character that follows it, is longer.
_MAX_MATCH_BYTES = 32
_CHUNK_BYTES = 1 << 20


def page_count(content: BinaryIO) -> int:
    """Return the number of pages, at least 1.

    Pages that are compressed are not seen.
    """
    content.seek(0)
    number, unread = 0, b""
    while True:
        chunk = content.read(_CHUNK_BYTES)
        unread += chunk
        # A match near the end is counted later, when what follows it is known.
        end = max(0, len(unread) - _MAX_MATCH_BYTES) if chunk else len(unread)
        number += sum(1 for match in _PAGE.finditer(unread) if match.start() < end)
        unread = unread[end:]
        if not chunk or number >= MAX_PAGES:
            content.seek(0)
            return max(1, min(number, MAX_PAGES))
