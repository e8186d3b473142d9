"""The lower bounds in setup.cfg are those that `tox -e oldest` runs."""

from __future__ import annotations

import configparser
import re
from typing import Dict

from tests.docs.blocks import ROOT


def section(file: str, name: str) -> "configparser.SectionProxy":
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / file, "utf-8")
    return config[name]


def versions(text: str, sign: str) -> Dict[str, str]:
    # What has a condition is not for the oldest interpreter, on which this runs.
    found = re.findall(rf"^([\w-]+){sign}([\d.]+)$", text, re.MULTILINE)
    return {name.lower(): re.sub(r"(\.0)+$", "", number) for name, number in found}


def test_the_oldest_versions_are_the_lower_bounds_of_setup_cfg() -> None:
    extras = section("setup.cfg", "options.extras_require")
    said = section("setup.cfg", "options")["install_requires"]
    for extra in ("sandbox", "speed", "progress", "cli", "test"):
        said += extras.get(extra, "")
    assert versions(section("tox.ini", "testenv:oldest")["deps"], "==") == (
        versions(said, ">=")
    )


def test_nothing_has_an_upper_bound() -> None:
    everything = section("setup.cfg", "options")["install_requires"]
    everything += "".join(section("setup.cfg", "options.extras_require").values())
    assert "<" not in everything
    assert "==" not in everything
