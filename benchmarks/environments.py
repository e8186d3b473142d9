"""The environments that peers live in, made with venv and pip where none is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Dict, Optional

ROOT = Path(__file__).resolve().parents[1]
#: Outside of the checkout, where nobody cleans up or packs it.
FOLDER = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    / "scaleapi-benchmarks"
)

OFFICIAL = ("scaleapi==2.18.4",)
OURS = ("requests", "urllib3", "orjson")
PLOT = ("matplotlib",)

_DESCRIBE = """
import importlib.metadata, platform
print("Python", platform.python_version())
for name in ("scaleapi", "requests", "urllib3", "orjson"):
    try:
        print(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        pass
"""


def environment(name: str, *requirements: str, path: Optional[Path] = None) -> str:
    """Return the interpreter of an environment, which is made if there is none.

    Args:
        name: Its folder.
        requirements: What pip is to install.
        path: A folder whose packages can be imported there, too.
    """
    folder = FOLDER / name
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print(f"making {folder} with {', '.join(requirements)}", flush=True)
        make = [sys.executable, "-m", "venv", "--clear", str(folder)]
        subprocess.run(make, check=True)
        pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
        subprocess.run([*pip, "--quiet", "--quiet", *requirements], check=True)
        (folder / "complete").touch()
    if path:
        # Each time, since the environment may be that of another checkout.
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "checkout.pth").write_text(f"{path}\n")
    return str(python)


def output(python: str, *arguments: str) -> str:
    """Return what an interpreter prints, which must not fail.

    Nothing of our own environment (certificates, proxies, paths) is to make a
    difference.
    """
    variables = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "PYENV_VERSION")
    done = subprocess.run(
        [python, "-I", *arguments],
        cwd="/",
        env={name: os.environ[name] for name in variables if name in os.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        # The last line says what happened; the others are the peer's own code.
        reason = done.stderr.strip().rpartition("\n")[2]
        raise SystemExit(f"{python} {arguments[0]} failed: {reason}")
    return done.stdout


def versions(python: str) -> Dict[str, str]:
    """Return name -> version of what matters in an environment."""
    lines = output(python, "-c", _DESCRIBE).splitlines()
    return dict(line.split(" ", 1) for line in lines)
