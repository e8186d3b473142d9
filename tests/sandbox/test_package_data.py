"""The sandbox imported from a zip, without files of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import scaleapi
from scaleapi.sandbox.package_data import read_text

PACKAGE = Path(scaleapi.__file__).parent

SCRIPT = """
import sys, urllib.request
from scaleapi import ScaleClient
import scaleapi.sandbox
from scaleapi.sandbox import Sandbox, factories

assert ".zip" in scaleapi.__file__ and ".zip" in scaleapi.sandbox.__file__
assert "site-packages" not in scaleapi.__file__


def get(address):
    with urllib.request.urlopen(address) as answer:
        return answer.read().decode("latin-1")


for db in (None, "state.sqlite3", "state.sqlite3"):
    with Sandbox(db=db) as sandbox:
        origin = sandbox.url[: -len("/v1")]
        client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
        file = client.upload_file(b"hello")
        task = client.create_task(
            "segmentannotation", attachment=file.attachment_url, labels=["cow"]
        )
        task.refresh()
        assert get(task.response["annotations"]["combined"]["image"])[1:4] == "PNG"
        for path in ("/", f"/page/tasks/{task.id}", "/page/worlds/1/tasks"):
            assert "</html>" in get(origin + path), path
        assert "<svg" in get(origin + "/page/static/icon.svg")
        assert "{" in get(origin + "/page/static/style.css")
        assert "openapi" in get(origin + "/openapi.json")
assert factories.task("boxes")["type"] == "imageannotation"
print("done")
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A zip that holds the package."""
    path = tmp_path / "scaleapi.zip"
    with zipfile.ZipFile(path, "w") as found:
        for file in PACKAGE.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                found.write(file, file.relative_to(PACKAGE.parent))
    return path


def run(archive: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=archive.parent,
        env={**os.environ, "PYTHONPATH": str(archive)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        timeout=120,
    )


def test_a_sandbox_imported_from_a_zip_serves_api_page_and_files(
    archive: Path,
) -> None:
    done = run(archive, "-W", "error::DeprecationWarning:scaleapi", "-c", SCRIPT)
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stdout


def test_the_command_runs_from_a_zip(archive: Path) -> None:
    done = run(archive, "-m", "scaleapi.sandbox", "--help")
    assert done.returncode == 0
    assert "--port" in done.stdout


def test_every_file_of_the_package_that_is_not_code_can_be_read() -> None:
    files = [p for p in PACKAGE.rglob("*.*") if p.suffix in (".sql", ".html", ".css")]
    assert len(files) > 8
    for file in files:
        package = ".".join(file.relative_to(PACKAGE.parent).parent.parts)
        assert read_text(package, file.name) == file.read_text("utf-8")
    with pytest.raises(FileNotFoundError):
        read_text("scaleapi.sandbox.page.static", "none.css")
