"""The pages: their examples run, and print what the pages show."""

from __future__ import annotations

import ast
import itertools
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

from scaleapi import ScaleClient
from tests.docs.blocks import (
    ROOT,
    close_all,
    examples_of,
    parts_of,
    run_all,
    unearned,
    unshown,
)

DOCS = ROOT / "docs"

#: Pages that can be read by themselves. That of the sandbox has tests of its own.
PAGES = [
    DOCS / "quickstart.rst",
    DOCS / "migrating.rst",
    *sorted((DOCS / "guides").glob("*.rst")),
]

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@pytest.fixture
def namespace(
    monkeypatch: pytest.MonkeyPatch, waits: List[float]
) -> Iterator[Dict[str, Any]]:
    """What the examples of a page share; they stand in a checkout's root."""
    monkeypatch.chdir(ROOT)
    names: Dict[str, Any] = {"__name__": "page"}
    logger = logging.getLogger("scaleapi")
    level = logger.level
    yield names
    close_all(names)
    logger.setLevel(level)


@pages
def test_every_example_runs_and_prints_what_the_page_shows(
    page: Path, namespace: Dict[str, Any]
) -> None:
    run_all(page, namespace)


@pages
def test_every_example_that_prints_is_followed_by_its_output(page: Path) -> None:
    assert unshown(parts_of(page)) == []


@pages
def test_every_output_is_that_of_an_example(page: Path) -> None:
    assert unearned(parts_of(page)) == []


@pages
def test_no_example_needs_another_page(page: Path) -> None:
    first = examples_of(parts_of(page))[0]
    assert "Sandbox().start()" in first.text


def test_the_fragments_on_the_page_about_bulk_run(namespace: Dict[str, Any]) -> None:
    written: List[Any] = []
    namespace.update(
        write_down=lambda *result: written.append(result),
        # Threads in its place: a test must not fork.
        ProcessPoolExecutor=ThreadPoolExecutor,
        itertools=itertools,
        last_index_written_down=lambda: 1,
        all_rows=lambda: iter(namespace["payloads"]),
    )
    run_all(DOCS / "bulk.rst", namespace)
    assert [result.status for result in namespace["again"]] == ["failed"]
    assert [each[0] for each in written[-3:]] == [1, 2, 3]


def test_the_guides_call_most_of_what_the_client_has() -> None:
    called = {
        node.func.attr
        for page in PAGES
        for example in examples_of(parts_of(page))
        for node in ast.walk(ast.parse(example.text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    public = {name for name in dir(ScaleClient) if not name.startswith("_")}
    assert len(called & public) > len(public) / 2
