"""`Database`: the SQLite file with its connections, transactions and worlds."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import weakref
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, Optional, Set

from scaleapi.sandbox.package_data import read_text
from scaleapi.sandbox.store.cache import ListCache
from scaleapi.sandbox.store.temporary_folders import (
    TemporaryFolder,
    remove_left_folders,
)
from scaleapi.sandbox.web.auth import PUBLISHED_KEYS

#: The only teammate of a new world: an account has exactly one admin.
#: api-notes: teammates
_OWNER = {
    "email": "owner@example.com",
    "role": "admin",
    "company": "Example",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "isStudioLabeler": False,
    "disableRapidEmails": False,
}
#: Version of the schema, raised whenever older files no longer fit.
_VERSION = 7
_MAX_CONNECTIONS = 8


def dump(document: Any) -> str:
    """Return a document as it is stored.

    Raises:
        ValueError: `document` contains NaN or an infinite number.
    """
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


@dataclass(frozen=True)
class World:
    """Everything that belongs to one API key."""

    id: int
    live: bool
    account: str


class Connection(sqlite3.Connection):
    """A connection with further state that the repositories need.

    Attributes:
        origin: Base URL under which results are served in this transaction.
        lists: The cache of query results.
        age: The age of the transaction, as `lists` counts it.
        changed: The worlds whose tasks this transaction has changed.
        has_new_callbacks: Whether this transaction has added a callback.
    """

    origin: str
    lists: ListCache
    age: int
    changed: Set[int]
    has_new_callbacks: bool


class Database:
    """One SQLite file, through a bounded number of connections.

    Args:
        path: Path of the file; None for a temporary file that is deleted when the
            database is closed or the program ends. (A shared memory database
            would raise 'table is locked' as soon as two threads use it.)
        origin: ``str(origin)`` is the base URL under which results are served;
            it is read at the start of each transaction.

    Raises:
        OSError: The file at `path` cannot be written, is not a database, or is in use.
    """

    def __init__(self, path: Optional[str] = None, origin: object = "") -> None:
        remove_left_folders()
        self._folder = None if path else TemporaryFolder()
        self._path = path or (self._folder.database if self._folder else "")
        self._origin = origin
        self._lists = ListCache()
        #: Number of calls of `reset`.
        self.resets = 0
        #: Called after each transaction that has added a callback.
        self.on_new_callback: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._worlds: Dict[str, World] = {}
        self._pool = _Pool(self._connect, _MAX_CONNECTIONS)
        # Also runs at interpreter exit.
        self._process = os.getpid()
        self._finalizer = weakref.finalize(
            self, _discard, self._pool, self._folder, self._process
        )
        try:
            if path:
                self._pool.keep(_lock(os.path.realpath(path) + "-lock"))
            _create_file(self._path)
            with self._pool.lend() as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                self._prepare(connection)
                if path:
                    _keep_private(os.path.realpath(path))
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise OSError(
                f"cannot keep the sandbox's state in {self._path}: {error}"
            ) from error

    def _connect(self) -> Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=30,
            isolation_level=None,  # transactions are begun and ended here
            check_same_thread=False,  # the pool lends each to one at a time
            factory=Connection,
        )
        connection.row_factory = sqlite3.Row
        connection.lists = self._lists
        # A temporary file need not survive the machine; a kept one must survive
        # the process, which NORMAL gives in WAL mode.
        level = "OFF" if self._folder else "NORMAL"
        try:
            connection.execute(f"PRAGMA synchronous = {level}")
            connection.execute("PRAGMA cache_size = -4000")
        except sqlite3.Error:
            connection.close()  # the file is not a database
            raise
        return connection

    def _prepare(self, connection: Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if version == _VERSION:
            return
        if version or tables:
            raise OSError(
                "the file is from another version of the sandbox or from another "
                "program; choose another file"
            )
        connection.executescript(
            f"BEGIN IMMEDIATE; {read_text('scaleapi.sandbox.store', 'schema.sql')}"
            f" PRAGMA user_version = {_VERSION}; COMMIT"
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read from one snapshot, whatever others write meanwhile."""
        with self._pool.lend() as connection:
            connection.age, connection.changed = self._lists.age(), set()
            connection.origin = str(self._origin)
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                self._roll_back(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run one writing transaction, which commits completely or not at all."""
        # Take the lock before a connection, or blocked writers would exhaust the pool.
        with self._lock, self._pool.lend() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.age = self._lists.age()
            connection.changed, connection.has_new_callbacks = set(), False
            connection.origin = str(self._origin)
            try:
                yield connection
            except BaseException:
                self._roll_back(connection)
                raise
            connection.execute("COMMIT")
            if connection.changed:
                self._lists.forget(connection.changed)
            if connection.has_new_callbacks:
                self.on_new_callback()

    def _roll_back(self, connection: Connection) -> None:
        # A forked child leaves the blocks that threads of its parent had entered, but
        # must not touch the memory that SQLite shares between processes.
        # With a full disk SQLite has ended the transaction already.
        if os.getpid() == self._process and connection.in_transaction:
            connection.execute("ROLLBACK")

    def world(self, key: str, *, live: bool) -> World:
        """Return the world of a key; create it when the key is first used."""
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        known = self._worlds.get(digest)
        if known is not None:
            return known
        with self.writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO worlds (key_hash, key_hint, mode)"
                " VALUES (?, ?, ?)",
                (digest, _hint(key), "live" if live else "test"),
            )
            row = connection.execute(
                "SELECT * FROM worlds WHERE key_hash = ?", (digest,)
            ).fetchone()
            connection.execute(
                "INSERT OR IGNORE INTO teammates (world, email, document)"
                " VALUES (?, ?, ?)",
                (row["id"], _OWNER["email"], dump(_OWNER)),
            )
            known = self._worlds[digest] = _world(row)
        return known

    def worlds(self) -> List[World]:
        """Return all worlds."""
        with self.reading() as connection:
            rows = connection.execute("SELECT * FROM worlds ORDER BY id").fetchall()
        return [_world(row) for row in rows]

    def world_of(self, task_id: str) -> Optional[World]:
        """Return the world that a task is in."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT worlds.* FROM tasks JOIN worlds ON worlds.id = tasks.world"
                " WHERE task_id = ?",
                (task_id,),
            ).fetchone()
        return None if row is None else _world(row)

    def reset(self) -> None:
        """Delete all records."""
        with self.writing() as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_master"
                " WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            for table in tables:
                connection.execute(f"DELETE FROM {table['name']}")
            self._worlds.clear()
            self.resets += 1  # last, so that readers of the counter find no old world
            self._lists.clear()
        self._lists.clear()

    def close(self) -> None:
        """Close all connections; delete the file if it is a temporary one.

        In a process that was forked since, this does nothing.
        """
        self._finalizer()

    @property
    def held_files(self) -> List[int]:
        """Descriptors of the lock files that show other processes what is in use."""
        return [self._folder.lock] if self._folder and self._finalizer.alive else []


class _Pool:
    """A pool of connections, each lent for one transaction at a time."""

    def __init__(self, connect: Callable[[], Connection], size: int) -> None:
        self._connect = connect
        self._permits = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._free: List[Connection] = []
        self._kept: List[sqlite3.Connection] = []
        self._closed = False

    def keep(self, connection: sqlite3.Connection) -> None:
        """Close this connection, too, when the pool is closed."""
        self._kept.append(connection)

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        with self._permits:
            with self._lock:
                connection = self._free.pop() if self._free else None
            if connection is None:
                connection = self._connect()
            try:
                yield connection
            finally:
                with self._lock:
                    # A connection that could not end its transaction is not reused.
                    good = not self._closed and not connection.in_transaction
                    if good:
                        self._free.append(connection)
                if not good:
                    connection.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            connections, self._free = self._free, []
        for connection in (*connections, *self._kept):
            connection.close()


def _lock(path: str) -> sqlite3.Connection:
    """Hold a lock until the connection is closed or the process ends.

    Two sandboxes on one file would not invalidate each other's caches.

    Raises:
        OSError: Another sandbox holds the lock of `path`.
    """
    _create_file(path)
    connection = sqlite3.connect(
        path, timeout=0, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        connection.close()
        raise OSError("another sandbox is using it") from None
    return connection


def _create_file(path: str) -> None:
    """Create a file unless it exists.

    SQLite cannot close a connection to a file that it could not open. An existing
    file is not opened here: closing it would release all locks of this process.

    Raises:
        OSError: The file at `path` cannot be written.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        if os.path.isdir(path) or not os.access(path, os.W_OK):
            raise OSError("the file cannot be written") from None


def _keep_private(path: str) -> None:
    """Let only the owner read a database and the files that SQLite keeps beside it.

    SQLite gives the files that it makes later the mode of the database.
    """
    for end in ("", "-wal", "-shm", "-lock", "-lock-journal"):
        with suppress(OSError):  # the file does not exist, or belongs to another user
            os.chmod(path + end, 0o600)


def _discard(pool: _Pool, folder: Optional[TemporaryFolder], process: int) -> None:
    if os.getpid() != process:
        return  # the database belongs to the parent process
    pool.close()
    if folder:
        folder.remove()


def _world(row: sqlite3.Row) -> World:
    return World(row["id"], row["mode"] == "live", account=row["key_hash"][:24])


def _hint(key: str) -> str:
    """Return the first and last characters of a key, never most of it.

    A published key is no secret and is returned whole.
    """
    if key in PUBLISHED_KEYS:
        return key
    if len(key) >= 16:
        return f"{key[:7]}...{key[-2:]}"
    if key.startswith(("test_", "live_")):
        return f"{key[:5]}...{key[-1] if len(key) >= 10 else ''}"
    return "...|test"
