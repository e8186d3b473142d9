"""How many requests for files are under way at the same time."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import List

import pytest

from tests.download.fileserver import LONG, Files, answer_to
from tests.faultserver import Answer, Cut, Event, Received


def test_the_next_file_is_requested_while_others_are_written_to_the_disk(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [f"/{number}.bin" for number in range(3)]
    files.contents.update(dict.fromkeys(paths, b"x" * 5000))
    third = threading.Event()

    def answer(request: Received) -> Answer:
        if len(files.server.received) == 3:
            third.set()
        return answer_to(request, b"x" * 5000)

    files.server.play(answer)
    in_time: List[bool] = []
    monkeypatch.setattr(os, "fsync", lambda _: in_time.append(third.wait(20)))
    task = files.task_with(*paths)
    results = list(files.client.download_files([task], tmp_path, max_workers=2))
    assert [each.status for each in results] == ["downloaded"] * 3
    assert in_time == [True] * 3


def test_there_are_never_more_requests_than_allowed(
    files: Files, tmp_path: Path
) -> None:
    third = threading.Event()
    in_time: List[bool] = []

    def answer(request: Received) -> Answer:
        if len(files.server.received) == 3:
            third.set()
        elif len(files.server.received) < 3:
            in_time.append(third.wait(0.2))
        return answer_to(request, b"x")

    files.server.play(answer)
    task = files.task_with(*[f"/{number}.bin" for number in range(6)])
    results = list(files.client.download_files([task], tmp_path, max_workers=2))
    assert [each.status for each in results] == ["downloaded"] * 6
    assert in_time == [False, False]


@pytest.mark.parametrize(
    "failure",
    [
        Answer(404, "<Error><Code>NoSuchKey</Code></Error>"),
        Answer(302, "", {"Location": "ftp://elsewhere/x"}),
        Answer(200, LONG, {"Content-Encoding": "gzip"}),
        Answer(206, LONG),
        Cut(Answer(200, LONG), 100_000),
    ],
    ids=["absent", "redirected", "compressed", "part", "cut"],
)
def test_requests_that_fail_make_room_for_others(
    files: Files, tmp_path: Path, failure: Event
) -> None:
    paths = [f"/{number}.bin" for number in range(6)]
    files.events.update({path: [failure] * 9 for path in paths})
    files.contents["/good.bin"] = LONG
    task = files.task_with(*paths, "/good.bin")
    results = list(files.client.download_files([task], tmp_path, max_workers=2))
    assert [each.status for each in results] == ["failed"] * 6 + ["downloaded"]
