"""Pages of a list, and the walk over all of them."""

from __future__ import annotations

from typing import Any, Callable, Generic, Iterator, List, Optional, TypeVar

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
        seen.add(position)
        following_position = following(page)
        if following_position is None or following_position in seen:
            raise ScaleException(
                f"the list is incomplete: the server leads in a circle, back to "
                f"{following_position!r}"
                if following_position is not None
                else "the list is incomplete: the server says that there is more, "
                "but sends no next_token"
            )
        position = following_position
        del page  # it need not be kept while the next one is fetched and decoded
