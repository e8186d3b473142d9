"""Pre-labels from the files of COCO, YOLO and CVAT."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scaleapi import ScaleTypeError, ScaleValueError, prelabels
from scaleapi.annotations import parse
from scaleapi.prelabels import Prelabels, Problem

COCO: Dict[str, Any] = {
    "images": [
        {"id": 10**30, "file_name": "kühe/1.jpg", "width": 640, "height": 480},
        {"id": 2, "file_name": "2.jpg", "width": 640, "height": 480},
    ],
    "categories": [
        {"id": 7, "name": "cow"},
        {"id": 8, "name": "person", "keypoints": ["nose", "hand", "foot"]},
    ],
    "annotations": [
        {
            "id": 1,
            "image_id": 10**30,
            "category_id": 7,
            "bbox": [0.1, 2, 3.3, 4],
            "segmentation": [[1, 2, 3, 4, 5.5, 6], [7, 8, 9, 10, 11, 12]],
            "iscrowd": 0,
            "attributes": {"color": "red"},
        },
        {
            "id": 2,
            "image_id": 10**30,
            "category_id": 8,
            "bbox": [5, 6, 7, 8],
            "segmentation": {"size": [480, 640], "counts": "abc"},
            "keypoints": [1, 2, 2, 3, 4, 1, 0, 0, 0],
        },
        {"id": 3, "image_id": 2, "category_id": 7, "bbox": [1, 2, 3, 4], "iscrowd": 1},
        {"id": 4, "image_id": 99, "category_id": 7, "bbox": [1, 2, 3, 4]},
    ],
}


def coco(**changes: Any) -> Dict[str, Any]:
    """Return a document with changes of its first annotation."""
    first = {**COCO["annotations"][0], **changes}
    return {**COCO, "annotations": [first]}


def listed(found: Prelabels) -> List[str]:
    return [str(problem) for problem in found.problems]


def test_boxes_of_coco(tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(COCO), "utf-8")
    found = prelabels.from_coco(path, labels=["cow", "person"])
    assert list(found) == ["kühe/1.jpg", "2.jpg"]
    one, two = parse(found["kühe/1.jpg"]).boxes
    assert (one.left, one.top, one.width, one.height) == (0.1, 2, 3.3, 4)
    assert (one.label, one.attributes) == ("cow", {"color": "red"})
    assert (two.label, two.left) == ("person", 5)
    assert found["2.jpg"] == {"annotations": []}
    assert listed(found) == [
        "2.jpg: annotation 3: iscrowd: a region of many objects is no shape",
        "annotation 4: there is no image with id 99",
    ]
    assert repr(found) == "Prelabels(2 images, 2 problems)"
    assert dict(prelabels.from_coco(COCO)) == dict(found)


def test_polygons_of_coco() -> None:
    found = prelabels.from_coco(COCO, geometry="polygon")
    one, two = parse(found["kühe/1.jpg"]).polygons
    assert one.vertices == ((1, 2), (3, 4), (5.5, 6))
    assert two.vertices == ((7, 8), (9, 10), (11, 12))
    assert "annotation 1: its 2 parts became polygons" in listed(found)[0]
    assert "annotation 2: its segmentation is a mask (RLE)" in listed(found)[1]


def test_keypoints_of_coco() -> None:
    found = prelabels.from_coco(COCO, geometry="point")
    points = parse(found["kühe/1.jpg"]).points
    assert [(each.label, each.x, each.y) for each in points] == [
        ("nose", 1, 2),
        ("hand", 3, 4),
    ]
    assert "annotation 1: it has no keypoints" in listed(found)[0]
    assert "nothing says that these are hidden: hand" in listed(found)[1]


def test_what_an_object_of_coco_lacks_is_listed() -> None:
    for geometry, name in [("box", "bbox"), ("polygon", "segmentation")]:
        found = prelabels.from_coco(coco(**{name: None}), geometry=geometry)
        assert listed(found) == [f"kühe/1.jpg: annotation 1: it has no {name}"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "source must be an object"),
        ({}, "'images' must be a list"),
        ({**COCO, "annotations": [1]}, r"annotations\[0\] must be an object"),
        ({**COCO, "images": [{"file_name": "a"}]}, r"images\[0\] needs an 'id'"),
        ({**COCO, "images": [{"id": 1}]}, "needs 'file_name' as text"),
        ({**COCO, "images": COCO["images"][:1] * 2}, "occurs twice"),
        (
            {**COCO, "images": [{"id": n, "file_name": "a.jpg"} for n in (1, 2)]},
            "'a.jpg' occurs twice, with the ids 1 and 2",
        ),
        (coco(category_id=9), r"the category 9; known: 7 \(cow\), 8 \(person\)"),
        (coco(bbox=[1, 2, 3]), "annotation 1 of kühe/1.jpg: bbox must be 4 numbers"),
        (coco(bbox=[1, 2, math.nan, 4]), "bbox must be a finite number; got nan"),
        (coco(bbox=[1, 2, -3, 4]), "width is negative"),
        (coco(bbox=["1", 2, 3, 4]), "bbox must be a number; got '1'"),
        (coco(bbox="1 2 3 4"), "bbox must be a list of numbers"),
        (coco(image_id=10**30, bbox=[1, 2, 10**400, 4]), "must be a finite number"),
    ],
)
def test_malformed_documents_of_coco_are_refused(document: Any, message: str) -> None:
    with pytest.raises((ScaleTypeError, ScaleValueError), match=message):
        prelabels.from_coco(document)


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        ([[1, 2, 3, 4, 5]], "pairs of x and y; got 5 numbers"),
        ([[1, 2, 3, 4]], "at least 3 positions; got 2"),
        ("rle", "must be a list of polygons, or RLE"),
    ],
)
def test_malformed_polygons_of_coco_are_refused(
    segmentation: Any, message: str
) -> None:
    with pytest.raises(ScaleValueError, match=message):
        prelabels.from_coco(coco(segmentation=segmentation), geometry="polygon")


def test_other_mistakes_with_coco() -> None:
    with pytest.raises(ScaleValueError, match="geometry must be one of box, polygon"):
        prelabels.from_coco(COCO, geometry="mask")
    with pytest.raises(ScaleValueError, match="keypoints must be 3 numbers for each"):
        document = coco(keypoints=[1, 2, 2])
        prelabels.from_coco(document, geometry="point")
    with pytest.raises(ScaleValueError, match=r"'person' \(box, first in kühe/1.jpg"):
        prelabels.from_coco(COCO, labels=["cow"])


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xff", b"[" * 100_000, b'{"images": ' + b"1" * 5000 + b"}"],
    ids=["empty", "cut", "encoding", "depth", "digits"],
)
def test_what_is_no_json_is_refused_with_its_file(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "cut.json"
    path.write_bytes(content)
    with pytest.raises(ScaleValueError, match=r"cut\.json"):
        prelabels.from_coco(path)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from([*COCO, "id", "file_name", "name", "bbox"]), inner
            )
        ),
    )
)
def test_any_json_is_read_or_refused_as_a_mistake_of_the_caller(document: Any) -> None:
    if isinstance(document, dict):
        try:
            prelabels.from_coco(document)
        except (ScaleTypeError, ScaleValueError) as error:
            assert str(error)


PARTS = st.floats(0, 1)


@given(st.lists(st.tuples(PARTS, PARTS, PARTS, PARTS), max_size=3))
def test_coordinates_of_yolo_are_the_exact_products(boxes: List[Any]) -> None:
    text = "".join(f"0 {' '.join(map(repr, box))}\n" for box in boxes)
    from scaleapi.prelabels.yolo import annotations_of

    found, _ = annotations_of(text, (1279, 717), {0: "cow"}, "detect", "a", "a.txt")
    assert [
        (box["left"], box["top"], box["width"], box["height"]) for box in found
    ] == [
        ((x - w / 2) * 1279, (y - h / 2) * 717, w * 1279, h * 717)
        for x, y, w, h in boxes
    ]


def yolo(folder: Path, text: str, kind: str = "detect", **arguments: Any) -> Any:
    """Return the pre-labels of one image of 100 x 200 pixels."""
    (folder / "1.txt").write_text(text, "utf-8")
    return prelabels.from_yolo(
        folder, {"1.jpg": (100, 200)}, ["cow", "person"], kind=kind, **arguments
    )


@pytest.mark.parametrize(
    "names",
    [
        ["cow", "person"],
        {0: "cow", 1: "person"},
        {"names": {"1": "person", "0": "cow"}, "nc": 2},
        {"names": ("cow", "person")},
    ],
)
def test_boxes_of_yolo(tmp_path: Path, names: Any) -> None:
    labels = tmp_path / "labels" / "train"
    labels.mkdir(parents=True)
    text = "\ufeff0 0.5 0.5 0.2 0.1\n\n1.0 0.5 0.5 0.2 0.1 0.987\r\n"
    (labels / "1.txt").write_text(text, "utf-8")
    (labels / "ü.txt").write_text("1 .5 .5 1 1", "utf-8")
    (labels / "empty.txt").write_text("", "utf-8")
    (labels / "classes.txt").write_text("cow\nperson\n", "utf-8")
    images = tmp_path / "images" / "train"
    images.mkdir(parents=True)
    for name in ("1.jpg", "1.png", "empty.png", "none.webp"):
        Image.new("RGB", (100, 200)).save(images / name)
    lying = Image.Exif()
    lying[274] = 6
    Image.new("RGB", (200, 100)).save(images / "ü.JPG", exif=lying)
    (images / "broken.png").write_text("no picture")
    (images / "notes.md").write_text("no picture")
    found = prelabels.from_yolo(tmp_path / "labels", tmp_path / "images", names)
    assert sorted(found) == [
        f"train/{name}"
        for name in ("1.jpg", "1.png", "empty.png", "none.webp", "ü.JPG")
    ]
    one, two = parse(found["train/1.jpg"]).boxes
    assert (one.label, two.label) == ("cow", "person")
    assert (one.left, one.top, one.width, one.height) == (40, 90, 20, 20)
    assert one.uuid != two.uuid
    assert parse(found["train/ü.JPG"]).boxes[0].height == 200
    assert found["train/none.webp"] == {"annotations": []}
    broken, classes = listed(found)
    assert broken.startswith("train/broken.png: its size cannot be read: ")
    assert classes.startswith("train/classes.txt: there is no image of this name")


def test_polygons_of_yolo(tmp_path: Path) -> None:
    text = "1 0.1 0.1 0.7 0.1 0.3 0.9\n0 0 0 1 0 1 1 0.5\n"
    one, two = parse(yolo(tmp_path, text, "segment")["1.jpg"]).polygons
    assert one.vertices == ((0.1 * 100, 0.1 * 200), (0.7 * 100, 0.1 * 200), (30, 180))
    assert two.vertices == ((0, 0), (100, 0), (100, 200))


def test_turned_boxes_of_yolo(tmp_path: Path) -> None:
    # A square of 20 pixels, turned by 45 degrees, once in either direction.
    corners = [(50, 80), (70, 100), (50, 120), (30, 100)]
    lines = [
        "0 " + " ".join(f"{x / 100} {y / 200}" for x, y in positions)
        for positions in (corners, corners[:1] + corners[:0:-1])
    ]
    lines += ["0 0.1 0.1 0.9 0.1 0.9 0.9 0.5 0.5"]
    found = yolo(tmp_path, "\n".join(lines), "obb")
    for box in parse(found["1.jpg"]).boxes:
        assert box.vertices == tuple(corners)
        assert box.rotation == pytest.approx(math.pi / 4)
        assert (box.center, box.width) == ((50, 100), pytest.approx(math.hypot(20, 20)))
    assert listed(found) == [
        "1.jpg: line 3: its four corners are not those of a rectangle"
    ]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("0 0.5 0.5 0.2", "detect", "1.txt, line 1: kind='detect' has a class and x y"),
        ("0 0 0 1 0 1 1 0 1", "detect", "Is it kind='segment' or 'obb'"),
        ("0 0.5 0.5 0.2 0.1", "segment", "kind='segment'"),
        ("0 0.5 0.5 0.2 0.1", "obb", "kind='obb'"),
        ("2 0.5 0.5 0.2 0.1", "detect", r"no class 2; known: 0 \(cow\), 1 \(person\)"),
        ("0.5 0.5 0.5 0.2 0.1", "detect", "there is no class 0.5"),
        ("-1 0.5 0.5 0.2 0.1", "detect", "there is no class -1"),
        ("\n0 0.5 nan 0.2 0.1", "detect", "line 2: 'nan' is not a finite number"),
        ("0 0.5 1e999 0.2 0.1", "detect", "'1e999' is not a finite number"),
        ("0 0.5 0_5 0.2 0.1", "detect", "'0_5' is not a finite number"),
        ("cow 0.5 0.5 0.2 0.1", "detect", "'cow' is not a finite number"),
        ("0 50 100 20 20", "detect", "50.0 is not a part of the size of the image"),
        ("0 0.5 0.5 -0.2 0.1", "detect", "line 1: width is negative"),
        ("0 0.5 0.5 0.2 0.1", "boxes", "kind must be one of detect, segment, obb"),
    ],
)
def test_malformed_lines_of_yolo_are_refused(
    text: str, kind: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ScaleValueError, match=message):
        yolo(tmp_path, text, kind)


def test_other_mistakes_with_yolo(tmp_path: Path) -> None:
    with pytest.raises(ScaleValueError, match="folder must be a folder"):
        prelabels.from_yolo(tmp_path / "none", {}, [])
    with pytest.raises(ScaleValueError, match="images must be a folder"):
        prelabels.from_yolo(tmp_path, tmp_path / "none", [])
    with pytest.raises(ScaleTypeError, match=r"the size of '1.jpg' must be \(width"):
        prelabels.from_yolo(tmp_path, {"1.jpg": (1.5, 2)}, [])  # type: ignore[dict-item]
    for names in ("data.yaml", {"cow": 0}, [1]):
        with pytest.raises(ScaleTypeError, match="names"):
            prelabels.from_yolo(tmp_path, {}, names)
    with pytest.raises(ScaleValueError, match="the number 1 occurs twice"):
        prelabels.from_yolo(tmp_path, {}, {1: "a", "1": "b"})
    with pytest.raises(ScaleValueError, match="'cow'.*known for box: 'goat'"):
        yolo(tmp_path, "0 0.5 0.5 0.2 0.1", labels=["goat"])
    (tmp_path / "1.txt").write_bytes(b"\xff\xfe0\0")
    with pytest.raises(ScaleValueError, match="1.txt is not UTF-8"):
        prelabels.from_yolo(tmp_path, {"1.jpg": (1, 1)}, [])


IMAGES = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><labels><label><name>cow</name><attributes>
    <attribute><name>age</name><input_type>number</input_type></attribute>
    <attribute><name>seen</name><input_type>checkbox</input_type></attribute>
  </attributes></label></labels></task></meta>
  <image id="0" name="kühe/1.jpg" width="640" height="480">{shapes}</image>
  <image id="1" name="2.jpg" width="640" height="480"/>
</annotations>"""


def cvat(folder: Path, shapes: str, document: str = IMAGES, **arguments: Any) -> Any:
    path = folder / "annotations.xml"
    path.write_text(document.replace("{shapes}", shapes), "utf-8")
    return prelabels.from_cvat(path, **arguments)


def test_all_shapes_of_cvat(tmp_path: Path) -> None:
    found = cvat(
        tmp_path,
        """
        <box label="cow" occluded="0" xtl="1.5" ytl="2" xbr="4" ybr="6.25" z_order="1">
          <attribute name="age">3</attribute><attribute name="seen">true</attribute>
        </box>
        <box label="cow" xtl="0" ytl="0" xbr="4" ybr="2" rotation="90.0"/>
        <polygon label="barn" points="1,2;3,4.5;5,6"/>
        <polyline label="fence" points="1,2;3,4"/>
        <points label="eye" points="7.25,8"/>
        <ellipse label="pond" cx="10" cy="20" rx="4" ry="2"/>
        <ellipse label="pond" cx="10" cy="20" rx="4" ry="2" rotation="90"/>
        """,
    )
    assert list(found) == ["kühe/1.jpg", "2.jpg"] and found.problems == ()
    assert found["2.jpg"] == {"annotations": []}
    read = parse(found["kühe/1.jpg"])
    box, turned = read.boxes
    assert (box.left, box.top, box.width, box.height) == (1.5, 2, 2.5, 4.25)
    assert box.attributes == {"age": 3, "seen": "true"} and "rotation" not in box.raw
    assert (turned.left, turned.width, turned.rotation) == (0, 4, math.pi / 2)
    assert turned.vertices[0] == pytest.approx((3, -1))
    assert read.polygons[0].vertices == ((1, 2), (3, 4.5), (5, 6))
    assert (read.lines[0].label, read.lines[0].vertices) == ("fence", ((1, 2), (3, 4)))
    assert (read.points[0].x, read.points[0].y) == (7.25, 8)
    flat, steep = read.ellipses
    assert flat.vertices == ((10, 18), (14, 20), (10, 22), (6, 20))
    assert steep.vertices[1] == pytest.approx((10, 24))


@pytest.mark.parametrize(
    ("back", "corner"),
    [
        # The order of the edges at the back depends on who wrote the file.
        ({"l2": 2, "r2": 9}, 9),
        ({"l2": 9, "r2": 2}, 9),
        ({"l2": -5, "r2": 2}, -5),
    ],
)
def test_a_cuboid_of_cvat_has_the_corners_that_are_seen(
    back: Dict[str, int], corner: int, tmp_path: Path
) -> None:
    edges = {"l1": 0, "r1": 4, **back}
    corners = " ".join(
        f'x{end}{edge}="{x}" y{end}{edge}="{y}"'
        for edge, x in edges.items()
        for end, y in (("t", 1), ("b", 7))
    )
    found = cvat(tmp_path, f'<cuboid label="van" {corners}/>')
    (cuboid,) = parse(found["kühe/1.jpg"]).cuboids
    assert cuboid.vertices == (
        (0, 1),
        (0, 7),
        (4, 1),
        (4, 7),
        (corner, 1),
        (corner, 7),
    )
    assert "two of its eight corners are left out" in listed(found)[0]
    hidden = corners.replace(f'"{back["l2"]}"', '"1"').replace(f'"{back["r2"]}"', '"2"')
    found = cvat(tmp_path, f'<cuboid label="van" {hidden}/>')
    assert found["kühe/1.jpg"] == {"annotations": []}
    assert "no side of the cuboid is seen" in listed(found)[0]


def test_what_cvat_has_and_the_api_does_not_is_listed(tmp_path: Path) -> None:
    found = cvat(
        tmp_path,
        """
        <tag label="night"/>
        <mask label="cow" rle="1, 2" left="0" top="0" width="2" height="2"/>
        <points label="eye" points="1,2;3,4"/>
        <skeleton label="person">
          <points label="nose" points="5,6" outside="0"/>
          <points label="hand" points="0,0" outside="1"/>
        </skeleton>
        <box label="cow" occluded="1" group_id="3" xtl="1" ytl="2" xbr="4" ybr="6"/>
        <blob label="cow"/>
        """,
    )
    read = parse(found["kühe/1.jpg"])
    assert [point.label for point in read.points] == ["eye", "eye", "nose"]
    assert len(read.shapes) == 4
    assert [problem[1:] for problem in found.problems] == [
        ("<tag> 1", "the API has no labels of a whole image"),
        ("<mask> 2", "a mask is not a shape of the API"),
        ("<points> 3", "its 2 points are not kept together as one object"),
        ("<skeleton> 4", "its points are not kept together as one object"),
        ("<points> 4", "it is marked as outside the image"),
        ("<box> 5", "nothing says that it is occluded"),
        ("<box> 5", "nothing says that it belongs to the group 3"),
        ("<blob> 6", "it is not a shape"),
    ]


VIDEO = """<annotations><version>1.1</version>
<meta><task/><source>cows.mp4</source></meta>
<track id="0" label="cow">
  <box frame="0" keyframe="1" outside="0" xtl="1" ytl="2" xbr="3" ybr="4">
    <attribute name="moving">no</attribute></box>
  <box frame="6" keyframe="0" outside="0" xtl="2" ytl="2" xbr="4.5" ybr="4"/>
  <box frame="7" keyframe="1" outside="1" xtl="2" ytl="2" xbr="4" ybr="4"/>
</track>
<track id="1" label="herd"><points frame="0" points="1,2;3,4"/></track>
{shapes}
</annotations>"""


def test_tracks_of_cvat(tmp_path: Path) -> None:
    found = cvat(tmp_path, "", VIDEO, labels=["cow"])
    assert list(found) == ["cows.mp4"]
    (track,) = parse(found["cows.mp4"]).tracks
    assert (track.label, track.geometry) == ("cow", "box")
    one, two = track.frames
    assert (one.key, one.is_inferred, one.shape.attributes) == (
        0,
        None,
        {"moving": "no"},
    )
    assert (two.key, two.is_inferred, two.shape.raw["width"]) == (6, True, 2.5)
    assert listed(found) == [
        "cows.mp4: track 1, frame 0: its 2 points are not kept together as one object",
        "cows.mp4: track 1, frame 0: a point of a track is one point in each frame, "
        "not several",
        "cows.mp4: track 1: it has no frames that could be carried over",
    ]
    with pytest.raises(ScaleValueError, match=r"'cow' \(box, first in cows.mp4"):
        cvat(tmp_path, "", VIDEO, labels=["goat"])


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (
            '<box label="cow" xtl="1" ytl="2" xbr="3"/>',
            "<box> 1 of kühe/1.jpg: it has no ybr",
        ),
        ('<box xtl="1" ytl="2" xbr="3" ybr="4"/>', "it has no label"),
        ('<box label="c" xtl="nan" ytl="2" xbr="3" ybr="4"/>', "xtl: 'nan'.* number"),
        ('<box label="c" xtl="1" ytl="2" xbr="1e999" ybr="4"/>', "xbr: '1e999'"),
        ('<box label="c" xtl="5" ytl="2" xbr="3" ybr="4"/>', "width is negative"),
        ('<polygon label="c" points="1,2;3"/>', "points must be x,y;x,y"),
        ('<polygon label="c" points=""/>', "points must be x,y;x,y"),
        ('<polyline label="c" points="1,2"/>', "at least 2 positions; got 1"),
        ('<points label="c" points="1,1_0"/>', "'1_0' is not a finite number"),
        ("</image><image>", "an <image> has no name"),
        ('</image><image name="2.jpg">', "the image '2.jpg' occurs twice"),
    ],
)
def test_malformed_shapes_of_cvat_are_refused(
    shapes: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ScaleValueError, match=message):
        cvat(tmp_path, shapes)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (
            '<track id="5" label="a"><box frame="x" xtl="1" ytl="2" xbr="3" ybr="4"/>'
            "</track>",
            "track 5, frame x of cows.mp4: frame is not a number",
        ),
        ('<track id="5" label="a" task_id="2"/>', "the tracks of several videos"),
    ],
)
def test_malformed_tracks_of_cvat_are_refused(
    shapes: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ScaleValueError, match=message):
        cvat(tmp_path, shapes, VIDEO)


BOMB = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    "<annotations>&b;</annotations>"
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "iso-8859-1", "cp037"]
)
@pytest.mark.parametrize(
    "doctype",
    [
        BOMB,
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><annotations/>',
        '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><annotations>&a;'
        "</annotations>",
        "<!DOCTYPE a><annotations/>",
    ],
)
def test_a_doctype_is_refused_in_any_encoding(
    encoding: str, doctype: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.xml"
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
    path.write_bytes((declaration + doctype).encode(encoding))
    with pytest.raises(ScaleValueError, match=r"a\.xml"):
        prelabels.from_cvat(path)
    if encoding in ("utf-8", "utf-16", "iso-8859-1"):
        with pytest.raises(ScaleValueError, match="line 1 has a DOCTYPE"):
            prelabels.from_cvat(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"<annotations>",
        b"<annotations/><more/>",
        b"<annotations>&amp;&unknown;</annotations>",
        b'<?xml version="1.0" encoding="utf-7"?><annotations/>',
        b'<?xml version="1.0" encoding="gbk"?><annotations/>',
        b'<?xml version="1.0" encoding="none"?><annotations/>',
        b"<annotations>\xff</annotations>",
        b"<annotation><folder/></annotation>",
    ],
)
def test_what_is_no_file_of_cvat_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    with pytest.raises(ScaleValueError, match=r"a\.xml is not"):
        prelabels.from_cvat(path)


def test_xml_of_any_depth_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(
        b"<annotations>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</annotations>"
    )
    assert dict(prelabels.from_cvat(path)) == {}


def test_a_problem_reads_as_a_sentence() -> None:
    assert str(Problem("a.jpg", "", "it is gone")) == "a.jpg: it is gone"
