from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from scaleapi import (
    Batch,
    BatchStatus,
    ScaleClient,
    ScaleDuplicateResource,
    ScaleException,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
    TaskType,
)
from scaleapi.sandbox import Sandbox
from tests.client.test_tasks import ODD_NAME, TEXT


def test_a_batch_lives_from_staging_to_completed(
    live_client: ScaleClient, sandbox: Sandbox
) -> None:
    live_client.create_project("p", TaskType.TextCollection)
    batch = live_client.create_batch("p", ODD_NAME, metadata={"k": [1, "é"]})
    assert batch.status == BatchStatus.Staging
    assert batch.metadata == {"k": [1, "é"]}
    assert batch.tasks_pending is None
    tasks = [
        live_client.create_task(TaskType.TextCollection, batch=ODD_NAME, **TEXT)
        for _ in range(3)
    ]
    assert {task.project for task in tasks} == {"p"}

    finalized = batch.finalize()
    assert finalized.status == batch.status == BatchStatus.InProgress
    assert live_client.finalize_batch(ODD_NAME).status == BatchStatus.InProgress
    tasks[0].cancel()
    sandbox.complete(tasks[1].id)
    assert batch.get_status() == {
        "status": "in_progress",
        "pending": 1,
        "completed": 1,
        "canceled": 1,
    }
    assert (batch.tasks_pending, batch.tasks_completed) == (1, 1)
    assert (batch.tasks_canceled, batch.tasks_error) == (1, 0)

    sandbox.complete(tasks[2].id)
    assert live_client.batch_status(ODD_NAME)["status"] == "completed"
    assert live_client.get_batch(ODD_NAME).status == BatchStatus.Completed
    live_client.create_task(TaskType.TextCollection, batch=ODD_NAME, **TEXT)
    assert live_client.get_batch(ODD_NAME).status == BatchStatus.InProgress


def test_a_batch_under_a_test_key_is_in_progress_at_once(client: ScaleClient) -> None:
    client.create_project("p", TaskType.TextCollection)
    assert client.create_batch("p", "b").status == "in_progress"


def test_a_batch_from_before_there_was_metadata_has_none() -> None:
    assert Batch({"name": "b", "status": "staging"}, None).metadata == {}


def test_a_name_is_taken_once_and_needs_its_project(client: ScaleClient) -> None:
    client.create_project("p", TaskType.TextCollection)
    client.create_project("q", TaskType.TextCollection)
    client.create_batch("p", "b")
    with pytest.raises(ScaleDuplicateResource, match='"b" already exists'):
        client.create_batch("q", "b")
    with pytest.raises(ScaleResourceNotFound, match='Project "none" not found'):
        client.create_batch("none", "c")
    with pytest.raises(ScaleInvalidRequest, match='"name" is required'):
        client.create_batch("p", "")


def test_an_unknown_batch_is_not_found(client: ScaleClient) -> None:
    for call in (client.get_batch, client.batch_status, client.finalize_batch):
        with pytest.raises(ScaleResourceNotFound, match="not found"):
            call(ODD_NAME)


def test_batches_come_newest_first_from_all_pages(client: ScaleClient) -> None:
    client.create_project("p", TaskType.TextCollection)
    client.create_project("q", TaskType.TextCollection)
    names = [client.create_batch("p", f"b{i}").name for i in range(5)]
    client.create_batch("q", "other")
    page = client.batches(project="p", limit=2, offset=2)
    assert [batch.name for batch in page] == ["b2", "b1"]
    assert (page.total, page.limit, page.offset, page.has_more) == (5, 2, 2, True)
    assert [batch.name for batch in client.get_batches("p")] == names[::-1]
    assert len(list(client.get_batches())) == 6


def test_more_batches_than_a_page_holds_come_once_each(client: ScaleClient) -> None:
    client.create_project("p", TaskType.TextCollection)
    names = [client.create_batch("p", f"b{i}").name for i in range(105)]
    assert [batch.name for batch in client.get_batches("p")] == names[::-1]


def test_batches_are_found_by_status_and_time(client: ScaleClient) -> None:
    client.create_project("p", TaskType.TextCollection)
    client.create_batch("p", "b")
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    assert len(list(client.get_batches(batch_status="in_progress"))) == 1
    assert not list(client.get_batches(batch_status=BatchStatus.Staging))
    assert not list(client.get_batches(created_after=soon))
    assert len(client.batches(start_time="2020-01-01", end_time=soon)) == 1
    assert len(list(client.get_batches(exclude_archived=True))) == 1


def test_an_unknown_filter_is_refused(client: ScaleClient) -> None:
    with pytest.raises(ScaleInvalidRequest) as caught:
        client.batches(name="b")
    assert caught.value.message == "Illegal parameter name for ScaleClient.batches()"


def test_a_batch_without_a_client_says_what_to_do() -> None:
    batch = Batch({"name": "b"}, None)
    for call in (batch.finalize, batch.get_status):
        with pytest.raises(ScaleException, match="made without a client"):
            call()
    assert str(batch) == "Batch(name=b)"
