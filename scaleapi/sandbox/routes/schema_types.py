"""The JSON types that schemas and operations are described with, as OpenAPI 3.0."""

from __future__ import annotations

from typing import Any, Dict, Iterable

from scaleapi.sandbox.statuses import FURTHER_STATUSES, STATUSES
from scaleapi.tasks.enums import TaskReviewStatus, TaskType

Schema = Dict[str, Any]

TEXT: Schema = {"type": "string"}
#: Of a file, of whatever type.
CONTENT: Schema = {"type": "string", "format": "binary"}
NAME: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
OBJECT: Schema = {"type": "object"}
ANYTHING: Schema = {}
TIME: Schema = {"type": "string", "format": "date-time"}
TASK_TYPE: Schema = {"type": "string", "enum": [t.value for t in TaskType]}
TASK_STATUS: Schema = {"type": "string", "enum": [*STATUSES, *FURTHER_STATUSES]}
REVIEW_STATUS: Schema = {"type": "string", "enum": [s.value for s in TaskReviewStatus]}
BATCH_STATUS: Schema = {
    "type": "string",
    # The last two are set by v2 only.
    "enum": ["staging", "in_progress", "completed", "paused", "cancelled"],
}
ROLE: Schema = {"type": "string", "enum": ["labeler", "member", "manager"]}


def ref(name: str) -> Schema:
    """Return a reference to one of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def or_null(schema: Schema) -> Schema:
    return {**schema, "nullable": True}


def an_object(
    required: Iterable[str] = (), description: str = "", /, **properties: Schema
) -> Schema:
    """Return an object, which may have further keys."""
    schema: Schema = {"type": "object", "properties": properties}
    if tuple(required):
        schema["required"] = list(required)
    if description:
        schema["description"] = description
    return schema


TEXTS = array(TEXT)
METADATA: Schema = {
    "type": "object",
    "description": "Any JSON; at most 10,240 bytes of it.",
}
