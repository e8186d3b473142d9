"""No text that the package produces shows a key or password, in any encoding."""

from __future__ import annotations

import base64
import copy
import html
import json
import logging
import pickle
import socketserver
import threading
import traceback
from typing import Any, Callable, Dict, Iterator, List, Set
from urllib.parse import quote

import pytest

from scaleapi import ScaleClient, ScaleException
from scaleapi._transport.redact import Redactor, masked_address
from tests.faultserver import Answer, FaultServer, Received

#: A key that looks different in every encoding.
KEY = 'live_01/23+45"67\\89&abcd\u00e9'
BASIC = base64.b64encode(f"{KEY}:".encode("latin-1")).decode()
PASSWORD = "pa/ss-w0rd:x@y"


def forms(secret: str) -> Set[str]:
    """Return a secret in every encoding."""
    written = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1]}
    written |= {html.escape(secret), repr(secret)[1:-1], "\0".join(secret)}
    for content in (secret.encode("latin-1"), secret.encode()):
        # At each offset in base64; the last letters depend on the text that follows.
        for before in (b"", b"x", b"xy"):
            start = -(-len(before) * 8 // 6)
            written.add(base64.b64encode(before + content).decode()[start:-4])
    return written


def texts_of(error: BaseException) -> str:
    """Return everything that people and their tools print of an error."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    waiting: List[Any] = [shown]
    while waiting:
        each = waiting.pop()
        if each is not None:
            # The variables of the tests themselves contain the secrets.
            each.stack = traceback.StackSummary.from_list(
                [frame for frame in each.stack if "tests" not in frame.filename]
            )
            waiting += [each.__cause__, each.__context__]
    texts = ["".join(shown.format())]
    errors: List[Any] = [error]
    while errors:
        each = errors.pop()
        if isinstance(each, BaseException):
            texts += [str(each), repr(each), repr(each.args), repr(vars(each))]
            errors += [each.__cause__, each.__context__, *each.args]
    return "\n".join(texts)


@pytest.fixture
def printed(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[..., str]]:
    """Return everything that a failing call shows, including the log."""

    def fail(call: Callable[[], Any]) -> str:
        caplog.clear()
        try:
            call()
        except ScaleException as error:
            return texts_of(error) + caplog.text
        raise AssertionError("it did not fail")

    with caplog.at_level(logging.DEBUG, "scaleapi"):
        logging.getLogger("urllib3").setLevel(logging.WARNING)  # not our logger
        yield fail
        logging.getLogger("urllib3").setLevel(logging.NOTSET)


ECHOES: Dict[str, Callable[[str], str]] = {
    "plain": lambda header: f"{KEY} {header}",
    "json": lambda header: json.dumps({"error": f"{KEY} {header}"}),
    "json in json": lambda header: json.dumps({"error": json.dumps([KEY, header])}),
    "json of php": lambda header: json.dumps([KEY, header]).replace("/", "\\/"),
    "object": lambda header: json.dumps({"error": {"key": KEY, "header": header}}),
    "all escaped": lambda header: "".join(f"\\u{ord(c):04X}" for c in KEY + header),
    "percent": lambda header: quote(KEY, safe="") + quote(header),
    "percent of all": lambda header: "".join(f"%{b:02x}" for b in KEY.encode()),
    "percent twice": lambda header: quote(quote(KEY, safe=""), safe=""),
    "html": lambda header: f"<p>{html.escape(KEY)}</p>",
    "html of all": lambda header: "".join(f"&#{ord(c)};&#x{ord(c):X};" for c in KEY),
    "html entities": lambda header: "".join(f"&#{ord(c)};" for c in KEY),
    "encoded again": lambda header: base64.b64encode(f"x{KEY}y".encode()).decode(),
    "urlsafe": lambda header: base64.urlsafe_b64encode(KEY.encode()).decode(),
    "wide": lambda header: "\0".join(KEY),
    "repeated": lambda header: f"{KEY} {header} " * 400,
    "across the cut": lambda header: "x" * 7990 + KEY + "y" * 5000,
    "key by key": lambda header: KEY * 2000,
}


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("echo", ECHOES)
def test_a_key_that_the_server_sends_back_is_masked(
    fault_server: FaultServer,
    waits: List[float],
    printed: Callable[..., str],
    echo: str,
    status: int,
) -> None:
    def answer(request: Received) -> Answer:
        header = request.headers["authorization"]
        return Answer(status, ECHOES[echo](header), {"X-Echo": header})

    fault_server.play(answer)
    client = ScaleClient(KEY, None, fault_server.url, max_retries=1)
    calls: List[Callable[[], Any]] = [
        lambda: client.get_task("1"),
        lambda: client.get_projects(),
        lambda: client.create_task("chat", unique_id="u"),
    ]
    for call in calls:
        shown = printed(call)
        for form in forms(KEY) | {BASIC}:
            assert form not in shown


RAW: Dict[str, bytes] = {
    "status line": b"HTTP/1.1 %s\r\n\r\n",
    "no HTTP": b"%s\r\n\r\n",
    "reason": b"HTTP/1.1 404 %s\r\nContent-Length: 0\r\n\r\n",
    "header": b"HTTP/1.1 400 No\r\nX-Key: %s\r\nContent-Length: 0\r\n\r\n",
    "name of a header": b"HTTP/1.1 400 No\r\nX-%s: 1\r\nContent-Length: 0\r\n\r\n",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n%s",
    "redirect": b"HTTP/1.1 302 Go\r\nLocation: //h/%s\r\nContent-Length: 0\r\n\r\n",
    "no address": b"HTTP/1.1 302 Go\r\nLocation: //[h%s\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("template", RAW)
def test_a_key_is_masked_in_the_errors_and_log_lines_of_broken_answers(
    waits: List[float], printed: Callable[..., str], template: str
) -> None:
    class Echo(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            basic = b""
            for line in iter(self.rfile.readline, b"\r\n"):
                if line.startswith(b"Authorization"):
                    basic = line.split()[-1]
            self.wfile.write(RAW[template] % basic)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        client = ScaleClient(KEY, None, f"http://127.0.0.1:{server.server_address[1]}")
        shown = printed(lambda: client.get_task("1"))
        client.close()
        server.shutdown()
        thread.join()
    assert "GET /task/1" in shown
    for form in forms(KEY) | {BASIC}:
        assert form not in shown


def test_a_key_that_is_passed_as_another_argument_is_masked(
    fault_server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    fault_server.play(Answer(404))
    client = ScaleClient(KEY, None, fault_server.url)
    with caplog.at_level(logging.DEBUG, "scaleapi"):
        for call in (client.get_task, client.get_batch, client.api.get_request):
            with pytest.raises(ScaleException) as caught:
                call(KEY)
            for form in forms(KEY):
                assert form not in str(caught.value)
                assert form not in caplog.text.replace("urllib3", "")


ADDRESSES = [
    f"{scheme}user:{secret}@{host}"
    for scheme in ("http://", "https://", "htp://", "http:/", "//", "", "socks5://")
    for secret in (PASSWORD, quote(PASSWORD, safe=""))
    for host in ("127.0.0.1:1", "h.invalid:80a", "h.invalid:99999", "[::1", "a b")
]


def password_forms() -> Set[str]:
    pair = base64.b64encode(f"user:{PASSWORD}".encode()).decode()
    # A parser that splits at the wrong place would show parts of it.
    return {*forms(PASSWORD), pair, "ss-w0rd", "user:pa"}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_password_in_a_url_is_in_no_error_repr_or_log_line(
    waits: List[float],
    printed: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    def client(**options: Any) -> ScaleClient:
        options.setdefault("api_instance_url", "http://api.invalid/v1")
        return ScaleClient(KEY, max_retries=1, **options)

    calls: List[Callable[[], Any]] = [
        lambda: client(api_instance_url=f"{address}/v1").get_task("1"),
        lambda: client(proxies={"http": address}).get_task("1"),
        lambda: with_base(client(), f"{address}/v1").get_task("1"),
    ]
    shown = [printed(call) for call in calls]
    for variable in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(variable, address)
    shown.append(printed(lambda: client().get_task("1")))
    monkeypatch.setenv("http_proxy", "")
    monkeypatch.setenv("HTTP_PROXY", "")
    shown.append(repr(with_base(client(), address)))
    shown.append(repr(with_base(client(), address).api))
    for text in shown:
        for form in password_forms():
            assert form not in text


def with_base(client: ScaleClient, address: str) -> ScaleClient:
    client.api.base_api_url = address
    return client


@pytest.mark.parametrize("status", [403, 407])
def test_a_password_that_a_proxy_sends_back_is_masked(
    fault_server: FaultServer,
    waits: List[float],
    printed: Callable[..., str],
    status: int,
) -> None:
    sent: List[str] = []

    def answer(request: Received) -> Answer:
        sent.append(request.headers["proxy-authorization"])
        return Answer(status, f"{sent[-1]} {PASSWORD}", {"X-Echo": sent[-1]})

    fault_server.play(answer)
    secret = quote(PASSWORD, safe="")
    proxy = fault_server.origin.replace("://", f"://user:{secret}@")
    for base in ("http://api.invalid/v1", "https://api.invalid/v1"):
        client = ScaleClient(KEY, None, base, proxies={"http": proxy, "https": proxy})
        shown = printed(lambda client=client: client.get_task("1"))
        for form in {*password_forms(), sent[-1].split()[1]}:
            assert form not in shown


def test_a_key_that_is_changed_on_the_session_is_masked(
    fault_server: FaultServer, printed: Callable[..., str]
) -> None:
    fault_server.play(lambda r: Answer(400, f"{r.headers['authorization']} secret_2"))
    client = ScaleClient("live_first_key", None, fault_server.url)
    client.api.session.auth.username = "secret_2"  # type: ignore[union-attr]
    client.api.session.auth.password = "secret_3"  # type: ignore[union-attr]
    shown = printed(lambda: client.get_task("1"))
    client.api.session.auth = ("secret_4", "secret_2")
    shown += printed(lambda: client.get_task("1"))
    for secret in ("secret_2", "secret_3", "secret_4"):
        assert secret not in shown
        assert base64.b64encode(secret.encode()).decode()[:10] not in shown


def test_text_that_only_resembles_a_secret_is_not_masked(
    fault_server: FaultServer,
) -> None:
    text = "https://example.com/@me/a.jpg of test: a user:name at a@b.c, keys live_ x"
    fault_server.play(Answer(400, {"error": text}, {"X-Text": text}))
    # The key and passwords are so short that they occur within words.
    for secret in ("at", "a%2Fm", ":", "%3A%3A", "", "%2F"):
        proxy = fault_server.origin.replace("://", f"://user:{secret}@")
        client = ScaleClient("of", None, "http://a.invalid/v1", proxies={"http": proxy})
        with pytest.raises(ScaleException) as caught:
            client.get_task("1")
        assert caught.value.message == text
        assert caught.value.headers["x-text"] == text


def test_a_proxy_of_the_environment_may_contain_bytes_that_are_not_utf8(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault_server.play(Answer(400, "secr\xe9t and secr\ufffdt"))
    monkeypatch.setenv("https_proxy", "http://user:secr\udce9t@proxy:3128")
    with pytest.raises(ScaleException, match="secr.t and"):
        ScaleClient(KEY, None, fault_server.url).get_task("1")


def test_the_arguments_of_a_users_exception_are_not_masked(
    fault_server: FaultServer,
) -> None:
    class Odd(Exception):
        """An error whose arguments cannot be set."""

        args = property(lambda self: (*values, KEY))

    class Same:
        def __eq__(self, other: object) -> bool:
            raise RuntimeError

    values = (Same(), b"\xff", [1, "a"], {"b": 2})

    def hook(response: Any, *_: Any, **__: Any) -> None:
        response.content  # noqa: B018  (it gives the connection back)
        raise Odd(*values)

    client = ScaleClient(KEY, None, fault_server.url)
    client.api.session.hooks["response"].append(hook)
    with pytest.raises(Odd) as caught:
        client.get_task("1")
    assert caught.value.args[0] is values[0]
    assert caught.value.args[1:] == (*values[1:], KEY)


@pytest.mark.parametrize("proxy", ["http://user:s3cret@", "http://user:s3cret@[::1"])
def test_an_invalid_proxy_of_the_environment_raises_a_scale_exception(
    waits: List[float],
    printed: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    proxy: str,
) -> None:
    for variable in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(variable, proxy)
    client = ScaleClient(KEY, None, "http://api.invalid/v1")
    # requests raises a plain TypeError or ValueError.
    shown = printed(lambda: client.create_task("chat"))
    assert "ScaleConnectionError" in shown
    assert "s3cret" not in shown
    assert "may or may not exist" not in shown
    assert waits == []


def test_an_error_of_a_users_hook_or_auth_is_raised_unchanged(
    fault_server: FaultServer,
) -> None:
    def fail(given: Any, *_: Any, **__: Any) -> None:
        getattr(given, "content", None)  # returns the connection to the pool
        int("x")

    for attribute in ("auth", "hooks"):
        client = ScaleClient(KEY, None, fault_server.url)
        value = fail if attribute == "auth" else {"response": [fail]}
        setattr(client.api.session, attribute, value)
        with pytest.raises(ValueError, match="invalid literal") as caught:
            client.get_task("1")
        assert not isinstance(caught.value, ScaleException)


def test_a_pickled_or_copied_client_masks_its_secrets(
    fault_server: FaultServer,
) -> None:
    fault_server.play(Answer(400, KEY))
    client = ScaleClient(KEY, None, fault_server.url)
    for _ in range(2):
        for each in (
            client,
            copy.deepcopy(client),
            pickle.loads(pickle.dumps(client)),
        ):
            with each, pytest.raises(ScaleException, match=r"\[key\]"):
                each.get_task("1")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://api.scale.com/v1", "https://api.scale.com/v1"),
        ("https://u:p@api.scale.com/v1", "https://[password]@api.scale.com/v1"),
        ("https://token@api.scale.com", "https://[password]@api.scale.com"),
        ("https://u:p/q@r@api.scale.com", "https://[password]@api.scale.com"),
        ("http:/u:p@api.scale.com", "http:/[password]@api.scale.com"),
        ("u:p@api.scale.com", "[password]@api.scale.com"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_its_password(address: str, shown: str) -> None:
    assert masked_address(address) == shown


def test_a_redactor_without_secrets_does_not_change_texts() -> None:
    assert Redactor()("a text") == "a text"
    assert len(Redactor().beginning("x" * 100_000)) < 10_000
