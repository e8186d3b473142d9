from __future__ import annotations

from typing import List, Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scaleapi import Paginator, ScaleException
from scaleapi._paging import iterate_pages


def page_of(items: List[int], next_token: Optional[str]) -> Paginator[int]:
    return Paginator(items, 0, 100, 0, next_token is not None, next_token)


@given(pages=st.lists(st.lists(st.integers()), min_size=1))
@example(pages=[[], [1], []])  # an empty page is not the end
def test_however_the_server_cuts_the_list_each_item_comes_once_and_in_order(
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


def test_a_server_that_leads_in_a_circle_is_an_error_after_what_it_gave() -> None:
    items = iterate_pages(
        lambda token: page_of([1], next_token="same"), lambda page: page.next_token
    )
    assert next(items) == 1
    assert next(items) == 1
    with pytest.raises(ScaleException, match="list is incomplete"):
        next(items)


def test_a_page_is_a_list_that_knows_its_place() -> None:
    page = Paginator([1, 2], 5, 2, 0, True, "t")
    assert page == [1, 2]
    assert (page.docs, page.total, page.limit, page.offset) == ([1, 2], 5, 2, 0)
    assert (page.has_more, page.next_token) == (True, "t")
