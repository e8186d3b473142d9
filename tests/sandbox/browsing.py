"""The browser of the tests of the sandbox's page."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import Any, Iterator

import pytest

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright, which drives the browser, is missing"
)

_BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
needs_browser = pytest.mark.skipif(
    _BROWSER is None, reason="there is no Chromium on this machine"
)
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def running_browser() -> Iterator[Any]:
    """Start a browser, and close it at the end.

    Its driver keeps an event loop in this thread, so it must not outlive a module.
    """
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium
        running = chromium.launch(executable_path=_BROWSER, args=_ARGUMENTS)
        yield running
        running.close()
