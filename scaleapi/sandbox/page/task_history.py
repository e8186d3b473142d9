"""History of a task: the events that follow from its document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Sequence

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.store.page_queries import PendingCallback

_MAX_AUDITS = 50


@dataclass(frozen=True)
class Event:
    """Something that happened to a task.

    Attributes:
        at: The time as the API writes it; empty if it is unknown.
        what: A short description.
        tone: ``good``, ``bad`` or empty.
        detail: A comment or further information.
    """

    at: str
    what: str
    tone: str = ""
    detail: str = ""


def history_of(
    task: Dict[str, Any], pending_callbacks: Sequence[PendingCallback] = ()
) -> List[Event]:
    """Return the known events of a task, oldest first.

    Args:
        task: The document of the task.
        pending_callbacks: The callbacks of the task that are not delivered yet.
    """
    events = [Event(str(task["created_at"]), "Created")]
    changed = str(task["updated_at"])
    if "completed_at" in task:
        earlier = task.get("prior_responses")
        again = bool(isinstance(earlier, list) and earlier)
        what = "Completed, after it was redone" if again else "Completed"
        events.append(Event(str(task["completed_at"]), what, "good"))
    if task["status"] == "canceled":
        events.append(Event(changed, "Canceled", "bad"))
    if task["status"] == "error":
        events.append(Event(changed, "Failed", "bad"))
    audits = task.get("audits")
    for audit in (audits if isinstance(audits, list) else [])[-_MAX_AUDITS:]:
        if isinstance(audit, dict):
            events.append(_audit(audit))
    if "callback_succeeded" in task:
        events.append(_callback(task))
    events += [_not_yet(callback) for callback in pending_callbacks]
    events.sort(key=lambda event: event.at)
    if changed > events[-1].at:
        events.append(Event(changed, "Last changed"))
    return events


def _audit(audit: Dict[str, Any]) -> Event:
    result = str(audit.get("audit_result", "audited"))
    who = audit.get("audited_by")
    return Event(
        str(audit.get("audited_at", "")),
        result.capitalize() + (f" by {who}" if who else ""),
        {"accepted": "good", "rejected": "bad"}.get(result, ""),
        str(audit.get("comments") or ""),
    )


def _not_yet(callback: PendingCallback) -> Event:
    at, next_attempt = to_text(callback.created_at), to_text(callback.due_at)
    if not callback.attempts:
        return Event(at, "Callback on its way")
    tried = "once" if callback.attempts == 1 else f"{callback.attempts} times"
    return Event(
        at, f"Callback tried {tried} in vain", "bad", f"Next try at {next_attempt}"
    )


def _callback(task: Dict[str, Any]) -> Event:
    arrived = task["callback_succeeded"] is True
    return Event(
        str(task.get("callback_succeeded_at", task["updated_at"])),
        "Callback delivered" if arrived else "Callback given up",
        "good" if arrived else "bad",
        str(task.get("callback_url", "")),
    )
