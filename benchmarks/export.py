"""What an export costs: ``python benchmarks/export.py``.

Writes tasks of 2 KB with four boxes to a file, each run in a process of its own:

urllib3
    a loop of urllib3 and orjson that writes lines
walk
    a loop of `get_tasks` that writes lines
official
    the same with the official client and ``json``
export
    `export_tasks` with 8 workers
pool
    the same with an executor of two processes, which have been started before

It ends with 1 if a target is missed. ``--large`` also exports 1,000,000 tasks.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Dict, List

# An isolated interpreter does not look beside the script.
sys.path.append(str(Path(__file__).resolve().parent))

from export_figures import Figure, write
from peer import KEY, Bare, Client, Meter

WORKERS = 8


def urllib3(job: Any) -> Callable[[], None]:
    import orjson

    peer = Bare(job.url, job.trusted, 1, fast=True)

    def work() -> None:
        with open(job.path, "wb") as file:
            for page in peer.pages(job.project):
                for task in page:
                    file.write(orjson.dumps(task, option=orjson.OPT_APPEND_NEWLINE))

    return work


def walk(job: Any) -> Callable[[], None]:
    import orjson

    peer = Client(job.url, job.trusted, 1, fast=True)

    def work() -> None:
        with open(job.path, "wb") as file:
            for task in peer.tasks(job.project):
                file.write(orjson.dumps(task.as_dict()) + b"\n")

    return work


def official(job: Any) -> Callable[[], None]:
    peer = Client(job.url, job.trusted, 1, fast=False)

    def work() -> None:
        with open(job.path, "w") as file:
            for task in peer.tasks(job.project):
                file.write(json.dumps(task.as_dict()) + "\n")

    return work


def export(job: Any) -> Callable[[], None]:
    from scaleapi import ScaleClient

    client = ScaleClient(KEY, api_instance_url=job.url, verify=job.trusted)

    def work() -> None:
        client.export_tasks(job.path, project_name=job.project, max_workers=WORKERS)

    return work


def pool(job: Any) -> Callable[[], None]:
    from scaleapi import ScaleClient

    client = ScaleClient(KEY, api_instance_url=job.url, verify=job.trusted)

    executor = ProcessPoolExecutor(2)
    # Started before, as those of a program that exports more than one project. Each
    # call takes so long that both processes are needed.
    list(executor.map(time.sleep, [0.2, 0.2]))

    def work() -> None:
        client.export_tasks(job.path, project_name=job.project, executor=executor)

    return work


PEERS = {each.__name__: each for each in (urllib3, walk, official, export, pool)}


def run_peer(text: str) -> None:
    """Do the work of one peer; print its figures."""
    job = SimpleNamespace(**json.loads(text))
    job.path = os.path.join(job.folder, "tasks.jsonl")
    project, job.project = job.project, "dated-300"
    work = PEERS[job.peer](job)
    # So that modules are loaded and connections are open.
    work()
    job.project = project
    meter = Meter()
    meter.start()
    work()
    meter.stop()
    with open(job.path, "rb") as file:
        lines = sum(1 for _ in file)
    print(json.dumps({"tasks": lines, **meter.figures}))


class Runs:
    """Starts the runs against a server."""

    def __init__(self, pythons: Dict[str, str], server: Any, folder: str) -> None:
        self._pythons, self._server, self._folder = pythons, server, folder

    def run(self, peer: str, tasks: int) -> Dict[str, float]:
        """Return the figures of one run, per task."""
        from environments import output

        job = {
            "peer": peer,
            "project": f"dated-{tasks}",
            "url": self._server.url,
            "trusted": str(self._server.trusted),
            "folder": self._folder,
        }
        python = self._pythons["official" if peer == "official" else "ours"]
        figures = json.loads(output(python, __file__, json.dumps(job)))
        assert figures["tasks"] == tasks, (peer, figures)
        return {
            "cpu": figures["cpu"] / tasks,
            "wall": figures["wall"] / tasks,
            "mib": figures["peak_kib"] / 1024,
        }


def compare(title: str, values: List[float], limit: float, *, at_most: bool) -> Figure:
    """Print a figure, and return it."""
    figure = Figure(f"export_tasks: {title}", values, limit, at_most)
    print(figure, flush=True)
    return figure


def measure(runs: Callable[[int], Runs], options: Any) -> List[Figure]:
    """Print all figures, and return them."""
    near, far = runs(0), runs(20)
    cpu, mib, far_cpu = [], [], []
    for _ in range(options.repeats):
        bare = near.run("urllib3", 100_000)
        ours = near.run("export", 100_000)
        cpu.append(ours["cpu"] / bare["cpu"])
        mib.append(ours["mib"])
    figures = [
        compare("CPU / urllib3 and orjson, no round trip", cpu, 1.35, at_most=True),
        compare("MiB more, 100,000 tasks", mib, 16, at_most=True),
    ]
    if options.large:
        large = [near.run("export", 1_000_000)["mib"]]
        figures.append(compare("MiB more, 1,000,000 tasks", large, 16, at_most=True))
    ratios: Dict[str, List[float]] = {"walk": [], "official": [], "pool": []}
    for _ in range(options.repeats):
        ours = far.run("export", 50_000)
        bare = far.run("urllib3", 10_000)
        far_cpu.append(ours["cpu"] / bare["cpu"])
        export = ours["wall"]
        walk = far.run("walk", 10_000)["wall"]
        ratios["walk"].append(walk / export)
        ratios["official"].append(far.run("official", 2_000)["wall"] / export)
        ratios["pool"].append(walk / far.run("pool", 50_000)["wall"])
    figures.append(
        compare("CPU / urllib3 and orjson, 20 ms", far_cpu, 1.35, at_most=True)
    )
    for name, title, limit in (
        ("walk", "times as fast as the walk, 20 ms", 4.0),
        ("official", "times as fast as the official client, 20 ms", 15.0),
        ("pool", "two processes: times as fast as the walk, 20 ms", 6.0),
    ):
        figures.append(compare(title, ratios[name], limit, at_most=False))
    return figures


def main() -> int:
    import environments
    from measure import Server

    parser = argparse.ArgumentParser(description="What an export costs.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="1,000,000 tasks, too")
    parser.add_argument("--write", action="store_true", help="renew the docs")
    options = parser.parse_args()
    pythons = {
        "ours": environments.environment(
            "ours", *environments.OURS, path=environments.ROOT
        ),
        "official": environments.environment("official", *environments.OFFICIAL),
    }
    roots = environments.output(
        pythons["ours"], "-c", "import certifi; print(certifi.contents())"
    )
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        servers = {trip: Server(trip, Path(folder), roots) for trip in (0, 20)}
        figures = measure(lambda trip: Runs(pythons, servers[trip], folder), options)
        for server in servers.values():
            server.close()
        print(f"measured for {(time.monotonic() - start) / 60:.1f} minutes")
    if options.write:
        write(figures)
    return int(not all(each.holds for each in figures))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1].startswith("{"):
        run_peer(sys.argv[1])
        raise SystemExit(0)
    raise SystemExit(main())
