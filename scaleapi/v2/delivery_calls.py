"""The calls of v2 for projects, deliveries, datasets and schemas."""

from __future__ import annotations

from typing import Optional, Union

from scaleapi.v2.answers import (
    GetDatasetDeliveriesResponse,
    GetDatasetDeliveryResponse,
    GetDatasetsResponse,
    GetDatasetTasksResponse,
    GetDeliveredTasksResponse,
    GetDeliveriesResponse,
    GetDeliveryTasksResponse,
    GetProjectsResponse,
    GetSchemaResponse,
)
from scaleapi.v2.base import V2Calls
from scaleapi.v2.enums import (
    ExpandableEnumDatasetsDeliveries,
    ExpandableEnumDatasetTask,
    ExpandableEnumDeliveries,
    ExpandableEnumDelivery,
    Option,
    TaskStatus,
)
from scaleapi.v2.requests import CallOption, Lists, Names, text
from scaleapi.v2.resources import DatasetTask, Project
from scaleapi.v2.times import TimeFilter


class V2DeliveryCalls(V2Calls):
    """The calls of `V2Api` for projects, deliveries, datasets and schemas."""

    def get_project(
        self,
        project_id: Optional[str] = None,
        project_name: Optional[str] = None,
        **options: CallOption,
    ) -> Project:
        """Fetch a project.

        Args:
            project_id: Id of the project. It or `project_name` is required.
            project_name: Name of the project.
            options: As in `V2Api`.

        Raises:
            NotFoundException: No project has this id or name.
        """
        params = {"project_id": project_id, "project_name": project_name}
        return self._get("project", Project, options, params)

    def get_projects(
        self,
        created_after: Optional[TimeFilter] = None,
        created_before: Optional[TimeFilter] = None,
        **options: CallOption,
    ) -> GetProjectsResponse:
        """Fetch all projects.

        Args:
            created_after: Earliest time of creation: a datetime, a date, ISO 8601 text,
                or seconds since 1970.
            created_before: Latest time of creation.
            options: As in `V2Api`.
        """
        params = {"created_after": created_after, "created_before": created_before}
        return self._get("projects", GetProjectsResponse, options, params)

    def get_deliveries(
        self,
        project_id: Optional[str] = None,
        project_name: Optional[str] = None,
        delivered_after: Optional[TimeFilter] = None,
        delivered_before: Optional[TimeFilter] = None,
        expand: Names = None,
        **options: CallOption,
    ) -> GetDeliveriesResponse:
        """Fetch all deliveries of a project.

        Args:
            project_id: Id of the project. It or `project_name` is required.
            project_name: Name of the project.
            delivered_after: Earliest time of delivery, as in `get_projects`.
            delivered_before: Latest time of delivery.
            expand: Ids that are replaced by their objects: ``project``.
            options: As in `V2Api`.
        """
        params = {
            "project_id": project_id,
            "project_name": project_name,
            "delivered_after": delivered_after,
            "delivered_before": delivered_before,
            "expand": expand,
        }
        lists = {"expand": ExpandableEnumDeliveries}
        return self._get("deliveries", GetDeliveriesResponse, options, params, lists)

    def get_delivery(
        self,
        delivery_id: Optional[str] = None,
        delivery_name: Optional[str] = None,
        project_id: Optional[str] = None,
        project_name: Optional[str] = None,
        limit: Optional[int] = None,
        next_token: Optional[str] = None,
        expand: Names = None,
        opts: Names = None,
        **options: CallOption,
    ) -> GetDeliveredTasksResponse:
        """Fetch a delivery, and one page of its tasks.

        Args:
            delivery_id: Id of the delivery. It, or `delivery_name` with a project, is
                required.
            delivery_name: Name of the delivery.
            project_id: Id of the project.
            project_name: Name of the project.
            limit: Tasks on the page, 1 to 100. Default: 100.
            next_token: From the page before.
            expand: Ids that are replaced by their objects: ``project``, ``batch``,
                ``delivery``.
            opts: What the tasks contain besides their threads, as members of `Option`.
            options: As in `V2Api`.
        """
        params = {
            "delivery_id": delivery_id,
            "delivery_name": delivery_name,
            "project_id": project_id,
            "project_name": project_name,
            "limit": limit,
            "next_token": next_token,
            "expand": expand,
            "opts": opts,
        }
        lists: Lists = {"expand": ExpandableEnumDelivery, "opts": Option}
        return self._get("delivery", GetDeliveredTasksResponse, options, params, lists)

    def get_delivery_tasks(
        self,
        delivery_id: Optional[str] = None,
        project_id: Optional[str] = None,
        project_name: Optional[str] = None,
        status: Union[TaskStatus, str, None] = None,
        completed_after: Optional[TimeFilter] = None,
        completed_before: Optional[TimeFilter] = None,
        limit: Optional[int] = None,
        next_token: Optional[str] = None,
        **options: CallOption,
    ) -> GetDeliveryTasksResponse:
        """Fetch one page of the responses of tasks.

        Args:
            delivery_id: Id of the delivery. Default: all tasks of the project.
            project_id: Id of the project. It or `project_name` is required.
            project_name: Name of the project.
            status: Status of the tasks.
            completed_after: Earliest time of completion, as in `get_projects`.
            completed_before: Latest time of completion.
            limit: Tasks on the page, 1 to 100. Default: 100.
            next_token: From the page before.
            options: As in `V2Api`.
        """
        params = {
            "delivery_id": delivery_id,
            "project_id": project_id,
            "project_name": project_name,
            "status": status,
            "completed_after": completed_after,
            "completed_before": completed_before,
            "limit": limit,
            "next_token": next_token,
        }
        return self._get("delivery/tasks", GetDeliveryTasksResponse, options, params)

    def get_datasets(self, **options: CallOption) -> GetDatasetsResponse:
        """Fetch all datasets.

        Args:
            options: As in `V2Api`.
        """
        return self._get("datasets", GetDatasetsResponse, options, {})

    def get_dataset_deliveries(
        self,
        dataset_id: Optional[str] = None,
        delivered_after: Optional[TimeFilter] = None,
        delivered_before: Optional[TimeFilter] = None,
        expand: Names = None,
        **options: CallOption,
    ) -> GetDatasetDeliveriesResponse:
        """Fetch all deliveries of a dataset.

        Args:
            dataset_id: Id of the dataset. It is required.
            delivered_after: Earliest time of delivery, as in `get_projects`.
            delivered_before: Latest time of delivery.
            expand: Ids that are replaced by their objects: ``dataset``.
            options: As in `V2Api`.
        """
        params = {
            "dataset_id": dataset_id,
            "delivered_after": delivered_after,
            "delivered_before": delivered_before,
            "expand": expand,
        }
        lists = {"expand": ExpandableEnumDatasetsDeliveries}
        return self._get(
            "datasets/deliveries", GetDatasetDeliveriesResponse, options, params, lists
        )

    def get_dataset_delivery(
        self,
        delivery_id: Optional[str] = None,
        limit: Optional[int] = None,
        next_token: Optional[str] = None,
        expand: Names = None,
        **options: CallOption,
    ) -> GetDatasetDeliveryResponse:
        """Fetch a delivery of a dataset, and one page of its tasks.

        Args:
            delivery_id: Id of the delivery. It is required.
            limit: Tasks on the page, 1 to 100. Default: 100.
            next_token: From the page before.
            expand: Ids that are replaced by their objects: ``dataset``, ``delivery``.
            options: As in `V2Api`.
        """
        params = {
            "delivery_id": delivery_id,
            "limit": limit,
            "next_token": next_token,
            "expand": expand,
        }
        lists = {"expand": ExpandableEnumDatasetTask}
        return self._get(
            "datasets/delivery", GetDatasetDeliveryResponse, options, params, lists
        )

    def get_dataset_tasks(
        self,
        dataset_id: Optional[str] = None,
        delivery_id: Optional[str] = None,
        delivered_after: Optional[TimeFilter] = None,
        delivered_before: Optional[TimeFilter] = None,
        limit: Optional[int] = None,
        next_token: Optional[str] = None,
        expand: Names = None,
        **options: CallOption,
    ) -> GetDatasetTasksResponse:
        """Fetch one page of the tasks of a dataset.

        Args:
            dataset_id: Id of the dataset. It or `delivery_id` is required.
            delivery_id: Id of the delivery.
            delivered_after: Earliest time of delivery, as in `get_projects`.
            delivered_before: Latest time of delivery.
            limit: Tasks on the page, 1 to 100. Default: 100.
            next_token: From the page before.
            expand: As in `get_dataset_delivery`.
            options: As in `V2Api`.
        """
        params = {
            "dataset_id": dataset_id,
            "delivery_id": delivery_id,
            "delivered_after": delivered_after,
            "delivered_before": delivered_before,
            "limit": limit,
            "next_token": next_token,
            "expand": expand,
        }
        lists = {"expand": ExpandableEnumDatasetTask}
        return self._get(
            "datasets/tasks", GetDatasetTasksResponse, options, params, lists
        )

    def get_dataset_task(
        self, task_id: str, expand: Names = None, **options: CallOption
    ) -> DatasetTask:
        """Fetch a task of a dataset.

        Args:
            task_id: Id of the task.
            expand: As in `get_dataset_delivery`.
            options: As in `V2Api`.

        Raises:
            NotFoundException: There is no task `task_id`.
        """
        params = {"task_id": text("task_id", task_id), "expand": expand}
        lists = {"expand": ExpandableEnumDatasetTask}
        return self._get("datasets/task", DatasetTask, options, params, lists)

    def get_dataset_task_response_url(
        self, task_id: str, attachment_id: str, **options: CallOption
    ) -> str:
        """Return the signed address of an attachment. Nothing is downloaded.

        Args:
            task_id: Id of the task.
            attachment_id: Id of the attachment.
            options: As in `V2Api`.

        Raises:
            NotFoundException: There is no attachment `attachment_id`.
        """
        target = self.api_client._target(
            "datasets",
            "task",
            text("task_id", task_id),
            "response_url",
            text("attachment_id", attachment_id),
            expected=None,
            options=options,
        )
        return str(self.api_client._send("GET", target))

    def get_schema(self, schema_id: str, **options: CallOption) -> GetSchemaResponse:
        """Fetch the schema of responses.

        Args:
            schema_id: Id of the schema, 24 hexadecimal digits.
            options: As in `V2Api`.

        Raises:
            NotFoundException: There is no schema `schema_id`.
        """
        params = {"schema_id": text("schema_id", schema_id)}
        return self._get("schema", GetSchemaResponse, options, params)
