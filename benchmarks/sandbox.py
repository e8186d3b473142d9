"""Load test of the sandbox: ``python benchmarks/sandbox.py``.

It fills a database with a million tasks of one project, serves it in a process of
its own, and works with it as clients would. It needs ``scaleapi[sandbox]``.
"""

from __future__ import annotations

import argparse
import base64
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import requests

from scaleapi import ScaleClient
from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.store import Database, Store

START = 1_646_121_900_000
KEY = "live_load"
#: Minimum rate of creations a second, including the CPU of the client.
CREATIONS = 500
STATUSES = ("pending", "completed", "completed", "canceled")

#: Filters of the pages, and the maximum time of the first answer in milliseconds.
QUERIES: Dict[str, Tuple[str, int]] = {
    "project": ("project=p", 300),
    "everything": ("", 300),
    "batch": ("project=p&batch=b8", 300),
    "status": ("project=p&status=completed", 300),
    "rare status": ("project=p&status=error", 300),
    "type": ("project=p&type=imageannotation", 300),
    "other type": ("project=p&type=chat", 300),
    "review": ("project=p&customer_review_status=accepted", 300),
    "review pending": ("project=p&customer_review_status=pending", 300),
    "created": (f"project=p&start_time={to_text(START + 10**8)}", 300),
    "updated": (f"project=p&updated_after={to_text(START + 5 * 10**8)}", 300),
    "completed": (f"project=p&completed_before={to_text(START + 5 * 10**8)}", 300),
    "batch, status, updated": (
        f"project=p&batch=big&status=completed&updated_after={to_text(START)}",
        300,
    ),
    "one unique id": ("project=p&unique_id=u5000", 300),
    "common tag": ("project=p&tags=common", 600),
    "some tag": ("project=p&tags=t7", 600),
    "rare tag": ("project=p&tags=rare", 600),
    "two tags": ("project=p&tags=common&tags=t7", 600),
    "tag, status": ("project=p&tags=common&status=canceled", 600),
}


def task(number: int) -> Dict[str, Any]:
    """Return the document of one task."""
    status = "error" if number % 100_000 == 7 else STATUSES[number % 4]
    moment = to_text(START + number * 997)
    tags = ["common", f"t{number % 50}"] + (["rare"] if number % 50_000 == 0 else [])
    document: Dict[str, Any] = {
        "task_id": f"{number:024x}",
        "created_at": moment,
        "updated_at": moment,
        "type": "imageannotation",
        "status": status,
        "instruction": "Draw a box around each cow.",
        "project": "p",
        "batch": "big" if number % 2 else f"b{number % 1000}",
        "unique_id": f"u{number}",
        "tags": tags,
        "metadata": {"number": number},
        "params": {
            "attachment": f"https://example.com/cows/{number}.jpg",
            "geometries": {"box": {"objects_to_annotate": ["cow", "calf"]}},
        },
    }
    if status == "completed":
        document["completed_at"] = moment
        box = {"type": "box", "label": "cow", "left": 1, "top": 2, "width": 3}
        document["response"] = {"annotations": [{**box, "uuid": f"{number:032x}"}]}
        if number % 3 == 0:
            document["customer_review_status"] = "accepted"
    return document


def fill(path: str, number: int) -> None:
    """Insert tasks into a database."""
    database = Database(path)
    world = database.world(KEY, live=True)
    with database.writing() as connection:
        store = Store(connection, world)
        store.projects.add(
            {
                "name": "p",
                "type": "imageannotation",
                "projectType": "standard",
                "created_at": to_text(START),
                "param_history": [],
                "archived": False,
            }
        )
        for each in range(number):
            store.tasks.add(task(each))
    database.close()


def timed(act: Callable[[], Any]) -> Tuple[float, Any]:
    """Return the milliseconds that something takes, and its result."""
    begun = time.perf_counter()
    result = act()
    return (time.perf_counter() - begun) * 1000, result


def last_token() -> str:
    """Return the token of the page with the oldest hundred tasks."""
    place = f"{START + 100 * 997}.{101}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def measure_pages(url: str) -> bool:
    """Ask each page first once, then often; print, and return whether all is well."""
    session = requests.Session()
    session.auth = (KEY, "")
    good = True
    print(f"{'filter':24}{'page':>7}{'total':>10}{'first':>9}{'median':>9}  ms")
    for name, (query, limit) in QUERIES.items():
        for page, token in (
            ("first", ""),
            ("last", f"&next_token={last_token()}"),
        ):

            def ask(query: str = query, token: str = token) -> Any:
                return session.get(f"{url}/tasks?{query}{token}", timeout=60)

            first, answer = timed(ask)
            often = statistics.median(timed(ask)[0] for _ in range(15))
            found = answer.json()["total"]
            ok = first < limit and often < 50
            good = good and ok
            mark = "" if ok else "  TOO SLOW"
            print(f"{name:24}{page:>7}{found:>10}{first:>9.1f}{often:>9.1f}{mark}")
    return good


def at_once(number: int, work: Callable[[int], None]) -> None:
    """Do work in threads, with the number of each; raise what the first raises."""
    with ThreadPoolExecutor(number) as pool:
        for _ in pool.map(work, range(number)):
            pass


def measure_creations(url: str, seconds: float, clients: int, kind: str) -> bool:
    """Create tasks with some clients at once; print how many a second."""
    counts: List[int] = []
    body = dict(task(0)["params"])
    run = uuid.uuid4().hex
    end = time.perf_counter() + seconds

    def create(number: int) -> None:
        made = 0
        with ScaleClient(f"{kind}_creations", api_instance_url=url) as client:
            while time.perf_counter() < end:
                client.create_task(
                    "imageannotation",
                    **body,
                    unique_id=f"{run}-{number}-{made}",
                    metadata={"made": made},
                )
                made += 1
        counts.append(made)

    at_once(clients, create)
    rate = sum(counts) / seconds
    mark = "" if rate >= CREATIONS else "  TOO SLOW"
    print(f"{rate:.0f} creations/s, {kind} key, {clients} clients{mark}")
    return not mark


def measure_crowd(url: str, clients: int, each: int) -> bool:
    """Create, list and cancel with many clients; print whether all is there."""
    key = f"live_{uuid.uuid4().hex}"
    body = {**task(0)["params"], "project": "crowd"}
    watcher = ScaleClient(key, api_instance_url=url)
    watcher.create_project("crowd", "imageannotation")

    def work(number: int) -> None:
        # Without retries, which would hide errors of the sandbox.
        with ScaleClient(key, api_instance_url=url, max_retries=0) as client:
            for count in range(each):
                made = client.create_task(
                    "imageannotation", **body, unique_id=f"{number}-{count}"
                )
                if count % 2:
                    made.cancel()
                client.tasks(project="crowd", limit=5)

    at_once(clients, work)
    statuses = Counter(one.status for one in watcher.get_tasks("crowd"))
    good = statuses == {"pending": clients * each / 2, "canceled": clients * each / 2}
    print(f"{clients} clients at once: {dict(statuses)}{'' if good else '  WRONG'}")
    return good


def main() -> int:
    """Fill, serve, measure; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--db", help="a file to fill, or one that was filled before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.db or str(Path(folder, "load.db"))
        if not Path(path).exists():
            taken, _ = timed(lambda: fill(path, options.tasks))
            print(f"filled {options.tasks} tasks in {taken / 1000:.0f} s")
        print(f"{Path(path).stat().st_size / 1e6:.0f} MB")
        command = [sys.executable, "-m", "scaleapi.sandbox", "--quiet", "--port", "0"]
        with subprocess.Popen(
            [*command, "--db", path], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            match = re.search(r"http://\S+", process.stdout.readline())
            assert match is not None
            url = match.group()
            try:
                results = [measure_pages(url)]
                for kind in ("live", "test"):
                    for clients in (1, 8):
                        results.append(measure_creations(url, 5.0, clients, kind))
                results.append(measure_crowd(url, clients=64, each=20))
                status = Path(f"/proc/{process.pid}/status")
                if status.exists():
                    print(re.findall(r"VmHWM:.*", status.read_text())[0])
            finally:
                process.terminate()
    print("all targets reached" if all(results) else "some targets missed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
