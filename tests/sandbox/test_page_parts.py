"""How the page shows documents: shapes, tables, texts, histories."""

from __future__ import annotations

import re
from typing import Any, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.page.entities import pieces_of
from scaleapi.sandbox.page.json_tree import Node, json_text, node_of
from scaleapi.sandbox.page.security import origin_of
from scaleapi.sandbox.page.task_history import history_of
from scaleapi.sandbox.store.page_queries import PendingCallback

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


def nodes(node: Node) -> List[Node]:
    found = [node]
    for item in node.items:
        inner = [item] if isinstance(item, Node) else list(item)
        found += [n for one in inner if isinstance(one, Node) for n in nodes(one)]
    return found


@given(ANYTHING)
def test_any_value_can_be_shown_as_text(value: Any) -> None:
    assert nodes(node_of(value, lambda text: None))
    assert json_text(value)


def test_a_deep_or_large_value_is_shown_in_part() -> None:
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    assert len(nodes(node_of(deep, lambda text: None))) < 10
    wide = {str(n): {str(m): m for m in range(1000)} for n in range(1000)}
    assert len(nodes(node_of(wide, lambda text: None))) < 20_000
    assert len(json_text(wide)) < 201_000


@given(
    st.text(),
    st.lists(
        st.fixed_dictionaries(
            {"start": st.integers(-2, 9), "end": st.integers(-2, 9), "label": st.text()}
        )
        | ANYTHING
    ),
)
def test_a_text_with_entities_stays_whole(text: str, entities: List[Any]) -> None:
    pieces = pieces_of(text, entities, {})
    assert not pieces or "".join(piece.text for piece in pieces) == text


def test_the_history_is_in_order() -> None:
    task = {
        "created_at": "2022-03-01T08:05:00.250Z",
        "updated_at": "2022-03-02T11:32:03.750Z",
        "completed_at": "2022-03-02T09:10:02.500Z",
        "status": "completed",
        "callback_url": "http://www.example.com/callback",
        "callback_succeeded": True,
        "callback_succeeded_at": "2022-03-02T09:10:03.100Z",
        "prior_responses": [{}],
        "audits": [
            {
                "audited_by": "owner@example.com",
                "audited_at": "2022-03-02T11:32:03.750Z",
                "audit_result": "accepted",
                "comments": "good",
            }
        ],
    }
    assert [event.what for event in history_of(task)] == [
        "Created",
        "Completed, after it was redone",
        "Callback delivered",
        "Accepted by owner@example.com",
    ]


def test_a_pending_callback_is_in_the_history() -> None:
    task = {"created_at": to_text(0), "updated_at": to_text(0), "status": "completed"}
    pending_callbacks = [
        PendingCallback(0, 1000, 1000),
        PendingCallback(1, 2000, 9000),
        PendingCallback(3, 3000, 9000),
    ]
    assert [event.what for event in history_of(task, pending_callbacks)] == [
        "Created",
        "Callback on its way",
        "Callback tried once in vain",
        "Callback tried 3 times in vain",
    ]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://example.com/1.jpg", "https://example.com"),
        ("HTTP://user:pw@Example.com:80/1.jpg", "http://example.com:80"),
        ("http://[::1]:8080/1.jpg", "http://[::1]:8080"),
        ("http://[::1]/1.jpg", "http://[::1]"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9"),
        ("javascript:alert(1)", None),
        ("https://example.com;x/", None),
        ("https://exa mple.com/", None),
        ("https://*/", None),
        ("https:///x", None),
        ("x", None),
    ],
)
def test_an_origin_contains_no_characters_that_break_a_header(
    url: str, origin: Any
) -> None:
    assert origin_of(url) == origin


@given(st.text())
def test_no_url_adds_directives_to_the_content_security_policy(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com{text}"):
        origin = origin_of(url)
        assert origin is None or re.fullmatch(r"https?://[][a-z0-9.:_-]+", origin)
