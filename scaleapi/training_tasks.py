"""Training tasks, which teach labelers before they work."""

from __future__ import annotations

from typing import Any, Union

from scaleapi._core.calls import Calls
from scaleapi.quality_tasks import QualityTask, create_quality_task
from scaleapi.tasks.enums import TaskType


class TrainingTask(QualityTask):
    """A task that shows labelers the right response."""


class TrainingCalls(Calls):
    """The training task calls of `ScaleClient`."""

    def create_training_task(
        self, task_type: Union[TaskType, str], **kwargs: Any
    ) -> TrainingTask:
        """Create a training task.

        Args:
            task_type: Type of the task, as an enum member or a string.
            kwargs: As in `create_evaluation_task`.

        Returns:
            The new training task.

        Raises:
            ScaleTypeError: `task_type` is neither an enum member nor a str.
            ScaleInvalidRequest: A parameter in `kwargs` is missing or invalid.
            ScaleDuplicateResource: The ``unique_id`` belongs to another task.
        """
        return create_quality_task(
            self, "training_tasks", TrainingTask, task_type, kwargs
        )
