"""An answer that a client got is a `requests.Response` in all that it has."""

from __future__ import annotations

import gzip
import json
import pickle
from typing import Any, Callable, Dict, Iterator, List

import pytest
import requests

from scaleapi import ScaleClient
from tests.faultserver import Answer, FaultServer, Truncated

BODY = b'{"task_id": "caf\xc3\xa9",\n "status": "pending"}'


@pytest.fixture(params=["requests", "ours"])
def session(
    request: pytest.FixtureRequest, fault_server: FaultServer
) -> Iterator[requests.Session]:
    """What holds for ours is held against requests itself."""
    fault_server.play(Answer(200, BODY, {"Content-Type": "application/json"}))
    if request.param == "requests":
        with requests.Session() as made:
            yield made
    else:
        with ScaleClient("test_x", None, fault_server.url) as client:
            yield client.api.session


USES: Dict[str, Callable[[requests.Response], Any]] = {
    "is a Response": lambda r: isinstance(r, requests.Response),
    "_content": lambda r: r._content == BODY,
    "_content_consumed": lambda r: r._content_consumed is True,
    "content, twice": lambda r: r.content is r.content and r.content == BODY,
    "raw.read": lambda r: r.raw.read() == b"",
    "raw.closed": lambda r: r.raw.closed,
    "raw.status": lambda r: r.raw.status == 200,
    "iter_content": lambda r: list(r.iter_content(30)) == [BODY[:30], BODY[30:]],
    "iter_content, a byte": lambda r: len(list(r.iter_content())) == len(BODY),
    "iter_content, whole": lambda r: list(r.iter_content(None)) == [BODY],
    "iter_content, text": lambda r: "".join(r.iter_content(3, True)) == BODY.decode(),
    "iter_lines": lambda r: list(r.iter_lines()) == BODY.split(b"\n"),
    "iter": lambda r: b"".join(r) == BODY,
    "text": lambda r: r.text == BODY.decode(),
    "json": lambda r: r.json() == json.loads(BODY),
    "encoding": lambda r: r.encoding == "utf-8",
    "apparent_encoding": lambda r: r.apparent_encoding == "utf-8",
    "ok": lambda r: r.ok and bool(r) and r.raise_for_status() is None,
    "elapsed": lambda r: r.elapsed.total_seconds() > 0,
    "history": lambda r: r.history == [] and not r.is_redirect and r.next is None,
    "links": lambda r: r.links == {},
    "reason": lambda r: r.reason == "Status",
    "repr": lambda r: repr(r) == "<Response [200]>",
    "request": lambda r: r.request.method == "GET" and r.request.url == r.url,
    "connection": lambda r: r.connection.get_connection_with_tls_context is not None,
    "vars": lambda r: vars(r).keys() - vars(requests.Response()) == {"connection"},
    "set _content": lambda r: setattr(r, "_content", b"[7]") or r.json() == [7],
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_every_attribute_is_that_of_requests(
    session: requests.Session, fault_server: FaultServer, use: Callable[..., Any]
) -> None:
    assert use(session.get(f"{fault_server.url}/task/1"))


def test_a_response_can_be_pickled_and_used_in_a_with_block(
    session: requests.Session, fault_server: FaultServer
) -> None:
    with session.get(f"{fault_server.url}/task/1") as response:
        copied = pickle.loads(pickle.dumps(response))
    assert response.content == copied.content == BODY
    assert copied.json() == response.json()
    assert (copied.status_code, copied.url) == (200, response.url)
    assert list(copied.iter_content(None)) == [BODY]


def test_a_streamed_response_can_be_read_in_pieces(
    session: requests.Session, fault_server: FaultServer
) -> None:
    url = f"{fault_server.url}/task/1"
    with session.get(url, stream=True) as response:
        assert response._content is False
        assert next(response.iter_content(10)) == BODY[:10]
        assert response.content == BODY[10:]
    with session.get(url, stream=True) as response:
        assert b"".join(response.iter_content(10)) == BODY
        with pytest.raises(RuntimeError, match="already consumed"):
            _ = response.content
    with session.get(url, stream=True) as response:
        assert response.raw.read(5) == BODY[:5]
    with session.get(url, stream=True) as response:
        assert pickle.loads(pickle.dumps(response)).content == BODY


def test_cookies_and_history_are_there(
    session: requests.Session, fault_server: FaultServer
) -> None:
    moved = Answer(302, None, {"Location": "/v1/b", "Set-Cookie": "first=1"})
    fault_server.play(moved, Answer(200, BODY, {"Set-Cookie": "last=2; Path=/"}))
    response = session.get(f"{fault_server.url}/a")
    assert [each.status_code for each in response.history] == [302]
    assert response.history[0].cookies.get_dict() == {"first": "1"}
    assert response.cookies.get_dict() == {"last": "2"}


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (Answer(200, b"no gzip", {"Content-Encoding": "gzip"}), "ContentDecodingError"),
        (
            Answer(200, b"zz\r\n", {"Transfer-Encoding": "chunked"}),
            "ChunkedEncodingError",
        ),
    ],
    ids=["gzip", "chunked"],
)
def test_a_body_that_cannot_be_read_is_an_error_of_requests(
    session: requests.Session, fault_server: FaultServer, event: Any, error: str
) -> None:
    fault_server.play(event)
    with pytest.raises(getattr(requests.exceptions, error)):
        session.get(f"{fault_server.url}/a")


def test_a_silent_body_is_a_connection_error_of_requests(
    session: requests.Session, fault_server: FaultServer
) -> None:
    head = {"Transfer-Encoding": "chunked"}
    fault_server.play(Answer(200, b"1\r\nx\r\n", head))
    with pytest.raises(requests.exceptions.ConnectionError, match="timed out"):
        session.get(f"{fault_server.url}/a", timeout=0.2)


Hook = Callable[..., None]


def decrypt(response: requests.Response, *_: Any, **__: Any) -> None:
    response._content = bytes(byte ^ 1 for byte in response.content)


def replace_unread(response: requests.Response, *_: Any, **__: Any) -> None:
    response._content = BODY


def replace_whole(response: requests.Response, *_: Any, **__: Any) -> Any:
    other = requests.Response()
    other.status_code = 200
    other._content = BODY
    other.request = response.request
    return other


@pytest.mark.parametrize("hook", [decrypt, replace_unread, replace_whole])
def test_a_hook_may_put_another_body_in_place(
    fault_server: FaultServer, hook: Hook
) -> None:
    fault_server.play(Answer(200, bytes(byte ^ 1 for byte in BODY)))
    with ScaleClient("test_x", None, fault_server.url) as client:
        client.api.session.hooks["response"].append(hook)
        assert client.create_task("chat", instruction="i").id == "café"
        assert client.get_task("1").id == "café"
    assert len(fault_server.received) == 2


def test_a_session_that_streams_works_and_reports_what_breaks_off(
    fault_server: FaultServer, waits: List[float]
) -> None:
    fault_server.play(Answer(200, BODY), Truncated(), Answer(200, BODY))
    with ScaleClient("test_x", None, fault_server.url) as client:
        client.api.session.stream = True
        for _ in range(2):
            assert client.get_task("1").id == "café"
    assert len(waits) == 1


def test_a_compressed_answer_is_decoded_in_content_and_text(
    session: requests.Session, fault_server: FaultServer
) -> None:
    fault_server.play(
        Answer(200, gzip.compress(BODY), {"Content-Encoding": "gzip"}),
    )
    response = session.get(f"{fault_server.url}/a")
    assert response.content == b"".join(response.iter_content(7)) == BODY
