"""`export_tasks` against a sandbox, with windows of a few tasks."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest

from scaleapi import (
    Counts,
    ScaleClient,
    ScaleException,
    ScaleTypeError,
    ScaleValueError,
    export,
)
from scaleapi.export import calls, fetching
from scaleapi.export.journal import Journal
from scaleapi.export.pages import Page
from scaleapi.sandbox import Sandbox
from tests.keys import new_key

PROJECT = "cows"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of few tasks, and pages of fewer."""
    monkeypatch.setattr(calls, "WINDOW_TASKS", 12)
    monkeypatch.setattr(fetching, "PAGE_TASKS", 5)


def fill(client: ScaleClient, number: int = 60, batches: Any = (None,)) -> None:
    client.create_project(PROJECT, "imageannotation")
    for batch in batches:
        if batch is not None:
            client.create_batch(PROJECT, batch)
    payloads = [
        {
            "project": PROJECT,
            "attachment": "https://example.com/cow.jpg",
            "geometries": {"box": {"objects_to_annotate": ["cow"]}},
            "metadata": {"number": each, "text": "\U0001f404 \0 \u2028 é"},
            **({} if batch is None else {"batch": batch}),
        }
        for each in range(number)
        for batch in [batches[each % len(batches)]]
    ]
    results = list(client.create_tasks("imageannotation", payloads, max_workers=4))
    assert {result.status for result in results} == {"created"}


def documents(path: Any) -> List[Dict[str, Any]]:
    return [task.as_dict() for task in export.read_tasks(path)]


def walked(client: ScaleClient) -> List[Dict[str, Any]]:
    tasks = client.get_tasks(PROJECT, include_attachment_url=False)
    return [task.as_dict() for task in tasks]


def ids(path: Any) -> List[str]:
    return [task.id for task in export.read_tasks(path)]


def test_the_file_is_one_walk_over_all_tasks(
    client: ScaleClient, tmp_path: Path
) -> None:
    fill(client)
    file = tmp_path / "new" / "cows.jsonl"
    shown: List[Counts] = []
    report = client.export_tasks(file, project_name=PROJECT, progress=shown.append)
    assert documents(file) == walked(client)
    assert report.files == (str(file),)
    assert (report.tasks, report.counted, report.resumed) == (60, 60, 0)
    assert report.windows >= 5
    assert report.problems == ()
    assert shown[-1] == Counts(60, 60)
    assert os.listdir(file.parent) == ["cows.jsonl"]
    assert str(report).startswith(f"60 tasks in {file}, 60 counted before, fetched in ")


def test_an_older_file_is_replaced(client: ScaleClient, tmp_path: Path) -> None:
    fill(client, 2)
    file = tmp_path / "cows.jsonl"
    file.write_text("old")
    client.export_tasks(file, project_name=PROJECT)
    assert len(ids(file)) == 2


def test_a_few_pages_are_one_walk(client: ScaleClient, tmp_path: Path) -> None:
    fill(client, 12)
    report = client.export_tasks(tmp_path / "a.jsonl", project_name=PROJECT)
    assert report.windows == 1


def test_a_project_without_tasks_is_an_empty_file(
    client: ScaleClient, tmp_path: Path
) -> None:
    client.create_project(PROJECT, "imageannotation")
    report = client.export_tasks(tmp_path / "a.jsonl", project_name=PROJECT)
    assert (tmp_path / "a.jsonl").read_bytes() == b""
    assert (report.tasks, report.counted) == (0, 0)
    client.export_tasks(tmp_path / "b", project_name=PROJECT, split_by="batch")
    assert ids(tmp_path / "b") == []


def test_a_name_that_ends_in_gz_is_compressed_alike_each_time(
    client: ScaleClient, tmp_path: Path
) -> None:
    fill(client, 15)
    first, second = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz"
    client.export_tasks(first, project_name=PROJECT)
    client.export_tasks(str(second), project_name=PROJECT)
    assert first.read_bytes() == second.read_bytes()
    assert len(gzip.decompress(first.read_bytes()).splitlines()) == 15
    assert documents(first) == walked(client)


def test_filters_are_those_of_get_tasks(
    live_client: ScaleClient, tmp_path: Path
) -> None:
    client = live_client
    fill(client, 40)
    tasks = list(client.get_tasks(PROJECT))
    canceled = [task.id for task in tasks[::3]]
    for task_id in canceled:
        client.cancel_task(task_id)
    file = tmp_path / "a.jsonl"
    client.export_tasks(file, project_name=PROJECT, status="canceled")
    assert ids(file) == canceled
    newer, older = tasks[5].created_at, tasks[30].created_at
    client.export_tasks(
        file, project_name=PROJECT, created_after=older, created_before=newer
    )
    assert ids(file) == [t.id for t in tasks if older <= t.created_at <= newer]
    with pytest.raises(ValueError, match="At least one of project_name or batch_name"):
        client.export_tasks(file)


def test_addresses_of_attachments_come_on_request(
    client: ScaleClient, tmp_path: Path
) -> None:
    fill(client, 1)
    file = tmp_path / "a.jsonl"
    client.export_tasks(file, project_name=PROJECT)
    assert "attachmentS3Downloads" not in documents(file)[0]
    client.export_tasks(file, project_name=PROJECT, include_attachment_url=True)
    assert "attachmentS3Downloads" in documents(file)[0]


def test_each_batch_has_its_file(client: ScaleClient, tmp_path: Path) -> None:
    # The last one is called like the file of the second one.
    odd = ["a/b:c*?.", "Herd", "herd", "con", "\u202eevil", "a_b_c__-88bf77c2"]
    batches = [None, *odd]
    fill(client, 70, batches)
    folder = tmp_path / "cows"
    report = client.export_tasks(folder, project_name=PROJECT, split_by="batch")
    index = json.loads((folder / "_batches.json").read_text("ascii"))
    files = {entry["batch"]: entry["file"] for entry in index}
    assert set(files) == set(batches)
    assert len({name.casefold() for name in files.values()}) == len(batches)
    assert sorted(report.files) == sorted(str(folder / n) for n in files.values())
    for batch, name in files.items():
        found = documents(folder / name)
        assert found == [d for d in walked(client) if d.get("batch") == batch]
        assert len(found) == 10
    # The next export replaces the folder, and gives the same names.
    again = client.export_tasks(folder, project_name=PROJECT, split_by="batch")
    assert again.files == report.files


def test_what_is_no_export_is_not_replaced(client: ScaleClient, tmp_path: Path) -> None:
    client.create_project(PROJECT, "imageannotation")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ScaleValueError, match="path.*mine.*would be lost"):
        client.export_tasks(folder, project_name=PROJECT, split_by="batch")
    with pytest.raises(ScaleValueError, match="path.*is a folder"):
        client.export_tasks(folder, project_name=PROJECT)
    part = tmp_path / "a.jsonl.part"
    part.mkdir()
    (part / "notes.txt").write_text("mine")
    for resume in (True, False):
        with pytest.raises(ScaleValueError, match="a.jsonl.part is in the way"):
            client.export_tasks(
                tmp_path / "a.jsonl", project_name=PROJECT, resume=resume
            )
    assert os.listdir(part) == ["notes.txt"]
    assert os.listdir(folder) == ["notes.txt"]


def test_mistakes_are_found_before_anything_is_sent(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    client = ScaleClient("test_x", api_instance_url="http://127.0.0.1:9/v1")
    options: Any
    for options, kind, name in [
        ({"path": 3}, ScaleTypeError, "path"),
        ({"path": "/"}, ScaleValueError, "path"),
        ({"split_by": "project"}, ScaleValueError, "split_by"),
        ({"max_workers": 0}, ValueError, "max_workers"),
        ({"progress": 3}, ScaleTypeError, "progress"),
        ({"unique_id": []}, ScaleValueError, "unique_id"),
    ]:
        arguments = {"path": tmp_path / "a", "project_name": PROJECT, **options}
        with pytest.raises(kind, match=name):
            client.export_tasks(**arguments)
    assert os.listdir(tmp_path) == []


def test_an_executor_fetches_the_windows(
    client: ScaleClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So many that a process fetches several at the same time.
    monkeypatch.setattr(calls, "WINDOW_TASKS", 2)
    fill(client)
    file = tmp_path / "a.jsonl"
    with ThreadPoolExecutor(2) as threads:
        client.export_tasks(file, project_name=PROJECT, executor=threads)
    assert documents(file) == walked(client)
    # A forked process would wait forever for a lock that a thread of the tests holds.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as processes:
        report = client.export_tasks(file, project_name=PROJECT, executor=processes)
    assert documents(file) == walked(client)
    assert report.windows >= 16


def test_a_process_elsewhere_sends_what_it_fetched(
    client: ScaleClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(client)
    monkeypatch.setattr(fetching, "is_shared", lambda folder, key: False)
    client.export_tasks(tmp_path / "a.jsonl", project_name=PROJECT)
    assert documents(tmp_path / "a.jsonl") == walked(client)


def test_tasks_that_move_are_listed_once_more(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One window, since the next task might be that of a window that was listed before.
    monkeypatch.setattr(calls, "WINDOW_TASKS", 36)
    client = ScaleClient(new_key("live"), api_instance_url=sandbox.url)
    fill(client, 36)
    fetch_page, moved = fetching.fetch_page, False

    def fetch(client: Any, query: Dict[str, Any]) -> Page:
        nonlocal moved
        page = fetch_page(client, query)
        if not moved:
            moved = True
            following = {**query, "next_token": page.next_token}
            sandbox.complete(fetch_page(client, following).ids[0].decode())
        return page

    monkeypatch.setattr(fetching, "fetch_page", fetch)
    file = tmp_path / "a.jsonl"
    report = client.export_tasks(file, project_name=PROJECT, status="pending")
    still = [task.id for task in client.get_tasks(PROJECT, status="pending")]
    assert len(still) == 35
    assert ids(file) == still
    texts = [problem.text for problem in report.problems]
    assert any("in two passes" in text for text in texts)
    assert any("36 tasks were counted before and 35 written" in text for text in texts)


def altered(client: ScaleClient, alter: Callable[[Any, Any], None]) -> None:
    """Have an API whose pages of tasks are different."""
    original = client.api.get_request

    def get_request(path: str, params: Any = None) -> Any:
        answer = original(str(path), params)
        if path == "tasks":
            alter(answer, params)
        return answer

    client.api.get_request = get_request  # type: ignore[method-assign]


def test_what_only_the_second_list_has_is_put_in_its_place(
    client: ScaleClient, tmp_path: Path
) -> None:
    fill(client, 12)
    expected, skipped = walked(client), []

    def skip(answer: Any, query: Any) -> None:
        if not skipped and query.get("next_token"):
            skipped.append(answer["docs"].pop(1))

    altered(client, skip)
    report = client.export_tasks(tmp_path / "a", project_name=PROJECT)
    assert documents(tmp_path / "a") == expected
    assert skipped[0] in expected
    assert len(report.problems) == 1


def test_bounds_need_not_be_included(client: ScaleClient, tmp_path: Path) -> None:
    fill(client, 100)
    expected = walked(client)

    def exclude(answer: Any, query: Any) -> None:
        bounds = (query.get("start_time"), query.get("end_time"))
        answer["docs"] = [
            each for each in answer["docs"] if each["created_at"] not in bounds
        ]

    altered(client, exclude)
    client.export_tasks(tmp_path / "a", project_name=PROJECT)
    assert documents(tmp_path / "a") == expected


def test_without_a_total_there_is_one_walk(client: ScaleClient, tmp_path: Path) -> None:
    fill(client, 30)
    expected = walked(client)
    altered(client, lambda answer, _: answer.update(total=len(answer["docs"])))
    report = client.export_tasks(tmp_path / "a", project_name=PROJECT)
    assert documents(tmp_path / "a") == expected
    assert (report.windows, report.counted) == (1, None)


@pytest.mark.parametrize("total", ["30", 1e30, None, -1, 30, 10**30])
@pytest.mark.parametrize("created_at", [None, "0001-01-01T00:00:00.000Z", 5])
def test_totals_and_times_that_cannot_be_true_lose_nothing(
    client: ScaleClient, tmp_path: Path, total: Any, created_at: Any
) -> None:
    fill(client, 8)
    expected = walked(client)

    def alter(answer: Any, _: Any) -> None:
        answer["total"] = total
        if created_at is not None:
            for each in answer["docs"]:
                each["created_at"] = created_at

    altered(client, alter)
    client.export_tasks(tmp_path / "a", project_name=PROJECT)
    assert ids(tmp_path / "a") == [each["task_id"] for each in expected]


def test_a_folder_that_was_just_replaced_can_be_resumed(
    client: ScaleClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(client, 10, ["one", "two"])
    folder = tmp_path / "cows"

    def export() -> Any:
        return client.export_tasks(folder, project_name=PROJECT, split_by="batch")

    def kill(*_: Any) -> None:
        raise KeyboardInterrupt

    first = export()
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "remove", kill)
        with pytest.raises(KeyboardInterrupt):
            export()
    again = export()
    assert (again.files, again.resumed) == (first.files, 10)
    assert os.listdir(tmp_path) == ["cows"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize("split_by", [None, "batch"])
def test_a_link_stays_and_leads_to_the_export(
    client: ScaleClient, tmp_path: Path, split_by: Any
) -> None:
    fill(client, 8)
    link, target = tmp_path / "link", tmp_path / "real" / "cows"
    link.symlink_to(target)
    for _ in range(2):
        client.export_tasks(link, project_name=PROJECT, split_by=split_by)
        assert link.is_symlink()
        assert len(list(export.read_tasks(target))) == 8
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]
    assert os.listdir(tmp_path / "real") == ["cows"]


def test_a_name_that_is_too_long_is_an_error_of_ours(
    client: ScaleClient, tmp_path: Path
) -> None:
    client.create_project(PROJECT, "imageannotation")
    with pytest.raises(ScaleException, match="could not be written"):
        client.export_tasks(tmp_path / ("a" * 300), project_name=PROJECT)


@pytest.mark.skipif(os.name == "nt", reason="needs /dev")
@pytest.mark.parametrize("name", ["stdout", "null"])
def test_a_device_is_refused(client: ScaleClient, name: str) -> None:
    for split_by in (None, "batch"):
        with pytest.raises(ScaleValueError, match="device"):
            client.export_tasks(f"/dev/{name}", project_name="p", split_by=split_by)
