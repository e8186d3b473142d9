"""The README: its examples run, and what it says about them is so."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List
from unittest import mock

import pytest

import scaleapi
from tests.docs.blocks import (
    ROOT,
    Part,
    close_all,
    examples_of,
    output_promised_after,
    parts_of,
    run,
    unearned,
    unshown,
)

README = ROOT / "README.rst"

PARTS = parts_of(README)
EXAMPLES = examples_of(PARTS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda part: f"line-{part.line}")
def test_every_example_runs_by_itself_and_prints_what_the_readme_shows(
    example: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    names: Dict[str, Any] = {"__name__": "readme"}
    try:
        printed = run(example, README, names)
    finally:
        close_all(names)
    shown = output_promised_after(example, PARTS)
    assert shown is not None
    assert printed == shown.text


def test_an_example_that_fails_is_reported_at_its_line_of_the_readme() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    for example in EXAMPLES:
        for offset, line in enumerate(example.text.splitlines()):
            assert lines[example.line - 1 + offset].strip() == line.strip()
    with pytest.raises(ZeroDivisionError) as failure:
        run(Part("python", 77, "1 / 0\n"), README, {})
    place = failure.traceback[-1]
    assert (str(place.path), place.lineno + 1) == (str(README), 77)


def test_every_output_is_that_of_an_example() -> None:
    assert unearned(PARTS) == []


def test_every_example_that_prints_is_followed_by_its_output() -> None:
    assert unshown(PARTS) == []


def test_every_link_into_the_repository_leads_somewhere() -> None:
    text = README.read_text(encoding="utf-8")
    links = re.findall(r"`[^`<]+<([^>]+)>`_", text) + re.findall(r":: (docs/.+)", text)
    inside = [link for link in links if not link.startswith("https://")]
    assert len(inside) > 10
    assert [link for link in inside if not (ROOT / link).is_file()] == []


def test_on_pypi_every_link_of_the_readme_is_absolute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setup = mock.Mock()
    monkeypatch.setitem(sys.modules, "setuptools", mock.Mock(setup=setup))
    runpy.run_path(str(ROOT / "setup.py"))
    (call,) = setup.call_args_list
    text = call.kwargs["long_description"]
    links = re.findall(r"`[^`<]+<([^>]+)>`_", text) + re.findall(r"image:: (.+)", text)
    assert len(links) > 10
    assert [link for link in links if not link.startswith("https://")] == []
    assert f"/blob/v{scaleapi.__version__}/docs/quickstart.rst" in text
    assert f"/raw/v{scaleapi.__version__}/docs/images/quickstart.png" in text


@pytest.mark.parametrize("page", ["README.rst", "docs/examples.rst"])
def test_every_script_among_the_examples_is_listed(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for script in (ROOT / "examples").glob("*.py"):
        assert script.name in text


def test_the_readme_can_be_read_at_one_sitting() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 260


def commands() -> List[str]:
    """Return what stands after a ``$`` in the section "Quick start"."""
    text = README.read_text(encoding="utf-8")
    section = re.search(r"\nQuick start\n-+\n(.*?)\n[^\n]+\n-+\n", text, re.DOTALL)
    assert section is not None
    return re.findall(r"^ *\$ (.*)$", section.group(1), re.MULTILINE)


def test_the_quick_start_is_two_commands() -> None:
    assert len(commands()) == 2


def test_nothing_outside_the_quick_start_looks_like_a_command() -> None:
    text = README.read_text(encoding="utf-8")
    assert re.findall(r"^ *\$ (.*)$", text, re.MULTILINE) == commands()


@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_the_continuous_integration_runs_the_second_command(tmp_path: Path) -> None:
    # The script hands its command to the bash that it finds; this one shows it.
    shell = tmp_path / "bash"
    shell.write_text('#!/bin/sh\nprintf %s "$2"\n')
    shell.chmod(0o755)
    script = subprocess.run(
        [shutil.which("bash") or "bash", str(ROOT / ".ci" / "run")],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert script.stdout.decode() == commands()[1]
