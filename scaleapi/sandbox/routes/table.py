"""What each call of the sandbox takes and answers, for its description."""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional, Tuple

from scaleapi.sandbox.routes.schemas import (
    BATCH_STATUS,
    CONTENT,
    FLAG,
    METADATA,
    REVIEW_STATUS,
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


class Call(NamedTuple):
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
_REFUSED_FETCH = (400, 404, 412, 416)

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
CALLS: Dict[Tuple[str, str], Call] = {
    ("POST", "/v1/task/{type}"): Call(
        "create_task",
        "Create a task.",
        _TASK,
        ref("TaskRequest"),
        _REFUSED_CREATION,
    ),
    ("GET", "/v1/task/{task_id}"): Call(
        "get_task", "Fetch a task.", _TASK, None, (404,), _LINKS
    ),
    ("POST", "/v1/task/{task_id}/cancel"): Call(
        "cancel_task",
        "Cancel a pending task.",
        _TASK,
        None,
        (404,),
        {"clear_unique_id": FLAG},
    ),
    ("POST", "/v1/task/{task_id}/audit"): Call(
        "audit_task", "Accept or reject a completed task.", TEXT, ref("Audit"), (404,)
    ),
    ("POST", "/v1/task/{task_id}/unique_id"): Call(
        "update_task_unique_id",
        "Give a task another unique id.",
        _TASK,
        ref("UniqueId"),
        (404, 409),
    ),
    ("DELETE", "/v1/task/{task_id}/unique_id"): Call(
        "clear_task_unique_id", "Take a task's unique id away.", _TASK, None, (404,)
    ),
    ("POST", "/v1/task/{task_id}/setMetadata"): Call(
        "set_task_metadata", "Replace a task's metadata.", _TASK, METADATA, (404,)
    ),
    ("POST", "/v1/task/{task_id}/tags"): Call(
        "set_task_tags", "Replace a task's tags.", _TASK, TEXTS, (404,)
    ),
    ("PUT", "/v1/task/{task_id}/tags"): Call(
        "add_task_tags", "Add tags to a task.", _TASK, TEXTS, (404,)
    ),
    ("DELETE", "/v1/task/{task_id}/tags"): Call(
        "delete_task_tags", "Take tags off a task.", _TASK, TEXTS, (404,)
    ),
    ("GET", "/v1/tasks"): Call(
        "tasks",
        "List a page of tasks, the newest first.",
        ref("TaskPage"),
        query=_TASK_FILTERS,
    ),
    ("POST", "/v1/batches"): Call(
        "create_batch", "Create a batch.", _BATCH, ref("BatchRequest"), (404, 409)
    ),
    ("GET", "/v1/batches"): Call(
        "batches",
        "List a page of batches, the newest first.",
        ref("BatchPage"),
        query=_BATCH_FILTERS,
    ),
    ("GET", "/v1/batches/{name}"): Call(
        "get_batch", "Fetch a batch.", _BATCH, None, (404,)
    ),
    ("POST", "/v1/batches/{name}/finalize"): Call(
        "finalize_batch", "Release a batch to be worked on.", _BATCH, None, (404,)
    ),
    ("GET", "/v1/batches/{name}/status"): Call(
        "batch_status", "Count a batch's tasks.", ref("BatchStatus"), None, (404,)
    ),
    ("POST", "/v1/batches/{name}/setMetadata"): Call(
        "set_batch_metadata", "Replace a batch's metadata.", _BATCH, METADATA, (404,)
    ),
    ("POST", "/v1/projects"): Call(
        "create_project",
        "Create a project.",
        _PROJECT,
        ref("ProjectRequest"),
        (404, 409),
    ),
    ("GET", "/v1/projects"): Call(
        "projects",
        "List all projects, the oldest first.",
        array(_PROJECT),
        query={"archived": FLAG},
    ),
    ("GET", "/v1/projects/{name}"): Call(
        "get_project", "Fetch a project.", _PROJECT, None, (404,)
    ),
    ("POST", "/v1/projects/{name}/setParams"): Call(
        "update_project",
        "Give a project a new version of its parameters.",
        _PROJECT,
        ref("ProjectParams"),
        (404,),
    ),
    ("GET", "/v1/projects/{name}/taskTemplates"): Call(
        "get_project_template",
        "Fetch the template of a text collection or chat project.",
        ref("TaskTemplate"),
        None,
        (404,),
    ),
    ("POST", "/v1/files/upload"): Call(
        "upload_file", "Upload a file.", ref("File"), ref("FileUpload"), (404, 409)
    ),
    ("POST", "/v1/files/import"): Call(
        "import_file",
        "Make a file of an address; the sandbox does not fetch it.",
        ref("File"),
        ref("FileImport"),
        (404, 409),
    ),
    ("POST", "/v1/evaluation_tasks/{type}"): Call(
        "create_evaluation_task",
        "Create an evaluation task.",
        ref("QualityTask"),
        ref("QualityTaskRequest"),
        _REFUSED_CREATION,
    ),
    ("POST", "/v1/training_tasks/{type}"): Call(
        "create_training_task",
        "Create a training task.",
        ref("QualityTask"),
        ref("QualityTaskRequest"),
        _REFUSED_CREATION,
    ),
    ("GET", "/v1/teams"): Call("list_teammates", "List all teammates.", _MATES),
    ("POST", "/v1/teams/invite"): Call(
        "invite_teammates", "Invite people.", _MATES, ref("Roles")
    ),
    ("POST", "/v1/teams/set_role"): Call(
        "update_teammates_role",
        "Change the role of teammates.",
        _MATES,
        ref("Roles"),
        (404,),
    ),
    ("GET", "/v1/studio/assignments"): Call(
        "list_studio_assignments",
        "List the projects of each teammate.",
        ref("Assignments"),
    ),
    ("POST", "/v1/studio/assignments/add"): Call(
        "add_studio_assignments",
        "Assign teammates to projects.",
        ref("Assignments"),
        ref("Assignment"),
        (404,),
    ),
    ("POST", "/v1/studio/assignments/remove"): Call(
        "remove_studio_assignments",
        "Take teammates off projects.",
        ref("Assignments"),
        ref("Assignment"),
        (404,),
    ),
    ("GET", "/v1/studio/projects/{project}/groups"): Call(
        "list_project_groups",
        "List the groups of a project.",
        array(ref("ProjectGroup")),
        None,
        (404,),
    ),
    ("POST", "/v1/studio/projects/{project}/groups"): Call(
        "create_project_group",
        "Make a group of people who are assigned to a project.",
        ref("ProjectGroup"),
        ref("ProjectGroupRequest"),
        (404, 409),
    ),
    ("PUT", "/v1/studio/projects/{project}/groups/{group}"): Call(
        "update_project_group",
        "Add people to a group, and take others out.",
        ref("ProjectGroup"),
        ref("ProjectGroupChange"),
        (404,),
    ),
    ("GET", "/v1/studio/batches"): Call(
        "list_studio_batches", "List the pending Studio batches.", _STUDIO
    ),
    ("PUT", "/v1/studio/batches/{name}"): Call(
        "assign_studio_batches",
        "Give a batch to groups.",
        ref("StudioBatch"),
        ref("StudioGroups"),
        (404,),
    ),
    ("POST", "/v1/studio/batches/set_priorities"): Call(
        "set_studio_batches_priorities",
        "Put the pending Studio batches in order.",
        _STUDIO,
        ref("StudioPriorities"),
    ),
    ("POST", "/v1/studio/batches/reset_priorities"): Call(
        "reset_studio_batches_priorities",
        "Put the pending Studio batches in the order in which they came.",
        _STUDIO,
    ),
    ("GET", "/results/{id}"): Call(
        "result", "Fetch a part of a response.", CONTENT, None, _REFUSED_FETCH
    ),
    ("GET", "/attachments/{world}/{name}"): Call(
        "attachment",
        "Fetch an attachment by its signed address.",
        CONTENT,
        None,
        (302, 403, *_REFUSED_FETCH),
        {"Expires": TEXT, "Signature": TEXT},
    ),
    ("POST", "/control/tasks/{task}/complete"): Call(
        "complete", "Complete a pending task.", _TASK, ref("Completion"), (404,)
    ),
    ("POST", "/control/tasks/{task}/fail"): Call(
        "fail",
        "Give a pending task the status error.",
        _TASK,
        ref("Completion"),
        (404,),
    ),
    ("PATCH", "/control/tasks/{task}"): Call(
        "set", "Change a task's document.", _TASK, ref("TaskChanges"), (404,)
    ),
    ("POST", "/control/label"): Call(
        "label", "Complete all pending tasks.", ref("Labelled"), ref("Label")
    ),
    ("POST", "/control/batches/{batch_name}/archive"): Call(
        "archive_batch", "Archive a batch.", ref("Done"), ref("Archive"), (404,)
    ),
    ("GET", "/control/clock"): Call(
        "clock", "Tell the time of the sandbox.", ref("Clock")
    ),
    ("POST", "/control/clock"): Call(
        "move_clock", "Move the clock.", ref("Clock"), ref("ClockMove")
    ),
    ("GET", "/control/requests"): Call(
        "requests", "Show what clients have sent.", ref("SentRequests")
    ),
    ("DELETE", "/control/requests"): Call(
        "clear_requests", "Forget what clients have sent.", ref("Done")
    ),
    ("GET", "/control/faults"): Call(
        "faults", "List the faults on demand.", ref("Faults")
    ),
    ("POST", "/control/faults"): Call(
        "add_fault", "Let calls fail.", ref("Fault"), ref("FaultRequest")
    ),
    ("DELETE", "/control/faults"): Call(
        "clear_faults", "Let nothing go wrong any more.", ref("Done")
    ),
    ("GET", "/control/options"): Call(
        "options", "Show the named options.", ref("Options")
    ),
    ("POST", "/control/options"): Call(
        "set_options",
        "Change some of the named options.",
        ref("Options"),
        ref("OptionChanges"),
    ),
    ("POST", "/control/rate_limit"): Call(
        "rate_limit",
        "Answer 429 to clients that create tasks too fast.",
        ref("Done"),
        ref("RateLimit"),
    ),
    ("POST", "/control/callbacks/wait"): Call(
        "wait_for_callbacks",
        "Wait until all callbacks that are due have been tried.",
        ref("CallbacksDone"),
        ref("CallbacksWait"),
    ),
    ("POST", "/control/reset"): Call("reset", "Forget everything.", ref("Done")),
}
