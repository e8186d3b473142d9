"""The routes of the HTML page."""

from __future__ import annotations

from typing import List

from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from scaleapi.sandbox.clock import Clock
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.package_data import read_text
from scaleapi.sandbox.page.groups import Groups
from scaleapi.sandbox.page.lists import Lists
from scaleapi.sandbox.page.security import headers
from scaleapi.sandbox.page.site import Site
from scaleapi.sandbox.page.task_page import TaskPage
from scaleapi.sandbox.services.hosting import Hosting
from scaleapi.sandbox.store import Database

_STATIC_FILES = "scaleapi.sandbox.page.static"
_STATIC = {"style.css": "text/css", "icon.svg": "image/svg+xml"}


def page_routes(
    database: Database, hosting: Hosting, clock: Clock, options: Options
) -> List[Route]:
    """Return the routes of the page that shows a database.

    Views are plain functions, not coroutines, so Starlette runs them in threads: the
    store blocks.
    """
    site = Site(database, hosting, clock, options)
    lists, groups, tasks = Lists(site), Groups(site), TaskPage(site)
    # Errors are answered with a page, and not with JSON like those of the API.
    handlers = {ClientDisconnect: _client_disconnect, Exception: site.error}
    middleware = [Middleware(ExceptionMiddleware, handlers=handlers)]
    world = "/page/worlds/{world}"
    views = {
        "/": lists.api_keys,
        world: lists.projects,
        f"{world}/batches": lists.batches,
        f"{world}/tasks": lists.tasks,
        f"{world}/project": groups.project,
        f"{world}/batch": groups.batch,
        "/page/tasks/{task_id}": tasks.task,
        "/page/static/{name}": _static,
    }
    actions = {
        "/page/tasks/{task_id}/{action}": tasks.action,
        f"{world}/project/{{action}}": groups.project_action,
        f"{world}/batch/{{action}}": groups.batch_action,
    }
    return [
        *(Route(path, view, middleware=middleware) for path, view in views.items()),
        *(
            Route(path, action, methods=["POST"], middleware=middleware)
            for path, action in actions.items()
        ),
    ]


def _client_disconnect(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody receives it


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _STATIC:
        return Response("", status_code=404, headers=headers())
    content = read_text(_STATIC_FILES, name)
    fresh = {**headers(), "Cache-Control": "no-cache"}
    return Response(content, headers=fresh, media_type=_STATIC[name])
