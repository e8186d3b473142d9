"""The bulk calls of the client."""

from __future__ import annotations

import os
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
    TypeVar,
    Union,
)

from scaleapi._core.calls import fresh_unique_id
from scaleapi._core.params import required_enum
from scaleapi._core.progress import Progress
from scaleapi.bulk.dry_run import (
    LABEL,
    Inspect,
    InspectTask,
    InspectUpload,
    RefuseOtherTasks,
    inspect_import,
    inspect_nothing,
    inspect_upload,
    without_sending,
)
from scaleapi.bulk.engine import BulkResults
from scaleapi.bulk.item_calls import (
    CallFunction,
    CancelTask,
    CreateTask,
    ImportFile,
    RefuseRepeatedFiles,
    UploadFile,
)
from scaleapi.bulk.keys import UniqueId, checked_unique_id, with_unique_id
from scaleapi.bulk.remote import Work
from scaleapi.bulk.results import BulkResult, FileResult, TaskResult
from scaleapi.exceptions import ScaleTypeError
from scaleapi.files import FileCalls, Upload
from scaleapi.tasks import Task, TaskType
from scaleapi.tasks.calls import TaskCalls

T = TypeVar("T")
V = TypeVar("V")

#: Takes a payload; returns it as it is sent.
Prepare = Callable[[Any], Dict[str, Any]]

#: A path, or what `upload_file` takes.
PathOrFile = Union[str, "os.PathLike[str]", Upload]


class BulkCalls(TaskCalls, FileCalls):
    """The bulk calls of `ScaleClient`, for thousands of inputs."""

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
        """Call a function once for each item, with many calls at the same time.

        Use it for calls without a bulk call of their own:
        ``client.map(client.get_task, ids)``. All bulk calls have the same options.

        Args:
            function: Takes an item. It may raise.
            items: Any iterable. At most 8 items for each worker are read ahead.
            max_workers: Maximum number of calls at the same time. With an `executor`,
                it only limits how many items are read ahead.
            progress: True shows a bar in a terminal or notebook (extra
                ``scaleapi[progress]``). A callable is called with the `Counts` after
                each result.
            stop_on_error: Whether to send nothing more after a failure. Calls that have
                begun are finished.
            executor: Any ``concurrent.futures.Executor`` that makes the calls, such as
                a process pool or Dask's ``Client.get_executor()``. It is not shut down.
                Other processes receive the client with its API key, and each of them
                adapts its own request rate. Default: threads of the client.

        Returns:
            An iterator over one `BulkResult` for each item, in the order of the items:
            ``status`` is ``"done"`` or ``"failed"``, ``value`` is what the function
            returned, and ``error`` is what it raised. Nothing is sent before the first
            result is requested. A failure does not stop other calls; if `items`
            raises, the error is the last result. `BulkResults` says how to end early.

        Raises:
            ImportError: `progress` is True, and tqdm is not installed.
            ScaleTypeError: The client or `function` cannot be pickled for other
                processes.
            ValueError: `max_workers` is not a positive int.
        """
        return BulkResults(
            self,
            CallFunction(function),
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
        dry_run: bool = False,
    ) -> BulkResults[TaskResult]:
        """Create many tasks, each exactly once.

        Args:
            task_type: Type of the tasks, as an enum member or a string.
            payloads: Any iterable of dicts, each with the parameters of one task as in
                `create_task`.
            unique_id: How to make the ``unique_id`` of a payload that has none.
                ``"auto"`` makes a new one, so that a lost request can be repeated
                safely. ``"content"`` derives it from task type and payload, so that a
                script can be run again (after a crash, too) without creating a task
                twice; equal payloads give one task. A callable takes the payload and
                returns the id. None makes none.
            max_workers: As in `map`.
            progress: As in `map`.
            stop_on_error: As in `map`.
            executor: As in `map`.
            dry_run: True sends nothing, and checks the payloads: whether they can be
                sent, and the type, the required parameters, the types and the sizes
                that the API is known to check. Without `executor`.

        Returns:
            An iterator over one `TaskResult` for each payload, in their order.
            ``status`` is ``"created"``, ``"existing"`` or ``"failed"``. ``"existing"``
            means that there was a task with this ``unique_id``, with the same type and,
            if the payload has one, the same project. ``task`` or ``error`` says more,
            and ``payload`` is what was sent. With `dry_run` the status is ``"checked"``
            or ``"failed"``, and payloads that differ but have one ``unique_id`` fail.

        Raises:
            ImportError: `progress` is True, and tqdm is not installed.
            ScaleTypeError: `task_type` is neither an enum member nor a str,
                `unique_id` is neither a string, a callable nor None, `payloads` is a
                single payload, or the client cannot be pickled for other processes.
            ScaleValueError: `unique_id` is a string other than those above.
            ValueError: `max_workers` is not a positive int.
        """
        type_string = required_enum("task_type", task_type)
        source = checked_unique_id(unique_id)
        prepare: Prepare = partial(
            with_unique_id, type_string, source=source, fresh=fresh_unique_id
        )
        work: Work = CreateTask(self, type_string)
        if dry_run:
            prepare = RefuseOtherTasks(prepare)
            unsent = CreateTask(without_sending(self), type_string)
            work = Inspect(unsent, InspectTask(type_string))
        return BulkResults(
            self,
            work,
            many("payloads", payloads, single=isinstance(payloads, Mapping)),
            TaskResult,
            prepare=prepare,
            max_workers=max_workers,
            progress=progress,
            stop_on_error=stop_on_error,
            executor=None if dry_run else executor,
            label="new tasks" + LABEL * dry_run,
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
        dry_run: bool = False,
    ) -> BulkResults[TaskResult]:
        """Cancel many tasks.

        Args:
            tasks_or_ids: Any iterable of tasks or their ids.
            clear_unique_id: Whether to remove each ``unique_id``, so that another task
                can use it.
            max_workers: As in `map`.
            progress: As in `map`.
            stop_on_error: As in `map`.
            executor: As in `map`.
            dry_run: True sends nothing, and checks that the inputs are tasks or ids.

        Returns:
            An iterator over one `TaskResult` for each input: ``status`` is
            ``"canceled"``, ``"existing"`` (the task was already canceled) or
            ``"failed"``, for example because the task is completed. With `dry_run` it
            is ``"checked"`` or ``"failed"``.

        Raises:
            ImportError: `progress` is True, and tqdm is not installed.
            ScaleTypeError: `tasks_or_ids` is a single id, or the client cannot be
                pickled for other processes.
            ValueError: `max_workers` is not a positive int.
        """
        work: Work = CancelTask(self, clear_unique_id)
        if dry_run:
            unsent = CancelTask(without_sending(self), clear_unique_id)
            work = Inspect(unsent, inspect_nothing)
        return BulkResults(
            self,
            work,
            many("tasks_or_ids", tasks_or_ids),
            TaskResult,
            max_workers=max_workers,
            progress=progress,
            stop_on_error=stop_on_error,
            executor=None if dry_run else executor,
            label="cancellations" + LABEL * dry_run,
        )

    def upload_files(
        self,
        paths_or_files: Iterable[PathOrFile],
        *,
        max_workers: int = 16,
        progress: Progress = False,
        stop_on_error: bool = False,
        executor: Optional[Executor] = None,
        dry_run: bool = False,
        **kwargs: Any,
    ) -> BulkResults[FileResult]:
        """Upload many files.

        Args:
            paths_or_files: Any iterable of paths, which are opened one after the other,
                or of what `upload_file` takes. An open file may be passed only once; a
                path may be repeated.
            max_workers: As in `map`.
            progress: As in `map`.
            stop_on_error: As in `map`.
            executor: As in `map`.
            dry_run: True sends nothing, and checks that the files can be read, and
                their sizes. A stream that can be read only once is not read.
            kwargs: Fields for all files as in `upload_file`, such as ``project_name``.

        Returns:
            An iterator over one `FileResult` for each input: ``status`` is
            ``"uploaded"`` (with `dry_run`: ``"checked"``) or ``"failed"``.

        Raises:
            ImportError: `progress` is True, and tqdm is not installed.
            ScaleTypeError: `paths_or_files` is a single path or file, or the client
                cannot be pickled for other processes.
            ValueError: `max_workers` is not a positive int.
        """
        work: Work = UploadFile(self, kwargs)
        if dry_run:
            unsent = UploadFile(without_sending(self), kwargs)
            work = InspectUpload(unsent, inspect_upload)
        return BulkResults(
            self,
            work,
            many(
                "paths_or_files", paths_or_files, single=hasattr(paths_or_files, "read")
            ),
            FileResult,
            prepare=RefuseRepeatedFiles(),
            max_workers=max_workers,
            progress=progress,
            stop_on_error=stop_on_error,
            executor=None if dry_run else executor,
            label="uploads" + LABEL * dry_run,
        )

    def import_files(
        self,
        urls: Iterable[str],
        *,
        max_workers: int = 16,
        progress: Progress = False,
        stop_on_error: bool = False,
        executor: Optional[Executor] = None,
        dry_run: bool = False,
        **kwargs: Any,
    ) -> BulkResults[FileResult]:
        """Let Scale download many files from their URLs.

        Args:
            urls: Any iterable of addresses of files.
            max_workers: As in `map`.
            progress: As in `map`.
            stop_on_error: As in `map`.
            executor: As in `map`.
            dry_run: True sends nothing, and checks that the inputs can be sent.
            kwargs: Fields for all files as in `import_file`, such as ``project_name``.

        Returns:
            An iterator over one `FileResult` for each input: ``status`` is
            ``"imported"`` (with `dry_run`: ``"checked"``) or ``"failed"``.

        Raises:
            ImportError: `progress` is True, and tqdm is not installed.
            ScaleTypeError: `urls` is a single address, or the client cannot be pickled
                for other processes.
            ValueError: `max_workers` is not a positive int.
        """
        work: Work = ImportFile(self, kwargs)
        if dry_run:
            unsent = ImportFile(without_sending(self), kwargs)
            work = Inspect(unsent, inspect_import)
        return BulkResults(
            self,
            work,
            many("urls", urls),
            FileResult,
            max_workers=max_workers,
            progress=progress,
            stop_on_error=stop_on_error,
            executor=None if dry_run else executor,
            label="imports" + LABEL * dry_run,
        )


def many(name: str, items: Iterable[T], *, single: bool = False) -> Iterable[T]:
    """Return inputs, after a check that they are not a single input.

    Args:
        name: Name of the argument.
        items: The inputs.
        single: Whether they are known to be a single input.

    Raises:
        ScaleTypeError: `items` is a single input, or cannot be iterated over.
    """
    with suppress(TypeError):
        if not (single or isinstance(items, (str, bytes))):
            iter(items)
            return items
    raise ScaleTypeError(
        f"{name} must be an iterable of inputs, such as a list; got a single "
        f"{type(items).__name__}"
    )
