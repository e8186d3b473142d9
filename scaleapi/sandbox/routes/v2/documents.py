"""The documents of v2, made of those of the store.

An id stands for a project, batch or delivery, or with ``expand`` the whole of it.
"""

from __future__ import annotations

from typing import Any, Collection, Dict, List, Optional

from scaleapi.sandbox.labeler import threads_of
from scaleapi.sandbox.labeler.conversation_details import selected
from scaleapi.sandbox.store import Store
from scaleapi.sandbox.store.repository import Document

#: api-notes: v2-projects
_USUAL_TYPES = ["RLHF: Pref Ranking"]
_USUAL_MODELS = ["model_a", "model_b"]
_USUAL_ERROR = "The task cannot be done as it is asked for."


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
        self._expanded: Dict[str, Any] = {}

    def project(self, project: Document) -> Document:
        history = project["param_history"]
        newest = history[-1] if history else {}
        return {
            "id": self._store.projects.id_of(project["name"]),
            "name": project["name"],
            "created_at": project["created_at"],
            "types": _texts(newest.get("types")) or _USUAL_TYPES,
            "models": _texts(newest.get("models")) or _USUAL_MODELS,
        }

    def batch(self, batch: Document) -> Document:
        document = {
            "id": self._store.batches.id_of(batch["name"]),
            "name": batch["name"],
            "project": self._project_of(batch["project"]),
            "created_at": batch["created_at"],
            "status": batch["status"],
            "callback": batch["callback"],
            "metadata": batch["metadata"],
        }
        return _with(document, batch, "completed_at")

    def task(self, task: Document) -> Document:
        document = {
            "task_id": task["task_id"],
            "project": self._project_of(task["project"]),
            "status": task["status"],
            "created_at": task["created_at"],
            "metadata": task["metadata"],
        }
        if "batch" in task:
            document["batch"] = self._batch_of(task["batch"])
        if task["status"] == "error":
            document["errors"] = _errors(task.get("response"))
        if "sensitive_content_reports" not in task:
            is_done = task["status"] == "completed"
            # api-notes: v2-conversations
            threads = threads_of(task) if is_done else []
            document["threads"] = selected(threads, self._opts)
        return _with(document, task, "completed_at", "sensitive_content_reports")

    def delivery(self, delivery: Document) -> Document:
        return {**delivery, "project": self._project_of(delivery["project"])}

    def _project_of(self, name: str) -> Any:
        projects = self._store.projects
        if "project" not in self._expand:
            return projects.id_of(name)
        if f"project {name}" not in self._expanded:
            project = projects.get(name)
            self._expanded[f"project {name}"] = project and self.project(project)
        # A test may have given a task a project that does not exist.
        return self._expanded[f"project {name}"] or projects.id_of(name)

    def _batch_of(self, name: str) -> Any:
        batches = self._store.batches
        if "batch" not in self._expand:
            return batches.id_of(name)
        if f"batch {name}" not in self._expanded:
            batch = batches.get(name)
            self._expanded[f"batch {name}"] = batch and self.batch(batch)
        return self._expanded[f"batch {name}"] or batches.id_of(name)


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


def _with(document: Document, source: Document, *names: str) -> Document:
    return {**document, **{name: source[name] for name in names if name in source}}


def _texts(value: Any) -> List[str]:
    elements = value if isinstance(value, list) else []
    return [each for each in elements if isinstance(each, str)]


def _errors(response: Any) -> List[Any]:
    """Return why a task could not be done.

    api-notes: v2-conversations
    """
    given = response if isinstance(response, dict) else {}
    if isinstance(given.get("errors"), list):
        return list(given["errors"])
    text = given.get("error")
    message = text if isinstance(text, str) else _USUAL_ERROR
    return [{"type": "PROMPT_INFEASIBLE", "message": message}]
