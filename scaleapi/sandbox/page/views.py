"""The routes and views of the HTML page."""

from __future__ import annotations

import logging
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple, Union
from urllib.parse import quote, unquote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from scaleapi.sandbox.clock import Clock
from scaleapi.sandbox.labeler.fields import questions
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.package_data import read_text
from scaleapi.sandbox.page.entities import pieces_of, source_of
from scaleapi.sandbox.page.json_tree import json_text, node_of
from scaleapi.sandbox.page.pictures import Finder, pictures_of
from scaleapi.sandbox.page.security import Guard, form_of, headers
from scaleapi.sandbox.page.task_history import history_of
from scaleapi.sandbox.page.templating import address, environment
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.tasks import audit_task
from scaleapi.sandbox.services.completion import complete
from scaleapi.sandbox.services.hosting import Hosting
from scaleapi.sandbox.store import Database, Store, TaskFilter, World
from scaleapi.sandbox.store.batches import BatchFilter
from scaleapi.sandbox.store.page_queries import Queries, WorldSummary
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.sandbox.web.query import Query

logger = logging.getLogger("scaleapi.sandbox")

_STATIC_FILES = "scaleapi.sandbox.page.static"
_PER_PAGE = 25
_MAX_OFFSET = 10**15
#: Action -> message on the task's page after its button was pressed.
_MESSAGES = {
    "complete": "The task is completed.",
    "accepted": "The response is accepted.",
    "rejected": "The response is rejected.",
}
_STATIC = {"style.css": "text/css", "icon.svg": "image/svg+xml"}


def page_routes(
    database: Database, hosting: Hosting, clock: Clock, options: Options
) -> List[Route]:
    """Return the routes of the page that shows a database."""
    page = _Page(database, hosting, clock, options)
    # Errors are answered with a page, and not with JSON like those of the API.
    handlers = {ClientDisconnect: _client_disconnect, Exception: page.error}
    middleware = [Middleware(ExceptionMiddleware, handlers=handlers)]
    views = {
        "/": page.api_keys,
        "/page/worlds/{world}": page.projects,
        "/page/worlds/{world}/batches": page.batches,
        "/page/worlds/{world}/tasks": page.tasks,
        "/page/tasks/{task_id}": page.task,
        "/page/static/{name}": _static,
    }
    action = "/page/tasks/{task_id}/{action}"
    return [
        *(Route(path, view, middleware=middleware) for path, view in views.items()),
        Route(action, page.action, methods=["POST"], middleware=middleware),
    ]


class _Page:
    """The views of one database.

    Views are plain functions, not coroutines, so Starlette runs them in threads:
    the store blocks.
    """

    def __init__(
        self, database: Database, hosting: Hosting, clock: Clock, options: Options
    ) -> None:
        self._database = database
        self._hosting = hosting
        self._clock = clock
        self._options = options
        self._queries = Queries(database)
        self._guard = Guard()
        self._templates = environment(clock, self._guard.token)

    def api_keys(self, request: Request) -> Response:
        """Show the API keys, each with the numbers of its world."""
        offset = _query(request).integer("from", 0, 0, _MAX_OFFSET)
        summaries, total = self._queries.worlds(limit=_PER_PAGE, offset=offset)
        worlds = [summary.world for summary in summaries]
        return self._html(
            "api_keys.html",
            summaries=summaries,
            progress=self._queries.progress_of_worlds(worlds),
            pager=_pager(request, offset, len(summaries), total),
            api=f"{self._hosting.origin}/v1",
        )

    def projects(self, request: Request) -> Response:
        """Show the projects of a world."""
        summary = self._world(request)
        offset = _query(request).integer("from", 0, 0, _MAX_OFFSET)
        projects = self._queries.projects(summary.world, limit=_PER_PAGE, offset=offset)
        names = [project["name"] for project in projects]
        return self._html(
            "projects.html",
            **self._world_context(summary, "projects"),
            projects=projects,
            progress=self._queries.progress_of_projects(summary.world, names),
            batches=self._queries.batch_counts(summary.world, names),
            pager=_pager(request, offset, len(projects), summary.projects),
        )

    def batches(self, request: Request) -> Response:
        """Show the batches of a world, or of one of its projects."""
        summary = self._world(request)
        query = _query(request)
        offset = query.integer("from", 0, 0, _MAX_OFFSET)
        filter = BatchFilter(
            project=query.string("project"), status=query.string("status")
        )
        with self._database.reading() as connection:
            batches, total = Store(connection, summary.world).batches.page(
                filter, limit=_PER_PAGE, offset=offset
            )
        names = [batch["name"] for batch in batches]
        return self._html(
            "batches.html",
            **self._world_context(summary, "batches"),
            batches=batches,
            filter=filter,
            progress=self._queries.progress_of_batches(summary.world, names),
            project_names=self._queries.project_names(summary.world),
            pager=_pager(request, offset, len(batches), total),
        )

    def tasks(self, request: Request) -> Response:
        """Show the tasks of a world that pass a filter."""
        summary = self._world(request)
        query = _query(request)
        batch_name = query.string("batch")
        filter = TaskFilter(
            project=query.string("project"),
            batch=batch_name,
            status=query.string("status"),
        )
        number = query.integer("from", 0, 0, _MAX_OFFSET)
        before = None
        if query.string("seq") is not None:
            before = (
                query.integer("at", 0, 0, _MAX_OFFSET),
                query.integer("seq", 0, 0, _MAX_OFFSET),
            )
        with self._database.reading() as connection:
            store = Store(connection, summary.world)
            tasks, total, cursor = store.tasks.page(
                filter, limit=_PER_PAGE, before=before
            )
            finder = Finder(store, self._hosting)
            thumbnails = {task["task_id"]: finder.thumbnail(task) for task in tasks}
            batch = None if batch_name is None else store.batches.get(batch_name)
        following = None
        if cursor is not None:
            after = {"at": cursor[0], "seq": cursor[1], "from": number + len(tasks)}
            following = _with(request, after)
        return self._html(
            "tasks.html",
            **self._world_context(summary, "tasks"),
            tasks=tasks,
            thumbnails=thumbnails,
            filter=filter,
            batch=batch,
            progress=(
                self._queries.progress_of_batches(summary.world, [batch["name"]])
                if batch is not None
                else {}
            ),
            project_names=self._queries.project_names(summary.world),
            pager={
                "first": number + 1,
                "last": number + len(tasks),
                "total": total,
                "newer": None,
                "newest": _with(request, {}) if before is not None else None,
                "older": following,
            },
        )

    def task(self, request: Request, refusal: Optional[ApiError] = None) -> Response:
        """Show one task.

        Args:
            request: Names the task.
            refusal: Why the action of a button was refused, if it was.
        """
        task_id, world = self._task(request)
        with self._database.reading() as connection:
            store = Store(connection, world)
            task = store.tasks.get(task_id)
            if task is None:
                raise _not_found("task")
            finder = Finder(store, self._hosting)
            attachments = finder.attachments(task)
            pictures, colors = pictures_of(task, attachments, finder)
        response = task.get("response")
        annotations = (
            response.get("annotations") if isinstance(response, dict) else None
        )
        params = {
            name: value
            for name, value in task["params"].items()
            if name not in ("attachment", "attachments")
        }
        return self._html(
            "task.html",
            status=200 if refusal is None else refusal.status,
            origins=[p.attachment.origin for p in pictures if p.attachment.origin],
            **self._world_context(self._summary(world.id), "tasks"),
            task=task,
            refusal=None if refusal is None else refusal.text,
            notice=_MESSAGES.get(request.query_params.get("done", "")),
            attachments=attachments,
            pictures=pictures,
            colors=colors,
            pieces=pieces_of(source_of(task), annotations, colors),
            titles=_titles(task),
            response=None if response is None else node_of(response, finder.link),
            drawn=any(picture.drawing.shapes for picture in pictures),
            params=node_of(params, finder.link),
            metadata=node_of(task["metadata"], finder.link),
            history=history_of(task, self._queries.pending_callbacks(world, task_id)),
            document=json_text(task),
        )

    async def action(self, request: Request) -> Response:
        """Carry out the action of a button on a task's page."""
        form = await form_of(request)
        self._guard.check(form)
        return await run_in_threadpool(self._carry_out, request, form)

    def _carry_out(self, request: Request, form: Mapping[str, str]) -> Response:
        task_id, world = self._task(request)
        action = request.path_params["action"]
        if action not in _MESSAGES:
            raise _not_found("button")
        try:
            with self._database.writing() as connection:
                store = Store(connection, world)
                if action == "complete":
                    self._complete(store, task_id)
                else:
                    self._audit(store, task_id, action, form.get("comments", ""))
        except ApiError as error:
            return self.task(request, error)
        url = address("/page/tasks/" + quote(task_id, safe=""), done=action)
        return RedirectResponse(url, status_code=303, headers=headers())

    def _complete(self, store: Store, task_id: str) -> None:
        task = store.tasks.get(task_id)
        if task is None or task["status"] != "pending":
            status = "gone" if task is None else task["status"]
            raise ApiError(409, f"The task is {status}, so it cannot be completed.")
        complete(store, self._hosting, self._options, task, self._clock.now())

    def _audit(self, store: Store, task_id: str, result: str, comments: str) -> None:
        audit_task(
            RequestContext(
                store=store,
                hosting=self._hosting,
                options=self._options,
                path={"task_id": task_id},
                query=Query(b""),
                now=self._clock.now(),
                body={"accepted": result == "accepted", "comments": comments},
            )
        )

    def _world(self, request: Request) -> WorldSummary:
        number = request.path_params["world"]
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            raise _not_found("world")
        return self._summary(int(number))

    def _summary(self, world_id: int) -> WorldSummary:
        summary = self._queries.world(world_id)
        if summary is None:
            raise _not_found("world")
        return summary

    def _task(self, request: Request) -> Tuple[str, World]:
        """Return the id of the task that a path names, and the world of the task."""
        task_id = unquote(request.path_params["task_id"])
        world = self._database.world_of(task_id)
        if world is None:
            raise _not_found("task")
        return task_id, world

    def _world_context(self, summary: WorldSummary, tab: str) -> Dict[str, Any]:
        world = summary.world
        return {
            "summary": summary,
            "tab": tab,
            "base": f"/page/worlds/{world.id}",
            "world_progress": self._queries.progress_of_worlds([world])[world.id],
        }

    def error(self, request: Request, error: Exception) -> Response:
        """Return the page for an error; this is the exception handler of all views."""
        if not isinstance(error, ApiError):
            logger.error("the sandbox's page failed", exc_info=error)
            error = ApiError(500, "The sandbox failed; its log says why.")
        title = "Refused" if error.status < 500 else "Failed"
        return self._html(
            "error.html",
            status=error.status,
            title="Not found" if error.status == 404 else title,
            text=error.text,
        )

    def _html(
        self,
        template: str,
        *,
        status: int = 200,
        origins: Iterable[str] = (),
        **context: Any,
    ) -> Response:
        text = self._templates.get_template(template).render(context)
        # JSON can contain lone surrogates, which cannot be encoded.
        return Response(
            text.encode("utf-8", "replace"),
            status_code=status,
            headers=headers(origins),
            media_type="text/html; charset=utf-8",
        )


def _not_found(what: str) -> ApiError:
    return ApiError(404, f"The sandbox has no such {what}.")


def _client_disconnect(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody receives it


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _STATIC:
        return Response("", status_code=404, headers=headers())
    content = read_text(_STATIC_FILES, name)
    fresh = {**headers(), "Cache-Control": "no-cache"}
    return Response(content, headers=fresh, media_type=_STATIC[name])


def _query(request: Request) -> Query:
    return Query(request.scope["query_string"])


def _with(request: Request, new: Mapping[str, Union[int, str]]) -> str:
    """Return the URL of another page of the same list."""
    kept = {
        name: value
        for name, value in request.query_params.items()
        if name in ("project", "batch", "status") and value
    }
    return "?" + urlencode({**kept, **new})


def _pager(request: Request, offset: int, count: int, total: int) -> Dict[str, Any]:
    newer = older = None
    if offset > 0:
        newer = _with(request, {"from": max(0, offset - _PER_PAGE)})
    if offset + count < total and count:
        older = _with(request, {"from": offset + count})
    return {
        "first": offset + 1,
        "last": offset + count,
        "total": total,
        "newer": newer,
        "newest": None,
        "older": older,
    }


def _titles(task: Document) -> Dict[str, str]:
    """Return field id -> title of the field."""
    return {
        question.field_id: question.field["title"][:200]
        for question in questions(task["params"].get("fields"))
        if isinstance(question.field.get("title"), str)
    }
