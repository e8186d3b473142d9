"""The common options, as they were given."""

from __future__ import annotations

from typing import List, Optional, Tuple

TABLE, JSON, JSONL, IDS = "table", "json", "jsonl", "ids"


class Settings:
    """The values of the common options.

    Attributes:
        profile: Name of the profile; None if the option was not given.
        url: Base address of the API; None if the option was not given.
        test_only: Whether a live key is refused.
        format: How records are written: one of the constants of this module.
        fields: What of the records is written; empty for what the command chooses.
        limit: Maximum number of records; None for all.
        dry_run: Whether nothing is to be changed.
        yes: Whether no question is asked.
        progress: Whether bars are shown; None if they are shown where they fit.
        verbose: 1 shows requests, 2 also tracebacks.
        quiet: Whether only errors are shown.
        errors_as_json: Whether the arguments ask for JSON, also if they are wrong.
        given: The options that were given, for those that a command does not have.
    """

    def __init__(self) -> None:
        self.profile: Optional[str] = None
        self.url: Optional[str] = None
        self.test_only: bool = False
        self.format: str = TABLE
        self.fields: Tuple[str, ...] = ()
        self.limit: Optional[int] = None
        self.dry_run: bool = False
        self.yes: bool = False
        self.progress: Optional[bool] = None
        self.verbose: int = 0
        self.quiet: bool = False
        self.errors_as_json: bool = False
        self.given: List[str] = []

    @property
    def for_programs(self) -> bool:
        """Whether a program reads the output, and errors are JSON, too."""
        return self.errors_as_json or self.format in (JSON, JSONL)
