"""The text of a credentials file: what is read, and what a change leaves as it was."""

from __future__ import annotations

from typing import Dict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.exceptions import ScaleProfileError
from scaleapi.profiles.document import Document

TEXT = """\
# Keys of the cow team

[default]
api_key = test_1   ; not a comment
; old: test_0

# Costs money!
[production]
key_command : pass show scale/live
URL=https://api.scale.com/v1?a=%(b)s
# api_key = live_0

# about the last one
[last]
"""


def values(text: str) -> Dict[str, Dict[str, str]]:
    return {
        name: {key: option.value for key, option in section.options.items()}
        for name, section in Document(text, "FILE").sections.items()
    }


def test_values_go_to_the_end_of_the_line_and_are_not_expanded() -> None:
    assert values(TEXT) == {
        "default": {"api_key": "test_1   ; not a comment"},
        "production": {
            "key_command": "pass show scale/live",
            "url": "https://api.scale.com/v1?a=%(b)s",
        },
        "last": {},
    }


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_change_keeps_the_ends_of_lines_and_the_mark_at_the_beginning(
    end: str, bom: str
) -> None:
    text = bom + TEXT.replace("\n", end)
    assert values(text) == values(TEXT)
    changed = Document(text, "FILE").with_section("last", {"api_key": "k"})
    assert changed == text + f"api_key = k{end}"
    assert Document(changed, "FILE").with_section("last", {}) == text


def test_a_section_is_replaced_where_it_stands() -> None:
    changed = Document(TEXT, "FILE").with_section(
        "production", {"api_key": "live_2", "url": "https://b"}
    )
    assert changed == TEXT.replace(
        "key_command : pass show scale/live\nURL=https://api.scale.com/v1?a=%(b)s\n",
        "url = https://b\napi_key = live_2\n",
    )


def test_a_new_section_comes_at_the_end_also_of_a_last_line_without_an_end() -> None:
    assert Document("", "FILE").with_section("ä", {"api_key": "k"}) == (
        "[ä]\napi_key = k\n"
    )
    assert Document("[a]", "FILE").with_section("b", {}) == "[a]\n\n[b]\n"
    assert Document("[a]\n\n", "FILE").with_section("b", {}) == "[a]\n\n[b]\n"


def test_a_section_goes_with_its_comments_which_may_hold_old_keys() -> None:
    document = Document(TEXT, "FILE")
    assert document.without_section("production") == TEXT.replace(
        TEXT[TEXT.index("[production]") : TEXT.index("\n# about")], ""
    )
    assert "test_0" not in document.without_section("default")
    assert "# Costs money!" in document.without_section("default")
    assert document.without_section("last").endswith("# about the last one\n")
    assert Document("[a]\nb = c\n\n[d]\n", "FILE").without_section("a") == "[d]\n"


def test_names_are_the_same_however_their_letters_are_composed() -> None:
    assert list(values("[a\u0308]\n")) == ["\u00e4"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a]\nlive_secret\n", "line 2 is neither a"),
        ("[a\nb = live_secret", "line 1 is neither a"),
        ("[a] live_secret", "line 1 is neither a"),
        ("= live_secret", "line 1 is neither a"),
        ("\n\napi_key = live_secret\n[a]", "line 3 stands before the first"),
        ("[a]\n[]\n", "line 2 has an empty section name"),
        ("[a]\n#\n[ a ]\n", r"line 3 begins the section \[a\] again, after line 1"),
        (
            "[a]\napi_key = x\nAPI_KEY = live_secret",
            "line 3 sets again what line 2 sets",
        ),
    ],
)
def test_an_error_names_file_and_line_and_does_not_show_it(
    text: str, message: str
) -> None:
    with pytest.raises(ScaleProfileError, match=f"^FILE: {message}") as caught:
        Document(text, "FILE")
    assert "secret" not in str(caught.value)


NAMES = st.text("ab ü%", min_size=1, max_size=3).filter(lambda name: name.strip())
VALUES = st.text("a b=:[]#;%\"'\\é", max_size=6).map(str.strip)
OPTIONS = st.dictionaries(st.sampled_from(["api_key", "url", "other"]), VALUES)
LINES = st.sampled_from(
    [
        "",
        "  ",
        "# c",
        " ; [d]",
        "[x]",
        "[ y ]",
        "url = u",
        "  API_KEY: k",
        "z=",
        "=",
        "[",
    ]
)


@given(
    text=st.lists(LINES).map("\n".join),
    name=NAMES.map(str.strip),
    options=OPTIONS,
)
def test_a_change_to_one_section_leaves_the_others(
    text: str, name: str, options: Dict[str, str]
) -> None:
    try:
        before = values(text)
    except ScaleProfileError:
        return
    with_it = Document(text, "FILE").with_section(name, options)
    assert values(with_it) == {**before, name: options}
    without = Document(with_it, "FILE").without_section(name)
    before.pop(name, None)
    assert values(without) == before
