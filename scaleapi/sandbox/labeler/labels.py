"""Labels and choices: trees of which only the leaves are ever chosen.

api-notes: labels
"""

from __future__ import annotations

from itertools import islice
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from scaleapi.sandbox.labeler.json_readers import (
    Scalar,
    a_flag,
    a_scalar,
    an_array,
    an_object,
)

MAX_LEAVES = 100

_MAX_DEPTH = 20
_MAX_NODES = 10_000
#: A choice of a field has `value` and `label`, of which `value` is the answer.
_NAME_KEYS = ("choice", "value", "name", "label")
_CHILD_KEYS = ("subchoices", "children")


class Leaf(NamedTuple):
    """A label or choice that can be chosen.

    Attributes:
        name: The name in the response.
        instance: Whether objects with this label are numbered separately.
    """

    name: Scalar
    instance: bool


def leaves(tree: Any, limit: int = MAX_LEAVES) -> List[Leaf]:
    """Return the leaves of a tree of labels or choices, each name once."""
    unique: Dict[Tuple[type, Scalar], Leaf] = {}
    for leaf in islice(_walk(tree, False, 0), limit):
        # With the type, since 1 and True are the same key.
        unique.setdefault((type(leaf.name), leaf.name), leaf)
    return list(unique.values())


def values(tree: Any) -> List[Scalar]:
    """Return the possible answers to a question with these choices."""
    return [leaf.name for leaf in leaves(tree)]


def label_leaves(tree: Any, limit: int = MAX_LEAVES) -> List[Leaf]:
    """Return the leaves of a tree of labels, which are texts, unlike choices."""
    return [leaf for leaf in leaves(tree, limit) if isinstance(leaf.name, str)]


def label_names(tree: Any, limit: int = MAX_LEAVES) -> List[str]:
    """Return the names of the labels in a tree."""
    return [str(leaf.name) for leaf in label_leaves(tree, limit)]


def _walk(nodes: Any, instance: bool, depth: int) -> Iterator[Leaf]:
    if depth > _MAX_DEPTH:
        return
    for node in an_array(nodes, _MAX_NODES):
        fields = an_object(node)
        # `instance_label` of a branch applies to its leaves.
        apart = instance or a_flag(fields.get("instance_label"))
        branches = [fields[key] for key in _CHILD_KEYS if fields.get(key)]
        name = _name(node)
        if branches:
            yield from _walk(branches[0], apart, depth + 1)
        elif name is not None:
            yield Leaf(name, apart)


def _name(node: Any) -> Optional[Scalar]:
    if not isinstance(node, dict):
        return a_scalar(node)
    names = (a_scalar(node.get(key)) for key in _NAME_KEYS)
    return next((name for name in names if name is not None), None)
