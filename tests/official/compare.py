"""Holds the sandbox against the official client, which is fetched from PyPI.

    tox -e official

The official package goes into an environment of its own; it is never imported
into ours.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from scaleapi.sandbox import Sandbox

OFFICIAL = "scaleapi==2.18.4"
DRIVE = Path(__file__).with_name("drive.py")


def main() -> None:
    """Make the environment, start a sandbox, let the official client drive."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        bin_folder = Path(folder, "Scripts" if sys.platform == "win32" else "bin")
        python = str(bin_folder / "python")
        subprocess.run([python, "-m", "pip", "install", "-q", OFFICIAL], check=True)
        with Sandbox() as sandbox:
            subprocess.run(
                [
                    python,
                    str(DRIVE),
                    sandbox.url,
                    sandbox.api_key,
                    sandbox.live_api_key,
                ],
                check=True,
                # Not in the checkout, where it would find our package first.
                cwd=folder,
            )


if __name__ == "__main__":
    main()
