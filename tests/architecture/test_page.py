"""docs/architecture.rst shows the layers and the way of a request as they are."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, List, Tuple

import pytest
import requests

from scaleapi import ScaleClient, TaskType
from tests.architecture.layers import layers
from tests.architecture.test_imports import PACKAGE
from tests.docs.blocks import ROOT, parts_of

PAGE = ROOT / "docs" / "architecture.rst"
PICTURES = [part.text for part in parts_of(PAGE) if part.language == "text"]


def pictured(text: str) -> List[List[str]]:
    """Return the modules of each layer of a picture; a remark is in parentheses."""
    lines = [re.sub(r"\(.*\)", "", line) for line in text.splitlines()]
    return [[name.strip() for name in line.split("|")] for line in lines]


@pytest.mark.parametrize("number, contract", [(0, "client"), (1, "sandbox")])
def test_the_picture_shows_the_configured_layers(number: int, contract: str) -> None:
    assert pictured(PICTURES[number]) == layers(contract)


def test_a_request_passes_the_stations_that_the_page_names(
    client: ScaleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    stations = re.findall(r"^\d\. ``([\w.]+)``", text, re.MULTILINE)
    assert stations == ["TaskCalls.get_tasks", "Api.request", "api.py", "requests"]
    client.create_project("cows", TaskType.Categorization)
    stack: List[Tuple[str, str]] = []
    original = requests.Session.request

    def spy(*args: Any, **options: Any) -> requests.Response:
        frame = sys._getframe(1)
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if PACKAGE in path.parents:
                module = path.relative_to(PACKAGE).as_posix()
                stack.insert(0, (module, frame.f_code.co_name))
            frame = frame.f_back  # type: ignore[assignment]
        return original(*args, **options)

    monkeypatch.setattr(requests.Session, "request", spy)
    assert list(client.get_tasks("cows")) == []
    assert stack[0] == ("tasks/calls.py", "get_tasks")
    request = stack.index(("api.py", "request"))
    # From there on, only the loop lies between the call and requests.
    assert {module for module, _ in stack[request:]} == {"api.py"}
    assert "request" not in [name for _, name in stack[request + 1 :]]
