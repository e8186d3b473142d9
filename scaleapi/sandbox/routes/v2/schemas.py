"""The schemas of requests and answers of v2, by name: one table."""

from __future__ import annotations

from typing import Dict

from scaleapi.sandbox.routes.schema_types import (
    ANYTHING,
    BATCH_STATUS,
    FLAG,
    METADATA,
    NAME,
    NUMBER,
    OBJECT,
    TASK_STATUS,
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

_TOKEN: Schema = {"type": "string", "description": "Absent on the last page."}


def _or_id(name: str) -> Schema:
    return {"anyOf": [TEXT, ref(name)], "description": "The id, or with expand all."}


_ANNOTATIONS = array(ref("V2Annotation"))
_A_PROJECT = {"project_id": or_null(TEXT), "project_name": or_null(TEXT)}
_A_BATCH = {"batch_id": or_null(TEXT), "batch_name": or_null(TEXT)}

V2_SCHEMAS: Dict[str, Schema] = {
    "V2Project": an_object(
        ["id", "name", "created_at", "types", "models"],
        id=TEXT,
        name=NAME,
        created_at=TIME,
        types=TEXTS,
        models=TEXTS,
    ),
    "V2Projects": an_object(["projects"], projects=array(ref("V2Project"))),
    "V2Batch": an_object(
        ["id", "name", "project", "created_at", "status", "callback", "metadata"],
        id=TEXT,
        name=NAME,
        project=_or_id("V2Project"),
        created_at=TIME,
        completed_at=TIME,
        status=BATCH_STATUS,
        callback=TEXT,
        metadata=METADATA,
    ),
    "V2BatchPage": an_object(
        ["batches"], batches=array(ref("V2Batch")), next_token=_TOKEN
    ),
    "V2BatchRequest": an_object(
        ["name"],
        "A project is required, by id or by name.",
        name=NAME,
        **_A_PROJECT,
        project={"type": "string", "nullable": True, "description": "The id, too."},
        callback=or_null(TEXT),
        staging_batch=or_null(FLAG),
        metadata=or_null(METADATA),
    ),
    "V2BatchNamed": an_object((), "One of the two is required.", **_A_BATCH),
    "V2BatchChange": an_object(
        ["batch", "message"], batch=ref("V2Batch"), message=TEXT
    ),
    "V2BatchMetadata": an_object(
        ["metadata"],
        "Of a batch, by id or by name.",
        **_A_BATCH,
        metadata=METADATA,
        merge=or_null(FLAG),
    ),
    "V2TaskMetadata": an_object(
        ["task_id", "metadata"], task_id=NAME, metadata=METADATA, merge=or_null(FLAG)
    ),
    "V2ChatTaskRequest": an_object(
        (),
        "A project is required, by id or by name.",
        **_A_PROJECT,
        **_A_BATCH,
        template_variables=or_null(OBJECT),
        metadata=or_null(METADATA),
        callback_url=or_null(TEXT),
        unique_id={
            "type": "string",
            "nullable": True,
            "description": "Taken once in a world, in v1 and v2 together.",
        },
    ),
    "V2Task": an_object(
        ["task_id", "project", "status", "created_at", "metadata"],
        "Threads are [] unless it is completed, and absent if it is reported.",
        task_id=TEXT,
        project=_or_id("V2Project"),
        batch=_or_id("V2Batch"),
        status=TASK_STATUS,
        created_at=TIME,
        completed_at=TIME,
        metadata=METADATA,
        threads=array(ref("V2Thread")),
        errors=array(an_object((), type=TEXT, message=TEXT)),
        sensitive_content_reports=array(ANYTHING),
    ),
    "V2TaskPage": an_object(["tasks"], tasks=array(ref("V2Task")), next_token=_TOKEN),
    "V2Thread": an_object(
        (),
        "A conversation; submissions only with that opts.",
        id=TEXT,
        turns=array(ref("V2Turn")),
        annotations=_ANNOTATIONS,
        submissions=array(an_object((), submitted_at=TIME, contributor_id=TEXT)),
    ),
    "V2Turn": an_object(
        (),
        id=TEXT,
        messages=array(ref("V2Message")),
        annotations=_ANNOTATIONS,
        rubrics=array(OBJECT),
    ),
    "V2Message": an_object(
        (),
        "Model parameters only with that opts.",
        role=TEXT,
        content=an_object((), text=TEXT, attachments=array(OBJECT)),
        source_id=TEXT,
        annotations=_ANNOTATIONS,
        model_parameters=an_object(
            (),
            model=TEXT,
            temperature=NUMBER,
            max_completion_tokens=WHOLE,
            top_p=NUMBER,
            top_k=WHOLE,
        ),
        rubric_evaluations=array(OBJECT),
    ),
    "V2Annotation": an_object(
        (),
        "Key and value only, without the opts annotation_details.",
        id=TEXT,
        key=TEXT,
        type=TEXT,
        title=TEXT,
        value=ANYTHING,
        possible_values=array(ANYTHING),
        metadata=an_object((), criteria=TEXT),
    ),
    "V2Delivery": an_object(
        ["id", "name", "task_count", "delivered_at", "project"],
        id=TEXT,
        name=NAME,
        task_count=WHOLE,
        delivered_at=TIME,
        project=_or_id("V2Project"),
    ),
    "V2Deliveries": an_object(["deliveries"], deliveries=array(ref("V2Delivery"))),
    "V2DeliveryPage": an_object(
        ["delivery", "tasks"],
        delivery=ref("V2Delivery"),
        tasks=array(ref("V2Task")),
        next_token=_TOKEN,
    ),
    "V2DeliveredPage": an_object(
        ["docs", "total"],
        docs=array(
            an_object(
                ["task_id", "created_at", "delivery_id", "delivered_at", "response"],
                "Null where a task is not delivered, or not completed.",
                task_id=TEXT,
                created_at=TIME,
                delivery_id=or_null(TEXT),
                delivered_at=or_null(TIME),
                response_schema_id=or_null(TEXT),
                response=or_null(OBJECT),
            )
        ),
        total=WHOLE,
        next_token=_TOKEN,
    ),
    "V2Dataset": an_object(["id", "name"], id=TEXT, name=NAME),
    "V2Datasets": an_object(["datasets"], datasets=array(ref("V2Dataset"))),
    "V2DatasetDelivery": an_object(
        ["id", "name", "delivered_at", "dataset", "metadata"],
        id=TEXT,
        name=NAME,
        delivered_at=TIME,
        dataset=_or_id("V2Dataset"),
        metadata=an_object((), task_count=WHOLE, turn_count=WHOLE),
    ),
    "V2DatasetDeliveries": an_object(
        ["deliveries"], deliveries=array(ref("V2DatasetDelivery"))
    ),
    "V2DatasetTask": an_object(
        ["task_id", "dataset", "delivery", "response"],
        task_id=TEXT,
        dataset=_or_id("V2Dataset"),
        delivery=_or_id("V2DatasetDelivery"),
        response=OBJECT,
    ),
    "V2DatasetTaskPage": an_object(
        ["tasks"],
        delivery=ref("V2DatasetDelivery"),
        tasks=array(ref("V2DatasetTask")),
        next_token=_TOKEN,
    ),
    "V2Schema": an_object(
        ["schema"],
        schema=an_object(
            ["id", "json"],
            id=TEXT,
            json={"type": "string", "description": "A JSON Schema, as text."},
            name=TEXT,
        ),
    ),
    "DeliveryRequest": an_object(
        ["project"],
        "Without tasks, all completed ones that are not delivered yet.",
        project=NAME,
        name=or_null(TEXT),
        tasks=or_null({**TEXTS, "description": "Ids."}),
        api_key=or_null(TEXT),
    ),
}
