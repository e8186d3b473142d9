"""The page of differences: it names what the comparison lets pass."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Dict

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "differences.rst").read_text(encoding="utf-8")


def differences() -> Dict[str, str]:
    """Return `DIFFERENCES` of the comparison, which is not to be imported here."""
    path = ROOT / "tests" / "official" / "compare.py"
    (found,) = (
        ast.literal_eval(node.value)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id == "DIFFERENCES"
    )
    assert isinstance(found, dict)
    return found


def section(title: str) -> str:
    found = re.search(rf"\n{title}\n-+\n(.*?)\n[^\n]+\n-+\n", PAGE, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_page_lists_the_calls_that_send_something_else_and_no_others() -> None:
    items = re.findall(r"^\* ``(.+?)``: (.+)$", section("What is sent"), re.MULTILINE)
    assert dict(items) == differences()
    assert len(items) == len(differences())


def test_the_page_has_every_fault_once() -> None:
    marks = re.findall(r"^\.\. fault (\d+)$", PAGE, re.MULTILINE)
    assert sorted(map(int, marks)) == list(range(1, 47))


@pytest.mark.parametrize("field", ["Official", "Ours", "Why"])
def test_every_entry_says_what_both_do_and_why(field: str) -> None:
    entries = re.findall(r"^:Official: ", PAGE, re.MULTILINE)
    assert len(entries) == len(re.findall(rf"^:{field}: \S", PAGE, re.MULTILINE))
