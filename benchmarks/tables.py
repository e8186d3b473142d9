"""What writing tables and COCO costs: ``python benchmarks/tables.py``.

Writes tasks of four boxes and 2 KB, each run in a process of its own:

* as CSV and Parquet, with `scaleapi.export`, and by hand over the same columns;
* from a file as CSV and COCO, with `scaleapi.export`, and with the converter of
  label-studio-sdk, which reads the same boxes in the form that it knows.

It ends with 1 if ours takes more than the allowed part of the CPU.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List

# An isolated interpreter does not look beside the script.
sys.path.append(str(Path(__file__).resolve().parent))

import table_peers
from export_figures import Figure, write

#: What is compared, ours first; and how many times the CPU is allowed.
COMPARED = (
    ("CSV / csv.writer by hand", "table", "csv_by_hand", 1.25),
    ("CSV without orjson / the same", "table-plain", "csv_by_hand", 1.25),
    ("Parquet / pyarrow by hand", "parquet", "parquet_by_hand", 1.3),
    ("Parquet without orjson / the same", "parquet-plain", "parquet_by_hand", 1.3),
    ("CSV / label-studio-sdk", "table_of_file", "label_studio_csv", 1 / 3),
    ("COCO / label-studio-sdk", "coco_of_file", "label_studio_coco", 0.5),
)
LABEL_STUDIO = ("label-studio-sdk==2.1.2",)


def run_peer(text: str) -> None:
    """Do the work of one peer; print the seconds of CPU that it takes."""
    job: Dict[str, Any] = json.loads(text)
    name, _, plain = job["peer"].partition("-")
    if plain:
        sys.modules["orjson"] = None  # type: ignore[assignment]
    work = getattr(table_peers, name)
    folder = Path(job["folder"])
    # So that modules are loaded, and the first memory is there.
    work(folder, job["tasks"] // 20)
    start = time.process_time()
    work(folder, job["tasks"])
    print(time.process_time() - start)


def measure(pythons: Dict[str, str], folder: str, options: Any) -> List[Figure]:
    """Return the figures; print each when it is ready."""
    import environments

    def cpu(peer: str) -> float:
        job = {"peer": peer, "folder": folder, "tasks": options.tasks}
        kind = "theirs" if peer.startswith("label_studio") else "ours"
        return float(environments.output(pythons[kind], __file__, json.dumps(job)))

    figures = []
    for title, ours, other, limit in COMPARED:
        values = [cpu(ours) / cpu(other) for _ in range(options.repeats)]
        figures.append(Figure(f"CPU: {title}", values, limit, at_most=True))
        print(figures[-1], flush=True)
    return figures


def main() -> int:
    import environments

    parser = argparse.ArgumentParser(description="What writing tables costs.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help="renew the docs")
    options = parser.parse_args()
    needed = (*environments.OURS, "pyarrow")
    pythons = {
        "ours": environments.environment("tables", *needed, path=environments.ROOT),
        "theirs": environments.environment("label-studio", *LABEL_STUDIO),
    }
    with tempfile.TemporaryDirectory() as folder:
        for number in (options.tasks // 20, options.tasks):
            table_peers.make_files(Path(folder), number)
        figures = measure(pythons, folder, options)
    if options.write:
        write(figures)
    return int(not all(each.holds for each in figures))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1].startswith("{"):
        run_peer(sys.argv[1])
        raise SystemExit(0)
    raise SystemExit(main())
