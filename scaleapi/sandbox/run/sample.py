"""A sample world, so that scripts which read find something."""

from __future__ import annotations

import io
import uuid
from typing import Any, Dict, List, NamedTuple, Tuple

from PIL import Image, ImageDraw

from scaleapi import ScaleClient, ScaleResourceNotFound, Task
from scaleapi.sandbox import Sandbox, factories

_SIZE = (640, 400)
_HORIZON = 170
_CAR_COLORS = ("#b3262e", "#2456a6", "#e0e0e0")
#: States of the tasks of each batch of a project.
_STATES = (
    ("accepted", "rejected", "completed"),
    ("completed", "pending", "pending"),
)


class _Kind(NamedTuple):
    """A project of the sample.

    Attributes:
        project: Name of the project, and of its batches in part.
        work: One of `factories.KINDS`.
        frames: How many uploaded pictures a task has; 0 for the attachments of the
            factory.
    """

    project: str
    work: str
    frames: int = 0


_KINDS = [
    _Kind("street boxes", "boxes", 1),
    _Kind("street segmentation", "segmentation", 1),
    _Kind("street video", "video", 5),
    _Kind("street lidar", "lidar"),
    _Kind("street kinds", "categories", 1),
    _Kind("hotel reviews", "textcollection"),
    _Kind("names in texts", "entities"),
    _Kind("invoices", "rows"),
]


def fill(client: ScaleClient, sandbox: Sandbox) -> None:
    """Make projects, batches, and tasks that are pending, completed and audited.

    A sandbox that has the sample already, from its file, is left as it is.

    Args:
        client: Creates everything.
        sandbox: Plays the labeler.
    """
    try:
        client.get_project(_KINDS[0].project)
    except ScaleResourceNotFound:
        pictures = _Pictures(client)
        for kind in _KINDS:
            _fill_project(client, sandbox, kind, pictures)


def _fill_project(
    client: ScaleClient, sandbox: Sandbox, kind: _Kind, pictures: _Pictures
) -> None:
    type = factories.KINDS[kind.work]
    instruction = factories.parameters(kind.work).get("instruction", "")
    client.create_project(kind.project, type, params={"instruction": instruction})
    seed = 0
    for week, states in enumerate(_STATES, 1):
        batch = client.create_batch(kind.project, f"{kind.project}, week {week}")
        for state in states:
            parameters = factories.parameters(kind.work, seed=seed)
            if kind.frames:
                parameters.update(pictures.attachments(kind.frames, seed))
            task = client.create_task(
                type,
                batch=batch.name,
                unique_id=f"{kind.project.replace(' ', '-')}-{seed}",
                tags=["sample"],
                **parameters,
            )
            response = {"annotations": _street(seed, 0)[1]}
            given = response if kind.work == "boxes" else None
            _bring_into_state(client, sandbox, task, state, given)
            seed += 1
        batch.finalize()


def _bring_into_state(
    client: ScaleClient, sandbox: Sandbox, task: Task, state: str, response: Any
) -> None:
    """Complete a task and audit it, if its state says so.

    Args:
        client: Audits the task.
        sandbox: Completes the task.
        task: A new task, which is completed by now under a test key.
        state: One of those in `_STATES`.
        response: The response; None makes one up.
    """
    task.refresh()
    is_pending = task.status == "pending"
    if not is_pending and (response or state == "pending"):
        sandbox.set(task, status="pending", response=None, completed_at=None)
        is_pending = True
    if is_pending and state != "pending":
        sandbox.complete(task, response)
    if state == "accepted":
        client.audit_task(task.id, True)
    elif state == "rejected":
        client.audit_task(task.id, False, "The outlines are not tight.")


class _Pictures:
    """Uploads pictures of streets, each once."""

    def __init__(self, client: ScaleClient) -> None:
        self._client = client
        self._addresses: Dict[Tuple[int, int], str] = {}

    def attachments(self, frames: int, seed: int) -> Dict[str, Any]:
        """Return the parameters of a task with one picture, or with several frames."""
        if frames == 1:
            return {"attachment": self._address(seed, 0)}
        street = seed % 2
        return {"attachments": [self._address(street, n) for n in range(frames)]}

    def _address(self, seed: int, frame: int) -> str:
        if (seed, frame) not in self._addresses:
            content = io.BytesIO()
            _street(seed, frame)[0].save(content, "PNG")
            name = f"street-{seed}-{frame}.png"
            file = self._client.upload_file((name, content.getvalue()))
            self._addresses[seed, frame] = file.attachment_url
        return self._addresses[seed, frame]


def _street(seed: int, frame: int) -> Tuple[Image.Image, List[Dict[str, Any]]]:
    """Return a simple picture of a street, and the right boxes of what is on it.

    Args:
        seed: Number of the street.
        frame: Number of the picture of this street; cars move from one to the next.
    """
    image = Image.new("RGB", _SIZE, "#a8c8e8")
    pen = ImageDraw.Draw(image)
    for number in range(6):
        left = number * 110 - 20
        top = 40 + (number * 37 + seed * 53) % 70
        pen.rectangle((left, top, left + 90, _HORIZON), fill="#8d8478")
    pen.rectangle((0, _HORIZON, *_SIZE), fill="#6f9a5d")
    pen.polygon(
        [(250, _HORIZON), (390, _HORIZON), (640, 400), (0, 400)], fill="#5a5a5e"
    )
    boxes = []
    for number in range(3):
        scale = 0.5 + number * 0.35
        left = (90 + number * 170 + seed * 31 + frame * 9) % 460
        top = _HORIZON + 10 + number * 60
        size = (round(150 * scale), round(62 * scale))
        boxes.append(_box("car", left, top, *size))
        _draw_car(pen, left, top, size, _CAR_COLORS[number])
    left, top = (500 - seed * 17 - frame * 6) % 600, _HORIZON + 20
    boxes.append(_box("pedestrian", left, top, 26, 80))
    pen.ellipse((left + 5, top, left + 21, top + 18), fill="#d9a77c")
    pen.rectangle((left, top + 18, left + 25, top + 79), fill="#1d1d1d")
    return image, boxes


def _draw_car(
    pen: ImageDraw.ImageDraw, left: int, top: int, size: Tuple[int, int], color: str
) -> None:
    width, height = size
    body, wheel = top + height * 0.38, height * 0.2
    pen.rectangle(
        (left + width * 0.2, top, left + width * 0.8, body + 2), fill="#cfe3f2"
    )
    pen.rectangle((left, body, left + width - 1, top + height * 0.85), fill=color)
    for center in (left + width * 0.22, left + width * 0.78):
        pen.ellipse(
            (
                center - wheel,
                top + height - 2 * wheel,
                center + wheel,
                top + height - 1,
            ),
            fill="#202020",
        )


def _box(label: str, left: int, top: int, width: int, height: int) -> Dict[str, Any]:
    return {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{label} {left} {top}")),
        "type": "box",
        "label": label,
        "left": left,
        "top": top,
        "width": width,
        "height": height,
        "attributes": {},
    }
