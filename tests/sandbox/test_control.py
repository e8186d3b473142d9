"""The control of a sandbox, from Python and over HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Iterator, List

import pytest
import requests

from scaleapi import ScaleClient, ScaleInvalidRequest
from scaleapi.sandbox import Sandbox
from tests.sandbox.calling import Caller, fresh

TEXT: Dict[str, Any] = {
    "attachments": [{"type": "image", "content": "https://example.com/1.jpg"}],
    "fields": [],
}


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    # So a fetched task equals the document that the control returns.
    with Sandbox(attachment_downloads="on_request") as running:
        yield running


@pytest.fixture
def sandbox(server: Sandbox) -> Sandbox:
    return fresh(server)


@pytest.fixture
def client(sandbox: Sandbox) -> ScaleClient:
    client = ScaleClient(sandbox.live_api_key, api_instance_url=sandbox.url)
    client.create_project("p", "textcollection")
    return client


def control(sandbox: Sandbox, method: str, target: str, /, **given: Any) -> Any:
    url = f"{sandbox.url[: -len('/v1')]}/control/{target}"
    answer = requests.request(method, url, json=given or None, timeout=10)
    assert answer.headers["content-type"] == "application/json"
    return answer.json() if answer.status_code == 200 else answer.status_code


def test_complete_sets_further_fields(sandbox: Sandbox, client: ScaleClient) -> None:
    task = client.create_task("textcollection", **TEXT)
    moment = datetime(2030, 1, 2, tzinfo=timezone.utc)
    done = sandbox.complete(
        task, {"a": 1}, completed_at=moment, customer_review_status="accepted"
    )
    task.refresh()
    assert task.as_dict() == done
    assert task.completed_at == "2030-01-02T00:00:00.000Z"
    assert task.response == {"a": 1}
    found = client.get_tasks("p", review_status="accepted")
    assert [t.id for t in found] == []  # it is in no project
    assert len(client.tasks(completed_after="2030-01-01")) == 1


def test_fail_gives_the_task_an_error(sandbox: Sandbox, client: ScaleClient) -> None:
    task = client.create_task("textcollection", **TEXT, unique_id="u")
    sandbox.fail(task)
    task.refresh()
    assert (task.status, task.unique_id) == ("error", "u")
    (damage,) = task.response["attachments"]
    assert damage["attachment"] == "https://example.com/1.jpg"
    with pytest.raises(ValueError, match="is error, not pending"):
        sandbox.fail(task.id)


def test_fail_can_clear_the_unique_id(sandbox: Sandbox, client: ScaleClient) -> None:
    for _ in range(2):
        task = client.create_task(
            "textcollection", **TEXT, unique_id="u", clear_unique_id_on_error=True
        )
        failed = sandbox.fail(task.id, response={"error": "blurred"})
        assert "unique_id" not in failed
        assert "clear_unique_id_on_error" not in json.dumps(failed)
        assert failed["response"] == {"error": "blurred"}


def test_label_completes_all_pending_tasks(
    sandbox: Sandbox, client: ScaleClient
) -> None:
    client.create_batch("p", "b")
    for batch in ("b", None):
        for _ in range(3):
            place = {"batch": batch} if batch else {"project": "p"}
            client.create_task("textcollection", **TEXT, **place)
    client.create_task("chat").cancel()
    client.finalize_batch("b")
    assert sandbox.label(batch="none") == 0
    assert sandbox.label(batch="b") == 3
    assert client.get_batch("b").status == "completed"
    assert sandbox.label(project="p", api_key="test_other") == 0
    assert sandbox.label(project="p") == 3
    assert sandbox.label() == 0
    assert all(t.response["annotations"] == {} for t in client.get_tasks("p"))


def test_label_completes_more_tasks_than_fit_in_one_transaction(
    sandbox: Sandbox, client: ScaleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "scaleapi.sandbox.services.completion._MAX_TASKS_PER_TRANSACTION", 4
    )
    for _ in range(10):
        client.create_task("textcollection", project="p", **TEXT)
    assert sandbox.label() == 10


def test_set_changes_any_field_and_the_lists(
    sandbox: Sandbox, client: ScaleClient
) -> None:
    client.create_batch("p", "b")
    client.finalize_batch("b")
    task = client.create_task("textcollection", **TEXT, batch="b", tags=["old"])
    sandbox.set(
        task,
        customer_review_status="fixed",
        prior_responses=[{"a": 1}],
        tags=["x", "y", "x"],
        status="completed",
        unique_id="u",
        created_at="2020-01-01",
        anything={"b": [None]},
    )
    task.refresh()
    assert task.as_dict()["prior_responses"] == [{"a": 1}]
    assert task.as_dict()["anything"] == {"b": [None]}
    assert task.tags == ["x", "y"]
    assert client.get_batch("b").status == "completed"
    for query in (
        {"review_status": "fixed"},
        {"tags": "y"},
        {"unique_id": "u"},
        {"created_before": "2020-01-02"},
    ):
        assert [t.id for t in client.get_tasks("p", **query)] == [task.id]
    assert "tags" not in sandbox.set(task.id, tags=None, unique_id=None)
    client.create_task("textcollection", **TEXT, unique_id="u")
    assert sandbox.set(task, status="pending")["status"] == "pending"
    assert client.get_batch("b").status == "in_progress"


@pytest.mark.parametrize("status", ["error", "expired", "unassigned", "submitted"])
def test_set_accepts_a_status_that_the_enum_does_not_have(
    sandbox: Sandbox, client: ScaleClient, status: str
) -> None:
    client.create_batch("p", "b")
    task = client.create_task("textcollection", **TEXT, batch="b")
    client.create_task("textcollection", **TEXT, batch="b")
    assert sandbox.set(task, status=status)["status"] == status
    task.refresh()
    assert task.status == status
    assert [t.id for t in client.get_tasks("p", status=status)] == [task.id]
    known = {"error": 1} if status == "error" else {}
    assert client.batch_status("b") == {"status": "staging", "pending": 1, **known}
    for change in (client.cancel_task, sandbox.complete):
        with pytest.raises((ScaleInvalidRequest, ValueError), match=status):
            change(task.id)
    page = requests.get(sandbox.url[: -len("/v1")] + "/page/tasks/" + task.id)
    assert page.status_code == 200 and status in page.text


def test_set_accepts_fields_that_only_deliveries_have(
    sandbox: Sandbox, client: ScaleClient
) -> None:
    task = client.create_task("textcollection", **TEXT)
    sandbox.complete(task)
    only = {"customerId", "batchId", "attempts"}
    assert not only & set(client.get_task(task.id).as_dict())
    given: Dict[str, Any] = {"customerId": "c", "batchId": "b", "attempts": [{"a": 1}]}
    sandbox.set(task, **given)
    assert client.get_task(task.id).as_dict().items() >= given.items()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"task_id": "x"}, ValueError),
        ({"status": "done"}, ValueError),
        ({"status": None}, ValueError),
        ({"tags": "x"}, TypeError),
        ({"tags": [1]}, TypeError),
        ({"params": []}, TypeError),
        ({"created_at": "today"}, ValueError),
        ({"completed_at": 7}, ValueError),
        ({"response": {1, 2}}, TypeError),
        ({"response": float("nan")}, ValueError),
        ({"unique_id": "taken"}, ValueError),
    ],
)
def test_set_with_an_invalid_value_changes_nothing(
    sandbox: Sandbox, client: ScaleClient, fields: Dict[str, Any], error: Any
) -> None:
    client.create_task("textcollection", **TEXT, unique_id="taken")
    task = client.create_task("textcollection", **TEXT)
    with pytest.raises(error):
        sandbox.set(task, **fields)
    assert client.get_task(task.id).as_dict() == task.as_dict()


@pytest.mark.parametrize("task", [7, None, object(), ["x"]])
def test_controls_reject_a_task_of_the_wrong_type(sandbox: Sandbox, task: Any) -> None:
    for act in (sandbox.complete, sandbox.fail, sandbox.set):
        with pytest.raises(TypeError, match="a Task or the id of one"):
            act(task)


def test_clock_advance_and_set_move_the_clock(
    sandbox: Sandbox, client: ScaleClient
) -> None:
    sandbox.clock.set("2030-05-06T07:08:09Z")
    first = client.create_task("textcollection", **TEXT)
    assert first.created_at.startswith("2030-05-06T07:08:")
    sandbox.clock.advance(3600)
    assert client.create_task("chat").created_at.startswith("2030-05-06T08:08:")
    assert sandbox.clock.time - datetime(
        2030, 5, 6, 8, 8, 9, tzinfo=timezone.utc
    ) < timedelta(minutes=1)
    for wrong in ("never", "9999-01-01"):
        with pytest.raises(ValueError):
            sandbox.clock.set(wrong)
    sandbox.clock.reset()
    assert abs(sandbox.clock.time.timestamp() - datetime.now().timestamp()) < 60


def test_the_date_of_every_answer_follows_the_clock(sandbox: Sandbox) -> None:
    sandbox.clock.set("2030-05-06T07:08:09Z")
    for path in ("/projects", "/nowhere", "/../control/clock", "/../page"):
        (date,) = requests.get(sandbox.url + path).raw.headers.getlist("Date")
        assert date.startswith("Mon, 06 May 2030 07:08:")


def test_requests_show_what_was_sent_without_the_key(
    sandbox: Sandbox, client: ScaleClient
) -> None:
    client.create_task("textcollection", **TEXT, unique_id="é")
    list(client.get_tasks("p", status="completed", tags=["a", "b"]))
    created, listed = sandbox.requests[-2:]
    assert (created.method, created.path) == ("POST", "/v1/task/textcollection")
    assert created.json["unique_id"] == "é"
    assert created.status == 200
    assert created.headers["content-type"] == "application/json"
    assert (listed.method, listed.query["tags"]) == ("GET", ["a", "b"])
    assert listed.json is None
    assert "authorization" not in created.headers
    assert sandbox.live_api_key not in repr(sandbox.requests)
    sandbox.requests.clear()
    assert len(sandbox.requests) == 0


def test_only_the_newest_requests_are_kept(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaleapi.sandbox.services.request_log._MAX_REQUESTS", 3)
    monkeypatch.setattr("scaleapi.sandbox.services.request_log._MAX_BODY_BYTES", 10)
    monkeypatch.setattr(
        "scaleapi.sandbox.services.request_log._MAX_ALL_BODIES_BYTES", 25
    )
    for number in range(5):
        requests.get(f"{sandbox.url}/{number}", timeout=10)
    assert [r.path for r in sandbox.requests] == ["/v1/2", "/v1/3", "/v1/4"]
    for number in range(5, 8):
        requests.post(f"{sandbox.url}/{number}", data=b"x" * 20, timeout=10)
    assert [len(r.body) for r in sandbox.requests] == [10, 10]


def test_reset_deletes_everything(sandbox: Sandbox, client: ScaleClient) -> None:
    client.create_task("textcollection", **TEXT, project="p", unique_id="u")
    client.upload_file(b"x")
    assert client.get_tasks_count("p") == 1
    sandbox.faults.add(times=None, path="/nowhere")
    sandbox.rate_limit(0.001, burst=1)
    sandbox.clock.advance(1000)
    sandbox.reset()
    assert len(sandbox.requests) == len(sandbox.faults) == 0
    assert client.projects() == []
    client.create_project("p", "textcollection")
    for number in range(2):
        client.create_task("textcollection", **TEXT, project="p", unique_id=str(number))
    assert client.get_tasks_count("p") == 2
    assert len(client.list_teammates()) == 1


def test_everything_can_be_done_over_http(
    sandbox: Sandbox, client: ScaleClient
) -> None:
    ids = [client.create_task("textcollection", **TEXT).id for _ in range(4)]
    done = control(sandbox, "POST", f"tasks/{ids[0]}/complete", response={"a": 1})
    assert done == client.get_task(ids[0]).as_dict()
    failed = control(sandbox, "POST", f"tasks/{ids[1]}/fail")
    assert failed["status"] == "error"
    changed = control(sandbox, "PATCH", f"tasks/{ids[0]}", callback_succeeded=True)
    assert changed["callback_succeeded"] is True
    assert control(sandbox, "POST", "label") == {"completed": 2}
    assert control(sandbox, "POST", "clock", set="2030-01-01")["now"][:4] == "2030"
    assert control(sandbox, "POST", "clock", advance=86400)["now"] > "2030-01-02"
    assert control(sandbox, "GET", "clock")["now"] > "2030-01-02"
    sent = control(sandbox, "GET", "requests")["requests"]
    assert sent[-1]["path"] == f"/v1/task/{ids[0]}"
    fault = control(sandbox, "POST", "faults", status=503, path="/teams")
    assert (fault["triggered"], fault["status"]) == (0, 503)
    answer = requests.get(f"{sandbox.url}/teams", auth=("test_k", ""), timeout=10)
    assert answer.status_code == 503
    assert control(sandbox, "GET", "faults")["faults"][0]["triggered"] == 1
    assert control(sandbox, "DELETE", "faults") == {}
    assert control(sandbox, "POST", "rate_limit", creations_per_second=9) == {}
    client.create_batch("p", "a/b")
    key = {"api_key": sandbox.live_api_key}
    assert control(sandbox, "POST", "batches/a%2Fb/archive", **key) == {}
    assert len(client.batches(exclude_archived=True)) == 0
    assert control(sandbox, "POST", "callbacks/wait") == {"delivered": True}
    long = {"timeout": 10**400}
    assert control(sandbox, "POST", "callbacks/wait", **long) == {"delivered": True}
    assert control(sandbox, "DELETE", "requests") == {}
    assert control(sandbox, "POST", "reset") == {}
    assert client.projects() == []


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("POST", "tasks/none/complete", {}, 404),
        ("POST", "faults", {"kind": "flood"}, 400),
        ("POST", "faults", {"nonsense": 1}, 400),
        ("POST", "faults", {"nth": "x"}, 400),
        ("POST", "clock", {"set": 5}, 400),
        ("POST", "clock", {"advance": "x"}, 400),
        ("POST", "clock", {"advance": 1e308}, 400),
        ("POST", "clock", {"reset": "yes"}, 400),
        ("POST", "callbacks/wait", {"timeout": "x"}, 400),
        ("POST", "faults", {"method": 5}, 400),
        ("POST", "faults", {"path": 5}, 400),
        ("POST", "label", {"api_key": 5}, 400),
        ("POST", "label", {"batch": 5}, 400),
        ("POST", "rate_limit", {"burst": 0}, 400),
        ("POST", "rate_limit", {"creations_per_second": "x"}, 400),
        ("POST", "batches/none/archive", {}, 404),
        ("GET", "nowhere", {}, 404),
        ("GET", "reset", {}, 405),
    ],
)
def test_control_rejects_invalid_arguments(
    sandbox: Sandbox, method: str, path: str, given: Dict[str, Any], status: int
) -> None:
    assert control(sandbox, method, path, **given) == status


def test_the_error_for_an_unknown_argument_lists_the_known_ones(
    sandbox: Sandbox,
) -> None:
    answer = requests.post(
        f"{sandbox.url[: -len('/v1')]}/control/clock", json={"back": 1}, timeout=10
    )
    assert answer.json()["error"] == (
        "There is no argument back; there are advance, set, reset"
    )


def test_the_clock_is_reset_over_http(sandbox: Sandbox) -> None:
    before = control(sandbox, "GET", "clock")["now"]
    ahead = control(sandbox, "POST", "clock", advance=86400)["now"]
    assert before <= control(sandbox, "POST", "clock", reset=True)["now"] < ahead


@pytest.mark.parametrize("path", ["/control/reset", "/v1/projects"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_cannot_use_control_or_the_api(
    sandbox: Sandbox, client: ScaleClient, path: str, headers: Dict[str, str]
) -> None:
    def send(headers: Dict[str, str]) -> int:
        return requests.post(
            f"{sandbox.url[: -len('/v1')]}{path}",
            json={"name": "evil", "type": "chat"} if "v1" in path else {},
            headers=headers,
            auth=(sandbox.live_api_key, ""),
            timeout=10,
        ).status_code

    assert send(headers) == 403
    assert [project.name for project in client.projects()] == ["p"]
    own = {"Origin": sandbox.url[: -len("/v1")], "Sec-Fetch-Site": "same-origin"}
    assert send(own) == 200


def test_reset_during_creations_leaves_nothing_behind(sandbox: Sandbox) -> None:
    over = threading.Event()
    body = {**TEXT, "callback_url": "http://127.0.0.1:1/"}
    errors: List[BaseException] = []

    def create() -> None:
        try:
            client = ScaleClient("live_left", api_instance_url=sandbox.url)
            while not over.is_set():
                client.create_task("textcollection", **body)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(100):
        sandbox.reset()
    over.set()
    for thread in threads:
        thread.join()
    assert errors == []
    with sandbox._running.database.reading() as connection:
        for table in ("tasks", "callbacks"):
            (orphans,) = connection.execute(
                f"SELECT COUNT(*) FROM {table}"
                " WHERE world NOT IN (SELECT id FROM worlds)"
            ).fetchone()
            assert orphans == 0


def test_wait_for_callbacks_over_http_ends_when_the_sandbox_stops(
    sandbox: Sandbox, client: ScaleClient
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        sandbox.complete(client.create_task("textcollection", **TEXT, callback_url=url))
        connection, _ = silent.accept()
        answers: List[Any] = []

        def wait(timeout: float) -> None:
            given = {"timeout": timeout}
            answers.append(control(sandbox, "POST", "callbacks/wait", **given))

        threads = [threading.Thread(target=wait, args=(9,)) for _ in range(12)]
        for thread in threads:
            thread.start()
        wait(0.1)  # not delayed by the others
        assert answers == [{"delivered": False}]
        sandbox.stop()
        for thread in threads:
            thread.join()
        connection.close()
    assert answers == [{"delivered": False}] * 13


def test_wait_for_callbacks_over_http_does_not_block_other_requests(
    sandbox: Sandbox, client: ScaleClient
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        sandbox.complete(client.create_task("textcollection", **TEXT, callback_url=url))
        connection, _ = silent.accept()
        waiting = [
            threading.Thread(target=control, args=(sandbox, "POST", "callbacks/wait"))
            for _ in range(45)
        ]
        for thread in waiting:
            thread.start()
        begun = time.perf_counter()
        assert len(client.projects()) == 1
        assert time.perf_counter() - begun < 3
        connection.close()
        for thread in waiting:
            thread.join()


def test_controls_work_on_the_world_of_any_key(sandbox: Sandbox, live: Caller) -> None:
    _, task = live("POST", "task/textcollection", json=TEXT)
    assert sandbox.complete(task["task_id"])["status"] == "completed"
