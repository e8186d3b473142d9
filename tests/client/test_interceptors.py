"""Tools that intercept HTTP see every call, whenever client and tool were made."""

from __future__ import annotations

import contextlib
import copy
import gc
import io
import json
import pickle
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, ContextManager, Dict, Iterator, List
from unittest import mock

import betamax
import mocket
import mocket.mocks.mockhttp
import pook
import pytest
import requests
import requests_cache
import requests_mock
import responses
import trustme
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool

from scaleapi import ScaleClient
from tests.faultserver import Answer, FaultServer, Received

try:
    import vcr
except ModuleNotFoundError:
    if sys.version_info >= (3, 10):
        raise
    vcr = None  # vcrpy needs urllib3 1.26 there; tested by `tox -e oldest`

# Warnings that the tools cause: vcrpy 6 and mocket drop sockets without closing
# them; betamax and requests-cache call deprecated functions.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in (
        "DeprecationWarning",
        "ResourceWarning",
        "pytest.PytestUnraisableExceptionWarning",
    )
]

REAL = {"task_id": "1", "status": "pending"}
FAKE = {"task_id": "1", "status": "completed"}

Tool = Callable[[str, Path], ContextManager[Any]]


@contextlib.contextmanager
def with_responses(url: str, _: Path) -> Iterator[None]:
    with responses.RequestsMock() as mocked:
        mocked.add("GET", url, json=FAKE)
        yield


@contextlib.contextmanager
def with_requests_mock(url: str, _: Path) -> Iterator[None]:
    with requests_mock.Mocker() as mocked:
        mocked.get(url, json=FAKE)
        yield


@contextlib.contextmanager
def with_vcrpy(url: str, folder: Path) -> Iterator[None]:
    cassette = folder / "cassette.json"
    answer = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Type": ["application/json"]},
        "body": {"string": json.dumps(FAKE)},
    }
    request = {"method": "GET", "uri": url, "body": None, "headers": {}}
    interaction = {"request": request, "response": answer}
    cassette.write_text(json.dumps({"version": 1, "interactions": [interaction]}))
    with vcr.use_cassette(str(cassette), serializer="json", record_mode="none"):
        yield


@contextlib.contextmanager
def with_pook(url: str, _: Path) -> Iterator[None]:
    with pook.use():
        pook.get(url).reply(200).json(FAKE)
        yield


@contextlib.contextmanager
def with_mocket(url: str, _: Path) -> Iterator[None]:
    with mocket.Mocketizer(strict_mode=True):
        entry = mocket.mocks.mockhttp.Entry
        entry.single_register(entry.GET, url, json.dumps(FAKE))
        yield


def answer() -> requests.Response:
    response = requests.Response()
    response.status_code = 200
    response._content = json.dumps(FAKE).encode()
    return response


@contextlib.contextmanager
def with_session_send(*_: Any) -> Iterator[None]:
    with mock.patch.object(requests.Session, "send", side_effect=[answer()]):
        yield


@contextlib.contextmanager
def with_adapter_send(*_: Any) -> Iterator[None]:
    with mock.patch.object(HTTPAdapter, "send", side_effect=[answer()]):
        yield


@contextlib.contextmanager
def with_urlopen(*_: Any) -> Iterator[None]:
    body = urllib3.HTTPResponse(
        io.BytesIO(json.dumps(FAKE).encode()), {}, 200, preload_content=False
    )
    with mock.patch.object(HTTPConnectionPool, "urlopen", side_effect=[body]):
        yield


TOOLS: Dict[str, Tool] = {
    "responses": with_responses,
    "requests-mock": with_requests_mock,
    **({"vcrpy": with_vcrpy} if vcr else {}),
    "pook": with_pook,
    "mocket": with_mocket,
    "Session.send": with_session_send,
    "HTTPAdapter.send": with_adapter_send,
    "HTTPConnectionPool.urlopen": with_urlopen,
}


@pytest.fixture(scope="module", autouse=True)
def no_sockets_left() -> Iterator[None]:
    """Let dropped sockets warn here, and not in a later test."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=["http", "https"])
def server(
    request: pytest.FixtureRequest, authority: trustme.CA
) -> Iterator[FaultServer]:
    context = None
    if request.param == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
    with FaultServer(context) as running:
        running.play(Answer(200, REAL))
        yield running


@pytest.fixture
def new_client(
    server: FaultServer, authority: trustme.CA, tmp_path: Path
) -> Iterator[Callable[[], ScaleClient]]:
    roots = tmp_path / "roots.pem"
    authority.cert_pem.write_to_path(str(roots))
    with contextlib.ExitStack() as made:
        yield lambda: made.enter_context(
            ScaleClient("test_x", None, server.url, str(roots))
        )


@pytest.mark.parametrize("moment", ["connected before", "made before", "made within"])
@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_a_tool_answers_instead_of_the_server_until_it_is_switched_off(
    server: FaultServer,
    new_client: Callable[[], ScaleClient],
    tmp_path: Path,
    tool: Tool,
    moment: str,
) -> None:
    client = new_client()
    if moment == "connected before":
        assert client.get_task("1").status == "pending"
    before = len(server.received), server.connections
    with tool(f"{server.url}/task/1", tmp_path):
        if moment == "made within":
            client = new_client()
        assert client.get_task("1").status == "completed"
    assert (len(server.received), server.connections) == before
    assert client.get_task("1").status == "pending"
    assert len(server.received) == before[0] + 1


def requests_that_arrive(
    server: FaultServer, call: Callable[..., Any], *arguments: Any
) -> int:
    before = len(server.received)
    call(*arguments)
    return len(server.received) - before


def document(request: Received) -> Answer:
    """Answer a request with a document that fits all calls of `use`."""
    page = {"docs": [REAL], "total": 1, "limit": 1, "offset": 0, "has_more": False}
    return Answer(200, {**REAL, **page, "id": "1", "attachment_url": "scaledata://a"})


def use(client: ScaleClient) -> None:
    assert client.create_task("chat", instruction="i").id == "1"
    assert client.upload_file(b"x" * 100_000).id == "1"
    assert client.get_task("1").status == "pending"
    assert [task.id for task in client.get_tasks("p")] == ["1"]


@pytest.mark.skipif(vcr is None, reason="vcrpy takes no urllib3 2 on this Python")
@pytest.mark.parametrize("moment", ["connected before", "made before", "made within"])
def test_vcrpy_records_and_replays_without_the_server(
    server: FaultServer,
    new_client: Callable[[], ScaleClient],
    tmp_path: Path,
    moment: str,
) -> None:
    server.play(document)
    cassette = str(tmp_path / "cassette.yaml")
    client = new_client()
    if moment == "connected before":
        use(client)
    with vcr.use_cassette(cassette, record_mode="once"):
        if moment == "made within":
            client = new_client()
        assert requests_that_arrive(server, use, client) == 4
    connections = server.connections
    with vcr.use_cassette(cassette, record_mode="none"):
        if moment == "made within":
            client = new_client()
        assert requests_that_arrive(server, use, client) == 0
        with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
            client.get_task("2")
        assert server.connections == connections


def test_betamax_records_and_replays_the_session_of_a_client(
    server: FaultServer, new_client: Callable[[], ScaleClient], tmp_path: Path
) -> None:
    server.play(document)
    for mode, arriving in (("once", 4), ("none", 0)):
        client = new_client()
        recorder = betamax.Betamax(
            client.api.session, cassette_library_dir=str(tmp_path)
        )
        with recorder.use_cassette("cassette", record=mode):
            assert requests_that_arrive(server, use, client) == arriving
    unmatched = pytest.raises(betamax.BetamaxError)
    with recorder.use_cassette("cassette", record="none"), unmatched:
        client.get_task("2")
    assert requests_that_arrive(server, use, client) == 4


@pytest.mark.parametrize("moment", ["connected before", "made before", "made within"])
def test_requests_cache_answers_repeated_reads(
    server: FaultServer, new_client: Callable[[], ScaleClient], moment: str
) -> None:
    server.play(document)
    client = new_client()
    if moment == "connected before":
        use(client)
    client.api.session.headers["X-Own"] = "kept"
    with requests_cache.enabled(backend="memory"):
        if moment == "made within":
            client = new_client()
        assert requests_that_arrive(server, use, client) == 4
        # Requests that change something are sent each time.
        assert requests_that_arrive(server, use, client) == 2
        with requests_cache.disabled():
            assert requests_that_arrive(server, use, client) == 4
        assert requests_that_arrive(server, use, client) == 2
        if moment != "made within":
            assert server.received[-1].headers["x-own"] == "kept"
    assert requests_that_arrive(server, use, client) == 4
    assert client.api.api_key == "test_x"


def test_an_upload_is_complete_although_requests_cache_reads_its_body(
    fault_server: FaultServer,
) -> None:
    fault_server.play(document)
    client = ScaleClient("test_x", None, fault_server.url)
    with requests_cache.enabled(backend="memory"):
        for size in (10, 3 << 20):  # bytes, and a file that is read while it is sent
            client.upload_file(b"x" * size)
            assert b"\r\n\r\n" + b"x" * size in fault_server.received[-1].body


def test_a_mock_sees_the_body_of_a_short_upload(client: ScaleClient) -> None:
    with responses.RequestsMock() as mocked:
        mocked.post(
            f"{client.api.base_api_url}/files/upload",
            json={"id": "1", **REAL, "attachment_url": "scaledata://a"},
        )
        client.upload_file(b"seen", project_name="cows")
        assert b"cows" in mocked.calls[0].request.body
        assert b"seen" in mocked.calls[0].request.body


def test_a_client_created_under_requests_cache_can_be_pickled(
    server: FaultServer, new_client: Callable[[], ScaleClient]
) -> None:
    with requests_cache.enabled(backend="memory"):
        client = new_client()
        client.get_task("1")
        copies = [pickle.loads(pickle.dumps(client)), copy.deepcopy(client)]
    for each in copies:
        assert requests_that_arrive(server, each.get_task, "1") == 1
        each.close()


IMPORTED_WITHIN = """
import sys
import requests_cache

with requests_cache.enabled(backend="memory"):
    import scaleapi
    client = scaleapi.ScaleClient("test_x", None, sys.argv[1])
    print(client.get_task("1").status, client.get_task("1").status)
print(client.get_task("1").status)
"""


def test_requests_cache_may_be_installed_before_the_package_is_imported(
    fault_server: FaultServer,
) -> None:
    fault_server.play(Answer(200, REAL))
    command = [sys.executable, "-c", IMPORTED_WITHIN, fault_server.url]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    assert done.stdout.split() == [b"pending"] * 3
    assert len(fault_server.received) == 2


def test_a_mock_of_the_class_session_is_not_used(
    fault_server: FaultServer,
) -> None:
    fault_server.play(Answer(200, REAL))
    client = ScaleClient("test_x", None, fault_server.url)
    with mock.patch("requests.Session"):
        other = ScaleClient("test_x", None, fault_server.url)
        assert client.get_task("1").status == "pending"
        assert other.get_task("1").status == "pending"


def test_a_connection_class_that_is_replaced_later_is_used(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault_server.play(Answer(200, REAL))
    client = ScaleClient("test_x", None, fault_server.url)
    client.get_task("1")
    real = HTTPConnectionPool.ConnectionCls
    sent: List[str] = []

    class Spy(real):  # type: ignore[misc, valid-type]
        def putrequest(self, method: str, url: str, *more: Any, **named: Any) -> None:
            sent.append(url)
            super().putrequest(method, url, *more, **named)

    with mock.patch.object(HTTPConnectionPool, "ConnectionCls", Spy):
        client.get_task("2")
        client.get_task("3")
    client.get_task("4")
    assert sent == ["/v1/task/2", "/v1/task/3"]
    assert fault_server.connections == 3
