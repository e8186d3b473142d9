"""The documents of an answer of v2.

An id stands for a project, batch or delivery, or with ``expand`` the whole of it.
"""

from __future__ import annotations

from typing import Any, Collection, Dict, Optional

from scaleapi.sandbox.services import v2_documents
from scaleapi.sandbox.store import Store
from scaleapi.sandbox.store.repository import Document


class Documents:
    """Makes the documents of one answer.

    Args:
        store: The store of the caller's world.
        expand: What is shown in whole: ``project``, ``batch``, ``delivery``.
        opts: What tasks contain, besides what they always do.
    """

    def __init__(
        self,
        store: Store,
        expand: Collection[str] = (),
        opts: Collection[str] = (),
    ) -> None:
        self._store = store
        self._expand = expand
        self._opts = opts
        self._projects: Dict[str, Any] = {}
        self._batches: Dict[str, Any] = {}

    def project(self, project: Document) -> Document:
        project_id = self._store.projects.id_of(project["name"])
        return v2_documents.project_of(project, project_id)

    def batch(self, batch: Document) -> Document:
        return v2_documents.batch_of(
            batch,
            self._store.batches.id_of(batch["name"]),
            self._project_of(batch["project"]),
        )

    def task(self, task: Document) -> Document:
        batch = self._batch_of(task["batch"]) if "batch" in task else None
        project = self._project_of(task["project"])
        return v2_documents.task_of(task, project, batch, self._opts)

    def delivery(self, delivery: Document) -> Document:
        return {**delivery, "project": self._project_of(delivery["project"])}

    def _project_of(self, name: str) -> Any:
        """Return the id of a project, or the project, which many tasks share."""
        if name not in self._projects:
            expand = "project" in self._expand
            found = self._store.projects.get(name) if expand else None
            # A test may have given a task a project that does not exist.
            self._projects[name] = (
                self._store.projects.id_of(name)
                if found is None
                else self.project(found)
            )
        return self._projects[name]

    def _batch_of(self, name: str) -> Any:
        """Return the id of a batch, or the batch, which many tasks share."""
        if name not in self._batches:
            expand = "batch" in self._expand
            found = self._store.batches.get(name) if expand else None
            self._batches[name] = (
                self._store.batches.id_of(name) if found is None else self.batch(found)
            )
        return self._batches[name]


def with_token(page: Document, token: Optional[str]) -> Document:
    """Return a page with the token of the next one, which is absent on the last."""
    return page if token is None else {**page, "next_token": token}


def merged(old: Any, new: Any) -> Any:
    """Return metadata merged deeply: objects key by key, other values replaced.

    api-notes: v2-metadata
    """
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}
