"""Yesterday's client, from PyPI, meets the sandbox unchanged: every call of it.

tox -e official
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from typing import Iterator, List

import pytest

from scaleapi.sandbox.run import command
from tests.official.compare import OFFICIAL

EVERY_CALL = str(Path(__file__).parent / "every_call.py")


@pytest.fixture(scope="module")
def official_python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The Python of an environment with the official client, and without ours."""
    folder = tmp_path_factory.mktemp("official")
    venv.create(str(folder), with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", OFFICIAL], check=True)
    yield str(python)


@pytest.mark.official
@pytest.mark.parametrize(("options", "mode"), [([], "test"), (["--live-key"], "live")])
def test_every_call_of_the_official_client_reaches_the_sandbox(
    official_python: str,
    options: List[str],
    mode: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    words = [official_python, EVERY_CALL, "YOUR_API_KEY", mode]
    status = command.main([*options, "--", *words])
    out, err = capfd.readouterr()
    assert (status, out) == (0, "all calls were made\n"), err
    assert "1 Python process was redirected." in err
