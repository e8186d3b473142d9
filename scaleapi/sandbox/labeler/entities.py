"""Responses of named entity recognition.

api-notes: entities
"""

from __future__ import annotations

import re
from typing import Any, Dict, List

from scaleapi.sandbox.labeler.job import MAX_ATTACHMENTS, Job
from scaleapi.sandbox.labeler.json_readers import an_array, an_object
from scaleapi.sandbox.labeler.labels import label_names

_MAX_ENTITIES = 50
_MAX_RELATIONSHIPS = 8
#: Number of characters of a text that are read.
_MAX_TEXT_CHARS = 20_000

_WORD = re.compile(r"\w{1,100}")


def recognize(job: Job) -> Dict[str, Any]:
    """Answer with one entity for each label, as long as there are words."""
    entities = _entities(job, _source(job)[:_MAX_TEXT_CHARS])
    return {
        "response": {
            "annotations": entities,
            "relationships": _relationships(job, entities),
        }
    }


def _source(job: Job) -> str:
    text = job.params.get("text")
    if isinstance(text, str):
        return text
    # An attachment of the type text holds its text; other attachments are not opened.
    for attachment in an_array(job.params.get("attachments"), MAX_ATTACHMENTS):
        content = an_object(attachment).get("content")
        if an_object(attachment).get("type") == "text" and isinstance(content, str):
            return content
    return ""


def _entities(job: Job, source: str) -> List[Dict[str, Any]]:
    labels = label_names(job.params.get("labels"), _MAX_ENTITIES)
    words = list(_WORD.finditer(source))
    chosen = job.rng.sample(words, min(len(words), len(labels)))
    entities = [
        {
            "id": job.new_uuid(),
            "start": word.start(),
            "end": word.end(),
            "text": word.group(),
            "label": label,
            "attributes": {},
        }
        for word, label in zip(chosen, labels)
    ]
    return sorted(entities, key=lambda entity: int(entity["start"]))


def _relationships(job: Job, entities: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    # Relationships are requested by name, as labels are.
    # api-notes: entities (guess)
    names = label_names(job.params.get("relationships"), _MAX_RELATIONSHIPS)
    if len(entities) < 2:
        return []
    return [
        {
            "id": job.new_uuid(),
            "source_ref": source["id"],
            "target_ref": target["id"],
            "name": name,
        }
        for name in names
        for source, target in [job.rng.sample(entities, 2)]
    ]
