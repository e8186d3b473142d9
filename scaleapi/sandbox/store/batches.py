"""`BatchRepository`: the batches of one world."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from scaleapi.sandbox.clock import to_timestamp_ms
from scaleapi.sandbox.store.database import dump
from scaleapi.sandbox.store.filters import Condition, Values, one_of
from scaleapi.sandbox.store.repository import Cursor, Document, Repository


@dataclass(frozen=True)
class BatchFilter:
    """Conditions on batches; None matches all, a list matches any of its values."""

    project: Values = None
    status: Values = None
    created_from: Optional[int] = None
    created_to: Optional[int] = None
    completed_from: Optional[int] = None
    completed_to: Optional[int] = None
    exclude_archived: bool = False


@dataclass(frozen=True)
class StudioBatch:
    """The Studio attributes of a batch, which are not in its document."""

    name: str
    project: str
    priority: Optional[int]
    groups: List[str]


class BatchRepository(Repository):
    """The batches of one world."""

    def get(self, name: str) -> Optional[Document]:
        return self._document(
            "SELECT document FROM batches WHERE world = ? AND name = ?", name
        )

    def by_id(self, batch_id: str) -> Optional[Document]:
        return self._document(
            "SELECT document FROM batches WHERE world = ? AND id = ?", batch_id
        )

    def id_of(self, name: str) -> str:
        """Return the id by which v2 knows a batch."""
        return self.stable_id("batch", name)

    def add(self, document: Document, created_at: int) -> None:
        self._connection.execute(
            "INSERT INTO batches"
            " (world, name, id, project, status, created_at, document)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                self._world,
                document["name"],
                self.id_of(document["name"]),
                document["project"],
                document["status"],
                created_at,
                dump(document),
            ),
        )

    def save(self, document: Document) -> None:
        self._connection.execute(
            "UPDATE batches SET status = ?, completed_at = ?, document = ?"
            " WHERE world = ? AND name = ?",
            (
                document["status"],
                _completed_at(document),
                dump(document),
                self._world,
                document["name"],
            ),
        )

    def archive(self, name: str) -> bool:
        """Archive a batch; return whether it exists."""
        cursor = self._connection.execute(
            "UPDATE batches SET archived = 1 WHERE world = ? AND name = ?",
            (self._world, name),
        )
        return cursor.rowcount > 0

    def in_studio(self) -> List[StudioBatch]:
        """Return the Studio batches in progress, ordered by priority.

        api-notes: studio (guess)
        """
        rows = self._connection.execute(
            "SELECT batches.name, batches.project, priority, groups"
            " FROM batches JOIN projects"
            " ON projects.world = batches.world AND projects.name = batches.project"
            " WHERE batches.world = ? AND kind = 'studio' AND status = 'in_progress'"
            " ORDER BY priority IS NULL, priority, batches.created_at, batches.seq",
            (self._world,),
        )
        return [
            StudioBatch(r["name"], r["project"], r["priority"], json.loads(r["groups"]))
            for r in rows
        ]

    def set_priorities(self, names: Sequence[str]) -> None:
        """Give batches the priorities 1, 2, ... in this order, and all others none."""
        self._connection.execute(
            "UPDATE batches SET priority = NULL WHERE world = ?", (self._world,)
        )
        self._connection.executemany(
            "UPDATE batches SET priority = ? WHERE world = ? AND name = ?",
            [(priority, self._world, name) for priority, name in enumerate(names, 1)],
        )

    def set_groups(self, name: str, groups: Sequence[str]) -> None:
        self._connection.execute(
            "UPDATE batches SET groups = ? WHERE world = ? AND name = ?",
            (dump(groups), self._world, name),
        )

    def page(
        self, filter: BatchFilter, *, limit: int, offset: int
    ) -> Tuple[List[Document], int]:
        """Return a page of batches, the newest first, and how many match."""
        where, values = self._where(filter)
        total = self._count(f"SELECT COUNT(*) FROM batches WHERE {where}", values)
        rows = self._connection.execute(
            f"SELECT document FROM batches WHERE {where}"
            " ORDER BY created_at DESC, seq DESC LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [json.loads(row["document"]) for row in rows], total

    def page_before(
        self, filter: BatchFilter, *, limit: int, before: Optional[Cursor]
    ) -> Tuple[List[Document], Optional[Cursor]]:
        """Return a page of batches, the newest first, as `TaskRepository.page` does.

        Returns:
            The documents, and the cursor at the end of the page if another follows.
        """
        where, values = self._where(filter)
        if before is not None:
            where += " AND (created_at, seq) < (?, ?)"
            values += before
        rows = self._connection.execute(
            f"SELECT created_at, seq, document FROM batches WHERE {where}"
            " ORDER BY created_at DESC, seq DESC LIMIT ?",
            (*values, limit + 1),
        ).fetchall()
        cursor = None
        if len(rows) > limit:
            rows.pop()
            cursor = rows[-1]["created_at"], rows[-1]["seq"]
        return [json.loads(row["document"]) for row in rows], cursor

    def _where(self, filter: BatchFilter) -> Condition:
        terms: Dict[str, Any] = {
            "world = ?": self._world,
            "created_at >= ?": filter.created_from,
            "created_at <= ?": filter.created_to,
            "completed_at >= ?": filter.completed_from,
            "completed_at <= ?": filter.completed_to,
            "archived = ?": 0 if filter.exclude_archived else None,
        }
        present = {term: value for term, value in terms.items() if value is not None}
        conditions, values = list(present), list(present.values())
        for name, texts in (("project", filter.project), ("status", filter.status)):
            if texts is not None:
                condition, more = one_of(name, texts)
                conditions.append(condition)
                values += more
        return " AND ".join(conditions), values


def _completed_at(document: Document) -> Optional[int]:
    moment = document.get("completed_at")
    return None if moment is None else to_timestamp_ms(moment, earliest=True)
