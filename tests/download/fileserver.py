"""Files as S3 serves them, from a server that can be told to misbehave."""

from __future__ import annotations

import hashlib
import random
import re
from typing import Any, Dict, List, Optional

from scaleapi import ScaleClient, Task
from tests.faultserver import Answer, Event, FaultServer, Received

#: Just long enough to be continued after an interruption.
LONG = random.Random(5).getrandbits(8 * 1_100_000).to_bytes(1_100_000, "big")


def etag_of(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'


def answer_to(request: Received, content: bytes, **more: str) -> Answer:
    """Answer a GET as S3 does: with the file, a part, or that there is no such part."""
    etag = etag_of(content)
    headers = {"ETag": etag, "Content-Type": "binary/octet-stream", **more}
    wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
    if wanted is None or request.headers.get("if-range", etag) != etag:
        return Answer(200, content, headers)
    first = int(wanted.group(1))
    if first >= len(content):
        headers["Content-Range"] = f"bytes */{len(content)}"
        return Answer(416, "<Error><Code>InvalidRange</Code></Error>", headers)
    headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
    return Answer(206, content[first:], headers)


class Files:
    """What a server answers: files by their path, and one task by its id.

    Attributes:
        contents: Path without query -> content.
        events: Path -> events that come before it is served as it ought to be.
        task: The document of the task ``t``, when it is fetched again.
    """

    def __init__(self, server: FaultServer) -> None:
        self.server = server
        self.client = ScaleClient("live_secret_key", api_instance_url=server.url)
        self.contents: Dict[str, bytes] = {}
        self.events: Dict[str, List[Event]] = {}
        self.task: Optional[Dict[str, Any]] = None
        server.play(self._answer)

    def _answer(self, request: Received) -> Event:
        path = request.target.partition("?")[0]
        if path == "/v1/task/t":
            return Answer(200, self.task)
        waiting = self.events.get(path)
        if waiting:
            return waiting.pop(0)
        if path not in self.contents:
            return Answer(404, "<Error><Code>NoSuchKey</Code></Error>")
        return answer_to(request, self.contents[path])

    def task_with(self, *paths: str, **more: Any) -> Task:
        """Return a task whose attachments are at these paths of the server."""
        urls = [f"{self.server.origin}{path}" for path in paths]
        self.task = {"task_id": "t", "params": {"attachments": urls}, **more}
        return Task(self.task, self.client)

    def targets(self, path: str) -> List[Received]:
        """Return the requests for a file."""
        found = self.server.received
        return [each for each in found if each.target.partition("?")[0] == path]
