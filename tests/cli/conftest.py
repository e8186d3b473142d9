"""The command, run in this process or in one of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional

import pytest

from scaleapi import ScaleClient
from scaleapi.cli.program import run
from scaleapi.sandbox import Sandbox
from tests.keys import new_key

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals")

MAIN = "import sys; from scaleapi.cli import main; sys.exit(main())"
TIMEOUT_S = 60


class Shell:
    """Starts the command in a process, against a sandbox.

    Args:
        url: Address of the sandbox.
        key: The API key.
        folder: The folder in which it runs.
    """

    def __init__(self, url: str, key: str, folder: Path) -> None:
        self.url = url
        self.key = key
        self.folder = folder

    def start(
        self,
        *arguments: str,
        main: str = MAIN,
        env: Optional[Dict[str, str]] = None,
        **options: Any,
    ) -> "subprocess.Popen[Any]":
        streams = {
            name: subprocess.PIPE
            for name in ("stdin", "stdout", "stderr")
            if name not in options
        }
        options.setdefault("encoding", "utf-8")
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", main, *arguments],
            cwd=str(self.folder),
            env={
                **os.environ,
                "SCALE_API_KEY": self.key,
                "SCALE_CREDENTIALS_FILE": str(self.folder / "credentials"),
                **(env or {}),
            },
            **{**streams, **options},
        )

    def run(
        self, *arguments: str, **options: Any
    ) -> "subprocess.CompletedProcess[Any]":
        process = self.start("--url", self.url, *arguments, **options)
        try:
            out, err = process.communicate(timeout=TIMEOUT_S)
        finally:
            process.kill()
        return subprocess.CompletedProcess([], process.returncode, out, err)


@pytest.fixture
def shell(client: ScaleClient, sandbox: Sandbox, tmp_path: Path) -> Shell:
    client.create_project("cows", "categorization", {"categories": ["cow"]})
    return Shell(sandbox.url, client.api.api_key, tmp_path)


class Result(NamedTuple):
    """What a run of the command has left.

    Attributes:
        status: The exit status.
        out: Standard output.
        err: Standard error.
    """

    status: int
    out: str
    err: str

    @property
    def lines(self) -> List[str]:
        return self.out.splitlines()

    def json(self) -> Any:
        return json.loads(self.out)

    def error(self) -> Any:
        """Return the error under ``--json``, which is a line of its own."""
        assert self.err.count("\n") == 1
        assert self.err.endswith("\n")
        return json.loads(self.err)["error"]


class Runner:
    """Runs the command against a sandbox, with the key of the environment.

    Args:
        url: Address of the sandbox.
        capture: Captures the streams.
        monkeypatch: Sets standard input.
    """

    def __init__(
        self,
        url: str,
        capture: "pytest.CaptureFixture[str]",
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.url = url
        self._capture = capture
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: object, stdin: Optional[str] = None) -> Result:
        content = (stdin or "").encode("utf-8")
        stream = io.TextIOWrapper(io.BytesIO(content), "utf-8")
        self._monkeypatch.setattr(sys, "stdin", stream)
        self._capture.readouterr()
        status = run(["--url", self.url, *map(str, arguments)])
        out, err = self._capture.readouterr()
        return Result(status, out, err)


@pytest.fixture
def cli(
    client: ScaleClient,
    sandbox: Sandbox,
    capsys: "pytest.CaptureFixture[str]",
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Runner:
    """The command with the test key of `client`, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCALE_API_KEY", client.api.api_key)
    monkeypatch.setenv("SCALE_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return Runner(sandbox.url, capsys, monkeypatch)


@pytest.fixture
def live_key(monkeypatch: pytest.MonkeyPatch, cli: Runner) -> str:
    """A live key, which the command uses from then on."""
    key = new_key("live")
    monkeypatch.setenv("SCALE_API_KEY", key)
    return key


@pytest.fixture
def cows(client: ScaleClient) -> List[str]:
    """The ids of three tasks of project ``cows``, in batch ``week 9``."""
    client.create_project("cows", "categorization", {"categories": ["cow", "calf"]})
    client.create_batch("cows", "week 9")
    return [
        client.create_task(
            "categorization",
            project="cows",
            batch="week 9",
            attachment=f"https://example.com/cows/{number}.jpg",
            metadata={"row": number},
        ).id
        for number in range(3)
    ]


#: Calls the command and returns what it has left.
Cli = Callable[..., Result]
