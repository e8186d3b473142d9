"""Callbacks: completed tasks and batches are POSTed to whom it concerns."""

from __future__ import annotations

import http.client
import ipaddress
import json
import logging
import socket
import threading
from contextlib import suppress
from typing import Any, Dict, Iterable, List, Optional, Set
from urllib.parse import urlsplit

from scaleapi.sandbox.clock import Clock, to_text
from scaleapi.sandbox.store import Books, Database
from scaleapi.sandbox.store.outbox import (
    Delivery,
    next_delivery,
    next_due,
    postpone,
    strike_out,
    strike_out_all,
)

logger = logging.getLogger("scaleapi.sandbox")

#: The keys by which receivers know the sandbox; one a mode (contract 6.14).
TEST_CALLBACK_KEY = "test_callback_sandbox"
LIVE_CALLBACK_KEY = "live_callback_sandbox"

#: Seconds that a receiver may take.
_TIMEOUT = 5.0
_FURTHER_TRIES = 20
_GIVEN_UP_AFTER = 24 * 3600
#: Each pause is so much longer than the one before.
_GROWTH = 1.5


class Callbacks:
    """Delivers what is in the outbox, in a thread of its own.

    Args:
        database: Holds the outbox.
        clock: Tells what is due.
        allowed: Names of hosts that may be called besides this machine; ``*``
            allows all.
    """

    def __init__(
        self, database: Database, clock: Clock, allowed: Iterable[str] = ()
    ) -> None:
        self._database = database
        self._clock = clock
        self._allowed = {host.lower() for host in allowed}
        self._refused: Set[str] = set()
        self._stopping = False
        self._connection: Optional[http.client.HTTPConnection] = None
        self._idle = threading.Condition()
        #: The count of the clock's moves at which nothing was left that was due.
        self._settled = -1
        database.when_noted = clock.wake
        self._thread = threading.Thread(
            target=self._run, name="scaleapi-sandbox-callbacks", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is not delivered stays in the outbox."""
        self._stopping = True
        self._clock.wake()
        connection = self._connection
        if connection is not None and connection.sock is not None:
            _shut(connection)
        self._thread.join()

    def wait(self, timeout: float) -> bool:
        """Wait until nothing that is due is left; return whether that is so."""
        moves = self._clock.moves
        with self._idle:
            return self._idle.wait_for(
                lambda: self._settled >= moves, min(timeout, 3600)
            )

    def _run(self) -> None:
        while not self._stopping:
            seen = self._clock.moves
            with self._database.reading() as connection:
                delivery = next_delivery(connection, self._clock.now())
                due = next_due(connection)
            if delivery is None:
                with self._idle:
                    self._settled = seen
                    self._idle.notify_all()
                self._clock.wait_until(due, seen)
                continue
            try:
                self._deliver(delivery)
            except Exception as error:
                if not self._stopping:
                    logger.error("a callback failed", exc_info=error)
                    self._settle(delivery, delivered=False)

    def _deliver(self, delivery: Delivery) -> None:
        if not self._may_call(delivery.url):
            with self._database.writing() as connection:
                strike_out_all(connection, delivery.url)
            return
        body = self._body(delivery)
        if body is None:
            with self._database.writing() as connection:
                strike_out(connection, delivery)
            return
        delivered = self._post(delivery, json.dumps(body).encode())
        if not self._stopping or delivered:
            self._settle(delivery, delivered=delivered)

    def _may_call(self, url: str) -> bool:
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return False
        if "*" in self._allowed or host in self._allowed or _is_loopback(host):
            return True
        if host not in self._refused:
            self._refused.add(host)
            logger.warning(
                "callbacks to %s are not sent, since it is not this machine; "
                "Sandbox(callbacks_to=[%r]) allows it",
                host,
                host,
            )
        return False

    def _body(self, delivery: Delivery) -> Optional[Dict[str, Any]]:
        with self._database.reading() as connection:
            books = Books(connection, delivery.world)
            if delivery.kind == "batch":
                batch = books.batches.get(delivery.subject)
                return None if batch is None else {"batch": batch}
            task = books.tasks.get(delivery.subject)
        if task is None:
            return None
        first = ("task_id", "status", "response")
        return {**{name: task[name] for name in first if name in task}, "task": task}

    def _post(self, delivery: Delivery, body: bytes) -> bool:
        """Deliver; return whether the receiver took it."""
        parts = urlsplit(delivery.url)
        kind = (
            http.client.HTTPSConnection
            if parts.scheme.lower() == "https"
            else http.client.HTTPConnection
        )
        key = LIVE_CALLBACK_KEY if delivery.world.live else TEST_CALLBACK_KEY
        headers = {"Content-Type": "application/json", "scale-callback-auth": key}
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
            self._connection = connection
            try:
                connection.request("POST", target, body, headers)
                return 200 <= connection.getresponse().status < 300
            finally:
                self._connection = None
                connection.close()
        except (OSError, ValueError, http.client.HTTPException):
            return False

    def _settle(self, delivery: Delivery, *, delivered: bool) -> None:
        with self._database.writing() as connection:
            if not delivered and delivery.tries < _FURTHER_TRIES:
                pause = _PAUSES[delivery.tries] * 1000
                postpone(connection, delivery, delivery.noted_at + round(pause))
                return
            strike_out(connection, delivery)
            books = Books(connection, delivery.world)
            task = None
            if delivery.kind == "task":
                task = books.tasks.get(delivery.subject)
            if task is not None:
                task["callback_succeeded"] = delivered
                task["callback_succeeded_at"] = to_text(self._clock.now())
                books.tasks.save(task)


def _pauses() -> List[float]:
    """Return when each further try is due, in seconds after the first."""
    steps = [_GROWTH**number for number in range(_FURTHER_TRIES)]
    return [
        _GIVEN_UP_AFTER * sum(steps[: number + 1]) / sum(steps)
        for number in range(_FURTHER_TRIES)
    ]


_PAUSES = _pauses()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shut(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError):  # it may have ended by itself
        connection.sock.shutdown(socket.SHUT_RDWR)
