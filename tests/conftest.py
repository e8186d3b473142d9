"""What all tests share: one sandbox a session, a world of its own a test."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any, Generator, Iterator, List

import pytest
from hypothesis import HealthCheck, settings

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from tests.faultserver import FaultServer
from tests.keys import new_key

# Where bytecode is not kept, each of the many Pythons that the tests start would
# compile the package and its dependencies anew, which takes a third of all the time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# No test depends on how fast the machine is.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

_UNWANTED = (
    "SCALE_API_KEY",
    "SCALE_API_URL",
    "SCALE_CREDENTIALS_FILE",
    "SCALE_PROFILE",
    "SCALE_REQUIRE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.hookimpl(hookwrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, Any, None]:
    """Let ``-n auto`` start half as many workers again as there are processors.

    Many tests wait for the network, and for processes that they have started.
    """
    outcome = yield
    number = outcome.get_result()
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" not in os.environ:
        outcome.force_result(number + (number + 1) // 2)


def pytest_collection_finish() -> None:
    """Exempt what exists before the first test from garbage collection.

    That is over a million objects, and many tests collect garbage.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key can be spent and no proxy met by accident."""
    for name in (*_UNWANTED, *_PROXIES, *map(str.upper, _PROXIES)):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> ScaleClient:
    """A client with an empty test world of its own."""
    return ScaleClient(new_key("test"), api_instance_url=sandbox.url)


@pytest.fixture
def live_client(sandbox: Sandbox) -> ScaleClient:
    """A client with an empty live world of its own."""
    return ScaleClient(new_key("live"), api_instance_url=sandbox.url)


@pytest.fixture
def fault_server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> List[float]:
    """The waits of the client, noted instead of slept through."""
    noted: List[float] = []
    monkeypatch.setattr("time.sleep", noted.append)
    return noted
