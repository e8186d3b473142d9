"""`read_tasks`: files of all kinds, whole or damaged."""

from __future__ import annotations

import gzip
import json
import math
from itertools import islice
from pathlib import Path
from typing import Any, Iterator, List

import pytest

from scaleapi import ScaleException, ScaleTypeError, ScaleValueError, export

ODD = [
    {"task_id": "1", "metadata": {"cow": "\U0001f404", "half": "\ud800", "nul": "\0"}},
    {"task_id": "2", "metadata": {"value": 2**70, "line": "\u2028\r\n"}},
    {"task_id": "3", "unknown": [None, 1.5, {}]},
]


def ids(path: Any) -> List[str]:
    return [task.id for task in export.read_tasks(path)]


def lines_of(documents: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in documents)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.json", "a.json.gz"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_each_kind_of_file(tmp_path: Path, name: str, mark: bytes) -> None:
    content = lines_of(ODD) if ".jsonl" in name else json.dumps(ODD, indent=2).encode()
    content = mark + content
    file = tmp_path / name
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert [task.as_dict() for task in export.read_tasks(file)] == ODD
    assert [task.as_dict() for task in export.read_tasks(str(tmp_path))] == ODD


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.json", "c.jsonl.gz", "notes.txt", ".hidden.jsonl"):
        content = lines_of([{"task_id": name}])
        packed = gzip.compress(content) if name.endswith(".gz") else content
        (tmp_path / name).write_bytes(packed)
    assert ids(tmp_path) == ["a.json", "b.jsonl", "c.jsonl.gz"]


def test_tasks_are_read_as_they_are_needed(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(lines_of([{"task_id": "1"}]) + b"broken\n")
    assert [task.id for task in islice(export.read_tasks(file), 1)] == ["1"]


@pytest.mark.parametrize(
    ("content", "before", "text"),
    [
        (b'{"task_id":"1"}\n{"task_id":"2","x', 1, "line 2.*it was cut off"),
        (b'{"task_id":"1"}\nx\n{"task_id":"2"}\n', 1, "line 2: not JSON"),
        (b'{"task_id":"1"}\n\n{"id":"2"}\n', 1, "line 3.*no 'task_id'"),
        (b'[{"task_id":"1"},{"task_id":"2","x', 1, "element 2.*it was cut off"),
        (b'[{"task_id":"1"}', 1, "element 2.*it was cut off"),
        (b'[{"task_id":"1"}, x, {"task_id":"2"}]', 1, "element 2: not JSON"),
        (b'[{"task_id":"1"}, 7]', 1, "element 2.*no 'task_id'"),
        (b'{"task_id":"\xff"}\n', 0, "line 1: not JSON"),
        (b'[{"task_id":"\xff"}]\n', 0, "cannot be read"),
        (b'[{"task_id":"1"}]\n[{"task_id":"2"}]', 1, "more after the end"),
        (b'{"task_id":"1"}\n{"task_id":"\xf0\x9f', 1, "line 2.*it was cut off"),
        (b'{\n "task_id": "1"\n}\n', 0, "line 1.*must have one whole task"),
    ],
)
def test_what_is_damaged_is_said_after_what_is_not(
    tmp_path: Path, content: bytes, before: int, text: str
) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(content)
    tasks = export.read_tasks(file)
    assert len(list(islice(tasks, before))) == before
    with pytest.raises(ScaleException, match=f"a.json.*{text}"):
        next(tasks)


@pytest.mark.parametrize("content", [b"<html>", b"id,x\n1,2", b'{"task_id":"\xe9"}'])
def test_a_file_of_another_kind_is_not_called_cut_off(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ScaleException, match="not JSON") as caught:
        list(export.read_tasks(tmp_path / "a.json"))
    assert "cut off" not in str(caught.value)


def test_a_compressed_file_that_was_cut_off_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(lines_of(ODD * 100))[:-20])
    with pytest.raises(ScaleException, match="a.jsonl.gz"):
        ids(file)


def test_a_large_array_is_read_in_pieces(tmp_path: Path) -> None:
    documents = [{"task_id": str(n), "text": "é]," * 9000} for n in range(20)]
    file = tmp_path / "a.json"
    file.write_bytes(json.dumps(documents, ensure_ascii=False).encode())
    assert [task.as_dict() for task in export.read_tasks(file)] == documents


def test_nul_bytes_around_lines_are_padding(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\0\0" + lines_of([{"task_id": "1"}]) + b"\0" * 4096)
    assert ids(file) == ["1"]


def test_nan_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"task_id":"1","value":NaN}\n')
    (task,) = export.read_tasks(file)
    assert math.isnan(task.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"[]", b" [ ] ", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_tasks(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(content)
    assert ids(file) == []


def test_mistakes_are_found_by_the_call(tmp_path: Path) -> None:
    with pytest.raises(ScaleTypeError, match="path"):
        export.read_tasks(3)  # type: ignore[arg-type]
    with pytest.raises(ScaleValueError, match="no file in"):
        export.read_tasks(tmp_path)
    tasks: Iterator[Any] = export.read_tasks(tmp_path / "missing.jsonl")
    with pytest.raises(FileNotFoundError):
        next(tasks)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_named_so(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('\ufeff{"task_id": "1"}\n'.encode(encoding))
    with pytest.raises(ScaleException, match="a.jsonl: is UTF-16: save it as UTF-8"):
        list(export.read_tasks(path))
