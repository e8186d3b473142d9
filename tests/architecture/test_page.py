"""The page of the architecture, held against the code."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest

import scaleapi
from scaleapi import ScaleClient, TaskType
from tests.docs.blocks import ROOT, parts_of
from tests.architecture.test_doors import HEIGHT, ours, rooms

PAGE = ROOT / "docs" / "architecture.rst"
PICTURE = next(part.text for part in parts_of(PAGE) if part.language == "text")
HOUSE, _, SANDBOX = PICTURE.partition("\n\n")

#: What joins client and sandbox.
ON_THE_ROOF = {"pytest_plugin"}

#: Where the notes beside the rooms begin.
_NOTES = 51


def floors(picture: str) -> List[List[str]]:
    """Return the rooms of each floor, from the roof down."""
    storeys = re.split(r"^-+\n", picture, flags=re.MULTILINE)
    return [
        [room for line in storey.splitlines() for room in line[:_NOTES].split()]
        for storey in storeys
    ]


CLIENT_FLOORS = floors(HOUSE)
#: Below the sandbox's title and its two lines.
SANDBOX_FLOORS = [
    [f"sandbox.{room}" for room in floor] for floor in floors(SANDBOX.split("\n", 3)[3])
]


def test_every_room_of_the_client_is_in_the_picture_once() -> None:
    drawn = [room for floor in CLIENT_FLOORS for room in floor]
    assert sorted({*HEIGHT, *ON_THE_ROOF}) == sorted(drawn)


def test_every_room_of_the_sandbox_is_in_the_picture_once() -> None:
    drawn = [room for floor in SANDBOX_FLOORS for room in floor]
    there = {".".join(room.split(".")[:2]) for room in rooms() if "sandbox." in room}
    assert sorted(there) == sorted(drawn)


@pytest.mark.parametrize("storeys", [CLIENT_FLOORS, SANDBOX_FLOORS])
def test_doors_lead_to_the_same_floor_or_to_one_below(storeys: List[List[str]]) -> None:
    height = {room: -n for n, floor in enumerate(storeys) for room in floor}

    def level(room: str) -> Optional[int]:
        """Return the floor of a room, or of the folder that is drawn for it."""
        parts = room.split(".")
        wholes = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
        return next((height[whole] for whole in wholes if whole in height), None)

    doors = [
        (room, other)
        for room in rooms()
        for other in ours(room)
        if level(room) is not None and level(other) is not None
    ]
    assert len(doors) > 50
    for room, other in doors:
        assert level(other) <= level(room), f"{room} imports {other}"  # type: ignore[operator]


def test_a_request_takes_the_way_that_the_page_describes(
    client: ScaleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.create_project("cows", TaskType.Categorization)
    home = Path(scaleapi.__file__).parent
    stack: List[str] = []
    send = type(client.api.session).send

    def spy(session: Any, request: Any, **options: Any) -> Any:
        frame = sys._getframe(1)
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if home in path.parents:
                place = path.relative_to(home).as_posix()
                stack.insert(0, f"``{frame.f_code.co_name}`` in ``{place}``")
            frame = frame.f_back  # type: ignore[assignment]
        return send(session, request, **options)

    monkeypatch.setattr(type(client.api.session), "send", spy)
    assert list(client.get_tasks("cows")) == []
    text = PAGE.read_text(encoding="utf-8")
    described = re.findall(r"^\d\. (``\w+`` in ``[\w/.]+``)", text, re.MULTILINE)
    assert stack == described


def test_the_rooms_of_the_reference_are_those_of_the_code() -> None:
    pages: Dict[str, int] = {}
    for page in (ROOT / "docs" / "reference").glob("*.rst"):
        for room in re.findall(
            r"^\.\. automodule:: scaleapi\.([\w.]+)",
            page.read_text("utf-8"),
            re.MULTILINE,
        ):
            pages[room] = pages.get(room, 0) + 1
    public = {
        room
        for room in HEIGHT
        if not room.startswith("_") and "." not in room and room != "pacing"
    } - ON_THE_ROOF
    inside = {"sandbox": 1, "sandbox.factories": 1}
    assert pages == {**dict.fromkeys(public, 1), **inside}
