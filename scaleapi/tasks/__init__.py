"""Tasks: create, fetch, list, count, change and cancel them."""

from scaleapi.tasks.calls import TaskCalls
from scaleapi.tasks.enums import TaskReviewStatus, TaskStatus, TaskType
from scaleapi.tasks.task import Task, Tasklist

__all__ = [
    "Task",
    "TaskCalls",
    "TaskReviewStatus",
    "TaskStatus",
    "TaskType",
    "Tasklist",
]
