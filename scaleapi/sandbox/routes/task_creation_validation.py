"""Checks the parameters of a new task, with the API's messages about them."""

from __future__ import annotations

from typing import Any, Mapping

from scaleapi.sandbox.web.errors import invalid
from scaleapi.tasks.parameters import problem_of_parameters


def check_parameters(
    task_type: str, params: Mapping[str, Any], *, quality: bool = False
) -> None:
    """Check that a task can be made with the parameters.

    Args:
        task_type: The wire value of the type, such as ``imageannotation``.
        params: All parameters, including inherited and first-level ones.
        quality: Whether the task is an evaluation or training task.

    Raises:
        ApiError: A parameter of `params` is missing, of the wrong type or over its
            limit.
    """
    problem = problem_of_parameters(task_type, params, quality=quality)
    if problem is not None:
        raise invalid(problem)
