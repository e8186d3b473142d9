"""``scaleapi file``."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Tuple

import click

from scaleapi.cli.bulk import BulkReport, Inputs
from scaleapi.cli.inputs import json_argument, names_argument
from scaleapi.cli.options import Command, Group, workers
from scaleapi.cli.output import Record
from scaleapi.cli.session import Session, pass_session
from scaleapi.cli.tasks import dry_run

_COLUMNS = ("status", "id", "attachment_url", "input")


def _fields(function: Any) -> Any:
    """Add the options for the fields of files."""
    for option in (
        click.option(
            "--metadata", metavar="JSON", help="Of all files: a JSON object, or @FILE."
        ),
        click.option(
            "--reference-id", metavar="ID", help="An id of your own, for a single file."
        ),
        click.option(
            "--display-name", metavar="TEXT", help="A name to show, for a single file."
        ),
        click.option("--project", metavar="NAME", help="The project of the files."),
    ):
        function = option(function)
    return function


@click.group(cls=Group)
def command() -> None:
    """Upload files."""


@command.command(cls=Command, features="api records ids dry-run progress")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@_fields
@workers
@pass_session
def upload(
    session: Session, paths: Tuple[str, ...], workers: int, **fields: Optional[str]
) -> int:
    """Upload files from this machine. - reads paths from standard input."""
    return _transfer(session, "upload_files", names_argument(paths), workers, fields)


@command.command("import", cls=Command, features="api records ids dry-run progress")
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@_fields
@workers
@pass_session
def import_(
    session: Session, urls: Tuple[str, ...], workers: int, **fields: Optional[str]
) -> int:
    """Let Scale fetch files from addresses. - reads them from standard input."""
    return _transfer(session, "import_files", names_argument(urls), workers, fields)


def _transfer(
    session: Session,
    call: str,
    sources: Sequence[str],
    workers: int,
    given: Dict[str, Optional[str]],
) -> int:
    if len(sources) > 1 and (given["display_name"] or given["reference_id"]):
        raise click.UsageError(
            "--display-name and --reference-id are for a single file."
        )
    fields: Dict[str, Any] = {
        "project_name": given["project"],
        "display_name": given["display_name"],
        "reference_id": given["reference_id"],
        "metadata": json_argument("--metadata", given["metadata"]),
    }
    inputs = Inputs(sources, len(sources))
    results = getattr(session.client, call)(
        inputs,
        max_workers=workers,
        progress=session.progress(rows=True),
        **dry_run(session),
        **{key: value for key, value in fields.items() if value is not None},
    )
    report = BulkReport(session, _COLUMNS, "attachment_url", _success, _name)
    report.take(results, inputs)
    return report.conclude()


def _success(result: Any) -> Record:
    document = result.value.as_dict() if result.value is not None else {}
    return {"id": document.get("id"), "attachment_url": document.get("attachment_url")}


def _name(index: int, source: Any) -> str:
    return str(source)
