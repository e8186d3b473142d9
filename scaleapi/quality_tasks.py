"""What evaluation and training tasks have in common."""

from __future__ import annotations

from typing import Any, Dict

from scaleapi._core.models import ScaleObject


class QualityTask(ScaleObject):
    """A task whose right answer is known, to measure or to teach labelers.

    Attributes:
        id: Its id.
        expected_response: The right answer.
        initial_response: The answer that a review starts from; None for a task
            that starts from nothing.
    """

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.id: str = json["id"]
        self.expected_response: Any = json.get("expected_response")
        self.initial_response: Any = json.get("initial_response")
