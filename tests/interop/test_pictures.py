"""Foreign readers read COCO and YOLO. Run by ``tox -e interop``."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Dict, List

import pytest
from PIL import Image

from scaleapi import export

BOX = {"type": "box", "label": "cow", "left": 10, "top": 20, "width": 30, "height": 40}
TRIANGLE = {
    "type": "polygon",
    "label": "calf",
    "vertices": [{"x": 4, "y": 4}, {"x": 44, "y": 4}, {"x": 4, "y": 24}],
}


def tasks() -> List[Dict[str, Any]]:
    return [
        {
            "task_id": f"t{number}",
            "params": {
                "attachment": f"https://example.com/cows/{number}.png",
                "objects_to_annotate": ["cow", "calf"],
            },
            "response": {"annotations": shapes},
        }
        for number, shapes in enumerate(
            [[BOX, TRIANGLE], [{**BOX, "rotation": math.pi / 2}], []]
        )
    ]


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for number in range(3):
        path = tmp_path / "images" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (100, 80)).save(path)
    return tmp_path / "images"


# pycocotools converts arrays in a way that NumPy 2 warns of.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_pycocotools(images: Path, tmp_path: Path) -> None:
    coco_module = pytest.importorskip("pycocotools.coco")
    export.write_coco(tasks(), tmp_path, images=images)
    coco = coco_module.COCO(str(tmp_path / "annotations.json"))
    assert coco.getImgIds() == [1, 2, 3]
    assert [each["name"] for each in coco.loadCats(coco.getCatIds())] == ["cow", "calf"]
    annotations = coco.loadAnns(coco.getAnnIds())
    areas = [int(coco.annToMask(each).sum()) for each in annotations]
    assert areas == pytest.approx([each["area"] for each in annotations], rel=0.06)
    found = coco.loadRes([{**each, "score": 1.0} for each in annotations])
    assert len(found.anns) == 3


def test_supervision_reads_coco(images: Path, tmp_path: Path) -> None:
    supervision = pytest.importorskip("supervision")
    export.write_coco(tasks(), tmp_path, images=images)
    dataset = supervision.DetectionDataset.from_coco(
        str(images), str(tmp_path / "annotations.json")
    )
    assert dataset.classes == ["cow", "calf"]
    (first,) = [each for path, _, each in dataset if path.endswith("0.png")]
    assert first.xyxy.tolist() == [[10, 20, 40, 60], [4, 4, 44, 24]]


@pytest.mark.parametrize("kind", ["detect", "segment", "obb"])
def test_supervision_reads_yolo(kind: str, images: Path, tmp_path: Path) -> None:
    supervision = pytest.importorskip("supervision")
    export.write_yolo(tasks(), tmp_path, kind=kind, images=images)
    dataset = supervision.DetectionDataset.from_yolo(
        str(images),
        str(tmp_path / "labels"),
        str(tmp_path / "data.yaml"),
        is_obb=kind == "obb",
    )
    assert dataset.classes == ["cow", "calf"]
    (second,) = [each for path, _, each in dataset if path.endswith("1.png")]
    assert second.xyxy.tolist()[0] == pytest.approx([5, 25, 45, 55], abs=1)


def test_the_file_is_json_that_any_reader_takes(images: Path, tmp_path: Path) -> None:
    export.write_coco(tasks(), tmp_path, images=images)
    found = json.loads((tmp_path / "annotations.json").read_bytes())
    assert {each["file_name"] for each in found["images"]} == {
        each.name for each in images.iterdir()
    }
