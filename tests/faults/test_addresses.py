"""Invalid base URLs and proxies: what the errors say to write instead."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, List

import pytest
import requests_mock
from requests.exceptions import ConnectTimeout

from scaleapi import (
    ScaleClient,
    ScaleConnectionError,
    ScaleException,
    ScaleResourceNotFound,
    ScaleTypeError,
    ScaleValueError,
)
from scaleapi.sandbox import Sandbox
from tests.faultserver import Answer, FaultServer


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("api.scale.com/v1", "begin with https:// or http://: write 'https://api.scal"),
        ("localhost:4010/v1", "write 'http://localhost:4010/v1'; got 'localhost:4010"),
        ("127.0.0.1:4010/v1", "write 'http://127.0.0.1:4010/v1'"),
        ("//api.scale.com/v1", "write 'https://api.scale.com/v1'; got '//api"),
        ("htps://api.scale.com/v1", "write 'https://api.scale.com/v1'; got 'htps"),
        ("https:/api.scale.com/v1", "write 'https://api.scale.com/v1'; got 'https:/a"),
        ("https:api.scale.com/v1", "write 'https://api.scale.com/v1'; got 'https:api"),
        ("ftp://api.scale.com/v1", "write 'https://api.scale.com/v1'; got 'ftp"),
        ("'https://api.scale.com/v1'", "write 'https://api.scale.com/v1'; got \"'"),
        ("/v1", "must begin with https:// or http://; got '/v1'"),
        ("https://https://api.scale.com/v1", "must have one scheme"),
        ("https://api.scale.com/v1?a=b", "without a ? or # in it"),
        ("https://api.scale.com/v1#top", "without a ? or # in it"),
        ("https://api scale.com/v1", "must not have spaces or control characters"),
        ("https://api.scale.com/v1\x00", "must not have spaces or control characters"),
        ("https://caf\udce9.com/v1", "must not have spaces or control characters"),
        ("https:///v1", "must name a host"),
        ("http://example.com\\@127.0.0.1/v1", "must name a host"),
        ("https://:443/v1", "must name a host"),
        ("https://api.scale.com:44e/v1", "with a number as its port"),
        ("https://api.scale.com:99999/v1", "with a number as its port"),
        ("http://::1:8080/v1", "an IPv6 address in brackets, such as http://[::1]:80"),
    ],
)
def test_an_invalid_base_url_is_rejected_when_the_client_is_created(
    address: str, text: str
) -> None:
    with pytest.raises(ScaleValueError) as caught:
        ScaleClient("test_x", api_instance_url=address)
    assert text in caught.value.message
    assert caught.value.message.startswith("api_instance_url must ")


@pytest.mark.parametrize("address", [7, ["https://api.scale.com/v1"], object()])
def test_a_base_url_that_is_not_a_str_is_rejected(address: Any) -> None:
    with pytest.raises(ScaleTypeError, match="api_instance_url must be a str, such as"):
        ScaleClient("test_x", api_instance_url=address)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        (None, "https://api.scale.com/v1"),
        ("", "https://api.scale.com/v1"),
        (" https://h.example/v1/\n", "https://h.example/v1"),
        (b"https://h.example/v1", "https://h.example/v1"),
        ("HTTPS://h.example/v1", "HTTPS://h.example/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("https://user:secret@h.example:/gate/way", None),
        ("http://b\u00fccher.example/v1", None),
    ],
)
def test_a_valid_base_url_is_accepted(given: Any, used: Any) -> None:
    client = ScaleClient("test_x", api_instance_url=given)
    assert client.api.base_api_url == (used or given)


def test_an_invalid_base_url_that_is_set_later_is_named_by_the_next_call(
    fault_server: FaultServer, waits: List[float]
) -> None:
    client = ScaleClient("test_x", None, fault_server.url)
    client.api.base_api_url = "api.scale.com/v1"
    with pytest.raises(
        ScaleValueError, match="GET /task/1 was not sent: the base"
    ) as e:
        client.get_task("1")
    assert "write 'https://api.scale.com/v1'" in e.value.message
    assert waits == []


def test_a_base_url_may_have_the_scheme_of_a_mounted_adapter(
    waits: List[float],
) -> None:
    client = ScaleClient("test_x")
    client.api.base_api_url = "mock://api/v1"
    adapter = requests_mock.Adapter()
    adapter.register_uri("GET", "mock://api/v1/task/1", json={"task_id": "1"})
    adapter.register_uri("POST", "mock://api/v1/task/chat", exc=ConnectTimeout)
    client.api.session.mount("mock://", adapter)
    assert client.get_task("1").id == "1"
    with pytest.raises(ScaleConnectionError) as caught:
        client.create_task("chat")
    assert "base address" not in caught.value.message


def test_the_error_for_an_unknown_route_mentions_a_missing_v1(
    sandbox: Sandbox, fault_server: FaultServer
) -> None:
    origin = sandbox.url[: -len("/v1")]
    client = ScaleClient("test_x", api_instance_url=origin)
    with pytest.raises(ScaleResourceNotFound) as caught:
        client.get_task("5f3c1f2e4d5b6a7980c1d2e3")
    assert "Unknown route" in caught.value.message
    assert f"no /v1 at its end: should it be '{origin}/v1'?" in caught.value.message
    for answer in (
        Answer(404),
        Answer(404, "Not Found"),
        Answer(404, "<html>"),
        Answer(404, {"error": "Cannot GET /task/1"}),
        Answer(200, "<!DOCTYPE html><html>welcome"),
    ):
        fault_server.play(answer)
        client = ScaleClient("test_x", None, fault_server.origin)
        with pytest.raises(ScaleException, match="no /v1 at its end"):
            client.get_task("1")


def test_other_404_errors_do_not_mention_v1(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    with pytest.raises(ScaleResourceNotFound) as caught:
        client.get_task("5f3c1f2e4d5b6a7980c1d2e3")
    assert "/v1" not in caught.value.message
    # A gateway may have another path, and does know the route.
    fault_server.play(Answer(404, {"error": "Task not found"}))
    gateway = ScaleClient("test_x", None, f"{fault_server.origin}/scale")
    with pytest.raises(ScaleResourceNotFound) as caught:
        gateway.get_task("1")
    assert caught.value.message == "Task not found"


@pytest.mark.parametrize("endpoint", ["/tasks", "v1/tasks", "/v1/tasks"])
def test_the_404_for_a_raw_endpoint_with_slash_or_v1_says_how_to_write_it(
    client: ScaleClient, endpoint: str
) -> None:
    with pytest.raises(
        ScaleResourceNotFound, match="begins without a slash .* 'tasks'"
    ):
        client.api.get_request(endpoint)


@pytest.mark.parametrize(
    ("proxies", "text"),
    [
        ("http://proxy:3128", "proxies must be a dict of addresses, such as"),
        ({"https": 3128}, "proxies: 'https' must be a str; got int"),
        ({"https": "http://"}, "proxies: 'https' must be an address such as"),
        ({"https": "http://proxy:31a"}, "got 'http://proxy:31a'"),
        (
            {"all": "http://u:a/b@proxy:31"},
            "%2F %3F %23 %40 instead); got 'http://[pas",
        ),
    ],
)
def test_invalid_proxies_are_rejected(proxies: Any, text: str) -> None:
    with pytest.raises(ScaleException) as caught:
        ScaleClient("test_x", proxies=proxies)
    assert isinstance(caught.value, (ScaleTypeError, ScaleValueError))
    assert text in caught.value.message


@pytest.mark.parametrize(
    "proxies", [None, {}, {"http": None}, {"https": ""}, {"no_proxy": "a, b:c"}]
)
def test_empty_proxies_and_no_proxy_are_accepted(proxies: Any) -> None:
    assert ScaleClient("test_x", proxies=proxies).api.proxies is proxies


RETRIES = """
import sys, time
time.sleep = lambda _: None
from scaleapi import ScaleClient, ScaleException
try:
    ScaleClient("test_x", None, sys.argv[1]).get_task("1")
except ScaleException as error:
    print(error.attempts)
"""


def test_retries_print_nothing_if_logging_is_not_configured(
    fault_server: FaultServer,
) -> None:
    fault_server.play(Answer(500))
    done = subprocess.run(
        [sys.executable, "-c", RETRIES, fault_server.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == ("4", "")


def test_the_error_for_a_missing_key_says_how_to_get_one() -> None:
    for key in (None, "", " ", b""):
        with pytest.raises(ScaleException) as caught:
            ScaleClient(key)  # type: ignore[arg-type]
        text = str(caught.value)
        assert text.startswith(
            "Please provide a valid API Key. Pass api_key, or set SCALE_API_KEY; "
            "to try without a key, start a sandbox"
        )
        assert "python -m scaleapi.sandbox" in text
    with pytest.raises(
        ScaleException, match="valid API Key. It must be a str, not int"
    ):
        ScaleClient(7)  # type: ignore[arg-type]
