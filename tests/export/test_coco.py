"""`write_coco` and `write_yolo`: what the files hold, and what is counted instead."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scaleapi import ScaleClient, ScaleException, TaskType, export, prelabels
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.export.yolo import cut

BOX = {"type": "box", "label": "cow", "left": 10, "top": 20, "width": 30, "height": 40}
TRIANGLE = {
    "type": "polygon",
    "label": "calf",
    "vertices": [{"x": 0, "y": 0}, {"x": 4.5, "y": 0}, {"x": 0, "y": 2}],
}
SIZES = {f"t{number}": (100, 80) for number in range(5)}


def task(*shapes: Any, number: int = 0, **keys: Any) -> Dict[str, Any]:
    geometries = {
        "box": {"objects_to_annotate": [{"choice": "animal", "subchoices": ["cow"]}]},
        "polygon": {"objects_to_annotate": ["calf", "cow"]},
    }
    return {
        "task_id": f"t{number}",
        "params": {
            "attachment": f"https://example.com/cows/{number}.jpg?a=b",
            "geometries": geometries,
        },
        "response": {"annotations": list(shapes)},
        **keys,
    }


def coco(tasks: Any, folder: Path, **options: Any) -> Dict[str, Any]:
    export.write_coco(tasks, folder, **{"sizes": SIZES, **options})
    found: Dict[str, Any] = json.loads((folder / "annotations.json").read_bytes())
    return found


def told(report: export.ExportReport) -> str:
    return "\n".join(map(str, report.problems))


def test_boxes_and_polygons(tmp_path: Path) -> None:
    box = {**BOX, "uuid": "b", "attributes": {"moving": "no"}}
    tasks = [task(box, TRIANGLE), task(number=1)]
    report = export.write_coco(iter(tasks), tmp_path / "out", sizes=SIZES)
    assert (report.tasks, report.problems) == (2, ())
    assert [Path(each).name for each in report.files] == [
        "annotations.json",
        "classes.json",
    ]
    found = json.loads((tmp_path / "out" / "annotations.json").read_bytes())
    assert found["categories"] == [{"id": 1, "name": "cow"}, {"id": 2, "name": "calf"}]
    assert found["images"] == [
        {"id": 1, "file_name": "t0/0.jpg", "task_id": "t0", "width": 100, "height": 80},
        {"id": 2, "file_name": "t1/1.jpg", "task_id": "t1", "width": 100, "height": 80},
    ]
    assert found["annotations"] == [
        {
            "id": 1,
            "image_id": 1,
            "category_id": 1,
            "bbox": [10, 20, 30, 40],
            "area": 1200,
            "segmentation": [[10, 20, 40, 20, 40, 60, 10, 60]],
            "iscrowd": 0,
            "attributes": {"moving": "no"},
            "uuid": "b",
        },
        {
            "id": 2,
            "image_id": 1,
            "category_id": 2,
            "bbox": [0, 0, 4.5, 2],
            "area": 4.5,
            "segmentation": [[0, 0, 4.5, 0, 0, 2]],
            "iscrowd": 0,
            "attributes": {},
            "uuid": None,
        },
    ]


def test_a_turned_box_has_its_own_area_and_its_corners(tmp_path: Path) -> None:
    (annotation,) = coco([task({**BOX, "rotation": math.pi / 2})], tmp_path)[
        "annotations"
    ]
    assert annotation["area"] == 1200
    assert annotation["bbox"] == pytest.approx([5, 25, 40, 30])
    assert annotation["segmentation"][0] == pytest.approx(
        [45, 25, 45, 55, 5, 55, 5, 25]
    )


def test_a_label_has_the_same_id_in_all_exports(tmp_path: Path) -> None:
    first = coco([task(TRIANGLE)], tmp_path)
    other = {"attachment": "https://example.com/1.jpg", "objects_to_annotate": ["bull"]}
    second = coco([task({**BOX, "label": "bull"}, TRIANGLE, params=other)], tmp_path)
    names = [each["name"] for each in second["categories"]]
    assert names == ["cow", "calf", "bull"]
    ids = [each["category_id"] for each in second["annotations"]]
    assert ids == [3, first["annotations"][0]["category_id"]]
    assert json.loads((tmp_path / "classes.json").read_bytes()) == names


def test_classes_that_are_passed_are_all_there_are(tmp_path: Path) -> None:
    report = export.write_coco(
        [task(BOX, TRIANGLE)], tmp_path, classes=["calf"], sizes=SIZES
    )
    assert "'cow'" in told(report)
    found = coco([task(BOX, TRIANGLE)], tmp_path, classes=["calf"])
    assert [each["category_id"] for each in found["annotations"]] == [1]
    assert found["categories"] == [{"id": 1, "name": "calf"}]


LINE = {"type": "line", "label": "cow", "vertices": TRIANGLE["vertices"]}


@pytest.mark.parametrize(
    ("shape", "part"),
    [
        (LINE, "line"),
        ({"type": "point", "label": "cow", "x": 1, "y": 2}, "point"),
        ({**BOX, "width": -1}, "malformed"),
        ({**BOX, "width": math.nan}, "malformed"),
        ({**BOX, "width": 1e200, "height": 1e200}, "malformed"),
        ({**BOX, "width": 10**200, "height": 10**200}, "malformed"),
        ({**TRIANGLE, "vertices": [{"x": 1, "y": 1}]}, "malformed"),
        ({**BOX, "label": None}, "none of the classes"),
        ({**BOX, "label": ["cow"]}, "none of the classes"),
        ({"type": "star"}, "unknown form"),
        ({**BOX, "attributes": {"a": math.nan}}, "NaN"),
        ({**BOX, "attributes": {"a": {1}}}, "not JSON"),
        ({**BOX, "uuid": math.inf}, "NaN"),
    ],
)
def test_what_coco_cannot_hold_is_counted(
    shape: Any, part: str, tmp_path: Path
) -> None:
    report = export.write_coco([task(shape, BOX)], tmp_path, sizes=SIZES)
    assert part in told(report)
    assert [each.count for each in report.problems] == [1]
    text = (tmp_path / "annotations.json").read_text("ascii")

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    assert json.loads(text, parse_constant=refuse)["annotations"]


def test_tasks_without_a_response_are_left_out(tmp_path: Path) -> None:
    tasks = [
        task(number=1, response=None),
        task(number=2, response={"error": "no attachment"}),
        task(number=3, response={"annotations": {"url": "https://example.com/r"}}),
    ]
    report = export.write_coco(tasks, tmp_path, sizes=SIZES)
    assert report.tasks == 0
    assert "no response, and is left out (2 times)" in told(report)
    assert "load_result" in told(report)


def test_frames_whose_pictures_are_attachments(tmp_path: Path) -> None:
    document = task(response={"annotations": [{"annotations": []}] * 2})
    document["response"]["annotations"] = [{"annotations": []}, {"annotations": [BOX]}]
    names = ["https://example.com/a.png", "https://example.com/b.png"]
    document["params"] = {"attachments": names}
    found = coco([document], tmp_path)
    assert [each["file_name"] for each in found["images"]] == ["t0/a.png", "t0/b.png"]
    assert [each["image_id"] for each in found["annotations"]] == [2]
    document["params"] = {"attachment": "https://example.com/film.mp4"}
    report = export.write_coco([document], tmp_path, sizes=SIZES)
    assert "frame of a video" in told(report)


CUBOID = {"uuid": "c", "label": "car", "position": {"x": 1, "y": 2, "z": 3}}
CUBOID.update(dimensions={"x": 1, "y": 2, "z": 3}, yaw=0.5)


def test_what_has_no_picture_is_counted_and_left_out(tmp_path: Path) -> None:
    lidar = task(response={"annotations": [{"cuboids": [CUBOID]}]})
    lidar["params"] = {"attachments": ["https://example.com/0.json"]}
    answers = task(response={"responses": [{"q": "yes"}]}, params={})
    for write in (export.write_coco, export.write_yolo):
        report = write([lidar, answers], tmp_path, sizes=SIZES)
        assert (report.tasks, len(report.problems)) == (0, 2)
        assert "cuboids of lidar" in told(report)
        assert "has no picture" in told(report)
    assert json.loads((tmp_path / "annotations.json").read_bytes())["images"] == []


def picture(path: Path, size: Any, orientation: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[274] = orientation
    Image.new("L", size).save(path, exif=exif)


def test_sizes_are_read_from_a_folder_as_the_pictures_are_shown(tmp_path: Path) -> None:
    images = tmp_path / "images"
    picture(images / "t0" / "0.jpg", (60, 40))
    picture(images / "1.jpg", (60, 40), orientation=6)
    picture(images / "elsewhere.jpg", (7, 5))
    line = {"task": "t2", "key": "/params/attachment", "path": "elsewhere.jpg"}
    (images / "manifest.jsonl").write_text(json.dumps(line) + '\n{"task', "ascii")
    (images / "t3").mkdir()
    (images / "t3" / "3.jpg").write_bytes(b"no picture")
    tasks = [task(number=number) for number in range(5)]
    report = export.write_coco(tasks, tmp_path, images=images)
    found = json.loads((tmp_path / "annotations.json").read_bytes())["images"]
    assert [
        (each["file_name"], each.get("width"), each.get("height")) for each in found
    ] == [
        ("t0/0.jpg", 60, 40),
        ("1.jpg", 40, 60),
        ("elsewhere.jpg", 7, 5),
        ("t3/3.jpg", None, None),
        ("t4/4.jpg", None, None),
    ]
    for part in ("not in the folder", "cannot be read", "is not known (2 times)"):
        assert part in told(report)


@pytest.mark.parametrize(
    "sizes",
    [
        {"t0": (100, 80)},
        {"t0/0.jpg": [100, 80]},
        {"0.jpg": (100, 80)},
        {"https://example.com/cows/0.jpg?a=b": (100, 80)},
        ("metadata.width", "metadata.height"),
    ],
)
def test_sizes_from_a_mapping_or_from_the_task(sizes: Any, tmp_path: Path) -> None:
    document = task(BOX, metadata={"width": "100", "height": 80})
    (image,) = coco([document], tmp_path, sizes=sizes)["images"]
    assert (image["width"], image["height"]) == (100, 80)


@pytest.mark.parametrize(
    ("options", "error", "part"),
    [
        ({"classes": "cow"}, ScaleTypeError, "classes"),
        ({"classes": [1]}, ScaleTypeError, "classes"),
        ({"classes": ["a", "a"]}, ScaleValueError, "classes"),
        ({"sizes": 3}, ScaleTypeError, "sizes"),
        ({"images": "nowhere"}, ScaleValueError, "images"),
        ({"images": 3}, ScaleTypeError, "images"),
    ],
)
@pytest.mark.parametrize("write", [export.write_coco, export.write_yolo])
def test_wrong_arguments(
    write: Any, options: Any, error: Any, part: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=part):
        write([], tmp_path, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_malformed_file_of_classes_is_not_overwritten(tmp_path: Path) -> None:
    for content in ("[", '["a", "a"]', "{}"):
        (tmp_path / "classes.json").write_text(content, "ascii")
        with pytest.raises(ScaleException, match="classes.json"):
            export.write_coco([], tmp_path)
        assert (tmp_path / "classes.json").read_text("ascii") == content


def test_an_error_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    coco([task(BOX)], tmp_path)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    with pytest.raises(ScaleTypeError):
        export.write_coco([task(TRIANGLE), 3], tmp_path, sizes=SIZES)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def yolo(tasks: Any, folder: Path, **options: Any) -> List[List[float]]:
    export.write_yolo(tasks, folder, **{"sizes": SIZES, **options})
    lines = (folder / "labels" / "t0" / "0.txt").read_text("ascii").splitlines()
    return [list(map(float, line.split())) for line in lines]


def test_yolo_detects(tmp_path: Path) -> None:
    assert yolo([task(BOX, TRIANGLE), task(number=1)], tmp_path) == [
        [0, 0.25, 0.5, 0.3, 0.5],
        [1, 0.0225, 0.0125, 0.045, 0.025],
    ]
    assert (tmp_path / "labels" / "t1" / "1.txt").read_bytes() == b""
    assert (tmp_path / "data.yaml").read_text("ascii") == (
        'path: .\ntrain: images\nval: images\nnames:\n  0: "cow"\n  1: "calf"\n'
    )


def test_yolo_segments_and_turned_boxes(tmp_path: Path) -> None:
    assert yolo([task(TRIANGLE)], tmp_path, kind="segment") == [
        [1, 0, 0, 0.045, 0, 0, 0.025]
    ]
    turned = {**BOX, "rotation": math.pi / 2}
    (line,) = yolo([task(turned, TRIANGLE)], tmp_path, kind="obb")
    assert line == pytest.approx(
        [0, 0.45, 0.3125, 0.45, 0.6875, 0.05, 0.6875, 0.05, 0.3125]
    )


def test_yolo_cuts_at_the_edge_and_counts_it(tmp_path: Path) -> None:
    wide = {**BOX, "left": -10, "width": 60}
    outside = {**BOX, "left": 200}
    report = export.write_yolo([task(wide, outside)], tmp_path, sizes=SIZES)
    assert "cut at its edge (2 times)" in told(report)
    assert "covers nothing" in told(report)
    assert yolo([task(wide, outside)], tmp_path) == [[0, 0.25, 0.5, 0.5, 0.5]]


def test_yolo_leaves_out_pictures_without_a_size_or_a_name(tmp_path: Path) -> None:
    report = export.write_yolo([task(BOX), task(BOX)], tmp_path, sizes={})
    assert (report.tasks, (tmp_path / "labels").exists()) == (0, False)
    report = export.write_yolo([task(BOX), task(BOX)], tmp_path, sizes=SIZES)
    assert (report.tasks, "another picture" in told(report)) == (1, True)
    with pytest.raises(ScaleValueError, match="kind"):
        export.write_yolo([], tmp_path, kind="boxes")


def test_yolo_labels_that_differ_only_in_case_are_not_overwritten(
    tmp_path: Path,
) -> None:
    other = task(TRIANGLE, task_id="T0")
    report = export.write_yolo(
        [task(BOX), other], tmp_path, sizes={**SIZES, "T0": (100, 80)}
    )
    assert (report.tasks, "another picture" in told(report)) == (1, True)


unit = st.floats(-3, 4)


@given(st.lists(st.tuples(unit, unit), min_size=3, max_size=7))
def test_a_polygon_that_is_cut_is_in_the_square(corners: Any) -> None:
    for x, y in cut(corners):
        assert -1e-9 <= x <= 1 + 1e-9
        assert -1e-9 <= y <= 1 + 1e-9
    square = [(-3.0, -3.0), (4.0, -3.0), (4.0, 4.0), (-3.0, 4.0)]
    assert sorted(cut(square)) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_what_is_written_makes_the_same_prelabels(
    client: ScaleClient, tmp_path: Path
) -> None:
    client.create_project("cows", TaskType.ImageAnnotation)
    client.create_task(
        TaskType.ImageAnnotation,
        project="cows",
        attachment="https://example.com/1.png",
        geometries={"polygon": {"objects_to_annotate": ["cow"]}},
    )
    (done,) = client.get_tasks(project_name="cows")
    sizes = {done.id: (4000, 3000)}
    export.write_coco([done], tmp_path, sizes=sizes)
    found = prelabels.from_coco(
        os.fspath(tmp_path / "annotations.json"), geometry="polygon"
    )
    (hypothesis,) = found.values()
    assert [each["vertices"] for each in hypothesis["annotations"]] == [
        each["vertices"] for each in done.response["annotations"]
    ]
