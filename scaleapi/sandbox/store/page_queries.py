"""`Queries`: the queries of the HTML page, across all worlds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from scaleapi.sandbox.store import Database, World
from scaleapi.sandbox.store.filters import placeholders
from scaleapi.sandbox.store.repository import Document

#: Status -> number of tasks, without zeros.
Progress = Dict[str, int]

#: Maximum numbers of project names and pending callbacks that are shown.
_MAX_PROJECTS = 200
_MAX_PENDING_CALLBACKS = 20


@dataclass(frozen=True)
class WorldSummary:
    """A world with the numbers that the page shows."""

    world: World
    hint: str
    projects: int
    batches: int


@dataclass(frozen=True)
class PendingCallback:
    """A callback that is not delivered yet; times are in milliseconds since 1970."""

    attempts: int
    created_at: int
    due_at: int


class Queries:
    """The queries of the page, each in its own transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def worlds(self, *, limit: int, offset: int) -> Tuple[List[WorldSummary], int]:
        """Return a page of worlds, the newest first, and how many there are."""
        total = int(self._rows("SELECT COUNT(*) FROM worlds")[0][0])
        return self._worlds("ORDER BY id DESC LIMIT ? OFFSET ?", limit, offset), total

    def world(self, world_id: int) -> Optional[WorldSummary]:
        """Return the world with this id, or None."""
        return next(iter(self._worlds("WHERE id = ?", world_id)), None)

    def _worlds(self, rest: str, *values: Any) -> List[WorldSummary]:
        rows = self._rows(
            "SELECT id, key_hint, key_hash, mode,"
            " (SELECT COUNT(*) FROM projects WHERE world = worlds.id) AS projects,"
            " (SELECT COUNT(*) FROM batches WHERE world = worlds.id) AS batches"
            f" FROM worlds {rest}",
            *values,
        )
        return [
            WorldSummary(
                World(row["id"], row["mode"] == "live", row["key_hash"][:24]),
                row["key_hint"],
                row["projects"],
                row["batches"],
            )
            for row in rows
        ]

    def projects(self, world: World, *, limit: int, offset: int) -> List[Document]:
        """Return a page of projects, the newest first."""
        rows = self._rows(
            "SELECT document FROM projects WHERE world = ?"
            " ORDER BY seq DESC LIMIT ? OFFSET ?",
            world.id,
            limit,
            offset,
        )
        return [json.loads(row["document"]) for row in rows]

    def project_names(self, world: World) -> List[str]:
        """Return the names of the newest projects, sorted."""
        rows = self._rows(
            "SELECT name FROM projects WHERE world = ? ORDER BY seq DESC LIMIT ?",
            world.id,
            _MAX_PROJECTS,
        )
        return sorted(row["name"] for row in rows)

    def batch_counts(self, world: World, projects: Sequence[str]) -> Dict[str, int]:
        """Return project -> number of its batches, without zeros."""
        rows = self._rows(
            "SELECT project, COUNT(*) AS number FROM batches"
            f" WHERE world = ? AND project IN ({placeholders(projects)})"
            " GROUP BY project",
            world.id,
            *projects,
        )
        return {row["project"]: row["number"] for row in rows}

    def progress_of_worlds(self, worlds: Sequence[World]) -> Dict[int, Progress]:
        """Return world id -> number of its tasks by status."""
        return {
            world.id: self._progress(world, "world", [world.id]).get(world.id, {})
            for world in worlds
        }

    def progress_of_projects(
        self, world: World, names: Sequence[str]
    ) -> Dict[str, Progress]:
        """Return project -> number of its tasks by status."""
        return self._progress(world, "project", names)

    def progress_of_batches(
        self, world: World, names: Sequence[str]
    ) -> Dict[str, Progress]:
        """Return batch -> number of its tasks by status."""
        return self._progress(world, "batch", names)

    def pending_callbacks(self, world: World, task_id: str) -> List[PendingCallback]:
        """Return the callbacks of a task that are still to be delivered."""
        rows = self._rows(
            "SELECT tries, noted_at, due_at FROM callbacks"
            " WHERE world = ? AND kind = 'task' AND subject = ? ORDER BY seq LIMIT ?",
            world.id,
            task_id,
            _MAX_PENDING_CALLBACKS,
        )
        return [
            PendingCallback(row["tries"], row["noted_at"], row["due_at"])
            for row in rows
        ]

    def _progress(
        self, world: World, column: str, values: Sequence[Any]
    ) -> Dict[Any, Progress]:
        counts: Dict[Any, Progress] = {}
        for row in self._rows(
            f"SELECT {column} AS value, status, SUM(number) AS number FROM task_counts"
            f" WHERE world = ? AND {column} IN ({placeholders(values)})"
            f" GROUP BY {column}, status HAVING SUM(number) > 0",
            world.id,
            *values,
        ):
            counts.setdefault(row["value"], {})[row["status"]] = row["number"]
        return counts

    def _rows(self, select: str, *values: Any) -> List[Any]:
        with self._database.reading() as connection:
            return connection.execute(select, values).fetchall()
