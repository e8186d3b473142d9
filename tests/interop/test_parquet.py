"""Foreign readers read the Parquet files. Run by ``tox -e interop``."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List

import pytest

from scaleapi import export

pq = pytest.importorskip("pyarrow.parquet")
ID = "60cbc3fc6e5a3b0011f0a1d2"
COLUMNS = {"row": "metadata.row:int", "score": "metadata.score:float"}
TIME = datetime(2022, 3, 1, 8, 5, 0, 250000, tzinfo=timezone.utc)


def tasks(number: int) -> List[Dict[str, Any]]:
    return [
        {
            "task_id": f"{each:024x}",
            "created_at": "2022-03-01T08:05:00.250Z",
            "unique_id": f"{each:05}",
            "is_test": each % 2 == 0,
            "metadata": {"row": each} if each % 3 else {},
            "response": {"text": "a\0\U0001f600"},
        }
        for each in range(number)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.parquet"
    report = export.write_parquet(iter(tasks(250)), path, columns=COLUMNS)
    assert (report.tasks, report.problems) == (250, ())
    return path


def test_pyarrow(path: Path) -> None:
    table = pq.read_table(str(path))
    assert table.equals(export.to_arrow(tasks(250), columns=COLUMNS))
    second = table.slice(1, 1).to_pylist()[0]
    assert (second["unique_id"], second["row"], second["score"]) == ("00001", 1, None)
    assert (second["created_at"], second["is_test"]) == (TIME, False)
    assert json.loads(second["response"]) == {"text": "a\0\U0001f600"}


def test_pandas(path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(path)
    assert frame["unique_id"][1] == "00001"
    assert frame["created_at"][1] == pandas.Timestamp(TIME)
    assert frame["row"].sum() == sum(each for each in range(250) if each % 3)
    own = export.to_dataframe(tasks(250), columns=COLUMNS)
    own.to_parquet(path)
    assert pq.read_table(str(path)).column("row").to_pylist()[:3] == [None, 1, 2]


def test_polars(path: Path) -> None:
    polars = pytest.importorskip("polars")
    frame = polars.read_parquet(path)
    assert (frame["unique_id"][1], frame["row"][1]) == ("00001", 1)
    assert frame["created_at"][1] == TIME
    assert frame["row"].null_count() == 84


def test_duckdb(path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        found = connection.execute(
            "select count(*), count(row), sum(row), max(unique_id) "
            "from read_parquet(?)",
            [str(path)],
        )
        total = sum(each for each in range(250) if each % 3)
        assert found.fetchone() == (250, 166, total, "00249")


def test_csv_in_pandas_polars_and_duckdb(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    export.write_csv(tasks(250), path, columns=COLUMNS, formulas="keep")
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(path, dtype={"unique_id": str})
    assert (frame["unique_id"][1], frame["row"][1]) == ("00001", 1)
    polars = pytest.importorskip("polars")
    assert polars.read_csv(path, infer_schema_length=0)["unique_id"][1] == "00001"


def test_a_file_without_tasks_has_the_same_schema(path: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.parquet"
    export.write_parquet([], empty, columns=COLUMNS)
    assert pq.read_table(str(empty)).num_rows == 0
    assert pq.read_schema(str(empty)) == pq.read_schema(str(path))


def test_times_that_do_not_fit_are_null_and_a_problem(tmp_path: Path) -> None:
    documents = tasks(3)
    documents[0]["created_at"] = "today"
    documents[1]["created_at"] = "2022-03-01 08:05:00.25"
    problems: List[export.Problem] = []
    table = export.to_arrow(documents, problems=problems)
    assert table.column("created_at").to_pylist() == [None, TIME, TIME]
    assert [(each.column, each.count) for each in problems] == [("created_at", 1)]


def test_the_file_is_written_in_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaleapi.export.table._ROW_GROUP", 1000)
    monkeypatch.setattr("scaleapi.export.table._ROWS_AT_ONCE", 100)
    path = tmp_path / "tasks.parquet"
    export.write_parquet(tasks(250), path)
    assert pq.ParquetFile(str(path)).num_row_groups == 3


def test_text_is_converted_before_there_is_too_much_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaleapi.export.table._ROW_GROUP", 1000)
    monkeypatch.setattr("scaleapi.export.table._TEXT_AT_ONCE", 1000)
    path = tmp_path / "tasks.parquet"
    export.write_parquet(tasks(250), path)
    assert pq.ParquetFile(str(path)).num_row_groups == 3
    assert pq.read_table(str(path)).equals(export.to_arrow(tasks(250)))


def test_an_error_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "tasks.parquet"
    path.write_text("old", "ascii")
    with pytest.raises(TypeError, match=r"tasks\[3\]"):
        export.write_parquet([*tasks(3), 3], path)
    assert [path.read_text("ascii"), *tmp_path.iterdir()] == ["old", path]
