"""`rehearse`: what the sandbox refuses, and that the real account is only read."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, Dict, Iterator, List, Tuple

import pytest
import requests

from scaleapi import ScaleClient, ScaleException, ScaleResourceNotFound
from scaleapi.rehearsal import Refusal, RehearsalReport, rehearse
from scaleapi.sandbox import Sandbox
from tests.faultserver import Answer, FaultServer
from tests.keys import new_key

PHOTO = {"attachment": "https://example.com/1.jpg"}
GEOMETRIES = {"box": {"objects_to_annotate": ["cow"]}}
NAME = "cöws / 9"


@pytest.fixture(params=["test", "live"])
def real(request: pytest.FixtureRequest, sandbox: Sandbox) -> ScaleClient:
    """A client of an account with a project and a batch."""
    client = ScaleClient(new_key(request.param), api_instance_url=sandbox.url)
    client.create_project(NAME, "imageannotation", {"geometries": GEOMETRIES})
    client.create_batch(NAME, "week 9")
    return client


def calls(sandbox: Sandbox) -> List[Tuple[str, str]]:
    return [(r.method, r.path) for r in sandbox.requests]


def test_refusals_are_reported_by_index_with_the_reason(real: ScaleClient) -> None:
    payloads: List[Any] = [
        PHOTO,
        {},
        {**PHOTO, "unique_id": "u"},
        {**PHOTO, "unique_id": "u", "priority": 5},
        {**PHOTO, "geometries": []},
        {**PHOTO, "metadata": {"weight": float("nan")}},
        {**PHOTO, "batch": "week 8"},
        {**PHOTO, "project": "pigs"},
        "photo",
        {**PHOTO, "attachment": "scaledata://x/y"},
    ]
    report = rehearse(real, NAME, iter(payloads), batch_name="week 9")
    assert not report.ok
    assert report.payloads == 10
    assert report.repeated == (3,)
    assert [refusal.index for refusal in report.refused] == [1, 4, 5, 6, 7, 8]
    messages = [refusal.message for refusal in report.refused]
    assert messages[0] == 'Parameter is invalid, reason: "attachment" is required'
    assert '"geometries" must be an object' in messages[1]
    assert "weight: nan is not in JSON" in messages[2]
    assert messages[3] == 'Batch "week 8" not found'
    assert 'belongs to project "cöws / 9", not "pigs"' in messages[4]
    assert "a payload must be a dict" in messages[5]
    text = str(report).splitlines()
    assert text[0] == (
        f"10 payloads for project {NAME!r}, batch 'week 9', rehearsed in a sandbox: "
        "6 refused"
    )
    assert text[1] == f"  index 1: {messages[0]}"
    assert text[-1].startswith("1 with the unique_id of an earlier payload")


def test_the_real_account_is_only_read(real: ScaleClient, sandbox: Sandbox) -> None:
    sandbox.requests.clear()
    payloads = [PHOTO, {**PHOTO, "batch": "other"}, {**PHOTO, "batch": "other"}]
    rehearse(real, NAME, payloads, batch_name="week 9")
    assert [method for method, _ in calls(sandbox)] == ["GET"] * 3
    assert real.get_tasks_count(NAME) == 0
    assert payloads[0] == PHOTO


def test_no_key_goes_to_the_other_server(
    real: ScaleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: Dict[str, set[str]] = {}
    request = requests.Session.request

    def noting(self: Any, method: str, url: str, **options: Any) -> Any:
        server = url.split("/")[2]
        sent.setdefault(server, set()).add(options["auth"].username)
        return request(self, method, url, **options)

    monkeypatch.setattr(requests.Session, "request", noting)
    monkeypatch.setenv("SCALE_API_URL", real.api.base_api_url)
    monkeypatch.setenv("SCALE_API_KEY", real.api.api_key)
    assert rehearse(real, NAME, [PHOTO]).ok
    own = real.api.base_api_url.split("/")[2]
    assert sent.pop(own) == {real.api.api_key}
    ((key,),) = sent.values()
    assert key != real.api.api_key
    assert key.partition("_")[0] == real.mode


def test_a_client_that_may_only_have_test_keys_rehearses(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALE_REQUIRE", "test")
    client = ScaleClient(new_key("test"), api_instance_url=sandbox.url)
    client.create_project("p", "imageannotation", {"geometries": GEOMETRIES})
    assert rehearse(client, "p", [PHOTO] * 3).ok


def test_no_one_is_called_back(real: ScaleClient, fault_server: FaultServer) -> None:
    url = fault_server.url
    real.update_project(NAME, patch=True, callback_url=url)
    real.create_batch(NAME, "b", callback=url)
    payloads = [PHOTO, {**PHOTO, "callback_url": url}, {**PHOTO, "callback_url": 5}]
    report = rehearse(real, NAME, payloads, batch_name="b")
    assert [refusal.index for refusal in report.refused] == [2]
    assert fault_server.connections == 0


def test_a_version_of_the_parameters_counts(real: ScaleClient) -> None:
    real.update_project(NAME, instruction="without geometries")
    payloads = [{**PHOTO, "project_param_version": n} for n in range(3)]
    report = rehearse(real, NAME, [*payloads, PHOTO])
    assert [(r.index, "geometries" in r.message) for r in report.refused] == [
        *((1, True), (2, False), (3, True))
    ]


def test_projects_and_batches_that_payloads_name_are_read_too(
    real: ScaleClient, sandbox: Sandbox
) -> None:
    real.create_project("pigs", "imageannotation")
    real.create_batch("pigs", "b")
    sandbox.requests.clear()
    report = rehearse(
        real,
        NAME,
        [
            {**PHOTO, "project": "pigs", "geometries": GEOMETRIES},
            {**PHOTO, "project": "pigs", "batch": "b"},
            {**PHOTO, "batch": "b"},
        ],
    )
    assert [refusal.index for refusal in report.refused] == [1, 2]
    assert "geometries" in report.refused[0].message
    assert "belongs to project" in report.refused[1].message
    assert len(calls(sandbox)) == 3


def test_the_type_can_be_another_than_that_of_the_project(real: ScaleClient) -> None:
    report = rehearse(real, NAME, [PHOTO], task_type="categorization")
    assert '"categories" is required' in report.refused[0].message
    report = rehearse(real, NAME, [PHOTO], task_type="unknown")
    assert 'Task type "unknown" not found' in report.refused[0].message


def test_what_cannot_be_read_is_an_error(
    real: ScaleClient, fault_server: FaultServer
) -> None:
    with pytest.raises(ScaleResourceNotFound, match="pigs"):
        rehearse(real, "pigs", [PHOTO])
    with pytest.raises(ScaleResourceNotFound, match="b"):
        rehearse(real, NAME, [PHOTO], batch_name="b")
    with pytest.raises(TypeError, match="single"):
        rehearse(real, NAME, PHOTO)  # type: ignore[arg-type]
    broken = ScaleClient("live_1", None, fault_server.url, max_retries=0)
    project = {"name": "p", "type": "imageannotation", "param_history": []}
    fault_server.play(Answer(200, project), Answer(500))
    with pytest.raises(ScaleException) as caught:
        rehearse(broken, "p", [PHOTO, {**PHOTO, "batch": "b"}, PHOTO])
    assert caught.value.code == 500
    fault_server.play(Answer(200, {**project, "type": "from tomorrow"}))
    with pytest.raises(ScaleException, match="'p' cannot be set up in a sandbox: Task"):
        rehearse(broken, "p", [])


def test_an_error_of_the_payloads_is_not_a_refusal(real: ScaleClient) -> None:
    def payloads() -> Iterator[Dict[str, Any]]:
        yield PHOTO
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rehearse(real, NAME, payloads())


def test_payloads_are_not_kept(real: ScaleClient) -> None:
    ahead = 0
    done: List[int] = []

    def payloads() -> Iterator[Dict[str, Any]]:
        nonlocal ahead
        for number in range(60):
            ahead = max(ahead, number - len(done))
            yield PHOTO

    report = rehearse(real, NAME, payloads(), progress=lambda c: done.append(c.done))
    assert report == RehearsalReport(NAME, None, 60)
    assert report.ok
    assert ahead < 20


def test_the_text_shows_the_first_refusals() -> None:
    refused = tuple(Refusal(n, "no") for n in range(12))
    text = str(RehearsalReport("p", None, 1200, refused))
    assert text.splitlines()[0].startswith("1,200 payloads for project 'p', rehearsed")
    assert text.endswith("  index 9: no\n  and 2 more")


def test_without_the_extra_the_error_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['starlette'] = None\n"
        "import scaleapi\n"
        "scaleapi.rehearsal.rehearse(scaleapi.ScaleClient('test_1'), 'p', [])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert 'pip install "scaleapi[sandbox]"' in done.stderr
