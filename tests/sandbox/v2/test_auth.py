"""Keys of v2: Bearer, and nothing else."""

from __future__ import annotations

from typing import Dict

import pytest
import requests

from scaleapi.sandbox.routes.operation import Operation
from scaleapi.sandbox.routes.operation_table import API_V2
from tests.sandbox.v2.calling import Bearer, Caller


class Header:
    """Sends a header, or none."""

    def __init__(self, headers: Dict[str, str]) -> None:
        self.headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self.headers)
        return request


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer secret_x"},
        {"Authorization": "Bearer bGl2ZV94Og=="},
        {"Authorization": "Basic bGl2ZV94Og=="},
        {"Authorization": "live_x"},
    ],
)
def test_a_request_without_a_bearer_key_is_unauthorized(
    live: Caller, headers: Dict[str, str]
) -> None:
    answer = live.send("GET", "projects", auth=Header(headers))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="sandbox"'
    assert answer.json()["error"].startswith("Unauthorized -- No valid API key")
    assert "Authorization: Bearer" in answer.json()["error"]


@pytest.mark.parametrize("operation", API_V2, ids=lambda operation: operation.name)
def test_every_operation_wants_a_key(live: Caller, operation: Operation) -> None:
    path = operation.path[len("/v2/") :]
    answer = live.send(operation.method, path, auth=Header({}))
    assert answer.status_code == 401


def test_a_bearer_key_is_no_key_of_v1(live: Caller) -> None:
    for path in ("projects", "tasks"):
        answer = live.session.get(
            f"{live.origin}/v1/{path}", auth=Bearer(live.key), timeout=30
        )
        assert answer.status_code == 401
        assert "Basic" in answer.headers["www-authenticate"]


def test_the_scheme_may_have_any_case(live: Caller) -> None:
    headers = {"Authorization": f"bearer  {live.key}"}
    assert live.send("GET", "projects", auth=Header(headers)).status_code == 200


def test_v1_and_v2_share_the_world_of_a_key(live: Caller) -> None:
    live.project()
    assert [p["name"] for p in live.get("projects")["projects"]] == ["talks"]
    other = Caller(live.sandbox)
    with other.session:
        assert other.get("projects") == {"projects": []}


def test_the_log_has_the_calls_without_the_key(live: Caller) -> None:
    live.get("projects", created_after="2024-01-01")
    (request,) = live.sandbox.requests
    assert (request.method, request.path) == ("GET", "/v2/projects")
    assert request.query == {"created_after": ["2024-01-01"]}
    assert live.key not in repr(request)


def test_faults_on_demand_hit_v2_by_its_whole_path(live: Caller) -> None:
    live.sandbox.faults.add(path="/v2/projects", status=503)
    live.v1("GET", "projects")
    assert live.send("GET", "projects").status_code == 503
    assert live.send("GET", "projects").status_code == 200


def test_the_rate_limit_counts_chat_tasks_of_both_versions(live: Caller) -> None:
    live.project()
    live.sandbox.rate_limit(1, burst=2)
    live.v1("POST", "task/chat", project="talks")
    live.task()
    answer = live.send("POST", "task/chat", json={"project_name": "talks"})
    assert answer.status_code == 429
    assert answer.headers["retry-after"]


def test_pages_of_other_sites_must_not_call_v2(live: Caller) -> None:
    answer = live.send("GET", "projects", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_a_path_with_both_versions_gets_a_hint(live: Caller) -> None:
    answer = live.session.get(f"{live.origin}/v1/v2/projects", timeout=30)
    assert answer.json()["error"].endswith("do not begin with /v1: /v2/projects")
