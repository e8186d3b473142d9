"""Plain HTTP to a sandbox, as any client could send it."""

from __future__ import annotations

from typing import Any, Tuple

import requests

from scaleapi.sandbox import Sandbox
from tests.keys import new_key


class Caller:
    """Plain requests with a key of its own, so an empty world."""

    def __init__(self, url: str, kind: str = "test") -> None:
        self.url = url
        self.key = new_key(kind)
        self.session = requests.Session()

    def __call__(self, method: str, path: str, **arguments: Any) -> Tuple[int, Any]:
        arguments.setdefault("auth", (self.key, ""))
        response = self.session.request(
            method, f"{self.url}/{path}", timeout=30, **arguments
        )
        assert response.headers["content-type"] == "application/json"
        if response.status_code != 200:
            body = response.json()
            assert set(body) == {"status_code", "error"}
            assert body["status_code"] == response.status_code
            return response.status_code, body["error"]
        return 200, response.json()


def fresh(sandbox: Sandbox) -> Sandbox:
    """Make a sandbox that several tests use like a new one; return it."""
    sandbox.start()  # in case an earlier test has stopped it
    sandbox.reset()
    # New keys, so that a thread that is left from another test works on other tasks.
    sandbox.api_key, sandbox.live_api_key = new_key("test"), new_key("live")
    return sandbox
