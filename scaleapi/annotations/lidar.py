"""Cuboids of lidar, and boxes in the images of cameras."""

from __future__ import annotations

import math
from typing import Any, Dict, Optional, Tuple

from scaleapi.annotations.shape_lists import HasShapes, Shapes
from scaleapi.annotations.shapes import Origin
from scaleapi.annotations.views import (
    Position,
    View,
    an_array,
    an_object,
    is_number,
    position_of,
)

#: x, y and z in meters.
Triple = Tuple[float, float, float]


class Cuboid3D(View):
    """A cuboid in space. Numbers are exactly as they came, in meters and radians."""

    # api-notes: lidar
    __slots__ = ("_frame",)

    def __init__(self, raw: Dict[str, Any], frame: Optional[int] = None) -> None:
        self._raw = raw
        self._frame = frame

    @property
    def frame(self) -> Optional[int]:
        """The number of the frame, from 0; None if there are no frames."""
        return self._frame

    @property
    def label(self) -> Optional[str]:
        """The label; None if there is none."""
        return self._raw.get("label")

    @property
    def uuid(self) -> Optional[str]:
        """The ``uuid``, in upper or lower case, which is the same in all frames."""
        return self._raw.get("uuid")

    @property
    def position(self) -> Triple:
        """The middle, as (x, y, z)."""
        return _triple(self._raw["position"])

    @property
    def dimensions(self) -> Triple:
        """The size along its own axes, as (x, y, z)."""
        return _triple(self._raw["dimensions"])

    @property
    def yaw(self) -> float:
        """The angle around the z-axis, counterclockwise; at 0 it points along +y."""
        return self._angle("yaw")

    @property
    def pitch(self) -> float:
        """The pitch; 0 if it is not given."""
        return self._angle("pitch")

    @property
    def roll(self) -> float:
        """The roll; 0 if it is not given."""
        return self._angle("roll")

    @property
    def camera(self) -> Optional[int]:
        """The index of the camera that was used (``camera_used``)."""
        return self._raw.get("camera_used")

    @property
    def distance(self) -> Optional[float]:
        """The distance to the device; None in older data."""
        return self._raw.get("distance_to_device")

    @property
    def point_count(self) -> Optional[int]:
        """The number of points in it (``numberOfPoints``); None in older data."""
        return self._raw.get("numberOfPoints")

    @property
    def stationary(self) -> Optional[bool]:
        """Whether it does not move; None if that is not given."""
        return self._raw.get("stationary")

    @property
    def center(self) -> Triple:
        """The middle, as (x, y, z)."""
        return self.position

    @property
    def volume(self) -> float:
        """The volume."""
        width, length, height = self.dimensions
        return width * length * height

    @property
    def footprint(self) -> Tuple[Position, ...]:
        """The four corners seen from above, each as (x, y), without pitch and roll.

        The first two are those in front.
        """
        x, y, _ = self.position
        width, length, _ = self.dimensions
        cos, sin = math.cos(self.yaw), math.sin(self.yaw)
        half = ((-1, 1), (1, 1), (1, -1), (-1, -1))
        return tuple(
            (
                x + across * width / 2 * cos - along * length / 2 * sin,
                y + across * width / 2 * sin + along * length / 2 * cos,
            )
            for across, along in half
        )

    def _angle(self, name: str) -> float:
        angle = self._raw.get(name)
        if is_number(angle) and math.isfinite(angle):  # type: ignore[arg-type]
            return angle  # type: ignore[return-value]
        return 0

    def _summary(self) -> str:
        return f"{super()._summary()}, position={self.position}"


class CameraImage(View, HasShapes):
    """What is annotated in the image of one camera."""

    __slots__ = ("_frame", "_found")

    def __init__(self, raw: Dict[str, Any], frame: Optional[int]) -> None:
        self._raw = raw
        self._frame = frame
        self._found: Optional[Shapes] = None

    @property
    def camera(self) -> Optional[int]:
        """The index of the camera (``camera_used``)."""
        return self._raw.get("camera_used")

    def _shapes(self) -> Shapes:
        if self._found is None:
            origin = Origin(frame=self._frame, camera=self.camera)
            annotations = an_array(self._raw.get("annotations"))
            self._found = Shapes(annotations, origin=origin)
        return self._found

    def _summary(self) -> str:
        return f"camera={self.camera!r}"


def cuboid_of(raw: Any, frame: Optional[int] = None) -> Optional[Cuboid3D]:
    """Return the cuboid that an element describes; None if it describes none."""
    if not isinstance(raw, dict):
        return None
    is_one = _is_triple(raw.get("position")) and _is_triple(raw.get("dimensions"))
    return Cuboid3D(raw, frame) if is_one else None


def _is_triple(given: Any) -> bool:
    return position_of(given) is not None and is_number(an_object(given).get("z"))


def _triple(given: Dict[str, Any]) -> Triple:
    return given["x"], given["y"], given["z"]
