"""`Site`: what all views of the page share, and the lists that several of them show."""

from __future__ import annotations

import logging
from typing import Any, Dict, Iterable, Mapping, Optional, Union
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scaleapi.sandbox.clock import Clock
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.page.attachments import Finder
from scaleapi.sandbox.page.security import Guard, headers
from scaleapi.sandbox.page.templating import address, environment
from scaleapi.sandbox.services.completion import complete_pending
from scaleapi.sandbox.services.hosting import Hosting
from scaleapi.sandbox.store import Database, Store, TaskFilter, World
from scaleapi.sandbox.store.batches import BatchFilter
from scaleapi.sandbox.store.page_queries import Queries, WorldSummary
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.sandbox.web.query import Query

logger = logging.getLogger("scaleapi.sandbox")

_PER_PAGE = 25
_MAX_OFFSET = 10**15
#: The parts of a query that lead to another page of the same list.
_FILTERS = ("name", "project", "batch", "status")


class Site:
    """The database that the page shows, its templates, and its errors."""

    def __init__(
        self, database: Database, hosting: Hosting, clock: Clock, options: Options
    ) -> None:
        self.database = database
        self.hosting = hosting
        self.clock = clock
        self.options = options
        self.queries = Queries(database)
        self.guard = Guard()
        self._templates = environment(clock, self.guard.token)

    def html(
        self,
        template: str,
        *,
        status: int = 200,
        origins: Iterable[str] = (),
        **context: Any,
    ) -> Response:
        """Return a page.

        Args:
            template: Name of its template.
            status: HTTP status.
            origins: Other origins of the images on the page.
            **context: The variables of the template.
        """
        text = self._templates.get_template(template).render(context)
        # JSON can contain lone surrogates, which cannot be encoded.
        return Response(
            text.encode("utf-8", "replace"),
            status_code=status,
            headers=headers(origins),
            media_type="text/html; charset=utf-8",
        )

    def error(self, request: Request, error: Exception) -> Response:
        """Return the page for an error; this is the exception handler of all views."""
        if not isinstance(error, ApiError):
            logger.error("the sandbox's page failed", exc_info=error)
            error = ApiError(500, "The sandbox failed; its log says why.")
        title = "Refused" if error.status < 500 else "Failed"
        return self.html(
            "error.html",
            status=error.status,
            title="Not found" if error.status == 404 else title,
            text=error.text,
        )

    def redirect(self, path: str, **query: Optional[str]) -> Response:
        """Return the answer to a form that was carried out."""
        return RedirectResponse(
            address(path, **query), status_code=303, headers=headers()
        )

    def summary(self, request: Request) -> WorldSummary:
        """Return the world that a path names.

        Raises:
            ApiError: The world that `request` names does not exist; the status is 404.
        """
        number = request.path_params["world"]
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            raise not_found("world")
        return self.summary_of(int(number))

    def summary_of(self, world_id: int) -> WorldSummary:
        """Return the numbers of a world.

        Raises:
            ApiError: The world `world_id` does not exist; the status is 404.
        """
        summary = self.queries.world(world_id)
        if summary is None:
            raise not_found("world")
        return summary

    def world_context(self, summary: WorldSummary, tab: str) -> Dict[str, Any]:
        """Return the variables of the head of all pages of a world."""
        world = summary.world
        return {
            "summary": summary,
            "tab": tab,
            "base": f"/page/worlds/{world.id}",
            "world_progress": self.queries.progress_of_worlds([world])[world.id],
        }

    def complete_all(self, world: World, filter: TaskFilter) -> int:
        """Complete the pending tasks that pass a filter; return their number."""
        return complete_pending(
            self.database, self.hosting, self.options, self.clock, world, filter
        )

    def listed_batches(
        self, request: Request, world: World, filter: BatchFilter
    ) -> Dict[str, Any]:
        """Return the variables of a list of batches."""
        offset = offset_of(request)
        with self.database.reading() as connection:
            batches, total = Store(connection, world).batches.page(
                filter, limit=_PER_PAGE, offset=offset
            )
        names = [batch["name"] for batch in batches]
        return {
            "batches": batches,
            "progress": self.queries.progress_of_batches(world, names),
            "pager": pager(request, offset, len(batches), total),
        }

    def listed_tasks(
        self, request: Request, world: World, filter: TaskFilter
    ) -> Dict[str, Any]:
        """Return the variables of a list of tasks."""
        query = query_of(request)
        number = offset_of(request)
        before = None
        if query.string("seq") is not None:
            before = (
                query.integer("at", 0, 0, _MAX_OFFSET),
                query.integer("seq", 0, 0, _MAX_OFFSET),
            )
        with self.database.reading() as connection:
            store = Store(connection, world)
            tasks, total, cursor = store.tasks.page(
                filter, limit=_PER_PAGE, before=before
            )
            finder = Finder(store, self.hosting)
            thumbnails = {task["task_id"]: finder.thumbnail(task) for task in tasks}
        following = None
        if cursor is not None:
            after = {"at": cursor[0], "seq": cursor[1], "from": number + len(tasks)}
            following = _with(request, after)
        return {
            "tasks": tasks,
            "thumbnails": thumbnails,
            "pager": {
                "first": number + 1,
                "last": number + len(tasks),
                "total": total,
                "newer": None,
                "newest": _with(request, {}) if before is not None else None,
                "older": following,
            },
        }

    def listed_projects(
        self, request: Request, summary: WorldSummary
    ) -> Dict[str, Any]:
        """Return the variables of a list of projects."""
        offset, world = offset_of(request), summary.world
        projects = self.queries.projects(world, limit=_PER_PAGE, offset=offset)
        names = [project["name"] for project in projects]
        return {
            "projects": projects,
            "progress": self.queries.progress_of_projects(world, names),
            "batches": self.queries.batch_counts(world, names),
            "pager": pager(request, offset, len(projects), summary.projects),
        }

    def listed_worlds(self, request: Request) -> Dict[str, Any]:
        """Return the variables of the list of API keys."""
        offset = offset_of(request)
        summaries, total = self.queries.worlds(limit=_PER_PAGE, offset=offset)
        worlds = [summary.world for summary in summaries]
        return {
            "summaries": summaries,
            "progress": self.queries.progress_of_worlds(worlds),
            "pager": pager(request, offset, len(summaries), total),
        }


def not_found(what: str) -> ApiError:
    """Return the error for something that does not exist."""
    return ApiError(404, f"The sandbox has no such {what}.")


def query_of(request: Request) -> Query:
    """Return the query of a request."""
    return Query(request.scope["query_string"])


def offset_of(request: Request) -> int:
    """Return the number of elements before the page of a list that is asked for."""
    return query_of(request).integer("from", 0, 0, _MAX_OFFSET)


def pager(request: Request, offset: int, count: int, total: int) -> Dict[str, Any]:
    """Return where a page of a list stands, and the addresses of its neighbors."""
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


def _with(request: Request, new: Mapping[str, Union[int, str]]) -> str:
    """Return the URL of another page of the same list."""
    kept = {
        name: value
        for name, value in request.query_params.items()
        if name in _FILTERS and value
    }
    return "?" + urlencode({**kept, **new})
