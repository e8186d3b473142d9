"""Every public call once, in one story, and a look at what came back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Callable, Dict, List, Type

from scaleapi import (
    Batch,
    Batchlist,
    EvaluationTask,
    File,
    Project,
    ScaleClient,
    StudioBatch,
    StudioLabelerAssignment,
    StudioProjectGroup,
    Task,
    Tasklist,
    TaskTemplate,
    Teammate,
    TrainingTask,
)
from tests.client.test_tasks import TEXT


class Witness:
    """Notes which calls of a client were made, and what type they answered."""

    def __init__(self, client: ScaleClient) -> None:
        self._client = client
        self.answers: Dict[str, Type[Any]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)

        def noted(*arguments: Any, **keywords: Any) -> Any:
            answer = call(*arguments, **keywords)
            self.answers[name] = type(answer)
            return answer

        return noted


def test_every_call_returns_the_documented_type(
    live_client: ScaleClient, tmp_path: Path
) -> None:
    client: Any = Witness(live_client)
    mail = "a@example.com"

    client.create_project("p", "textcollection", TEXT, studio=True)
    assert client.get_project("p").params["fields"] == TEXT["fields"]
    assert client.update_project("p", patch=True, instruction="i").version == 1
    assert [p.name for p in client.projects()] == ["p"]
    assert client.get_projects()[0].instruction == "i"
    assert client.get_project_template("p").version == 1

    client.create_batch("p", "b", metadata={"k": 1})
    assert client.get_batch("b").status == "staging"
    assert client.set_batch_metadata("b", {"k": 2}).metadata == {"k": 2}
    assert client.batches(project="p").total == 1
    assert [b.name for b in client.get_batches("p")] == ["b"]
    assert client.finalize_batch("b").status == "in_progress"

    file = client.upload_file(io.BytesIO(b"x"), project_name="p")
    assert client.import_file("http://x/y").id != file.id
    task = client.create_task("textcollection", batch="b", unique_id="u", **TEXT)
    assert client.get_task(task.id).instruction == "i"
    assert client.batch_status("b") == {"status": "in_progress", "pending": 1}
    assert client.tasks(project="p").total == 1
    assert [t.id for t in client.get_tasks("p")] == [task.id]
    assert client.get_tasks_count("p") == 1
    assert client.export_tasks(tmp_path / "p.jsonl", project_name="p").tasks == 1
    assert client.update_task_unique_id(task.id, "v").unique_id == "v"
    assert "unique_id" not in client.clear_task_unique_id(task.id).as_dict()
    assert client.set_task_metadata(task.id, {"m": 1}).metadata == {"m": 1}
    assert client.set_task_tags(task.id, ["a"]).tags == ["a"]
    assert client.add_task_tags(task.id, ["b"]).tags == ["a", "b"]
    assert client.delete_task_tags(task.id, ["a"]).tags == ["b"]
    known: Dict[str, Any] = {"expected_response": {"note": "x"}}
    evaluation = client.create_evaluation_task("textcollection", **TEXT, **known)
    training = client.create_training_task("textcollection", **TEXT, **known)
    assert evaluation.expected_response == training.expected_response

    assert len(client.list_teammates()) == 1
    assert len(client.invite_teammates([mail], "member")) == 2
    assert client.update_teammates_role([mail], "labeler")[1].role == "labeler"
    assert client.list_studio_assignments()[mail].assigned_projects == []
    assigned = client.add_studio_assignments([mail], ["p"])
    assert assigned[mail].assigned_projects == ["p"]
    assert client.create_project_group("p", [mail], "g").numWorkers == 1
    assert [g.name for g in client.list_project_groups("p")] == ["g"]
    assert client.assign_studio_batches("b", ["g"]).groups == ["g"]
    assert [b.total for b in client.list_studio_batches()] == [1]
    assert client.set_studio_batches_priorities(["b"])[0].studio_priority == 1
    assert client.reset_studio_batches_priorities()[0].studio_priority is None
    assert client.update_project_group("p", "g", [], [mail]).workers == []
    assert client.remove_studio_assignments([mail], ["p"])[mail].as_dict() == []

    answered = Task({"task_id": "t", "response": {"annotations": {"a": 1}}}, None)
    assert client.load_result(answered) == {"a": 1}

    same = client.get_or_create_task("textcollection", unique_id="w", **TEXT)
    bulk = client.create_tasks("textcollection", [{**TEXT, "unique_id": "w"}])
    assert [result.task for result in bulk] == [same]
    assert [r.status for r in client.cancel_tasks([same])] == ["canceled"]
    assert [r.value for r in client.map(live_client.get_task, [same.id])] == [same]
    assert [r.status for r in client.upload_files([b"x"])] == ["uploaded"]
    assert [r.status for r in client.import_files(["http://x/y"])] == ["imported"]
    assert [r.status for r in client.download_files([answered], tmp_path)] == []
    assert client.get_or_create_project("p", "textcollection").name == "p"
    assert client.get_or_create_batch("p", "b").name == "b"

    assert client.cancel_task(task.id).status == "canceled"
    test_client = ScaleClient("test_every_call", None, live_client.api.base_api_url)
    done = test_client.create_task("textcollection", **TEXT)
    client.answers["audit_task"] = type(test_client.audit_task(done.id, True, "good"))
    assert test_client.get_task(done.id).customer_review_status == "accepted"

    assert client.check_key().newest_batch == "b"
    # A generator, which sends nothing yet. tests/v2 has all calls of v2.
    client.v2_get_tasks("p")
    every = {n for n in dir(ScaleClient) if not n.startswith("_")}
    # no calls of the API
    every -= {"close", "from_profile", "mode", "callback_key", "v2"}
    assert set(client.answers) == every
    for kind, calls in EXPECTED.items():
        for name in calls:
            assert client.answers.pop(name) is kind, name
    # What is left are lists and dicts of objects, generators and reports.
    assert {kind.__name__ for kind in client.answers.values()} == {
        "list",
        "dict",
        "generator",
        "BulkResults",
        "ExportReport",
        "KeyCheck",
    }


EXPECTED: Dict[Type[Any], List[str]] = {
    Task: [
        "create_task",
        "get_or_create_task",
        "get_task",
        "cancel_task",
        "update_task_unique_id",
        "clear_task_unique_id",
        "set_task_metadata",
        "set_task_tags",
        "add_task_tags",
        "delete_task_tags",
    ],
    Tasklist: ["tasks"],
    int: ["get_tasks_count"],
    type(None): ["audit_task"],
    Batch: [
        "create_batch",
        "get_or_create_batch",
        "get_batch",
        "finalize_batch",
        "set_batch_metadata",
    ],
    Batchlist: ["batches"],
    Project: [
        "create_project",
        "get_or_create_project",
        "get_project",
        "update_project",
    ],
    TaskTemplate: ["get_project_template"],
    File: ["upload_file", "import_file"],
    EvaluationTask: ["create_evaluation_task"],
    TrainingTask: ["create_training_task"],
    StudioProjectGroup: ["create_project_group", "update_project_group"],
    StudioBatch: ["assign_studio_batches"],
}


def test_lists_and_dicts_hold_objects(client: ScaleClient) -> None:
    client.create_project("p", "textcollection", studio=True)
    client.create_batch("p", "b")
    client.create_project_group("p", [], "g")
    assert isinstance(client.list_teammates()[0], Teammate)
    assert isinstance(client.list_project_groups("p")[0], StudioProjectGroup)
    assert isinstance(client.list_studio_batches()[0], StudioBatch)
    assignments = client.list_studio_assignments().values()
    assert all(isinstance(each, StudioLabelerAssignment) for each in assignments)
