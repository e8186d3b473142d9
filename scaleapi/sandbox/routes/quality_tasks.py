"""Calls on tasks whose right answer is known."""

from __future__ import annotations

from scaleapi.sandbox.routes.context import Call
from scaleapi.sandbox.routes.task_creation import quality_task_document
from scaleapi.sandbox.store.repository import Document


def create_quality_task(call: Call) -> Document:
    task = quality_task_document(call, call.path["type"])
    call.books.tasks.add_quality_task(task)
    return task
