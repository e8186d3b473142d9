from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from scaleapi import (
    Batch,
    BatchStatus,
    ScaleClient,
    ScaleDuplicateResource,
    ScaleException,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
    ScaleValueError,
    TaskType,
)
from scaleapi.sandbox import Sandbox
from tests.client.test_tasks import ODD_NAME, TEXT


def test_batch_goes_from_staging_over_in_progress_to_completed(
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


def test_batch_as_dict_follows_its_status(
    live_client: ScaleClient, sandbox: Sandbox
) -> None:
    live_client.create_project("p", TaskType.TextCollection)
    batch = live_client.create_batch("p", "b")
    task = live_client.create_task(TaskType.TextCollection, batch="b", **TEXT)
    before = batch.as_dict()

    def statuses() -> "set[str]":
        assert f"'status': {batch.status!r}" in repr(batch)
        return {batch.status, batch.as_dict()["status"]}

    assert statuses() == {"staging"}
    batch.finalize()
    assert statuses() == {"in_progress"}
    sandbox.complete(task.id)
    batch.get_status()
    assert statuses() == {"completed"}
    live_client.create_task(TaskType.TextCollection, batch="b", unique_id="u", **TEXT)
    batch.get_status()
    assert statuses() == {"in_progress"}
    sandbox.label(batch="b")
    batch.wait(timeout=10)
    assert statuses() == {"completed"}
    # Who has kept the document has it as it was.
    assert before["status"] == "staging"


def test_attributes_that_are_set_on_a_batch_are_not_in_its_document(
    live_client: ScaleClient,
) -> None:
    live_client.create_project("p", TaskType.TextCollection)
    batch = live_client.create_batch("p", "b")
    batch.created_at = datetime.fromisoformat(  # type: ignore[assignment]
        batch.created_at.replace("Z", "+00:00")
    )
    batch.status = "mine"
    assert "mine" not in json.dumps(batch.as_dict())
    batch.finalize()
    assert batch.status == batch.as_dict()["status"] == "in_progress"
    assert json.loads(json.dumps(batch.as_dict()))["created_at"]


def test_batch_metadata_is_the_dict_in_its_document(client: ScaleClient) -> None:
    client.create_project("p", TaskType.TextCollection)
    batch = client.create_batch("p", "b")
    batch.metadata["farm"] = "north"
    assert batch.as_dict()["metadata"] == {"farm": "north"}


def test_create_batch_with_a_test_key_gives_a_batch_in_progress(
    client: ScaleClient,
) -> None:
    client.create_project("p", TaskType.TextCollection)
    assert client.create_batch("p", "b").status == "in_progress"


def test_batch_without_metadata_has_an_empty_dict() -> None:
    assert Batch({"name": "b", "status": "staging"}, None).metadata == {}


def test_create_batch_rejects_a_name_in_use_and_an_unknown_project(
    client: ScaleClient,
) -> None:
    client.create_project("p", TaskType.TextCollection)
    client.create_project("q", TaskType.TextCollection)
    client.create_batch("p", "b")
    with pytest.raises(ScaleDuplicateResource, match='"b" already exists'):
        client.create_batch("q", "b")
    with pytest.raises(ScaleResourceNotFound, match='Project "none" not found'):
        client.create_batch("none", "c")
    with pytest.raises(ScaleInvalidRequest, match='"name" is required'):
        client.create_batch("p", "")


def test_get_batch_of_an_unknown_name_is_not_found(client: ScaleClient) -> None:
    for call in (client.get_batch, client.batch_status, client.finalize_batch):
        with pytest.raises(ScaleResourceNotFound, match="not found"):
            call(ODD_NAME)


def test_get_batches_yields_all_pages_newest_first(client: ScaleClient) -> None:
    client.create_project("p", TaskType.TextCollection)
    client.create_project("q", TaskType.TextCollection)
    names = [client.create_batch("p", f"b{i}").name for i in range(5)]
    client.create_batch("q", "other")
    page = client.batches(project="p", limit=2, offset=2)
    assert [batch.name for batch in page] == ["b2", "b1"]
    assert (page.total, page.limit, page.offset, page.has_more) == (5, 2, 2, True)
    assert [batch.name for batch in client.get_batches("p")] == names[::-1]
    assert len(list(client.get_batches())) == 6


def test_get_batches_yields_each_batch_of_several_pages_once(
    client: ScaleClient,
) -> None:
    client.create_project("p", TaskType.TextCollection)
    names = [client.create_batch("p", f"b{i}").name for i in range(105)]
    assert [batch.name for batch in client.get_batches("p")] == names[::-1]


def make_batches(client: ScaleClient, number: int) -> "list[str]":
    client.create_project("p", TaskType.TextCollection)
    results = client.map(
        lambda i: client.create_batch("p", f"b{i}").name, range(number)
    )
    return [result.value for result in results if result.value is not None]


def test_get_batches_yields_each_batch_even_if_the_loop_finalizes_them(
    live_client: ScaleClient,
) -> None:
    names = make_batches(live_client, 230)
    walked = []
    for batch in live_client.get_batches("p", batch_status="staging"):
        batch.finalize()
        walked.append(batch.name)
    assert sorted(walked) == sorted(names)
    assert live_client.batches(status="staging").total == 0


def test_get_batches_feeds_a_bulk_call_that_changes_what_it_filters_by(
    live_client: ScaleClient,
) -> None:
    names = make_batches(live_client, 120)
    staging = live_client.get_batches(batch_status=BatchStatus.Staging)
    results = live_client.map(lambda batch: batch.finalize().name, staging)
    assert sorted(result.value or "" for result in results) == sorted(names)


def test_get_batches_ends_even_if_the_loop_creates_batches(client: ScaleClient) -> None:
    names = make_batches(client, 105)
    walked = []
    for number, batch in enumerate(client.get_batches("p")):
        client.create_batch("p", f"new {number}")
        walked.append(batch.name)
    assert sorted(walked) == sorted(names)


def test_get_batches_filters_every_page_by_a_generator(client: ScaleClient) -> None:
    make_batches(client, 105)
    client.create_project("q", TaskType.TextCollection)
    client.create_batch("q", "other")
    projects = (name for name in ["p"])
    assert len(list(client.get_batches(projects))) == 105  # type: ignore[arg-type]


@pytest.mark.parametrize("empty", [[], (), set(), [None], iter(())])
def test_get_batches_rejects_an_empty_project_name(
    client: ScaleClient, empty: Any
) -> None:
    matches = "every batch of the account"
    with pytest.raises(ScaleValueError, match=f"project_name is empty.*{matches}"):
        next(client.get_batches(empty))
    with pytest.raises(ScaleValueError, match=f"project is empty.*{matches}"):
        client.batches(project=[])


@pytest.mark.parametrize("empty", [[], (), "", iter(())])
def test_get_batches_leaves_out_an_empty_batch_status_with_a_warning(
    client: ScaleClient, caplog: pytest.LogCaptureFixture, empty: Any
) -> None:
    make_batches(client, 2)
    assert len(list(client.get_batches("p", empty))) == 2
    (record,) = caplog.records
    assert "batch_status is empty" in record.getMessage()
    assert "every batch of project 'p' may match" in record.getMessage()


def test_null_values_of_a_page_get_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    client = ScaleClient("test_x")
    names = ("total", "totalDocs", "limit", "offset", "has_more", "next_token")
    page = {"docs": [{"name": "b", "task_id": "t"}], **dict.fromkeys(names)}
    monkeypatch.setattr(client.api, "get_request", lambda path, params=None: page)
    for listed in (client.batches(), client.tasks()):
        assert (listed.total, listed.limit, listed.offset) == (1, 1, 0)
        assert listed.has_more is False
    assert len(list(client.get_batches())) == len(list(client.get_tasks("p"))) == 1


def test_get_batches_filters_by_status_and_time(client: ScaleClient) -> None:
    client.create_project("p", TaskType.TextCollection)
    client.create_batch("p", "b")
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    assert len(list(client.get_batches(batch_status="in_progress"))) == 1
    assert not list(client.get_batches(batch_status=BatchStatus.Staging))
    assert not list(client.get_batches(created_after=soon))
    assert len(client.batches(start_time="2020-01-01", end_time=soon)) == 1
    assert len(list(client.get_batches(exclude_archived=True))) == 1


def test_batches_rejects_an_unknown_filter(client: ScaleClient) -> None:
    with pytest.raises(ScaleInvalidRequest) as caught:
        client.batches(name="b")
    assert caught.value.message == "Illegal parameter name for ScaleClient.batches()"


def test_methods_of_a_batch_without_a_client_raise_a_clear_error() -> None:
    batch = Batch({"name": "b"}, None)
    for call in (batch.finalize, batch.get_status):
        with pytest.raises(ScaleException, match="made without a client"):
            call()
    assert str(batch) == "Batch(name=b)"


def test_get_batches_can_leave_out_archived_batches(
    client: ScaleClient, sandbox: Sandbox
) -> None:
    client.create_project("p", "chat")
    client.create_batch("p", "old")
    client.create_batch("p", "new")
    key = client.api.session.auth.username
    sandbox.archive_batch("old", api_key=key)
    assert [b.name for b in client.get_batches("p")] == ["new", "old"]
    assert [b.name for b in client.get_batches(exclude_archived=True)] == ["new"]
    with pytest.raises(ValueError, match="no batch 'none'"):
        sandbox.archive_batch("none", api_key=key)
    with pytest.raises(ValueError, match="must begin with"):
        sandbox.archive_batch("old", api_key="nonsense")


def test_set_batch_metadata_replaces_all_metadata(client: ScaleClient) -> None:
    client.create_project("p", "chat")
    client.create_batch("p", ODD_NAME, metadata={"a": 1})
    metadata = {"é": [None]}
    assert client.set_batch_metadata(ODD_NAME, metadata).metadata == metadata
    assert client.get_batch(ODD_NAME).metadata == metadata
    assert client.set_batch_metadata(ODD_NAME, {}).metadata == {}
    with pytest.raises(ScaleInvalidRequest, match="10240"):
        client.set_batch_metadata(ODD_NAME, {"a": "x" * 10_240})
