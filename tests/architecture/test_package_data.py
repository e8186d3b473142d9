"""What stands in the tree is what gets installed."""

from __future__ import annotations

import configparser
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_that_is_no_module_is_listed_as_data() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    listed = {
        package: patterns.split()
        for package, patterns in config["options.package_data"].items()
    }
    files = [
        path
        for path in (ROOT / "scaleapi").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    assert len(files) > 1
    for path in files:
        package = ".".join(path.parent.relative_to(ROOT).parts)
        patterns = listed.get(package, [])
        assert any(fnmatch(path.name, pattern) for pattern in patterns), path
