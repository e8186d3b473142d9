from __future__ import annotations

from urllib.parse import unquote

import pytest
import requests
from hypothesis import assume, given
from hypothesis import strategies as st

from scaleapi import Api, TaskType
from scaleapi._transport.endpoint import endpoint

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(NAMES, NAMES)
def test_a_quoted_name_is_one_segment_and_comes_back_whole(one: str, two: str) -> None:
    assume(not {one, two} & {".", ".."})
    segments = endpoint("batches", one, two).split("/")
    assert [unquote(segment) for segment in segments] == ["batches", one, two]


@given(NAMES)
def test_requests_leaves_a_quoted_name_as_it_is(name: str) -> None:
    assume(name not in (".", ".."))
    url = f"http://host/v1/{endpoint('batches', name)}"
    sent = requests.Request("GET", url).prepare().path_url
    assert [unquote(part) for part in sent.split("/")] == ["", "v1", "batches", name]


@pytest.mark.parametrize("segment", ["", None, ".", ".."])
def test_a_segment_that_would_vanish_from_the_address_is_refused(
    segment: object,
) -> None:
    with pytest.raises(ValueError, match="cannot be an id or a name"):
        endpoint("task", segment)


def test_enum_members_and_numbers_become_text() -> None:
    assert endpoint("task", TaskType.Chat, 7) == "task/chat/7"


def test_quote_string_quotes_slashes_and_spaces() -> None:
    assert Api.quote_string("a bc/def") == "a%20bc%2Fdef"
    assert Api.quote_string("é?#%&") == "%C3%A9%3F%23%25%26"
