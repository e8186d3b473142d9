"""Bodies of callbacks, and the keys that the tests use."""

from __future__ import annotations

import json
from typing import Any

LIVE = "live_callback_abc"
TEST = "test_callback_abc"
KEYS = {"live": LIVE, "test": TEST}
ID = "60cbc3fc6e5a3b0011f0a1d2"


def task_body(response: Any = None, **changes: Any) -> bytes:
    """Return the body of a callback that reports a live task."""
    task = {
        "task_id": ID,
        "status": "completed",
        "is_test": False,
        "response": response,
        **changes,
    }
    body = {"task_id": task["task_id"], "response": response, "task": task}
    return json.dumps(body).encode()


def headers(key: str = LIVE) -> Any:
    return {"Content-Type": "application/json", "scale-callback-auth": key}
