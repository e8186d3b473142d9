"""`DeliveryRepository`: the deliveries of one world."""

from __future__ import annotations

import json
from typing import List, Optional

from scaleapi.sandbox.store.database import dump
from scaleapi.sandbox.store.repository import Document, Repository


class DeliveryRepository(Repository):
    """The deliveries of one world; each has completed tasks of one project."""

    def id_of(self, project: str, name: str) -> str:
        return self.stable_id("delivery", json.dumps([project, name]))

    def get(self, delivery_id: str) -> Optional[Document]:
        return self._document(
            "SELECT document FROM deliveries WHERE world = ? AND id = ?", delivery_id
        )

    def named(self, project: str, name: str) -> Optional[Document]:
        return self.get(self.id_of(project, name))

    def of_project(
        self, project: str, earliest: Optional[int], latest: Optional[int]
    ) -> List[Document]:
        """Return the deliveries of a project, the newest first.

        Args:
            project: Name of the project.
            earliest: The lower bound of the time of delivery, if there is one.
            latest: The upper bound.
        """
        rows = self._connection.execute(
            "SELECT document FROM deliveries WHERE world = ? AND project = ?"
            " AND delivered_at >= ? AND delivered_at <= ? ORDER BY seq DESC",
            (
                self._world,
                project,
                0 if earliest is None else earliest,
                1 << 62 if latest is None else latest,
            ),
        )
        return [json.loads(row["document"]) for row in rows]

    def add(self, document: Document, delivered_at: int) -> None:
        self._connection.execute(
            "INSERT INTO deliveries (world, id, name, project, delivered_at, document)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                self._world,
                document["id"],
                document["name"],
                document["project"],
                delivered_at,
                dump(document),
            ),
        )
