"""The README: its examples run, and what it says about them is so."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

from scaleapi import Api, Batch, Project, ScaleClient, Task, TaskTemplate, Teammate
from scaleapi.exceptions import ExceptionMap
from tests.docs.blocks import (
    ROOT,
    Part,
    close_all,
    examples_of,
    parts_of,
    run,
    run_all,
    unearned,
    unshown,
)

README = ROOT / "README.rst"

PARTS = parts_of(README)
EXAMPLES = examples_of(PARTS)


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dict[str, Any]]:
    """What the examples share; they stand in a checkout's root."""
    monkeypatch.chdir(ROOT)
    names: Dict[str, Any] = {"__name__": "readme"}
    yield names
    close_all(names)


def test_every_example_runs_and_prints_what_the_readme_shows(
    namespace: Dict[str, Any],
) -> None:
    run_all(README, namespace)


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


def calls_of(kind: type) -> List[str]:
    """Return the public methods of a class."""
    return [
        name
        for name, member in inspect.getmembers(kind, callable)
        if not name.startswith("_")
    ]


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            name
            for kind in (
                ScaleClient,
                Api,
                Task,
                Batch,
                Project,
                TaskTemplate,
                Teammate,
            )
            for name in calls_of(kind)
        }
    ),
)
def test_an_example_shows_the_call(name: str) -> None:
    called = {
        node.func.attr
        for example in EXAMPLES
        for node in ast.walk(ast.parse(example.text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert name in called


@pytest.mark.parametrize(
    ("status", "kind"), ExceptionMap.items(), ids=map(str, ExceptionMap)
)
def test_the_table_of_errors_has_the_status_with_its_class(
    status: int, kind: type
) -> None:
    rows = [line.split()[:2] for part in PARTS for line in part.text.splitlines()]
    assert [str(status), f"``{kind.__name__}``"] in rows


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
