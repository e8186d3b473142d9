"""The only dataset of every world: an example, since datasets are bought.

api-notes: v2-datasets
"""

from __future__ import annotations

import json
from typing import Any, Dict, List

Document = Dict[str, Any]

#: The world of what belongs to no key.
NO_WORLD = 0

DATASET: Document = {"id": "65f1a0c0de00000000000001", "name": "Example dataset"}
#: `dataset` is the id.
DELIVERY: Document = {
    "id": "65f1a0c0de00000000000002",
    "name": "Example delivery",
    "delivered_at": "2024-03-13T12:00:00.000Z",
    "dataset": DATASET["id"],
    "metadata": {"task_count": 3, "turn_count": 3},
}
_TOPICS = ("river", "bridge", "harbor")


def _attachment_id(number: int) -> str:
    return f"65f1a0c0de0000000000020{number}"


#: `dataset` and `delivery` are ids.
TASKS: List[Document] = [
    {
        "task_id": f"65f1a0c0de0000000000010{number}",
        "dataset": DATASET["id"],
        "delivery": DELIVERY["id"],
        "response": {
            "prompt": f"Describe the {topic} in the recording.",
            "answer": f"The {topic} is seen from the left bank, in the evening.",
            "recording": {
                "attachment_id": _attachment_id(number),
                "mime_type": "text/plain",
            },
        },
    }
    for number, topic in enumerate(_TOPICS)
]
#: Id of an attachment -> its content.
FILES: Dict[str, bytes] = {
    _attachment_id(number): f"A made-up recording of a {topic}.\n".encode()
    for number, topic in enumerate(_TOPICS)
}

#: The only schema, of the responses in deliveries.
SCHEMA: Document = {
    "id": "65f1a0c0de00000000000003",
    "name": "Conversation",
    "json": json.dumps(
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": {"threads": {"type": "array", "items": {"type": "object"}}},
        }
    ),
    "createdBy": "65f1a0c0de00000000000004",
    "createdAt": "2024-03-13T12:00:00.000Z",
    "updatedBy": "65f1a0c0de00000000000004",
    "updatedAt": "2024-03-13T12:00:00.000Z",
}
