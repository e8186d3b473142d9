"""Requests to this machine never go through a proxy of the environment."""

from __future__ import annotations

from typing import Any, Dict

import pytest
import requests

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from tests.faultserver import Answer, FaultServer

LOCAL = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "scale.localhost",
    "127.0.0.1",
    "127.255.255.254",
    "127.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "0.0.0.0",
    "[::]",
]
ELSEWHERE = [
    "api.scale.com",
    "notlocalhost",
    "localhost.example.com",
    "127.example.com",
    "128.0.0.1",
    "10.0.0.1",
    "[::2]",
    "[fe80::1]",
    "[::ffff:10.0.0.1]",
]
VARIABLES = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]


def proxies_for(host: str, **options: Any) -> Dict[str, str]:
    client = ScaleClient("test_x", None, f"http://{host}:4010/v1", **options)
    url = f"http://{host}:4010/v1/tasks"
    settings = client.api.session.merge_environment_settings(
        url, client.api.proxies or {}, None, None, None
    )
    return dict(settings["proxies"])


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_sandbox_is_reached_without_the_proxy_of_the_environment(
    sandbox: Sandbox,
    fault_server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    host: str,
) -> None:
    monkeypatch.setenv(variable, fault_server.origin)
    url = sandbox.url.replace("127.0.0.1", host)
    with ScaleClient(sandbox.live_api_key, None, url) as client:
        assert client.create_task("chat", instruction="i").status == "pending"
    assert fault_server.connections == 0


@pytest.mark.parametrize("host", LOCAL)
def test_no_form_of_a_loopback_address_goes_through_a_proxy_of_the_environment(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "http://proxy:3128")
    assert proxies_for(host) == {}


@pytest.mark.parametrize("host", LOCAL[:5])
def test_no_form_of_a_loopback_address_goes_through_a_proxy_of_the_system(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As proxies are configured on macOS and Windows.
    system = {"http": "http://proxy:3128"}
    monkeypatch.setattr(requests.utils, "getproxies", lambda: dict(system))
    monkeypatch.setattr(requests.utils, "proxy_bypass", lambda host: False)
    assert proxies_for(host) == {}
    assert proxies_for("api.scale.com") == system


@pytest.mark.parametrize("host", ELSEWHERE)
def test_other_addresses_go_through_the_proxy_of_the_environment(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    assert proxies_for(host) == {"http": "http://proxy:3128"}


def test_an_explicit_proxy_is_used_for_loopback_addresses_too(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault_server.play(Answer(200, {"task_id": "1"}))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    proxies = {"http": fault_server.origin}
    local = "http://127.0.0.1:1/v1"
    with ScaleClient("test_x", None, local, proxies=proxies) as client:
        client.get_task("1")
    with ScaleClient("test_x", None, local) as client:
        client.api.session.proxies.update(proxies)
        client.get_task("1")
    assert [request.target for request in fault_server.received] == (
        ["http://127.0.0.1:1/v1/task/1"] * 2
    )


def test_proxies_that_contain_only_no_proxy_keep_those_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    given = {"proxies": {"no_proxy": "inside.example.com"}}
    assert proxies_for("api.scale.com", **given)["http"] == "http://proxy:3128"
    assert "http" not in proxies_for("inside.example.com", **given)
    assert "http" not in proxies_for("127.0.0.1", **given)
