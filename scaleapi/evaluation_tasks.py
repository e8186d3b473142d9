"""Evaluation tasks, which measure how well labelers work."""

from __future__ import annotations

from typing import Any, Union

from scaleapi._core.calls import Calls
from scaleapi.quality_tasks import QualityTask, create_quality_task
from scaleapi.tasks.enums import TaskType


class EvaluationTask(QualityTask):
    """A task that measures labelers against the right response."""


class EvaluationCalls(Calls):
    """The evaluation task calls of `ScaleClient`."""

    def create_evaluation_task(
        self, task_type: Union[TaskType, str], **kwargs: Any
    ) -> EvaluationTask:
        """Create an evaluation task.

        Args:
            task_type: Type of the task, as an enum member or a string.
            kwargs: The parameters of `create_task`; ``expected_response``, which is
                required; and ``initial_response``, which makes the task one of the
                review phase.

        Returns:
            The new evaluation task.

        Raises:
            ScaleTypeError: `task_type` is neither an enum member nor a str.
            ScaleInvalidRequest: A parameter in `kwargs` is missing or invalid.
            ScaleDuplicateResource: The ``unique_id`` belongs to another task.
        """
        return create_quality_task(
            self, "evaluation_tasks", EvaluationTask, task_type, kwargs
        )
