"""`PeopleRepository`: teammates, their assignments and groups."""

from __future__ import annotations

import json
from typing import Dict, List, Optional

from scaleapi.sandbox.store.database import dump
from scaleapi.sandbox.store.repository import Document, Repository


class PeopleRepository(Repository):
    """The people of one world."""

    def all(self) -> List[Document]:
        """Return all teammates, in the order of their invitations."""
        rows = self._connection.execute(
            "SELECT document FROM teammates WHERE world = ? ORDER BY seq",
            (self._world,),
        )
        return [json.loads(row["document"]) for row in rows]

    def get(self, email: str) -> Optional[Document]:
        return self._document(
            "SELECT document FROM teammates WHERE world = ? AND email = ?", email
        )

    def save(self, document: Document) -> None:
        """Record a new or changed teammate."""
        self._connection.execute(
            "INSERT INTO teammates (world, email, document) VALUES (?, ?, ?)"
            " ON CONFLICT (world, email) DO UPDATE SET document = excluded.document",
            (self._world, document["email"], dump(document)),
        )

    def assignments(self) -> Dict[str, List[str]]:
        """Return e-mail address -> projects, for every teammate."""
        projects: Dict[str, List[str]] = {mate["email"]: [] for mate in self.all()}
        rows = self._connection.execute(
            "SELECT email, project FROM assignments WHERE world = ? ORDER BY seq",
            (self._world,),
        )
        for row in rows:
            projects[row["email"]].append(row["project"])
        return projects

    def is_assigned(self, email: str, project: str) -> bool:
        rows = self._connection.execute(
            "SELECT 1 FROM assignments WHERE world = ? AND email = ? AND project = ?",
            (self._world, email, project),
        )
        return rows.fetchone() is not None

    def assign(self, email: str, project: str) -> None:
        self._connection.execute(
            "INSERT OR IGNORE INTO assignments (world, email, project)"
            " VALUES (?, ?, ?)",
            (self._world, email, project),
        )

    def unassign(self, email: str, project: str) -> None:
        """Remove a teammate from a project and its groups."""
        self._connection.execute(
            "DELETE FROM assignments WHERE world = ? AND email = ? AND project = ?",
            (self._world, email, project),
        )
        self._connection.execute(
            "DELETE FROM group_members WHERE group_id IN"
            " (SELECT id FROM project_groups WHERE world = ? AND project = ?)"
            " AND email = ?",
            (self._world, project, email),
        )

    def groups(self, project: str) -> List[Document]:
        """Return the groups of a project, the oldest first, with their members."""
        rows = self._connection.execute(
            "SELECT id, name FROM project_groups WHERE world = ? AND project = ?"
            " ORDER BY rowid",
            (self._world, project),
        ).fetchall()
        return [self._group(row["id"], row["name"]) for row in rows]

    def group(self, project: str, name: str) -> Optional[Document]:
        row = self._connection.execute(
            "SELECT id, name FROM project_groups"
            " WHERE world = ? AND project = ? AND name = ?",
            (self._world, project, name),
        ).fetchone()
        return None if row is None else self._group(row["id"], row["name"])

    def add_group(self, group_id: str, project: str, name: str) -> None:
        self._connection.execute(
            "INSERT INTO project_groups (id, world, project, name) VALUES (?, ?, ?, ?)",
            (group_id, self._world, project, name),
        )

    def join(self, group_id: str, emails: List[str]) -> None:
        self._connection.executemany(
            "INSERT OR IGNORE INTO group_members (group_id, email) VALUES (?, ?)",
            [(group_id, email) for email in emails],
        )

    def leave(self, group_id: str, emails: List[str]) -> None:
        self._connection.executemany(
            "DELETE FROM group_members WHERE group_id = ? AND email = ?",
            [(group_id, email) for email in emails],
        )

    def _group(self, group_id: str, name: str) -> Document:
        rows = self._connection.execute(
            "SELECT email FROM group_members WHERE group_id = ? ORDER BY seq",
            (group_id,),
        )
        emails = [row["email"] for row in rows]
        return {
            "id": group_id,
            "name": name,
            "numWorkers": len(emails),
            "isSingleton": False,
            "workers": [
                {"id": self.stable_id("teammate", email), "email": email}
                for email in emails
            ],
        }
