"""Which parameters a new task must have, of which JSON types, and their limits.

These are facts of the API and not of the client, so the sandbox uses them, too.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, Optional, Tuple

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

#: Metadata of a task or batch, and of a file, as JSON.
#: api-notes: limits
MAX_METADATA_BYTES = 10_240
MAX_FILE_METADATA_BYTES = 8192
#: An uploaded file.
#: api-notes: limits
MAX_FILE_BYTES = 120_000_000

#: Task type -> parameter -> maximum number of elements.
#: api-notes: limits
_MAX_ELEMENTS: Dict[str, Dict[str, int]] = {
    "segmentannotation": {"labels": 50},
}


def problem_of_parameters(
    task_type: str,
    params: Mapping[str, Any],
    *,
    quality: bool = False,
    may_inherit: bool = False,
) -> Optional[str]:
    """Return why no task can be made with the parameters; None if one can.

    Users send numbers as strings, and unknown keys: both are accepted. Missing
    parameters are reported before wrong ones.

    Args:
        task_type: The wire value of the type, such as ``imageannotation``.
        params: All parameters, including first-level ones, as decoded from JSON.
        quality: Whether the task is an evaluation or training task. It requires an
            ``expected_response``, and what describes the work may be missing.
        may_inherit: Whether a parameter that is missing may come from the project.
    """
    required = _REQUIRED.get(task_type, ())
    needed = [n for n in required if not (quality and n in _DESCRIPTIONS_OF_WORK)]
    if quality:
        needed.append(("expected_response",))
    for names in () if may_inherit else needed:
        if all(_is_missing(params.get(name)) for name in names):
            return f'"{names[0]}" is required'
    return _problem_of_types(task_type, params, required) or _problem_of_limits(
        task_type, params
    )


def _problem_of_types(
    task_type: str, params: Mapping[str, Any], required: Tuple[_OneOf, ...]
) -> Optional[str]:
    for name, types in _FIRST_LEVEL_TYPES.items():
        if params.get(name) is not None and not isinstance(params[name], types):
            return f'"{name}" must be {_TYPE_NAMES[types[0]]}'
    if not all(isinstance(tag, str) for tag in params.get("tags") or []):
        return '"tags" must be an array of strings'
    for name in (*_COMMON, *(name for names in required for name in names)):
        types = _types_of(task_type, name)
        if not _is_missing(params.get(name)) and not isinstance(params[name], types):
            return f'"{name}" must be {_TYPE_NAMES[types[0]]}'
    return None


def _problem_of_limits(task_type: str, params: Mapping[str, Any]) -> Optional[str]:
    for name, maximum in _MAX_ELEMENTS.get(task_type, {}).items():
        if len(params.get(name) or []) > maximum:
            return f'"{name}" must have at most {maximum} elements'
    return None


def problem_of_metadata(metadata: Any, limit: int) -> Optional[str]:
    """Return why a value cannot be metadata; None if it can.

    Args:
        metadata: The value, as decoded from JSON.
        limit: Maximum number of bytes as JSON.
    """
    if not isinstance(metadata, dict):
        return '"metadata" must be an object'
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > limit:
        return f'"metadata" must not be larger than {limit} bytes'
    return None


def _is_missing(value: Any) -> bool:
    # api-notes: null-parameter
    return value is None or value == ""


def _types_of(task_type: str, name: str) -> JsonTypes:
    return _TYPES_OF_FIELDS[task_type] if name == "fields" else PARAMETER_TYPES[name]
