"""Which of the documented forms a response has. The content tells, not the type."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from scaleapi.annotations.answers import fields_by_id, is_described
from scaleapi.annotations.video import is_track
from scaleapi.annotations.views import an_array, an_object

NOTHING = "nothing"
#: A result that is in a file of its own; the document has its address.
ADDRESS = "address"
#: A list of shapes, entities or parts of a recording.
LIST = "list"
#: A list of frames.
FRAMES = "frames"
#: Objects uuid -> track.
TRACKS = "tracks"
#: The pictures of a segmentation.
PICTURES = "pictures"
#: The segmentation of lidar points.
POINTS = "points"
#: An object id of a field -> answer.
ANSWERS = "answers"

_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.I)
_LIDAR_KEYS = frozenset({"cuboids", "camera_responses"})
_FRAME_KEYS = _LIDAR_KEYS | {"annotations"}


class Form:
    """The form of a result.

    Attributes:
        kind: One of the constants of this module.
        content: A list, or an object, depending on the kind.
        beside: The objects around the content, where attributes of the whole stand.
    """

    __slots__ = ("beside", "content", "kind")

    def __init__(
        self, kind: str, content: Any, beside: Tuple[Dict[str, Any], ...] = ()
    ) -> None:
        self.kind = kind
        self.content = content
        self.beside = beside


def form_of(value: Any, fields: Any = None) -> Form:
    """Return the form of the value of ``annotations``, or of the file in its place.

    Args:
        value: Any value.
        fields: The fields of the task.
    """
    if isinstance(value, dict) and not fields_by_id(fields).keys().isdisjoint(value):
        return Form(ANSWERS, value)
    # Not by recursion: a response may be nested deeper than Python allows calls to be.
    around: List[Dict[str, Any]] = []
    inner = _inner_of(value)
    while inner is not None:
        around.append(value)
        value, inner = inner, _inner_of(inner)
    form = _outer_form_of(value)
    return Form(form.kind, form.content, (*around, *form.beside))


def _inner_of(value: Any) -> Any:
    """Return the result in an object that is only around it; None if it is not."""
    if not isinstance(value, dict) or bare_form_of(value).kind != NOTHING:
        return None
    # Documents that users have saved may have the content of the file beside its
    # address, and tracks may have one more object around them. api-notes: tracks
    key = "data" if isinstance(value.get("url"), str) else "annotations"
    inner = value.get(key)
    return (
        inner if isinstance(inner, (dict, list)) and not _has_pictures(value) else None
    )


def _outer_form_of(value: Any) -> Form:
    """Return the form of a value that is not only around a result."""
    if isinstance(value, list):
        return form_of_list(value)
    if not isinstance(value, dict) or not value:
        return Form(NOTHING if url_of(value) is None else ADDRESS, value)
    form = bare_form_of(value)
    if form.kind != NOTHING:
        return form
    if url_of(value) is not None:
        return Form(ADDRESS, value)
    return Form(PICTURES if _has_pictures(value) else ANSWERS, value)


def _has_pictures(value: Dict[str, Any]) -> bool:
    # api-notes: segmentation
    return any(isinstance(value.get(key), dict) for key in ("combined", "labeled"))


def bare_form_of(value: Dict[str, Any]) -> Form:
    """Return the form of an object that is recognized without a key around it."""
    if any(is_track(each) for each in value.values()):
        return Form(TRACKS, [value])
    # api-notes: lidar
    if any(isinstance(value.get(k), list) for k in ("point_objects", "point_labels")):
        return Form(POINTS, value)
    if _is_frame(value, _LIDAR_KEYS):
        return Form(FRAMES, [value])
    if any(is_described(each) for each in value.values()):
        return Form(ANSWERS, value)
    return Form(NOTHING, value)


def answers_by_file(response: Mapping[str, Any]) -> Dict[str, List[Any]]:
    """Return the answers about files: key of the file -> a list of respondents."""
    # api-notes: text-responses
    return {
        key: value["responses"]
        for key, value in response.items()
        if key != "annotations"
        and isinstance(value, dict)
        and isinstance(value.get("responses"), list)
    }


def form_of_list(value: List[Any]) -> Form:
    """Return the form of a list: of annotations, of frames, or around tracks."""
    for each in value:
        if not isinstance(each, dict) or _FRAME_KEYS.isdisjoint(each):
            continue
        if _is_frame(each, _FRAME_KEYS):
            return Form(FRAMES, value)
        inner = an_object(each.get("annotations"))
        if any(is_track(track) for track in inner.values()):
            wrapped = [an_object(an_object(e).get("annotations")) for e in value]
            return Form(TRACKS, wrapped, tuple(e for e in value if isinstance(e, dict)))
    return Form(LIST, value)


def _is_frame(value: Dict[str, Any], names: Iterable[str]) -> bool:
    return any(isinstance(value.get(name), list) for name in names)


def result_of(response: Mapping[str, Any], key: str) -> Any:
    """Return a result of a response, or what stands in the place of its file.

    The address of events is also looked for beside that of the annotations.
    """
    # api-notes: events
    if key == "events" and key not in response:
        given = an_object(response.get("annotations")).get(key)
        return None if url_of(given) is None else given
    return response.get(key)


def url_of(value: Any) -> Optional[str]:
    """Return the address of the file in whose place a value stands; None if none."""
    # api-notes: result-files
    if isinstance(value, str):
        return value if _URL.fullmatch(value) else None
    url = an_object(value).get("url")
    return url if isinstance(url, str) else None


def events_in(value: Any) -> List[Any]:
    """Return the elements of the value of ``events``, or of the file in its place."""
    # api-notes: events
    return an_array(value.get("events") if isinstance(value, dict) else value)
