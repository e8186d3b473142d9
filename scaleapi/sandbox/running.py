"""`Running`: the parts of a sandbox that runs, how they stop, and what a fork does."""

from __future__ import annotations

import os
import warnings
import weakref
from dataclasses import dataclass
from typing import Iterator

from scaleapi.sandbox.routes.control import Controls
from scaleapi.sandbox.server import Server, check_ended
from scaleapi.sandbox.services.callbacks import Callbacks
from scaleapi.sandbox.services.control import Control
from scaleapi.sandbox.store import Database

#: Seconds that each thread may take to stop. Answers and callbacks have five.
_MAX_STOP_S = 20.0


@dataclass(eq=False)
class Running:
    """The parts of a sandbox that exist while it runs.

    Attributes:
        process: Id of the process whose threads these are; a forked child has none.
        origin: Scheme, host and port under which this machine reaches the sandbox.
        database: All data.
        controls: What is controlled, here and over HTTP.
        server: Serves the application, in a thread of its own.
    """

    process: int
    origin: str
    database: Database
    controls: Controls
    server: Server

    @property
    def control(self) -> Control:
        """Changes tasks and batches."""
        return self.controls.control

    @property
    def callbacks(self) -> Callbacks:
        """Delivers callbacks, in a thread of its own."""
        return self.controls.callbacks

    def __post_init__(self) -> None:
        _all_running.add(self)

    def abandon(self) -> None:
        """Have the server's thread stop everything, since nobody can any more."""
        if os.getpid() == self.process:
            self.server.abandon()

    def stop(self) -> None:
        """Stop both threads and close everything.

        In a process that was forked since, nothing happens: the parent owns them.

        Raises:
            RuntimeError: A thread has not ended.
        """
        if os.getpid() != self.process:
            return
        self.callbacks.stop(_MAX_STOP_S)  # first, because clients may wait for them
        try:
            self.server.stop(_MAX_STOP_S)
        finally:
            self.database.close()
        check_ended(self.callbacks.thread, _MAX_STOP_S)

    def descriptors(self) -> Iterator[int]:
        """Return the descriptors that show other processes that the sandbox runs."""
        yield from self.database.held_files
        yield from self.server.descriptors()


def end_abandoned(url: str, callbacks: Callbacks, database: Database) -> None:
    """End what is left of a sandbox to which nothing refers any more.

    Args:
        url: Its address.
        callbacks: Deliver its callbacks.
        database: Holds its data.
    """
    callbacks.stop(_MAX_STOP_S)
    database.close()
    # Not a ResourceWarning, which Python hides: clients may still have the address.
    warnings.warn(
        f"The sandbox at {url}/v1 has stopped, because nothing referred to its Sandbox "
        "any more: keep the Sandbox for as long as its address is used.",
        RuntimeWarning,
        stacklevel=1,
    )


#: All that run, in this process or in the process that it was forked from.
_all_running: "weakref.WeakSet[Running]" = weakref.WeakSet()


def _leave_to_parent() -> None:
    """Close, in a forked child, what would stay open when the parent closes it.

    The numbers stay in use, for the null device, because the objects that have them
    may close them.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for running in list(_all_running):
        for descriptor in running.descriptors():
            if descriptor >= 0:
                os.dup2(null, descriptor, inheritable=False)
    os.close(null)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
