"""Fetching of one window of an export, in any thread or process."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple, Union

from scaleapi._core.paging import each_page
from scaleapi._transport.endpoint import endpoint
from scaleapi._transport.response_checks import documents_of
from scaleapi._transport.turns import TURN, Turn
from scaleapi.bulk import BulkCalls
from scaleapi.export.assembly import batch_prefix, merge
from scaleapi.export.journal import (
    Facts,
    Journal,
    discard,
    is_shared,
    keep_window,
    writing,
)
from scaleapi.export.pages import DecodedPage, Page, page_or, read_page
from scaleapi.export.windows import Sieve, Window
from scaleapi.tasks.filters import page_query
from scaleapi.tasks.task import Task, Tasklist

#: Tasks on a page: as many as the API allows.
PAGE_TASKS = 100

#: Number of a window, and the window.
Job = Tuple[int, Window]


class Fetched(NamedTuple):
    """A window that was fetched.

    Attributes:
        number: Number of the window.
        facts: What is known of it.
        tasks: Its tasks, if the process that fetched them does not see the folder.
    """

    number: int
    facts: Facts
    tasks: Optional[bytes] = None

    def keep(self, journal: Journal) -> None:
        """Add the window to the folder, if that was not done yet."""
        if self.tasks is None:
            return
        with journal.writing():
            file = journal.folder / f"{self.number:06}-received.tmp"
            try:
                file.write_bytes(self.tasks)
                keep_window(journal.folder, self.number, file, self.facts)
            finally:
                discard(file)


class Walked(NamedTuple):
    """What a walk over the pages of a window found.

    Attributes:
        counted: Number of tasks on all pages, as the first page said; None if it did
            not.
        ids: All ids that were listed.
        kept: Number of tasks that were written.
    """

    counted: Optional[int]
    ids: Set[bytes]
    kept: int

    @property
    def is_even(self) -> bool:
        """Whether as many tasks were listed as were counted."""
        return self.counted in (None, len(self.ids))


class FetchWindows:
    """Fetches the tasks of some windows at the same time, in any thread or process.

    Args:
        client: The client.
        query: The filters.
        journal: The export.
        by_batch: Whether each line begins with the batch.
    """

    def __init__(
        self,
        client: BulkCalls,
        query: Dict[str, Any],
        journal: Journal,
        *,
        by_batch: bool,
    ) -> None:
        self._client = client
        self._query = {**query, "limit": PAGE_TASKS}
        self._path, self._folder, self._key = journal.path, journal.folder, journal.key
        self._by_batch = by_batch

    def __call__(self, jobs: Sequence[Job]) -> List[Fetched]:
        if len(jobs) == 1:
            return [self._fetch(jobs[0])]
        results = list(
            self._client.map(
                self._fetch, jobs, max_workers=len(jobs), stop_on_error=True
            )
        )
        for result in results:
            if result.error is not None:
                raise result.error
        return [result.value for result in results if result.value is not None]

    def _fetch(self, job: Job) -> Fetched:
        index, window = job
        if is_shared(self._folder, self._key):
            return self._into(self._folder, index, window)
        with TemporaryDirectory() as elsewhere:
            fetched = self._into(Path(elsewhere), index, window)
            file = Path(elsewhere, f"{index:06}.jsonl")
            return fetched._replace(tasks=file.read_bytes())

    def _into(self, folder: Path, index: int, window: Window) -> Fetched:
        """Fetch a window into a folder."""
        # A process that was thought to be dead may work on the same window.
        stem = f"{index:06}-{os.getpid()}-{threading.get_ident()}"
        files = [folder / f"{stem}{suffix}.tmp" for suffix in ("", "-again", "-both")]
        try:
            with writing(self._path, self._folder):
                facts = self._list(window, *files)
                keep_window(folder, index, files[0], facts)
        finally:
            discard(*files)
        return Fetched(index, facts)

    def _list(self, window: Window, first: Path, again: Path, both: Path) -> Facts:
        """List a window, and once more if tasks moved meanwhile."""
        walked = self._walk(window, first, set())
        kept, counted, listed = walked.kept, walked.counted, len(walked.ids)
        passes = 1
        if not walked.is_even:
            passes = 2
            other = self._walk(window, again, walked.ids)
            if other.kept:
                merge(first, again, both)
                os.replace(str(both), str(first))
                kept += other.kept
                listed += len(other.ids - walked.ids)
        return Facts(kept, first.stat().st_size, counted, listed, passes)

    def _walk(self, window: Window, path: Path, known: Set[bytes]) -> Walked:
        """Write the tasks of a window, without those that are known."""
        query = {**self._query, **window.bounds}
        counted: Optional[int] = None
        first = True

        def fetch(token: Any) -> Page:
            nonlocal counted, first
            page = fetch_page(self._client, {**query, "next_token": token})
            counted = total_of(page) if first else counted
            first = False
            return page

        sieve, prefix = Sieve(window), batch_prefix if self._by_batch else None
        ids: Set[bytes] = set()
        kept = 0
        turn = Turn()
        before = TURN.set(turn)
        try:
            with path.open("wb") as file:
                for page in each_page(fetch, lambda page: page.next_token):
                    chosen = _unknown(page, page.passing(sieve), ids, known)
                    ids.update(page.ids)
                    kept += len(chosen)
                    file.write(page.lines(chosen, prefix))
                    turn.end()
                    del page  # not held in memory while the next page is fetched
        finally:
            turn.end()
            TURN.reset(before)
        return Walked(counted, ids, kept)


def _unknown(
    page: Page, places: Sequence[int], ids: Set[bytes], known: Set[bytes]
) -> Sequence[int]:
    """Return those of some places whose ids are not known, each id once."""
    on_page = set(page.ids)
    if len(on_page) == len(page) and ids.isdisjoint(on_page) and not known:
        return places
    chosen = {page.ids[place]: place for place in reversed(places)}
    return sorted(
        place
        for task_id, place in chosen.items()
        if task_id not in ids and task_id not in known
    )


def fetch_page(client: BulkCalls, query: Dict[str, Any]) -> Page:
    """Fetch a page of tasks.

    Args:
        client: The client.
        query: As in `ScaleClient.tasks`.
    """
    check = page_or(documents_of(Task, "docs"))
    path = endpoint("tasks", expect=check, decode=read_page)
    answer = client.api.get_request(path, params=page_query(query))
    return answer if isinstance(answer, Page) else DecodedPage(answer)


def total_of(page: Union[Tasklist, Page]) -> Optional[int]:
    """Return the number of tasks on all pages; None if the first page did not say."""
    total = page.total
    if type(total) is not int or total < len(page):
        return None
    return None if page.has_more and total == len(page) else total
