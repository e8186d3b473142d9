"""What single elements of a response are."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from scaleapi.annotations.lidar import cuboid_of
from scaleapi.annotations.text import entity_of
from scaleapi.annotations.views import an_array, an_object, attributes_of, is_number


def is_message(raw: Any) -> bool:
    """Return whether an element is a message of a chat, not a respondent."""
    # api-notes: chat
    return (
        isinstance(raw, dict) and "output" in raw and isinstance(raw.get("type"), str)
    )


def is_event(raw: Any) -> bool:
    """Return whether an element of the events is an event."""
    return isinstance(raw, dict) and bool({"start", "startTime", "label"} & raw.keys())


def are_events(raw: List[Any]) -> bool:
    """Return whether a list is the content of a file of events."""
    # Shapes and entities have a label, too, and entities have a start.
    return any(map(_is_surely_event, raw)) and all(
        _is_surely_event(each) or attributes_of_video(each) for each in raw
    )


def _is_surely_event(raw: Any) -> bool:
    # api-notes: events
    return (
        isinstance(raw, dict)
        and raw.get("type") in ("range", "point")
        and "x" not in raw
        and bool({"start", "startTime"} & raw.keys())
    )


def attributes_of_video(raw: Any) -> Dict[str, Any]:
    """Return the attributes in an element of the events that has nothing else."""
    is_only = isinstance(raw, dict) and raw.keys() == {"attributes"}
    return attributes_of(raw["attributes"]) if is_only else {}


def is_known(raw: Any) -> bool:
    """Return whether an annotation that is no shape is shown by another attribute."""
    if entity_of(raw) is not None or cuboid_of(raw) is not None:
        return True
    raw = an_object(raw)
    parts = an_array(raw.get("clips")) or an_array(raw.get("paths"))
    return any(isinstance(part, dict) for part in parts)


def size_of(page: Any) -> Optional[Tuple[float, float]]:
    """Return width and height of a page; None if it has none."""
    width, height = an_object(page).get("width"), an_object(page).get("height")
    if is_number(width) and is_number(height):
        return width, height  # type: ignore[return-value]
    return None
