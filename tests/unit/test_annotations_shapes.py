"""Shapes on pictures: what they say, and what follows from it."""

from __future__ import annotations

import math
from typing import Any, Dict, List

import pytest

from scaleapi.annotations import Box, Line, Shape, parse

BOX = {
    "type": "box",
    "label": "Car",
    "left": 40,
    "top": 25.5,
    "width": 110,
    "height": 60,
}


def points(*positions: Any) -> List[Dict[str, Any]]:
    return [{"x": x, "y": y} for x, y in positions]


def shape(**annotation: Any) -> Any:
    (found,) = parse({"annotations": [annotation]}).shapes
    return found


def test_a_box_has_its_numbers_as_they_came() -> None:
    # api-notes: geometries
    box = shape(**BOX, uuid="a1", attributes={"moving": "no"})
    assert (box.left, box.top, box.width, box.height) == (40, 25.5, 110, 60)
    assert [type(each) for each in (box.left, box.top)] == [int, float]
    assert (box.right, box.bottom, box.area) == (150, 85.5, 6600)
    assert box.center == (95, 55.5)
    assert box.bounds == (40, 25.5, 150, 85.5)
    assert box.vertices == ((40, 25.5), (150, 25.5), (150, 85.5), (40, 85.5))
    assert (box.label, box.uuid, box.attributes) == ("Car", "a1", {"moving": "no"})
    assert (box.geometry, box.rotation, box.frame) == ("box", 0, None)


def test_a_turned_box_has_its_edges_before_turning_and_its_own_vertices() -> None:
    turned = {**BOX, "left": 0, "top": 0, "width": 4, "height": 2}
    box = shape(**turned, rotation=math.pi / 2)
    assert (box.left, box.right) == (0, 4)
    expected = [(3, -1), (3, 3), (1, 3), (1, -1)]  # clockwise by a quarter
    for found, wanted in zip(box.vertices, expected):
        assert found == pytest.approx(wanted)
    given = points((3, -1), (3, 3), (1, 3), (1, -1))
    assert shape(**turned, rotation=1.5, vertices=given).vertices == tuple(expected)


def test_a_polygon_has_its_vertices_in_their_order() -> None:
    polygon = shape(type="polygon", vertices=points((0, 0), (4, 0), (4, 2), (0, 2)))
    assert polygon.vertices == ((0, 0), (4, 0), (4, 2), (0, 2))
    assert (polygon.area, polygon.center, polygon.bounds) == (8, (2, 1), (0, 0, 4, 2))
    reverse = shape(type="polygon", vertices=points((0, 2), (4, 2), (4, 0), (0, 0)))
    assert (reverse.area, reverse.center) == (8, (2, 1))
    flat = shape(type="polygon", vertices=points((0, 0), (4, 0)))
    assert (flat.area, flat.center) == (0, (2, 0))
    assert polygon.attributes == {}  # the documented example has none


def test_a_line_has_a_length() -> None:
    line = shape(type="line", vertices=points((0, 0), (3, 4), (3, 5)))
    assert (line.length, line.center) == (6, (2, 3))


def test_a_point_is_where_it_is() -> None:
    point = shape(type="point", label="hand", x=20, y=30.5)
    assert (point.x, point.y, point.center, point.bounds) == (
        20,
        30.5,
        (20, 30.5),
        (20, 30.5, 20, 30.5),
    )


def test_an_ellipse_has_axes() -> None:
    ends = points((200, 100), (260, 140), (200, 180), (140, 140))
    ellipse = shape(type="ellipse", vertices=ends)
    assert (ellipse.radii, ellipse.center, ellipse.rotation) == (
        (60, 40),
        (200, 140),
        0,
    )
    assert ellipse.area == pytest.approx(math.pi * 2400)
    turned = shape(type="ellipse", vertices=points((1, -1), (1, 1), (-1, 1), (-1, -1)))
    assert turned.rotation == pytest.approx(math.pi / 4)


def test_a_cuboid_has_named_corners_and_edges() -> None:
    corners = [
        {"x": 0, "y": 0, "type": "vertex", "description": "face-topleft"},
        {"x": 0, "y": 9, "type": "vertex", "description": "face-bottomleft"},
    ]
    edge = {
        "x1": 0,
        "y1": 0,
        "x2": 0,
        "y2": 9,
        "type": "edge",
        "description": "face-left",
    }
    cuboid = shape(
        type="cuboid",
        vertices=corners,
        edges=[edge],
        points_2d=points((1, 2)),
        points_3d=[{"x": 1, "y": 2, "z": 3.5}],
    )
    assert cuboid.corners == {"face-topleft": (0, 0), "face-bottomleft": (0, 9)}
    assert cuboid.edges == (((0, 0), (0, 9)),)
    assert cuboid.named_edges == {"face-left": ((0, 0), (0, 9))}
    assert (cuboid.points_2d, cuboid.points_3d) == (((1, 2),), ((1, 2, 3.5),))
    assert shape(type="cuboid", edges=[edge]).vertices == ((0, 0), (0, 9))


def test_each_geometry_is_in_its_own_list_and_all_are_in_order() -> None:
    ends = points((1, 0), (2, 1), (1, 2), (0, 1))
    found = parse(
        {
            "annotations": [
                {"type": "point", "x": 1, "y": 1},
                BOX,
                {"type": "polygon", "vertices": ends},
                {"type": "line", "vertices": ends},
                {"type": "ellipse", "vertices": ends},
                {"type": "cuboid", "vertices": ends},
            ]
        }
    )
    lists = [
        found.points,
        found.boxes,
        found.polygons,
        found.lines,
        found.ellipses,
        found.cuboids,
    ]
    assert [len(each) for each in lists] == [1] * 6
    assert [each[0] for each in lists] == list(found.shapes)


@pytest.mark.parametrize(
    ("task_type", "params", "annotation", "geometry"),
    [
        ("annotation", {}, {"left": 1, "top": 2, "width": 3, "height": 4}, "box"),
        ("annotation", {}, {"x": 1, "y": 2, "width": 3, "height": 4}, "box"),
        ("polygonannotation", {}, {"vertices": points((1, 2))}, "polygon"),
        ("lineannotation", {}, {"vertices": points((1, 2))}, "line"),
        ("laneannotation", {}, {"vertices": points((1, 2))}, "line"),
        (
            "imageannotation",
            {"geometries": {"line": {}}},
            {"vertices": points((1, 2))},
            "line",
        ),
        ("pointannotation", {}, {"x": 1, "y": 2}, "point"),
        ("cuboidannotation", {}, {"vertices": points((1, 2))}, "cuboid"),
        (None, {}, {"vertices": points((1, 2)), "edges": []}, "cuboid"),
    ],
)
def test_the_geometry_of_old_data_is_found(
    task_type: Any, params: Any, annotation: Any, geometry: str
) -> None:
    # api-notes: geometries
    response = {"annotations": [annotation]}
    task = {"task_id": "1", "type": task_type, "params": params, "response": response}
    (found,) = parse(task).shapes
    assert found.geometry == geometry
    assert (found.label, found.uuid, found.attributes) == (None, None, {})


@pytest.mark.parametrize(
    "annotation",
    [
        {**BOX, "left": "40"},
        {**BOX, "left": None},
        {**BOX, "width": 10**400},
        {"type": "box", "left": 1, "top": 2},
        {"type": "polygon", "vertices": []},
        {"type": "polygon", "vertices": [{"x": 1}]},
        {"type": "ellipse", "vertices": points((1, 2), (3, 4))},
        {"type": "point", "x": True, "y": 1},
        {"type": "cuboid"},
        {"type": ["box"]},
    ],
)
def test_a_shape_without_its_numbers_is_unknown_and_not_among_the_shapes(
    annotation: Dict[str, Any],
) -> None:
    found = parse({"annotations": [annotation, BOX]})
    assert found.unknown == (annotation,)
    assert [each.raw for each in found.shapes] == [BOX]


def test_attributes_are_as_they_came() -> None:
    # api-notes: attributes
    attributes = {"on": "True", "n": 3, "of": "a2", "colors": ["red"], "angle": 0.5}
    box = shape(**BOX, attributes=attributes)
    assert box.attributes is attributes
    response = {"annotations": [], "global_attributes": {"weather": ["rain", "fog"]}}
    assert parse(response).global_attributes == {"weather": ["rain", "fog"]}


def test_a_feature_of_a_document_knows_its_page_and_text() -> None:
    # api-notes: documents
    location = {"type": "box", "left": 1, "top": 2, "width": 3, "height": 4}
    feature = {"label": "total", "page": 1, "text": "9.50", "location": location}
    polygon = {
        "label": "logo",
        "location": {"type": "polygon", "vertices": points((1, 2))},
    }
    task = {
        "task_id": "1",
        "document_pages": [{"width": 800, "height": 1100}, {"width": 1, "height": 2}],
        "response": {"annotations": [feature, polygon]},
    }
    found = parse(task)
    box = found.boxes[0]
    assert (box.label, box.page, box.text, box.right) == ("total", 1, "9.50", 4)
    assert box.raw is feature
    assert found.polygons[0].label == "logo"
    assert found.page_sizes == ((800, 1100), (1, 2))


def test_the_classes_tell_what_a_shape_is() -> None:
    found: List[Shape] = [shape(**BOX), shape(type="line", vertices=points((0, 0)))]
    assert [type(each) for each in found] == [Box, Line]
    assert repr(found[0]) == "Box(label='Car', bounds=(40, 25.5, 150, 85.5))"


@pytest.mark.parametrize("task_type", ["imageannotation", "lidartopdown"])
def test_a_shape_without_a_label_and_an_attribute_with_the_text_none(
    task_type: str,
) -> None:
    box = {"left": 1, "top": 2, "width": 3, "height": 4, "type": "box"}
    box["attributes"] = {"color": "None"}
    task = {
        "task_id": "t",
        "type": task_type,
        "params": {"with_labels": False},
        "response": {"annotations": [box]},
    }
    (found,) = parse(task).boxes
    assert (found.label, found.attributes) == (None, {"color": "None"})
    assert parse(task).unknown == ()


def test_prior_responses_are_read_like_the_present_one() -> None:
    box = {"type": "box", "left": 1, "top": 2, "width": 3, "height": 4}
    earlier = {"annotations": [box]}
    task = {"task_id": "t", "response": {}, "prior_responses": [earlier]}
    assert parse(task).shapes == ()
    assert parse(task["prior_responses"][0]).boxes[0].raw is box  # type: ignore[index]
