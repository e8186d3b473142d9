"""The web application: its middlewares, routes and exception handlers."""

from __future__ import annotations

from functools import partial
from typing import Any, List, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp

from scaleapi.sandbox.middleware.date import DateMiddleware
from scaleapi.sandbox.middleware.faults import FaultMiddleware
from scaleapi.sandbox.middleware.hosts import HostMiddleware
from scaleapi.sandbox.middleware.rate_limit import RateLimitMiddleware
from scaleapi.sandbox.middleware.request_log import RequestLogMiddleware
from scaleapi.sandbox.middleware.shutdown import ShutdownMiddleware
from scaleapi.sandbox.page import page_routes
from scaleapi.sandbox.routes import openapi, operation_table
from scaleapi.sandbox.routes.control import Controls
from scaleapi.sandbox.routes.dispatch import Dispatcher
from scaleapi.sandbox.routes.object_storage import (
    PREFIXES,
    ObjectStorage,
    storage_error,
)
from scaleapi.sandbox.routes.operation import routes_of
from scaleapi.sandbox.services.hosting import Hosting, Origin
from scaleapi.sandbox.store import Database, StoreError
from scaleapi.sandbox.web.bodies import drain
from scaleapi.sandbox.web.connections import WaitingConnections
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.sandbox.web.responses import error_response


def make_app(
    database: Database,
    hosting: Hosting,
    controls: Controls,
    *,
    names: Sequence[str],
    origin: Origin,
    waiting: WaitingConnections,
) -> ASGIApp:
    """Return the application that serves a database.

    Args:
        database: Is served.
        hosting: Makes and checks URLs of contents.
        controls: What middlewares and handlers of the control act on.
        names: The address that is listened on, and the further host names that are
            allowed.
        origin: Receives the name under which each request calls the sandbox.
        waiting: Records which connections wait for their client.
    """
    app = Starlette(
        routes=_routes(database, hosting, controls),
        # The outermost is the first. A throttled request is recorded and counted by
        # no fault; a request to a foreign host is not recorded.
        middleware=[
            Middleware(DateMiddleware, clock=controls.clock),
            Middleware(ShutdownMiddleware, waiting=waiting),
            Middleware(HostMiddleware, names=names, origin=origin),
            Middleware(RequestLogMiddleware, request_log=controls.request_log),
            Middleware(RateLimitMiddleware, rate_limit=controls.rate_limit),
            Middleware(FaultMiddleware, faults=controls.faults),
        ],
        exception_handlers=EXCEPTION_HANDLERS,
    )
    # A path that ends in a slash is another path, as with the API.
    app.router.redirect_slashes = False
    return app


def _routes(database: Database, hosting: Hosting, controls: Controls) -> List[Route]:
    clock, options = controls.clock, controls.options
    dispatcher = Dispatcher(database, hosting, clock, options)
    storage = ObjectStorage(database, hosting)
    return [
        *routes_of(operation_table.API, dispatcher.endpoint),
        *routes_of(operation_table.API_V2, dispatcher.endpoint),
        *(
            Route(o.path, partial(o.handler, storage), methods=[o.method])
            for o in operation_table.STORAGE
        ),
        *routes_of(operation_table.CONTROL, controls.endpoint),
        Route(
            "/openapi.json",
            openapi.endpoint(operation_table.OPERATIONS),
            methods=["GET"],
        ),
        *page_routes(database, hosting, clock, options),
    ]


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    await drain(request)
    return error_response(error)


async def _client_disconnect(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody receives it


async def _unexpected_error(request: Request, error: Exception) -> Response:
    """Return the answer to a request that the sandbox failed to handle.

    The framework raises the error again, so that uvicorn logs it and closes the
    connection.
    """
    text = "The sandbox failed; its log says why"
    if isinstance(error, (OSError, StoreError)):
        # A full disk, for example: the caller can do something about it.
        text = f"The sandbox cannot keep its state: {error}"
    return error_response(ApiError(500, text, {"Connection": "close"}))


async def _http_error(request: Request, error: Exception) -> Response:
    """Return the answer to a request that no route matches."""
    assert isinstance(error, HTTPException)
    await drain(request)
    path, status = request.scope["path"], error.status_code
    if path.rstrip("/") in ("/v1", "/v2") and _is_browser(request):
        return RedirectResponse("/")  # the page
    if path.startswith(PREFIXES):
        if status == 405:
            text = "The specified method is not allowed against this resource."
            code = "MethodNotAllowed"
        else:
            code, text = "NoSuchKey", "The specified key does not exist."
        return storage_error(request, status, code, text, headers=error.headers)
    text = error.detail
    if status == 404:
        text = f"Unknown route {path[:200]}{_hint(request)}"
    elif status == 405:
        text = f"{request.method} not allowed here"
    return error_response(ApiError(status, text, error.headers))


def _is_browser(request: Request) -> bool:
    """Return whether a person is likely to read the answer."""
    accepted = request.headers.get("accept", "")
    return request.method in ("GET", "HEAD") and "text/html" in accepted


def _hint(request: Request) -> str:
    """Return what is wrong with a path that no route has, where that is known."""
    path = request.scope["path"]
    if _is_routed(request, f"/v1{path}"):
        return f"; paths of the API begin with /v1: /v1{path[:200]}"
    if path.startswith("/v1/v2/") and _is_routed(request, path[3:]):
        return f"; paths of v2 do not begin with /v1: {path[3:200]}"
    if path.startswith("/v1/v1/") and _is_routed(request, path[3:]):
        return f"; paths of the API begin with /v1 once: {path[3:200]}"
    return ""


def _is_routed(request: Request, path: str) -> bool:
    scope = {**request.scope, "path": path}
    return any(
        route.matches(scope)[0] is not Match.NONE for route in request.app.routes
    )


EXCEPTION_HANDLERS: Any = {
    HTTPException: _http_error,
    ApiError: _api_error,
    ClientDisconnect: _client_disconnect,
    Exception: _unexpected_error,
}
