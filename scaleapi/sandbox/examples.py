"""Realistic work for every type of task: what a project and its tasks would say.

Contract 7. Each example has two halves: the work, which a project could hold, and
the material, which differs from task to task.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, NamedTuple, Optional

Params = Dict[str, Any]

_SITE = "https://example.com/streets"

_OBJECTS = [
    "pedestrian",
    {"choice": "vehicle", "subchoices": ["car", "truck", "bicycle"]},
]
_LABELS = [
    "road",
    "sky",
    {"choice": "vehicle", "subchoices": ["car", "truck"], "instance_label": True},
]
_ATTRIBUTES = {
    "moving": {
        "type": "category",
        "description": "Does it move?",
        "choices": ["yes", "no"],
    }
}


class Example(NamedTuple):
    """One kind of work.

    Attributes:
        type: The wire value of the task's type.
        work: The parameters that say what is to be done.
        material: Number of the task -> the parameters that say on what.
        form: Name of the form of its responses; None for that of its type.
    """

    type: str
    work: Params
    material: Callable[[int], Params]
    form: Optional[str] = None


def _image(number: int) -> Params:
    return {"attachment_type": "image", "attachment": f"{_SITE}/{number:04}.jpg"}


def _frames(number: int) -> Params:
    frames = [f"{_SITE}/{number:04}/{frame:02}.jpg" for frame in range(5)]
    return {"attachment_type": "image", "attachments": frames}


def _video(number: int) -> Params:
    return {"attachment_type": "video", "attachment": f"{_SITE}/{number:04}.mp4"}


def _points(number: int) -> Params:
    frames = [f"{_SITE}/{number:04}/{frame:02}.json" for frame in range(5)]
    return {"attachment_type": "json", "attachments": frames}


def _lidar_task(number: int) -> Params:
    return {"lidar_task": f"60cbc3fc6e5a3b00{number:08x}"}


def _map(number: int) -> Params:
    return {"attachments": [f"{_SITE}/{number:04}/map.json"]}


def _pdf(number: int) -> Params:
    address = f"https://example.com/invoices/{number:04}.pdf"
    return {"attachment_type": "pdf", "attachment": address}


def _website(number: int) -> Params:
    address = f"https://example.com/companies/{number:04}"
    return {"attachment_type": "website", "attachment": address}


def _review(number: int) -> Params:
    text = f"Review {number}: the hotel near the station was quiet and clean."
    return {"attachments": [{"type": "text", "content": text}]}


def _recordings(number: int) -> Params:
    """Return material of which the task's metadata names the files."""
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


def _answers(number: int) -> Params:
    return {
        "attachments": [
            {"type": "text", "content": f"Answer {letter} to question {number}."}
            for letter in "ABC"
        ]
    }


def _sentence(number: int) -> Params:
    text = f"Ada Smith of Acme met Charles Brown in London on day {number}."
    return {"text": text}


def _nothing(number: int) -> Params:
    return {}


def _geometries(*kinds: str) -> Params:
    return {
        "instruction": "Outline every road user.",
        "geometries": {kind: _GEOMETRIES[kind] for kind in kinds},
    }


_GEOMETRIES: Dict[str, Params] = {
    "box": {"objects_to_annotate": _OBJECTS, "min_height": 10, "min_width": 10},
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


def _one_geometry(*objects: Any) -> Params:
    return {
        "instruction": "Annotate every object of these kinds.",
        "objects_to_annotate": list(objects),
    }


#: Fields of text collections, one of each kind (contract 7.7).
_FIELDS: Dict[str, Params] = {
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


def _fields(*kinds: str) -> Params:
    return {
        "instruction": "Read the text and answer the questions.",
        "fields": [_FIELDS[kind] for kind in kinds],
    }


_TABLE = {"company": "Name of the company", "total": "Sum to be paid"}
_CHAT = {"instruction": "Talk with the model about a journey."}
_VIDEO = {**_geometries("box"), "frame_rate": 5}
_TRACKED = {**_VIDEO, "events_to_annotate": ["crossing", "overtaking"]}
_LIDAR = {
    "instruction": "Put a cuboid around every road user.",
    "labels": _OBJECTS,
    "annotation_attributes": _ATTRIBUTES,
}
_DOCUMENT = {
    "instruction": "Find these parts of the document.",
    "features": [
        {"type": "block", "label": "address"},
        {"type": "block", "label": "total"},
    ],
}

#: Wire value of every type of task -> an example of it.
TYPES: Dict[str, Example] = {
    example.type: example
    for example in [
        Example(
            "imageannotation",
            {**_geometries("box", "polygon"), "annotation_attributes": _ATTRIBUTES},
            _image,
        ),
        Example("annotation", _one_geometry(*_OBJECTS), _image),
        Example("polygonannotation", _one_geometry("building", "sidewalk"), _image),
        Example("lineannotation", _one_geometry("curb", "lane marking"), _image),
        Example("laneannotation", _one_geometry("own lane", "next lane"), _image),
        Example("pointannotation", _one_geometry("lamp post"), _image),
        Example("cuboidannotation", _one_geometry("car", "truck"), _image),
        Example(
            "segmentannotation",
            {"instruction": "Colour the picture in.", "labels": _LABELS},
            _image,
        ),
        Example("videoannotation", _VIDEO, _frames),
        Example("videoplaybackannotation", _TRACKED, _video),
        Example("videoboxannotation", _one_geometry(*_OBJECTS), _frames),
        Example("videocuboidannotation", _one_geometry("car", "truck"), _frames),
        Example("federal2dvideoannotation", _VIDEO, _frames),
        Example("lidarannotation", _LIDAR, _points),
        Example("sensorfusion", _LIDAR, _points),
        Example(
            "lidarsegmentation",
            {"instruction": "Give every point its object.", "labels": _LABELS},
            _points,
        ),
        Example(
            "lidarlinking",
            {"instruction": "Find the cuboids in the cameras' pictures."},
            _lidar_task,
        ),
        Example("lidartopdown", _geometries("polygon", "line", "point"), _map),
        Example("textcollection", _fields("category", "text", "number"), _review),
        Example(
            "namedentityrecognition",
            {
                "instruction": "Mark the names.",
                "labels": [
                    {"name": "person", "description": "A human being"},
                    {"name": "organization"},
                    {"name": "place"},
                ],
                "relationships": [{"name": "works_at"}],
            },
            _sentence,
        ),
        Example(
            "categorization",
            {
                "instruction": "What kind of street is it?",
                "categories": ["motorway", "city street", "country road"],
            },
            _image,
        ),
        Example(
            "comparison",
            {
                "instruction": "Do both pictures show the same place?",
                "choices": ["yes", "no"],
                "fields": {"difference": "What is different?"},
            },
            _frames,
        ),
        Example(
            "transcription",
            {"instruction": "Copy from the invoice.", "fields": _TABLE},
            _pdf,
        ),
        Example(
            "datacollection",
            {
                "instruction": "Look on the company's pages.",
                "fields": {"hiring_page": "Address of the page with jobs"},
            },
            _website,
        ),
        Example("documenttranscription", _DOCUMENT, _pdf),
        Example("documentmodel", _DOCUMENT, _pdf),
        *(
            Example(name, _CHAT, _nothing)
            for name in (
                "chat",
                "chatexperimental",
                "chatlite",
                "multichat",
                "multistage",
            )
        ),
    ]
}


def _image_work(kind: str) -> Example:
    return Example("imageannotation", _geometries(kind), _image)


def _text_work(*kinds: str) -> Example:
    return Example("textcollection", _fields(*kinds), _review)


def _respondents(count: int) -> Example:
    work = {**_fields("category", "number"), "responses_required": count}
    return Example("textcollection", work, _review)


#: Attributes of each type, and one that is asked for some labels only.
_ALL_ATTRIBUTES = {
    **_ATTRIBUTES,
    "colors": {
        "type": "category",
        "choices": ["red", "white", "black", "blue"],
        "allow_multiple": True,
    },
    "heading": {"type": "angle"},
    "people": {"type": "number", "min": 0, "max": 9},
    "plate": {"type": "text"},
    "parked": {"type": "boolean"},
    "behind": {"type": "linked", "allowed_labels": ["car", "truck"]},
    "trailer": {
        "type": "category",
        "choices": ["yes", "no"],
        "conditions": {"label_condition": {"label": ["truck"]}},
    },
}
_GLOBAL_ATTRIBUTES = {
    **_ATTRIBUTES,
    "night": {"type": "category", "choices": ["yes", "no"], "global": True},
    "weather": {
        "type": "category",
        "choices": ["dry", "rain", "fog"],
        "allow_multiple": True,
        "global": True,
    },
}
_RATINGS = {
    "instruction": "Listen to both and rate them.",
    "fields": [
        {"type": "number", "field_id": name, "title": name, "min": 1, "max": 5}
        for name in ("rating_echo", "rating_noise")
    ],
    "responses_required": 2,
}

#: Kinds of work whose response has a form that can be asked for by the same name.
_BY_FORM: Dict[str, Example] = {
    form: example._replace(form=form)
    for example, forms in (
        (
            _respondents(3),
            ("annotations", "rapid_annotations", "responses"),
        ),
        (
            Example("textcollection", _RATINGS, _recordings),
            ("ratings",),
        ),
        (
            TYPES["videoplaybackannotation"],
            (
                "frames",
                "tracks",
                "tracks_wrapped",
                "tracks_list",
                "tracks_inline",
                "tracks_annotated_keys",
                "tracks_timestamp_secs",
                "tracks_untimed",
                "tracks_keyframes",
                "tracks_nuls",
                "recording",
            ),
        ),
        (TYPES["documenttranscription"], ("document_polygons",)),
        (TYPES["segmentannotation"], ("segmentation_lists",)),
    )
    for form in forms
}


#: Kinds of work by names of our own: one geometry, one kind of field, and so on.
KINDS: Dict[str, Example] = {
    "boxes": _image_work("box"),
    "polygons": _image_work("polygon"),
    "lines": _image_work("line"),
    "points": _image_work("point"),
    "cuboids": _image_work("cuboid"),
    "ellipses": _image_work("ellipse"),
    "segmentation": TYPES["segmentannotation"],
    "video": TYPES["videoannotation"],
    "video_tracks": Example("videoannotation", _TRACKED, _frames, "tracks"),
    "events": TYPES["videoplaybackannotation"],
    "lidar": TYPES["lidarannotation"],
    "pitch_and_roll": Example(
        "lidarannotation", {**_LIDAR, "pitch_and_roll_enabled": True}, _points
    ),
    "attributes": Example(
        "imageannotation",
        {**_geometries("box"), "annotation_attributes": _ALL_ATTRIBUTES},
        _image,
    ),
    "global_attributes": Example(
        "imageannotation",
        {**_geometries("box"), "annotation_attributes": _GLOBAL_ATTRIBUTES},
        _image,
    ),
    "global_attributes_of_frames": Example(
        "videoannotation",
        {**_VIDEO, "annotation_attributes": _GLOBAL_ATTRIBUTES},
        _frames,
    ),
    "without_labels": Example(
        "annotation", {**_one_geometry(*_OBJECTS), "with_labels": False}, _image
    ),
    **{kind: _text_work(kind) for kind in _FIELDS if kind != "ranking"},
    "ranking": Example("textcollection", _fields("ranking"), _answers),
    "respondents": _respondents(3),
    "one_respondent": _respondents(1),
    "entities": TYPES["namedentityrecognition"],
    "categories": TYPES["categorization"],
    "taxonomies": Example(
        "categorization",
        {
            "instruction": "Describe the street.",
            "taxonomies": {
                "surface": {
                    "type": "category",
                    "description": "What is it made of?",
                    "choices": ["asphalt", "stone", "gravel"],
                },
                "lanes": {
                    "type": "number",
                    "description": "How many lanes?",
                    "min": 1,
                    "max": 8,
                },
            },
        },
        _image,
    ),
    "rows": Example(
        "transcription",
        {
            "instruction": "Copy every line of the invoice.",
            "fields": _TABLE,
            "repeatable_fields": {"item": "What was sold", "price": "For how much"},
        },
        _pdf,
    ),
    **_BY_FORM,
}

EXAMPLES: Dict[str, Example] = {**TYPES, **KINDS}
