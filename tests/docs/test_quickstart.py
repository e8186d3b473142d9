"""The first thing a newcomer runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator, List

import pytest
from PIL import Image, ImageChops

import scaleapi
from scaleapi.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "quickstart.py"


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
    for word in ("label", "car", "person", "building", "mood", "stars", str(out)):
        assert word in done.stdout
    with Image.open(out) as drawn, Image.open(ROOT / "examples/data/street.png") as old:
        assert drawn.size == old.size
        assert ImageChops.difference(drawn, old.convert("RGB")).getbbox() is not None


@pytest.fixture
def quickstart(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(EXAMPLE.parent))
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
