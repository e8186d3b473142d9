"""The control API of a test: completes, fails and changes tasks, archives batches."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Dict, Iterable, Iterator, Mapping, Optional, Tuple

from scaleapi.sandbox.clock import Clock, to_text, to_timestamp_ms
from scaleapi.sandbox.labeler import form_of
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.services.completion import (
    complete,
    complete_pending,
    settle_batch,
)
from scaleapi.sandbox.services.delivering import NotFound, deliver
from scaleapi.sandbox.services.hosting import Hosting, attachments_of
from scaleapi.sandbox.statuses import CHAT_TYPES, FURTHER_STATUSES, STATUSES
from scaleapi.sandbox.store import Database, Store, TaskFilter, World
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.auth import is_live
from scaleapi.sandbox.web.errors import ApiError

_STATUSES = (*STATUSES, *FURTHER_STATUSES)
_REQUIRED = ("created_at", "updated_at", "type", "status", "params", "metadata")
#: Field -> type of its value, where the lists filter by it.
_FIELD_TYPES: Dict[str, Tuple[type, str]] = {
    "type": (str, "a string"),
    "status": (str, "a string"),
    "project": (str, "a string"),
    "batch": (str, "a string"),
    "unique_id": (str, "a string"),
    "customer_review_status": (str, "a string"),
    "callback_url": (str, "a string"),
    "params": (dict, "an object"),
    "metadata": (dict, "an object"),
    "tags": (list, "an array"),
}
#: Statuses that are reported to receivers of callbacks.
#: api-notes: callbacks
_NOTIFIED_STATUSES = ("completed", "error", "pending")


class Control:
    """Changes tasks and batches of all worlds from outside.

    A task can be passed as the client's object, or as its id.
    """

    def __init__(
        self, database: Database, hosting: Hosting, clock: Clock, options: Options
    ) -> None:
        self._database = database
        self._hosting = hosting
        self._clock = clock
        self._options = options

    def complete(
        self,
        task: Any,
        response: Any,
        fields: Mapping[str, Any],
        form: Optional[str] = None,
    ) -> Document:
        fields = _checked(fields)
        _check_form(form, response)
        with self._open(task) as (store, document):
            _require_pending(document, "completed")
            extra = _move_unique_id(store, document, fields)
            now = self._clock.now()
            parts = (store, self._hosting, self._options)
            return complete(*parts, document, now, response, extra, form)

    def fail(self, task: Any, response: Any, fields: Mapping[str, Any]) -> Document:
        fields = _checked(fields)
        with self._open(task) as (store, document):
            _require_pending(document, "made to fail")
            document["status"] = "error"
            document["response"] = (
                _attachment_error(document) if response is None else response
            )
            if store.tasks.frees_id(document["task_id"]) and "unique_id" in document:
                store.tasks.release(document.pop("unique_id"))
            return self._change(store, document, fields, notify=True)

    def set(self, task: Any, fields: Mapping[str, Any]) -> Document:
        fields = _checked(fields)
        with self._open(task) as (store, document):
            was = document["status"], document.get("customer_review_status")
            changed = {**document, **fields}
            status, review = changed["status"], changed.get("customer_review_status")
            notify = review != was[1] or (
                status != was[0] and status in _NOTIFIED_STATUSES
            )
            return self._change(store, document, fields, notify=notify)

    def label(
        self, batch: Optional[str], project: Optional[str], api_key: Optional[str]
    ) -> int:
        for name, value in (("batch", batch), ("project", project)):
            if not isinstance(value, (str, type(None))):
                raise TypeError(f"{name} must be a str; got {value!r}")
        worlds = self._database.worlds()
        if api_key is not None:
            worlds = [self._world(api_key)]
        filter = TaskFilter(batch=batch, project=project)
        return sum(self._label(world, filter) for world in worlds)

    def archive_batch(self, api_key: str, batch_name: str) -> None:
        world = self._world(api_key)
        with self._database.writing() as connection:
            if not Store(connection, world).batches.archive(batch_name):
                raise NotFound(
                    f"the sandbox has no batch {batch_name!r} under this key"
                )

    def deliver(
        self,
        api_key: str,
        project: str,
        name: Optional[str],
        tasks: Optional[Iterable[Any]],
    ) -> Document:
        world = self._world(api_key)
        for argument, value in (("project", project), ("name", name or "")):
            if not isinstance(value, str):
                raise TypeError(f"{argument} must be a str; got {value!r}")
        if isinstance(tasks, str):
            raise TypeError(f"tasks must be a list; got {tasks!r}")
        filter = TaskFilter(project=project, type=CHAT_TYPES, status="completed")
        if tasks is not None:
            filter = replace(filter, task_ids=[_id_of(task) for task in tasks])
        now = self._clock.now()
        with self._database.writing() as connection:
            return deliver(Store(connection, world), project, name, filter, now)

    def _label(self, world: World, filter: TaskFilter) -> int:
        return complete_pending(
            self._database, self._hosting, self._options, self._clock, world, filter
        )

    def _world(self, api_key: str) -> World:
        if not isinstance(api_key, str):
            raise TypeError(f"api_key must be a str; got {api_key!r}")
        try:
            return self._database.world(api_key, live=is_live(api_key))
        except ApiError:
            raise ValueError("api_key must begin with test_ or live_") from None

    @contextmanager
    def _open(self, task: Any) -> Iterator[Tuple[Store, Document]]:
        """Open the store of the world that a task belongs to; yield its document."""
        task_id = _id_of(task)
        world = self._database.world_of(task_id)
        if world is not None:
            with self._database.writing() as connection:
                store = Store(connection, world)
                document = store.tasks.get(task_id)
                if document is not None:
                    yield store, document
                    return
        raise NotFound(f"the sandbox has no task {task_id!r}")

    def _change(
        self, store: Store, task: Document, fields: Mapping[str, Any], *, notify: bool
    ) -> Document:
        now = self._clock.now()
        fields = _move_unique_id(store, task, fields)
        changed = {**task, "updated_at": to_text(now), **fields}
        changed = {name: value for name, value in changed.items() if value is not None}
        store.tasks.save(changed)
        if notify:
            store.outbox.add_task(changed, now)
        settle_batch(store, changed, now)
        if task.get("batch") != changed.get("batch"):
            settle_batch(store, task, now)
        return changed


def _id_of(task: Any) -> str:
    """Return the id of a task, given the task or its id.

    Raises:
        TypeError: `task` is neither a Task nor a str.
    """
    task_id = task if isinstance(task, str) else getattr(task, "id", None)
    if not isinstance(task_id, str):
        raise TypeError(f"task must be a Task or the id of one; got {task!r}")
    return task_id


def _check_form(form: Optional[str], response: Any) -> None:
    if form is None:
        return
    if response is not None:
        raise ValueError("response and form cannot both be given")
    if not isinstance(form, str):
        raise TypeError(f"form must be a str; got {form!r}")
    form_of(form)


def _require_pending(task: Document, what: str) -> None:
    if task["status"] != "pending":
        raise ValueError(
            f"task {task['task_id']!r} is {task['status']}, not pending, so it "
            f"cannot be {what} (under a test key tasks are completed at once)"
        )


def _attachment_error(task: Document) -> Document:
    """Return the response of a task whose attachments cannot be read."""
    return {
        "error": "One or more attachments could not be downloaded",
        "attachments": [
            {"attachment": attachment, "error": "could not be downloaded"}
            for attachment in attachments_of(task["params"])
        ],
    }


def _checked(fields: Mapping[str, Any]) -> Dict[str, Any]:
    """Return fields of a document, with times as the API writes them."""
    values = {
        name: to_text(to_timestamp_ms(value.isoformat(), earliest=True))
        if isinstance(value, datetime)
        else value
        for name, value in fields.items()
    }
    if "task_id" in values:
        raise ValueError("task_id cannot be changed")
    for name, value in values.items():
        if value is None:
            if name in _REQUIRED:
                raise ValueError(f"{name} cannot be removed")
            continue
        kind, words = _FIELD_TYPES.get(name, (object, ""))
        if not isinstance(value, kind):
            raise TypeError(f"{name} must be {words}; got {value!r}")
        if name in ("created_at", "updated_at", "completed_at"):
            values[name] = to_text(_timestamp_ms(name, value))
    if values.get("status", "pending") not in _STATUSES:
        raise ValueError(f"status must be one of {', '.join(_STATUSES)}")
    tags = values.get("tags") or []
    if not all(isinstance(tag, str) for tag in tags):
        raise TypeError("tags must be an array of strings")
    if tags:
        values["tags"] = list(dict.fromkeys(tags))
    # Through JSON, so that enums and the like become what they are on the wire.
    return dict(json.loads(json.dumps(values, allow_nan=False)))


def _timestamp_ms(name: str, value: Any) -> int:
    try:
        return to_timestamp_ms(value, earliest=True)
    except (AttributeError, TypeError, ValueError):
        raise ValueError(f"{name} must be a time in ISO 8601; got {value!r}") from None


def _move_unique_id(
    store: Store, task: Document, fields: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Move the unique id to a task if the fields contain one; return the fields."""
    if "unique_id" in fields and fields["unique_id"] != task.get("unique_id"):
        new_id = fields["unique_id"]
        owner = None if new_id is None else store.tasks.owner_of(new_id)
        if owner is not None:
            raise ValueError(f"unique_id {new_id!r} belongs to task {owner!r}")
        if "unique_id" in task:
            store.tasks.release(task["unique_id"])
        if new_id is not None:
            store.tasks.claim(new_id, task["task_id"])
    return fields
