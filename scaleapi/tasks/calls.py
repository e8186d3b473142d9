"""The task calls of the client."""

from __future__ import annotations

from typing import Any, Dict, Generator, Optional, Union

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
from scaleapi._transport.options import checked_number
from scaleapi._transport.recovery import ABSENT, Recovery
from scaleapi._transport.response_checks import document_of, documents_of
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.tasks.enums import TaskStatus, TaskType
from scaleapi.tasks.existing_task import existing_task
from scaleapi.tasks.filters import (
    OneOrMany,
    ReviewStatuses,
    TimeArg,
    page_query,
    tasks_query,
)
from scaleapi.tasks.result_files import MAX_BYTES, load_result
from scaleapi.tasks.task import Task, Tasklist

_TASK = document_of(Task)


class TaskCalls(Calls):
    """The task calls of `ScaleClient`."""

    _process_tasks_endpoint_args = staticmethod(tasks_query)

    def create_task(self, task_type: Union[TaskType, str], **kwargs: Any) -> Task:
        """Create a task.

        Pass a ``unique_id``. Only with one can the client repeat a request whose answer
        is lost without the risk of creating (and paying for) a second task.

        Args:
            task_type: Type of the task, as an enum member or a string.
            kwargs: The parameters of this type in Scale's documentation. All types have
                ``project``, ``batch``, ``instruction``, ``callback_url``,
                ``unique_id``, ``metadata`` (at most 10 KB as JSON), ``tags`` and
                ``priority``.

        Returns:
            The new task; its status is ``pending``.

        Raises:
            ScaleTypeError: `task_type` is neither an enum member nor a str.
            ScaleInvalidRequest: A parameter in `kwargs` is missing or invalid.
            ScaleDuplicateResource: The ``unique_id`` belongs to another task.
            ScaleResourceNotFound: `task_type`, or the ``project`` or ``batch`` in
                `kwargs`, does not exist.
        """
        task_type = required_enum("task_type", task_type)
        body = creation_body(self.api, kwargs)
        # Without a unique_id the task cannot be told from others with the same content.
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
        """Return the task with this ``unique_id``, and create it if it does not exist.

        Many threads and machines may call this at the same time; all get the same task.
        It sends one request if the task is new, and two if it exists.

        Args:
            task_type: Type of the task, as an enum member or a string.
            unique_id: Id of your own that no other task of the account has.
            kwargs: Parameters as in `create_task`, used only if the task is created.

        Returns:
            The task in its current state, with any status.

        Raises:
            ScaleTypeError: `task_type` is neither an enum member nor a str, or
                `unique_id` is None.
            ScaleValueError: `unique_id` is empty.
            ScaleDuplicateResource: The ``unique_id`` belongs to a task of another type
                or, if ``project`` is passed, of another project.
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
        """Fetch a task.

        Args:
            task_id: Id of the task.

        Raises:
            ScaleResourceNotFound: There is no task `task_id`.
        """
        return Task(self.api.get_request(endpoint("task", task_id, expect=_TASK)), self)

    def load_result(
        self, task: Task, key: str = "annotations", *, max_bytes: int = MAX_BYTES
    ) -> Any:
        """Return a result of a task, decoded, also if it is in a file of its own.

        The file is fetched without the API key. If its address has expired, the task is
        fetched again, once. NUL bytes at the end of the file are removed.

        Args:
            task: The task; it is not changed.
            key: The key of the response under which the result, or the address of its
                file, is: ``"annotations"``, ``"events"``, ``"point_segmentations"``.
            max_bytes: Maximum size of the file, which is decoded in memory.
                ``download_files`` saves files of any size.

        Returns:
            The decoded JSON. If the result is not in a file, the value in the response.

        Raises:
            ScaleTypeError: `task` is not a `Task`.
            ValueError: `max_bytes` is not a positive int.
            ScaleException: The task has no such result, or its file cannot be fetched,
                is too large or is not JSON. An address on this machine or in a private
                network is not fetched, unless it is on the server of the API.
        """
        if not isinstance(task, Task):
            raise ScaleTypeError(
                f"task must be a Task, as get_task returns it; got {task!r}"
            )
        return load_result(
            self.api.file_session,
            task.as_dict(),
            key,
            lambda: self.get_task(task.id).as_dict(),
            checked_number("max_bytes", max_bytes, 1),
        )

    def cancel_task(self, task_id: str, clear_unique_id: bool = False) -> Task:
        """Cancel a task on which work has not begun.

        Args:
            task_id: Id of the task.
            clear_unique_id: Whether to remove its ``unique_id``, so that another task
                can use it.

        Returns:
            The canceled task.

        Raises:
            ScaleInvalidRequest: The task `task_id` is completed, already canceled, or
                being worked on.
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
            task_id: Id of the task.
            accepted: Whether you accept the response.
            comments: Comments for the labelers. Default: none.

        Raises:
            ScaleInvalidRequest: The task `task_id` is not completed.
        """
        # api-notes: audit-answer
        body = {"accepted": accepted, "comments": comments}
        path = endpoint("task", task_id, "audit", expect=None, idempotent=True)
        self.api.post_request(path, body=body)

    def update_task_unique_id(self, task_id: str, unique_id: str) -> Task:
        """Change the ``unique_id`` of a task.

        Args:
            task_id: Id of the task.
            unique_id: The new ``unique_id``.

        Raises:
            ScaleTypeError: `unique_id` is None.
            ScaleDuplicateResource: The ``unique_id`` belongs to another task.
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
        """Remove the ``unique_id`` of a task, so that another task can use it.

        Args:
            task_id: Id of the task.
        """
        path = endpoint("task", task_id, "unique_id", expect=_TASK)
        return Task(self.api.delete_request(path), self)

    def set_task_metadata(self, task_id: str, metadata: Dict[str, Any]) -> Task:
        """Replace the metadata of a task.

        Args:
            task_id: Id of the task.
            metadata: The new metadata: any JSON object, at most 10 KB. ``{}`` removes
                the metadata.

        Raises:
            ScaleTypeError: `metadata` is None.
        """
        path = endpoint("task", task_id, "setMetadata", idempotent=True, expect=_TASK)
        return Task(
            self.api.post_request(path, body=required_object("metadata", metadata)),
            self,
        )

    def set_task_tags(self, task_id: str, tags: OneOrMany) -> Task:
        """Replace the tags of a task.

        Args:
            task_id: Id of the task.
            tags: One or several tags. An empty list removes all tags.

        Raises:
            ScaleTypeError: `tags` is None.
        """
        path = endpoint("task", task_id, "tags", idempotent=True, expect=_TASK)
        json = self.api.post_request(path, body=wire_list("tags", tags))
        return Task(json, self)

    def add_task_tags(self, task_id: str, tags: OneOrMany) -> Task:
        """Add tags to a task.

        Args:
            task_id: Id of the task.
            tags: One or several tags. Tags that the task has are ignored.

        Raises:
            ScaleTypeError: `tags` is None.
        """
        path = endpoint("task", task_id, "tags", expect=_TASK)
        json = self.api.put_request(path, body=wire_list("tags", tags))
        return Task(json, self)

    def delete_task_tags(self, task_id: str, tags: OneOrMany) -> Task:
        """Remove tags from a task.

        Args:
            task_id: Id of the task.
            tags: One or several tags. Tags that the task does not have are ignored.

        Raises:
            ScaleTypeError: `tags` is None.
        """
        path = endpoint("task", task_id, "tags", expect=_TASK)
        json = self.api.delete_request(path, body=wire_list("tags", tags))
        return Task(json, self)

    def tasks(self, **kwargs: Any) -> Tasklist:
        """Fetch one page of tasks, newest first. `get_tasks` fetches all pages.

        Args:
            kwargs: Filters under the names of the API: ``project``, ``batch``,
                ``type``, ``status``, ``customer_review_status``, ``unique_id``,
                ``tags``, ``start_time`` and ``end_time`` (of the creation),
                ``completed_after``, ``completed_before``, ``updated_after`` and
                ``updated_before``. Further ``limit`` (tasks on the page, 1 to 100;
                default: 100), ``next_token`` (from the page before),
                ``include_attachment_url`` and ``limited_response``.

        Raises:
            ScaleInvalidRequest: A key of `kwargs` is not a filter. Nothing was sent.
            ScaleValueError: ``unique_id``, ``project`` or ``batch`` is empty, as in
                `get_tasks`. Nothing was sent.
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
        """Iterate over all tasks that match, newest first.

        This is a generator: it sends nothing before the first task is requested, and
        then one request for each page. Only one page is held in memory.

        Times are datetimes, dates or ISO 8601 strings; a time without an offset is UTC.
        The bounds are included. If several values of a filter are passed, a task
        matches with any of them. If `tags` or `review_status` is empty, it is left out
        and a warning is logged.

        Args:
            project_name: Name of the project. This or `batch_name` is required.
            batch_name: Name of the batch.
            task_type: Type of the task, as an enum member or a string.
            status: Status of the task, as an enum member or a string.
            review_status: One or several results of the customer's review.
            unique_id: One or several unique ids.
            completed_after: Earliest time of completion.
            completed_before: Latest time of completion.
            updated_after: Earliest time of the last change.
            updated_before: Latest time of the last change.
            created_after: Earliest time of creation.
            created_before: Latest time of creation.
            tags: One or several tags.
            include_attachment_url: Whether to add signed addresses of the attachments
                to each task, as ``attachmentS3Downloads``.
            limited_response: Whether tasks have only ``task_id``, ``status``,
                ``metadata``, ``project`` and ``otherVersion``.
            limit: Tasks on a page, 1 to 100. Default: 100.
            progress: True shows a bar (extra ``scaleapi[progress]``); a callable is
                called with the `Counts` after each task. The total is that of the first
                page.

        Yields:
            Each task once.

        Raises:
            ValueError: Neither `project_name` nor `batch_name` was passed. Like every
                error, this is raised when the first task is requested.
            ScaleValueError: `unique_id` is empty, or `project_name` or `batch_name` is
                an empty iterable. Without the filter everything would match; pass None
                if you mean that.
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
            tasks = iterate_pages(fetch, lambda page: page.next_token)
            for done, task in enumerate(tasks, 1):
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
        """Return the number of tasks that match. Sends one request.

        The arguments are those of `get_tasks`.

        Raises:
            ValueError: Neither `project_name` nor `batch_name` was passed.
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
