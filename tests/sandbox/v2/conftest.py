"""Callers of v2 with worlds of their own."""

from __future__ import annotations

from typing import Iterator

import pytest

from scaleapi.sandbox import Sandbox
from tests.sandbox.calling import fresh
from tests.sandbox.v2.calling import Caller


@pytest.fixture(scope="package")
def server() -> Iterator[Sandbox]:
    """Not the one of all tests, since clock, faults and limits are changed here."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: Sandbox) -> Sandbox:
    return fresh(server)


@pytest.fixture
def live(sandbox: Sandbox) -> Iterator[Caller]:
    """With a live key, under which tasks pend until they are completed."""
    caller = Caller(sandbox)
    with caller.session:
        yield caller


@pytest.fixture
def test(sandbox: Sandbox) -> Iterator[Caller]:
    """With a test key, under which tasks are completed at once."""
    caller = Caller(sandbox, "test")
    with caller.session:
        yield caller
