"""Runs the command of a profile that prints the API key."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import threading
from typing import List, Optional, Union

from scaleapi.exceptions import ScaleProfileError

#: Seconds that a command may take. Some ask a person for a password.
TIMEOUT_S = 60.0
_MAX_BYTES = 10_000


def problem_of_command(command: str) -> Optional[str]:
    """Return why a command cannot be run; None if its form is right."""
    if not command:
        return "is empty"
    try:
        return None if shlex.split(command) else "is empty"
    except ValueError:
        return "has a quote that is not closed"


def output_of(command: str, folder: str, where: str) -> str:
    """Return what a command prints, without the space around it.

    It is run without a shell. Its standard input is empty, and what it prints on its
    standard error is discarded: it may hold the key. Password managers that ask for
    something use the terminal itself.

    Args:
        command: The program and its arguments, quoted as in a POSIX shell.
        folder: The folder in which the command runs. It is not the present one: a
            folder that someone else has filled must not say which program runs.
        where: What to begin an error with.

    Raises:
        ScaleProfileError: The command cannot be run, fails, takes too long, or prints
            nothing, too much, or what is not text. The error shows neither the command
            nor what it has printed.
    """
    try:
        process = subprocess.Popen(
            _arguments(command),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise ScaleProfileError(f"{where}: the program is not in PATH") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its arguments are invalid"
        raise ScaleProfileError(f"{where}: cannot be run: {reason}") from None
    output = _output(process, where)
    if len(output) > _MAX_BYTES:
        raise ScaleProfileError(f"{where}: prints too much for a key")
    status = process.returncode
    if status != 0:
        ended = f"exited with {status}" if status > 0 else f"ended by signal {-status}"
        raise ScaleProfileError(
            f"{where}: {ended}; its output is not shown, since it may hold the key: "
            "run it in a terminal"
        )
    try:
        return output.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise ScaleProfileError(f"{where}: does not print text") from None


def _arguments(command: str) -> Union[str, List[str]]:
    if sys.platform == "win32":
        return command  # Windows takes one text, in which \ needs no escape
    program, *arguments = shlex.split(command)
    return [os.path.expanduser(program), *arguments]


def _output(process: subprocess.Popen[bytes], where: str) -> bytes:
    """Return the output of a process, or its beginning if it is long; wait for its end.

    `subprocess.Popen.communicate` would collect any amount of output.

    Raises:
        ScaleProfileError: `process` took longer than the time-out; it is killed.
    """
    output = b""
    stream = process.stdout
    assert stream is not None

    def read() -> None:
        nonlocal output
        with stream:
            output = stream.read(_MAX_BYTES + 1)
        if len(output) > _MAX_BYTES:
            process.kill()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        # A program that it has started may keep the output open after its end.
        reader.join(TIMEOUT_S)
        in_time = not reader.is_alive()
        if in_time:
            process.wait(TIMEOUT_S)
    except subprocess.TimeoutExpired:
        in_time = False
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if not in_time:
        raise ScaleProfileError(f"{where}: did not end within {TIMEOUT_S:.0f} s")
    return output
