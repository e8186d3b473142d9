"""`check_key`: one request, and who answered it."""

from __future__ import annotations

import pytest

from scaleapi import (
    KeyCheck,
    ScaleClient,
    ScaleConnectionError,
    ScaleException,
    ScaleUnauthorized,
)
from scaleapi.sandbox import Sandbox
from tests.faultserver import Answer, FaultServer
from tests.keys import new_key


def test_it_reads_one_batch_and_says_what_the_key_can_see(
    client: ScaleClient, sandbox: Sandbox
) -> None:
    url = sandbox.url
    assert client.check_key() == KeyCheck("test", url, 0)
    assert str(client.check_key()) == f"test key, accepted by {url}: 0 batches"
    client.create_project("cows", "imageannotation")
    for name in ("week 9", "week 10"):
        client.create_batch("cows", name)
    check = client.check_key()
    assert check == KeyCheck("test", url, 2, "week 10", "cows")
    assert str(check).endswith(": 2 batches, the newest 'week 10' of project 'cows'")


def test_it_sends_one_get(fault_server: FaultServer) -> None:
    fault_server.play(Answer(200, {"docs": [], "totalDocs": "many"}))
    check = ScaleClient("live_1", None, fault_server.url).check_key()
    assert (check.mode, check.batches) == ("live", 0)
    assert [r.method for r in fault_server.received] == ["GET"]
    assert fault_server.received[0].target.endswith("/batches?limit=1")


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_accepted_is_named_by_its_kind_only(
    fault_server: FaultServer, status: int
) -> None:
    fault_server.play(Answer(status, {"error": "no live_s3cret here"}))
    client = ScaleClient("live_s3cret", None, fault_server.url)
    with pytest.raises(ScaleUnauthorized) as caught:
        client.check_key()
    assert caught.value.message == (
        f"{fault_server.url} does not accept the API key (live key): no [key] here"
    )
    assert (caught.value.code, caught.value.attempts) == (status, 1)
    assert "s3cret" not in caught.value.body


def test_a_key_of_unknown_form_is_asked_for_too(sandbox: Sandbox) -> None:
    client = ScaleClient("s3cret", None, sandbox.url)
    assert client.mode is None
    with pytest.raises(ScaleUnauthorized, match=r"\(key of unknown form\)"):
        client.check_key()


def test_another_server_and_no_server_are_not_the_fault_of_the_key(
    fault_server: FaultServer,
) -> None:
    client = ScaleClient(new_key("test"), None, fault_server.url, max_retries=0)
    fault_server.play(Answer(200, "<html>log in</html>"))
    with pytest.raises(ScaleException, match="login page") as caught:
        client.check_key()
    assert not isinstance(caught.value, ScaleUnauthorized)
    client.api.base_api_url = "http://127.0.0.1:9/v1"
    with pytest.raises(ScaleConnectionError):
        client.check_key()
