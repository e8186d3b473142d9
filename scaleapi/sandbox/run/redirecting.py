"""The folder that Python processes of a command load the redirect from."""

from __future__ import annotations

import os
from typing import Dict, List, Set

from scaleapi.sandbox.package_data import read_text
from scaleapi.sandbox.store.temporary_folders import TemporaryFolder

_FILES = ("sitecustomize.py", "_scaleapi_redirect.py")
#: A file where Python would keep compiled modules, so that it keeps none: it would
#: write them whenever a process starts, also while the folder is removed.
_NO_FOLDER = "__pycache__"


class Redirect:
    """A folder for ``PYTHONPATH``, and what the processes that load it have noted.

    Use it as a context manager: the folder is removed at the end, or, if this process
    is killed, when the next sandbox is started.

    Args:
        address: Host and port of the sandbox.

    Attributes:
        folder: Path of the folder.

    Raises:
        OSError: The folder cannot be created.
    """

    def __init__(self, address: str) -> None:
        self._temporary = TemporaryFolder()
        self.folder = self._temporary.path
        # A copy, since the package may be in a zip, and since the folder of the
        # package must not be on the path of a command with another environment.
        contents = {
            name: read_text("scaleapi.sandbox.run.redirect", name) for name in _FILES
        }
        contents.update({"address": address, "notes": "", _NO_FOLDER: ""})
        for name, content in contents.items():
            path = os.path.join(self.folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)

    def __enter__(self) -> Redirect:
        return self

    def __exit__(self, *error: object) -> None:
        self._temporary.remove()

    def notes(self) -> Dict[str, List[str]]:
        """Return kind of note -> what was noted, each once.

        The kinds are ``process``, with the ids of the processes that have loaded the
        redirect; ``host``, with the hosts that they have called besides; and
        ``refused``, if a library was refused.
        """
        found: Dict[str, Set[str]] = {"process": set(), "host": set(), "refused": set()}
        path = os.path.join(self.folder, "notes")
        with open(path, encoding="utf-8") as file:
            for line in file:
                kind, _, what = line.rstrip("\n").partition(" ")
                found.setdefault(kind, set()).add(what)
        return {kind: sorted(what) for kind, what in found.items()}
