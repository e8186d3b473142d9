"""Batches: groups of tasks that are released and completed together."""

from __future__ import annotations

from typing import Any, Dict, Generator, List, Optional, Union

from scaleapi._core.calls import Calls, get_or_create
from scaleapi._core.enums import WireEnum
from scaleapi._core.filters import (
    Encoder,
    check_empty_filters,
    check_names,
    encode_filters,
)
from scaleapi._core.models import ScaleObject, documents
from scaleapi._core.notebook import Fact
from scaleapi._core.paging import Paginator, iterate_offsets, page_number, page_value
from scaleapi._core.params import (
    as_is,
    required_object,
    wire_choice,
    wire_names,
    wire_time,
)
from scaleapi._core.polling import wait_for
from scaleapi._core.progress import Counts, Progress
from scaleapi._transport.endpoint import endpoint, has_address
from scaleapi._transport.recovery import Recovery, explained
from scaleapi._transport.response_checks import document_of, documents_of
from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleException,
)
from scaleapi.tasks.filters import TimeArg


class BatchStatus(WireEnum):
    """Status of a batch."""

    Staging = "staging"
    InProgress = "in_progress"
    Completed = "completed"


class Batch(ScaleObject):
    """A batch, in the state in which it was fetched.

    `finalize`, `get_status` and `wait` update the status of this object and of the
    document that `as_dict` returns. An attribute that you set is not in the document.

    Attributes:
        name: Name of the batch, unique in the account.
        status: One of the values of `BatchStatus`, as a str.
        project: Name of the batch's project.
        created_at: Time of creation, as an ISO 8601 string in UTC.
        metadata: Metadata of the batch; ``{}`` if there is none.
        tasks_pending: Number of pending tasks; None before the first `get_status`.
        tasks_completed: Number of completed tasks; None before the first `get_status`.
        tasks_error: Number of tasks in error; None before the first `get_status`.
        tasks_canceled: Number of canceled tasks; None before the first `get_status`.
    """

    _identity_key = "name"
    _notebook_keys = ("project", "status", "created_at")

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.name: str = json["name"]
        self.status: str = self._value("status")
        self.project: str = self._value("project")
        self.created_at: str = self._value("created_at")
        # Old batches have no metadata.
        metadata = json.get("metadata")
        self.metadata: Dict[str, Any] = {} if metadata is None else metadata
        self.tasks_pending: Optional[int] = None
        self.tasks_completed: Optional[int] = None
        self.tasks_error: Optional[int] = None
        self.tasks_canceled: Optional[int] = None

    def finalize(self) -> Batch:
        """Release the batch to the labelers, and update the status of this object.

        Returns:
            The batch in its new state, as another object.
        """
        batch: Batch = self._caller("finalize").finalize_batch(self.name)
        self._note_status(batch.status)
        return batch

    def _facts(self) -> List[Fact]:
        counts = [
            (f"tasks_{name}", vars(self).get(f"tasks_{name}"))
            for name in ("pending", "completed", "error", "canceled")
        ]
        return [*super()._facts(), *(each for each in counts if each[1] is not None)]

    def get_status(self) -> Dict[str, Any]:
        """Fetch the status and the numbers of tasks, and update this object.

        Returns:
            ``status``, and the numbers of tasks ``pending``, ``completed``, ``error``
            and ``canceled``. A number that is 0 is missing.
        """
        answer: Dict[str, Any] = self._caller("get_status").batch_status(self.name)
        self._note_status(answer.get("status", self.status))
        self.tasks_pending = answer.get("pending", 0)
        self.tasks_completed = answer.get("completed", 0)
        self.tasks_error = answer.get("error", 0)
        self.tasks_canceled = answer.get("canceled", 0)
        return answer

    def wait(
        self,
        timeout: Optional[float] = None,
        poll: float = 2.0,
        progress: Progress = False,
    ) -> Batch:
        """Wait until the batch is completed, and update this object meanwhile.

        Args:
            timeout: Seconds after which to give up. Default: never.
            poll: Seconds between the first request and the second. Further intervals
                grow, up to a minute.
            progress: True shows a bar of the finished tasks (extra
                ``scaleapi[progress]``); a callable is called with the `Counts` after
                each request.

        Returns:
            This batch; its status is ``completed``.

        Raises:
            ScaleWaitTimeoutError: The batch was not completed within `timeout` seconds.
                The error is also a ``TimeoutError``.
            ScaleException: The batch cannot be completed: it is in staging, has no
                tasks, or all of its tasks are canceled or in error.
            ScaleValueError: `poll` is not positive and finite, or `timeout` is
                negative.
        """
        hopeless_polls = 0  # polls in a row that found nothing to wait for

        def look() -> Counts:
            self.get_status()
            return self._counts()

        def finished() -> bool:
            nonlocal hopeless_polls
            if self.status == BatchStatus.Completed:
                return True
            if self.status == BatchStatus.Staging:
                raise ScaleException(
                    f"batch {self.name!r} is staging, and nobody works on it before "
                    f"it is released: call finalize() first"
                )
            # Give up at the second poll only: the numbers may be older than the tasks.
            hopeful = self.tasks_pending or self.tasks_completed
            hopeless_polls = 0 if hopeful else hopeless_polls + 1
            if hopeless_polls > 1:
                raise ScaleException(self._why_hopeless())
            return False

        wait_for(
            f"batch {self.name!r}",
            look,
            finished,
            timeout=timeout,
            poll=poll,
            progress=progress,
        )
        return self

    def _why_hopeless(self) -> str:
        ended = (self.tasks_canceled or 0) + (self.tasks_error or 0)
        why = (
            f"all of its {ended} tasks are canceled or in error"
            if ended
            else "it has no tasks"
        )
        return f"batch {self.name!r} cannot be completed: {why}"

    def _note_status(self, status: str) -> None:
        self.status = status
        # A new dict: the one that as_dict() has returned before must not change.
        self._json = {**self._json, "status": status}

    def _counts(self) -> Counts:
        numbers = {
            "completed": self.tasks_completed or 0,
            "error": self.tasks_error or 0,
            "canceled": self.tasks_canceled or 0,
        }
        done = sum(numbers.values())
        total = done + (self.tasks_pending or 0)
        return Counts(done, total, numbers["error"], numbers)


class Batchlist(Paginator[Batch]):
    """One page of batches."""


_BATCH = document_of(Batch)

#: Key of a query on GET batches -> the encoder of its value. These are also the
#: filters that `ScaleClient.batches` takes.
_BATCH_ENCODERS: Dict[str, Encoder] = {
    "start_time": wire_time,
    "end_time": wire_time,
    "status": wire_choice,
    "project": wire_names,
    "limit": as_is,
    "offset": as_is,
    "exclude_archived": as_is,
}

#: Keys that select the page, not which batches match.
_BATCH_PAGE_KEYS = {"limit", "offset", "exclude_archived"}

#: Key of a query -> the argument of `ScaleClient.get_batches`, where its name differs.
_BATCH_ARGUMENTS = {
    "start_time": "created_after",
    "end_time": "created_before",
    "status": "batch_status",
    "project": "project_name",
}


class BatchCalls(Calls):
    """The batch calls of `ScaleClient`."""

    def create_batch(
        self,
        project: str,
        batch_name: str,
        callback: str = "",
        calibration_batch: bool = False,
        self_label_batch: bool = False,
        metadata: Optional[Dict[str, Any]] = None,
    ) -> Batch:
        """Create a batch.

        Args:
            project: Name of the project that the batch belongs to.
            batch_name: Name that no other batch of the account has.
            callback: URL or email address that is notified when the batch is completed.
                Default: none.
            calibration_batch: Whether the batch serves to train labelers.
            self_label_batch: Whether your own team labels the batch.
            metadata: Metadata of the batch, at most 10 KB as JSON. Default: ``{}``.

        Raises:
            ScaleDuplicateResource: A batch `batch_name` exists already.
            ScaleResourceNotFound: There is no project `project`.
        """
        body = {
            "project": project,
            "name": batch_name,
            "calibration_batch": calibration_batch,
            "self_label_batch": self_label_batch,
            "callback": callback,
            "metadata": metadata or {},
        }
        recovery = None
        if has_address(batch_name):
            recovery = Recovery.at(
                endpoint("batches", batch_name, expect=_BATCH),
                creates=True,
                name=batch_name,
                project=project,
            )
        path = endpoint("batches", expect=_BATCH, idempotent=True, recovery=recovery)
        return Batch(self.api.post_request(path, body=body), self)

    def get_or_create_batch(
        self,
        project: str,
        batch_name: str,
        *,
        callback: str = "",
        calibration_batch: bool = False,
        self_label_batch: bool = False,
        metadata: Optional[Dict[str, Any]] = None,
    ) -> Batch:
        """Return the batch with this name, and create it if it does not exist.

        Many threads and machines may call this at the same time; all get the same
        batch. It sends one request if the batch is new, and two if it exists.

        Args:
            project: Name of the project that the batch belongs to.
            batch_name: Name of the batch.
            callback: As in `create_batch`. Used only if the batch is created.
            calibration_batch: As in `create_batch`. Used only if the batch is created.
            self_label_batch: As in `create_batch`. Used only if the batch is created.
            metadata: As in `create_batch`. Used only if the batch is created.

        Returns:
            The batch in its current state.

        Raises:
            ScaleDuplicateResource: The batch `batch_name` belongs to another project.
            ScaleResourceNotFound: There is no project `project`.
        """

        def existing(duplicate: ScaleDuplicateResource) -> Batch:
            batch = self.get_batch(batch_name)
            if batch.project != project:
                raise explained(
                    duplicate,
                    f"batch {batch_name!r} already belongs to project "
                    f"{batch.project!r}, not {project!r}: choose another batch "
                    f"name, or pass project={batch.project!r}",
                ) from duplicate
            return batch

        return get_or_create(
            lambda: self.create_batch(
                project,
                batch_name,
                callback,
                calibration_batch,
                self_label_batch,
                metadata,
            ),
            existing,
        )

    def finalize_batch(self, batch_name: str) -> Batch:
        """Release a batch in staging to the labelers.

        A batch that was released before does not change.

        Args:
            batch_name: Name of the batch.

        Raises:
            ScaleResourceNotFound: There is no batch `batch_name`.
        """
        # api-notes: batch-states
        recovery = Recovery.at(
            endpoint("batches", batch_name, expect=_BATCH),
            creates=False,
            status=(BatchStatus.InProgress, BatchStatus.Completed),
        )
        path = endpoint(
            "batches", batch_name, "finalize", expect=_BATCH, recovery=recovery
        )
        return Batch(self.api.post_request(path), self)

    def batch_status(self, batch_name: str) -> Dict[str, Any]:
        """Fetch the status of a batch and its numbers of tasks.

        Args:
            batch_name: Name of the batch.

        Returns:
            ``status``, and the numbers of tasks ``pending``, ``completed``, ``error``
            and ``canceled``. A number that is 0 is missing.

        Raises:
            ScaleResourceNotFound: There is no batch `batch_name`.
        """
        path = endpoint("batches", batch_name, "status")
        answer: Dict[str, Any] = self.api.get_request(path)
        return answer

    def get_batch(self, batch_name: str) -> Batch:
        """Fetch a batch.

        Args:
            batch_name: Name of the batch.

        Raises:
            ScaleResourceNotFound: There is no batch `batch_name`.
        """
        path = endpoint("batches", batch_name, expect=_BATCH)
        return Batch(self.api.get_request(path), self)

    def set_batch_metadata(self, batch_name: str, metadata: Dict[str, Any]) -> Batch:
        """Replace the metadata of a batch.

        Args:
            batch_name: Name of the batch.
            metadata: The new metadata: any JSON object, at most 10 KB. ``{}`` removes
                the metadata.

        Raises:
            ScaleTypeError: `metadata` is None.
            ScaleResourceNotFound: There is no batch `batch_name`.
        """
        path = endpoint(
            "batches", batch_name, "setMetadata", expect=_BATCH, idempotent=True
        )
        return Batch(
            self.api.post_request(path, body=required_object("metadata", metadata)),
            self,
        )

    def batches(self, **kwargs: Any) -> Batchlist:
        """Fetch one page of batches, newest first. `get_batches` fetches all pages.

        Args:
            kwargs: Filters under the names of the API: ``project``, ``status``,
                ``start_time`` and ``end_time`` (of the creation), and
                ``exclude_archived``. Further ``limit`` (batches on the page, 1 to 100;
                default: 100) and ``offset`` (batches to skip).

        Raises:
            ScaleInvalidRequest: A key of `kwargs` is not a filter. Nothing was sent.
            ScaleValueError: ``project`` is an empty iterable. Nothing was sent.
        """
        # api-notes: batch-pages
        check_names(kwargs, _BATCH_ENCODERS, "batches")
        query = encode_filters(kwargs, _BATCH_ENCODERS)
        _check_empty(kwargs, query)
        path = endpoint("batches", expect=documents_of(Batch, "docs"))
        answer = self.api.get_request(path, params=query)
        batches = [Batch(json, self) for json in documents(answer)]
        return Batchlist(
            batches,
            page_value(answer, "totalDocs", len(batches)),
            page_number(answer, "limit", len(batches)),
            page_number(answer, "offset", 0),
            page_value(answer, "has_more", False),
        )

    def get_batches(
        self,
        project_name: Optional[str] = None,
        batch_status: Union[BatchStatus, str, None] = None,
        created_after: Optional[TimeArg] = None,
        created_before: Optional[TimeArg] = None,
        exclude_archived: bool = False,
    ) -> Generator[Batch, None, None]:
        """Iterate over all batches that match, newest first.

        This is a generator: it sends nothing before the first batch is requested, and
        then one request for each page.

        Each batch that matches at the beginning is yielded once, even if the loop
        changes what the filter is about (``batch.finalize()`` with
        ``batch_status="staging"``), or others do: if the total of the API has changed
        at the end, the list is read again for batches that were missed. Batches that
        were created meanwhile are skipped then.

        Args:
            project_name: Name of the project. Default: all projects.
            batch_status: Status of the batch, as an enum member or a string.
            created_after: Earliest time of creation: a datetime, a date or an ISO 8601
                string. A time without an offset is UTC.
            created_before: Latest time of creation.
            exclude_archived: Whether to leave out archived batches.

        Yields:
            Each batch once.

        Raises:
            ScaleValueError: `project_name` is an empty iterable. Like every error, this
                is raised when the first batch is requested.
        """
        filters = {
            "start_time": created_after,
            "end_time": created_before,
            "project": project_name,
            "offset": 0,
            "exclude_archived": exclude_archived,
            "status": batch_status or None,
        }
        query = encode_filters(filters, _BATCH_ENCODERS, _BATCH_ARGUMENTS)
        if not query["status"]:
            del query["status"]
        _check_empty({**filters, "status": batch_status}, query, _BATCH_ARGUMENTS)
        yield from iterate_offsets(
            lambda offset: self.batches(**{**query, "offset": offset}),
            identity=lambda batch: batch.name,
            created_at=lambda batch: batch.created_at,
        )


def _check_empty(
    filters: Dict[str, Any],
    query: Dict[str, Any],
    arguments: Optional[Dict[str, str]] = None,
) -> None:
    narrowing = {key: v for key, v in filters.items() if key not in _BATCH_PAGE_KEYS}
    check_empty_filters("batch", narrowing, query, arguments)
