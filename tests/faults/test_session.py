"""The session of a client: redirects, netrc, cookies, proxies, and users' settings."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, List

import pytest

from scaleapi import (
    ScaleClient,
    ScaleConnectionError,
    ScaleException,
)
from tests.faults.keys import BASIC, KEY, full_traceback
from tests.faultserver import Answer, FaultServer, Received

OK = Answer(200, {"task_id": "1"})


@pytest.fixture
def client(fault_server: FaultServer, waits: List[float]) -> ScaleClient:
    fault_server.play(OK)
    return ScaleClient(KEY, None, fault_server.url)


def redirect(target: str, status: int = 302) -> Answer:
    return Answer(status, "moved", {"Location": target})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_get_follows_a_redirect_on_the_same_server_with_the_key(
    client: ScaleClient, fault_server: FaultServer, status: int
) -> None:
    fault_server.play(
        redirect("/v2/a", status), redirect(f"{fault_server.url}/b", status), OK
    )
    assert client.get_task("1").id == "1"
    assert [r.target for r in fault_server.received] == ["/v1/task/1", "/v2/a", "/v1/b"]
    assert {r.headers["authorization"] for r in fault_server.received} == {
        f"Basic {BASIC}"
    }


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:1/v1/task/1",
        "http://localhost:1/v1/task/1",
        "https://example.com/",
        "//example.com/x",
        "ftp://localhost/x",
    ],
)
def test_a_redirect_to_another_server_is_an_error_that_names_it(
    client: ScaleClient, fault_server: FaultServer, waits: List[float], target: str
) -> None:
    fault_server.play(redirect(target))
    with pytest.raises(ScaleException, match="was redirected to") as caught:
        client.get_task("1")
    assert target in caught.value.message
    assert caught.value.code == 302
    assert len(fault_server.received) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_creation_is_an_error_and_is_not_sent_as_a_get(
    client: ScaleClient, fault_server: FaultServer, status: int
) -> None:
    fault_server.play(redirect(f"{fault_server.url}/elsewhere", status), OK)
    with pytest.raises(ScaleException, match="elsewhere, which is not followed"):
        client.create_task("chat", unique_id="u")
    assert [r.method for r in fault_server.received] == ["POST"]
    for call in (client.api.put_request, client.api.delete_request):
        fault_server.play(redirect("/x", status), OK)
        with pytest.raises(ScaleException, match="redirected"):
            call("x")
    assert len(fault_server.received) == 3


def test_an_endless_redirect_is_an_error(
    client: ScaleClient, fault_server: FaultServer, waits: List[float]
) -> None:
    fault_server.play(redirect("/v1/again"))
    with pytest.raises(ScaleException, match="30 redirects"):
        client.get_task("1")
    assert waits == []


def test_a_redirect_without_a_target_is_an_error(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(304))
    with pytest.raises(ScaleException) as caught:
        client.get_task("1")
    assert caught.value.code == 304


def test_a_redirect_from_https_to_http_is_not_followed() -> None:
    from scaleapi._transport.session import _same_server

    assert not _same_server("https://h/v1", "http://h/v1")
    assert not _same_server("https://h/v1", "http://h:443/v1")
    assert _same_server("http://h/v1", "https://h/v1")
    assert _same_server("https://h/v1", "https://h:443/x")
    assert not _same_server("https://h/v1", "https://h:8443/x")
    assert not _same_server("https://h/v1", "https://h.evil/x")
    assert not _same_server("https://h/v1", "https://evil\\@h/x")


def test_netrc_never_replaces_the_key(
    client: ScaleClient,
    fault_server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fault_server.play(redirect("/v1/x"), OK)
    client.get_task("1")
    assert {r.headers["authorization"] for r in fault_server.received} == {
        f"Basic {BASIC}"
    }


def test_cookies_are_not_kept(client: ScaleClient, fault_server: FaultServer) -> None:
    cookie = {"Set-Cookie": "session=1; Path=/"}
    fault_server.play(Answer(200, {"task_id": "1"}, cookie))
    client.get_task("1")
    client.get_task("1")
    assert not any("cookie" in r.headers for r in fault_server.received)
    assert len(client.api.session.cookies) == 0


def test_a_cookie_of_a_redirect_is_not_sent_on(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    cookie = {"Set-Cookie": "session=1; Path=/", "Location": "/v1/x"}
    fault_server.play(Answer(302, headers=cookie), OK)
    client.get_task("1")
    assert len(fault_server.received) == 2
    assert not any("cookie" in r.headers for r in fault_server.received)


UNREACHABLE = "http://api.invalid/v1"


def test_a_proxy_of_the_environment_is_used_except_for_no_proxy(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault_server.play(OK)
    monkeypatch.setenv("HTTP_PROXY", fault_server.origin)
    monkeypatch.setenv("http_proxy", fault_server.origin)
    ScaleClient(KEY, None, UNREACHABLE).get_task("1")
    assert fault_server.received[0].target == f"{UNREACHABLE}/task/1"
    monkeypatch.setenv("NO_PROXY", "localhost")
    monkeypatch.setenv("no_proxy", "localhost")
    ScaleClient(KEY, None, fault_server.url).get_task("2")
    assert fault_server.received[1].target == "/v1/task/2"


@pytest.mark.parametrize("scheme", ["http", "all"])
def test_proxies_take_precedence_over_the_environment(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, "http://localhost:1")
    fault_server.play(redirect("/v1/there"), OK)
    client = ScaleClient(KEY, None, UNREACHABLE, proxies={scheme: fault_server.origin})
    assert client.get_task("1").id == "1"
    assert [r.target for r in fault_server.received] == [
        f"{UNREACHABLE}/task/1",
        f"{UNREACHABLE}/there",
    ]


@pytest.mark.parametrize("event", [Answer(407), Answer(403)])
def test_a_connection_that_the_proxy_rejects_is_not_retried(
    fault_server: FaultServer, waits: List[float], event: Any
) -> None:
    fault_server.play(event)
    client = ScaleClient(
        KEY, None, "https://api.invalid/v1", proxies={"https": fault_server.origin}
    )
    with pytest.raises(ScaleConnectionError, match="the proxy in front of") as caught:
        client.create_task("chat", instruction="i")
    assert waits == []
    assert BASIC not in full_traceback(caught.value)
    assert fault_server.received[0].method == "CONNECT"
    assert "authorization" not in fault_server.received[0].headers


def test_settings_of_the_session_are_used(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    client.api.session.headers["X-Mine"] = "1"
    client.api.session.params = {"extra": "2"}
    seen: List[int] = []
    client.api.session.hooks["response"].append(
        lambda response, *_, **__: seen.append(response.status_code)
    )
    client.get_task("1")
    assert fault_server.received[0].headers["x-mine"] == "1"
    assert fault_server.received[0].target == "/v1/task/1?extra=2"
    assert seen == [200]


def test_attributes_that_are_set_on_the_api_are_used_from_then_on(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    client.api.base_api_url = UNREACHABLE
    client.api.proxies = {"http": fault_server.origin}
    client.get_task("1")
    assert fault_server.received[0].target == f"{UNREACHABLE}/task/1"


def echo(request: Received) -> Answer:
    return Answer(200, {"task_id": request.headers["authorization"]})


def test_the_session_authenticates_with_the_key_of_the_client(
    fault_server: FaultServer,
) -> None:
    fault_server.play(echo)
    one, two = (ScaleClient(k, None, fault_server.url) for k in ("test_1", "test_2"))
    assert one.get_task("1").id != two.get_task("1").id


def test_changes_of_the_session_affect_the_next_request(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    session = client.api.session
    session.headers["Accept-Encoding"] = None  # type: ignore[assignment]
    session.hooks = {}
    session.auth.username = "test_other"  # type: ignore[union-attr]
    client.get_task("1")
    (request,) = fault_server.received
    assert "gzip" not in request.headers.get("accept-encoding", "")
    credentials = request.headers["authorization"].split()[1]
    assert base64.b64decode(credentials) == b"test_other:"
    assert client.api.api_key == "test_other"


@pytest.mark.parametrize(
    "target",
    ["http://localhost:99999/", "http://localhost:abc/", "http://[::1/", "\xff\xfe"],
)
def test_a_redirect_to_an_invalid_url_is_an_error(
    fault_server: FaultServer, target: str
) -> None:
    fault_server.play(Answer(302, None, {"Location": target}))
    with pytest.raises(ScaleException, match="redirected") as caught:
        ScaleClient(KEY, None, fault_server.url).get_task("1")
    assert caught.value.code == 302
