"""Where the key is sent, and where it never appears."""

from __future__ import annotations

import gc
import logging
from typing import Any, Callable, List

import pytest
import requests

from scaleapi import (
    Api,
    ScaleClient,
    ScaleConnectionError,
    ScaleException,
)
from tests.faults.keys import BASIC, KEY, full_traceback
from tests.faultserver import Answer, FaultServer, Hangup, Reset

OK = Answer(200, {"task_id": "1"})


def failure(call: Callable[[], Any]) -> BaseException:
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("it did not fail")


@pytest.fixture
def client(fault_server: FaultServer, waits: List[float]) -> ScaleClient:
    fault_server.play(OK)
    return ScaleClient(KEY, None, fault_server.url)


@pytest.mark.parametrize(
    "event",
    [
        Answer(400, {"error": "bad"}),
        Answer(500, "x"),
        Answer(200, "<html>"),
        Answer(200, [1]),
        Reset(),
        Hangup(),
        Answer(401, {"error": f"no such key: {KEY}, sent as Basic {BASIC}"}),
        Answer(403, f"<p>{KEY}</p>", {"X-Echo": f"Basic {BASIC}", "X-Key": KEY}),
        Answer(200, f"your key is {KEY}"),
    ],
    ids=range(9),
)
def test_no_error_shows_the_key(
    client: ScaleClient,
    fault_server: FaultServer,
    event: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fault_server.play(event)
    with caplog.at_level(logging.DEBUG):
        error = failure(lambda: client.get_task("1"))
        texts = [
            full_traceback(error),
            str(error),
            repr(error),
            repr(vars(error)),
            str(error.__cause__),
            caplog.text,
        ]
    for text in texts:
        assert KEY not in text
        assert BASIC not in text


@pytest.mark.parametrize(
    "make",
    [
        lambda: ScaleClient(KEY, "a\nb"),
        lambda: ScaleClient(KEY, timeout=0),
        lambda: ScaleClient(KEY + "\u20ac"),
        lambda: Api(KEY, "a\nb"),
        lambda: Api(KEY + "\na"),
    ],
    ids=range(5),
)
def test_no_error_of_the_constructor_shows_the_key(make: Callable[[], Any]) -> None:
    assert KEY not in full_traceback(failure(make))


def test_an_error_while_sending_does_not_show_the_key(client: ScaleClient) -> None:
    class Shrinking:
        """A file that is shorter than the size it reports."""

        def __init__(self) -> None:
            self.at = 0

        def read(self, size: int = -1) -> bytes:
            return b""

        def tell(self) -> int:
            return self.at

        def seek(self, offset: int, whence: int = 0) -> int:
            self.at = 100 if whence else offset
            return self.at

    error = failure(lambda: client.upload_file(Shrinking()))  # type: ignore[arg-type]
    assert isinstance(error, ScaleException)
    assert "shorter while it was sent" in str(error)
    assert KEY not in full_traceback(error)
    assert BASIC not in full_traceback(error)


def test_errors_have_the_attributes_that_a_support_ticket_needs(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    body = {"error": "x" * 5000}
    fault_server.play(Answer(503, body, {"X-Request-Id": "7"}))
    error = failure(lambda: client.get_task("1"))
    assert isinstance(error, ScaleException)
    assert (error.code, error.attempts) == (503, 4)
    assert error.headers["x-request-id"] == "7"
    assert 1000 <= len(error.body) <= 1003
    import pickle

    again = pickle.loads(pickle.dumps(error))
    assert vars(again) == vars(error)
    assert str(again) == str(error)
    unanswered = ScaleConnectionError("x")
    assert (unanswered.code, dict(unanswered.headers), unanswered.body) == (
        None,
        {},
        "",
    )


def test_no_repr_and_no_log_line_shows_the_key(
    client: ScaleClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        task = client.get_task("1")
    for text in (
        repr(client),
        repr(client.api),
        repr(vars(client.api)),
        repr(vars(client.api.session)),
        repr(task),
        repr(vars(task)),
        caplog.text,
    ):
        assert KEY not in text
        assert BASIC not in text


# The hook leaves the answer unread, so its connection is lost.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_traceback_of_any_other_exception_does_not_show_the_key(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mine(Exception):
        pass

    real = requests.Session.request

    def fails(session: Any, *args: Any, **kwargs: Any) -> Any:
        real(session, *args, **kwargs)

    client = ScaleClient(KEY, None, fault_server.url)

    def hook(*_: Any, **__: Any) -> None:
        raise Mine

    client.api.session.hooks["response"].append(hook)
    monkeypatch.setattr(requests.Session, "request", fails)
    for call in (lambda: client.get_task("1"), lambda: client.upload_file(b"x")):
        with pytest.raises(Mine) as caught:
            call()
        text = full_traceback(caught.value)
        assert KEY not in text
        assert BASIC not in text
        assert "in hook" in text  # the user's own frames are kept
    del caught
    gc.collect()


def test_a_key_at_the_end_of_a_shortened_text_is_masked(
    fault_server: FaultServer,
) -> None:
    fault_server.play(Answer(400, "x" * 990 + KEY))
    with pytest.raises(ScaleException) as caught:
        ScaleClient(KEY, None, fault_server.url).get_task("1")
    for text in (caught.value.message, caught.value.body):
        assert "live_" not in text
        assert text.startswith("x" * 990 + "[key]")
