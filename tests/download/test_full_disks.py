"""Disks that are full, or nearly so: nothing that is cut becomes a file."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from scaleapi import ScaleException
from tests.download.fileserver import LONG, Files
from tests.download.test_faulty_servers import download, left_in


def test_a_disk_that_is_full_is_a_failure_of_ours(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.contents["/f.bin"] = b"x"

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    result = download(files, tmp_path)
    assert "cannot write 't/f.bin': No space left on device" in str(result.error)
    assert isinstance(result.error, ScaleException)
    assert left_in(tmp_path) == {}


class Short(io.FileIO):
    """A file that takes 1000 bytes at most, as one on a disk that is nearly full."""

    def write(self, data: Any) -> int:
        return super().write(memoryview(data)[:1000])


class Full(io.FileIO):
    """A file that takes 20 bytes, and no more."""

    def write(self, data: Any) -> int:
        if self.seek(0, os.SEEK_END) >= 20:
            raise OSError(28, "No space left on device")
        return super().write(memoryview(data)[:20])


def opened_as(file_class: type, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_file(path: str, mode: str = "r", **options: Any) -> Any:
        if "buffering" in options:
            return file_class(path, mode)
        return open(path, mode, **options)

    monkeypatch.setattr(f"scaleapi.download.{module}.open", open_file, raising=False)


def test_a_disk_that_takes_less_than_it_is_given_gets_the_rest(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.contents["/f.bin"] = LONG[:3500]
    opened_as(Short, "fetch", monkeypatch)
    opened_as(Short, "manifest", monkeypatch)
    result = download(files, tmp_path)
    assert (result.status, result.size) == ("downloaded", 3500)
    assert (tmp_path / "t" / "f.bin").read_bytes() == LONG[:3500]


def test_a_file_for_which_there_is_no_room_is_not_there(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.contents["/f.bin"] = LONG
    with monkeypatch.context() as patch:
        opened_as(Full, "fetch", patch)
        result = download(files, tmp_path)
    assert "cannot write 't/f.bin': No space left on device" in str(result.error)
    assert left_in(tmp_path) == {}
    assert download(files, tmp_path).size == len(LONG)


def test_a_line_of_the_manifest_is_there_as_a_whole_or_not_at_all(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.contents["/f.bin"] = b"x"
    with monkeypatch.context() as patch:
        opened_as(Full, "manifest", patch)
        result = download(files, tmp_path)
    assert isinstance(result.error, ScaleException)
    assert "manifest.jsonl': No space left on device" in str(result.error)
    assert (tmp_path / "manifest.jsonl").read_bytes() == b""
    assert download(files, tmp_path).status == "existing"
