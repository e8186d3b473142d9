"""A server that answers every call of v2 with a document, and a client of it."""

from __future__ import annotations

from typing import Iterator

import pytest

from scaleapi import ScaleClient, V2Api
from tests.faultserver import Answer, Event, FaultServer, Received
from tests.v2.documents import ANSWERS

KEY = "test_0123456789abcdef"


def answer(request: Received) -> Event:
    path = request.target.partition("?")[0]
    if "/response_url/" in path:
        return Answer(302, b"", {"Location": "https://bucket.example/file?sig=abc"})
    document = ANSWERS.get(f"{request.method} {path}")
    if document is None:
        return Answer(404, {"status_code": 404, "error": "there is no such route"})
    return Answer(200, document)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        running.play(answer)
        yield running


@pytest.fixture
def v2_client(server: FaultServer) -> ScaleClient:
    return ScaleClient(KEY, api_instance_url=server.url)


@pytest.fixture
def v2(v2_client: ScaleClient) -> V2Api:
    return v2_client.v2
