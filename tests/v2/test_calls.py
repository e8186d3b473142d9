"""All calls of v2: what each sends, and what it returns."""

from __future__ import annotations

import inspect
import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import pytest
from scaleapi.api_client.v2.models.finalize_batch_request import FinalizeBatchRequest

import scaleapi
from scaleapi import ScaleClient, ScaleException, V2Api
from scaleapi.api_client import v2 as names
from scaleapi.api_client.v2 import (
    AnnotationInteger,
    Batch,
    BatchOperationRequest,
    BatchStatus,
    CreateBatchRequest,
    CreateChatTaskRequest,
    ExpandableEnumTask,
    Option,
    SetBatchMetadataRequest,
    SetTaskMetadataRequest,
    Task,
    TaskStatus,
)
from tests.faultserver import Answer, FaultServer
from tests.v2.conftest import KEY
from tests.v2.documents import ANSWERS, BARE_TASK, BATCH

SURFACE = json.loads(
    (Path(__file__).parents[1] / "surface" / "surface-v2.json").read_text("utf-8")
)
UTC = timezone.utc
NINE = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


class Example(NamedTuple):
    """A call, and what it sends."""

    name: str
    args: Tuple[Any, ...]
    kwargs: Dict[str, Any]
    target: str
    body: Any = None


EXAMPLES = [
    Example("get_task", ("t 1",), {}, "GET /v2/task?task_id=t%201"),
    Example(
        "get_task",
        ("1",),
        {
            "expand": ["project", ExpandableEnumTask.BATCH],
            "opts": (Option.SUBMISSIONS,),
        },
        "GET /v2/task?task_id=1&expand=project&expand=batch&opts=submissions",
    ),
    Example(
        "get_tasks",
        ("p", "Ä/b c", "b", "", TaskStatus.ERROR, NINE, "2024-01-01", 7, "tok", [], ()),
        {},
        "GET /v2/tasks?project_id=p&project_name=%C3%84/b%20c&batch_id=b&batch_name="
        "&status=error&completed_after=2024-01-02T03%3A04%3A05.000000%2B0000"
        "&completed_before=2024-01-01T00%3A00%3A00.000000&limit=7&next_token=tok",
    ),
    Example("create_chat_task", ({},), {}, "POST /v2/task/chat", {}),
    Example("create_chat_task", (), {}, "POST /v2/task/chat", {}),
    Example(
        "create_chat_task",
        (),
        {
            "project_name": "My Chat Project",
            "template_variables": {"prompt": None},
            "unique_id": "chat-1",
        },
        "POST /v2/task/chat",
        {
            "project_name": "My Chat Project",
            "template_variables": {"prompt": None},
            "unique_id": "chat-1",
        },
    ),
    Example(
        "create_chat_task",
        (),
        {
            "create_chat_task_request": CreateChatTaskRequest(
                project_id="p", metadata={"a": None}, callback_url=None, new="field"
            )
        },
        "POST /v2/task/chat",
        {"project_id": "p", "metadata": {"a": None}, "new": "field"},
    ),
    Example(
        "set_task_metadata",
        ("1",),
        {"metadata": {}},
        "POST /v2/task/metadata",
        {"task_id": "1", "metadata": {}, "merge": False},
    ),
    Example(
        "set_task_metadata",
        (SetTaskMetadataRequest(task_id="1", metadata={"a": 1}, merge=True),),
        {},
        "POST /v2/task/metadata",
        {"task_id": "1", "metadata": {"a": 1}, "merge": True},
    ),
    Example("get_annotation", ("a/1",), {}, "GET /v2/annotation?annotation_id=a/1"),
    Example(
        "get_batch",
        ("b", "n"),
        {"expand": {"project"}},
        "GET /v2/batch?batch_id=b&batch_name=n&expand=project",
    ),
    Example(
        "get_batches",
        ("p", "n", BatchStatus.PAUSED, date(2024, 1, 1), 0, NINE),
        {"completed_before": "2024-01-01T00:00:00Z", "limit": 100},
        "GET /v2/batches?project_id=p&project_name=n&status=paused"
        "&created_after=2024-01-01T00%3A00%3A00.000000"
        "&created_before=1970-01-01T00%3A00%3A00.000000%2B0000"
        "&completed_after=2024-01-02T03%3A04%3A05.000000%2B0000"
        "&completed_before=2024-01-01T00%3A00%3A00.000000%2B0000&limit=100",
    ),
    Example(
        "create_batch",
        (),
        {"name": "My New Batch", "project": "project_123"},
        "POST /v2/batch",
        {"name": "My New Batch", "project_id": "project_123", "staging_batch": False},
    ),
    Example(
        "create_batch",
        (CreateBatchRequest(name="n", project_name="p", staging_batch=True),),
        {},
        "POST /v2/batch",
        {"name": "n", "project_name": "p", "staging_batch": True},
    ),
    Example(
        "finalize_batch",
        ("batch_123",),
        {},
        "POST /v2/batch/finalize",
        {"batch_id": "batch_123"},
    ),
    Example(
        "finalize_batch",
        (FinalizeBatchRequest(batch_name="n"),),
        {},
        "POST /v2/batch/finalize",
        {"batch_name": "n"},
    ),
    Example(
        "pause_batch",
        ({"batch_id": "b"},),
        {},
        "POST /v2/batch/pause",
        {"batch_id": "b"},
    ),
    Example(
        "resume_batch",
        (),
        {"batch_operation_request": BatchOperationRequest(batch_name="n")},
        "POST /v2/batch/resume",
        {"batch_name": "n"},
    ),
    Example(
        "cancel_batch",
        (),
        {"batch_name": "n"},
        "POST /v2/batch/cancel",
        {"batch_name": "n"},
    ),
    Example(
        "set_batch_metadata",
        (SetBatchMetadataRequest(batch_name="n", metadata={"a": None}),),
        {},
        "POST /v2/batch/metadata",
        {"batch_name": "n", "metadata": {"a": None}, "merge": False},
    ),
    Example("get_project", ("p",), {}, "GET /v2/project?project_id=p"),
    Example(
        "get_projects",
        (NINE.replace(tzinfo=None, microsecond=678),),
        {},
        "GET /v2/projects?created_after=2024-01-02T03%3A04%3A05.000678",
    ),
    Example(
        "get_deliveries",
        ("p", None, "2024-01-01 10:00"),
        {"expand": ["project"]},
        "GET /v2/deliveries?project_id=p&delivered_after=2024-01-01T10%3A00%3A00.000000"
        "&expand=project",
    ),
    Example(
        "get_delivery",
        (None, "first", "p"),
        {"limit": 1, "expand": ["delivery"], "opts": ["annotation_details"]},
        "GET /v2/delivery?delivery_name=first&project_id=p&limit=1&expand=delivery"
        "&opts=annotation_details",
    ),
    Example(
        "get_delivery_tasks",
        ("d", "p", None, "a new one"),
        {"next_token": "x+y"},
        "GET /v2/delivery/tasks?delivery_id=d&project_id=p&status=a%20new%20one"
        "&next_token=x%2By",
    ),
    Example("get_datasets", (), {}, "GET /v2/datasets"),
    Example(
        "get_dataset_deliveries",
        ("d",),
        {"expand": ["dataset"]},
        "GET /v2/datasets/deliveries?dataset_id=d&expand=dataset",
    ),
    Example(
        "get_dataset_delivery",
        ("d", 2),
        {"expand": ["delivery"]},
        "GET /v2/datasets/delivery?delivery_id=d&limit=2&expand=delivery",
    ),
    Example(
        "get_dataset_tasks",
        ("d", "e", NINE.astimezone(timezone(timedelta(hours=-5)))),
        {},
        "GET /v2/datasets/tasks?dataset_id=d&delivery_id=e"
        "&delivered_after=2024-01-01T22%3A04%3A05.000000-0500",
    ),
    Example("get_dataset_task", ("t",), {}, "GET /v2/datasets/task?task_id=t"),
    Example(
        "get_dataset_task_response_url",
        ("t/1", "a b"),
        {},
        "GET /v2/datasets/task/t%2F1/response_url/a%20b",
    ),
    Example("get_schema", ("65f0",), {}, "GET /v2/schema?schema_id=65f0"),
]
OPERATIONS = SURFACE["operations"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)
def test_a_call_sends_what_the_official_client_sends(
    example: Example, server: FaultServer, v2: V2Api
) -> None:
    result = getattr(v2, example.name)(*example.args, **example.kwargs)
    (sent,) = server.received
    assert f"{sent.method} {sent.target}" == example.target
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["accept"] == "application/json"
    assert sent.headers["user-agent"].startswith("scaleapi/")
    if sent.method == "GET":
        assert "content-type" not in sent.headers
        assert sent.body == b""
    else:
        assert sent.headers["content-type"] == "application/json"
        assert sent.json == example.body
    expected = OPERATIONS[example.name]["returns"]
    if expected == "None":
        assert result == "https://bucket.example/file?sig=abc"
    else:
        assert isinstance(result, getattr(names, expected))
        assert result.to_dict() == ANSWERS[f"{sent.method} {sent.target.split('?')[0]}"]


def test_every_call_has_an_example() -> None:
    assert {example.name for example in EXAMPLES} == set(OPERATIONS)
    assert len(OPERATIONS) == 25


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_call_has_the_parameters_of_the_official_client(name: str) -> None:
    ours = inspect.signature(getattr(V2Api, name)).parameters.values()
    positional = [p.name for p in ours if p.kind is p.POSITIONAL_OR_KEYWORD]
    official = [parameter for parameter, _, _ in OPERATIONS[name]["parameters"]]
    assert positional == ["self", *official]


def test_v2_get_tasks_has_the_parameters_of_the_official_client() -> None:
    ours = list(inspect.signature(ScaleClient.v2_get_tasks).parameters)
    assert ours == ["self", *SURFACE["v2_get_tasks"]]


BAD_CALLS: List[Tuple[str, Tuple[Any, ...], Dict[str, Any]]] = [
    ("get_task", (5,), {}),
    ("get_task", (), {}),
    ("get_task", ("1",), {"expnd": ["project"]}),
    ("get_task", ("1",), {"expand": "project"}),
    ("get_task", ("1",), {"expand": ["delivery"]}),
    ("get_task", ("1",), {"opts": [3]}),
    ("get_task", ("\ud800",), {}),
    ("get_task", ("1",), {"_request_auth": {}}),
    ("get_task", ("1",), {"_request_timeout": 0}),
    ("get_task", ("1",), {"_headers": {"a": "b\nc"}}),
    ("get_task", ("1",), {"_headers": {"a": 1}}),
    ("get_task", ("1",), {"_headers": 7}),
    ("get_tasks", (), {"limit": 0}),
    ("get_tasks", (), {"limit": 101}),
    ("get_tasks", (), {"limit": True}),
    ("get_tasks", (), {"limit": 5.0}),
    ("get_tasks", (), {"status": 5}),
    ("get_tasks", (), {"completed_after": "yesterday"}),
    ("get_tasks", (), {"completed_after": "2024-13-01"}),
    ("get_tasks", (), {"completed_after": True}),
    ("get_tasks", (), {"completed_after": []}),
    ("get_tasks", (), {"completed_after": 1e300}),
    ("create_batch", (), {}),
    ("create_batch", ({"name": 5},), {}),
    ("create_batch", ("name",), {}),
    ("create_batch", ({"name": "n"},), {"project_id": "p"}),
    ("create_batch", (), {"name": "n", "nme": "n"}),
    ("set_task_metadata", ("1",), {}),
    ("set_task_metadata", ("1",), {"task_id": "2", "metadata": {}}),
    ("set_task_metadata", ("1",), {"metadata": []}),
    ("set_task_metadata", ("1",), {"metadata": {}, "merge": 1}),
    ("create_chat_task", (), {"unique_id": 5}),
    ("create_chat_task", (), {"metadata": {"at": NINE}}),
    ("finalize_batch", (7,), {}),
    ("get_dataset_task_response_url", ("..", "a"), {}),
    ("get_dataset_task_response_url", ("t", None), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), BAD_CALLS)
def test_a_wrong_argument_is_refused_before_anything_is_sent(
    name: str,
    args: Tuple[Any, ...],
    kwargs: Dict[str, Any],
    server: FaultServer,
    v2: V2Api,
) -> None:
    with pytest.raises((TypeError, ValueError)):
        getattr(v2, name)(*args, **kwargs)
    assert server.received == []


@pytest.mark.parametrize("cls", [CreateBatchRequest, SetTaskMetadataRequest])
def test_a_request_without_a_required_field_is_refused(cls: Any) -> None:
    with pytest.raises(TypeError, match="needs"):
        cls()


def test_fields_of_a_request_can_be_assigned(server: FaultServer, v2: V2Api) -> None:
    request = CreateBatchRequest(name="n", callback="x")
    assert (request.staging_batch, request.metadata) == (False, None)
    request.project_id = "p"
    request.staging_batch = True
    request.callback = None
    with pytest.raises(TypeError, match="name must be a str"):
        request.name = 5
    assert v2.create_batch(request) == Batch.from_dict(BATCH)
    expected = {"name": "n", "project_id": "p", "staging_batch": True}
    assert server.received[0].json == expected == request.to_dict()


def test_odd_names_of_fields_are_sent(server: FaultServer, v2: V2Api) -> None:
    body: Dict[str, Any] = {"_json": 1, "": 2, "self": 3, "to_dict": [4]}
    v2.create_chat_task(body)
    v2.create_chat_task(CreateChatTaskRequest(**body))
    assert [request.json for request in server.received] == [body, body]
    assert CreateChatTaskRequest.from_dict(body).to_dict() == body
    with pytest.raises(TypeError):
        v2.create_chat_task({1: 2})  # type: ignore[dict-item]


def test_statuses_of_v1_are_taken(server: FaultServer, v2: V2Api) -> None:
    v2.get_tasks("p", status=scaleapi.TaskStatus.Completed)
    assert server.received[0].target.endswith("&status=completed")


def test_headers_and_timeouts_of_a_call(server: FaultServer, v2: V2Api) -> None:
    v2.get_task("1", _headers={"X-Trace": "7"}, _request_timeout=(2, 3.5))
    assert server.received[0].headers["x-trace"] == "7"


class TestIterate:
    def test_all_pages_come_one_after_the_other(
        self, server: FaultServer, v2_client: ScaleClient
    ) -> None:
        pages: List[Any] = [
            {"tasks": [{"task_id": "1"}, {"task_id": "2"}], "next_token": "a b"},
            {"tasks": [], "next_token": "c"},
            {"tasks": [{"task_id": "3"}]},
        ]
        server.play(*(Answer(200, page) for page in pages))
        tasks = v2_client.v2_get_tasks("p", limit=2, opts=["submissions"])
        assert server.received == []
        assert [task.task_id for task in tasks] == ["1", "2", "3"]
        first, second, third = (request.target for request in server.received)
        assert first == "/v2/tasks?project_id=p&limit=2&opts=submissions"
        assert second == (
            "/v2/tasks?project_id=p&limit=2&next_token=a%20b&opts=submissions"
        )
        assert "next_token=c" in third

    def test_tokens_may_be_numbers(
        self, server: FaultServer, v2_client: ScaleClient
    ) -> None:
        server.play(
            Answer(200, {"tasks": [{"task_id": "1"}], "next_token": 2}),
            Answer(200, {"tasks": [{"task_id": "2"}]}),
        )
        tasks = v2_client.v2_get_tasks("p")
        assert [task.task_id for task in tasks] == ["1", "2"]
        assert "next_token=2" in server.received[1].target

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("get_tasks", "tasks"),
            ("get_batches", "batches"),
            ("get_delivery", "tasks"),
            ("get_delivery_tasks", "docs"),
            ("get_dataset_delivery", "tasks"),
            ("get_dataset_tasks", "tasks"),
        ],
    )
    @pytest.mark.parametrize("end", [None, ""])
    def test_every_paged_list_ends(
        self, name: str, key: str, end: Optional[str], server: FaultServer, v2: V2Api
    ) -> None:
        server.play(
            Answer(200, {key: [{"id": "1", "task_id": "1"}], "next_token": "x"}),
            Answer(200, {key: [{"id": "2", "task_id": "2"}], "next_token": end}),
        )
        found = list(v2.iterate(getattr(v2, name), limit=1))
        assert [each.to_dict()["id"] for each in found] == ["1", "2"]
        assert len(server.received) == 2

    def test_a_token_that_repeats_is_an_error(
        self, server: FaultServer, v2_client: ScaleClient
    ) -> None:
        server.play(Answer(200, {"tasks": [{"task_id": "1"}], "next_token": "x"}))
        with pytest.raises(ScaleException, match="leads in a circle"):
            list(v2_client.v2_get_tasks("p"))
        assert len(server.received) == 2

    def test_an_empty_answer_is_not_the_end(
        self, server: FaultServer, v2_client: ScaleClient
    ) -> None:
        page = {"tasks": [{"task_id": "1"}], "next_token": "x"}
        server.play(Answer(200, page), Answer(204, b""))
        tasks = v2_client.v2_get_tasks("p")
        assert next(tasks).task_id == "1"
        with pytest.raises(ScaleException, match="no page in it"):
            next(tasks)

    def test_a_call_without_pages_is_refused(self, v2: V2Api) -> None:
        with pytest.raises(TypeError, match="call must fetch one page.*get_projects"):
            list(v2.iterate(v2.get_projects))  # type: ignore[arg-type]

    def test_it_begins_where_it_is_told(self, server: FaultServer, v2: V2Api) -> None:
        server.play(Answer(200, {"tasks": [], "next_token": "x"}))
        with pytest.raises(ScaleException, match="leads in a circle"):
            list(v2.iterate(v2.get_tasks, next_token="x"))
        assert len(server.received) == 1


@pytest.mark.parametrize("document", [{"message": "m"}, {"batch": None}])
def test_a_change_of_a_batch_may_be_answered_without_it(
    document: Any, server: FaultServer, v2: V2Api
) -> None:
    server.play(Answer(200, document))
    result = v2.pause_batch("b")
    assert result.to_dict() == document
    assert result.batch is None


@pytest.mark.parametrize("status", [200, 201, 202])
def test_every_2xx_has_its_document(
    status: int, server: FaultServer, v2: V2Api
) -> None:
    server.play(Answer(status, BATCH))
    assert v2.finalize_batch("b").name == "week 9"


@pytest.mark.parametrize("status", [201, 202, 204])
def test_an_empty_2xx_is_none(status: int, server: FaultServer, v2: V2Api) -> None:
    server.play(Answer(status))
    assert v2.finalize_batch("b") is None
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>log in</html>", b"[]", b"null", b'{"a": 1}', b'{"a"']
)
def test_an_answer_that_is_no_document_is_an_error(
    body: bytes, server: FaultServer, v2: V2Api
) -> None:
    server.play(Answer(200, body))
    for call in (v2.get_task, v2.get_project):
        with pytest.raises(ScaleException, match="^200 from GET /v2/"):
            call("1")
    with pytest.raises(ScaleException, match="^200 from GET /v2/tasks"):
        v2.get_tasks("p")


def test_the_address_of_a_file_is_not_fetched(server: FaultServer, v2: V2Api) -> None:
    server.play(Answer(307, b"", {"Location": "/file?sig=1"}))
    address = v2.get_dataset_task_response_url("t", "a")
    assert address == f"{server.origin}/file?sig=1"
    assert len(server.received) == 1


@pytest.mark.parametrize("answer", [Answer(200, b"file"), Answer(204), Answer(302)])
def test_an_address_that_is_missing_is_an_error(
    answer: Answer, server: FaultServer, v2: V2Api
) -> None:
    server.play(answer)
    with pytest.raises(ScaleException):
        v2.get_dataset_task_response_url("t", "a")


def test_an_annotation_has_the_class_of_its_type(v2: V2Api) -> None:
    annotation = v2.get_annotation("annotation_integer")
    assert isinstance(annotation, AnnotationInteger)
    assert (annotation.key, annotation.value) == ("integer", 4)


def test_a_page_has_its_tasks(v2: V2Api) -> None:
    page = v2.get_tasks("p")
    assert page.next_token is None
    assert page.tasks[0] == Task.from_dict(BARE_TASK)
    assert v2.get_schema("65f0").var_schema.var_json == '{"type": "object"}'
    assert v2.pause_batch("b").batch == Batch.from_dict(BATCH)
