"""A proxy in front of the sandbox that fails on purpose."""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import Any, Callable, Dict, List, Sequence

import requests

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from tests.faultserver import Answer, Event, FaultServer, Received
from tests.keys import new_key

#: A task that the sandbox takes.
TEXT: Dict[str, Any] = {"attachments": [], "fields": []}


def numbered(count: int, start: int = 0) -> List[Dict[str, Any]]:
    """Return payloads that differ."""
    return [{**TEXT, "metadata": {"n": start + n}} for n in range(count)]


class FaultyProxy:
    """A fault server that forwards requests to the sandbox, unless a test says no.

    Attributes:
        server: Where clients send to.
        client: Sends through the proxy.
        direct: The same account, without faults.
        key: The API key of both.
    """

    def __init__(self, server: FaultServer, sandbox: Sandbox) -> None:
        self.server = server
        self._target = sandbox.url[: -len("/v1")]
        self._local = threading.local()
        self.key = new_key("live")
        self.direct = ScaleClient(self.key, api_instance_url=sandbox.url)
        self.client = ScaleClient(self.key, api_instance_url=server.url)
        server.play(self.forward)

    def forward(self, request: Received) -> Answer:
        """Have the sandbox answer a request."""
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False
        headers = {
            name: request.headers[name] for name in ("authorization", "content-type")
        }
        answer = session.request(
            request.method,
            self._target + request.target,
            headers=headers,
            data=request.body,
            timeout=30,
        )
        date = {"Date": answer.headers["Date"]}
        return Answer(answer.status_code, answer.content, date)

    def lose_answer(self, event: Event) -> Callable[[Received], Event]:
        """Return an event: the request is carried out, and then this happens."""

        def carried_out(request: Received) -> Event:
            self.forward(request)
            return event

        return carried_out

    def sent(self) -> List[str]:
        """Return method and path of each request that came, lookups included."""
        return [f"{r.method} {r.target[len('/v1/') :]}" for r in self.server.received]

    def fail_sometimes(
        self, before: Sequence[Event], after: Sequence[Event], share: float
    ) -> None:
        """Have a share of the requests fail, at random.

        Args:
            before: Events in place of requests that the sandbox never sees.
            after: Events in place of answers to what was carried out.
            share: How many fail.
        """
        chance = random.Random(7)

        def event(request: Received) -> Event:
            if chance.random() >= share:
                return self.forward(request)
            fault = chance.choice([*before, *after])
            if fault in after:
                self.forward(request)
            return fault

        self.server.play(event)

    def numbers(self) -> "Counter[int]":
        """Return how often each numbered payload is a task."""
        counts: "Counter[int]" = Counter()
        token = None
        while True:
            page = self.direct.tasks(next_token=token)
            counts.update(task.metadata["n"] for task in page)
            token = page.next_token
            if not page.has_more:
                return counts
