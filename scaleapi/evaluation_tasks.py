"""Evaluation tasks: they measure how well labelers work."""

from __future__ import annotations

from typing import Any, Union

from scaleapi._core.calls import Calls, creation_body
from scaleapi._core.params import needed_word
from scaleapi._transport.endpoint import endpoint
from scaleapi._transport.expectations import document_of
from scaleapi.quality_tasks import QualityTask
from scaleapi.tasks.enums import TaskType


class EvaluationTask(QualityTask):
    """A task that measures labelers against a known answer."""


class EvaluationCalls(Calls):
    """The evaluation task calls of `ScaleClient`."""

    def create_evaluation_task(
        self, task_type: Union[TaskType, str], **kwargs: Any
    ) -> EvaluationTask:
        """Create an evaluation task.

        Args:
            task_type: Kind of work, as enum member or string.
            kwargs: The parameters of `create_task`, and ``expected_response``
                (needed), ``initial_response`` (makes it a task of the review
                phase).

        Raises:
            ScaleInvalidRequest: A parameter is missing or wrong.
            ScaleDuplicateResource: The ``unique_id`` belongs to another task.
        """
        path = endpoint(
            "evaluation_tasks",
            needed_word("task_type", task_type),
            expect=document_of(EvaluationTask),
        )
        json = self.api.post_request(path, body=creation_body(self.api, kwargs))
        return EvaluationTask(json, self)
