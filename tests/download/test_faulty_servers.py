"""Servers that cut, change, delay or lie: a file is whole, or it is not there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest

from scaleapi import ScaleException
from scaleapi.download import DownloadResult
from tests.download.fileserver import LONG, Files, answer_to, etag_of
from tests.faultserver import (
    Answer,
    Cut,
    Event,
    Hangup,
    Received,
    Reset,
    Stall,
    Truncated,
)

HALF = 600_000
CHANGED = bytes(reversed(LONG))


def download(files: Files, folder: Path) -> DownloadResult:
    (result,) = files.client.download_files([files.task_with("/f.bin")], folder)
    return result


def left_in(folder: Path) -> Dict[str, int]:
    return {
        path.name: path.stat().st_size
        for path in (folder / "t").iterdir()
        if path.is_file()
    }


def part(content: bytes, sidecar: Any, folder: Path) -> None:
    """Leave behind what an interrupted run has left."""
    (folder / "t").mkdir(parents=True)
    (folder / "t" / "f.bin.part").write_bytes(content)
    if sidecar is not None:
        (folder / "t" / "f.bin.part.json").write_text(sidecar)


def note(content: bytes) -> str:
    return json.dumps({"etag": etag_of(content), "size": len(content)})


def partial(first: int, last: int, size: int, body: bytes, **headers: str) -> Answer:
    given = {"ETag": etag_of(LONG), **headers}
    given["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Answer(206, body, given)


def cut(after: int) -> Callable[[Received], Event]:
    return lambda request: Cut(answer_to(request, LONG), after)


REST = LONG[HALF:]
LAST = len(LONG) - 1

#: Name of a case -> the events before the server does as it ought to.
PASSING: Dict[str, List[Event]] = {
    "refused for a time": [Answer(503, "", {"Retry-After": "0"}), Answer(429)],
    "failed for a time": [Answer(500), Answer(502)],
    "reset before an answer": [Reset()],
    "closed without an answer": [Hangup()],
    "closed after half of the headers": [Truncated()],
    "cut before the first byte": [cut(0)],
    "cut in the middle": [cut(HALF)],
    "cut before the last byte": [cut(LAST)],
    "cut again and again": [cut(HALF), cut(100), cut(200)],
    "cut, then changed": [
        Cut(Answer(200, CHANGED, {"ETag": etag_of(CHANGED)}), HALF),
    ],
    "cut, then a whole answer to the range": [cut(HALF), Answer(200, LONG)],
    "cut, then a part that begins elsewhere": [
        cut(HALF),
        partial(HALF - 5, LAST, len(LONG), LONG[HALF - 5 :]),
    ],
    "cut, then a part without its range": [
        cut(HALF),
        Answer(206, REST, {"ETag": etag_of(LONG)}),
    ],
    "cut, then a part of another file": [
        cut(HALF),
        partial(HALF, LAST, len(LONG), CHANGED[HALF:], ETag=etag_of(CHANGED)),
    ],
    "cut, then a part of a longer file": [
        cut(HALF),
        partial(HALF, LAST + 9, len(LONG) + 9, REST + bytes(9)),
    ],
    "cut, then a part that is too short": [
        cut(HALF),
        partial(HALF, LAST, len(LONG), REST[:-9]),
    ],
    "cut, then there is no such range": [
        cut(HALF),
        Answer(416, "", {"Content-Range": f"bytes */{HALF}"}),
    ],
    "cut, then no range and no size": [cut(HALF), Answer(416)],
}


@pytest.mark.parametrize("case", PASSING)
def test_the_file_is_whole_after(case: str, files: Files, tmp_path: Path) -> None:
    files.contents["/f.bin"] = LONG
    files.events["/f.bin"] = list(PASSING[case])
    result = download(files, tmp_path)
    assert result.status == "downloaded", result.error
    assert (tmp_path / "t" / "f.bin").read_bytes() == LONG
    assert left_in(tmp_path) == {"f.bin": len(LONG)}
    assert {request.method for request in files.targets("/f.bin")} == {"GET"}


#: Name of a case -> what the server always does, and the text of the error.
FAILING: Dict[str, Any] = {
    "always cut": (Cut(Answer(200, LONG), 1000), "broke off"),
    "not there": (Answer(404, "<Error><Code>NoSuchKey</Code></Error>"), "404"),
    "refused": (Answer(403, "<Error><Code>AccessDenied</Code></Error>"), "403"),
    "a part that nobody asked for": (partial(0, 4, 10, b"01234"), "answered with 206"),
    "no end": (
        Answer(200, b"abc", {"Transfer-Encoding": "identity"}, close=True),
        "where the file ends",
    ),
    "chunks without an end": (
        Answer(200, b"3\r\nabc\r\n", {"Transfer-Encoding": "chunked"}, close=True),
        "broke off",
    ),
    "compressed": (Answer(200, b"abc", {"Content-Encoding": "gzip"}), "compressed"),
    "fewer bytes than announced": (
        Answer(200, b"abc", {"Content-Length": "5"}, close=True),
        "2 bytes are missing|broke off",
    ),
    "a redirect in a circle": (Answer(302, "", {"Location": "/f.bin"}), "redirects"),
}


@pytest.mark.parametrize("case", FAILING)
def test_nothing_is_there_after(case: str, files: Files, tmp_path: Path) -> None:
    event, text = FAILING[case]
    files.events["/f.bin"] = [event] * 20
    result = download(files, tmp_path)
    assert result.status == "failed"
    assert isinstance(result.error, ScaleException)
    assert re.search(text, result.error.message), result.error
    assert "f.bin" not in left_in(tmp_path)


def test_a_404_is_not_repeated(files: Files, tmp_path: Path) -> None:
    assert download(files, tmp_path).error.code == 404  # type: ignore[union-attr]
    assert len(files.targets("/f.bin")) == 1


def test_a_second_403_fails(files: Files, tmp_path: Path) -> None:
    files.events["/f.bin"] = [Answer(403)] * 9
    files.events["/g.bin"] = [Answer(403)] * 9
    task = files.task_with("/f.bin", "/g.bin")
    results = files.client.download_files([task], tmp_path, max_workers=1)
    assert [each.error.code for each in results] == [403, 403]  # type: ignore[union-attr]
    targets = [each.target for each in files.server.received]
    # The second file is asked for at its renewed address, and once.
    assert targets == ["/f.bin", "/v1/task/t", "/f.bin", "/g.bin"]


def test_an_address_that_says_that_it_has_expired_is_not_asked(
    files: Files, tmp_path: Path
) -> None:
    files.contents["/f.bin"] = b"x"
    old = files.task_with("/f.bin?Expires=1", "/g.bin?Expires=1")
    files.contents["/g.bin"] = b"y"
    files.task_with("/f.bin?Expires=9999999999", "/g.bin?Expires=9999999999")
    results = list(files.client.download_files([old], tmp_path))
    assert [each.status for each in results] == ["downloaded"] * 2
    assert [each.target for each in files.server.received].count("/v1/task/t") == 1
    assert len(files.server.received) == 3


def test_a_clock_that_is_ahead_costs_one_request(files: Files, tmp_path: Path) -> None:
    paths = [f"/{number}.bin" for number in range(6)]
    files.contents.update(dict.fromkeys(paths, b"x"))
    task = files.task_with(*(f"{path}?Expires=1" for path in paths))
    results = files.client.download_files([task], tmp_path)
    assert {each.status for each in results} == {"downloaded"}
    assert [each.target for each in files.server.received].count("/v1/task/t") == 1


def test_an_address_that_expires_while_a_file_comes_is_renewed(
    files: Files, tmp_path: Path
) -> None:
    files.contents["/f.bin"] = LONG
    files.events["/f.bin"] = [cut(HALF), Answer(403)]
    assert download(files, tmp_path).status == "downloaded"
    assert (tmp_path / "t" / "f.bin").read_bytes() == LONG
    last = files.targets("/f.bin")[-1]
    assert last.headers["range"] == f"bytes={HALF}-"


@pytest.mark.parametrize(
    ("content", "sidecar", "range_", "if_range"),
    [
        (LONG[:HALF], note(LONG), f"bytes={HALF}-", etag_of(LONG)),
        (LONG, note(LONG), f"bytes={len(LONG)}-", etag_of(LONG)),
        (CHANGED[:HALF], note(CHANGED), f"bytes={HALF}-", etag_of(CHANGED)),
        (LONG[:HALF], None, None, None),
        (LONG[:HALF], "", None, None),
        (LONG[:HALF], note(LONG)[:-5], None, None),
        (LONG[:HALF], '{"etag": 5}', None, None),
        (LONG[:HALF], '{"etag": "\\"a\\"", "size": Infinity}', None, None),
        (LONG[:HALF], '{"etag": "\\"a\\nb\\"", "size": 1100000}', None, None),
        (LONG[:HALF], '{"etag": "\\"\\u20ac\\"", "size": 1100000}', None, None),
        (LONG[:HALF], "[" * 100_000, None, None),
        (LONG + b"x", note(LONG), None, None),
        (b"", note(LONG), None, None),
    ],
)
def test_what_an_interrupted_run_has_left_is_continued_if_it_can_be(
    files: Files,
    tmp_path: Path,
    content: bytes,
    sidecar: Any,
    range_: Any,
    if_range: Any,
) -> None:
    files.contents["/f.bin"] = LONG
    part(content, sidecar, tmp_path)
    assert download(files, tmp_path).status == "downloaded"
    assert (tmp_path / "t" / "f.bin").read_bytes() == LONG
    assert left_in(tmp_path) == {"f.bin": len(LONG)}
    (request,) = files.targets("/f.bin")
    assert request.headers.get("range") == range_
    assert request.headers.get("if-range") == if_range
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("etag", ['W/"weak"', "", '"\xe9"', '"no end'])
def test_a_file_without_a_strong_tag_is_not_continued(
    files: Files, tmp_path: Path, etag: str
) -> None:
    files.contents["/f.bin"] = LONG
    headers = {"ETag": etag} if etag else {}
    files.events["/f.bin"] = [Cut(Answer(200, LONG, headers), HALF)]
    assert download(files, tmp_path).status == "downloaded"
    assert "range" not in files.targets("/f.bin")[1].headers


@pytest.mark.parametrize("sidecar", [None, note(LONG)])
def test_a_part_that_is_a_link_does_not_lead_to_another_file(
    files: Files, tmp_path: Path, sidecar: Any
) -> None:
    files.contents["/f.bin"] = LONG
    part(b"", sidecar, tmp_path / "in")
    own = tmp_path / "own"
    own.write_bytes(LONG[:HALF])
    link = tmp_path / "in" / "t" / "f.bin.part"
    link.unlink()
    link.symlink_to(own)
    assert download(files, tmp_path / "in").status == "downloaded"
    assert own.read_bytes() == LONG[:HALF]
    assert not (tmp_path / "in" / "t" / "f.bin").is_symlink()


def test_a_short_file_has_no_sidecar_and_is_not_continued(
    files: Files, tmp_path: Path
) -> None:
    content = bytes(500_000)
    files.contents["/f.bin"] = content

    def answer(request: Received) -> Event:
        return Cut(answer_to(request, content), 400_000)

    files.events["/f.bin"] = [answer] * 4
    assert download(files, tmp_path).status == "failed"
    assert list(left_in(tmp_path)) == ["f.bin.part"]
    assert not any("range" in each.headers for each in files.targets("/f.bin"))


def test_a_server_that_stalls_ends_with_the_read_timeout(
    files: Files, tmp_path: Path
) -> None:
    files.contents["/f.bin"] = LONG
    files.events["/f.bin"] = [Stall()]
    files.client.api._timeout = (5, 0.2)
    assert download(files, tmp_path).status == "downloaded"
    assert len(files.targets("/f.bin")) == 2


def test_chunks_are_a_whole_file_too(files: Files, tmp_path: Path) -> None:
    body = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    files.events["/f.bin"] = [Answer(200, body, {"Transfer-Encoding": "chunked"})]
    assert download(files, tmp_path).status == "downloaded"
    assert (tmp_path / "t" / "f.bin").read_bytes() == b"abcde"


def test_an_empty_file_is_a_file(files: Files, tmp_path: Path) -> None:
    files.contents["/f.bin"] = b""
    result = download(files, tmp_path)
    assert (result.status, result.size) == ("downloaded", 0)
    assert left_in(tmp_path) == {"f.bin": 0}
