"""Task calls."""

from __future__ import annotations

import base64
from typing import List, Optional

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.routes.context import (
    Call,
    Query,
    invalid,
    metadata_of,
    page_bounds,
    required_text,
)
from scaleapi.sandbox.routes.downloads import downloads_of
from scaleapi.sandbox.routes.task_creation import claim_unique_id, task_document
from scaleapi.sandbox.services.completion import complete, settle_batch
from scaleapi.sandbox.store import TaskFilter
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.store.tasks import Place
from scaleapi.sandbox.web.errors import ApiError

#: Keys of a document in a list with ``limited_response`` (contract 6.6).
_LIMITED = ("task_id", "status", "metadata", "project")


def create_task(call: Call) -> Document:
    task = task_document(call, call.path["type"])
    frees_id = call.object.get("clear_unique_id_on_error") is True
    call.books.tasks.add(task, frees_id=frees_id)
    if call.books.world.live:
        settle_batch(call.books, task, call.now)
    else:
        # The creation itself still answers "pending" (contract 6.2).
        complete(call.books, call.hosting, call.options, task, call.now)
    return task


def get_task(call: Call) -> Document:
    always = call.options.attachment_downloads == "always"
    asked = call.query.flag("include_attachment_url")
    return _shown(call, _task(call), always or asked)


def cancel_task(call: Call) -> Document:
    task = _task(call)
    if task["status"] != "pending":
        raise ApiError(400, f"Task is already {task['status']} and cannot be canceled")
    if call.query.flag("clear_unique_id"):
        _release_unique_id(call, task)
    task["status"] = "canceled"
    _change(call, task)
    settle_batch(call.books, task, call.now)
    return task


def audit_task(call: Call) -> str:
    task = _task(call)
    given = call.object
    accepted = given.get("accepted")
    if accepted is None:
        raise invalid('"accepted" is required')
    if not isinstance(accepted, bool):
        raise invalid('"accepted" must be a boolean')
    comments = given.get("comments", "")
    if not isinstance(comments, str):
        raise invalid('"comments" must be a string')
    if task["status"] != "completed":
        raise ApiError(400, f"Task is {task['status']} and cannot be audited")
    result = "accepted" if accepted else "rejected"
    audit = {
        "audited_by": call.books.people.all()[0]["email"],
        "audited_at": to_text(call.now),
        "audit_time_secs": 0,
        "audit_result": result,
        "audit_source": "customer",
        "comments": comments,
    }
    task["customer_review_status"] = result
    task["audits"] = [*task.get("audits", []), audit]
    _change(call, task)
    call.books.outbox.note_task(task, call.now)
    return "OK"


def set_unique_id(call: Call) -> Document:
    task = _task(call)
    unique_id = required_text(call.object, "unique_id")
    if task.get("unique_id") != unique_id:
        claim_unique_id(call, unique_id, task["task_id"])
        _release_unique_id(call, task)
        task["unique_id"] = unique_id
    return _change(call, task)


def clear_unique_id(call: Call) -> Document:
    task = _task(call)
    _release_unique_id(call, task)
    return _change(call, task)


def set_metadata(call: Call) -> Document:
    task = _task(call)
    task["metadata"] = metadata_of({"metadata": call.raw_object})
    return _change(call, task)


def set_tags(call: Call) -> Document:
    task = _task(call)
    task["tags"] = call.texts
    return _change(call, task)


def add_tags(call: Call) -> Document:
    task = _task(call)
    task["tags"] = list(dict.fromkeys([*task.get("tags", []), *call.texts]))
    return _change(call, task)


def delete_tags(call: Call) -> Document:
    task = _task(call)
    unwanted = set(call.texts)
    if "tags" in task:
        task["tags"] = [tag for tag in task["tags"] if tag not in unwanted]
    return _change(call, task)


def _change(call: Call, task: Document) -> Document:
    task["updated_at"] = to_text(call.now)
    call.books.tasks.save(task)
    return task


def _release_unique_id(call: Call, task: Document) -> None:
    if "unique_id" in task:
        call.books.tasks.release(task.pop("unique_id"))


def list_tasks(call: Call) -> Document:
    query = call.query
    wanted = TaskFilter(
        project=query.texts("project"),
        batch=query.texts("batch"),
        type=query.texts("type"),
        status=query.texts("status"),
        review_statuses=query.comma_list("customer_review_status"),
        unique_ids=query.texts("unique_id"),
        tags=_tags(query),
        created_from=query.earliest("start_time"),
        created_to=query.latest("end_time"),
        updated_from=query.earliest("updated_after"),
        updated_to=query.latest("updated_before"),
        completed_from=query.earliest("completed_after"),
        completed_to=query.latest("completed_before"),
    )
    limit, _ = page_bounds(query)
    with_downloads = query.flag("include_attachment_url")
    before = _place(query.text("next_token"))
    tasks, total, following = call.books.tasks.page(wanted, limit=limit, before=before)
    if query.flag("limited_response"):
        docs = [{key: t[key] for key in _LIMITED if key in t} for t in tasks]
    else:
        docs = [_shown(call, task, with_downloads) for task in tasks]
    page = {
        "docs": docs,
        "total": total,
        "limit": limit,
        "offset": 0,
        "has_more": following is not None,
    }
    return page if following is None else {**page, "next_token": _token(following)}


def _task(call: Call) -> Document:
    task = call.books.tasks.get(call.path["task_id"])
    if task is None:
        raise ApiError(404, "Task not found")
    return task


def _shown(call: Call, task: Document, with_downloads: bool) -> Document:
    if not with_downloads:
        return task
    return {**task, "attachmentS3Downloads": downloads_of(call, task)}


def _tags(query: Query) -> Optional[List[str]]:
    """Return the tags asked for: each value is a tag, or several with commas."""
    whole, parts = query.texts("tags"), query.comma_list("tags")
    return None if whole is None or parts is None else [*whole, *parts]


def _token(place: Place) -> str:
    return base64.urlsafe_b64encode("{}.{}".format(*place).encode()).decode()


def _place(token: Optional[str]) -> Optional[Place]:
    if token is None:
        return None
    try:
        created_at, seq = base64.urlsafe_b64decode(token.encode()).split(b".")
        place = int(created_at), int(seq)
    except ValueError:
        raise invalid('"next_token" is not one that a page has given') from None
    if max(place) >= 1 << 62 or min(place) < 0:
        raise invalid('"next_token" is not one that a page has given')
    return place
