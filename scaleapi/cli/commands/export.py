"""``scaleapi export``."""

from __future__ import annotations

from typing import Any, Optional

import click

from scaleapi.cli.filters import filter_arguments, task_filters
from scaleapi.cli.options import Command, not_stdout
from scaleapi.cli.reports import write_report
from scaleapi.cli.session import Session, pass_session
from scaleapi.cli.tasks import check_scope


@click.command(cls=Command, features="api records progress")
@click.argument("path", callback=not_stdout)
@task_filters
@click.option(
    "--split-by", type=click.Choice(["batch"]), help="Make a folder with a file each."
)
@click.option(
    "--attachment-urls", is_flag=True, help="Add signed addresses of the attachments."
)
@click.option(
    "--resume/--no-resume",
    default=True,
    help="Go on with an export that was interrupted, which is the default.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    metavar="N",
    help="Requests at the same time.",
)
@pass_session
def command(
    session: Session,
    path: str,
    split_by: Optional[str],
    attachment_urls: bool,
    resume: bool,
    workers: int,
    **options: Any,
) -> int:
    """Write all tasks of a project or batch to a file.

    PATH is a file of JSON lines; it is compressed if its name ends in .gz. After an
    interruption, the same command goes on with what is missing.
    """
    filters = filter_arguments(options)
    if not session.client.get_tasks_count(**filters):
        check_scope(session, filters)  # before an older file is replaced
    try:
        report = session.client.export_tasks(
            path,
            **filters,
            split_by=split_by,
            include_attachment_url=attachment_urls,
            max_workers=workers,
            resume=resume,
            progress=session.progress(),
        )
    except KeyboardInterrupt:
        session.console.note("The same command goes on with what is missing.")
        raise
    return write_report(session, report)
