"""Training tasks: they teach labelers before they work."""

from __future__ import annotations

from typing import Any, Union

from scaleapi._core.calls import Calls, creation_body
from scaleapi._core.params import needed_word
from scaleapi._transport.endpoint import endpoint
from scaleapi._transport.expectations import document_of
from scaleapi.quality_tasks import QualityTask
from scaleapi.tasks.enums import TaskType


class TrainingTask(QualityTask):
    """A task that shows labelers a known answer."""


class TrainingCalls(Calls):
    """The training task calls of `ScaleClient`."""

    def create_training_task(
        self, task_type: Union[TaskType, str], **kwargs: Any
    ) -> TrainingTask:
        """Create a training task.

        Args:
            task_type: Kind of work, as enum member or string.
            kwargs: As in `create_evaluation_task`.

        Raises:
            ScaleInvalidRequest: A parameter is missing or wrong.
            ScaleDuplicateResource: The ``unique_id`` belongs to another task.
        """
        path = endpoint(
            "training_tasks",
            needed_word("task_type", task_type),
            expect=document_of(TrainingTask),
        )
        json = self.api.post_request(path, body=creation_body(self.api, kwargs))
        return TrainingTask(json, self)
