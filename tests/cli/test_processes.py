"""Rules that only show in real processes: pipes, signals, terminals, encodings."""

from __future__ import annotations

import json
import os
import select
import signal
import struct
import subprocess
import sys
from typing import Dict, Iterator, List

import pytest

from scaleapi import ScaleClient
from scaleapi.cli.interrupts import Interrupts
from scaleapi.sandbox import Sandbox
from tests.cli.conftest import MAIN, TIMEOUT_S, Shell, posix
from tests.keys import new_key


@pytest.fixture
def slow_creates(sandbox: Sandbox) -> Iterator[None]:
    sandbox.faults.add("slow", method="POST", path="/task/*", times=None, seconds=0.2)
    yield
    sandbox.faults.clear()


def rows(shell: Shell, number: int) -> str:
    """Write a file of payloads; return its name."""
    lines = [f'{{"attachment": "https://x.y/{each}"}}\n' for each in range(number)]
    (shell.folder / "rows.jsonl").write_text("".join(lines))
    return "rows.jsonl"


def test_without_click_it_says_what_to_install(shell: Shell) -> None:
    done = shell.run(main="import sys; sys.modules['click'] = None; " + MAIN[12:])
    assert (done.returncode, done.stdout) == (1, "")
    assert 'pip install "scaleapi[cli]"' in done.stderr
    assert "Traceback" not in done.stderr


@posix
def test_a_reader_that_stops_early_ends_a_list_without_further_pages(
    shell: Shell, client: ScaleClient, sandbox: Sandbox
) -> None:
    # A page is larger than the buffer of a pipe, so that it is not all written before
    # the reader stops.
    note = {"note": "x" * 2000}
    payloads = (
        {"project": "cows", "attachment": f"a{n}", "metadata": note} for n in range(250)
    )
    assert all(r.error is None for r in client.create_tasks("categorization", payloads))
    sandbox.requests.clear()
    with shell.start(
        "--url", shell.url, "task", "list", "--project", "cows", "--jsonl"
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["project"] == "cows"
        process.stdout.close()
        assert process.wait(TIMEOUT_S) == 0
        assert process.stderr.read() == ""
    assert len([each for each in sandbox.requests if each.path == "/v1/tasks"]) == 1


@posix
def test_a_reader_that_stops_early_does_not_stop_the_creation_of_tasks(
    shell: Shell, client: ScaleClient
) -> None:
    arguments = ("task", "create", rows(shell, 50), "--project", "cows", "--ids")
    with shell.start("--url", shell.url, *arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(TIMEOUT_S) == 0
        assert process.stderr.read() == "50 created\n"
    assert client.get_tasks_count("cows") == 50


@posix
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_an_interrupt_ends_the_run_and_keeps_what_was_not_sent(
    shell: Shell,
    client: ScaleClient,
    slow_creates: None,
    number: signal.Signals,
    status: int,
) -> None:
    arguments = [
        *("task", "create", rows(shell, 300), "--project", "cows", "--workers", "2"),
        *("--failed", "failed.jsonl", "--jsonl", "--no-progress"),
    ]
    with shell.start("--url", shell.url, *arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(number)
        # Not communicate(), which does not see what readline() has read ahead.
        out, err = process.stdout.read(), process.stderr.read()
        assert process.wait(TIMEOUT_S) == status
    created = [json.loads(line) for line in (first + out).splitlines()]
    assert client.get_tasks_count("cows") == len(created)
    left = (shell.folder / "failed.jsonl").read_text().splitlines()
    assert len(created) + len(left) == 300
    assert "Traceback" not in err
    assert json.loads(err)["error"]["type"] == "Interrupted"
    again = shell.run("task", "create", "failed.jsonl", "--limit", "1", "--jsonl")
    assert json.loads(again.stdout)["status"] == "created"


@posix
def test_output_that_cannot_be_written_is_an_error(shell: Shell) -> None:
    with open("/dev/full", "w") as full:
        done = shell.run("project", "list", stdout=full)
    assert done.returncode == 1
    assert done.stderr == (
        "Error: standard output cannot be written: No space left on device\n"
    )


@posix
def test_output_that_cannot_be_written_does_not_stop_the_creation_of_tasks(
    shell: Shell, client: ScaleClient
) -> None:
    rows = "\n".join(f"https://x.y/{number}" for number in range(40))
    (shell.folder / "rows.csv").write_text(f"attachment\n{rows}\n")
    with open("/dev/full", "w") as full:
        done = shell.run("task", "create", "rows.csv", "--project", "cows", stdout=full)
    assert done.returncode == 1
    assert "standard output cannot be written: No space left on device" in done.stderr
    assert client.get_tasks_count("cows") == 40


@posix
def test_streams_may_be_closed_from_the_beginning(shell: Shell) -> None:
    script = (
        f'exec {sys.executable} -c "$0" --url {shell.url} project "$@" <&- >&- 2>&-'
    )
    for words, status in ((["list"], 0), (["show", "nothing"], 1)):
        done = subprocess.run(
            ["sh", "-c", script, MAIN, *words],
            env={**os.environ, "SCALE_API_KEY": shell.key},
            timeout=TIMEOUT_S,
        )
        assert done.returncode == status


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "cp1252"},
    ],
    ids=["C", "cp1252"],
)
def test_names_of_any_letters_can_be_written_in_any_locale(
    shell: Shell, client: ScaleClient, environment: Dict[str, str]
) -> None:
    client.create_project("牛 ☃ é", "annotation")
    shown = shell.run("project", "list", env=environment, encoding="latin-1")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\\u725b" in shown.stdout
    done = shell.run("project", "list", "--json", env=environment, encoding="latin-1")
    assert "牛 ☃ é" in [each["name"] for each in json.loads(done.stdout)]


def loaded_by(*arguments: str) -> List[str]:
    code = (
        "import sys; from scaleapi.cli import main; main(); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=TIMEOUT_S,
    )
    return done.stderr.split()


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_what_a_start_needs_not_is_not_loaded(argument: str) -> None:
    clicks = subprocess.run(
        [sys.executable, "-c", "import click, sys; print(*sys.modules)"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=TIMEOUT_S,
    ).stdout.split()
    further = {name for name in loaded_by(argument) if name not in clicks}
    slow = {"requests", "urllib3", "json", "logging", "dataclasses", "traceback"}
    assert not further & slow
    own = {name for name in further if name.startswith("scaleapi.")}
    assert own == {
        "scaleapi._version",
        "scaleapi.cli",
        "scaleapi.cli.console",
        "scaleapi.cli.failures",
        "scaleapi.cli.interrupts",
        "scaleapi.cli.options",
        "scaleapi.cli.output",
        "scaleapi.cli.program",
        "scaleapi.cli.session",
        "scaleapi.cli.settings",
        "scaleapi.cli.text",
    }


class Terminal:
    """A terminal of the size 24 x 80, with a process at its other end."""

    def __init__(self) -> None:
        import fcntl
        import pty
        import termios

        self.mine, self.its = pty.openpty()
        size = struct.pack("HHHH", 24, 80, 0, 0)
        fcntl.ioctl(self.its, termios.TIOCSWINSZ, size)

    def read_until(self, text: str) -> str:
        """Return what was shown until a text is."""
        shown = ""
        while text not in shown:
            ready, _, _ = select.select([self.mine], [], [], TIMEOUT_S / 2)
            assert ready, f"{text!r} did not come, but {shown!r}"
            shown += os.read(self.mine, 1000).decode("utf-8")
        return shown

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self.mine)
        os.close(self.its)


@posix
@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("", 1)])
def test_a_live_key_is_asked_about_in_a_terminal(
    shell: Shell, sandbox: Sandbox, answer: str, status: int
) -> None:
    shell.key = new_key("live")
    live = ScaleClient(shell.key, api_instance_url=sandbox.url)
    live.create_project("cows", "categorization", {"categories": ["cow"]})
    arguments = ("task", "create", rows(shell, 3), "--project", "cows")
    with Terminal() as terminal, shell.start(
        *("--url", shell.url, *arguments),
        stdin=terminal.its,
        stderr=terminal.its,
        start_new_session=True,
    ) as process:
        shown = terminal.read_until("[y/N] ")
        assert (
            "Create 3 tasks in project 'cows' with a live key (SCALE_API_KEY)" in shown
        )
        os.write(terminal.mine, f"{answer}\n".encode())
        out, _ = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == status
    assert live.get_tasks_count("cows") == out.count("created") == (0 if status else 3)


@posix
def test_the_end_of_input_is_no_key(shell: Shell) -> None:
    with Terminal() as terminal, shell.start(
        *("auth", "login", "--url", shell.url),
        stdin=terminal.its,
        stderr=terminal.its,
        start_new_session=True,
    ) as process:
        terminal.read_until("API key: ")
        os.write(terminal.mine, b"\x04")
        assert "Error: no API key was given" in terminal.read_until("given")
        assert process.wait(TIMEOUT_S) == 1


@posix
def test_bars_are_drawn_in_a_terminal_and_nowhere_else(shell: Shell) -> None:
    arguments = ("task", "create", rows(shell, 3), "--project", "cows")
    with Terminal() as terminal, shell.start(
        *("--url", shell.url, *arguments), stderr=terminal.its
    ) as process:
        assert "100%" in terminal.read_until("3/3")
        process.communicate(timeout=TIMEOUT_S)
    done = shell.run(*arguments, "--progress")
    assert done.stderr == "3 existing\n"


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_is_ignored_stays_so(number: int) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(number)
        assert interrupts.received is None
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)
