"""What a bulk call yields: one result for each input."""

from __future__ import annotations

from typing import Any, Generic, Optional, TypeVar

from scaleapi.files import File
from scaleapi.tasks import Task

T = TypeVar("T")

FAILED = "failed"


class BulkResult(Generic[T]):
    """What became of one input.

    Attributes:
        index: Its place among the inputs, from 0.
        payload: The input; for `create_tasks` as it was sent, with its
            ``unique_id``, so that a failed one can be sent again as it is.
            None where the inputs themselves could not be read.
        status: ``"failed"``, or what the call says of a success.
        value: What the call returned; None if it failed.
        error: Why it failed; None if it did not. Its ``attempts``, of whatever
            class it is, say whether something was sent for this input; 0 if not.
    """

    __slots__ = ("error", "index", "payload", "status", "value")

    def __init__(
        self,
        index: int,
        payload: Any,
        status: str,
        value: Optional[T] = None,
        error: Optional[BaseException] = None,
    ) -> None:
        self.index = index
        self.payload = payload
        self.status = status
        self.value = value
        self.error = error

    def __repr__(self) -> str:
        came = repr(self.error) if self.error else str(self.value)
        return f"{type(self).__name__}({self.index}, {self.status!r}, {came})"


class TaskResult(BulkResult[Task]):
    """What became of one task.

    Beside what every `BulkResult` has:

    Attributes:
        task: The task; None if the call failed.
    """

    __slots__ = ()

    @property
    def task(self) -> Optional[Task]:
        """The task; None if the call failed."""
        return self.value


class FileResult(BulkResult[File]):
    """What became of one file.

    Beside what every `BulkResult` has:

    Attributes:
        file: The file; None if the call failed.
    """

    __slots__ = ()

    @property
    def file(self) -> Optional[File]:
        """The file; None if the call failed."""
        return self.value
