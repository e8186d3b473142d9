"""The page about the sandbox: its examples run, and nothing of it is left out."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any, Dict, List

import pytest

from scaleapi import pytest_plugin
from scaleapi.sandbox import Sandbox, factories
from scaleapi.sandbox.routes.operation_table import CONTROL
from scaleapi.sandbox.services.faults import KINDS
from tests.docs.blocks import (
    ROOT,
    Part,
    examples_of,
    parts_of,
    run_all,
    unearned,
    unshown,
)

pytest_plugins = ["pytester"]

PAGE = ROOT / "docs" / "sandbox.rst"
PARTS = parts_of(PAGE)
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_example_runs_and_prints_what_the_page_shows(
    namespace: Dict[str, Any],
) -> None:
    run_all(PAGE, namespace)


def test_every_example_that_prints_is_followed_by_its_output() -> None:
    assert unshown(PARTS) == []


def test_every_output_is_that_of_an_example() -> None:
    assert unearned(PARTS) == []


def example_for_pytest() -> Part:
    (found,) = (e for e in examples_of(PARTS) if e.text.startswith("def test_"))
    return found


def test_the_example_for_pytest_passes_and_has_no_more_than_ten_lines(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = example_for_pytest().text
    assert len(text.splitlines()) <= 10
    pytester.makepyfile(text)
    # Here the package may be installed or not; either way the plugin comes in.
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    options = (
        "-p",
        "no:scaleapi",
        "-p",
        "no:schemathesis",
        "-p",
        "no:hypothesispytest",
    )
    pytester.makeconftest(
        "from scaleapi.pytest_plugin import *\n"
        "from scaleapi.pytest_plugin import _scale_sandbox_server\n"
    )
    run = pytester.runpytest_subprocess(*options, timeout=120)
    run.assert_outcomes(passed=1)


def public(kind: type) -> List[str]:
    return [name for name, _ in inspect.getmembers(kind) if not name.startswith("_")]


@pytest.mark.parametrize("name", public(Sandbox))
def test_the_page_names_every_method_and_attribute_of_the_sandbox(name: str) -> None:
    assert re.search(rf"\b{name}\b", TEXT)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_every_kind_of_fault(kind: str) -> None:
    assert re.search(rf"^    \* - ``{kind}``$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("name", factories.__all__)
def test_the_page_names_every_factory(name: str) -> None:
    assert name == "KINDS" or re.search(rf"\b{name}\b", TEXT)


def test_the_page_names_every_short_name_of_a_kind_of_work() -> None:
    for name, task_type in factories.KINDS.items():
        if name not in factories.KINDS.values() or name == "transcription":
            assert f"``{name}``" in TEXT, (name, task_type)


@pytest.mark.parametrize(
    "path",
    [operation.path.replace("{batch_name}", "{name}") for operation in CONTROL],
)
def test_the_page_names_every_path_of_the_control(path: str) -> None:
    assert f"{path}``" in TEXT


@pytest.mark.parametrize("name", ["scale_sandbox", "scale_client", "scale_live_client"])
def test_the_page_names_every_fixture(name: str) -> None:
    assert hasattr(pytest_plugin, name)
    assert f"``{name}``" in TEXT


def test_every_option_of_the_shell_commands_is_named() -> None:
    folder = ROOT / "scaleapi" / "sandbox"
    options = {
        argument.value
        for name in ("__main__.py", "command_line.py", "run/command.py")
        for node in ast.walk(ast.parse((folder / name).read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "add_argument"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }
    assert len(options) > 10
    for option in options:
        assert option in TEXT, option
