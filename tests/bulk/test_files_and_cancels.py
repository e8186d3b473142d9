"""Cancellations, uploads and imports by the dozen."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any, Iterator

import pytest

from scaleapi import (
    ScaleClient,
    ScaleException,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
    ScaleTypeError,
    ScaleValueError,
    Task,
)
from scaleapi.sandbox import Sandbox
from tests.faulty_proxy import TEXT, numbered


def test_cancel_tasks_takes_tasks_and_ids(
    live_client: ScaleClient, sandbox: Sandbox
) -> None:
    made = [r.task for r in live_client.create_tasks("textcollection", numbered(6))]
    tasks = [task for task in made if task is not None]
    sandbox.complete(tasks[2].id)
    tasks[3].cancel()
    inputs: Any = [tasks[0], tasks[1].id, tasks[2], tasks[3], "f" * 24, 7]
    results = list(live_client.cancel_tasks(inputs))
    assert [r.status for r in results] == [
        *["canceled"] * 2,
        "failed",
        "existing",
        *["failed"] * 2,
    ]
    assert [type(r.error) for r in results if r.error] == [
        ScaleInvalidRequest,
        ScaleResourceNotFound,
        ScaleTypeError,
    ]
    assert results[0].task == tasks[0]
    assert results[0].task is not None and results[0].task.status == "canceled"
    assert results[1].payload == tasks[1].id


def test_cancel_tasks_clears_unique_ids_on_request(live_client: ScaleClient) -> None:
    task = live_client.create_task("textcollection", unique_id="u", **TEXT)
    (first,) = live_client.cancel_tasks([task])
    assert first.task is not None and first.task.unique_id == "u"
    # Canceled it is, but not as asked.
    (second,) = live_client.cancel_tasks([task], clear_unique_id=True)
    assert second.status == "failed"
    task = live_client.create_task("textcollection", unique_id="v", **TEXT)
    for status in ("canceled", "existing"):
        (result,) = live_client.cancel_tasks([task.id], True)
        assert result.status == status
        assert not hasattr(result.task, "unique_id")


def test_upload_files_takes_paths_and_files(
    live_client: ScaleClient, tmp_path: Path
) -> None:
    live_client.create_project("p", "textcollection", studio=True)
    path = tmp_path / "a.png"
    path.write_bytes(b"abc")
    inputs: Any = [path, str(path), io.BytesIO(b"x"), b"yy", ("n.txt", b"z"), "gone"]
    results = list(live_client.upload_files(inputs, project_name="p"))
    assert [r.status for r in results] == ["uploaded"] * 5 + ["failed"]
    documents = [r.file.as_dict() for r in results if r.file is not None]
    assert [document["size"] for document in documents] == [3, 3, 1, 2, 1]
    assert documents[0]["mime_type"] == "image/png"
    assert all(document["project_names"] == ["p"] for document in documents)
    # Each error is a ScaleException, with what Python says behind it.
    error = results[5].error
    assert isinstance(error, ScaleException)
    assert error.message.startswith("cannot open 'gone': ")
    assert isinstance(error.__cause__, FileNotFoundError)


def test_upload_files_names_a_file_that_cannot_be_opened(
    live_client: ScaleClient, tmp_path: Path
) -> None:
    paths = [str(tmp_path), "a\0b", "caf\udce9.png", "n" * 5000]
    for path, result in zip(paths, live_client.upload_files(paths)):
        assert isinstance(result.error, ScaleException)
        assert f"cannot open {path!r}: " in result.error.message
        assert result.error.attempts == 0


class Slotted:
    """A file that takes no weak reference."""

    __slots__ = ("file",)

    def __init__(self, content: bytes) -> None:
        self.file = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)

    def seek(self, *place: int) -> int:
        return self.file.seek(*place)

    def tell(self) -> int:
        return self.file.tell()


@pytest.mark.parametrize("max_workers", [1, 8])
@pytest.mark.parametrize("kind", ["file", "memory", "slotted"])
def test_upload_files_rejects_an_open_file_passed_twice(
    live_client: ScaleClient, tmp_path: Path, max_workers: int, kind: str
) -> None:
    """Under several names it is still one, and its path may be given again."""
    path = tmp_path / "a.png"
    path.write_bytes(b"abc")
    with contextlib.ExitStack() as stack:
        if kind == "file":
            file: Any = stack.enter_context(open(path, "rb"))
        else:
            file = io.BytesIO(b"abc") if kind == "memory" else Slotted(b"abc")
        inputs = [file, file, ("b.png", file), ("c.png", file, "image/png")]
        inputs += [path, path, b"abc", b"abc"]
        results = list(live_client.upload_files(inputs, max_workers=max_workers))
    assert [r.status for r in results] == [
        "uploaded",
        *["failed"] * 3,
        *["uploaded"] * 4,
    ]
    assert {r.file.as_dict()["size"] for r in results if r.file} == {3}
    for result in results[1:4]:
        assert isinstance(result.error, ScaleValueError)
        assert repr(file) in str(result.error) and result.error.attempts == 0
        assert kind != "file" or f" of {str(path)!r}" in str(result.error)


def test_upload_files_distinguishes_files_with_reused_ids(
    live_client: ScaleClient,
) -> None:
    """Their identities are used again."""
    files = (io.BytesIO(b"%d" % n) for n in range(100))
    statuses = set()
    for result in live_client.upload_files(files, max_workers=1):
        statuses.add(result.status)
        del result
    assert statuses == {"uploaded"}


@pytest.mark.parametrize("count", [0, 20])
def test_import_files_imports_each_url(live_client: ScaleClient, count: int) -> None:
    urls = [f"https://example.com/{n}.jpg" for n in range(count)]
    results = list(live_client.import_files(urls, metadata={"k": 1}))
    assert [r.status for r in results] == ["imported"] * count
    assert len({r.file for r in results}) == count
    (wrong,) = live_client.import_files(["https://x/y"], project_name="nowhere")
    assert isinstance(wrong.error, ScaleResourceNotFound)


class Wrapped:
    """A file as ``tempfile`` wraps it: no `io.IOBase`."""

    def read(self) -> bytes:
        return b"a\nb"

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"a\n", b"b"])


@pytest.mark.parametrize(
    ("call", "single", "kind"),
    [
        ("cancel_tasks", "5774cc78b01249ab09f089dd", "str"),
        ("upload_files", "cow.png", "str"),
        ("upload_files", b"\x89PNG", "bytes"),
        ("upload_files", io.BytesIO(b"a\nb"), "BytesIO"),
        ("upload_files", Wrapped(), "Wrapped"),
        ("upload_files", Path("cow.png"), type(Path()).__name__),
        ("cancel_tasks", Task({"task_id": "1"}, None), "Task"),
        ("cancel_tasks", None, "NoneType"),
        ("import_files", "https://example.com/cow.png", "str"),
    ],
)
def test_bulk_calls_reject_a_single_input(
    live_client: ScaleClient, call: str, single: Any, kind: str
) -> None:
    with pytest.raises(ScaleTypeError, match=f"an iterable .* a single {kind}"):
        getattr(live_client, call)(single)


class Rows:
    """Many payloads that can be iterated by number only, and a way to read one."""

    def read(self) -> None:
        pass

    def __getitem__(self, number: int) -> Any:
        return numbered(3)[number]


def test_bulk_calls_take_any_iterable(live_client: ScaleClient) -> None:
    rows: Any = Rows()
    results = live_client.create_tasks("textcollection", rows)
    assert [result.status for result in results] == ["created"] * 3


def test_create_tasks_rejects_a_single_payload(live_client: ScaleClient) -> None:
    with pytest.raises(ScaleTypeError, match="payloads must be .* a single dict"):
        live_client.create_tasks("textcollection", TEXT)  # type: ignore[arg-type]
