"""Handlers of the operations of v2 on tasks and annotations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Iterator

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.labeler import threads_of
from scaleapi.sandbox.labeler.conversation_details import OPTS
from scaleapi.sandbox.routes import tasks as tasks_of_v1
from scaleapi.sandbox.routes.body_values import required_string
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.page_tokens import cursor_of, token_of
from scaleapi.sandbox.routes.v2.batches import new_metadata
from scaleapi.sandbox.routes.v2.documents import Documents, with_token
from scaleapi.sandbox.routes.v2.lookups import (
    a_string,
    asked,
    find_batch,
    find_project,
    given,
    known_project,
    known_task,
)
from scaleapi.sandbox.statuses import CHAT_TYPES
from scaleapi.sandbox.store import TaskFilter
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError, invalid

EXPAND = ("project", "batch")
#: Digits of a task's id, with which the ids of its annotations begin.
_ID_DIGITS = 24


def get_task(context: RequestContext) -> Document:
    documents = documents_of(context)
    task_id = required_string(given(context, "task_id"), "task_id")
    return documents.task(known_task(context, task_id))


def get_tasks(context: RequestContext) -> Document:
    documents = documents_of(context)
    project = find_project(context, given(context, "project_id", "project_name"))
    batch = find_batch(context, given(context, "batch_id", "batch_name"))
    if project is None and batch is None:
        raise invalid('"project_id" or "project_name" or a batch is required')
    return page_of_tasks(
        context,
        documents,
        TaskFilter(
            project=None if project is None else project["name"],
            batch=None if batch is None else batch["name"],
            status=context.query.string("status"),
            completed_from=context.query.earliest("completed_after"),
            completed_to=context.query.latest("completed_before"),
        ),
    )


def create_chat_task(context: RequestContext) -> Document:
    body = context.object
    project = known_project(context, body)
    batch = find_batch(context, body)
    for name, kind, words in (
        ("template_variables", dict, "an object"),
        ("callback_url", str, "a string"),
        ("unique_id", str, "a string"),
    ):
        if not isinstance(body.get(name, kind()), kind):
            raise invalid(f'"{name}" must be {words}')
    names = ("template_variables", "metadata", "callback_url", "unique_id")
    parameters = {name: body[name] for name in names if name in body}
    parameters["project"] = project["name"]
    if batch is not None:
        parameters["batch"] = batch["name"]
    task = tasks_of_v1.create_task(
        replace(context, path={"type": project["type"]}, body=parameters)
    )
    return Documents(context.store).task(task)


def set_task_metadata(context: RequestContext) -> Document:
    task = known_task(context, required_string(context.object, "task_id"))
    task["metadata"] = new_metadata(context, task)
    task["updated_at"] = to_text(context.now)
    context.store.tasks.save(task)
    return Documents(context.store).task(task)


def get_annotation(context: RequestContext) -> Document:
    values = given(context, "annotation_id")
    annotation_id = required_string(values, "annotation_id")
    task = context.store.tasks.get(annotation_id[:_ID_DIGITS])
    if task is not None and task["type"] in CHAT_TYPES:
        for annotation in _annotations(_threads(task)):
            if annotation.get("id") == annotation_id:
                return annotation
    # api-notes: v2-annotation-ids
    raise ApiError(404, "Annotation not found")


def documents_of(context: RequestContext) -> Documents:
    """Return what makes the tasks of an answer, as the query wants them."""
    return Documents(
        context.store, asked(context, "expand", EXPAND), asked(context, "opts", OPTS)
    )


def page_of_tasks(
    context: RequestContext, documents: Documents, task_filter: TaskFilter
) -> Document:
    """Return a page of the tasks that pass a filter and that v2 shows."""
    found, _, following = context.store.tasks.page(
        replace(task_filter, type=CHAT_TYPES),
        limit=context.query.integer("limit", 100, 1, 100),
        before=cursor_of(a_string(given(context, "next_token"), "next_token")),
    )
    page = {"tasks": [documents.task(task) for task in found if "project" in task]}
    return with_token(page, following and token_of(following))


def _threads(task: Document) -> Any:
    return threads_of(task) if task["status"] == "completed" else []


def _annotations(value: Any) -> Iterator[Document]:
    """Yield all annotations within a value, at every level."""
    if isinstance(value, list):
        for each in value:
            yield from _annotations(each)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name == "annotations" and isinstance(inner, list):
                yield from (each for each in inner if isinstance(each, dict))
            yield from _annotations(inner)
