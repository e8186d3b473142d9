"""Tasks on record, those for evaluation included."""

from __future__ import annotations

import json
from array import array
from dataclasses import replace
from typing import Any, Dict, List, Optional, Tuple

from scaleapi.sandbox.clock import to_timestamp_ms
from scaleapi.sandbox.store.database import Connection, dump
from scaleapi.sandbox.store.filters import (
    Condition,
    TaskFilter,
    placeholders,
    values_of,
)
from scaleapi.sandbox.store.repository import Document, Repository

#: A cursor in the list of tasks: when the task there was made, and its number.
Cursor = Tuple[int, int]

#: Up to so many tasks are looked at one by one; beyond, through the index that
#: covers all filters.
_MAX_SCANNED_TASKS = 20_000
_COVERING = "INDEXED BY tasks_in_order"
#: The narrow indexes of times.
_TIME_INDEXES = {
    "created_at": "tasks_in_order",
    "updated_at": "tasks_by_update",
    "completed_at": "tasks_by_completion",
}
#: Queries with more values than this are not remembered.
_MAX_CACHED_VALUES = 100
#: Stands for the address of results where a document is stored. No document as
#: JSON has this character, since all beyond ASCII is escaped there.
_RESULTS = "\u2302"


class TaskRepository(Repository):
    """The tasks of one world."""

    def __init__(self, connection: Connection, world: int) -> None:
        super().__init__(connection, world)
        self._results = f'"{connection.origin}/results/'

    def get(self, task_id: str) -> Optional[Document]:
        row = self._connection.execute(
            "SELECT document FROM tasks WHERE world = ? AND task_id = ?",
            (self._world, task_id),
        ).fetchone()
        return None if row is None else self._loaded(row["document"])

    def owner_of(self, unique_id: str) -> Optional[str]:
        """Return the id of the task, of any kind, that has this unique id."""
        row = self._connection.execute(
            "SELECT task_id FROM unique_ids WHERE world = ? AND unique_id = ?",
            (self._world, unique_id),
        ).fetchone()
        return None if row is None else str(row["task_id"])

    def claim(self, unique_id: str, task_id: str) -> None:
        self._connection.execute(
            "INSERT INTO unique_ids (world, unique_id, task_id) VALUES (?, ?, ?)",
            (self._world, unique_id, task_id),
        )

    def release(self, unique_id: str) -> None:
        self._connection.execute(
            "DELETE FROM unique_ids WHERE world = ? AND unique_id = ?",
            (self._world, unique_id),
        )

    def add(self, document: Document, *, frees_id: bool = False) -> None:
        """Record a new task.

        Args:
            document: The task.
            frees_id: Its unique id is free again when it fails.
        """
        columns = {
            "world": self._world,
            "task_id": document["task_id"],
            "frees_id": int(frees_id),
            **self._columns(document),
        }
        cursor = self._connection.execute(
            f"INSERT INTO tasks ({', '.join(columns)})"
            f" VALUES ({placeholders(columns)})",
            list(columns.values()),
        )
        self._note_tags(cursor.lastrowid, document)
        self._connection.changed.add(self._world)

    def save(self, document: Document) -> None:
        """Record a task that is known, as it is now."""
        columns = self._columns(document)
        row = self._connection.execute(
            "SELECT seq FROM tasks WHERE world = ? AND task_id = ?",
            (self._world, document["task_id"]),
        ).fetchone()
        assignments = ", ".join(f"{name} = ?" for name in columns)
        self._connection.execute(
            f"UPDATE tasks SET {assignments} WHERE seq = ?",
            (*columns.values(), row["seq"]),
        )
        self._connection.execute("DELETE FROM task_tags WHERE task = ?", (row["seq"],))
        self._note_tags(row["seq"], document)
        self._connection.changed.add(self._world)

    def frees_id(self, task_id: str) -> bool:
        """Return whether a task's unique id is free again when it fails."""
        row = self._connection.execute(
            "SELECT frees_id FROM tasks WHERE world = ? AND task_id = ?",
            (self._world, task_id),
        ).fetchone()
        return bool(row["frees_id"])

    def _note_tags(self, seq: Optional[int], document: Document) -> None:
        self._connection.executemany(
            "INSERT INTO task_tags (world, tag, task) VALUES (?, ?, ?)",
            [(self._world, tag, seq) for tag in document.get("tags", [])],
        )

    def page(
        self, wanted: TaskFilter, *, limit: int, before: Optional[Cursor]
    ) -> Tuple[List[Document], int, Optional[Cursor]]:
        """Return a page of tasks, the newest first.

        Args:
            wanted: Which tasks.
            limit: How many at most.
            before: Where the page before ended; None for the first page.

        Returns:
            The documents, how many match on all pages together, and where this
            page ends if there is another.
        """
        wanted = self._simplified(wanted)
        total = self._total(wanted)
        cursors = self._cursors(wanted, limit + 1, before, total) if total else []
        cursor = None
        if len(cursors) > limit:
            cursors.pop()
            cursor = cursors[-1]
        documents = self._documents([seq for _, seq in cursors])
        return documents, total, cursor

    def count(self, wanted: TaskFilter) -> int:
        """Return how many tasks match."""
        return self._total(self._simplified(wanted))

    def _simplified(self, wanted: TaskFilter) -> TaskFilter:
        """Return a filter without the conditions that all tasks fulfil."""
        everything = self._counted(TaskFilter())
        for part in wanted.parts:
            if self._counted(part) == everything:
                wanted = wanted.without(part)
        return wanted

    def _total(self, wanted: TaskFilter) -> int:
        if wanted.takes_none:
            return 0
        if wanted.is_counted:
            return self._counted(wanted)
        if wanted.only_tags:
            where, values = wanted.tagged(self._world)
            select = f"SELECT COUNT(DISTINCT task) FROM task_tags WHERE {where}"
        else:
            where, values = self._where(wanted)
            through = self._through(wanted)
            times = wanted.times
            if len(times) == 1 and wanted.only_times:
                through = f"INDEXED BY {_TIME_INDEXES[times[0]]}"
            select = f"SELECT COUNT(*) FROM tasks {through} WHERE {where}"
        known = self._remembered(select, values)
        if known is None:
            known = self._count(select, values) if self._counted(wanted) else 0
            self._remember(select, values, known)
        return int(known)

    def _cursors(
        self, wanted: TaskFilter, limit: int, before: Optional[Cursor], total: int
    ) -> List[Cursor]:
        """Return the first cursors after one at which matching tasks stand."""
        where, values = self._where(wanted)
        through = self._through(wanted)
        times = wanted.times
        if len(times) == 1 and total <= _MAX_SCANNED_TASKS and through == _COVERING:
            through = f"INDEXED BY {_TIME_INDEXES[times[0]]}"
        if before is not None:
            where += " AND (created_at, seq) < (?, ?)"
            values += before
        select = (
            f"SELECT created_at, seq FROM tasks {through}"
            f" WHERE {where} ORDER BY created_at DESC, seq DESC LIMIT ?"
        )
        values.append(limit)
        known = self._remembered(select, values)
        if known is None:
            rows = self._connection.execute(select, values)
            # As an array, since very many of them are remembered.
            known = array("q", [number for row in rows for number in row])
            self._remember(select, values, known)
        return list(zip(known[::2], known[1::2]))

    def _where(self, wanted: TaskFilter) -> Condition:
        few = wanted.tags is not None and self._has_few_tagged(wanted)
        return wanted.where(self._world, few_tagged=few)

    def _through(self, wanted: TaskFilter) -> str:
        """Return the index to go through, which the planner would have to guess."""
        if wanted.unique_ids is not None:
            return "INDEXED BY tasks_by_unique_id"
        if wanted.tags is not None and self._has_few_tagged(wanted):
            return "NOT INDEXED"
        rest = wanted.tags is not None or set(wanted.times) - {"created_at"}
        for index, narrow, given in (
            ("tasks_of_batch", TaskFilter(batch=wanted.batch), wanted.batch),
            ("tasks_of_project", TaskFilter(project=wanted.project), wanted.project),
            ("tasks_of_status", TaskFilter(status=wanted.status), wanted.status),
        ):
            if given is None:
                continue
            alone = not rest and len(wanted.parts) == len(values_of(given)) == 1
            if alone or self._counted(narrow) <= _MAX_SCANNED_TASKS:
                return f"INDEXED BY {index}"
        return _COVERING

    def _has_few_tagged(self, wanted: TaskFilter) -> bool:
        where, values = wanted.tagged(self._world)
        number = self._count(
            "SELECT COUNT(*) FROM"
            f" (SELECT 1 FROM task_tags WHERE {where} LIMIT {_MAX_SCANNED_TASKS + 1})",
            values,
        )
        return number <= _MAX_SCANNED_TASKS

    def _counted(self, wanted: TaskFilter) -> int:
        where, values = wanted.counted(self._world)
        return self._count(
            f"SELECT IFNULL(SUM(number), 0) FROM task_counts WHERE {where}", values
        )

    def _remembered(self, where: str, values: List[Any]) -> Optional[Any]:
        if self._world in self._connection.changed:
            return None
        return self._connection.lists.get(self._world, (where, *values))

    def _remember(self, where: str, values: List[Any], answer: Any) -> None:
        # Long lists of ids are asked for once, and found fast.
        if (
            self._world not in self._connection.changed
            and len(values) <= _MAX_CACHED_VALUES
        ):
            lists, age = self._connection.lists, self._connection.age
            lists.put(self._world, (where, *values), age, answer)

    def _documents(self, numbers: List[int]) -> List[Document]:
        rows = self._connection.execute(
            f"SELECT seq, document FROM tasks WHERE seq IN ({placeholders(numbers)})",
            numbers,
        )
        found = {row["seq"]: row["document"] for row in rows}
        return [self._loaded(found[number]) for number in numbers if number in found]

    def pending(
        self, wanted: TaskFilter, after: Cursor, limit: int
    ) -> List[Tuple[Cursor, str]]:
        """Return cursors and ids of pending tasks beyond a cursor, the oldest first."""
        where, values = replace(wanted, status="pending").where(self._world)
        rows = self._connection.execute(
            "SELECT created_at, seq, task_id FROM tasks INDEXED BY tasks_of_status"
            f" WHERE {where} AND (created_at, seq) > (?, ?)"
            " ORDER BY created_at, seq LIMIT ?",
            (*values, *after, limit),
        )
        return [((row[0], row[1]), row["task_id"]) for row in rows]

    def count_by_status(self, batch: str) -> Dict[str, int]:
        """Return status -> number of the tasks of a batch, without zeros."""
        rows = self._connection.execute(
            "SELECT status, SUM(number) AS number FROM task_counts"
            " WHERE world = ? AND batch = ? GROUP BY status HAVING SUM(number) > 0",
            (self._world, batch),
        )
        return {row["status"]: row["number"] for row in rows}

    def add_quality_task(self, document: Document) -> None:
        """Record an evaluation or training task, which no list of tasks contains."""
        # api-notes: evaluation-tasks (guess)
        self._connection.execute(
            "INSERT INTO quality_tasks (id, world, document) VALUES (?, ?, ?)",
            (document["id"], self._world, dump(document)),
        )

    def _loaded(self, text: str) -> Document:
        # The address of the sandbox may be another one than it was.
        return dict(json.loads(text.replace(f'"{_RESULTS}', self._results)))

    def _columns(self, document: Document) -> Dict[str, Any]:
        """Return the columns that follow from a document."""
        completed_at = document.get("completed_at")
        return {
            "type": document["type"],
            "status": document["status"],
            "project": document.get("project"),
            "batch": document.get("batch"),
            "created_at": to_timestamp_ms(document["created_at"], earliest=True),
            "updated_at": to_timestamp_ms(document["updated_at"], earliest=True),
            "completed_at": completed_at
            and to_timestamp_ms(completed_at, earliest=True),
            "review_status": document.get("customer_review_status"),
            "unique_id": document.get("unique_id"),
            "document": dump(document).replace(self._results, f'"{_RESULTS}'),
        }
