"""The outbox: callbacks that have not been delivered yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Collection, Optional

from scaleapi.sandbox.store.database import Connection, World
from scaleapi.sandbox.store.filters import placeholders
from scaleapi.sandbox.store.repository import Document, Repository


@dataclass(frozen=True)
class Delivery:
    """A callback to deliver.

    Attributes:
        seq: The number of the callback.
        world: The world of the task or batch.
        kind: ``task`` or ``batch``.
        subject: The id of the task, or the name of the batch.
        url: The URL of the receiver.
        created_at: The time of the change that is reported.
        attempts: The number of failed attempts.
    """

    seq: int
    world: World
    kind: str
    subject: str
    url: str
    created_at: int
    attempts: int


class OutboxRepository(Repository):
    """Adds callbacks of one world to the outbox."""

    def add_task(self, task: Document, moment: int) -> None:
        """Add a callback that reports the current state of a task."""
        self._add("task", task["task_id"], task.get("callback_url"), moment)

    def add_batch(self, batch: Document, moment: int) -> None:
        """Add a callback that reports the completion of a batch."""
        self._add("batch", batch["name"], batch["callback"], moment)

    def _add(self, kind: str, subject: str, url: Any, moment: int) -> None:
        # `url` can also be an e-mail address, to which nothing is sent.
        if isinstance(url, str) and url.lower().startswith(("http://", "https://")):
            self._connection.execute(
                "INSERT INTO callbacks (world, kind, subject, url, noted_at, due_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (self._world, kind, subject, url, moment, moment),
            )
            _find_next(self._connection, url)
            self._connection.has_new_callbacks = True


def next_delivery(
    connection: Connection, moment: int, busy: Collection[str]
) -> Optional[Delivery]:
    """Return the delivery that has been due for longest, if one is due.

    Args:
        connection: The connection to read from.
        moment: The current time.
        busy: URLs to which a callback is being delivered.
    """
    row = connection.execute(
        "SELECT callbacks.*, mode, key_hash FROM callbacks"
        " JOIN worlds ON worlds.id = callbacks.world"
        f" WHERE is_next AND due_at <= ? AND url NOT IN ({placeholders(busy)})"
        " ORDER BY due_at, seq LIMIT 1",
        (moment, *busy),
    ).fetchone()
    if row is None:
        return None
    return Delivery(
        row["seq"],
        World(row["world"], row["mode"] == "live", row["key_hash"][:24]),
        row["kind"],
        row["subject"],
        row["url"],
        row["noted_at"],
        row["tries"],
    )


def next_due(connection: Connection, busy: Collection[str]) -> Optional[int]:
    """Return when the next delivery is due, apart from those to busy URLs."""
    row = connection.execute(
        "SELECT due_at AS due FROM callbacks JOIN worlds ON worlds.id = callbacks.world"
        f" WHERE is_next AND url NOT IN ({placeholders(busy)})"
        " ORDER BY due_at, seq LIMIT 1",
        tuple(busy),
    ).fetchone()
    return None if row is None else int(row["due"])


def postpone(connection: Connection, delivery: Delivery, due_at: int) -> None:
    """Count a failed attempt and schedule the next one."""
    connection.execute(
        "UPDATE callbacks SET tries = tries + 1, due_at = ?"
        " WHERE seq = ? AND world = ?",
        (due_at, delivery.seq, delivery.world.id),
    )
    _find_next(connection, delivery.url)


def delete(connection: Connection, delivery: Delivery) -> None:
    """Delete a delivery that succeeded or was given up."""
    # After a reset another callback may have this number.
    connection.execute(
        "DELETE FROM callbacks WHERE seq = ? AND world = ?",
        (delivery.seq, delivery.world.id),
    )
    _find_next(connection, delivery.url)


def delete_all(connection: Connection, url: str) -> None:
    """Delete all deliveries to a URL that must not be called."""
    connection.execute("DELETE FROM callbacks WHERE url = ?", (url,))


def _find_next(connection: Connection, url: str) -> None:
    """Mark the next delivery to a URL.

    The mark makes it possible to find it without reading those that wait behind it.
    """
    connection.execute(
        "UPDATE callbacks INDEXED BY callbacks_next_to SET is_next = 0"
        " WHERE url = ? AND is_next",
        (url,),
    )
    connection.execute(
        "UPDATE callbacks SET is_next = 1 WHERE seq ="
        " (SELECT seq FROM callbacks WHERE url = ? ORDER BY due_at, seq LIMIT 1)",
        (url,),
    )
