"""The type test has every public call in it."""

from __future__ import annotations

import ast
import inspect
import typing
from pathlib import Path
from typing import Any, Iterator, Set, Tuple

import pytest

import scaleapi
from scaleapi import ScaleClient
from scaleapi.v2.times import TimeFilter

FILE = Path(__file__).with_name("public.py")
#: What `scaleapi.client` does not import before v2 is used.
LATE = {
    "ExpandableEnumTask": scaleapi.ExpandableEnumTask,
    "Option": scaleapi.Option,
    "TimeFilter": TimeFilter,
    "V2Task": scaleapi.V2Task,
}
TREE = ast.parse(FILE.read_text("utf-8"))


def classes() -> Iterator[type]:
    for name in scaleapi.__all__:
        cls = getattr(scaleapi, name)
        if inspect.isclass(cls) and not issubclass(cls, (Exception, str)):
            yield cls


def calls() -> Iterator[Tuple[str, Any]]:
    for cls in classes():
        for name, member in inspect.getmembers(cls, callable):
            ours = getattr(member, "__module__", None) or ""
            if not name.startswith("_") and ours.startswith("scaleapi"):
                yield f"{cls.__name__}.{name}", member


def used() -> Set[str]:
    return {node.attr for node in ast.walk(TREE) if isinstance(node, ast.Attribute)}


def test_public_py_has_every_call_of_every_class() -> None:
    missing = {name for name, _ in calls() if name.partition(".")[2] not in used()}
    assert missing == set()


@pytest.mark.parametrize(
    "name",
    [n for n in dir(ScaleClient) if n[0] != "_" and callable(getattr(ScaleClient, n))],
)
def test_public_py_asserts_what_each_call_returns(name: str) -> None:
    asserted = {
        node.func.attr
        for call in ast.walk(TREE)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "assert_type"
        for node in ast.walk(call.args[0])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    properties = {
        call.args[0].attr
        for call in ast.walk(TREE)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "assert_type"
        and isinstance(call.args[0], ast.Attribute)
    }
    by_name = {
        node.value.func.attr
        for node in ast.walk(TREE)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
    }
    assert name in asserted | by_name | properties


@pytest.mark.parametrize(
    ("name", "call"), list(calls()), ids=[name for name, _ in calls()]
)
def test_every_parameter_has_a_type_that_the_interpreter_can_read(
    name: str, call: Any
) -> None:
    hints = typing.get_type_hints(call, None, LATE.copy())
    expected = set(inspect.signature(call).parameters) - {"self"}
    assert set(hints) - {"cls"} == expected | {"return"}
