"""The bulk calls of the client: signatures, and the work on one input."""

from __future__ import annotations

import os
import weakref
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Mapping,
    Optional,
    Tuple,
    TypeVar,
    Union,
)

from scaleapi._core.calls import fresh_unique_id
from scaleapi._core.params import required_enum
from scaleapi._core.progress import Progress
from scaleapi.bulk.engine import BulkResults
from scaleapi.bulk.keys import UniqueId, checked_unique_id, with_unique_id
from scaleapi.bulk.results import BulkResult, FileResult, TaskResult
from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleException,
    ScaleInvalidRequest,
    ScaleTypeError,
    ScaleValueError,
)
from scaleapi.files import File, FileCalls, Upload
from scaleapi.tasks import Task, TaskStatus, TaskType
from scaleapi.tasks.calls import TaskCalls
from scaleapi.tasks.existing import existing_task

T = TypeVar("T")
V = TypeVar("V")

#: A path, or what `upload_file` takes.
PathOrFile = Union[str, "os.PathLike[str]", Upload]


class BulkCalls(TaskCalls, FileCalls):
    """The calls of `ScaleClient` for thousands of inputs at once."""

    def map(
        self,
        function: Callable[[T], V],
        items: Iterable[T],
        *,
        max_workers: int = 16,
        progress: Progress = False,
        stop_on_error: bool = False,
        executor: Optional[Executor] = None,
    ) -> BulkResults[BulkResult[V]]:
        """Call a function once for each item, many at a time.

        What `create_tasks` and the like stand on, for calls that have no bulk
        form of their own: ``client.map(client.get_task, ids)``. The options mean
        the same in all of them.

        Args:
            function: Takes an item. It may raise.
            items: Any iterable, read only as far as needed: 8 items a worker
                are read ahead.
            max_workers: How many calls are under way at once. Of an `executor`
                only how far is read ahead.
            progress: True shows a bar (extra ``scaleapi[progress]``), where
                there is a terminal or a notebook to show it. A callable is
                given the `Counts` after each result.
            stop_on_error: Whether to send nothing more after a failure. What is
                under way still ends.
            executor: Any ``concurrent.futures.Executor`` to work in place of
                threads of the client's own, such as a process pool or Dask's
                ``Client.get_executor()``. It is not shut down. Other processes
                are sent the client, and with it the key; each finds its own
                pace.

        Returns:
            An iterator over one `BulkResult` an item, in the order of the items,
            as they come: ``status`` is ``"done"`` or ``"failed"``, ``value``
            what the function returned, ``error`` what it raised. Nothing is sent
            before the first is wanted. A failure never stops the others; if
            `items` raises, that is the last result. See `BulkResults` for how
            to end early.

        Raises:
            ImportError: ``progress=True`` without tqdm.
            ScaleTypeError: What other processes need cannot be pickled.
        """
        return BulkResults(
            self,
            _Mapped(function),
            items,
            BulkResult,
            max_workers=max_workers,
            progress=progress,
            stop_on_error=stop_on_error,
            executor=executor,
            label="calls",
        )

    def create_tasks(
        self,
        task_type: Union[TaskType, str],
        payloads: Iterable[Dict[str, Any]],
        *,
        unique_id: UniqueId = "auto",
        max_workers: int = 16,
        progress: Progress = False,
        stop_on_error: bool = False,
        executor: Optional[Executor] = None,
    ) -> BulkResults[TaskResult]:
        """Create many tasks, each exactly once.

        Args:
            task_type: The kind of work, as enum member or string.
            payloads: For each task the parameters that `create_task` takes, as
                a dict. Any iterable; see `map`.
            unique_id: Where payloads without a ``unique_id`` get one.
                ``"auto"``: a fresh one, so that a lost request is repeated
                safely. ``"content"``: from kind and payload, so that the same
                script can be run again, after a crash too, and creates nothing
                twice; equal payloads are one task. A callable: what it returns
                for a payload. None: nowhere. A payload's own always stands.
            max_workers: See `map`, like all that follow.
            progress: See `map`.
            stop_on_error: See `map`.
            executor: See `map`.

        Returns:
            An iterator over one `TaskResult` a payload, in their order:
            ``status`` is ``"created"``, ``"existing"`` (there is a task with
            this ``unique_id``, of this kind, and in this project if the payload
            names one) or ``"failed"``; ``task`` or ``error``; ``payload`` is
            what was sent.

        Raises:
            ScaleTypeError: `task_type` or `unique_id` cannot be what it is, or
                `payloads` is a single one.
        """
        kind = required_enum("task_type", task_type)
        way = checked_unique_id(unique_id)
        return BulkResults(
            self,
            _CreateTask(self, kind),
            _many("payloads", payloads, single=isinstance(payloads, Mapping)),
            TaskResult,
            prepare=partial(with_unique_id, kind, way=way, fresh=fresh_unique_id),
            max_workers=max_workers,
            progress=progress,
            stop_on_error=stop_on_error,
            executor=executor,
            label="new tasks",
        )

    def cancel_tasks(
        self,
        tasks_or_ids: Iterable[Union[Task, str]],
        clear_unique_id: bool = False,
        *,
        max_workers: int = 16,
        progress: Progress = False,
        stop_on_error: bool = False,
        executor: Optional[Executor] = None,
    ) -> BulkResults[TaskResult]:
        """Cancel many tasks.

        Args:
            tasks_or_ids: Tasks, or their ids.
            clear_unique_id: Whether their ``unique_id`` may be used again.
            max_workers: See `map`, like all that follow.
            progress: See `map`.
            stop_on_error: See `map`.
            executor: See `map`.

        Returns:
            An iterator over one `TaskResult` an input: ``status`` is
            ``"canceled"``, ``"existing"`` (it was canceled already) or
            ``"failed"``, as for a task that is completed.

        Raises:
            ScaleTypeError: `tasks_or_ids` is a single one.
        """
        return BulkResults(
            self,
            _CancelTask(self, clear_unique_id),
            _many("tasks_or_ids", tasks_or_ids),
            TaskResult,
            max_workers=max_workers,
            progress=progress,
            stop_on_error=stop_on_error,
            executor=executor,
            label="cancellations",
        )

    def upload_files(
        self,
        paths_or_files: Iterable[PathOrFile],
        *,
        max_workers: int = 16,
        progress: Progress = False,
        stop_on_error: bool = False,
        executor: Optional[Executor] = None,
        **kwargs: Any,
    ) -> BulkResults[FileResult]:
        """Upload many files.

        Args:
            paths_or_files: Paths, opened one by one when their turn comes, or
                whatever `upload_file` takes. An open file can be given once; the
                same path as often as you like.
            max_workers: See `map`, like all that follow.
            progress: See `map`.
            stop_on_error: See `map`.
            executor: See `map`.
            kwargs: For each of them what `upload_file` takes, such as
                ``project_name``.

        Returns:
            An iterator over one `FileResult` an input: ``status`` is
            ``"uploaded"`` or ``"failed"``.

        Raises:
            ScaleTypeError: `paths_or_files` is a single one.
        """
        return BulkResults(
            self,
            _UploadFile(self, kwargs),
            _many(
                "paths_or_files", paths_or_files, single=hasattr(paths_or_files, "read")
            ),
            FileResult,
            prepare=_EachOnce(),
            max_workers=max_workers,
            progress=progress,
            stop_on_error=stop_on_error,
            executor=executor,
            label="uploads",
        )

    def import_files(
        self,
        urls: Iterable[str],
        *,
        max_workers: int = 16,
        progress: Progress = False,
        stop_on_error: bool = False,
        executor: Optional[Executor] = None,
        **kwargs: Any,
    ) -> BulkResults[FileResult]:
        """Have Scale fetch many files from their addresses.

        Args:
            urls: Where the files are.
            max_workers: See `map`, like all that follow.
            progress: See `map`.
            stop_on_error: See `map`.
            executor: See `map`.
            kwargs: For each of them what `import_file` takes, such as
                ``project_name``.

        Returns:
            An iterator over one `FileResult` an input: ``status`` is
            ``"imported"`` or ``"failed"``.

        Raises:
            ScaleTypeError: `urls` is a single one.
        """
        return BulkResults(
            self,
            _ImportFile(self, kwargs),
            _many("urls", urls),
            FileResult,
            max_workers=max_workers,
            progress=progress,
            stop_on_error=stop_on_error,
            executor=executor,
            label="imports",
        )


def _many(name: str, items: Iterable[T], *, single: bool = False) -> Iterable[T]:
    """Return inputs, if they are not by mistake a single one that can be iterated."""
    with suppress(TypeError):
        if not (single or isinstance(items, (str, bytes))):
            iter(items)
            return items
    raise ScaleTypeError(
        f"{name} must be an iterable of inputs, such as a list; got a single "
        f"{type(items).__name__}"
    )


# Classes and no closures: they can go to other processes.


class _Mapped:
    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def __call__(self, item: Any) -> Tuple[str, Any]:
        return "done", self._function(item)


def _looked_up(
    refusal: ScaleException, look: Callable[..., Task], *arguments: Any
) -> Task:
    """Return the task that a refusal is about.

    Raises:
        ScaleException: The refusal itself, if the run was stopped before the
            look: an error of no attempts would say that nothing was sent.
    """
    try:
        return look(*arguments)
    except ScaleException as error:
        if type(error) is ScaleException and error.attempts == 0:
            raise refusal from error
        raise


class _CreateTask:
    def __init__(self, client: TaskCalls, task_type: str) -> None:
        self._client = client
        self._task_type = task_type

    def __call__(self, payload: Dict[str, Any]) -> Tuple[str, Task]:
        try:
            return "created", self._client.create_task(self._task_type, **payload)
        except ScaleDuplicateResource as duplicate:
            return "existing", _looked_up(
                duplicate,
                existing_task,
                self._client,
                self._task_type,
                payload,
                duplicate,
            )


class _CancelTask:
    def __init__(self, client: TaskCalls, clear_unique_id: bool) -> None:
        self._client = client
        self._clear = clear_unique_id

    def __call__(self, task_or_id: Union[Task, str]) -> Tuple[str, Task]:
        task_id = task_or_id.id if isinstance(task_or_id, Task) else task_or_id
        if not isinstance(task_id, str):
            raise ScaleTypeError(f"a task or its id is needed; got {task_id!r}")
        try:
            return "canceled", self._client.cancel_task(task_id, self._clear)
        except (ScaleInvalidRequest, ScaleDuplicateResource) as refusal:
            task = _looked_up(refusal, self._client.get_task, task_id)
            freed = not self._clear or getattr(task, "unique_id", None) is None
            if task.status == TaskStatus.Canceled and freed:
                return "existing", task
            raise


class _EachOnce:
    """Refuses an open file that was given before, under whatever name.

    The one is read while the other is, or stands at its end by then: what would be
    uploaded depends on chance.
    """

    def __init__(self) -> None:
        self._given: weakref.WeakValueDictionary[int, Any]
        self._given = weakref.WeakValueDictionary()
        self._kept: Dict[int, Any] = {}  # those that take no weak reference

    def __call__(self, given: Any) -> Any:
        file = given[1] if isinstance(given, tuple) and len(given) > 1 else given
        if not hasattr(file, "read"):
            return given
        key = id(file)
        if key in self._given or key in self._kept:
            raise ScaleValueError(
                f"the open file {given!r} was given before: open it once for each "
                f"upload, or give its path"
            )
        try:
            self._given[key] = file
        except TypeError:
            self._kept[key] = file
        return given


class _UploadFile:
    def __init__(self, client: FileCalls, fields: Dict[str, Any]) -> None:
        self._client = client
        self._fields = fields

    def __call__(self, path_or_file: Any) -> Tuple[str, File]:
        if not isinstance(path_or_file, (str, os.PathLike)):
            return "uploaded", self._client.upload_file(path_or_file, **self._fields)
        try:
            file = open(path_or_file, "rb")  # noqa: SIM115
        except (OSError, ValueError) as error:  # the latter of a path with a NUL in it
            path = os.fspath(path_or_file)
            raise ScaleException(f"cannot open {path!r}: {error}") from error
        with file:
            return "uploaded", self._client.upload_file(file, **self._fields)


class _ImportFile:
    def __init__(self, client: FileCalls, fields: Dict[str, Any]) -> None:
        self._client = client
        self._fields = fields

    def __call__(self, url: str) -> Tuple[str, File]:
        return "imported", self._client.import_file(url, **self._fields)
