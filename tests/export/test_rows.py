"""Rows of annotations and of answers, and data frames."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Dict, List

import pandas
import pytest

from scaleapi import ScaleClient, ScaleException, TaskType, export

ID = "60cbc3fc6e5a3b0011f0a1d2"
BOX = {"uuid": "b", "type": "box", "label": "cow", "left": 1, "top": 2.5, "width": 3}


def task(response: Any = None, **keys: Any) -> Dict[str, Any]:
    return {"task_id": ID, "metadata": {"n": 7}, "response": response, **keys}


def rows_of(document: Any, rows: str, folder: Path) -> List[Dict[str, Any]]:
    path = folder / "rows.csv"
    export.write_csv([document], path, rows=rows, columns={"n": "metadata.n:int"})
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in export.read_csv(path)
    ]


def test_a_row_for_each_shape_with_coordinates_as_they_came(tmp_path: Path) -> None:
    box = {**BOX, "height": 4, "rotation": 0.25, "attributes": {"moving": "no"}}
    vertices = [{"x": 1, "y": 2.0}, {"x": math.nan, "y": 3}]
    line = {"type": "line", "vertices": vertices}
    first, second = rows_of(task({"annotations": [box, line]}), "annotations", tmp_path)
    assert first.pop("coordinates") == (
        '{"left":1,"top":2.5,"width":3,"height":4,"rotation":0.25}'
    )
    assert first == {
        "task_id": ID,
        "uuid": "b",
        "type": "box",
        "label": "cow",
        "attributes": '{"moving":"no"}',
        "n": "7",
    }
    assert second["coordinates"] == ('{"vertices":[{"x":1,"y":2.0},{"x":NaN,"y":3}]}')


def test_shapes_of_a_video_have_frame_and_track(tmp_path: Path) -> None:
    frame = {"key": 6, "left": 1, "top": 2, "width": 3, "height": 4}
    tracks = {"u": {"label": "cow", "geometry": "box", "frames": [frame]}}
    (row,) = rows_of(task({"annotations": tracks}), "annotations", tmp_path)
    assert (row["frame"], row["track"], row["uuid"]) == ("6", "u", "u")


def test_cuboids_of_lidar_are_rows(tmp_path: Path) -> None:
    triple = {"x": 1, "y": 2, "z": 3}
    cuboid = {"uuid": "c", "position": triple, "dimensions": triple, "yaw": 0.5}
    response = {"annotations": [{"cuboids": []}, {"cuboids": [cuboid]}]}
    (row,) = rows_of(task(response), "annotations", tmp_path)
    assert (row["type"], row["frame"], row["track"]) == ("cuboid_3d", "1", "c")
    assert json.loads(row["coordinates"]) == {
        "position": triple,
        "dimensions": triple,
        "yaw": 0.5,
    }


def test_a_feature_of_a_document_has_page_and_text(tmp_path: Path) -> None:
    location = {"type": "box", "left": 1, "top": 2, "width": 3, "height": 4}
    feature = {"label": "title", "page": 2, "text": "A", "location": location}
    (row,) = rows_of(task({"annotations": [feature]}), "annotations", tmp_path)
    assert (row["page"], row["text"]) == ("2", "A")
    assert json.loads(row["coordinates"]) == {
        "left": 1,
        "top": 2,
        "width": 3,
        "height": 4,
    }


def test_what_is_no_shape_is_counted(tmp_path: Path) -> None:
    tasks = [
        task({"annotations": [{"type": "star"}, {"id": "e", "start": 1, "end": 2}]}),
        task({"annotations": {"url": "https://example.com/r"}}),
        task({"events": [{"label": "fall", "start": 1}]}),
    ]
    report = export.write_csv(tasks, tmp_path / "x.csv", rows="annotations")
    told = "\n".join(map(str, report.problems))
    assert report.tasks == 3
    for part in ("unknown form", "entities", "load_result", "events"):
        assert part in told


def test_a_row_for_each_answer_of_each_respondent(tmp_path: Path) -> None:
    response = {"responses": [{"genre": ["rap"], "note": "fine"}, {"genre": ["funk"]}]}
    rows = rows_of(task(response), "answers", tmp_path)
    assert [(row["respondent"], row["field"], row["value"]) for row in rows] == [
        ("0", "genre", '["rap"]'),
        ("1", "genre", '["funk"]'),
        ("0", "note", "fine"),
    ]
    assert {row["n"] for row in rows} == {"7"}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"category": "a"}, [("category", "a")]),
        ({"category": ["a", "b"]}, [("category", '["a","b"]')]),
        ({"taxonomies": {"color": "red"}}, [("color", "red")]),
        (
            {"fields": {"title": "A"}, "choice": "yes"},
            [("title", "A"), ("choice", "yes")],
        ),
        ({"rows": [{"name": "A"}]}, [("rows[0].name", "A")]),
        ({"f1": {"responses": [{"rating": 4}]}}, [("rating", "4")]),
        (
            {"annotations": {"s": {"type": "n", "field_id": "s", "response": 9.5}}},
            [("s", "9.5")],
        ),
        (None, []),
    ],
)
def test_answers_of_all_forms(response: Any, expected: Any, tmp_path: Path) -> None:
    rows = rows_of(task(response), "answers", tmp_path)
    assert [(row["field"], row["value"]) for row in rows] == expected


def test_what_is_no_answer_is_counted(tmp_path: Path) -> None:
    document = {"task_id": "t", "response": {"responses": [{"q": "yes"}, None]}}
    report = export.write_csv([document], tmp_path / "x.csv", rows="answers")
    assert "unknown form" in str(report)
    assert len(list(export.read_csv(tmp_path / "x.csv"))) == 1


def test_a_value_that_is_nested_too_deeply_is_a_problem(tmp_path: Path) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    documents = [{"task_id": "1", "metadata": deep}, {"task_id": "2", "metadata": {}}]
    report = export.write_csv(documents, tmp_path / "x.csv")
    assert [each.column for each in report.problems] == ["metadata"]
    found = [each["metadata"] for each in export.read_csv(tmp_path / "x.csv")]
    assert found == [None, "{}"]


def test_a_data_frame_has_the_same_types_whatever_the_values_are() -> None:
    columns = {"row": "metadata.row:int", "score": "metadata.score:float"}
    full = task(
        {}, created_at="2022-03-01T08:05:00.250Z", is_test=True, unique_id="00012"
    )
    full["metadata"] = {"row": 2**53 + 1, "score": "1.5"}
    frames = [
        export.to_dataframe(tasks, columns=columns)
        for tasks in ([], [task()], [full, task()])
    ]
    assert frames[0].dtypes.to_dict() == frames[1].dtypes.to_dict()
    assert frames[1].dtypes.to_dict() == frames[2].dtypes.to_dict()
    first = frames[2].iloc[0]
    assert (first["row"], first["score"], first["unique_id"]) == (
        2**53 + 1,
        1.5,
        "00012",
    )
    assert first["created_at"] == pandas.Timestamp("2022-03-01T08:05:00.250Z")
    assert frames[2].iloc[1].isna()["row"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-03-01", "2022-03-01T00:00:00Z"),
        ("2022-03-01 08:05", "2022-03-01T08:05:00Z"),
        ("2022-03-01T08:05:00.1234560-07:00", "2022-03-01T15:05:00.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00+01:00", None),
        ("2022-13-01", None),
        ("2022-03-01T08:05:00.123456789Z", None),
        ("today", None),
    ],
)
def test_times_of_a_data_frame(text: str, expected: Any) -> None:
    problems: List[export.Problem] = []
    found = export.to_dataframe([task(created_at=text)], problems=problems)
    moment = found["created_at"][0]
    if expected is None:
        assert moment is pandas.NaT
        assert [each.column for each in problems] == ["created_at"]
    else:
        assert moment == pandas.Timestamp(expected)
        assert problems == []


def test_problems_are_logged_unless_a_list_is_passed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    export.to_dataframe([task(is_test="maybe")])
    assert "is_test" in caplog.text


def test_a_package_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ScaleException, match=r"scaleapi\[pandas\]"):
        export.to_dataframe([])
    with pytest.raises(ScaleException, match=r"scaleapi\[export\]"):
        export.to_arrow([])
    with pytest.raises(ScaleException, match=r"scaleapi\[export\]"):
        export.write_parquet([], tmp_path / "x.parquet")


def test_tasks_as_the_client_lists_them(client: ScaleClient, tmp_path: Path) -> None:
    client.create_project("cows", TaskType.ImageAnnotation)
    for number in range(3):
        client.create_task(
            TaskType.ImageAnnotation,
            project="cows",
            attachment="https://example.com/1.jpg",
            geometries={"box": {"objects_to_annotate": ["cow"]}},
            metadata={"row": number},
        )
    path = tmp_path / "cows.csv"
    tasks = client.get_tasks(project_name="cows")
    report = export.write_csv(tasks, path, columns={"row": "metadata.row:int"})
    assert (report.tasks, report.problems) == (3, ())
    rows = list(export.read_csv(path))
    assert [row["row"] for row in rows] == ["2", "1", "0"]
    shapes = json.loads(rows[0]["response"] or "")["annotations"]
    assert {each["label"] for each in shapes} == {"cow"}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://s3.com/a.jpg?Expires=1&Signature=secret", "https://s3.com/a.jpg?..."),
        ("https://me:secret@s3.com/a.jpg", "https://...s3.com/a.jpg"),
    ],
)
def test_problems_show_no_secrets_of_addresses(
    address: str, shown: str, tmp_path: Path
) -> None:
    tasks = [task(metadata={"size": address})]
    columns = {"size": "metadata.size:int", "text": "metadata:int"}
    report = export.write_csv(tasks, tmp_path / "a.csv", columns=columns)
    told = "".join(map(str, report.problems))
    assert len(report.problems) == 2
    assert told.count(shown) == 2 and "secret" not in told
