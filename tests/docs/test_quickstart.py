"""The first thing a newcomer runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from PIL import Image, ImageChops

import scaleapi
from scaleapi.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "quickstart.py"
PICTURE = ROOT / "examples" / "data" / "street.png"
BOXES: List[Dict[str, Any]] = json.loads(
    PICTURE.with_suffix(".json").read_text(encoding="utf-8")
)["annotations"]


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLE), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
    )


def test_it_goes_from_nothing_to_a_picture_with_boxes(tmp_path: Path) -> None:
    out = tmp_path / "new" / "boxes.png"
    # A key in the environment alone must never spend money.
    done = run("--out", str(out), SCALE_API_KEY="live_real", HTTPS_PROXY="http://x:1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Started a sandbox of the API on this machine" in done.stdout
    assert "live_real" not in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    for box in BOXES:
        sides = [str(box[key]) for key in ("left", "top", "width", "height")]
        assert [box["label"], *sides] in lines
    assert ["mood", "both"] in lines
    assert str(out) in done.stdout
    with Image.open(out) as drawn, Image.open(PICTURE) as old:
        assert drawn.size == old.size
        assert ImageChops.difference(drawn, old.convert("RGB")).getbbox() is not None
    # The README shows what the script draws. Labels stand above their boxes, and their
    # letters may differ from one version of Pillow to the next.
    with Image.open(out) as drawn, Image.open(ROOT / "docs/images/quickstart.png") as s:
        for box in BOXES:
            area = around(box, 1)
            assert drawn.crop(area).tobytes() == s.convert("RGB").crop(area).tobytes()


def around(box: Dict[str, Any], margin: int) -> Tuple[int, int, int, int]:
    """Return left, top, right and bottom of a box and of what is around it."""
    return (
        box["left"] - margin,
        box["top"] - margin,
        box["left"] + box["width"] + margin,
        box["top"] + box["height"] + margin,
    )


#: Colors of what is labeled: bodies of cars and clothes, wheels and trousers, skin.
OBJECTS = {
    "car": [(201, 68, 60), (74, 115, 170), (224, 165, 47), (33, 37, 42)],
    "person": [(85, 97, 111), (125, 81, 98), (67, 73, 83), (221, 181, 141)],
}


@pytest.mark.parametrize("box", BOXES, ids=lambda box: f"{box['label']}-{box['left']}")
def test_the_boxes_of_the_labeler_are_tight(box: Dict[str, Any]) -> None:
    with Image.open(PICTURE) as opened:
        area = opened.convert("RGB").crop(around(box, 8))

    def belongs(color: Tuple[int, int, int]) -> bool:
        return any(
            max(abs(one - other) for one, other in zip(color, known)) <= 3
            for known in OBJECTS[box["label"]]
        )

    mask = Image.new("1", area.size)
    pixels: List[Tuple[int, int, int]] = [
        area.getpixel((x, y)) for y in range(area.height) for x in range(area.width)
    ]
    mask.putdata([belongs(pixel) for pixel in pixels])
    found = mask.getbbox()
    expected = (8, 8, 8 + box["width"], 8 + box["height"])
    # The edges of the picture are smooth, so that the last pixel may be a mixture.
    assert all(abs(one - other) <= 1 for one, other in zip(found, expected)), found


@pytest.fixture(scope="module")
def quickstart() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLE.parent))
        import quickstart  # type: ignore[import-not-found]

        yield quickstart
        del sys.modules["quickstart"]


def test_it_can_be_run_twice_in_one_world_and_live_only_on_request(
    quickstart: Any, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys: List[str] = []

    def client(key: str, source: str) -> scaleapi.ScaleClient:
        keys.append(key)
        return scaleapi.client.ScaleClient(key, source, sandbox.url)

    monkeypatch.setattr(quickstart.scaleapi, "ScaleClient", client)
    monkeypatch.setenv("SCALE_API_KEY", "test_quickstart")
    for _ in range(2):
        quickstart.main(["--live", "--out", str(tmp_path / "out.png")])
    assert keys == ["test_quickstart"] * 2


def test_live_without_a_key_says_what_is_missing(quickstart: Any) -> None:
    with pytest.raises(SystemExit, match="SCALE_API_KEY"):
        quickstart.main(["--live"])


def test_a_task_that_pends_too_long_is_named(
    quickstart: Any, live_client: scaleapi.ScaleClient
) -> None:
    task = live_client.create_task("textcollection", attachments=[], fields=[])
    with pytest.raises(SystemExit, match=task.id):
        quickstart.wait_for(task, seconds=0)
    task.cancel()
    with pytest.raises(SystemExit, match="never be completed: .* 'canceled'"):
        quickstart.wait_for(task, seconds=60)
