"""Create a task for each row of a CSV file, each exactly once.

    python examples/create_from_csv.py examples/data/cows.csv --project cows
    python examples/create_from_csv.py rows.csv --project cows --batch "week 9" --live

Each column is a parameter of the tasks, such as ``attachment``, ``instruction`` or
``unique_id``. A column ``metadata.NAME`` becomes an entry of the metadata. Cells with
JSON lists or objects are parsed; empty cells are left out.

The unique_id of each task is derived from its row. The script can therefore be run
again, after a crash or with rows added to the file: rows whose tasks exist are reported
as existing, and no task is created (and billed) twice.

The result of each row is written to a second CSV file. Without ``--live`` the script
uses a sandbox on this machine, which costs nothing.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import scaleapi


def payloads(path: Path, common: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    """Read the rows one by one, since the file may have millions of them."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file, strict=True):
            payload: Dict[str, Any] = dict(common)
            for column, cell in row.items():
                if column is None or cell is None:
                    raise ValueError(
                        f"a row has more or fewer cells than columns: {row}"
                    )
                if cell == "":
                    continue
                name, _, entry = column.partition(".")
                if name == "metadata" and entry:
                    payload.setdefault("metadata", {})[entry] = cell
                else:
                    payload[column] = parsed(cell)
            yield payload


def parsed(cell: str) -> Any:
    """Return a cell, parsed if it is a JSON list or object."""
    return json.loads(cell) if cell[0] in "[{" else cell


def create(client: scaleapi.ScaleClient, options: argparse.Namespace) -> int:
    """Create the tasks; return how many rows failed."""
    params = json.loads(options.params)
    client.get_or_create_project(options.project, options.type, params)
    common = {"project": options.project}
    if options.batch:
        client.get_or_create_batch(options.project, options.batch)
        common["batch"] = options.batch
    results = client.create_tasks(
        options.type,
        payloads(options.csv, common),
        unique_id="content",
        max_workers=options.workers,
        progress=options.progress,
    )
    out = options.out or options.csv.with_suffix(".results.csv")
    with out.open("w", newline="", encoding="utf-8") as file, results:
        writer = csv.writer(file)
        writer.writerow(["row", "status", "task_id", "unique_id", "error"])

        def write() -> None:
            for result in results:
                payload = result.payload if isinstance(result.payload, dict) else {}
                writer.writerow(
                    [
                        result.index + 1,
                        result.status,
                        result.task.id if result.task else "",
                        payload.get("unique_id", ""),
                        result.error or "",
                    ]
                )

        try:
            write()
        except KeyboardInterrupt:
            print("Stopped. Writing the results of calls in flight.", file=sys.stderr)
            results.close()
            write()
            raise
    counts = results.counts
    for status, number in sorted(counts.statuses.items()):
        print(f"{number:>8} {status}")
    print(f"The result of each row: {out}")
    return counts.failed


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("csv", type=Path, help="the file, with a line of column names")
    parser.add_argument("--project", required=True, help="created if it is new")
    parser.add_argument("--batch", help="created if it is new")
    parser.add_argument("--type", default="imageannotation", help="type of the tasks")
    parser.add_argument(
        "--params",
        default='{"instruction": "Draw a tight box around each cow.", '
        '"geometries": {"box": {"objects_to_annotate": ["cow"]}}}',
        help="parameters of a new project, as JSON",
    )
    parser.add_argument("--out", type=Path, help="file for the results, as CSV")
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--progress", action="store_true", help="needs tqdm")
    parser.add_argument(
        "--live",
        action="store_true",
        help="use the API with SCALE_API_KEY; a live key spends money",
    )
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        if options.live:
            if not os.environ.get("SCALE_API_KEY"):
                sys.exit("--live needs your key in the variable SCALE_API_KEY.")
            client = scaleapi.ScaleClient(source="create_from_csv")
        else:
            from scaleapi.sandbox import Sandbox

            sandbox = stack.enter_context(Sandbox())
            print("Using a sandbox on this machine, which costs nothing.")
            client = scaleapi.ScaleClient(
                sandbox.api_key,
                source="create_from_csv",
                api_instance_url=sandbox.url,
            )
        failed = create(stack.enter_context(client), options)
    if failed:
        sys.exit(f"{failed} rows failed. Fix them, and run the same command again.")


if __name__ == "__main__":
    main()
