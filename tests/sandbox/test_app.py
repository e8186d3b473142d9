"""The sandbox as any HTTP client sees it: errors, keys, worlds, invalid requests."""

from __future__ import annotations

import http.client
import json
import logging
import re
import socket
import threading
import time
from pathlib import Path
from typing import Any, Dict, List

import pytest
import requests

from scaleapi import ScaleClient, ScaleResourceNotFound
from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.routes.operation_table import API
from scaleapi.sandbox.web import bodies
from tests.keys import new_key
from tests.sandbox.calling import Caller

TEXT = {"attachments": [], "fields": []}


@pytest.mark.parametrize("auth", [None, ("", ""), ("wrong", ""), ("TEST_x", "")])
def test_without_a_valid_key_every_call_is_unauthorized(
    call: Caller, auth: Any
) -> None:
    for operation in API:
        path = re.sub("[{}]", "", operation.path[len("/v1/") :])
        status, error = call(operation.method, path, auth=auth)
        assert status == 401
        assert error.startswith("Unauthorized -- No valid API key provided.")


def test_the_text_of_a_401_says_which_keys_the_sandbox_accepts(call: Caller) -> None:
    secret = "sk_that_is_nobodys_business"
    status, error = call("GET", "projects", auth=(secret, ""))
    assert status == 401
    assert "test_ or live_" in error
    assert secret not in error


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/tasks", "/v1/tasks"),
        ("/task/imageannotation", "/v1/task/imageannotation"),
        ("/batches/week%209/status", "/v1/batches/week%209/status"),
        ("/v1/v1/projects", "/v1/projects"),
    ],
)
def test_the_text_of_an_unknown_route_says_when_v1_is_missing_or_double(
    sandbox: Sandbox, path: str, hint: str
) -> None:
    origin = sandbox.url[: -len("/v1")]
    for method in ("GET", "POST", "DELETE"):
        answer = requests.request(method, origin + path, timeout=10)
        assert answer.status_code == 404
        assert answer.json()["error"].startswith(f"Unknown route {path}; ")
        assert answer.json()["error"].endswith(f": {hint}")


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/", "/v1/nowhere", "/v1/v1", "/v2", "/v2/nowhere", "/nowhere"],
)
def test_other_unknown_routes_have_no_hint(sandbox: Sandbox, path: str) -> None:
    origin = sandbox.url[: -len("/v1")]
    answer = requests.post(origin + path, timeout=10)
    assert answer.status_code in (404, 405)
    assert ";" not in answer.json()["error"]


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer test_x", "x"])
def test_a_malformed_authorization_header_is_unauthorized(
    call: Caller, header: str
) -> None:
    headers = {"Authorization": header}
    # A falsy auth would make requests look for another one in netrc.
    status, _ = call("GET", "projects", auth=lambda request: request, headers=headers)
    assert status == 401


@pytest.mark.parametrize(
    ("key", "status"),
    [("test_k", "in_progress"), ("k|test", "in_progress"), ("live_k", "staging")],
)
def test_the_key_says_whether_a_world_is_test_or_live(
    call: Caller, key: str, status: str
) -> None:
    auth = (key, "any password")
    call("POST", "projects", json={"type": "chat", "name": "p"}, auth=auth)
    created = call("POST", "batches", json={"project": "p", "name": "b"}, auth=auth)
    assert created[1]["status"] == status


def test_each_key_has_a_world_of_its_own(sandbox: Sandbox, call: Caller) -> None:
    assert call("POST", "projects", json={"type": "chat", "name": "p"})[0] == 200
    other = Caller(sandbox.url)
    assert other("GET", "projects") == (200, [])
    assert other("GET", "projects/p")[0] == 404
    assert other("POST", "projects", json={"type": "chat", "name": "p"})[0] == 200
    _, task = call("POST", "task/textcollection", json={**TEXT, "unique_id": "u"})
    assert other("GET", f"task/{task['task_id']}")[0] == 404
    assert (
        other("POST", "task/textcollection", json={**TEXT, "unique_id": "u"})[0] == 200
    )
    other.session.close()


def test_a_browser_that_is_given_the_address_of_clients_sees_the_page(
    sandbox: Sandbox,
) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for address in (sandbox.url, f"{sandbox.url}/", sandbox.url[: -len("v1")]):
        answer = requests.get(address, headers=browser, timeout=30)
        assert answer.status_code == 200 and "<html" in answer.text
        assert answer.url == sandbox.url[: -len("v1")]
    for method, accepted in (("GET", {}), ("POST", browser)):
        answer = requests.request(method, sandbox.url, headers=accepted, timeout=30)
        assert answer.status_code == 404
        assert answer.json()["error"].startswith("Unknown route /v1")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nowhere", 404),
        ("GET", "", 404),
        ("GET", "tasks/", 404),
        ("GET", "task", 404),
        ("GET", "task/a/b", 404),
        ("DELETE", "projects", 405),
        ("PUT", "task/x/cancel", 405),
        ("POST", "tasks", 405),
    ],
)
def test_unknown_routes_are_404_and_unknown_methods_405(
    call: Caller, method: str, path: str, status: int
) -> None:
    assert call(method, path)[0] == status


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b"[]",
        b'"text"',
        b"7",
        b'{"name": "\\ud800", "type": "chat"}',
        b'{"a": ' * 20_000 + b"1" + b"}" * 20_000,
        b'{"x": ' + b"[" * 20_000 + b"]" * 20_000 + b', "type": "chat", "name": "d"}',
        b'{"x": ' + b"9" * 5000 + b', "type": 5}',
    ],
    ids=range(12),
)
def test_an_invalid_body_is_a_bad_request(call: Caller, body: bytes) -> None:
    status, error = call("POST", "projects", data=body)
    assert status == 400
    assert "Traceback" not in error
    assert call("GET", "projects") == (200, [])


@pytest.mark.parametrize("path", ["projects", "task/textcollection", "nowhere"])
def test_a_body_of_50_mb_is_rejected_and_the_sandbox_keeps_running(
    call: Caller, path: str
) -> None:
    body = b'{"x": "' + b"a" * 50_000_000 + b'"}'
    status, error = call("POST", path, data=body)
    assert status in (413, 404)
    if status == 413:
        assert "10000000 bytes" in error
    assert call("GET", "projects") == (200, [])


def test_a_large_body_with_an_invalid_key_gets_a_401(call: Caller) -> None:
    assert call("POST", "projects", data=b"x" * 20_000_000, auth=("bad", ""))[0] == 401


def test_a_missing_body_is_read_as_an_empty_object(call: Caller) -> None:
    assert call("POST", "projects") == (
        400,
        'Parameter is invalid, reason: "type" is required',
    )


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("limit=0", '"limit" must be between 1 and 100'),
        ("limit=101", '"limit" must be between 1 and 100'),
        ("limit=ten", '"limit" must be a whole number'),
        ("limit=-1", '"limit" must be a whole number'),
        ("limit=" + "9" * 5000, '"limit" must be a whole number'),
        ("start_time=yesterday", '"start_time" must be a time'),
        ("completed_before=2020-13-01", '"completed_before" must be a time'),
        ("start_time=0001-01-01T00:00:00%2B23:00", '"start_time" must be a time'),
        ("next_token=abc", '"next_token" is not one'),
        ("next_token=%C3%A9", '"next_token" is not one'),
        ("next_token=OTk5OTk5OTk5OTk5OTk5OTk5OTk5LjE=", '"next_token" is not one'),
        ("include_attachment_url=perhaps", '"include_attachment_url" must be true'),
        ("&".join(["x=1"] * 20_001), "too many parameters"),
    ],
)
def test_an_unreadable_parameter_is_named(call: Caller, query: str, text: str) -> None:
    status, error = call("GET", f"tasks?{query}")
    assert status == 400
    assert text in error
    if "limit" in query:
        assert call("GET", f"batches?{query}")[0] == 400


@pytest.mark.parametrize("flag", ["True", "true", "TRUE", "1"])
def test_booleans_in_queries_are_read_in_any_case(call: Caller, flag: str) -> None:
    call("POST", "task/textcollection", json=TEXT)
    _, page = call("GET", f"tasks?limited_response={flag}")
    assert set(page["docs"][0]) == {"task_id", "status", "metadata"}


@pytest.mark.parametrize(
    ("lower", "upper", "found"),
    [
        ("{}", "{}", 1),
        ("2020-01-01", "2100-01-01T00:00:00-07:00", 1),
        ("2020-01-01 03:14:15.123456", "2100-01-01T00:00:00Z", 1),
        ("2100-01-01", "2101-01-01", 0),
    ],
)
def test_bounds_of_time_are_inclusive(
    call: Caller, lower: str, upper: str, found: int
) -> None:
    _, task = call("POST", "task/textcollection", json=TEXT)
    bounds = {
        "start_time": lower.format(task["created_at"]),
        "end_time": upper.format(task["created_at"]),
    }
    assert call("GET", "tasks", params=bounds)[1]["total"] == found


def test_null_parameters_count_as_missing(call: Caller) -> None:
    _, task = call(
        "POST",
        "task/textcollection",
        json={**TEXT, "unique_id": None, "project": None, "tags": None, "x": None},
    )
    assert not {"unique_id", "project", "tags"} & set(task)
    assert "x" not in task["params"]


def test_a_document_has_only_the_keys_that_were_sent(call: Caller) -> None:
    _, task = call(
        "POST",
        "task/textcollection",
        json={**TEXT, "tags": ["b", "a", "b"], "priority": 30, "unknown": {"k": 1}},
    )
    assert task["tags"] == ["b", "a"]
    assert task["priority"] == 30
    assert task["metadata"] == {}
    assert task["params"] == {**TEXT, "unknown": {"k": 1}}
    assert set(task) == {
        "task_id", "created_at", "updated_at", "type", "status", "is_test",
        "tags", "priority", "metadata", "params",
    }  # fmt: skip
    assert len(task["task_id"]) == 24
    assert int(task["task_id"], 16) > 0


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"unique_id": 7}, 400, '"unique_id" must be a string'),
        ({"tags": "red"}, 400, '"tags" must be an array'),
        ({"tags": [1]}, 400, '"tags"'),
        ({"metadata": []}, 400, '"metadata" must be an object'),
        ({"metadata": {"x": "é" * 5120}}, 400, "10240 bytes"),
        ({"project": 1}, 400, '"project" must be a string'),
        ({"batch": []}, 400, '"batch" must be a string'),
        ({"batch": "none"}, 404, 'Batch "none" not found'),
        ({"batch": "b", "project": "q"}, 400, 'belongs to project "p"'),
        ({"project": "p", "project_param_version": "x"}, 400, "no version x"),
        ({"project": "p", "project_param_version": False}, 400, "no version False"),
    ],
)
def test_a_wrong_parameter_of_a_task_is_named(
    call: Caller, body: Dict[str, Any], status: int, text: str
) -> None:
    for name in ("p", "q"):
        project = {"type": "textcollection", "name": name, "params": {"k": 1}}
        assert call("POST", "projects", json=project)[0] == 200
    assert call("POST", "batches", json={"project": "p", "name": "b"})[0] == 200
    answer = call("POST", "task/textcollection", json={**TEXT, **body})
    assert answer[0] == status
    assert text in answer[1]
    assert call("GET", "tasks")[1]["total"] == 0


def test_metadata_of_exactly_the_limit_is_accepted(call: Caller) -> None:
    metadata = {"x": "a" * (10_240 - len('{"x": ""}'))}
    body = {**TEXT, "metadata": metadata}
    assert call("POST", "task/textcollection", json=body)[1]["metadata"] == metadata


def test_an_unknown_type_of_task_is_not_found(call: Caller) -> None:
    for path in ("task/nonsense", "evaluation_tasks/nonsense"):
        assert call("POST", path, json=TEXT)[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": 5, "type": "chat"},
        {"name": "p", "type": "chat", "params": []},
        {"name": "p", "type": "chat", "rapid": "yes"},
        {"name": "p", "type": 5},
    ],
)
def test_a_wrong_parameter_of_a_project_is_rejected(
    call: Caller, body: Dict[str, Any]
) -> None:
    assert call("POST", "projects", json=body)[0] == 400
    assert call("GET", "projects") == (200, [])


@pytest.mark.parametrize(
    "body",
    [
        {"project": "p"},
        {"project": "p", "name": ""},
        {"project": "p", "name": ["b"]},
        {"project": "p", "name": "b", "callback": 1},
        {"project": "p", "name": "b", "calibration_batch": "no"},
        {"project": "p", "name": "b", "metadata": "x"},
    ],
)
def test_a_wrong_parameter_of_a_batch_is_rejected(
    call: Caller, body: Dict[str, Any]
) -> None:
    call("POST", "projects", json={"type": "chat", "name": "p"})
    assert call("POST", "batches", json=body)[0] == 400
    assert call("GET", "batches")[1]["totalDocs"] == 0


def test_a_batch_shows_its_flags_only_when_they_are_true(call: Caller) -> None:
    call("POST", "projects", json={"type": "chat", "name": "p"})
    body = {"project": "p", "name": "b", "self_label_batch": True}
    batch = call("POST", "batches", json={**body, "calibration_batch": False})[1]
    assert batch["self_label_batch"] is True
    assert "calibration_batch" not in batch
    assert batch["callback"] == ""


def test_projects_say_whether_they_are_rapid_or_studio(call: Caller) -> None:
    for name, flags in (("a", {}), ("b", {"rapid": True}), ("c", {"studio": True})):
        call("POST", "projects", json={"type": "chat", "name": name, **flags})
    kinds = [project["projectType"] for project in call("GET", "projects")[1]]
    assert kinds == ["standard", "rapid", "studio"]
    assert len(call("GET", "projects?archived=false")[1]) == 3
    assert call("GET", "projects?archived=true")[1] == []


def test_numbers_are_returned_exactly(call: Caller) -> None:
    numbers = {"a": 0.1, "b": 10**30, "c": -0.0, "d": 1e-300, "e": True}
    body = {**TEXT, "metadata": numbers}
    task_id = call("POST", "task/textcollection", json=body)[1]["task_id"]
    assert call("GET", f"task/{task_id}")[1]["metadata"] == numbers


@pytest.mark.parametrize(
    "name", ["a/b c?#% é", "..a", "%2F", "a+b", "\u0000", "日本 🐄"]
)
def test_any_name_works_in_every_path(live: Caller, name: str) -> None:
    quoted = requests.utils.quote(name, safe="")
    assert (
        live("POST", "projects", json={"type": "textcollection", "name": name})[0]
        == 200
    )
    assert live("POST", "batches", json={"project": name, "name": name})[0] == 200
    assert live("POST", "task/textcollection", json={**TEXT, "batch": name})[0] == 200
    assert live("GET", f"projects/{quoted}")[1]["name"] == name
    assert live("POST", f"projects/{quoted}/setParams", json={"a": 1})[0] == 200
    assert live("GET", f"batches/{quoted}")[1]["name"] == name
    assert live("POST", f"batches/{quoted}/finalize")[1]["status"] == "in_progress"
    assert live("GET", f"batches/{quoted}/status")[1]["pending"] == 1
    assert (
        live("GET", "tasks", params={"batch": name, "project": name})[1]["total"] == 1
    )
    assert live("GET", "batches", params={"project": name})[1]["totalDocs"] == 1


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "application/json"}, b"{}"),
        ({"Content-Type": "multipart/form-data"}, b"x"),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"nonsense"),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b\r\n\r\nx\r\n--b--"),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n',
        ),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b""),
    ],
    ids=range(6),
)
def test_an_invalid_upload_is_a_bad_request(
    call: Caller, headers: Dict[str, str], body: bytes
) -> None:
    assert call("POST", "files/upload", headers=headers, data=body)[0] == 400
    assert call("GET", "projects") == (200, [])


def test_the_mime_type_of_an_upload_follows_from_part_name_or_content(
    call: Caller,
) -> None:
    street = Path(__file__).parents[2] / "examples" / "data" / "street.png"
    png = street.read_bytes()
    for part, mime_type in (
        (("a.png", b"x", "image/webp"), "image/webp"),
        (("a.png", b"x"), "image/png"),
        (("a", png), "image/png"),
        (("a", b"%PDF-1.4"), "application/pdf"),
        (("a", b"x"), "application/octet-stream"),
    ):
        _, file = call("POST", "files/upload", files={"file": part})
        assert file["mime_type"] == mime_type


def test_a_file_beyond_the_limit_is_rejected(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "FILE_LIMIT", 1000)
    monkeypatch.setattr(bodies, "_FORM_ALLOWANCE", 1000)
    for size in (1001, 100_000):
        answer = call("POST", "files/upload", files={"file": b"x" * size})
        assert answer[0] == 400
        assert "1000 bytes" in answer[1]
    assert call("POST", "files/upload", files={"file": b"x" * 1000})[0] == 200


def test_an_idle_or_broken_connection_does_no_harm(
    sandbox: Sandbox, call: Caller
) -> None:
    host = sandbox.url.split("/")[2]
    for text in (b"", b"GET", b"nonsense\r\n\r\n", b"POST /v1/projects HTTP/1.1\r\n"):
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.connect()
        connection.sock.sendall(text)
        connection.close()
    assert call("GET", "projects") == (200, [])


def broken_off(sandbox: Sandbox, key: str, path: str, kind: str) -> socket.socket:
    """Send half a request, and return its connection."""
    host, _, port = sandbox.url.split("/")[2].partition(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    authorization = requests.auth._basic_auth_str(key, "")
    connection.sendall(
        f"POST /v1/{path} HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: {authorization}\r\nContent-Type: {kind}\r\n"
        f'Content-Length: 1000\r\n\r\n--b\r\n{{"type": "chat", "name": "p"}}'.encode()
    )
    return connection


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("projects", "application/json"),
        ("files/upload", "multipart/form-data; boundary=b"),
        ("nowhere", "application/json"),
    ],
)
def test_a_request_whose_body_breaks_off_creates_nothing(
    sandbox: Sandbox,
    call: Caller,
    path: str,
    kind: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "scaleapi.sandbox.calls")
    noticed = threading.Event()

    class Notice(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if f"/v1/{path}" in record.getMessage():
                noticed.set()

    handler = Notice()
    logger = logging.getLogger("scaleapi.sandbox.calls")
    logger.addHandler(handler)
    try:
        broken_off(sandbox, call.key, path, kind).close()
        assert noticed.wait(10)
    finally:
        logger.removeHandler(handler)
    assert call("GET", "projects") == (200, [])


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("projects", "application/json"),
        ("files/upload", "multipart/form-data; boundary=b"),
    ],
)
def test_stop_does_not_wait_for_a_client_that_is_sending_a_body(
    path: str, kind: str
) -> None:
    with Sandbox() as sandbox:
        connection = broken_off(sandbox, "test_k", path, kind)
        requests.get(f"{sandbox.url}/projects", auth=("test_k", ""), timeout=10)
        begun = time.perf_counter()
    assert time.perf_counter() - begun < 3
    connection.close()


def test_64_clients_create_list_and_cancel_without_losing_anything(
    sandbox: Sandbox,
) -> None:
    key = new_key("live")
    client = ScaleClient(key, api_instance_url=sandbox.url)
    client.create_project("p", "textcollection")
    client.create_batch("p", "b")
    errors: List[BaseException] = []

    def work(number: int) -> None:
        try:
            # Without retries, so that no error of the sandbox goes unnoticed.
            with ScaleClient(key, api_instance_url=sandbox.url, max_retries=0) as mine:
                for i in range(4):
                    task = mine.create_task(
                        "textcollection", batch="b", unique_id=f"{number}-{i}", **TEXT
                    )
                    if i % 2:
                        task.cancel()
                    mine.tasks(project="p", limit=5)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert client.batch_status("b") == {
        "status": "staging",
        "pending": 128,
        "canceled": 128,
    }
    ids = [task.id for task in client.get_tasks("p", limit=7)]
    assert len(ids) == len(set(ids)) == 256


def test_many_simultaneous_creations_with_one_unique_id_create_one_task(
    sandbox: Sandbox,
) -> None:
    caller = Caller(sandbox.url)
    statuses: List[int] = []

    def work() -> None:
        body = {**TEXT, "unique_id": "u"}
        statuses.append(
            requests.post(
                f"{sandbox.url}/task/textcollection",
                json=body,
                auth=(caller.key, ""),
                timeout=30,
            ).status_code
        )

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 11


def test_results_that_are_urls_can_be_fetched(client: ScaleClient) -> None:
    task = client.create_task("lidarannotation", attachments=["x"], labels=["Car"])
    task.refresh()
    frames = requests.get(task.response["annotations"]["url"], timeout=10)
    assert frames.headers["content-type"].startswith("application/json")
    assert frames.json()[0]["cuboids"][0]["label"] == "Car"


def test_a_live_task_pends_until_it_is_completed(
    sandbox: Sandbox, live_client: ScaleClient
) -> None:
    task = live_client.create_task("textcollection", **TEXT)
    assert live_client.get_task(task.id).status == "pending"
    completed = sandbox.complete(task.id, response={"annotations": {"a": 1}})
    task.refresh()
    assert task.as_dict().items() >= completed.items()
    assert task.response == {"annotations": {"a": 1}}
    with pytest.raises(ValueError, match="not pending"):
        sandbox.complete(task.id)
    with pytest.raises(ValueError, match="no task 'none'"):
        sandbox.complete("none")


def test_a_sandbox_stops_with_its_block_and_starts_empty_again() -> None:
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="not running"):
        _ = sandbox.url
    for _ in range(2):
        with sandbox:
            client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
            assert client.projects() == []
            client.create_project("p", "chat")
            assert sandbox.url.endswith("/v1")
        sandbox.stop()  # A second stop has no effect.


def test_a_sandbox_with_a_database_file_keeps_its_state(tmp_path: Path) -> None:
    db = str(tmp_path / "state.db")
    key = "live_0123456789abcdef"
    with Sandbox(db=db) as sandbox:
        client = ScaleClient(key, api_instance_url=sandbox.url)
        client.create_project("p", "textcollection")
        task = client.create_task("textcollection", project="p", **TEXT)
        url = client.upload_file(b"x").attachment_url
    with Sandbox(db=db) as sandbox:
        client = ScaleClient(key, api_instance_url=sandbox.url)
        assert client.get_task(task.id).as_dict().items() >= task.as_dict().items()
        assert (
            client.upload_file(b"y").attachment_url.split("/")[2] == url.split("/")[2]
        )
        other = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
        with pytest.raises(ScaleResourceNotFound):
            other.get_task(task.id)
    # Only the published keys of every sandbox are in the file.
    assert key.encode() not in Path(db).read_bytes()


def test_a_port_in_use_is_an_error(sandbox: Sandbox) -> None:
    port = int(sandbox.url.split(":")[2].split("/")[0])
    with pytest.raises(OSError, match="use"):
        Sandbox(port=port).start()


def test_a_file_that_is_not_a_database_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100)
    with pytest.raises(OSError, match="not a database"):
        Sandbox(db=str(path)).start()
    with pytest.raises(OSError, match="No such file"):
        Sandbox(db=str(tmp_path / "none" / "state.db")).start()
    with pytest.raises(OSError, match="cannot listen"):
        Sandbox(port=70_000).start()


def test_a_body_is_read_as_json_whatever_its_content_type(call: Caller) -> None:
    body = json.dumps({"type": "chat", "name": "p"}).encode()
    assert (
        call("POST", "projects", data=body, headers={"Content-Type": "text/x"})[0]
        == 200
    )
