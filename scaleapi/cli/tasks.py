"""What several commands do with tasks."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Dict, Iterator, List

from scaleapi.cli.bulk import BulkReport, Inputs
from scaleapi.cli.output import Record
from scaleapi.cli.session import Session

if TYPE_CHECKING:
    from scaleapi.tasks import Task

#: Tasks on a page of the API.
_PAGE = 100

TASK_COLUMNS = ("task_id", "type", "status", "project", "batch", "created_at")
RESULT_COLUMNS = ("status", "task_id", "unique_id")


def task_result(result: Any) -> Record:
    """Return the record of a task that a bulk call has created, found or canceled.

    After a dry run, it has what is known of the input.
    """
    document = result.task.as_dict() if result.task else result.payload
    if isinstance(document, str):
        document = {"task_id": document}
    keys = ("task_id", "unique_id", "project", "batch")
    return {key: document.get(key) for key in keys}


def cancel_tasks(
    session: Session,
    ids: List[str],
    clear_unique_ids: bool,
    workers: int,
    where: str = "",
) -> int:
    """Cancel tasks; return the exit status."""
    if not ids:
        session.console.note("nothing to cancel")
    elif not session.settings.dry_run:
        session.confirm("Cancel", len(ids), "task", where)
    report = BulkReport(
        session,
        RESULT_COLUMNS,
        "task_id",
        task_result,
        lambda index, task_id: f"task {task_id}",
    )
    inputs = Inputs(ids, len(ids))
    results = session.client.cancel_tasks(
        inputs,
        clear_unique_ids,
        max_workers=workers,
        progress=session.progress(rows=True),
        **dry_run(session),
    )
    report.take(results, inputs)
    return report.conclude()


def dry_run(session: Session) -> Dict[str, Any]:
    """Return the argument ``dry_run`` of a bulk call."""
    return {"dry_run": True} if session.settings.dry_run else {}


def listed_tasks(
    session: Session, filters: Dict[str, Any], **options: Any
) -> Iterator["Task"]:
    """Yield the tasks that match, no more than ``--limit``.

    Args:
        session: What the run has.
        filters: Arguments of `ScaleClient.get_tasks` that select tasks.
        options: Its other arguments.

    Raises:
        ScaleResourceNotFound: No task matches, as the project or the batch does not
            exist.
    """
    limit = session.settings.limit
    if limit is not None and limit < _PAGE:
        options["limit"] = limit
    found = 0
    for task in islice(session.client.get_tasks(**filters, **options), limit):
        found += 1
        yield task
    if not found:
        check_scope(session, filters)


def check_scope(session: Session, filters: Dict[str, Any]) -> None:
    """Check that project and batch exist, since a mistyped name only finds nothing.

    Args:
        session: What the run has.
        filters: Arguments of `ScaleClient.get_tasks`.

    Raises:
        ScaleResourceNotFound: The project or the batch does not exist.
    """
    if filters.get("project_name"):
        session.client.get_project(filters["project_name"])
    if filters.get("batch_name"):
        session.client.get_batch(filters["batch_name"])
