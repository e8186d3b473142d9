"""The control over HTTP: under ``/control``, for tests in any language."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional
from urllib.parse import unquote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from scaleapi.sandbox.answers import encoded, refusal
from scaleapi.sandbox.bodies import drain, json_body
from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.control import NotThere
from scaleapi.sandbox.errors import ApiError

if TYPE_CHECKING:
    from scaleapi.sandbox.server import Sandbox

_Act = Callable[..., Any]


def control_routes(sandbox: Sandbox) -> List[Route]:
    """Return the routes by which a sandbox is controlled.

    Each takes a JSON object, whose keys are the arguments of the method of
    `Sandbox` that it calls, and answers JSON.
    """

    def clock(advance: Optional[float] = None, set: Optional[str] = None) -> Any:
        if advance is not None:
            sandbox.clock.advance(advance)
        if set is not None:
            sandbox.clock.set(set)
        return {"now": to_text(sandbox.clock.now())}

    def requests() -> Any:
        return {
            "requests": [
                {
                    **dataclasses.asdict(request),
                    "body": request.body.decode("utf-8", "replace"),
                }
                for request in sandbox.requests
            ]
        }

    def faults() -> Any:
        return {"faults": [dataclasses.asdict(f) for f in sandbox.faults.list()]}

    def add_fault(**arguments: Any) -> Any:
        return dataclasses.asdict(sandbox.faults.add(**arguments))

    def label(**arguments: Any) -> Any:
        return {"completed": sandbox.label(**arguments)}

    def callbacks(timeout: float = 10.0) -> Any:
        return {"delivered": sandbox.wait_for_callbacks(timeout)}

    return [
        _route("/tasks/{task}/complete", {"POST": sandbox.complete}),
        _route("/tasks/{task}/fail", {"POST": sandbox.fail}),
        _route("/tasks/{task}", {"PATCH": sandbox.set}),
        _route("/label", {"POST": label}),
        _route("/batches/{batch_name}/archive", {"POST": sandbox.archive_batch}),
        _route("/clock", {"GET": clock, "POST": clock}),
        _route("/requests", {"GET": requests, "DELETE": sandbox.requests.clear}),
        _route(
            "/faults",
            {"GET": faults, "POST": add_fault, "DELETE": sandbox.faults.clear},
        ),
        _route("/rate_limit", {"POST": sandbox.rate_limit}),
        _route("/callbacks/wait", {"POST": callbacks}),
        _route("/reset", {"POST": sandbox.reset}),
    ]


def _route(path: str, acts: Dict[str, _Act]) -> Route:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        try:
            _demand_own_origin(request)
            given = {} if method in ("GET", "DELETE") else await _object(request)
            values = {n: unquote(v) for n, v in request.path_params.items()}
            result = await run_in_threadpool(_done, acts[method], {**given, **values})
            body = encoded({} if result is None else result)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody hears it
        except Exception as error:
            await drain(request)
            return refusal(error)
        return Response(body, media_type="application/json")

    return Route(f"/control{path}", answer, methods=list(acts))


def _done(act: _Act, arguments: Dict[str, Any]) -> Any:
    try:
        return act(**arguments)
    except NotThere as error:
        raise ApiError(404, str(error)) from None
    except (TypeError, ValueError) as error:
        raise ApiError(400, str(error)) from None


async def _object(request: Request) -> Dict[str, Any]:
    given = await json_body(request)
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise ApiError(400, "The body must be a JSON object")
    return given


def _demand_own_origin(request: Request) -> None:
    """Refuse what a page of another site has a browser send."""
    origin = request.headers.get("origin")
    if origin is not None:
        try:
            netloc = urlsplit(origin).netloc
        except ValueError:
            netloc = ""
        if netloc != request.headers.get("host"):
            raise ApiError(403, f"Pages of {origin} must not control the sandbox")
