"""Text for terminals: nothing in it is obeyed, and tables are straight."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from scaleapi.cli import text

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(ANY)
def test_printable_text_has_no_control_characters(given_text: str) -> None:
    shown = text.printable(given_text)
    assert not any(unicodedata.category(each) == "Cc" for each in shown)
    assert not any(unicodedata.bidirectional(each) in BIDI for each in shown)
    assert text.printable(shown) == shown


BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_marks_of_direction_are_escaped() -> None:
    assert text.printable("a\u061cb\u200fc") == "a\\u061cb\\u200fc"


@given(ANY, st.integers(3, 40))
def test_shortened_text_fits(given_text: str, columns: int) -> None:
    shown = text.shortened(given_text, columns)
    assert text.width(shown) <= columns
    assert shown == given_text or shown.endswith("...")


@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=5))
def test_the_second_column_begins_at_one_place(rows: "list[tuple[str, str]]") -> None:
    cells = [[text.cell(each) for each in row] for row in rows]
    widths = text.widths(cells)
    for row in cells:
        line = text.aligned([row[0], "|"], widths)
        assert text.width(line) == widths[0] + 3


def test_numbers_have_their_nouns() -> None:
    assert text.counted(1, "task") == "1 task"
    assert text.counted(1200, "task") == "1,200 tasks"
    assert text.counted(0, "batch") == "0 batches"


def test_wide_letters_count_twice() -> None:
    assert text.width("牛a") == 3
    assert text.width("e\u0301") == 1
    assert text.width("\u0e01\u0e31") == 1  # a Thai vowel above its consonant
