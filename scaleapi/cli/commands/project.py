"""``scaleapi project``."""

from __future__ import annotations

from itertools import islice
from typing import Any, Dict, Optional, Tuple

import click

from scaleapi.cli.bulk import each
from scaleapi.cli.inputs import json_argument, names_argument
from scaleapi.cli.options import Command, Group
from scaleapi.cli.output import Record
from scaleapi.cli.session import Session, pass_session
from scaleapi.cli.text import listed

_COLUMNS = ("name", "type", "version", "created_at")

_PARAMS_HELP = (
    "Parameters of the tasks: a JSON object, @FILE, or @- for standard input."
)


def _record(project: Any) -> Record:
    """Return the document of a project, with its newest parameters."""
    return {**project.as_dict(), "version": project.version, "params": project.params}


@click.group(cls=Group)
def command() -> None:
    """Projects."""


@command.command("list", cls=Command, features="api records ids limit")
@pass_session
def list_(session: Session) -> int:
    """List projects."""
    projects = session.client.get_projects()
    with session.out.records(_COLUMNS, "name") as writer:
        for project in islice(projects, session.settings.limit):
            writer.write(_record(project))
    return 0


@command.command(cls=Command, features="api records ids")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@pass_session
def show(session: Session, names: Tuple[str, ...]) -> int:
    """Show projects. - reads names from standard input."""

    def call(name: str) -> Record:
        return _record(session.client.get_project(name))

    return each(session, names_argument(names), call, _COLUMNS, "name")


@command.command(cls=Command, features="api records ids dry-run")
@click.argument("name")
@click.option(
    "--type", "task_type", metavar="TYPE", required=True, help="Type of the tasks."
)
@click.option("--params", metavar="JSON", help=_PARAMS_HELP)
@click.option("--rapid", is_flag=True, help="A project of Scale Rapid.")
@click.option("--studio", is_flag=True, help="A project of Scale Studio.")
@click.option("--dataset-id", metavar="ID", help="The dataset that it belongs to.")
@click.option(
    "--exist-ok", is_flag=True, help="Take a project of this name and type that exists."
)
@pass_session
def create(
    session: Session,
    name: str,
    task_type: str,
    params: Optional[str],
    exist_ok: bool,
    **options: Any,
) -> int:
    """Create a project."""
    parameters = json_argument("--params", params)
    if session.settings.dry_run:
        plan = {"name": name, "type": task_type, "params": parameters, **options}
        session.console.note(f"would create project {name!r}")
        session.out.record({**plan, "status": "checked"}, (), "name")
        return 0
    client = session.client
    make = client.get_or_create_project if exist_ok else client.create_project
    project = make(name, task_type, parameters, **options)
    session.out.record(_record(project), _COLUMNS, "name")
    return 0


@command.command(cls=Command, features="api records ids dry-run confirm")
@click.argument("name")
@click.option("--params", metavar="JSON", required=True, help=_PARAMS_HELP)
@click.option(
    "--patch", is_flag=True, help="Keep the parameters that are not in --params."
)
@pass_session
def update(session: Session, name: str, params: str, patch: bool) -> int:
    """Give a project new parameters, which new tasks inherit."""
    parameters: Dict[str, Any] = json_argument("--params", params) or {}
    if patch:
        parameters["patch"] = True
    if session.settings.dry_run:
        session.console.note(f"would give project {name!r} new parameters")
        plan = {"name": name, "params": parameters, "status": "checked"}
        session.out.record(plan, (), "name")
        return 0
    action = "Change" if patch else "Replace"
    session.confirm(f"{action} the parameters of", 1, "project", f"({listed([name])})")
    project = session.client.update_project(name, **parameters)
    session.out.record(_record(project), _COLUMNS, "name")
    return 0
