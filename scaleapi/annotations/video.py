"""Videos: frames, tracks of objects through them, events; clips of recordings."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Tuple

from scaleapi.annotations.lidar import CameraImage, Cuboid3D, cuboid_of
from scaleapi.annotations.shape_lists import HasShapes, Shapes, shape_of
from scaleapi.annotations.shapes import Origin, Shape
from scaleapi.annotations.views import View, an_array, an_object, is_number


class Rates:
    """The rates that a task states; each is None if it is missing.

    Attributes:
        fps: Frames of the video a second.
        annotated: Annotated frames a second.
    """

    __slots__ = ("annotated", "fps")

    def __init__(self, params: Dict[str, Any]) -> None:
        # api-notes: tracks
        video = an_object(an_object(params.get("videoMetadata")).get("video"))
        self.fps = _rate(video.get("fps"))
        self.annotated = _rate(params.get("annotation_frame_rate"))


class TrackFrame(View):
    """An object at one moment of a video."""

    __slots__ = ("_rates", "_shape")

    def __init__(self, raw: Dict[str, Any], shape: Shape, rates: Rates) -> None:
        self._raw = raw
        self._shape = shape
        self._rates = rates

    @property
    def shape(self) -> Shape:
        """Where the object is."""
        return self._shape

    @property
    def key(self) -> Any:
        """The key of the frame, as it came.

        It is read in two ways: `frame_number` and `converted_frame_number`. Nothing
        says which of them holds; where there is a `time`, trust that. In a result that
        is a list of frames it is the position in the list.
        """
        return self._shape.frame

    @property
    def time(self) -> Optional[float]:
        """Seconds from the start of the video; None if they are not given."""
        return _time(self._raw)

    @property
    def frame_number(self) -> Optional[int]:
        """The frame of the video, if keys count the frames of the video."""
        key = self.key
        return key if type(key) is int and is_number(key) else None

    @property
    def converted_frame_number(self) -> Optional[int]:
        """The frame of the video, if keys count the annotated frames.

        That is floor(key x fps / rate), with ``videoMetadata.video.fps`` and
        ``annotation_frame_rate`` of the task's parameters; None if one is missing.
        """
        fps, annotated = self._rates.fps, self._rates.annotated
        if self.frame_number is None or fps is None or annotated is None:
            return None
        number = self.frame_number * fps / annotated
        return math.floor(number) if math.isfinite(number) else None

    @property
    def keyframe_type(self) -> Optional[str]:
        """Such as ``start`` or ``middle``; None if it is not given."""
        return self._raw.get("keyframeType")

    @property
    def is_inferred(self) -> Optional[bool]:
        """Whether the frame is interpolated; None if that is not given."""
        return self._raw.get("isInferredKeyframe")

    def _summary(self) -> str:
        return f"key={self.key!r}, time={self.time!r}, shape={self._shape!r}"


class Track:
    """An object on its way through a video.

    Attributes:
        uuid: The ``uuid`` of the object.
        label: The label; None if there is none.
        geometry: The geometry, such as ``"box"``; None if it is not given.
        frames: The object in each frame, in the order of the document.
        raw: The very dict; None if the result is a list of frames, where the object
            has one dict a frame.
        unknown: Elements of its frames that are not understood, as they came.
    """

    __slots__ = ("frames", "geometry", "label", "raw", "unknown", "uuid")

    def __init__(
        self,
        uuid: str,
        label: Optional[str],
        geometry: Optional[str],
        frames: Tuple[TrackFrame, ...],
        raw: Optional[Dict[str, Any]] = None,
        unknown: Tuple[Any, ...] = (),
    ) -> None:
        self.uuid = uuid
        self.label = label
        self.geometry = geometry
        self.frames = frames
        self.raw = raw
        self.unknown = unknown

    @property
    def attributes(self) -> Dict[str, Any]:
        """The attributes of the track itself; those of a frame are at its shape."""
        return an_object(an_object(self.raw).get("attributes"))

    def __repr__(self) -> str:
        return (
            f"Track(uuid={self.uuid!r}, label={self.label!r}, "
            f"geometry={self.geometry!r}, {len(self.frames)} frames)"
        )


class Frame(HasShapes):
    """A frame of a video or of lidar.

    Attributes:
        number: The position in the list of frames, from 0; of tracks, the ``key``,
            which is read in two ways: see `TrackFrame`.
        time: Seconds from the start of the video; None if they are not given.
        raw: The very dict; None if the result has tracks.
    """

    __slots__ = ("_found", "_sort", "number", "raw", "time")

    def __init__(
        self,
        number: Any,
        raw: Optional[Dict[str, Any]],
        sort: Callable[[], Shapes],
        time: Optional[float] = None,
    ) -> None:
        self.number = number
        self.raw = raw
        self.time = time
        self._sort = sort
        self._found: Optional[Shapes] = None

    def _shapes(self) -> Shapes:
        if self._found is None:
            self._found = self._sort()
        return self._found

    @property
    def global_attributes(self) -> Dict[str, Any]:
        """The attributes of the frame as a whole; empty if there are none."""
        return an_object(an_object(self.raw).get("global_attributes"))

    @property
    def cuboids_3d(self) -> Tuple[Cuboid3D, ...]:
        """The cuboids of lidar."""
        found = (cuboid_of(raw, self.number) for raw in self._raw_cuboids())
        return tuple(cuboid for cuboid in found if cuboid is not None)

    @property
    def camera_images(self) -> Tuple[CameraImage, ...]:
        """What is annotated in the images of the cameras."""
        return tuple(
            CameraImage(raw, self.number)
            for raw in an_array(an_object(self.raw).get("camera_responses"))
            if isinstance(raw, dict)
        )

    @property
    def unknown(self) -> Tuple[Any, ...]:
        """What is not understood, as it came."""
        images = self.camera_images
        responses = an_array(an_object(self.raw).get("camera_responses"))
        return (
            *self._shapes().rest,
            *(raw for raw in self._raw_cuboids() if cuboid_of(raw) is None),
            *(raw for raw in responses if not isinstance(raw, dict)),
            *(raw for image in images for raw in image._shapes().rest),
        )

    def _raw_cuboids(self) -> List[Any]:
        return an_array(an_object(self.raw).get("cuboids"))

    def __repr__(self) -> str:
        return f"Frame(number={self.number!r}, time={self.time!r})"


class Event(View):
    """Something that happens in a video, at one moment or for some time."""

    # api-notes: events
    __slots__ = ()

    @property
    def label(self) -> Optional[str]:
        """The label; None if there is none."""
        return self._raw.get("label")

    @property
    def type(self) -> Optional[str]:
        """``range`` or ``point``."""
        return self._raw.get("type")

    @property
    def start(self) -> Optional[int]:
        """The first frame."""
        return self._raw.get("start")

    @property
    def end(self) -> Optional[int]:
        """The last frame; None for a point."""
        return self._raw.get("end")

    @property
    def start_time(self) -> Optional[float]:
        """The start in seconds."""
        return self._raw.get("startTime")

    @property
    def end_time(self) -> Optional[float]:
        """The end in seconds; None for a point."""
        return self._raw.get("endTime")

    def _summary(self) -> str:
        return f"{super()._summary()}, start={self.start!r}, end={self.end!r}"


class Clip(View):
    """A stretch of a recording, with a text about it."""

    # api-notes: recordings
    __slots__ = ("_label",)

    def __init__(self, raw: Dict[str, Any], label: Any) -> None:
        self._raw = raw
        self._label = label

    @property
    def label(self) -> Optional[str]:
        """The label of the annotation to which it belongs."""
        return self._label  # type: ignore[no-any-return]

    @property
    def time(self) -> Optional[float]:
        """The start in seconds."""
        return self._raw.get("timestamp")

    @property
    def duration(self) -> Optional[float]:
        """The length in seconds."""
        return self._raw.get("duration")

    @property
    def text(self) -> Optional[str]:
        """The text."""
        return self._raw.get("text")

    def _summary(self) -> str:
        return f"label={self._label!r}, time={self.time!r}, text={self.text!r}"


class Path(View):
    """The way of a point through a recording."""

    __slots__ = ("_label",)

    def __init__(self, raw: Dict[str, Any], label: Any) -> None:
        self._raw = raw
        self._label = label

    @property
    def label(self) -> Optional[str]:
        """The label; None if there is none."""
        return self._label  # type: ignore[no-any-return]

    @property
    def times(self) -> List[float]:
        """The moments in seconds."""
        return an_array(self._raw.get("timestamps"))

    @property
    def values(self) -> List[List[float]]:
        """The position at each moment."""
        return an_array(self._raw.get("values"))

    def _summary(self) -> str:
        return f"label={self._label!r}, {len(self.times)} moments"


def frames_of_list(
    raw_frames: List[Any], usual: Callable[[], str]
) -> Tuple[Frame, ...]:
    """Return the frames of a result that is a list of frames."""

    return tuple(
        Frame(
            number,
            raw,
            partial(
                Shapes, an_array(raw.get("annotations")), usual, Origin(frame=number)
            ),
        )
        for number, raw in enumerate(raw_frames)
        if isinstance(raw, dict)
    )


def tracks_of_frames(frames: Tuple[Frame, ...], rates: Rates) -> Tuple[Track, ...]:
    """Return the tracks of objects that have the same ``uuid`` in a list of frames."""
    by_uuid: Dict[str, List[TrackFrame]] = {}
    for frame in frames:
        for shape in frame.shapes:
            if isinstance(shape.uuid, str):
                moment = TrackFrame(shape.raw, shape, rates)
                by_uuid.setdefault(shape.uuid, []).append(moment)
    return tuple(
        Track(uuid, moments[0].shape.label, moments[0].shape.geometry, tuple(moments))
        for uuid, moments in by_uuid.items()
    )


def tracks_of_object(given: Dict[str, Any], rates: Rates) -> Tuple[Track, ...]:
    """Return the tracks of a result that is an object uuid -> track."""
    # api-notes: tracks
    return tuple(
        _track(uuid, raw, rates) for uuid, raw in given.items() if is_track(raw)
    )


def is_track(given: Any) -> bool:
    """Return whether a value is a track: an object with a list of frames."""
    return isinstance(given, dict) and isinstance(given.get("frames"), list)


def _track(uuid: str, raw: Dict[str, Any], rates: Rates) -> Track:
    label, geometry = raw.get("label"), raw.get("geometry")
    geometry = geometry if isinstance(geometry, str) else None
    moments: List[TrackFrame] = []
    unknown: List[Any] = []
    for each in raw["frames"]:
        key = an_object(each).get("key")
        origin = Origin(frame=key, geometry=geometry, label=label, uuid=uuid)
        shape = shape_of(each, origin=origin)
        if shape is None:
            unknown.append(each)
        else:
            moments.append(TrackFrame(each, shape, rates))
    return Track(uuid, label, geometry, tuple(moments), raw, tuple(unknown))


def frames_of_tracks(tracks: Tuple[Track, ...]) -> Tuple[Frame, ...]:
    """Return the frames of a result that has tracks, by the order of their keys."""
    by_key: Dict[Any, List[TrackFrame]] = {}
    for track in tracks:
        for moment in track.frames:
            if isinstance(moment.key, (int, float, str)):
                by_key.setdefault(moment.key, []).append(moment)
    return tuple(_frame(key, by_key[key]) for key in sorted(by_key, key=_order))


def _frame(key: Any, moments: List[TrackFrame]) -> Frame:
    times = [moment.time for moment in moments if moment.time is not None]
    return Frame(key, None, partial(_shapes_of, moments), times[0] if times else None)


def _shapes_of(moments: List[TrackFrame]) -> Shapes:
    shapes = Shapes([])
    shapes.all = [moment.shape for moment in moments]
    return shapes


def _order(key: Any) -> Tuple[bool, Any]:
    # Numbers come first; whatever else there is follows as text.
    return (False, key) if is_number(key) else (True, str(key))


def _time(raw: Dict[str, Any]) -> Optional[float]:
    # api-notes: tracks
    for name in ("timestamp", "timestamp_secs"):
        if is_number(raw.get(name)):
            return raw[name]  # type: ignore[no-any-return]
    return None


def _rate(given: Any) -> Optional[float]:
    return given if is_number(given) and given > 0 else None
