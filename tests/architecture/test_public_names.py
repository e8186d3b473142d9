"""Every public name has one module, a docstring, a page and a test."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from typing import Any, Dict, Iterator, List, Set, Tuple

import pytest

import scaleapi
from scaleapi import ScaleClient
from scaleapi.exceptions import ExceptionMap
from scaleapi.sandbox import Sandbox
from tests.architecture.layers import layers
from tests.docs.blocks import ROOT

SOURCE = ROOT / "scaleapi"
#: Tests of behavior; those of names and signatures alone do not count for a call.
BEHAVIOR = [
    path
    for folder in (
        *("unit", "client", "faults", "bulk", "download", "export", "sandbox", "v2"),
    )
    for path in sorted((ROOT / "tests" / folder).rglob("*.py"))
]
TYPES = [ROOT / "tests" / "types" / "public.py"]
PAGES = [
    ROOT / "README.rst",
    *sorted((ROOT / "docs").glob("*.rst")),
    *sorted((ROOT / "docs" / "guides").glob("*.rst")),
]

CLASSES = {
    name: kind
    for name, kind in (
        *((name, getattr(scaleapi, name)) for name in scaleapi.__all__),
        ("Sandbox", Sandbox),
    )
    if inspect.isclass(kind)
}


def calls() -> Iterator[Tuple[str, Any]]:
    """Yield what users can call on the classes, with its name."""
    for class_name, kind in CLASSES.items():
        for name, member in inspect.getmembers(kind):
            made_here = (getattr(member, "__module__", "") or "").startswith("scaleapi")
            if not name.startswith("_") and callable(member) and made_here:
                yield f"{class_name}.{name}", member


CALLS = dict(calls())


def words(paths: List[Any]) -> Set[str]:
    return {
        word for path in paths for word in re.findall(r"\w+", path.read_text("utf-8"))
    }


#: Modules of v2 whose classes people meet.
V2_MODULES = [
    "annotations",
    "answers",
    "calls",
    "connection",
    "conversations",
    "enums",
    "errors",
    "records",
    "requests",
    "resources",
]
REFERENCE = [
    line
    for page in (ROOT / "docs" / "reference").glob("*.rst")
    for line in page.read_text("utf-8").splitlines()
]
TESTED = words(BEHAVIOR)
SHOWN = words(PAGES)


def definitions() -> Dict[str, List[str]]:
    """Return the name of each class -> the modules that define it."""
    found: Dict[str, List[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        module = path.relative_to(SOURCE).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(module)
    return found


DEFINITIONS = definitions()


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_defined_in_one_module(name: str) -> None:
    # The sandbox is a program of its own, and v2 an API of its own, with other tasks
    # and batches. So they may use a name again.
    kind = CLASSES[name]
    found = DEFINITIONS[kind.__name__]
    of_v2 = kind.__module__.startswith("scaleapi.v2.")
    in_client = [
        path
        for path in found
        if not path.startswith("sandbox/") and path.startswith("v2/") == of_v2
    ]
    assert len(in_client or found) == 1


@pytest.mark.parametrize("name", [n for n in dir(ScaleClient) if n[0] != "_"])
def test_a_call_of_the_client_is_defined_in_one_class(name: str) -> None:
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
def test_a_test_of_behavior_names_the_call(name: str) -> None:
    assert name.rpartition(".")[2] in TESTED


@pytest.mark.parametrize("name", CLASSES)
def test_a_test_names_the_class(name: str) -> None:
    # The test of the map goes through all of its classes.
    mapped = {kind.__name__ for kind in ExceptionMap.values()}
    bases = {base.__name__ for kind in CLASSES.values() for base in kind.__mro__[1:]}
    assert name in TESTED | words(TYPES) | mapped | bases


@pytest.mark.parametrize("name", [n for n in CLASSES if n != "Sandbox"])
def test_the_module_that_offers_a_class_has_a_page_of_the_reference(name: str) -> None:
    offered_by = scaleapi._DEFINED_IN[name]
    assert {
        f".. autoclass:: scaleapi.{name}",
        f".. automodule:: scaleapi.{offered_by}",
    } & set(REFERENCE)


def test_the_reference_has_each_public_module_once() -> None:
    shown = [line for line in REFERENCE if line.startswith(".. automodule:: scaleapi.")]
    public = [name for layer in layers("client") for name in layer if name[0] != "_"]
    public.remove("pytest_plugin")  # its fixtures are on the page about testing
    public.remove("cli")  # the page about the command line has its commands
    assert sorted(shown) == sorted(
        f".. automodule:: scaleapi.{name}"
        for name in (
            *(*public, "sandbox", "sandbox.factories", "sandbox.factories.v2"),
            *(f"v2.{module}" for module in V2_MODULES),
        )
    )


@pytest.mark.parametrize("name", CALLS)
def test_a_docstring_that_explains_arguments_explains_all_of_them(name: str) -> None:
    call = CALLS[name]
    text = call.__doc__ or ""
    for parameter in inspect.signature(call).parameters:
        if parameter != "self" and "Args:" in text:
            assert re.search(rf"^ +\**{parameter}: \S", text, re.MULTILINE), parameter


def test_a_type_checker_and_the_interpreter_find_names_in_the_same_modules() -> None:
    tree = ast.parse((SOURCE / "__init__.py").read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    declared = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    submodules = {name for name, module in declared.items() if module == "scaleapi"}
    assert {n: m for n, m in declared.items() if n not in submodules} == {
        name: f"scaleapi.{module}" for name, module in scaleapi._DEFINED_IN.items()
    }
    assert set(scaleapi.__all__) == {*declared, "__version__"}
    assert set(scaleapi.__all__) <= set(dir(scaleapi))


def test_importing_the_package_imports_neither_requests_nor_a_module() -> None:
    script = "import sys, scaleapi; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True
    )
    imported = done.stdout.split()
    assert "requests" not in imported
    ours = {name for name in imported if name.partition(".")[0] == "scaleapi"}
    assert ours == {"scaleapi", "scaleapi._version"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(scaleapi, "Tasks")


def test_each_exported_name_is_there_once() -> None:
    assert len(scaleapi.__all__) == len(set(scaleapi.__all__))
    for name in scaleapi.__all__:
        assert hasattr(scaleapi, name)
