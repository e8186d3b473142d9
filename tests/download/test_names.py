"""Names of files: safe on every system, and no two alike."""

from __future__ import annotations

import unicodedata
from typing import List

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scaleapi import ScaleTypeError, ScaleValueError
from scaleapi.download.names import (
    FIELDS,
    TakenNames,
    Template,
    cleaned,
    extension_for,
    is_safe,
    name_of_url,
    split_extension,
)

RESERVED = {"con", "prn", "aux", "nul", "com1", "lpt9", "com\u00b9"}
ODD = st.one_of(
    st.text(st.characters(), max_size=300),
    st.from_regex(r"(con|nul|com1|x{1,120})(\.(part|json|[a-z0-9]{1,9})){0,2}"),
    st.sampled_from(
        ["..", "../../etc/passwd", "C:\\x", "NUL", "nul.tar.gz", "com1 .txt", ".", ""]
    ),
)


@given(ODD)
@example("a" * 300 + ".png")
@example("\u00e9" * 150)
@example("x.part")
@example("x.PART.json")
@example("\ud800.png")
def test_a_cleaned_name_is_safe_everywhere(name: str) -> None:
    found = cleaned(name)
    assert found and found == cleaned(found)
    assert len(found.encode()) <= 210
    assert not set('<>:"/\\|?*\0') & set(found)
    assert found[0] not in ". " and found[-1] not in ". "
    assert found.partition(".")[0].rstrip().lower() not in RESERVED
    assert all(unicodedata.category(character) != "Cc" for character in found)
    assert not found.endswith((".part", ".part.json"))


@given(st.lists(ODD, min_size=1, max_size=3), ODD)
def test_a_path_stays_in_its_folder(values: List[str], literal: str) -> None:
    template = Template("{task_id}/{project}/x-{name}")
    fields = dict(zip(["task_id", "project", "name"], [*values, literal]))
    path = template.path(fields)
    assert path.count("/") == 2
    assert is_safe(path)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "A", "a.png", "A.PNG", "a.jpg", "\u00e9", "e\u0301"]),
            st.integers(),
        ),
        max_size=20,
    )
)
def test_no_two_files_get_names_that_are_alike(wanted: "list[tuple[str, int]]") -> None:
    taken = TakenNames()
    found = [taken.take(cleaned(name), str(key)) for name, key in wanted]
    folded = [unicodedata.normalize("NFC", name.casefold()) for name in found]
    assert len(set(folded)) == len(folded)
    for name in folded:
        others = [split_extension(other)[0] for other in folded if other != name]
        # What has no extension yet may get one.
        assert split_extension(name)[1] or name not in others


def test_a_name_that_is_in_use_does_not_depend_on_how_many_have_it() -> None:
    first, second = TakenNames(), TakenNames()
    for taken in (first, second):
        taken.take("1.jpg", "a")
    second.take("1.jpg", "b")
    name = first.take("1.jpg", "c")
    assert name == second.take("1.jpg", "c") != "1.jpg"
    assert name.startswith("1-") and name.endswith(".jpg")
    assert first.take("Manifest.JSONL", "d") != "Manifest.JSONL"


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (5, ScaleTypeError),
        ("", ScaleValueError),
        ("/{name}", ScaleValueError),
        ("{task_id", ScaleValueError),
        ("{}", ScaleValueError),
        ("{page}", ScaleValueError),
        ("{name.__class__}", ScaleValueError),
        ("{name!r}", ScaleValueError),
        ("{name:>10}", ScaleValueError),
    ],
)
def test_what_is_no_template_is_a_mistake(names: object, error: type) -> None:
    with pytest.raises(error, match="names"):
        Template(names)


def test_all_fields_of_a_template_are_filled() -> None:
    template = Template("/".join(f"{{{field}}}" for field in FIELDS)[0:] + "-{{x}}")
    path = template.path({field: field.upper() for field in FIELDS})
    assert path == "/".join(FIELDS).upper() + "-{x}"
    assert Template("{batch}/{name}").path({"name": "n", "batch": None}) == "_/n"


@pytest.mark.parametrize(
    ("content_type", "beginning", "extension"),
    [
        ("binary/octet-stream", b"\x89PNG\r\n\x1a\n", ".png"),
        ("application/json", b"\xff\xd8\xff\xe0", ".jpg"),
        ("", b"RIFF\0\0\0\0WEBPVP8 ", ".webp"),
        ("", b"\0\0\0\x18ftypisom", ".mp4"),
        ("", b"\0\0\0\x14ftypqt  ", ".mov"),
        ("text/plain; charset=utf-8", b'\xef\xbb\xbf {"a": 1}', ".json"),
        ("application/JSON; charset=utf-8", b"3", ".json"),
        ("", b"[1, 2]", ".json"),
        ("binary/octet-stream", b"\0\1", ""),
        ("", b"", ""),
    ],
)
def test_the_extension_follows_from_the_content(
    content_type: str, beginning: bytes, extension: str
) -> None:
    assert extension_for(content_type, beginning) == extension


@pytest.mark.parametrize(
    ("name", "extension"),
    [("a.png", ".png"), ("a.tar.gz", ".gz"), ("60cb", ""), (".png", ""), ("v1.2", "")],
)
def test_an_extension_has_a_letter(name: str, extension: str) -> None:
    assert split_extension(name)[1] == extension


def test_the_name_of_an_address_is_the_last_part_of_its_path() -> None:
    assert name_of_url("https://h/a/b%20c.png?x=/y#z") == "b c.png"
    assert name_of_url("https://h/a/") == "a"
    assert name_of_url("https://h/a.b/c-d_1.png") == "c-d_1.png"
    assert name_of_url("https://user@h:80/a/é.png") == "é.png"
    assert name_of_url("https://h") == name_of_url("https://[") == ""
