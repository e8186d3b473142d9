"""The README: its examples run, and what it says about them is so."""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

import pytest

from scaleapi import Api, Batch, Project, ScaleClient, Task, TaskTemplate, Teammate
from scaleapi.exceptions import ExceptionMap
from scaleapi.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.rst"

_DIRECTIVE = re.compile(r"\.\. code-block:: (\w+)\n")


class Part(NamedTuple):
    """A paragraph of the README, or one of its code blocks.

    Attributes:
        language: Language of the block; None for a paragraph.
        line: Number of its first line.
        text: Without the indentation.
    """

    language: Optional[str]
    line: int
    text: str


def parts_of(text: str) -> List[Part]:
    lines = text.splitlines(keepends=True)
    parts = []
    number = 0
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        directive = _DIRECTIVE.fullmatch(lines[number])
        start = number
        if directive is None:
            while number < len(lines) and lines[number].strip():
                number += 1
            parts.append(Part(None, start + 1, "".join(lines[start:number])))
            continue
        number += 1
        while number < len(lines) and lines[number][:1].isspace():
            number += 1
        body = "".join(lines[start + 1 : number])
        blank = len(body) - len(body.lstrip("\n"))
        code = textwrap.dedent(body).strip("\n") + "\n"
        parts.append(Part(directive.group(1), start + 2 + blank, code))
    return parts


PARTS = parts_of(README.read_text(encoding="utf-8"))
EXAMPLES = [part for part in PARTS if part.language == "python"]


def output_promised_after(example: Part) -> Optional[Part]:
    """Return the block that shows what an example prints, if there is one."""
    place = PARTS.index(example)
    following = PARTS[place + 1 : place + 3]
    if [part.language for part in following] != [None, "text"]:
        return None
    return following[1] if "prints" in following[0].text else None


def run(example: Part, namespace: Dict[str, Any]) -> str:
    """Run an example as if it stood in a file of its own where it stands here."""
    code = "\n" * (example.line - 1) + example.text
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, str(README), "exec"), namespace)
    return printed.getvalue()


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dict[str, Any]]:
    """What the examples share; they stand in a checkout's root."""
    monkeypatch.chdir(ROOT)
    names: Dict[str, Any] = {"__name__": "readme"}
    yield names
    for value in names.values():
        if isinstance(value, ScaleClient):
            value.api.session.close()
    if "sandbox" in names:
        names["sandbox"].stop()


def test_every_example_runs_and_prints_what_the_readme_shows(
    namespace: Dict[str, Any],
) -> None:
    for example in EXAMPLES:
        printed = run(example, namespace)
        promised = output_promised_after(example)
        if promised is not None:
            where = f"README.rst, line {promised.line}"
            assert printed == promised.text, where


def test_an_example_that_fails_is_reported_at_its_line_of_the_readme() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    for example in EXAMPLES:
        for offset, line in enumerate(example.text.splitlines()):
            assert lines[example.line - 1 + offset].strip() == line.strip()
    with pytest.raises(ZeroDivisionError) as failure:
        run(Part("python", 77, "1 / 0\n"), {})
    place = failure.traceback[-1]
    assert (str(place.path), place.lineno + 1) == (str(README), 77)


def test_every_output_is_that_of_an_example() -> None:
    shown = [part for part in PARTS if part.language == "text"]
    assert shown == [
        promised for promised in map(output_promised_after, EXAMPLES) if promised
    ]


def test_every_example_that_prints_is_followed_by_its_output() -> None:
    silent = [
        example.line
        for example in EXAMPLES
        if "print(" in example.text and not output_promised_after(example)
    ]
    assert silent == []


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
                Sandbox,
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
