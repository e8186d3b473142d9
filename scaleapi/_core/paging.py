"""`Paginator`, one page of a list, and iteration over all pages."""

from __future__ import annotations

from typing import (
    Any,
    Callable,
    Dict,
    Generic,
    Hashable,
    Iterator,
    List,
    Optional,
    Protocol,
    Set,
    TypeVar,
)

from scaleapi._core import notebook
from scaleapi.exceptions import ScaleException

T = TypeVar("T")


class Page(Protocol):
    """What each page of a list says."""

    has_more: bool


P = TypeVar("P", bound=Page)


class Paginator(List[T], Generic[T]):
    """One page of a list: the objects on it, and where it is in the list.

    Attributes:
        docs: The objects on this page. Iterating over the page yields them, too.
        total: Number of objects on all pages.
        limit: Number of objects that fit on a page.
        offset: Number of objects on the pages before this one.
        has_more: Whether there are further pages.
        next_token: The ``next_token`` that gives the next page; None on the last page,
            and in lists that are paged by offset.
    """

    def __init__(
        self,
        docs: List[T],
        total: int,
        limit: int,
        offset: int,
        has_more: bool,
        next_token: Optional[str] = None,
    ) -> None:
        super().__init__(docs)
        self.docs = docs
        self.total = total
        self.limit = limit
        self.offset = offset
        self.has_more = has_more
        self.next_token = next_token

    def _repr_html_(self) -> str:
        """Return HTML for notebooks: the first objects of the page, as a table."""
        rows = [_row(each) for each in self]
        total = vars(self).get("total", len(self))
        return notebook.table(type(self).__name__, rows, total)


def _row(item: Any) -> List[notebook.Fact]:
    facts: List[notebook.Fact] = getattr(item, "_facts", list)()
    return [("", getattr(item, "_identity", item)), *facts]


def iterate_pages(
    fetch: Callable[[Any], Paginator[T]],
    following: Callable[[Paginator[T]], Any],
    start: Any = None,
) -> Iterator[T]:
    """Yield the objects of all pages, and fetch each page when it is needed.

    Args and exceptions are those of `each_page`.
    """
    for page in each_page(fetch, following, start):
        yield from page
        del page  # not held in memory while the next page is fetched and decoded


def each_page(
    fetch: Callable[[Any], P], following: Callable[[P], Any], start: Any = None
) -> Iterator[P]:
    """Yield all pages of a list, and fetch each page when it is needed.

    Args:
        fetch: Fetches the page at a position: a token or an offset.
        following: Returns the position of the page after a page.
        start: Position of the first page.

    Raises:
        ScaleException: The server says that there are more pages, but sends no position
            or one of a page that was fetched before, so that the iteration would never
            end.
    """
    position = start
    seen = set()
    while True:
        page = fetch(position)
        yield page
        if not page.has_more:
            return
        seen.add(repr(position))  # the server may send any type, an unhashable one too
        following_position = following(page)
        if following_position is None or repr(following_position) in seen:
            raise ScaleException(
                f"the list is incomplete: the server leads in a circle, back to "
                f"{following_position!r}"
                if following_position is not None
                else "the list is incomplete: the server says that there is more, "
                "but sends no next_token"
            )
        position = following_position
        del page


def iterate_offsets(
    fetch: Callable[[int], Paginator[T]],
    *,
    identity: Callable[[T], Hashable],
    created_at: Callable[[T], Any],
) -> Iterator[T]:
    """Yield the objects of a list that is paged by offset, each object once.

    If an object is created, or no longer matches, during the iteration, the objects
    after it move: some appear on two pages and others on none. Objects that were
    yielded before are skipped. To find those on no page, the list is read again if its
    total has changed meanwhile, until the total stays the same or nothing new appears.
    These further passes skip objects that were created after the first pass began,
    because a loop that creates objects would never end otherwise.

    Only one page and the identities of the objects are held in memory.

    Args:
        fetch: Fetches the page at an offset.
        identity: Returns a value that identifies an object within the list.
        created_at: Returns the time of creation as an ISO 8601 string.

    Raises:
        ScaleException: The server sends a page again, or says that there are more
            objects beyond its total, so that the iteration would never end.
    """
    seen: Set[Hashable] = set()
    latest = ""  # latest time of creation in the first pass
    first = steady = True
    total: Optional[int] = None

    def fetch_and_compare(offset: int) -> Paginator[T]:
        nonlocal steady, total
        page = fetch(offset)
        # The total may be missing, or contradict the pages.
        known = not page.has_more or _ends_before_total(page)
        steady = steady and known and total in (None, page.total)
        total = page.total
        return page

    while True:
        total, steady, any_new = None, True, False
        for item in iterate_pages(fetch_and_compare, _next_offset, start=0):
            key, created = identity(item), created_at(item)
            created = created if isinstance(created, str) else ""
            if key in seen or (created > latest and not first):
                continue
            latest, any_new = max(latest, created), True
            seen.add(key)
            yield item
        if steady or not any_new:
            return
        first = False


def _ends_before_total(page: Paginator[Any]) -> bool:
    return isinstance(page.total, int) and page.offset + len(page) < page.total


def _next_offset(page: Paginator[Any]) -> int:
    if not page and not _ends_before_total(page):
        raise ScaleException(
            f"the list is incomplete: the server says that there is more, but the page "
            f"at offset {page.offset} is empty, and its total is {page.total!r}"
        )
    return page.offset + (page.limit or len(page))


def page_value(answer: Dict[str, Any], key: str, default: Any) -> Any:
    """Return a value of a page; `default` if it is missing or null."""
    value = answer.get(key)
    return default if value is None else value


def page_number(answer: Dict[str, Any], key: str, default: int) -> int:
    """Return the limit or offset of a page; `default` if it is not a count."""
    value = answer.get(key)
    if isinstance(value, int) and value >= 0:
        return int(value)  # a bool becomes a number
    return default
