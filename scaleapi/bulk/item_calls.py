"""What a bulk call does with one input.

These are classes and not closures, so that they can be pickled for other processes.
Each call returns the status and the value of the result.
"""

from __future__ import annotations

import os
import weakref
from typing import Any, Callable, Dict, Tuple, Union

from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleException,
    ScaleInvalidRequest,
    ScaleTypeError,
    ScaleValueError,
)
from scaleapi.files import File, FileCalls
from scaleapi.tasks import Task, TaskStatus
from scaleapi.tasks.calls import TaskCalls
from scaleapi.tasks.existing_task import existing_task


class CallFunction:
    """Calls the function of `map` with an item."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def __call__(self, item: Any) -> Tuple[str, Any]:
        return "done", self._function(item)


def _look_up(
    refusal: ScaleException, fetch: Callable[..., Task], *arguments: Any
) -> Task:
    """Return the task that an error of the API is about.

    Args:
        refusal: The error of the API.
        fetch: Fetches the task.
        arguments: Arguments of `fetch`.

    Raises:
        ScaleException: `refusal`, if the run was stopped before `fetch` sent anything.
            The error of `fetch` has 0 attempts then, as if nothing had been sent.
    """
    try:
        return fetch(*arguments)
    except ScaleException as error:
        if type(error) is ScaleException and error.attempts == 0:
            raise refusal from error
        raise


class CreateTask:
    """Creates a task from a payload."""

    def __init__(self, client: TaskCalls, task_type: str) -> None:
        self._client = client
        self._task_type = task_type

    def __call__(self, payload: Dict[str, Any]) -> Tuple[str, Task]:
        try:
            return "created", self._client.create_task(self._task_type, **payload)
        except ScaleDuplicateResource as duplicate:
            return "existing", _look_up(
                duplicate,
                existing_task,
                self._client,
                self._task_type,
                payload,
                duplicate,
            )


class CancelTask:
    """Cancels a task."""

    def __init__(self, client: TaskCalls, clear_unique_id: bool) -> None:
        self._client = client
        self._clear = clear_unique_id

    def __call__(self, task_or_id: Union[Task, str]) -> Tuple[str, Task]:
        task_id = task_or_id.id if isinstance(task_or_id, Task) else task_or_id
        if not isinstance(task_id, str):
            raise ScaleTypeError(f"each input must be a Task or an id; got {task_id!r}")
        try:
            return "canceled", self._client.cancel_task(task_id, self._clear)
        except (ScaleInvalidRequest, ScaleDuplicateResource) as refusal:
            task = _look_up(refusal, self._client.get_task, task_id)
            cleared = not self._clear or getattr(task, "unique_id", None) is None
            if task.status == TaskStatus.Canceled and cleared:
                return "existing", task
            raise


class RefuseRepeatedFiles:
    """Raises an error if an open file is passed a second time.

    The second upload would read the file while the first does, or find it at its end.
    What is uploaded would depend on timing.
    """

    def __init__(self) -> None:
        self._seen: weakref.WeakValueDictionary[int, Any]
        self._seen = weakref.WeakValueDictionary()
        # Files of types without weak references; held, so that their ids stay theirs.
        self._held: Dict[int, Any] = {}

    def __call__(self, upload: Any) -> Any:
        file = upload[1] if isinstance(upload, tuple) and len(upload) > 1 else upload
        if not hasattr(file, "read"):
            return upload
        key = id(file)
        if key in self._seen or key in self._held:
            # The path of a temporary file does not show in its repr.
            path = getattr(file, "name", None)
            of_path = f" of {path!r}" if isinstance(path, str) else ""
            raise ScaleValueError(
                f"the open file {upload!r}{of_path} was passed before: open it once "
                f"for each upload, or pass its path"
            )
        try:
            self._seen[key] = file
        except TypeError:
            self._held[key] = file
        return upload


class UploadFile:
    """Uploads a file, and opens it first if it is a path."""

    def __init__(self, client: FileCalls, fields: Dict[str, Any]) -> None:
        self._client = client
        self._fields = fields

    def __call__(self, path_or_file: Any) -> Tuple[str, File]:
        if not isinstance(path_or_file, (str, os.PathLike)):
            return "uploaded", self._client.upload_file(path_or_file, **self._fields)
        try:
            file = open(path_or_file, "rb")  # noqa: SIM115  (closed below)
        except (OSError, ValueError) as error:  # ValueError: the path has a NUL
            path = os.fspath(path_or_file)
            raise ScaleException(f"cannot open {path!r}: {error}") from error
        with file:
            return "uploaded", self._client.upload_file(file, **self._fields)


class ImportFile:
    """Imports a file from a URL."""

    def __init__(self, client: FileCalls, fields: Dict[str, Any]) -> None:
        self._client = client
        self._fields = fields

    def __call__(self, url: str) -> Tuple[str, File]:
        return "imported", self._client.import_file(url, **self._fields)
