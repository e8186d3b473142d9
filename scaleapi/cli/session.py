"""`Session`: what one run of the command has: options, client, output."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Callable, Optional

import click

from scaleapi.cli.console import Console
from scaleapi.cli.failures import CommandFailure
from scaleapi.cli.output import Output
from scaleapi.cli.settings import Settings
from scaleapi.cli.text import counted

if TYPE_CHECKING:
    from scaleapi.client import ScaleClient


def pass_session(function: Callable[..., int]) -> Callable[..., int]:
    """Pass the session to a command, as its first argument."""
    # The types of click do not say that the arguments are options, which have names.
    passed: Callable[..., int] = click.pass_obj(function)
    return passed


class Session:
    """What one run of the command has.

    Attributes:
        settings: The common options.
        console: Standard error.
        out: Standard output.
        source: Where the key of the client comes from.
    """

    def __init__(self) -> None:
        self.settings = Settings()
        self.console = Console(self.settings)
        self.out = Output(self.settings, self.console)
        self._client: Optional[ScaleClient] = None
        self.source = ""
        self._exits = ExitStack()

    def __enter__(self) -> "Session":
        show = warnings.showwarning
        self._exits.callback(setattr, warnings, "showwarning", show)
        warnings.showwarning = self._show_warning
        return self

    def _show_warning(self, message: Any, *_: Any, **__: Any) -> None:
        self.console.warn(str(message))

    def __exit__(self, *error: Any) -> None:
        self._exits.close()

    @property
    def client(self) -> "ScaleClient":
        """The client, made when it is first used."""
        if self._client is None:
            from scaleapi.cli.connection import connect

            # Not before: the common options after the command count, too.
            self._exits.callback(self.console.listen())
            self._client, self.source = connect(self.settings)
            self._exits.callback(self._client.close)
            self.warn_of_plain_http(self._client.mode)
        return self._client

    def warn_of_plain_http(self, mode: Optional[str]) -> None:
        """Warn if ``--url`` lets a key travel unencrypted.

        Args:
            mode: The mode of the key.
        """
        from scaleapi._transport.options import problem_of_sending

        if self.settings.url and problem_of_sending(mode, self.settings.url):
            self.console.warn(
                "--url: a key that is not a test key is sent there unencrypted"
            )

    @property
    def address(self) -> str:
        """The address of the API, without a password."""
        from scaleapi._transport.redact import masked_address

        return masked_address(str(self.client.api.base_api_url))

    def progress(self, *, rows: bool = False) -> bool:
        """Return whether a bar is shown.

        Args:
            rows: Whether records are written meanwhile. In the same terminal, they and
                the bar would destroy each other.

        Raises:
            CommandFailure: A bar was asked for, and tqdm is not installed.
        """
        from importlib.util import find_spec
        from sys import stderr, stdout

        wished = self.settings.progress
        is_there = find_spec("tqdm") is not None
        if wished and not is_there:
            raise CommandFailure(
                '--progress needs tqdm: pip install "scaleapi[progress]"'
            )
        if wished is not None:
            return wished
        fits = stderr.isatty() and not (rows and stdout.isatty())
        return fits and is_there and not self.settings.quiet

    def confirm(self, action: str, count: int, noun: str, where: str = "") -> None:
        """Ask before something spends or destroys with a live key.

        Args:
            action: What is done, such as ``"Create"``.
            count: How many there are.
            noun: What there are, such as ``"task"``.
            where: Which these are, such as ``"of batch 'week 9'"``.

        Raises:
            click.UsageError: Nobody can be asked.
            CommandFailure: The answer is no.
        """
        client = self.client
        if self.settings.yes or client.mode == "test" or not count:
            return
        mode = "a live key" if client.mode == "live" else "a key that may be live"
        these = " ".join(filter(None, (action, counted(count, noun), where)))
        what = f"{these} with {mode} ({self.source}) at {self.address}"
        if not self.console.can_ask:
            raise click.UsageError(
                f"{what}: that needs --yes, since there is no terminal in which to ask."
            )
        if not self.console.ask(f"{what}?"):
            raise CommandFailure("nothing was done", kind="Declined")
