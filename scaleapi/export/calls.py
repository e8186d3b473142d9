"""`export_tasks`: the call that fetches all tasks of a project."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Sequence, Union

from scaleapi._core.progress import Counts, Meter, Progress
from scaleapi._transport.options import checked_number
from scaleapi._transport.redact import masked_address
from scaleapi.bulk import BulkCalls
from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError
from scaleapi.export.assembly import check_target, write_file, write_folder
from scaleapi.export.fetching import PAGE_TASKS, FetchWindows, Job, total_of
from scaleapi.export.journal import Facts, Journal
from scaleapi.export.output import is_device
from scaleapi.export.report import ExportReport, Problem
from scaleapi.export.windows import Window, milliseconds, plan
from scaleapi.tasks import TaskStatus, TaskType
from scaleapi.tasks.filters import (
    TASK_ARGUMENTS,
    OneOrMany,
    ReviewStatuses,
    TimeArg,
    tasks_query,
)

#: A window has about this many tasks at most, so that little is lost with a process
#: that is killed, and the ids of the windows that are fetched need little memory.
WINDOW_TASKS = 2_000
#: There are about so many windows at least, so that all workers have work until the
#: end, unless they had fewer pages each than this, of which the last is not full.
_WINDOWS, _PAGES = 64, 5
#: Windows that a process of an executor fetches at the same time.
WINDOWS_PER_PROCESS = 8


class ExportCalls(BulkCalls):
    """The export call of `ScaleClient`."""

    def export_tasks(
        self,
        path: Union[str, "os.PathLike[str]"],
        *,
        project_name: Optional[str] = None,
        batch_name: Optional[str] = None,
        task_type: Union[TaskType, str, None] = None,
        status: Union[TaskStatus, str, None] = None,
        review_status: Optional[ReviewStatuses] = None,
        unique_id: Optional[OneOrMany] = None,
        completed_after: Optional[TimeArg] = None,
        completed_before: Optional[TimeArg] = None,
        updated_after: Optional[TimeArg] = None,
        updated_before: Optional[TimeArg] = None,
        created_after: Optional[TimeArg] = None,
        created_before: Optional[TimeArg] = None,
        tags: Optional[OneOrMany] = None,
        split_by: Optional[str] = None,
        include_attachment_url: bool = False,
        max_workers: int = 8,
        executor: Optional[Executor] = None,
        resume: bool = True,
        progress: Progress = False,
    ) -> ExportReport:
        """Write all tasks that match to a file, as JSON lines, newest first.

        Each line is the whole document of a task, as the API wrote it.
        `export.read_tasks` reads the file.

        The time of creation is divided into windows, which are fetched at the same
        time. Until the export is finished, they are in the folder ``path.part``; then
        the file appears at once, and replaces an older one. If the program is stopped,
        however that happens, the same call goes on with what is missing.

        The file is no snapshot: each task is as it was when its page was fetched. Every
        task that existed when the export began, and matches all the time, is in it
        exactly once; one that is created meanwhile may be in it.

        Args:
            path: Where the file is to appear. If the name ends in ``.gz``, it is
                compressed. A link stays, and what it leads to is replaced.
            project_name: As in `get_tasks`, like all filters. This or `batch_name` is
                required.
            batch_name: Name of the batch.
            task_type: Type of the task, as an enum member or a string.
            status: Status of the task, as an enum member or a string.
            review_status: One or several results of the customer's review.
            unique_id: One or several unique ids.
            completed_after: Earliest time of completion.
            completed_before: Latest time of completion.
            updated_after: Earliest time of the last change.
            updated_before: Latest time of the last change.
            created_after: Earliest time of creation.
            created_before: Latest time of creation.
            tags: One or several tags.
            split_by: ``"batch"`` makes a folder at `path` with a file for each batch.
                Its name is that of the batch, with ``_`` for what a file name cannot
                have; ``_batches.json`` lists all batches with their files. None makes
                one file.
            include_attachment_url: Whether to add signed addresses of the attachments
                to each task. They expire.
            max_workers: Maximum number of requests at the same time.
            executor: As in `map`: makes the requests instead of threads of the client.
                A process fetches up to eight windows at the same time.
                Processes that do not see the folder ``path.part`` send what they have
                fetched to this one.
            resume: Whether to go on with an export that was interrupted. False throws
                away what it fetched.
            progress: True shows a bar in a terminal or notebook (extra
                ``scaleapi[progress]``). A callable is called with the `Counts` after
                each window.

        Returns:
            An `ExportReport`, which also says if tasks moved while they were fetched.

        Raises:
            ImportError: `progress` is True, and tqdm is not installed.
            ValueError: Neither `project_name` nor `batch_name` was passed, or
                `max_workers` is not a positive int.
            ScaleTypeError: `path` is neither a str nor a path, or the client cannot be
                pickled for the processes of `executor`.
            ScaleValueError: `split_by` is neither None nor ``"batch"``; a filter is
                empty, as in `get_tasks`; at `path` is something else than an export,
                such as a device;
                an unfinished export of other tasks is in ``path.part``, or another
                thread or process is working on it.
            ScaleException: A request failed, or a file could not be written, for
                example because the disk is full. What was fetched is kept.
        """
        query = tasks_query(
            project_name=project_name,
            batch_name=batch_name,
            task_type=task_type,
            status=status,
            review_status=review_status,
            unique_id=unique_id,
            completed_after=completed_after,
            completed_before=completed_before,
            updated_after=updated_after,
            updated_before=updated_before,
            created_after=created_after,
            created_before=created_before,
            tags=tags,
            include_attachment_url=include_attachment_url,
        )
        if split_by not in (None, "batch"):
            raise ScaleValueError(f"split_by must be None or 'batch'; got {split_by!r}")
        try:
            place = _checked_path(path)
            check_target(place, by_batch=split_by is not None)
        except OSError as error:  # such as a name that is too long
            raise ScaleException(f"{path} could not be written: {error}") from error
        checked_number("max_workers", max_workers, 1)
        meter = Meter(progress, "tasks")
        journal = Journal(place)
        settings = self._settings(query, split_by)
        journal.open(settings, resume=resume)
        try:
            if journal.windows is None:
                journal.save_plan(settings, *self._plan(query, max_workers))
            before = journal.facts()
            fetch = FetchWindows(self, query, journal, by_batch=split_by is not None)
            facts = self._fetch(journal, fetch, before, meter, max_workers, executor)
            return _finish(journal, facts, before, os.fspath(path), split_by)
        finally:
            meter.close()
            journal.close()

    def _settings(
        self, query: Dict[str, Any], split_by: Optional[str]
    ) -> Dict[str, Any]:
        """Return what decides the content of the file, by names that the caller knows.

        The key is not written down. A few digits of its digest tell two keys apart.
        """
        digest = hashlib.sha256(f"export {self.api.api_key}".encode()).hexdigest()
        return {
            **{TASK_ARGUMENTS.get(name, name): value for name, value in query.items()},
            "split_by": split_by,
            "the server": masked_address(str(self.api.base_api_url)),
            "the digest of the API key": digest[:8],
        }

    def _plan(self, query: Dict[str, Any], workers: int) -> Any:
        """Return the windows, and the number of all tasks, if the API tells it."""
        page = self.tasks(**{**query, "limit": 1})
        total = total_of(page)
        newest = milliseconds(page[0].as_dict().get("created_at")) if page else None
        after = milliseconds(query["start_time"])
        bounded = query["start_time"] is not None
        if newest is not None and newest < 0:  # before 1970: no time of a task
            newest = None
        if total is None or newest is None or (bounded and after is None):
            return [Window(None, None, total or 0)], total

        def number(window: Window) -> int:
            page = self.tasks(**{**query, **window.exact_bounds, "limit": 1})
            return total_of(page) or len(page)

        def count(windows: Sequence[Window]) -> Iterable[int]:
            # At the same time, since each waits for the server most of the time.
            with self.map(
                number, windows, max_workers=workers, stop_on_error=True
            ) as results:
                return [_value(result) for result in results]

        best = min(WINDOW_TASKS, max(total // _WINDOWS, _PAGES * PAGE_TASKS))
        return plan(total, newest, after, count, WINDOW_TASKS, best), total

    def _fetch(
        self,
        journal: Journal,
        fetch: "FetchWindows",
        before: Dict[int, Facts],
        meter: Meter,
        max_workers: int,
        executor: Optional[Executor],
    ) -> List[Facts]:
        """Fetch the windows that are missing; return what is known of all."""
        windows = journal.windows or []
        facts = dict(before)
        done = sum(each.tasks for each in before.values())
        jobs = [
            (index, window)
            for index, window in enumerate(windows)
            if index not in before
        ]
        # The largest first, so that no worker is left with one at the end.
        jobs.sort(key=lambda job: -job[1].expected)
        failures = []
        with self.map(
            fetch,
            _groups(jobs, executor),
            max_workers=max_workers,
            executor=executor,
            stop_on_error=True,
        ) as results:
            for result in results:
                if result.error is not None:
                    # Further results are awaited, so that they are kept.
                    failures.append(result)
                    continue
                for fetched in _value(result):
                    fetched.keep(journal)
                    facts[fetched.number] = fetched.facts
                    done += fetched.facts.tasks
                meter.show(Counts(done, journal.total))
        if failures:
            # Those of windows that were not begun only say so.
            _value(max(failures, key=_was_sent))
        return [facts[index] for index in range(len(windows))]


def _checked_path(path: Any) -> Path:
    try:
        place = Path(os.path.abspath(os.fsdecode(path)))
    except TypeError:
        raise ScaleTypeError(f"path must be a str or a path; got {path!r}") from None
    # A link stays: what it leads to is replaced.
    is_followed = place.is_symlink() and not is_device(place)
    return Path(os.path.realpath(str(place))) if is_followed else place


def _groups(jobs: List[Job], executor: Optional[Executor]) -> List[List[Job]]:
    """Return the windows that one call of the executor fetches.

    A process that fetched only one window at a time would wait most of the time.
    """
    size = 1
    if executor is not None and not isinstance(executor, ThreadPoolExecutor):
        size = max(1, min(WINDOWS_PER_PROCESS, len(jobs) // 8))
    return [jobs[start : start + size] for start in range(0, len(jobs), size)]


def _was_sent(result: Any) -> bool:
    return bool(result.error.attempts)


def _value(result: Any) -> Any:
    if result.error is not None:
        raise result.error
    return result.value


def _finish(
    journal: Journal,
    facts: List[Facts],
    before: Dict[int, Facts],
    path: str,
    split_by: Optional[str],
) -> ExportReport:
    """Make the file or the folder appear, and report."""
    files = [path]
    with journal.writing():
        if split_by is None:
            write_file(journal, len(facts))
        else:
            names = write_folder(journal, len(facts))
            files = [os.path.join(path, name) for name in names]
    report = ExportReport(
        tuple(files),
        sum(each.tasks for each in facts),
        len(facts),
        journal.total,
        tuple(_problems(journal, facts)),
        sum(each.tasks for each in before.values()),
    )
    journal.remove()
    return report


def _problems(journal: Journal, facts: List[Facts]) -> Iterable[Problem]:
    for window, each in zip(journal.windows or [], facts):
        if each.passes > 1:
            yield Problem(
                f"tasks {window}: {each.counted:,} were counted and {each.listed:,} "
                f"listed, in two passes, because tasks moved while they were listed; "
                f"those that matched for a part of the time may be missing"
            )
    tasks = sum(each.tasks for each in facts)
    if journal.total is not None and tasks < journal.total:
        yield Problem(
            f"{journal.total:,} tasks were counted before and {tasks:,} written: the "
            f"others may no longer have matched the filters when they were listed"
        )
