"""Examples of parameters for every type of task.

Each example has two parts: the work, which a project could contain, and the material,
which differs from task to task.
"""

from __future__ import annotations

from typing import Callable, Dict, NamedTuple, Optional

from scaleapi.sandbox.factories.example_parts import (
    ATTRIBUTES,
    CHAT,
    DOCUMENT,
    FIELDS,
    LABELS,
    LIDAR,
    OBJECTS,
    TABLE,
    TRACKED,
    VIDEO,
    Params,
    answers,
    fields,
    frames,
    geometries,
    image,
    lidar_task,
    map_file,
    nothing,
    one_geometry,
    pdf,
    points,
    prompt,
    recordings,
    review,
    sentence,
    video,
    website,
)


class Example(NamedTuple):
    """One kind of work.

    Attributes:
        type: The wire value of the task's type.
        work: The parameters that describe the work.
        material: Number of the task -> the parameters with the attachments.
        form: Name of the form of the responses; None for that of the type.
    """

    type: str
    work: Params
    material: Callable[[int], Params]
    form: Optional[str] = None


#: Wire value of every type of task -> an example of it.
TYPES: Dict[str, Example] = {
    example.type: example
    for example in [
        Example(
            "imageannotation",
            {**geometries("box", "polygon"), "annotation_attributes": ATTRIBUTES},
            image,
        ),
        Example("annotation", one_geometry(*OBJECTS), image),
        Example("polygonannotation", one_geometry("building", "sidewalk"), image),
        Example("lineannotation", one_geometry("curb", "lane marking"), image),
        Example("laneannotation", one_geometry("own lane", "next lane"), image),
        Example("pointannotation", one_geometry("lamp post"), image),
        Example("cuboidannotation", one_geometry("car", "truck"), image),
        Example(
            "segmentannotation",
            {"instruction": "Colour the picture in.", "labels": LABELS},
            image,
        ),
        Example("videoannotation", VIDEO, frames),
        Example("videoplaybackannotation", TRACKED, video),
        Example("videoboxannotation", one_geometry(*OBJECTS), frames),
        Example("videocuboidannotation", one_geometry("car", "truck"), frames),
        Example("federal2dvideoannotation", VIDEO, frames),
        Example("lidarannotation", LIDAR, points),
        Example("sensorfusion", LIDAR, points),
        Example(
            "lidarsegmentation",
            {"instruction": "Give every point its object.", "labels": LABELS},
            points,
        ),
        Example(
            "lidarlinking",
            {"instruction": "Find the cuboids in the cameras' pictures."},
            lidar_task,
        ),
        Example("lidartopdown", geometries("polygon", "line", "point"), map_file),
        Example("textcollection", fields("category", "text", "number"), review),
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
            sentence,
        ),
        Example(
            "categorization",
            {
                "instruction": "What kind of street is it?",
                "categories": ["motorway", "city street", "country road"],
            },
            image,
        ),
        Example(
            "comparison",
            {
                "instruction": "Do both pictures show the same place?",
                "choices": ["yes", "no"],
                "fields": {"difference": "What is different?"},
            },
            frames,
        ),
        Example(
            "transcription",
            {"instruction": "Copy from the invoice.", "fields": TABLE},
            pdf,
        ),
        Example(
            "datacollection",
            {
                "instruction": "Look on the company's pages.",
                "fields": {"hiring_page": "Address of the page with jobs"},
            },
            website,
        ),
        Example("documenttranscription", DOCUMENT, pdf),
        Example("documentmodel", DOCUMENT, pdf),
        *(
            Example(name, CHAT, nothing)
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
    return Example("imageannotation", geometries(kind), image)


def _text_work(*kinds: str) -> Example:
    return Example("textcollection", fields(*kinds), review)


def _respondents(count: int) -> Example:
    work = {**fields("category", "number"), "responses_required": count}
    return Example("textcollection", work, review)


#: Attributes of each type, and one that is asked for some labels only.
_ALL_ATTRIBUTES = {
    **ATTRIBUTES,
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
    **ATTRIBUTES,
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

#: Kinds of work with a form of responses of the same name.
_BY_FORM: Dict[str, Example] = {
    form: example._replace(form=form)
    for example, forms in (
        (
            _respondents(3),
            ("annotations", "rapid_annotations", "responses"),
        ),
        (
            Example("textcollection", _RATINGS, recordings),
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
        (Example("chat", CHAT, prompt), ("rlhf", "sft", "rubrics")),
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
    "video_tracks": Example("videoannotation", TRACKED, frames, "tracks"),
    "events": TYPES["videoplaybackannotation"],
    "lidar": TYPES["lidarannotation"],
    "pitch_and_roll": Example(
        "lidarannotation", {**LIDAR, "pitch_and_roll_enabled": True}, points
    ),
    "attributes": Example(
        "imageannotation",
        {**geometries("box"), "annotation_attributes": _ALL_ATTRIBUTES},
        image,
    ),
    "global_attributes": Example(
        "imageannotation",
        {**geometries("box"), "annotation_attributes": _GLOBAL_ATTRIBUTES},
        image,
    ),
    "global_attributes_of_frames": Example(
        "videoannotation",
        {**VIDEO, "annotation_attributes": _GLOBAL_ATTRIBUTES},
        frames,
    ),
    "without_labels": Example(
        "annotation", {**one_geometry(*OBJECTS), "with_labels": False}, image
    ),
    **{kind: _text_work(kind) for kind in FIELDS if kind != "ranking"},
    "ranking": Example("textcollection", fields("ranking"), answers),
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
        image,
    ),
    "rows": Example(
        "transcription",
        {
            "instruction": "Copy every line of the invoice.",
            "fields": TABLE,
            "repeatable_fields": {"item": "What was sold", "price": "For how much"},
        },
        pdf,
    ),
    **_BY_FORM,
}

EXAMPLES: Dict[str, Example] = {**TYPES, **KINDS}
