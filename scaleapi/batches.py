"""Batches: groups of tasks that are worked on and finished together."""

from __future__ import annotations

from typing import Any, Dict, Generator, Optional, Union

from scaleapi._core.calls import Calls, get_or_create
from scaleapi._core.enums import WireEnum
from scaleapi._core.filters import (
    Encoder,
    check_empty_filters,
    check_names,
    encode_filters,
)
from scaleapi._core.models import ScaleObject, documents
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
from scaleapi._transport.expectations import document_of, documents_of
from scaleapi._transport.recovery import Recovery, explained
from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleException,
)
from scaleapi.tasks.filters import TimeArg


class BatchStatus(WireEnum):
    """Where a batch stands."""

    Staging = "staging"
    InProgress = "in_progress"
    Completed = "completed"


class Batch(ScaleObject):
    """A batch, as the API described it when it was fetched.

    What its methods learn of the status is in the document, too, which `as_dict`
    returns. What you set by hand is on this object only.

    Attributes:
        name: Its name, unique in the account.
        status: One of the values of `BatchStatus`, as plain text.
        project: Name of its project.
        created_at: ISO 8601 text, in UTC.
        metadata: What was stored with it; ``{}`` if nothing was.
        tasks_pending: Number of such tasks; None until `get_status` was called.
        tasks_completed: The same.
        tasks_error: The same.
        tasks_canceled: The same.
    """

    _identity_key = "name"

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.name: str = json["name"]
        self.status: str = self._value("status")
        self.project: str = self._value("project")
        self.created_at: str = self._value("created_at")
        # Batches from before there was metadata have none.
        metadata = json.get("metadata")
        self.metadata: Dict[str, Any] = {} if metadata is None else metadata
        self.tasks_pending: Optional[int] = None
        self.tasks_completed: Optional[int] = None
        self.tasks_error: Optional[int] = None
        self.tasks_canceled: Optional[int] = None

    def finalize(self) -> Batch:
        """Release the batch to be worked on, and note its new status here.

        Returns:
            The batch as the server has it now.
        """
        batch: Batch = self._caller("finalize").finalize_batch(self.name)
        self._note_status(batch.status)
        return batch

    def get_status(self) -> Dict[str, Any]:
        """Ask for status and numbers of tasks, and note them here.

        Returns:
            The answer: ``status``, and ``pending``, ``completed``, ``error``
            and ``canceled``, each only if there are such tasks.
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
        """Wait until the batch is completed, noting its numbers as they change.

        Args:
            timeout: Seconds after which to give up; None waits as long as it
                takes.
            poll: Seconds between the first look and the second. From then on
                the pauses grow, up to a minute.
            progress: True shows a bar of the tasks that are finished (extra
                ``scaleapi[progress]``); a callable is given the counts after
                each look.

        Returns:
            This batch, completed.

        Raises:
            ScaleWaitTimeoutError: It is not completed in time; a
                ``TimeoutError`` too.
            ScaleException: It cannot be completed: it is staging, has no
                tasks, or all of them are canceled or in error.
        """
        hopeless_polls = 0

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
        # Anew: who asked for the document before keeps what it was then.
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

#: Keys that say which page comes, not which batches match.
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
            project: Name of the project it belongs to.
            batch_name: Any text that no other batch of the account has.
            callback: URL or e-mail address told when the batch is completed.
            calibration_batch: Whether it is there to teach labelers.
            self_label_batch: Whether your own team labels it.
            metadata: Stored with it, at most 10 KB as JSON.

        Raises:
            ScaleDuplicateResource: There is a batch of this name.
            ScaleResourceNotFound: There is no such project.
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
        """Return the batch of this name; create it if there is none.

        Safe to call from many threads and machines at once: they all get the
        same batch. One request if the batch is new, two if it exists.

        Args:
            project: Name of the project it belongs to.
            batch_name: Any text.
            callback: As in `create_batch`, like all that follow. Used only if
                the batch is created.
            calibration_batch: Used only if the batch is created.
            self_label_batch: Used only if the batch is created.
            metadata: Used only if the batch is created.

        Returns:
            The batch as the server has it now.

        Raises:
            ScaleDuplicateResource: The name is taken by another project.
            ScaleResourceNotFound: There is no such project.
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
        """Release a staging batch to be worked on.

        Batches in progress stay as they are.

        Raises:
            ScaleResourceNotFound: There is no batch of this name.
        """
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
        """Return the status of a batch and its numbers of tasks.

        Returns:
            ``status``, and ``pending``, ``completed``, ``error`` and
            ``canceled``, each only if there are such tasks.

        Raises:
            ScaleResourceNotFound: There is no batch of this name.
        """
        path = endpoint("batches", batch_name, "status")
        answer: Dict[str, Any] = self.api.get_request(path)
        return answer

    def get_batch(self, batch_name: str) -> Batch:
        """Fetch one batch by its name.

        Raises:
            ScaleResourceNotFound: There is no batch of this name.
        """
        path = endpoint("batches", batch_name, expect=_BATCH)
        return Batch(self.api.get_request(path), self)

    def set_batch_metadata(self, batch_name: str, metadata: Dict[str, Any]) -> Batch:
        """Replace the metadata of a batch, all of it.

        Args:
            batch_name: Its name.
            metadata: Any JSON object, at most 10 KB; ``{}`` clears it.

        Raises:
            ScaleResourceNotFound: There is no batch of this name.
        """
        path = endpoint(
            "batches", batch_name, "setMetadata", expect=_BATCH, idempotent=True
        )
        return Batch(
            self.api.post_request(path, body=required_object("metadata", metadata)),
            self,
        )

    def batches(self, **kwargs: Any) -> Batchlist:
        """Fetch one page of batches, the newest first; `get_batches` walks all.

        Args:
            kwargs: Filters, by the names of the API: ``project``, ``status``,
                ``start_time``, ``end_time`` (of creation),
                ``exclude_archived``; ``limit`` (1 to 100 batches, 100 if not
                given) and ``offset`` (how many to pass over).

        Raises:
            ScaleInvalidRequest: There is no such filter; nothing is sent.
            ScaleValueError: `project` is an empty collection; nothing is sent.
        """
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
        """Walk over all batches that match, the newest first.

        A generator: nothing is sent before the first batch is wanted, then one
        request a page. Each batch that matches when the walk begins comes once,
        also if the loop changes what it filters by (``batch.finalize()`` with
        ``batch_status="staging"``) or others do: if the total that the API gives
        has changed by the end, the list is walked again for those that were not
        seen. Batches that are created meanwhile are left out then.

        Args:
            project_name: Name of the project; all projects if not given.
            batch_status: Status of the batch, as enum member or string.
            created_after: Earliest creation: datetime, date or ISO 8601 text.
            created_before: Latest creation.
            exclude_archived: Whether to leave archived batches out.

        Yields:
            Each batch once.

        Raises:
            ScaleValueError: `project_name` is an empty collection. Like every
                error, it comes when the first batch is asked for.
        """
        filters = {
            "start_time": created_after,
            "end_time": created_before,
            "status": batch_status or None,
            "project": project_name,
            "exclude_archived": exclude_archived,
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
