"""The routes and views of the HTML page."""

from __future__ import annotations

import logging
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Union
from urllib.parse import quote, unquote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from scaleapi.sandbox.clock import Clock
from scaleapi.sandbox.labeler.fields import questions
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.package_data import read_text
from scaleapi.sandbox.page.entities import pieces_of, source_of
from scaleapi.sandbox.page.environment import address, environment
from scaleapi.sandbox.page.guard import Guard, form_of, headers
from scaleapi.sandbox.page.history import history_of
from scaleapi.sandbox.page.pictures import Finder, pictures_of
from scaleapi.sandbox.page.values import json_text, node_of
from scaleapi.sandbox.routes import tasks
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.services.completion import complete
from scaleapi.sandbox.services.hosting import Hosting
from scaleapi.sandbox.store import Database, Store, TaskFilter
from scaleapi.sandbox.store.batches import BatchFilter
from scaleapi.sandbox.store.page_queries import Queries, WorldLine
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.sandbox.web.query import Query

logger = logging.getLogger("scaleapi.sandbox")

Show = Callable[[Request], Response]

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
    return [
        Route("/", page.endpoint(page.worlds)),
        Route("/page/worlds/{world}", page.endpoint(page.projects)),
        Route("/page/worlds/{world}/batches", page.endpoint(page.batches)),
        Route("/page/worlds/{world}/tasks", page.endpoint(page.tasks)),
        Route("/page/tasks/{task_id}", page.endpoint(page.task)),
        Route("/page/tasks/{task_id}/{action}", page.act, methods=["POST"]),
        Route("/page/static/{name}", _static),
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

    def endpoint(self, show: Show) -> Show:
        """Return an endpoint that answers errors of a view with an error page."""

        def answer(request: Request) -> Response:
            try:
                return show(request)
            except Exception as error:
                return self._error_page(error)

        return answer

    def worlds(self, request: Request) -> Response:
        """Show all worlds."""
        offset = _query(request).integer("from", 0, 0, _MAX_OFFSET)
        lines, total = self._queries.worlds(limit=_PER_PAGE, offset=offset)
        progress = self._queries.progress_of_worlds([line.world for line in lines])
        return self._html(
            "api_keys.html",
            lines=lines,
            progress=progress,
            pager=_pager(request, offset, len(lines), total),
            api=f"{self._hosting.origin}/v1",
        )

    def projects(self, request: Request) -> Response:
        """Show the projects of a world."""
        line = self._world(request)
        if line is None:
            return self._not_found("world")
        offset = _query(request).integer("from", 0, 0, _MAX_OFFSET)
        found = self._queries.projects(line.world, limit=_PER_PAGE, offset=offset)
        names = [project["name"] for project in found]
        return self._html(
            "projects.html",
            **self._place(line, "projects"),
            projects=found,
            progress=self._queries.progress_of_projects(line.world, names),
            batches=self._queries.batch_counts(line.world, names),
            pager=_pager(request, offset, len(found), line.projects),
        )

    def batches(self, request: Request) -> Response:
        """Show the batches of a world, or of one of its projects."""
        line = self._world(request)
        if line is None:
            return self._not_found("world")
        query = _query(request)
        offset = query.integer("from", 0, 0, _MAX_OFFSET)
        filter = BatchFilter(
            project=query.string("project"), status=query.string("status")
        )
        with self._database.reading() as connection:
            found, total = Store(connection, line.world).batches.page(
                filter, limit=_PER_PAGE, offset=offset
            )
        names = [batch["name"] for batch in found]
        return self._html(
            "batches.html",
            **self._place(line, "batches"),
            batches=found,
            filter=filter,
            progress=self._queries.progress_of_batches(line.world, names),
            project_names=self._queries.project_names(line.world),
            pager=_pager(request, offset, len(found), total),
        )

    def tasks(self, request: Request) -> Response:
        """Show the tasks of a world that pass a filter."""
        line = self._world(request)
        if line is None:
            return self._not_found("world")
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
            store = Store(connection, line.world)
            found, total, place = store.tasks.page(
                filter, limit=_PER_PAGE, before=before
            )
            finder = Finder(store, self._hosting)
            thumbnails = {task["task_id"]: finder.thumbnail(task) for task in found}
            batch = None if batch_name is None else store.batches.get(batch_name)
        following = None
        if place is not None:
            after = {"at": place[0], "seq": place[1], "from": number + len(found)}
            following = _with(request, after)
        return self._html(
            "tasks.html",
            **self._place(line, "tasks"),
            tasks=found,
            thumbnails=thumbnails,
            filter=filter,
            batch=batch,
            progress=(
                self._queries.progress_of_batches(line.world, [batch["name"]])
                if batch is not None
                else {}
            ),
            project_names=self._queries.project_names(line.world),
            pager={
                "first": number + 1,
                "last": number + len(found),
                "total": total,
                "newer": None,
                "newest": _with(request, {}) if before is not None else None,
                "older": following,
            },
        )

    def task(self, request: Request, trouble: Optional[ApiError] = None) -> Response:
        """Show one task."""
        task_id = unquote(request.path_params["task_id"])
        world = self._database.world_of(task_id)
        line = None if world is None else self._queries.world(world.id)
        if world is None or line is None:
            return self._not_found("task")
        with self._database.reading() as connection:
            store = Store(connection, world)
            task = store.tasks.get(task_id)
            if task is None:
                return self._not_found("task")
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
            status=200 if trouble is None else trouble.status,
            origins=[p.attachment.origin for p in pictures if p.attachment.origin],
            **self._place(line, "tasks"),
            task=task,
            trouble=None if trouble is None else trouble.text,
            notice=_MESSAGES.get(request.query_params.get("done", "")),
            attachments=attachments,
            pictures=pictures,
            colors=colors,
            pieces=pieces_of(source_of(task), annotations, colors),
            titles=_titles(task),
            response=None if response is None else node_of(response, finder.link),
            drawn=any(picture.shapes for picture in pictures),
            params=node_of(params, finder.link),
            metadata=node_of(task["metadata"], finder.link),
            history=history_of(task, self._queries.pending_callbacks(world, task_id)),
            document=json_text(task),
        )

    async def act(self, request: Request) -> Response:
        """Perform the action of a button on a task's page."""
        try:
            form = await form_of(request)
        except ClientDisconnect:
            return Response(status_code=400)  # the client is gone
        except ApiError as error:
            return self._error_page(error)
        refusal = self._guard.refusal(form)
        if refusal is not None:
            return self._error_page(ApiError(403, refusal))
        return await run_in_threadpool(self._act, request, form)

    def _act(self, request: Request, form: Mapping[str, str]) -> Response:
        try:
            return self._perform(request, form)
        except Exception as error:
            return self._error_page(error)

    def _perform(self, request: Request, form: Mapping[str, str]) -> Response:
        task_id = unquote(request.path_params["task_id"])
        action = request.path_params["action"]
        if action not in _MESSAGES:
            return self._not_found("button")
        world = self._database.world_of(task_id)
        if world is None:
            return self._not_found("task")
        try:
            with self._database.writing() as connection:
                store = Store(connection, world)
                if action == "complete":
                    self._complete(store, task_id)
                else:
                    self._audit(store, task_id, action, form.get("comments", ""))
        except ApiError as error:
            return self.task(request, trouble=error)
        shown = address("/page/tasks/" + quote(task_id, safe=""), done=action)
        return RedirectResponse(shown, status_code=303, headers=headers())

    def _complete(self, store: Store, task_id: str) -> None:
        task = store.tasks.get(task_id)
        if task is None or task["status"] != "pending":
            status = "gone" if task is None else task["status"]
            raise ApiError(409, f"The task is {status}, so it cannot be completed.")
        complete(store, self._hosting, self._options, task, self._clock.now())

    def _audit(self, store: Store, task_id: str, result: str, comments: str) -> None:
        tasks.audit_task(
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

    def _world(self, request: Request) -> Optional[WorldLine]:
        number = request.path_params["world"]
        is_one = number.isascii() and number.isdigit() and len(number) < 16
        return self._queries.world(int(number)) if is_one else None

    def _place(self, line: WorldLine, tab: str) -> Dict[str, Any]:
        return {
            "line": line,
            "tab": tab,
            "base": f"/page/worlds/{line.world.id}",
            "of_world": self._queries.progress_of_worlds([line.world])[line.world.id],
        }

    def _not_found(self, what: str) -> Response:
        text = f"The sandbox has no such {what}."
        return self._html("error.html", status=404, title="Not found", text=text)

    def _error_page(self, error: Exception) -> Response:
        if not isinstance(error, ApiError):
            logger.error("the sandbox's page failed", exc_info=error)
            error = ApiError(500, "The sandbox failed; its log says why.")
        return self._html(
            "error.html",
            status=error.status,
            title="Refused" if error.status < 500 else "Failed",
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


def _pager(request: Request, offset: int, shown: int, total: int) -> Dict[str, Any]:
    newer = older = None
    if offset > 0:
        newer = _with(request, {"from": max(0, offset - _PER_PAGE)})
    if offset + shown < total and shown:
        older = _with(request, {"from": offset + shown})
    return {
        "first": offset + 1,
        "last": offset + shown,
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
