"""The session that fetches files, which must not see the API key."""

from __future__ import annotations

import logging
import pickle
import socket
import ssl
import traceback
from pathlib import Path
from typing import Any, Callable, List

import pytest
import trustme

from scaleapi import Api, ScaleException, ScaleResourceNotFound
from scaleapi._transport.anonymous import FileSession
from scaleapi._transport.file_address import Address
from scaleapi._transport.public_hosts import is_public
from tests.faultserver import Answer, Event, FaultServer, Hangup, Truncated

KEY = "live_0123456789"
XML = "<Error><Code>{}</Code><StringToSign>secret</StringToSign></Error>"


@pytest.fixture
def session(waits: List[float]) -> FileSession:
    return Api(KEY, api_instance_url="http://localhost:1/v1").file_session


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, List[str]], None]:
    """Let a name resolve to one address after the other."""
    resolve = socket.getaddrinfo

    def let(name: str, addresses: List[str]) -> None:
        def found(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
            if host != name:
                return resolve(host, port, *args, **kwargs)
            address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", found)

    return let


def redirect(target: str) -> Answer:
    return Answer(302, headers={"Location": target, "Set-Cookie": "a=1; Path=/"})


def read(session: FileSession, url: str, from_response: bool = False) -> bytes:
    return session.read(Address(url), from_response=from_response)


def test_neither_key_nor_netrc_nor_cookies_are_sent(
    session: FileSession,
    fault_server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fault_server.play(redirect("/b"), Answer(200, b"picture"))
    with FaultServer() as other:
        other.play(redirect(f"{fault_server.origin}/a"))
        assert read(session, f"{other.origin}/?Signature=1") == b"picture"
    received = [*other.received, *fault_server.received]
    assert [request.target for request in received] == ["/?Signature=1", "/a", "/b"]
    for request in received:
        assert request.method == "GET"
        assert not {"authorization", "cookie", "referer"} & request.headers.keys()
        assert request.headers["accept-encoding"] == "identity"


def test_a_password_in_an_address_is_that_of_its_host_alone(
    session: FileSession, fault_server: FaultServer
) -> None:
    fault_server.play(redirect(f"{fault_server.origin}/b"), Answer(200, b"x"))
    address = fault_server.origin.replace("//", "//me:secret@") + "/a"
    assert read(session, address) == b"x"
    first, second = fault_server.received
    assert first.headers["authorization"].startswith("Basic ")
    assert "authorization" not in second.headers


@pytest.mark.parametrize("event", [Hangup(), Truncated(), Answer(503, XML.format("Z"))])
def test_an_answer_that_breaks_off_is_asked_for_again(
    session: FileSession, fault_server: FaultServer, event: Event, waits: List[float]
) -> None:
    fault_server.play(event, Answer(200, b"whole"))
    assert read(session, f"{fault_server.origin}/a") == b"whole"
    assert len(waits) == 1


@pytest.mark.parametrize(
    "event",
    [Hangup(), Truncated(), Answer(403, XML.format("SignatureDoesNotMatch"))],
)
def test_no_error_log_or_traceback_has_the_signature(
    session: FileSession,
    fault_server: FaultServer,
    event: Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    to_b = redirect("/b.png?Signature=secret")
    fault_server.play(lambda got: to_b if "/a.png" in got.target else event)
    address = Address(f"{fault_server.origin}/a.png?Signature=secret")
    with pytest.raises(ScaleException) as caught:
        session.read(address, from_response=False)
    error: Any = caught.value
    assert f"{fault_server.origin}/b.png" in error.message
    trace = traceback.TracebackException(
        type(error), error, error.__traceback__.tb_next, capture_locals=True
    )
    texts = [*trace.format(), caplog.text, repr(error), error.body, str(error.headers)]
    assert "/b.png" in caplog.text
    assert "secret" not in "".join(texts)


def test_a_refusal_has_its_status_and_is_not_repeated(
    session: FileSession, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(404, XML.format("NoSuchKey")))
    with pytest.raises(ScaleResourceNotFound, match=r"/a\.png .* 404 \(NoSuchKey\)"):
        read(session, f"{fault_server.origin}/a.png?Signature=secret")
    fault_server.play(Answer(403))
    with pytest.raises(ScaleException) as caught:
        read(session, f"{fault_server.origin}/a.png")
    assert caught.value.code == 403
    assert len(fault_server.received) == 2


@pytest.mark.parametrize(
    "target",
    [
        "/loop",
        "file:///etc/passwd",
        "http://[",
        "ftp://h/",
        "s3://b/k",
        "http://h\\@i/",
    ],
)
def test_a_redirect_in_a_circle_or_to_another_scheme_is_an_error(
    session: FileSession, fault_server: FaultServer, target: str
) -> None:
    fault_server.play(redirect(target))
    with pytest.raises(ScaleException, match="redirect|only http"):
        read(session, f"{fault_server.origin}/a")
    assert len(fault_server.received) <= 6


def test_a_compressed_body_is_refused(
    session: FileSession, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, b"abc", {"Content-Encoding": "gzip"}))
    with pytest.raises(ScaleException, match=r"compressed it \(gzip\)"):
        read(session, f"{fault_server.origin}/a")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "a.localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fc00::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::1]",
        "[::127.0.0.1]",
        "[fec0::1]",
        "[2002:7f00:1::]",
    ],
)
@pytest.mark.parametrize("redirected", [False, True])
def test_a_response_cannot_lead_to_a_private_host(
    session: FileSession, fault_server: FaultServer, host: str, redirected: bool
) -> None:
    port = fault_server.origin.rpartition(":")[2]
    url = f"http://{host}:{port}/inside"
    fault_server.play(redirect(url), Answer(200, b"inside"))
    if redirected:
        session.own_server = Address(fault_server.url).server
        if host == "localhost":
            url = url.replace(port, "1")
            fault_server.play(redirect(url))
        url = f"{fault_server.origin}/outside"
    with pytest.raises(ScaleException, match="private network"):
        read(session, url, from_response=True)
    assert "/inside" not in [request.target for request in fault_server.received]


def test_a_response_may_lead_to_the_server_of_the_api(
    session: FileSession, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, b"result"))
    session.own_server = Address(fault_server.url).server
    assert read(session, f"{fault_server.origin}/r", from_response=True) == b"result"
    with FaultServer() as other, pytest.raises(ScaleException, match="private"):
        read(session, f"{other.origin}/r", from_response=True)


def test_a_name_that_resolves_to_another_address_next_time_does_not_get_through(
    session: FileSession,
    fault_server: FaultServer,
    names: Callable[[str, List[str]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names("rebind.example", ["93.184.215.14", "127.0.0.1"])
    connected: List[Any] = []

    def connect(self: Any, address: Any) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket.socket, "connect", connect)
    port = fault_server.origin.rpartition(":")[2]
    with pytest.raises(ScaleException, match="which resolves to 127.0.0.1"):
        read(session, f"http://rebind.example:{port}/", from_response=True)
    assert connected == ["93.184.215.14"]


def test_a_host_with_one_private_address_among_others_is_refused(
    session: FileSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
        for address in ("93.184.215.14", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(ScaleException, match="resolves to 10.0.0.1"):
        read(session, "http://both.example/", from_response=True)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    ["fec0::1", "::7f00:1", "::ffff:0:7f00:1", "64:ff9b:1::7f00:1", "5f00::1"],
)
def test_an_ipv6_address_of_no_public_kind_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "0x7f000001",
        "%31%32%37.0.0.1",
        "%31%36%39.254.169.254",
        "loc%61lhost",
        "[::ffff:127.0.0.1]",
    ],
)
def test_a_proxy_is_not_asked_for_a_private_host(
    fault_server: FaultServer, host: str
) -> None:
    fault_server.play(Answer(200, b"inside"))
    api = Api(KEY, proxies={"http": fault_server.origin})
    with pytest.raises(ScaleException, match="private network"):
        read(api.file_session, f"http://{host}/", from_response=True)
    assert not fault_server.received


def test_a_proxy_of_the_client_may_be_anywhere(fault_server: FaultServer) -> None:
    fault_server.play(Answer(200, b"by proxy"))
    proxies = {"http": fault_server.origin}
    api = Api(KEY, proxies=proxies)
    url = "http://files.example/a?Signature=1"
    assert read(api.file_session, url, from_response=True) == b"by proxy"
    assert fault_server.received[0].target == url
    with pytest.raises(ScaleException, match="private network"):
        read(api.file_session, "http://127.0.0.1:1/", from_response=True)


def test_the_certificate_is_checked_under_the_name_and_that_of_the_client_is_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("files.example").configure_cert(context)
    roots = tmp_path / "roots.pem"
    authority.cert_pem.write_to_path(str(roots))
    resolve = socket.getaddrinfo

    def found(_: Any, *args: Any, **more: Any) -> Any:
        return resolve("127.0.0.1", *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr("scaleapi._transport.public_hosts.is_public", lambda _: True)
    with FaultServer(context) as server:
        server.play(Answer(200, b"x"))
        port = server.origin.rpartition(":")[2]
        own = Api(KEY, verify=str(roots), cert=("nowhere", "nowhere")).file_session
        url = f"https://files.example:{port}/a"
        assert read(own, url, from_response=True) == b"x"
        with pytest.raises(ScaleException, match="certificate is not trusted"):
            read(own, url.replace("files", "other"), from_response=True)
        with pytest.raises(ScaleException, match="certificate is not trusted"):
            read(Api(KEY).file_session, url, from_response=True)
        assert len(server.received) == 1


def test_a_client_that_has_fetched_a_file_can_be_pickled(
    fault_server: FaultServer,
) -> None:
    fault_server.play(Answer(200, b"x"))
    api = Api(KEY, api_instance_url=fault_server.url)
    assert read(api.file_session, fault_server.url) == b"x"
    copied = pickle.loads(pickle.dumps(api))
    assert read(copied.file_session, fault_server.url, from_response=True) == b"x"
    api.close()


def test_the_size_of_a_file_can_be_limited(
    session: FileSession, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, b"x" * 1000))
    with pytest.raises(ScaleException, match="more than 999 bytes"):
        session.read(Address(fault_server.url), from_response=False, max_bytes=999)


@pytest.mark.parametrize(
    ("query", "expired"),
    [
        ("", False),
        ("Expires=1000&Signature=a", True),
        ("Expires=1001", False),
        ("expires=soon", False),
        ("X-Amz-Date=19700101T000000Z&X-Amz-Expires=900", True),
        ("X-Amz-Date=19700101T000000Z&X-Amz-Expires=1001", False),
        ("X-Amz-Date=yesterday&X-Amz-Expires=900", False),
        ("X-Goog-Date=19700101T000000Z&X-Goog-Expires=900", True),
    ],
)
def test_an_address_says_when_it_expires(query: str, expired: bool) -> None:
    assert Address(f"https://h/a?{query}").has_expired(1000.0) is expired


def test_the_text_of_an_address_has_no_query_and_no_password() -> None:
    address = Address("https://me:secret@h/a?Signature=secret#secret")
    assert "secret" not in f"{address} {address!r}"
    assert str(address).endswith("@h/a")
