"""The page of a task, with its buttons."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple
from urllib.parse import quote, unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from scaleapi.annotations import Annotations
from scaleapi.sandbox.labeler.fields import questions
from scaleapi.sandbox.page.attachments import Finder
from scaleapi.sandbox.page.conversations import conversation_of
from scaleapi.sandbox.page.entities import pieces_of, source_of
from scaleapi.sandbox.page.frames import (
    colors_of,
    frame_links,
    is_of_frames,
    objects_of,
)
from scaleapi.sandbox.page.json_tree import json_text, node_of
from scaleapi.sandbox.page.pictures import pictures_of
from scaleapi.sandbox.page.rankings import rankings_of
from scaleapi.sandbox.page.security import form_of
from scaleapi.sandbox.page.site import Site, not_found, query_of
from scaleapi.sandbox.page.task_history import history_of
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.tasks import audit_task
from scaleapi.sandbox.services.completion import complete
from scaleapi.sandbox.store import Store, World
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.sandbox.web.query import Query

_MAX_FRAMES = 10**9
_MAX_EVENTS = 200
#: Action -> message on the task's page after its button was pressed.
_MESSAGES = {
    "complete": "The task is completed.",
    "accepted": "The response is accepted.",
    "rejected": "The response is rejected.",
}


class TaskPage:
    """The view of a task, and the actions of its buttons."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def task(self, request: Request, refusal: Optional[ApiError] = None) -> Response:
        """Show one task.

        Args:
            request: Names the task, and the frame of a video or of lidar.
            refusal: Why the action of a button was refused, if it was.
        """
        task_id, world = self._named(request)
        frame = query_of(request).integer("frame", 0, 0, _MAX_FRAMES)
        with self._site.database.reading() as connection:
            store = Store(connection, world)
            task = store.tasks.get(task_id)
            if task is None:
                raise not_found("task")
            finder = Finder(store, self._site.hosting)
            found, results = finder.annotations(task)
            drawn = _drawn(task, found, finder, frame)
        pictures = drawn["pictures"]
        return self._site.html(
            "task.html",
            status=200 if refusal is None else refusal.status,
            origins=[p.attachment.origin for p in pictures if p.attachment.origin],
            **self._site.world_context(self._site.summary_of(world.id), "tasks"),
            **drawn,
            **_words(task, finder, results),
            task=task,
            refusal=None if refusal is None else refusal.text,
            notice=_MESSAGES.get(request.query_params.get("done", "")),
            rankings=rankings_of(task, found),
            conversation=conversation_of(task, finder),
            events=found.events[:_MAX_EVENTS],
            history=history_of(
                task, self._site.queries.pending_callbacks(world, task_id)
            ),
        )

    async def action(self, request: Request) -> Response:
        """Carry out the action of a button on a task's page."""
        form = await form_of(request)
        self._site.guard.check(form)
        return await run_in_threadpool(self._carry_out, request, form)

    def _carry_out(self, request: Request, form: Mapping[str, str]) -> Response:
        task_id, world = self._named(request)
        action = request.path_params["action"]
        if action not in _MESSAGES:
            raise not_found("button")
        try:
            with self._site.database.writing() as connection:
                store = Store(connection, world)
                if action == "complete":
                    self._complete(store, task_id)
                else:
                    self._audit(store, task_id, action, form.get("comments", ""))
        except ApiError as error:
            return self.task(request, error)
        path = "/page/tasks/" + quote(task_id, safe="")
        return self._site.redirect(path, done=action)

    def _complete(self, store: Store, task_id: str) -> None:
        site, task = self._site, store.tasks.get(task_id)
        if task is None or task["status"] != "pending":
            status = "gone" if task is None else task["status"]
            raise ApiError(409, f"The task is {status}, so it cannot be completed.")
        complete(store, site.hosting, site.options, task, site.clock.now())

    def _audit(self, store: Store, task_id: str, result: str, comments: str) -> None:
        audit_task(
            RequestContext(
                store=store,
                hosting=self._site.hosting,
                options=self._site.options,
                path={"task_id": task_id},
                query=Query(b""),
                now=self._site.clock.now(),
                body={"accepted": result == "accepted", "comments": comments},
            )
        )

    def _named(self, request: Request) -> Tuple[str, World]:
        """Return the id of the task that a path names, and the world of the task."""
        task_id = unquote(request.path_params["task_id"])
        world = self._site.database.world_of(task_id)
        if world is None:
            raise not_found("task")
        return task_id, world


def _drawn(
    task: Document, found: Annotations, finder: Finder, frame: int
) -> Dict[str, Any]:
    """Return the variables of what is drawn."""
    colors: Dict[str, int] = {}
    links = frame_links(task, found, frame) if is_of_frames(task, found) else None
    position = 0 if links is None else links.position
    pictures = pictures_of(task, found, finder, position, colors)
    response = task.get("response")
    annotations = response.get("annotations") if isinstance(response, dict) else None
    return {
        "pictures": pictures,
        "prelabeled": "response" not in task,
        "frames": links,
        "objects": objects_of(found, colors),
        "segments": colors_of(found),
        "pieces": pieces_of(source_of(task), annotations, colors),
        "drawn": any(each.drawing.shapes or each.overlay for each in pictures),
    }


def _words(task: Document, finder: Finder, results: Dict[str, Any]) -> Dict[str, Any]:
    """Return the variables of what is shown as values."""
    response = task.get("response")
    params = {
        name: value
        for name, value in task["params"].items()
        if name not in ("attachment", "attachments")
    }
    return {
        "attachments": finder.attachments(task),
        "titles": _titles(task),
        "response": None if response is None else node_of(response, finder.link),
        "results": {key: node_of(each, finder.link) for key, each in results.items()},
        "params": node_of(params, finder.link),
        "metadata": node_of(task["metadata"], finder.link),
        "document": json_text(task),
    }


def _titles(task: Document) -> Dict[str, str]:
    """Return field id -> title of the field."""
    return {
        question.field_id: question.title[:200]
        for question in questions(task["params"].get("fields"))
        if question.title
    }
