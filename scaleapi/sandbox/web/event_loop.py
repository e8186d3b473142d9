"""An event loop that goes on while tests freeze the time."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Coroutine

from scaleapi._monotonic import monotonic

if sys.platform == "win32":
    _UsualLoop = asyncio.ProactorEventLoop
else:
    _UsualLoop = asyncio.SelectorEventLoop


class _Loop(_UsualLoop):
    """The usual loop, on a clock that libraries such as freezegun do not freeze.

    With a frozen clock no wait of the server would end, so it could not be stopped.
    """

    def time(self) -> float:
        return monotonic()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in this thread, then cancel the tasks that it has left."""
    loop = _Loop()
    try:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(main)
    finally:
        try:
            _cancel_all(loop)
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks))
