"""Display of JSON values: converts any value to a tree of `Node`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Callable, List, Optional

_MAX_DEPTH = 5
_MAX_ITEMS = 100
_MAX_NODES = 3000
_MAX_TEXT_CHARS = 5000
_MAX_COLUMNS = 8
_MAX_JSON_CHARS = 200_000

Link = Callable[[str], Optional[str]]


@dataclass
class Node:
    """A value in a form that the templates can show.

    Attributes:
        kind: ``text``, ``none``, ``word`` (true, false, a number), ``link``,
            ``list``, ``rows`` (name and value) or ``table``.
        text: The text to show.
        href: The target of a link.
        items: The values of a list, the (name, value) pairs of rows, or the lines
            of a table.
        heads: The columns of a table.
        more: The number of items that are left out.
    """

    kind: str
    text: str = ""
    href: Optional[str] = None
    items: List[Any] = field(default_factory=list)
    heads: List[str] = field(default_factory=list)
    more: int = 0


def node_of(value: Any, link: Link) -> Node:
    """Return the node of a value of any size and depth.

    Args:
        value: Any JSON value.
        link: Returns the link target of a text that is a URL, else None.
    """
    return _Reader(link).node(value, 0)


def json_text(value: Any) -> str:
    """Return a value as indented JSON, cut if it is very long."""
    pieces: List[str] = []
    size = 0
    encoder = json.JSONEncoder(indent=2, ensure_ascii=False)
    try:
        for piece in encoder.iterencode(value):
            pieces.append(piece)
            size += len(piece)
            if size > _MAX_JSON_CHARS:
                return "".join(pieces)[:_MAX_JSON_CHARS] + "\n… cut here"
    except RecursionError:
        return json.dumps(value, ensure_ascii=False)[:_MAX_JSON_CHARS]
    return "".join(pieces)


class _Reader:
    def __init__(self, link: Link) -> None:
        self._link = link
        self._left = _MAX_NODES

    def node(self, value: Any, depth: int) -> Node:
        self._left -= 1
        if isinstance(value, str):
            return self._text(value)
        if value is None:
            return Node("none", "null")
        if isinstance(value, (bool, int, float)):
            return Node("word", json.dumps(value)[:_MAX_TEXT_CHARS])
        if not value:
            return Node("none", "{}" if isinstance(value, dict) else "[]")
        if depth >= _MAX_DEPTH or self._left < 0:
            return Node("text", _cut(json.dumps(value, ensure_ascii=False), 300))
        if isinstance(value, dict):
            return self._rows(value, depth)
        return self._table(value, depth) or self._list(value, depth)

    def _text(self, value: str) -> Node:
        href = self._link(value)
        if href is not None:
            return Node("link", _cut(value, 300), href)
        return (
            Node("text", _cut(value, _MAX_TEXT_CHARS)) if value else Node("none", '""')
        )

    def _rows(self, value: Any, depth: int) -> Node:
        names = list(value)[:_MAX_ITEMS]
        items = [(name, self.node(value[name], depth + 1)) for name in names]
        return Node("rows", items=items, more=len(value) - len(items))

    def _list(self, value: Any, depth: int) -> Node:
        items = [self.node(item, depth + 1) for item in value[:_MAX_ITEMS]]
        return Node("list", items=items, more=len(value) - len(items))

    def _table(self, value: Any, depth: int) -> Optional[Node]:
        """Return a table for a list of objects with few different keys, else None."""
        rows = value[:_MAX_ITEMS]
        if len(rows) < 2 or not all(isinstance(item, dict) for item in rows):
            return None
        heads = list(dict.fromkeys(name for item in rows for name in item))
        if not 0 < len(heads) <= _MAX_COLUMNS:
            return None
        lines = [
            [
                self.node(item[head], depth + 2) if head in item else None
                for head in heads
            ]
            for item in rows
        ]
        return Node("table", items=lines, heads=heads, more=len(value) - len(rows))


def _cut(text: str, max_chars: int) -> str:
    return text if len(text) <= max_chars else text[:max_chars] + "…"
