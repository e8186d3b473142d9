"""Connections: time-outs, TLS, and what happens when the server closes them."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, List

import pytest
import trustme

from scaleapi import (
    ScaleClient,
    ScaleConnectionError,
)
from tests.faultserver import Answer, FaultServer, Stall

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
    # Four attempts of the GET; a creation without a unique_id is sent once.
    assert len(fault_server.received) == 5


def test_an_upload_may_stall_longer_than_the_connect_timeout(
    fault_server: FaultServer,
) -> None:
    fault_server.play(OK, Answer(200, {"id": "1"}))
    client = ScaleClient("test_x", None, fault_server.url, timeout=(0.1, 30))
    client.get_task("1")
    fault_server.pause = 0.3
    content = b"x" * (16 << 20)
    client.upload_file(content)  # over the existing connection
    client.close()
    client.upload_file(content)  # over a new connection
    assert [len(r.body) > len(content) for r in fault_server.received[1:]] == [True] * 2


def test_an_upload_that_stalls_longer_than_the_read_timeout_fails(
    fault_server: FaultServer, waits: List[float]
) -> None:
    fault_server.pause = 30
    client = ScaleClient(
        "test_x", None, fault_server.url, timeout=(5, 0.05), max_retries=0
    )
    with pytest.raises(ScaleConnectionError):
        client.upload_file(b"x" * (16 << 20))


def test_connections_closed_while_idle_are_replaced_without_an_error(
    fault_server: FaultServer, waits: List[float]
) -> None:
    closed = Answer(200, {"task_id": "1"}, close=True)
    fault_server.play(closed)
    client = ScaleClient("test_x", None, fault_server.url)
    for number in range(5):
        client.create_task("chat", instruction="i")
        # The server closes its end before the connection is used again.
        deadline = time.monotonic() + 10
        while fault_server.open_connections and time.monotonic() < deadline:
            pass
        assert len(fault_server.received) == number + 1
    assert fault_server.connections == 5
    assert waits == []


def test_more_threads_than_pool_size_lose_no_request(
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


def test_a_server_with_a_trusted_certificate_is_reached(
    tls_server: FaultServer, roots: str
) -> None:
    client = ScaleClient("test_x", None, tls_server.url, verify=roots)
    for _ in range(3):
        client.get_task("1")
    assert tls_server.connections == 1


def test_an_untrusted_certificate_fails_without_a_retry(
    tls_server: FaultServer, waits: List[float]
) -> None:
    client = ScaleClient("test_x", None, tls_server.url)
    for call in (lambda: client.get_task("1"), lambda: client.create_task("chat")):
        with pytest.raises(ScaleConnectionError, match="certificate is not trusted"):
            call()
    assert waits == []
    assert tls_server.received == []


def test_verify_takes_precedence_over_certificates_of_the_environment(
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
def test_verify_false_trusts_any_certificate(
    tls_server: FaultServer, monkeypatch: pytest.MonkeyPatch, roots: str
) -> None:
    client = ScaleClient("test_x", None, tls_server.url, verify=False)
    assert client.get_task("1").id == "1"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file.pem")
    assert client.get_task("1").id == "1"
    client.api.verify = roots
    client.api.session.close()
    assert client.get_task("1").id == "1"


def test_http_to_an_https_port_and_https_to_an_http_port_are_clear_errors(
    tls_server: FaultServer, fault_server: FaultServer, waits: List[float]
) -> None:
    plain = tls_server.url.replace("https", "http")
    secure = fault_server.url.replace("http", "https")
    for url in (plain, secure):
        with pytest.raises(ScaleConnectionError, match="no answer from localhost"):
            ScaleClient("test_x", None, url, timeout=1, max_retries=0).get_task("1")


def test_a_client_certificate_is_sent(
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
def test_each_change_of_verify_takes_effect(
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
def test_verify_can_be_a_directory_of_certificates(
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


def test_verify_can_switch_between_any_number_of_files(
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


def test_a_proxy_tunnel_without_an_answer_fails_after_the_connect_timeout(
    fault_server: FaultServer, waits: List[float]
) -> None:
    # The proxy opens the tunnel, and then is silent to the TLS that follows.
    fault_server.play(Answer(200), Stall())
    client = ScaleClient(
        "test_x",
        None,
        "https://api.invalid/v1",
        proxies={"https": fault_server.origin},
        timeout=(0.1, 100),
        max_retries=1,
    )
    with pytest.raises(ScaleConnectionError):
        client.create_task("chat", instruction="i")
    assert len(waits) <= 1


KEY = "live_0123456789abcdef"


def test_sending_a_large_body_may_take_longer_than_the_read_timeout(
    fault_server: FaultServer,
) -> None:
    fault_server.play(OK)
    fault_server.slow_reads = 0.001
    client = ScaleClient(KEY, None, fault_server.url, timeout=(5, 1))
    assert client.create_task("chat", text="x" * 8_000_000).id == "1"
