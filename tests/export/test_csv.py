"""`write_csv`: what a cell holds, and that reading it back undoes the escapes."""

from __future__ import annotations

import csv
import json
import math
import os
import stat
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleapi import ScaleException, Task, export
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.tasks import TaskStatus

ID = "60cbc3fc6e5a3b0011f0a1d2"


def task(**keys: Any) -> Dict[str, Any]:
    return {"task_id": ID, "metadata": {}, "params": {}, **keys}


def written(tasks: Any, folder: Path, **options: Any) -> List[Dict[str, Any]]:
    path = folder / "tasks.csv"
    export.write_csv(tasks, path, **options)
    return list(export.read_csv(path, formulas=options.get("formulas", "escape")))


def test_a_row_for_each_task_as_the_csv_module_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    first = task(status="completed", is_test=False, response={"a": "é"}, tags=["x"])
    second = Task(task(unique_id="00012", status=None, priority=20), None)
    report = export.write_csv((each for each in (first, second)), path)
    with path.open(encoding="utf-8", newline="") as stream:
        one, two = csv.DictReader(stream)
    assert (one["status"], one["is_test"], one["unique_id"]) == (
        "completed",
        "false",
        "",
    )
    assert (one["response"], one["tags"]) == ('{"a":"é"}', '["x"]')
    assert (two["unique_id"], two["status"], two["priority"]) == ("00012", "", "20")
    assert (report.tasks, report.files, report.problems) == (2, (str(path),), ())


def test_no_tasks_give_a_header_alone(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    assert export.write_csv([], path).tasks == 0
    assert path.read_text("utf-8").startswith("task_id,type,status,")
    assert list(export.read_csv(path)) == []


def test_keys_without_a_column_are_kept(tmp_path: Path) -> None:
    (row,) = written([task(customerId="c", batchId=1)], tmp_path)
    assert json.loads(row["other"]) == {"customerId": "c", "batchId": 1}


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("int", 12, "12"),
        ("int", "12", "12"),
        ("int", 12.0, "12"),
        ("int", 2**63 - 1, str(2**63 - 1)),
        ("float", 12, "12.0"),
        ("float", "1.5e3", "1500.0"),
        ("float", math.nan, "nan"),
        ("float", -math.inf, "-inf"),
        ("bool", "True", "true"),
        ("bool", False, "false"),
        ("text", 12, "12"),
        ("text", True, "true"),
        ("text", {"a": [1]}, '{"a":[1]}'),
        ("text", TaskStatus.Completed, "completed"),
        ("json", "x", '"x"'),
        ("json", "\ud83d", '"\\ud83d"'),
        ("json", math.nan, "NaN"),
        ("time", "2022-03-01", "2022-03-01"),
        ("text", "a\0\r\n,\"'", "a\0\r\n,\"'"),
        ("text", "\U0001f600", "\U0001f600"),
        ("int", None, None),
    ],
)
def test_a_value_that_fits(kind: str, value: Any, cell: str, tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    tasks = [task(metadata={"v": value}), task()]
    report = export.write_csv(tasks, path, columns={"v": f"metadata.v:{kind}"})
    assert [row["v"] for row in export.read_csv(path)] == [cell, None]
    assert report.problems == ()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "00012"),
        ("int", 12.5),
        ("int", True),
        ("int", 2**63),
        ("int", math.nan),
        ("int", "9" * 5000),
        ("int", "\u0661"),
        ("float", "1e999"),
        ("float", 2**53 + 1),
        ("float", 10**400),
        ("float", "nan"),
        ("bool", "yes"),
        ("bool", 1),
        ("time", 1646121900),
        ("text", {1: object()}),
    ],
)
def test_a_value_that_does_not_fit_is_empty_and_a_problem(
    kind: str, value: Any, tmp_path: Path
) -> None:
    path = tmp_path / "tasks.csv"
    tasks = [task(), *[task(metadata={"v": value})] * 2]
    report = export.write_csv(tasks, path, columns={"v": f"metadata.v:{kind}"})
    assert [row["v"] for row in export.read_csv(path)] == [None, None, None]
    problem = next(each for each in report.problems if each.column == "v")
    assert (problem.count, problem.task_id) == (2, ID)


def test_half_a_character_is_replaced_and_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    report = export.write_csv([task(unique_id="a\ud83db", params="\ud83d")], path)
    (row,) = export.read_csv(path)
    assert (row["unique_id"], row["params"]) == ("a\ufffdb", '"\\ud83d"')
    (problem,) = report.problems
    assert (problem.column, problem.count) == ("unique_id", 1)
    str(report).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.a.b", 1),
        ('metadata."x.y"', 2),
        ('metadata."say ""x"""', 3),
        ('metadata."t:int":int', 4),
        ("metadata.list.1", 5),
        ("metadata.list.-1", 6),
        ("metadata . a . b : int", 1),
    ],
)
def test_paths(path: str, value: int, tmp_path: Path) -> None:
    metadata = {
        "a": {"b": 1},
        "x.y": 2,
        'say "x"': 3,
        "t:int": 4,
        "list": [0, 5, 6],
    }
    (row,) = written([task(metadata=metadata)], tmp_path, columns={"v": path})
    assert row["v"] == str(value)


@pytest.mark.parametrize("path", ["metadata.list.7", "metadata.a.b.c", "a.b", "list.x"])
def test_a_path_that_leads_nowhere_is_empty(path: str, tmp_path: Path) -> None:
    document = task(metadata={"a": {"b": 1}, "list": []}, list=[1])
    (row,) = written([document], tmp_path, columns={"v": path})
    assert row["v"] is None


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "metadata.status"},
        {"v": ""},
        {"v": "metadata..x"},
        {"v": 'metadata."x'},
        {"v": "metadata.x:integer"},
        {"": "metadata.x"},
        {"\ud83d": "metadata.x"},
    ],
)
def test_malformed_columns_are_refused_before_anything_is_read(
    columns: Any, tmp_path: Path
) -> None:
    with pytest.raises(ScaleValueError, match="columns"):
        export.write_csv(iter([1 // 1]), tmp_path / "x.csv", columns=columns)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"rows": "task"}, ScaleValueError),
        ({"formulas": "no"}, ScaleValueError),
        ({"columns": ["x"]}, ScaleTypeError),
        ({"columns": {"x": 1}}, ScaleTypeError),
        ({"path": 3}, ScaleTypeError),
        ({"tasks": "tasks.jsonl"}, ScaleTypeError),
        ({"tasks": {}}, ScaleTypeError),
        ({"tasks": [3]}, ScaleTypeError),
    ],
)
def test_wrong_arguments(options: Any, error: Any, tmp_path: Path) -> None:
    arguments = {"tasks": [], "path": tmp_path / "x.csv", **options}
    with pytest.raises(error, match=next(iter(options))):
        export.write_csv(arguments.pop("tasks"), arguments.pop("path"), **arguments)
    assert list(tmp_path.iterdir()) == []


def test_250_columns_whose_types_drift(tmp_path: Path) -> None:
    columns = {f"c{number}": f"metadata.c{number}:int" for number in range(250)}
    values = [None, 1, "2", "x", {}, 0.5]
    tasks = [
        task(
            metadata={f"c{column}": values[(row + column) % 6] for column in range(250)}
        )
        for row in range(600)
    ]
    path = tmp_path / "tasks.csv"
    report = export.write_csv(tasks, path, columns=columns)
    assert sum(each.count for each in report.problems) == 250 * 300
    assert len(report.problems) == 250
    assert {row["c7"] for row in export.read_csv(path)} == {None, "1", "2"}


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@x", "\tx", "\rx", "＝x", "'=x"])
def test_a_formula_is_escaped_and_counted(text: str, tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    report = export.write_csv([task(unique_id=text)], path)
    with path.open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["unique_id"] == f"'{text}"
    (problem,) = report.problems
    assert (problem.column, problem.count, problem.task_id) == ("unique_id", 1, ID)
    kept = written([task(unique_id=text)], tmp_path, formulas="keep")
    assert kept[0]["unique_id"] == text


@pytest.mark.parametrize("text", ["-5", "+4.5e-3", "-.5", "x=1", "'x", "'"])
def test_a_text_that_is_no_formula_is_not_escaped(text: str, tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    assert export.write_csv([task(unique_id=text)], path).problems == ()
    with path.open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["unique_id"] == text


def test_the_name_of_a_column_is_escaped_like_a_cell(tmp_path: Path) -> None:
    (row,) = written([task(metadata={"a": 1})], tmp_path, columns={"=x": "metadata.a"})
    assert row["=x"] == "1"


texts = st.text(
    st.one_of(st.sampled_from("'=+-@\t\r\n\0,;\"1.eE"), st.characters()), max_size=8
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts, texts), max_size=4))
def test_reading_back_undoes_exactly_what_was_escaped(
    tmp_path_factory: pytest.TempPathFactory, pairs: Any
) -> None:
    tasks = [task(unique_id=one, metadata={"two": two}) for one, two in pairs]
    folder = tmp_path_factory.mktemp("csv")
    for formulas in ("escape", "keep"):
        rows = written(
            tasks, folder, columns={"two": "metadata.two"}, formulas=formulas
        )
        expected = [
            tuple(
                "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
                or None
                for text in pair
            )
            for pair in pairs
        ]
        assert [(row["unique_id"], row["two"]) for row in rows] == expected


def test_a_cell_may_be_larger_than_the_csv_module_reads(tmp_path: Path) -> None:
    (row,) = written([task(response="x" * 200_000)], tmp_path)
    assert len(row["response"]) == 200_002


@pytest.mark.parametrize("content", ['a\r\n"b', 'a\r\nb"c"\r\n', "a,b\r\n1\r\n"])
def test_a_file_that_is_no_such_csv(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content.encode())
    with pytest.raises(ScaleException, match="x.csv"):
        list(export.read_csv(path))


def test_a_file_that_a_spreadsheet_has_saved_again_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("\ufefftask_id,n\n1,'=x\n".encode())
    assert list(export.read_csv(path)) == [{"task_id": "1", "n": "=x"}]


def test_an_error_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    path.write_text("old", "ascii")

    def tasks() -> Any:
        yield task()
        raise FileNotFoundError("tasks.jsonl")

    with pytest.raises(FileNotFoundError):
        export.write_csv(tasks(), path)
    assert [path.read_text("ascii"), *tmp_path.iterdir()] == ["old", path]


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ScaleException, match="nowhere.*could not be written"):
        export.write_csv([task()], tmp_path / "nowhere" / "tasks.csv")


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes and /dev")
def test_a_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(str(pipe))
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    for path in (pipe, link, "/dev/scaleapi-test", tmp_path, "."):
        with pytest.raises(ScaleValueError, match="regular file"):
            export.write_csv([], path)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert link.is_symlink()
