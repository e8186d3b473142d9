"""Sphinx: the pages of this folder, and the reference from the docstrings."""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import pkgutil
from pathlib import Path
from typing import Any, Optional, Set

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import scaleapi
from scaleapi import __version__
from scaleapi.v2.records import Record, resolve

project = "scaleapi"
author = "the authors of scaleapi"
copyright = author
release = version = __version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
default_role = "py:obj"
nitpicky = True
# A type variable, which no page describes.
nitpick_ignore = [
    ("py:class", "scaleapi.quality_tasks.Q"),
    ("py:class", "scaleapi.v2.calls._T"),
    ("py:obj", "scaleapi.v2.answers._T"),
]
# Classes of objects that only the package creates.
nitpick_ignore_regex = [
    ("py:class", r"scaleapi\.annotations\.\w+\.(Origin|Rates|Shapes)"),
    ("py:class", r"scaleapi\._transport\.anonymous\.FileSession"),
    ("py:class", r"scaleapi\.v2\.\w+_calls\.V2\w+Calls"),  # V2Api has their calls
]

html_theme = "furo"
html_title = f"scaleapi {release}"

add_module_names = False
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    "undoc-members": True,  # the words of enums speak for themselves
}
autodoc_inherit_docstrings = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
python_use_unqualified_type_names = True


def resolve_fields() -> None:
    """Give the fields of v2 their types, which they get when they are read."""
    importlib.import_module("scaleapi.v2.calls")
    waiting = [Record]
    while waiting:
        waiting += waiting[0].__subclasses__()
        resolve(waiting.pop(0))


resolve_fields()

#: Of Python, and of requests.
_ELSEWHERE = ("datetime", "requests.Session")
#: Of generic types.
_VARIABLES = {"T", "V", "R", "Self"}


def short_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contents: nodes.Element
) -> Optional[nodes.Node]:
    """Link a name that docstrings write short: `get_tasks`, `Batch.wait`.

    A name that several modules define, and a parameter, stay text. So do the
    names of other packages, so that the build needs no network.
    """
    if node.get("refdomain") != "py":
        return None
    target: str = node["reftarget"]
    if node["reftype"] != "obj" and not target.startswith("scaleapi"):
        return contents
    name = target.rpartition(".")[2] if target.startswith("scaleapi") else target
    if name in _VARIABLES:
        return contents
    objects: Any = env.get_domain("py").objects  # type: ignore[attr-defined]
    found = {
        entry.node_id: (full, entry)
        for full, entry in objects.items()
        if full == name or full.endswith(f".{name}")
    }
    if len(found) == 1:
        ((full, entry),) = found.values()
        return app.builder and _link(app, node["refdoc"], entry, contents, full)
    return contents if found or target in _spoken_of() else None


@functools.lru_cache(maxsize=None)
def _spoken_of() -> Set[str]:
    """Return what docstrings may name without a link: parameters and attributes."""
    names = set(_ELSEWHERE)
    for found in pkgutil.walk_packages(scaleapi.__path__, "scaleapi."):
        if found.name.endswith("__main__"):
            continue
        path = importlib.util.find_spec(found.name).origin  # type: ignore[union-attr]
        for node in ast.walk(ast.parse(Path(str(path)).read_text("utf-8"))):
            if isinstance(node, ast.arg):
                names.add(node.arg)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
    return names


def _link(
    app: Sphinx, place: str, entry: Any, contents: nodes.Element, full: str
) -> nodes.Node:
    address = app.builder.get_relative_uri(place, entry.docname)
    link = nodes.reference("", "", contents, internal=True, reftitle=full)
    link["refuri"] = f"{address}#{entry.node_id}"
    return link


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("missing-reference", short_name)
