"""A client for Scale AI's data-labeling API.

Each name is imported when it is first used, so that importing the package is fast and
a program that needs one enum does not load the whole client.

PYTEST_DONT_REWRITE: pytest looks for this word in the package whose fixtures it loads.
With it pytest does not warn that the package was imported too early for its assertions
to be rewritten.
"""

import importlib
from typing import TYPE_CHECKING, Any, List

from scaleapi._version import __version__ as __version__

# For type checkers and editors. `import X as X` marks a name as exported.
if TYPE_CHECKING:
    from scaleapi import annotations as annotations
    from scaleapi import api as api
    from scaleapi import api_client as api_client
    from scaleapi import batches as batches
    from scaleapi import bulk as bulk
    from scaleapi import callbacks as callbacks
    from scaleapi import download as download
    from scaleapi import evaluation_tasks as evaluation_tasks
    from scaleapi import exceptions as exceptions
    from scaleapi import export as export
    from scaleapi import files as files
    from scaleapi import key_check as key_check
    from scaleapi import prelabels as prelabels
    from scaleapi import profiles as profiles
    from scaleapi import projects as projects
    from scaleapi import quality_tasks as quality_tasks
    from scaleapi import rehearsal as rehearsal
    from scaleapi import studio as studio
    from scaleapi import tasks as tasks
    from scaleapi import teams as teams
    from scaleapi import training_tasks as training_tasks
    from scaleapi import v2 as v2
    from scaleapi._core.paging import Paginator as Paginator
    from scaleapi.api import Api as Api
    from scaleapi.batches import Batch as Batch
    from scaleapi.batches import Batchlist as Batchlist
    from scaleapi.batches import BatchStatus as BatchStatus
    from scaleapi.bulk import BulkResult as BulkResult
    from scaleapi.bulk import BulkResults as BulkResults
    from scaleapi.bulk import Counts as Counts
    from scaleapi.bulk import FileResult as FileResult
    from scaleapi.bulk import TaskResult as TaskResult
    from scaleapi.client import ScaleClient as ScaleClient
    from scaleapi.download import DownloadResult as DownloadResult
    from scaleapi.download import FileOnDisk as FileOnDisk
    from scaleapi.evaluation_tasks import EvaluationTask as EvaluationTask
    from scaleapi.exceptions import ScaleConnectionError as ScaleConnectionError
    from scaleapi.exceptions import ScaleDuplicateResource as ScaleDuplicateResource
    from scaleapi.exceptions import ScaleException as ScaleException
    from scaleapi.exceptions import ScaleInternalError as ScaleInternalError
    from scaleapi.exceptions import ScaleInvalidRequest as ScaleInvalidRequest
    from scaleapi.exceptions import ScaleNotEnabled as ScaleNotEnabled
    from scaleapi.exceptions import ScaleProfileError as ScaleProfileError
    from scaleapi.exceptions import ScaleResourceNotFound as ScaleResourceNotFound
    from scaleapi.exceptions import ScaleServiceUnavailable as ScaleServiceUnavailable
    from scaleapi.exceptions import ScaleTimeoutError as ScaleTimeoutError
    from scaleapi.exceptions import ScaleTooManyRequests as ScaleTooManyRequests
    from scaleapi.exceptions import ScaleTypeError as ScaleTypeError
    from scaleapi.exceptions import ScaleUnauthorized as ScaleUnauthorized
    from scaleapi.exceptions import ScaleValueError as ScaleValueError
    from scaleapi.exceptions import ScaleWaitTimeoutError as ScaleWaitTimeoutError
    from scaleapi.files import File as File
    from scaleapi.key_check import KeyCheck as KeyCheck
    from scaleapi.profiles import Profile as Profile
    from scaleapi.projects import Project as Project
    from scaleapi.projects import TaskTemplate as TaskTemplate
    from scaleapi.quality_tasks import QualityTask as QualityTask
    from scaleapi.studio import StudioBatch as StudioBatch
    from scaleapi.studio import StudioBatchStatus as StudioBatchStatus
    from scaleapi.studio import StudioLabelerAssignment as StudioLabelerAssignment
    from scaleapi.studio import StudioProjectGroup as StudioProjectGroup
    from scaleapi.studio import StudioWorker as StudioWorker
    from scaleapi.tasks import Task as Task
    from scaleapi.tasks import Tasklist as Tasklist
    from scaleapi.tasks import TaskReviewStatus as TaskReviewStatus
    from scaleapi.tasks import TaskStatus as TaskStatus
    from scaleapi.tasks import TaskType as TaskType
    from scaleapi.teams import Teammate as Teammate
    from scaleapi.teams import TeammateRole as TeammateRole
    from scaleapi.training_tasks import TrainingTask as TrainingTask
    from scaleapi.v2.calls import V2Api as V2Api
    from scaleapi.v2.connection import ApiClient as ApiClient
    from scaleapi.v2.connection import Configuration as Configuration
    from scaleapi.v2.conversations import V2Task as V2Task
    from scaleapi.v2.enums import ExpandableEnumTask as ExpandableEnumTask
    from scaleapi.v2.enums import Option as Option

#: Modules that the package offers as attributes.
_MODULES = [
    "annotations",
    "api",
    "api_client",
    "batches",
    "bulk",
    "callbacks",
    "download",
    "evaluation_tasks",
    "exceptions",
    "export",
    "files",
    "key_check",
    "prelabels",
    "profiles",
    "projects",
    "quality_tasks",
    "rehearsal",
    "studio",
    "tasks",
    "teams",
    "training_tasks",
    "v2",
]
#: Module -> names of it that the package offers.
_EXPORTS = {
    "api": ["Api"],
    "batches": ["Batch", "BatchStatus", "Batchlist"],
    "bulk": ["BulkResult", "BulkResults", "Counts", "FileResult", "TaskResult"],
    "client": ["ScaleClient"],
    "download": ["DownloadResult", "FileOnDisk"],
    "evaluation_tasks": ["EvaluationTask"],
    "exceptions": [
        "ScaleConnectionError",
        "ScaleDuplicateResource",
        "ScaleException",
        "ScaleInternalError",
        "ScaleInvalidRequest",
        "ScaleNotEnabled",
        "ScaleProfileError",
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
    "key_check": ["KeyCheck"],
    "_core.paging": ["Paginator"],
    "profiles": ["Profile"],
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
    "v2.calls": ["V2Api"],
    "v2.connection": ["ApiClient", "Configuration"],
    "v2.conversations": ["V2Task"],
    "v2.enums": ["ExpandableEnumTask", "Option"],
}
#: Name -> the module that defines it.
_DEFINED_IN = {name: module for module, names in _EXPORTS.items() for name in names}

# Type checkers understand only a list that is spelled out, and have the imports above.
if not TYPE_CHECKING:
    __all__ = sorted([*_DEFINED_IN, *_MODULES, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _DEFINED_IN:
        value = getattr(importlib.import_module(f"scaleapi.{_DEFINED_IN[name]}"), name)
    elif name in _MODULES:
        value = importlib.import_module(f"scaleapi.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted({*globals(), *_DEFINED_IN, *_MODULES})
