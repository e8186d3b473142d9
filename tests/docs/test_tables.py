"""The tables of the pages: each row that a reader sees is one that was written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List

import pytest
from docutils.core import publish_string
from docutils.writers import html5_polyglot

from tests.docs.blocks import ROOT

PAGES = [
    ROOT / "README.rst",
    *sorted((ROOT / "docs").rglob("*.rst")),
    *sorted((ROOT / "benchmarks").glob("*.rst")),
]

pages = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)

#: Sphinx has roles and directives that docutils does not know; they are no tables.
QUIET = {"report_level": 5, "halt_level": 5, "file_insertion_enabled": False}


def rows_with_an_empty_cell(text: str) -> List[str]:
    """Render a page; return the rows in which a cell shows nothing."""
    html = publish_string(
        text, writer=html5_polyglot.Writer(), settings_overrides=QUIET
    ).decode("utf-8")
    found = []
    for body in re.findall(r"<tbody.*?</tbody>", html, re.DOTALL):
        for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL):
            cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
            texts = [re.sub(r"<[^>]+>|\s", "", cell) for cell in cells]
            if not all(texts):
                found.append(" | ".join(texts))
    return found


@pages
def test_no_row_of_a_table_has_an_empty_cell(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert rows_with_an_empty_cell(text) == []


@pages
def test_tables_are_list_tables_or_grids(page: Path) -> None:
    # In a simple table a first cell that wraps silently begins a new row.
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^ *=+(?: +=+)+ *$", text, re.MULTILINE) == []


def test_a_first_cell_of_a_simple_table_that_wraps_is_found() -> None:
    table = "=====  ====\nwhat   then\n=====  ====\na or   sent\nb\n=====  ====\n"
    assert rows_with_an_empty_cell(table) == ["b | "]
