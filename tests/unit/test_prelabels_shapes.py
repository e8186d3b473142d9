"""Pre-labels from shapes: what goes in is what `parse` reads, to the bit."""

from __future__ import annotations

import copy
import json
import math
import struct
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any, Dict, List

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi import ScaleTypeError, ScaleValueError, prelabels
from scaleapi.annotations import parse

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(
    -(2**290), 2**290
)
SIDES = st.floats(0, allow_infinity=False) | st.integers(0, 2**290)
LABELS = st.none() | st.text(max_size=5)
ATTRIBUTES = st.dictionaries(
    st.text(max_size=3),
    st.none()
    | st.booleans()
    | NUMBERS
    | st.text(max_size=3)
    | st.lists(st.text(max_size=3), max_size=2),
    max_size=2,
)


def corners(least: int, most: int) -> Any:
    return st.lists(st.tuples(NUMBERS, NUMBERS), min_size=least, max_size=most)


COORDINATES: Dict[str, Any] = {
    "box": st.tuples(NUMBERS, NUMBERS, SIDES, SIDES),
    "polygon": st.tuples(corners(3, 6)),
    "line": st.tuples(corners(2, 6)),
    "point": st.tuples(NUMBERS, NUMBERS),
    "ellipse": st.tuples(corners(4, 4)),
    "cuboid": st.tuples(corners(6, 6)),
}


def bits(value: Any) -> Any:
    """Return a value with the bytes of its floats, so that 0.0 and -0.0 differ."""
    if isinstance(value, float):
        return struct.pack("d", value)
    if isinstance(value, (list, tuple)):
        return [bits(each) for each in value]
    return type(value), value


def coordinates_of(shape: Any) -> Any:
    if shape.geometry == "box":
        return shape.left, shape.top, shape.width, shape.height
    if shape.geometry == "point":
        return shape.x, shape.y
    return (shape.vertices,)


@pytest.mark.parametrize("geometry", COORDINATES)
@given(data=st.data())
def test_what_goes_in_is_what_is_read(geometry: str, data: st.DataObject) -> None:
    given_coordinates = data.draw(COORDINATES[geometry])
    label, attributes = data.draw(LABELS), data.draw(ATTRIBUTES)
    make = getattr(prelabels, geometry)
    made = make(label, *given_coordinates, attributes=attributes)
    hypothesis = prelabels.from_shapes([made], image="a.jpg")
    for document in (hypothesis, json.loads(json.dumps(hypothesis))):
        (shape,) = parse(document).shapes
        assert (shape.geometry, shape.label) == (geometry, label)
        assert bits(coordinates_of(shape)) == bits(given_coordinates)
        assert shape.attributes == attributes


@given(
    st.lists(
        st.sampled_from(sorted(COORDINATES)).flatmap(
            lambda geometry: st.builds(
                lambda coordinates: getattr(prelabels, geometry)("a", *coordinates),
                COORDINATES[geometry],
            )
        ),
        max_size=5,
    )
)
def test_the_shapes_of_a_task_can_be_used_again(shapes: List[Any]) -> None:
    first = prelabels.from_shapes(shapes)
    assert len({each["uuid"] for each in first["annotations"]}) == len(shapes)
    before = copy.deepcopy(first)
    again = prelabels.from_shapes(parse(first).shapes)
    assert json.dumps(again) == json.dumps(first) == json.dumps(before)
    assert all("uuid" not in each for each in shapes)


def test_a_uuid_is_that_of_the_content() -> None:
    box = prelabels.box("cow", 1, 2, 3, 4)
    twice = prelabels.from_shapes([box, box], image="a.jpg")
    one, two = (each["uuid"] for each in twice["annotations"])
    assert one == "a5124c30-06cc-5fa1-9228-48bb954d7510"
    assert two != one
    assert prelabels.from_shapes([box], image="b.jpg")["annotations"][0]["uuid"] != one
    other = prelabels.box("cow", 1, 2, 3, 4, uuid="mine")
    assert prelabels.from_shapes([other])["annotations"][0]["uuid"] == "mine"
    with pytest.raises(ScaleValueError, match=r"a\.jpg: two have uuid 'mine'"):
        prelabels.from_shapes([other, other], image="a.jpg")


def test_a_turned_box_has_its_corners() -> None:
    made = prelabels.box("a", 0, 0, 4, 2, rotation=math.pi / 2)
    (box,) = parse(prelabels.from_shapes([made])).boxes
    assert box.rotation == math.pi / 2
    assert box.vertices[0] == pytest.approx((3, -1))
    given_corners = [(0, 0), (4, 0), (4, 2), (0, 2)]
    made = prelabels.box("a", 0, 0, 4, 2, rotation=0.0, vertices=given_corners)
    assert parse([made]).boxes[0].vertices == tuple(given_corners)


@pytest.mark.parametrize(("far", "side"), [(9, "right"), (-5, "left")])
def test_the_side_of_a_cuboid_is_where_its_corners_are(far: float, side: str) -> None:
    face = [(0, 0), (0, 4), (4, 0), (4, 4)]
    made = prelabels.cuboid("van", [*face, (far, 1), (far, 3)])
    (cuboid,) = parse(prelabels.from_shapes([made])).cuboids
    near = {"right": 4, "left": 0}[side]
    assert cuboid.named_edges["side-top"] == ((near, 0), (far, 1))
    assert cuboid.named_edges[f"side-{side}"] == ((far, 1), (far, 3))
    assert list(cuboid.corners)[-1] == "side-bottomcorner"


def test_shapes_of_videos_and_documents_keep_what_belongs_to_them() -> None:
    track = {
        "label": "dog",
        "geometry": "box",
        "frames": [{"key": 0, "left": 1, "top": 2, "width": 3, "height": 4}],
    }
    made = prelabels.from_shapes(parse({"annotations": {"u-1": track}}).boxes)
    assert made["annotations"][0]["label"] == "dog"
    assert made["annotations"][0]["uuid"] == "u-1"
    old = {"left": 1, "top": 2, "width": 3, "height": 4}
    feature = {"label": "code", "page": 1, "location": {"type": "box", **old}}
    params = {"objects_to_annotate": ["code"]}
    made = prelabels.from_shapes(
        [*parse([feature]).boxes, *parse([{**old, "label": "code"}]).boxes],
        project_params=params,
    )
    assert made["annotations"][0]["location"]["left"] == 1
    assert made["annotations"][1]["type"] == "box"


def test_numbers_of_numpy_become_numbers_of_json() -> None:
    edges = numpy.float32(0.1), numpy.int64(2), numpy.float64(0.3), numpy.uint8(4)
    made = json.loads(json.dumps(prelabels.box("a", *edges)))
    assert made["left"] == 0.10000000149011612
    assert (made["top"], made["width"], made["height"]) == (2, 0.3, 4)
    plain = {"type": "point", "x": numpy.float32(0.5), "y": 1, "attributes": {}}
    assert json.dumps(prelabels.from_shapes([plain]))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (math.nan, ScaleValueError),
        (math.inf, ScaleValueError),
        (numpy.float32("nan"), ScaleValueError),
        (10**400, ScaleValueError),
        (2**301, ScaleValueError),
        (True, ScaleTypeError),
        ("1", ScaleTypeError),
        (None, ScaleTypeError),
        (Decimal("0.1"), ScaleTypeError),
        (Fraction(1, 3), ScaleTypeError),
    ],
)
def test_what_is_no_number_is_refused(wrong: Any, error: Any) -> None:
    with pytest.raises(error, match="width"):
        prelabels.box("a", 0, 0, wrong, 1)
    with pytest.raises(error, match="vertices"):
        prelabels.line("a", [(0, 0), (1, wrong)])
    either = (ScaleTypeError, ScaleValueError)
    with pytest.raises(either, match=r"a\.jpg: shapes\[0\]"):
        box = {"type": "box", "left": wrong, "top": 0, "width": 1, "height": 1}
        prelabels.from_shapes([box], image="a.jpg")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: prelabels.box("a", 0, 0, -1, 1), "width is negative"),
        (lambda: prelabels.polygon("a", [(0, 0), (1, 1)]), "at least 3 positions"),
        (lambda: prelabels.line("a", [(0, 0)]), "at least 2 positions"),
        (lambda: prelabels.ellipse("a", [(0, 0)] * 5), "must be 4 positions; got 5"),
        (lambda: prelabels.cuboid("a", [(0, 0)] * 8), "must be 6 positions; got 8"),
        (lambda: prelabels.polygon("a", [1, 2, 3]), r"pairs \(x, y\); got 1"),
        (lambda: prelabels.point("a", 0, 0, attributes={"n": math.nan}), "'n' must be"),
        (lambda: prelabels.point("a", 0, 0, attributes={"n": {1}}), "'n' cannot be"),
        (lambda: prelabels.point("a", 0, 0, attributes={1: 2}), "keys must be text"),
        (lambda: prelabels.from_shapes([{"type": "blob"}]), "no complete shape"),
        (lambda: prelabels.from_shapes(["box"]), r"shapes\[0\] must be a dict"),
        (
            lambda: prelabels.from_shapes(
                [{"type": "point", "x": 1, "y": 2, "label": 3}]
            ),
            "'label' must be text",
        ),
    ],
)
def test_incomplete_shapes_are_refused(make: Any, message: str) -> None:
    with pytest.raises((ScaleTypeError, ScaleValueError), match=message):
        make()


def test_lists_without_end_are_refused() -> None:
    endless: List[Any] = []
    endless.append(endless)
    with pytest.raises(ScaleValueError, match="levels deep"):
        prelabels.point("a", 0, 0, attributes={"n": endless})


SIZE = {"width": 3, "height": 4}
PARAMS = {
    "geometries": {
        "box": {
            "objects_to_annotate": [
                "cow",
                {"choice": "vehicle", "subchoices": ["Car", {"choice": "truck"}]},
            ]
        },
        "point": {"with_labels": False},
    }
}


@pytest.mark.parametrize("label", ["cow", "Car", "truck"])
def test_labels_of_the_project_are_accepted(label: str) -> None:
    box = prelabels.box(label, 0, 0, 1, 1)
    prelabels.from_shapes([box, prelabels.point(None, 1, 1)], project_params=PARAMS)
    prelabels.from_shapes([box], labels=["cow", "Car", "truck"])
    prelabels.from_shapes([box], project_params={"objects_to_annotate": [label]})


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            prelabels.box("Cow", 0, 0, 1, 1),
            r"'Cow' \(box, first in a\.jpg\); known for box: 'Car', 'cow', 'truck'",
        ),
        (prelabels.box("vehicle", 0, 0, 1, 1), "'vehicle'"),
        (prelabels.box(None, 0, 0, 1, 1), "None"),
        (prelabels.point("cow", 0, 0), "known for point: none"),
        (
            prelabels.line("cow", [(0, 0), (1, 1)]),
            "geometries of the project are: box, point",
        ),
    ],
)
def test_labels_that_the_project_does_not_know_are_named(
    shape: Any, message: str
) -> None:
    with pytest.raises(ScaleValueError, match=message):
        prelabels.from_shapes([shape], image="a.jpg", project_params=PARAMS)


@pytest.mark.parametrize(
    "shape",
    [
        {"left": 1, "top": 2, **SIZE},
        {"type": ["a"], "location": {"type": "box", "x": 1, "y": 2, **SIZE}},
        {"type": None, "location": {"left": 1, "top": 2, **SIZE}},
    ],
)
def test_the_geometry_of_a_shape_that_does_not_state_it_is_checked(shape: Any) -> None:
    prelabels.from_shapes([{**shape, "label": "cow"}], project_params=PARAMS)
    with pytest.raises(ScaleValueError, match=r"'goat' \(box"):
        prelabels.from_shapes([{**shape, "label": "goat"}], project_params=PARAMS)


def test_all_wrong_labels_are_in_one_error() -> None:
    shapes = [prelabels.point(f"p{number}", 0, 0) for number in range(12)]
    with pytest.raises(ScaleValueError, match="'p0'.*'p9'.*and 2 more"):
        prelabels.from_shapes(shapes, labels=["q"])
    # Both arguments count.
    with pytest.raises(ScaleValueError, match="known for box: 'cow'"):
        prelabels.from_shapes(
            [prelabels.box("Car", 0, 0, 1, 1)], labels=["cow"], project_params=PARAMS
        )


def test_an_empty_list_of_labels_allows_none() -> None:
    for params in (None, {"objects_to_annotate": ["cow"]}):
        with pytest.raises(ScaleValueError, match="known for point: none"):
            prelabels.from_shapes(
                [prelabels.point("cow", 0, 0)], labels=[], project_params=params
            )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": "cow"}, "labels must be a list"),
        ({"labels": [1]}, "a label is text"),
        ({"project_params": {"instruction": "x"}}, "none of 'geometries'"),
        ({"project_params": "cows"}, "project_params must be a dict"),
    ],
)
def test_labels_of_another_form_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises((ScaleTypeError, ScaleValueError), match=message):
        prelabels.from_shapes([], **arguments)


def test_importing_it_imports_no_parser_and_no_picture_library() -> None:
    script = "import sys, scaleapi.prelabels; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True
    )
    unwanted = {"PIL", "numpy", "requests", "xml.parsers.expat", "scaleapi.api"}
    assert unwanted & set(done.stdout.split()) == set()
