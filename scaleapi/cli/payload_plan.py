"""`PayloadPlan`: what ``task create`` is to send."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, Optional, Set

import click

from scaleapi.cli.inputs import STDIN, Entry, PayloadFile
from scaleapi.cli.session import Session


class PayloadPlan:
    """The payloads of a file, which are all read before anything is sent.

    Args:
        source: The file.
        limit: How many payloads at most.
        defaults: Parameters of payloads that have no others.
        project: The project of all tasks; None leaves it to the payloads.
        batch: The batch of all tasks; None leaves it to the payloads.

    Attributes:
        count: Number of payloads.
        task_type: Type of the tasks; None if the file does not say it.

    Raises:
        CommandFailure: The file is malformed.
        click.UsageError: A payload has another project or batch, or the types of the
            tasks differ.
    """

    def __init__(
        self,
        source: PayloadFile,
        limit: Optional[int],
        defaults: Dict[str, Any],
        project: Optional[str],
        batch: Optional[str],
    ) -> None:
        self._source = source
        self._defaults = defaults
        forced = {"project": project, "batch": batch}
        self._forced = {name: value for name, value in forced.items() if value}
        self._places: Dict[int, str] = {}
        self._projects: Set[str] = set()
        self._is_whole = limit is None
        self.count = 0
        types: Set[Optional[str]] = set()
        for entry in source.entries(limit):
            self.count += 1
            types.add(entry.task_type)
            self._check(entry)
            self._projects.add(str(self._whole(entry.payload).get("project") or ""))
        if len(types) > 1:
            named = ", ".join(sorted(map(str, types)))
            raise click.UsageError(f"The file has tasks of several types: {named}.")
        self.task_type = types.pop() if types else None

    def _check(self, entry: Entry) -> None:
        for name, value in self._forced.items():
            own = entry.payload.get(name, value)
            if own != value:
                raise click.UsageError(
                    f"{entry.place}: {name} is {own!r} there, but --{name} is "
                    f"{value!r}."
                )

    def _whole(self, payload: Dict[str, Any]) -> Dict[str, Any]:
        return {**self._defaults, **payload, **self._forced}

    def payloads(self) -> Iterator[Dict[str, Any]]:
        """Yield the payloads, with the parameters that all have."""
        # A file that has grown meanwhile has no more than was asked for.
        for index, entry in enumerate(self._source.entries(self.count)):
            self._places[index] = entry.place
            yield self._whole(entry.payload)

    def place(self, index: int, payload: Any) -> str:
        """Return where a payload is in the file. Each can be asked for once."""
        return self._places.pop(index, f"entry {index + 1}")

    @property
    def where(self) -> str:
        """Which project and batch get the tasks, as far as the file does not say it."""
        named = [f"{name} {value!r}" for name, value in self._forced.items()]
        return f"in {', '.join(named)}" if named else ""

    def would_lose(self, path: str, failed: str) -> bool:
        """Return whether the file of failures would replace the only copy of payloads.

        A file of failures may be replaced by what is left of it, but not if only its
        first payloads are sent.
        """
        is_replaceable = self.task_type is not None and self._is_whole
        if is_replaceable or path == STDIN or not os.path.exists(failed):
            return False
        return os.path.samefile(path, failed)

    def type_of_project(self, session: Session) -> str:
        """Return the type of the project of the payloads.

        Raises:
            click.UsageError: The payloads are not all of one project.
            ScaleResourceNotFound: The project does not exist.
        """
        if not self.count:
            return "none"  # nothing will be sent
        if len(self._projects) != 1 or "" in self._projects:
            raise click.UsageError("Give --type, or a --project whose type is taken.")
        return session.client.get_project(next(iter(self._projects))).type

    def create_missing(self, session: Session, task_type: str) -> None:
        """Create the project and the batch, if they do not exist."""
        project = self._forced["project"]
        session.client.get_or_create_project(project, task_type)
        if "batch" in self._forced:
            session.client.get_or_create_batch(project, self._forced["batch"])
