"""All calls of v2 against the sandbox, which knows nothing of this client."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any, Callable, List, Set

import pytest
from scaleapi.api_client.v2.exceptions import (
    BadRequestException,
    ConflictException,
    NotFoundException,
    UnauthorizedException,
)

from scaleapi import Option, ScaleClient, V2Task
from scaleapi.api_client import v2
from scaleapi.sandbox import Sandbox
from tests.v2.test_calls import OPERATIONS


class Witness:
    """Notes which calls of v2 were made."""

    def __init__(self, client: ScaleClient) -> None:
        self._v2 = client.v2
        self.made: Set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        self.made.add(name)
        call: Callable[..., Any] = getattr(self._v2, name)
        return call


@pytest.fixture
def talks(sandbox: Sandbox, live_client: ScaleClient) -> ScaleClient:
    """A client whose world has two completed conversations."""
    params = {"types": ["RLHF: Pref Ranking"], "models": ["one", "two"]}
    live_client.create_project("talks", "chat", params=params)
    for number in range(2):
        live_client.v2.create_chat_task(
            project_name="talks", template_variables={"prompt": f"Why {number}?"}
        )
    sandbox.label(project="talks", api_key=live_client.api.api_key)
    return live_client


def test_every_call_works(sandbox: Sandbox, talks: ScaleClient) -> None:
    api: Any = Witness(talks)
    (project,) = api.get_projects().projects
    assert api.get_project(project.id) == api.get_project(project_name="talks")

    batch = api.create_batch(name="b", project=project.id, staging_batch=True)
    assert batch.status is v2.BatchStatus.STAGING
    assert api.finalize_batch(batch.id).status is v2.BatchStatus.IN_PROGRESS
    assert api.pause_batch(batch_name="b").batch.status == "paused"
    assert "resume" in api.resume_batch({"batch_id": batch.id}).message.lower()
    assert api.set_batch_metadata(batch.id, metadata={"a": {"b": 1}})
    merged = api.set_batch_metadata(batch.id, metadata={"a": {"c": 2}}, merge=True)
    assert merged.metadata == {"a": {"b": 1, "c": 2}}
    assert api.get_batch(batch.id, expand=["project"]).project.name == "talks"
    assert [b.id for b in api.get_batches(project_id=project.id).batches] == [batch.id]
    assert api.cancel_batch(batch.id).batch.status is v2.BatchStatus.CANCELLED

    new = api.create_chat_task(v2.CreateChatTaskRequest(project_id=project.id))
    assert new.status is v2.TaskStatus.PENDING and new.threads == []
    assert api.set_task_metadata(new.task_id, metadata={"x": None}).metadata == {
        "x": None
    }
    page = api.get_tasks(project.id, status="completed", limit=1, opts=list(Option))
    assert page.next_token
    task = api.get_task(page.tasks[0].task_id, expand=["project", "batch"])
    assert task.project.actual_instance.name == "talks"
    annotation = page.tasks[0].threads[0].turns[0].annotations[0]
    assert api.get_annotation(annotation.id).value == annotation.value

    sandbox.deliver("talks", "first", api_key=talks.api.api_key)
    (delivery,) = api.get_deliveries(project_name="talks").deliveries
    assert delivery.delivered_at.tzinfo is not None
    delivered = api.get_delivery(delivery.id, limit=1)
    assert delivered.delivery.actual_instance.name == "first"
    docs = api.get_delivery_tasks(delivery.id, project.id).docs
    assert [doc.delivered_at[:2] for doc in docs] == ["20", "20"]
    assert json.loads(api.get_schema(docs[0].response_schema_id).var_schema.var_json)

    (dataset,) = api.get_datasets().datasets
    (bought,) = api.get_dataset_deliveries(dataset.id, expand=["dataset"]).deliveries
    assert bought.dataset.name == dataset.name
    tasks = api.get_dataset_delivery(bought.id).tasks
    assert api.get_dataset_tasks(dataset.id, limit=1).tasks == tasks[:1]
    found = api.get_dataset_task(tasks[0].task_id)
    attachment = found.response["recording"]["attachment_id"]
    url = api.get_dataset_task_response_url(found.task_id, attachment)
    with urllib.request.urlopen(url, timeout=60) as file:
        assert file.read()
    assert api.made == set(OPERATIONS)


def test_conversations_to_a_file_and_back(talks: ScaleClient, tmp_path: Path) -> None:
    path = tmp_path / "conversations.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for task in talks.v2_get_tasks(project_name="talks", limit=1):
            file.write(task.to_json() + "\n")
    with path.open(encoding="utf-8") as file:
        tasks: List[V2Task] = [V2Task.from_json(line) for line in file]
    assert tasks == list(talks.v2_get_tasks(project_name="talks"))
    assert len(tasks) == 2
    for task in tasks:
        question, *answers = task.threads[0].turns[0].messages
        assert question.role.value == "user"
        assert [answer.role for answer in answers] == [v2.MessageRole.ASSISTANT] * 2
        assert talks.get_task(task.task_id).status == "completed"


def test_errors_have_the_class_of_their_status(
    sandbox: Sandbox, talks: ScaleClient
) -> None:
    with pytest.raises(NotFoundException):
        talks.v2.get_task("0" * 24)
    with pytest.raises(BadRequestException):
        talks.v2.get_tasks()
    with pytest.raises(BadRequestException):
        talks.v2.get_schema("x")
    talks.v2.create_chat_task(project_name="talks", unique_id="u")
    with pytest.raises(ConflictException):
        talks.v2.create_chat_task(project_name="talks", unique_id="u")
    with pytest.raises(UnauthorizedException):
        ScaleClient("nobody", api_instance_url=sandbox.url).v2.get_projects()


def test_a_task_whose_answer_is_lost_is_made_once(
    sandbox: Sandbox, talks: ScaleClient, waits: List[float]
) -> None:
    fault = sandbox.faults.add("reset", path="/v2/task/chat", carried_out=True)
    try:
        task = talks.v2.create_chat_task(project_name="talks", unique_id="u")
    finally:
        sandbox.faults.clear()
    assert fault.triggered == 1
    assert talks.get_task(task.task_id).unique_id == "u"
    assert task == talks.v2.get_task(task.task_id)
