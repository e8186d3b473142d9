"""Every public name has its one room, its docstring, its page and its test."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any, Dict, Iterator, List, Set, Tuple

import pytest

import scaleapi
from scaleapi import ScaleClient
from scaleapi.exceptions import ExceptionMap
from scaleapi.sandbox import Sandbox
from tests.docs.blocks import ROOT
from tests.architecture.test_doors import HEIGHT

SOURCE = ROOT / "scaleapi"
#: Tests of behaviour; those of names and signatures alone do not count for a call.
BEHAVIOUR = [
    path
    for folder in ("unit", "client", "faults", "bulk", "sandbox")
    for path in sorted((ROOT / "tests" / folder).rglob("*.py"))
]
TYPES = [ROOT / "tests" / "types" / "public.py"]
PAGES = [
    ROOT / "README.rst",
    *sorted((ROOT / "docs").glob("*.rst")),
    *sorted((ROOT / "docs" / "guides").glob("*.rst")),
]

CLASSES = {
    kind.__name__: kind
    for kind in (*(getattr(scaleapi, name) for name in scaleapi.__all__), Sandbox)
    if inspect.isclass(kind)
}


def calls() -> Iterator[Tuple[str, Any]]:
    """Yield what users can call on the classes, with its name."""
    for kind in CLASSES.values():
        for name, member in inspect.getmembers(kind):
            made_here = (getattr(member, "__module__", "") or "").startswith("scaleapi")
            if not name.startswith("_") and callable(member) and made_here:
                yield f"{kind.__name__}.{name}", member


CALLS = dict(calls())


def words(paths: List[Any]) -> Set[str]:
    return {
        word for path in paths for word in re.findall(r"\w+", path.read_text("utf-8"))
    }


TESTED = words(BEHAVIOUR)
SHOWN = words(PAGES)


def definitions() -> Dict[str, List[str]]:
    """Return the name of each class -> the rooms in which it is defined."""
    found: Dict[str, List[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        room = path.relative_to(SOURCE).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(room)
    return found


DEFINITIONS = definitions()


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_defined_in_one_room(name: str) -> None:
    # The sandbox is a program of its own, and has its own words.
    found = DEFINITIONS[name]
    in_client = [room for room in found if not room.startswith("sandbox/")]
    assert len(in_client or found) == 1


@pytest.mark.parametrize("name", [n for n in dir(ScaleClient) if n[0] != "_"])
def test_a_call_of_the_client_is_defined_in_one_room(name: str) -> None:
    owners = [kind for kind in ScaleClient.__mro__ if name in vars(kind)]
    assert len(owners) == 1


@pytest.mark.parametrize("name", [*CLASSES, *CALLS])
def test_it_has_a_docstring_that_begins_with_a_sentence(name: str) -> None:
    text = inspect.cleandoc((CLASSES.get(name) or CALLS[name]).__doc__ or "")
    first = text.partition("\n")[0]
    assert first[:1].isupper() or first[:1].isdigit()
    assert first.endswith((".", ":"))


@pytest.mark.parametrize("name", CALLS)
def test_a_page_that_teaches_names_the_call(name: str) -> None:
    assert name.rpartition(".")[2] in SHOWN


@pytest.mark.parametrize("name", CALLS)
def test_a_test_of_behaviour_names_the_call(name: str) -> None:
    assert name.rpartition(".")[2] in TESTED


@pytest.mark.parametrize("name", CLASSES)
def test_a_test_names_the_class(name: str) -> None:
    # The test of the map goes through all of its classes.
    mapped = {kind.__name__ for kind in ExceptionMap.values()}
    bases = {base.__name__ for kind in CLASSES.values() for base in kind.__mro__[1:]}
    assert name in TESTED | words(TYPES) | mapped | bases


@pytest.mark.parametrize("name", [n for n in CLASSES if n != "Sandbox"])
def test_its_room_has_a_page_of_the_reference(name: str) -> None:
    room = CLASSES[name].__module__[len("scaleapi.") :].partition(".")[0]
    assert room in HEIGHT
    # What a private room defines for a public one stands with the public one.
    offered_by = scaleapi._DEFINED_IN[name]
    pages = (ROOT / "docs" / "reference").glob("*.rst")
    lines = {line for page in pages for line in page.read_text("utf-8").splitlines()}
    assert {
        f".. autoclass:: scaleapi.{name}",
        f".. automodule:: scaleapi.{offered_by}",
    } & lines


@pytest.mark.parametrize("name", CALLS)
def test_a_docstring_that_explains_arguments_explains_all_of_them(name: str) -> None:
    call = CALLS[name]
    text = call.__doc__ or ""
    for parameter in inspect.signature(call).parameters:
        if parameter != "self" and "Args:" in text:
            assert re.search(rf"^ +\**{parameter}: \S", text, re.MULTILINE), parameter
