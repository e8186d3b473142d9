"""The conversation of a chat task, as v2 shows it, for people.

Threads may be a user's own, so anything in them may have any form.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from scaleapi.sandbox.labeler import threads_of
from scaleapi.sandbox.labeler.json_readers import an_array, an_object
from scaleapi.sandbox.page.attachments import Finder
from scaleapi.sandbox.statuses import CHAT_TYPES
from scaleapi.sandbox.store.repository import Document

_MAX_THREADS = 10
_MAX_TURNS = 50
_MAX_MESSAGES = 20
_MAX_NOTES = 50
_MAX_FILES = 20
_MAX_TEXT_CHARS = 20_000
_MAX_VALUE_CHARS = 1000

#: Name and value of an annotation.
Note = Tuple[str, str]


@dataclass(frozen=True)
class Message:
    """A message of a person or a model.

    Attributes:
        role: ``user``, ``assistant`` or another.
        source: Who has written it.
        text: What it says.
        files: Text and URL of each file; the URL is None if a page may not link to it.
        notes: Its annotations.
    """

    role: str
    source: str
    text: str
    files: List[Tuple[str, Optional[str]]]
    notes: List[Note]


@dataclass(frozen=True)
class Turn:
    """A message and the answers to it, with the annotations of all of them."""

    messages: List[Message]
    notes: List[Note]


@dataclass(frozen=True)
class Thread:
    """A conversation, with the annotations of the whole of it."""

    turns: List[Turn]
    notes: List[Note]


def conversation_of(task: Document, finder: Finder) -> List[Thread]:
    """Return the threads of a completed chat task; [] for any other."""
    if task["type"] not in CHAT_TYPES or task["status"] != "completed":
        return []
    return [
        Thread(
            [
                Turn(
                    [
                        _message(an_object(message), finder)
                        for message in an_array(turn.get("messages"), _MAX_MESSAGES)
                    ],
                    _notes(turn),
                )
                for turn in map(an_object, an_array(thread.get("turns"), _MAX_TURNS))
            ],
            _notes(thread),
        )
        for thread in map(an_object, threads_of(task)[:_MAX_THREADS])
    ]


def _message(message: Dict[str, Any], finder: Finder) -> Message:
    content = an_object(message.get("content"))
    chunks = map(an_object, an_array(content.get("chunks"), _MAX_NOTES))
    texts = [content.get("text"), *(chunk.get("text") for chunk in chunks)]
    files = []
    for file in map(an_object, an_array(content.get("attachments"), _MAX_FILES)):
        url = _text(file.get("url") or file.get("scale_url"))
        files.append((_text(file.get("name")) or url, finder.link(url)))
    return Message(
        _text(message.get("role")),
        _text(message.get("source_id")),
        "\n".join(each for each in texts if isinstance(each, str))[:_MAX_TEXT_CHARS],
        files,
        _notes(message),
    )


def _notes(part: Dict[str, Any]) -> List[Note]:
    found = map(an_object, an_array(part.get("annotations"), _MAX_NOTES))
    return [
        (_text(each.get("title") or each.get("key")), _text(each.get("value")))
        for each in found
    ]


def _text(value: Any) -> str:
    """Return any value as text for people."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = ", ".join(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:_MAX_VALUE_CHARS]
