"""`ProjectRepository`: the projects of one world."""

from __future__ import annotations

import json
from typing import List, Optional

from scaleapi.sandbox.store.database import dump
from scaleapi.sandbox.store.repository import Document, Repository


class ProjectRepository(Repository):
    """The projects of one world."""

    def get(self, name: str) -> Optional[Document]:
        return self._document(
            "SELECT document FROM projects WHERE world = ? AND name = ?", name
        )

    def by_id(self, project_id: str) -> Optional[Document]:
        return self._document(
            "SELECT document FROM projects WHERE world = ? AND id = ?", project_id
        )

    def id_of(self, name: str) -> str:
        """Return the id by which v2 knows a project."""
        return self.stable_id("project", name)

    def all(self) -> List[Document]:
        """Return all projects, the oldest first."""
        # api-notes: project-order (guess)
        rows = self._connection.execute(
            "SELECT document FROM projects WHERE world = ? ORDER BY seq",
            (self._world,),
        )
        return [json.loads(row["document"]) for row in rows]

    def add(self, document: Document) -> None:
        self._connection.execute(
            "INSERT INTO projects (world, name, id, kind, document)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                self._world,
                document["name"],
                self.id_of(document["name"]),
                document["projectType"],
                dump(document),
            ),
        )

    def save(self, document: Document) -> None:
        self._connection.execute(
            "UPDATE projects SET document = ? WHERE world = ? AND name = ?",
            (dump(document), self._world, document["name"]),
        )
