"""What a command has called: numbers by kind, refusals, what would have cost money."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from typing import Any, Dict, List, Optional, Tuple
from typing import Counter as CounterOf

from scaleapi.sandbox.routes.operation import Operation
from scaleapi.sandbox.routes.operation_table import API, API_V2

#: Most refusals, and kinds of unknown calls, that are told apart.
_MAX_KINDS = 1000
_MAX_TEXT = 500
_CREATIONS = ("POST /v1/task/{type}", "POST /v2/task/chat")


class Calls:
    """Counts the calls of a command, by what they asked for.

    Attributes:
        answered: Call, such as ``GET /v1/task/{task_id}`` -> how often it was made.
        refused: Status, call and text of an answer 4xx or 5xx -> how often it came.
        paid: Call that created a task under a live key -> how often it was made.
    """

    def __init__(self) -> None:
        self.answered: CounterOf[str] = Counter()
        self.refused: CounterOf[Tuple[int, str, str]] = Counter()
        self.paid: CounterOf[str] = Counter()

    def add(
        self, method: str, path: str, status: Optional[int], body: bytes, paid: bool
    ) -> None:
        """Count a call.

        Args:
            method: The HTTP method.
            path: The path, quoted.
            status: Status of the answer; None if there was none.
            body: The beginning of the answer's body; not needed if it succeeded.
            paid: Whether Scale would have taken money for a task.
        """
        call = _call(method, path)
        if call not in self.answered and len(self.answered) >= _MAX_KINDS:
            call = "other calls"
        self.answered[call] += 1
        if status is None:
            status, body = 0, b"no answer"
        if status == 0 or status >= 400:
            refusal = (status, call, _text(body))
            if refusal not in self.refused and len(self.refused) >= _MAX_KINDS:
                refusal = (status, "other calls", "")
            self.refused[refusal] += 1
        elif paid and call in _CREATIONS:
            self.paid[f"POST {path}"] += 1

    def clear(self) -> None:
        """Forget all calls."""
        for counter in (self.answered, self.refused, self.paid):
            counter.clear()

    def as_dict(self) -> Dict[str, Any]:
        """Return all numbers, as JSON."""
        refused = [
            {"status": status or None, "call": call, "text": text, "times": times}
            for (status, call, text), times in self.refused.most_common()
        ]
        return {
            "calls": dict(self.answered.most_common()),
            "refused": refused,
            "would_have_cost_money": dict(self.paid.most_common()),
        }


def _call(method: str, path: str) -> str:
    """Return the name of a call, without ids and names."""
    parts = path.split("/")
    for operation in (*API, *API_V2):
        if operation.method == method and _matches(operation, parts):
            return f"{method} {operation.path}"
    # Unknown calls are told apart by as much as cannot be an id.
    known = "/".join(parts[:3])[:60]
    return f"{method} {known}{'/...' if len(parts) > 3 else ''}"


def _matches(operation: Operation, parts: List[str]) -> bool:
    wanted = operation.path.split("/")
    return len(wanted) == len(parts) and all(
        want == part or want.startswith("{") for want, part in zip(wanted, parts)
    )


def _text(body: bytes) -> str:
    """Return what an answer says is wrong, on one line."""
    text = body.decode("utf-8", "replace")
    # Another form than the API's occurs with faults on demand.
    with suppress(ValueError, TypeError, KeyError):
        text = str(json.loads(text)["error"])
    return " ".join(text.split())[:_MAX_TEXT]
