"""A caller with a world of its own, and a check of the sandbox's log."""

from __future__ import annotations

import logging
from typing import Iterator

import pytest

from scaleapi.sandbox import Sandbox
from tests.sandbox.calling import Caller


@pytest.fixture
def call(sandbox: Sandbox) -> Iterator[Caller]:
    caller = Caller(sandbox.url)
    with caller.session:
        yield caller


@pytest.fixture
def live(sandbox: Sandbox) -> Iterator[Caller]:
    caller = Caller(sandbox.url, "live")
    with caller.session:
        yield caller


@pytest.fixture(autouse=True)
def nothing_of_the_sandboxs_own_fails(
    caplog: pytest.LogCaptureFixture,
) -> Iterator[None]:
    yield
    # After the test caplog.records has only those of its teardown.
    records = caplog.get_records("call")
    ours = [r for r in records if r.name.startswith(("scaleapi", "uvicorn", "asyncio"))]
    assert not [r for r in ours if r.levelno >= logging.ERROR]
