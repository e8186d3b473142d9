"""Callbacks: completed tasks and batches are POSTed to whom it concerns."""

from __future__ import annotations

import ipaddress
import json
import logging
import threading
from typing import Any, Dict, Iterable, List, Optional, Set
from urllib.parse import urlsplit

from scaleapi.sandbox.clock import Clock, to_text
from scaleapi.sandbox.services.webhooks import NO_ANSWER, TIMEOUT_S, WebhookRequest
from scaleapi.sandbox.store import Database, Store
from scaleapi.sandbox.store.outbox import (
    Delivery,
    delete,
    delete_all,
    next_delivery,
    next_due,
    postpone,
)
from scaleapi.sandbox.validators import number

logger = logging.getLogger("scaleapi.sandbox")

#: The keys by which receivers recognize the sandbox, one for each mode.
#: api-notes: callbacks
TEST_CALLBACK_KEY = "test_callback_sandbox"
LIVE_CALLBACK_KEY = "live_callback_sandbox"

#: To so many addresses at the same time.
_MAX_CONCURRENT_RECEIVERS = 8
#: To so many of them that have not answered the last time.
_MAX_SLOW_RECEIVERS = 4
_MAX_REMEMBERED_RECEIVERS = 100
_DISCARDED = "it is wanted no more"
_MAX_RETRIES = 20
_GIVE_UP_AFTER_S = 24 * 3600
#: Each pause is so much longer than the one before.
_DELAY_GROWTH = 1.5


class Callbacks:
    """Delivers what is in the outbox: one at a time to an address, in order.

    Args:
        database: Holds the outbox.
        clock: Tells what is due.
        allowed: Names of hosts that may be called besides this machine; ``*``
            allows all.

    Attributes:
        thread: Looks for what is due, until it is all stopped.
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
        #: Address -> what is on its way there.
        self._in_progress: Dict[str, Optional[WebhookRequest]] = {}
        #: Addresses that have not answered in time; the newest of them.
        self._slow: Dict[str, None] = {}
        #: The count of the clock's moves at which nothing was left that was due.
        self._settled = -1
        database.on_new_callback = clock.wake
        self.thread = threading.Thread(
            target=self._run, name="scaleapi-sandbox-callbacks", daemon=True
        )
        self.thread.start()

    def stop(self, timeout: float) -> None:
        """Deliver no more; what is not delivered stays in the outbox.

        Args:
            timeout: Seconds to wait for the thread at most.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._clock.wake()
        self._cut_off()
        self.thread.join(timeout)
        with self._changed:
            self._changed.wait_for(lambda: not self._in_progress, 2 * TIMEOUT_S)

    def forget(self) -> None:
        """Cut off what is on its way, after the outbox was emptied."""
        self._cut_off()
        with self._changed:
            self._refused.clear()
            self._slow.clear()

    def wait(self, timeout: float) -> bool:
        """Wait until nothing that is due is left; return whether that is so."""
        moves = self._clock.moves
        with self._changed:
            self._changed.wait_for(lambda: self.is_settled(moves) is not None, timeout)
            return bool(self.is_settled(moves))

    def is_settled(self, moves: int) -> Optional[bool]:
        """Return whether nothing was left that was due after so many moves.

        Returns:
            True, and None as long as something is left; False if it stays.
        """
        if self._settled >= moves:
            return True
        return False if self._stopping else None

    def _cut_off(self) -> None:
        with self._changed:
            webhooks = list(self._in_progress.values())
        for webhook in webhooks:
            if webhook is not None:
                webhook.cut_off(_DISCARDED)

    def _run(self) -> None:
        while not self._stopping:
            seen = self._clock.moves
            with self._changed:
                busy = list(self._in_progress)
                slow = list(self._slow)
            delivery, due = None, None
            if len(busy) < _MAX_CONCURRENT_RECEIVERS:
                # Those that do not answer must not take all places.
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
        webhook = WebhookRequest(delivery.url, headers, json.dumps(body).encode())
        with self._changed:
            self._in_progress[delivery.url] = webhook
        if self._stopping:
            return
        problem = webhook.send()
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
            parts.port  # noqa: B018  (it is looked at when it is asked for)
        except ValueError as error:
            self._refuse(url, f"{url} is no address: {error}")
            return False
        if "*" in self._allowed or host in self._allowed or _is_loopback(host):
            return True
        self._refuse(
            host,
            f"{host} is not this machine; Sandbox(callbacks_to=[{host!r}]) allows it",
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
        # No status beside them: receivers read that of the task.
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
    """Return the seconds to wait at most, an hour if it is more.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative.
    """
    return min(number("timeout", timeout, 0), 3600)


def _retry_delays_s() -> List[float]:
    """Return when each further try is due, in seconds after the first."""
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
