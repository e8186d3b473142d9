"""What can be changed on a task, through the client and through the task."""

from __future__ import annotations

import copy
import pickle
import weakref
from typing import Any

import pytest

import scaleapi
from scaleapi import (
    ScaleClient,
    ScaleDuplicateResource,
    ScaleException,
    ScaleInvalidRequest,
    Task,
    TaskReviewStatus,
)
from tests.client.test_tasks import make


def test_audit_task_adds_an_audit_and_the_last_one_counts(client: ScaleClient) -> None:
    client.create_project("p", "textcollection")
    task = make(client, project="p")
    assert client.audit_task(task.id, False, "too rough") is None
    assert task.audit(True) is None
    assert not hasattr(task, "audits")  # until it is refreshed
    task.refresh()
    assert task.customer_review_status == TaskReviewStatus.Accepted
    assert [a["audit_result"] for a in task.audits] == ["rejected", "accepted"]
    assert task.audits[0]["comments"] == "too rough"
    assert task.updated_at >= task.created_at
    for status, number in (("accepted", 1), ("rejected", 0), ("pending", 0)):
        assert client.get_tasks_count("p", review_status=status) == number
    make(client, project="p")
    assert client.get_tasks_count("p", review_status=["pending", "accepted"]) == 2


def test_audit_task_requires_a_completed_task(live_client: ScaleClient) -> None:
    task = make(live_client)
    with pytest.raises(ScaleInvalidRequest, match="cannot be audited"):
        task.audit(True)


@pytest.mark.parametrize("accepted", [None, "yes", 1])
def test_audit_task_rejects_accepted_that_is_not_a_bool(
    client: ScaleClient, accepted: Any
) -> None:
    task = make(client)
    with pytest.raises(ScaleInvalidRequest, match='"accepted"'):
        task.audit(accepted)


def test_update_and_clear_task_unique_id(client: ScaleClient) -> None:
    one, two = make(client, unique_id="1"), make(client, unique_id="2")
    assert client.update_task_unique_id(one.id, "a").unique_id == "a"
    assert client.update_task_unique_id(one.id, "a").unique_id == "a"
    with pytest.raises(ScaleDuplicateResource) as caught:
        two.update_unique_id("a")
    assert caught.value.message.endswith(f"({one.id}).")
    assert two.update_unique_id("1") is None  # free since the change
    assert not hasattr(client.clear_task_unique_id(one.id), "unique_id")
    assert one.clear_unique_id() is None
    two.refresh()
    assert two.unique_id == "1"
    two.update_unique_id("a")
    assert [task.id for task in client.tasks(unique_id="a")] == [two.id]
    assert client.tasks(unique_id="1") == []
    with pytest.raises(ScaleInvalidRequest, match='"unique_id" is required'):
        two.update_unique_id("")


def test_set_task_metadata_replaces_all_metadata(client: ScaleClient) -> None:
    task = make(client, metadata={"a": 1})
    metadata = {"é": [None, {"n": 0.1}], "x": None}
    assert client.set_task_metadata(task.id, metadata).metadata == metadata
    assert task.set_metadata({}) is None
    task.refresh()
    assert task.metadata == {}
    with pytest.raises(ScaleInvalidRequest, match="10240 bytes"):
        task.set_metadata({"a": "x" * 10_240})


def test_set_add_and_delete_task_tags_keep_the_order(client: ScaleClient) -> None:
    task = make(client)
    assert not hasattr(client.delete_task_tags(task.id, ["x"]), "tags")
    assert client.add_task_tags(task.id, ["c", "a", "c"]).tags == ["c", "a"]
    assert client.add_task_tags(task.id, ["a", "b"]).tags == ["c", "a", "b"]
    assert client.delete_task_tags(task.id, ["a", "none"]).tags == ["c", "b"]
    assert client.set_task_tags(task.id, ["z", "y", "z"]).tags == ["z", "y"]
    assert [found.id for found in client.tasks(tags="y")] == [task.id]
    assert client.tasks(tags=["c", "b"]) == []
    assert client.set_task_tags(task.id, []).tags == []
    assert client.tasks(tags="y") == []
    task.set_tags("one")
    task.add_tags(("two", "three"))
    task.delete_tags(["one"])
    task.refresh()
    assert task.tags == ["two", "three"]
    with pytest.raises(TypeError, match="tags must be a list"):
        task.set_tags(None)  # type: ignore[arg-type]
    with pytest.raises(ScaleInvalidRequest, match="array of strings"):
        client.set_task_tags(task.id, [1])  # type: ignore[list-item]


def test_tasks_can_be_changed_in_every_status(live_client: ScaleClient) -> None:
    task = make(live_client, unique_id="u")
    task.cancel()
    task.set_tags(["a"])
    task.set_metadata({"k": 1})
    task.clear_unique_id()
    task.refresh()
    assert (task.status, task.tags, task.metadata) == ("canceled", ["a"], {"k": 1})


def test_copied_task_uses_the_same_client(client: ScaleClient) -> None:
    task = make(client)
    task.mine = [1]
    for copied in (copy.copy(task), copy.deepcopy(task)):
        assert copied == task
        assert copied._client is client
        copied.refresh()
        assert copied.status == "completed"
    assert copied.mine == [1]
    assert copied.mine is not task.mine


def test_a_pickled_task_can_be_refreshed(client: ScaleClient) -> None:
    task = make(client)
    again = pickle.loads(pickle.dumps(task))
    assert again == task
    again.refresh()
    assert again.status == "completed"


class MyTask(Task):
    @property
    def label(self) -> str:
        return f"{self.status}!"


def test_a_task_can_be_subclassed_and_weakly_referenced() -> None:
    task = MyTask(json={"task_id": "1", "status": "pending"}, client=None)
    assert task.label == "pending!"
    assert str(task) == "MyTask(id=1)"
    assert task == MyTask({"task_id": "1"}, None)
    assert weakref.ref(task)() is task
    assert pickle.loads(pickle.dumps(task)).label == "pending!"


def test_methods_of_objects_without_a_client_raise_a_clear_error() -> None:
    task = Task({"task_id": "1"}, None)
    project = scaleapi.Project({"name": "p"}, None)
    teammate = scaleapi.Teammate({"email": "e"}, None)
    calls = [
        lambda: task.audit(True),
        lambda: task.update_unique_id("u"),
        lambda: task.clear_unique_id(),
        lambda: task.set_metadata({}),
        lambda: task.set_tags([]),
        lambda: task.add_tags([]),
        lambda: task.delete_tags([]),
        lambda: project.get_template(),
        lambda: teammate.update_teammate_role("member"),
    ]
    for call in calls:
        with pytest.raises(ScaleException, match="made without a client"):
            call()
