"""Documents of v2 without a server."""

from __future__ import annotations

import pytest

from scaleapi import ScaleClient, TaskType
from scaleapi.api_client.v2 import Batch, Delivery, Project, Task
from scaleapi.sandbox import Sandbox, factories
from scaleapi.sandbox.labeler.conversation_details import OPTS
from tests.sandbox.test_factories import form


@pytest.mark.parametrize("kind", ["rlhf", "sft", "rubrics"])
def test_a_conversation_of_v2_is_the_one_that_the_sandbox_shows(
    kind: str, sandbox: Sandbox, live_client: ScaleClient
) -> None:
    live_client.create_project("talks", TaskType.Chat)
    task = live_client.create_task(
        TaskType.Chat, project="talks", **factories.parameters(kind)
    )
    sandbox.complete(task, form=kind)
    for opts in ([], ["annotation_details"], list(OPTS)):
        there = live_client.v2.get_task(task.id, opts=opts).to_dict()
        made = factories.v2.task(kind, opts=opts)
        assert set(there) | {"batch"} == set(made)
        assert form(there["threads"]) == form(made["threads"])
    there = live_client.v2.get_project(project_name="talks").to_dict()
    assert set(there) == set(factories.v2.project())


def test_documents_of_v2_are_read_by_the_client() -> None:
    pending = Task.from_dict(factories.v2.task(status="pending", batch=None))
    assert pending.status == "pending" and pending.threads == []
    assert pending.batch is None and pending.project
    failed = Task.from_dict(factories.v2.task("sft", "error"))
    assert failed.errors[0].type == "PROMPT_INFEASIBLE"
    batch = Batch.from_dict(factories.v2.batch("b", "paused", seed=3))
    assert (batch.name, batch.status) == ("b", "paused")
    delivery = Delivery.from_dict(factories.v2.delivery(task_count=7))
    assert delivery.task_count == 7 and delivery.delivered_at.year == 2022
    project = Project.from_dict(factories.v2.project("p", types=["SFT"]))
    assert (project.name, project.types) == ("p", ["SFT"])


def test_a_task_of_v2_has_an_id_and_texts_that_follow_from_the_seed() -> None:
    tasks = [factories.v2.task("sft", seed=seed) for seed in (1, 1, 2)]
    assert tasks[0] == tasks[1] != tasks[2]
    assert factories.v2.task(task_id="t")["task_id"] == "t"
    changed = factories.v2.task(metadata={"a": 1}, completed_at=None)
    assert changed["metadata"] == {"a": 1} and "completed_at" not in changed


def test_what_v2_does_not_have_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="kind must be one of rlhf, sft, rubrics"):
        factories.v2.task("chat")
    with pytest.raises(ValueError, match="opts must be among annotation_details"):
        factories.v2.task(opts=["all"])
    with pytest.raises(ValueError, match="status must be one of"):
        factories.v2.task(status="deleted")
