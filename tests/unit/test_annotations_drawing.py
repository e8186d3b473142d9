"""Drawing: what is drawn, that it is safe, and that labels can be read."""

from __future__ import annotations

import math
import re
from typing import Any, Dict, List
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi import ScaleException
from scaleapi.annotations import svg
from scaleapi.annotations.captions import LINE_HEIGHT, Captions
from scaleapi.annotations.drawing import MAX_SHAPES, color_of, drawing_of
from tests.unit.test_annotations_reading import ANY_JSON, ODD_RESPONSES, loaded

SPACE = "{http://www.w3.org/2000/svg}"
BOX = {"type": "box", "left": 1.25, "top": 2, "width": 3, "height": 4}
#: What attackers write into labels, ids and addresses.
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "</title></style><svg onload=alert(1)>",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;",
    "javascript:alert(1)",
    "\0\x08\ud800\uffff",
    "\u202e<b>",
]


def corners(*positions: Any) -> List[Dict[str, Any]]:
    return [{"x": x, "y": y} for x, y in positions]


def elements(text: str) -> List[Any]:
    """Return all elements of a drawing; it has to be well-formed XML."""
    return list(ElementTree.fromstring(text).iter())


@pytest.mark.parametrize(
    ("annotation", "tag", "attributes"),
    [
        pytest.param(
            BOX,
            "rect",
            {"x": "1.25", "y": "2", "width": "3", "height": "4"},
            id="box",
        ),
        pytest.param(
            {
                **BOX,
                "left": 0,
                "top": 0,
                "width": 4,
                "height": 2,
                "rotation": math.pi / 2,
            },
            "polygon",
            {"points": "3,-1 3,3 1,3 1,-1"},
            id="turned box",
        ),
        pytest.param(
            {"type": "polygon", "vertices": corners((1, 2), (3, 4))},
            "polygon",
            {"points": "1,2 3,4"},
            id="polygon",
        ),
        pytest.param(
            {"type": "line", "vertices": corners((1, 2), (3, 4))},
            "polyline",
            {"points": "1,2 3,4", "fill": "none"},
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
                "vertices": corners((10, 0), (20, 5), (10, 10), (0, 5)),
            },
            "ellipse",
            {"cx": "10", "cy": "5", "rx": "10", "ry": "5"},
            id="ellipse",
        ),
        pytest.param(
            {
                "type": "ellipse",
                "vertices": corners((1, -1), (1, 1), (-1, 1), (-1, -1)),
            },
            "ellipse",
            {"transform": "rotate(45 0 0)"},
            id="turned ellipse",
        ),
        pytest.param(
            {
                "type": "cuboid",
                "vertices": corners((0, 0), (2, 0)),
                "edges": [{"x1": 0, "y1": 0, "x2": 2, "y2": 0}],
            },
            "line",
            {"x1": "0", "y1": "0", "x2": "2", "y2": "0"},
            id="cuboid",
        ),
        pytest.param(
            {"location": BOX},
            "rect",
            {"x": "1.25", "y": "2", "width": "3", "height": "4"},
            id="feature of a document",
        ),
    ],
)
def test_each_geometry_is_drawn(
    annotation: Dict[str, Any], tag: str, attributes: Dict[str, str]
) -> None:
    found = elements(svg([{"label": "cow", **annotation}]))
    drawn = [each for each in found if each.tag == SPACE + tag][-1]
    assert {key: drawn.attrib.get(key) for key in attributes} == attributes
    assert [each.text for each in found if each.tag == SPACE + "text"] == ["cow"]


def test_a_cuboid_has_its_front_filled() -> None:
    names = ["face-topleft", "face-topright", "face-bottomright", "face-bottomleft"]
    places = corners((0, 0), (4, 0), (4, 3), (0, 3))
    vertices = [{**place, "description": name} for name, place in zip(names, places)]
    (shape,) = drawing_of([{"type": "cuboid", "vertices": vertices}]).shapes
    assert shape.marks[0].attributes == {"points": "0,0 4,0 4,3 0,3"}


def test_a_label_keeps_its_color_and_colors_are_used_again() -> None:
    colors: Dict[str, int] = {}
    labels = "aba"
    shapes = drawing_of(
        [{**BOX, "label": each} for each in labels], colors=colors
    ).shapes
    assert [shape.color for shape in shapes] == [0, 1, 0]
    assert [color_of(str(number), colors) for number in range(9)] == [*range(2, 10), 0]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_task_becomes_markup(text: str) -> None:
    annotation = {**BOX, "label": text, "uuid": text, "attributes": {text: text}}
    drawn = svg([annotation], image=text)
    found = elements(drawn)
    assert {each.tag[len(SPACE) :] for each in found} == {
        "svg",
        "image",
        "g",
        "title",
        "rect",
        "text",
    }
    assert not [name for each in found for name in each.attrib if name.startswith("on")]
    drawn.encode("utf-8")


@given(ODD_RESPONSES | ANY_JSON)
def test_whatever_is_annotated_a_drawing_is_sound_and_has_only_numbers(
    data: Any,
) -> None:
    for task in (data, {"response": {"annotations": data}}):
        for element in elements(svg(task)):
            for name, value in element.attrib.items():
                if name in {
                    "x",
                    "y",
                    "x1",
                    "y1",
                    "x2",
                    "y2",
                    "points",
                    "cx",
                    "textLength",
                }:
                    assert re.fullmatch(r"[-0-9., ]+", value), value


RECTANGLES = st.fixed_dictionaries(
    {
        "type": st.just("box"),
        "label": st.sampled_from(
            ["Car", "traffic light", "歩行者", "W" * 300, "", "i"]
        ),
        "left": st.integers(-50, 700),
        "top": st.integers(-50, 500),
        "width": st.integers(0, 300),
        "height": st.integers(0, 300),
    }
)


@given(
    st.lists(RECTANGLES, max_size=60), st.sampled_from([(640, 480), (90, 20), (8, 900)])
)
def test_labels_neither_overlap_nor_leave_the_picture(
    boxes: List[Dict[str, Any]], size: Any
) -> None:
    shapes = drawing_of(boxes, size=size).shapes
    placed = [shape.caption.bounds for shape in shapes if shape.caption is not None]
    for left, top, right, bottom in placed:
        assert left >= 0 and top >= 0
        assert right <= size[0] + 1e-6 and bottom <= size[1] + 1e-6
    for number, one in enumerate(placed):
        for other in placed[:number]:
            apart = (
                one[2] <= other[0]
                or other[2] <= one[0]
                or one[3] <= other[1]
                or other[3] <= one[1]
            )
            assert apart


def test_a_label_stands_above_its_shape_and_moves_out_of_the_way() -> None:
    captions = Captions(1000, 1000, 20)
    first = captions.place("cow", (100, 100, 200, 200))
    second = captions.place("cow", (100, 100, 200, 200))
    assert first is not None and second is not None
    assert first.bounds[3] == 100
    assert second.bounds[1] == 100
    assert second.bounds[3] == 100 + 20 * LINE_HEIGHT
    corner = captions.place("cow", (990, 0, 999, 5))
    assert corner is not None and corner.bounds[2] <= 1000


def test_a_label_that_is_wider_than_the_picture_is_cut() -> None:
    caption = Captions(100, 100, 20).place("W" * 50, (0, 50, 10, 60))
    assert caption is not None
    assert caption.text == "WWW…"
    assert Captions(20, 100, 20).place("W" * 50, (0, 50, 10, 60)) is None


def test_the_picture_has_the_given_size_or_room_for_all_shapes() -> None:
    assert drawing_of([BOX]).sized is False
    assert (drawing_of([BOX]).width, drawing_of([BOX]).height) == (1280, 720)
    far = drawing_of([{**BOX, "left": 5000}])
    assert (far.width, far.height) == (5003, 720)
    drawn = elements(svg([BOX], size=(640, 320), width=100))[0]
    assert drawn.attrib["viewBox"] == "0 0 640 320"
    assert (drawn.attrib["width"], drawn.attrib["height"]) == ("100", "50")
    for size in ((0, 5), (5, math.nan), ("5", 5)):
        with pytest.raises(ValueError, match="size must be two positive numbers"):
            svg([BOX], size=size)  # type: ignore[arg-type]


def test_no_more_shapes_are_drawn_than_the_maximum() -> None:
    drawing = drawing_of([BOX] * (MAX_SHAPES + 5))
    assert (len(drawing.shapes), drawing.left_out) == (MAX_SHAPES, 5)
    assert svg([BOX] * 9, max_shapes=3).count("<title>") == 3


def test_a_frame_of_a_video_shows_its_boxes_and_the_ways_of_objects() -> None:
    place = {"top": 10, "width": 10, "height": 10}
    frames = [{"key": 5 * n, "left": 100 * n, **place} for n in range(3)]
    tracks = {
        "u1": {"label": "person", "geometry": "box", "frames": frames},
        "u2": {"label": "ball", "geometry": "box", "frames": frames[:1]},
    }
    drawing = drawing_of(tracks, frame=1)
    assert [shape.label for shape in drawing.shapes] == ["person"]
    assert drawing.shapes[0].bounds == (100, 10, 110, 20)
    ((color, way),) = drawing.ways  # the ball does not move
    assert color == drawing.shapes[0].color
    assert way.positions == [(5, 15), (105, 15), (205, 15)]
    assert len(drawing_of(tracks).shapes) == 2  # the first frame with annotations
    with pytest.raises(ScaleException) as caught:
        svg(tracks, frame=3)
    assert caught.value.message == "frame must be from 0 to 2; got 3"


def test_all_frames_of_a_video_are_drawn_at_one_size() -> None:
    frames = [{"annotations": [{**BOX, "left": left}]} for left in (0, 3000)]
    assert [drawing_of(frames, frame=number).width for number in (0, 1)] == [3003, 3003]


def test_the_pages_of_a_document_are_drawn_one_by_one() -> None:
    features = [
        {"label": str(page), "page": page, "location": BOX} for page in (0, 1, 1)
    ]
    task = {
        "task_id": "1",
        "document_pages": [
            {"width": 800, "height": 1100},
            {"width": 400, "height": 300},
        ],
        "response": {"annotations": features},
    }
    second = drawing_of(task, page=1)
    assert [shape.label for shape in second.shapes] == ["1", "1"]
    assert (second.width, second.height, second.sized) == (400, 300, True)
    assert len(drawing_of(task).shapes) == 1


def test_cuboids_are_seen_from_above_with_north_up() -> None:
    def cuboid(label: str, x: float, y: float) -> Dict[str, Any]:
        return {
            "label": label,
            "position": {"x": x, "y": y, "z": 0},
            "dimensions": {"x": 2, "y": 4, "z": 1},
            "yaw": 0,
        }

    frame = {"cuboids": [cuboid("north", 0, 30), cuboid("east", 40, 0)]}
    drawing = drawing_of([{"cuboids": []}, frame])
    north, east = drawing.shapes
    assert north.bounds[3] < east.bounds[1]
    assert north.bounds[2] < east.bounds[0]
    assert north.facts == "2 × 4 × 1 m at 0, 30, 0"
    # Twice as long as wide; the line from the middle shows where its front is.
    left, top, right, bottom = north.bounds
    assert bottom - top == pytest.approx(2 * (right - left))
    assert north.marks[1].positions[1][1] == pytest.approx(top)
    assert drawing.device is not None
    assert max(drawing.width, drawing.height) == pytest.approx(1000)
    far = {"cuboids": [cuboid("far", 1e12, 0)]}
    assert drawing_of([far]).shapes == []


def test_the_image_of_a_camera_is_drawn_by_itself() -> None:
    images = [{"camera_used": n, "annotations": [BOX] * n} for n in (1, 2)]
    frames = [{"camera_responses": images}]
    assert len(drawing_of(frames).shapes) == 1
    assert len(drawing_of(frames, camera=1).shapes) == 2
    with pytest.raises(ValueError, match="camera must be from 0 to 1; got 2"):
        svg(frames, camera=2)


def test_shapes_have_ids_only_where_they_are_asked_for() -> None:
    drawing = drawing_of([BOX, BOX])
    assert " id=" not in drawing.svg()
    assert 'id="shape-2"' in drawing.svg(id_prefix="shape-")


@pytest.mark.parametrize("kind", ["video", "video_tracks", "lidar", "lidarlinking"])
def test_results_in_files_are_drawn(kind: str) -> None:
    drawing = drawing_of(loaded(kind)[1])
    assert drawing.shapes
    elements(drawing.svg())


@pytest.mark.parametrize("kind", ["video", "video_tracks", "lidar", "lidarlinking"])
def test_a_result_that_was_not_loaded_is_said_to_be_in_a_file(kind: str) -> None:
    task = loaded(kind)[0]
    text = drawing_of(task).svg()
    assert "get_annotations(load=True)" in text
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "get_annotations" not in drawing_of(loaded(kind)[1]).svg()
