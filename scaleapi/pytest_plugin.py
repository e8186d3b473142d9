"""The fixtures that pytest finds where scaleapi is installed.

pytest imports this module in every project of the environment, so it imports
nothing until a fixture is asked for.

PYTEST_DONT_REWRITE: nothing here is asserted, so the module may be imported before
pytest starts.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Iterator

import pytest

if TYPE_CHECKING:
    from scaleapi.client import ScaleClient
    from scaleapi.sandbox import Sandbox

_NO_PROXY = ("no_proxy", "NO_PROXY")

#: By the entry point; by ``-p scaleapi.pytest_plugin``, and by ``pytest_plugins``.
_NAMES = ("scaleapi", __name__)


def pytest_plugin_registered(
    plugin: object, manager: pytest.PytestPluginManager
) -> None:
    """Let pytest pass over this module where it is named again, by its other name.

    It would end with "Plugin already registered under a different name".
    """
    if plugin is sys.modules[__name__]:
        for name in _NAMES:
            if manager.get_plugin(name) is not plugin:
                manager.set_blocked(name)


@pytest.fixture(scope="session")
def _scale_sandbox_server() -> Iterator[Sandbox]:
    try:
        from scaleapi.sandbox import Sandbox
    except ImportError as error:
        # It says what to install.
        pytest.fail(str(error), pytrace=False)
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def scale_sandbox(
    _scale_sandbox_server: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Sandbox:
    """A sandbox of Scale's API in which nothing has happened yet.

    One server serves all tests of a session; each test has its own keys, clock,
    faults and record of requests. Needs the extra ``scaleapi[sandbox]``.
    """
    import os
    import secrets

    # A proxy of the machine does not know the way to it.
    known = next((os.environ[n] for n in _NO_PROXY if os.environ.get(n)), "")
    if known != "*":
        for name in _NO_PROXY:
            monkeypatch.setenv(name, f"{known},127.0.0.1".lstrip(","))
    sandbox = _scale_sandbox_server
    sandbox.start()  # if a test before has stopped it
    sandbox.reset()
    # A thread that a test has left behind keeps to the keys of that test.
    world = secrets.token_hex(8)
    sandbox.api_key, sandbox.live_api_key = f"test_{world}", f"live_{world}"
    return sandbox


@pytest.fixture
def scale_client(scale_sandbox: Sandbox) -> Iterator[ScaleClient]:
    """A client with the test key of `scale_sandbox`: tasks are completed at once."""
    from scaleapi.client import ScaleClient

    key, url = scale_sandbox.api_key, scale_sandbox.url
    with ScaleClient(key, api_instance_url=url) as client:
        yield client


@pytest.fixture
def scale_live_client(scale_sandbox: Sandbox) -> Iterator[ScaleClient]:
    """A client with the live key of `scale_sandbox`: tasks pend until completed."""
    from scaleapi.client import ScaleClient

    key, url = scale_sandbox.live_api_key, scale_sandbox.url
    with ScaleClient(key, api_instance_url=url) as client:
        yield client
