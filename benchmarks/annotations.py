"""What reading annotations costs: ``python benchmarks/annotations.py``.

Reads 100,000 tasks of four boxes from JSON lines, and the label and the left edge of
each box: with `scaleapi.annotations`, and with a loop over the decoded dicts. It ends
with 1 if the first takes more than 1.5 times the CPU of the second.
"""

from __future__ import annotations

import json
import statistics
import time
from typing import Any, Callable, Dict, List, Tuple

from scaleapi.annotations import parse

TASKS = 100_000
REPEATS = 7
LIMIT = 1.5


def task(number: int) -> Dict[str, Any]:
    """Return the document of a task with four boxes."""
    boxes = [
        {
            "uuid": f"0d7e5a3c-1b2f-4c6d-9e80-{number:010}{each:02}",
            "type": "box",
            "label": "cow",
            "left": 12.25 + each,
            "top": 30,
            "width": 140.0,
            "height": 90.5,
            "attributes": {"moving": "no"},
        }
        for each in range(4)
    ]
    geometry = {"objects_to_annotate": ["calf", "cow"], "min_height": 10}
    return {
        "task_id": f"{number:024x}",
        "created_at": "2022-03-01T08:05:00.250Z",
        "updated_at": "2022-03-01T08:35:00.250Z",
        "completed_at": "2022-03-01T08:35:00.250Z",
        "type": "imageannotation",
        "status": "completed",
        "instruction": "Draw a box around each cow.",
        "is_test": False,
        "project": "cows",
        "batch": "cows-2022-03",
        "unique_id": f"cow-{number:06}",
        "metadata": {},
        "params": {
            "attachment_type": "image",
            "attachment": f"https://example.com/cows/{number}.jpg",
            "geometries": {"box": geometry},
        },
        "response": {"annotations": boxes},
    }


def dicts(lines: List[str]) -> Tuple[int, float]:
    """Return the number of labels and the sum of the left edges, from the dicts."""
    labels, left = 0, 0.0
    for line in lines:
        for box in json.loads(line)["response"]["annotations"]:
            labels += bool(box["label"])
            left += box["left"]
    return labels, left


def boxes(lines: List[str]) -> Tuple[int, float]:
    """Return the same, from the boxes of `scaleapi.annotations`."""
    labels, left = 0, 0.0
    for line in lines:
        for box in parse(json.loads(line)).boxes:
            labels += bool(box.label)
            left += box.left
    return labels, left


def cpu(read: Callable[[List[str]], Any], lines: List[str]) -> float:
    """Return the CPU seconds that reading takes."""
    start = time.process_time()
    read(lines)
    return time.process_time() - start


def main() -> int:
    lines = [json.dumps(task(number)) for number in range(TASKS)]
    assert dicts(lines[:100]) == boxes(lines[:100])
    ratios = []
    for _ in range(REPEATS):
        base = cpu(dicts, lines)
        ratios.append(cpu(boxes, lines) / base)
        print(f"{ratios[-1]:.2f} times the CPU of the dicts ({base:.2f} s)", flush=True)
    median = statistics.median(ratios)
    print(f"median {median:.2f}, at most {LIMIT}")
    return int(median > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
