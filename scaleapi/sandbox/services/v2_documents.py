"""The documents of v2, made of those of v1, which are what is stored."""

from __future__ import annotations

from typing import Any, Collection, List

from scaleapi.sandbox.labeler import threads_of
from scaleapi.sandbox.labeler.conversation_details import selected
from scaleapi.sandbox.store.repository import Document

#: api-notes: v2-projects
_USUAL_TYPES = ["RLHF: Pref Ranking"]
_USUAL_MODELS = ["model_a", "model_b"]
_USUAL_ERROR = "The task cannot be done as it is asked for."


def project_of(project: Document, project_id: str) -> Document:
    """Return a project as v2 shows it."""
    history = project["param_history"]
    newest = history[-1] if history else {}
    return {
        "id": project_id,
        "name": project["name"],
        "created_at": project["created_at"],
        "types": _texts(newest.get("types")) or _USUAL_TYPES,
        "models": _texts(newest.get("models")) or _USUAL_MODELS,
    }


def batch_of(batch: Document, batch_id: str, project: Any) -> Document:
    """Return a batch as v2 shows it.

    Args:
        batch: The batch in v1.
        batch_id: Its id.
        project: The id of its project, or the project.
    """
    document = {
        "id": batch_id,
        "name": batch["name"],
        "project": project,
        "created_at": batch["created_at"],
        "status": batch["status"],
        "callback": batch["callback"],
        "metadata": batch["metadata"],
    }
    return _with(document, batch, "completed_at")


def task_of(
    task: Document, project: Any, batch: Any, opts: Collection[str]
) -> Document:
    """Return a chat task as v2 shows it.

    api-notes: v2-conversations

    Args:
        task: The task in v1.
        project: The id of its project, or the project.
        batch: The id of its batch, or the batch; None if it has none.
        opts: What its conversation contains, besides what it always does.
    """
    document = {
        "task_id": task["task_id"],
        "project": project,
        "status": task["status"],
        "created_at": task["created_at"],
        "metadata": task["metadata"],
    }
    if batch is not None:
        document["batch"] = batch
    if task["status"] == "error":
        document["errors"] = _errors(task.get("response"))
    if "sensitive_content_reports" not in task:
        threads = threads_of(task) if task["status"] == "completed" else []
        document["threads"] = selected(threads, opts)
    return _with(document, task, "completed_at", "sensitive_content_reports")


def _with(document: Document, source: Document, *names: str) -> Document:
    return {**document, **{name: source[name] for name in names if name in source}}


def _texts(value: Any) -> List[str]:
    elements = value if isinstance(value, list) else []
    return [each for each in elements if isinstance(each, str)]


def _errors(response: Any) -> List[Any]:
    """Return why a task could not be done."""
    given = response if isinstance(response, dict) else {}
    if isinstance(given.get("errors"), list):
        return list(given["errors"])
    text = given.get("error")
    message = text if isinstance(text, str) else _USUAL_ERROR
    return [{"type": "PROMPT_INFEASIBLE", "message": message}]
