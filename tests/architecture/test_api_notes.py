"""The facts that comments cite are those that docs/api-notes publishes."""

from __future__ import annotations

import re
from typing import Set

from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "api-notes.rst").read_text("utf-8")
NOTES = re.findall(r"^\.\. _api-notes-([a-z0-9-]+):$", PAGE, re.MULTILINE)


def cited() -> Set[str]:
    """Return the names of all notes that comments and docstrings cite."""
    return {
        name
        for folder in ("scaleapi", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"api-notes: ([a-z0-9-]+)", path.read_text("utf-8"))
    }


def test_each_note_has_a_name_of_its_own() -> None:
    assert len(NOTES) == len(set(NOTES))
    assert len(NOTES) > 40


def test_each_note_begins_with_its_name_and_how_it_is_known() -> None:
    for name in NOTES:
        heading = (
            rf"^\.\. _api-notes-{name}:\n\n{name} \((documented|observed|guess)\)$"
        )
        assert re.search(heading, PAGE, re.MULTILINE), name


def test_each_cited_note_is_published() -> None:
    assert cited() - set(NOTES) == set()


def test_each_published_note_is_cited() -> None:
    assert set(NOTES) - cited() == set()
