"""Sequences of failures in which money could be lost."""

from __future__ import annotations

import logging
import ssl
from typing import Any, Dict, List

import pytest
import trustme

from scaleapi import (
    ScaleClient,
    ScaleConnectionError,
    ScaleDuplicateResource,
    ScaleException,
    ScaleTooManyRequests,
    ScaleUnauthorized,
)
from scaleapi.sandbox import Sandbox
from tests.faults.test_recovery import create_task, make_project
from tests.faultserver import Answer, FaultServer, Hangup, Received, Reset, Stall
from tests.faulty_proxy import TEXT, FaultyProxy

OK = Answer(200, {"task_id": "1"})


@pytest.fixture
def proxy(
    fault_server: FaultServer, sandbox: Sandbox, waits: List[float]
) -> FaultyProxy:
    return FaultyProxy(fault_server, sandbox)


class TestInsideAnExceptBlock:
    """An exception that the caller is handling does not affect the request."""

    def refused(self) -> None:
        ScaleClient("test_x", None, "http://127.0.0.1:1/v1", max_retries=0).get_task(
            "1"
        )

    def test_a_creation_without_a_unique_id_is_not_repeated(
        self, proxy: FaultyProxy
    ) -> None:
        proxy.server.play(proxy.lose_answer(Hangup()), proxy.forward)
        with pytest.raises(ScaleConnectionError, match="auto_unique_id"):
            try:
                self.refused()
            except ScaleException:
                proxy.client.create_task("textcollection", **TEXT)
        assert proxy.direct.tasks().total == 1

    def test_a_creation_with_a_unique_id_is_looked_up(self, proxy: FaultyProxy) -> None:
        make_project(proxy)
        proxy.server.play(proxy.lose_answer(Hangup()), proxy.forward)
        try:
            self.refused()
        except ScaleException:
            assert create_task(proxy)

    def test_the_callers_exception_keeps_its_traceback(
        self, proxy: FaultyProxy
    ) -> None:
        proxy.server.play(Reset())
        try:
            {}["missing"]  # type: ignore[index]
        except KeyError as outer:
            with pytest.raises(ScaleConnectionError):
                proxy.client.get_task("1")
            assert outer.__traceback__ is not None


@pytest.mark.parametrize("end", [Reset(), Hangup()])
def test_a_request_lost_behind_a_proxy_is_ambiguous(
    fault_server: FaultServer, waits: List[float], end: Any
) -> None:
    client = ScaleClient(
        "test_x", None, "http://api.invalid/v1", proxies={"http": fault_server.origin}
    )
    fault_server.play(end)
    with pytest.raises(ScaleConnectionError, match="may or may not exist"):
        client.create_task("chat", instruction="i")
    assert len(fault_server.received) == 1
    fault_server.play(end, OK)
    assert client.create_task("chat", unique_id="u").id == "1"


def test_a_tls_error_after_sending_is_ambiguous(
    waits: List[float], tmp_path: Any
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    roots = tmp_path / "roots.pem"
    authority.cert_pem.write_to_path(roots)
    with FaultServer(context) as server:
        server.garble = True  # after the request, send bytes that are not TLS
        client = ScaleClient("test_x", None, server.url, str(roots))
        with pytest.raises(ScaleConnectionError, match="may or may not exist"):
            client.create_task("chat", instruction="i")
        assert len(server.received) == 1
        with pytest.raises(ScaleConnectionError):
            client.get_task("1")
        assert len(server.received) == 5


@pytest.mark.parametrize(
    ("last", "kind"),
    [(Answer(429), ScaleTooManyRequests), (Answer(401), ScaleUnauthorized)],
)
def test_a_lost_creation_is_looked_up_whatever_the_last_answer_is(
    proxy: FaultyProxy, last: Answer, kind: Any
) -> None:
    make_project(proxy)
    ends = [last] * (3 if last.status == 429 else 1)
    proxy.server.play(proxy.lose_answer(Answer(500)), *ends, proxy.forward)
    assert create_task(proxy)
    proxy.server.play(Answer(500), *ends, Answer(404))
    with pytest.raises(kind, match="may have made it; look for it") as caught:
        proxy.client.create_task("textcollection", unique_id="b", **TEXT)
    assert caught.value.unique_id == "b"


def test_the_error_has_the_unique_id_that_the_client_generated(
    proxy: FaultyProxy,
) -> None:
    client = ScaleClient("test_x", None, proxy.server.url, auto_unique_id=True)
    proxy.server.play(Answer(500, {"error": "boom"}))
    known: Dict[str, Any] = {"expected_response": {}}
    for create in (
        lambda: client.create_task("textcollection", **TEXT),
        lambda: client.create_evaluation_task("textcollection", **TEXT, **known),
    ):
        proxy.server.received.clear()
        with pytest.raises(ScaleException, match="boom") as caught:
            create()
        sent = proxy.server.received[0].json["unique_id"]
        assert caught.value.unique_id == sent
        assert f"unique_id='{sent}'" in caught.value.message


def test_cancel_task_with_clear_unique_id_does_not_return_a_task_that_kept_it(
    proxy: FaultyProxy,
) -> None:
    task = proxy.direct.create_task("textcollection", unique_id="u", **TEXT)
    proxy.server.play(proxy.lose_answer(Answer(503)), proxy.forward)
    freed = proxy.client.cancel_task(task.id, clear_unique_id=True)
    assert "unique_id" not in freed.as_dict()

    task = proxy.direct.create_task("textcollection", unique_id="u", **TEXT)
    task.cancel()  # Someone else canceled the task and kept the unique_id.
    proxy.server.play(Answer(503), proxy.forward)
    with pytest.raises(ScaleException, match="already canceled"):
        proxy.client.cancel_task(task.id, clear_unique_id=True)


def test_a_creation_answered_with_truncated_json_may_exist(proxy: FaultyProxy) -> None:
    broken = Answer(200, '{"task_id": "abc')
    make_project(proxy)
    proxy.server.play(proxy.lose_answer(broken), proxy.forward)
    assert create_task(proxy)  # found by its unique_id
    proxy.server.play(proxy.lose_answer(broken))
    with pytest.raises(ScaleException, match="may or may not exist"):
        proxy.client.create_task("textcollection", **TEXT)


KEY = "live_0123456789abcdef"


@pytest.mark.parametrize(
    "charset", ["utf\x00", "idna", "undefined", "punycode", "nonsense", "utf-16"]
)
def test_an_unknown_charset_or_a_large_binary_body_is_a_plain_error(
    fault_server: FaultServer, charset: str
) -> None:
    content = bytes(range(256)) * 20_000
    kind = {"Content-Type": f"text/plain; charset={charset}"}
    fault_server.play(Answer(400, content, kind))
    with pytest.raises(ScaleException) as caught:
        ScaleClient(KEY, None, fault_server.url).get_task("1")
    assert caught.value.code == 400
    assert len(caught.value.message) < 1010


def test_options_that_would_overflow_are_rejected_or_limited() -> None:
    from scaleapi._transport.retry import Outcome, RetryPolicy

    policy = RetryPolicy(10**6)
    wait = policy.wait(5000, Outcome.NOT_PROCESSED, idempotent=True, jitter=0.0)
    assert wait == 4.0
    with pytest.raises(ValueError, match="timeout"):
        ScaleClient(KEY, timeout=float("inf"))


def test_raise_for_status_in_a_hook_raises_the_class_of_the_status(
    fault_server: FaultServer, waits: List[float]
) -> None:
    client = ScaleClient(KEY, None, fault_server.url)
    client.api.session.hooks["response"].append(
        lambda r, *_, **__: r.raise_for_status()
    )
    fault_server.play(Answer(409, {"error": "in use"}))
    with pytest.raises(ScaleDuplicateResource, match="in use"):
        client.create_batch("p", "b")
    assert waits == []


def test_pages_that_lead_back_to_each_other_raise_an_error(
    fault_server: FaultServer,
) -> None:
    def page(request: Received) -> Answer:
        token = "B" if "next_token=A" in request.target else "A"
        document = {"task_id": token}
        return Answer(200, {"docs": [document], "has_more": True, "next_token": token})

    fault_server.play(page)
    client = ScaleClient(KEY, None, fault_server.url)
    with pytest.raises(ScaleException, match="leads in a circle"):
        list(client.get_tasks("p"))
    assert len(fault_server.received) == 3


def test_a_client_works_after_ctrl_c_during_a_wait(
    fault_server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    fault_server.play(Answer(503), OK)
    client = ScaleClient(KEY, None, fault_server.url)
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr("time.sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            client.get_task("1")
    assert client.get_task("1").id == "1"
    assert len(fault_server.received) == 2


def test_a_stall_in_the_answer_is_a_time_out(fault_server: FaultServer) -> None:
    fault_server.play(Stall())
    client = ScaleClient(KEY, None, fault_server.url, timeout=(5, 0.05), max_retries=0)
    with pytest.raises(ScaleConnectionError, match="timed out"):
        client.get_task("1")
