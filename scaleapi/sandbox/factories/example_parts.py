"""Parts of the examples: parameters of the work, and attachments.

A function that takes a number returns the material of the task with that number.
"""

from __future__ import annotations

from typing import Any, Dict

Params = Dict[str, Any]

_SITE = "https://example.com/streets"

OBJECTS = [
    "pedestrian",
    {"choice": "vehicle", "subchoices": ["car", "truck", "bicycle"]},
]
LABELS = [
    "road",
    "sky",
    {"choice": "vehicle", "subchoices": ["car", "truck"], "instance_label": True},
]
ATTRIBUTES = {
    "moving": {
        "type": "category",
        "description": "Does it move?",
        "choices": ["yes", "no"],
    }
}


def image(number: int) -> Params:
    return {"attachment_type": "image", "attachment": f"{_SITE}/{number:04}.jpg"}


def frames(number: int) -> Params:
    frames = [f"{_SITE}/{number:04}/{frame:02}.jpg" for frame in range(5)]
    return {"attachment_type": "image", "attachments": frames}


def video(number: int) -> Params:
    return {"attachment_type": "video", "attachment": f"{_SITE}/{number:04}.mp4"}


def points(number: int) -> Params:
    frames = [f"{_SITE}/{number:04}/{frame:02}.json" for frame in range(5)]
    return {"attachment_type": "json", "attachments": frames}


def lidar_task(number: int) -> Params:
    return {"lidar_task": f"60cbc3fc6e5a3b00{number:08x}"}


def map_file(number: int) -> Params:
    return {"attachments": [f"{_SITE}/{number:04}/map.json"]}


def pdf(number: int) -> Params:
    address = f"https://example.com/invoices/{number:04}.pdf"
    return {"attachment_type": "pdf", "attachment": address}


def website(number: int) -> Params:
    address = f"https://example.com/companies/{number:04}"
    return {"attachment_type": "website", "attachment": address}


def review(number: int) -> Params:
    text = f"Review {number}: the hotel near the station was quiet and clean."
    return {"attachments": [{"type": "text", "content": text}]}


def recordings(number: int) -> Params:
    """Return material whose files are named in the task's metadata."""
    addresses = {
        name: f"https://example.com/speech/{number:04}/{name}.wav"
        for name in ("original", "enhanced")
    }
    return {
        "attachments": [
            {"type": "audio", "content": address} for address in addresses.values()
        ],
        "metadata": {"file_urls": addresses},
    }


def answers(number: int) -> Params:
    return {
        "attachments": [
            {"type": "text", "content": f"Answer {letter} to question {number}."}
            for letter in "ABC"
        ]
    }


def sentence(number: int) -> Params:
    text = f"Ada Smith of Acme met Charles Brown in London on day {number}."
    return {"text": text}


def prompt(number: int) -> Params:
    return {"template_variables": {"prompt": f"What happened on day {number}?"}}


def nothing(number: int) -> Params:
    return {}


def geometries(*kinds: str) -> Params:
    return {
        "instruction": "Outline every road user.",
        "geometries": {kind: _GEOMETRIES[kind] for kind in kinds},
    }


_GEOMETRIES: Dict[str, Params] = {
    "box": {"objects_to_annotate": OBJECTS, "min_height": 10, "min_width": 10},
    "polygon": {
        "objects_to_annotate": ["building", "sidewalk"],
        "min_vertices": 4,
        "max_vertices": 12,
    },
    "line": {"objects_to_annotate": ["curb", "lane marking"], "min_vertices": 3},
    "point": {"objects_to_annotate": ["traffic light", "lamp post"]},
    "cuboid": {"objects_to_annotate": ["car", "truck"], "min_height": 20},
    "ellipse": {"objects_to_annotate": ["wheel", "road sign"]},
}


def one_geometry(*objects: Any) -> Params:
    return {
        "instruction": "Annotate every object of these kinds.",
        "objects_to_annotate": list(objects),
    }


#: Fields of text collections, one of each type.
#: api-notes: fields
FIELDS: Dict[str, Params] = {
    "category": {
        "type": "category",
        "field_id": "sentiment",
        "title": "How does the guest feel?",
        "choices": [
            {"label": "Good", "value": "good"},
            {"label": "Neither", "value": "neither"},
            {"label": "Bad", "value": "bad"},
        ],
        "required": True,
    },
    "text": {
        "type": "text",
        "field_id": "summary",
        "title": "Sum it up",
        "max_characters": 200,
    },
    "number": {
        "type": "number",
        "field_id": "score",
        "title": "How many stars?",
        "min": 1,
        "max": 5,
        "step": 1,
    },
    "boolean": {
        "type": "boolean",
        "field_id": "recommended",
        "title": "Does the guest recommend it?",
    },
    "datetime": {
        "type": "datetime",
        "field_id": "stayed_at",
        "title": "When was the stay?",
    },
    "ranking": {
        "type": "ranking_order",
        "field_id": "ranking",
        "title": "Order the answers, the best one first",
        "num_options": 3,
        "option_label": "Answer",
        "first_label": "Best",
        "last_label": "Worst",
    },
    "select": {
        "type": "select",
        "field_id": "topics",
        "title": "What is it about?",
        "choices": [
            {"label": "Room", "value": "room"},
            {"label": "Food", "value": "food"},
            {"label": "Staff", "value": "staff"},
        ],
        "max_choices": 2,
    },
    "timerange": {
        "type": "timerange",
        "field_id": "spoken",
        "title": "When is the hotel's name spoken?",
    },
    "form": {
        "type": "form",
        "field_id": "guest",
        "title": "Who wrote it?",
        "fields": [
            {"type": "text", "field_id": "name", "title": "Name"},
            {"type": "number", "field_id": "nights", "title": "Nights", "min": 1},
        ],
    },
}


def fields(*kinds: str) -> Params:
    return {
        "instruction": "Read the text and answer the questions.",
        "fields": [FIELDS[kind] for kind in kinds],
    }


TABLE = {"company": "Name of the company", "total": "Sum to be paid"}
CHAT = {"instruction": "Talk with the model about a journey."}
VIDEO = {**geometries("box"), "frame_rate": 5}
TRACKED = {**VIDEO, "events_to_annotate": ["crossing", "overtaking"]}
LIDAR = {
    "instruction": "Put a cuboid around every road user.",
    "labels": OBJECTS,
    "annotation_attributes": ATTRIBUTES,
}
DOCUMENT = {
    "instruction": "Find these parts of the document.",
    "features": [
        {"type": "block", "label": "address"},
        {"type": "block", "label": "total"},
    ],
}
