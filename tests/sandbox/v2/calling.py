"""Plain HTTP to v2 of a sandbox, with a key as a Bearer token."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

import requests

from scaleapi.sandbox import Sandbox
from tests.keys import new_key


class Bearer:
    """Puts a key into a request; requests would otherwise look into netrc."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.key}"
        return request


class Caller:
    """Calls of v2 and of v1 with a key of its own, so in an empty world."""

    def __init__(self, sandbox: Sandbox, kind: str = "live") -> None:
        self.sandbox = sandbox
        self.key = new_key(kind)
        self.origin = sandbox.url[: -len("/v1")]
        self.session = requests.Session()

    def send(self, method: str, path: str, **arguments: Any) -> requests.Response:
        arguments.setdefault("auth", Bearer(self.key))
        return self.session.request(
            method, f"{self.origin}/v2/{path}", timeout=30, **arguments
        )

    def get(self, path: str, **query: Any) -> Any:
        """Return the answer to a GET, which has to succeed."""
        return self._done(self.send("GET", path, params=query))

    def post(self, path: str, **body: Any) -> Any:
        """Return the answer to a POST, which has to succeed."""
        return self._done(self.send("POST", path, json=body))

    def refused(self, method: str, path: str, **values: Any) -> Tuple[int, str]:
        """Return the status and the text of a refusal."""
        kind = "params" if method == "GET" else "json"
        answer = self.send(method, path, **{kind: values})
        body = answer.json()
        assert set(body) == {"status_code", "error"}
        assert body["status_code"] == answer.status_code >= 400
        return answer.status_code, body["error"]

    def v1(self, method: str, path: str, **body: Any) -> Any:
        """Return the answer of v1, which has to succeed."""
        answer = self.session.request(
            method,
            f"{self.origin}/v1/{path}",
            json=body or None,
            auth=(self.key, ""),
            timeout=30,
        )
        return self._done(answer)

    def _done(self, answer: requests.Response) -> Any:
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    def project(self, name: str = "talks", type: str = "chat", **params: Any) -> str:
        """Make a project; return its name."""
        self.v1("POST", "projects", name=name, type=type, params=params)
        return name

    def task(self, project: Optional[str] = None, **values: Any) -> Dict[str, Any]:
        """Make a chat task; return its document."""
        task: Dict[str, Any] = self.post(
            "task/chat", project_name=project or "talks", **values
        )
        return task

    def pages(self, path: str, key: str, **query: Any) -> List[List[Any]]:
        """Return the elements of all pages."""
        pages = []
        token: Optional[str] = None
        while True:
            page = self.get(path, **query, next_token=token)
            pages.append(page[key])
            token = page.get("next_token")
            if "next_token" not in page:
                return pages
            assert token
