"""Time-outs, threads, forks, pickles, and connections that the server closes."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, List

import pytest
import trustme

from scaleapi import ScaleClient, ScaleConnectionError, ScaleException
from scaleapi.sandbox import Sandbox
from tests.faultserver import Answer, FaultServer, Received, Stall

OK = Answer(200, {"task_id": "1"})


def test_a_silent_server_is_given_up_after_the_read_timeout(
    fault_server: FaultServer, waits: List[float]
) -> None:
    fault_server.play(Stall())
    client = ScaleClient("test_x", None, fault_server.url, timeout=(5, 0.05))
    with pytest.raises(ScaleConnectionError, match="timed out") as caught:
        client.get_task("1")
    assert (caught.value.code, caught.value.attempts) == (None, 4)
    assert caught.value.__cause__ is not None
    with pytest.raises(ScaleConnectionError, match="unique_id"):
        client.create_task("chat", instruction="i")
    assert len(fault_server.received) == 5  # an unkeyed creation is sent once


def test_an_upload_that_stalls_longer_than_connecting_may_take_goes_on(
    fault_server: FaultServer,
) -> None:
    fault_server.play(OK, Answer(200, {"id": "1"}))
    client = ScaleClient("test_x", None, fault_server.url, timeout=(0.1, 30))
    client.get_task("1")
    fault_server.pause = 0.3
    content = b"x" * (16 << 20)
    client.upload_file(content)  # over the connection that is there
    client.close()
    client.upload_file(content)  # over a new one
    assert [len(r.body) > len(content) for r in fault_server.received[1:]] == [True] * 2


def test_an_upload_that_stalls_longer_than_the_read_timeout_is_given_up(
    fault_server: FaultServer, waits: List[float]
) -> None:
    fault_server.pause = 30
    client = ScaleClient(
        "test_x", None, fault_server.url, timeout=(5, 0.05), max_retries=0
    )
    with pytest.raises(ScaleConnectionError):
        client.upload_file(b"x" * (16 << 20))


@pytest.mark.parametrize("timeout", [None, 5, 0.5, (1, None), [1, 2]])
def test_time_outs_are_seconds_or_a_pair(
    fault_server: FaultServer, timeout: Any
) -> None:
    fault_server.play(OK)
    client = ScaleClient("test_x", None, fault_server.url, timeout=timeout)
    assert client.get_task("1").id == "1"


@pytest.mark.parametrize(
    "option",
    [
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": "5"},
        {"timeout": (1, 2, 3)},
        {"timeout": (1, 0)},
        {"max_retries": -1},
        {"max_retries": 1.5},
        {"pool_size": 0},
        {"pool_size": None},
    ],
)
def test_an_option_that_cannot_be_is_named(option: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        ScaleClient("test_x", **option)


def test_the_key_of_the_environment_is_used_where_none_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCALE_API_KEY", "test_environment")
    assert ScaleClient().api.api_key == "test_environment"
    assert ScaleClient(None).api.api_key == "test_environment"
    assert ScaleClient("test_mine").api.api_key == "test_mine"
    with pytest.raises(ScaleException, match="valid API Key"):
        ScaleClient("")
    monkeypatch.setenv("SCALE_API_KEY", "")
    with pytest.raises(ScaleException, match="valid API Key"):
        ScaleClient()


def test_a_client_closes_with_its_block_and_opens_again(
    fault_server: FaultServer,
) -> None:
    fault_server.play(OK)
    with ScaleClient("test_x", None, fault_server.url) as client:
        client.get_task("1")
        client.get_task("1")
    assert fault_server.connections == 1
    client.get_task("1")
    assert fault_server.connections == 2
    client.close()


def test_connections_closed_while_idle_are_replaced_without_an_error(
    fault_server: FaultServer, waits: List[float]
) -> None:
    closed = Answer(200, {"task_id": "1"}, close=True)
    fault_server.play(closed)
    client = ScaleClient("test_x", None, fault_server.url)
    for number in range(5):
        client.create_task("chat", instruction="i")
        # The server's end of the connection has gone before it is used again.
        deadline = time.monotonic() + 10
        while fault_server.open_connections and time.monotonic() < deadline:
            pass
        assert len(fault_server.received) == number + 1
    assert fault_server.connections == 5
    assert waits == []


def test_many_threads_share_one_client_and_each_gets_its_answer(
    fault_server: FaultServer,
) -> None:
    def echo(request: Received) -> Answer:
        return Answer(200, {"task_id": request.target.rpartition("/")[2]})

    fault_server.play(echo)
    client = ScaleClient("test_x", None, fault_server.url)
    wrong: List[Any] = []
    barrier = threading.Barrier(64)

    def work(number: int) -> None:
        try:
            barrier.wait(timeout=30)
            for i in range(10):
                task_id = f"{number}-{i}"
                if client.get_task(task_id).id != task_id:
                    wrong.append(task_id)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(fault_server.received) == 640
    assert fault_server.connections <= 64
    client.close()


def test_more_threads_than_the_pool_keeps_lose_nothing(
    fault_server: FaultServer,
) -> None:
    fault_server.play(OK)
    client = ScaleClient("test_x", None, fault_server.url, pool_size=2)
    threads = [threading.Thread(target=lambda: client.get_task("1")) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fault_server.received) == 16


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("secure", [False, True])
def test_a_child_leaves_its_parents_connection_alone(
    fault_server: FaultServer,
    tls_server: FaultServer,
    roots: str,
    secure: bool,
) -> None:
    server = tls_server if secure else fault_server
    server.play(OK)
    client = ScaleClient("test_x", None, server.url, roots if secure else None)
    client.api.session.headers["X-Mine"] = "kept"
    client.get_task("1")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            client.get_task("2")
            client.get_task("3")
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    client.get_task("4")
    by_connection = {
        request.target.rpartition("/")[2]: request.connection
        for request in server.received
    }
    assert by_connection == {"1": 1, "2": 2, "3": 2, "4": 1}
    assert {request.headers["x-mine"] for request in server.received} == {"kept"}


@pytest.mark.parametrize(
    "again", [copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_a_copied_client_has_the_key_and_connections_of_its_own(
    fault_server: FaultServer, again: Any
) -> None:
    fault_server.play(OK)
    client = ScaleClient(
        "test_key",
        "source",
        fault_server.url,
        timeout=(1, 2),
        max_retries=1,
        auto_unique_id=True,
    )
    client.get_task("1")
    copied = again(client)
    assert copied.get_task("1") == client.get_task("1")
    assert {request.connection for request in fault_server.received} == {1, 2}
    headers = [request.headers for request in fault_server.received]
    assert headers[0] == headers[1] == headers[2]
    assert copied.api.auto_unique_id is True
    assert copied.api._timeout == (1, 2)


def square_of_status(task: Any) -> str:
    task.refresh()
    return str(task.status)


@pytest.mark.skipif(sys.platform == "win32", reason="slow to start processes")
def test_a_client_can_be_sent_to_other_processes(sandbox: Sandbox) -> None:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    client = ScaleClient("test_processes", api_instance_url=sandbox.url)
    tasks = [
        client.create_task("textcollection", attachments=[], fields=[])
        for _ in range(4)
    ]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(square_of_status, tasks)) == ["completed"] * 4


def test_a_certificate_that_is_trusted_serves(
    tls_server: FaultServer, roots: str
) -> None:
    client = ScaleClient("test_x", None, tls_server.url, verify=roots)
    for _ in range(3):
        client.get_task("1")
    assert tls_server.connections == 1


def test_a_certificate_that_is_not_trusted_fails_at_once(
    tls_server: FaultServer, waits: List[float]
) -> None:
    client = ScaleClient("test_x", None, tls_server.url)
    for call in (lambda: client.get_task("1"), lambda: client.create_task("chat")):
        with pytest.raises(ScaleConnectionError, match="certificate is not trusted"):
            call()
    assert waits == []
    assert tls_server.received == []


def test_the_certificates_of_the_environment_count_only_if_none_are_given(
    tls_server: FaultServer,
    roots: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)

    def works(verify: Any) -> bool:
        client = ScaleClient("test_x", None, tls_server.url, verify, max_retries=0)
        try:
            client.get_task("1")
        except ScaleConnectionError:
            return False
        return True

    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        with monkeypatch.context() as patch:
            patch.setenv(variable, roots)
            assert works(None)
            assert not works(True)
            assert not works(str(other))
        with monkeypatch.context() as patch:
            patch.setenv(variable, str(other))
            assert not works(None)
            assert works(roots)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_verify_false_trusts_anything(
    tls_server: FaultServer, monkeypatch: pytest.MonkeyPatch, roots: str
) -> None:
    client = ScaleClient("test_x", None, tls_server.url, verify=False)
    assert client.get_task("1").id == "1"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file.pem")
    assert client.get_task("1").id == "1"
    client.api.verify = roots
    client.api.session.close()
    assert client.get_task("1").id == "1"


def test_http_spoken_to_an_https_port_and_the_other_way_are_clear_errors(
    tls_server: FaultServer, fault_server: FaultServer, waits: List[float]
) -> None:
    plain = tls_server.url.replace("https", "http")
    secure = fault_server.url.replace("http", "https")
    for url in (plain, secure):
        with pytest.raises(ScaleConnectionError, match="no answer from localhost"):
            ScaleClient("test_x", None, url, timeout=1, max_retries=0).get_task("1")


def test_a_client_certificate_is_shown(
    authority: trustme.CA, roots: str, tmp_path: Any
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    mine = tmp_path / "mine.pem"
    authority.issue_cert("me@example.com").private_key_and_cert_chain_pem.write_to_path(
        mine
    )
    with FaultServer(context) as server:
        server.play(OK)
        client = ScaleClient("test_x", None, server.url, roots, None, str(mine))
        assert client.get_task("1").id == "1"
        stranger = ScaleClient("test_x", None, server.url, roots, max_retries=0)
        with pytest.raises(ScaleConnectionError):
            stranger.get_task("1")


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_trust_follows_verify_each_time_it_is_changed(
    tls_server: FaultServer, roots: str, waits: List[float]
) -> None:
    client = ScaleClient("test_x", None, tls_server.url, max_retries=0)
    for verify, works in (
        (True, False),
        (False, True),
        (True, False),
        (0, True),
        (True, False),
        (roots, True),
        (True, False),
    ):
        client.api.verify = verify  # type: ignore[assignment]
        if works:
            assert client.get_task("1").id == "1"
        else:
            with pytest.raises(ScaleConnectionError, match="not trusted"):
                client.get_task("1")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_folder_of_certificates_is_trusted_and_no_other(
    tls_server: FaultServer, roots: str, tmp_path: Path, waits: List[float]
) -> None:
    command = ["openssl", "x509", "-hash", "-noout", "-in", roots]
    name = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    full, empty = tmp_path / "full", tmp_path / "empty"
    for folder in (full, empty):
        folder.mkdir()
    shutil.copy(roots, full / f"{name.stdout.strip()}.0")
    client = ScaleClient("test_x", None, tls_server.url, str(full))
    assert client.get_task("1").id == "1"
    client.api.verify = str(empty)
    with pytest.raises(ScaleConnectionError, match="not trusted"):
        client.get_task("1")


def test_any_number_of_trusted_files_is_used_in_turn(
    tls_server: FaultServer, roots: str, tmp_path: Path
) -> None:
    client = ScaleClient("test_x", None, tls_server.url)
    files = [str(shutil.copy(roots, tmp_path / f"{n}.pem")) for n in range(12)]
    for file in (*files, *files):
        client.api.verify = file
        assert client.get_task("1").id == "1"


def test_certificates_are_read_again_after_a_close(
    tls_server: FaultServer, roots: str
) -> None:
    client = ScaleClient("test_x", None, tls_server.url, roots, max_retries=0)
    client.get_task("1")
    trustme.CA().cert_pem.write_to_path(roots)
    client.close()
    with pytest.raises(ScaleConnectionError, match="not trusted"):
        client.get_task("1")
