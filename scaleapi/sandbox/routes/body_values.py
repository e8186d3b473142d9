"""Readers of single values in the JSON body of a request, which check their types.

The parameters of a new task are checked in `task_creation_validation`.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, cast

from scaleapi.sandbox.web.errors import invalid
from scaleapi.tasks.parameters import MAX_METADATA_BYTES, problem_of_metadata


def required_string(values: Mapping[str, Any], name: str) -> str:
    """Return a required string, which must not be empty."""
    value = values.get(name)
    if value is None or value == "":
        raise invalid(f'"{name}" is required')
    if not isinstance(value, str):
        raise invalid(f'"{name}" must be a string')
    return value


def required_strings(values: Mapping[str, Any], name: str) -> List[str]:
    """Return a required list of strings, without duplicates; it may be empty."""
    value = values.get(name)
    if value is None:
        raise invalid(f'"{name}" is required')
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise invalid(f'"{name}" must be an array of strings')
    return list(dict.fromkeys(value))


def metadata_of(
    values: Mapping[str, Any], limit: int = MAX_METADATA_BYTES
) -> Dict[str, Any]:
    """Return the metadata among parameters; ``{}`` if there is none."""
    metadata: Any = values.get("metadata", {})
    problem = problem_of_metadata(metadata, limit)
    if problem is not None:
        raise invalid(problem)
    return cast(Dict[str, Any], metadata)
