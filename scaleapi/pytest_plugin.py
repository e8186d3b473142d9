"""pytest plugin with the fixtures `scale_sandbox`, `scale_client`, `scale_live_client`.

pytest imports this module for every project of the environment, so it imports the
client and the sandbox only when a fixture is used.

PYTEST_DONT_REWRITE: the module has no assertions to rewrite, so it may be imported
before pytest starts.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Iterator

import pytest

if TYPE_CHECKING:
    from scaleapi.client import ScaleClient
    from scaleapi.sandbox import Sandbox

#: Variables with the hosts that are reached without a proxy.
_NO_PROXY_VARIABLES = ("no_proxy", "NO_PROXY")

#: Names under which pytest may register this module: that of the entry point, and that
#: of ``-p scaleapi.pytest_plugin`` and ``pytest_plugins``.
_PLUGIN_NAMES = ("scaleapi", __name__)


def pytest_plugin_registered(
    plugin: object, manager: pytest.PytestPluginManager
) -> None:
    """Make pytest ignore this module under its other name.

    Otherwise pytest stops with "Plugin already registered under a different name".
    """
    if plugin is sys.modules[__name__]:
        for name in _PLUGIN_NAMES:
            if manager.get_plugin(name) is not plugin:
                manager.set_blocked(name)


@pytest.fixture(scope="session")
def _scale_sandbox_server() -> Iterator[Sandbox]:
    try:
        from scaleapi.sandbox import Sandbox
    except ImportError as error:
        # The error says what to install.
        pytest.fail(str(error), pytrace=False)
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def scale_sandbox(
    _scale_sandbox_server: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Sandbox:
    """A fresh sandbox of Scale's API.

    One server serves all tests of a session; each test has its own keys, clock, faults
    and request log. Needs the extra ``scaleapi[sandbox]``.
    """
    import os
    import secrets

    # The sandbox cannot be reached through a proxy.
    hosts = next((os.environ[n] for n in _NO_PROXY_VARIABLES if os.environ.get(n)), "")
    if hosts != "*":
        for name in _NO_PROXY_VARIABLES:
            monkeypatch.setenv(name, f"{hosts},127.0.0.1".lstrip(","))
    sandbox = _scale_sandbox_server
    sandbox.start()  # in case an earlier test has stopped it
    sandbox.reset()
    # New keys, so that a thread that is left from another test works on other tasks.
    world = secrets.token_hex(8)
    sandbox.api_key, sandbox.live_api_key = f"test_{world}", f"live_{world}"
    return sandbox


@pytest.fixture
def scale_client(scale_sandbox: Sandbox) -> Iterator[ScaleClient]:
    """A client with the test key of `scale_sandbox`: each task completes at once."""
    with scale_sandbox.client() as client:
        yield client


@pytest.fixture
def scale_live_client(scale_sandbox: Sandbox) -> Iterator[ScaleClient]:
    """A client with the live key of `scale_sandbox`: the test completes the tasks."""
    with scale_sandbox.client(live=True) as client:
        yield client
