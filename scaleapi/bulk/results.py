"""The results that bulk calls yield, one for each input."""

from __future__ import annotations

from typing import Any, Generic, List, Optional, TypeVar

from scaleapi._core import notebook
from scaleapi.files import File
from scaleapi.tasks import Task

T = TypeVar("T")

FAILED = "failed"


class BulkResult(Generic[T]):
    """The result of one input of a bulk call.

    Attributes:
        index: Position of the input, from 0.
        payload: The input. For `create_tasks`, the payload as it was sent, with its
            ``unique_id``, so that it can be sent again if it failed. None if reading
            the inputs failed.
        status: ``"failed"``, or the status of a success that the call documents.
        value: What the call returned; None if it failed.
        error: The exception; None if the call succeeded. Its attribute ``attempts``,
            which exceptions of every class have here, is 0 if nothing was sent.
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
        outcome = repr(self.error) if self.error else str(self.value)
        return f"{type(self).__name__}({self.index}, {self.status!r}, {outcome})"

    def _facts(self) -> List[notebook.Fact]:
        """Return what notebooks show of the result."""
        facts: List[notebook.Fact] = [("status", self.status)]
        return [*facts, ("error", self.error) if self.error else ("value", self.value)]

    def _repr_html_(self) -> str:
        """Return HTML for notebooks. Nothing is fetched for it."""
        return notebook.card(type(self).__name__, self.index, self._facts())


class TaskResult(BulkResult[Task]):
    """The result for one task. It has the attributes of `BulkResult`, and one more.

    Attributes:
        task: The task; None if the call failed.
    """

    __slots__ = ()

    @property
    def task(self) -> Optional[Task]:
        """The task; None if the call failed."""
        return self.value


class FileResult(BulkResult[File]):
    """The result for one file. It has the attributes of `BulkResult`, and one more.

    Attributes:
        file: The file; None if the call failed.
    """

    __slots__ = ()

    @property
    def file(self) -> Optional[File]:
        """The file; None if the call failed."""
        return self.value
