"""What callers ask for in a list of tasks -> its query."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Callable, Dict, Iterable, Optional, Union

from scaleapi._core.params import (
    as_is,
    check_empty_filters,
    wire_choice,
    wire_names,
    wire_tags,
    wire_texts,
    wire_time,
    wire_word,
    wire_words,
)
from scaleapi.exceptions import ScaleInvalidRequest
from scaleapi.tasks.enums import TaskReviewStatus, TaskStatus, TaskType

Moment = Union[str, date, datetime]
OneOrMany = Union[str, Iterable[str]]
ReviewStatuses = Union[TaskReviewStatus, str, Iterable[Union[TaskReviewStatus, str]]]


def _joined(name: str, value: Any) -> Optional[str]:
    words = wire_words(name, value)
    return ",".join(words) if words else None


#: Key of a query on GET tasks -> how its value is put on the wire. These are
#: also the filters that `ScaleClient.tasks` takes.
_WIRE_FORMS: Dict[str, Callable[[str, Any], Any]] = {
    "start_time": wire_time,
    "end_time": wire_time,
    "status": wire_choice,
    "type": wire_choice,
    "project": wire_names,
    "batch": wire_names,
    "limit": as_is,
    "completed_before": wire_time,
    "completed_after": wire_time,
    "next_token": as_is,
    "customer_review_status": _joined,
    "tags": wire_tags,
    "updated_before": wire_time,
    "updated_after": wire_time,
    "unique_id": wire_texts,
    "include_attachment_url": as_is,
    "limited_response": as_is,
}

#: Keys that say what comes of each task and of which page, not which tasks match.
_NO_FILTERS = {"limit", "next_token", "include_attachment_url", "limited_response"}

#: Key of a query -> the argument of `ScaleClient.get_tasks`, where its name differs.
_ARGUMENTS = {
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
        ScaleInvalidRequest: There is no such filter.
        ScaleValueError: As in `tasks_query`.
    """
    for name in filters:
        if name not in _WIRE_FORMS:
            raise ScaleInvalidRequest(
                f"Illegal parameter {name} for ScaleClient.tasks()", 400
            )
    query = {name: _WIRE_FORMS[name](name, value) for name, value in filters.items()}
    given = {key: v for key, v in filters.items() if key not in _NO_FILTERS}
    check_empty_filters("task", given, query)
    return query


def tasks_query(
    project_name: Optional[str] = None,
    batch_name: Optional[str] = None,
    task_type: Union[TaskType, str, None] = None,
    status: Union[TaskStatus, str, None] = None,
    review_status: Optional[ReviewStatuses] = None,
    unique_id: Optional[OneOrMany] = None,
    completed_after: Optional[Moment] = None,
    completed_before: Optional[Moment] = None,
    updated_after: Optional[Moment] = None,
    updated_before: Optional[Moment] = None,
    created_after: Optional[Moment] = None,
    created_before: Optional[Moment] = None,
    tags: Optional[OneOrMany] = None,
    include_attachment_url: bool = True,
    limited_response: Optional[bool] = None,
) -> Dict[str, Any]:
    """Return the query for the arguments of `ScaleClient.get_tasks`.

    Raises:
        ValueError: Neither a project nor a batch is named.
        ScaleValueError: `unique_id` is empty, or `project_name` or `batch_name` is
            an empty collection, or `tags` has only None and empty texts in it.
    """
    given = {
        "start_time": created_after,
        "end_time": created_before,
        "project": wire_names("project_name", project_name),
        "batch": wire_names("batch_name", batch_name),
        "completed_before": completed_before,
        "completed_after": completed_after,
        "tags": tags,
        "updated_before": updated_before,
        "updated_after": updated_after,
        "unique_id": unique_id,
    }
    if not given["project"] and not given["batch"]:
        raise ValueError("At least one of project_name or batch_name must be provided.")
    query = {
        key: _WIRE_FORMS[key](_ARGUMENTS.get(key, key), value)
        for key, value in given.items()
    }
    query["include_attachment_url"] = include_attachment_url
    if status:
        query["status"] = wire_word("status", status)
    if limited_response:
        query["limited_response"] = limited_response
    if task_type:
        query["type"] = wire_word("task_type", task_type)
    if review_status:
        query["customer_review_status"] = _joined("review_status", review_status)
    words = {"status": status, "type": task_type}
    given.update(words, customer_review_status=review_status)
    check_empty_filters("task", given, query, _ARGUMENTS)
    return query
