"""Checks the parameters of a new task: which its type requires, and their JSON types.

The API's messages about them are here, too. `schemas` describes the parameters from
the same tables.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Tuple

from scaleapi.sandbox.web.errors import ApiError, invalid

# Alternatives, one of which is required; the message names the first.
_OneOf = Tuple[str, ...]

_ATTACHMENT: _OneOf = ("attachment",)
_ATTACHMENTS: _OneOf = ("attachments",)
_SINGLE_FIRST: _OneOf = ("attachment", "attachments")
_SEVERAL_FIRST: _OneOf = ("attachments", "attachment")
_OBJECTS: _OneOf = ("objects_to_annotate",)
_GEOMETRIES: _OneOf = ("geometries",)
_LABELS: _OneOf = ("labels",)
_FIELDS: _OneOf = ("fields",)

#: Task type -> its required parameters, in the order in which they are checked. A
#: type that is not listed requires none.
#: api-notes: required-parameters
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

#: What describes the work: evaluation and training tasks may leave it to their
#: project.
#: api-notes: required-parameters
_DESCRIPTIONS_OF_WORK = frozenset(
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
JsonTypes = Tuple[type, ...]

_TYPE_NAMES: Dict[type, str] = {str: "a string", list: "an array", dict: "an object"}

#: Parameters that stand on the first level of the document -> their JSON types. An
#: empty string is checked like any other value, because it would reach the document.
#: api-notes: first-level
_FIRST_LEVEL_TYPES: Dict[str, JsonTypes] = {
    "instruction": (str,),
    "callback_url": (str,),
    "project": (str,),
    "batch": (str,),
    "unique_id": (str,),
    "tags": (list,),
    "metadata": (dict,),
}

#: Parameters that are checked for every type, besides those of `_REQUIRED`.
_COMMON = (
    "attachment",
    "attachments",
    "attachment_type",
    "annotation_attributes",
    "context_attachments",
)

#: Parameters that stand in `params` -> their JSON types; see also `_TYPES_OF_FIELDS`.
PARAMETER_TYPES: Dict[str, JsonTypes] = {
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

#: Task type -> JSON types of its parameter ``fields``.
#: api-notes: fields
_TYPES_OF_FIELDS: Dict[str, JsonTypes] = {
    "textcollection": (list,),
    "transcription": (dict,),
    "datacollection": (dict,),
    "comparison": (dict, list),
}

#: Task type -> parameter -> maximum number of elements.
#: api-notes: limits
_MAX_ELEMENTS: Dict[str, Dict[str, int]] = {
    "segmentannotation": {"labels": 50},
}


def check_parameters(
    task_type: str, params: Mapping[str, Any], *, quality: bool = False
) -> None:
    """Check that a task can be made with the parameters.

    Users send numbers as strings, and unknown keys: both are accepted.

    Args:
        task_type: The wire value of the type, such as ``imageannotation``.
        params: All parameters, including inherited and first-level ones.
        quality: Whether the task is an evaluation or training task. It requires an
            ``expected_response``, and what describes the work may be missing.

    Raises:
        ApiError: A parameter of `params` is missing, of the wrong type or over its
            limit. Missing parameters are reported before wrong ones.
    """
    required = _REQUIRED.get(task_type, ())
    for names in required:
        if not (quality and names in _DESCRIPTIONS_OF_WORK):
            _check_given(names, params)
    if quality:
        _check_given(("expected_response",), params)
    for name, types in _FIRST_LEVEL_TYPES.items():
        if params.get(name) is not None:
            _check_type(name, params[name], types)
    if not all(isinstance(tag, str) for tag in params.get("tags") or []):
        raise _invalid("tags", "must be an array of strings")
    own = [name for names in required for name in names]
    for name in dict.fromkeys([*_COMMON, *own]):
        if not _is_missing(params.get(name)):
            _check_type(name, params[name], _types_of(task_type, name))
    for name, maximum in _MAX_ELEMENTS.get(task_type, {}).items():
        if len(params.get(name) or []) > maximum:
            raise _invalid(name, f"must have at most {maximum} elements")


def _check_given(names: _OneOf, params: Mapping[str, Any]) -> None:
    if all(_is_missing(params.get(name)) for name in names):
        raise _invalid(names[0], "is required")


def _is_missing(value: Any) -> bool:
    # api-notes: null-parameter
    return value is None or value == ""


def _types_of(task_type: str, name: str) -> JsonTypes:
    return _TYPES_OF_FIELDS[task_type] if name == "fields" else PARAMETER_TYPES[name]


def _check_type(name: str, value: Any, types: JsonTypes) -> None:
    if not isinstance(value, types):
        raise _invalid(name, f"must be {_TYPE_NAMES[types[0]]}")


def _invalid(name: str, what: str) -> ApiError:
    return invalid(f'"{name}" {what}')
