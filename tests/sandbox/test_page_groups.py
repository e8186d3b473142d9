"""The pages of a project and of a batch, and their buttons."""

from __future__ import annotations

import html
import re
from typing import Any, Dict, List
from urllib.parse import quote

import pytest
import requests

from scaleapi import ScaleClient, TaskType
from scaleapi.sandbox import Sandbox
from scaleapi.tasks import Task


@pytest.fixture
def origin(sandbox: Sandbox) -> str:
    return sandbox.url[: -len("/v1")]


def filled(client: ScaleClient, project: str, *batches: str) -> List[Task]:
    """Create a project with batches of two tasks each."""
    client.create_project(project, TaskType.TextCollection)
    field = {"type": "text", "field_id": "who", "title": "Who?"}
    content = [{"type": "text", "content": "A text"}]
    tasks = []
    for batch in batches:
        client.create_batch(project, batch)
        for _ in range(2):
            tasks.append(
                client.create_task(
                    TaskType.TextCollection,
                    project=project,
                    batch=batch,
                    attachments=content,
                    fields=[field],
                )
            )
    return tasks


def world_of(origin: str, task: Task) -> str:
    page = requests.get(f"{origin}/page/tasks/{task.id}").text
    found = re.search(r'href="(/page/worlds/\d+)"', page)
    assert found is not None
    return origin + found[1]


def buttons(page: str) -> Dict[str, str]:
    """Return the words on each button, and the address of its form."""
    forms = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', page, re.S)
    return {
        re.sub(r"<[^>]+>", "", body).strip(): html.unescape(action)
        for action, body in forms
    }


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def press(origin: str, address: str, words: str, **headers: str) -> requests.Response:
    """Open a page, press one of its buttons, and return the page that follows."""
    page = requests.get(address).text
    data = {"token": token_of(page)}
    return requests.post(origin + buttons(page)[words], data=data, headers=headers)


@pytest.mark.parametrize("name", ["may", "a/b?c#d%2e&e=f+g", "<b>\"'", "☂ שלום"])
def test_a_batch_can_be_finalized_and_completed(
    live_client: ScaleClient, origin: str, name: str
) -> None:
    tasks = filled(live_client, f"of {name}", name, "other")
    address = f"{world_of(origin, tasks[0])}/batch?name={quote(name, safe='')}"
    page = requests.get(address).text
    assert html.escape(name, quote=False) in page.replace("&#34;", '"').replace(
        "&#39;", "'"
    )
    assert [task.id in page for task in tasks] == [True, True, False, False]
    assert list(buttons(page)) == ["Finalize", "Complete all 2 pending tasks"]

    following = press(origin, address, "Finalize", Origin=origin)
    assert "The batch is finalized." in following.text
    assert "Finalize" not in buttons(following.text)
    assert live_client.get_batch(name).status == "in_progress"

    following = press(origin, address, "Complete all 2 pending tasks")
    assert "2 tasks are completed." in following.text
    assert buttons(following.text) == {}
    assert live_client.get_batch(name).status == "completed"
    statuses = [live_client.get_task(task.id).status for task in tasks]
    assert statuses == ["completed", "completed", "pending", "pending"]


def test_a_project_can_be_finalized_and_completed(
    live_client: ScaleClient, origin: str
) -> None:
    tasks = filled(live_client, "cows", "april", "may", "june")
    others = filled(live_client, "cats", "july")
    live_client.finalize_batch("june")
    address = f"{world_of(origin, tasks[0])}/project?name=cows"
    page = requests.get(address).text
    assert all(f"<bdi>{name}</bdi>" in page for name in ("april", "may", "june"))
    assert "july" not in page

    following = press(origin, address, "Finalize 2 batches in staging")
    assert "2 batches are finalized." in following.text
    assert live_client.get_batch("july").status == "staging"

    following = press(origin, address, "Complete all 6 pending tasks")
    assert "6 tasks are completed." in following.text
    for name in ("april", "may", "june"):
        assert live_client.get_batch(name).status == "completed"
    assert live_client.get_task(others[0].id).status == "pending"


@pytest.mark.parametrize("group", ["project?name=cows", "batch?name=may"])
@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("x" * 43, {}),
        ("right", {"Origin": "https://evil.example"}),
        ("right", {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_a_form_of_another_site_cannot_press_a_button_of_a_group(
    live_client: ScaleClient,
    origin: str,
    group: str,
    token: str,
    headers: Dict[str, str],
) -> None:
    tasks = filled(live_client, "cows", "may")
    page = requests.get(f"{world_of(origin, tasks[0])}/{group}").text
    data = {"token": token_of(page) if token == "right" else token}
    for address in buttons(page).values():
        answer = requests.post(origin + address, data=data, headers=headers)
        assert answer.status_code == 403
    assert live_client.get_batch("may").status == "staging"
    assert live_client.get_task(tasks[0].id).status == "pending"


@pytest.mark.parametrize("kind", ["project", "batch"])
def test_a_group_or_button_that_does_not_exist_is_not_found(
    live_client: ScaleClient, origin: str, kind: str
) -> None:
    tasks = filled(live_client, "cows", "may")
    world = world_of(origin, tasks[0])
    for query in ("", "?name=", "?name=none"):
        assert requests.get(f"{world}/{kind}{query}").status_code == 404
    name = {"project": "cows", "batch": "may"}[kind]
    page = requests.get(f"{world}/{kind}?name={name}").text
    data = {"token": token_of(page)}
    for path in ("explode?name=" + name, "complete?name=none", "finalize"):
        answer = requests.post(f"{world}/{kind}/{path}", data=data)
        assert answer.status_code == 404
    answer = requests.get(f"{world}/{kind}/complete?name={name}")
    assert answer.status_code == 405


def test_another_page_of_a_batch_shows_its_older_tasks(
    live_client: ScaleClient, origin: str
) -> None:
    tasks = filled(live_client, "cows", *(f"b{n}" for n in range(1)))
    tasks += [
        live_client.create_task(
            TaskType.TextCollection,
            batch="b0",
            attachments=[{"type": "text", "content": "A text"}],
            fields=[{"type": "text", "field_id": "who", "title": "Who?"}],
        )
        for _ in range(28)
    ]
    address = f"{world_of(origin, tasks[0])}/batch"
    page = requests.get(f"{address}?name=b0").text
    older: Any = re.search(r'href="(\?[^"]+)" rel="next"', page)
    following = requests.get(address + html.unescape(older[1])).text
    shown = [re.findall(r"/page/tasks/(\w+)", each) for each in (page, following)]
    assert shown[0] + shown[1] == [task.id for task in reversed(tasks)]
