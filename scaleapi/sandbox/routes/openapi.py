"""An OpenAPI 3.0 description of what the sandbox serves, made from its operations."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple

from starlette.requests import Request
from starlette.responses import Response

from scaleapi._version import __version__
from scaleapi.sandbox.routes.operation import Operation
from scaleapi.sandbox.routes.schema_types import (
    CONTENT,
    TASK_TYPE,
    TEXT,
    Schema,
    ref,
)
from scaleapi.sandbox.routes.schemas import SCHEMAS
from scaleapi.sandbox.web.responses import encoded

_VARIABLE = re.compile(r"{(\w+)}")
#: OpenAPI distinguishes paths by their structure, not by the names of parameters.
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
    "attachment_id": (TEXT, "Id of an attachment of the task."),
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

#: How the key is sent -> the same in OpenAPI.
_SECURITY: Dict[Optional[str], List[Dict[str, List[str]]]] = {
    "basic": [{"key": []}],
    "bearer": [{"bearer": []}],
    None: [],
}

_DESCRIPTION = """\
A local stand-in for Scale's API. What is not known of the API is a guess.

Any key that begins with test_ or live_ is taken, as the user of HTTP Basic with an
empty password, and in /v2 as a Bearer token; each has a world of its own. Paths under
/control do what people do at Scale; they need no key."""


def describe(operations: Iterable[Operation]) -> Dict[str, Any]:
    """Return the description of operations."""
    paths: Dict[str, Dict[str, Any]] = {}
    for operation in operations:
        path = _ONE_FORM.get(operation.path, operation.path)
        described = _operation(operation)
        paths.setdefault(path, {})[operation.method.lower()] = described
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
            "securitySchemes": {
                "key": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "responses": {
                f"Error{status}": {
                    "description": text,
                    "content": _json(ref("Error")),
                }
                for status, text in _ERRORS.items()
            },
        },
    }


def endpoint(operations: Iterable[Operation]) -> Callable[[Request], Response]:
    """Return what serves the description of operations."""
    content = encoded(describe(operations))

    def serve(request: Request) -> Response:
        return Response(content, media_type="application/json")

    return serve


def _operation(operation: Operation) -> Dict[str, Any]:
    path, name = operation.path, operation.name
    scheme = operation.scheme
    area = path.split("/")[2 if scheme == "basic" else 1]
    described: Dict[str, Any] = {
        # The calls of v2 have names of v1.
        "operationId": f"{area}_{name}" if area in ("control", "v2") else name,
        "summary": operation.summary,
        "tags": ["tasks" if area == "task" else area],
        "security": _SECURITY[scheme],
        "responses": _answers(operation, scheme is not None),
    }
    parameters = _path_parameters(operation) + _query_parameters(operation.query or {})
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = _body(operation.body, operation.takes_form)
    return described


def _path_parameters(operation: Operation) -> List[Dict[str, Any]]:
    public_names = _VARIABLE.findall(_ONE_FORM.get(operation.path, operation.path))
    parameters = []
    for name, public_name in zip(operation.variables, public_names):
        schema, text = _PARTS.get(name, (TEXT, ""))
        parameters.append(
            {
                "name": public_name,
                "in": "path",
                "required": True,
                "description": text,
                "schema": schema,
            }
        )
    return parameters


def _query_parameters(query: Mapping[str, Schema]) -> List[Dict[str, Any]]:
    parameters = []
    for name, schema in query.items():
        parameter: Dict[str, Any] = {"name": name, "in": "query", "schema": schema}
        if schema.get("type") == "array":
            # A repeated key, except for review statuses: one key with commas.
            # api-notes: query-lists
            parameter["explode"] = name != "customer_review_status"
        parameters.append(parameter)
    return parameters


def _body(schema: Schema, is_form: bool) -> Dict[str, Any]:
    content = {"multipart/form-data": {"schema": schema}} if is_form else _json(schema)
    # api-notes: empty-body
    return {"content": content, "required": is_form}


def _answers(operation: Operation, needs_key: bool) -> Dict[str, Any]:
    content = {operation.media_type: {"schema": operation.answer}}
    if operation.answer == CONTENT and not needs_key:
        return _answers_of_storage(operation, content)
    statuses = {400, 403, *operation.errors}
    if needs_key:
        statuses.add(401)
    if operation.body is not None:
        statuses.add(413)
    done: Dict[str, Any] = {"200": {"description": "Done.", "content": content}}
    if operation.redirects:
        done["302"] = {"description": _STORAGE_ERRORS[302]}
    return {
        **done,
        **{
            str(status): {"$ref": f"#/components/responses/Error{status}"}
            for status in sorted(statuses)
        },
    }


def _answers_of_storage(
    operation: Operation, content: Dict[str, Any]
) -> Dict[str, Any]:
    """Return the answers of what is served as S3 does, with errors in XML."""
    texts = {status: _STORAGE_ERRORS[status] for status in sorted(operation.errors)}
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
