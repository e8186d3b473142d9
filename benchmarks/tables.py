"""What writing tables costs: ``python benchmarks/tables.py``.

Writes 100,000 tasks of four boxes and 2 KB as CSV, with `scaleapi.export` and with a
``csv.writer`` loop over the same columns; and as Parquet, with `scaleapi.export` and
with pyarrow by hand, in batches. It ends with 1 if ours takes more than the allowed
multiple of the CPU.
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
import tempfile
import time
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

from annotations import task

from scaleapi import export

TASKS = 100_000
REPEATS = 5
#: What is written -> how many times the CPU of the loop by hand is allowed.
LIMITS = {"CSV": 1.25, "Parquet": 1.3}

TEXTS = [
    *("task_id", "type", "status", "project", "batch", "unique_id", "created_at"),
    *("updated_at", "completed_at", "instruction", "is_test", "urgency", "priority"),
    *("customer_review_status", "callback_url", "callback_succeeded"),
    "callback_succeeded_at",
]
NESTED = ["tags", "metadata", "params", "response", "audits", "prior_responses"]
BOOLEANS = {"is_test", "callback_succeeded"}
TIMES = {"created_at", "updated_at", "completed_at", "callback_succeeded_at"}


def tasks(number: int) -> Iterator[Dict[str, Any]]:
    """Yield tasks of 2 KB each; a few of them stand for all."""
    some = [
        {**task(each), "metadata": {"row": each, "note": "x" * 600}}
        for each in range(1000)
    ]
    for each in range(number):
        yield some[each % 1000]


def csv_by_hand(path: Path, number: int) -> None:
    dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*TEXTS, *NESTED])
        for each in tasks(number):
            row = [each.get(key) for key in TEXTS]
            for key in NESTED:
                value = each.get(key)
                row.append(None if value is None else dumps(value))
            writer.writerow(row)


def csv_of_ours(path: Path, number: int) -> None:
    export.write_csv(tasks(number), path)


def parquet_by_hand(path: Path, number: int) -> None:
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
    with pq.ParquetWriter(str(path), schema) as writer:
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


def parquet_of_ours(path: Path, number: int) -> None:
    export.write_parquet(tasks(number), path)


WORKS: Dict[str, List[Callable[[Path, int], None]]] = {
    "CSV": [csv_by_hand, csv_of_ours],
    "Parquet": [parquet_by_hand, parquet_of_ours],
}


def cpu(work: Callable[[Path, int], None], path: Path, number: int) -> float:
    """Return the seconds of CPU that a piece of work takes."""
    start = time.process_time()
    work(path, number)
    return time.process_time() - start


def main() -> int:
    too_slow = False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tasks"
        for name, (by_hand, ours) in WORKS.items():
            seconds: Dict[Any, List[float]] = {by_hand: [], ours: []}
            for work in (by_hand, ours):
                cpu(work, path, TASKS // 20)  # imports, and the first memory
            for _ in range(REPEATS):
                for work in (by_hand, ours):
                    seconds[work].append(cpu(work, path, TASKS))
            pairs = zip(seconds[ours], seconds[by_hand])
            ratio = statistics.median(one / two for one, two in pairs)
            too_slow |= ratio > LIMITS[name]
            medians = [statistics.median(each) for each in seconds.values()]
            print(
                f"{name}, {TASKS:,} tasks: by hand {medians[0]:.2f} s, "
                f"scaleapi.export {medians[1]:.2f} s, {ratio:.2f} times; "
                f"allowed {LIMITS[name]}"
            )
    return int(too_slow)


if __name__ == "__main__":
    sys.exit(main())
