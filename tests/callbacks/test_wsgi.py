"""`Receiver.wsgi`, called as a server would."""

from __future__ import annotations

import io
from typing import Any, Dict, List, Tuple
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.callbacks import CallbackEvent, Receiver
from tests.callbacks.bodies import KEYS, LIVE, task_body

MOST = 200_000


class Input:
    """The body of a request; it notes how much of it is read."""

    def __init__(self, content: bytes, breaks: Any = None) -> None:
        self._content = io.BytesIO(content)
        self._breaks = breaks
        self.read_bytes = 0

    def read(self, size: int) -> bytes:
        found = self._content.read(min(size, 1000))  # less than it is asked for
        self.read_bytes += len(found)
        if not found and self._breaks:
            raise self._breaks
        return found


def call(
    stream: Input, length: Any = None, key: str = LIVE, **environ: Any
) -> Tuple[str, Dict[str, str], bytes, List[CallbackEvent]]:
    """Return status, headers and body of the answer, and the events."""
    events: List[CallbackEvent] = []
    started: List[Any] = []
    request = {
        "REQUEST_METHOD": "POST",
        "HTTP_SCALE_CALLBACK_AUTH": key,
        "wsgi.input": stream,
        **({} if length is None else {"CONTENT_LENGTH": length}),
        **environ,
    }
    receiver = Receiver(KEYS, events.append, max_body_bytes=MOST)
    answer = receiver.wsgi(request, lambda *given: started.append(given))
    ((status, headers),) = started
    return status, dict(headers), b"".join(answer), events


def test_a_callback_is_handled() -> None:
    body = task_body("x" * 5000)
    status, headers, answer, events = call(Input(body), str(len(body)))
    assert (status, answer) == ("200 OK", b"handled")
    assert headers == {
        "content-type": "text/plain; charset=utf-8",
        "content-length": "7",
    }
    assert [event.raw for event in events] == [body]


def test_a_body_of_which_the_server_knows_the_end_needs_no_length() -> None:
    body = task_body("x" * 5000)
    environ: Any = {"wsgi.input_terminated": True}
    assert call(Input(body), **environ)[0] == "200 OK"
    assert call(Input(body), "", **environ)[0] == "200 OK"
    status, _, _, events = call(Input(b"x" * MOST + b"x"), **environ)
    assert status.startswith("413 ")
    assert events == []


def test_without_a_length_nothing_is_read() -> None:
    stream = Input(task_body())
    assert call(stream)[0] == "400 Bad Request"
    assert stream.read_bytes == 0


def test_what_follows_the_body_is_not_read() -> None:
    body = task_body()
    stream = Input(body + b"POST / HTTP/1.1")
    assert call(stream, str(len(body)))[0] == "200 OK"
    assert stream.read_bytes == len(body)


@pytest.mark.parametrize(
    "length",
    ["-1", "+5", "5, 5", "1e3", "\u0665", "\u00b2", "0x10", " 5", "5_0", "five"],
)
def test_a_length_that_is_no_number_is_refused_unread(length: str) -> None:
    stream = Input(task_body())
    assert call(stream, length)[0] == "400 Bad Request"
    assert stream.read_bytes == 0


@pytest.mark.parametrize("length", [str(MOST + 1), "9" * 18, "9" * 5000])
def test_a_length_that_is_too_large_is_refused_unread(length: str) -> None:
    stream = Input(task_body())
    assert call(stream, length)[0].startswith("413 ")
    assert stream.read_bytes == 0


@pytest.mark.parametrize("breaks", [None, OSError("reset"), RuntimeError("timed out")])
def test_a_body_that_ends_too_early_is_refused(breaks: Any) -> None:
    body = task_body()
    stream = Input(body, breaks)
    status, _, _, events = call(stream, str(len(body) + 1))
    assert (status, events) == ("400 Bad Request", [])


def test_with_a_wrong_key_a_large_body_is_not_read_and_a_small_one_is_discarded() -> (
    None
):
    for size, read in ((1000, 1000), (64 * 1024, 64 * 1024), (64 * 1024 + 1, 0)):
        stream = Input(b"x" * size)
        assert call(stream, str(size), key="x")[0] == "401 Unauthorized"
        assert stream.read_bytes == read


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post"])
def test_another_method_is_405(method: str) -> None:
    status, headers, _, events = call(Input(b""), REQUEST_METHOD=method)
    assert (status, headers["allow"]) == ("405 Method Not Allowed", "POST")
    assert events == []


@given(
    st.binary() | st.just(task_body()),
    st.none() | st.text(max_size=5) | st.integers(0, 300).map(str),
    st.sampled_from([LIVE, "x", ""]),
    st.sampled_from(["POST", "GET", ""]),
    st.booleans(),
)
def test_whatever_is_sent_there_is_an_answer(
    body: bytes, length: Any, key: str, method: str, terminated: bool
) -> None:
    given_environ: Any = {"wsgi.input_terminated": terminated, "REQUEST_METHOD": method}
    status, _, _, events = call(Input(body), length, key, **given_environ)
    if key != LIVE or method != "POST":
        assert status[:3] == ("401" if method == "POST" else "405")
    assert (status == "200 OK") == (len(events) == 1)


def test_it_keeps_to_the_rules_of_wsgi() -> None:
    body = task_body()
    started: List[Any] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/hook",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_SCALE_CALLBACK_AUTH": LIVE,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    application = validator(Receiver(KEYS, lambda event: None).wsgi)

    def start_response(status: str, headers: Any, info: Any = None) -> Any:
        started.append(status)
        return lambda content: None

    answer = application(environ, start_response)
    assert b"".join(answer) == b"handled"
    answer.close()  # type: ignore[attr-defined]
    assert started == ["200 OK"]
