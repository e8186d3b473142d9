"""The operations of v2: one table, as `routes.operation_table` is that of v1."""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Sequence

from scaleapi.sandbox.labeler.conversation_details import OPTS
from scaleapi.sandbox.routes.operation import Operation
from scaleapi.sandbox.routes.schema_types import (
    BATCH_STATUS,
    CONTENT,
    TASK_STATUS,
    TEXT,
    TIME,
    Schema,
    array,
    ref,
)
from scaleapi.sandbox.routes.v2 import (
    batches,
    datasets,
    deliveries,
    projects,
    tasks,
)


def _some_of(values: Sequence[str]) -> Schema:
    return {
        **array({"type": "string", "enum": list(values)}),
        "description": "Any of them; a repeated key.",
    }


def _times(*events: str) -> Dict[str, Schema]:
    return {f"{event}_{end}": TIME for event in events for end in ("after", "before")}


_PROJECT = {"project_id": TEXT, "project_name": TEXT}
_BATCH = {"batch_id": TEXT, "batch_name": TEXT}
_OPTS = {"opts": _some_of(OPTS)}
_PAGE: Dict[str, Schema] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 100},
    "next_token": {"type": "string", "description": "Of the page before."},
}


def _expand(values: Sequence[str]) -> Dict[str, Schema]:
    return {"expand": _some_of(values)}


def _get(
    path: str,
    handler: Callable[..., object],
    summary: str,
    answer: str,
    query: Optional[Dict[str, Schema]] = None,
) -> Operation:
    """Return an operation that is named like its handler."""
    return Operation(
        "GET",
        path,
        handler,
        handler.__name__,
        summary,
        ref(answer),
        errors=() if query is None else (404,),
        query=query,
    )


def _post(
    path: str,
    handler: Callable[..., object],
    summary: str,
    answer: str,
    body: str,
    *errors: int,
) -> Operation:
    """Return an operation that is named like its handler."""
    return Operation(
        "POST",
        path,
        handler,
        handler.__name__,
        summary,
        ref(answer),
        body=ref(body),
        errors=(404, *errors),
    )


#: The operations of v2; handlers take a `RequestContext`.
API_V2: List[Operation] = [
    _get(
        "/v2/task",
        tasks.get_task,
        "Fetch a chat task.",
        "V2Task",
        {"task_id": TEXT, **_expand(tasks.EXPAND), **_OPTS},
    ),
    _get(
        "/v2/tasks",
        tasks.get_tasks,
        "List a page of the chat tasks of a project or batch, the newest first.",
        "V2TaskPage",
        {
            **_PROJECT,
            **_BATCH,
            "status": TASK_STATUS,
            **_times("completed"),
            **_PAGE,
            **_expand(tasks.EXPAND),
            **_OPTS,
        },
    ),
    _post(
        "/v2/task/chat",
        tasks.create_chat_task,
        "Create a chat task.",
        "V2Task",
        "V2ChatTaskRequest",
        409,
        429,
    ),
    _post(
        "/v2/task/metadata",
        tasks.set_task_metadata,
        "Replace a task's metadata, or merge it deeply.",
        "V2Task",
        "V2TaskMetadata",
    ),
    _get(
        "/v2/annotation",
        tasks.get_annotation,
        "Fetch an annotation, with all details.",
        "V2Annotation",
        {"annotation_id": TEXT},
    ),
    _get(
        "/v2/batch",
        batches.get_batch,
        "Fetch a batch.",
        "V2Batch",
        {**_BATCH, **_expand(batches.EXPAND)},
    ),
    _get(
        "/v2/batches",
        batches.get_batches,
        "List a page of batches of chat projects, the newest first.",
        "V2BatchPage",
        {
            **_PROJECT,
            "status": BATCH_STATUS,
            **_times("created", "completed"),
            **_PAGE,
            **_expand(batches.EXPAND),
        },
    ),
    _post(
        "/v2/batch",
        batches.create_batch,
        "Create a batch.",
        "V2Batch",
        "V2BatchRequest",
        409,
    ),
    _post(
        "/v2/batch/finalize",
        batches.finalize_batch,
        "Release a staging batch to be worked on.",
        "V2Batch",
        "V2BatchNamed",
    ),
    _post(
        "/v2/batch/pause",
        batches.pause_batch,
        "Pause a batch in progress.",
        "V2BatchChange",
        "V2BatchNamed",
    ),
    _post(
        "/v2/batch/resume",
        batches.resume_batch,
        "Resume a paused batch.",
        "V2BatchChange",
        "V2BatchNamed",
    ),
    _post(
        "/v2/batch/cancel",
        batches.cancel_batch,
        "Cancel a batch for good, and its pending tasks.",
        "V2BatchChange",
        "V2BatchNamed",
    ),
    _post(
        "/v2/batch/metadata",
        batches.set_batch_metadata,
        "Replace a batch's metadata, or merge it deeply.",
        "V2Batch",
        "V2BatchMetadata",
    ),
    _get(
        "/v2/project",
        projects.get_project,
        "Fetch a chat project.",
        "V2Project",
        _PROJECT,
    ),
    _get(
        "/v2/projects",
        projects.get_projects,
        "List all chat projects, the oldest first.",
        "V2Projects",
        _times("created"),
    ),
    _get(
        "/v2/deliveries",
        deliveries.get_deliveries,
        "List all deliveries of a project, the newest first.",
        "V2Deliveries",
        {**_PROJECT, **_times("delivered"), **_expand(deliveries.EXPAND_LIST)},
    ),
    _get(
        "/v2/delivery",
        deliveries.get_delivery,
        "Fetch a delivery and a page of its tasks.",
        "V2DeliveryPage",
        {
            "delivery_id": TEXT,
            "delivery_name": TEXT,
            **_PROJECT,
            **_PAGE,
            **_expand(deliveries.EXPAND),
            **_OPTS,
        },
    ),
    _get(
        "/v2/delivery/tasks",
        deliveries.get_delivery_tasks,
        "List a page of a project's tasks, with their responses.",
        "V2DeliveredPage",
        {
            "delivery_id": TEXT,
            **_PROJECT,
            "status": TASK_STATUS,
            **_times("completed"),
            **_PAGE,
        },
    ),
    _get(
        "/v2/datasets",
        datasets.get_datasets,
        "List the datasets: one example.",
        "V2Datasets",
    ),
    _get(
        "/v2/datasets/deliveries",
        datasets.get_dataset_deliveries,
        "List the deliveries of a dataset.",
        "V2DatasetDeliveries",
        {
            "dataset_id": TEXT,
            **_times("delivered"),
            **_expand(datasets.EXPAND_LIST),
        },
    ),
    _get(
        "/v2/datasets/delivery",
        datasets.get_dataset_delivery,
        "Fetch a delivery of a dataset and a page of its tasks.",
        "V2DatasetTaskPage",
        {"delivery_id": TEXT, **_PAGE, **_expand(datasets.EXPAND)},
    ),
    _get(
        "/v2/datasets/tasks",
        datasets.get_dataset_tasks,
        "List a page of the tasks of a dataset, or of one delivery of it.",
        "V2DatasetTaskPage",
        {
            "dataset_id": TEXT,
            "delivery_id": TEXT,
            **_times("delivered"),
            **_PAGE,
            **_expand(datasets.EXPAND),
        },
    ),
    _get(
        "/v2/datasets/task",
        datasets.get_dataset_task,
        "Fetch a task of a dataset.",
        "V2DatasetTask",
        {"task_id": TEXT, **_expand(datasets.EXPAND)},
    ),
    Operation(
        "GET",
        "/v2/datasets/task/{task_id}/response_url/{attachment_id}",
        datasets.get_dataset_task_response_url,
        "get_dataset_task_response_url",
        "Redirect to the signed address of an attachment.",
        CONTENT,
        errors=(404,),
        media_type="*/*",
        redirects=True,
    ),
    _get(
        "/v2/schema",
        datasets.get_schema,
        "Fetch a schema of responses.",
        "V2Schema",
        {"schema_id": TEXT},
    ),
]
