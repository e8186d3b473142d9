"""Makes every call of the official client once, as a script that knows no sandbox.

``test_run.py`` beside this file runs it under ``python -m scaleapi.sandbox run``, in an
environment of its own that holds the official ``scaleapi``, never ours.

    python every_call.py KEY live
    python every_call.py KEY test
"""

import io
import json
import os
import sys
import urllib.request

from scaleapi.api_client.v2.exceptions import BadRequestException, NotFoundException

import scaleapi
from scaleapi import Option, ScaleClient
from scaleapi.batches import BatchStatus
from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
)
from scaleapi.tasks import TaskReviewStatus, TaskStatus, TaskType
from scaleapi.teams import TeammateRole

NAME = "a/b c?#% é"
PICTURE = "https://example.com/1.jpg"
WORK = {"attachment": PICTURE, "categories": ["cow", "calf"]}
KIND = TaskType.Categorization
DETAILS = [Option.ANNOTATION_DETAILS, Option.MODEL_PARAMETERS, Option.SUBMISSIONS]
#: Of the only schema.
SCHEMA_ID = "65f1a0c0de00000000000003"


class Recorder:
    """Passes calls on to an object, and notes their names.

    Args:
        wrapped: A client or its transport.
    """

    def __init__(self, wrapped):
        self._wrapped = wrapped
        self._called = set()

    def __getattr__(self, name):
        self._called.add(name)
        return getattr(self._wrapped, name)

    def left_out(self):
        """Return the names of public methods that were not called."""
        kind = type(self._wrapped)
        return {
            name
            for name in dir(kind)
            if name[0] != "_" and callable(getattr(kind, name))
        } - self._called


def fails(kind, call, *arguments):
    try:
        call(*arguments)
    except kind as error:
        return error
    raise AssertionError(f"{call} did not fail")


def projects(client):
    made = client.create_project(NAME, KIND, {"instruction": "one"})
    assert (made.name, made.type) == (NAME, "categorization")
    assert client.get_project(NAME).name == NAME
    assert [p.name for p in client.projects()] == [NAME]
    assert [p.name for p in client.get_projects()] == [NAME]
    assert client.update_project(NAME, patch=True, instruction="two").version == 1
    fails(ScaleDuplicateResource, client.create_project, NAME, KIND)
    client.create_project("with template", TaskType.TextCollection)


def batches(client):
    made = client.create_batch(NAME, NAME, metadata={"k": 1})
    assert made.name == NAME
    assert client.get_batch(NAME).metadata == {"k": 1}
    assert client.set_batch_metadata(NAME, {"k": 2}).metadata == {"k": 2}
    assert client.batches(project=NAME).total == 1
    assert len(list(client.get_batches(project_name=NAME))) == 1
    assert client.finalize_batch(NAME).status == "in_progress"
    assert client.batch_status(NAME) == {"status": "in_progress"}
    found = client.get_batches(batch_status=BatchStatus.InProgress)
    assert NAME in [b.name for b in found]


def tasks(client, live):
    made = client.create_task(KIND, batch=NAME, unique_id="u1", tags=["a"], **WORK)
    task = client.get_task(made.id)
    assert task.status == ("pending" if live else "completed")
    assert client.update_task_unique_id(task.id, "u2").unique_id == "u2"
    assert not hasattr(client.clear_task_unique_id(task.id), "unique_id")
    assert client.set_task_metadata(task.id, {"k": 1}).metadata == {"k": 1}
    assert client.set_task_tags(task.id, ["x", "y"]).tags == ["x", "y"]
    assert client.add_task_tags(task.id, ["z"]).tags == ["x", "y", "z"]
    assert client.delete_task_tags(task.id, ["x"]).tags == ["y", "z"]
    for number in range(104):
        client.create_task(KIND, batch=NAME, unique_id=f"n{number}", **WORK)
    assert client.get_tasks_count(project_name=NAME) == 105
    assert len(list(client.get_tasks(NAME, NAME, KIND, TaskStatus(task.status)))) == 105
    page = client.tasks(project=NAME, limit=10)
    assert (len(page), page.total, page.has_more) == (10, 105, True)
    if live:
        assert client.cancel_task(task.id, True).status == "canceled"
        fails(ScaleInvalidRequest, client.audit_task, task.id, True)
    else:
        fails(ScaleInvalidRequest, client.cancel_task, task.id)
        assert client.audit_task(task.id, True, "good") is None
        found = client.get_tasks(NAME, review_status=[TaskReviewStatus.Accepted])
        assert [t.id for t in found] == [task.id]
    fails(ScaleResourceNotFound, client.get_task, "61d0f4a29b3c7e0012ab34cd")


def files_and_quality_tasks(client):
    file = client.upload_file(io.BytesIO(b"abc"), project_name=NAME)
    assert file.attachment_url.startswith("scaledata://")
    assert client.import_file(PICTURE, project_name=NAME).id != file.id
    answer = {"expected_response": {"annotations": {"category": "cow"}}}
    for create in (client.create_evaluation_task, client.create_training_task):
        assert create(KIND, project=NAME, **WORK, **answer).id


def people(client):
    assert len(client.list_teammates()) == 1
    mates = client.invite_teammates(["a@example.com"], TeammateRole.Labeler)
    assert len(mates) == 2
    assert client.update_teammates_role(["a@example.com"], TeammateRole.Member)
    client.invite_teammates(["l@example.com"], TeammateRole.Labeler)


def studio(client):
    client.create_project("studio", KIND, {"instruction": "x"}, studio=True)
    batch = client.create_batch("studio", "s1")
    client.finalize_batch(batch.name)
    emails = ["l@example.com"]
    assert client.add_studio_assignments(emails, ["studio"])
    assert "l@example.com" in client.list_studio_assignments()
    client.create_project_group("studio", emails, "g")
    client.update_project_group("studio", "g", [], emails)
    assert [g.name for g in client.list_project_groups("studio")] == ["g"]
    assert "s1" in [b.name for b in client.list_studio_batches()]
    assert client.assign_studio_batches(batch.name, ["g"]).name == "s1"
    assert client.set_studio_batches_priorities(["s1"])
    assert client.reset_studio_batches_priorities()
    assert client.remove_studio_assignments(emails, ["studio"]) is not None


def raw(api):
    assert api.quote_string("a b/c") == "a%20b%2Fc"
    task = api.post_request("task/categorization", {"project": NAME, **WORK})
    path = f"task/{task['task_id']}/tags"
    assert api.put_request(path, ["t"])["tags"] == ["t"]
    assert "tags" in api.delete_request(path, body=["t"])
    assert api.get_request("tasks", {"limit": 1})["limit"] == 1


def second_version(client):
    """Make all calls of v2, which needs details to read an annotation."""
    calls = Recorder(client.v2)
    project = v2_projects_and_batches(client, calls)
    task = v2_tasks(client, calls, project)
    v2_deliveries(calls, task)
    v2_datasets(calls)
    twins = ("_with_http_info", "_without_preload_content")
    return {name for name in calls.left_out() if not name.endswith(twins)}


def v2_projects_and_batches(client, calls):
    client.create_project("talks", TaskType.Chat, {"types": ["SFT"]})
    project = calls.get_project(project_name="talks")
    assert [p.name for p in calls.get_projects().projects] == ["talks"]
    assert project.types == ["SFT"]
    named = {"name": "talks 1", "project_id": project.id, "staging_batch": True}
    batch = calls.create_batch(named)
    by_id = {"batch_id": batch.id}
    assert batch.status == "staging"
    assert calls.finalize_batch(by_id).status == "in_progress"
    assert calls.pause_batch(by_id).batch.status == "paused"
    assert calls.resume_batch({"batch_name": "talks 1"}).batch.status == "in_progress"
    fails(BadRequestException, calls.resume_batch, by_id)
    merged = calls.set_batch_metadata({**by_id, "metadata": {"k": 1}, "merge": True})
    assert calls.get_batch(batch_name="talks 1").metadata == merged.metadata == {"k": 1}
    page = calls.get_batches(project_name="talks", limit=1, expand=["project"])
    assert page.batches[0].project.actual_instance.name == "talks"
    assert page.next_token is None
    assert calls.cancel_batch(by_id).batch.status == "cancelled"
    return project


def v2_tasks(client, calls, project):
    made = calls.create_chat_task({"project_id": project.id, "metadata": {"a": {}}})
    assert made.status == "pending"
    other = client.create_task(TaskType.Chat, project="talks")
    control("label", project="talks")
    task = calls.get_task(task_id=made.task_id, opts=DETAILS, expand=["project"])
    assert (task.status, task.project.actual_instance) == ("completed", project)
    (thread,) = task.threads
    answer = thread.turns[0].messages[1]
    annotation = answer.annotations[0].actual_instance
    assert (annotation.key, annotation.type) == ("rewrite", "text")
    found = calls.get_annotation(annotation_id=annotation.id)
    assert found.actual_instance == annotation
    # The answer has no details, and those of a completed task cannot be read without.
    control("tasks/" + other.id, "PATCH", status="pending")
    change = {"task_id": other.id, "metadata": {"a": 1}, "merge": False}
    assert calls.set_task_metadata(change).metadata == {"a": 1}
    page = calls.get_tasks(project_name="talks", opts=DETAILS, limit=1)
    assert page.next_token
    listed = list(client.v2_get_tasks(project_name="talks", opts=DETAILS, limit=1))
    assert [t.task_id for t in listed] == [other.id, made.task_id]
    fails(NotFoundException, lambda: calls.get_task(task_id=NAME))
    return task


def v2_deliveries(calls, task):
    delivery = control("deliveries", project="talks", name="first")
    assert calls.get_deliveries(project_name="talks").deliveries[0].name == "first"
    answer = calls.get_delivery(
        delivery_id=delivery["id"], opts=DETAILS, expand=["project"]
    )
    assert answer.delivery.actual_instance.task_count == 1
    assert [t.task_id for t in answer.tasks] == [task.task_id]
    page = calls.get_delivery_tasks(project_name="talks")
    assert page.total == 2 and page.docs[1].response["threads"]


def v2_datasets(calls):
    (dataset,) = calls.get_datasets().datasets
    (delivery,) = calls.get_dataset_deliveries(dataset_id=dataset.id).deliveries
    assert calls.get_dataset_delivery(delivery_id=delivery.id).tasks
    task = calls.get_dataset_tasks(dataset_id=dataset.id, expand=["dataset"]).tasks[0]
    assert task.dataset.actual_instance == dataset
    assert calls.get_dataset_task(task_id=task.task_id).response == task.response
    attachment = task.response["recording"]["attachment_id"]
    # It follows the redirect, and throws the file away.
    assert calls.get_dataset_task_response_url(task.task_id, attachment) is None
    fails(NotFoundException, calls.get_dataset_task_response_url, task.task_id, "none")
    fails(BadRequestException, calls.get_schema, "none")
    assert calls.get_schema(SCHEMA_ID).var_schema.var_json


def control(path, method="POST", **body):
    """Do what people do at Scale."""
    url = os.environ["SCALE_API_URL"].replace("/v1", "/control/") + path
    request = urllib.request.Request(url, json.dumps(body).encode(), method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read().decode())


def main(key, live):
    """Make all calls under a key that is taken as a live or as a test key."""
    assert "site-packages" in scaleapi.__file__, scaleapi.__file__
    client = Recorder(ScaleClient(key, "every call"))
    projects(client)
    batches(client)
    tasks(client, live)
    files_and_quality_tasks(client)
    client.get_project_template("with template")
    people(client)
    studio(client)
    api = Recorder(client.api)
    raw(api)
    left_out = second_version(client) | client.left_out() | api.left_out()
    assert not left_out, left_out
    print("all calls were made")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "live")
