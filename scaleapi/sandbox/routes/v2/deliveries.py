"""Handlers of the operations of v2 on deliveries."""

from __future__ import annotations

from typing import Any, Optional

from scaleapi.sandbox.labeler import threads_of
from scaleapi.sandbox.labeler.conversation_details import OPTS, selected
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.page_tokens import cursor_of, token_of
from scaleapi.sandbox.routes.v2.documents import Documents, with_token
from scaleapi.sandbox.routes.v2.lookups import (
    asked,
    given,
    known_delivery,
    known_project,
)
from scaleapi.sandbox.routes.v2.tasks import page_of_tasks
from scaleapi.sandbox.services.example_dataset import SCHEMA
from scaleapi.sandbox.statuses import CHAT_TYPES
from scaleapi.sandbox.store import TaskFilter
from scaleapi.sandbox.store.repository import Document

EXPAND = ("project", "batch", "delivery")
EXPAND_LIST = ("project",)


def get_deliveries(context: RequestContext) -> Document:
    query = context.query
    expand = asked(context, "expand", EXPAND_LIST)
    project = known_project(context, given(context, "project_id", "project_name"))
    found = context.store.deliveries.of_project(
        project["name"],
        query.earliest("delivered_after"),
        query.latest("delivered_before"),
    )
    documents = Documents(context.store, expand)
    return {"deliveries": [documents.delivery(delivery) for delivery in found]}


def get_delivery(context: RequestContext) -> Document:
    documents = Documents(
        context.store, asked(context, "expand", EXPAND), asked(context, "opts", OPTS)
    )
    names = ("delivery_id", "delivery_name", "project_id", "project_name")
    delivery = known_delivery(context, given(context, *names))
    page = page_of_tasks(context, documents, TaskFilter(delivery=delivery["id"]))
    # An object even where it is not asked for. api-notes: v2-deliveries
    return {"delivery": documents.delivery(delivery), **page}


def get_delivery_tasks(context: RequestContext) -> Document:
    query = context.query
    project = known_project(context, given(context, "project_id", "project_name"))
    delivery: Optional[Document] = None
    if query.string("delivery_id") is not None:
        names = ("delivery_id", "project_id", "project_name")
        delivery = known_delivery(context, given(context, *names))
    found, total, following = context.store.tasks.page(
        TaskFilter(
            project=project["name"],
            type=CHAT_TYPES,
            delivery=None if delivery is None else delivery["id"],
            status=query.string("status"),
            completed_from=query.earliest("completed_after"),
            completed_to=query.latest("completed_before"),
        ),
        limit=query.integer("limit", 100, 1, 100),
        before=cursor_of(query.string("next_token")),
    )
    docs = [_delivered(context, task) for task in found]
    page = {"docs": docs, "total": total}
    return with_token(page, following and token_of(following))


def _delivered(context: RequestContext, task: Document) -> Document:
    """Return a task as the list of delivered ones has it."""
    delivery_id = context.store.tasks.delivery_of(task["task_id"])
    delivery: Any = {}
    if delivery_id is not None:
        delivery = context.store.deliveries.get(delivery_id)
    is_done = task["status"] == "completed"
    return {
        "task_id": task["task_id"],
        "created_at": task["created_at"],
        "delivery_id": delivery_id,
        "delivered_at": delivery.get("delivered_at"),
        "response_schema_id": SCHEMA["id"] if is_done else None,
        "response": {"threads": selected(threads_of(task), ())} if is_done else None,
    }
