"""Text collection (contract 7.7): the three shapes of its response."""

from __future__ import annotations

import json
from typing import Any, Dict, List

from scaleapi.sandbox.worker.fields import answer, answers, fields_of
from scaleapi.sandbox.worker.job import Job
from scaleapi.sandbox.worker.reading import a_count

_MAX_RESPONDENTS = 50
_MAX_REPEATS = 5
#: Characters of all respondents together, roughly.
_MAX_RESPONSE = 2_000_000


def collect(job: Job) -> Dict[str, Any]:
    """Answer all fields, in the shape that task and project ask for."""
    # Contract 7.7: users send the misspelt name, too.
    asked = job.params.get("responses_required", job.params.get("response_required"))
    respondents = a_count(asked, 1, 1, _MAX_RESPONDENTS)
    if respondents > 1:
        return {"response": {"responses": _of_several(job, respondents)}}
    if job.workplace.rapid:
        return {"response": {"annotations": _rapid_answers(job)}}
    return {"response": {"annotations": _answers(job)}}


def _answers(job: Job) -> Dict[str, Any]:
    given = job.params.get("fields")
    return answers(job, given) if isinstance(given, list) else {}


def _of_several(job: Job, respondents: int) -> List[Dict[str, Any]]:
    responses: List[Dict[str, Any]] = []
    room = _MAX_RESPONSE
    while len(responses) < respondents and room > 0:
        responses.append(_answers(job))
        room -= len(json.dumps(responses[-1]))
    return responses


def _rapid_answers(job: Job) -> Dict[str, Any]:
    return {
        field["field_id"]: {
            "type": field.get("type"),
            "field_id": field["field_id"],
            "response": [
                _inner(answer(job, field))
                for _ in range(
                    a_count(field.get("min_responses_required"), 1, 1, _MAX_REPEATS)
                )
            ],
        }
        for field in fields_of(job.params.get("fields"))
    }


def _inner(value: Any) -> List[Any]:
    # Guess: what is no list of chosen values is a list of one value.
    return value if isinstance(value, list) else [value]
