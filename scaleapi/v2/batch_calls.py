"""The calls of v2 for batches."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Type, TypeVar, Union

from scaleapi._transport.recovery import Recovery
from scaleapi.v2.answers import (
    CancelBatch200Response,
    GetBatchesResponse,
    PauseBatch200Response,
    ResumeBatch200Response,
)
from scaleapi.v2.base import V2Calls
from scaleapi.v2.enums import BatchStatus, ExpandableEnumBatch
from scaleapi.v2.records import Record
from scaleapi.v2.requests import (
    BatchOperationRequest,
    CallOption,
    CreateBatchRequest,
    Names,
    SetBatchMetadataRequest,
    query,
)
from scaleapi.v2.resources import Batch
from scaleapi.v2.times import TimeFilter

R = TypeVar("R", bound=Record)

_LISTS = {"expand": ExpandableEnumBatch}

#: The end of the path of a change -> the statuses of a batch that has undergone it.
#: api-notes: v2-batch-states
_STATUSES_AFTER = {
    "finalize": ("in_progress", "completed", "paused"),
    "pause": ("paused",),
    "resume": ("in_progress", "completed"),
    "cancel": ("cancelled",),
}

#: A batch, as a model, a dict, or its id.
OneBatch = Union[BatchOperationRequest, Mapping[str, Any], str, None]


class V2BatchCalls(V2Calls):
    """The calls of `V2Api` for batches."""

    def get_batch(
        self,
        batch_id: Optional[str] = None,
        batch_name: Optional[str] = None,
        expand: Names = None,
        **options: CallOption,
    ) -> Batch:
        """Fetch a batch.

        Args:
            batch_id: Id of the batch. It or `batch_name` is required.
            batch_name: Name of the batch.
            expand: Ids that are replaced by their objects: ``project``.
            options: As in `V2Api`.

        Raises:
            NotFoundException: No batch has this id or name.
        """
        params = {"batch_id": batch_id, "batch_name": batch_name, "expand": expand}
        return self._get("batch", Batch, options, params, _LISTS)

    def get_batches(
        self,
        project_id: Optional[str] = None,
        project_name: Optional[str] = None,
        status: Union[BatchStatus, str, None] = None,
        created_after: Optional[TimeFilter] = None,
        created_before: Optional[TimeFilter] = None,
        completed_after: Optional[TimeFilter] = None,
        completed_before: Optional[TimeFilter] = None,
        limit: Optional[int] = None,
        next_token: Optional[str] = None,
        expand: Names = None,
        **options: CallOption,
    ) -> GetBatchesResponse:
        """Fetch one page of batches. `V2Api.iterate` fetches all pages.

        Args:
            project_id: Id of the project. Default: all projects.
            project_name: Name of the project.
            status: Status of the batch.
            created_after: Earliest time of creation: a datetime, a date, ISO 8601 text,
                or seconds since 1970.
            created_before: Latest time of creation.
            completed_after: Earliest time of completion.
            completed_before: Latest time of completion.
            limit: Batches on the page, 1 to 100. Default: 100.
            next_token: From the page before.
            expand: As in `get_batch`.
            options: As in `V2Api`.
        """
        params = {
            "project_id": project_id,
            "project_name": project_name,
            "status": status,
            "created_after": created_after,
            "created_before": created_before,
            "completed_after": completed_after,
            "completed_before": completed_before,
            "limit": limit,
            "next_token": next_token,
            "expand": expand,
        }
        return self._get("batches", GetBatchesResponse, options, params, _LISTS)

    def create_batch(
        self,
        create_batch_request: Union[CreateBatchRequest, Mapping[str, Any], None] = None,
        *,
        name: Optional[str] = None,
        project_id: Optional[str] = None,
        project_name: Optional[str] = None,
        project: Optional[str] = None,
        callback: Optional[str] = None,
        staging_batch: Optional[bool] = None,
        metadata: Optional[Dict[str, Any]] = None,
        **options: CallOption,
    ) -> Batch:
        """Create a batch.

        Args:
            create_batch_request: The fields below, as a model or a dict. Instead, they
                can be passed by name.
            name: Name that no other batch has.
            project_id: Id of its project. It or `project_name` is required.
            project_name: Name of its project.
            project: Another name for `project_id`.
            callback: URL or email address that is notified when it is completed.
            staging_batch: Whether it waits to be finalized. Default: False.
            metadata: Its metadata.
            options: As in `V2Api`.

        Raises:
            ScaleTypeError: A field of `create_batch_request` is missing or has another
                type.
            ConflictException: Another batch is called `name`.
        """
        fields = {
            "name": name,
            "project_id": project_id,
            "project_name": project_name,
            "project": project,
            "callback": callback,
            "staging_batch": staging_batch,
            "metadata": metadata,
        }
        body = CreateBatchRequest._from(create_batch_request, fields)
        found = self.api_client._target(
            "batch", expected=Batch, query=query({"batch_name": body["name"]})
        )
        recovery = Recovery.at(
            found, creates=True, name=body["name"], project=body.get("project_id")
        )
        return self._post("batch", Batch, options, body, recovery=recovery)

    def finalize_batch(
        self,
        batch_operation_request: OneBatch = None,
        *,
        batch_id: Optional[str] = None,
        batch_name: Optional[str] = None,
        **options: CallOption,
    ) -> Batch:
        """Release a batch in staging to the labelers.

        Args:
            batch_operation_request: The batch, as a model, a dict or its id. Instead,
                the fields can be passed by name.
            batch_id: Id of the batch.
            batch_name: Name of the batch.
            options: As in `V2Api`.

        Raises:
            ScaleTypeError: A field of `batch_operation_request` has another type.
        """
        fields = {"batch_id": batch_id, "batch_name": batch_name}
        return self._change("finalize", Batch, batch_operation_request, fields, options)

    def pause_batch(
        self,
        batch_operation_request: OneBatch = None,
        *,
        batch_id: Optional[str] = None,
        batch_name: Optional[str] = None,
        **options: CallOption,
    ) -> PauseBatch200Response:
        """Pause a batch that is in progress. Tasks that were started are finished.

        Args:
            batch_operation_request: As in `finalize_batch`.
            batch_id: Id of the batch.
            batch_name: Name of the batch.
            options: As in `V2Api`.

        Raises:
            ScaleTypeError: A field of `batch_operation_request` has another type.
        """
        fields = {"batch_id": batch_id, "batch_name": batch_name}
        return self._change(
            "pause", PauseBatch200Response, batch_operation_request, fields, options
        )

    def resume_batch(
        self,
        batch_operation_request: OneBatch = None,
        *,
        batch_id: Optional[str] = None,
        batch_name: Optional[str] = None,
        **options: CallOption,
    ) -> ResumeBatch200Response:
        """Resume a batch that is paused.

        Args:
            batch_operation_request: As in `finalize_batch`.
            batch_id: Id of the batch.
            batch_name: Name of the batch.
            options: As in `V2Api`.

        Raises:
            ScaleTypeError: A field of `batch_operation_request` has another type.
        """
        fields = {"batch_id": batch_id, "batch_name": batch_name}
        return self._change(
            "resume", ResumeBatch200Response, batch_operation_request, fields, options
        )

    def cancel_batch(
        self,
        batch_operation_request: OneBatch = None,
        *,
        batch_id: Optional[str] = None,
        batch_name: Optional[str] = None,
        **options: CallOption,
    ) -> CancelBatch200Response:
        """Cancel a batch that is not completed, for ever.

        Args:
            batch_operation_request: As in `finalize_batch`.
            batch_id: Id of the batch.
            batch_name: Name of the batch.
            options: As in `V2Api`.

        Raises:
            ScaleTypeError: A field of `batch_operation_request` has another type.
        """
        fields = {"batch_id": batch_id, "batch_name": batch_name}
        return self._change(
            "cancel", CancelBatch200Response, batch_operation_request, fields, options
        )

    def _change(
        self,
        change: str,
        expected: Type[R],
        given: OneBatch,
        fields: Dict[str, Any],
        options: Mapping[str, Any],
    ) -> R:
        body = BatchOperationRequest._from(given, fields)
        names = {key: body[key] for key in fields if key in body}
        recovery = None
        if names:
            found = self.api_client._target("batch", expected=Batch, query=query(names))
            recovery = Recovery.at(found, creates=False, status=_STATUSES_AFTER[change])
        return self._post(f"batch/{change}", expected, options, body, recovery=recovery)

    def set_batch_metadata(
        self,
        set_batch_metadata_request: Union[
            SetBatchMetadataRequest, Mapping[str, Any], str, None
        ] = None,
        *,
        batch_id: Optional[str] = None,
        batch_name: Optional[str] = None,
        metadata: Optional[Dict[str, Any]] = None,
        merge: Optional[bool] = None,
        **options: CallOption,
    ) -> Batch:
        """Change the metadata of a batch.

        Args:
            set_batch_metadata_request: The fields below, as a model or a dict; or the
                id of the batch. Instead, they can be passed by name.
            batch_id: Id of the batch. It or `batch_name` is required.
            batch_name: Name of the batch.
            metadata: The metadata. ``{}`` removes it, without `merge`.
            merge: Whether it is merged into what is there, at all levels. Default:
                False.
            options: As in `V2Api`.

        Raises:
            ScaleTypeError: A field of `set_batch_metadata_request` is missing or has
                another type.
        """
        fields = {
            "batch_id": batch_id,
            "batch_name": batch_name,
            "metadata": metadata,
            "merge": merge,
        }
        body = SetBatchMetadataRequest._from(set_batch_metadata_request, fields)
        return self._post("batch/metadata", Batch, options, body)
