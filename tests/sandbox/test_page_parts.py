"""How the page shows documents: shapes, tables, texts, histories."""

from __future__ import annotations

import math
import re
from typing import Any, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.page.drawing import shapes_of
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
NAMES = st.sampled_from(
    ["type", "label", "left", "top", "width", "height", "x", "y", "vertices", "edges"]
    + ["rotation", "x1", "y1", "x2", "y2", "location", "attributes", "description"]
)
KINDS = st.sampled_from(["box", "polygon", "line", "point", "ellipse", "cuboid"])
POINTS = st.lists(st.dictionaries(st.sampled_from("xy"), SCALARS))
ANNOTATIONS = st.lists(st.dictionaries(NAMES, KINDS | SCALARS | POINTS) | ANYTHING)


@given(ANNOTATIONS)
def test_whatever_is_annotated_only_numbers_are_drawn(annotations: List[Any]) -> None:
    for shape in shapes_of(annotations, {}):
        assert shape.marks
        assert all(math.isfinite(value) for value in (*shape.anchor, *shape.reach))
        for mark in shape.marks:
            assert mark.tag in {"rect", "polygon", "polyline", "line", "ellipse"}
            for name, value in mark.attributes.items():
                right = "dot" if name == "class" else r"[-0-9., ]*|rotate\([-0-9. ]+\)"
                assert re.fullmatch(right, value), value


@pytest.mark.parametrize(
    ("annotation", "tag", "attributes"),
    [
        pytest.param(
            {"type": "box", "left": 1.25, "top": 2, "width": 3, "height": 4},
            "rect",
            {"x": "1.25", "y": "2", "width": "3", "height": "4"},
            id="box",
        ),
        pytest.param(
            {"left": 1, "top": 2, "width": 3, "height": 4},
            "rect",
            {"x": "1", "y": "2", "width": "3", "height": "4"},
            id="box of old data",
        ),
        pytest.param(
            {
                "type": "box",
                "left": 0,
                "top": 0,
                "width": 4,
                "height": 2,
                "rotation": math.pi / 2,
            },
            "rect",
            {
                "x": "0",
                "y": "0",
                "width": "4",
                "height": "2",
                "transform": "rotate(90 2 1)",
            },
            id="turned box",
        ),
        pytest.param(
            {"type": "polygon", "vertices": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]},
            "polygon",
            {"points": "1,2 3,4"},
            id="polygon",
        ),
        pytest.param(
            {"type": "line", "vertices": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]},
            "polyline",
            {"points": "1,2 3,4"},
            id="line",
        ),
        pytest.param(
            {"type": "point", "x": 1, "y": 2},
            "line",
            {"class": "dot", "x1": "1", "y1": "2", "x2": "1", "y2": "2"},
            id="point",
        ),
        pytest.param(
            {
                "type": "ellipse",
                "vertices": [
                    {"x": 10, "y": 0},
                    {"x": 20, "y": 5},
                    {"x": 10, "y": 10},
                    {"x": 0, "y": 5},
                ],
            },
            "ellipse",
            {"cx": "10", "cy": "5", "rx": "10", "ry": "5"},
            id="ellipse",
        ),
        pytest.param(
            {
                "type": "cuboid",
                "vertices": [{"x": 0, "y": 0}, {"x": 2, "y": 0}],
                "edges": [{"x1": 0, "y1": 0, "x2": 2, "y2": 0}],
            },
            "line",
            {"x1": "0", "y1": "0", "x2": "2", "y2": "0"},
            id="cuboid",
        ),
        pytest.param(
            {"location": {"type": "box", "left": 1, "top": 2, "width": 3, "height": 4}},
            "rect",
            {"x": "1", "y": "2", "width": "3", "height": "4"},
            id="feature of a document",
        ),
    ],
)
def test_each_geometry_is_drawn(
    annotation: Dict[str, Any], tag: str, attributes: Dict[str, str]
) -> None:
    (shape,) = shapes_of([{"label": "cow", **annotation}], {})
    assert shape.label == "cow"
    assert (shape.marks[-1].tag, shape.marks[-1].attributes) == (tag, attributes)


def test_a_label_keeps_its_color() -> None:
    colors: Dict[str, int] = {}
    points = [{"type": "point", "x": 1, "y": 1, "label": label} for label in "aba"]
    assert [shape.color for shape in shapes_of(points, colors)] == [0, 1, 0]


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
