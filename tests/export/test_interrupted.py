"""Exports that are interrupted, killed or run out of space, and go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Dict, List

import pytest

from scaleapi import ScaleClient, ScaleException, ScaleValueError
from scaleapi.export import fetching
from scaleapi.sandbox import Sandbox
from tests.export.test_export_tasks import PROJECT, documents, fill, small, walked
from tests.keys import new_key

__all__ = ["small"]

#: Runs an export in a process that may kill itself, or may not write large files.
SCRIPT = """
import json, os, resource, signal, sys
from scaleapi import ScaleClient, ScaleException
from scaleapi.export import calls, fetching

job = json.loads(sys.argv[1])
calls.WINDOW_TASKS, fetching.PAGE_TASKS = 12, 5
client = ScaleClient(job["key"], api_instance_url=job["url"])
replace, left = os.replace, job["kill"]

def deadly(source, target):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def export():
    options = job["options"]
    return client.export_tasks(job["path"], project_name="cows", **options)

os.replace = deadly
if job["size"]:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (job["size"], hard))
    try:
        export()
    except ScaleException as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
report = export()
print(report.tasks, report.resumed)
"""

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")


def run(
    client: ScaleClient, path: Path, **job: Any
) -> "subprocess.CompletedProcess[str]":
    whole: Dict[str, Any] = {
        "key": client.api.api_key,
        "url": client.api.base_api_url,
        "path": str(path),
        "kill": 0,
        "size": 0,
        "options": {},
        **job,
    }
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(whole)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )


@posix
@pytest.mark.parametrize("options", [{}, {"split_by": "batch"}])
def test_a_process_that_is_killed_over_and_over_gives_the_same(
    client: ScaleClient, tmp_path: Path, options: Dict[str, Any]
) -> None:
    fill(client, 30, ["one", "two"])
    path = tmp_path / "cows.jsonl"
    killed = 0
    while True:
        # Later each time, since the last steps are done anew each time.
        done = run(client, path, kill=4 + killed, options=options)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        killed += 1
        assert not path.exists() or documents(path)
    assert killed > 2
    resumed = int(done.stdout.split()[1])
    assert resumed > 0
    found = documents(path)
    assert sorted(found, key=str) == sorted(walked(client), key=str)
    if not options:
        assert found == walked(client)
    assert os.listdir(tmp_path) == ["cows.jsonl"]


@posix
def test_a_full_disk_is_an_error_that_loses_nothing(
    client: ScaleClient, tmp_path: Path
) -> None:
    fill(client, 40)
    path = tmp_path / "cows.jsonl"
    done = run(client, path, size=15_000)
    assert done.returncode == 0, done.stderr
    text, last = done.stdout.splitlines()
    assert text.startswith(f"{path} could not be written: ")
    assert f"What was fetched is kept in {path}.part" in text
    assert last == "40 40"
    assert documents(path) == walked(client)


def test_a_window_that_fails_leaves_the_others(
    client: ScaleClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(client, 40)
    path = tmp_path / "cows.jsonl"
    path.write_text("old")
    original = fetching.fetch_page
    left = 4

    def failing(*query: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise ScaleException("the network is gone")
        return original(*query)

    monkeypatch.setattr(fetching, "fetch_page", failing)
    with pytest.raises(ScaleException, match="the network is gone"):
        client.export_tasks(path, project_name=PROJECT, max_workers=1)
    assert path.read_text() == "old"
    monkeypatch.setattr(fetching, "fetch_page", original)
    report = client.export_tasks(path, project_name=PROJECT)
    assert 0 < report.resumed < 40
    assert "of them from an interrupted export" in str(report)
    assert documents(path) == walked(client)


@pytest.fixture
def unfinished(client: ScaleClient, tmp_path: Path) -> Path:
    """The path of an export that was interrupted after its first window.

    The worker may have fetched further windows before it noticed.
    """
    fill(client, 40)
    path = tmp_path / "cows.jsonl"

    def stop(_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.export_tasks(
            path, project_name=PROJECT, max_workers=1, progress=stop, status="completed"
        )
    return path


def test_other_arguments_are_refused_by_name(
    client: ScaleClient, sandbox: Sandbox, unfinished: Path
) -> None:
    other: List[Dict[str, Any]] = [
        {"status": "pending"},
        {"status": "completed", "batch_name": "week 9"},
        {"status": "completed", "created_after": "2022-01-01"},
        {"status": "completed", "split_by": "batch"},
        {"status": "completed", "include_attachment_url": True},
    ]
    for options in other:
        (name,) = {*options} - {"status"} or {"status"}
        with pytest.raises(ScaleValueError, match=f"arguments: {name} was .* and is"):
            client.export_tasks(unfinished, project_name=PROJECT, **options)
    stranger = ScaleClient(new_key("test"), api_instance_url=sandbox.url)
    with pytest.raises(ScaleValueError, match="API key") as caught:
        stranger.export_tasks(unfinished, project_name=PROJECT, status="completed")
    assert stranger.api.api_key not in str(caught.value)
    written = b"".join(
        file.read_bytes() for file in Path(f"{unfinished}.part").iterdir()
    )
    assert client.api.api_key.encode() not in written
    report = client.export_tasks(unfinished, project_name=PROJECT, status="completed")
    assert report.resumed > 0


def test_resume_false_begins_anew(client: ScaleClient, unfinished: Path) -> None:
    report = client.export_tasks(unfinished, project_name=PROJECT, resume=False)
    assert (report.tasks, report.resumed) == (40, 0)
    assert documents(unfinished) == walked(client)


def test_a_window_that_lost_its_content_is_fetched_again(
    client: ScaleClient, unfinished: Path
) -> None:
    file, *others = Path(f"{unfinished}.part").glob("*[0-9].jsonl")
    kept = sum(each.read_bytes().count(b"\n") for each in others)
    file.write_bytes(b"")
    report = client.export_tasks(unfinished, project_name=PROJECT, status="completed")
    assert (report.tasks, report.resumed) == (40, kept)
    assert documents(unfinished) == walked(client)


@pytest.mark.parametrize("resume", [True, False])
def test_two_threads_do_not_export_to_one_path(
    client: ScaleClient, tmp_path: Path, resume: bool
) -> None:
    fill(client, 40)
    (tmp_path / "same").symlink_to(tmp_path)
    errors: List[BaseException] = []

    def second(_: Any = None) -> None:
        thread = threading.Thread(target=export, args=(tmp_path / "same" / "a",))
        thread.start()
        thread.join(60)

    def export(path: Path) -> None:
        try:
            client.export_tasks(path, project_name=PROJECT, resume=resume)
        except ScaleValueError as error:
            errors.append(error)

    client.export_tasks(tmp_path / "a", project_name=PROJECT, progress=second)
    assert {str(error) for error in errors} == {
        f"path: another thread of this process is exporting to {tmp_path}/same/a"
    }
    assert documents(tmp_path / "a") == walked(client)
    # Who was refused has not freed the lock of the other one.
    export(tmp_path / "a")
    assert sorted(os.listdir(tmp_path)) == ["a", "same"]


def test_many_threads_export_to_one_path_one_after_another(
    client: ScaleClient, tmp_path: Path
) -> None:
    fill(client, 15)
    path, expected = tmp_path / "a", walked(client)
    texts = []

    def export() -> None:
        try:
            client.export_tasks(path, project_name=PROJECT, max_workers=1)
            texts.append("done")
        except ScaleValueError as error:
            texts.append(str(error))

    threads = [threading.Thread(target=export) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    refusal = f"path: another thread of this process is exporting to {path}"
    assert {*texts} <= {"done", refusal}
    assert "done" in texts and len(texts) == 8
    assert documents(path) == expected
    assert os.listdir(tmp_path) == ["a"]


@posix
def test_two_processes_do_not_export_to_one_path(
    client: ScaleClient, tmp_path: Path
) -> None:
    fill(client, 40)
    path = tmp_path / "cows.jsonl"
    outcomes = []

    def try_again(_: Any) -> None:
        if not outcomes:
            with pytest.raises(ScaleValueError, match="another thread"):
                client.export_tasks(path, project_name=PROJECT)
            outcomes.append(run(client, path))

    client.export_tasks(path, project_name=PROJECT, progress=try_again)
    assert "another process is exporting to" in outcomes[0].stderr
    assert documents(path) == walked(client)


def test_a_folder_that_cannot_be_written_is_not_locked(
    client: ScaleClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(client, 3)
    path = tmp_path / "a"

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        with pytest.raises(ScaleException, match="No space left on device"):
            client.export_tasks(path, project_name=PROJECT)
    assert client.export_tasks(path, project_name=PROJECT).tasks == 3
