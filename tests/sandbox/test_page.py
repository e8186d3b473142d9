"""The sandbox's page, as HTML that comes over a socket."""

from __future__ import annotations

import html
import io
import re
import time
import uuid
from typing import Any, Dict, List

import pytest
import requests
from PIL import Image

from scaleapi import ScaleClient, TaskType, prelabels
from scaleapi.sandbox import Sandbox, factories
from scaleapi.sandbox.factories.examples import EXAMPLES
from scaleapi.sandbox.store.page_queries import Queries
from scaleapi.tasks import Task

HOSTILE = [
    pytest.param("<script>alert(1)</script>", id="script"),
    pytest.param("\"><img src=x onerror='alert(1)'>", id="quotes"),
    pytest.param("</title></style><svg onload=alert(1)>", id="closing tags"),
    pytest.param("{{ 7 * 7 }}{% raw %}", id="template"),
    pytest.param("\u202egnp.exe שלום عالم", id="right to left"),
    pytest.param("🐄🇩🇪 café\u0301 ☂", id="emoji"),
    pytest.param("a/b?c#d%2e&e=f+g", id="address"),
]

SHAPES = ("box", "polygon", "line", "point", "ellipse", "cuboid")


@pytest.fixture
def origin(sandbox: Sandbox) -> str:
    return sandbox.url[: -len("/v1")]


def pending_task(client: ScaleClient, **parameters: Any) -> Task:
    given: Dict[str, Any] = {
        "attachment": "https://example.com/cow.jpg",
        "geometries": {"box": {"objects_to_annotate": ["cow"]}},
        **parameters,
    }
    return client.create_task(TaskType.ImageAnnotation, **given)


def task_page(origin: str, task: Task) -> requests.Response:
    answer = requests.get(f"{origin}/page/tasks/{task.id}")
    assert answer.status_code == 200
    return answer


def world_of(origin: str, task: Task) -> str:
    """Return the address of the world that a task's page leads to."""
    found = re.search(r'href="(/page/worlds/\d+)"', task_page(origin, task).text)
    assert found is not None
    return origin + found[1]


def form_of(origin: str, task: Task) -> Dict[str, str]:
    """Return the fields that a button on a task's page sends."""
    found = re.search(r'name="token" value="([^"]+)"', task_page(origin, task).text)
    assert found is not None
    return {"token": found[1]}


def press(
    origin: str, task: Task, action: str, form: Dict[str, str], **headers: str
) -> requests.Response:
    return requests.post(
        f"{origin}/page/tasks/{task.id}/{action}",
        data=form,
        headers=headers,
        allow_redirects=False,
    )


def policy_of(answer: requests.Response) -> Dict[str, List[str]]:
    directives = answer.headers["Content-Security-Policy"].split(";")
    return {words[0]: words[1:] for words in (each.split() for each in directives)}


def picture() -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(content, "PNG")
    content.seek(0)
    return content


def test_the_page_of_an_empty_sandbox_says_how_to_begin() -> None:
    with Sandbox() as sandbox:
        sandbox_url = sandbox.url
        answer = requests.get(sandbox_url[: -len("v1")])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Nothing has been asked" in answer.text
    assert f'api_instance_url="{sandbox_url}"' in html.unescape(answer.text)


def test_worlds_are_shown_by_the_ends_of_their_keys_only(
    sandbox: Sandbox, origin: str
) -> None:
    key = f"live_{uuid.uuid4().hex}"  # as long as a real one
    task = pending_task(ScaleClient(key, api_instance_url=sandbox.url))
    world = world_of(origin, task)
    worlds = requests.get(f"{origin}/").text
    assert f"{key[:7]}...{key[-2:]}" in worlds
    parts = ["", "/batches", "/tasks"]
    pages = [worlds, task_page(origin, task).text]
    pages += [requests.get(world + part).text for part in parts]
    for page in pages:
        assert key not in page
        assert key[10:20] not in page


def test_the_published_keys_are_shown_in_full() -> None:
    # The first page of a sandbox that many tests share may show other keys.
    with Sandbox() as sandbox:
        for key in (sandbox.api_key, sandbox.live_api_key):
            pending_task(ScaleClient(key, api_instance_url=sandbox.url))
            page = requests.get(sandbox.url[: -len("v1")], timeout=30).text
            assert f"<bdi>{key}</bdi>" in page


def test_projects_and_batches_show_their_progress(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    live_client.create_project("cows", TaskType.ImageAnnotation)
    live_client.create_batch("cows", "may")
    made = [pending_task(live_client, project="cows", batch="may") for _ in range(4)]
    sandbox.complete(made[0].id)
    live_client.cancel_task(made[1].id)
    live_client.finalize_batch("may")
    world = world_of(origin, made[0])
    for address in (world, f"{world}/batches?project=cows", f"{world}/batch?name=may"):
        page = requests.get(address).text
        assert 'aria-label="1 completed, 1 canceled, 2 pending"' in page, address
    assert "in progress" in requests.get(f"{world}/batches").text
    assert "1 batch<" in requests.get(world).text


def test_tasks_are_filtered_by_project_batch_and_status(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    live_client.create_project("cows", TaskType.ImageAnnotation)
    live_client.create_project("cats", TaskType.ImageAnnotation)
    live_client.create_batch("cows", "may")
    in_batch = pending_task(live_client, batch="may")
    in_project = pending_task(live_client, project="cats")
    alone = pending_task(live_client)
    sandbox.complete(alone.id)
    tasks = f"{world_of(origin, alone)}/tasks"
    for query, expected in (
        ("", {in_batch.id, in_project.id, alone.id}),
        ("project=&batch=&status=", {in_batch.id, in_project.id, alone.id}),
        ("project=cats", {in_project.id}),
        ("batch=may&project=cows", {in_batch.id}),
        ("status=completed", {alone.id}),
        ("status=pending", {in_batch.id, in_project.id}),
        ("project=none", set()),
    ):
        page = requests.get(f"{tasks}?{query}").text
        assert set(re.findall(r"/page/tasks/(\w+)", page)) == expected, query


def test_pages_of_tasks_show_each_task_once(
    live_client: ScaleClient, origin: str
) -> None:
    made = [pending_task(live_client) for _ in range(60)]
    address = f"{world_of(origin, made[0])}/tasks?status=pending"
    shown: List[str] = []
    bounds: List[str] = []
    while True:
        page = requests.get(address).text
        shown += re.findall(r"/page/tasks/(\w+)", page)
        bounds += re.findall(r"\d+–\d+ of \d+", page)
        older = re.search(r'href="(\?[^"]+)" rel="next"', page)
        if older is None:
            break
        address = address.partition("?")[0] + html.unescape(older[1])
    assert shown == [task.id for task in reversed(made)]
    assert bounds == ["1–25 of 60", "26–50 of 60", "51–60 of 60"]


def test_a_task_shows_parameters_history_and_what_is_drawn(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    uploaded = live_client.upload_file(picture(), display_name="meadow.png")
    task = pending_task(
        live_client,
        attachment=uploaded.attachment_url,
        instruction="Box each cow",
        metadata={"farm": {"city": "Ulm"}},
        tags=["dusk"],
    )
    box = {"type": "box", "label": "cow", "left": 8, "top": 4, "width": 20}
    response = {"annotations": [{**box, "height": 10, "attributes": {"old": "yes"}}]}
    sandbox.complete(task.id, response=response)
    live_client.audit_task(task.id, False, "too small")
    page = task_page(origin, task).text
    assert 'viewBox="0 0 64 48"' in page
    assert '<rect x="8" y="4" width="20" height="10" ' in page
    for text in ("Box each cow", "Ulm", "dusk", "meadow.png", "objects_to_annotate"):
        assert text in page
    history = page[page.index("History") :]
    order = [history.index(word) for word in ("Created", "Completed", "Rejected by")]
    assert order == sorted(order)
    assert "too small" in history
    image = re.search(r'<image href="([^"]+)"', page)
    assert image is not None
    served = requests.get(origin + html.unescape(image[1]))
    assert served.content == picture().read()
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]


def test_a_task_without_a_response_shows_its_pre_label(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    box = prelabels.box("cow", 8, 4, 20, 10)
    task = pending_task(live_client, hypothesis=prelabels.from_shapes([box]))
    drawn, note = '<rect x="8" y="4" width="20" height="10" ', "This is the pre-label"
    page = task_page(origin, task).text
    assert drawn in page and note in page
    sandbox.complete(task.id, {"annotations": []})
    page = task_page(origin, task).text
    assert drawn not in page and note not in page
    odd = pending_task(live_client, hypothesis={"annotations": [3, {"type": "box"}]})
    assert note not in task_page(origin, odd).text


def test_a_callback_that_fails_is_in_the_history(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    task = pending_task(live_client, callback_url="http://127.0.0.1:9/callback")
    sandbox.complete(task.id)
    deadline = time.monotonic() + 10
    while "tried once in vain" not in task_page(origin, task).text:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_text_answers_are_shown_with_their_questions(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    why = {"type": "text", "field_id": "why", "title": "Why is it so?"}
    who = {"type": "text", "field_id": "who", "title": "Who says so?"}
    form = {"type": "form", "field_id": "f", "title": "Form", "fields": [who]}
    fields = [why, form]
    task = live_client.create_task(
        TaskType.TextCollection,
        attachments=[{"type": "text", "content": "A cow."}],
        fields=fields,
    )
    answers = [{"why": "Because.", "who": "I"}, {"why": "Nobody knows.", "who": "We"}]
    sandbox.complete(task.id, response={"responses": answers})
    page = task_page(origin, task).text
    table = page[page.index("<table") : page.index("</table>")]
    assert "Why is it so?" in table and "Who says so?" in table
    assert table.index("Because.") < table.index("Nobody knows.")


def test_results_that_are_files_are_linked_and_served(
    client: ScaleClient, origin: str
) -> None:
    task = client.create_task(
        TaskType.VideoAnnotation,
        attachments=["https://example.com/1.jpg"],
        geometries={"box": {"objects_to_annotate": ["cow"]}},
    )
    link = re.search(r'href="(/results/\w+)"', task_page(origin, task).text)
    assert link is not None
    assert isinstance(requests.get(origin + link[1]).json(), list)


@pytest.mark.parametrize("kind", [kind.value for kind in TaskType])
def test_tasks_of_every_type_are_shown(
    client: ScaleClient, origin: str, kind: str
) -> None:
    labels = ["cow", {"choice": "calf", "instance_label": True}]
    geometry = {"objects_to_annotate": ["cow"]}
    fields: Any = [{"type": "text", "field_id": "why", "title": "Why?"}]
    if kind in ("transcription", "datacollection"):
        fields = {"why": "Why?"}
    task = client.create_task(
        kind,
        attachment="https://example.com/1",
        attachments=["https://example.com/1", {"type": "text", "content": "A cow"}],
        geometries=dict.fromkeys(SHAPES, geometry),
        objects_to_annotate=["cow"],
        labels=labels,
        text="A cow and a calf",
        fields=fields,
        categories=["cow"],
        choices=["yes"],
        features=[{"type": "block", "label": "barcode"}],
        lidar_task="x",
    )
    assert task.id in task_page(origin, task).text


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_results_of_every_form_are_shown_and_those_on_pictures_are_drawn(
    sandbox: Sandbox, live_client: ScaleClient, origin: str, kind: str
) -> None:
    parameters = factories.parameters(kind)
    task = live_client.create_task(factories.KINDS[kind], **parameters)
    sandbox.complete(task, form=EXAMPLES[kind].form)
    task.refresh()
    page = task_page(origin, task).text
    annotations = task.response.get("annotations")
    if isinstance(annotations, list) and "attachment" in task.params:
        shapes = [each for each in annotations if each.get("type") in SHAPES]
        assert not shapes or f'aria-label="{len(shapes)} annotations"' in page
    if "global_attributes" in task.response:
        assert "global_attributes" in page and "weather" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_users_does_not_become_markup(
    sandbox: Sandbox, live_client: ScaleClient, origin: str, text: str
) -> None:
    live_client.create_project(text, TaskType.ImageAnnotation)
    live_client.create_batch(text, text, callback=text)
    uploaded = live_client.upload_file(picture(), display_name=text)
    task = pending_task(
        live_client,
        project=text,
        batch=text,
        attachment=uploaded.attachment_url,
        instruction=text,
        unique_id=text,
        tags=[text],
        metadata={text: text},
        callback_url=text,
        fields=[{"field_id": text, "title": text}],
        **{text: [text]},
    )
    point = {"type": "point", "label": text, "x": 1, "y": 2, "attributes": {text: text}}
    response = {"annotations": [point], text: [{text: text}, {text: text}]}
    sandbox.complete(task.id, response=response)
    live_client.audit_task(task.id, False, text)
    world = world_of(origin, task)
    pages = [requests.get(world + part).text for part in ("", "/batches", "/tasks")]
    for page in (*pages, task_page(origin, task).text):
        assert (
            html.escape(text, quote=False).replace('"', "&#34;").replace("'", "&#39;")
            in page
        )
        for tag in ("<script", "<img src=x", "<svg onload", "49{%"):
            assert tag not in page
        # The links of the page lead to pages that exist.
        for link in re.findall(r'href="(/page/worlds/[^"]+)"', page):
            assert requests.get(origin + html.unescape(link)).status_code == 200
    linked = re.search(r'href="(/page/worlds/\d+/batch\?name=[^"]+)"', pages[1])
    assert linked is not None
    assert task.id in requests.get(origin + html.unescape(linked[1])).text


def test_lone_surrogates_are_shown_as_replacement_characters(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    task = pending_task(live_client)
    sandbox.complete(task.id, response={"half": "\ud83d"})
    assert "half" in task_page(origin, task).text


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://example.com/1.png",
        "data:text/html,<script>alert(1)</script>",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "vbscript:x",
        "file:///etc/passwd",
        "s3://bucket/key.png",
        "//example.com/1.png",
        "https://example.com;script-src 'unsafe-inline'/1.png",
        "https://example.com,*/1.png",
        "https://user@exa\tmple.com/1.png",
        "https://[::1/1.png",
        "https://example.com:99999/1.png",
        "https://example.com/\u202e1.png",
        "https:///1.png",
        "https://example.com/ /1.png",
    ],
)
def test_a_suspicious_url_is_neither_linked_nor_loaded(
    live_client: ScaleClient, origin: str, address: str
) -> None:
    task = pending_task(
        live_client, attachment=address, context_attachments=[{"attachment": address}]
    )
    answer = task_page(origin, task)
    targets = re.findall(r'(?:href|src)="([^"]*)"', answer.text)
    assert [target for target in targets if not re.match(r"/|#", target)] == []
    assert policy_of(answer)["img-src"] == ["'self'", "data:"]


def test_a_small_image_in_the_task_itself_is_shown_but_not_linked(
    live_client: ScaleClient, origin: str
) -> None:
    address = "data:image/png;base64,iVBORw0KGgo="
    task = pending_task(live_client, attachment=address)
    page = task_page(origin, task).text
    assert f'src="{address}"' in page
    assert 'href="data:' not in page


def test_the_content_security_policy_allows_no_script_and_only_the_attachment(
    live_client: ScaleClient, origin: str
) -> None:
    task = pending_task(live_client, attachment="https://img.example.com:8443/1.jpg")
    answer = task_page(origin, task)
    assert policy_of(answer) == {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "https://img.example.com:8443"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
    for path in ("/", "/page/static/style.css", "/page/worlds/999999999"):
        other = requests.get(origin + path)
        assert policy_of(other)["img-src"] == ["'self'", "data:"]
        assert other.headers["X-Content-Type-Options"] == "nosniff"
        assert other.headers["X-Frame-Options"] == "DENY"
    assert "<style" not in answer.text and " style=" not in answer.text


def test_the_page_loads_nothing_from_elsewhere(origin: str) -> None:
    page = requests.get(f"{origin}/").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert all(re.match(r"[/#?]", address) for address in loaded)
    for address in loaded:
        if address.startswith("/page/static/"):
            assert requests.get(origin + address).status_code == 200
    style = requests.get(f"{origin}/page/static/style.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert "url(" not in style.text and "@import" not in style.text


def test_the_buttons_complete_and_review(live_client: ScaleClient, origin: str) -> None:
    task = pending_task(live_client)
    form = form_of(origin, task)
    pressed = press(origin, task, "complete", form, Origin=origin)
    assert pressed.status_code == 303
    assert "is completed" in requests.get(origin + pressed.headers["Location"]).text
    task.refresh()
    assert task.status == "completed" and task.response["annotations"]

    pressed = press(origin, task, "rejected", {**form, "comments": "too small"})
    assert "is rejected" in requests.get(origin + pressed.headers["Location"]).text
    task.refresh()
    assert task.customer_review_status == "rejected"
    assert task.audits[0]["comments"] == "too small"

    press(origin, task, "accepted", form)
    task.refresh()
    assert task.customer_review_status == "accepted"


@pytest.mark.parametrize("action", ["complete", "accepted", "rejected"])
def test_a_button_for_a_task_that_is_no_longer_pending_shows_an_error(
    live_client: ScaleClient, origin: str, action: str
) -> None:
    task = pending_task(live_client)
    form = form_of(origin, task)
    live_client.cancel_task(task.id)
    pressed = press(origin, task, action, form)
    assert 400 <= pressed.status_code < 500
    assert "canceled" in pressed.text
    task.refresh()
    assert task.status == "canceled"


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        pytest.param(None, {}, id="no token"),
        pytest.param("", {}, id="an empty token"),
        pytest.param("x" * 43, {}, id="a wrong token"),
        pytest.param("ü", {}, id="an odd token"),
        pytest.param("right", {"Origin": "https://evil.example"}, id="foreign origin"),
        pytest.param("right", {"Origin": "null"}, id="no origin to tell"),
        pytest.param("right", {"Origin": "http://127.0.0.1:1"}, id="another port"),
        pytest.param("right", {"Origin": ""}, id="empty origin"),
        pytest.param("right", {"Sec-Fetch-Site": "cross-site"}, id="cross site"),
        pytest.param("right", {"Sec-Fetch-Site": "same-site"}, id="same site"),
    ],
)
def test_a_form_of_another_site_cannot_press_a_button(
    live_client: ScaleClient, origin: str, token: Any, headers: Dict[str, str]
) -> None:
    task = pending_task(live_client)
    form = form_of(origin, task)
    if token is None:
        form = {}
    elif token != "right":
        form = {"token": token}
    assert press(origin, task, "complete", form, **headers).status_code == 403
    task.refresh()
    assert task.status == "pending"


def test_the_token_differs_from_sandbox_to_sandbox(
    live_client: ScaleClient, origin: str
) -> None:
    with Sandbox() as other:
        stranger = ScaleClient("live_other", api_instance_url=other.url)
        token = form_of(other.url[: -len("/v1")], pending_task(stranger))
    task = pending_task(live_client)
    assert press(origin, task, "complete", token).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"x=" + b"a" * 200_000, 413, id="too large"),
        pytest.param(b"token=\xff\xfe", 400, id="not ASCII"),
        pytest.param(b"&".join([b"a=b"] * 100), 400, id="too many fields"),
        pytest.param(b"", 403, id="nothing"),
    ],
)
def test_an_invalid_form_is_rejected(
    live_client: ScaleClient, origin: str, body: bytes, status: int
) -> None:
    task = pending_task(live_client)
    address = f"{origin}/page/tasks/{task.id}/complete"
    assert requests.post(address, data=body).status_code == status


def test_an_unknown_button_is_not_found(live_client: ScaleClient, origin: str) -> None:
    task = pending_task(live_client)
    form = form_of(origin, task)
    assert press(origin, task, "explode", form).status_code == 404
    gone = requests.post(f"{origin}/page/tasks/none/complete", data=form)
    assert gone.status_code == 404
    assert requests.get(f"{origin}/page/tasks/{task.id}/complete").status_code == 405


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/page/tasks/none", 404),
        ("/page/tasks/%3Cscript%3E", 404),
        ("/page/worlds/999999999", 404),
        ("/page/worlds/999999999/tasks", 404),
        ("/page/worlds/" + "9" * 40, 404),
        ("/page/worlds/" + "9" * 5000, 404),
        ("/page/worlds/-1", 404),
        ("/page/worlds/%D9%A1", 404),
        ("/page/static/views.py", 404),
        ("/page/static/..%2fviews.py", 404),
        ("/page/static/../views.py", 404),
        ("/?from=-1", 400),
        ("/?from=x", 400),
        ("/?from=9999999999", 200),
    ],
)
def test_a_page_that_does_not_exist_is_answered_with_its_status(
    origin: str, path: str, status: int
) -> None:
    answer = requests.Session().send(raw_request(origin, path))
    assert answer.status_code == status
    assert "<script" not in answer.text.lower()


def test_an_unexpected_error_of_a_view_is_answered_with_a_page_and_logged(
    origin: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Queries, "worlds", fail)
    answer = requests.get(f"{origin}/")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "The sandbox failed; its log says why." in answer.text
    assert "the disk is full" in caplog.text
    caplog.clear()


def raw_request(origin: str, path: str) -> requests.PreparedRequest:
    """Return a request whose path is sent as it stands."""
    prepared = requests.Request("GET", origin).prepare()
    prepared.url = origin + path
    return prepared


def test_the_page_gives_no_access_to_the_api_without_a_key(
    live_client: ScaleClient, sandbox: Sandbox, origin: str
) -> None:
    task = pending_task(live_client)
    form = form_of(origin, task)
    for path in (f"/task/{task.id}", "/tasks", "/projects"):
        answer = requests.get(
            sandbox.url + path, params=form, headers={"Origin": origin}
        )
        assert answer.status_code == 401


def test_a_very_large_response_is_shown_in_part(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    task = pending_task(live_client)
    points = [{"type": "point", "label": "p", "x": n, "y": n} for n in range(5000)]
    deep: Any = "bottom"
    for _ in range(300):
        deep = {"deeper": [deep]}
    sandbox.complete(task.id, response={"annotations": points, "deep": deep})
    page = task_page(origin, task).text
    assert page.count('class="shape ') == 2000
    assert "1,800 more" in page
    assert len(page) < 3_000_000
