"""The pages: their examples run, and print what the pages show."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List

import pytest

from scaleapi import Api, Batch, Project, ScaleClient, Task, TaskTemplate, Teammate
from scaleapi.exceptions import ExceptionMap
from tests.docs.blocks import (
    ROOT,
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
    DOCS / "how-do-i.rst",
    DOCS / "migrating.rst",
    DOCS / "reliability.rst",
    *sorted((DOCS / "guides").glob("*.rst")),
]


@pytest.fixture(autouse=True)
def three_lines(
    request: pytest.FixtureRequest,
    namespace: Dict[str, Any],
    client: ScaleClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the page about the export takes for granted: a key, and a project."""
    parameters = getattr(request.node, "callspec", None)
    if parameters and parameters.params.get("page") == DOCS / "guides" / "export.rst":
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SCALE_API_KEY", client.api.api_key)
        monkeypatch.setenv("SCALE_API_URL", client.api.base_api_url)
        client.create_project("cows", "categorization")
        client.create_batch("cows", "week 9/10")
        for number in range(3):
            client.create_task(
                "categorization",
                project="cows",
                unique_id=f"cow-{number}",
                attachment="https://example.com/cow.jpg",
                categories=["cow"],
                **({"batch": "week 9/10"} if number else {}),
            )


pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


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


@pytest.mark.parametrize(
    "page",
    # The page about the export begins with the three lines that most people need.
    [
        *(page for page in PAGES if page.stem != "export"),
        DOCS / "bulk.rst",
        DOCS / "sandbox.rst",
    ],
    ids=lambda page: page.stem,
)
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


def calls_of(kind: type) -> List[str]:
    """Return the public methods of a class."""
    return [
        name
        for name, member in inspect.getmembers(kind, callable)
        if not name.startswith("_")
    ]


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            name
            for kind in (
                ScaleClient,
                Api,
                Task,
                Batch,
                Project,
                TaskTemplate,
                Teammate,
            )
            for name in calls_of(kind)
        }
    ),
)
def test_a_guide_shows_the_call(name: str) -> None:
    called = {
        node.func.attr
        for page in [*PAGES, DOCS / "bulk.rst"]
        for example in examples_of(parts_of(page))
        for node in ast.walk(ast.parse(example.text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert name in called


@pytest.mark.parametrize(
    ("status", "kind"), ExceptionMap.items(), ids=map(str, ExceptionMap)
)
def test_the_table_of_errors_has_the_status_with_its_class(
    status: int, kind: type
) -> None:
    text = (DOCS / "guides" / "errors.rst").read_text(encoding="utf-8")
    assert f"    * - {status}\n      - ``{kind.__name__}``\n" in text


#: Words that people search for.
WORDS = """
429, CSV, URL, completed since yesterday, duplicate, image, log, mock, notebook,
pagination, progress bar, proxy, resume, retry, threads, timeout, webhook
"""


@pytest.mark.parametrize("word", [word.strip() for word in WORDS.split(",")])
def test_the_index_leads_from_what_people_search_for_to_an_answer(word: str) -> None:
    text = (DOCS / "how-do-i.rst").read_text(encoding="utf-8")
    entries = re.findall(r"^\.\. index:: (.+)$", text, re.MULTILINE)
    assert word in {entry for line in entries for entry in line.split(", ")}
