"""What the official client of v2 does wrong, one test for each fault.

The numbers are those of our list of its faults.
"""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import traceback
from typing import Any, Dict, List

import pytest
import requests

import scaleapi
from scaleapi import (
    ApiClient,
    Configuration,
    ScaleClient,
    ScaleConnectionError,
    ScaleException,
    V2Api,
    V2Task,
)
from scaleapi.api_client import v2 as names
from scaleapi.api_client.v2 import exceptions
from tests.faultserver import Answer, Event, FaultServer, Hangup, Received, Reset, Stall
from tests.v2.conftest import KEY, answer
from tests.v2.documents import ANSWERS, BARE_TASK, BATCH, FULL_ANNOTATIONS, FULL_TASK

TASK_OF_V1 = {
    "task_id": "task_1",
    "type": "chat",
    "status": "pending",
    "unique_id": "chat-1",
    "created_at": "2999-01-01T00:00:00.000Z",
    "project": "p",
}


def retried(*events: Event) -> List[Event]:
    """Return events that end with the usual answers."""
    return [*events, answer]


class TestTransport:
    def test_1_address_and_options_are_those_of_the_client(
        self, server: FaultServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: List[Dict[str, Any]] = []
        original = requests.Session.request

        def spy(self: requests.Session, *args: Any, **options: Any) -> Any:
            seen.append(options)
            # The server of this test has neither a proxy nor a certificate.
            own = {"verify": None, "proxies": None, "cert": None}
            return original(self, *args, **{**options, **own})

        monkeypatch.setattr(requests.Session, "request", spy)
        client = ScaleClient(
            KEY,
            api_instance_url=f"{server.origin}/scale/v1/",
            verify="roots.pem",
            proxies={"https": "http://proxy:1"},
            cert=("a", "b"),
            timeout=(1, 2),
        )
        server.play(Answer(200, {"datasets": []}))
        client.v2.get_datasets()
        assert server.received[0].target == "/scale/v2/datasets"
        assert seen[0]["verify"] == "roots.pem"
        assert seen[0]["proxies"] == {"https": "http://proxy:1"}
        assert seen[0]["cert"] == ("a", "b")
        assert seen[0]["timeout"] == (1, 2)
        client.v2.get_datasets(_request_timeout=7)
        assert seen[1]["timeout"] == (7, 7)
        assert client.v2.api_client.api is client.api

    @pytest.mark.parametrize(
        ("url", "host"),
        [
            ("https://a.example/v1", "https://a.example"),
            ("https://a.example/v1/", "https://a.example"),
            ("https://a.example/scale", "https://a.example/scale"),
            (None, "https://api.scale.com"),
        ],
    )
    def test_1_the_address_is_beside_that_of_v1(self, url: Any, host: str) -> None:
        client = ScaleClient(KEY, api_instance_url=url)
        assert client.v2.api_client.configuration.host == host
        client.api.base_api_url = "https://b.example/v1"
        assert client.v2.api_client.configuration.host == "https://b.example"

    def test_1_the_host_can_be_set(self, server: FaultServer) -> None:
        client = ScaleClient(KEY)
        client.v2.api_client.configuration.host = f"{server.origin}/"
        assert client.v2.get_datasets().datasets[0].name == "My Dataset"
        # As the address of v1 is written.
        client.v2.api_client.configuration.host = server.url
        assert client.v2.api_client.configuration.host == server.origin
        assert client.v2.get_datasets().datasets[0].name == "My Dataset"
        with pytest.raises(ValueError, match="host must begin with"):
            client.v2.api_client.configuration.host = "ftp://a"
        address = f"{server.origin}/v2/"
        own = V2Api(ApiClient(Configuration(host=address, access_token="other")))
        assert own.get_project("p").id == "project_1"
        assert server.received[-1].headers["authorization"] == "Bearer other"
        assert own.api_client.configuration.access_token == "other"
        with pytest.raises(AttributeError):
            own.api_client.configuration.access_token = "c"  # type: ignore[misc]
        with pytest.raises(AttributeError):
            own.api_client.configuration.verify_ssl = False  # type: ignore[attr-defined]

    def test_1_without_arguments_the_environment_counts(
        self, server: FaultServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert Configuration().host == "https://api.scale.com"
        monkeypatch.setenv("SCALE_API_KEY", KEY)
        monkeypatch.setenv("SCALE_API_URL", server.url)
        assert V2Api().get_datasets().datasets[0].id == "dataset_1"

    def test_7_201_and_202_have_their_documents(
        self, server: FaultServer, v2: V2Api
    ) -> None:
        for status in (201, 202):
            server.play(Answer(status, BARE_TASK))
            assert v2.create_chat_task(project_id="p").task_id == "task_1"
        server.play(Answer(204))
        assert v2.create_chat_task(project_id="p") is None

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_11_statuses_that_may_pass_are_retried(
        self,
        status: int,
        method: str,
        server: FaultServer,
        v2: V2Api,
        waits: List[float],
    ) -> None:
        server.play(*retried(Answer(status), Answer(status)))
        if method == "GET":
            assert v2.get_batch("b").id == "batch_1"
        else:
            assert v2.finalize_batch("b").id == "batch_1"
        assert [request.method for request in server.received] == [method] * 3
        assert len(waits) == 2

    def test_13_a_silent_server_does_not_hang_the_client(
        self, server: FaultServer
    ) -> None:
        client = ScaleClient(KEY, api_instance_url=server.url, max_retries=0)
        server.play(Stall())
        with pytest.raises(ScaleConnectionError, match="timed out"):
            client.v2.get_task("1", _request_timeout=0.05)

    def test_16_clients_can_be_copied_and_pickled(self, v2_client: ScaleClient) -> None:
        assert v2_client.v2.get_batch("b").id == "batch_1"
        for again in (
            copy.copy(v2_client),
            copy.deepcopy(v2_client),
            pickle.loads(pickle.dumps(v2_client)),
        ):
            assert again.v2.get_batch("b").id == "batch_1"
        for calls in (
            copy.copy(v2_client.v2),
            pickle.loads(pickle.dumps(v2_client.v2)),
        ):
            assert calls.get_batch("b").id == "batch_1"

    def test_16_v2_follows_the_transport_of_its_client(
        self, v2_client: ScaleClient
    ) -> None:
        assert v2_client.v2 is v2_client.v2
        v2_client.api = ScaleClient(KEY, api_instance_url="https://b.example/v1").api
        assert v2_client.v2.api_client.configuration.host == "https://b.example"

    def test_17_headers_of_a_call_do_not_replace_the_key(
        self, server: FaultServer, v2: V2Api
    ) -> None:
        v2.get_task("1", _headers={"Authorization": "x", "User-Agent": "mine"})
        assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
        assert server.received[0].headers["user-agent"] == "mine"


class TestDocuments:
    def test_2_the_answers_of_the_documentation_can_be_read(self, v2: V2Api) -> None:
        turn = v2.get_task("1").threads[0].turns[0]
        values = {each.key: each.value for each in turn.annotations}
        assert values["overall"] == 5
        assert values["justification"] == "The first is right."

    def test_3_attachments_can_be_read(self, v2: V2Api) -> None:
        content = v2.get_task("1").threads[0].turns[0].messages[1].content
        kinds = [names.BasicFile, names.ImageFile, names.AudioFile]
        assert [type(each) for each in content.attachments] == kinds
        assert content.attachments[0].actual_instance.url == "https://example.com/a"

    def test_4_a_task_can_be_saved_and_read(self, v2: V2Api) -> None:
        task = v2.get_task("1")
        assert json.loads(json.dumps(task.to_dict())) == BARE_TASK
        assert names.Task.from_dict(task.to_dict()) == task
        assert names.Task.from_json(task.to_json()) == task

    def test_9_one_odd_task_does_not_cost_the_page(
        self, server: FaultServer, v2_client: ScaleClient
    ) -> None:
        odd: List[Dict[str, Any]] = [
            {"task_id": "1", "status": "frozen"},
            {"status": "completed"},
            {"task_id": 3, "threads": [{"turns": None}], "created_at": 7},
            {"task_id": "4", "threads": [{"turns": [{"messages": [{"role": "x"}]}]}]},
            {"task_id": "5", "errors": [{"type": "NEW"}], "metadata": []},
        ]
        server.play(Answer(200, {"tasks": [*odd, BARE_TASK]}))
        tasks = list(v2_client.v2_get_tasks("p"))
        assert [task.to_dict() for task in tasks] == [*odd, BARE_TASK]
        assert tasks[0].status.value == "frozen"
        assert tasks[3].threads[0].turns[0].messages[0].role.value == "x"
        assert tasks[4].errors[0].type.name == "NEW"

    def test_15_fields_are_reached_with_and_without_actual_instance(
        self, v2: V2Api
    ) -> None:
        task = v2.get_task("1")
        annotation = task.threads[0].annotations[0]
        assert annotation.key == annotation.actual_instance.key == "overall"
        assert task.project == task.project.actual_instance == "project_1"
        delivered = v2.get_delivery("d")
        assert delivered.delivery.name == delivered.delivery.actual_instance.name
        chunk = task.threads[0].turns[0].messages[1].content.chunks[0]
        assert chunk.text == chunk.actual_instance.text == "It"

    def test_18_a_schema_keeps_all_of_its_fields(self, v2: V2Api) -> None:
        schema = v2.get_schema("65f0").var_schema
        assert schema.name == "chat"
        assert schema.to_dict()["createdAt"] == "2024-01-01T00:00:00.000Z"

    def test_20_both_spellings_are_those_of_the_api(self) -> None:
        assert names.TaskStatus.CANCELED == "canceled"
        assert names.BatchStatus.CANCELLED == "cancelled"


class TestArguments:
    def test_5_the_calls_of_the_description_work(
        self, server: FaultServer, v2: V2Api
    ) -> None:
        v2.create_chat_task(
            project_name="My Chat Project", template_variables={"prompt": "..."}
        )
        v2.create_batch(name="My New Batch", project="project_123")
        v2.finalize_batch("batch_123")
        assert [request.json for request in server.received] == [
            {
                "project_name": "My Chat Project",
                "template_variables": {"prompt": "..."},
            },
            {
                "name": "My New Batch",
                "project_id": "project_123",
                "staging_batch": False,
            },
            {"batch_id": "batch_123"},
        ]

    @pytest.mark.parametrize(
        "given",
        [
            names.CreateChatTaskRequest(project_id="p", unique_id="chat-1"),
            {"project_id": "p", "unique_id": "chat-1"},
        ],
    )
    def test_6_unique_ids_are_sent(
        self, given: Any, server: FaultServer, v2: V2Api
    ) -> None:
        v2.create_chat_task(given)
        assert server.received[0].json == {"project_id": "p", "unique_id": "chat-1"}

    def test_19_a_project_is_taken_as_an_id(
        self, server: FaultServer, v2: V2Api
    ) -> None:
        v2.create_batch({"name": "n", "project": "p"})
        v2.create_batch(names.CreateBatchRequest(name="n", project="p"))
        for request in server.received:
            body = {"name": "n", "project_id": "p", "staging_batch": False}
            assert request.json == body

    def test_12_lists_end(self, server: FaultServer, v2_client: ScaleClient) -> None:
        server.play(Answer(200, {"tasks": [BARE_TASK], "next_token": ""}))
        assert len(list(v2_client.v2_get_tasks("p"))) == 1

    def test_8_the_address_of_a_file_is_returned(
        self, server: FaultServer, v2: V2Api
    ) -> None:
        address = v2.get_dataset_task_response_url("t", "a")
        assert address == "https://bucket.example/file?sig=abc"
        assert len(server.received) == 1


def test_14_nothing_is_loaded_before_v2_is_used() -> None:
    script = (
        "import sys, scaleapi\n"
        "scaleapi.ScaleClient('test_key')\n"
        "print([name for name in sys.modules if name.startswith('scaleapi.v2')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, timeout=60
    )
    assert done.stdout == "[]\n"


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "kind", "scale_kind"),
        [
            (400, "BadRequestException", "ScaleInvalidRequest"),
            (401, "UnauthorizedException", "ScaleUnauthorized"),
            (402, "ApiException", "ScaleNotEnabled"),
            (403, "ForbiddenException", "ScaleException"),
            (404, "NotFoundException", "ScaleResourceNotFound"),
            (409, "ConflictException", "ScaleDuplicateResource"),
            (413, "ApiException", "ScaleException"),
            (422, "UnprocessableEntityException", "ScaleException"),
            (429, "ApiException", "ScaleTooManyRequests"),
            (500, "ServiceException", "ScaleInternalError"),
            (501, "ServiceException", "ScaleException"),
            (503, "ServiceException", "ScaleServiceUnavailable"),
            (504, "ServiceException", "ScaleTimeoutError"),
        ],
    )
    def test_10_an_error_is_that_of_both_habits(
        self, status: int, kind: str, scale_kind: str, server: FaultServer
    ) -> None:
        client = ScaleClient(KEY, api_instance_url=server.url, max_retries=0)
        body = {"status_code": status, "error": f"no, {KEY}"}
        server.play(Answer(status, body, {"X-Trace": "7"}))
        with pytest.raises(getattr(scaleapi, scale_kind)) as caught:
            client.v2.get_task("1")
        error: Any = caught.value
        assert isinstance(error, getattr(exceptions, kind))
        assert isinstance(error, exceptions.OpenApiException)
        for each in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert type(each) is type(error)
            assert each.status == each.code == status
            assert each.reason == "Status"
            assert json.loads(each.body) == {
                "status_code": status,
                "error": "no, [key]",
            }
            assert each.headers["x-trace"] == "7"
            assert (each.data.status_code, each.data.error) == (status, "no, [key]")
            assert each.attempts == 1
            assert str(each) == f"<Response [{status}]> no, [key]"

    def test_10_a_body_that_is_no_json_has_no_data(
        self, server: FaultServer, v2: V2Api
    ) -> None:
        server.play(Answer(404, "<html>"))
        with pytest.raises(exceptions.NotFoundException) as caught:
            v2.get_task("1")
        assert (caught.value.body, caught.value.data) == ("<html>", None)

    def test_10_a_broken_connection_is_one_too(
        self, server: FaultServer, v2: V2Api, waits: List[float]
    ) -> None:
        server.play(Hangup())
        with pytest.raises(ScaleConnectionError) as caught:
            v2.get_task("1")
        assert not isinstance(caught.value, exceptions.OpenApiException)

    def test_exceptions_can_be_made_by_hand(self) -> None:
        error = exceptions.NotFoundException(status=404, reason="Not Found", body="{}")
        assert (error.status, error.reason, error.body) == (404, "Not Found", "{}")
        assert exceptions.ForbiddenException().status == 403
        assert issubclass(exceptions.ApiKeyError, KeyError)


class TestRepeating:
    def created(self, server: FaultServer) -> List[str]:
        return [f"{request.method} {request.target}" for request in server.received]

    def test_a_chat_task_with_a_unique_id_is_found(
        self, server: FaultServer, v2: V2Api, waits: List[float]
    ) -> None:
        server.play(
            Reset(),
            Answer(409, {"status_code": 409, "error": "in use"}),
            Answer(200, {"docs": [TASK_OF_V1]}),
            Answer(200, BARE_TASK),
        )
        task = v2.create_chat_task(project_name="p", unique_id="chat-1")
        assert task == V2Task.from_dict(BARE_TASK)
        assert self.created(server) == [
            "POST /v2/task/chat",
            "POST /v2/task/chat",
            "GET /v1/tasks?unique_id=chat-1",
            "GET /v2/task?task_id=task_1",
        ]
        assert server.received[2].headers["authorization"].startswith("Basic ")
        assert server.received[3].headers["authorization"].startswith("Bearer ")

    @pytest.mark.parametrize(
        "found", [{"docs": []}, {"docs": [{**TASK_OF_V1, "project": "q"}]}]
    )
    def test_without_a_task_the_409_is_raised(
        self, found: Any, server: FaultServer, v2: V2Api, waits: List[float]
    ) -> None:
        server.play(Reset(), Answer(409, {"error": "in use"}), Answer(200, found))
        with pytest.raises(exceptions.ConflictException) as caught:
            v2.create_chat_task(project_name="p", unique_id="chat-1")
        assert caught.value.unique_id == "chat-1"

    def test_a_task_that_v2_does_not_show_is_not_found(
        self, server: FaultServer, v2: V2Api, waits: List[float]
    ) -> None:
        found = Answer(200, {"docs": [TASK_OF_V1]})
        server.play(Reset(), Answer(409, {"error": "in use"}), found, Answer(404))
        with pytest.raises(exceptions.ConflictException):
            v2.create_chat_task(project_name="p", unique_id="chat-1")

    def test_a_409_without_a_lost_attempt_is_an_error(
        self, server: FaultServer, v2: V2Api
    ) -> None:
        server.play(Answer(409, {"error": "in use"}))
        with pytest.raises(exceptions.ConflictException):
            v2.create_chat_task(project_name="p", unique_id="chat-1")
        assert len(server.received) == 1

    def test_a_chat_task_without_one_is_not_sent_again(
        self, server: FaultServer, v2: V2Api
    ) -> None:
        server.play(Reset())
        with pytest.raises(ScaleConnectionError, match="unique_id"):
            v2.create_chat_task(project_name="p")
        assert len(server.received) == 1

    def test_auto_unique_id_applies_to_chat_tasks(self, server: FaultServer) -> None:
        client = ScaleClient(KEY, api_instance_url=server.url, auto_unique_id=True)
        client.v2.create_chat_task({"project_id": "p"})
        client.v2.create_chat_task(project_id="p", unique_id="mine")
        made, given = (request.json["unique_id"] for request in server.received)
        assert len(made) == 32 and given == "mine"

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ("finalize", "in_progress"),
            ("finalize", "paused"),
            ("pause", "paused"),
            ("resume", "in_progress"),
            ("resume", "completed"),
            ("cancel", "cancelled"),
        ],
    )
    def test_a_change_that_was_carried_out_succeeds(
        self,
        change: str,
        status: str,
        server: FaultServer,
        v2: V2Api,
        waits: List[float],
    ) -> None:
        now = {**BATCH, "status": status}
        server.play(Reset(), Answer(400, {"error": "already so"}), Answer(200, now))
        result: Any = getattr(v2, f"{change}_batch")(batch_name="week 9")
        batch = result if change == "finalize" else result.batch
        assert batch.to_dict() == now
        assert self.created(server)[1:] == [
            f"POST /v2/batch/{change}",
            "GET /v2/batch?batch_name=week%209",
        ]

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ("finalize", "staging"),
            ("pause", "in_progress"),
            ("resume", "paused"),
            ("cancel", "completed"),
        ],
    )
    def test_a_change_that_was_not_carried_out_is_an_error(
        self,
        change: str,
        status: str,
        server: FaultServer,
        v2: V2Api,
        waits: List[float],
    ) -> None:
        now = {**BATCH, "status": status}
        server.play(Reset(), Answer(400, {"error": "no"}), Answer(200, now))
        with pytest.raises(exceptions.BadRequestException):
            getattr(v2, f"{change}_batch")("b")

    def test_a_batch_is_found_by_its_name(
        self, server: FaultServer, v2: V2Api, waits: List[float]
    ) -> None:
        new = {**BATCH, "created_at": "2999-01-01T00:00:00Z"}
        server.play(Reset(), Answer(409, {"error": "in use"}), Answer(200, new))
        assert v2.create_batch(name="week 9", project_id="project_1").id == "batch_1"

    def test_a_batch_that_was_there_before_is_a_conflict(
        self, server: FaultServer, v2: V2Api, waits: List[float]
    ) -> None:
        date = {"Date": "Fri, 27 Nov 2026 15:00:00 GMT"}
        conflict = Answer(409, {"error": "in use"}, date)
        server.play(Reset(), conflict, Answer(200, BATCH, date))
        with pytest.raises(
            exceptions.ConflictException, match="before this call began"
        ):
            v2.create_batch(name="week 9", project_id="project_1")

    @pytest.mark.parametrize("name", ["set_task_metadata", "set_batch_metadata"])
    def test_metadata_is_sent_again(
        self, name: str, server: FaultServer, v2: V2Api, waits: List[float]
    ) -> None:
        server.play(*retried(Reset(), Answer(502)))
        getattr(v2, name)("a", metadata={}, merge=True)
        assert len(server.received) == 3


class TestSecrets:
    @pytest.mark.parametrize("key", [KEY, "k7x"])
    def test_the_key_is_nowhere_in_errors_and_logs(
        self,
        key: str,
        server: FaultServer,
        caplog: pytest.LogCaptureFixture,
        waits: List[float],
    ) -> None:
        caplog.set_level("DEBUG")

        def repeat(request: Received) -> Event:
            header = request.headers["authorization"]
            return Answer(500, {"error": f"got {header}"}, {"X-Echo": header})

        server.play(repeat)
        client = ScaleClient(key, api_instance_url=server.url, max_retries=1)
        with pytest.raises(ScaleException) as caught:
            client.v2.get_task("1")
        error = caught.value
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
        # The first frame is that of this test, which has the key in a variable.
        shown = "".join(f"{each.name} {each.locals}" for each in list(trace.stack)[1:])
        texts = [shown, str(error), error.body, str(dict(error.headers)), caplog.text]
        texts += [repr(client.v2), repr(client.v2.api_client.configuration)]
        for text in texts:
            assert key not in text
        assert "Bearer [key]" in error.body

    def test_the_password_of_an_address_is_masked(self) -> None:
        calls = V2Api(ApiClient(Configuration("https://me:secret@a.example", KEY)))
        for each in (calls, calls.api_client.configuration):
            assert "secret" not in repr(each) and KEY not in repr(each)
        with pytest.raises(ValueError) as caught:
            Configuration("ftp://me:secret@a.example", KEY)
        trace = traceback.TracebackException.from_exception(
            caught.value, capture_locals=True
        )
        # This frame has it as an argument.
        assert KEY not in "".join(str(f.locals) for f in list(trace.stack)[1:])

    def test_the_key_is_not_sent_to_another_server(
        self, server: FaultServer, v2: V2Api
    ) -> None:
        with FaultServer() as other:
            server.play(Answer(302, b"", {"Location": f"{other.url}/x"}))
            with pytest.raises(ScaleException, match="redirected"):
                v2.get_task("1")
            assert other.received == []


def test_full_annotations_are_read_over_the_wire(
    server: FaultServer, v2_client: ScaleClient
) -> None:
    server.play(Answer(200, {"tasks": [FULL_TASK]}))
    (task,) = v2_client.v2_get_tasks("p", opts=["annotation_details"])
    kinds = [type(each).__name__ for each in task.threads[0].turns[0].annotations]
    assert len(set(kinds)) == len(FULL_ANNOTATIONS) == 12
    assert "GET /v2/tasks" in ANSWERS
