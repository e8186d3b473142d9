"""The number of pages of a PDF, without parsing it."""

from __future__ import annotations

import re
from typing import BinaryIO

#: Maximum number of pages that are counted, so that no document of a task is huge.
MAX_PAGES = 1000

_PAGE = re.compile(rb"/Type\s{0,8}/Page(?![A-Za-z])")
#: Bytes in which what announces a page surely ends.
_LONGEST = 32
_PIECE = 1 << 20


def page_count(content: BinaryIO) -> int:
    """Return the number of pages, at least 1.

    Pages that are compressed are not seen.
    """
    content.seek(0)
    number, held = 0, b""
    while True:
        piece = content.read(_PIECE)
        held += piece
        # What begins near the end is looked at again, with what follows it.
        end = max(0, len(held) - _LONGEST) if piece else len(held)
        number += sum(1 for found in _PAGE.finditer(held) if found.start() < end)
        held = held[end:]
        if not piece or number >= MAX_PAGES:
            content.seek(0)
            return max(1, min(number, MAX_PAGES))
