"""Makes every call once and marks on the server where each begins.

Runs under the official client and under ours, so it imports whichever is there.

    python calls.py URL
"""

import io
import sys
from datetime import date, datetime, timedelta, timezone

import requests

import scaleapi
from scaleapi import ScaleClient, TeammateRole
from scaleapi.api_client import v2 as v2_names
from scaleapi.batches import BatchStatus
from scaleapi.tasks import Task, TaskReviewStatus, TaskStatus, TaskType

ODD = "a/b c?#% é"


def files():
    """Return name -> what can be uploaded."""

    def named(name):
        file = io.BytesIO(b"content")
        file.name = name
        return file

    return {
        "bytes": b"content",
        "plain": io.BytesIO(b"content"),
        "named": named("/tmp/é.png"),
        "standard input": named("<stdin>"),
        "pair": ("n.png", b"content"),
        "triple": ("n.png", io.BytesIO(b"content"), "image/png"),
    }


def calls(client):
    """Return name -> call."""
    task = Task({"task_id": "t1"}, client)
    batch = scaleapi.Batch(
        {
            "name": ODD,
            "status": "staging",
            "project": "p",
            "created_at": "",
            "metadata": {},
        },
        client,
    )
    found = {
        "create_task": lambda: client.create_task(
            TaskType.ImageAnnotation,
            project="p",
            attachment="http://x/é",
            geometries={"box": {"min_width": 1.5, "x": [True, None]}},
            unique_id=None,
        ),
        "create_task, nothing": lambda: client.create_task(TaskType.Chat),
        "get_task": lambda: client.get_task("t1"),
        "get_task, odd id": lambda: client.get_task("a/b?x=1"),
        "cancel_task": lambda: client.cancel_task("t1"),
        "cancel_task, clear": lambda: client.cancel_task("t1", clear_unique_id=True),
        "audit_task": lambda: client.audit_task("t1", True),
        "audit_task, comments": lambda: client.audit_task("t1", False, "bad"),
        "update_task_unique_id": lambda: client.update_task_unique_id("t1", "u"),
        "clear_task_unique_id": lambda: client.clear_task_unique_id("t1"),
        "set_task_metadata": lambda: client.set_task_metadata("t1", {"é": [1]}),
        "set_task_metadata, empty": lambda: client.set_task_metadata("t1", {}),
        "set_task_tags": lambda: client.set_task_tags("t1", ["a", "b"]),
        "set_task_tags, empty": lambda: client.set_task_tags("t1", []),
        "add_task_tags": lambda: client.add_task_tags("t1", ["a"]),
        "delete_task_tags": lambda: client.delete_task_tags("t1", ["a"]),
        "tasks": lambda: client.tasks(),
        "tasks, filters": lambda: client.tasks(
            project=ODD,
            limit=3,
            start_time="2020-01-01",
            tags=["a", "b"],
            next_token="x=",
            status="completed",
            customer_review_status="accepted",
        ),
        "get_tasks": lambda: list(client.get_tasks("p")),
        "get_tasks, filters": lambda: list(
            client.get_tasks(
                project_name=ODD,
                batch_name="b&c",
                task_type=TaskType.Chat,
                status=TaskStatus.Pending,
                review_status=[TaskReviewStatus.Accepted, TaskReviewStatus.Fixed],
                unique_id=["1", "2"],
                completed_after="2020-01-01",
                completed_before="2020-01-02T03:04:05+02:00",
                updated_after="x",
                updated_before="y",
                created_after="",
                created_before="z",
                tags="t",
                include_attachment_url=False,
                limited_response=True,
                limit=7,
            )
        ),
        "get_tasks_count": lambda: client.get_tasks_count("p", tags=["a"]),
        "create_batch": lambda: client.create_batch("p", ODD),
        "create_batch, all": lambda: client.create_batch(
            "p", "b", "http://x", True, True, {"k": 1}
        ),
        "finalize_batch": lambda: client.finalize_batch(ODD),
        "batch_status": lambda: client.batch_status(ODD),
        "get_batch": lambda: client.get_batch(ODD),
        "set_batch_metadata": lambda: client.set_batch_metadata(ODD, {"k": 1}),
        "batches": lambda: client.batches(project="p", limit=2, offset=4),
        "get_batches": lambda: list(client.get_batches()),
        "get_batches, filters": lambda: list(
            client.get_batches("p", BatchStatus.Staging, "a", "b", True)
        ),
        "create_project": lambda: client.create_project("p", TaskType.Chat),
        "create_project, all": lambda: client.create_project(
            ODD, TaskType.Chat, {"instruction": "i"}, True, True, "d"
        ),
        "get_project": lambda: client.get_project(ODD),
        "projects": lambda: client.projects(),
        "get_projects": lambda: client.get_projects(),
        "update_project": lambda: client.update_project(ODD, patch=True, x=None),
        "update_project, nothing": lambda: client.update_project(ODD),
        "get_project_template": lambda: client.get_project_template(ODD),
        "import_file": lambda: client.import_file("http://x", project_name="p"),
        "create_evaluation_task": lambda: client.create_evaluation_task(
            TaskType.Chat, expected_response={}
        ),
        "create_training_task": lambda: client.create_training_task(
            TaskType.Chat, expected_response={}
        ),
        "list_teammates": lambda: client.list_teammates(),
        "invite_teammates": lambda: client.invite_teammates(
            ["a@b"], TeammateRole.Labeler
        ),
        "update_teammates_role": lambda: client.update_teammates_role(
            ["a@b"], TeammateRole.Member
        ),
        "list_studio_assignments": lambda: client.list_studio_assignments(),
        "add_studio_assignments": lambda: client.add_studio_assignments(["a@b"], ["p"]),
        "remove_studio_assignments": lambda: client.remove_studio_assignments(
            ["a@b"], ["p"]
        ),
        "list_project_groups": lambda: client.list_project_groups(ODD),
        "create_project_group": lambda: client.create_project_group(ODD, ["a@b"], "g"),
        "update_project_group": lambda: client.update_project_group(
            ODD, ODD, ["a@b"], ["c@d"]
        ),
        "list_studio_batches": lambda: client.list_studio_batches(),
        "assign_studio_batches": lambda: client.assign_studio_batches(ODD, ["g"]),
        "set_studio_batches_priorities": lambda: client.set_studio_batches_priorities(
            ["a", "b"]
        ),
        "reset_studio_batches_priorities": (
            lambda: client.reset_studio_batches_priorities()
        ),
        "Task.refresh": lambda: task.refresh(),
        "Task.cancel": lambda: task.cancel(True),
        "Task.audit": lambda: task.audit(False),
        "Task.update_unique_id": lambda: task.update_unique_id("u"),
        "Task.clear_unique_id": lambda: task.clear_unique_id(),
        "Task.set_metadata": lambda: task.set_metadata({"k": 1}),
        "Task.set_tags": lambda: task.set_tags(["a"]),
        "Task.add_tags": lambda: task.add_tags(["a"]),
        "Task.delete_tags": lambda: task.delete_tags(["a"]),
        "Batch.finalize": lambda: batch.finalize(),
        "Batch.get_status": lambda: batch.get_status(),
        "Project.get_template": lambda: client.get_project(ODD).get_template(),
        "Teammate.update_teammate_role": lambda: client.list_teammates()[
            0
        ].update_teammate_role(TeammateRole.Manager),
        "raw get": lambda: client.api.get_request(
            "x?y=1", params={"a": [1, True], "b": None}
        ),
        "raw post": lambda: client.api.post_request("x", body={"a": None}),
        "raw post, nothing": lambda: client.api.post_request("x"),
        "raw post, empty": lambda: client.api.post_request("x", body={}),
        "raw put": lambda: client.api.put_request("x", {"a": 1}, {"b": 2}),
        "raw delete": lambda: client.api.delete_request("x", {"b": 2}, {"a": 1}),
    }
    for name, file in files().items():
        found[f"upload_file, {name}"] = lambda file=file: client.upload_file(
            file, project_name="p", display_name=None, several=["1", "2"], yes=True
        )
    return found


def calls_of_v2(client, origin):
    """Return name -> call of v2. The server answers all of them with 204."""
    v2 = client.v2
    # In the official client, the address of v1 does not count for v2.
    v2.api_client.configuration.host = origin
    moment = datetime(2024, 1, 2, 3, 4, 5, 678, tzinfo=timezone.utc)
    elsewhere = moment.astimezone(timezone(timedelta(hours=5, minutes=30)))
    chat = v2_names.CreateChatTaskRequest
    batch = v2_names.CreateBatchRequest(name="n", project_name="p")
    metadata = v2_names.SetBatchMetadataRequest(batch_id="b", metadata={}, merge=True)
    return {
        "v2 get_task": lambda: v2.get_task(
            ODD, ["project"], [scaleapi.Option.SUBMISSIONS]
        ),
        "v2 get_tasks": lambda: v2.get_tasks(
            *("p:1", ODD, "(x)", "", v2_names.TaskStatus.ERROR, moment),
            *("2024-01-01", 7, "t=+/", [], []),
        ),
        "v2 get_tasks, times": lambda: v2.get_tasks(
            status=TaskStatus.Completed,
            completed_after="2024-01-01T00:00:00Z",
            completed_before="2024-01-01 10:00",
        ),
        "v2 get_batches": lambda: v2.get_batches(
            created_after=date(2024, 1, 1),
            created_before=1704067200.5,
            completed_after=elsewhere,
            completed_before=datetime(2024, 1, 2, 3, 4, 5),
        ),
        "v2 create_chat_task": lambda: v2.create_chat_task(
            chat(project_id="p", metadata={"a": None}, template_variables={})
        ),
        "v2 create_chat_task, nothing": lambda: v2.create_chat_task({}),
        "v2 set_task_metadata": lambda: v2.set_task_metadata(
            {"task_id": "t", "metadata": {"a": [None]}}
        ),
        "v2 get_annotation": lambda: v2.get_annotation("x'\"<>[]{}|\\^`!*()@,;$~"),
        "v2 get_batch": lambda: v2.get_batch("b", expand=["project"]),
        "v2 create_batch": lambda: v2.create_batch(batch),
        "v2 finalize_batch": lambda: v2.finalize_batch({"batch_id": "b"}),
        "v2 pause_batch": lambda: v2.pause_batch(v2_names.BatchOperationRequest()),
        "v2 resume_batch": lambda: v2.resume_batch({"batch_name": ODD}),
        "v2 cancel_batch": lambda: v2.cancel_batch({"batch_name": ODD}),
        "v2 set_batch_metadata": lambda: v2.set_batch_metadata(metadata),
        "v2 get_project": lambda: v2.get_project("p"),
        "v2 get_projects": lambda: v2.get_projects("2024-01-01T00:00:00.5Z"),
        "v2 get_deliveries": lambda: v2.get_deliveries("p", expand=["project"]),
        "v2 get_delivery": lambda: v2.get_delivery(
            delivery_name=ODD, expand=["batch", "delivery"], opts=["model_parameters"]
        ),
        "v2 get_delivery_tasks": lambda: v2.get_delivery_tasks("d", limit=1),
        "v2 get_datasets": lambda: v2.get_datasets(),
        "v2 get_dataset_deliveries": lambda: v2.get_dataset_deliveries("d"),
        "v2 get_dataset_delivery": lambda: v2.get_dataset_delivery("d", 5),
        "v2 get_dataset_tasks": lambda: v2.get_dataset_tasks(None, "d", moment),
        "v2 get_dataset_task": lambda: v2.get_dataset_task("t", expand=["dataset"]),
        "v2 get_schema": lambda: v2.get_schema(ODD),
    }


def main(url):
    """Make all calls, with a source and with the base address given."""
    client = ScaleClient("test_key", "source/1", url)
    every = {**calls(client), **calls_of_v2(client, url[: -len("/v1")])}
    for name, call in every.items():
        requests.get(f"{url}/mark", headers={"X-Name": name}, timeout=30)
        call()
    requests.get(f"{url}/mark", headers={"X-Name": "base with a slash"}, timeout=30)
    ScaleClient("test_key", None, f"{url}/").get_task("t1")


if __name__ == "__main__":
    main(sys.argv[1])
