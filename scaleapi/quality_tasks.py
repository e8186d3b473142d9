"""What evaluation and training tasks have in common."""

from __future__ import annotations

from typing import Any, Dict, Type, TypeVar, Union

from scaleapi._core.calls import Calls, creation_body
from scaleapi._core.models import ScaleObject
from scaleapi._core.params import required_enum
from scaleapi._transport.endpoint import endpoint
from scaleapi._transport.response_checks import document_of
from scaleapi.tasks.enums import TaskType


class QualityTask(ScaleObject):
    """A task whose right response is known, to measure or to teach labelers.

    Attributes:
        id: The id that the API gave the task.
        expected_response: The right response.
        initial_response: The response that a review task starts from; None for other
            tasks.
    """

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.id: str = json["id"]
        self.expected_response: Any = json.get("expected_response")
        self.initial_response: Any = json.get("initial_response")


Q = TypeVar("Q", bound=QualityTask)


def create_quality_task(
    calls: Calls,
    collection: str,
    cls: Type[Q],
    task_type: Union[TaskType, str],
    params: Dict[str, Any],
) -> Q:
    """Create an evaluation or training task.

    Args:
        calls: The client.
        collection: First segment of the path.
        cls: Class of the task.
        task_type: Type of the task, as an enum member or a string.
        params: Parameters of the task.

    Raises:
        ScaleTypeError: `task_type` is neither an enum member nor a str.
    """
    path = endpoint(
        collection, required_enum("task_type", task_type), expect=document_of(cls)
    )
    json = calls.api.post_request(path, body=creation_body(calls.api, params))
    return cls(json, calls)
