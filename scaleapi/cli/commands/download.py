"""``scaleapi download``."""

from __future__ import annotations

from itertools import islice
from typing import Any, Optional, Tuple

import click

from scaleapi.cli.bulk import BulkReport, Inputs
from scaleapi.cli.filters import filter_arguments, task_filters
from scaleapi.cli.options import Command, not_stdout, workers
from scaleapi.cli.output import Record
from scaleapi.cli.session import Session, pass_session
from scaleapi.cli.tasks import listed_tasks

_COLUMNS = ("status", "task_id", "key", "size", "path")


@click.command(cls=Command, features="api records ids limit progress")
@click.argument("folder", callback=not_stdout)
@task_filters
@click.option(
    "--from",
    "source",
    metavar="EXPORT",
    help="Take the tasks of this export instead of those of a project or batch.",
)
@click.option(
    "--what",
    type=click.Choice(("attachments", "results")),
    multiple=True,
    help="What to download; repeatable. Default: both.",
)
@click.option(
    "--names",
    default="{task_id}/{name}",
    show_default=True,
    metavar="TEMPLATE",
    help="Path of each file in FOLDER.",
)
@click.option(
    "--prefer",
    type=click.Choice(("original", "converted")),
    default="original",
    show_default=True,
    help="Which copy of an attachment to download.",
)
@click.option("--overwrite", is_flag=True, help="Download also files that are there.")
@workers
@pass_session
def command(
    session: Session,
    folder: str,
    source: Optional[str],
    what: Tuple[str, ...],
    names: str,
    prefer: str,
    overwrite: bool,
    workers: int,
    **options: Any,
) -> int:
    """Download the attachments and results of tasks.

    Files that are in FOLDER already are not requested again.
    """
    if source is None:
        tasks = listed_tasks(session, filter_arguments(options))
    elif any(options.values()):
        raise click.UsageError("--from excludes the options that filter tasks.")
    else:
        from scaleapi.export import read_tasks

        tasks = islice(read_tasks(source), session.settings.limit)
    inputs = Inputs(tasks, 0)
    results = session.client.download_files(
        inputs,
        folder,
        what=what or ("attachments", "results"),
        names=names,
        prefer=prefer,
        overwrite=overwrite,
        max_workers=workers,
        progress=session.progress(rows=True),
    )
    report = BulkReport(session, _COLUMNS, "path", _success, _name)
    report.take(results, inputs, count_rest=False)
    return report.conclude()


def _success(result: Any) -> Record:
    keys = ("task_id", "key", "size", "path")
    return {key: getattr(result, key) for key in keys}


def _name(index: int, payload: Any) -> str:
    if payload is None:
        return f"file {index + 1}"
    return f"task {payload.task_id}, {payload.key}"
