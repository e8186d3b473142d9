"""``scaleapi batch``."""

from __future__ import annotations

from itertools import islice
from typing import Any, Dict, List, Optional, Tuple

import click

from scaleapi.cli.bulk import each
from scaleapi.cli.inputs import json_argument, names_argument
from scaleapi.cli.options import Command, Group, workers
from scaleapi.cli.output import Record
from scaleapi.cli.session import Session, pass_session
from scaleapi.cli.tasks import cancel_tasks
from scaleapi.cli.text import listed

_COLUMNS = ("name", "project", "status", "created_at")
_COUNTS = ("pending", "completed", "error", "canceled")
_STATUS_COLUMNS = ("name", "status", *(f"tasks_{key}" for key in _COUNTS))
_STATUSES = ("staging", "in_progress", "completed")

_names = click.argument("names", metavar="NAME...", nargs=-1, required=True)


def _record(batch: Any) -> Record:
    record: Record = batch.as_dict()
    return record


@click.group(cls=Group)
def command() -> None:
    """Batches of tasks."""


@command.command("list", cls=Command, features="api records ids limit")
@click.option("--project", metavar="NAME", help="Batches of this project.")
@click.option(
    "--status", type=click.Choice(_STATUSES), help="Batches with this status."
)
@click.option("--created-after", metavar="TIME", help="Earliest time of creation.")
@click.option("--created-before", metavar="TIME", help="Latest time of creation.")
@click.option("--exclude-archived", is_flag=True, help="Leave out archived batches.")
@pass_session
def list_(
    session: Session,
    project: Optional[str],
    status: Optional[str],
    **options: Any,
) -> int:
    """List batches, newest first."""
    batches = session.client.get_batches(project, status, **options)
    with session.out.records(_COLUMNS, "name") as writer:
        for batch in islice(batches, session.settings.limit):
            writer.write(_record(batch))
    return 0


@command.command(cls=Command, features="api records ids")
@_names
@pass_session
def show(session: Session, names: Tuple[str, ...]) -> int:
    """Show batches. - reads names from standard input."""

    def call(name: str) -> Record:
        return _record(session.client.get_batch(name))

    return each(session, names_argument(names), call, _COLUMNS, "name")


@command.command(cls=Command, features="api records ids dry-run")
@click.argument("name")
@click.option("--project", metavar="NAME", required=True, help="Its project.")
@click.option(
    "--callback",
    metavar="URL",
    default="",
    help="Address that is notified when the batch is completed.",
)
@click.option(
    "--calibration",
    "calibration_batch",
    is_flag=True,
    help="The batch serves to train labelers.",
)
@click.option(
    "--self-label", "self_label_batch", is_flag=True, help="Your own team labels it."
)
@click.option("--metadata", metavar="JSON", help="A JSON object, @FILE, or @-.")
@click.option("--exist-ok", is_flag=True, help="Take a batch of this name that exists.")
@pass_session
def create(
    session: Session,
    name: str,
    project: str,
    metadata: Optional[str],
    exist_ok: bool,
    **options: Any,
) -> int:
    """Create a batch."""
    options["metadata"] = json_argument("--metadata", metadata)
    if session.settings.dry_run:
        session.console.note(f"would create batch {name!r}")
        plan = {"name": name, "project": project, **options, "status": "checked"}
        session.out.record(plan, (), "name")
        return 0
    client = session.client
    make = client.get_or_create_batch if exist_ok else client.create_batch
    session.out.record(_record(make(project, name, **options)), _COLUMNS, "name")
    return 0


@command.command(cls=Command, features="api records ids dry-run confirm")
@_names
@pass_session
def finalize(session: Session, names: Tuple[str, ...]) -> int:
    """Release batches to the labelers. - reads names from standard input."""
    chosen = names_argument(names)
    client = session.client
    if session.settings.dry_run:
        return each(
            session,
            chosen,
            lambda name: _record(client.get_batch(name)),
            _COLUMNS,
            "name",
            status="checked",
        )
    session.confirm("Finalize", len(chosen), "batch", f"({listed(chosen)})")

    def call(name: str) -> Record:
        return _record(client.finalize_batch(name))

    return each(session, chosen, call, _COLUMNS, "name", status="finalized")


@command.command(cls=Command, features="api records ids")
@_names
@pass_session
def status(session: Session, names: Tuple[str, ...]) -> int:
    """Show the status of batches and how many tasks have which."""

    def call(name: str) -> Record:
        return _status_record(name, session.client.batch_status(name))

    return each(session, names_argument(names), call, _STATUS_COLUMNS, "name")


def _status_record(name: str, answer: Dict[str, Any]) -> Record:
    counts = {f"tasks_{key}": answer.get(key, 0) for key in _COUNTS}
    return {"name": name, "status": answer.get("status"), **counts}


@command.command(cls=Command, features="api records ids progress")
@_names
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Give up on a batch after this time. Default: never.",
)
@click.option(
    "--poll",
    type=click.FloatRange(min=0, min_open=True),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Time between the first two requests; later ones are further apart.",
)
@pass_session
def wait(
    session: Session, names: Tuple[str, ...], timeout: Optional[float], poll: float
) -> int:
    """Wait until batches are completed."""
    client = session.client

    def call(name: str) -> Record:
        batch = client.get_batch(name)
        batch.wait(timeout, poll, progress=session.progress())
        counts = {f"tasks_{key}": getattr(batch, f"tasks_{key}") for key in _COUNTS}
        return {"name": name, "status": batch.status, **counts}

    return each(session, names_argument(names), call, _STATUS_COLUMNS, "name")


@command.command(cls=Command, features="api records ids limit dry-run confirm progress")
@_names
@click.option(
    "--clear-unique-ids", is_flag=True, help="Let other tasks use their unique_ids."
)
@workers
@pass_session
def cancel(
    session: Session, names: Tuple[str, ...], clear_unique_ids: bool, workers: int
) -> int:
    """Cancel the tasks of batches on which work has not begun."""
    client = session.client
    ids: List[str] = []
    chosen = names_argument(names)
    for name in chosen:
        client.get_batch(name)  # a name that is mistyped must not find nothing
    for name in chosen:
        # All ids come first, because the list gets shorter when tasks are canceled.
        ids += [
            task.id
            for task in client.get_tasks(
                batch_name=name,
                status="pending",
                include_attachment_url=False,
                limited_response=True,
            )
        ]
    chosen_ids = ids[: session.settings.limit]
    where = f"of {listed(chosen)}"
    return cancel_tasks(session, chosen_ids, clear_unique_ids, workers, where)
