"""The sandbox's file, and its connections to it."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import List

import pytest
import requests

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.store import Database
from scaleapi.sandbox.store.cache import ListCache

ENDS_WITHOUT_A_WORD = """
import sys
from scaleapi.sandbox import Sandbox
sandbox = Sandbox().start()
print(sandbox._running.database._folder.path)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_threads_that_end_leave_no_files_open(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "state.db"))

    def use() -> None:
        database.world_of("x")
        database.world(f"test_{threading.get_ident()}", live=False)

    def in_threads(number: int) -> int:
        for _ in range(number):
            threads = [threading.Thread(target=use) for _ in range(10)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return len(os.listdir("/proc/self/fd"))

    before = len(os.listdir("/proc/self/fd"))
    assert in_threads(20) <= before + 3 * 8
    database.close()
    assert len(os.listdir("/proc/self/fd")) <= before


def test_more_threads_than_connections_wait_for_each_other(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "state.db"))
    found: List[int] = []

    def use(number: int) -> None:
        for turn in range(5):
            found.append(database.world(f"test_{number}_{turn}", live=False).id)

    threads = [threading.Thread(target=use, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    database.close()
    assert len(set(found)) == 200


def test_a_transaction_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "state.db"))
    with pytest.raises(KeyError), database.writing() as connection:
        connection.execute(
            "INSERT INTO worlds (key_hash, key_hint, mode) VALUES ('a', 'b', 'test')"
        )
        raise KeyError
    assert database.worlds() == []
    database.close()


def test_the_temporary_file_is_gone_when_the_program_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDS_WITHOUT_A_WORD],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    folder = done.stdout.strip()
    assert "scaleapi-sandbox-" in folder
    assert not os.path.exists(folder)
    assert done.stderr == ""


def test_db_memory_creates_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Sandbox(db=":memory:") as sandbox:
        client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
        assert len(client.list_teammates()) == 1
    assert os.listdir(tmp_path) == []


def test_a_database_of_another_program_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(str(path))
    other.execute("CREATE TABLE cows (name)")
    other.close()
    with pytest.raises(OSError, match="another program"):
        Sandbox(db=str(path)).start()


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("test_a", "test_..."),
        ("live_sandbox", "live_sandbox"),  # is published, so it is no secret
        ("live_sandbix", "live_...x"),
        ("x|test", "...|test"),
        ("test_0123456789abcdef", "test_01...ef"),
    ],
)
def test_the_store_keeps_only_a_hint_of_a_key(
    tmp_path: Path, key: str, hint: str
) -> None:
    database = Database(str(tmp_path / "state.db"))
    database.world(key, live=False)
    with database.reading() as connection:
        (row,) = connection.execute("SELECT key_hint FROM worlds").fetchall()
    database.close()
    assert row["key_hint"] == hint


def test_a_count_is_cached_until_its_world_changes() -> None:
    lists = ListCache()
    early = lists.age()
    lists.put(1, "q", early, "one")
    lists.put(2, "q", early, "two")
    lists.forget([1])
    assert lists.get(1, "q") is None
    assert lists.get(2, "q") == "two"
    lists.put(1, "q", early, "found before the change")
    assert lists.get(1, "q") is None
    lists.put(1, "q", lists.age(), "found after it")
    assert lists.get(1, "q") == "found after it"


@pytest.mark.parametrize("place", ["none/state.db", ".", "notes.txt"])
def test_a_database_file_that_cannot_be_used_leaves_nothing_open(
    tmp_path: Path, place: str
) -> None:
    (tmp_path / "notes.txt").write_text("not a database " * 100)
    with pytest.raises(OSError, match="cannot keep the sandbox's state in"):
        Database(str(tmp_path / place))
    gc.collect()  # A file that was left open would cause a warning, which is an error.


def test_a_file_has_one_sandbox_at_a_time(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    first = Database(path)
    with pytest.raises(OSError, match="state.db: another sandbox is using it"):
        Database(path)
    if sys.platform != "win32":
        (tmp_path / "link.db").symlink_to(path)
        with pytest.raises(OSError, match="another sandbox is using it"):
            Database(str(tmp_path / "link.db"))
    script = (
        "import sys; from scaleapi.sandbox import Sandbox\n"
        "Sandbox(db=sys.argv[1]).start()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, path], stderr=subprocess.PIPE, text=True
    )
    assert "another sandbox is using it" in done.stderr
    assert done.returncode == 1
    first.close()
    Database(path).close()
    gc.collect()


def test_a_request_that_fills_the_disk_gets_a_500_that_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connect = Database._connect

    def on_a_small_disk(database: Database) -> sqlite3.Connection:
        connection = connect(database)
        connection.execute("PRAGMA max_page_count = 300")
        return connection

    monkeypatch.setattr(Database, "_connect", on_a_small_disk)
    with Sandbox() as sandbox:
        client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
        answer = requests.post(
            f"{sandbox.url}/files/upload",
            auth=(sandbox.api_key, ""),
            files={"file": ("cow.bin", bytes(4_000_000))},
            timeout=30,
        )
        assert answer.status_code == 500
        assert answer.json()["error"] == (
            "The sandbox cannot keep its state: database or disk is full"
        )
        assert len(client.list_teammates()) == 1
    assert "disk is full" in caplog.text
    caplog.clear()  # In other tests this error would be a failure.
