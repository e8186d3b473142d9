"""Text for terminals: what is safe to print, how wide it is, and tables. Pure."""

from __future__ import annotations

import re
from typing import Any, List, Sequence

#: Characters that change what a terminal shows elsewhere, or the order in which it
#: shows text: controls, line separators, and marks of direction.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
#: Categories of marks that stand above or within the character before, and of signs
#: that are not shown, such as the joiner of two emoji.
_WITHOUT_WIDTH = ("Mn", "Me", "Cf")
_ELLIPSIS = "..."
_GAP = "  "
#: Names that are listed in a question.
_LISTED = 5


def printable(text: str, *, keep: str = "") -> str:
    """Return a text with escapes, such as ``\\x1b``, for what a terminal would obey.

    Args:
        text: Any text; it may come from the server.
        keep: Characters that stay as they are, such as line feeds.
    """
    return _UNSAFE.sub(
        lambda found: (
            found[0]
            if found[0] in keep
            else found[0].encode("unicode_escape").decode("ascii")
        ),
        text,
    )


def cell(value: Any) -> str:
    """Return a value as the text of a cell, on one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        import json

        value = json.dumps(value, ensure_ascii=False, default=str)
    return printable(str(value))


def width(text: str) -> int:
    """Return the number of columns that a text takes in a terminal."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0
        if unicodedata.category(char) in _WITHOUT_WIDTH
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def shortened(text: str, columns: int) -> str:
    """Return a text that takes no more than some columns."""
    if width(text) <= columns:
        return text
    kept = ""
    for char in text:
        if width(kept + char) > columns - len(_ELLIPSIS):
            break
        kept += char
    return kept + _ELLIPSIS


def widths(rows: Sequence[Sequence[str]]) -> List[int]:
    """Return the width of each column of a table."""
    return [max(map(width, column)) for column in zip(*rows)]


def aligned(row: Sequence[str], columns: Sequence[int]) -> str:
    """Return a row of a table as a line."""
    cells = [text + " " * (size - width(text)) for text, size in zip(row, columns)]
    return _GAP.join(cells).rstrip()


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 task``, ``1,200 tasks``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}{'es' if noun.endswith('ch') else 's'}"


def listed(names: Sequence[str]) -> str:
    """Return the first names, in quotes, and how many others there are."""
    shown = [repr(name) for name in names[:_LISTED]]
    if len(names) > _LISTED:
        shown.append(f"{len(names) - _LISTED:,} more")
    return ", ".join(shown)
