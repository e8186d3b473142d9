from __future__ import annotations

import weakref
from typing import Any, Callable, List, NamedTuple, Optional, Set

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scaleapi import Paginator, ScaleException
from scaleapi._core.paging import iterate_offsets, iterate_pages, page_number


def page_of(items: List[int], next_token: Optional[str]) -> Paginator[int]:
    return Paginator(items, 0, 100, 0, next_token is not None, next_token)


@given(pages=st.lists(st.lists(st.integers()), min_size=1))
@example(pages=[[], [1], []])  # an empty page is not the end
def test_iterate_pages_yields_each_item_once_and_in_order_for_any_pages(
    pages: List[List[int]],
) -> None:
    asked: List[Optional[str]] = []

    def fetch(token: Optional[str]) -> Paginator[int]:
        asked.append(token)
        number = int(token or 0)
        following = None if number + 1 == len(pages) else str(number + 1)
        return page_of(pages[number], next_token=following)

    items = iterate_pages(fetch, lambda page: page.next_token)
    assert asked == []  # nothing is sent before the first item is wanted
    assert list(items) == [item for page in pages for item in page]
    assert asked == [None] + [str(n) for n in range(1, len(pages))]


def test_iterate_pages_raises_if_a_page_is_repeated() -> None:
    items = iterate_pages(
        lambda token: page_of([1], next_token="same"), lambda page: page.next_token
    )
    assert next(items) == 1
    assert next(items) == 1
    with pytest.raises(ScaleException, match="list is incomplete"):
        next(items)


def test_paginator_is_a_list_with_its_position() -> None:
    page = Paginator([1, 2], 5, 2, 0, True, "t")
    assert page == [1, 2]
    assert (page.docs, page.total, page.limit, page.offset) == ([1, 2], 5, 2, 0)
    assert (page.has_more, page.next_token) == (True, "t")


class Item(NamedTuple):
    name: str
    created_at: Optional[str]


class Server:
    """A list that pages by offset, newest first, and changes while it is walked."""

    def __init__(self, size: int, limit: int = 2) -> None:
        self.asked: List[int] = []
        self._limit = limit
        self._made = 0
        self.items: List[Item] = []
        for _ in range(size):
            self.create()

    def create(self) -> None:
        self._made += 1
        self.items.insert(0, Item(f"i{self._made}", f"{self._made:04}"))

    def total(self, docs: List[Item]) -> int:
        return len(self.items)

    def page(self, offset: int) -> Paginator[Item]:
        self.asked.append(offset)
        docs = self.items[offset : offset + self._limit]
        more = offset + self._limit < len(self.items)
        return Paginator(docs, self.total(docs), self._limit, offset, more)

    def walk(self, body: Callable[[Item], None] = lambda item: None) -> List[str]:
        names = []
        for item in iterate_offsets(
            self.page,
            identity=lambda item: item.name,
            created_at=lambda item: item.created_at,
        ):
            names.append(item.name)
            assert len(names) < 1000, "the walk does not end"
            body(item)
        return names


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 9])
def test_iterate_offsets_asks_for_each_page_of_an_unchanged_list_once(
    size: int,
) -> None:
    server = Server(size)
    assert server.walk() == [item.name for item in server.items]
    assert server.asked == list(range(0, max(size, 1), 2))


def test_iterate_offsets_asks_for_a_page_when_it_is_needed() -> None:
    server = Server(5)
    items = iterate_offsets(
        server.page, identity=lambda i: i.name, created_at=lambda i: i.created_at
    )
    assert server.asked == []
    next(items), next(items)
    assert server.asked == [0]
    next(items)
    assert server.asked == [0, 2]


@given(
    size=st.integers(0, 20),
    limit=st.integers(1, 5),
    changes=st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 30)))),
)
@example(size=5, limit=2, changes=[(0, [0])] * 5)  # each stops matching when it came
@example(size=5, limit=2, changes=[(1, [0])] * 9)  # and the total stays the same
@example(size=5, limit=2, changes=[(1, [])] * 99)  # a loop that creates
def test_iterate_offsets_yields_each_item_once_for_any_changes_in_the_loop(
    size: int, limit: int, changes: "list[tuple[int, list[int]]]"
) -> None:
    server = Server(size, limit)
    at_first = {item.name for item in server.items}
    gone_unseen: Set[str] = set()
    came: Set[str] = set()
    left = iter(changes)

    def body(item: Item) -> None:
        came.add(item.name)
        created, removed = next(left, (0, []))
        for place in removed:
            if place < len(server.items):
                gone_unseen.update({server.items.pop(place).name} - came)
        for _ in range(created):
            server.create()

    names = server.walk(body)
    assert len(names) == len(set(names))
    assert at_first - gone_unseen <= set(names)


@pytest.mark.parametrize("total", ["missing", "never the same", "no number", "zero"])
def test_iterate_offsets_ends_with_any_total(
    total: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(5)

    def told(docs: List[Item]) -> Any:
        # Where the API gives none, `Batchlist` has the length of the page.
        totals = {"missing": len(docs), "no number": "5", "zero": 0}
        return totals.get(total, len(server.asked) * 100)

    monkeypatch.setattr(server, "total", told)
    assert len(server.walk()) == 5
    assert sorted(server.walk(server.items.remove)) == ["i1", "i2", "i3", "i4", "i5"]


def test_iterate_offsets_raises_if_has_more_contradicts_the_total() -> None:
    server = Server(5)

    def page(offset: int) -> Paginator[Item]:
        asked = server.page(offset)
        asked.has_more = True
        return asked

    items = iterate_offsets(
        page, identity=lambda i: i.name, created_at=lambda i: i.created_at
    )
    names = [next(items).name for _ in range(5)]
    assert len(set(names)) == 5
    with pytest.raises(ScaleException, match="offset 6 is empty, and its total is 5"):
        next(items)


def test_iterate_offsets_goes_on_after_an_empty_page_within_the_total() -> None:
    pages = {0: [1, 2], 2: [], 4: [5]}
    items = iterate_offsets(
        lambda offset: Paginator(pages[offset], 5, 2, offset, offset < 4),
        identity=lambda item: item,
        created_at=lambda item: None,
    )
    assert list(items) == [1, 2, 5]


def test_iterate_offsets_takes_items_without_a_time_of_creation() -> None:
    server = Server(5)
    server.items = [Item(item.name, None) for item in server.items]
    assert len(server.walk(server.items.remove)) == 5


def test_iterate_offsets_holds_one_page_and_no_more_objects() -> None:
    class Held:
        def __init__(self, number: int) -> None:
            self.number = number

    alive: "weakref.WeakSet[Held]" = weakref.WeakSet()

    def page(offset: int) -> Paginator[Held]:
        docs = [Held(offset + place) for place in range(10)]
        alive.update(docs)
        return Paginator(docs, 1000, 10, offset, offset < 990)

    most = 0
    items = iterate_offsets(
        page, identity=lambda item: item.number, created_at=lambda item: ""
    )
    for _ in items:
        most = max(most, len(alive))
    assert most <= 11  # the page, and the last object of the one before


@pytest.mark.parametrize("number", ["1", [1], -1, None, {}])
@pytest.mark.parametrize("key", ["limit", "offset"])
def test_page_number_ignores_what_is_not_a_count(key: str, number: Any) -> None:
    assert page_number({key: number}, key, 7) == 7
    assert page_number({key: 3}, key, 7) == 3


@pytest.mark.parametrize("token", [[1], {"a": 1}])
def test_next_token_may_have_any_type_but_not_repeat(token: Any) -> None:
    pages = iterate_pages(
        lambda _: Paginator([1], 1, 1, 0, True, token), lambda page: page.next_token
    )
    with pytest.raises(ScaleException, match="circle"):
        list(pages)
