"""Documents of v2, as its documentation prints them and as it describes them."""

from __future__ import annotations

from typing import Any, Dict, List

PROJECT: Dict[str, Any] = {
    "id": "project_1",
    "name": "My Chat Project",
    "created_at": "2024-01-01T00:00:00.000Z",
    "types": ["RLHF: Pref Ranking"],
    "models": ["one", "two"],
}
BATCH: Dict[str, Any] = {
    "id": "batch_1",
    "name": "week 9",
    "project": "project_1",
    "created_at": "2024-01-02T00:00:00.000Z",
    "status": "in_progress",
    "callback": "https://example.com/done",
    "metadata": {"team": "red"},
}
#: As the pages about RLHF, SFT and rubrics print them.
BARE_ANNOTATIONS: List[Dict[str, Any]] = [
    {"key": "overall", "value": 5},
    {"key": "likert_value", "value": 2},
    {"key": "justification", "value": "The first is right."},
    {
        "id": "rating_1",
        "title": "Is it short?",
        "value": {"score": 1, "color": "green", "who": "anna"},
        "metadata": {"criteria": "criteria_1"},
    },
]
BASIC_FILE = {"mime_type": "text/plain", "url": "https://example.com/a", "name": "a"}
IMAGE_FILE = {**BASIC_FILE, "mime_type": "image/png", "file_size_in_bytes": 7}
AUDIO_FILE = {"mime_type": "audio/wav", "url": "https://example.com/b", "duration": 1.5}
COMMON = {
    "title": "A title",
    "description": "More of it",
    "labels": ["a"],
    "not_applicable": False,
    "cannot_assess": False,
    "justification": "why",
}
#: Type -> value, and further keys of the annotation.
VALUES: Dict[str, Dict[str, Any]] = {
    "integer": {"value": 4, "possible_values": [[1, 2, 3]]},
    "boolean": {"value": True, "possible_values": [True, False]},
    "text": {"value": "text"},
    "category": {"value": "a", "possible_values": ["a", "b"]},
    "category_multiple": {"value": ["a", "b"], "possible_values": ["a", "b"]},
    "file": {"value": IMAGE_FILE},
    "ranked_choices": {"value": ["b", "a"]},
    "ranked_groups": {"value": [["b"], ["a", "c"]]},
    "labeled_text": {"value": [{"label": "verb", "text": "go"}]},
    "rubric_criteria": {"value": {"weight": 2, "anything": "else"}},
    "rubric_rating": {"value": {"score": 1, "color": "red", "anything": "else"}},
    "workspace_container": {
        "value": {
            "workspace_id": "w",
            "workspace_config": {"workspace_id": "w", "workspace_token": "secret"},
            "output_files": [{"scale_url": "https://example.com/f"}],
            "stdout_output": {"content": "42"},
        }
    },
}
FULL_ANNOTATIONS = [
    {"id": f"annotation_{kind}", "key": kind, "type": kind, **COMMON, **rest}
    for kind, rest in VALUES.items()
]


def message(role: str, text: str, **rest: Any) -> Dict[str, Any]:
    return {
        "role": role,
        "content": {"text": text},
        "source_id": f"source_{role}",
        "annotations": [],
        **rest,
    }


def task(annotations: List[Dict[str, Any]], number: int = 1) -> Dict[str, Any]:
    answer = message(
        "assistant",
        "It is 42.",
        annotations=annotations,
        model_parameters={"model": "one", "max_completion_tokens": 5.0},
        rubric_evaluations=[
            {"criteria_evaluations": [{"criterion_definition_id": "c", "score": 1}]}
        ],
    )
    answer["content"].update(
        attachments=[BASIC_FILE, IMAGE_FILE, AUDIO_FILE],
        reference_texts=[{"content": "x", "category": "y"}],
        chunks=[{"type": "text", "text": "It", "annotations": annotations[:1]}],
        reasoning=[{"content": "Six times seven"}],
    )
    turn = {
        "id": "turn_1",
        "messages": [message("user", "What is six times seven?"), answer],
        "annotations": annotations,
        "rubrics": [
            {
                "criteria_definitions": [
                    {"id": "c", "criterion": "short", "weight": 1, "annotations": []}
                ],
                "max_total_score": 3,
            }
        ],
    }
    thread = {
        "id": "thread_1",
        "turns": [turn],
        "annotations": annotations[:1],
        "submissions": [{"submitted_at": "2024-01-03T00:00:00Z"}],
    }
    return {
        "task_id": f"task_{number}",
        "project": "project_1",
        "batch": "batch_1",
        "status": "completed",
        "created_at": "2024-01-02T03:04:05.678Z",
        "completed_at": "2024-01-03T00:00:00.000Z",
        "metadata": {"a": None},
        "threads": [thread],
        "errors": [{"type": "LANGUAGE_MISMATCH", "message": "not English"}],
        "sensitive_content_reports": [{"type": "x", "message": "y"}],
    }


BARE_TASK = task(BARE_ANNOTATIONS)
FULL_TASK = task(FULL_ANNOTATIONS)
DELIVERY: Dict[str, Any] = {
    "id": "delivery_1",
    "name": "first",
    "task_count": 1,
    "delivered_at": "2024-01-04T00:00:00.000Z",
    "project": "project_1",
}
DELIVERED: Dict[str, Any] = {
    "task_id": "task_1",
    "created_at": "2024-01-02T03:04:05.678Z",
    "delivery_id": None,
    "delivered_at": "2024-01-04T00:00:00.000Z",
    "response_schema_id": "65f0a1b2c3d4e5f60718293a",
    "response": {"threads": []},
}
DATASET = {"id": "dataset_1", "name": "My Dataset"}
DATASET_DELIVERY = {
    "id": "delivery_2",
    "name": "second",
    "delivered_at": "2024-01-04T00:00:00.000Z",
    "dataset": "dataset_1",
    "metadata": {"task_count": 1, "turn_count": 2},
}
DATASET_TASK = {
    "task_id": "task_9",
    "dataset": "dataset_1",
    "delivery": "delivery_2",
    "response": {"anything": [1]},
}
SCHEMA = {
    "schema": {
        "id": "65f0a1b2c3d4e5f60718293a",
        "name": "chat",
        "json": '{"type": "object"}',
        "createdAt": "2024-01-01T00:00:00.000Z",
    }
}
CHANGED = {"batch": BATCH, "message": "Batch pause initiated."}

#: Method and path -> the answer.
ANSWERS: Dict[str, Any] = {
    "GET /v2/task": BARE_TASK,
    "GET /v2/tasks": {"tasks": [BARE_TASK, FULL_TASK]},
    "POST /v2/task/chat": {**BARE_TASK, "status": "pending", "threads": []},
    "POST /v2/task/metadata": BARE_TASK,
    "GET /v2/annotation": FULL_ANNOTATIONS[0],
    "GET /v2/batch": BATCH,
    "GET /v2/batches": {"batches": [BATCH]},
    "POST /v2/batch": BATCH,
    "POST /v2/batch/finalize": BATCH,
    "POST /v2/batch/pause": CHANGED,
    "POST /v2/batch/resume": CHANGED,
    "POST /v2/batch/cancel": CHANGED,
    "POST /v2/batch/metadata": BATCH,
    "GET /v2/project": PROJECT,
    "GET /v2/projects": {"projects": [PROJECT]},
    "GET /v2/deliveries": {"deliveries": [DELIVERY]},
    "GET /v2/delivery": {"delivery": DELIVERY, "tasks": [BARE_TASK]},
    "GET /v2/delivery/tasks": {"docs": [DELIVERED], "total": 1},
    "GET /v2/datasets": {"datasets": [DATASET]},
    "GET /v2/datasets/deliveries": {"deliveries": [DATASET_DELIVERY]},
    "GET /v2/datasets/delivery": {
        "delivery": DATASET_DELIVERY,
        "tasks": [DATASET_TASK],
    },
    "GET /v2/datasets/tasks": {"tasks": [DATASET_TASK]},
    "GET /v2/datasets/task": DATASET_TASK,
    "GET /v2/schema": SCHEMA,
}
