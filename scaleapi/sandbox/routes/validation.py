"""Required parameters and the API's words for what is wrong, by task type."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Tuple

from scaleapi.sandbox.web.errors import ApiError

# Alternatives, of which one must be given; the message names the first.
_OneOf = Tuple[str, ...]

_ATTACHMENT: _OneOf = ("attachment",)
_ATTACHMENTS: _OneOf = ("attachments",)
_SINGLE_FIRST: _OneOf = ("attachment", "attachments")
_SEVERAL_FIRST: _OneOf = ("attachments", "attachment")
_OBJECTS: _OneOf = ("objects_to_annotate",)
_GEOMETRIES: _OneOf = ("geometries",)
_LABELS: _OneOf = ("labels",)
_FIELDS: _OneOf = ("fields",)

#: Contract 7.2, in its order. A type that is not here demands nothing.
_REQUIRED: Dict[str, Tuple[_OneOf, ...]] = {
    "imageannotation": (_ATTACHMENT, _GEOMETRIES),
    "annotation": (_ATTACHMENT, _OBJECTS),
    "polygonannotation": (_ATTACHMENT, _OBJECTS),
    "lineannotation": (_ATTACHMENT, _OBJECTS),
    "pointannotation": (_ATTACHMENT, _OBJECTS),
    "cuboidannotation": (_ATTACHMENT, _OBJECTS),
    "laneannotation": (_ATTACHMENT, _OBJECTS),
    "segmentannotation": (_ATTACHMENT, _LABELS),
    "videoannotation": (_SEVERAL_FIRST, _GEOMETRIES),
    "videoplaybackannotation": (_SINGLE_FIRST, _GEOMETRIES),
    "videoboxannotation": (_SEVERAL_FIRST, _OBJECTS),
    "videocuboidannotation": (_SEVERAL_FIRST, _OBJECTS),
    "lidarannotation": (_ATTACHMENTS, _LABELS),
    "lidarsegmentation": (("attachments", "lidar_task"), _LABELS),
    "lidarlinking": (("lidar_task",),),
    "lidartopdown": (_SEVERAL_FIRST, _GEOMETRIES),
    "textcollection": (_ATTACHMENTS, _FIELDS),
    "namedentityrecognition": (("text", "attachments"), _LABELS),
    "categorization": (_ATTACHMENT, ("categories", "taxonomies")),
    "comparison": (_ATTACHMENTS, ("choices", "fields")),
    "transcription": (_ATTACHMENT, ("fields", "repeatable_fields")),
    "datacollection": (_ATTACHMENT, _FIELDS),
    "documenttranscription": (_SINGLE_FIRST, ("features",)),
    "documentmodel": (_SINGLE_FIRST,),
}

#: Evaluation and training tasks may leave these to their project (6.11).
_LEFT_TO_THE_PROJECT = frozenset(
    {
        ("categories", "taxonomies"),
        ("choices", "fields"),
        ("features",),
        ("fields", "repeatable_fields"),
        _FIELDS,
        _GEOMETRIES,
        _LABELS,
        _OBJECTS,
    }
)

#: The JSON types that a parameter may have; the message names the first.
_Kinds = Tuple[type, ...]

_WORDS: Dict[type, str] = {str: "a string", list: "an array", dict: "an object"}

#: Parameters of the first level. An empty text is not overlooked here: it would
#: reach the document.
_FIRST_LEVEL: Dict[str, _Kinds] = {
    "instruction": (str,),
    "callback_url": (str,),
    "project": (str,),
    "batch": (str,),
    "unique_id": (str,),
    "tags": (list,),
    "metadata": (dict,),
}

#: Parameters that every type takes (7.1), besides its own of `_REQUIRED`.
_COMMON = (
    "attachment",
    "attachments",
    "attachment_type",
    "annotation_attributes",
    "context_attachments",
)

_KINDS: Dict[str, _Kinds] = {
    "attachment": (str,),
    "attachments": (list,),
    "attachment_type": (str,),
    "annotation_attributes": (dict,),
    "context_attachments": (list,),
    "categories": (list,),
    "choices": (list,),
    "features": (list,),
    "geometries": (dict,),
    "labels": (list,),
    "lidar_task": (str,),
    "objects_to_annotate": (list,),
    "repeatable_fields": (dict,),
    "taxonomies": (dict,),
    "text": (str,),
}

#: `fields` is not the same thing everywhere (7.7, 7.9).
_KINDS_OF_FIELDS: Dict[str, _Kinds] = {
    "textcollection": (list,),
    "transcription": (dict,),
    "datacollection": (dict,),
    "comparison": (dict, list),
}

#: Type -> parameter -> length at most.
_LONGEST: Dict[str, Dict[str, int]] = {
    "segmentannotation": {"labels": 50},  # contract 6.15
}


def check_parameters(
    task_type: str, params: Mapping[str, Any], *, quality: bool = False
) -> None:
    """Refuse parameters with which no task can be made.

    Users send numbers as text, and keys that nobody knows: both are accepted.

    Args:
        task_type: The wire value of the type, such as ``imageannotation``.
        params: All parameters, inherited and first-level ones included.
        quality: The task is an evaluation or training task: it needs an
            ``expected_response``, and what describes the work may be missing.

    Raises:
        ApiError: A parameter is missing, of the wrong type or over its limit;
            the first that is missing, before any that is wrong.
    """
    required = _REQUIRED.get(task_type, ())
    for names in required:
        if not (quality and names in _LEFT_TO_THE_PROJECT):
            _demand(names, params)
    if quality:
        _demand(("expected_response",), params)
    for name, kinds in _FIRST_LEVEL.items():
        if params.get(name) is not None:
            _demand_kind(name, params[name], kinds)
    if not all(isinstance(tag, str) for tag in params.get("tags") or []):
        raise _invalid("tags", "must be an array of strings")
    own = [name for names in required for name in names]
    for name in dict.fromkeys([*_COMMON, *own]):
        if not _is_missing(params.get(name)):
            _demand_kind(name, params[name], _kinds_of(task_type, name))
    for name, longest in _LONGEST.get(task_type, {}).items():
        if len(params.get(name) or []) > longest:
            raise _invalid(name, f"must have at most {longest} elements")


def _demand(names: _OneOf, params: Mapping[str, Any]) -> None:
    if all(_is_missing(params.get(name)) for name in names):
        raise _invalid(names[0], "is required")


def _is_missing(value: Any) -> bool:
    # Contract 7, guess: an empty list counts as given.
    return value is None or value == ""


def _kinds_of(task_type: str, name: str) -> _Kinds:
    return _KINDS_OF_FIELDS[task_type] if name == "fields" else _KINDS[name]


def _demand_kind(name: str, value: Any, kinds: _Kinds) -> None:
    if not isinstance(value, kinds):
        raise _invalid(name, f"must be {_WORDS[kinds[0]]}")


def _invalid(name: str, what: str) -> ApiError:
    return ApiError(400, f'Parameter is invalid, reason: "{name}" {what}')
