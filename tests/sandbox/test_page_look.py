"""How the sandbox's page looks in a browser: in light and dark, wide and narrow."""

from __future__ import annotations

import io
import itertools
from typing import Any, Dict, Iterator, List

import pytest
from PIL import Image

from scaleapi import ScaleClient, TaskType
from scaleapi.sandbox import Sandbox, factories
from tests.sandbox.browsing import needs_browser, running_browser

pytestmark = needs_browser

_KINDS = ("video", "tracks", "lidar", "ranking", "segmentation", "entities", "rubrics")
_LONG = "a_name_without_any_space_" * 8

#: The lowest contrast between a text on the page and its background.
_WORST_CONTRAST = """() => {
  const light = ([r, g, b]) => {
    const part = c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    return .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
  };
  const color = text => text.match(/[\\d.]+/g).map(Number);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const found = color(getComputedStyle(element).backgroundColor);
      if (found.length < 4 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  let worst = [21, ""];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest("svg, datalist")) continue;
    const pair = [color(getComputedStyle(element).color), behind(element)].map(light);
    const ratio = (Math.max(...pair) + .05) / (Math.min(...pair) + .05);
    if (ratio < worst[0]) worst = [ratio, texts.currentNode.data.trim()];
  }
  return worst;
}"""


#: Pairs of labels of drawings that overlap, and labels outside of their drawing.
_MISPLACED_LABELS = """() => {
  const found = [];
  for (const canvas of document.querySelectorAll("svg.canvas")) {
    const frame = canvas.getBoundingClientRect();
    const labels = [...canvas.querySelectorAll("text")].map(
      text => [text.textContent, text.getBoundingClientRect()]);
    labels.forEach(([text, box], number) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1
          || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        found.push(`${text} is outside`);
      for (const [other, its] of labels.slice(number + 1))
        if (box.left < its.right - 1 && its.left < box.right - 1
            && box.top < its.bottom - 4 && its.top < box.bottom - 4)
          found.push(`${text} is on ${other}`);
    });
  }
  return found;
}"""


#: Whether a counter of the tabs reaches out of the window.
_CLIPPED_COUNTERS = """() => [...document.querySelectorAll(".tabs b")].some(
  counter => counter.getBoundingClientRect().right > innerWidth)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def shown() -> Iterator[Dict[str, str]]:
    """What a page shows -> its address."""
    with Sandbox() as sandbox:
        client = ScaleClient(sandbox.live_api_key, api_instance_url=sandbox.url)
        origin = sandbox.url[: -len("/v1")]
        # Its id is that of the first key.
        world = f"{origin}/page/worlds/1"
        pages = {
            "keys": f"{origin}/",
            "projects": world,
            "batches": f"{world}/batches",
            "tasks": f"{world}/tasks",
            "project": f"{world}/project?name={_LONG}",
            "batch": f"{world}/batch?name={_LONG}",
            "not found": f"{origin}/page/tasks/none",
        }
        for name, task_id in _tasks(client, sandbox).items():
            pages[name] = f"{origin}/page/tasks/{task_id}"
        pages["tracks"] += "?frame=5"
        yield pages


def _tasks(client: ScaleClient, sandbox: Sandbox) -> Dict[str, str]:
    client.create_project(_LONG, TaskType.ImageAnnotation)
    client.create_batch(_LONG, _LONG)
    task = client.create_task(
        TaskType.ImageAnnotation,
        attachment=client.upload_file(_picture()).attachment_url,
        geometries={"box": {"objects_to_annotate": ["cow", "calf", _LONG]}},
        batch=_LONG,
        instruction=_LONG,
        unique_id=_LONG,
        metadata={_LONG: {_LONG: {_LONG: [_LONG, {_LONG: _LONG}]}}},
        tags=[_LONG],
    )
    # Four boxes nearly at one place, and one in each corner.
    places = [(20, 20), (22, 21), (24, 22), (26, 23), (0, 0), (790, 390), (0, 390)]
    labels = ["cow", "calf", "cow", _LONG, "cow", "calf", _LONG]
    boxes = [_box(label, *place) for label, place in zip(labels, places)]
    sandbox.complete(task.id, {"annotations": boxes})
    client.audit_task(task.id, False, _LONG)
    answers = client.create_task(
        TaskType.TextCollection,
        attachments=[{"type": "text", "content": _LONG}],
        fields=[
            {"type": "text", "field_id": f"f{number}", "title": "A long question?"}
            for number in range(6)
        ],
        responses_required=3,
    )
    sandbox.complete(answers.id)
    elsewhere = client.create_task(
        TaskType.ImageAnnotation,
        attachment="http://127.0.0.1:9/cow.jpg",
        geometries={"box": {"objects_to_annotate": ["cow"]}},
    )
    sandbox.complete(elsewhere.id)
    tasks = {"boxes": task.id, "answers": answers.id, "elsewhere": elsewhere.id}
    for kind in _KINDS:
        made = client.create_task(factories.KINDS[kind], **factories.parameters(kind))
        sandbox.complete(made.id)
        tasks[kind] = made.id
    return tasks


def _box(label: str, left: int, top: int) -> Dict[str, Any]:
    size = {"width": 10, "height": 10}
    return {"type": "box", "label": label, "left": left, "top": top, **size}


def _picture() -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", (800, 400), (90, 140, 90)).save(content, "PNG")
    content.seek(0)
    return content


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    # Pictures elsewhere are not fetched, so that no network is needed.
    context.route("https://example.com/**", lambda route: route.abort())
    yield context.new_page()
    context.close()


def test_every_page_can_be_read(shown: Dict[str, str], page: Any) -> None:
    troubles: List[Any] = []
    for name, address in shown.items():
        page.goto(address)
        for width, scheme in itertools.product((390, 1280), ("light", "dark")):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate(_MISPLACED_LABELS)
            if page.evaluate("() => document.documentElement.scrollWidth") > width:
                found.append("is wider than the window")
            ratio, text = page.evaluate(_WORST_CONTRAST)
            if ratio < 4.5:
                found.append(f"has a contrast of {ratio}: {text}")
            if page.evaluate(_CLIPPED_COUNTERS):
                found.append("has a counter that is clipped")
            troubles += [(name, width, scheme, each) for each in found]
    assert troubles == []


def test_axe_finds_no_fault_in_a_page(shown: Dict[str, str], page: Any) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-core is missing"
    ).Axe()
    page.emulate_media(color_scheme="dark")
    faults = []
    for name in ("projects", "tasks", "batch", "boxes", "tracks", "ranking"):
        page.goto(shown[name])
        for fault in axe.run(page).response["violations"]:
            faults.append((name, fault["id"], fault["nodes"][0]["html"]))
    assert faults == []


def test_words_stand_in_the_place_of_a_picture_that_cannot_be_fetched(
    shown: Dict[str, str], page: Any
) -> None:
    page.goto(shown["elsewhere"])
    page.wait_for_function("() => document.querySelector('.sheet img').complete")
    assert page.evaluate("() => document.querySelector('.sheet img').naturalWidth") == 0
    # The words are all that an image without content has room for.
    box = page.locator(".sheet img").bounding_box()
    assert box["width"] > 200 and box["height"] > 10
    assert "could not be fetched" in page.locator(".sheet img").get_attribute("alt")
    assert page.is_visible("#shape-1 rect")


def test_the_frames_of_a_video_can_be_turned_over(
    shown: Dict[str, str], browser: Any
) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(shown["tracks"].partition("?")[0])
    seen = []
    for _ in range(3):
        seen.append(page.inner_html(".canvas"))
        page.click("text=Next")
    assert len(set(seen)) == 3
    assert page.inner_text(".frames b") == "Frame 3"
    page.click("text=Previous")
    assert page.inner_text(".frames [aria-current]") == "2"
    page.close()
