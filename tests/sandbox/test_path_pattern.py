"""Patterns of paths, compared with equivalent regular expressions."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.services.path_pattern import PathPattern

WILDCARDS = {"**": ".*", "*": "[^/]*", "{name}": "[^/]+"}


@given(
    st.lists(st.sampled_from(["a", "b", "/", *WILDCARDS]), max_size=7).map("".join),
    st.text("ab/", max_size=9),
)
def test_matches_what_a_regular_expression_matches(pattern: str, path: str) -> None:
    pattern = pattern if pattern.startswith("**") else "/" + pattern.lstrip("/")
    parts = re.split(r"(\*\*|\*|\{name\})", pattern)
    expression = "".join(WILDCARDS.get(part, part) for part in parts)
    found = re.fullmatch(expression, f"/{path}") is not None
    assert PathPattern(pattern).matches(f"/{path}") is found


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/batches/week 9", "/batches/week%209"),
        ("/batches/week%209", "/batches/week%209"),
        ("batches/a%2Fb", "/batches/a%2fb"),
        ("/batches/ä*", "/batches/%C3%A4b"),
        ("/v1/tasks", "/tasks"),
    ],
)
def test_matches_whether_or_not_path_and_pattern_are_quoted(
    pattern: str, path: str
) -> None:
    assert PathPattern(pattern).matches(path)


def test_a_long_path_is_matched_quickly() -> None:
    begun = time.perf_counter()
    for pattern in ("**a**b**c*d**/e*f", "/" + "*a" * 30, "**" * 30 + "!"):
        assert not PathPattern(pattern).matches("/" + "abcd" * 16_000)
    assert time.perf_counter() - begun < 5


def test_a_long_pattern_is_rejected() -> None:
    sandbox = Sandbox()
    with pytest.raises(ValueError, match="10000 characters"):
        sandbox.faults.add(path="/" + "*a" * 5001)
    assert len(sandbox.faults) == 0
