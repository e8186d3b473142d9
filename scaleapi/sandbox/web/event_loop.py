"""The event loop of a sandbox, whose time no test stops."""

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
    """The usual loop, on a clock that goes on when libraries freeze the time.

    Otherwise no pause of the server would end: it would not see that it is to stop.
    """

    def time(self) -> float:
        return monotonic()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in this thread until it is done, and end what it has begun."""
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
