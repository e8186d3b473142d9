"""Requests of the client, and what it makes of the answers."""

from __future__ import annotations

import base64
import logging
import platform
import socket
from typing import Any, List, Type

import pytest

import scaleapi
from scaleapi import (
    Api,
    ScaleClient,
    ScaleException,
    ScaleInternalError,
    exceptions,
)
from tests.faultserver import Answer, FaultServer, Hangup, Reset, Truncated

TASK = {"task_id": "1"}
OK = Answer(200, TASK)
BUSY = Answer(503, None, {"Retry-After": "0"})


@pytest.fixture
def client(fault_server: FaultServer) -> ScaleClient:
    return ScaleClient("test_key", "my-tool/3", fault_server.url)


def sent(server: FaultServer) -> List[str]:
    return [f"{request.method} {request.target}" for request in server.received]


def test_every_request_has_authorization_content_type_and_user_agent(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(OK)
    client.get_task("1")
    client.cancel_task("1", clear_unique_id=True)
    client.create_task("chat", a=None, b=[])
    get, cancel, create = fault_server.received
    for request in (get, cancel, create):
        credentials = base64.b64decode(request.headers["authorization"].split()[1])
        assert credentials == b"test_key:"
        assert request.headers["content-type"] == "application/json"
        assert request.headers["accept"] == "*/*"
        assert request.headers["user-agent"] == (
            f"scaleapi/{scaleapi.__version__} Python/{platform.python_version()} "
            f"OS/{platform.platform()} my-tool/3"
        )
    assert "content-length" not in get.headers
    assert cancel.target == "/v1/task/1/cancel?clear_unique_id=true"
    assert cancel.headers["content-length"] == "0"
    assert create.json == {"a": None, "b": []}


def test_without_a_source_the_user_agent_ends_with_the_operating_system() -> None:
    assert Api._generate_useragent(None) == Api._generate_useragent("")
    assert Api._generate_useragent().endswith(platform.platform())


def test_bodies_have_the_keys_and_nulls_of_the_official_client(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, {"name": "n"}))
    client.create_batch("p", "n")
    client.create_project("n", "chat")
    client.update_project("n", patch=True, instruction=None)
    client.api.post_request("x", body=[])
    client.api.post_request("x", body={})
    client.api.post_request("x")
    bodies = [request.body for request in fault_server.received]
    assert bodies[0] == (
        b'{"project": "p", "name": "n", "calibration_batch": false, '
        b'"self_label_batch": false, "callback": "", "metadata": {}}'
    )
    assert bodies[1] == (
        b'{"type": "chat", "name": "n", "params": null, "rapid": false, '
        b'"studio": false, "datasetId": null}'
    )
    assert bodies[2:] == [
        b'{"patch": true, "instruction": null}',
        b"[]",
        b"{}",
        b"",
    ]


def test_a_creation_without_parameters_sends_no_body(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, {**TASK, "id": "1"}))
    client.create_task("chat")
    client.create_evaluation_task("chat")
    assert [request.body for request in fault_server.received] == [b"", b""]


def test_queries_are_written_as_the_official_client_writes_them(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, {"docs": []}))
    list(
        client.get_tasks(
            "a b", unique_id=["1", "2"], tags=[], review_status=["accepted", "fixed"]
        )
    )
    client.tasks(status=scaleapi.TaskStatus.Pending, project=None, limit=5)
    list(client.get_batches())
    assert sent(fault_server) == [
        "GET /v1/tasks?project=a+b&unique_id=1&unique_id=2"
        "&include_attachment_url=True&customer_review_status=accepted%2Cfixed",
        "GET /v1/tasks?status=pending&limit=5",
        "GET /v1/batches?offset=0&exclude_archived=False",
    ]


def test_a_slash_at_the_end_of_the_base_address_is_dropped(
    fault_server: FaultServer,
) -> None:
    fault_server.play(OK)
    client = ScaleClient("test_x", api_instance_url=fault_server.url + "/")
    client.get_task("1")
    assert client.api.base_api_url == fault_server.url
    assert sent(fault_server) == ["GET /v1/task/1"]
    assert ScaleClient("k").api.base_api_url == scaleapi.api.SCALE_API_BASE_URL_V1


def test_all_requests_of_a_client_share_one_connection(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(500), Answer(409, {"error": "x"}), OK)
    with pytest.raises(ScaleException):
        client.create_task("chat")
    with pytest.raises(ScaleException):
        client.create_batch("p", "b")
    for _ in range(20):
        client.get_task("1")
    assert {request.connection for request in fault_server.received} == {1}


@pytest.mark.parametrize(
    ("status", "kind"),
    [*exceptions.ExceptionMap.items(), (403, ScaleException), (418, ScaleException)],
)
def test_each_status_raises_its_class(
    client: ScaleClient,
    fault_server: FaultServer,
    waits: List[float],
    status: int,
    kind: Type[ScaleException],
) -> None:
    fault_server.play(Answer(status, {"status_code": status, "error": "said so"}))
    with pytest.raises(ScaleException) as caught:
        client.get_task("1")
    assert type(caught.value) is kind
    assert caught.value.code == status
    assert caught.value.message == "said so"
    assert str(caught.value) == f"<Response [{status}]> said so"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "e", "message": "m"}, "e"),
        ({"message": "m"}, "m"),
        ({"error": {"message": "inner"}}, "inner"),
        ({"error": {"k": 1}}, "{'k': 1}"),
        ({"error": None}, '{"error": null}'),
        ([1], "[1]"),
        (7, "7"),
        ("plain", "plain"),
        (b"\xff\xfe caf\xe9", None),
        (None, "GET /task/1 was answered with 400"),
        ("<html>" + "x" * 100_000, "<html>" + "x" * 994 + "..."),
    ],
    ids=range(11),
)
def test_the_message_of_an_error_is_a_short_text_whatever_its_body_is(
    client: ScaleClient, fault_server: FaultServer, body: Any, message: Any
) -> None:
    fault_server.play(Answer(400, str(body) if body == 7 else body))
    with pytest.raises(exceptions.ScaleInvalidRequest) as caught:
        client.get_task("1")
    assert isinstance(caught.value.message, str)
    assert 0 < len(caught.value.message) < 1010
    assert message in (None, caught.value.message)


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_every_2xx_is_a_success(
    client: ScaleClient, fault_server: FaultServer, status: int
) -> None:
    fault_server.play(Answer(status, TASK))
    assert client.get_task("1").id == "1"


def test_raw_calls_return_none_for_an_answer_without_json(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, "OK"), Answer(204), Answer(200, [1]))
    assert client.api.post_request("x") is None
    assert client.api.post_request("x") is None
    assert client.api.get_request("x", params={"a": [1, 2], "b": None}) == [1]
    assert fault_server.received[2].target == "/v1/x?a=1&a=2"


@pytest.mark.parametrize("body", ["<html>Sign in</html>", None, [1], "null", '"a"'])
def test_an_answer_that_is_not_an_object_is_a_clear_error(
    client: ScaleClient, fault_server: FaultServer, body: Any
) -> None:
    fault_server.play(Answer(200, body))
    with pytest.raises(ScaleException, match="not the expected JSON object") as e:
        client.get_task("1")
    assert e.value.code is None
    with pytest.raises(ScaleException, match="not the expected JSON"):
        client.tasks()


@pytest.mark.parametrize("body", [{}, {"docs": None}, {"docs": [{}]}, {"docs": [1]}])
def test_a_page_without_documents_is_a_clear_error(
    client: ScaleClient, fault_server: FaultServer, body: Any
) -> None:
    fault_server.play(Answer(200, body))
    for call in (client.tasks, client.batches):
        with pytest.raises(ScaleException, match="not (a page|the document)"):
            call()


@pytest.mark.parametrize("event", [Answer(408), Answer(429), BUSY])
def test_a_creation_that_was_not_processed_is_repeated(
    client: ScaleClient, fault_server: FaultServer, waits: List[float], event: Any
) -> None:
    fault_server.play(event, event, event, OK)
    client.create_task("chat", instruction="i")
    assert len(fault_server.received) == 4
    for wait, longest in zip(waits, (2, 4, 8)):
        assert longest / 2 <= wait <= longest


@pytest.mark.parametrize(
    "event",
    [
        Answer(500),
        Answer(503),
        Answer(503, None, {"Retry-After": "soon"}),
        Answer(504),
        Answer(530),
        Reset(),
        Hangup(),
        Truncated(),
    ],
)
class TestAmbiguousFailure:
    def test_a_creation_without_a_unique_id_is_not_repeated_and_says_why(
        self,
        client: ScaleClient,
        fault_server: FaultServer,
        waits: List[float],
        event: Any,
    ) -> None:
        fault_server.play(event, OK)
        for number, create in enumerate(
            (client.create_task, client.create_evaluation_task), 1
        ):
            fault_server.play(event, Answer(200, {"id": "1", **TASK}))
            with pytest.raises(ScaleException, match="unique_id") as caught:
                create("chat", instruction="i")
            assert "may or may not exist" in caught.value.message
            assert len(fault_server.received) == number
        assert waits == []

    def test_a_raw_post_is_not_repeated(
        self,
        client: ScaleClient,
        fault_server: FaultServer,
        waits: List[float],
        event: Any,
    ) -> None:
        fault_server.play(event, OK)
        with pytest.raises(ScaleException):
            client.api.post_request("batches/b/prioritize", body={"priority": 30})
        assert len(fault_server.received) == 1

    def test_a_call_that_cannot_create_twice_is_repeated(
        self,
        client: ScaleClient,
        fault_server: FaultServer,
        waits: List[float],
        event: Any,
    ) -> None:
        document = {"task_id": "1", "name": "n", "id": "1", "docs": []}
        calls = [
            lambda: client.get_task("1"),
            lambda: client.cancel_task("1"),
            lambda: client.create_task("chat", unique_id="u"),
            lambda: client.create_evaluation_task("chat", unique_id="u"),
            lambda: client.create_batch("p", "n"),
            lambda: client.finalize_batch("n"),
            lambda: client.create_project("n", "chat"),
            lambda: client.update_project("n", instruction="i"),
            lambda: client.upload_file(b"x"),
            lambda: client.import_file("http://x"),
            lambda: client.api.post_request("task/chat", {"unique_id": "u"}),
        ]
        for number, call in enumerate(calls, 1):
            fault_server.play(event, Answer(200, document))
            call()
            assert len(fault_server.received) == 2 * number


def test_after_three_retries_the_last_answer_is_raised(
    client: ScaleClient, fault_server: FaultServer, waits: List[float]
) -> None:
    fault_server.play(Answer(500, {"error": "broken"}))
    with pytest.raises(ScaleInternalError, match="broken"):
        client.get_task("1")
    assert len(fault_server.received) == 4
    assert len(waits) == 3


def test_a_request_with_a_fatal_status_is_sent_once(
    client: ScaleClient, fault_server: FaultServer, waits: List[float]
) -> None:
    for status in (400, 401, 402, 403, 404, 405, 409, 413, 422):
        fault_server.play(Answer(status))
        with pytest.raises(ScaleException):
            client.create_task("chat", unique_id="u")
    assert len(fault_server.received) == 9
    assert waits == []


@pytest.mark.parametrize(
    ("retry_after", "lowest", "highest"),
    [
        ("7", 7, 7),
        ("86400", 60, 60),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 60, 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1, 2),
        ("soon", 1, 2),
        ("", 1, 2),
    ],
)
def test_retry_after_is_obeyed_up_to_a_maximum(
    client: ScaleClient,
    fault_server: FaultServer,
    waits: List[float],
    retry_after: str,
    lowest: float,
    highest: float,
) -> None:
    fault_server.play(Answer(429, None, {"Retry-After": retry_after}), OK)
    client.create_task("chat", instruction="i")
    assert lowest <= waits[0] <= highest


def test_a_refused_connection_is_retried_and_then_raised(
    waits: List[float],
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        client = ScaleClient("test_x", api_instance_url=f"http://127.0.0.1:{port}/v1")
        with pytest.raises(
            ScaleException, match="no answer from 127.0.0.1:.* to POST /task/chat"
        ) as e:
            client.create_task("chat", instruction="i")
    assert len(waits) == 3
    assert e.value.code is None
    assert "refused" in e.value.message
    assert "unique_id" not in e.value.message  # nothing was sent
    assert isinstance(e.value.__cause__, Exception)


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://x/v1", "http://[::1"])
def test_an_invalid_url_fails_without_a_retry(url: str, waits: List[float]) -> None:
    with pytest.raises(ScaleException):
        ScaleClient("test_x", api_instance_url=url).get_task("1")
    assert waits == []


def test_a_missing_certificate_file_fails_without_a_retry(waits: List[float]) -> None:
    client = ScaleClient("test_x", None, "https://127.0.0.1:1/v1", "/no/such/file.pem")
    with pytest.raises(ScaleException):
        client.get_task("1")
    assert waits == []


@pytest.mark.parametrize("key", ["", None, " \n", b"", 7, "schlüssel\u20ac", "a\nb"])
def test_a_malformed_key_is_rejected_before_anything_is_sent(key: Any) -> None:
    with pytest.raises(ScaleException, match="Please provide a valid API Key.") as e:
        ScaleClient(key)
    assert e.value.code is None


@pytest.mark.parametrize("key", ["test_key", b"test_key", " test_key\n"])
def test_a_key_may_be_bytes_or_have_whitespace_around_it(key: Any) -> None:
    assert ScaleClient(key).api.api_key == "test_key"


@pytest.mark.parametrize("source", ["a\r\nX-Evil: 1", "tool \u20ac"])
def test_a_source_that_is_not_a_header_value_is_rejected(source: str) -> None:
    with pytest.raises(ValueError, match="source becomes part of a header"):
        ScaleClient("test_x", source)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_value_that_json_does_not_have_is_a_caller_error(
    client: ScaleClient, fault_server: FaultServer, number: float
) -> None:
    with pytest.raises(ValueError, match="cannot be JSON"):
        client.create_task("chat", metadata={"x": number})
    with pytest.raises(TypeError):
        client.create_task("chat", metadata={"x": object()})
    assert fault_server.received == []


def test_requests_are_logged_and_retries_are_warnings_without_the_key(
    client: ScaleClient,
    fault_server: FaultServer,
    waits: List[float],
    caplog: pytest.LogCaptureFixture,
) -> None:
    fault_server.play(Answer(500), OK)
    with caplog.at_level(logging.DEBUG):
        client.get_task("1")
    ours = [record for record in caplog.records if record.name == "scaleapi"]
    assert [record.levelname for record in ours] == ["DEBUG", "WARNING", "DEBUG"]
    assert "GET /task/1: 500" in ours[0].getMessage()
    assert "test_key" not in caplog.text
    assert base64.b64encode(b"test_key:").decode() not in caplog.text


def test_no_repr_shows_the_key(client: ScaleClient) -> None:
    shown = [repr(client), str(client), repr(client.api), repr(vars(client.api))]
    assert not any("test_key" in text for text in shown)


def test_names_that_scripts_import_from_api_exist() -> None:
    assert scaleapi.api.HTTP_TOTAL_RETRIES == 3
    assert scaleapi.api.HTTP_RETRY_BACKOFF_FACTOR == 2
    assert [408, 429, *range(500, 531)] == scaleapi.api.HTTP_STATUS_FORCE_LIST
    assert {"GET", "POST", "DELETE"} <= scaleapi.api.HTTP_RETRY_ALLOWED_METHODS
