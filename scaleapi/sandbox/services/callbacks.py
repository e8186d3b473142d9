"""`Callbacks`: which callback is due, in which order, and again if it fails.

`callback_sender` sends each of them.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import threading
from typing import Any, Dict, Iterable, List, Optional, Set
from urllib.parse import urlsplit

from scaleapi.sandbox.argument_checks import number
from scaleapi.sandbox.clock import Clock, to_text
from scaleapi.sandbox.services.callback_sender import (
    NO_ANSWER,
    TIMEOUT_S,
    CallbackRequest,
)
from scaleapi.sandbox.store import Database, Store
from scaleapi.sandbox.store.outbox import (
    Delivery,
    delete,
    delete_all,
    next_delivery,
    next_due,
    postpone,
)

logger = logging.getLogger("scaleapi.sandbox")

#: The keys by which receivers recognize the sandbox, one for each mode.
#: api-notes: callbacks
TEST_CALLBACK_KEY = "test_callback_sandbox"
LIVE_CALLBACK_KEY = "live_callback_sandbox"

#: Maximum number of receivers called concurrently.
_MAX_CONCURRENT_RECEIVERS = 8
#: Maximum number of those that did not answer the previous call in time.
_MAX_SLOW_RECEIVERS = 4
_MAX_REMEMBERED_RECEIVERS = 100
_DISCARDED = "the callback was discarded"
_MAX_RETRIES = 20
_GIVE_UP_AFTER_S = 24 * 3600
#: Ratio of each pause between two attempts to the pause before it.
_DELAY_GROWTH = 1.5


class Callbacks:
    """Delivers the callbacks in the outbox: one at a time to a URL, in order.

    Args:
        database: Holds the outbox.
        clock: Decides which callbacks are due.
        allowed: Names of hosts that may be called besides this machine; ``*``
            allows every host.

    Attributes:
        thread: Starts the deliveries that are due, until `stop` is called.
    """

    def __init__(
        self, database: Database, clock: Clock, allowed: Iterable[str] = ()
    ) -> None:
        self._database = database
        self._clock = clock
        self._allowed = {host.lower() for host in allowed}
        self._refused: Set[str] = set()
        self._stopping = False
        self._changed = threading.Condition()
        #: URL -> the request that is being sent to it, None before it is made.
        self._in_progress: Dict[str, Optional[CallbackRequest]] = {}
        #: The newest URLs that did not answer in time.
        self._slow: Dict[str, None] = {}
        #: `Clock.moves` when last no delivery was due.
        self._settled = -1
        database.on_new_callback = clock.wake
        self.thread = threading.Thread(
            target=self._run, name="scaleapi-sandbox-callbacks", daemon=True
        )
        self.thread.start()

    def stop(self, timeout: float) -> None:
        """Stop delivering; undelivered callbacks stay in the outbox.

        Args:
            timeout: Maximum number of seconds to wait for the thread.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._clock.wake()
        self._abort_all()
        self.thread.join(timeout)
        with self._changed:
            self._changed.wait_for(lambda: not self._in_progress, 2 * TIMEOUT_S)

    def forget(self) -> None:
        """Abort the requests in progress, after the outbox was emptied."""
        self._abort_all()
        with self._changed:
            self._refused.clear()
            self._slow.clear()

    def wait(self, timeout: float) -> bool:
        """Wait until no delivery is due; return whether that was reached in time."""
        moves = self._clock.moves
        with self._changed:
            self._changed.wait_for(lambda: self.is_settled(moves) is not None, timeout)
            return bool(self.is_settled(moves))

    def is_settled(self, moves: int) -> Optional[bool]:
        """Return whether no delivery has been due since a given number of clock moves.

        Returns:
            True if none is due; None while one is; False if deliveries have stopped.
        """
        if self._settled >= moves:
            return True
        return False if self._stopping else None

    def _abort_all(self) -> None:
        with self._changed:
            requests = list(self._in_progress.values())
        for request in requests:
            if request is not None:
                request.abort(_DISCARDED)

    def _run(self) -> None:
        while not self._stopping:
            seen = self._clock.moves
            with self._changed:
                busy = list(self._in_progress)
                slow = list(self._slow)
            delivery, due = None, None
            if len(busy) < _MAX_CONCURRENT_RECEIVERS:
                # Receivers that do not answer must not occupy every slot.
                full = len(set(busy) & set(slow)) >= _MAX_SLOW_RECEIVERS
                left_out = {*busy, *slow} if full else set(busy)
                with self._database.reading() as connection:
                    delivery = next_delivery(connection, self._clock.now(), left_out)
                    due = next_due(connection, left_out)
            if delivery is not None:
                with self._changed:
                    self._in_progress[delivery.url] = None
                threading.Thread(
                    target=self._deliver_in_thread, args=(delivery,), daemon=True
                ).start()
                continue
            if not busy:
                with self._changed:
                    self._settled = seen
                    self._changed.notify_all()
            self._clock.wait_until(due, seen)

    def _deliver_in_thread(self, delivery: Delivery) -> None:
        try:
            self._deliver(delivery)
        except Exception as error:
            logger.error("a callback failed", exc_info=error)
            self._settle(delivery, delivered=False)
        finally:
            with self._changed:
                del self._in_progress[delivery.url]
                self._changed.notify_all()
            self._clock.wake()

    def _deliver(self, delivery: Delivery) -> None:
        if not self._may_call(delivery.url):
            with self._database.writing() as connection:
                delete_all(connection, delivery.url)
            return
        body = self._body(delivery)
        if body is None:
            with self._database.writing() as connection:
                delete(connection, delivery)
            return
        key = LIVE_CALLBACK_KEY if delivery.world.live else TEST_CALLBACK_KEY
        headers = {"Content-Type": "application/json", "scale-callback-auth": key}
        request = CallbackRequest(delivery.url, headers, json.dumps(body).encode())
        with self._changed:
            self._in_progress[delivery.url] = request
        if self._stopping:
            return
        problem = request.send()
        if problem == _DISCARDED:
            return
        with self._changed:
            self._slow.pop(delivery.url, None)
            if problem == NO_ANSWER:
                self._slow[delivery.url] = None
                if len(self._slow) > _MAX_REMEMBERED_RECEIVERS:
                    del self._slow[next(iter(self._slow))]
        if problem is not None:
            logger.warning(
                "callback to %s failed, try %d of %d: %s",
                delivery.url,
                delivery.attempts + 1,
                _MAX_RETRIES + 1,
                problem,
            )
        self._settle(delivery, delivered=problem is None)

    def _may_call(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            parts.port  # noqa: B018  (reading the property checks the port)
        except ValueError as error:
            self._refuse(url, f"{url} is not a valid URL: {error}")
            return False
        if "*" in self._allowed or host in self._allowed or _is_loopback(host):
            return True
        self._refuse(
            host,
            f"{host} is not this machine; --callbacks-to {host} or "
            f"Sandbox(callbacks_to=[{host!r}]) allows it",
        )
        return False

    def _refuse(self, what: str, why: str) -> None:
        if what not in self._refused:
            self._refused.add(what)
            logger.warning("callbacks to %s are not sent: %s", what, why)

    def _body(self, delivery: Delivery) -> Optional[Dict[str, Any]]:
        with self._database.reading() as connection:
            store = Store(connection, delivery.world)
            if delivery.kind == "batch":
                batch = store.batches.get(delivery.subject)
                return None if batch is None else {"batch": batch}
            task = store.tasks.get(delivery.subject)
        if task is None:
            return None
        # No `status` on this level: receivers read the status of the task.
        first = ("task_id", "response")
        return {**{name: task[name] for name in first if name in task}, "task": task}

    def _settle(self, delivery: Delivery, *, delivered: bool) -> None:
        with self._database.writing() as connection:
            if not delivered and delivery.attempts < _MAX_RETRIES:
                pause = _RETRY_DELAYS_S[delivery.attempts] * 1000
                postpone(connection, delivery, delivery.created_at + round(pause))
                return
            delete(connection, delivery)
            store = Store(connection, delivery.world)
            task = None
            if delivery.kind == "task":
                task = store.tasks.get(delivery.subject)
            if task is not None:
                task["callback_succeeded"] = delivered
                task["callback_succeeded_at"] = to_text(self._clock.now())
                store.tasks.save(task)


def longest_wait(timeout: float) -> float:
    """Return a timeout in seconds, limited to one hour.

    Raises:
        TypeError: `timeout` is not a number.
        ValueError: `timeout` is negative.
    """
    return min(number("timeout", timeout, 0), 3600)


def _retry_delays_s() -> List[float]:
    """Return when each retry is due, in seconds after the first attempt."""
    steps = [_DELAY_GROWTH**number for number in range(_MAX_RETRIES)]
    return [
        _GIVE_UP_AFTER_S * sum(steps[: number + 1]) / sum(steps)
        for number in range(_MAX_RETRIES)
    ]


_RETRY_DELAYS_S = _retry_delays_s()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
