"""Tasks on record, those for evaluation included."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from scaleapi.sandbox.clock import to_moment
from scaleapi.sandbox.store.book import Book, Document
from scaleapi.sandbox.store.database import dump

#: A place in the list of tasks: when the task there was made, and its number.
Place = Tuple[int, int]


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks are wanted; None takes all, a list takes any of its values."""

    project: Optional[str] = None
    batch: Optional[str] = None
    type: Optional[str] = None
    status: Optional[str] = None
    review_statuses: Optional[Sequence[str]] = None
    unique_ids: Optional[Sequence[str]] = None
    tags: Optional[Sequence[str]] = None
    created_from: Optional[int] = None
    created_to: Optional[int] = None
    updated_from: Optional[int] = None
    updated_to: Optional[int] = None
    completed_from: Optional[int] = None
    completed_to: Optional[int] = None

    def where(self, world: int) -> Tuple[str, List[Any]]:
        """Return the condition and its values."""
        terms: Dict[str, Any] = {
            "world = ?": world,
            "project = ?": self.project,
            "batch = ?": self.batch,
            "type = ?": self.type,
            "status = ?": self.status,
            "created_at >= ?": self.created_from,
            "created_at <= ?": self.created_to,
            "updated_at >= ?": self.updated_from,
            "updated_at <= ?": self.updated_to,
            "completed_at >= ?": self.completed_from,
            "completed_at <= ?": self.completed_to,
        }
        conditions = [term for term, value in terms.items() if value is not None]
        values = [value for value in terms.values() if value is not None]
        if self.unique_ids is not None:
            conditions.append(f"unique_id IN ({_marks(self.unique_ids)})")
            values += self.unique_ids
        if self.tags is not None:
            conditions.append(
                "seq IN (SELECT task FROM task_tags WHERE task_tags.world = ?"
                f" AND tag IN ({_marks(self.tags)}))"
            )
            values += [world, *self.tags]
        if self.review_statuses is not None:
            known = f"review_status IN ({_marks(self.review_statuses)})"
            if "pending" in self.review_statuses:
                # Contract 6.6, guess: pending is completed and not yet reviewed.
                known += " OR (review_status IS NULL AND status = 'completed')"
            conditions.append(f"({known})")
            values += self.review_statuses
        return " AND ".join(conditions), values


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


class TaskBook(Book):
    """The tasks of one world."""

    def get(self, task_id: str) -> Optional[Document]:
        return self._document(
            "SELECT document FROM tasks WHERE world = ? AND task_id = ?", task_id
        )

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

    def add(self, document: Document) -> None:
        columns = {
            "world": self._world,
            "task_id": document["task_id"],
            "type": document["type"],
            "project": document.get("project"),
            "batch": document.get("batch"),
            "created_at": to_moment(document["created_at"], earliest=True),
            **_changing_columns(document),
        }
        cursor = self._connection.execute(
            f"INSERT INTO tasks ({', '.join(columns)})"
            f" VALUES ({_marks(list(columns))})",
            list(columns.values()),
        )
        self._note_tags(cursor.lastrowid, document)

    def save(self, document: Document) -> None:
        columns = _changing_columns(document)
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

    def _note_tags(self, seq: Optional[int], document: Document) -> None:
        self._connection.executemany(
            "INSERT INTO task_tags (world, tag, task) VALUES (?, ?, ?)",
            [(self._world, tag, seq) for tag in document.get("tags", [])],
        )

    def page(
        self, wanted: TaskFilter, *, limit: int, before: Optional[Place]
    ) -> Tuple[List[Document], int, Optional[Place]]:
        """Return a page of tasks, the newest first.

        Args:
            wanted: Which tasks.
            limit: How many at most.
            before: Where the page before ended; None for the first page.

        Returns:
            The documents, how many match on all pages together, and where this
            page ends if there is another.
        """
        where, values = wanted.where(self._world)
        total = self._count(f"SELECT COUNT(*) FROM tasks WHERE {where}", values)
        if before is not None:
            where += " AND (created_at, seq) < (?, ?)"
            values = [*values, *before]
        rows = self._connection.execute(
            f"SELECT document, created_at, seq FROM tasks WHERE {where}"
            " ORDER BY created_at DESC, seq DESC LIMIT ?",
            (*values, limit + 1),
        ).fetchall()
        place = None
        if len(rows) > limit:
            rows.pop()
            place = (rows[-1]["created_at"], rows[-1]["seq"])
        return [json.loads(row["document"]) for row in rows], total, place

    def count_by_status(self, batch: str) -> Dict[str, int]:
        """Return status -> number of the tasks of a batch, without zeros."""
        rows = self._connection.execute(
            "SELECT status, COUNT(*) AS number FROM tasks"
            " WHERE world = ? AND batch = ? GROUP BY status",
            (self._world, batch),
        )
        return {row["status"]: row["number"] for row in rows}

    def any_in_batch(self, batch: str, status: Optional[str] = None) -> bool:
        """Return whether a batch has tasks, or tasks of this status."""
        where, values = TaskFilter(batch=batch, status=status).where(self._world)
        found = self._connection.execute(
            f"SELECT 1 FROM tasks WHERE {where} LIMIT 1", values
        )
        return found.fetchone() is not None

    def add_quality_task(self, document: Document) -> None:
        self._connection.execute(
            "INSERT INTO quality_tasks (id, world, document) VALUES (?, ?, ?)",
            (document["id"], self._world, dump(document)),
        )


def _changing_columns(document: Document) -> Dict[str, Any]:
    """Return the columns that follow from what may change in a document."""
    completed_at = document.get("completed_at")
    return {
        "status": document["status"],
        "updated_at": to_moment(document["updated_at"], earliest=True),
        "completed_at": completed_at and to_moment(completed_at, earliest=True),
        "review_status": document.get("customer_review_status"),
        "unique_id": document.get("unique_id"),
        "document": dump(document),
    }
