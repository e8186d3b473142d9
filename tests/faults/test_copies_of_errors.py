"""Every error that the package raises, really raised, then pickled and copied."""

from __future__ import annotations

import copy
import inspect
import io
import os
import pickle
import socket
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest

from scaleapi import ScaleClient, exceptions
from scaleapi.exceptions import ExceptionMap, ScaleException
from scaleapi.sandbox import Sandbox
from tests.faultserver import (
    Answer,
    Event,
    FaultServer,
    Hangup,
    Reset,
    Stall,
    Truncated,
)

#: What the server does -> the call is a GET.
ENDS: Dict[str, Event] = {
    **{
        f"status {status}": Answer(status, {"error": "no"}, {"X-Request-Id": "7"})
        for status in (*ExceptionMap, 403, 418, 429, 502)
    },
    "redirect": Answer(302, "", {"Location": "https://example.com/"}),
    "list as error": Answer(400, [1, 2]),
    "empty error": Answer(500),
    "page": Answer(200, "<html>"),
    "other object": Answer(200, {"status": "accepted"}),
    "reset": Reset(),
    "hangup": Hangup(),
    "truncated": Truncated(),
    "silence": Stall(),
}


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Torn(io.BytesIO):
    def read(self, *_: Any) -> bytes:
        raise OSError("torn")


def wrong_calls(tmp_path: Path) -> Dict[str, Callable[[ScaleClient], Any]]:
    """Return calls that fail whatever the server does, or without a server."""
    nowhere = f"http://127.0.0.1:{unused_port()}/v1"

    def elsewhere(address: str, **options: Any) -> Callable[[ScaleClient], Any]:
        return lambda _: ScaleClient("test_x", None, address, **options).get_task("1")

    closed = open(os.devnull, "rb")  # noqa: SIM115  (closed in the next line)
    closed.close()
    body: Any = {"metadata": {"a": b"x"}}
    nan: Any = {"metadata": {"a": float("nan")}}
    text: Any = io.StringIO("x")
    return {
        "no connection": elsewhere(nowhere),
        "no such host": elsewhere("http://no-such-host.invalid/v1"),
        "no proxy": elsewhere("http://api.invalid/v1", proxies={"http": nowhere}),
        "no certificate": elsewhere(nowhere.replace("http:", "https:"), verify="/none"),
        "bad address": elsewhere("api.scale.com/v1"),
        "no key": lambda _: ScaleClient(),
        "no profile": lambda _: ScaleClient.from_profile("no such profile"),
        "bad proxies": elsewhere(nowhere, proxies="http://proxy"),
        "not JSON": lambda c: c.create_task("chat", **body),
        "NaN": lambda c: c.create_task("chat", **nan),
        "empty id": lambda c: c.get_task(""),
        "wrong type": lambda c: next(c.get_tasks("p", status=7)),
        "no such filter": lambda c: c.tasks(color="red"),
        "empty filter": lambda c: next(c.get_tasks("p", unique_id=[])),
        "closed file": lambda c: c.upload_file(closed),
        "torn file": lambda c: c.upload_file(Torn(b"abc")),
        "text file": lambda c: c.upload_file(text),
        "path": lambda c: c.upload_file("a.png"),
        "gone": lambda c: raised(list(c.upload_files([tmp_path / "gone"]))[0].error),
        "one for many": lambda c: c.create_tasks("chat", body),
        "no lambda": lambda c: c.map(lambda n: n, [1], executor=Anywhere()),
        "bad method": lambda c: c.api.request("G T", "x"),
        "clash": clash,
        "other kind": other_kind,
        "too long": lambda c: pending(c).wait(timeout=0),
        "poll": lambda c: pending(c).wait(poll=0),
        "over": lambda c: pending(c, "test").cancel() or pending(c, "test").cancel(),
        "circle": circle,
    }


def raised(error: Any) -> None:
    raise error


class Anywhere:
    """An executor that seems to run in other processes."""

    def submit(self, *_: Any) -> None:
        raise AssertionError


def pending(client: ScaleClient, unique_id: str = "u") -> Any:
    params: Any = {"attachment": "https://example.com/1.jpg", "categories": ["a"]}
    return client.get_or_create_task("categorization", unique_id=unique_id, **params)


def clash(client: ScaleClient) -> None:
    params: Any = {"attachment": "https://example.com/1.jpg", "categories": ["a"]}
    client.create_task("categorization", unique_id="c", **params)
    client.create_task("categorization", unique_id="c", **params)


def other_kind(client: ScaleClient) -> None:
    pending(client, "k")
    client.get_or_create_task(
        "textcollection", unique_id="k", attachments=[], fields=[]
    )


def circle(_: ScaleClient) -> None:
    with FaultServer() as server:
        page = {"docs": [], "has_more": True, "next_token": "n"}
        server.play(Answer(200, page))
        list(ScaleClient("test_x", None, server.url).get_tasks("p"))


@pytest.fixture
def errors(
    fault_server: FaultServer,
    sandbox: Sandbox,
    live_client: ScaleClient,
    waits: List[float],
    tmp_path: Path,
) -> Dict[str, ScaleException]:
    """Every error, by its cause."""
    found: Dict[str, ScaleException] = {}

    def note(name: str, call: Callable[[], Any]) -> None:
        with pytest.raises(ScaleException) as caught:
            call()
        found[name] = caught.value

    for name, event in ENDS.items():
        fault_server.play(event)
        timeout = (10, 0.1) if name == "silence" else 10
        client = ScaleClient(
            "live_x", None, fault_server.url, timeout=timeout, max_retries=1
        )
        note(name, lambda client=client: client.get_task("1"))  # type: ignore[misc]
        note(
            f"create: {name}",
            lambda client=client: client.create_task("chat"),  # type: ignore[misc]
        )
        note(
            f"repeatable: {name}",
            lambda client=client: client.create_task(  # type: ignore[misc]
                "chat", unique_id="u"
            ),
        )
    for name, call in wrong_calls(tmp_path).items():
        note(name, lambda call=call: call(live_client))  # type: ignore[misc]
    return found


def copies(error: ScaleException) -> Dict[str, Any]:
    return {
        **{
            f"pickle {protocol}": pickle.loads(pickle.dumps(error, protocol))
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
        },
        "copy": copy.copy(error),
        "deepcopy": copy.deepcopy(error),
        "twice": copy.deepcopy(pickle.loads(pickle.dumps(error))),
    }


def test_every_error_can_be_pickled_and_copied(
    errors: Dict[str, ScaleException],
) -> None:
    kinds = {type(error) for error in errors.values()}
    assert kinds == {
        kind
        for _, kind in inspect.getmembers(exceptions, inspect.isclass)
        if issubclass(kind, ScaleException)
    }
    for name, error in errors.items():
        for way, again in copies(error).items():
            where = f"{name}: {way}"
            assert type(again) is type(error), where
            assert (again.args, str(again)) == (error.args, str(error)), where
            assert vars(again) == vars(error), where
            for attribute in (
                "code",
                "headers",
                "body",
                "attempts",
                "unique_id",
                "message",
            ):
                assert getattr(again, attribute) == getattr(error, attribute), where
    assert errors["repeatable: reset"].unique_id == "u"
    assert errors["reset"].attempts == 2
    assert pickle.loads(pickle.dumps(errors["status 404"])).headers["x-request-id"] == (
        "7"
    )


def test_only_errors_with_a_status_begin_with_response(
    errors: Dict[str, ScaleException],
) -> None:
    for name, error in errors.items():
        start = "" if error.code is None else f"<Response [{error.code}]> "
        assert str(error) == start + error.message, name


def test_no_copy_of_an_error_contains_the_key(
    errors: Dict[str, ScaleException],
) -> None:
    # The errors of requests refer to the request, and so to the key: not copied.
    for error in errors.values():
        assert b"live_x" not in pickle.dumps(error)
