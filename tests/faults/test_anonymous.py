"""Downloads that must not see the API key."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaleapi import ScaleConnectionError, ScaleException, ScaleResourceNotFound
from scaleapi._transport.anonymous import fetch
from tests.faultserver import Answer, Event, FaultServer, Hangup, Truncated

TIMEOUT = (10.0, 10.0)


def redirect(target: str) -> Answer:
    return Answer(302, headers={"Location": target, "Set-Cookie": "a=1; Path=/"})


def test_neither_key_nor_netrc_nor_cookies_are_sent(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fault_server.play(redirect("/b"), Answer(200, b"picture"))
    with FaultServer() as other:
        other.play(redirect(f"{fault_server.origin}/a"))
        assert fetch(f"{other.origin}/?Signature=1", TIMEOUT) == b"picture"
    received = [*other.received, *fault_server.received]
    assert [request.target for request in received] == ["/?Signature=1", "/a", "/b"]
    for request in received:
        assert not {"authorization", "cookie"} & request.headers.keys()


@pytest.mark.parametrize("event", [Hangup(), Truncated()])
def test_an_answer_that_breaks_off_is_an_error_without_the_signature(
    fault_server: FaultServer, event: Event
) -> None:
    fault_server.play(event)
    with pytest.raises(ScaleConnectionError) as caught:
        fetch(f"{fault_server.origin}/a.png?Signature=secret", TIMEOUT)
    assert f"{fault_server.origin}/a.png" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_refusal_has_its_status(fault_server: FaultServer) -> None:
    fault_server.play(Answer(404, "<Error/>"))
    with pytest.raises(ScaleResourceNotFound, match=r"/a\.png cannot be downloaded"):
        fetch(f"{fault_server.origin}/a.png?Signature=secret", TIMEOUT)
    fault_server.play(Answer(403))
    with pytest.raises(ScaleException) as caught:
        fetch(f"{fault_server.origin}/a.png", TIMEOUT)
    assert caught.value.code == 403


@pytest.mark.parametrize(
    "target", ["/loop", "file:///etc/passwd", "http://[", "ftp://h/"]
)
def test_a_redirect_in_a_circle_or_to_another_scheme_is_an_error(
    fault_server: FaultServer, target: str
) -> None:
    fault_server.play(redirect(target))
    with pytest.raises(ScaleConnectionError):
        fetch(f"{fault_server.origin}/a", TIMEOUT)
    assert len(fault_server.received) <= 6
