"""The package held against what is recorded of the official one.

The records list every public name of the two versions: classes with their
bases, members and signatures, and constants.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

import scaleapi
from scaleapi import Api, ScaleClient

VERSIONS = ("2.7.0", "2.18.4")
#: Names with an underscore that scripts use all the same.
KEPT = {"_process_tasks_endpoint_args", "_generate_useragent"}
ADDED_TO_CLIENT = {
    "callback_key",
    "cancel_tasks",
    "check_key",
    "close",
    "create_tasks",
    "download_files",
    "export_tasks",
    "from_profile",
    "get_or_create_batch",
    "get_or_create_project",
    "get_or_create_task",
    "import_files",
    "load_result",
    "map",
    "mode",
    "upload_files",
    "v2",
    "v2_get_tasks",
}
ADDED_TO_API = {"api_key", "close", "file_session", "mode", "request"}


def record(version: str) -> Dict[str, Dict[str, Any]]:
    path = Path(__file__).with_name(f"surface-{version}.json")
    surface: Dict[str, Dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return surface


def names() -> Iterator[Tuple[str, str, str, Any]]:
    for version in VERSIONS:
        for module, members in record(version).items():
            for name, recorded in members.items():
                yield version, module, name, recorded


def classes() -> List[Any]:
    return [
        pytest.param(version, getattr(importlib.import_module(module), name), recorded)
        for version, module, name, recorded in names()
        if isinstance(recorded, dict)
    ]


def methods() -> List[Any]:
    return [
        pytest.param(
            version,
            getattr(importlib.import_module(module), name),
            method,
            text,
            id=f"{version}-{module}.{name}.{method}",
        )
        for version, module, name, recorded in names()
        if isinstance(recorded, dict)
        for method, text in recorded.get("methods", {}).items()
        if not method.startswith("_") or method.startswith("__") or method in KEPT
    ]


@pytest.mark.parametrize(("version", "module", "name", "recorded"), list(names()))
def test_every_name_is_where_it_was(
    version: str, module: str, name: str, recorded: Any
) -> None:
    assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("version", "cls", "recorded"), classes())
def test_every_class_has_its_bases_members_and_code(
    version: str, cls: type, recorded: Dict[str, Any]
) -> None:
    ancestors = {ancestor.__name__ for ancestor in cls.__mro__}
    assert set(recorded["bases"]) <= ancestors
    for member, value in recorded.get("members", {}).items():
        assert cls[member].value == value  # type: ignore[index]
    if version == VERSIONS[-1] and "members" in recorded:
        assert len(cls) == len(recorded["members"])  # type: ignore[arg-type]
    if "code" in recorded:
        assert cls.code == recorded["code"]  # type: ignore[attr-defined]


def parameters(text: str) -> List[Tuple[str, str]]:
    """Return names and defaults from a signature as it was printed."""
    inner = text[1 : text.rindex(")")]
    # Brackets of annotations hold commas of their own.
    while re.search(r"\[[^\[\]]*\]", inner):
        inner = re.sub(r"\[[^\[\]]*\]", "", inner)
    found = []
    for part in filter(None, (part.strip() for part in inner.split(","))):
        declared, _, default = part.partition("=")
        found.append((declared.partition(":")[0].strip(), default.strip()))
    return found


@pytest.mark.parametrize(("version", "cls", "method", "text"), methods())
def test_every_signature_takes_the_recorded_arguments(
    version: str, cls: type, method: str, text: str
) -> None:
    ours = []
    for parameter in inspect.signature(getattr(cls, method)).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY:
            assert parameter.default is not parameter.empty
            continue
        star = {parameter.VAR_KEYWORD: "**", parameter.VAR_POSITIONAL: "*"}
        empty = parameter.default is parameter.empty
        default = "" if empty else repr(parameter.default)
        ours.append((star.get(parameter.kind, "") + parameter.name, default))
    theirs = parameters(text)
    if version == VERSIONS[-1]:
        if method == "__init__":
            # Where the newest one demands an argument ours may have a default.
            assert [name for name, _ in ours] == [name for name, _ in theirs]
        else:
            assert ours == theirs
    else:
        # What came later stands behind, and what was demanded may no longer be.
        for (name, default), (their_name, their_default) in zip(ours, theirs):
            assert name == their_name
            assert not their_default or default == their_default
        assert len(ours) >= len(theirs)
        assert all(default for _, default in ours[len(theirs) :])


def test_constants_have_their_values() -> None:
    for version, module, name, recorded in names():
        value = getattr(importlib.import_module(module), name)
        if name == "ExceptionMap":
            codes = re.findall(r"(\d+): <class", recorded)
            assert {int(code) for code in codes} <= set(value), version
        elif name == "HTTP_RETRY_ALLOWED_METHODS":
            assert set(re.findall(r"'(\w+)'", recorded)) <= value
        elif isinstance(recorded, str):
            assert repr(value) == recorded


def test_every_module_is_reached_by_importing_the_package() -> None:
    for version in VERSIONS:
        for module in record(version):
            reached: Any = scaleapi
            for part in module.split(".")[1:]:
                reached = getattr(reached, part)
            assert inspect.ismodule(reached)


def test_public_names_of_the_client_are_the_recorded_ones_and_our_additions() -> None:
    recorded = record("2.18.4")["scaleapi"]
    for cls, added in ((ScaleClient, ADDED_TO_CLIENT), (Api, ADDED_TO_API)):
        ours = {name for name in dir(cls) if not name.startswith("_")}
        theirs = {n for n in recorded[cls.__name__]["methods"] if n[0] != "_"}
        assert ours - theirs <= added
