"""The layers that setup.cfg configures for import-linter."""

from __future__ import annotations

import configparser
from typing import List

from tests.docs.blocks import ROOT


def layers(contract: str) -> List[List[str]]:
    """Return the modules of each layer that exists, from the top down.

    A module in parentheses is only planned, so it is left out.
    """
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", "utf-8")
    lines = config[f"importlinter:contract:{contract}"]["layers"].split("\n")
    rows = [[name.strip() for name in line.split("|")] for line in lines]
    existing = [[name for name in row if name and name[0] != "("] for row in rows]
    return [row for row in existing if row]
