"""`write_masks`: a label has the same value in the masks of all tasks."""

from __future__ import annotations

import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any, Dict, List

import pytest
from PIL import Image

from scaleapi import ScaleClient, ScaleException, TaskType, export
from scaleapi.exceptions import ScaleTypeError, ScaleValueError

SKY = {"index": 1}
PEOPLE = [{"index": 2}, {"index": 3}]


def task(name: str, **mapping: Any) -> Dict[str, Any]:
    return {
        "task_id": name,
        "params": {"labels": ["sky", {"choice": "person", "instance_label": True}]},
        "response": {"labelMapping": mapping, "annotations": {"combined": {}}},
    }


def downloads(folder: Path, **pictures: Image.Image) -> Path:
    """Fill a folder as a download does: ``name__key`` -> picture."""
    folder.mkdir()
    with (folder / "manifest.jsonl").open("w", encoding="ascii") as manifest:
        for each, picture in pictures.items():
            name, _, key = each.partition("__")
            key = key or "indexedImage"
            picture.save(folder / f"{each}.png")
            pointer = f"/response/annotations/combined/{key}"
            line = {"task": name, "key": pointer, "path": f"{each}.png"}
            manifest.write(json.dumps(line) + "\n")
    return folder


def picture(*indices: int) -> Image.Image:
    return Image.frombytes("L", (len(indices), 1), bytes(indices))


def pixels(folder: Path, name: str) -> List[int]:
    with Image.open(folder / "masks" / f"{name}.png") as mask:
        return [mask.getpixel((x, 0)) for x in range(mask.width)]  # type: ignore[misc]


def told(report: export.ExportReport) -> str:
    return "\n".join(map(str, report.problems))


def test_each_task_is_mapped_through_its_own_indices(tmp_path: Path) -> None:
    images = downloads(
        tmp_path / "in", one=picture(0, 1, 2, 3), two=picture(0, 1, 2, 3)
    )
    tasks = [
        task("one", sky=SKY, person=PEOPLE),
        task("two", person=[{"index": 1}, {"index": 3}], sky={"index": 2}),
    ]
    report = export.write_masks(iter(tasks), tmp_path / "out", images=images)
    assert (report.tasks, report.problems) == (2, ())
    assert pixels(tmp_path / "out", "one") == [0, 1, 2, 2]
    assert pixels(tmp_path / "out", "two") == [0, 2, 1, 2]
    names = json.loads((tmp_path / "out" / "classes.json").read_bytes())
    assert names == ["sky", "person"]


def test_a_second_task_with_the_same_id_does_not_overwrite_the_mask(
    tmp_path: Path,
) -> None:
    images = downloads(tmp_path / "in", one=picture(1), ONE=picture(2))
    tasks = [task("one", sky=SKY), task("ONE", sky={"index": 2}), task("one", sky=SKY)]
    report = export.write_masks(tasks, tmp_path / "out", images=images)
    assert (report.tasks, "another mask" in told(report)) == (1, True)
    assert pixels(tmp_path / "out", "one") == [1]


@pytest.mark.parametrize("kind", ["semantic", "instance"])
def test_a_large_picture_takes_a_few_bytes_for_each_pixel(
    kind: str, tmp_path: Path
) -> None:
    large = Image.frombytes("L", (1000, 400), bytes(range(4)) * 100_000)
    images = downloads(tmp_path / "in", one=large)
    tracemalloc.start()
    try:
        export.write_masks(
            [task("one", sky=SKY, person=PEOPLE)],
            tmp_path / "out",
            images=images,
            kind=kind,
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 7 * 400_000


def test_instances(tmp_path: Path) -> None:
    images = downloads(tmp_path / "in", one=picture(0, 1, 2, 3))
    tasks = [task("one", sky=SKY, person=PEOPLE)]
    export.write_masks(tasks, tmp_path / "out", images=images, kind="instance")
    assert pixels(tmp_path / "out", "one") == [0, 1, 2000, 2001]


def test_more_than_255_indices(tmp_path: Path) -> None:
    extended = Image.new("RGBA", (3, 1))
    for x, index in enumerate((0, 300, 70)):
        extended.putpixel((x, 0), (index % 256, index // 256, 0, 255))
    images = downloads(
        tmp_path / "in", one__extendedIndexedImage=extended, one=picture(0, 44, 70)
    )
    people = [{"index": 300}, {"index": 70}]
    export.write_masks([task("one", person=people)], tmp_path / "out", images=images)
    assert pixels(tmp_path / "out", "one") == [0, 2, 2]


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    color = Image.new("RGBA", (1, 1), (0, 0, 9, 255))
    images = downloads(
        tmp_path / "in",
        one=picture(0, 1, 2, 9),
        two__extendedIndexedImage=color,
        three=Image.new("LA", (1, 1)),
    )
    (images / "four.png").write_bytes(b"no picture")
    tasks = [
        task("one", sky=SKY, person={"index": 2}, dog={"index": "x"}),
        task("two", sky={"index": 300}),
        task("three", sky=SKY),
        task("four", sky=SKY),
        task("five"),
    ]
    report = export.write_masks(tasks, tmp_path / "out", images=images, classes=["sky"])
    assert report.tasks == 1
    assert pixels(tmp_path / "out", "one") == [0, 1, 0, 0]
    for part in ("'person'", "[2, 9]", "65,535", "mode is LA", "left out (4 times)"):
        assert part in told(report)


def test_instances_that_do_not_fit_are_counted(tmp_path: Path) -> None:
    images = downloads(tmp_path / "in", one=picture(1))
    classes = [f"c{number}" for number in range(65)] + ["person"]
    people = [{"index": 1}]
    report = export.write_masks(
        [task("one", person=people, c0={"index": 2})],
        tmp_path / "out",
        images=images,
        kind="instance",
        classes=classes,
    )
    assert "16 bits" in told(report)
    assert pixels(tmp_path / "out", "one") == [0]


def test_wrong_arguments(tmp_path: Path) -> None:
    with pytest.raises(ScaleValueError, match="kind"):
        export.write_masks([], tmp_path, images=tmp_path, kind="panoptic")
    with pytest.raises(ScaleValueError, match="images"):
        export.write_masks([], tmp_path, images=tmp_path / "nowhere")
    with pytest.raises(ScaleTypeError, match="images"):
        export.write_masks([], tmp_path, images=None)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_pillow_is_named_if_it_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(ScaleException, match=r"scaleapi\[images\]"):
        export.write_masks([], tmp_path, images=tmp_path)


def test_masks_of_what_was_downloaded(client: ScaleClient, tmp_path: Path) -> None:
    client.create_project("street", TaskType.SegmentAnnotation)
    client.create_task(
        TaskType.SegmentAnnotation,
        project="street",
        attachment="https://example.com/1.png",
        labels=["sky", {"choice": "person", "instance_label": True}],
    )
    tasks = list(client.get_tasks(project_name="street"))
    downloaded = client.download_files(tasks, tmp_path / "in", what=["results"])
    assert all(result.error is None for result in downloaded)
    report = export.write_masks(tasks, tmp_path / "out", images=tmp_path / "in")
    assert (report.tasks, report.problems) == (1, ())
    with Image.open(tmp_path / "out" / "masks" / f"{tasks[0].id}.png") as mask:
        assert {color for _, color in mask.getcolors()} <= {0, 1, 2}  # type: ignore
