"""A program that is killed at any moment, and a second run."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any, Dict, Set

import pytest

from tests.download.fileserver import LONG, Files
from tests.download.test_download_files import files_in, manifest_of

PNG = b"\x89PNG\r\n\x1a\n and more"


def download(files: Files, folder: Path) -> Set[str]:
    task = files.task_with("/long.bin", "/short", "/empty.txt")
    results = files.client.download_files([task], folder, max_workers=1)
    return {each.status for each in results}


def killed_at(step: int, files: Files, folder: Path) -> bool:
    """Download in a child that kills itself; return whether it came that far.

    The steps are: opening, renaming and removing files of the folder, and what is
    written into them.
    """
    with warnings.catch_warnings():
        # The parent has threads, of which the child uses nothing.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    left = step

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event: str, arguments: Any) -> None:
        on_files = event in ("open", "os.rename", "os.remove", "os.truncate")
        if on_files and str(folder) in str(arguments[0]):
            count()

    try:
        sys.addaudithook(watch)
        fsync = os.fsync
        os.fsync = lambda fd: (count(), fsync(fd), count())[0]  # type: ignore[assignment,func-returns-value]
        from scaleapi.download import fetch

        fetch.pause = lambda seconds: count() is None  # type: ignore[assignment]
        download(files, folder)
    finally:
        os._exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_after_a_kill_at_any_step_a_second_run_gives_the_same_files(
    files: Files, tmp_path: Path
) -> None:
    files.contents.update({"/long.bin": LONG, "/short": PNG, "/empty.txt": b""})
    assert download(files, tmp_path / "once") == {"downloaded"}
    expected: Dict[str, bytes] = files_in(tmp_path / "once")
    assert expected["t/short.png"] == PNG
    listed = manifest_of(tmp_path / "once")
    step = 0
    while killed_at(step, files, tmp_path / str(step)):
        folder = tmp_path / str(step)
        assert download(files, folder) <= {"downloaded", "existing"}
        assert files_in(folder) == expected
        assert manifest_of(folder) == listed
        step += 1
    assert step >= 25
