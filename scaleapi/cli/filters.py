"""The filters of tasks, which several commands have."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

#: The values that the API documents.
STATUSES = ("pending", "completed", "canceled", "error")
REVIEWS = ("accepted", "fixed", "commented", "rejected", "pending")

_TIMES = (
    ("created", "creation"),
    ("completed", "completion"),
    ("updated", "the last change"),
)


def _time_options() -> List[Any]:
    return [
        click.option(
            f"--{name}-{side}",
            metavar="TIME",
            help=f"{bound} time of {what}: a date, or ISO 8601; UTC by default.",
        )
        for name, what in _TIMES
        for side, bound in (("after", "Earliest"), ("before", "Latest"))
    ]


_OPTIONS = (
    click.option("--project", metavar="NAME", help="Tasks of this project."),
    click.option("--batch", metavar="NAME", help="Tasks of this batch."),
    click.option("--type", "task_type", metavar="TYPE", help="Tasks of this type."),
    click.option(
        "--status", type=click.Choice(STATUSES), help="Tasks with this status."
    ),
    click.option(
        "--review-status",
        type=click.Choice(REVIEWS),
        multiple=True,
        help="Tasks with this result of your review; repeatable.",
    ),
    click.option(
        "--unique-id",
        metavar="ID",
        multiple=True,
        help="The task with this unique_id; repeatable.",
    ),
    click.option(
        "--tag", metavar="TAG", multiple=True, help="Tasks with this tag; repeatable."
    ),
    *_time_options(),
)


def task_filters(function: F) -> F:
    """Add the options that filter tasks."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def filter_arguments(options: Dict[str, Any]) -> Dict[str, Any]:
    """Return the arguments of `ScaleClient.get_tasks`; they are taken from `options`.

    Raises:
        click.UsageError: Neither a project nor a batch was given.
    """
    project, batch = options.pop("project"), options.pop("batch")
    if not project and not batch:
        raise click.UsageError("Give --project or --batch.")

    def some(values: Tuple[str, ...]) -> Any:
        return list(values) or None

    arguments = {
        "project_name": project,
        "batch_name": batch,
        "task_type": options.pop("task_type"),
        "status": options.pop("status"),
        "review_status": some(options.pop("review_status")),
        "unique_id": some(options.pop("unique_id")),
        "tags": some(options.pop("tag")),
    }
    for name, _ in _TIMES:
        for side in ("after", "before"):
            arguments[f"{name}_{side}"] = options.pop(f"{name}_{side}")
    return {key: value for key, value in arguments.items() if value is not None}
