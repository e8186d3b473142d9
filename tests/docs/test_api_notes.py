"""Each note of the API that code cites is on the page, and each one is cited."""

from __future__ import annotations

import re
from typing import Set

from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "api-notes.rst").read_text("utf-8")
DEFINED = set(re.findall(r"^\.\. _api-notes-([\w-]+):", PAGE, re.MULTILINE))


def cited() -> Set[str]:
    """Return the anchors that comments cite, several of them joined by commas."""
    found: Set[str] = set()
    for folder in ("scaleapi", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            text = re.sub(r"\n\s*#", "", path.read_text("utf-8"))
            for names in re.findall(
                r"api-notes: ([a-z][\w-]+(?:, [a-z][\w-]+)*)", text
            ):
                found |= set(names.split(", "))
    return found


def test_each_note_that_code_cites_is_on_the_page() -> None:
    assert len(DEFINED) > 20
    assert cited() - DEFINED == set()


def test_each_note_of_the_page_is_cited() -> None:
    assert DEFINED - cited() == set()
