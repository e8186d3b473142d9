"""Drives the sandbox with the official client, which must not notice.

Runs in an environment of its own that holds the official ``scaleapi``, never
ours: ``compare.py`` beside this file makes it.

    python drive.py URL TEST_KEY LIVE_KEY
"""

import io
import sys

import scaleapi
from scaleapi import ScaleClient
from scaleapi.batches import BatchStatus
from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleException,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
    ScaleUnauthorized,
)
from scaleapi.tasks import TaskReviewStatus, TaskStatus, TaskType

ODD_NAME = "a/b c?#% é"
FIELDS = [{"type": "text", "field_id": "note", "title": "Note"}]
ATTACHMENTS = [{"type": "text", "content": "one"}]


def fails(kind, call, *arguments, **keywords):
    """Return the error of a call, which has to be of this very class."""
    try:
        call(*arguments, **keywords)
    except ScaleException as error:
        assert type(error) is kind, repr(error)
        return error
    raise AssertionError(f"{call} did not fail")


def projects(client):
    assert client.projects() == []
    project = client.create_project(
        ODD_NAME, TaskType.TextCollection, params={"instruction": "one"}
    )
    assert project.name == ODD_NAME
    assert (project.type, project.version) == ("textcollection", 0)
    assert project.instruction == "one"
    assert client.get_project(ODD_NAME).name == ODD_NAME
    updated = client.update_project(ODD_NAME, patch=True, fields=FIELDS)
    assert (updated.version, updated.instruction) == (1, "one")
    assert [p.name for p in client.get_projects()] == [ODD_NAME]
    fails(
        ScaleDuplicateResource,
        client.create_project,
        ODD_NAME,
        TaskType.TextCollection,
    )
    fails(ScaleResourceNotFound, client.get_project, "none")


def batches(client, status):
    batch = client.create_batch(ODD_NAME, ODD_NAME, metadata={"k": 1})
    assert (batch.name, batch.project, batch.status) == (ODD_NAME, ODD_NAME, status)
    assert batch.metadata == {"k": 1}
    assert client.get_batch(ODD_NAME).created_at == batch.created_at
    assert batch.finalize().status == "in_progress"
    assert batch.get_status() == {"status": "in_progress"}
    for number in range(101):
        client.create_batch(ODD_NAME, f"b{number}")
    names = [b.name for b in client.get_batches(project_name=ODD_NAME)]
    assert names == [f"b{number}" for number in range(100, -1, -1)] + [ODD_NAME]
    page = client.batches(project=ODD_NAME, limit=2)
    assert (len(page), page.total, page.has_more) == (2, 102, True)
    found = client.get_batches(batch_status=BatchStatus.InProgress)
    assert ODD_NAME in [b.name for b in found]
    fails(ScaleDuplicateResource, client.create_batch, ODD_NAME, ODD_NAME)
    fails(ScaleResourceNotFound, client.get_batch, "none")
    fails(ScaleResourceNotFound, client.create_batch, "none", "x")


def tasks(client, status):
    error = fails(ScaleInvalidRequest, client.create_task, TaskType.TextCollection)
    expected = 'Parameter is invalid, reason: "attachments" is required'
    assert error.message == expected, error.message
    made = [
        client.create_task(
            TaskType.TextCollection,
            batch=ODD_NAME,
            attachments=ATTACHMENTS,
            unique_id=f"u{number}",
            tags=["red", f"t{number}"],
            metadata={"n": number},
        )
        for number in range(105)
    ]
    task = client.get_task(made[0].id)
    assert (task.status, task.unique_id, task.metadata) == (status, "u0", {"n": 0})
    assert task.params["fields"] == FIELDS
    task.refresh()
    ids = [t.id for t in client.get_tasks(project_name=ODD_NAME)]
    assert ids == [t.id for t in reversed(made)]
    assert client.get_tasks_count(project_name=ODD_NAME) == 105
    found = client.get_tasks(
        project_name=ODD_NAME,
        batch_name=ODD_NAME,
        task_type=TaskType.TextCollection,
        status=TaskStatus(status),
        unique_id=["u1", "u2"],
        tags=["red"],
        created_after="2020-01-01",
        created_before="2100-01-01",
    )
    assert [t.unique_id for t in found] == ["u2", "u1"]
    reviewed = client.get_tasks(
        project_name=ODD_NAME,
        review_status=[TaskReviewStatus.Accepted, TaskReviewStatus.Fixed],
    )
    assert list(reviewed) == []
    page = client.tasks(project=ODD_NAME, limit=10)
    assert (len(page), page.total, page.has_more) == (10, 105, True)
    following = client.tasks(project=ODD_NAME, limit=10, next_token=page.next_token)
    assert [t.id for t in following] == ids[10:20]
    error = fails(
        ScaleDuplicateResource,
        client.create_task,
        TaskType.TextCollection,
        batch=ODD_NAME,
        attachments=ATTACHMENTS,
        unique_id="u0",
    )
    assert made[0].id in error.message
    fails(ScaleResourceNotFound, client.get_task, "61d0f4a29b3c7e0012ab34cd")


def cancelling(client):
    task = client.create_task(
        TaskType.ImageAnnotation, attachment="http://x/y", geometries={}, unique_id="c"
    )
    assert client.cancel_task(task.id, clear_unique_id=True).status == "canceled"
    task.refresh()
    assert not hasattr(task, "unique_id")
    fails(ScaleInvalidRequest, task.cancel)


def files(client):
    file = client.upload_file(io.BytesIO(b"abc"), project_name=ODD_NAME)
    assert file.attachment_url.startswith("scaledata://")
    assert file.as_dict()["size"] == 3
    imported = client.import_file("http://x/a.png", project_name=ODD_NAME)
    assert imported.id != file.id
    fails(ScaleResourceNotFound, client.import_file, "http://x", project_name="none")


def evaluation(client):
    task = client.create_evaluation_task(
        TaskType.TextCollection,
        project=ODD_NAME,
        attachments=ATTACHMENTS,
        expected_response={"annotations": {"note": "x"}},
    )
    assert task.expected_response == {"annotations": {"note": "x"}}


def main(url, test_key, live_key):
    assert "site-packages" in scaleapi.__file__, scaleapi.__file__
    for key, batch_status, task_status in (
        (test_key, "in_progress", "completed"),
        (live_key, "staging", "pending"),
    ):
        client = ScaleClient(key, "drive", api_instance_url=url)
        projects(client)
        batches(client, batch_status)
        tasks(client, task_status)
        files(client)
        evaluation(client)
    cancelling(client)
    wrong = ScaleClient("wrong", api_instance_url=url)
    fails(ScaleUnauthorized, wrong.projects)
    print("the official client noticed nothing")


if __name__ == "__main__":
    main(*sys.argv[1:])
