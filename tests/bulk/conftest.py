from __future__ import annotations

import threading
from typing import Iterator, List

import pytest

from scaleapi.sandbox import Sandbox
from tests.faultserver import FaultServer
from tests.faulty_proxy import FaultyProxy


def workers() -> List[threading.Thread]:
    """Return the threads of bulk calls that live."""
    alive = threading.enumerate()
    return [thread for thread in alive if thread.name.startswith("scaleapi-bulk")]


def join_workers() -> None:
    """Wait for the threads of runs that were dropped: a finalizer does not."""
    for thread in workers():
        thread.join(10)
    assert workers() == []


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    yield
    join_workers()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come after hundredths of a second."""
    monkeypatch.setattr("scaleapi._transport.retry._MAX_BACKOFF_S", 0.02)


@pytest.fixture
def proxy(fault_server: FaultServer, sandbox: Sandbox) -> FaultyProxy:
    return FaultyProxy(fault_server, sandbox)
