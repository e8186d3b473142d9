"""Sphinx: the pages of this folder, and the reference from the docstrings."""

from __future__ import annotations

from typing import Any, Optional

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from scaleapi import __version__

project = "scaleapi"
author = "the authors of scaleapi"
copyright = author
release = version = __version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
default_role = "py:obj"
nitpicky = True

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

#: Of generic types.
_VARIABLES = {"T", "V", "R", "Self"}


def short_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contents: nodes.Element
) -> Optional[nodes.Node]:
    """Link a name that docstrings write short: `get_tasks`, `Batch.wait`.

    A name that stands in several rooms, and a parameter's, stay text. So do the
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
    return contents if node["reftype"] == "obj" else None


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
