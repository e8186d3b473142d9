"""Projects and batches of v2: ids and names, states, metadata, pages."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from tests.sandbox.v2.calling import Caller

HEX = set("0123456789abcdef")


def batch(live: Caller, name: str = "b", **values: Any) -> Dict[str, Any]:
    made: Dict[str, Any] = live.post(
        "batch", **{"name": name, "project_name": "talks", **values}
    )
    return made


def test_a_project_has_an_id_and_is_found_by_it_and_by_name(live: Caller) -> None:
    live.project("talks/1 ä", types=["SFT"], models=["m1", "m2"])
    (project,) = live.get("projects")["projects"]
    assert len(project["id"]) == 24 and set(project["id"]) <= HEX
    assert project["types"] == ["SFT"] and project["models"] == ["m1", "m2"]
    by_name = {"project_name": "talks/1 ä"}
    for query in (by_name, {"project_id": project["id"]}):
        assert live.get("project", **query) == project
    assert live.get("project", **by_name, project_id=project["id"]) == project


def test_a_project_that_is_not_there_is_404_and_none_is_400(live: Caller) -> None:
    live.project("talks")
    live.project("pictures", "imageannotation")
    (project,) = live.get("projects")["projects"]
    assert project["name"] == "talks"
    missing = live.refused("GET", "project", project_id="talks")
    assert missing == (404, 'Project "talks" not found')
    status, text = live.refused("GET", "project", project_name="pictures")
    assert status == 404 and "type imageannotation" in text
    both = {"project_id": project["id"], "project_name": "pictures"}
    assert live.refused("GET", "project", **both)[0] == 404
    for values in ({}, {"project_id": ""}):
        assert live.refused("GET", "project", **values) == (
            400,
            'Parameter is invalid, reason: "project_id" or "project_name" is required',
        )


def test_projects_are_filtered_by_time(live: Caller) -> None:
    live.sandbox.clock.set("2024-01-01T00:00:00Z")
    live.project("old")
    live.sandbox.clock.set("2024-02-01T00:00:00Z")
    live.project("new")

    def names(**query: str) -> List[str]:
        return [p["name"] for p in live.get("projects", **query)["projects"]]

    assert names() == ["old", "new"]
    assert names(created_after="2024-01-15T00:00:00.000000+0000") == ["new"]
    assert names(created_before="2024-01-15") == ["old"]
    assert names(created_after="2024-01-01", created_before="2024-02-02") == names()
    assert live.refused("GET", "projects", created_after="soon")[0] == 400


def test_a_batch_is_the_same_in_v1_and_v2(live: Caller) -> None:
    live.project()
    made = batch(live, metadata={"a": 1}, callback="https://example.com/cb")
    project = live.get("project", project_name="talks")
    assert made == {
        "id": made["id"],
        "name": "b",
        "project": project["id"],
        "created_at": made["created_at"],
        "status": "in_progress",
        "callback": "https://example.com/cb",
        "metadata": {"a": 1},
    }
    assert live.get("batch", batch_id=made["id"]) == made
    expanded = live.get("batch", batch_name="b", expand="project")
    assert expanded == {**made, "project": project}
    of_v1 = live.v1("GET", "batches/b")
    assert of_v1["project"] == "talks" and of_v1["metadata"] == {"a": 1}
    live.v1("POST", "batches", name="from v1", project="talks")
    assert live.get("batch", batch_name="from v1")["status"] == "staging"


def test_a_project_is_named_by_any_of_three_keys(live: Caller) -> None:
    live.project()
    project_id = live.get("project", project_name="talks")["id"]
    for name, value in (("project_id", project_id), ("project", project_id)):
        made = live.post("batch", name=name, **{name: value})
        assert made["project"] == project_id


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"name": None}, 400, '"name" is required'),
        ({"name": 5}, 400, '"name" must be a string'),
        ({"project_name": None}, 400, '"project_id" or "project_name" is required'),
        ({"project_name": 5}, 400, '"project_name" must be a string'),
        ({"project_name": "x"}, 404, 'Project "x" not found'),
        ({"callback": 5}, 400, '"callback" must be a string'),
        ({"staging_batch": "no"}, 400, '"staging_batch" must be a boolean'),
        ({"metadata": []}, 400, '"metadata" must be an object'),
        ({"name": "taken"}, 409, 'Batch with name "taken" already exists'),
    ],
)
def test_a_wrong_batch_is_not_made(
    live: Caller, changes: Dict[str, Any], status: int, text: str
) -> None:
    live.project()
    batch(live, "taken")
    values = {"name": "b", "project_name": "talks", **changes}
    refused = live.refused("POST", "batch", **values)
    assert refused[0] == status and refused[1].endswith(text)
    assert len(live.get("batches")["batches"]) == 1


#: Status -> operation -> the next status; any other operation is refused.
TABLE = {
    "staging": {"finalize": "in_progress", "cancel": "cancelled"},
    "in_progress": {"pause": "paused", "cancel": "cancelled"},
    "paused": {"resume": "in_progress", "cancel": "cancelled"},
    "completed": {},
    "cancelled": {},
}


def brought_to(live: Caller, status: str) -> str:
    """Make a batch with a pending task, or a completed one; return its id."""
    made = batch(live, status, staging_batch=status == "staging")
    task = live.task(batch_name=status)
    if status == "completed":
        live.sandbox.complete(task["task_id"])
    for operation in {"paused": ["pause"], "cancelled": ["cancel"]}.get(status, []):
        live.post(f"batch/{operation}", batch_id=made["id"])
    assert live.get("batch", batch_id=made["id"])["status"] == status
    batch_id: str = made["id"]
    return batch_id


@pytest.mark.parametrize("status", TABLE)
@pytest.mark.parametrize("operation", ["finalize", "pause", "resume", "cancel"])
def test_the_table_of_states(live: Caller, status: str, operation: str) -> None:
    live.project()
    batch_id = brought_to(live, status)
    expected = TABLE[status].get(operation)
    if expected is None:
        code, text = live.refused("POST", f"batch/{operation}", batch_id=batch_id)
        assert code == 400 and f"it is {status}" in text
        expected = status
    else:
        answer = live.post(f"batch/{operation}", batch_name=status)
        if operation != "finalize":
            assert set(answer) == {"batch", "message"}
            assert answer["message"].startswith(f"Batch {operation} initiated. ")
            answer = answer["batch"]
        assert answer["status"] == expected
    assert live.get("batch", batch_id=batch_id)["status"] == expected
    assert live.v1("GET", f"batches/{status}")["status"] == expected


def test_a_paused_batch_stays_so_until_it_is_resumed(live: Caller) -> None:
    live.project()
    brought_to(live, "paused")
    live.task(batch_name="paused")
    assert live.sandbox.label(api_key=live.key) == 2
    assert live.get("batch", batch_name="paused")["status"] == "paused"
    resumed = live.post("batch/resume", batch_name="paused")["batch"]
    assert resumed["status"] == "completed" and resumed["completed_at"]


def test_a_cancelled_batch_cancels_its_pending_tasks_and_takes_no_more(
    live: Caller,
) -> None:
    live.project()
    batch(live)
    done, pending = live.task(batch_name="b"), live.task(batch_name="b")
    live.sandbox.complete(done["task_id"])
    live.post("batch/cancel", batch_name="b")
    assert live.get("task", task_id=pending["task_id"])["status"] == "canceled"
    assert live.get("task", task_id=done["task_id"])["status"] == "completed"
    refusal = (400, 'Batch "b" is cancelled and takes no tasks')
    values = {"project_name": "talks", "batch_name": "b"}
    assert live.refused("POST", "task/chat", **values) == refusal
    live.sandbox.set(done["task_id"], status="pending")
    assert live.get("batch", batch_name="b")["status"] == "cancelled"


def test_a_batch_that_is_not_there_is_404_and_none_is_400(live: Caller) -> None:
    live.project("pictures", "imageannotation")
    live.v1("POST", "batches", name="other", project="pictures")
    for path in ("finalize", "pause", "resume", "cancel", "metadata"):
        assert live.refused("POST", f"batch/{path}", metadata={})[0] == 400
        for name in ("none", "other"):
            refused = live.refused("POST", f"batch/{path}", batch_name=name)
            assert refused[0] == 404
    assert live.refused("GET", "batch")[0] == 400
    assert live.refused("GET", "batch", batch_id="other")[0] == 404
    assert live.refused("GET", "batch", batch_id="x", expand="batch")[0] == 400


def test_metadata_is_replaced_or_merged_deeply(live: Caller) -> None:
    live.project()
    batch(live, metadata={"a": {"b": 1, "c": [1]}, "d": 1})

    def changed(**values: Any) -> Any:
        return live.post("batch/metadata", batch_name="b", **values)["metadata"]

    new = {"a": {"c": [2], "e": None}, "f": {"g": 1}}
    merged = {"a": {"b": 1, "c": [2], "e": None}, "d": 1, "f": {"g": 1}}
    assert changed(metadata=new, merge=True) == merged
    assert changed(metadata={}, merge=True) == merged
    assert live.v1("GET", "batches/b")["metadata"] == merged
    assert changed(metadata={"a": 1}, merge=True)["a"] == 1
    assert changed(metadata=new) == new
    assert changed(metadata={}, merge=False) == {}
    for wrong in ({}, {"metadata": 1}, {"metadata": {}, "merge": 1}):
        assert live.refused("POST", "batch/metadata", batch_name="b", **wrong)[0] == 400


def test_metadata_that_grows_by_merges_has_the_limit(live: Caller) -> None:
    live.project()
    batch(live)
    for name, status in (("a", 200), ("b", 400)):
        values = {"batch_name": "b", "metadata": {name: "x" * 6000}, "merge": True}
        assert live.send("POST", "batch/metadata", json=values).status_code == status


def test_batches_come_in_pages_also_if_more_are_made_meanwhile(live: Caller) -> None:
    live.project()
    for number in range(5):
        batch(live, f"b{number}")
    first = live.get("batches", limit=2)
    batch(live, "late")
    following = live.get("batches", limit=2, next_token=first["next_token"])
    names = [b["name"] for b in first["batches"] + following["batches"]]
    assert names == ["b4", "b3", "b2", "b1"]
    sizes = [len(page) for page in live.pages("batches", "batches", limit=3)]
    assert sizes == [3, 3]
    for wrong in ({"limit": 0}, {"limit": 101}, {"limit": "x"}, {"next_token": "x"}):
        assert live.refused("GET", "batches", **wrong)[0] == 400


def test_batches_are_filtered(live: Caller) -> None:
    live.project()
    live.project("others")
    clock = live.sandbox.clock
    clock.set("2024-01-01T00:00:00Z")
    batch(live, "old")
    task = live.task(batch_name="old")
    clock.set("2024-02-01T00:00:00Z")
    batch(live, "new", staging_batch=True)
    batch(live, "theirs", project_name="others")
    clock.set("2024-03-01T00:00:00Z")
    live.sandbox.complete(task["task_id"])

    def names(**query: str) -> List[str]:
        return [b["name"] for b in live.get("batches", **query)["batches"]]

    assert names() == ["theirs", "new", "old"]
    assert names(project_name="talks") == ["new", "old"]
    others = live.get("project", project_name="others")["id"]
    assert names(project_id=others) == ["theirs"]
    assert names(status="completed") == ["old"]
    assert names(status="staging") == ["new"]
    assert names(status="nonsense") == []
    assert names(created_after="2024-01-15") == ["theirs", "new"]
    assert names(created_before="2024-01-15T00:00:00.000+0100") == ["old"]
    assert names(completed_after="2024-02-15") == ["old"]
    assert names(completed_before="2024-02-15") == []
    assert names(completed_after="2024-02-15", status="paused") == []
    expanded = live.get("batches", project_name="talks", expand=["project"])
    assert {b["project"]["name"] for b in expanded["batches"]} == {"talks"}
    assert live.refused("GET", "batches", project_name="x")[0] == 404
    assert live.refused("GET", "batches", expand="batch")[0] == 400
