"""A hundred thousand tasks, walked page by page."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Dict, Iterator

import pytest

from scaleapi import ScaleClient
from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.store import Database, Store
from tests.sandbox.test_main import read_until_ready, start

NUMBER = 100_000
START = 1_646_121_900_000
#: How much memory may grow between a tenth of the iteration and its end.
GROWTH = 8 << 20


def fill(path: Path) -> None:
    """Fill a database with copies of one task, which takes a fifth of the time."""
    database = Database(str(path))
    world = database.world("test_many", live=False)
    first_id, first_moment = f"{0:024x}", to_text(START)
    with database.writing() as connection:
        Store(connection, world).tasks.add(
            {
                "task_id": first_id,
                "created_at": first_moment,
                "updated_at": first_moment,
                "type": "textcollection",
                "status": "pending",
                "project": "p",
                "metadata": {},
                "params": {"attachments": [], "text": "x" * 200},
            }
        )
        first = dict(connection.execute("SELECT * FROM tasks").fetchone())
        del first["seq"]

        def copies() -> Iterator[Dict[str, Any]]:
            for number in range(1, NUMBER):
                task_id = f"{number:024x}"
                timestamp_ms = START + number // 3  # some tasks share a millisecond
                document = first["document"].replace(first_id, task_id)
                yield {
                    **first,
                    "task_id": task_id,
                    "created_at": timestamp_ms,
                    "updated_at": timestamp_ms,
                    "document": document.replace(first_moment, to_text(timestamp_ms)),
                }

        connection.executemany(
            f"INSERT INTO tasks ({', '.join(first)}) VALUES (:{', :'.join(first)})",
            copies(),
        )
    database.close()


def resident(process: "int | str") -> int:
    status = Path(f"/proc/{process}/status").read_text("ascii")
    match = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert match is not None
    return int(match.group(1)) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_get_tasks_over_100000_tasks_needs_constant_memory(
    tmp_path: Path,
) -> None:
    db = tmp_path / "many.db"
    fill(db)
    with start("--port", "0", "--db", str(db), "--quiet") as process:
        try:
            url = re.search(r"http://\S+/v1", "".join(read_until_ready(process)))
            assert url is not None
            client = ScaleClient("test_many", api_instance_url=url.group())

            def numbers() -> Iterator[int]:
                for task in client.get_tasks("p", limit=100):
                    yield int(task.id, 16)

            early = (0, 0)
            for place, number in enumerate(numbers(), 1):
                assert number == NUMBER - place
                if place == NUMBER // 10:
                    early = (resident("self"), resident(process.pid))
            assert place == NUMBER
            late = (resident("self"), resident(process.pid))
            assert late[0] - early[0] < GROWTH
            assert late[1] - early[1] < GROWTH
            print(f"client {early[0]} -> {late[0]}, server {early[1]} -> {late[1]}")
        finally:
            process.terminate()
