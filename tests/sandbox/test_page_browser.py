"""The sandbox's page in a browser, used as a person would."""

from __future__ import annotations

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, Iterator, List

import pytest
from PIL import Image

from scaleapi import ScaleClient, TaskType
from scaleapi.sandbox import Sandbox
from scaleapi.tasks import Task
from tests.sandbox.browsing import needs_browser, running_browser

pytestmark = needs_browser

#: Text that would run as a script, or break out of its element.
_HOSTILE = (
    '</script></title>"\'><img src=x onerror="window.ran=1"><script>ran=1</script>'
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running_browser() as running:
        yield running


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """An open page; an error in the console fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    troubles: List[str] = []
    opened.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on(
        "console",
        lambda message: (
            troubles.append(message.text)
            if "Content Security Policy" in message.text
            else None
        ),
    )
    yield opened
    context.close()
    assert troubles == []


@pytest.fixture
def origin(sandbox: Sandbox) -> str:
    return sandbox.url[: -len("/v1")]


def picture() -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", (800, 400), (90, 140, 90)).save(content, "PNG")
    content.seek(0)
    return content


def pending_task(client: ScaleClient, **parameters: Any) -> Task:
    client.create_project("cows", TaskType.ImageAnnotation)
    client.create_batch("cows", "may")
    given: Dict[str, Any] = {
        "attachment": client.upload_file(picture()).attachment_url,
        "geometries": {"box": {"objects_to_annotate": ["cow"]}},
        "batch": "may",
        **parameters,
    }
    return client.create_task(TaskType.ImageAnnotation, **given)


def test_a_user_can_find_complete_and_accept_a_task(
    live_client: ScaleClient, origin: str, page: Any
) -> None:
    task = pending_task(live_client)
    page.goto(origin)
    # The newest world is the first.
    page.click("ul.cards li:first-child a.cover")
    page.click("text=cows")
    page.click("a:has-text('may')")
    page.click(f"text={task.id}")
    page.click("button:has-text('Complete')")
    assert page.inner_text("[role=status]") == "The task is completed."
    assert page.is_visible("#shape-1 rect")
    page.fill("textarea", "tight boxes")
    page.click("button:has-text('Accept')")
    assert "tight boxes" in page.inner_text(".history")
    task.refresh()
    assert task.status == "completed"
    assert task.customer_review_status == "accepted"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_box_is_drawn_at_its_position(
    sandbox: Sandbox, live_client: ScaleClient, origin: str, page: Any, width: int
) -> None:
    task = pending_task(live_client)
    box = {"type": "box", "label": "cow", "left": 200, "top": 100}
    sandbox.complete(task.id, {"annotations": [{**box, "width": 400, "height": 200}]})
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{origin}/page/tasks/{task.id}")
    image = page.locator("svg image").bounding_box()
    drawn = page.evaluate(
        "() => { const box = document.querySelector('#shape-1 rect');"
        " const {x, y, width, height} = box.getBoundingClientRect();"
        " return [x, y, width, height]; }"
    )
    scale = image["width"] / 800
    assert image["height"] == pytest.approx(400 * scale, abs=1)
    expected = [image["x"] + 200 * scale, image["y"] + 100 * scale]
    expected += [400 * scale, 200 * scale]
    assert drawn == pytest.approx(expected, abs=1)
    # The box is visible: pixels inside differ from those of the image.
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    middle = shot.getpixel((int(drawn[0] + 6), int(drawn[1] + drawn[3] / 2)))
    outside = shot.getpixel((int(drawn[0] - 9), int(drawn[1] + drawn[3] / 2)))
    assert outside == (90, 140, 90)
    assert middle != outside
    page.click("label:has-text('Hide annotations')")
    assert not page.is_visible("#shape-1 rect")


def test_an_image_of_unknown_size_has_its_annotations_in_its_own_pixels(
    sandbox: Sandbox, live_client: ScaleClient, origin: str, page: Any
) -> None:
    content = picture().read()
    page.route(
        "https://img.example.com/**",
        lambda route: route.fulfill(body=content, content_type="image/png"),
    )
    task = pending_task(live_client, attachment="https://img.example.com/1.png")
    box = {"type": "box", "label": "cow", "left": 200, "top": 100}
    sandbox.complete(task.id, {"annotations": [{**box, "width": 400, "height": 200}]})
    page.goto(f"{origin}/page/tasks/{task.id}")
    image = page.locator(".sheet img").bounding_box()
    drawn = page.locator("#shape-1 rect").bounding_box()
    assert drawn["x"] - image["x"] == pytest.approx(image["width"] / 4, abs=3)
    assert drawn["y"] - image["y"] == pytest.approx(image["height"] / 4, abs=3)
    assert drawn["width"] == pytest.approx(image["width"] / 2, abs=5)


def test_text_of_users_does_not_run_as_script(
    sandbox: Sandbox, live_client: ScaleClient, origin: str, page: Any
) -> None:
    live_client.create_project(_HOSTILE, TaskType.ImageAnnotation)
    live_client.create_batch(_HOSTILE, _HOSTILE, callback=_HOSTILE)
    svg = io.BytesIO(
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        b"<script>parent.ran = 1; window.ran = 1</script></svg>"
    )
    svg.name = _HOSTILE + ".svg"
    file = live_client.upload_file(svg, display_name=_HOSTILE)
    task = pending_task(
        live_client,
        batch=_HOSTILE,
        attachment=file.attachment_url,
        instruction=_HOSTILE,
        tags=[_HOSTILE],
        unique_id=_HOSTILE,
        metadata={_HOSTILE: _HOSTILE},
        callback_url="javascript:window.ran=1",
        context_attachments=[{"attachment": "javascript:window.ran=1"}],
    )
    point = {"type": "point", "label": _HOSTILE, "x": 9, "y": 9}
    point["attributes"] = {_HOSTILE: _HOSTILE}
    sandbox.complete(task.id, {"annotations": [point], _HOSTILE: _HOSTILE})
    page.goto(f"{origin}/page/tasks/{task.id}")
    world = page.get_attribute(".crumbs li:nth-child(2) a", "href")
    assert page.inner_text(".legend a bdi") == _HOSTILE
    for path in (f"/page/tasks/{task.id}", world, f"{world}/batches", f"{world}/tasks"):
        page.goto(origin + path)
        assert page.evaluate("() => window.ran") is None
        assert page.locator("script, [onerror], [onload]").count() == 0
        assert _HOSTILE in page.inner_text("main")


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml"])
def test_an_uploaded_file_that_is_opened_runs_nothing(
    live_client: ScaleClient, origin: str, browser: Any, kind: str
) -> None:
    script = "<script>document.documentElement.id = 'ran'</script>"
    content = io.BytesIO(
        f'<svg xmlns="http://www.w3.org/2000/svg">{script}</svg>'.encode()
        if "svg" in kind
        else f"<!doctype html><title>x</title>{script}".encode()
    )
    content.name = "x.svg" if "svg" in kind else "x.html"
    file = live_client.upload_file(content)
    task = pending_task(live_client, attachment=file.attachment_url)
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{origin}/page/tasks/{task.id}")
    address = page.get_attribute(".under a", "href")
    page.goto(origin + address)
    assert page.evaluate("() => document.documentElement.id") != "ran"
    context.close()


def test_a_form_of_another_site_cannot_press_a_button(
    live_client: ScaleClient, origin: str, page: Any
) -> None:
    task = pending_task(live_client)
    page.goto(f"{origin}/page/tasks/{task.id}")
    token = page.get_attribute("input[name=token]", "value")
    form = (
        f'<form method="post" action="{origin}/page/tasks/{task.id}/complete">'
        f'<input name="token" value="{token}"><button>win</button></form>'
    )
    page.route(
        "http://evil.example/",
        lambda route: route.fulfill(body=form, content_type="text/html"),
    )
    page.goto("http://evil.example/")
    with page.expect_navigation() as navigation:
        page.click("button")
    assert navigation.value.status == 403
    task.refresh()
    assert task.status == "pending"


def test_a_form_of_another_site_cannot_call_the_api(
    live_client: ScaleClient, origin: str, page: Any
) -> None:
    address = origin.replace("http://", f"http://{live_client.api.api_key}:@")
    form = (
        f'<form method="post" enctype="text/plain" action="{address}/v1/projects">'
        """<input name='{"type": "chat", "name": "won", "x":"' value='"}'>"""
        "<button>win</button></form>"
    )
    page.route(
        "http://evil.example/",
        lambda route: route.fulfill(body=form, content_type="text/html"),
    )
    page.goto("http://evil.example/")
    with page.expect_navigation() as navigation:
        page.click("button")
    assert navigation.value.status == 403
    assert "won" not in [project.name for project in live_client.projects()]


def test_another_site_cannot_frame_the_page(origin: str, browser: Any) -> None:
    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<iframe src="{origin}/"></iframe>'.encode())

        def log_message(self, *_: Any) -> None:
            pass

    # A real server, because a page that the driver fakes cannot frame anything.
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        framed = page.frames[-1].content()
        assert len(page.frames) == 2
        context.close()
        server.shutdown()
    assert "Worlds" not in framed


def test_everything_can_be_reached_with_the_keyboard(
    live_client: ScaleClient, origin: str, page: Any
) -> None:
    task = pending_task(live_client)
    page.goto(f"{origin}/page/tasks/{task.id}")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.textContent") == "Complete":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    task.refresh()
    assert task.status == "completed"
