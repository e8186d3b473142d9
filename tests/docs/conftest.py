"""The namespace in which the examples of a page run."""

from __future__ import annotations

import logging
from typing import Any, Dict, Iterator, List

import pytest

from tests.docs.blocks import ROOT, close_all


@pytest.fixture
def namespace(
    monkeypatch: pytest.MonkeyPatch, waits: List[float]
) -> Iterator[Dict[str, Any]]:
    """What the examples of a page share; they are run in the root of the checkout."""
    monkeypatch.chdir(ROOT)
    names: Dict[str, Any] = {"__name__": "page"}
    logger = logging.getLogger("scaleapi")
    level = logger.level
    yield names
    close_all(names)
    logger.setLevel(level)
