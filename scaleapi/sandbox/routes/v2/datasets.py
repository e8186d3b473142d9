"""Handlers of the operations of v2 on datasets and schemas: one example of each."""

from __future__ import annotations

import re
from typing import Collection, List

from starlette.responses import RedirectResponse

from scaleapi.sandbox.clock import to_timestamp_ms
from scaleapi.sandbox.routes.body_values import required_string
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.page_tokens import cursor_of, token_of
from scaleapi.sandbox.routes.v2.documents import with_token
from scaleapi.sandbox.routes.v2.lookups import asked, given
from scaleapi.sandbox.services.example_dataset import (
    DATASET,
    DELIVERY,
    NO_WORLD,
    SCHEMA,
    TASKS,
)
from scaleapi.sandbox.services.hosting import file_url
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError, invalid

EXPAND = ("dataset", "delivery")
EXPAND_LIST = ("dataset",)
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}", re.ASCII)
_IS_AT = to_timestamp_ms(DELIVERY["delivered_at"], earliest=True)


def get_datasets(context: RequestContext) -> Document:
    return {"datasets": [DATASET]}


def get_dataset_deliveries(context: RequestContext) -> Document:
    expand = asked(context, "expand", EXPAND_LIST)
    _check_dataset(context)
    deliveries = [_delivery(expand)] if _is_within_times(context) else []
    return {"deliveries": deliveries}


def get_dataset_delivery(context: RequestContext) -> Document:
    expand = asked(context, "expand", EXPAND)
    _check_delivery(context)
    return {"delivery": _delivery(expand), **_page(context, TASKS, expand)}


def get_dataset_tasks(context: RequestContext) -> Document:
    expand = asked(context, "expand", EXPAND)
    if context.query.string("delivery_id") is not None:
        _check_delivery(context)
        if context.query.string("dataset_id") is not None:
            _check_dataset(context)
    else:
        _check_dataset(context)
    return _page(context, TASKS if _is_within_times(context) else [], expand)


def get_dataset_task(context: RequestContext) -> Document:
    expand = asked(context, "expand", EXPAND)
    values = given(context, "task_id")
    return _task(_known_task(required_string(values, "task_id")), expand)


def get_dataset_task_response_url(context: RequestContext) -> RedirectResponse:
    task = _known_task(context.path["task_id"])
    attachment_id = context.path["attachment_id"]
    if task["response"]["recording"]["attachment_id"] != attachment_id:
        raise ApiError(404, "Attachment not found")
    url = context.hosting.signed_url(file_url("datasets", attachment_id), NO_WORLD)
    return RedirectResponse(url, status_code=302)


def get_schema(context: RequestContext) -> Document:
    schema_id = required_string(given(context, "schema_id"), "schema_id")
    if not _OBJECT_ID.fullmatch(schema_id):
        raise invalid('"schema_id" must be 24 hexadecimal digits')
    if schema_id.lower() != SCHEMA["id"]:
        raise ApiError(404, "Schema not found")
    return {"schema": SCHEMA}


def _check_dataset(context: RequestContext) -> None:
    values = given(context, "dataset_id")
    if required_string(values, "dataset_id") != DATASET["id"]:
        raise ApiError(404, "Dataset not found")


def _check_delivery(context: RequestContext) -> None:
    values = given(context, "delivery_id")
    if required_string(values, "delivery_id") != DELIVERY["id"]:
        raise ApiError(404, "Delivery not found")


def _known_task(task_id: str) -> Document:
    for task in TASKS:
        if task["task_id"] == task_id:
            return task
    raise ApiError(404, "Task not found")


def _is_within_times(context: RequestContext) -> bool:
    earliest = context.query.earliest("delivered_after")
    latest = context.query.latest("delivered_before")
    return (earliest is None or earliest <= _IS_AT) and (
        latest is None or latest >= _IS_AT
    )


def _page(
    context: RequestContext, tasks: List[Document], expand: Collection[str]
) -> Document:
    """Return a page of tasks; the cursor counts those before it."""
    _, start = cursor_of(context.query.string("next_token")) or (0, 0)
    end = start + context.query.integer("limit", 100, 1, 100)
    page = {"tasks": [_task(task, expand) for task in tasks[start:end]]}
    return with_token(page, token_of((0, end)) if end < len(tasks) else None)


def _task(task: Document, expand: Collection[str]) -> Document:
    return {
        **task,
        "dataset": DATASET if "dataset" in expand else task["dataset"],
        "delivery": _delivery(expand) if "delivery" in expand else task["delivery"],
    }


def _delivery(expand: Collection[str]) -> Document:
    return {**DELIVERY, "dataset": DATASET if "dataset" in expand else DATASET["id"]}
