"""Pickles made before modules moved and classes were renamed can still be loaded.

pickles.json has two pickles, by protocol, in base64: a dict of everything that users
can keep, made by commit 6c1d162 on Python 3.8, where all objects share one client.
"""

from __future__ import annotations

import base64
import json
import pickle
from pathlib import Path
from typing import Any, Dict

import pytest

import scaleapi
from scaleapi import ScaleClient, ScaleException, TaskStatus, exceptions
from scaleapi.tasks.enums import TaskReviewStatus, TaskType
from tests.faultserver import Answer, FaultServer

DATA = json.loads(Path(__file__).with_name("pickles.json").read_text("ascii"))
TASK_ID = "f" * 24


@pytest.fixture(params=DATA)
def kept(request: pytest.FixtureRequest) -> Dict[str, Any]:
    things: Dict[str, Any] = pickle.loads(base64.b64decode(DATA[request.param]))
    return things


def test_objects_keep_class_document_and_client(kept: Dict[str, Any]) -> None:
    names = [
        "Batch",
        "EvaluationTask",
        "File",
        "Project",
        "QualityTask",
        "StudioBatch",
        "StudioProjectGroup",
        "StudioWorker",
        "Task",
        "TaskTemplate",
        "Teammate",
        "TrainingTask",
    ]
    for name in names:
        thing = kept[name]
        assert type(thing) is getattr(scaleapi, name)
        assert thing == type(thing)(thing.as_dict(), None)
        assert thing._client is kept["ScaleClient"]
    assert kept["Task"].mine == "kept"
    assert kept["Task"].metadata == {"n": 1}
    assert kept["Task without client"]._client is None
    assert kept["StudioLabelerAssignment"].assigned_projects == ["p"]
    (worker,) = kept["StudioProjectGroup"].workers
    assert type(worker) is scaleapi.StudioWorker
    tasks = kept["Tasklist"]
    assert type(tasks) is scaleapi.Tasklist
    assert [task.id for task in tasks] == [TASK_ID]
    assert (tasks.total, tasks.limit, tasks.has_more) == (1, 100, False)
    assert tasks.next_token == "next"


def test_results_keep_their_values(kept: Dict[str, Any]) -> None:
    assert (kept["BulkResult"].status, kept["BulkResult"].value) == ("done", 3)
    assert kept["TaskResult"].task is kept["Task"]
    assert kept["TaskResult failed"].task is None
    error = kept["TaskResult failed"].error
    assert type(error) is scaleapi.ScaleInvalidRequest
    assert str(error) == "<Response [400]> no such field"
    assert kept["FileResult"].file.id == "file"


def test_exceptions_keep_their_attributes(kept: Dict[str, Any]) -> None:
    classes = [
        cls
        for cls in vars(exceptions).values()
        if isinstance(cls, type)
        and issubclass(cls, ScaleException)
        # came after the pickles
        and cls is not exceptions.ScaleProfileError
    ]
    assert len(classes) > 10
    for cls in classes:
        error = kept[cls.__name__]
        assert type(error) is cls
        assert error.message == "what went wrong"
        assert (error.body, error.attempts, error.unique_id) == ("{}", 3, "u")
        assert dict(error.headers) == {"X-Request-Id": "1"}
        assert str(error) == str(cls("what went wrong"))
    assert kept["ScaleException 418"].code == 418


def test_enum_members_are_those_of_today(kept: Dict[str, Any]) -> None:
    enums = [TaskReviewStatus, TaskStatus, TaskType, scaleapi.BatchStatus]
    for enum in (*enums, scaleapi.TeammateRole, scaleapi.StudioBatchStatus):
        assert kept[enum.__name__]
        assert all(type(member) is enum for member in kept[enum.__name__])


def test_a_client_sends_as_it_was_configured(
    kept: Dict[str, Any], fault_server: FaultServer, waits: "list[float]"
) -> None:
    client = kept["ScaleClient"]
    assert type(client) is ScaleClient
    api = kept["Api"]
    assert client.api is api
    assert api.base_api_url == "http://127.0.0.1:9/v1"
    api.base_api_url = fault_server.url
    document = {"task_id": TASK_ID, "status": "completed"}
    fault_server.play(*[Answer(429)] * 5, Answer(200, document))
    kept["Task"].refresh()
    assert kept["Task"].status == "completed"
    assert len(waits) >= 5
    request = fault_server.received[-1]
    key = base64.b64encode(b"test_pickled:").decode()
    assert request.headers["authorization"] == f"Basic {key}"
    assert request.headers["user-agent"].endswith("my source")
    assert request.headers["x-mine"] == "mine"
    assert api.auto_unique_id is True
    again = pickle.loads(pickle.dumps(client))
    assert again.api.api_key == "test_pickled"
