"""Standard error: notes, warnings, errors and questions."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Dict

from scaleapi.cli.failures import Failure
from scaleapi.cli.settings import Settings
from scaleapi.cli.text import printable

if TYPE_CHECKING:
    import logging


class Console:
    """Writes to standard error: text for people or, with ``--json``, JSON lines.

    Args:
        settings: The common options.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits there to answer a question."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def note(self, text: str) -> None:
        """Say what was done."""
        if not self._settings.quiet and not self._settings.for_programs:
            self._line(text)

    def warn(self, text: str) -> None:
        """Warn of something."""
        if self._settings.quiet:
            return
        if self._settings.for_programs:
            self._document({"warning": text})
        else:
            self._line(f"Warning: {text}")

    def item_failed(self, name: str, text: str) -> None:
        """Say which of many inputs failed. Programs find it in the output."""
        if not self._settings.for_programs:
            self._line(f"{name}: {text}")

    def fail(self, failure: Failure, error: BaseException) -> None:
        """Say why the command ends."""
        if self._settings.verbose >= 2:
            import traceback

            self._write(
                "".join(
                    traceback.format_exception(type(error), error, error.__traceback__)
                )
            )
        if self._settings.for_programs:
            self._document({"error": failure.as_dict()})
            return
        self._line(f"Error: {failure.message}")
        if failure.hint:
            self._write(printable(failure.hint, keep="\n\t") + "\n")

    def ask(self, question: str) -> bool:
        """Ask a question; return whether the answer is yes."""
        self._write(f"{printable(question)} [y/N] ")
        answer = sys.stdin.readline()
        if not answer.endswith("\n"):  # Ctrl-D
            self.end_line()
        return answer.strip().lower() in ("y", "yes")

    def end_line(self) -> None:
        """Begin a new line after the ``^C`` that a terminal shows."""
        if sys.stderr.isatty():
            self._write("\n")

    def _line(self, text: str) -> None:
        # Indented, so that a line of the server's looks like none of ours.
        shown = printable(text, keep="\n\t").replace("\n", "\n  ")
        self._write(f"{shown}\n")

    def _document(self, document: Dict[str, Any]) -> None:
        import json

        self._write(json.dumps(document, default=str) + "\n")

    def _write(self, text: str) -> None:
        # Nobody reads it any more if standard error is closed.
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()

    def listen(self) -> Callable[[], None]:
        """Show what the client logs; return the function that ends that."""
        import logging

        logger = logging.getLogger("scaleapi")
        handler = logging.Handler()
        handler.emit = self._log  # type: ignore[method-assign]
        level, propagate = logger.level, logger.propagate
        logger.addHandler(handler)
        logger.propagate = False
        logger.setLevel(logging.DEBUG if self._settings.verbose else logging.WARNING)

        def end() -> None:
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate

        return end

    def _log(self, record: "logging.LogRecord") -> None:
        text = record.getMessage()
        if record.levelname not in ("DEBUG", "INFO"):
            self.warn(text)
        elif self._settings.for_programs:
            self._document({"log": text})
        else:
            self._line(text)
