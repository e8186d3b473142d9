"""Named entities of a text, and messages of a chat."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from scaleapi.annotations.views import View


class Entity(View):
    """A part of a text with a label."""

    __slots__ = ()

    @property
    def id(self) -> Optional[str]:
        """The id, to which relationships refer."""
        return self._raw.get("id")

    @property
    def label(self) -> Optional[str]:
        """The label; None if there is none."""
        return self._raw.get("label")

    @property
    def start(self) -> int:
        """The position of its first character in the text, from 0."""
        start: int = self._raw["start"]
        return start

    @property
    def end(self) -> int:
        """The position after its last character."""
        end: int = self._raw["end"]
        return end

    @property
    def text(self) -> Optional[str]:
        """The part of the text."""
        return self._raw.get("text")

    def _summary(self) -> str:
        place = f"start={self.start}, end={self.end}"
        return f"{super()._summary()}, text={self.text!r}, {place}"


class Relationship(View):
    """A relationship between two entities."""

    __slots__ = ("_entities",)

    def __init__(self, raw: Dict[str, Any], entities: Mapping[Any, Entity]) -> None:
        self._raw = raw
        self._entities = entities

    @property
    def id(self) -> Optional[str]:
        """The id."""
        return self._raw.get("id")

    @property
    def name(self) -> Optional[str]:
        """The name; it may be blank, or None."""
        return self._raw.get("name")

    @property
    def source(self) -> Optional[Entity]:
        """The entity from which it goes; None if there is no such entity."""
        return self._entity("source_ref")

    @property
    def target(self) -> Optional[Entity]:
        """The entity to which it goes; None if there is no such entity."""
        return self._entity("target_ref")

    def _entity(self, key: str) -> Optional[Entity]:
        reference = self._raw.get(key)
        return self._entities.get(reference) if isinstance(reference, str) else None

    def _summary(self) -> str:
        source, target = self._raw.get("source_ref"), self._raw.get("target_ref")
        return f"name={self.name!r}, source_ref={source!r}, target_ref={target!r}"


class Message(View):
    """An element of the response to a chat task."""

    __slots__ = ()

    @property
    def type(self) -> Optional[str]:
        """The type, such as ``PromptInput``."""
        return self._raw.get("type")

    @property
    def output(self) -> Any:
        """The output."""
        return self._raw.get("output")

    def _summary(self) -> str:
        return f"type={self.type!r}, output={self.output!r}"


def entity_of(raw: Any) -> Optional[Entity]:
    """Return the entity that an annotation describes; None if it describes none."""
    # api-notes: entities
    if not isinstance(raw, dict):
        return None
    start, end = raw.get("start"), raw.get("end")
    return Entity(raw) if type(start) is int and type(end) is int else None
