"""`TaskRepository`: the tasks of one world, including evaluation tasks."""

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
from scaleapi.sandbox.store.repository import Cursor, Document, Repository

#: Up to this many tasks are read one by one; for more, the index that covers all
#: filters is used.
_MAX_SCANNED_TASKS = 20_000
_COVERING = "INDEXED BY tasks_in_order"
#: Column of a time -> its narrow index.
_TIME_INDEXES = {
    "created_at": "tasks_in_order",
    "updated_at": "tasks_by_update",
    "completed_at": "tasks_by_completion",
}
#: Results of queries with more values than this are not cached.
_MAX_CACHED_VALUES = 100
#: Stands for the URL of results in stored documents. JSON documents do not contain
#: this character, because they escape everything beyond ASCII.
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
        """Return the id of the task of any type that has this unique id."""
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
            frees_id: Whether its unique id becomes free when it fails.
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
        """Record the new state of a task."""
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
        """Return whether a task's unique id becomes free when it fails."""
        row = self._connection.execute(
            "SELECT frees_id FROM tasks WHERE world = ? AND task_id = ?",
            (self._world, task_id),
        ).fetchone()
        return bool(row["frees_id"])

    def delivery_of(self, task_id: str) -> Optional[str]:
        """Return the id of the delivery that a task is part of."""
        row = self._connection.execute(
            "SELECT delivery FROM tasks WHERE world = ? AND task_id = ?",
            (self._world, task_id),
        ).fetchone()
        return None if row is None else row["delivery"]

    def deliver(self, delivery: str, filter: TaskFilter) -> int:
        """Make the tasks that pass a filter, and are in no delivery, part of one.

        Returns:
            The number of tasks.
        """
        where, values = filter.where(self._world)
        cursor = self._connection.execute(
            f"UPDATE tasks SET delivery = ? WHERE {where} AND delivery IS NULL",
            (delivery, *values),
        )
        self._connection.changed.add(self._world)
        return cursor.rowcount

    def _note_tags(self, seq: Optional[int], document: Document) -> None:
        self._connection.executemany(
            "INSERT INTO task_tags (world, tag, task) VALUES (?, ?, ?)",
            [(self._world, tag, seq) for tag in document.get("tags", [])],
        )

    def page(
        self, filter: TaskFilter, *, limit: int, before: Optional[Cursor]
    ) -> Tuple[List[Document], int, Optional[Cursor]]:
        """Return a page of tasks, the newest first.

        Args:
            filter: The conditions on the tasks.
            limit: The maximum number of tasks on the page.
            before: The cursor at the end of the previous page; None for the first.

        Returns:
            The documents, the number of matches on all pages, and the cursor at the end
            of this page if another page follows.
        """
        filter = self._simplified(filter)
        total = self._total(filter)
        cursors = self._cursors(filter, limit + 1, before, total) if total else []
        cursor = None
        if len(cursors) > limit:
            cursors.pop()
            cursor = cursors[-1]
        documents = self._documents([seq for _, seq in cursors])
        return documents, total, cursor

    def count(self, filter: TaskFilter) -> int:
        """Return the number of matching tasks."""
        return self._total(self._simplified(filter))

    def _simplified(self, filter: TaskFilter) -> TaskFilter:
        """Return a filter without the conditions that all tasks fulfill."""
        everything = self._counted(TaskFilter())
        for part in filter.parts:
            if self._counted(part) == everything:
                filter = filter.without(part)
        return filter

    def _total(self, filter: TaskFilter) -> int:
        if filter.matches_none:
            return 0
        if filter.is_counted:
            return self._counted(filter)
        if filter.only_tags:
            where, values = filter.tagged(self._world)
            select = f"SELECT COUNT(DISTINCT task) FROM task_tags WHERE {where}"
        else:
            where, values = self._where(filter)
            index_clause = self._index_for(filter)
            times = filter.times
            if len(times) == 1 and filter.only_times:
                index_clause = f"INDEXED BY {_TIME_INDEXES[times[0]]}"
            select = f"SELECT COUNT(*) FROM tasks {index_clause} WHERE {where}"
        cached = self._cached(select, values)
        if cached is None:
            cached = self._count(select, values) if self._counted(filter) else 0
            self._cache(select, values, cached)
        return int(cached)

    def _cursors(
        self, filter: TaskFilter, limit: int, before: Optional[Cursor], total: int
    ) -> List[Cursor]:
        """Return the cursors of the first matching tasks after a cursor."""
        where, values = self._where(filter)
        index_clause = self._index_for(filter)
        times = filter.times
        if (
            len(times) == 1
            and total <= _MAX_SCANNED_TASKS
            and index_clause == _COVERING
        ):
            index_clause = f"INDEXED BY {_TIME_INDEXES[times[0]]}"
        if before is not None:
            where += " AND (created_at, seq) < (?, ?)"
            values += before
        select = (
            f"SELECT created_at, seq FROM tasks {index_clause}"
            f" WHERE {where} ORDER BY created_at DESC, seq DESC LIMIT ?"
        )
        values.append(limit)
        cached = self._cached(select, values)
        if cached is None:
            rows = self._connection.execute(select, values)
            # As an array, because very many of them are cached.
            cached = array("q", [number for row in rows for number in row])
            self._cache(select, values, cached)
        return list(zip(cached[::2], cached[1::2]))

    def _where(self, filter: TaskFilter) -> Condition:
        few = filter.tags is not None and self._has_few_tagged(filter)
        return filter.where(self._world, few_tagged=few)

    def _index_for(self, filter: TaskFilter) -> str:
        """Return the index to use; SQLite's planner would have to guess."""
        if filter.unique_ids is not None:
            return "INDEXED BY tasks_by_unique_id"
        if filter.delivery is not None:
            return "INDEXED BY tasks_of_delivery"
        if filter.tags is not None and self._has_few_tagged(filter):
            return "NOT INDEXED"
        rest = filter.tags is not None or set(filter.times) - {"created_at"}
        for index, narrow, values in (
            ("tasks_of_batch", TaskFilter(batch=filter.batch), filter.batch),
            ("tasks_of_project", TaskFilter(project=filter.project), filter.project),
            ("tasks_of_status", TaskFilter(status=filter.status), filter.status),
        ):
            if values is None:
                continue
            alone = not rest and len(filter.parts) == len(values_of(values)) == 1
            if alone or self._counted(narrow) <= _MAX_SCANNED_TASKS:
                return f"INDEXED BY {index}"
        return _COVERING

    def _has_few_tagged(self, filter: TaskFilter) -> bool:
        where, values = filter.tagged(self._world)
        number = self._count(
            "SELECT COUNT(*) FROM"
            f" (SELECT 1 FROM task_tags WHERE {where} LIMIT {_MAX_SCANNED_TASKS + 1})",
            values,
        )
        return number <= _MAX_SCANNED_TASKS

    def _counted(self, filter: TaskFilter) -> int:
        where, values = filter.counted(self._world)
        return self._count(
            f"SELECT IFNULL(SUM(number), 0) FROM task_counts WHERE {where}", values
        )

    def _cached(self, where: str, values: List[Any]) -> Optional[Any]:
        if self._world in self._connection.changed:
            return None
        return self._connection.lists.get(self._world, (where, *values))

    def _cache(self, where: str, values: List[Any], answer: Any) -> None:
        # Queries with long lists of ids are fast, and rarely repeated.
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
        documents = {row["seq"]: row["document"] for row in rows}
        return [
            self._loaded(documents[number]) for number in numbers if number in documents
        ]

    def pending(
        self, filter: TaskFilter, after: Cursor, limit: int
    ) -> List[Tuple[Cursor, str]]:
        """Return cursors and ids of pending tasks after a cursor, oldest first."""
        where, values = replace(filter, status="pending").where(self._world)
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
        # The URL of the sandbox may have changed since the document was stored.
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
