"""The SQLite file: connections, transactions, worlds."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, List, Optional

#: Contract 6.1: no world is without people; 6.12: an account has one admin.
_OWNER = {
    "email": "owner@example.com",
    "role": "admin",
    "company": "Example",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "isStudioLabeler": False,
    "disableRapidEmails": False,
}
_SCHEMA = Path(__file__).with_name("schema.sql")


def dump(document: Any) -> str:
    """Return a document as it is stored.

    Raises:
        ValueError: It holds a number that JSON does not know.
    """
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


@dataclass(frozen=True)
class World:
    """All that one API key can see."""

    id: int
    live: bool
    account: str


class Database:
    """One SQLite file, with a connection for each thread.

    Args:
        path: Where to keep it; None for a temporary file that is deleted when
            the database is closed. (A shared memory database would answer
            'table is locked' as soon as two threads meet.)

    Raises:
        OSError: The file cannot be written, or is no database.
    """

    def __init__(self, path: Optional[str] = None) -> None:
        self._folder = None if path else tempfile.mkdtemp(prefix="scaleapi-sandbox-")
        self._path = path or str(Path(self._folder or "", "sandbox.db"))
        self._local = threading.local()
        self._connections: List[sqlite3.Connection] = []
        self._lock = threading.Lock()
        try:
            connection = self._connection()
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA.read_text("ascii"))
        except sqlite3.Error as error:
            self.close()
            raise OSError(
                f"cannot keep the sandbox's state in {self._path}: {error}"
            ) from error

    def _connection(self) -> sqlite3.Connection:
        existing: Optional[sqlite3.Connection] = getattr(
            self._local, "connection", None
        )
        if existing is not None:
            return existing
        connection = sqlite3.connect(
            self._path,
            timeout=30,
            isolation_level=None,  # transactions are begun and ended here
            check_same_thread=False,  # each thread has its own; close() ends all
        )
        self._connections.append(connection)
        connection.row_factory = sqlite3.Row
        # A temporary file need not survive the machine; a kept one must survive
        # the process, which NORMAL gives in WAL mode.
        level = "OFF" if self._folder else "NORMAL"
        connection.execute(f"PRAGMA synchronous = {level}")
        self._local.connection = connection
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Show one unchanging state, whatever others write meanwhile."""
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Carry out all that follows, or nothing of it; one writer at a time."""
        connection = self._connection()
        with self._lock:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def world(self, key: str, *, live: bool) -> World:
        """Return the world of a key, which is made when the key is first used."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        select = "SELECT * FROM worlds WHERE key_hash = ?"
        with self.reading() as connection:
            row = connection.execute(select, (digest,)).fetchone()
        if row is None:
            hint = f"{key[:7]}...{key[-2:]}"
            with self.writing() as connection:
                connection.execute(
                    "INSERT OR IGNORE INTO worlds (key_hash, key_hint, mode)"
                    " VALUES (?, ?, ?)",
                    (digest, hint, "live" if live else "test"),
                )
                row = connection.execute(select, (digest,)).fetchone()
                connection.execute(
                    "INSERT OR IGNORE INTO teammates (world, email, document)"
                    " VALUES (?, ?, ?)",
                    (row["id"], _OWNER["email"], dump(_OWNER)),
                )
        return _world(row)

    def world_of(self, task_id: str) -> Optional[World]:
        """Return the world that a task is in."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT worlds.* FROM tasks JOIN worlds ON worlds.id = tasks.world"
                " WHERE task_id = ?",
                (task_id,),
            ).fetchone()
        return None if row is None else _world(row)

    def close(self) -> None:
        """Close all connections; delete the file if it is a temporary one."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _world(row: sqlite3.Row) -> World:
    return World(row["id"], row["mode"] == "live", account=row["key_hash"][:24])
