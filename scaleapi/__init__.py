"""A client for Scale AI's data-labelling API.

The names are found when they are first used: importing the package takes next to
no time, and a program that wants only an enum does not wait for the rest.

PYTEST_DONT_REWRITE: pytest reads this word where it loads the package's fixtures, and
does not warn that the package was imported before it could rewrite its assertions.
"""

import importlib
from typing import TYPE_CHECKING, Any, List

from scaleapi._version import __version__

if TYPE_CHECKING:
    from scaleapi import (
        api,
        batches,
        bulk,
        evaluation_tasks,
        exceptions,
        files,
        projects,
        quality_tasks,
        studio,
        tasks,
        teams,
        training_tasks,
    )
    from scaleapi._core.paging import Paginator
    from scaleapi.api import Api
    from scaleapi.batches import Batch, Batchlist, BatchStatus
    from scaleapi.bulk import BulkResult, BulkResults, Counts, FileResult, TaskResult
    from scaleapi.client import ScaleClient
    from scaleapi.evaluation_tasks import EvaluationTask
    from scaleapi.exceptions import (
        ScaleConnectionError,
        ScaleDuplicateResource,
        ScaleException,
        ScaleInternalError,
        ScaleInvalidRequest,
        ScaleNotEnabled,
        ScaleResourceNotFound,
        ScaleServiceUnavailable,
        ScaleTimeoutError,
        ScaleTooManyRequests,
        ScaleTypeError,
        ScaleUnauthorized,
        ScaleValueError,
        ScaleWaitTimeoutError,
    )
    from scaleapi.files import File
    from scaleapi.projects import Project, TaskTemplate
    from scaleapi.quality_tasks import QualityTask
    from scaleapi.studio import (
        StudioBatch,
        StudioBatchStatus,
        StudioLabelerAssignment,
        StudioProjectGroup,
        StudioWorker,
    )
    from scaleapi.tasks import Task, Tasklist, TaskReviewStatus, TaskStatus, TaskType
    from scaleapi.teams import Teammate, TeammateRole
    from scaleapi.training_tasks import TrainingTask

#: Room -> the names that the package offers from it.
_ROOMS = {
    "api": ["Api"],
    "batches": ["Batch", "BatchStatus", "Batchlist"],
    "bulk": ["BulkResult", "BulkResults", "Counts", "FileResult", "TaskResult"],
    "client": ["ScaleClient"],
    "evaluation_tasks": ["EvaluationTask"],
    "exceptions": [
        "ScaleConnectionError",
        "ScaleDuplicateResource",
        "ScaleException",
        "ScaleInternalError",
        "ScaleInvalidRequest",
        "ScaleNotEnabled",
        "ScaleResourceNotFound",
        "ScaleServiceUnavailable",
        "ScaleTimeoutError",
        "ScaleTooManyRequests",
        "ScaleTypeError",
        "ScaleUnauthorized",
        "ScaleValueError",
        "ScaleWaitTimeoutError",
    ],
    "files": ["File"],
    "_core.paging": ["Paginator"],
    "projects": ["Project", "TaskTemplate"],
    "quality_tasks": ["QualityTask"],
    "studio": [
        "StudioBatch",
        "StudioBatchStatus",
        "StudioLabelerAssignment",
        "StudioProjectGroup",
        "StudioWorker",
    ],
    "tasks": ["Task", "TaskReviewStatus", "TaskStatus", "TaskType", "Tasklist"],
    "teams": ["Teammate", "TeammateRole"],
    "training_tasks": ["TrainingTask"],
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Api",
    "Batch",
    "BatchStatus",
    "Batchlist",
    "BulkResult",
    "BulkResults",
    "Counts",
    "EvaluationTask",
    "File",
    "FileResult",
    "Paginator",
    "Project",
    "QualityTask",
    "ScaleClient",
    "ScaleConnectionError",
    "ScaleDuplicateResource",
    "ScaleException",
    "ScaleInternalError",
    "ScaleInvalidRequest",
    "ScaleNotEnabled",
    "ScaleResourceNotFound",
    "ScaleServiceUnavailable",
    "ScaleTimeoutError",
    "ScaleTooManyRequests",
    "ScaleTypeError",
    "ScaleUnauthorized",
    "ScaleValueError",
    "ScaleWaitTimeoutError",
    "StudioBatch",
    "StudioBatchStatus",
    "StudioLabelerAssignment",
    "StudioProjectGroup",
    "StudioWorker",
    "Task",
    "TaskResult",
    "TaskReviewStatus",
    "TaskStatus",
    "TaskTemplate",
    "TaskType",
    "Tasklist",
    "Teammate",
    "TeammateRole",
    "TrainingTask",
    "__version__",
    "api",
    "batches",
    "bulk",
    "evaluation_tasks",
    "exceptions",
    "files",
    "projects",
    "quality_tasks",
    "studio",
    "tasks",
    "teams",
    "training_tasks",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(f"scaleapi.{_HOMES[name]}"), name)
    elif name in __all__:
        value = importlib.import_module(f"scaleapi.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
