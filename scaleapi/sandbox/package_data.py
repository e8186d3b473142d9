"""Files that come with the package, also if it is imported from a zip."""

from __future__ import annotations

import sys
from importlib import resources


def read_text(package: str, name: str) -> str:
    """Return the content of a text file of a package.

    Args:
        package: Full name of the package whose folder holds the file.
        name: The name of the file.

    Raises:
        FileNotFoundError: `package` has no file `name`.
    """
    if sys.version_info >= (3, 9):
        return resources.files(package).joinpath(name).read_text("utf-8")
    return resources.read_text(package, name, "utf-8")
