"""What ends a command early, and the exit status and the words for it."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional

import click

DONE, FAILED, USAGE, PARTLY, KEY, INTERRUPTED = 0, 1, 2, 3, 4, 130


class CommandFailure(Exception):
    """A failure that the command itself has found.

    Args:
        message: What went wrong, and what to do.
        status: The exit status.
        kind: What kind of failure it is, for programs.
        details: Further entries for programs, such as counts.
    """

    def __init__(
        self,
        message: str,
        status: int = FAILED,
        kind: str = "Failed",
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.details = details


class Failure(NamedTuple):
    """A failure in words.

    Attributes:
        kind: Its kind, for programs.
        message: What went wrong.
        status: The exit status.
        details: Further entries for programs.
        hint: A further line for people.
    """

    kind: str
    message: str
    status: int
    details: Dict[str, Any]
    hint: Optional[str] = None

    def as_dict(self) -> Dict[str, Any]:
        """Return what programs read."""
        named = {"type": self.kind, "message": self.message}
        return {**named, **self.details, "exit_status": self.status}


def failure_of(error: BaseException) -> Failure:
    """Return an error in words."""
    if isinstance(error, CommandFailure):
        return Failure(error.kind, error.message, error.status, error.details)
    if isinstance(error, click.UsageError):
        hint = None
        if error.ctx is not None:
            hint = f"Try: {error.ctx.command_path} --help"
            if isinstance(error.ctx.command, click.Group):
                hint = error.ctx.get_help()
        return Failure("UsageError", error.format_message(), USAGE, {}, hint)
    if isinstance(error, click.ClickException):
        return Failure("UsageError", error.format_message(), USAGE, {})
    kind = type(error).__name__
    if isinstance(error, (OSError, ImportError)) and not hasattr(error, "attempts"):
        text = str(error)
        if isinstance(error, OSError) and error.filename and error.strerror:
            text = f"{error.filename}: {error.strerror}"
        return Failure(kind, text, FAILED, {})
    return _of_client(error, kind)


def _of_client(error: BaseException, kind: str) -> Failure:
    from scaleapi.exceptions import (
        ScaleException,
        ScaleTypeError,
        ScaleUnauthorized,
        ScaleValueError,
    )

    if not isinstance(error, ScaleException):
        text = f"unexpected {kind}: {error}"
        return Failure(kind, text, FAILED, {}, "With -vv, the traceback is shown.")
    status = FAILED
    if isinstance(error, ScaleUnauthorized):
        status = KEY
    elif isinstance(error, (ScaleTypeError, ScaleValueError)) and not error.code:
        status = USAGE
    details = {
        name: value
        for name, value in (
            ("status", error.code),
            ("attempts", error.attempts),
            ("unique_id", error.unique_id),
        )
        if value is not None
    }
    return Failure(kind, str(error.message), status, details)
