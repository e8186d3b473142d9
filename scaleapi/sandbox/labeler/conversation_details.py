"""How much of a conversation v2 shows: what ``opts`` asks for.

api-notes: v2-annotations
"""

from __future__ import annotations

from typing import Any, Collection, Dict, List

#: The values of ``opts``.
OPTS = (
    "annotation_details",
    "attachment_details",
    "model_parameters",
    "submissions",
)
_BARE = ("key", "value")
#: A rating has to name its criterion, or nothing would tie the two together.
_BARE_RUBRIC = ("id", "title", "value", "metadata")
_RUBRIC_TYPES = ("rubric_criteria", "rubric_rating")
_BARE_FILE = ("url", "name", "mime_type")


def selected(threads: List[Any], opts: Collection[str]) -> List[Any]:
    """Return threads with no more than what was asked for.

    Args:
        threads: Threads with all details. They may be a user's own, of any form.
        opts: Those of `OPTS` that were asked for.
    """
    return [_selected(thread, opts) for thread in threads]


def _selected(value: Any, opts: Collection[str]) -> Any:
    if isinstance(value, list):
        return [_selected(each, opts) for each in value]
    if not isinstance(value, dict):
        return value
    kept: Dict[str, Any] = {}
    for name, inner in value.items():
        if name in ("model_parameters", "submissions") and name not in opts:
            continue
        if name == "annotations" and isinstance(inner, list):
            has_all = "annotation_details" in opts
            kept[name] = inner if has_all else [_bare(each) for each in inner]
        elif name == "attachments" and isinstance(inner, list):
            has_all = "attachment_details" in opts
            kept[name] = inner if has_all else [_of(each, _BARE_FILE) for each in inner]
        else:
            kept[name] = _selected(inner, opts)
    return kept


def _bare(annotation: Any) -> Any:
    is_dict = isinstance(annotation, dict)
    is_rubric = is_dict and annotation.get("type") in _RUBRIC_TYPES
    return _of(annotation, _BARE_RUBRIC if is_rubric else _BARE)


def _of(value: Any, names: Collection[str]) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: value[name] for name in names if name in value}
