"""The web application: routes, authentication, answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple
from urllib.parse import unquote

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from scaleapi.sandbox.clock import Clock
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.page import page_routes
from scaleapi.sandbox.routes import (
    batches,
    files,
    openapi,
    projects,
    quality_tasks,
    studio,
    tasks,
    teams,
)
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.object_storage import (
    PREFIXES,
    ObjectStorage,
    error_response,
)
from scaleapi.sandbox.services.hosting import Hosting
from scaleapi.sandbox.store import Database, Store, World
from scaleapi.sandbox.store.database import Connection
from scaleapi.sandbox.web.auth import credentials
from scaleapi.sandbox.web.bodies import Upload, drain, form_body, parse_body, read_body
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.sandbox.web.query import Query
from scaleapi.sandbox.web.responses import encoded, refusal

Handler = Callable[[RequestContext], Any]

#: Method, path and what answers; the variable parts of a path are one segment.
ROUTES: List[Tuple[str, str, Handler]] = [
    ("POST", "/task/{type}", tasks.create_task),
    ("GET", "/task/{task_id}", tasks.get_task),
    ("POST", "/task/{task_id}/cancel", tasks.cancel_task),
    ("POST", "/task/{task_id}/audit", tasks.audit_task),
    ("POST", "/task/{task_id}/unique_id", tasks.set_unique_id),
    ("DELETE", "/task/{task_id}/unique_id", tasks.clear_unique_id),
    ("POST", "/task/{task_id}/setMetadata", tasks.set_metadata),
    ("POST", "/task/{task_id}/tags", tasks.set_tags),
    ("PUT", "/task/{task_id}/tags", tasks.add_tags),
    ("DELETE", "/task/{task_id}/tags", tasks.delete_tags),
    ("GET", "/tasks", tasks.list_tasks),
    ("POST", "/batches", batches.create_batch),
    ("GET", "/batches", batches.list_batches),
    ("GET", "/batches/{name}", batches.get_batch),
    ("POST", "/batches/{name}/finalize", batches.finalize_batch),
    ("GET", "/batches/{name}/status", batches.batch_status),
    ("POST", "/batches/{name}/setMetadata", batches.set_metadata),
    ("POST", "/projects", projects.create_project),
    ("GET", "/projects", projects.list_projects),
    ("GET", "/projects/{name}", projects.get_project),
    ("POST", "/projects/{name}/setParams", projects.set_params),
    ("GET", "/projects/{name}/taskTemplates", projects.get_template),
    ("POST", "/files/upload", files.upload_file),
    ("POST", "/files/import", files.import_file),
    ("POST", "/evaluation_tasks/{type}", quality_tasks.create_quality_task),
    ("POST", "/training_tasks/{type}", quality_tasks.create_quality_task),
    ("GET", "/teams", teams.list_teammates),
    ("POST", "/teams/invite", teams.invite),
    ("POST", "/teams/set_role", teams.set_role),
    ("GET", "/studio/assignments", studio.list_assignments),
    ("POST", "/studio/assignments/add", studio.add_assignments),
    ("POST", "/studio/assignments/remove", studio.remove_assignments),
    ("GET", "/studio/projects/{project}/groups", studio.list_groups),
    ("POST", "/studio/projects/{project}/groups", studio.create_group),
    ("PUT", "/studio/projects/{project}/groups/{group}", studio.update_group),
    ("GET", "/studio/batches", studio.list_batches),
    ("PUT", "/studio/batches/{name}", studio.assign_batch),
    ("POST", "/studio/batches/set_priorities", studio.set_priorities),
    ("POST", "/studio/batches/reset_priorities", studio.reset_priorities),
]


_VARIABLE = re.compile(r"{(\w+)}")
#: Threads that may write, or wait for their turn, at the same time. There are more.
_MAX_WRITERS = 8


def make_app(
    database: Database,
    hosting: Hosting,
    clock: Clock,
    options: Options,
    further: List[Route],
) -> ASGIApp:
    """Return the application that serves a database.

    Args:
        database: What is served.
        hosting: Makes and checks addresses of contents.
        clock: The time of the sandbox.
        options: What is answered where accounts differ.
        further: Routes beside those of the API.
    """
    desk = _Desk(database, hosting, clock, options)
    handlers: Dict[str, Dict[str, _Place]] = {}
    for method, path, handler in ROUTES:
        place = _Place(handler, method == "GET", tuple(_VARIABLE.findall(path)))
        # One route has all methods of a path, so that it can name them.
        handlers.setdefault(_VARIABLE.sub("{}", path), {})[method] = place
    routes = [desk.route(path, places) for path, places in handlers.items()]
    described = [*ObjectStorage(database, hosting).routes, *further]
    routes += [
        *described,
        Route("/openapi.json", openapi.endpoint(ROUTES, described), methods=["GET"]),
        *page_routes(database, hosting, clock, options),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_error})
    # A path that ends in a slash is another path, as with the API.
    app.router.redirect_slashes = False
    return _RawPaths(app)


async def _http_error(request: Request, error: Exception) -> Response:
    """Return the answer to a request that no route takes."""
    assert isinstance(error, HTTPException)
    await drain(request)
    path, status = request.scope["path"], error.status_code
    if path.startswith(PREFIXES):
        if status == 405:
            text = "The specified method is not allowed against this resource."
            code = "MethodNotAllowed"
        else:
            code, text = "NoSuchKey", "The specified key does not exist."
        return error_response(request, status, code, text, headers=error.headers)
    text = error.detail
    if status == 404:
        text = f"Unknown route {path[:200]}{_hint(request)}"
    elif status == 405:
        text = f"{request.method} not allowed here"
    return refusal(ApiError(status, text, error.headers))


def _hint(request: Request) -> str:
    """Return what is wrong with a path that no route has, where that is known."""
    path = request.scope["path"]
    if _is_routed(request, f"/v1{path}"):
        return f"; paths of the API begin with /v1: /v1{path[:200]}"
    if path.startswith("/v1/v1/") and _is_routed(request, path[3:]):
        return f"; paths of the API begin with /v1 once: {path[3:200]}"
    return ""


def _is_routed(request: Request, path: str) -> bool:
    scope = {**request.scope, "path": path}
    return any(
        route.matches(scope)[0] is not Match.NONE for route in request.app.routes
    )


class _RawPaths:
    """Has routes match the path as it was sent, still quoted.

    Servers decode the path first, after which a batch named ``a/b`` could not
    be told from two segments. The segments are decoded one by one later.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": scope["raw_path"].decode("latin-1")}
        await self._app(scope, receive, send)


@dataclass(frozen=True)
class _Place:
    """What answers a method of a path."""

    handler: Handler
    reads: bool
    variables: Tuple[str, ...]


class _Desk:
    """Takes each request to its handler, and the answer back."""

    def __init__(
        self, database: Database, hosting: Hosting, clock: Clock, options: Options
    ) -> None:
        self._database = database
        self._hosting = hosting
        self._clock = clock
        self._options = options
        self._writers: Optional[anyio.CapacityLimiter] = None

    def route(self, path: str, places: Mapping[str, _Place]) -> Route:
        """Return the route of a path, whose variable parts are ``{}``."""
        numbered = "".join(
            f"{part}{{v{number}}}" for number, part in enumerate(path.split("{}")[:-1])
        )
        numbered += path.split("{}")[-1]

        async def answer(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            return await self._answer(request, places[method])

        return Route(f"/v1{numbered}", answer, methods=list(places))

    async def _answer(self, request: Request, place: _Place) -> Response:
        try:
            key, live = credentials(request)
            carry_out = partial(self._carry_out, place, key, live, request)
            if place.reads:
                answer = await run_in_threadpool(carry_out)
            elif place.handler is files.upload_file:
                async with form_body(request) as upload:
                    answer = await self._in_turn(partial(carry_out, upload=upload))
            else:
                body = await read_body(request)
                answer = await self._in_turn(partial(carry_out, body))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody hears it
        except Exception as error:
            await drain(request)
            return refusal(error)
        is_text = place.handler is tasks.audit_task
        kind = "text/plain" if is_text else "application/json"
        return Response(answer, media_type=kind)

    async def _in_turn(self, act: Callable[[], bytes]) -> bytes:
        """Carry out what writes, while others are never without a thread."""
        if self._writers is None:
            self._writers = anyio.CapacityLimiter(_MAX_WRITERS)
        return await anyio.to_thread.run_sync(act, limiter=self._writers)

    def _carry_out(
        self,
        place: _Place,
        key: str,
        live: bool,
        request: Request,
        body: bytes = b"",
        *,
        upload: Optional[Upload] = None,
    ) -> bytes:
        """Carry out a call in one transaction, after all that needs none.

        What a client sends may take long to read, so a thread does that, too.
        """
        values = [unquote(value) for value in request.path_params.values()]
        parts: Dict[str, Any] = {
            "path": dict(zip(place.variables, values)),
            "query": Query(request.scope["query_string"]),
            "body": parse_body(body),
            "upload": upload,
        }
        database = self._database
        if place.reads:
            world = database.world(key, live=live)
            with database.reading() as connection:
                return self._answered(place, connection, world, parts)
        while True:
            resets = database.resets
            world = database.world(key, live=live)
            with database.writing() as connection:
                # Else everything was forgotten in between, the world too.
                if database.resets == resets:
                    return self._answered(place, connection, world, parts)

    def _answered(
        self, place: _Place, connection: Connection, world: World, parts: Dict[str, Any]
    ) -> bytes:
        context = RequestContext(
            store=Store(connection, world),
            hosting=self._hosting,
            options=self._options,
            now=self._clock.now(),
            **parts,
        )
        answer = place.handler(context)
        # An audit is answered with the text OK, no JSON (contract 6.7).
        return answer.encode() if isinstance(answer, str) else encoded(answer)
