from __future__ import annotations

import threading
from typing import Iterator, List

import pytest

from scaleapi.sandbox import Sandbox
from tests.bulk.line import Line
from tests.faultserver import FaultServer


def workers() -> List[str]:
    """Return the threads of bulk calls that live."""
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("scaleapi-bulk")]


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    yield
    assert workers() == []


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come after hundredths of a second."""
    monkeypatch.setattr("scaleapi.retry._LONGEST_BACKOFF", 0.02)


@pytest.fixture
def line(fault_server: FaultServer, sandbox: Sandbox) -> Line:
    return Line(fault_server, sandbox)
