"""``scaleapi convert``."""

from __future__ import annotations

import os
from itertools import islice
from typing import Any, Callable, Dict, Optional, Tuple

import click

from scaleapi.cli.options import Command, not_stdout
from scaleapi.cli.reports import write_report
from scaleapi.cli.session import Session, pass_session

_KINDS = ("detect", "segment", "obb", "semantic", "instance")
#: Format -> the options that it has.
_OPTIONS = {
    "csv": {"rows", "columns", "formulas"},
    "parquet": {"rows", "columns"},
    "coco": {"classes", "images"},
    "yolo": {"classes", "images", "kind"},
    "masks": {"classes", "images", "kind"},
}
_SPELLINGS = {"columns": "--column", "classes": "--class"}


@click.command(cls=Command, features="records limit")
@click.argument("source")
@click.argument("target", callback=not_stdout)
@click.option(
    "--to",
    type=click.Choice(tuple(_OPTIONS)),
    help="Format of TARGET. Default: that of its name, .csv or .parquet.",
)
@click.option(
    "--rows",
    type=click.Choice(("tasks", "annotations", "answers")),
    help="What a row is: a task, a shape, or an answer. Default: tasks.",
)
@click.option(
    "--column",
    "columns",
    metavar="NAME=PATH[:TYPE]",
    multiple=True,
    help="A further column, such as row=metadata.row:int; repeatable.",
)
@click.option(
    "--formulas",
    type=click.Choice(("escape", "keep")),
    help="What becomes of texts that a spreadsheet would run. Default: escape.",
)
@click.option(
    "--images",
    metavar="FOLDER",
    help="The folder that the download command has filled.",
)
@click.option(
    "--class",
    "classes",
    metavar="LABEL",
    multiple=True,
    help="A label, in the order of the numbers; repeatable. Default: all.",
)
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    help="For YOLO: detect, segment or obb; for masks: semantic or instance.",
)
@pass_session
def command(
    session: Session, source: str, target: str, to: Optional[str], **options: Any
) -> int:
    """Turn an export into CSV, Parquet, COCO, YOLO or masks.

    SOURCE is what the export command has written, or an export of the dashboard. TARGET
    is a file for CSV and Parquet, and a folder otherwise.
    """
    chosen = to or os.path.splitext(target)[1].lstrip(".").lower()
    if chosen not in _OPTIONS:
        raise click.UsageError("Give --to: the name of TARGET does not say the format.")
    arguments = {key: value for key, value in options.items() if value}
    for name in arguments:
        if name not in _OPTIONS[chosen]:
            spelling = _SPELLINGS.get(name, f"--{name}")
            raise click.UsageError(f"{chosen} has no {spelling}.")
    if "columns" in arguments:
        arguments["columns"] = _columns(arguments["columns"])
    if chosen == "masks" and "images" not in arguments:
        raise click.UsageError("Masks need --images.")
    from scaleapi import export

    tasks = islice(export.read_tasks(source), session.settings.limit)
    write: Callable[..., Any] = getattr(export, f"write_{chosen}")
    return write_report(session, write(tasks, target, **arguments))


def _columns(given: Tuple[str, ...]) -> Dict[str, str]:
    columns = {}
    for text in given:
        name, sign, path = text.partition("=")
        if not sign:
            raise click.UsageError(f"--column {text}: write NAME=PATH.")
        columns[name] = path
    return columns
