"""The task calls of the client."""

from __future__ import annotations

from typing import Any, Dict, Generator, Mapping, Optional, Union

from scaleapi._core.calls import Calls, creation_body, get_or_create
from scaleapi._core.models import documents
from scaleapi._core.paging import iterate_pages, page_number, page_value
from scaleapi._core.params import (
    required_enum,
    required_object,
    required_string,
    wire_list,
)
from scaleapi._core.progress import Counts, Meter, Progress
from scaleapi._transport.endpoint import endpoint
from scaleapi._transport.expectations import document_of, documents_of
from scaleapi._transport.recovery import ABSENT, Recovery, explained
from scaleapi.exceptions import ScaleDuplicateResource, ScaleValueError
from scaleapi.tasks.enums import TaskStatus, TaskType
from scaleapi.tasks.filters import (
    OneOrMany,
    ReviewStatuses,
    TimeArg,
    page_query,
    tasks_query,
)
from scaleapi.tasks.task import Task, Tasklist

_TASK = document_of(Task)


class TaskCalls(Calls):
    """The task calls of `ScaleClient`."""

    _process_tasks_endpoint_args = staticmethod(tasks_query)

    def create_task(self, task_type: Union[TaskType, str], **kwargs: Any) -> Task:
        """Create a task.

        Pass a `unique_id`: only then can the client repeat the request when
        its answer is lost, without the risk of paying for the task twice.

        Args:
            task_type: The kind of work, as enum member or string.
            kwargs: The parameters that Scale's documentation names for this
                kind, among them for all kinds: ``project``, ``batch``,
                ``instruction``, ``callback_url``, ``unique_id``, ``metadata``
                (at most 10 KB as JSON), ``tags``, ``priority``.

        Returns:
            The new task, pending.

        Raises:
            ScaleInvalidRequest: A parameter is missing or wrong.
            ScaleDuplicateResource: The ``unique_id`` belongs to another task.
            ScaleResourceNotFound: There is no such project, batch or kind.
        """
        task_type = required_enum("task_type", task_type)
        body = creation_body(self.api, kwargs)
        # Without a unique_id nobody could tell the task from others like it.
        unique_id = body and body.get("unique_id")
        recovery = Recovery.in_list(
            "tasks",
            "docs",
            creates=True,
            params={"unique_id": unique_id},
            unique_id=unique_id,
            type=task_type,
            project=body and body.get("project"),
        )
        path = endpoint(
            "task", task_type, recovery=recovery if unique_id else None, expect=_TASK
        )
        return Task(self.api.post_request(path, body=body), self)

    def get_or_create_task(
        self, task_type: Union[TaskType, str], *, unique_id: str, **kwargs: Any
    ) -> Task:
        """Return the task with this ``unique_id``; create it if there is none.

        Safe to call from many threads and machines at once: they all get the
        same task. One request if the task is new, two if it exists.

        Args:
            task_type: The kind of work, as enum member or string.
            unique_id: What tells the task from all others of the account.
            kwargs: As in `create_task`. Used only if the task is created.

        Returns:
            The task as the server has it now, whatever its status.

        Raises:
            ScaleDuplicateResource: The ``unique_id`` belongs to a task of
                another kind or, if ``project`` is given, of another project.
        """
        task_type = required_enum("task_type", task_type)
        if required_string("unique_id", unique_id) == "":
            raise ScaleValueError("unique_id must not be empty")
        params = {**kwargs, "unique_id": unique_id}
        return get_or_create(
            lambda: self.create_task(task_type, **params),
            lambda duplicate: existing_task(self, task_type, params, duplicate),
        )

    def get_task(self, task_id: str) -> Task:
        """Fetch one task by its id.

        Raises:
            ScaleResourceNotFound: There is none with this id.
        """
        return Task(self.api.get_request(endpoint("task", task_id, expect=_TASK)), self)

    def cancel_task(self, task_id: str, clear_unique_id: bool = False) -> Task:
        """Cancel a task on which no work has begun.

        Args:
            task_id: Its id.
            clear_unique_id: Whether its ``unique_id`` may be used again, for
                another task.

        Returns:
            The task, canceled.

        Raises:
            ScaleInvalidRequest: It is too late: the task is completed,
                canceled already, or being worked on.
        """
        query = "clear_unique_id=true" if clear_unique_id else ""
        recovery = Recovery.at(
            endpoint("task", task_id, expect=_TASK),
            creates=False,
            status=TaskStatus.Canceled.value,
            unique_id=ABSENT if clear_unique_id else None,
        )
        path = endpoint(
            "task", task_id, "cancel", query=query, recovery=recovery, expect=_TASK
        )
        return Task(self.api.post_request(path), self)

    def audit_task(
        self, task_id: str, accepted: bool, comments: Optional[str] = None
    ) -> None:
        """Accept or reject a completed task.

        Args:
            task_id: Its id.
            accepted: Whether its response is good.
            comments: What to tell those who did it.

        Raises:
            ScaleInvalidRequest: The task is not completed.
        """
        body = {"accepted": accepted, "comments": comments}
        path = endpoint("task", task_id, "audit", expect=None, idempotent=True)
        self.api.post_request(path, body=body)

    def update_task_unique_id(self, task_id: str, unique_id: str) -> Task:
        """Give a task another ``unique_id``.

        Raises:
            ScaleDuplicateResource: Another task has it.
        """
        recovery = Recovery.at(
            endpoint("task", task_id, expect=_TASK),
            creates=False,
            unique_id=required_string("unique_id", unique_id),
        )
        path = endpoint("task", task_id, "unique_id", recovery=recovery, expect=_TASK)
        json = self.api.post_request(path, body={"unique_id": unique_id})
        return Task(json, self)

    def clear_task_unique_id(self, task_id: str) -> Task:
        """Take the ``unique_id`` from a task, so that another can have it."""
        path = endpoint("task", task_id, "unique_id", expect=_TASK)
        return Task(self.api.delete_request(path), self)

    def set_task_metadata(self, task_id: str, metadata: Dict[str, Any]) -> Task:
        """Replace the metadata of a task, all of it.

        Args:
            task_id: Its id.
            metadata: Any JSON object, at most 10 KB; ``{}`` clears it.
        """
        path = endpoint("task", task_id, "setMetadata", idempotent=True, expect=_TASK)
        return Task(
            self.api.post_request(path, body=required_object("metadata", metadata)),
            self,
        )

    def set_task_tags(self, task_id: str, tags: OneOrMany) -> Task:
        """Replace the tags of a task; an empty list clears them."""
        path = endpoint("task", task_id, "tags", idempotent=True, expect=_TASK)
        json = self.api.post_request(path, body=wire_list("tags", tags))
        return Task(json, self)

    def add_task_tags(self, task_id: str, tags: OneOrMany) -> Task:
        """Add tags to a task; those that it has already are passed over."""
        path = endpoint("task", task_id, "tags", expect=_TASK)
        json = self.api.put_request(path, body=wire_list("tags", tags))
        return Task(json, self)

    def delete_task_tags(self, task_id: str, tags: OneOrMany) -> Task:
        """Take tags from a task; those that it does not have are passed over."""
        path = endpoint("task", task_id, "tags", expect=_TASK)
        json = self.api.delete_request(path, body=wire_list("tags", tags))
        return Task(json, self)

    def tasks(self, **kwargs: Any) -> Tasklist:
        """Fetch one page of tasks, the newest first; `get_tasks` walks all pages.

        Args:
            kwargs: Filters, by the names of the API: ``project``, ``batch``,
                ``type``, ``status``, ``customer_review_status``, ``unique_id``,
                ``tags``, ``start_time``, ``end_time`` (of creation),
                ``completed_after``, ``completed_before``, ``updated_after``,
                ``updated_before``; ``limit`` (1 to 100 tasks, 100 if not
                given), ``next_token`` (of the page before),
                ``include_attachment_url``, ``limited_response``.

        Raises:
            ScaleInvalidRequest: There is no such filter; nothing is sent.
            ScaleValueError: ``unique_id``, ``project`` or ``batch`` is empty, as in
                `get_tasks`; nothing is sent.
        """
        query = page_query(kwargs)
        path = endpoint("tasks", expect=documents_of(Task, "docs"))
        answer = self.api.get_request(path, params=query)
        tasks = [Task(json, self) for json in documents(answer)]
        return Tasklist(
            tasks,
            page_value(answer, "total", len(tasks)),
            page_number(answer, "limit", len(tasks)),
            page_number(answer, "offset", 0),
            page_value(answer, "has_more", False),
            answer.get("next_token"),
        )

    def get_tasks(
        self,
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
        limit: Optional[int] = None,
        *,
        progress: Progress = False,
    ) -> Generator[Task, None, None]:
        """Walk over all tasks that match, the newest first.

        A generator: nothing is sent before the first task is wanted, then one
        request a page. Only one page is held at a time.

        Times are datetimes, dates or ISO 8601 strings, bounds included; without
        an offset they are UTC. Where several values are allowed, a task with
        any of them matches. Empty `tags` and `review_status` are no filter, and a
        warning is logged.

        Args:
            project_name: Name of the project. This or `batch_name` is needed.
            batch_name: Name of the batch.
            task_type: Kind of work, as enum member or string.
            status: Status of the task, as enum member or string.
            review_status: One or several results of the customer's review.
            unique_id: One or several unique ids.
            completed_after: Earliest completion.
            completed_before: Latest completion.
            updated_after: Earliest time of the last change.
            updated_before: Latest time of the last change.
            created_after: Earliest creation.
            created_before: Latest creation.
            tags: One or several tags.
            include_attachment_url: Whether each task has signed addresses of
                its attachments, under ``attachmentS3Downloads``.
            limited_response: Whether tasks have only their ``task_id``,
                ``status``, ``metadata``, ``project`` and ``otherVersion``.
            limit: Tasks on a page, 1 to 100; 100 if not given.
            progress: True shows a bar (extra ``scaleapi[progress]``); a callable
                is given the counts after each task. The total is what the first
                page says.

        Yields:
            Each task once.

        Raises:
            ValueError: Neither a project nor a batch is named. Like every
                error, it comes when the first task is asked for.
            ScaleValueError: `unique_id` is empty, or `project_name` or
                `batch_name` is an empty collection: without the filter everything
                would match. Pass None to leave a filter out.
        """
        query = tasks_query(
            project_name=project_name,
            batch_name=batch_name,
            task_type=task_type,
            status=status,
            review_status=review_status,
            unique_id=unique_id,
            completed_after=completed_after,
            completed_before=completed_before,
            updated_after=updated_after,
            updated_before=updated_before,
            created_after=created_after,
            created_before=created_before,
            tags=tags,
            include_attachment_url=include_attachment_url,
            limited_response=limited_response,
        )
        if limit:
            query["limit"] = limit
        meter = Meter(progress, "tasks")
        total: Optional[int] = None

        def fetch(token: Any) -> Tasklist:
            nonlocal total
            page = self.tasks(**{**query, "next_token": token})
            total = page.total if total is None else total
            return page

        try:
            found = iterate_pages(fetch, lambda page: page.next_token)
            for done, task in enumerate(found, 1):
                yield task
                meter.show(Counts(done, total))
        finally:
            meter.close()

    def get_tasks_count(
        self,
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
    ) -> int:
        """Return how many tasks match: one request, for a page of one task.

        The arguments are those of `get_tasks`.

        Raises:
            ValueError: Neither a project nor a batch is named.
            ScaleValueError: A filter is empty, as in `get_tasks`.
        """
        query = tasks_query(
            project_name=project_name,
            batch_name=batch_name,
            task_type=task_type,
            status=status,
            review_status=review_status,
            unique_id=unique_id,
            completed_after=completed_after,
            completed_before=completed_before,
            updated_after=updated_after,
            updated_before=updated_before,
            created_after=created_after,
            created_before=created_before,
            tags=tags,
            include_attachment_url=include_attachment_url,
        )
        return self.tasks(**{**query, "limit": 1}).total


def existing_task(
    calls: TaskCalls,
    task_type: str,
    params: Mapping[str, Any],
    duplicate: ScaleDuplicateResource,
) -> Task:
    """Return the task that holds the ``unique_id`` of one that could not be made.

    Args:
        calls: Looks for it.
        task_type: Kind of the task that could not be made.
        params: Its parameters.
        duplicate: The error.

    Raises:
        ScaleDuplicateResource: What holds it is of another kind or project, or
            is no task that can be listed.
    """
    unique_id = params.get("unique_id")
    if unique_id in (None, ""):
        raise duplicate
    listed = calls.tasks(unique_id=unique_id)
    found = next((t for t in listed if t.as_dict().get("unique_id") == unique_id), None)
    if found is None:
        # Evaluation and training tasks have unique ids too, and are in no list.
        raise duplicate
    due = {"type": task_type, "project": params.get("project")}
    for name, value in due.items():
        actual = found.as_dict().get(name)
        if value is not None and actual != value:
            raise explained(
                duplicate,
                f"unique_id {unique_id!r} belongs to task {found.id}, whose {name} is "
                f"{actual!r}, not {value!r}: choose another unique_id",
            ) from duplicate
    return found
