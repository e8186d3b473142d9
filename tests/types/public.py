"""What type checkers make of every public call and attribute.

Read by mypy and pyright, and never run. A signature that loses its types shows in
two ways: a result that is Any is none of what stands here, and a mistake that is no
longer seen makes its ``type: ignore`` one too many.
"""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import date, datetime
from pathlib import Path
from typing import (
    Any,
    Dict,
    Generator,
    Iterator,
    List,
    Mapping,
    Optional,
    Tuple,
    Union,
)

from typing_extensions import assert_type

import scaleapi
from scaleapi import (
    Api,
    ApiClient,
    Batch,
    Batchlist,
    BatchStatus,
    BulkResult,
    BulkResults,
    Configuration,
    Counts,
    DownloadResult,
    EvaluationTask,
    ExpandableEnumTask,
    File,
    FileOnDisk,
    FileResult,
    KeyCheck,
    Option,
    Profile,
    Project,
    ScaleClient,
    ScaleException,
    ScaleWaitTimeoutError,
    StudioBatch,
    StudioBatchStatus,
    StudioLabelerAssignment,
    StudioProjectGroup,
    StudioWorker,
    Task,
    Tasklist,
    TaskResult,
    TaskReviewStatus,
    TaskStatus,
    TaskTemplate,
    TaskType,
    Teammate,
    TeammateRole,
    TrainingTask,
    V2Api,
    V2Task,
    export,
    prelabels,
)
from scaleapi.annotations import Annotations, Answer, Box, parse, svg
from scaleapi.api_client import v2
from scaleapi.callbacks import CallbackEvent, MemorySeen, Receiver, parse_callback
from scaleapi.prelabels import Prelabels
from scaleapi.sandbox import Sandbox

Assignments = Dict[str, StudioLabelerAssignment]


def making_a_client() -> None:
    assert_type(scaleapi.__version__, str)
    assert_type(ScaleClient(), ScaleClient)
    client = ScaleClient(
        "key",
        "source",
        "http://127.0.0.1:1/v1",
        True,
        {"https": "http://127.0.0.1:3128"},
        ("cert.pem", "key.pem"),
        timeout=(None, 5),
        max_retries=0,
        pool_size=8,
        auto_unique_id=True,
    )
    assert_type(client.api, Api)
    assert_type(client.mode, Optional[str])
    assert_type(client.callback_key, Optional[str])
    assert_type(client.check_key(), KeyCheck)
    assert_type(ScaleClient.from_profile("a", require="test"), ScaleClient)
    assert_type(scaleapi.profiles.read_profile(), Profile)
    assert_type(client.close(), None)
    with client as same:
        assert_type(same, ScaleClient)

    class Ours(ScaleClient):
        pass

    with Ours() as ours:
        assert_type(ours, Ours)
    assert_type(Ours.from_profile(), Ours)

    ScaleClient(3)  # type: ignore[arg-type]
    ScaleClient("key", verify=3.5)  # type: ignore[arg-type]
    ScaleClient("key", timeout="5")  # type: ignore[arg-type]
    ScaleClient("key", retries=3)  # type: ignore[call-arg]


def tasks(client: ScaleClient) -> None:
    task = client.create_task(TaskType.ImageAnnotation, unique_id="a", tags=["b"])
    assert_type(task, Task)
    assert_type(client.create_task("imageannotation"), Task)
    assert_type(client.get_or_create_task("imageannotation", unique_id="a"), Task)
    assert_type(client.get_task("id"), Task)
    assert_type(client.load_result(task, key="events"), Any)
    client.load_result("id")  # type: ignore[arg-type]
    assert_type(task.get_result("events"), Any)
    assert_type(task.get_annotations(load=True), Annotations)
    assert_type(client.cancel_task("id", clear_unique_id=True), Task)
    assert_type(client.audit_task("id", True, "comments"), None)
    assert_type(client.update_task_unique_id("id", "a"), Task)
    assert_type(client.clear_task_unique_id("id"), Task)
    assert_type(client.set_task_metadata("id", {"a": 1}), Task)
    assert_type(client.set_task_tags("id", ["a"]), Task)
    assert_type(client.add_task_tags("id", "a"), Task)
    assert_type(client.delete_task_tags("id", {"a"}), Task)
    assert_type(client.tasks(project="a"), Tasklist)
    walk = client.get_tasks(
        "project",
        batch_name="batch",
        task_type="imageannotation",
        status=TaskStatus.Completed,
        review_status=[TaskReviewStatus.Accepted, "fixed"],
        unique_id=["a", "b"],
        completed_after=date(2020, 1, 1),
        created_before=datetime(2020, 1, 1),
        updated_after="2020-01-01",
        tags="a",
        limited_response=True,
        limit=10,
        progress=lambda counts: print(counts.done),
    )
    assert_type(walk, Generator[Task, None, None])
    for each in walk:
        assert_type(each, Task)
    assert_type(client.get_tasks_count("project", status="completed"), int)

    client.create_task(3)  # type: ignore[arg-type]
    client.get_or_create_task("imageannotation")  # type: ignore[call-arg]
    client.get_task(3)  # type: ignore[arg-type]
    client.get_tasks("project", status=3)  # type: ignore[arg-type]
    client.get_tasks("project", created_after=3)  # type: ignore[arg-type]
    client.get_tasks("project", state="completed")  # type: ignore[call-arg]
    client.get_tasks_count("project", tags=3)  # type: ignore[arg-type]
    client.set_task_metadata("id", "a")  # type: ignore[arg-type]
    client.cancel_task("id", "yes")  # type: ignore[arg-type]
    client.audit_task("id", "yes")  # type: ignore[arg-type]


def pre_labels(task: Task) -> None:
    shapes = [prelabels.box("cow", 1, 2.5, 3, 4), prelabels.point(None, 1, 2)]
    assert_type(prelabels.from_shapes(shapes, labels=["cow"]), Dict[str, Any])
    assert_type(prelabels.from_shapes(task.get_annotations().boxes), Dict[str, Any])
    found = prelabels.from_coco({}, geometry="polygon", project_params={})
    assert_type(found, Prelabels)
    assert_type(found["1.jpg"], Dict[str, Any])
    assert_type(found.problems[0].reason, str)
    names = {0: "cow"}
    assert_type(prelabels.from_yolo("a", {"1.jpg": (1, 2)}, names), Prelabels)
    assert_type(prelabels.from_cvat(Path("a.xml")), Prelabels)
    prelabels.box("cow", "1", 2, 3, 4)  # type: ignore[arg-type]
    prelabels.from_coco(["a"])  # type: ignore[arg-type]


def a_task(task: Task, page: Tasklist) -> None:
    assert_type(task.id, str)
    assert_type(task.as_dict(), Dict[str, Any])
    assert_type(task.get_annotations(), Annotations)
    assert_type(task.get_annotations().boxes, Tuple[Box, ...])
    assert_type(task.get_annotations().boxes[0].left, float)
    assert_type(parse(task).answers["id"], Answer)
    assert_type(svg(task, frame=0), str)
    assert_type(task.draw("a.png", page=0), Any)
    assert_type(task.refresh(), None)
    assert_type(task.wait(timeout=60, poll=0.5, progress=True), Task)
    assert_type(task.cancel(clear_unique_id=True), None)
    assert_type(task.audit(True, comments="good"), None)
    assert_type(task.update_unique_id("a"), None)
    assert_type(task.clear_unique_id(), None)
    assert_type(task.set_metadata({}), None)
    assert_type(task.set_tags(["a"]), None)
    assert_type(task.add_tags("a"), None)
    assert_type(task.delete_tags(("a",)), None)
    assert_type(task.status, Any)
    assert_type(task.response, Any)

    assert_type(page[0], Task)
    assert_type(page.docs, List[Task])
    assert_type(page.total, int)
    assert_type(page.limit, int)
    assert_type(page.offset, int)
    assert_type(page.has_more, bool)
    assert_type(page.next_token, Optional[str])

    task.wait("60")  # type: ignore[arg-type]
    task.set_tags(3)  # type: ignore[arg-type]


def batches(client: ScaleClient) -> None:
    batch = client.create_batch("project", "name", callback="a", metadata={"a": 1})
    assert_type(batch, Batch)
    assert_type(client.get_or_create_batch("project", "name"), Batch)
    assert_type(client.finalize_batch("name"), Batch)
    assert_type(client.batch_status("name"), Dict[str, Any])
    assert_type(client.get_batch("name"), Batch)
    assert_type(client.set_batch_metadata("name", {}), Batch)
    assert_type(client.batches(limit=10), Batchlist)
    walk = client.get_batches("project", BatchStatus.Completed, exclude_archived=True)
    assert_type(walk, Generator[Batch, None, None])

    client.create_batch("project")  # type: ignore[call-arg]
    client.get_batches("project", 3)  # type: ignore[arg-type]
    client.get_batch(None)  # type: ignore[arg-type]


def a_batch(batch: Batch, page: Batchlist) -> None:
    assert_type(batch.name, str)
    assert_type(batch.status, str)
    assert_type(batch.project, str)
    assert_type(batch.created_at, str)
    assert_type(batch.metadata, Dict[str, Any])
    assert_type(batch.tasks_pending, Optional[int])
    assert_type(batch.tasks_completed, Optional[int])
    assert_type(batch.tasks_error, Optional[int])
    assert_type(batch.tasks_canceled, Optional[int])
    assert_type(batch.as_dict(), Dict[str, Any])
    assert_type(batch.finalize(), Batch)
    assert_type(batch.get_status(), Dict[str, Any])
    assert_type(batch.wait(timeout=60), Batch)
    assert_type(page[0], Batch)
    assert_type(page.docs, List[Batch])


def projects(client: ScaleClient, project: Project, template: TaskTemplate) -> None:
    assert_type(client.create_project("name", TaskType.Chat, {}, rapid=True), Project)
    assert_type(client.get_or_create_project("name", "chat"), Project)
    assert_type(client.get_project("name"), Project)
    assert_type(client.get_projects(), List[Project])
    assert_type(client.projects(), List[Project])
    assert_type(client.update_project("name", patch=True), Project)
    assert_type(client.get_project_template("name"), TaskTemplate)

    assert_type(project.name, str)
    assert_type(project.type, str)
    assert_type(project.params, Optional[Dict[str, Any]])
    assert_type(project.version, Optional[int])
    assert_type(project.instruction, Optional[str])
    assert_type(project.as_dict(), Dict[str, Any])
    assert_type(project.get_template(), TaskTemplate)

    assert_type(template.id, str)
    assert_type(template.version, Optional[int])
    assert_type(template.created_at, str)
    assert_type(template.updated_at, str)
    assert_type(template.template_variables, Any)
    assert_type(template.response_schema, Any)
    assert_type(template.auto_onboard_enabled, bool)
    assert_type(template.get_template_variables(), Any)
    assert_type(template.get_response_schema(), Any)
    assert_type(template.is_auto_onboardable(), bool)

    client.create_project("name")  # type: ignore[call-arg]
    client.create_project("name", "chat", "instruction")  # type: ignore[arg-type]
    client.get_project(3)  # type: ignore[arg-type]


def files(client: ScaleClient, file: File) -> None:
    with open("a", "rb") as opened:
        assert_type(client.upload_file(opened, project_name="a"), File)
        client.upload_file(("a", opened))
    client.upload_file(b"a")
    client.upload_file(("a", b"a"))
    client.upload_file(("a", b"a", "text/plain"))
    assert_type(client.import_file("https://example.com/1.jpg"), File)
    assert_type(file.id, str)
    assert_type(file.attachment_url, str)

    client.upload_file("path")  # type: ignore[arg-type]
    client.import_file(3)  # type: ignore[arg-type]


def quality_tasks(client: ScaleClient) -> None:
    evaluation = client.create_evaluation_task(TaskType.Chat, expected_response={})
    assert_type(evaluation, EvaluationTask)
    assert_type(evaluation.id, str)
    assert_type(evaluation.expected_response, Any)
    assert_type(evaluation.initial_response, Any)
    assert_type(client.create_training_task("chat"), TrainingTask)

    client.create_evaluation_task(3)  # type: ignore[arg-type]
    client.create_training_task(3)  # type: ignore[arg-type]


def teams(client: ScaleClient, mate: Teammate) -> None:
    assert_type(client.list_teammates(), List[Teammate])
    assert_type(client.invite_teammates(["a"], TeammateRole.Labeler), List[Teammate])
    assert_type(client.update_teammates_role("a", "member"), List[Teammate])
    assert_type(mate.email, str)
    assert_type(mate.role, str)
    assert_type(mate.company, Optional[str])
    assert_type(mate.first_name, Optional[str])
    assert_type(mate.last_name, Optional[str])
    assert_type(mate.is_studio_labeler, Optional[bool])
    assert_type(mate.expiry, Optional[str])
    assert_type(mate.update_teammate_role("member"), List[Teammate])

    client.invite_teammates(3, "labeler")  # type: ignore[arg-type]
    mate.update_teammate_role(3)  # type: ignore[arg-type]


def studio(
    client: ScaleClient,
    assignment: StudioLabelerAssignment,
    group: StudioProjectGroup,
    worker: StudioWorker,
    batch: StudioBatch,
) -> None:
    assert_type(client.list_studio_assignments(), Assignments)
    assert_type(client.add_studio_assignments("a", ["b"]), Assignments)
    assert_type(client.remove_studio_assignments(["a"], "b"), Assignments)
    assert_type(client.list_project_groups("a"), List[StudioProjectGroup])
    assert_type(client.create_project_group("a", ["b"], "c"), StudioProjectGroup)
    assert_type(client.update_project_group("a", "c", [], ["b"]), StudioProjectGroup)
    assert_type(client.list_studio_batches(), List[StudioBatch])
    assert_type(client.assign_studio_batches("a", ["b"]), StudioBatch)
    assert_type(client.set_studio_batches_priorities(["a"]), List[StudioBatch])
    assert_type(client.reset_studio_batches_priorities(), List[StudioBatch])

    assert_type(assignment.email, str)
    assert_type(assignment.assigned_projects, List[str])
    assert_type(group.id, str)
    assert_type(group.name, str)
    assert_type(group.numWorkers, int)
    assert_type(group.isSingleton, bool)
    assert_type(group.workers, List[StudioWorker])
    assert_type(worker.id, str)
    assert_type(worker.email, str)
    assert_type(batch.id, str)
    assert_type(batch.name, str)
    assert_type(batch.project_id, str)
    assert_type(batch.project_name, str)
    assert_type(batch.batch_type, str)
    assert_type(batch.studio_priority, Optional[int])
    assert_type(batch.total, int)
    assert_type(batch.completed, int)
    assert_type(batch.groups, List[str])

    client.add_studio_assignments(3, "b")  # type: ignore[arg-type]
    client.create_project_group("a", "b")  # type: ignore[call-arg]


def length(text: str) -> int:
    return len(text)


def bulk(client: ScaleClient, executor: Executor) -> None:
    many = client.map(length, ["a"], max_workers=4, executor=executor)
    assert_type(many, BulkResults[BulkResult[int]])
    for each in many:
        assert_type(each.value, Optional[int])
        assert_type(each.index, int)
        assert_type(each.payload, Any)
        assert_type(each.status, str)
        assert_type(each.error, Optional[BaseException])
    assert_type(many.counts, Counts)
    assert_type(many.close(), None)
    with many as same:
        assert_type(same, BulkResults[BulkResult[int]])

    payloads: List[Dict[str, Any]] = [{"unique_id": "a"}]
    created = client.create_tasks("chat", payloads, unique_id="content", progress=True)
    assert_type(created, BulkResults[TaskResult])
    assert_type(next(created).task, Optional[Task])
    assert_type(client.create_tasks("chat", [], dry_run=True).summary(), str)
    assert_type(
        client.cancel_tasks(["id"], clear_unique_id=True), BulkResults[TaskResult]
    )
    uploads = client.upload_files(["a", b"b"], project_name="a")
    assert_type(uploads, BulkResults[FileResult])
    assert_type(next(uploads).file, Optional[File])
    assert_type(client.import_files(["https://a"]), BulkResults[FileResult])
    downloads = client.download_files(client.get_tasks("p"), "folder", what=["results"])
    assert_type(downloads, BulkResults[DownloadResult])
    for download in downloads:
        assert_type(download.path, Optional[str])
        assert_type(download.size, Optional[int])
        assert_type(download.value, Optional[FileOnDisk])
    client.download_files(["id"], "folder")  # type: ignore[list-item]


def exports(client: ScaleClient) -> None:
    report = client.export_tasks("a.jsonl", project_name="p", status="completed")
    assert_type(report, export.ExportReport)
    assert_type(report.files, Tuple[str, ...])
    assert_type(report.counted, Optional[int])
    assert_type(report.problems, Tuple[export.Problem, ...])
    assert_type(export.read_tasks("a.jsonl"), Iterator[Task])

    client.export_tasks("a.jsonl", "p")  # type: ignore[call-arg]
    export.read_tasks(3)  # type: ignore[arg-type]

    client.map(length, [3])  # type: ignore[arg-type]
    client.create_tasks("chat", ["a"])  # type: ignore[list-item]
    client.cancel_tasks([3])  # type: ignore[list-item]
    client.import_files(3)  # type: ignore[arg-type]


def counts_of(counts: Counts) -> None:
    assert_type(counts.done, int)
    assert_type(counts.total, Optional[int])
    assert_type(counts.failed, int)
    assert_type(counts.statuses, Mapping[str, int])


def errors(error: ScaleException, waited: ScaleWaitTimeoutError) -> None:
    assert_type(error.code, Optional[int])
    assert_type(error.headers, Mapping[str, str])
    assert_type(error.body, str)
    assert_type(error.attempts, int)
    assert_type(error.unique_id, Optional[str])
    late: TimeoutError = waited
    late_too: ScaleException = waited
    print(late, late_too)


def enums(status: TaskStatus) -> None:
    text: str = status
    value: str = status.value
    word: str = StudioBatchStatus.Production
    print(text, value, word)


def transport(api: Api) -> None:
    assert_type(api.api_key, str)
    assert_type(api.mode, Optional[str])
    assert_type(api.base_api_url, str)
    assert_type(api.auto_unique_id, bool)
    assert_type(api.quote_string("a b"), str)
    assert_type(api.get_request("tasks", params={"limit": 1}), Any)
    assert_type(api.post_request("task/chat", body={}), Any)
    assert_type(api.put_request("a", body=["b"]), Any)
    assert_type(api.delete_request("a", body=["b"]), Any)
    assert_type(api.request("GET", "projects"), Any)
    assert_type(api.close(), None)

    api.get_request(3)  # type: ignore[arg-type]
    api.request("GET", 3)  # type: ignore[arg-type]


def callbacks(client: ScaleClient) -> None:
    keys = {"live": ["new", "old"], "test": "key"}
    event = parse_callback(b"{}", {"scale-callback-auth": "key"}, keys, client)
    assert_type(event, CallbackEvent)
    assert_type(event.task, Optional[Task])
    assert_type(event.batch, Optional[Batch])
    assert_type(event.response, Any)
    assert_type(event.live, bool)
    assert_type(event.delivery_id, str)
    assert_type(event.raw, bytes)

    def handle(event: CallbackEvent) -> None:
        pass

    async def handle_later(event: CallbackEvent) -> None:
        pass

    receiver = Receiver({"live": "key"}, handle, seen=MemorySeen(10), client=client)
    assert_type(receiver.answer([(b"a", b"b")], "{}"), Tuple[int, str])
    Receiver({"test": "key"}, handle_later, max_body_bytes=1)
    Receiver({"test": "key"}, lambda: 1)  # type: ignore[misc,arg-type]
    Receiver("key", handle)  # type: ignore[arg-type]
    Receiver({"test": "key"}, handle, seen=set())  # type: ignore[arg-type]


def sandboxes(sandbox: Sandbox, task: Task) -> None:
    assert_type(sandbox.start(), Sandbox)
    with sandbox as same:
        assert_type(same, Sandbox)
    assert_type(sandbox.stop(), None)
    assert_type(sandbox.url, str)
    assert_type(sandbox.api_key, str)
    assert_type(sandbox.live_api_key, str)
    assert_type(sandbox.complete(task.id, {"a": 1}), Dict[str, Any])
    assert_type(sandbox.archive_batch("a", api_key="live_a"), None)
    assert_type(sandbox.deliver("a", "b", tasks=[task, "t"]), Dict[str, Any])

    Sandbox(port="80")  # type: ignore[arg-type]


def conversations(client: ScaleClient) -> None:
    tasks = client.v2_get_tasks("p", status="completed", opts=[Option.SUBMISSIONS])
    assert_type(tasks, Generator[V2Task, None, None])
    assert_type(client.v2, V2Api)
    api = client.v2
    task = api.get_task("a", expand=["project"], opts=["annotation_details"])
    assert_type(task, v2.Task)
    assert_type(task.status, v2.TaskStatus)
    assert_type(task.created_at, datetime)
    assert_type(task.threads, Optional[List[v2.Thread]])
    assert_type(task.project.actual_instance, Union[str, v2.Project])
    for thread in task.threads or []:
        message = thread.turns[0].messages[0]
        assert_type(message.role, v2.MessageRole)
        assert_type(message.content.text, Optional[str])
        assert_type(message.content.attachments, Optional[List[v2.DetailedFile]])
        for annotation in message.annotations:
            assert_type(annotation.key, str)
            assert_type(annotation.value, Any)
            assert_type(annotation.actual_instance, v2.Annotation)
            if isinstance(annotation, v2.AnnotationInteger):
                assert_type(annotation.value, Optional[int])
    assert_type(task.to_dict(), Dict[str, Any])
    assert_type(task.as_dict(), Dict[str, Any])
    assert_type(task.to_json(), str)
    assert_type(task.to_str(), str)
    assert_type(task.model_dump(), Dict[str, Any])
    assert_type(task.model_dump_json(), str)
    assert_type(v2.Task.from_dict({}), v2.Task)
    assert_type(v2.Task.from_json("{}"), v2.Task)
    assert_type(v2.Task.model_validate({}), v2.Task)

    api.get_task(5)  # type: ignore[arg-type]
    api.get_task("a", expnd="project")  # type: ignore[arg-type]
    api.get_tasks(limit="5")  # type: ignore[arg-type]
    client.v2_get_tasks(project="p")  # type: ignore[call-arg]


def calls_of_v2(api: V2Api, expand: ExpandableEnumTask) -> None:
    page = api.get_tasks("p", limit=5, completed_after=date.today(), expand=[expand])
    assert_type(page, v2.GetTasksResponse)
    assert_type(page.next_token, Optional[str])
    assert_type(page.tasks, List[v2.Task])
    assert_type(api.iterate(api.get_tasks, "p"), Iterator[v2.Task])
    assert_type(api.iterate(api.get_batches), Iterator[v2.Batch])
    assert_type(api.create_chat_task({"project_id": "p"}), v2.Task)
    assert_type(api.create_chat_task(project_name="p", unique_id="a"), v2.Task)
    assert_type(api.set_task_metadata("a", metadata={}, merge=True), v2.Task)
    assert_type(api.get_annotation("a"), v2.Annotation)
    assert_type(api.get_batch(batch_name="b"), v2.Batch)
    assert_type(api.get_batches(status=v2.BatchStatus.PAUSED), v2.GetBatchesResponse)
    assert_type(api.create_batch(v2.CreateBatchRequest(name="b")), v2.Batch)
    assert_type(api.create_batch(name="b", project="p"), v2.Batch)
    assert_type(api.finalize_batch("b"), v2.Batch)
    assert_type(api.pause_batch("b"), v2.PauseBatch200Response)
    assert_type(api.resume_batch(batch_name="b"), v2.ResumeBatch200Response)
    assert_type(api.cancel_batch({"batch_id": "b"}), v2.CancelBatch200Response)
    assert_type(api.set_batch_metadata("b", metadata={}), v2.Batch)
    assert_type(api.get_project("p"), v2.Project)
    assert_type(api.get_projects().projects, List[v2.Project])
    assert_type(api.get_deliveries("p").deliveries, List[v2.Delivery])
    assert_type(api.get_delivery("d").tasks, List[v2.Task])
    assert_type(api.get_delivery_tasks("d").total, int)
    assert_type(api.get_datasets().datasets, List[v2.Dataset])
    assert_type(api.get_dataset_deliveries("d"), v2.GetDatasetDeliveriesResponse)
    assert_type(api.get_dataset_delivery("d").tasks, List[v2.DatasetTask])
    assert_type(api.get_dataset_tasks("d"), v2.GetDatasetTasksResponse)
    assert_type(api.get_dataset_task("t", _request_timeout=5), v2.DatasetTask)
    assert_type(api.get_dataset_task_response_url("t", "a"), str)
    assert_type(api.get_schema("s").var_schema.var_json, Optional[str])


def configuring_v2() -> None:
    api = V2Api(ApiClient(Configuration(host="https://a", access_token="b")))
    assert_type(api.api_client, ApiClient)
    assert_type(api.api_client.configuration.host, str)
    api.api_client.configuration.host = "https://b"
    api.api_client.configuration.access_token = "c"  # type: ignore[misc]
    error = v2.ApiException(status=404)
    assert_type(error.status, Optional[int])
    scale_error: ScaleException = error
    print(scale_error)
