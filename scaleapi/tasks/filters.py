"""Filters of tasks: from the arguments of the calls to the query."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Dict, Iterable, Optional, Union

from scaleapi._core.filters import (
    Encoder,
    check_empty_filters,
    check_names,
    encode_filters,
)
from scaleapi._core.params import (
    as_is,
    wire_choice,
    wire_enum,
    wire_enums,
    wire_names,
    wire_strings,
    wire_tags,
    wire_time,
)
from scaleapi.tasks.enums import TaskReviewStatus, TaskStatus, TaskType

#: A point in time, as the filters take it.
TimeArg = Union[str, date, datetime]
OneOrMany = Union[str, Iterable[str]]
ReviewStatuses = Union[TaskReviewStatus, str, Iterable[Union[TaskReviewStatus, str]]]


def _joined(name: str, value: Any) -> Optional[str]:
    # api-notes: query-lists
    strings = wire_enums(name, value)
    return ",".join(strings) if strings else None


#: Key of a query on GET tasks -> the encoder of its value. These are also the filters
#: that `ScaleClient.tasks` takes.
_TASK_ENCODERS: Dict[str, Encoder] = {
    "start_time": wire_time,  # api-notes: time-filters
    "end_time": wire_time,
    "status": wire_choice,
    "type": wire_choice,
    "project": wire_names,
    "batch": wire_names,
    "limit": as_is,
    "completed_before": wire_time,
    "completed_after": wire_time,
    "next_token": as_is,
    "customer_review_status": _joined,  # api-notes: review-status
    "tags": wire_tags,  # api-notes: tags-filter
    "updated_before": wire_time,
    "updated_after": wire_time,
    "unique_id": wire_strings,
    "include_attachment_url": as_is,  # api-notes: attachment-downloads
    "limited_response": as_is,  # api-notes: limited-response
}

#: Keys that select the page and what is in each task, not which tasks match.
_TASK_PAGE_KEYS = {"limit", "next_token", "include_attachment_url", "limited_response"}

#: Keys that are missing from the query if they are empty, as in the official client.
_LEFT_OUT_IF_EMPTY = ("status", "limited_response", "type", "customer_review_status")

#: Key of a query -> the argument of `ScaleClient.get_tasks`, where its name differs.
TASK_ARGUMENTS = {
    "start_time": "created_after",
    "end_time": "created_before",
    "project": "project_name",
    "batch": "batch_name",
    "type": "task_type",
    "customer_review_status": "review_status",
}


def page_query(filters: Dict[str, Any]) -> Dict[str, Any]:
    """Return the query for one page from filters named as the API names them.

    Raises:
        ScaleInvalidRequest: A key of `filters` is not a filter of tasks.
        ScaleValueError: As in `tasks_query`.
    """
    check_names(filters, _TASK_ENCODERS, "tasks")
    query = encode_filters(filters, _TASK_ENCODERS)
    _check_empty(filters, query)
    return query


def tasks_query(
    project_name: Optional[str] = None,
    batch_name: Optional[str] = None,
    task_type: Union[TaskType, str, None] = None,
    status: Union[TaskStatus, str, None] = None,
    review_status: Optional[ReviewStatuses] = None,
    unique_id: Optional[OneOrMany] = None,
    completed_after: Optional[TimeArg] = None,
    completed_before: Optional[TimeArg] = None,
    updated_after: Optional[TimeArg] = None,
    updated_before: Optional[TimeArg] = None,
    created_after: Optional[TimeArg] = None,
    created_before: Optional[TimeArg] = None,
    tags: Optional[OneOrMany] = None,
    include_attachment_url: bool = True,
    limited_response: Optional[bool] = None,
) -> Dict[str, Any]:
    """Return the query for the arguments of `ScaleClient.get_tasks`.

    Raises:
        ValueError: Neither `project_name` nor `batch_name` was passed.
        ScaleValueError: `unique_id` is empty, `project_name` or `batch_name` is an
            empty iterable, or `tags` has only None and empty strings in it.
    """
    filters = {
        "start_time": created_after,
        "end_time": created_before,
        "project": project_name,
        "batch": batch_name,
        "completed_before": completed_before,
        "completed_after": completed_after,
        "tags": tags,
        "updated_before": updated_before,
        "updated_after": updated_after,
        "unique_id": unique_id,
        "include_attachment_url": include_attachment_url,
        "status": wire_enum("status", status or None),
        "limited_response": limited_response,
        "type": wire_enum("task_type", task_type or None),
        "customer_review_status": review_status,
    }
    query = encode_filters(filters, _TASK_ENCODERS, TASK_ARGUMENTS)
    if not query["project"] and not query["batch"]:
        raise ValueError("At least one of project_name or batch_name must be provided.")
    for key in _LEFT_OUT_IF_EMPTY:
        if not query[key]:
            del query[key]
    _check_empty(
        {**filters, "status": status, "type": task_type}, query, TASK_ARGUMENTS
    )
    return query


def _check_empty(
    filters: Dict[str, Any],
    query: Dict[str, Any],
    arguments: Optional[Dict[str, str]] = None,
) -> None:
    narrowing = {key: v for key, v in filters.items() if key not in _TASK_PAGE_KEYS}
    check_empty_filters("task", narrowing, query, arguments)
