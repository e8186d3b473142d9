"""Pages that are divided without decoding have the lines of the decoded page."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Dict, List, Optional

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from scaleapi.export.pages import DecodedPage, Page, divided, read_page
from scaleapi.export.windows import Sieve, Window, milliseconds

COMPACT = (",", ":")
TIME = "2026-03-02T08:15:30.125Z"
START = milliseconds(TIME)
assert START is not None
HOUR = Sieve(Window(START, START + 3_600_000))

times = st.sampled_from(
    [
        TIME,
        "2026-03-02T08:15:30.124Z",
        "2026-03-02T09:15:30.124Z",
        "2026-03-02T09:15:30.125Z",
        "2026-03-02T09:15:30+00:00",
        "2026-03-02T10:00:00+01:00",
        "2026-03-02",
        "no time",
        None,
        5,
    ]
)
texts = st.text(st.sampled_from('ab{}[]"\\:,\n\u2028é')) | st.just("created_at")
nested = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
        | st.fixed_dictionaries({"task_id": inner, "created_at": times})
        | st.lists(
            st.fixed_dictionaries({"task_id": st.text("ab"), "x": inner}), max_size=3
        )
    ),
    max_leaves=6,
)
tasks = st.fixed_dictionaries(
    {"task_id": st.text("0123456789abcdef", min_size=1)},
    optional={"created_at": times, "metadata": nested, "response": nested},
)


def written(
    documents: List[Any], limit: int, *, compact: bool, ascii: bool, **more: Any
) -> bytes:
    page = {"docs": documents, "total": 500, "limit": limit, "has_more": True, **more}
    text = json.dumps(page, separators=COMPACT if compact else None, ensure_ascii=ascii)
    return text.encode("utf-8", "surrogatepass")


def facts(page: Page) -> Any:
    return page.ids, page.total, page.has_more, page.next_token, len(page)


@given(
    st.lists(tasks, max_size=4),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.dictionaries(st.sampled_from(["next_token", "extra"]), nested),
)
def test_it_is_the_decoded_page(
    documents: List[Any], full: bool, compact: bool, ascii: bool, more: Dict[str, Any]
) -> None:
    limit = len(documents) if full else 100
    content = written(documents, limit, compact=compact, ascii=ascii, **more)
    found = divided(content)
    event(f"divided: {found is not None}")
    if found is None:
        return
    decoded = json.loads(content)
    expected = DecodedPage(decoded)
    assert repr(facts(found)) == repr(facts(expected))
    passing = found.passing(HOUR)
    assert list(passing) == list(expected.passing(HOUR))
    lines = found.lines(range(len(found)))
    assert repr([json.loads(line) for line in lines.split(b"\n")[:-1]]) == repr(
        decoded["docs"]
    )
    assert found.lines(passing).count(b"\n") == len(passing)


def task(number: int, **more: Any) -> Dict[str, Any]:
    return {"task_id": f"{number:024x}", "created_at": TIME, **more}


@pytest.mark.parametrize("compact", [True, False])
@pytest.mark.parametrize("limit", [3, 100])
def test_a_page_as_the_api_writes_it_is_not_decoded(limit: int, compact: bool) -> None:
    documents = [
        task(1, metadata={"text": "a { brace \u2028 é"}),
        task(2, parents=[{"task_id": "1"}]),
        task(3, response=None),
    ]
    content = written(documents, limit, compact=compact, ascii=False, next_token="t")
    found = divided(content)
    assert found is not None
    assert found.ids == [each["task_id"].encode() for each in documents]
    assert (found.has_more, found.next_token, found.total) == (True, "t", 500)
    assert list(found.passing(HOUR)) == [0, 1, 2]
    # The list need not be the first key.
    text = content.decode().replace("{", '{"offset": 0, "sort":"a", ', 1)
    other = divided(text.encode())
    assert other is not None and facts(other) == facts(found)
    # Each line is the text of the server.
    for place in range(3):
        line = found.lines([place])
        assert line[:-1] in content
        assert json.loads(line) == documents[place]
    assert found.lines([]) == b""
    prefixed = found.lines([0, 2], lambda document: document["task_id"].encode())
    first, second = found.lines([0]), found.lines([2])
    assert prefixed == found.ids[0] + first + found.ids[2] + second


@pytest.mark.parametrize("number", ["1.10", "1E5", "-0", "1" * 30, "1e999", "NaN"])
def test_numbers_stay_as_they_are_written(number: str) -> None:
    content = b'{"docs":[{"task_id":"a","n":%b}],"limit":1}' % number.encode()
    found = divided(content)
    assert found is not None
    assert found.lines([0]) == b'{"task_id":"a","n":%b}\n' % number.encode()


#: Two tasks in the metadata of the only one of a page, which seem to be three.
FAMILY = task(1, metadata={"parents": [task(2), task(3)]}, status="completed")


@pytest.mark.parametrize(
    "content",
    [
        written([FAMILY], 1, compact=True, ascii=True),
        written([FAMILY], 2, compact=True, ascii=True),
        written([FAMILY], 9, compact=True, ascii=True),
        written([task(1)], 1, compact=True, ascii=True, more=[task(2)]),
        written([task(1)], 1, compact=True, ascii=True, more=[{"a": "}]"}]),
        written([], 1, compact=True, ascii=True),
        written([{"id": "a", **task(1)}], 1, compact=True, ascii=True),
        written([task(1), {"id": "a", **task(2)}], 2, compact=True, ascii=True)[:-9],
        json.dumps({"docs": [task(1)], "limit": 1}, indent=1).encode(),
        b'\xef\xbb\xbf{"docs":[{"task_id":"a"}],"limit":1}',
        b'{"docs":[{"task_id":"a\xff"}],"limit":1}',
        b'{"docs":[{"task_id":"\\u0061"}],"limit":1}',
        b'{"docs":[{"task_id":5}],"limit":1}',
        b'{"docs":[{"task_id":"a"}],"docs":[],"limit":1',
        b'{"docs":[{"task_id":"a"}],"docs":[],"limit":1}',
        b'{"docs":[{"task_id":"a"}],"d\\u006fcs":[],"limit":1}',
        # A page that ends early, with strings that close the braces of its texts.
        written(
            [task(1, a="}", metadata=[task(2), task(3, a="{")]), task(4)],
            3,
            compact=True,
            ascii=True,
        ),
        # As many texts as tasks, of which one has two tasks.
        written([task(1), {"x": 0}, task(2)], 2, compact=True, ascii=True),
        written([task(1), [{"x": 0}, task(2)]], 2, compact=True, ascii=True),
        b'{"docs":[{"task_id":"a","x":"\t"},{"task_id":"b"}],"limit":2}',
        b'{"docs":[{"task_id":"a","x":"\0"},{"task_id":"b"}],"limit":2}',
        b'{"docs":[{"task_id":"a","x":"},{"task_id":"b"}],"limit":2}',
        b'{"docs":[{"task_id":"a","x":{"}"}},{"task_id":"b"}],"limit":2}',
        b"",
        b"<html>",
        b"[]",
    ],
)
def test_what_could_be_divided_wrongly_is_decoded(content: bytes) -> None:
    assert divided(content) is None


def test_text_that_utf_8_does_not_have_stays_escaped() -> None:
    document = task(1, text="\ud83d")
    found = divided(written([document], 1, compact=True, ascii=True))
    assert found is not None
    assert found.lines([0]).isascii()
    assert json.loads(found.lines([0])) == document


@pytest.mark.parametrize("depth", [3, 30, 300])
def test_braces_in_strings_and_deep_objects_only_cost_time(depth: int) -> None:
    deep: Any = None
    for _ in range(depth):
        deep = {"a": deep, "b": {}}
    documents = [
        task(1, text='}{{{\\"{"', **{"\\{": "\\", "{": '"'}),
        task(2, text="}", deep=deep),
    ]
    found = divided(written(documents, 2, compact=True, ascii=True))
    assert found is not None
    lines = found.lines([0, 1]).splitlines()
    assert [json.loads(line) for line in lines] == documents


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"created_at": TIME}, True),
        ({"created_at": "2026-03-02T08:15:30.124Z"}, False),
        ({"created_at": "2026-03-02T09:15:30.125Z"}, False),
        ({"metadata": {"created_at": TIME}, "created_at": "2020-01-01"}, False),
        ({"metadata": {"created_at": "2020-01-01"}, "created_at": TIME}, True),
        ({"metadata": {"created_at": "2020-01-01"}}, True),
        ({"created_at": '2026-03-02T09","x":".000Z'}, True),
        ({}, True),
    ],
)
def test_the_time_of_a_task_is_that_of_its_first_level(
    more: Dict[str, Any], expected: bool
) -> None:
    found = divided(written([{"task_id": "a", **more}], 1, compact=True, ascii=True))
    assert found is not None
    assert list(found.passing(HOUR)) == [0] * expected


@pytest.mark.parametrize("content", [b'{"docs": []}', None, "text"])
def test_other_responses_are_decoded_as_ever(content: Optional[bytes]) -> None:
    response: Any = SimpleNamespace(
        status_code=200, content=content, json=lambda: {"docs": []}
    )
    assert read_page(response) == {"docs": []}
