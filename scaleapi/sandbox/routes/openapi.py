"""An OpenAPI 3.0 description of what the sandbox serves, made from its routes."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Iterable, List, Tuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scaleapi._version import __version__
from scaleapi.sandbox.routes.schemas import (
    ANYTHING,
    CONTENT,
    SCHEMAS,
    TASK_TYPE,
    TEXT,
    Schema,
    ref,
)
from scaleapi.sandbox.routes.table import CALLS, Call
from scaleapi.sandbox.web.responses import encoded

_VARIABLE = re.compile(r"{(\w+)}")
#: OpenAPI tells paths apart by their form, not by the names of their parts.
_ONE_FORM = {
    "/v1/task/{type}": "/v1/task/{type_or_task_id}",
    "/v1/task/{task_id}": "/v1/task/{type_or_task_id}",
}
_PARTS: Dict[str, Tuple[Schema, str]] = {
    "type": (TASK_TYPE, "Type of the task."),
    "task_id": (TEXT, "Id of the task."),
    "task": (TEXT, "Id of the task."),
    "name": (TEXT, "Name of the batch or project, quoted as one segment."),
    "batch_name": (TEXT, "Name of the batch, quoted as one segment."),
    "project": (TEXT, "Name of the project, quoted as one segment."),
    "group": (TEXT, "Name of the group, quoted as one segment."),
    "id": (TEXT, "Id of the result."),
    "world": (TEXT, "Number of the world that the attachment is of."),
}

_ERRORS = {
    400: "Something is missing, wrong, or not possible now.",
    401: "There is no key that begins with test_ or live_.",
    403: "A page of another site sends this.",
    404: "There is no such thing in the world of this key.",
    409: "The name or unique_id is in use.",
    413: "The body is too large.",
    429: "Tasks are created too fast; see Retry-After. Off by default.",
}

#: The same of what is served as S3 serves objects.
_STORAGE_ERRORS = {
    302: "It is elsewhere; see Location.",
    400: "It is asked for with a key.",
    403: "The signature is wrong or has expired.",
    404: "There is no such object.",
    412: "A condition of the request does not hold.",
    416: "The range begins beyond the end.",
}

#: Schema -> type of an answer that is no JSON.
_KINDS = {str(TEXT): "text/plain", str(CONTENT): "*/*"}

_DESCRIPTION = """\
A local stand-in for Scale's API. What is not known of the API is a guess.

Any key that begins with test_ or live_ is taken, as the user of HTTP Basic with an
empty password; each has a world of its own. Paths under /control do what people
do at Scale; they need no key."""


def describe(routes: Iterable[Tuple[str, str]]) -> Dict[str, Any]:
    """Return the description of some routes: their methods and whole paths."""
    paths: Dict[str, Dict[str, Any]] = {}
    for method, path in routes:
        operations = paths.setdefault(_ONE_FORM.get(path, path), {})
        operations[method.lower()] = _operation(method, path)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "The sandbox of scaleapi",
            "version": __version__,
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"key": {"type": "http", "scheme": "basic"}},
            "responses": {
                f"Error{status}": {
                    "description": text,
                    "content": _json(ref("Error")),
                }
                for status, text in _ERRORS.items()
            },
        },
    }


def endpoint(
    api: Iterable[Tuple[str, str, Any]], further: Iterable[Route]
) -> Callable[[Request], Response]:
    """Return what serves the description.

    Args:
        api: Method, path after ``/v1``, and handler of each call of the API.
        further: Routes beside them.
    """
    routes: List[Tuple[str, str]] = [(m, f"/v1{path}") for m, path, _ in api]
    for route in further:
        methods = sorted((route.methods or set()) - {"HEAD"})
        routes += [(method, route.path) for method in methods]
    content = encoded(describe(routes))

    def serve(request: Request) -> Response:
        return Response(content, media_type="application/json")

    return serve


def _operation(method: str, path: str) -> Dict[str, Any]:
    known = CALLS.get((method, path))
    name = re.sub(r"\W+", "_", f"{method} {path}").strip("_").lower()
    call = known or Call(name, f"{method} {path}", ANYTHING)
    needs_key = path.startswith("/v1/")
    area = path.split("/")[2 if needs_key else 1]
    operation: Dict[str, Any] = {
        "operationId": f"control_{call.name}" if area == "control" else call.name,
        "summary": call.summary,
        "tags": ["tasks" if area == "task" else area],
        "security": [{"key": []}] if needs_key else [],
        "responses": _answers(call, needs_key),
    }
    parameters = _path_parameters(path) + _query_parameters(call.query or {})
    if parameters:
        operation["parameters"] = parameters
    if call.body is not None:
        operation["requestBody"] = _body(call.body)
    return operation


def _path_parameters(path: str) -> List[Dict[str, Any]]:
    shown = _VARIABLE.findall(_ONE_FORM.get(path, path))
    parameters = []
    for name, name_shown in zip(_VARIABLE.findall(path), shown):
        schema, text = _PARTS.get(name, (TEXT, ""))
        parameters.append(
            {
                "name": name_shown,
                "in": "path",
                "required": True,
                "description": text,
                "schema": schema,
            }
        )
    return parameters


def _query_parameters(query: Dict[str, Schema]) -> List[Dict[str, Any]]:
    parameters = []
    for name, schema in query.items():
        parameter: Dict[str, Any] = {"name": name, "in": "query", "schema": schema}
        if schema.get("type") == "array":
            # Contract 1.3: one key with commas for these, else a repeated key.
            parameter["explode"] = name != "customer_review_status"
        parameters.append(parameter)
    return parameters


def _body(schema: Schema) -> Dict[str, Any]:
    is_form = schema == ref("FileUpload")
    content = {"multipart/form-data": {"schema": schema}} if is_form else _json(schema)
    # Without a body most calls read an empty one (contract 6.3, guess).
    return {"content": content, "required": is_form}


def _answers(call: Call, needs_key: bool) -> Dict[str, Any]:
    kind = _KINDS.get(str(call.answer), "application/json")
    content = {kind: {"schema": call.answer}}
    if call.answer == CONTENT:
        return _answers_of_storage(call, content)
    statuses = {400, 403, *call.errors}
    if needs_key:
        statuses.add(401)
    if call.body is not None:
        statuses.add(413)
    return {
        "200": {"description": "Done.", "content": content},
        **{
            str(status): {"$ref": f"#/components/responses/Error{status}"}
            for status in sorted(statuses)
        },
    }


def _answers_of_storage(call: Call, content: Dict[str, Any]) -> Dict[str, Any]:
    """Return the answers of what is served as S3 does, with errors in XML."""
    texts = {status: _STORAGE_ERRORS[status] for status in sorted(call.errors)}
    return {
        "200": {"description": "The whole of it.", "content": content},
        "206": {"description": "The range that was asked for.", "content": content},
        "304": {"description": "It is what the client has."},
        **{
            str(status): {
                "description": text,
                **({} if status == 302 else {"content": {"application/xml": {}}}),
            }
            for status, text in texts.items()
        },
    }


def _json(schema: Schema) -> Dict[str, Any]:
    return {"application/json": {"schema": schema}}
