"""A client for Scale AI's data-labelling API."""

from scaleapi import (
    api,
    batches,
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
from scaleapi._paging import Paginator
from scaleapi._version import __version__
from scaleapi.api import Api
from scaleapi.batches import Batch, Batchlist, BatchStatus
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

__all__ = [
    "Api",
    "Batch",
    "BatchStatus",
    "Batchlist",
    "EvaluationTask",
    "File",
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
    "StudioBatch",
    "StudioBatchStatus",
    "StudioLabelerAssignment",
    "StudioProjectGroup",
    "StudioWorker",
    "Task",
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
