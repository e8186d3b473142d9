"""Files that come with the package, wherever it was imported from."""

from __future__ import annotations

import sys
from importlib import resources


def read_text(package: str, name: str) -> str:
    """Return what a file of a package holds, also where the package is in a zip.

    Args:
        package: The whole name of the package whose folder holds the file.
        name: The name of the file.

    Raises:
        FileNotFoundError: The package has no such file.
    """
    if sys.version_info >= (3, 9):
        return resources.files(package).joinpath(name).read_text("utf-8")
    return resources.read_text(package, name, "utf-8")
