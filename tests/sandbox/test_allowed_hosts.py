"""The names by which a sandbox may be called."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any, Iterator

import pytest
import requests

from scaleapi.sandbox import Sandbox
from tests.docs.blocks import ROOT
from tests.sandbox.test_main import read_until_ready, start

SCANS = {"attachments": ["x"], "labels": ["Car"]}


@pytest.fixture(scope="module")
def allowing() -> Iterator[Sandbox]:
    with Sandbox(allow_hosts=["sandbox", "Scale_API.test"]) as running:
        yield running


def call(sandbox: Sandbox, host: str, path: str = "tasks", **more: Any) -> Any:
    headers = {"Host": host, **more.pop("headers", {})}
    method = "POST" if "json" in more else "GET"
    return requests.request(
        method,
        f"{sandbox.url}/{path}",
        auth=(sandbox.api_key, ""),
        headers=headers,
        timeout=10,
        **more,
    )


@pytest.mark.parametrize(
    "host", ["sandbox", "sandbox:4010", "SANDBOX:80", "sandbox.", "scale_api.TEST:1"]
)
def test_an_allowed_host_is_answered_on_any_port(allowing: Sandbox, host: str) -> None:
    assert call(allowing, host).status_code == 200


@pytest.mark.parametrize(
    "host", ["sandbox.evil.example", "evil-sandbox", "xsandbox", "a.sandbox", "*", ""]
)
def test_other_host_names_are_rejected(allowing: Sandbox, host: str) -> None:
    assert call(allowing, host).status_code in (400, 403)


def test_the_error_for_a_foreign_host_says_how_to_allow_it(sandbox: Sandbox) -> None:
    answer = call(sandbox, "sandbox:4010")
    assert answer.status_code == 403
    assert "--allow-host sandbox or" in answer.json()["error"]
    assert "Sandbox(allow_hosts=['sandbox'])" in answer.json()["error"]
    assert "--allow-host NAME" in call(sandbox, "*.example.com").json()["error"]


def test_urls_of_results_begin_with_the_allowed_host(allowing: Sandbox) -> None:
    task = call(allowing, "sandbox:4010", "task/lidarannotation", json=SCANS).json()
    task = call(allowing, "sandbox:4010", f"task/{task['task_id']}").json()
    url = task["response"]["annotations"]["url"]
    assert url.startswith("http://sandbox:4010/results/")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://sandbox:4010"}, 200),
        ({"Origin": "http://Sandbox:4010", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://sandbox:8000"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_requests_of_other_sites_are_rejected_under_an_allowed_host(
    allowing: Sandbox, headers: Any, status: int
) -> None:
    assert call(allowing, "sandbox:4010", headers=headers).status_code == status
    origin = allowing.url[: -len("/v1")]
    page = requests.get(origin, headers={"Host": "sandbox:4010"}, timeout=10)
    assert page.status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "*.test",
        "",
        ".",
        "a b",
        "http://a",
        "a:80",
        "a/b",
        "[::1]",
        "é",
        "a,b",
        "a\n",
    ],
)
def test_allow_hosts_rejects_patterns_and_ports(name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(name))):
        Sandbox(allow_hosts=[name])


@pytest.mark.parametrize("names", ["sandbox", [1], [None]])
def test_allow_hosts_rejects_values_that_are_not_lists_of_names(names: Any) -> None:
    with pytest.raises(TypeError, match="allow_hosts"):
        Sandbox(allow_hosts=names)
    with pytest.raises(TypeError, match="callbacks_to"):
        Sandbox(callbacks_to=names)


def test_the_command_reads_allowed_hosts_from_options_and_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCALE_SANDBOX_ALLOW_HOST", "one, two,")
    options = ("--port", "0", "--allow-host", "three", "--allow-host", "four")
    with start(*options, "--quiet") as process:
        url = re.search(r"http://\S+/v1", "".join(read_until_ready(process)))
        assert url is not None
        for name, status in {"one": 200, "two": 200, "three": 200, "five": 403}.items():
            answer = requests.get(
                url.group() + "/tasks",
                auth=("test_x", ""),
                headers={"Host": f"{name}:4010"},
                timeout=10,
            )
            assert answer.status_code == status
        process.terminate()
        process.communicate(timeout=30)


def test_the_command_rejects_a_pattern_as_allowed_host() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scaleapi.sandbox", "--port", "0"],
        env={**os.environ, "SCALE_SANDBOX_ALLOW_HOST": "*"},
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "no patterns; got '*'" in done.stderr


def test_the_container_examples_publish_the_port_on_this_machine_only() -> None:
    compose = (ROOT / "examples" / "compose.yaml").read_text()
    assert re.findall(r'- "(.*)"', compose) == ["127.0.0.1:4010:4010"]
    assert "SCALE_SANDBOX_ALLOW_HOST: sandbox\n" in compose
