"""Effects of forks and killed processes on a sandbox and its files."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Iterator, List

import pytest

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.store import temporary_folders

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX")

FORKS = """
import os, socket, sys
from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox

with Sandbox() as sandbox:
    url, path = sandbox.url, sandbox._running.database._path
    client = ScaleClient(sandbox.api_key, api_instance_url=url)
    client.create_project("before", "chat")
    for way in ("exit", "stop", "control", "own"):
        child = os.fork()
        if not child:
            ScaleClient(sandbox.api_key, api_instance_url=url).projects()
            if way == "stop":
                sandbox.stop()
            if way == "own":
                with Sandbox() as other:
                    ScaleClient("test_x", api_instance_url=other.url).projects()
            if way == "control":
                try:
                    sandbox.label()
                except RuntimeError as error:
                    sys.exit(7 if "over HTTP" in str(error) else 8)
            sys.exit(3)
        print(way, os.waitpid(child, 0)[1] >> 8)
        assert os.path.exists(path)
        client.create_project(way, "chat")
    child = os.fork()
    if not child:
        os.read(0, 1)  # lives on until the end
        os._exit(0)
address = url.split("/")[2].split(":")
assert not os.path.exists(path)
try:
    socket.create_connection((address[0], int(address[1])), 10)
except ConnectionRefusedError:
    print("closed")
"""

STARTS = """
import time
from scaleapi.sandbox import Sandbox
sandbox = Sandbox().start()
print(sandbox._running.database._folder.path, flush=True)
time.sleep(300)
"""


@posix
def test_a_forked_child_does_not_stop_the_sandbox_of_its_parent() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    ended = "exit 3, stop 3, control 7, own 3, closed"
    assert done.stdout.split() == ended.replace(",", "").split()
    assert done.stderr == ""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that only this test uses."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def processes() -> Iterator[List["subprocess.Popen[str]"]]:
    started: List["subprocess.Popen[str]"] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def start(processes: List["subprocess.Popen[str]"]) -> Path:
    """Start a process with a sandbox; return the folder of its database."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTS], stdout=subprocess.PIPE, text=True
    )
    processes.append(process)
    assert process.stdout is not None
    return Path(process.stdout.readline().strip())


@posix
def test_a_new_sandbox_removes_folders_of_killed_processes_and_none_in_use(
    place: Path, processes: List["subprocess.Popen[str]"]
) -> None:
    killed, alive = start(processes), start(processes)
    processes[0].kill()
    processes[0].wait()
    assert (killed / "sandbox.db").exists()
    with Sandbox() as own, Sandbox() as other:
        assert not killed.exists()
        assert (alive / "sandbox.db").exists()
        for sandbox in (own, other):
            client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
            assert client.projects() == []
    assert list(place.iterdir()) == [alive]


def left(place: Path, name: str = "scaleapi-sandbox-left") -> Path:
    """Create a folder as a killed process leaves it."""
    path = place / name
    path.mkdir(mode=0o700)
    (path / "in-use").write_bytes(temporary_folders._MARKER)
    (path / "sandbox.db").write_text("precious")
    return path


def test_a_folder_of_a_killed_process_is_removed(place: Path) -> None:
    path = left(place)
    for end in ("-wal", "-shm", "-journal"):  # all that SQLite keeps beside a file
        (path / f"sandbox.db{end}").touch()
    temporary_folders.remove_left_folders()
    assert list(place.iterdir()) == []


@posix
class TestFolderIsKept:
    """A folder that only resembles one of a killed process is kept."""

    @pytest.fixture(autouse=True)
    def all_is_still_there(self, place: Path) -> Iterator[None]:
        self.path = left(place)
        yield
        temporary_folders.remove_left_folders()
        assert any(f.read_text() == "precious" for f in place.glob("**/sandbox.db"))

    def test_if_other_users_can_open_it(self) -> None:
        self.path.chmod(0o755)

    def test_if_its_name_does_not_match(self, place: Path) -> None:
        self.path.rename(place / "sandbox-left")

    def test_if_it_is_a_symbolic_link(self, place: Path) -> None:
        self.path.rename(place / "victim")
        self.path.symlink_to(place / "victim")

    def test_if_it_has_no_marker(self) -> None:
        (self.path / "in-use").write_bytes(b"")

    def test_if_its_marker_is_too_long(self) -> None:
        (self.path / "in-use").write_bytes(temporary_folders._MARKER + b"x")

    def test_if_its_lock_is_a_symbolic_link(self, place: Path) -> None:
        (self.path / "in-use").rename(place / "marker")
        (self.path / "in-use").symlink_to(place / "marker")

    def test_if_its_lock_has_another_name(self, place: Path) -> None:
        os.link(str(self.path / "in-use"), str(place / "marker"))

    def test_if_its_lock_is_a_pipe(self) -> None:
        (self.path / "in-use").unlink()
        os.mkfifo(str(self.path / "in-use"))

    def test_if_it_belongs_to_another_user(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        temporary_folders.remove_left_folders()


@posix
def test_a_folder_that_is_replaced_by_a_link_during_removal_is_not_followed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, victim = left(place), left(place, "victim")
    is_left = temporary_folders._is_left

    def swap(lock: int) -> bool:
        path.rename(place / "moved")
        path.symlink_to(victim)
        return is_left(lock)

    monkeypatch.setattr(temporary_folders, "_is_left", swap)
    temporary_folders.remove_left_folders()
    assert sorted(p.name for p in victim.iterdir()) == ["in-use", "sandbox.db"]


@posix
def test_a_foreign_file_in_the_folder_is_kept(place: Path) -> None:
    (left(place) / "thesis.txt").write_text("precious")
    temporary_folders.remove_left_folders()
    assert [p.name for p in place.glob("*/*")] == ["thesis.txt"]


@posix
def test_a_kept_database_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    db = tmp_path / "state.db"
    old = os.umask(0)
    # SQLite keeps this file as long as the lock is held.
    (tmp_path / "state.db-lock-journal").touch(mode=0o644)
    try:
        for _ in range(2):
            with Sandbox(db=str(db)) as sandbox:
                ScaleClient("test_x", api_instance_url=sandbox.url).projects()
                files = list(tmp_path.iterdir())
                assert {f"state.db{end}" for end in ("", "-wal", "-shm", "-lock")} <= {
                    file.name for file in files
                }
                assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
            for file in tmp_path.iterdir():
                file.chmod(0o644)  # as earlier versions created them
    finally:
        os.umask(old)


def test_a_folder_without_locks_works_and_is_never_removed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError("no locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    kept = temporary_folders.TemporaryFolder()
    monkeypatch.undo()
    shutil.copytree(kept.path, str(place / "scaleapi-sandbox-copy"))
    (place / "scaleapi-sandbox-copy").chmod(0o700)
    kept.remove()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    temporary_folders.remove_left_folders()
    assert [p.name for p in place.iterdir()] == ["scaleapi-sandbox-copy"]
