"""What the calls of v2 return around the objects: pages, and other envelopes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Dict, Generic, List, Optional, Type, TypeVar, Union

from scaleapi.v2.conversations import Task
from scaleapi.v2.records import ExpandableId, Record
from scaleapi.v2.resources import (
    Batch,
    Dataset,
    DatasetDelivery,
    DatasetTask,
    Delivery,
    GetSchemaResponseSchema,
    Project,
)

_T = TypeVar("_T")
_Self = TypeVar("_Self", bound="BatchChange")


class Listing(Record):
    """An answer with a list in it."""

    #: The key of the list.
    _items_key: ClassVar[str]

    @classmethod
    def _problem_of(cls, answer: Any) -> Optional[str]:
        problem = super()._problem_of(answer)
        if problem is not None or isinstance(answer.get(cls._items_key), list):
            return problem
        return f"not a list, since it has no list {cls._items_key!r}"

    def __repr__(self) -> str:
        items = self.to_dict().get(self._items_key) or ()
        return f"{type(self).__name__}({len(items)} {self._items_key})"


class Page(Listing, Generic[_T]):
    """One page of a list.

    Attributes:
        next_token: The ``next_token`` that gives the next page; None on the last page.
    """

    next_token: Optional[str]

    def _items(self) -> List[_T]:
        items: List[_T] = getattr(self, self._items_key)
        return items


class GetTasksResponse(Page[Task]):
    """One page of tasks."""

    _items_key = "tasks"

    tasks: List[Task]


class GetBatchesResponse(Page[Batch]):
    """One page of batches."""

    _items_key = "batches"

    batches: List[Batch]


class GetDeliveredTasksResponse(Page[Task]):
    """One page of the tasks of a delivery."""

    _items_key = "tasks"

    delivery: Optional[Union[ExpandableId, Delivery]]
    tasks: List[Task]


class GetDeliveryTasksResponseDocsInner(Record):
    """A task of a delivery with its response, in which the threads are."""

    task_id: str
    created_at: Optional[datetime]
    delivery_id: Optional[str]
    delivered_at: Optional[str]
    response_schema_id: Optional[str]
    response: Optional[Dict[str, Any]]


class GetDeliveryTasksResponse(Page[GetDeliveryTasksResponseDocsInner]):
    """One page of the responses of delivered tasks."""

    _items_key = "docs"

    docs: List[GetDeliveryTasksResponseDocsInner]
    total: int


class GetDatasetDeliveryResponse(Page[DatasetTask]):
    """One page of the tasks of a delivery of a dataset."""

    _items_key = "tasks"

    delivery: Optional[Union[ExpandableId, DatasetDelivery]]
    tasks: List[DatasetTask]


class GetDatasetTasksResponse(Page[DatasetTask]):
    """One page of the tasks of a dataset."""

    _items_key = "tasks"

    tasks: List[DatasetTask]


class GetProjectsResponse(Listing):
    """All projects."""

    _items_key = "projects"

    projects: List[Project]


class GetDeliveriesResponse(Listing):
    """All deliveries of a project."""

    _items_key = "deliveries"

    deliveries: List[Delivery]


class GetDatasetsResponse(Listing):
    """All datasets."""

    _items_key = "datasets"

    datasets: List[Dataset]


class GetDatasetDeliveriesResponse(Listing):
    """All deliveries of a dataset."""

    _items_key = "deliveries"

    deliveries: List[DatasetDelivery]


class GetSchemaResponse(Record):
    """An answer with a schema in it."""

    _wire_names = {"var_schema": "schema"}

    var_schema: GetSchemaResponseSchema


class BatchChange(Record):
    """The answer to a change of a batch that takes a moment.

    Attributes:
        batch: The batch. Its status may change a moment later.
        message: What happens now.
    """

    batch: Optional[Batch]
    message: Optional[str]

    @classmethod
    def _problem_of(cls, answer: Any) -> Optional[str]:
        problem = super()._problem_of(answer)
        if problem is not None or not cls._is_batch(answer):
            return problem
        return Batch._problem_of(answer)

    @classmethod
    def _of(cls: Type[_Self], document: Dict[str, Any]) -> _Self:
        # If the answer was lost, the batch is looked for, and found without a message.
        return super()._of({"batch": document} if cls._is_batch(document) else document)

    @staticmethod
    def _is_batch(document: Dict[str, Any]) -> bool:
        return "batch" not in document and "message" not in document


class PauseBatch200Response(BatchChange):
    """The answer to `V2Api.pause_batch`."""


class ResumeBatch200Response(BatchChange):
    """The answer to `V2Api.resume_batch`."""


class CancelBatch200Response(BatchChange):
    """The answer to `V2Api.cancel_batch`."""
