"""Hostile and odd files of pre-labels: refused or listed, never lost in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.annotations import parse
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.prelabels import Prelabels, from_coco, from_cvat, from_yolo, shapes

BOX = 'xtl="0" ytl="0" xbr="1" ybr="1"'


def cvat(tmp_path: Path, inner: str, encoding: str = "utf-8") -> Prelabels:
    path = tmp_path / "a.xml"
    path.write_bytes(inner.encode(encoding))
    return from_cvat(path)


def image(inner: str) -> str:
    return f'<annotations><image name="d/a.jpg">{inner}</image></annotations>'


@pytest.mark.parametrize(
    ("inner", "labels", "reason"),
    [
        (
            '<skeleton label="p"><attribute name="pose">1</attribute>'
            '<points label="nose" points="1,2"/></skeleton>',
            ["nose"],
            "its points do not have its attributes: pose",
        ),
        (
            f'<skeleton label="p"><box label="b" {BOX}/><odd label="c"/></skeleton>',
            ["b"],
            "<odd> 1: it is not a shape",
        ),
        (
            '<skeleton label="p" outside="1"><points label="n" points="1,2"/>'
            "</skeleton>",
            [],
            "it is marked as outside the image",
        ),
        (
            f'<box label="a" {BOX}><box label="inner" {BOX}/></box>',
            ["a"],
            "its <box> is left out",
        ),
        (
            f'<box label="a" {BOX}><attribute name="q">1</attribute>'
            '<attribute name="q">2</attribute></box>',
            ["a"],
            "its attribute 'q' occurs twice; the last value counts",
        ),
    ],
)
def test_what_is_odd_in_an_image_of_cvat_is_listed(
    tmp_path: Path, inner: str, labels: List[str], reason: str
) -> None:
    found = cvat(tmp_path, image(inner))
    annotations = found["d/a.jpg"]["annotations"]
    assert [each["label"] for each in annotations] == labels
    assert any(reason in str(problem) for problem in found.problems)


def test_what_is_odd_around_the_images_of_cvat_is_listed(tmp_path: Path) -> None:
    track = (
        f'<track id="0" label="a" group_id="4"><box frame="0" {BOX}/></track>'
        '<tracks><track id="1" label="b"/></tracks>'
    )
    meta = "<meta><source>v.mp4</source></meta>"
    found = cvat(tmp_path, f"<annotations>{meta}{track}</annotations>")
    assert [str(problem) for problem in found.problems] == [
        "v.mp4: track 0: nothing says that it belongs to the group 4",
        "<tracks>: it is neither an image nor a track",
    ]
    with pytest.raises(ScaleValueError, match="an image and the video are called"):
        same = f'<annotations>{meta}<image name="v.mp4"/>{track}</annotations>'
        cvat(tmp_path, same)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encoding_and_line_ends_of_cvat_do_not_matter(
    tmp_path: Path, encoding: str
) -> None:
    name = "utf-16" if encoding == "utf-16" else "utf-8"
    text = f'<?xml version="1.0" encoding="{name}"?>\r\n' + image(
        f'\r\n<box label="Größe" {BOX}/>\r\n'
    )
    (box,) = cvat(tmp_path, text, encoding)["d/a.jpg"]["annotations"]
    assert box["label"] == "Größe"


@pytest.mark.parametrize(
    "inner",
    [
        '<box label="a" xtl="Infinity" ytl="0" xbr="1" ybr="1"/>',
        '<box label="a" xtl="NaN" ytl="0" xbr="1" ybr="1"/>',
        '<box label="a" xtl="1_0" ytl="0" xbr="11" ybr="1"/>',
        '<box label="a" xtl="٣" ytl="0" xbr="9" ybr="1"/>',
        '<box label="a" xtl="-1.7e308" ytl="0" xbr="1.7e308" ybr="1"/>',
        '<box label="a" xtl="2" ytl="0" xbr="1" ybr="1"/>',
        '<ellipse label="a" cx="1" cy="1" rx="-1" ry="2"/>',
        "&undefined;",
    ],
)
def test_numbers_of_cvat_that_are_none_are_refused(tmp_path: Path, inner: str) -> None:
    with pytest.raises(ScaleValueError, match=r"a\.xml"):
        cvat(tmp_path, image(inner))


def coco(**annotation: Any) -> Dict[str, Any]:
    category = {"id": 1, "name": "Car", "keypoints": ["nose", "tail"]}
    return {
        "images": [{"id": 1, "file_name": "d/a.jpg"}],
        "categories": [category],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, **annotation}],
    }


@pytest.mark.parametrize("crowd", [1, True, 1.0, "1", "true"])
def test_a_crowd_of_coco_is_listed_however_it_is_written(crowd: Any) -> None:
    found = from_coco(coco(bbox=[0, 0, 1, 1], iscrowd=crowd))
    assert found["d/a.jpg"] == {"annotations": []}
    assert "iscrowd" in str(found.problems[0])
    assert not from_coco(coco(bbox=[0, 0, 1, 1], iscrowd="0")).problems


def test_attributes_and_keypoints_of_coco_that_are_odd_are_listed() -> None:
    found = from_coco(coco(bbox=[0, 0, 1, 1], attributes=["red"]))
    assert found["d/a.jpg"]["annotations"][0]["attributes"] == {}
    assert "its attributes are no object" in str(found.problems[0])
    points = from_coco(coco(keypoints=[1, 2, 2, 3, 4, 0]), geometry="point")
    assert [each["label"] for each in points["d/a.jpg"]["annotations"]] == ["nose"]
    assert "tail, at 3, 4, is marked as not labeled" in str(points.problems[0])


def test_a_label_that_is_no_text_is_refused() -> None:
    document = coco(keypoints=[1, 2, 2, 3, 4, 2])
    document["categories"][0]["keypoints"] = ["nose", 5]
    with pytest.raises(ScaleTypeError, match="label must be text; got 5"):
        from_coco(document, geometry="point")
    with pytest.raises(ScaleTypeError, match="uuid must be text"):
        shapes.box("a", 0, 0, 1, 1, uuid=7)  # type: ignore[arg-type]


_NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6), st.floats(allow_nan=False, allow_infinity=False)
)


@given(st.lists(_NUMBERS, min_size=4, max_size=4), st.text(min_size=1))
def test_boxes_of_coco_are_read_back_to_the_bit(edges: List[Any], label: str) -> None:
    edges = [*edges[:2], abs(edges[2]), abs(edges[3])]
    document = coco(bbox=edges)
    document["categories"][0]["name"] = label
    made = json.loads(json.dumps(from_coco(document)["d/a.jpg"]))
    (box,) = parse(made).boxes
    assert [box.left, box.top, box.width, box.height] == edges
    assert repr([box.left, box.top, box.width, box.height]) == repr(edges)
    assert box.label == label


def yolo(tmp_path: Path, files: Dict[str, bytes], images: Any = None) -> Prelabels:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return from_yolo(tmp_path, images or {"1.jpg": (10, 10)}, ["a"])


def test_a_yolo_file_in_capital_letters_is_read(tmp_path: Path) -> None:
    found = yolo(tmp_path, {"1.TXT": b"\xef\xbb\xbf0 .5 .5 .1 .1\r\n"})
    assert len(found["1.jpg"]["annotations"]) == 1


def test_two_yolo_files_of_one_image_are_refused(tmp_path: Path) -> None:
    (tmp_path / "1.TXT").touch()
    if (tmp_path / "1.txt").exists():
        return  # The file system does not tell them apart.
    with pytest.raises(ScaleValueError, match="are of the same image"):
        yolo(tmp_path, {"1.txt": b""})


@pytest.mark.parametrize(
    "content",
    [b"0 nan .5 .1 .1", b"7 .5 .5 .1 .1", "٠ .5 .5 .1 .1".encode(), b"0 .5 .5 -.1 .1"],
)
def test_numbers_of_yolo_that_are_none_are_refused(
    tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(ScaleValueError, match=r"1\.txt"):
        yolo(tmp_path, {"1.txt": content})


def test_the_name_of_an_image_must_be_text(tmp_path: Path) -> None:
    with pytest.raises(ScaleTypeError, match="must be text"):
        yolo(tmp_path, {}, {Path("1.jpg"): (1, 1)})
    (tmp_path / "1.txt").mkdir()
    assert yolo(tmp_path, {})["1.jpg"] == {"annotations": []}
