"""Patterns of paths, matched in a time that grows with the path and no faster."""

from __future__ import annotations

import re
from typing import Dict
from urllib.parse import quote, unquote

_WILDCARDS = re.compile(r"(\*\*|\*|{\w+})")


class PathPattern:
    """A path in which ``*`` stands for any part of a segment, ``**`` for anything.

    A name in braces stands for one whole segment. A regular expression would do the
    same, but one with several wildcards can be kept busy for hours by a long path.
    So this goes through a path once, with all places in the pattern at which it can
    be at the same time: each is a bit of a number.

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
        place = 1
        for number, part in enumerate(_WILDCARDS.split(pattern)):
            if number % 2 == 0:
                for character in _in_one_form(part):
                    before = self._characters.get(character, 0)
                    self._characters[character] = before | place
                    place <<= 1
                continue
            if part == "**":
                self._anywhere |= place
            else:
                if part != "*":
                    self._one |= place
                    place <<= 1
                self._in_segment |= place
            place <<= 1
        self._end = place

    def matches(self, path: str) -> bool:
        """Return whether a path, quoted in any way, is one of the pattern."""
        repeated = self._in_segment | self._anywhere
        places = self._beyond_wildcards(1)
        for character in _in_one_form(path):
            moved = places & self._characters.get(character, 0)
            stayed = places & self._anywhere
            if character != "/":
                moved |= places & self._one
                stayed |= places & repeated
            places = self._beyond_wildcards(moved << 1 | stayed)
        return places & self._end != 0

    def _beyond_wildcards(self, places: int) -> int:
        """Add the places that are reached as a wildcard may stand for nothing."""
        before = 0
        while places != before:
            before = places
            places |= (places & (self._in_segment | self._anywhere)) << 1
        return places


def _in_one_form(path: str) -> str:
    """Return a path quoted in one way, however it was quoted, if at all."""
    return "/".join(quote(unquote(part), safe="") for part in path.split("/"))
