"""Bulk calls: thousands of calls at the same time, on top of the other calls."""

from scaleapi._core.progress import Counts
from scaleapi.bulk.calls import BulkCalls
from scaleapi.bulk.engine import BulkResults
from scaleapi.bulk.results import BulkResult, FileResult, TaskResult

__all__ = [
    "BulkCalls",
    "BulkResult",
    "BulkResults",
    "Counts",
    "FileResult",
    "TaskResult",
]
