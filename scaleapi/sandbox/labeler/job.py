"""`Job` and `LabelerContext`: a task, and what the labeler needs for it."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from scaleapi.sandbox.labeler import wording
from scaleapi.sandbox.labeler.json_readers import Scalar, a_text, an_array
from scaleapi.sandbox.labeler.labels import values
from scaleapi.sandbox.options import Options

Size = Tuple[int, int]

#: Assumed width and height of an image of unknown size, in pixels.
#: api-notes: image-size
_USUAL_SIZE = (1280, 720)
_MAX_SIDE = 100_000
MAX_ATTACHMENTS = 1000


@dataclass(frozen=True)
class LabelerContext:
    """Lookups for the labeler, and the place where results are published.

    Attributes:
        image_size: Width and height in pixels of an attachment; None if
            unknown.
        publish: Serves a file: file name, content, MIME type -> public URL.
        result: What the completed task with an id has as its result file; None if
            there is none.
        rapid: The task's project is a Rapid project.
        options: The chosen behavior where accounts of the API differ.
    """

    image_size: Callable[[str], Optional[Size]]
    publish: Callable[[str, bytes, str], str]
    result: Callable[[str], Any] = lambda task_id: None
    rapid: bool = False
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Job:
    """A task, and everything that the labeler needs for it.

    Attributes:
        task_type: The wire value of the task's type.
        params: The unchecked parameters.
        metadata: The unchecked metadata.
        rng: The only source of randomness, seeded with the task's id.
        context: Lookups, and the publisher of results.
        task_id: The task's id.
    """

    task_type: str
    params: Mapping[str, Any]
    metadata: Mapping[str, Any]
    rng: random.Random
    context: LabelerContext
    task_id: str = ""
    _choices: Dict[int, List[Scalar]] = field(default_factory=dict, init=False)

    def new_uuid(self) -> str:
        """Return the next random id of this task."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def sentence(self) -> str:
        """Return a short English sentence."""
        return wording.sentence(self.rng)

    def answer_to(self, *asked: str) -> str:
        """Return a text that reads like an answer to what is asked for."""
        return wording.answer_to(self.rng, *asked)

    def choices(self, spec: Mapping[str, Any]) -> List[Scalar]:
        """Return the possible answers to a question, which is a part of `params`.

        The tree of choices is read once, although each annotation is asked.
        """
        tree = spec.get("choices")
        # A part of `params` lives as long as the task, so no other one has its id.
        if id(tree) not in self._choices:
            self._choices[id(tree)] = values(tree)
        return self._choices[id(tree)]

    def attachments(self) -> List[Optional[str]]:
        """Return the URL of each attachment, None where it has none."""
        single = self.params.get("attachment")
        several = an_array(self.params.get("attachments"), MAX_ATTACHMENTS)
        return [_address(value) for value in ([single] if single else several)]

    def image_size(self) -> Size:
        """Return width and height of the (first) image."""
        addresses = self.attachments()
        return self.size_of(addresses[0] if addresses else None, _USUAL_SIZE)

    def size_of(self, address: Optional[str], default: Size) -> Size:
        """Return the size of an attachment, or the default if unknown."""
        known = None if address is None else self.context.image_size(address)
        width, height = known or default
        if 1 <= width <= _MAX_SIDE and 1 <= height <= _MAX_SIDE:
            return width, height
        return default

    def publish_json(self, name: str, content: Any) -> Dict[str, str]:
        """Serve a result file; return the reference to it in a response."""
        return self._publish(name, json.dumps(content).encode())

    def publish_video(self, name: str, content: Any) -> Dict[str, str]:
        """Serve a result file of a video, which can end in NUL bytes."""
        padding = bytes(self.context.options.trailing_nuls)
        return self._publish(name, json.dumps(content).encode() + padding)

    def _publish(self, name: str, content: bytes) -> Dict[str, str]:
        return {"url": self.context.publish(name, content, "application/json")}


def _address(attachment: Any) -> Optional[str]:
    if isinstance(attachment, dict):
        for key in ("attachment", "content", "url"):
            if a_text(attachment.get(key)) is not None:
                return a_text(attachment[key])
    return a_text(attachment)
