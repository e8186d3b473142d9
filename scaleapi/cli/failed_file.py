"""The file of what ``task create`` could not create, which can be sent again."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Optional, Type

from scaleapi.cli.failures import failure_of


class FailedFile:
    """A file of JSON lines: ``error``, ``task_type`` and ``payload`` of each input.

    It appears at the end of the block, and replaces an older one, unless the block
    raises.

    Args:
        path: Path of the file.
        task_type: Type of the tasks.
    """

    def __init__(self, path: str, task_type: str) -> None:
        self._path = path
        self._task_type = task_type
        self._stack = ExitStack()
        self._stream: Optional[IO[Any]] = None

    def __enter__(self) -> "FailedFile":
        from scaleapi.export.output import new_file

        self._stream = self._stack.enter_context(
            new_file(Path(self._path), mode="w", encoding="utf-8")
        )
        return self

    def __exit__(
        self,
        cls: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._stack.__exit__(cls, error, trace)

    def add(self, payload: Any, error: Optional[BaseException]) -> None:
        """Write an input.

        Args:
            payload: The parameters of the task.
            error: Why it has no task; None if it was not sent.
        """
        entry = None
        if error is not None:
            entry = failure_of(error).as_dict()
            del entry["exit_status"]
        line = {"error": entry, "task_type": self._task_type, "payload": payload}
        if self._stream is not None:
            self._stream.write(json.dumps(line) + "\n")
