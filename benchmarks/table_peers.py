"""The pieces of work that ``tables.py`` compares, each in a process of its own."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Dict, Iterator, List

TEXTS = [
    *("task_id", "type", "status", "project", "batch", "unique_id", "created_at"),
    *("updated_at", "completed_at", "instruction", "is_test", "urgency", "priority"),
    *("customer_review_status", "callback_url", "callback_succeeded"),
    "callback_succeeded_at",
]
NESTED = ["tags", "metadata", "params", "response", "audits", "prior_responses"]
BOOLEANS = {"is_test", "callback_succeeded"}
TIMES = {"created_at", "updated_at", "completed_at", "callback_succeeded_at"}
WIDTH, HEIGHT = 1920, 1080


def document(number: int) -> Dict[str, Any]:
    """Return a task of four boxes and 2 KB."""
    from annotations import task  # needs our package, which not every peer has

    size = {"width": WIDTH, "height": HEIGHT}
    return {**task(number), "metadata": {"row": number, "note": "x" * 600, **size}}


def tasks(number: int) -> Iterator[Dict[str, Any]]:
    """Yield tasks; a few of them stand for all."""
    some = [document(each) for each in range(1000)]
    for each in range(number):
        yield some[each % 1000]


def csv_by_hand(folder: Path, number: int) -> None:
    dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    path = folder / "tasks.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*TEXTS, *NESTED])
        for each in tasks(number):
            row = [each.get(key) for key in TEXTS]
            for key in NESTED:
                value = each.get(key)
                row.append(None if value is None else dumps(value))
            writer.writerow(row)


def parquet_by_hand(folder: Path, number: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def kind(key: str) -> Any:
        if key in TIMES:
            return pa.timestamp("us", tz="UTC")
        if key in BOOLEANS:
            return pa.bool_()
        return pa.int64() if key == "priority" else pa.string()

    def moment(text: Any) -> Any:
        return text and datetime.fromisoformat(text.replace("Z", "+00:00"))

    dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    schema = pa.schema([(key, kind(key)) for key in (*TEXTS, *NESTED)])
    source = tasks(number)
    with pq.ParquetWriter(str(folder / "tasks.parquet"), schema) as writer:
        while True:
            batch = list(islice(source, 10_000))
            if not batch:
                return
            columns: Dict[str, List[Any]] = {}
            for key in TEXTS:
                values = [each.get(key) for each in batch]
                columns[key] = list(map(moment, values)) if key in TIMES else values
            for key in NESTED:
                columns[key] = [
                    None if each.get(key) is None else dumps(each[key])
                    for each in batch
                ]
            writer.write_table(pa.table(columns, schema=schema))


def parquet(folder: Path, number: int) -> None:
    from scaleapi import export

    export.write_parquet(tasks(number), folder / "tasks.parquet")


def table(folder: Path, number: int) -> None:
    from scaleapi import export

    export.write_csv(tasks(number), folder / "tasks.csv")


def table_of_file(folder: Path, number: int) -> None:
    from scaleapi import export

    found = export.read_tasks(folder / f"{number}.jsonl")
    export.write_csv(found, folder / "tasks.csv")


def coco_of_file(folder: Path, number: int) -> None:
    from scaleapi import export

    found = export.read_tasks(folder / f"{number}.jsonl")
    sizes = ("metadata.width", "metadata.height")
    export.write_coco(found, folder / "coco", sizes=sizes)


def label_studio_csv(folder: Path, number: int) -> None:
    source, target = str(folder / f"{number}.json"), str(folder / "studio.csv")
    _converter(folder).convert_to_csv(source, target, is_dir=False, sep=",")


def label_studio_coco(folder: Path, number: int) -> None:
    source, target = str(folder / f"{number}.json"), str(folder / "studio")
    _converter(folder).convert_to_coco(source, target, is_dir=False)


def _converter(folder: Path) -> Any:
    from label_studio_sdk.converter import Converter

    labels = '<Label value="calf"/><Label value="cow"/>'
    config = (
        '<View><Image name="image" value="$image"/>'
        f'<RectangleLabels name="label" toName="image">{labels}</RectangleLabels>'
        "</View>"
    )
    return Converter(config, str(folder), download_resources=False)


def make_files(folder: Path, number: int) -> None:
    """Write the same tasks as lines for us, and as an array for Label Studio."""
    lines, array = folder / f"{number}.jsonl", folder / f"{number}.json"
    with lines.open("w") as ours, array.open("w") as theirs:
        for each in range(number):
            task = document(each)
            ours.write(json.dumps(task) + "\n")
            theirs.write((",\n" if each else "[") + json.dumps(_studio(each, task)))
        theirs.write("]")


def _studio(number: int, task: Dict[str, Any]) -> Dict[str, Any]:
    times = {key: task[key] for key in ("created_at", "updated_at")}
    result = [
        {
            "id": box["uuid"],
            "type": "rectanglelabels",
            "from_name": "label",
            "to_name": "image",
            "origin": "manual",
            "original_width": WIDTH,
            "original_height": HEIGHT,
            "image_rotation": 0,
            "value": {
                "x": box["left"] / WIDTH * 100,
                "y": box["top"] / HEIGHT * 100,
                "width": box["width"] / WIDTH * 100,
                "height": box["height"] / HEIGHT * 100,
                "rotation": 0,
                "rectanglelabels": [box["label"]],
            },
        }
        for box in task["response"]["annotations"]
    ]
    annotation = {"id": number, "completed_by": 1, "was_cancelled": False, **times}
    metadata = {key: task["metadata"][key] for key in ("row", "note")}
    return {
        "id": number,
        **times,
        "data": {"image": task["params"]["attachment"], **metadata},
        "annotations": [{**annotation, "lead_time": 12.5, "result": result}],
    }
