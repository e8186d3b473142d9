"""`parse` and `Annotations`: one object for all forms of responses."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from scaleapi.annotations import forms
from scaleapi.annotations.answers import Answers
from scaleapi.annotations.elements import (
    attributes_of_video,
    is_event,
    is_known,
    is_message,
    size_of,
)
from scaleapi.annotations.lidar import Cuboid3D, cuboid_of
from scaleapi.annotations.response import KNOWN_KEYS, Response
from scaleapi.annotations.segmentation import (
    Segments,
    segments_of_picture,
    segments_of_points,
)
from scaleapi.annotations.shape_lists import HasShapes, Shapes
from scaleapi.annotations.text import Entity, Message, Relationship, entity_of
from scaleapi.annotations.video import (
    Clip,
    Event,
    Frame,
    Path,
    Rates,
    Track,
    frames_of_list,
    frames_of_tracks,
    is_track,
    tracks_of_frames,
    tracks_of_object,
)
from scaleapi.annotations.views import an_array, an_object, attributes_of, one_or_many

#: The attributes of `Annotations` that its repr counts.
_COUNTED = (
    "shapes",
    "frames",
    "tracks",
    "events",
    "clips",
    "paths",
    "cuboids_3d",
    "segments",
    "answers",
    "entities",
    "relationships",
    "fields",
    "rows",
    "categories",
    "taxonomies",
    "messages",
    "global_attributes",
    "result_urls",
    "unknown",
    "unknown_keys",
)


def parse(task: Any, results: Optional[Mapping[str, Any]] = None) -> Annotations:
    """Return what a response says, as one object for all its forms.

    Nothing is read before an attribute of the object asks for it, and nothing is
    changed. Data of any form is accepted: what is not understood is in `unknown`.

    Args:
        task: A task; its document; a response, or a hypothesis, which has the same
            form; or the decoded content of a result file.
        results: Decoded content of result files, by the key of the response under
            which their address is: ``{"annotations": ..., "events": ...}``.
    """
    if not isinstance(task, (dict, list)):
        as_dict = getattr(task, "as_dict", None)
        task = as_dict() if callable(as_dict) else task
    return Annotations(task, results)


class Annotations(Response, HasShapes):
    """What a response says. `parse` returns it.

    All attributes are read-only. Those that the response does not fill are empty.
    Shapes of a video, of lidar or of a document are among `boxes` and so on, too; they
    know their ``frame``, ``camera`` or ``page``.
    """

    __slots__ = ()

    def _shapes(self) -> Shapes:
        if self._sorted is None:
            self._sorted = self._sort()
        return self._sorted

    @property
    def global_attributes(self) -> Dict[str, Any]:
        """The attributes of the whole picture or video; frames have their own."""
        return self._once("global_attributes", self._read_global_attributes)

    @property
    def answers(self) -> Answers:
        """The answers to the fields of a text collection, by the field's id."""
        return self._once("answers", self._read_answers)

    @property
    def answers_by_file(self) -> Dict[str, Answers]:
        """The ratings of files: key of the file -> the answers about it."""
        return {
            key: Answers(
                [each for each in given if isinstance(each, dict)], self._fields
            )
            for key, given in self._by_file.items()
        }

    @property
    def tracks(self) -> Tuple[Track, ...]:
        """The objects of a video, each with its frames, in all forms of results."""
        return self._once("tracks", self._read_tracks)

    @property
    def frames(self) -> Tuple[Frame, ...]:
        """The frames of a video or of lidar, in all forms of results."""
        return self._once("frames", self._read_frames)

    @property
    def events(self) -> Tuple[Event, ...]:
        """The events of a video."""
        raw_events = forms.events_in(self._value("events"))
        return tuple(Event(raw) for raw in raw_events if is_event(raw))

    @property
    def clips(self) -> Tuple[Clip, ...]:
        """The clips of a recording, each with a text."""
        return tuple(
            Clip(clip, raw.get("label"))
            for raw in self._rest
            if isinstance(raw, dict)
            for clip in an_array(raw.get("clips"))
            if isinstance(clip, dict)
        )

    @property
    def paths(self) -> Tuple[Path, ...]:
        """The ways of points through a recording."""
        found = []
        for raw in self._rest:
            raw = an_object(raw)
            labels = an_array(raw.get("labels"))
            for number, path in enumerate(an_array(raw.get("paths"))):
                if isinstance(path, dict):
                    label = labels[number] if number < len(labels) else None
                    found.append(Path(path, label))
        return tuple(found)

    @property
    def segments(self) -> Segments:
        """The segments of a picture, or of lidar points."""
        return self._once("segments", self._read_segments)

    @property
    def entities(self) -> Tuple[Entity, ...]:
        """The named entities of a text."""
        found = (entity_of(raw) for raw in self._rest)
        return tuple(entity for entity in found if entity is not None)

    @property
    def relationships(self) -> Tuple[Relationship, ...]:
        """The relationships between entities."""
        by_id = {
            entity.id: entity for entity in self.entities if isinstance(entity.id, str)
        }
        raw_relationships = an_array(self._value("relationships"))
        return tuple(
            Relationship(raw, by_id)
            for raw in raw_relationships
            if isinstance(raw, dict)
        )

    @property
    def cuboids_3d(self) -> Tuple[Cuboid3D, ...]:
        """The cuboids of lidar; each knows its ``frame``."""
        of_frames = (cuboid for frame in self.frames for cuboid in frame.cuboids_3d)
        bare = (cuboid_of(raw) for raw in self._rest)
        return (*of_frames, *(cuboid for cuboid in bare if cuboid is not None))

    @property
    def fields(self) -> Dict[str, Any]:
        """The fields of a transcription, data collection or comparison."""
        return an_object(self._value("fields"))

    @property
    def rows(self) -> Tuple[Dict[str, Any], ...]:
        """The rows of the repeatable fields of a transcription."""
        rows = an_array(self._value("rows"))
        return tuple(row for row in rows if isinstance(row, dict))

    @property
    def categories(self) -> Tuple[Any, ...]:
        """The categories of a categorization, one or several."""
        return one_or_many(self._value("category"))

    @property
    def category_ids(self) -> Tuple[Any, ...]:
        """The ids of the categories, if the task has ids."""
        return one_or_many(self._value("category_id"))

    @property
    def taxonomies(self) -> Dict[str, Any]:
        """The taxonomies of a categorization: name -> value."""
        return an_object(self._value("taxonomies"))

    @property
    def choice(self) -> Any:
        """The choice of a comparison; None if there is none."""
        return self._value("choice")

    @property
    def messages(self) -> Tuple[Message, ...]:
        """The elements of the response to a chat task."""
        return tuple(Message(raw) for raw in self._responses if is_message(raw))

    @property
    def page_sizes(self) -> Tuple[Tuple[float, float], ...]:
        """Width and height of each page of a document."""
        # api-notes: documents
        pages = an_array(an_object(self._document).get("document_pages"))
        sizes = (size_of(page) for page in pages)
        return tuple(size for size in sizes if size is not None)

    @property
    def error(self) -> Optional[str]:
        """Why the task failed, if its response is an error."""
        # api-notes: attachment-error
        error = self._value("error")
        return error if isinstance(error, str) else None

    @property
    def result_urls(self) -> Dict[str, str]:
        """The result files that were not given to `parse`: key -> address."""
        found = {}
        for key in ("annotations", "events", "point_segmentations"):
            if key == "annotations" and self._form.kind != forms.ADDRESS:
                continue
            url = forms.url_of(forms.result_of(self._response, key))
            if url is not None:
                found[key] = url
        return found

    @property
    def full_recording(self) -> Dict[str, Any]:
        """The addresses of the whole recording, as they came; empty if none."""
        # api-notes: recordings
        return an_object(self._value("full_recording"))

    @property
    def unknown(self) -> Tuple[Any, ...]:
        """Annotations and answers that no other attribute shows, as they came."""
        return self._once("unknown", self._read_unknown)

    @property
    def unknown_keys(self) -> Dict[str, Any]:
        """The keys of the response that no other attribute shows, with their values."""
        if self._is_bare:
            return {}
        by_file = self._by_file
        return {
            key: value
            for key, value in self._response.items()
            if key not in KNOWN_KEYS and key not in by_file
        }

    def __repr__(self) -> str:
        counts = [(len(getattr(self, name)), name) for name in _COUNTED]
        found = [f"{count} {name}" for count, name in counts if count]
        found += [
            f"{name}={value!r}"
            for name, value in (("choice", self.choice), ("error", self.error))
            if value is not None
        ]
        return f"Annotations({', '.join(found)})"

    # What the attributes are made from.

    @property
    def _rest(self) -> List[Any]:
        """Annotations that are no shapes."""
        return self._shapes().rest if self._form.kind == forms.LIST else []

    def _sort(self) -> Shapes:
        annotations = self._response.get("annotations")
        if isinstance(annotations, list):
            shapes = Shapes(annotations, self._usual)
            # In most responses all annotations are shapes. Otherwise it may be a list
            # of something else.
            if not shapes.rest or self._form.kind == forms.LIST:
                return shapes
        form = self._form
        if form.kind == forms.LIST:
            return Shapes(form.content, self._usual)
        shapes = Shapes([])
        if form.kind == forms.FRAMES:
            for frame in self.frames:
                shapes.all += frame.shapes
                for image in frame.camera_images:
                    shapes.all += image.shapes
        elif form.kind == forms.TRACKS:
            shapes.all = [m.shape for track in self.tracks for m in track.frames]
        return shapes

    def _read_global_attributes(self) -> Dict[str, Any]:
        found: Dict[str, Any] = {}
        for beside in (self._response, *self._form.beside):
            found.update(an_object(beside.get("global_attributes")))
            if not self._is_bare:
                found.update(attributes_of(beside.get("attributes")))
        # An event that has nothing but attributes is about the whole video.
        # api-notes: events
        for raw in forms.events_in(self._value("events")):
            if isinstance(raw, dict) and raw and not is_event(raw):
                found.update(attributes_of_video(raw))
        return found

    def _read_answers(self) -> Answers:
        form = self._form
        respondents = [form.content] if form.kind == forms.ANSWERS else []
        given = [
            *self._responses,
            *(each for g in self._by_file.values() for each in g),
        ]
        respondents += [r for r in given if isinstance(r, dict) and not is_message(r)]
        return Answers(respondents, self._fields)

    def _read_tracks(self) -> Tuple[Track, ...]:
        rates = Rates(self._params)
        if self._form.kind == forms.FRAMES:
            return tracks_of_frames(self.frames, rates)
        objects = self._form.content if self._form.kind == forms.TRACKS else []
        return tuple(
            track for each in objects for track in tracks_of_object(each, rates)
        )

    def _read_frames(self) -> Tuple[Frame, ...]:
        if self._form.kind == forms.FRAMES:
            return frames_of_list(self._form.content, self._usual)
        if self._form.kind == forms.TRACKS:
            return frames_of_tracks(self.tracks)
        return ()

    def _read_segments(self) -> Segments:
        form = self._form
        points = self._value("point_segmentations")
        if isinstance(points, dict) and "url" not in points:
            return segments_of_points(points)
        if form.kind == forms.POINTS:
            return segments_of_points(form.content)
        pictures = form.content if form.kind == forms.PICTURES else {}
        return segments_of_picture(self._value("labelMapping"), pictures)

    def _read_unknown(self) -> Tuple[Any, ...]:
        form = self._form
        unknown: List[Any] = [raw for raw in self._rest if not is_known(raw)]
        if form.kind == forms.FRAMES:
            unknown += [raw for raw in form.content if not isinstance(raw, dict)]
            unknown += [raw for frame in self.frames for raw in frame.unknown]
        elif form.kind == forms.TRACKS:
            unknown += [
                raw
                for each in form.content
                for raw in each.values()
                if not is_track(raw)
            ]
            unknown += [raw for track in self.tracks for raw in track.unknown]
        elif form.kind == forms.NOTHING and self._value("annotations"):
            unknown.append(self._value("annotations"))
        if self.raw is not None and not isinstance(self.raw, (dict, list)):
            unknown.append(self.raw)
        unknown += self.segments.unknown
        respondents = [
            *self._responses,
            *(e for g in self._by_file.values() for e in g),
        ]
        unknown += [raw for raw in respondents if not isinstance(raw, dict)]
        for key in ("relationships", "rows"):
            given = an_array(self._value(key))
            unknown += [raw for raw in given if not isinstance(raw, dict)]
        events = forms.events_in(self._value("events"))
        unknown += [
            raw for raw in events if not is_event(raw) and not attributes_of_video(raw)
        ]
        return tuple(unknown)
