"""What users put in the way of requests sees every call."""

from __future__ import annotations

from typing import Any, Callable, Dict, List
from unittest import mock

import pytest
import requests
import requests_mock
import responses

import scaleapi
from scaleapi import ScaleClient, ScaleDuplicateResource, ScaleException

BASE = "https://api.scale.com/v1"
TASK = {"task_id": "1", "status": "pending"}
PAGE = {"docs": [], "total": 0, "totalDocs": 0, "limit": 100, "offset": 0}
BATCH = {"name": "b", "status": "staging"}
PROJECT = {"name": "p", "type": "chat", "param_history": []}
FILE = {"id": "1", "attachment_url": "scaledata://a/1"}
QUALITY = {"id": "1", "expected_response": {}}

Call = Callable[[ScaleClient], Any]
CALLS: Dict[str, "tuple[Call, str, str, Any]"] = {
    "create_task": (lambda c: c.create_task("chat"), "POST", "task/chat", TASK),
    "get_task": (lambda c: c.get_task("1"), "GET", "task/1", TASK),
    "cancel_task": (lambda c: c.cancel_task("1"), "POST", "task/1/cancel", TASK),
    "tasks": (lambda c: c.tasks(), "GET", "tasks", PAGE),
    "get_tasks": (lambda c: list(c.get_tasks("p")), "GET", "tasks", PAGE),
    "get_tasks_count": (lambda c: c.get_tasks_count("p"), "GET", "tasks", PAGE),
    "create_batch": (lambda c: c.create_batch("p", "b"), "POST", "batches", BATCH),
    "get_batch": (lambda c: c.get_batch("b"), "GET", "batches/b", BATCH),
    "finalize_batch": (
        lambda c: c.finalize_batch("b"),
        "POST",
        "batches/b/finalize",
        BATCH,
    ),
    "batch_status": (lambda c: c.batch_status("b"), "GET", "batches/b/status", BATCH),
    "batches": (lambda c: c.batches(), "GET", "batches", PAGE),
    "get_batches": (lambda c: list(c.get_batches()), "GET", "batches", PAGE),
    "create_project": (
        lambda c: c.create_project("p", "chat"),
        "POST",
        "projects",
        PROJECT,
    ),
    "get_project": (lambda c: c.get_project("p"), "GET", "projects/p", PROJECT),
    "projects": (lambda c: c.projects(), "GET", "projects", [PROJECT]),
    "update_project": (
        lambda c: c.update_project("p", instruction="i"),
        "POST",
        "projects/p/setParams",
        PROJECT,
    ),
    "upload_file": (lambda c: c.upload_file(b"x"), "POST", "files/upload", FILE),
    "import_file": (
        lambda c: c.import_file("http://x/y"),
        "POST",
        "files/import",
        FILE,
    ),
    "create_evaluation_task": (
        lambda c: c.create_evaluation_task("chat", expected_response={}),
        "POST",
        "evaluation_tasks/chat",
        QUALITY,
    ),
}

every_call = pytest.mark.parametrize(
    ("call", "method", "endpoint", "answer"), CALLS.values(), ids=CALLS
)


@pytest.fixture
def client() -> ScaleClient:
    return ScaleClient("test_x")


@every_call
def test_responses_sees_each_call(
    client: ScaleClient, call: Call, method: str, endpoint: str, answer: Any
) -> None:
    with responses.RequestsMock() as mocked:
        mocked.add(method, f"{BASE}/{endpoint}", json=answer)
        call(client)
        assert len(mocked.calls) == 1


@every_call
def test_requests_mock_sees_each_call(
    client: ScaleClient, call: Call, method: str, endpoint: str, answer: Any
) -> None:
    with requests_mock.Mocker() as mocked:
        mocked.register_uri(method, f"{BASE}/{endpoint}", json=answer)
        call(client)
        assert mocked.call_count == 1


class Bare:
    """No more of an answer than some users' tests have."""

    def __init__(self, status_code: int, document: Any) -> None:
        self.status_code = status_code
        self._document = document

    def json(self) -> Any:
        return self._document


@every_call
def test_a_patched_session_may_answer_with_a_status_and_json_only(
    client: ScaleClient, call: Call, method: str, endpoint: str, answer: Any
) -> None:
    with mock.patch.object(requests.Session, "request") as request:
        request.return_value = Bare(200, answer)
        call(client)
        ((), arguments) = request.call_args
        assert arguments["method"] == method
        assert arguments["url"] == f"{BASE}/{endpoint}"


def test_errors_of_a_patched_session_are_those_of_the_api(client: ScaleClient) -> None:
    with mock.patch.object(requests.Session, "request") as request:
        request.return_value = Bare(409, {"error": "in use"})
        with pytest.raises(ScaleDuplicateResource) as caught:
            client.create_batch("p", "b")
        assert caught.value.message == "in use"
        request.return_value = Bare(418, None)
        with pytest.raises(ScaleException) as other:
            client.create_batch("p", "b")
        assert other.value.code == 418
        request.return_value = mock.MagicMock(status_code=503)
        with mock.patch("time.sleep"), pytest.raises(ScaleException):
            client.get_task("1")


def test_what_is_patched_on_the_client_holds_for_its_objects(
    client: ScaleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = scaleapi.Task(TASK, client)
    asked: List[str] = []

    def get_task(task_id: str) -> scaleapi.Task:
        asked.append(task_id)
        return scaleapi.Task({"task_id": task_id, "status": "completed"}, client)

    monkeypatch.setattr(client, "get_task", get_task)
    task.refresh()
    assert asked == ["1"]
    assert task.status == "completed"
