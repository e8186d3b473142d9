"""An OpenAPI 3.0 description of what the sandbox serves, made from its routes."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scaleapi._version import __version__
from scaleapi.sandbox.answers import encoded
from scaleapi.sandbox.schemas import (
    ANYTHING,
    BATCH_STATUS,
    FLAG,
    METADATA,
    REVIEW_STATUS,
    SCHEMAS,
    TASK_STATUS,
    TASK_TYPE,
    TEXT,
    TEXTS,
    TIME,
    WHOLE,
    Schema,
    array,
    ref,
)

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
}

_ERRORS = {
    400: "Something is missing, wrong, or not possible now.",
    401: "There is no key that begins with test_ or live_.",
    403: "The request comes from a page of another site.",
    404: "There is no such thing in the world of this key.",
    409: "The name or unique_id is in use.",
    413: "The body is too large.",
    429: "Tasks are created too fast; see Retry-After. Off by default.",
}


class _Call(NamedTuple):
    """What is known of a route beyond method and path.

    Attributes:
        name: The client's call, or the method of the sandbox.
        summary: What it does.
        answer: Schema of the answer.
        body: Schema of the body.
        errors: How it may be refused, besides 400 and 401.
        query: Name -> schema of its query.
    """

    name: str
    summary: str
    answer: Schema
    body: Optional[Schema] = None
    errors: Tuple[int, ...] = ()
    query: Optional[Dict[str, Schema]] = None


_TASK, _BATCH, _PROJECT = ref("Task"), ref("Batch"), ref("Project")
_MATES = array(ref("Teammate"))
_STUDIO = array(ref("StudioBatch"))
_LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": 100, "default": 100}
_LINKS = {"include_attachment_url": FLAG}
_REFUSED_CREATION = (404, 409, 429)

_TASK_FILTERS: Dict[str, Schema] = {
    "project": TEXT,
    "batch": TEXT,
    "type": TASK_TYPE,
    "status": TASK_STATUS,
    "customer_review_status": {
        **array(REVIEW_STATUS),
        "description": "Any of them; joined by commas.",
    },
    "unique_id": {**TEXTS, "description": "Any of them; a repeated key."},
    "tags": {**TEXTS, "description": "Any of them; a repeated key."},
    "start_time": TIME,
    "end_time": TIME,
    "completed_after": TIME,
    "completed_before": TIME,
    "updated_after": TIME,
    "updated_before": TIME,
    "limit": _LIMIT,
    "next_token": {"type": "string", "description": "Of the page before."},
    "include_attachment_url": FLAG,
    "limited_response": FLAG,
}
_BATCH_FILTERS: Dict[str, Schema] = {
    "project": TEXT,
    "status": BATCH_STATUS,
    "start_time": TIME,
    "end_time": TIME,
    "exclude_archived": FLAG,
    "limit": _LIMIT,
    "offset": {**WHOLE, "minimum": 0, "default": 0},
}

#: Method and path -> what is known of them. A route that is not here is shown
#: all the same, with less to say.
CALLS: Dict[Tuple[str, str], _Call] = {
    ("POST", "/v1/task/{type}"): _Call(
        "create_task",
        "Create a task.",
        _TASK,
        ref("TaskRequest"),
        _REFUSED_CREATION,
    ),
    ("GET", "/v1/task/{task_id}"): _Call(
        "get_task", "Fetch a task.", _TASK, None, (404,), _LINKS
    ),
    ("POST", "/v1/task/{task_id}/cancel"): _Call(
        "cancel_task",
        "Cancel a pending task.",
        _TASK,
        None,
        (404,),
        {"clear_unique_id": FLAG},
    ),
    ("POST", "/v1/task/{task_id}/audit"): _Call(
        "audit_task", "Accept or reject a completed task.", TEXT, ref("Audit"), (404,)
    ),
    ("POST", "/v1/task/{task_id}/unique_id"): _Call(
        "update_task_unique_id",
        "Give a task another unique id.",
        _TASK,
        ref("UniqueId"),
        (404, 409),
    ),
    ("DELETE", "/v1/task/{task_id}/unique_id"): _Call(
        "clear_task_unique_id", "Take a task's unique id away.", _TASK, None, (404,)
    ),
    ("POST", "/v1/task/{task_id}/setMetadata"): _Call(
        "set_task_metadata", "Replace a task's metadata.", _TASK, METADATA, (404,)
    ),
    ("POST", "/v1/task/{task_id}/tags"): _Call(
        "set_task_tags", "Replace a task's tags.", _TASK, TEXTS, (404,)
    ),
    ("PUT", "/v1/task/{task_id}/tags"): _Call(
        "add_task_tags", "Add tags to a task.", _TASK, TEXTS, (404,)
    ),
    ("DELETE", "/v1/task/{task_id}/tags"): _Call(
        "delete_task_tags", "Take tags off a task.", _TASK, TEXTS, (404,)
    ),
    ("GET", "/v1/tasks"): _Call(
        "tasks",
        "List a page of tasks, the newest first.",
        ref("TaskPage"),
        query=_TASK_FILTERS,
    ),
    ("POST", "/v1/batches"): _Call(
        "create_batch", "Create a batch.", _BATCH, ref("BatchRequest"), (404, 409)
    ),
    ("GET", "/v1/batches"): _Call(
        "batches",
        "List a page of batches, the newest first.",
        ref("BatchPage"),
        query=_BATCH_FILTERS,
    ),
    ("GET", "/v1/batches/{name}"): _Call(
        "get_batch", "Fetch a batch.", _BATCH, None, (404,)
    ),
    ("POST", "/v1/batches/{name}/finalize"): _Call(
        "finalize_batch", "Release a batch to be worked on.", _BATCH, None, (404,)
    ),
    ("GET", "/v1/batches/{name}/status"): _Call(
        "batch_status", "Count a batch's tasks.", ref("BatchStatus"), None, (404,)
    ),
    ("POST", "/v1/batches/{name}/setMetadata"): _Call(
        "set_batch_metadata", "Replace a batch's metadata.", _BATCH, METADATA, (404,)
    ),
    ("POST", "/v1/projects"): _Call(
        "create_project",
        "Create a project.",
        _PROJECT,
        ref("ProjectRequest"),
        (404, 409),
    ),
    ("GET", "/v1/projects"): _Call(
        "projects",
        "List all projects, the oldest first.",
        array(_PROJECT),
        query={"archived": FLAG},
    ),
    ("GET", "/v1/projects/{name}"): _Call(
        "get_project", "Fetch a project.", _PROJECT, None, (404,)
    ),
    ("POST", "/v1/projects/{name}/setParams"): _Call(
        "update_project",
        "Give a project a new version of its parameters.",
        _PROJECT,
        ref("ProjectParams"),
        (404,),
    ),
    ("GET", "/v1/projects/{name}/taskTemplates"): _Call(
        "get_project_template",
        "Fetch the template of a text collection or chat project.",
        ref("TaskTemplate"),
        None,
        (404,),
    ),
    ("POST", "/v1/files/upload"): _Call(
        "upload_file", "Upload a file.", ref("File"), ref("FileUpload"), (404, 409)
    ),
    ("POST", "/v1/files/import"): _Call(
        "import_file",
        "Make a file of an address; the sandbox does not fetch it.",
        ref("File"),
        ref("FileImport"),
        (404, 409),
    ),
    ("POST", "/v1/evaluation_tasks/{type}"): _Call(
        "create_evaluation_task",
        "Create an evaluation task.",
        ref("QualityTask"),
        ref("QualityTaskRequest"),
        _REFUSED_CREATION,
    ),
    ("POST", "/v1/training_tasks/{type}"): _Call(
        "create_training_task",
        "Create a training task.",
        ref("QualityTask"),
        ref("QualityTaskRequest"),
        _REFUSED_CREATION,
    ),
    ("GET", "/v1/teams"): _Call("list_teammates", "List all teammates.", _MATES),
    ("POST", "/v1/teams/invite"): _Call(
        "invite_teammates", "Invite people.", _MATES, ref("Roles")
    ),
    ("POST", "/v1/teams/set_role"): _Call(
        "update_teammates_role",
        "Change the role of teammates.",
        _MATES,
        ref("Roles"),
        (404,),
    ),
    ("GET", "/v1/studio/assignments"): _Call(
        "list_studio_assignments",
        "List the projects of each teammate.",
        ref("Assignments"),
    ),
    ("POST", "/v1/studio/assignments/add"): _Call(
        "add_studio_assignments",
        "Assign teammates to projects.",
        ref("Assignments"),
        ref("Assignment"),
        (404,),
    ),
    ("POST", "/v1/studio/assignments/remove"): _Call(
        "remove_studio_assignments",
        "Take teammates off projects.",
        ref("Assignments"),
        ref("Assignment"),
        (404,),
    ),
    ("GET", "/v1/studio/projects/{project}/groups"): _Call(
        "list_project_groups",
        "List the groups of a project.",
        array(ref("ProjectGroup")),
        None,
        (404,),
    ),
    ("POST", "/v1/studio/projects/{project}/groups"): _Call(
        "create_project_group",
        "Make a group of people who are assigned to a project.",
        ref("ProjectGroup"),
        ref("ProjectGroupRequest"),
        (404, 409),
    ),
    ("PUT", "/v1/studio/projects/{project}/groups/{group}"): _Call(
        "update_project_group",
        "Add people to a group, and take others out.",
        ref("ProjectGroup"),
        ref("ProjectGroupChange"),
        (404,),
    ),
    ("GET", "/v1/studio/batches"): _Call(
        "list_studio_batches", "List the pending Studio batches.", _STUDIO
    ),
    ("PUT", "/v1/studio/batches/{name}"): _Call(
        "assign_studio_batches",
        "Give a batch to groups.",
        ref("StudioBatch"),
        ref("StudioGroups"),
        (404,),
    ),
    ("POST", "/v1/studio/batches/set_priorities"): _Call(
        "set_studio_batches_priorities",
        "Put the pending Studio batches in order.",
        _STUDIO,
        ref("StudioPriorities"),
    ),
    ("POST", "/v1/studio/batches/reset_priorities"): _Call(
        "reset_studio_batches_priorities",
        "Put the pending Studio batches in the order in which they came.",
        _STUDIO,
    ),
    ("POST", "/control/tasks/{task}/complete"): _Call(
        "complete", "Complete a pending task.", _TASK, ref("Completion"), (404,)
    ),
    ("POST", "/control/tasks/{task}/fail"): _Call(
        "fail",
        "Give a pending task the status error.",
        _TASK,
        ref("Completion"),
        (404,),
    ),
    ("PATCH", "/control/tasks/{task}"): _Call(
        "set", "Change a task's document.", _TASK, ref("TaskChanges"), (404,)
    ),
    ("POST", "/control/label"): _Call(
        "label", "Complete all pending tasks.", ref("Labelled"), ref("Label")
    ),
    ("POST", "/control/batches/{batch_name}/archive"): _Call(
        "archive_batch", "Archive a batch.", ref("Done"), ref("Archive"), (404,)
    ),
    ("GET", "/control/clock"): _Call(
        "clock", "Tell the time of the sandbox.", ref("Clock")
    ),
    ("POST", "/control/clock"): _Call(
        "move_clock", "Move the clock.", ref("Clock"), ref("ClockMove")
    ),
    ("GET", "/control/requests"): _Call(
        "requests", "Show what clients have sent.", ref("SentRequests")
    ),
    ("DELETE", "/control/requests"): _Call(
        "clear_requests", "Forget what clients have sent.", ref("Done")
    ),
    ("GET", "/control/faults"): _Call(
        "faults", "List the faults on demand.", ref("Faults")
    ),
    ("POST", "/control/faults"): _Call(
        "add_fault", "Let calls fail.", ref("Fault"), ref("FaultRequest")
    ),
    ("DELETE", "/control/faults"): _Call(
        "clear_faults", "Let nothing go wrong any more.", ref("Done")
    ),
    ("POST", "/control/rate_limit"): _Call(
        "rate_limit",
        "Answer 429 to clients that create tasks too fast.",
        ref("Done"),
        ref("RateLimit"),
    ),
    ("POST", "/control/callbacks/wait"): _Call(
        "wait_for_callbacks",
        "Wait until all callbacks that are due have been tried.",
        ref("CallbacksDone"),
        ref("CallbacksWait"),
    ),
    ("POST", "/control/reset"): _Call("reset", "Forget everything.", ref("Done")),
}

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
        further: Routes beside them, of which those of the control are shown.
    """
    routes: List[Tuple[str, str]] = [(m, f"/v1{path}") for m, path, _ in api]
    for route in further:
        if route.path.startswith("/control/"):
            methods = sorted((route.methods or set()) - {"HEAD"})
            routes += [(method, route.path) for method in methods]
    content = encoded(describe(routes))

    def serve(request: Request) -> Response:
        return Response(content, media_type="application/json")

    return serve


def _operation(method: str, path: str) -> Dict[str, Any]:
    known = CALLS.get((method, path))
    name = re.sub(r"\W+", "_", f"{method} {path}").strip("_").lower()
    call = known or _Call(name, f"{method} {path}", ANYTHING)
    is_control = path.startswith("/control/")
    area = path.split("/")[1 if is_control else 2]
    operation: Dict[str, Any] = {
        "operationId": f"control_{call.name}" if is_control else call.name,
        "summary": call.summary,
        "tags": ["tasks" if area == "task" else area],
        "security": [] if is_control else [{"key": []}],
        "responses": _answers(call, is_control),
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


def _answers(call: _Call, is_control: bool) -> Dict[str, Any]:
    is_text = call.answer == TEXT
    content = {"text/plain": {"schema": TEXT}} if is_text else _json(call.answer)
    statuses = {400, 403 if is_control else 401, *call.errors}
    if call.body is not None:
        statuses.add(413)
    return {
        "200": {"description": "Done.", "content": content},
        **{
            str(status): {"$ref": f"#/components/responses/Error{status}"}
            for status in sorted(statuses)
        },
    }


def _json(schema: Schema) -> Dict[str, Any]:
    return {"application/json": {"schema": schema}}
