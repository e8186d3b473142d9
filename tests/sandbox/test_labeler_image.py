"""Annotations of images, and the labels and attributes they carry."""

from __future__ import annotations

import math
import uuid
from typing import Any, Dict, List, Optional, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleapi.sandbox.labeler import LabelerContext, respond

Size = Tuple[int, int]

GEOMETRIES = ["box", "polygon", "line", "point", "cuboid", "ellipse"]
IMAGE = "scaledata://61d0f4a29b3c7e0012ab0001/3f2b8c1e"


def answer(
    params: Dict[str, Any],
    size: Optional[Size] = None,
    task_type: str = "imageannotation",
    task_id: str = "60cbc3fc6e5a3b0011f0a1d2",
) -> Dict[str, Any]:
    place = LabelerContext(
        image_size={IMAGE: size}.get if size else lambda _: None,
        publish=lambda name, content, mime_type: "http://sandbox/1",
    )
    task = {
        "task_id": task_id,
        "type": task_type,
        "params": {"attachment": IMAGE, **params},
    }
    response: Dict[str, Any] = respond(task, place)["response"]
    return response


def annotate(
    params: Dict[str, Any],
    size: Optional[Size] = None,
    task_type: str = "imageannotation",
    task_id: str = "60cbc3fc6e5a3b0011f0a1d2",
) -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = answer(params, size, task_type, task_id)[
        "annotations"
    ]
    return found


def one(kind: str, size: Optional[Size] = None, **spec: Any) -> Dict[str, Any]:
    geometry = {"objects_to_annotate": ["cow"], **spec}
    return annotate({"geometries": {kind: geometry}}, size)[0]


def points(annotation: Dict[str, Any]) -> List[Tuple[float, float]]:
    found = [(each["x"], each["y"]) for each in annotation.get("vertices", [])]
    if "x" in annotation:
        found.append((annotation["x"], annotation["y"]))
    if "left" in annotation:
        left, top = annotation["left"], annotation["top"]
        found.append((left, top))
        found.append((left + annotation["width"], top + annotation["height"]))
    for edge in annotation.get("edges", []):
        found += [(edge["x1"], edge["y1"]), (edge["x2"], edge["y2"])]
    return found


@pytest.mark.parametrize("kind", GEOMETRIES)
def test_an_annotation_has_uuid_type_label_and_attributes(kind: str) -> None:
    annotation = one(kind)
    assert str(uuid.UUID(annotation["uuid"])) == annotation["uuid"]
    assert annotation["type"] == kind
    assert annotation["label"] == "cow"
    assert annotation["attributes"] == {}


KEYS = {
    "box": {"left", "top", "width", "height"},
    "polygon": {"vertices"},
    "line": {"vertices"},
    "point": {"x", "y"},
    "cuboid": {"vertices", "edges"},
    "ellipse": {"vertices"},
}


@pytest.mark.parametrize("kind", GEOMETRIES)
def test_a_geometry_has_exactly_its_own_further_keys(kind: str) -> None:
    assert set(one(kind)) == {"uuid", "type", "label", "attributes"} | KEYS[kind]


def test_the_answer_is_a_flat_list_over_all_geometries() -> None:
    spec = {"objects_to_annotate": ["cow", "calf"]}
    found = annotate({"geometries": dict.fromkeys(GEOMETRIES, spec)})
    labels = {(each["type"], each["label"]) for each in found}
    assert labels == {(kind, label) for kind in GEOMETRIES for label in ("cow", "calf")}
    assert len({each["uuid"] for each in found}) == len(found)


def test_each_label_of_a_geometry_is_found_up_to_fifty_of_them() -> None:
    labels = [str(number) for number in range(60)]
    found = annotate({"geometries": {"box": {"objects_to_annotate": labels}}})
    assert [each["label"] for each in found] == labels[:50]


def test_attributes_of_each_kind_have_a_value() -> None:
    asked = {
        "a": {"type": "category", "choices": ["yes"]},
        "b": {"type": "number"},
        "c": {"type": "text"},
        "d": {"type": "boolean"},
        "e": {"type": "unheard of"},
        "f": {"type": "unheard of", "choices": ["yes"]},
        "g": {"choices": ["yes"]},
        "h": {"type": "angle"},
        "i": {"type": "category", "choices": ["yes", "no"], "allow_multiple": True},
    }
    geometries = {"box": {"objects_to_annotate": ["cow"]}}
    (one, _) = annotate({"geometries": geometries, "annotation_attributes": asked})
    found = one["attributes"]
    assert {name: type(value) for name, value in found.items()} in (
        {
            "a": str,
            "b": kind,
            "c": str,
            "d": bool,
            "g": str,
            "h": float,
            "i": list,
        }
        for kind in (int, float)
    )


def test_only_leaves_of_the_labels_appear() -> None:
    labels = [
        "cow",
        {
            "choice": "vehicle",
            "subchoices": [
                "Car",
                {"choice": "truck_suv", "display": "truck or SUV"},
                {"choice": "bike", "subchoices": ["bicycle"]},
            ],
        },
    ]
    found = annotate({"geometries": {"box": {"objects_to_annotate": labels}}})
    names = [each["label"] for each in found]
    assert names == ["cow", "Car", "truck_suv", "bicycle"]


@pytest.mark.parametrize(
    ("task_type", "kind"),
    [
        ("annotation", "box"),
        ("polygonannotation", "polygon"),
        ("lineannotation", "line"),
        ("laneannotation", "line"),
        ("pointannotation", "point"),
        ("cuboidannotation", "cuboid"),
    ],
)
def test_an_old_type_has_one_geometry_that_its_parameters_describe(
    task_type: str, kind: str
) -> None:
    params = {"objects_to_annotate": ["cow"], "min_width": 900, "min_height": 500}
    found = annotate(params, task_type=task_type)
    assert {each["type"] for each in found} == {kind}
    if kind == "box":
        assert all(each["width"] >= 900 and each["height"] >= 500 for each in found)


@settings(deadline=None, max_examples=200)
@given(
    size=st.tuples(st.integers(1, 3000), st.integers(1, 3000)),
    least=st.tuples(st.floats(0, 4000), st.floats(0, 4000)),
    as_text=st.booleans(),
    rotates=st.booleans(),
    whole=st.booleans(),
    task_id=st.text("0123456789abcdef", max_size=24),
)
def test_boxes_lie_inside_the_image_and_have_at_least_the_minimum(
    size: Size,
    least: Tuple[float, float],
    as_text: bool,
    rotates: bool,
    whole: bool,
    task_id: str,
) -> None:
    spec = {
        "objects_to_annotate": ["cow"],
        "min_width": str(least[0]) if as_text else least[0],
        "min_height": str(least[1]) if as_text else least[1],
        "can_rotate": rotates,
        "integer_pixels": whole,
    }
    for box in annotate({"geometries": {"box": spec}}, size, task_id=task_id):
        assert box["width"] >= min(least[0], size[0])
        assert box["height"] >= min(least[1], size[1])
        assert box["width"] > 0 < box["height"]
        for x, y in points(box):
            assert 0 <= x <= size[0] and 0 <= y <= size[1]


@settings(deadline=None, max_examples=100)
@given(
    kind=st.sampled_from(GEOMETRIES),
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    whole=st.booleans(),
    task_id=st.text("0123456789abcdef", max_size=24),
)
def test_every_point_of_every_geometry_lies_inside_the_image(
    kind: str, size: Size, whole: bool, task_id: str
) -> None:
    spec = {"objects_to_annotate": ["cow"], "integer_pixels": whole}
    for annotation in annotate({"geometries": {kind: spec}}, size, task_id=task_id):
        for x, y in points(annotation):
            assert 0 <= x <= size[0] and 0 <= y <= size[1]


def test_an_image_of_unknown_size_is_taken_for_1280_by_720() -> None:
    box = one("box", min_width=5000, min_height=5000)
    assert (box["left"], box["top"]) == (0, 0)
    assert (box["width"], box["height"]) == (1280, 720)


@pytest.mark.parametrize(("whole", "kind"), [(True, int), (False, float)])
def test_pixels_are_integers_only_if_requested(whole: bool, kind: type) -> None:
    box = one("box", integer_pixels=whole)
    assert {type(box[key]) for key in KEYS["box"]} == {kind}


def test_a_box_that_can_rotate_has_an_angle_and_four_corners() -> None:
    box = one("box", can_rotate=True)
    assert isinstance(box["rotation"], float)
    assert len(box["vertices"]) == 4


@pytest.mark.parametrize("kind", ["polygon", "line"])
@pytest.mark.parametrize(("least", "most"), [(5, 5), ("7", "9"), (12, None), (60, 3)])
def test_the_number_of_vertices_is_within_its_bounds(
    kind: str, least: Any, most: Any
) -> None:
    found = one(kind, min_vertices=least, max_vertices=most)
    assert len(found["vertices"]) >= int(least)
    if most is not None and int(most) >= int(least):
        assert len(found["vertices"]) <= int(most)


def test_a_cuboid_has_points_in_space_only_with_camera_data() -> None:
    cuboid = one("cuboid", camera_intrinsics={"fx": 1})
    assert set(cuboid["points_2d"][0]) == {"x", "y"}
    assert set(cuboid["points_3d"][0]) == {"x", "y", "z"}
    assert {vertex["type"] for vertex in cuboid["vertices"]} == {"vertex"}
    assert {edge["type"] for edge in cuboid["edges"]} == {"edge"}
    assert "points_3d" not in one("cuboid")


CORNERS = [
    "face-topleft",
    "face-bottomleft",
    "face-topright",
    "face-bottomright",
    "side-topcorner",
    "side-bottomcorner",
]


@pytest.mark.parametrize("task_type", ["imageannotation", "cuboidannotation"])
def test_the_corners_of_a_cuboid_come_in_the_order_of_the_documentation(
    task_type: str,
) -> None:
    spec = {"objects_to_annotate": ["cow"], "camera_intrinsics": {"fx": 1}}
    params = {"geometries": {"cuboid": spec}, **spec}
    for cuboid in annotate(params, task_type=task_type):
        corners = {each["description"]: each for each in cuboid["vertices"]}
        assert list(corners) == CORNERS
        assert corners["face-topleft"]["x"] < corners["face-topright"]["x"]
        assert corners["face-topleft"]["y"] < corners["face-bottomleft"]["y"]
        assert [(each["x"], each["y"]) for each in cuboid["points_2d"]] == [
            (each["x"], each["y"]) for each in cuboid["vertices"]
        ]


def turn(vertices: List[Dict[str, float]]) -> float:
    """Return twice the area; on the screen it is positive if clockwise."""
    return sum(
        one["x"] * two["y"] - two["x"] * one["y"]
        for one, two in zip(vertices, vertices[1:] + vertices[:1])
    )


@pytest.mark.parametrize("task_type", ["imageannotation", "polygonannotation"])
@pytest.mark.parametrize("whole", [True, False])
def test_half_of_the_polygons_are_clockwise(task_type: str, whole: bool) -> None:
    spec = {"objects_to_annotate": list("abcdef"), "integer_pixels": whole}
    params = {"geometries": {"polygon": spec}, **spec}
    first = set()
    for number in range(40):
        found = annotate(params, task_type=task_type, task_id=str(number))
        ways = [turn(polygon["vertices"]) > 0 for polygon in found]
        assert sorted(ways) == [False] * 3 + [True] * 3
        first.add(ways[0])
    assert first == {True, False}


def axes(ellipse: Dict[str, Any]) -> Tuple[complex, complex]:
    """Return the two axes of an ellipse, as vectors between its points."""
    one, two, three, four = (complex(p["x"], p["y"]) for p in ellipse["vertices"])
    assert (one + three) / 2 == pytest.approx((two + four) / 2, abs=0.02)
    return three - one, two - four


def test_half_of_the_ellipses_are_turned_and_lie_inside_the_image_as_a_whole() -> None:
    spec = {"objects_to_annotate": list("abcdef")}
    for number in range(40):
        turned = []
        for ellipse in annotate(
            {"geometries": {"ellipse": spec}}, (400, 300), task_id=str(number)
        ):
            down, across = axes(ellipse)
            # Axes are perpendicular.
            assert (down * across.conjugate()).real == pytest.approx(
                0, abs=0.02 * abs(down + across)
            )
            turned.append(down.real != 0)
            middle = ellipse["vertices"][0]["x"] + down.real / 2
            center = ellipse["vertices"][0]["y"] + down.imag / 2
            width = math.hypot(across.real, down.real) / 2
            height = math.hypot(across.imag, down.imag) / 2
            assert middle - width >= -0.02 and middle + width <= 400.02
            assert center - height >= -0.02 and center + height <= 300.02
            # The first point is at the top, the second at the right.
            assert down.imag > abs(down.real) and across.real > abs(across.imag)
        assert sorted(turned) == [False] * 3 + [True] * 3


@pytest.mark.parametrize("kind", ["cuboid", "ellipse"])
def test_a_shape_has_at_least_its_minimum_size(kind: str) -> None:
    shape = one(kind, (200, 100), min_width="150", min_height=80)
    across, down = zip(*points(shape))
    assert max(across) - min(across) >= 150
    assert max(down) - min(down) >= 80


ATTRIBUTES = {
    "moving": {"type": "category", "choices": ["yes", "no"]},
    "n": {"type": "number", "min": 3, "max": 4},
    "of": {"type": "linked", "allowed_labels": ["person"]},
}


def test_each_annotation_has_the_attributes_that_are_asked_for() -> None:
    geometries = {"box": {"objects_to_annotate": ["person", "hand"]}}
    found = annotate({"geometries": geometries, "annotation_attributes": ATTRIBUTES})
    people = {each["uuid"] for each in found if each["label"] == "person"}
    for annotation in found:
        assert annotation["attributes"]["moving"] in ("yes", "no")
        assert annotation["attributes"]["n"] in (3, 4)
    hands = [each for each in found if each["label"] == "hand"]
    assert all(hand["attributes"]["of"] in people for hand in hands)


@pytest.mark.parametrize("condition", [["bus"], "bus"])
def test_an_attribute_with_conditions_is_only_on_the_labels_that_meet_them(
    condition: Any,
) -> None:
    spec = {
        "type": "category",
        "choices": ["1"],
        "conditions": {"label_condition": {"label": condition}},
    }
    geometries = {
        kind: {"objects_to_annotate": ["car", "bus"]} for kind in ("box", "line")
    }
    params = {"geometries": geometries, "annotation_attributes": {"doors": spec}}
    assert [(each["label"], each["attributes"]) for each in annotate(params)] == [
        ("car", {}),
        ("bus", {"doors": "1"}),
    ] * 2


@pytest.mark.parametrize("conditions", [None, {}, [], "x", {"label_condition": {}}])
def test_conditions_without_labels_have_no_effect(
    conditions: Any,
) -> None:
    spec = {"type": "category", "choices": ["1"], "conditions": conditions}
    geometries = {"box": {"objects_to_annotate": ["car"]}}
    params = {"geometries": geometries, "annotation_attributes": {"doors": spec}}
    assert all(each["attributes"] == {"doors": "1"} for each in annotate(params))


def test_several_choices_and_angles_stay_within_their_limits() -> None:
    asked = {
        "colors": {"choices": [1, "red", True], "allow_multiple": "true"},
        "heading": {"type": "angle"},
    }
    geometries = {"box": {"objects_to_annotate": list("abcdefghij")}}
    params = {"geometries": geometries, "annotation_attributes": asked}
    counts = set()
    for annotation in annotate(params):
        colors = annotation["attributes"]["colors"]
        # The choices are returned as the task has them.
        assert all(
            any(color is choice for choice in (1, "red", True)) for color in colors
        )
        assert len(set(map(repr, colors))) == len(colors) >= 1
        counts.add(len(colors))
        assert 0 <= annotation["attributes"]["heading"] <= 360
    assert len(counts) > 1


GLOBAL = {
    "night": {"type": "category", "choices": [False], "global": True},
    "lanes": {"type": "number", "min": 3, "max": 3, "global": "true"},
    "weather": {
        "choices": ["rain"],
        "allow_multiple": True,
        "global": True,
    },
    "moving": {"choices": ["yes"], "global": False},
}


@pytest.mark.parametrize("task_type", ["imageannotation", "annotation"])
def test_global_attributes_are_beside_the_annotations_as_text(task_type: str) -> None:
    spec = {"objects_to_annotate": ["cow"]}
    params = {"geometries": {"box": spec}, "annotation_attributes": GLOBAL, **spec}
    found = answer(params, task_type=task_type)
    assert found["global_attributes"] == {
        "night": "false",
        "lanes": "3",
        "weather": ["rain"],
    }
    assert {str(each["attributes"]) for each in found["annotations"]} == {
        "{'moving': 'yes'}"
    }


def test_without_global_attributes_there_is_no_key_for_them() -> None:
    params = {"geometries": {}, "annotation_attributes": {"a": {"choices": ["b"]}}}
    assert set(answer(params)) == {"annotations"}


@pytest.mark.parametrize("refusal", [False, "false", "False"])
@pytest.mark.parametrize(
    "task_type",
    ["annotation", "polygonannotation", "lineannotation", "pointannotation"],
)
def test_without_labels_annotations_have_everything_else(
    task_type: str, refusal: Any
) -> None:
    asked = {
        "of": {"type": "linked", "allowed_labels": ["cow"]},
        "a": {"choices": ["b"]},
    }
    for annotation in annotate(
        {
            "objects_to_annotate": ["cow"],
            "with_labels": refusal,
            "annotation_attributes": asked,
        },
        task_type=task_type,
    ):
        assert "label" not in annotation
        assert {"uuid", "type", "attributes"} < set(annotation)
        assert set(annotation["attributes"]) == {"of", "a"}


def test_one_geometry_can_be_without_labels_and_another_with_them() -> None:
    geometries = {
        "box": {"objects_to_annotate": ["cow"], "with_labels": False},
        "point": {"objects_to_annotate": ["cow"]},
    }
    found = annotate({"geometries": geometries})
    assert {each["type"] for each in found if "label" not in each} == {"box"}
    assert {each["type"] for each in found if "label" in each} == {"point"}
    assert all(
        "label" not in each
        for each in annotate({"geometries": geometries, "with_labels": False})
        if each["type"] == "box"
    )


def test_an_attribute_never_links_an_annotation_to_itself() -> None:
    geometries = {"box": {"objects_to_annotate": ["person"]}}
    params = {"geometries": geometries, "annotation_attributes": ATTRIBUTES}
    for number in range(20):
        for each in annotate(params, task_id=str(number)):
            assert each["attributes"]["of"] != each["uuid"]


@pytest.mark.parametrize("labels", [None, [], "cow", 7, [{}], [[]], [None, 7]])
def test_a_geometry_without_usable_labels_has_no_annotations(labels: Any) -> None:
    assert annotate({"geometries": {"box": {"objects_to_annotate": labels}}}) == []
