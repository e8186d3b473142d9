"""The schemas of requests and answers, by name: one table, which is long for that."""

from __future__ import annotations

from typing import Dict

from scaleapi.sandbox.labeler import FORMS
from scaleapi.sandbox.options import OPTIONS, Option
from scaleapi.sandbox.routes.schema_types import (
    ANYTHING,
    BATCH_STATUS,
    FLAG,
    METADATA,
    NAME,
    NUMBER,
    OBJECT,
    ROLE,
    TASK_STATUS,
    TASK_TYPE,
    TEXT,
    TEXTS,
    TIME,
    WHOLE,
    Schema,
    an_object,
    array,
    or_null,
    ref,
)
from scaleapi.sandbox.routes.v2.schemas import V2_SCHEMAS
from scaleapi.sandbox.services.faults import KINDS
from scaleapi.sandbox.services.rate_limit import MAX_RATE, MIN_RATE
from scaleapi.tasks.parameters import PARAMETER_TYPES


def _option(option: Option) -> Schema:
    described = {"description": option.help, "default": option.default}
    if option.values:
        return {"type": "string", "enum": list(option.values), **described}
    if isinstance(option.default, bool):
        return {**FLAG, **described}
    return {**WHOLE, "minimum": 0, "maximum": option.maximum, **described}


_OPTIONS = {name: _option(option) for name, option in OPTIONS.items()}

_WORK: Dict[str, Schema] = {
    "project": TEXT,
    "batch": TEXT,
    "instruction": {"type": "string", "description": "Markdown."},
    "callback_url": {"type": "string", "description": "A URL or an e-mail address."},
    "unique_id": {"type": "string", "description": "Taken once in a world."},
    "metadata": METADATA,
    "tags": TEXTS,
    "priority": ANYTHING,
    "urgency": ANYTHING,
}
#: JSON type, as `task_creation_validation` has it -> its schema.
_JSON_TYPES: Dict[type, Schema] = {str: TEXT, list: array(ANYTHING), dict: OBJECT}
_CREATION: Dict[str, Schema] = {
    **{name: or_null(s) if s else s for name, s in _WORK.items()},
    "clear_unique_id_on_error": or_null(FLAG),
    "project_param_version": or_null(WHOLE),
    **{name: or_null(_JSON_TYPES[types[0]]) for name, types in PARAMETER_TYPES.items()},
    "fields": {"description": "An array for text collections, else an object."},
}

_PAGE = ("docs", "limit", "offset", "has_more")

SCHEMAS: Dict[str, Schema] = {
    **V2_SCHEMAS,
    "Error": an_object(
        ["status_code", "error"],
        "Every refusal has this form.",
        status_code=WHOLE,
        error=TEXT,
    ),
    "Task": an_object(
        [
            "task_id",
            "created_at",
            "updated_at",
            "type",
            "status",
            "params",
            "metadata",
        ],
        "What is not given, or not yet so, is absent.",
        task_id=TEXT,
        created_at=TIME,
        updated_at=TIME,
        completed_at=TIME,
        type=TASK_TYPE,
        status=TASK_STATUS,
        is_test=FLAG,
        **_WORK,
        params=OBJECT,
        response={"description": "An object for all types that are known."},
        customer_review_status=TEXT,
        audits=array(OBJECT),
        prior_responses=array(ANYTHING),
        callback_succeeded=FLAG,
        callback_succeeded_at=TIME,
        attachmentS3Downloads=array(
            an_object(
                ["attachmentURL", "s3URL", "isConvertedImage", "metadata"],
                attachmentURL=TEXT,
                s3URL=TEXT,
                isConvertedImage=FLAG,
                metadata=an_object(
                    ["mimeType"], mimeType=TEXT, frame=WHOLE, totalFrames=WHOLE
                ),
            )
        ),
    ),
    "LimitedTask": an_object(
        ["task_id", "status", "metadata"],
        "A task of a list with limited_response.",
        task_id=TEXT,
        status=TASK_STATUS,
        metadata=METADATA,
        project=TEXT,
    ),
    "TaskPage": an_object(
        [*_PAGE, "total"],
        docs=array({"anyOf": [ref("Task"), ref("LimitedTask")]}),
        total=WHOLE,
        limit=WHOLE,
        offset=WHOLE,
        has_more=FLAG,
        next_token={"type": "string", "description": "Absent on the last page."},
    ),
    "TaskRequest": an_object(
        (),
        (
            "Keys that are null count as not given. Which are required depends on "
            "the type; the project can supply them. Any further key becomes one of "
            "the task's params."
        ),
        **_CREATION,
    ),
    "QualityTask": an_object(
        ["id", "created_at", "type", "params", "metadata", "expected_response"],
        "An evaluation or training task.",
        id=TEXT,
        created_at=TIME,
        type=TASK_TYPE,
        **_WORK,
        params=OBJECT,
        initial_response=ANYTHING,
        expected_response=ANYTHING,
    ),
    "QualityTaskRequest": an_object(
        ["expected_response"],
        **_CREATION,
        initial_response=ANYTHING,
        expected_response=ANYTHING,
    ),
    "Audit": an_object(["accepted"], accepted=FLAG, comments=or_null(TEXT)),
    "UniqueId": an_object(["unique_id"], unique_id=NAME),
    "Batch": an_object(
        ["name", "project", "status", "created_at", "callback", "metadata"],
        name=NAME,
        project=NAME,
        status=BATCH_STATUS,
        created_at=TIME,
        completed_at=TIME,
        callback=TEXT,
        metadata=METADATA,
        calibration_batch=FLAG,
        self_label_batch=FLAG,
    ),
    "BatchPage": an_object(
        [*_PAGE, "totalDocs", "totalPages", "hasNextPage", "nextPage"],
        docs=array(ref("Batch")),
        totalDocs=WHOLE,
        limit=WHOLE,
        offset=WHOLE,
        has_more=FLAG,
        totalPages=WHOLE,
        hasNextPage=FLAG,
        nextPage=or_null(WHOLE),
    ),
    "BatchRequest": an_object(
        ["project", "name"],
        project=NAME,
        name=NAME,
        callback=or_null(TEXT),
        metadata=or_null(METADATA),
        calibration_batch=or_null(FLAG),
        self_label_batch=or_null(FLAG),
    ),
    "BatchStatus": an_object(
        ["status"],
        "Numbers of tasks that are zero are absent.",
        status=BATCH_STATUS,
        pending=WHOLE,
        completed=WHOLE,
        canceled=WHOLE,
        error=WHOLE,
    ),
    "Project": an_object(
        ["type", "name", "created_at", "param_history"],
        type=TASK_TYPE,
        name=NAME,
        created_at=TIME,
        param_history=array(
            an_object(["version", "created_at"], version=WHOLE, created_at=TIME)
        ),
        projectType={"type": "string", "enum": ["standard", "rapid", "studio"]},
        archived=FLAG,
        datasetId=ANYTHING,
    ),
    "ProjectRequest": an_object(
        ["type", "name"],
        type=TASK_TYPE,
        name=NAME,
        params=or_null(OBJECT),
        rapid=or_null(FLAG),
        studio=or_null(FLAG),
        datasetId=or_null(TEXT),
    ),
    "ProjectParams": an_object(
        (),
        "The parameters of the new version.",
        patch={
            "type": "boolean",
            "nullable": True,
            "description": "Whether parameters that are not named stay.",
        },
    ),
    "TaskTemplate": an_object(
        ["id", "version", "created_at", "updated_at", "template_variables"],
        id=TEXT,
        version=WHOLE,
        created_at=TIME,
        updated_at=TIME,
        template_variables=OBJECT,
        response_schema=OBJECT,
        auto_onboard_enabled=FLAG,
    ),
    "File": an_object(
        [
            "id",
            "attachment_url",
            "mime_type",
            "size",
            "project_names",
            "created_at",
            "updated_at",
        ],
        id=TEXT,
        attachment_url=TEXT,
        mime_type=TEXT,
        size=WHOLE,
        project_names=TEXTS,
        created_at=TIME,
        updated_at=TIME,
        display_name=TEXT,
        reference_id=TEXT,
        metadata=OBJECT,
    ),
    "FileUpload": an_object(
        ["file"],
        file={"type": "string", "format": "binary"},
        project_name=TEXT,
        display_name=TEXT,
        reference_id=TEXT,
        metadata={"type": "string", "description": "An object, as JSON text."},
    ),
    "FileImport": an_object(
        ["file_url"],
        file_url=NAME,
        project_name=or_null(TEXT),
        display_name=or_null(TEXT),
        reference_id=or_null(TEXT),
        metadata={
            "oneOf": [OBJECT, TEXT],
            "nullable": True,
            "description": "An object, or its JSON as text.",
        },
    ),
    "Teammate": an_object(
        ["email", "role", "isStudioLabeler", "disableRapidEmails"],
        email=TEXT,
        role=TEXT,
        company=TEXT,
        firstName=TEXT,
        lastName=TEXT,
        isStudioLabeler=FLAG,
        disableRapidEmails=FLAG,
    ),
    "Roles": an_object(["emails", "team_role"], emails=TEXTS, team_role=ROLE),
    "Assignments": {
        "type": "object",
        "description": "E-mail address -> names of projects.",
        "additionalProperties": TEXTS,
    },
    "Assignment": an_object(["emails", "projects"], emails=TEXTS, projects=TEXTS),
    "ProjectGroup": an_object(
        ["id", "name", "numWorkers", "isSingleton", "workers"],
        id=TEXT,
        name=NAME,
        numWorkers=WHOLE,
        isSingleton=FLAG,
        workers=array(an_object(["id", "email"], id=TEXT, email=TEXT)),
    ),
    "ProjectGroupRequest": an_object(["name", "emails"], name=NAME, emails=TEXTS),
    "ProjectGroupChange": an_object(
        ["add_emails", "remove_emails"], add_emails=TEXTS, remove_emails=TEXTS
    ),
    "StudioBatch": an_object(
        [
            "id",
            "name",
            "projectId",
            "projectName",
            "batchType",
            "studioPriority",
            "total",
            "completed",
            "groups",
        ],
        id=TEXT,
        name=NAME,
        projectId=TEXT,
        projectName=NAME,
        batchType=TEXT,
        studioPriority=or_null(WHOLE),
        total=WHOLE,
        completed=WHOLE,
        groups=TEXTS,
    ),
    "StudioGroups": an_object(["groups"], groups=TEXTS),
    "StudioPriorities": an_object(
        ["batches"],
        "Every pending Studio batch, once, the first first.",
        batches=array(an_object(["name"], name=NAME)),
    ),
    "Completion": an_object(
        (),
        (
            "The response; a plausible one is made up without it, in the named form "
            "if there is one. Any further key is written into the task's document."
        ),
        response=ANYTHING,
        form=or_null({"type": "string", "enum": list(FORMS)}),
    ),
    "TaskChanges": an_object(
        (), "Key of the task's document -> new value; null takes it away."
    ),
    "Label": an_object(
        (),
        "Which pending tasks to complete; all of them by default.",
        batch=or_null(TEXT),
        project=or_null(TEXT),
        api_key=or_null(TEXT),
    ),
    "Labeled": an_object(["completed"], completed=WHOLE),
    "Archive": an_object(
        api_key={"type": "string", "description": "The key of the batch's world."}
    ),
    "ClockMove": an_object(
        advance=or_null({**NUMBER, "description": "Seconds."}),
        set=or_null(TIME),
        reset={"type": "boolean", "description": "Back to this machine's time first."},
    ),
    "Clock": an_object(["now"], now=TIME),
    "SentRequests": an_object(
        ["requests"],
        requests=array(
            an_object(
                ["method", "path", "query", "headers", "body", "status"],
                method=TEXT,
                path=TEXT,
                query={"type": "object", "additionalProperties": TEXTS},
                headers={"type": "object", "additionalProperties": TEXT},
                body=TEXT,
                status=or_null(WHOLE),
            )
        ),
    ),
    "FaultRequest": an_object(
        kind={"type": "string", "enum": list(KINDS)},
        method=or_null(TEXT),
        path=TEXT,
        nth={"type": "integer", "minimum": 1},
        times=or_null({"type": "integer", "minimum": 1}),
        status={"type": "integer", "minimum": 200, "maximum": 599},
        body=ANYTHING,
        retry_after={
            "oneOf": [WHOLE, {"type": "string", "pattern": "^[ -~]*$"}],
            "nullable": True,
        },
        seconds={"type": "number", "minimum": 0, "maximum": 86400},
        carried_out=FLAG,
    ),
    "Fault": an_object(
        ["kind", "path", "matched", "triggered"],
        kind=TEXT,
        method=or_null(TEXT),
        path=TEXT,
        matched=WHOLE,
        triggered=WHOLE,
    ),
    "Faults": an_object(["faults"], faults=array(ref("Fault"))),
    "Options": an_object(OPTIONS, **_OPTIONS),
    "OptionChanges": an_object(
        (), "Options to change; the others stay as they are.", **_OPTIONS
    ),
    "RateLimit": an_object(
        creations_per_second=or_null(
            {"type": "number", "minimum": MIN_RATE, "maximum": MAX_RATE}
        ),
        burst=or_null({"type": "integer", "minimum": 1, "maximum": MAX_RATE}),
    ),
    "CallbacksWait": an_object(
        timeout={"type": "number", "minimum": 0, "description": "Seconds."}
    ),
    "CallbacksDone": an_object(["delivered"], delivered=FLAG),
    "Done": {"type": "object", "description": "Nothing more to say."},
}
