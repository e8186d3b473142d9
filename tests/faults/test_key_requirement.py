"""``require="test"``: no other key leaves the machine, however the client got it."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Callable, List, Optional

import pytest
import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from scaleapi import Api, ScaleClient, ScaleTypeError, ScaleValueError
from scaleapi._key_mode import key_mode
from tests.faults.keys import BASIC, KEY, full_traceback
from tests.faultserver import FaultServer

NOT_TEST = [KEY, "4711", "TEST_1", "live_1|test", "a|live", "prod_test_1"]


@pytest.mark.parametrize(
    ("key", "mode"),
    [
        ("test_1", "test"),
        ("user|test", "test"),
        ("test_1|live", "test"),
        ("live_1", "live"),
        ("live_1|test", None),
        ("LIVE_1", None),
        ("user|live", None),
        ("", None),
        (None, None),
    ],
)
def test_the_form_of_a_key_says_its_mode(key: Any, mode: Optional[str]) -> None:
    assert key_mode(key) == mode
    if key:
        assert ScaleClient(key).mode == Api(key).mode == mode


@pytest.mark.parametrize("key", NOT_TEST)
@pytest.mark.parametrize("make", [ScaleClient, Api])
def test_a_client_is_not_made_with_another_key(
    make: Callable[..., Any], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ScaleValueError, match='require="test" allows') as caught:
        make(key, require="test")
    assert caught.value.attempts == 0
    monkeypatch.setenv("SCALE_API_KEY", key)
    with pytest.raises(ScaleValueError):
        make(require="test")
    monkeypatch.setenv("SCALE_REQUIRE", "test")
    with pytest.raises(ScaleValueError, match="SCALE_REQUIRE=test allows") as caught:
        make(key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("key", ["test_1", "user|test"])
def test_a_test_key_is_sent(
    fault_server: FaultServer, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALE_REQUIRE", "test")
    ScaleClient(key, None, fault_server.url, require="test").api.get_request("x")
    assert len(fault_server.received) == 1


class Own(AuthBase):
    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Basic {BASIC}"
        return request


@pytest.mark.parametrize(
    "make",
    [
        lambda: HTTPBasicAuth(KEY, ""),
        lambda: HTTPDigestAuth(KEY, ""),
        lambda: (KEY, ""),
        Own,
        tuple,
        # requests would look into netrc, or send the header of the session.
        lambda: None,
    ],
)
def test_a_key_that_is_set_later_is_not_sent(
    fault_server: FaultServer, make: Callable[[], Any]
) -> None:
    client = ScaleClient("test_1", None, fault_server.url, require="test")
    client.api.session.auth = make()
    for call in (
        lambda: client.get_task("1"),
        lambda: client.upload_file(b"x"),
        lambda: client.api.post_request("task/x", {"unique_id": "u"}),
        lambda: client.api.request("DELETE", "x"),
        lambda: list(client.get_tasks("p")),
        lambda: client.v2.get_batch("b"),
    ):
        with pytest.raises(ScaleValueError, match="was not sent") as caught:
            call()
        assert caught.value.attempts == 0
        text = full_traceback(caught.value)
        assert KEY not in text
        assert BASIC not in text
    assert not fault_server.received
    client.api.session.auth = HTTPBasicAuth("test_2", "")
    client.api.get_request("x")
    assert len(fault_server.received) == 1


def test_a_key_that_is_changed_between_two_attempts_is_not_sent(
    fault_server: FaultServer, waits: List[float]
) -> None:
    client = ScaleClient("test_1", None, fault_server.url, require="test")

    def spoil(response: requests.Response, *_: Any, **__: Any) -> None:
        response.status_code = 429
        client.api.session.auth = HTTPBasicAuth(KEY, "")

    client.api.session.hooks["response"].append(spoil)
    with pytest.raises(ScaleValueError, match="is a live key"):
        client.get_task("1")
    assert len(fault_server.received) == 1


def duplicates(client: ScaleClient) -> List[ScaleClient]:
    return [
        copy.copy(client),
        copy.deepcopy(client),
        pickle.loads(pickle.dumps(client)),
    ]


def test_copies_and_pickles_require_it_too(fault_server: FaultServer) -> None:
    client = ScaleClient("test_1", None, fault_server.url, require="test")
    client.callback_key = "cb"
    for duplicate in duplicates(client):
        duplicate.api.session.auth = HTTPBasicAuth(KEY, "")
        with pytest.raises(ScaleValueError, match='require="test"'):
            duplicate.get_task("1")
        assert duplicate.callback_key == "cb"
    assert not fault_server.received


def test_the_environment_counts_for_clients_that_were_made_before(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ScaleClient(KEY, None, fault_server.url)
    monkeypatch.setenv("SCALE_REQUIRE", "test")
    for duplicate in (client, *duplicates(client)):
        with pytest.raises(ScaleValueError, match="SCALE_REQUIRE=test"):
            duplicate.get_task("1")
    assert not fault_server.received


def test_what_was_required_when_a_client_was_made_stays(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALE_REQUIRE", "test")
    client = ScaleClient("test_1", None, fault_server.url)
    monkeypatch.delenv("SCALE_REQUIRE")
    client.api.session.auth = HTTPBasicAuth(KEY, "")
    with pytest.raises(ScaleValueError):
        client.get_task("1")
    assert not fault_server.received


def test_the_workers_of_bulk_calls_refuse_it(fault_server: FaultServer) -> None:
    client = ScaleClient("test_1", None, fault_server.url, require="test")
    client.api.session.auth = HTTPBasicAuth(KEY, "")
    with ProcessPoolExecutor(1) as pool:
        for executor in (None, pool):
            results = client.create_tasks("x", [{}], executor=executor)
            assert [type(r.error) for r in results] == [ScaleValueError]
    assert not fault_server.received


@pytest.mark.parametrize("value", ["Test", "live", "1", " test"])
def test_a_variable_with_another_value_is_refused_and_not_ignored(
    fault_server: FaultServer, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ScaleClient("test_1", None, fault_server.url)
    monkeypatch.setenv("SCALE_REQUIRE", value)
    for call in (lambda: ScaleClient("test_1"), lambda: client.get_task("1")):
        with pytest.raises(
            ScaleValueError, match="SCALE_REQUIRE must be test or empty"
        ):
            call()
    assert not fault_server.received
    monkeypatch.setenv("SCALE_REQUIRE", "")
    client.api.get_request("x")


def test_the_option_is_checked() -> None:
    with pytest.raises(ScaleValueError, match='must be "test" or None'):
        ScaleClient("test_1", require="live")
    wrong: Any = True
    with pytest.raises(ScaleTypeError, match="require must be a str; got bool"):
        ScaleClient("test_1", require=wrong)


def test_a_variable_of_the_environment_reaches_a_script(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import scaleapi; scaleapi.ScaleClient().projects()"
    environment = {
        "SCALE_API_KEY": KEY,
        "SCALE_API_URL": fault_server.url,
        "SCALE_REQUIRE": "test",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "SCALE_REQUIRE=test allows only test keys" in done.stderr
    assert KEY not in done.stderr
    assert not fault_server.received
