"""Annotations of images, and the labels and attributes they carry."""

from __future__ import annotations

import uuid
from typing import Any, Dict, List, Optional, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleapi.sandbox.worker import Workplace, respond

Size = Tuple[int, int]

GEOMETRIES = ["box", "polygon", "line", "point", "cuboid", "ellipse"]
IMAGE = "scaledata://61d0f4a29b3c7e0012ab0001/3f2b8c1e"


def annotate(
    params: Dict[str, Any],
    size: Optional[Size] = None,
    task_type: str = "imageannotation",
    task_id: str = "60cbc3fc6e5a3b0011f0a1d2",
) -> List[Dict[str, Any]]:
    place = Workplace(
        image_size={IMAGE: size}.get if size else lambda _: None,
        publish=lambda name, content, mime_type: "http://sandbox/1",
    )
    task = {
        "task_id": task_id,
        "type": task_type,
        "params": {"attachment": IMAGE, **params},
    }
    annotations: List[Dict[str, Any]] = respond(task, place)["response"]["annotations"]
    return annotations


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
    }
    geometries = {"box": {"objects_to_annotate": ["cow"]}}
    (one, _) = annotate({"geometries": geometries, "annotation_attributes": asked})
    found = one["attributes"]
    assert {name: type(value) for name, value in found.items()} in (
        {"a": str, "b": kind, "c": str, "d": bool} for kind in (int, float)
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
def test_pixels_are_whole_only_if_asked_for(whole: bool, kind: type) -> None:
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


@pytest.mark.parametrize("kind", ["cuboid", "ellipse"])
def test_a_shape_with_minimum_sizes_extends_as_far(kind: str) -> None:
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


def test_an_attribute_never_links_an_annotation_to_itself() -> None:
    geometries = {"box": {"objects_to_annotate": ["person"]}}
    params = {"geometries": geometries, "annotation_attributes": ATTRIBUTES}
    for number in range(20):
        for each in annotate(params, task_id=str(number)):
            assert each["attributes"]["of"] != each["uuid"]


@pytest.mark.parametrize("labels", [None, [], "cow", 7, [{}], [[]], [None, 7]])
def test_a_geometry_without_usable_labels_has_no_annotations(labels: Any) -> None:
    assert annotate({"geometries": {"box": {"objects_to_annotate": labels}}}) == []
