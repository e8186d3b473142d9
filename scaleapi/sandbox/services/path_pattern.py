"""Patterns of paths, matched in time that is linear in the length of the path."""

from __future__ import annotations

import re
from typing import Dict
from urllib.parse import quote, unquote

_WILDCARDS = re.compile(r"(\*\*|\*|{\w+})")


class PathPattern:
    """A path in which ``*`` stands for any part of a segment, ``**`` for anything.

    A name in braces stands for one whole segment. A regular expression with several
    wildcards could take hours on a long path. So the pattern is matched as a
    nondeterministic automaton in one pass over the path; the set of its states is an
    int with one bit for each position in the pattern.

    Args:
        pattern: The pattern, quoted or not, with or without ``/v1``.
    """

    def __init__(self, pattern: str) -> None:
        if not pattern.startswith("**"):
            pattern = "/" + pattern.lstrip("/")
        if pattern.startswith("/v1/"):
            pattern = pattern[len("/v1") :]
        self._characters: Dict[str, int] = {}
        self._in_segment = self._anywhere = self._one = 0
        position = 1
        for number, part in enumerate(_WILDCARDS.split(pattern)):
            if number % 2 == 0:
                for character in _normalized(part):
                    before = self._characters.get(character, 0)
                    self._characters[character] = before | position
                    position <<= 1
                continue
            if part == "**":
                self._anywhere |= position
            else:
                if part != "*":
                    self._one |= position
                    position <<= 1
                self._in_segment |= position
            position <<= 1
        self._end = position

    def matches(self, path: str) -> bool:
        """Return whether a path, quoted in any way, matches the pattern."""
        repeated = self._in_segment | self._anywhere
        positions = self._beyond_wildcards(1)
        for character in _normalized(path):
            moved = positions & self._characters.get(character, 0)
            stayed = positions & self._anywhere
            if character != "/":
                moved |= positions & self._one
                stayed |= positions & repeated
            positions = self._beyond_wildcards(moved << 1 | stayed)
        return positions & self._end != 0

    def _beyond_wildcards(self, positions: int) -> int:
        """Add the positions that are reached because a wildcard may match nothing."""
        before = 0
        while positions != before:
            before = positions
            positions |= (positions & (self._in_segment | self._anywhere)) << 1
        return positions


def _normalized(path: str) -> str:
    """Return a path in normalized quoting."""
    return "/".join(quote(unquote(part), safe="") for part in path.split("/"))
