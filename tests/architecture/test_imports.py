"""The drawing of the house, held against its imports."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterator, Set

import scaleapi
from scaleapi import ScaleClient

ROOT = Path(scaleapi.__file__).parent

#: The rooms from the ground up: each may import those before it.
HEIGHT = {
    room: height
    for height, room in enumerate(
        [
            "_version",
            "_monotonic",
            "exceptions",
            "_transport.retry",
            "_transport.rate_limiter",
            "_transport.interrupt",
            "_transport.recovery",
            "_transport.redact",
            "_transport.expectations",
            "_transport.encoding",
            "_decoding",
            "_core.enums",
            "_transport.options",
            "_transport.multipart",
            "_transport.adapter",
            "_transport.session",
            "_transport.responses",
            "_transport.endpoint",
            "_transport.request",
            "_transport.history",
            "api",
            "_core.calls",
            "_core.models",
            "_core.paging",
            "_core.params",
            "_core.polling",
            "_core.progress",
            "tasks.enums",
            "tasks.filters",
            "tasks.task",
            "tasks.calls",
            "tasks",
            "batches",
            "projects",
            "files",
            "teams",
            "studio",
            "quality_tasks",
            "evaluation_tasks",
            "training_tasks",
            "bulk.keys",
            "bulk.results",
            "bulk.remote",
            "bulk.workers",
            "bulk.backends",
            "bulk.engine",
            "bulk.calls",
            "bulk",
            "client",
        ]
    )
}

#: In front of the house: it leads to client and sandbox, and nothing leads to it.
PORCH = {"pytest_plugin"}

#: All that knows HTTP: the transport and what it stands on.
TRANSPORT = {
    "api",
    "_transport.request",
    "_transport.session",
    "_transport.adapter",
    "_transport.responses",
    "_transport.history",
    "_transport.multipart",
}

PURE = [
    "tasks.filters",
    "tasks.enums",
    "_transport.retry",
    "_transport.rate_limiter",
    "_core.polling",
    "bulk.keys",
    "_transport.recovery",
    "_transport.redact",
    "_transport.expectations",
    "_transport.encoding",
    "_transport.endpoint",
    "_core.params",
    "_core.paging",
    "_core.enums",
    "exceptions",
]
IMPURE = {"time", "random", "socket", "requests", "urllib3", "os", "ssl", "threading"}


def rooms() -> Iterator[str]:
    for path in sorted(ROOT.rglob("*.py")):
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        yield ".".join(parts)


def imports(room: str) -> Set[str]:
    """Return the modules that a room imports, except for annotations only."""
    base = ROOT.joinpath(*room.split(".")) if room else ROOT
    path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        test = getattr(node, "test", None)
        if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING":
            node.body = []  # type: ignore[attr-defined]
    found: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{room} has a relative import"
            found.add(node.module or "")
    return found


def ours(room: str) -> Set[str]:
    return {
        name[len("scaleapi.") :]
        for name in imports(room)
        if name.startswith("scaleapi.")
    }


def test_every_room_of_the_client_has_its_floor() -> None:
    in_client = {room for room in rooms() if room and not room.startswith("sandbox")}
    assert in_client - PORCH == set(HEIGHT)


def test_doors_lead_downward_only() -> None:
    for room, height in HEIGHT.items():
        for other in ours(room):
            assert other in HEIGHT, f"{room} imports {other}"
            assert HEIGHT[other] < height, f"{room} imports {other}, which is above"


def test_only_the_transport_knows_http() -> None:
    for room in HEIGHT:
        libraries = {name.partition(".")[0] for name in imports(room)}
        assert room in TRANSPORT or not libraries & {"requests", "urllib3"}, room


def test_pure_rooms_do_no_io() -> None:
    for room in PURE:
        assert not {name.partition(".")[0] for name in imports(room)} & IMPURE, room


def test_the_sandbox_takes_only_words_and_a_clock_from_the_client() -> None:
    for room in rooms():
        if room.startswith("sandbox"):
            from_client = {o for o in ours(room) if not o.startswith("sandbox")}
            assert from_client <= {"tasks.enums", "_version", "_monotonic"}, room


def test_nothing_leads_to_the_porch() -> None:
    for room in rooms():
        assert not ours(room) & PORCH, room


def test_only_the_store_speaks_sql() -> None:
    for room in rooms():
        if not room.startswith("sandbox.store"):
            assert "sqlite3" not in imports(room), room


def test_no_name_is_defined_in_two_rooms_of_the_client() -> None:
    owners: Dict[str, type] = {}
    for kind in ScaleClient.__mro__[1:-1]:
        for name in vars(kind):
            if name.startswith("__"):
                continue
            assert name not in owners, f"{name} is in {kind} and {owners[name]}"
            owners[name] = kind
    assert len(owners) > 20


def test_every_public_call_and_class_is_documented() -> None:
    for name, member in inspect.getmembers(ScaleClient, inspect.isfunction):
        if not name.startswith("_"):
            assert (member.__doc__ or "").strip(), name
    for name in scaleapi.__all__:
        assert (getattr(scaleapi, name).__doc__ or "").strip(), name


def test_a_checker_and_the_interpreter_find_the_same_names_in_the_same_rooms() -> None:
    tree = ast.parse((ROOT / "__init__.py").read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    told = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    submodules = {name for name, module in told.items() if module == "scaleapi"}
    assert {n: m for n, m in told.items() if n not in submodules} == {
        name: f"scaleapi.{room}" for name, room in scaleapi._DEFINED_IN.items()
    }
    assert set(scaleapi.__all__) == {*told, "__version__"}
    assert set(scaleapi.__all__) <= set(dir(scaleapi))


def test_importing_the_package_imports_nothing_else_of_weight() -> None:
    script = "import sys, scaleapi; print('requests' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True
    )
    assert done.stdout.strip() == "False"


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(scaleapi, "Tasks")


def test_all_names_the_package_offers_are_there() -> None:
    assert len(scaleapi.__all__) == len(set(scaleapi.__all__))
    for name in scaleapi.__all__:
        assert hasattr(scaleapi, name)
