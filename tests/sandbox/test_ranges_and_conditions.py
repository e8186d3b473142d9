"""Conditions and ranges, without a socket."""

from __future__ import annotations

import time
from typing import Dict, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.sandbox.web.ranges_and_conditions import Selection, select

ETAG = '"0123456789abcdef"'
SIZE = 100
MODIFIED = 1_646_121_900
THEN = "Tue, 01 Mar 2022 08:05:00 GMT"
BEFORE = "Tue, 01 Mar 2022 08:04:59 GMT"
AFTER = "Tue, 01 Mar 2022 08:05:01 GMT"
WHOLE = Selection(200, 0, 99)


def selected(size: int = SIZE, **headers: str) -> Selection:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return select(named, size=size, etag=ETAG, modified_s=MODIFIED)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("bytes=10-19", (10, 19)),
        ("bytes=0-0", (0, 0)),
        ("bytes=10-", (10, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=-1000", (0, 99)),
        ("bytes=90-1000", (90, 99)),
        ("bytes=99-99", (99, 99)),
        ("BYTES=1-2", (1, 2)),
        ("bytes= 1-2 ", (1, 2)),
        ("bytes=" + "0" * 100 + "1-2", (1, 2)),
        ("bytes=100-", None),
        ("bytes=-0", None),
        ("bytes=" + "9" * 100 + "-", None),
    ],
)
def test_select_range(text: str, bounds: Optional[Tuple[int, int]]) -> None:
    due = Selection(416) if bounds is None else Selection(206, *bounds)
    assert selected(range=text) == due


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=2-1",
        "bytes=--1",
        "bytes=1-2,5-6",
        "bytes=1-2x",
        "bytes=١-٢",
        "items=1-2",
        "1-2",
        "bytes=" + "1" * 10_000 + "-",
    ],
)
def test_select_of_an_unreadable_range_sends_the_whole_object(text: str) -> None:
    assert selected(range=text) == WHOLE


def test_select_of_an_empty_object() -> None:
    assert selected(size=0) == Selection(200, 0, -1)
    for text in ("bytes=0-", "bytes=-1", "bytes=0-0"):
        assert selected(size=0, range=text) == Selection(416)


@pytest.mark.parametrize(
    ("validator", "holds"),
    [
        (ETAG, True),
        (f"W/{ETAG}", False),
        ('"other"', False),
        (THEN, True),
        (BEFORE, False),
        (AFTER, False),
        ("yesterday", False),
        ("", False),
    ],
)
def test_select_if_range(validator: str, holds: bool) -> None:
    found = selected(range="bytes=1-2", if_range=validator)
    assert found == (Selection(206, 1, 2) if holds else WHOLE)
    if not holds:
        assert selected(range="bytes=100-", if_range=validator) == WHOLE


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_none_match": ETAG}, 304),
        ({"if_none_match": ETAG.strip('"')}, 304),
        ({"if_none_match": f'"x", W/{ETAG}'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"x"'}, 200),
        ({"if_modified_since": THEN}, 304),
        ({"if_modified_since": AFTER}, 304),
        ({"if_modified_since": BEFORE}, 200),
        ({"if_modified_since": "x"}, 200),
        ({"if_modified_since": AFTER, "if_none_match": '"x"'}, 200),
        ({"if_none_match": ETAG, "range": "bytes=1-2"}, 304),
        ({"if_match": ETAG}, 200),
        ({"if_match": f'"x" , {ETAG}'}, 200),
        ({"if_match": "*"}, 200),
        ({"if_match": f"W/{ETAG}"}, 412),
        ({"if_match": '"x"'}, 412),
        ({"if_match": ""}, 412),
        ({"if_unmodified_since": BEFORE}, 412),
        ({"if_unmodified_since": THEN}, 200),
        ({"if_unmodified_since": "x"}, 200),
        ({"if_unmodified_since": BEFORE, "if_match": ETAG}, 200),
        ({"if_match": ETAG, "if_none_match": ETAG}, 304),
        ({"if_match": '"x"', "if_none_match": ETAG}, 412),
        ({"if_match": ETAG, "range": "bytes=1-2"}, 206),
    ],
)
def test_select_conditions(headers: Dict[str, str], status: int) -> None:
    found = selected(**headers)
    assert found.status == status
    if status == 412:
        assert found.failed.lower().replace("-", "_") in headers


@pytest.mark.parametrize(
    "date",
    [
        THEN,
        "Tuesday, 01-Mar-22 08:05:00 GMT",
        "Tue Mar  1 08:05:00 2022",
        "Tue, 01 Mar 2022 09:05:00 +0100",
    ],
)
def test_select_reads_dates_in_every_form_of_http(date: str) -> None:
    assert selected(range="bytes=1-2", if_range=date).status == 206


def test_select_is_fast_whatever_is_sent() -> None:
    begun = time.perf_counter()
    for text in ("bytes=" + "1" * 2_000_000, "bytes=" + " " * 2_000_000, "9" * 10**6):
        for name in ("range", "if_range", "if_modified_since", "if_unmodified_since"):
            assert selected(**{name: text}).status == 200
    assert time.perf_counter() - begun < 1


@given(st.text(max_size=30), st.integers(0, 300))
def test_select_never_returns_a_range_outside_of_the_object(
    text: str, size: int
) -> None:
    for name in ("range", "if_range", "if_modified_since", "if_unmodified_since"):
        found = selected(size, **{"range": f"bytes={text}", name: text})
        if found.status in (200, 206):
            assert 0 <= found.first <= found.last + 1 <= size
