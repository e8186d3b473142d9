"""Display of named entities: cuts a text into marked and unmarked pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional

from scaleapi.annotations.drawing import color_of
from scaleapi.sandbox.store.repository import Document

_MAX_TEXT_CHARS = 50_000


@dataclass(frozen=True)
class Piece:
    """A piece of a text; a piece with a label is an entity."""

    text: str
    label: Optional[str] = None
    color: int = 0


def source_of(task: Document) -> Any:
    """Return the text in which entities are marked."""
    # api-notes: entities
    params = task["params"]
    if isinstance(params.get("text"), str):
        return params["text"]
    attachments = params.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else []:
        if isinstance(attachment, dict) and attachment.get("type") == "text":
            return attachment.get("content")
    return None


def pieces_of(text: Any, annotations: Any, colors: Dict[str, int]) -> List[Piece]:
    """Return the pieces of a text. Of overlapping entities the first is kept.

    Args:
        text: The text.
        annotations: Entities; elements of another form are left out.
        colors: Label -> number of its color; new labels are added.
    """
    if not isinstance(text, str) or not isinstance(annotations, list):
        return []
    entities = sorted(
        (value for value in annotations if _is_entity(value, len(text))),
        key=lambda entity: int(entity["start"]),
    )
    pieces: List[Piece] = []
    done = 0
    for entity in entities:
        start, end = entity["start"], entity["end"]
        if start < done or end > _MAX_TEXT_CHARS:
            continue
        if start > done:
            pieces.append(Piece(text[done:start]))
        label = str(entity.get("label", ""))
        pieces.append(Piece(text[start:end], label, color_of(label, colors)))
        done = end
    if pieces and done < len(text):
        pieces.append(Piece(text[done:_MAX_TEXT_CHARS]))
    return pieces


def _is_entity(value: Any, length: int) -> bool:
    if not isinstance(value, dict):
        return False
    start, end = value.get("start"), value.get("end")
    return type(start) is int and type(end) is int and 0 <= start < end <= length
