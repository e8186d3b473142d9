"""Pages of a list, and the walk over all of them."""

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
    Set,
    TypeVar,
)

from scaleapi.exceptions import ScaleException

T = TypeVar("T")


class Paginator(List[T], Generic[T]):
    """One page: a list of its objects that knows its place among the pages.

    Attributes:
        docs: The objects of this page; iterating the page gives the same.
        total: How many objects match on all pages together.
        limit: How many objects the server puts on a page.
        offset: How many objects stand before this page.
        has_more: Whether there are further pages.
        next_token: What to pass as ``next_token`` to get the next page; None
            for lists that page by offset, and on the last page.
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


def iterate_pages(
    fetch: Callable[[Any], Paginator[T]],
    following: Callable[[Paginator[T]], Any],
    start: Any = None,
) -> Iterator[T]:
    """Yield the objects of all pages, fetching each page when it is needed.

    Args:
        fetch: Gets the page at a position.
        following: Position of the page after the given one.
        start: Position of the first page.

    Raises:
        ScaleException: The server says that there is more, but its answer
            leads back to where we are: going on would never end.
    """
    position = start
    seen = set()
    while True:
        page = fetch(position)
        yield from page
        if not page.has_more:
            return
        seen.add(repr(position))  # it is what the server sends, of any type
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
        del page  # it need not be kept while the next one is fetched and decoded


def iterate_offsets(
    fetch: Callable[[int], Paginator[T]],
    *,
    identity: Callable[[T], Hashable],
    created_at: Callable[[T], Any],
) -> Iterator[T]:
    """Yield the objects of a list that pages by offset, each one once.

    An object that is created, or no longer matches, while the list is walked moves
    those behind it, so that some come twice and others not at all. The first are
    passed over. For the second the list is walked again if its total has changed
    on the way, until it has not, or nothing new comes. What was created since the
    first walk began is left out then, or a loop that creates would never end.

    Only the identities of the objects and one page are held.

    Args:
        fetch: Gets the page at an offset.
        identity: What tells an object from all others of the list.
        created_at: Time of creation, as text.

    Raises:
        ScaleException: The server leads in a circle, or says that there is more
            beyond its own total: going on would never end.
    """
    seen: Set[Hashable] = set()
    latest = ""  # creation among the objects of the first walk
    first = steady = True
    total: Optional[int] = None

    def noted(offset: int) -> Paginator[T]:
        nonlocal steady, total
        page = fetch(offset)
        # A server may give none, or one that cannot be.
        known = not page.has_more or _ends_before_total(page)
        steady = steady and known and total in (None, page.total)
        total = page.total
        return page

    while True:
        total, steady, came = None, True, False
        for item in iterate_pages(noted, _next_offset, start=0):
            key, created = identity(item), created_at(item)
            created = created if isinstance(created, str) else ""
            if key in seen or (created > latest and not first):
                continue
            latest, came = max(latest, created), True
            seen.add(key)
            yield item
        if steady or not came:
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
    """Return what an answer says of a page, and a default where it says nothing."""
    value = answer.get(key)
    return default if value is None else value


def page_number(answer: Dict[str, Any], key: str, default: int) -> int:
    """Return a number that leads to the next page, and a default for what is none."""
    value = answer.get(key)
    is_number = isinstance(value, int) and value >= 0
    return int(value) if is_number else default  # type: ignore[arg-type]
