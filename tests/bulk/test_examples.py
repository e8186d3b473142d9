"""The examples, run as a team would run them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

import scaleapi
from scaleapi import ScaleClient
from scaleapi.annotations import parse
from scaleapi.sandbox import Sandbox
from tests.faulty_proxy import TEXT, numbered

ROOT = Path(__file__).resolve().parents[2]


def run(
    name: str, *arguments: str, **environment: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / name), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import examples, with a client that is ours."""

    def load(name: str, client: ScaleClient) -> Any:
        monkeypatch.syspath_prepend(str(ROOT / "examples"))
        monkeypatch.setenv("SCALE_API_KEY", client.api.api_key)
        monkeypatch.setattr(scaleapi, "ScaleClient", lambda **_: client)
        module = __import__(name)
        monkeypatch.delitem(sys.modules, name)
        return module

    return load


def rows(path: Path) -> List[Dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_csv_becomes_tasks_in_a_sandbox(tmp_path: Path) -> None:
    shutil.copy(str(ROOT / "examples/data/cows.csv"), str(tmp_path))
    done = run(
        "create_from_csv.py",
        str(tmp_path / "cows.csv"),
        "--project",
        "cows",
        SCALE_API_KEY="live_real",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 created" in done.stdout
    assert [row["status"] for row in rows(tmp_path / "cows.results.csv")] == [
        "created"
    ] * 4


def test_a_csv_can_be_sent_again_mended_and_longer(
    scripts: Any,
    live_client: ScaleClient,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = scripts("create_from_csv", live_client)
    path = tmp_path / "cows.csv"
    text = (ROOT / "examples/data/cows.csv").read_text("utf-8")
    arguments = [str(path), "--project", "cows", "--batch", "w 9", "--live"]
    path.write_text(text.replace("https://example.com/cows/2.jpg", ""), "utf-8")
    with pytest.raises(SystemExit, match="1 rows failed"):
        script.main(arguments)
    path.write_text(text + "https://example.com/cows/5.jpg,5,,\n", "utf-8")
    script.main(arguments)
    statuses = [row["status"] for row in rows(tmp_path / "cows.results.csv")]
    assert statuses == ["existing", "created", "existing", "existing", "created"]
    tasks = list(live_client.get_tasks("cows", batch_name="w 9"))
    assert len(tasks) == 5
    first = next(t for t in tasks if t.params["attachment"].endswith("1.jpg"))
    assert first.metadata == {"camera": "3", "farm": "north"}
    assert first.tags == ["dawn", "herd"]
    assert "3 existing" in capsys.readouterr().out


def test_a_csv_that_breaks_off_is_reported(
    scripts: Any, live_client: ScaleClient, tmp_path: Path
) -> None:
    script = scripts("create_from_csv", live_client)
    path = tmp_path / "cows.csv"
    path.write_text("attachment,tags\nhttps://x/1.jpg,\nhttps://x/2.jpg\n", "utf-8")
    with pytest.raises(SystemExit, match="1 rows failed"):
        script.main([str(path), "--project", "cows", "--live"])
    results = rows(tmp_path / "cows.results.csv")
    assert [row["status"] for row in results] == ["created", "failed"]
    assert "fewer cells" in results[1]["error"]


def test_a_yolo_dataset_becomes_tasks_with_pre_labels(tmp_path: Path) -> None:
    data, out = ROOT / "examples/data", tmp_path / "out"
    arguments = [str(data), str(data / "labels"), "--out", str(out)]
    done = run("create_from_yolo.py", *arguments, SCALE_API_KEY="live_real")
    assert (done.returncode, done.stderr) == (0, "")
    assert "created: street.png, 3 shapes" in done.stdout
    assert (out / "street.png.svg").read_text("utf-8").count("<rect") == 4


def test_a_yolo_dataset_can_be_sent_again(
    scripts: Any,
    live_client: ScaleClient,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = scripts("create_from_yolo", live_client)
    data = ROOT / "examples/data"
    arguments = [str(data), str(data / "labels"), "--out", str(tmp_path), "--live"]
    script.main(arguments)
    script.main(arguments)
    assert "existing: street.png, 3 shapes" in capsys.readouterr().out
    (task,) = live_client.get_tasks("street")
    (first, *_) = parse(task.params["hypothesis"]).boxes
    line = (data / "labels/street.txt").read_text("utf-8").splitlines()[0]
    x, y, width, height = (float(part) for part in line.split()[1:])
    assert (first.left, first.top) == ((x - width / 2) * 640, (y - height / 2) * 400)
    assert (first.width, first.height) == (width * 640, height * 400)


def test_a_batch_is_canceled(
    scripts: Any,
    live_client: ScaleClient,
    sandbox: Sandbox,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = scripts("cancel_batch", live_client)
    live_client.create_project("p", "textcollection", studio=True)
    live_client.create_batch("p", "b/1")
    payloads = [{**payload, "batch": "b/1"} for payload in numbered(150)]
    made = list(live_client.create_tasks("textcollection", payloads))
    assert made[7].task is not None
    sandbox.complete(made[7].task.id)
    script.main(["b/1"])
    assert "149 tasks are pending" in capsys.readouterr().out
    script.main(["b/1", "--yes", "--clear-unique-ids"])
    assert "149 of 149 tasks are canceled" in capsys.readouterr().out
    numbers = live_client.batch_status("b/1")
    assert (numbers["canceled"], numbers["completed"]) == (149, 1)
    assert not hasattr(live_client.get_task(made[0].value.id), "unique_id")  # type: ignore[union-attr]
    script.main(["b/1", "--yes"])
    assert "0 of 0" in capsys.readouterr().out


def test_tasks_that_cannot_be_canceled_are_named(
    scripts: Any, live_client: ScaleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = scripts("cancel_batch", live_client)
    live_client.create_project("p", "textcollection", studio=True)
    live_client.create_batch("p", "b")
    live_client.create_task("textcollection", batch="b", **TEXT)
    gone = type("Gone", (), {"id": "f" * 24})
    monkeypatch.setattr(live_client, "get_tasks", lambda **_: [gone])
    with pytest.raises(SystemExit, match="1 tasks could not be canceled"):
        script.main(["b", "--yes"])
    with pytest.raises(SystemExit, match="There is no batch 'c'"):
        script.main(["c"])


def test_a_key_is_needed_to_cancel() -> None:
    done = run("cancel_batch.py", "b")
    assert done.returncode == 1 and "SCALE_API_KEY" in done.stderr
