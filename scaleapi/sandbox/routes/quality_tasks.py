"""Handlers of the operations on evaluation and training tasks."""

from __future__ import annotations

from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.task_creation import quality_task_document
from scaleapi.sandbox.store.repository import Document


def create_quality_task(context: RequestContext) -> Document:
    task = quality_task_document(context, context.path["type"])
    context.store.tasks.add_quality_task(task)
    return task
