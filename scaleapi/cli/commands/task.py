"""``scaleapi task``."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import Any, Optional, Tuple

import click

from scaleapi.cli.bulk import BulkReport, Inputs, each
from scaleapi.cli.failed_file import FailedFile
from scaleapi.cli.filters import filter_arguments, task_filters
from scaleapi.cli.inputs import PayloadFile, json_argument, names_argument
from scaleapi.cli.options import Command, Group, not_stdout, workers
from scaleapi.cli.output import Record
from scaleapi.cli.payload_plan import PayloadPlan
from scaleapi.cli.session import Session, pass_session
from scaleapi.cli.settings import IDS
from scaleapi.cli.tasks import (
    RESULT_COLUMNS,
    TASK_COLUMNS,
    cancel_tasks,
    check_scope,
    dry_run,
    listed_tasks,
    task_result,
)

_ids = click.argument("ids", metavar="ID...", nargs=-1, required=True)


@click.group(cls=Group)
def command() -> None:
    """Tasks."""


@command.command("list", cls=Command, features="api records ids limit progress")
@task_filters
@click.option(
    "--attachment-urls", is_flag=True, help="Add signed addresses of the attachments."
)
@pass_session
def list_(session: Session, attachment_urls: bool, **options: Any) -> int:
    """List tasks, newest first."""
    only_ids = session.settings.format == IDS
    tasks = listed_tasks(
        session,
        filter_arguments(options),
        include_attachment_url=attachment_urls,
        limited_response=True if only_ids else None,
        progress=session.progress(rows=True),
    )
    with session.out.records(TASK_COLUMNS, "task_id") as writer:
        for task in tasks:
            writer.write(task.as_dict())
    return 0


@command.command(cls=Command, features="api records")
@task_filters
@pass_session
def count(session: Session, **options: Any) -> int:
    """Count tasks, with one request."""
    filters = filter_arguments(options)
    number = session.client.get_tasks_count(**filters)
    if not number:
        check_scope(session, filters)
    if session.settings.for_programs or session.settings.fields:
        session.out.record({"count": number}, (), "count")
    else:
        session.out.line(str(number))
    return 0


@command.command(cls=Command, features="api records ids")
@_ids
@pass_session
def show(session: Session, ids: Tuple[str, ...]) -> int:
    """Show tasks. - reads ids from standard input."""

    def call(task_id: str) -> Record:
        return session.client.get_task(task_id).as_dict()

    return each(session, names_argument(ids), call, TASK_COLUMNS, "task_id")


@command.command(cls=Command, features="api records ids limit dry-run confirm progress")
@click.argument("file")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(("csv", "json", "jsonl")),
    help="Format of FILE. Default: from its name, or from its content.",
)
@click.option("--type", "task_type", metavar="TYPE", help="Default: from the project.")
@click.option("--project", metavar="NAME", help="The project of all tasks.")
@click.option("--batch", metavar="NAME", help="The batch of all tasks.")
@click.option(
    "--params",
    metavar="JSON",
    help="Parameters of tasks that have no others: a JSON object, or @FILE.",
)
@click.option(
    "--create-missing",
    is_flag=True,
    help="First create --project and --batch, if they do not exist.",
)
@click.option(
    "--finalize",
    is_flag=True,
    help="Finalize --batch in the end, if all its tasks are there.",
)
@click.option(
    "--failed",
    metavar="FILE",
    callback=not_stdout,
    help="Write here what has no task in the end. It can be sent again as it is.",
)
@workers
@pass_session
def create(
    session: Session,
    file: str,
    file_format: Optional[str],
    task_type: Optional[str],
    project: Optional[str],
    batch: Optional[str],
    params: Optional[str],
    create_missing: bool,
    finalize: bool,
    failed: Optional[str],
    workers: int,
) -> int:
    """Create a task for each row of a CSV file, or for each JSON object.

    FILE is CSV, a JSON array or lines of JSON; - is standard input. A column is a
    parameter: metadata.row is an entry of the metadata, and priority:int a number.
    Cells with JSON lists or objects are parsed; empty cells are left out.

    The unique_id of a task is made from its content unless it has one. So the command
    can be run again, and creates only what is missing.
    """
    if (create_missing and not project) or (finalize and not batch):
        raise click.UsageError("--create-missing needs --project, --finalize --batch.")
    is_dry = session.settings.dry_run
    defaults = json_argument("--params", params) or {}
    with ExitStack() as stack:
        source = stack.enter_context(closing(PayloadFile(file, file_format)))
        plan = PayloadPlan(source, session.settings.limit, defaults, project, batch)
        if failed and plan.would_lose(file, failed):
            raise click.UsageError("--failed would replace the input.")
        kind = task_type or plan.task_type or plan.type_of_project(session)
        on_failure = None
        if not is_dry:
            session.confirm("Create", plan.count, "task", plan.where)
            if create_missing:
                plan.create_missing(session, kind)
            if failed:
                on_failure = stack.enter_context(FailedFile(failed, kind)).add
        inputs = Inputs(plan.payloads(), plan.count)
        report = BulkReport(
            session, RESULT_COLUMNS, "task_id", task_result, plan.place, on_failure
        )
        results = session.client.create_tasks(
            kind,
            inputs,
            unique_id="content",
            max_workers=workers,
            progress=session.progress(rows=True),
            **dry_run(session),
        )
        report.take(results, inputs)
    status = report.conclude()
    if finalize and not is_dry:
        session.client.finalize_batch(str(batch))
        session.console.note(f"batch {batch!r} is finalized")
    return status


@command.command(cls=Command, features="api records ids limit dry-run confirm progress")
@_ids
@click.option(
    "--clear-unique-ids", is_flag=True, help="Let other tasks use their unique_ids."
)
@workers
@pass_session
def cancel(
    session: Session, ids: Tuple[str, ...], clear_unique_ids: bool, workers: int
) -> int:
    """Cancel tasks on which work has not begun. - reads ids from standard input."""
    chosen = names_argument(ids)[: session.settings.limit]
    return cancel_tasks(session, chosen, clear_unique_ids, workers)


@command.command(cls=Command, features="api records ids dry-run")
@_ids
@click.option("--add", metavar="TAG", multiple=True, help="Add a tag; repeatable.")
@click.option(
    "--remove", metavar="TAG", multiple=True, help="Remove a tag; repeatable."
)
@click.option(
    "--set", "set_", metavar="TAG", multiple=True, help="Replace all tags; repeatable."
)
@pass_session
def tag(
    session: Session,
    ids: Tuple[str, ...],
    add: Tuple[str, ...],
    remove: Tuple[str, ...],
    set_: Tuple[str, ...],
) -> int:
    """Change the tags of tasks. - reads ids from standard input."""
    if not (add or remove or set_) or (set_ and (add or remove)):
        raise click.UsageError("Give --add, --remove or both; or --set.")
    client = session.client

    def call(task_id: str) -> Record:
        if session.settings.dry_run:
            return client.get_task(task_id).as_dict()
        if set_:
            return client.set_task_tags(task_id, set_).as_dict()
        if not remove:
            return client.add_task_tags(task_id, add).as_dict()
        if add:
            client.add_task_tags(task_id, add)
        return client.delete_task_tags(task_id, remove).as_dict()

    status = "checked" if session.settings.dry_run else "tagged"
    columns = ("task_id", "status", "tags")
    return each(session, names_argument(ids), call, columns, "task_id", status=status)


@command.command(cls=Command, features="api records ids dry-run confirm")
@_ids
@click.option("--accept/--reject", "accepted", default=None, help="Your decision.")
@click.option("--comments", metavar="TEXT", help="For the labelers.")
@pass_session
def audit(
    session: Session,
    ids: Tuple[str, ...],
    accepted: Optional[bool],
    comments: Optional[str],
) -> int:
    """Accept or reject completed tasks. - reads ids from standard input."""
    if accepted is None:
        raise click.UsageError("Give --accept or --reject.")
    chosen = names_argument(ids)
    client = session.client
    decision = "accepted" if accepted else "rejected"

    def call(task_id: str) -> Record:
        if session.settings.dry_run:
            return client.get_task(task_id).as_dict()
        client.audit_task(task_id, bool(accepted), comments)
        return {"task_id": task_id, "customer_review_status": decision}

    if session.settings.dry_run:
        return each(session, chosen, call, TASK_COLUMNS, "task_id", status="checked")
    session.confirm("Accept" if accepted else "Reject", len(chosen), "task")
    columns = ("task_id", "customer_review_status")
    return each(session, chosen, call, columns, "task_id", status=decision)
