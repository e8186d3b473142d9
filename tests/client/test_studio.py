"""Users, labelers, groups and batches of Studio."""

from __future__ import annotations

import pytest

from scaleapi import (
    ScaleClient,
    ScaleDuplicateResource,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
    StudioProjectGroup,
    StudioWorker,
    TaskType,
)
from scaleapi.sandbox import Sandbox
from tests.client.test_tasks import ODD_NAME, TEXT

ANNA, BERT = "anna@example.com", "bert@example.com"


def test_add_and_remove_studio_assignments(client: ScaleClient) -> None:
    client.create_project("p", "chat", studio=True)
    client.create_project(ODD_NAME, "chat", studio=True)
    client.invite_teammates([ANNA, BERT], "labeler")
    assert client.list_studio_assignments()[ANNA].assigned_projects == []
    client.add_studio_assignments([ANNA, BERT], ["p"])
    assignments = client.add_studio_assignments([ANNA, ANNA], ["p", ODD_NAME])
    assert set(assignments) == {"owner@example.com", ANNA, BERT}
    anna = assignments[ANNA]
    assert anna.as_dict() == anna.assigned_projects == ["p", ODD_NAME]
    assert str(anna) == (
        f"StudioLabelerAssignment(email={ANNA},assigned_projects={['p', ODD_NAME]})"
    )
    left = client.remove_studio_assignments(ANNA, "p")
    assert left[ANNA].assigned_projects == [ODD_NAME]
    assert left[BERT].assigned_projects == ["p"]
    for emails, projects in ((["x@y.z"], ["p"]), ([ANNA], ["none"])):
        with pytest.raises(ScaleResourceNotFound):
            client.add_studio_assignments(emails, projects)
    assert client.list_studio_assignments()[ANNA] == left[ANNA]


def test_create_project_group_requires_assigned_labelers(
    client: ScaleClient,
) -> None:
    client.create_project(ODD_NAME, "chat", studio=True)
    client.invite_teammates([ANNA, BERT], "labeler")
    with pytest.raises(ScaleInvalidRequest, match="not assigned"):
        client.create_project_group(ODD_NAME, [ANNA], "night")
    assert client.list_project_groups(ODD_NAME) == []
    client.add_studio_assignments([ANNA], [ODD_NAME])
    group = client.create_project_group(ODD_NAME, [ANNA], "night / 1")
    assert (group.name, group.numWorkers, group.isSingleton) == ("night / 1", 1, False)
    (worker,) = group.workers
    assert isinstance(worker, StudioWorker)
    assert str(worker) == f"StudioWorker(id={ANNA})"
    assert str(group) == "StudioProjectGroup(name=night / 1)"
    with pytest.raises(ScaleDuplicateResource):
        client.create_project_group(ODD_NAME, [], "night / 1")
    with pytest.raises(ScaleInvalidRequest, match="not assigned"):
        client.update_project_group(ODD_NAME, "night / 1", [BERT], [])

    client.add_studio_assignments([BERT], [ODD_NAME])
    group = client.update_project_group(
        ODD_NAME, "night / 1", add_emails=[BERT], remove_emails=[ANNA, "x@y.z"]
    )
    assert [worker.email for worker in group.workers] == [BERT]
    assert client.list_project_groups(ODD_NAME) == [group]
    client.remove_studio_assignments([BERT], [ODD_NAME])
    (empty,) = client.list_project_groups(ODD_NAME)
    assert (empty.workers, empty.numWorkers) == ([], 0)
    for project, name in ((ODD_NAME, "day"), ("none", "night / 1")):
        with pytest.raises(ScaleResourceNotFound):
            client.update_project_group(project, name, [], [])


def test_project_group_without_workers_has_an_empty_list() -> None:
    assert StudioProjectGroup({"id": "1", "name": "n"}, None).workers == []


def test_studio_batches_have_an_order(
    live_client: ScaleClient, sandbox: Sandbox
) -> None:
    client = live_client
    client.create_project("p", "textcollection", studio=True)
    client.create_project("other", "textcollection")
    client.create_batch("other", "o").finalize()
    for name in ("a", "b/2", "c", "staging"):
        client.create_batch("p", name)
        if name != "staging":
            client.finalize_batch(name)

    def names() -> "list[str]":
        return [batch.name for batch in client.list_studio_batches()]

    assert names() == ["a", "b/2", "c"]
    assert client.list_studio_batches()[0].studio_priority is None
    ordered = client.set_studio_batches_priorities(["c", "a", "b/2"])
    assert [b.name for b in ordered] == names() == ["c", "a", "b/2"]
    assert [b.studio_priority for b in ordered] == [1, 2, 3]
    for wrong in (["c", "a"], ["c", "a", "b/2", "b/2"], ["c", "a", "x"], []):
        with pytest.raises(ScaleInvalidRequest, match="every pending Studio batch"):
            client.set_studio_batches_priorities(wrong)

    task = client.create_task(TaskType.TextCollection, batch="a", **TEXT)
    client.create_task(TaskType.TextCollection, batch="a", **TEXT).cancel()
    first = client.reset_studio_batches_priorities()[0]
    assert (first.name, first.total, first.completed) == ("a", 2, 0)
    assert (first.project_name, first.batch_type) == ("p", "Production")
    assert first.groups == []

    client.create_project_group("p", [], "night")
    assert client.assign_studio_batches("b/2", ["night"]).groups == ["night"]
    with pytest.raises(ScaleResourceNotFound, match='"day" not found'):
        client.assign_studio_batches("b/2", ["day"])
    with pytest.raises(ScaleResourceNotFound, match='"o" not found'):
        client.assign_studio_batches("o", [])
    assert client.assign_studio_batches("b/2", []).groups == []
    sandbox.complete(task.id)
    assert names() == ["b/2", "c"]
