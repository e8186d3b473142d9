"""Handlers of the operations on tasks.

A creation is checked in this order: ``web/bodies`` (the body is a JSON object),
``routes/task_creation`` (type, project, batch and the parameters of the project),
``routes/task_creation_validation`` (required parameters and their types), and again
``routes/task_creation`` (metadata, and whether the ``unique_id`` is free).
"""

from __future__ import annotations

from typing import List, Optional

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.routes.attachment_urls import downloads_of
from scaleapi.sandbox.routes.body_values import metadata_of, required_string
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.page_tokens import cursor_of, token_of
from scaleapi.sandbox.routes.task_creation import claim_unique_id, task_document
from scaleapi.sandbox.services.completion import complete, settle_batch
from scaleapi.sandbox.store import TaskFilter
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError, invalid
from scaleapi.sandbox.web.query import Query

#: Keys of a document in a list with ``limited_response``.
#: api-notes: limited-response
_LIMITED = ("task_id", "status", "metadata", "project")


def create_task(context: RequestContext) -> Document:
    task = task_document(context, context.path["type"])
    frees_id = context.object.get("clear_unique_id_on_error") is True
    context.store.tasks.add(task, frees_id=frees_id)
    if context.store.world.live:
        settle_batch(context.store, task, context.now)
    else:
        # The creation itself still answers "pending".
        # api-notes: test-mode
        complete(context.store, context.hosting, context.options, task, context.now)
    return task


def get_task(context: RequestContext) -> Document:
    always = context.options.attachment_downloads == "always"
    asked = context.query.boolean("include_attachment_url")
    task = _task(context)
    return _with_downloads(context, task) if always or asked else task


def cancel_task(context: RequestContext) -> Document:
    task = _task(context)
    # api-notes: cancel
    if task["status"] != "pending":
        raise ApiError(400, f"Task is already {task['status']} and cannot be canceled")
    if context.query.boolean("clear_unique_id"):
        _release_unique_id(context, task)
    task["status"] = "canceled"
    _change(context, task)
    settle_batch(context.store, task, context.now)
    return task


def audit_task(context: RequestContext) -> str:
    task = _task(context)
    body = context.object
    accepted = body.get("accepted")
    if accepted is None:
        raise invalid('"accepted" is required')
    if not isinstance(accepted, bool):
        raise invalid('"accepted" must be a boolean')
    comments = body.get("comments", "")
    if not isinstance(comments, str):
        raise invalid('"comments" must be a string')
    if task["status"] != "completed":
        # api-notes: audits (guess)
        raise ApiError(400, f"Task is {task['status']} and cannot be audited")
    result = "accepted" if accepted else "rejected"
    audit = {
        "audited_by": context.store.people.all()[0]["email"],
        "audited_at": to_text(context.now),
        "audit_time_secs": 0,
        "audit_result": result,
        "audit_source": "customer",
        "comments": comments,
    }
    task["customer_review_status"] = result
    task["audits"] = [*task.get("audits", []), audit]
    _change(context, task)
    context.store.outbox.add_task(task, context.now)
    return "OK"


def set_unique_id(context: RequestContext) -> Document:
    task = _task(context)
    unique_id = required_string(context.object, "unique_id")
    if task.get("unique_id") != unique_id:  # api-notes: changing-tasks (guess)
        claim_unique_id(context, unique_id, task["task_id"])
        _release_unique_id(context, task)
        task["unique_id"] = unique_id
    return _change(context, task)


def clear_unique_id(context: RequestContext) -> Document:
    task = _task(context)
    _release_unique_id(context, task)
    return _change(context, task)


def set_metadata(context: RequestContext) -> Document:
    task = _task(context)
    task["metadata"] = metadata_of({"metadata": context.raw_object})
    return _change(context, task)


def set_tags(context: RequestContext) -> Document:
    task = _task(context)
    task["tags"] = context.strings
    return _change(context, task)


def add_tags(context: RequestContext) -> Document:
    task = _task(context)
    task["tags"] = list(dict.fromkeys([*task.get("tags", []), *context.strings]))
    return _change(context, task)


def delete_tags(context: RequestContext) -> Document:
    task = _task(context)
    unwanted = set(context.strings)
    if "tags" in task:
        task["tags"] = [tag for tag in task["tags"] if tag not in unwanted]
    return _change(context, task)


def _change(context: RequestContext, task: Document) -> Document:
    task["updated_at"] = to_text(context.now)
    context.store.tasks.save(task)
    return task


def _release_unique_id(context: RequestContext, task: Document) -> None:
    if "unique_id" in task:
        context.store.tasks.release(task.pop("unique_id"))


def list_tasks(context: RequestContext) -> Document:
    query = context.query
    task_filter = TaskFilter(
        project=query.strings("project"),
        batch=query.strings("batch"),
        type=query.strings("type"),
        status=query.strings("status"),
        review_statuses=query.comma_list("customer_review_status"),
        unique_ids=query.strings("unique_id"),
        tags=_tags(query),
        created_from=query.earliest("start_time"),
        created_to=query.latest("end_time"),
        updated_from=query.earliest("updated_after"),
        updated_to=query.latest("updated_before"),
        completed_from=query.earliest("completed_after"),
        completed_to=query.latest("completed_before"),
    )
    limit, _ = query.page_bounds()
    is_limited = query.boolean("limited_response")
    has_downloads = query.boolean("include_attachment_url")
    before = cursor_of(query.string("next_token"))
    tasks, total, following = context.store.tasks.page(
        task_filter, limit=limit, before=before
    )
    if is_limited:
        docs = [{key: t[key] for key in _LIMITED if key in t} for t in tasks]
    elif has_downloads:
        docs = [_with_downloads(context, task) for task in tasks]
    else:
        docs = tasks
    page = {
        "docs": docs,
        "total": total,
        "limit": limit,
        "offset": 0,
        "has_more": following is not None,
    }
    return page if following is None else {**page, "next_token": token_of(following)}


def _task(context: RequestContext) -> Document:
    task = context.store.tasks.get(context.path["task_id"])
    if task is None:
        raise ApiError(404, "Task not found")
    return task


def _with_downloads(context: RequestContext, task: Document) -> Document:
    return {**task, "attachmentS3Downloads": downloads_of(context, task)}


def _tags(query: Query) -> Optional[List[str]]:
    """Return the tags asked for: each value is a tag, or several with commas."""
    whole, parts = query.strings("tags"), query.comma_list("tags")
    return None if whole is None or parts is None else [*whole, *parts]
