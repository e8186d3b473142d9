"""The command as a child process: its environment, signals and exit status."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from types import FrameType
from typing import Any, Dict, List, Mapping, Optional, Sequence
from urllib.parse import urlsplit

from scaleapi.sandbox.run.world import API_HOST
from scaleapi.sandbox.store.temporary_folders import PREFIX

#: Seconds between two looks at signals, which can be missed in a wait without end.
_POLL_S = 0.5
#: Exit statuses as of other programs that run a program: of env, nice and timeout.
CANNOT_START = 125
_CANNOT_EXECUTE = 126
_NOT_FOUND = 127
#: The exit status of a command that a signal has ended is this and its number.
_KILLED = 128
INTERRUPTED = _KILLED + signal.SIGINT
#: Signals that a terminal sends to every process in its foreground.
_OF_TERMINAL = ("SIGINT", "SIGQUIT")
_PASSED_ON = (*_OF_TERMINAL, "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_ENDING = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class CommandError(Exception):
    """A command that cannot be started.

    Args:
        text: Why not.
        status: The exit status that says so.
    """

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class Command:
    """Runs a command, and passes signals on to it.

    Signals are handled as long as the ``with`` block lasts. Before the command is
    started, a signal that ends programs raises KeyboardInterrupt.

    Attributes:
        interrupted: Whether a signal that ends programs has arrived.
    """

    def __init__(self) -> None:
        self.interrupted = threading.Event()
        self._child: Optional["subprocess.Popen[bytes]"] = None
        self._starting = False
        self._early: List[int] = []
        self._before: Dict[int, Any] = {}

    def __enter__(self) -> Command:
        for name in _PASSED_ON:
            number = getattr(signal, name, None)
            # A signal that is ignored stays so, as under nohup.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before = signal.signal(number, self._pass_on)
                # None is a handler that is not written in Python.
                self._before[number] = signal.SIG_DFL if before is None else before
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, words: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run a command to its end; return its exit status.

        Args:
            words: The program and its arguments.
            environment: The environment of the command.

        Raises:
            CommandError: The program does not exist, or cannot be executed.
        """
        self._starting = True
        try:
            # Files that this process was given are the command's, such as <(...) in
            # a shell. Those that it has opened are not inherited in any case.
            child = subprocess.Popen(
                list(words), env=dict(environment), close_fds=False
            )
        except FileNotFoundError:
            raise CommandError(f"there is no program {words[0]}", _NOT_FOUND) from None
        except OSError as error:
            hint = f"; write python {words[0]}" if words[0].endswith(".py") else ""
            text = f"{words[0]} cannot be executed: {error.strerror}{hint}"
            raise CommandError(text, _CANNOT_EXECUTE) from None
        self._child = child
        for number in self._early:
            child.send_signal(number)
        waiter = threading.Thread(target=child.wait, daemon=True)
        waiter.start()
        while waiter.is_alive():
            waiter.join(_POLL_S)
        status = child.returncode
        return status if status >= 0 else _KILLED - status

    def wait_for_interrupt(self) -> None:
        """Wait for a signal that ends programs."""
        while not self.interrupted.wait(_POLL_S):
            pass

    def _pass_on(self, number: int, frame: Optional[FrameType]) -> None:
        name = signal.Signals(number).name
        if name in _ENDING:
            self.interrupted.set()
            if not self._starting:
                raise KeyboardInterrupt
        if self._child is None:
            self._early.append(number)
        elif name not in _OF_TERMINAL or not _terminal_reaches_child():
            self._child.send_signal(number)


def _terminal_reaches_child() -> bool:
    """Return whether Ctrl-C in the terminal reaches the command by itself."""
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False  # there is none
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def environment_of(
    usual: Mapping[str, str], folder: str, url: str, key: str, variables: Sequence[str]
) -> Dict[str, str]:
    """Return the environment in which a command reaches a sandbox.

    Args:
        usual: The environment without a sandbox.
        folder: The folder of the redirect.
        url: Address of the sandbox.
        key: The key.
        variables: Names of further variables that hold the key.
    """
    found = {**usual, "SCALE_API_URL": url, **dict.fromkeys(variables, key)}
    found["SCALE_API_KEY"] = key
    path = usual.get("PYTHONPATH")
    # Within a run in a run, the inner one counts.
    entries = [
        entry
        for entry in (path.split(os.pathsep) if path else [])
        if not os.path.basename(entry).startswith(PREFIX)
    ]
    found["PYTHONPATH"] = os.pathsep.join([folder, *entries])
    if any(found.get(name) or found.get(name.upper()) for name in _PROXIES):
        # No proxy can reach the sandbox.
        hosts = found.get("no_proxy") or found.get("NO_PROXY") or ""
        if hosts != "*":
            own = f"{urlsplit(url).hostname},{API_HOST}"
            for name in ("no_proxy", "NO_PROXY"):
                found[name] = f"{hosts},{own}".lstrip(",")
    return found
