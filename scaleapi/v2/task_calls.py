"""The calls of v2 for tasks and their annotations."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Union

from scaleapi._core.calls import fresh_unique_id
from scaleapi._transport.recovery import Recovery
from scaleapi.v2.annotations import Annotation
from scaleapi.v2.answers import GetTasksResponse
from scaleapi.v2.base import V2Calls
from scaleapi.v2.conversations import Task
from scaleapi.v2.enums import ExpandableEnumTask, Option, TaskStatus
from scaleapi.v2.requests import (
    CallOption,
    CreateChatTaskRequest,
    Lists,
    Names,
    SetTaskMetadataRequest,
    query,
    text,
)
from scaleapi.v2.times import TimeFilter

_LISTS: Lists = {"expand": ExpandableEnumTask, "opts": Option}


class V2TaskCalls(V2Calls):
    """The calls of `V2Api` for tasks and their annotations."""

    def get_task(
        self,
        task_id: str,
        expand: Names = None,
        opts: Names = None,
        **options: CallOption,
    ) -> Task:
        """Fetch a task.

        Args:
            task_id: Id of the task.
            expand: Ids that are replaced by their objects: ``project``, ``batch``.
            opts: What the task contains besides its threads, as members of `Option`.
            options: As in `V2Api`.

        Raises:
            NotFoundException: There is no task `task_id`.
        """
        params = {"task_id": text("task_id", task_id), "expand": expand, "opts": opts}
        return self._get("task", Task, options, params, _LISTS)

    def get_tasks(
        self,
        project_id: Optional[str] = None,
        project_name: Optional[str] = None,
        batch_id: Optional[str] = None,
        batch_name: Optional[str] = None,
        status: Union[TaskStatus, str, None] = None,
        completed_after: Optional[TimeFilter] = None,
        completed_before: Optional[TimeFilter] = None,
        limit: Optional[int] = None,
        next_token: Optional[str] = None,
        expand: Names = None,
        opts: Names = None,
        **options: CallOption,
    ) -> GetTasksResponse:
        """Fetch one page of tasks. ``client.v2_get_tasks`` fetches all pages.

        Args:
            project_id: Id of the project. A project or a batch is required.
            project_name: Name of the project.
            batch_id: Id of the batch.
            batch_name: Name of the batch.
            status: Status of the task.
            completed_after: Earliest time of completion: a datetime, a date, ISO 8601
                text, or seconds since 1970.
            completed_before: Latest time of completion.
            limit: Tasks on the page, 1 to 100. Default: 100.
            next_token: From the page before.
            expand: As in `get_task`.
            opts: As in `get_task`.
            options: As in `V2Api`.
        """
        params = {
            "project_id": project_id,
            "project_name": project_name,
            "batch_id": batch_id,
            "batch_name": batch_name,
            "status": status,
            "completed_after": completed_after,
            "completed_before": completed_before,
            "limit": limit,
            "next_token": next_token,
            "expand": expand,
            "opts": opts,
        }
        return self._get("tasks", GetTasksResponse, options, params, _LISTS)

    def create_chat_task(
        self,
        create_chat_task_request: Union[
            CreateChatTaskRequest, Mapping[str, Any], None
        ] = None,
        *,
        project_id: Optional[str] = None,
        project_name: Optional[str] = None,
        batch_id: Optional[str] = None,
        batch_name: Optional[str] = None,
        template_variables: Optional[Dict[str, Any]] = None,
        metadata: Optional[Dict[str, Any]] = None,
        callback_url: Optional[str] = None,
        unique_id: Optional[str] = None,
        **options: CallOption,
    ) -> Task:
        """Create a chat task.

        Pass a ``unique_id``. Only with one can the client repeat a request whose answer
        is lost without the risk of creating (and paying for) a second task.

        Args:
            create_chat_task_request: The fields below, as a model or a dict. Instead,
                they can be passed by name.
            project_id: Id of the project. It or `project_name` is required.
            project_name: Name of the project.
            batch_id: Id of the batch. Default: none.
            batch_name: Name of the batch.
            template_variables: What the template of the project is filled with.
            metadata: Metadata of the task.
            callback_url: URL or email address that is notified when it is completed.
            unique_id: Id of your own that no other task of the account has.
            options: As in `V2Api`.

        Raises:
            ScaleTypeError: A field of `create_chat_task_request` has another type.
            ConflictException: The `unique_id` belongs to another task.
        """
        fields = {
            "project_id": project_id,
            "project_name": project_name,
            "batch_id": batch_id,
            "batch_name": batch_name,
            "template_variables": template_variables,
            "metadata": metadata,
            "callback_url": callback_url,
            "unique_id": unique_id,
        }
        body = CreateChatTaskRequest._from(create_chat_task_request, fields)
        if self.api_client.api.auto_unique_id and not body.get("unique_id"):
            body["unique_id"] = fresh_unique_id()
        recovery = self._created_task(body) if body.get("unique_id") else None
        return self._post(
            "task/chat", Task, options, body, idempotent=None, recovery=recovery
        )

    def _created_task(self, body: Dict[str, Any]) -> Recovery:
        """Return where to look for a task whose creation was not answered."""
        # v2 has no filter for it. api-notes: v2-unique-id
        unique_id = body["unique_id"]
        return Recovery.in_list(
            "tasks",
            "docs",
            creates=True,
            params={"unique_id": unique_id},
            then=lambda found: self.api_client._target(
                "task", expected=Task, query=query({"task_id": found["task_id"]})
            ),
            unique_id=unique_id,
            project=body.get("project_name"),
        )

    def set_task_metadata(
        self,
        set_task_metadata_request: Union[
            SetTaskMetadataRequest, Mapping[str, Any], str, None
        ] = None,
        *,
        task_id: Optional[str] = None,
        metadata: Optional[Dict[str, Any]] = None,
        merge: Optional[bool] = None,
        **options: CallOption,
    ) -> Task:
        """Change the metadata of a task.

        Args:
            set_task_metadata_request: The fields below, as a model or a dict; or the id
                of the task. Instead, they can be passed by name.
            task_id: Id of the task.
            metadata: The metadata. ``{}`` removes it, without `merge`.
            merge: Whether it is merged into what is there, at all levels. Default:
                False.
            options: As in `V2Api`.

        Raises:
            ScaleTypeError: A field of `set_task_metadata_request` is missing or has
                another type.
        """
        fields = {"task_id": task_id, "metadata": metadata, "merge": merge}
        body = SetTaskMetadataRequest._from(set_task_metadata_request, fields)
        return self._post("task/metadata", Task, options, body)

    def get_annotation(self, annotation_id: str, **options: CallOption) -> Annotation:
        """Fetch an annotation.

        Args:
            annotation_id: Id of the annotation.
            options: As in `V2Api`.

        Raises:
            NotFoundException: There is no annotation `annotation_id`.
        """
        params = {"annotation_id": text("annotation_id", annotation_id)}
        return self._get("annotation", Annotation, options, params)
