"""The SQLite file: connections, transactions, worlds."""

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
from scaleapi.sandbox.store.folder import TemporaryFolder, remove_left_folders

#: The people of a new world: an account has exactly one admin.
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
#: Raised with every change of the schema that files kept before do not have.
_VERSION = 6
_MAX_CONNECTIONS = 8


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


class Connection(sqlite3.Connection):
    """A connection, and what the repositories need to know beyond it.

    Attributes:
        origin: Scheme, host and port under which results are served now.
        lists: Answers found before.
        age: Of the transaction, as `lists` counts it.
        changed: The worlds of which this transaction has changed tasks.
        has_new_callbacks: Whether this transaction has has_new_callbacks a callback.
    """

    origin: str
    lists: ListCache
    age: int
    changed: Set[int]
    has_new_callbacks: bool


class Database:
    """One SQLite file, through a bounded number of connections.

    Args:
        path: Where to keep it; None for a temporary file that is deleted when
            the database is closed, or the program ends. (A shared memory
            database would answer 'table is locked' as soon as two threads
            meet.)
        origin: Scheme, host and port under which results are served, as `str`
            makes it of this for each transaction.

    Raises:
        OSError: The file cannot be written, is no database, or is in use.
    """

    def __init__(self, path: Optional[str] = None, origin: object = "") -> None:
        remove_left_folders()
        self._folder = None if path else TemporaryFolder()
        self._path = path or (self._folder.database if self._folder else "")
        self._origin = origin
        self._lists = ListCache()
        #: How often everything was forgotten.
        self.resets = 0
        #: Called whenever callbacks have been has_new_callbacks.
        self.on_new_callback: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._worlds: Dict[str, World] = {}
        self._pool = _Pool(self._connect, _MAX_CONNECTIONS)
        # Also when the program ends without a word.
        self._process = os.getpid()
        self._end = weakref.finalize(
            self, _discard, self._pool, self._folder, self._process
        )
        try:
            if path:
                self._pool.keep(_lock(os.path.realpath(path) + "-lock"))
            _make(self._path)
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
            connection.close()  # what it has opened is no database
            raise
        return connection

    def _prepare(self, connection: Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if version == _VERSION:
            return
        if version or tables:
            raise OSError(
                "it is of another version of the sandbox, or of another program; "
                "take another file"
            )
        connection.executescript(
            f"BEGIN IMMEDIATE; {read_text('scaleapi.sandbox.store', 'schema.sql')}"
            f" PRAGMA user_version = {_VERSION}; COMMIT"
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Show one unchanging state, whatever others write meanwhile."""
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
        """Carry out all that follows, or nothing of it; one writer at a time."""
        # The lock comes first, lest waiting writers keep all connections.
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
        # A forked child ends what the threads of its parent were at, and must not
        # touch the memory that SQLite shares between processes.
        if os.getpid() == self._process:
            connection.execute("ROLLBACK")

    def world(self, key: str, *, live: bool) -> World:
        """Return the world of a key, which is made when the key is first used."""
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
        """Return all worlds there are."""
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
        """Forget all that was ever recorded."""
        with self.writing() as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_master"
                " WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            for table in tables:
                connection.execute(f"DELETE FROM {table['name']}")
            self._worlds.clear()
            self.resets += 1  # last, so that who sees it finds no old world
            self._lists.clear()
        self._lists.clear()

    def close(self) -> None:
        """Close all connections; delete the file if it is a temporary one.

        In a process that was forked since, nothing happens.
        """
        self._end()

    @property
    def held_files(self) -> List[int]:
        """Descriptors of what is held open so that others see that it is in use."""
        return [self._folder.lock] if self._folder and self._end.alive else []


class _Pool:
    """Connections that are lent for one transaction each."""

    def __init__(self, connect: Callable[[], Connection], size: int) -> None:
        self._connect = connect
        self._permits = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._free: List[Connection] = []
        self._kept: List[sqlite3.Connection] = []
        self._closed = False

    def keep(self, connection: sqlite3.Connection) -> None:
        """Close a connection, too, when the pool is closed."""
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
                    # One that could not end its transaction is of no more use.
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
    """Hold a lock until the connection is closed, or the process is gone.

    Two sandboxes on one file would not know what the other forgets.

    Raises:
        OSError: Somebody else holds it.
    """
    _make(path)
    connection = sqlite3.connect(
        path, timeout=0, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        connection.close()
        raise OSError("another sandbox is using it") from None
    return connection


def _make(path: str) -> None:
    """Make a file if there is none, since SQLite's connection to what cannot be
    opened cannot be closed either.

    One that is there is not opened: closing it would end all locks of this process.

    Raises:
        OSError: It cannot be written.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        if os.path.isdir(path) or not os.access(path, os.W_OK):
            raise OSError("it cannot be written") from None


def _keep_private(path: str) -> None:
    """Let only its owner read a database, and what SQLite keeps beside it.

    SQLite gives the files that it makes later the mode of the database.
    """
    for end in ("", "-wal", "-shm", "-lock", "-lock-journal"):
        with suppress(OSError):  # it is not there, or it is another user's
            os.chmod(path + end, 0o600)


def _discard(pool: _Pool, folder: Optional[TemporaryFolder], process: int) -> None:
    if os.getpid() != process:
        return  # it is the parent's
    pool.close()
    if folder:
        folder.remove()


def _world(row: sqlite3.Row) -> World:
    return World(row["id"], row["mode"] == "live", account=row["key_hash"][:24])


def _hint(key: str) -> str:
    """Return the first and last characters of a key, never most of it."""
    if len(key) >= 16:
        return f"{key[:7]}...{key[-2:]}"
    if key.startswith(("test_", "live_")):
        return f"{key[:5]}...{key[-1] if len(key) >= 10 else ''}"
    return "...|test"
