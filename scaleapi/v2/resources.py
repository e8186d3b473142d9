"""Projects, batches, deliveries, datasets and schemas of v2."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Optional, Union

from scaleapi.v2.enums import BatchStatus
from scaleapi.v2.records import ExpandableId, Record


class Project(Record):
    """A project.

    Attributes:
        id: Its id.
        name: Its name, under which v1 knows it.
        created_at: Time of creation.
        types: Its types, such as ``RLHF: Pref Ranking``.
        models: The models whose answers are rated in it.
    """

    _identity_key = "id"

    id: str
    name: str
    created_at: datetime
    types: Optional[List[str]]
    models: Optional[List[str]]


class Batch(Record):
    """A batch.

    Attributes:
        id: Its id.
        name: Its name, under which v1 knows it.
        project: Id of its project, or the project if it was expanded.
        created_at: Time of creation.
        completed_at: Time of completion.
        status: Its status.
        callback: URL or email address that is notified when it is completed.
        metadata: Its metadata.
    """

    _identity_key = "id"

    id: str
    name: str
    project: Union[ExpandableId, Project]
    created_at: datetime
    completed_at: Optional[datetime]
    status: BatchStatus
    callback: Optional[str]
    metadata: Dict[str, Any]


class Delivery(Record):
    """A named set of finished tasks of one project.

    Attributes:
        id: Its id.
        name: Its name.
        task_count: Number of its tasks.
        delivered_at: When it was delivered.
        project: Id of its project, or the project if it was expanded.
    """

    id: str
    name: str
    task_count: int
    delivered_at: datetime
    project: Union[ExpandableId, Project]


class Dataset(Record):
    """A dataset, which is bought and not made.

    Attributes:
        id: Its id.
        name: Its name.
    """

    id: str
    name: str


class DatasetDeliveryMetadata(Record):
    """How much a delivery of a dataset has in it."""

    task_count: Optional[int]
    turn_count: Optional[int]


class DatasetDelivery(Record):
    """A delivery of a dataset.

    Attributes:
        id: Its id.
        name: Its name.
        delivered_at: When it was delivered.
        dataset: Id of its dataset, or the dataset if it was expanded.
        metadata: How much it has in it.
    """

    id: str
    name: str
    delivered_at: datetime
    dataset: Optional[Union[ExpandableId, Dataset]]
    metadata: DatasetDeliveryMetadata


class DatasetTask(Record):
    """A task of a dataset.

    Attributes:
        task_id: Its id.
        dataset: Id of its dataset, or the dataset if it was expanded.
        delivery: Id of its delivery, or the delivery if it was expanded.
        response: What was delivered: any JSON object.
    """

    _identity_key = "task_id"

    task_id: str
    dataset: Union[ExpandableId, Dataset]
    delivery: Union[ExpandableId, DatasetDelivery]
    response: Dict[str, Any]


class GetSchemaResponseSchema(Record):
    """A schema. The fields that are not declared, such as ``name``, are kept.

    Attributes:
        id: Its id.
        var_json: The JSON Schema, as text.
    """

    _wire_names = {"var_json": "json"}

    id: Optional[str]
    var_json: Optional[str]
