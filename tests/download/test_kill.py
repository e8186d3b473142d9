"""A program that is killed at any moment, and a second run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Dict, Set

import pytest

from tests.download.fileserver import LONG, Files
from tests.download.test_download_files import files_in, manifest_of

PNG = b"\x89PNG\r\n\x1a\n and more"

#: Downloads in one child after another, each of which kills itself one step later,
#: until a child comes to its end; prints the number of those that did not. The steps
#: are: opening, renaming and removing files of the folder, and what is written into
#: them. The children are not forked by the tests, whose threads may hold locks.
SCRIPT = """
import json, os, signal, sys
from scaleapi import ScaleClient, Task
from scaleapi.download import fetch

job = json.loads(sys.argv[1])
client = ScaleClient("live_secret_key", api_instance_url=job["url"])
task = Task(job["task"], client)

def download(step):
    folder = os.path.join(job["folder"], str(step))
    left = step

    def count(*_):
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event, arguments):
        on_files = event in ("open", "os.rename", "os.remove", "os.truncate")
        if on_files and folder in str(arguments[0]):
            count()

    sys.addaudithook(watch)
    fsync = os.fsync
    os.fsync = lambda fd: (count(), fsync(fd), count())[0]
    fetch.pause = lambda seconds: count() is None
    for result in client.download_files([task], folder, max_workers=1):
        assert result.status == "downloaded", result

step = 0
while True:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            download(step)
            status = 0
        finally:
            os._exit(status)
    ended = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(ended):
        break
    assert os.WTERMSIG(ended) == signal.SIGKILL, ended
    step += 1
assert ended == 0, ended
print(step)
"""


def download(files: Files, folder: Path) -> Set[str]:
    task = files.task_with("/long.bin", "/short", "/empty.txt")
    results = files.client.download_files([task], folder, max_workers=1)
    return {each.status for each in results}


def killed_at_each_step(files: Files, folder: Path) -> int:
    """Download in children that kill themselves; return how many did."""
    task = files.task_with("/long.bin", "/short", "/empty.txt").as_dict()
    job = {"url": files.server.url, "task": task, "folder": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(job)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_after_a_kill_at_any_step_a_second_run_gives_the_same_files(
    files: Files, tmp_path: Path
) -> None:
    files.contents.update({"/long.bin": LONG, "/short": PNG, "/empty.txt": b""})
    assert download(files, tmp_path / "once") == {"downloaded"}
    expected: Dict[str, bytes] = files_in(tmp_path / "once")
    assert set(expected) == {"t/long.bin", "t/short.png", "t/empty.txt"}
    assert expected["t/short.png"] == PNG
    listed = manifest_of(tmp_path / "once")
    steps = killed_at_each_step(files, tmp_path)
    assert steps >= 25
    for step in range(steps):
        folder = tmp_path / str(step)
        assert download(files, folder) <= {"downloaded", "existing"}
        assert files_in(folder) == expected
        assert manifest_of(folder) == listed
