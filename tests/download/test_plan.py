"""Which files a task has."""

from __future__ import annotations

import copy
from typing import Any, Dict, List, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleapi.download.plan import files_of
from scaleapi.sandbox import factories

BOTH = frozenset({"attachments", "results"})
HTTPS = "https://example.com/cows/17.jpg"
SIGNED = "https://bucket.example.com/a?Expires=1&Signature=s"
CONVERTED = "https://bucket.example.com/b?Expires=1&Signature=s"


def planned(
    document: Dict[str, Any], prefer: str = "original"
) -> List[Tuple[str, str, str]]:
    files = files_of(document, BOTH, prefer)
    return [(each.key, each.name, each.address.url) for each in files]


def copies(url: str, *entries: Tuple[str, bool]) -> List[Dict[str, Any]]:
    return [
        {"attachmentURL": url, "s3URL": signed, "isConvertedImage": converted}
        for signed, converted in entries
    ]


def test_an_attachment_is_at_its_signed_address() -> None:
    task = {
        "params": {"attachment": HTTPS},
        "attachmentS3Downloads": copies(HTTPS, (CONVERTED, True), (SIGNED, False)),
    }
    assert planned(task) == [("/params/attachment", "17.jpg", SIGNED)]
    assert planned(task, "converted") == [
        ("/params/attachment#converted", "17-converted", CONVERTED)
    ]


@pytest.mark.parametrize(
    ("url", "entry", "prefer", "found"),
    [
        (HTTPS, True, "original", HTTPS),
        (HTTPS, False, "converted", SIGNED),
        ("s3://b/k.jpg", True, "original", SIGNED),
        ("s3://b/k.jpg", None, "original", "s3://b/k.jpg"),
        ("scaledata://a/1", None, "converted", "scaledata://a/1"),
    ],
)
def test_if_one_copy_is_missing_the_other_is_taken(
    url: str, entry: Any, prefer: str, found: str
) -> None:
    task: Dict[str, Any] = {"params": {"attachment": url}}
    if entry is not None:
        task["attachmentS3Downloads"] = copies(url, (SIGNED, entry))
    assert [each[2] for each in planned(task, prefer)] == [found]


def test_pages_of_a_document_are_files_of_their_own() -> None:
    url = "s3://b/doc.pdf"
    entries = copies(url, ("https://h/p0?s", False), ("https://h/p1?s", False))
    for number, entry in enumerate(entries):
        entry["metadata"] = {"frame": number, "totalFrames": 2}
    task = {"params": {"attachments": [url]}, "attachmentS3Downloads": entries}
    assert [each[:2] for each in planned(task)] == [
        ("/params/attachments/0#0", "doc-0"),
        ("/params/attachments/0#1", "doc-1"),
    ]
    for entry in entries:
        entry["s3URL"] = "https://h/whole?s"
    assert [each[:2] for each in planned(task)] == [
        ("/params/attachments/0", "doc.pdf")
    ]


def test_attachments_are_found_in_each_of_their_places() -> None:
    task = {
        "params": {
            "attachments": [
                "https://h/1.png",
                {"type": "image", "content": "https://h/2.png"},
                {"type": "text", "content": "https://h/no.png"},
                {"type": "image", "content": "no address https://h/no.png"},
                {"attachment": "https://h/3.png"},
                7,
            ],
            "context_attachments": [{"attachment": "https://h/4.png"}],
        }
    }
    assert [each[:2] for each in planned(task)] == [
        ("/params/attachments/0", "1.png"),
        ("/params/attachments/1/content", "2.png"),
        ("/params/attachments/4/attachment", "3.png"),
        ("/params/context_attachments/0/attachment", "4.png"),
    ]


def test_results_are_found_wherever_they_stand() -> None:
    response = {
        "annotations": {
            "combined": {"image": "https://h/r/1", "indexedImage": "https://h/r/2"},
            "labeled": {"a/b": "https://h/r/3", "person": ["https://h/r/4"]},
            "unlabeled": "https://h/r/1",
        },
        "events": {"url": "https://h/r/5.json"},
        "full_recording": {"video_urls": [{"rgb_url": "https://h/r/6.mp4"}]},
        "count": 3,
    }
    assert [each[:2] for each in planned({"response": response})] == [
        ("/response/annotations/combined/image", "annotations-combined-image"),
        (
            "/response/annotations/combined/indexedImage",
            "annotations-combined-indexedImage",
        ),
        ("/response/annotations/labeled/a~1b", "annotations-labeled-a/b"),
        ("/response/annotations/labeled/person/0", "annotations-labeled-person-0"),
        ("/response/events/url", "events.json"),
        (
            "/response/full_recording/video_urls/0/rgb_url",
            "full_recording-video_urls-0-rgb_url.mp4",
        ),
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"type": "textcollection", "response": {"annotations": {"note": HTTPS}}},
        {
            "params": {"fields": [{"type": "text", "field_id": "url"}]},
            "response": {"annotations": {"url": HTTPS}},
        },
        {"response": {"annotations": {"f": {"type": "text", "response": [[HTTPS]]}}}},
        {"response": {"responses": [{"note": HTTPS}]}},
        {"response": {"file": {"responses": [{"note": HTTPS}]}}},
        {"response": {"annotations": [{"type": "box", "attributes": {"n": HTTPS}}]}},
        {"response": {"annotations": [], "global_attributes": {"n": HTTPS}}},
        {"response": {"annotations": [{"label": HTTPS, "text": HTTPS}]}},
        {"response": {"fields": {"hiring_page": HTTPS}, "rows": [{"a": HTTPS}]}},
        {"response": {"error": HTTPS}},
        {"response": {"annotations": {"url": f"see {HTTPS}"}}},
        {"response": {"annotations": {"url": f"{HTTPS}\nmore"}}},
        {"response": {"annotations": {"url": f"{HTTPS} or not"}}},
        {"response": HTTPS},
        {"response": None},
        {},
    ],
)
def test_what_a_person_may_have_typed_is_no_file(document: Dict[str, Any]) -> None:
    assert planned(document) == []


@pytest.mark.parametrize("what", [{"attachments"}, {"results"}])
def test_only_what_is_asked_for_is_found(what: Any) -> None:
    task = {
        "params": {"attachment": HTTPS},
        "response": {"annotations": {"url": "https://h/r"}},
    }
    found = files_of(task, frozenset(what), "original")
    assert {each.kind for each in found} == what


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.sampled_from([HTTPS, "http://", "https://[", "s3://b/k", "x://y z"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["params", "attachment", "attachments", "attachmentS3Downloads"]
                + ["attachmentURL", "s3URL", "response", "annotations", "url"]
                + ["fields", "field_id", "content", "metadata", "frame", "type"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


OBJECT = st.fixed_dictionaries(
    {"params": JSON, "response": JSON, "attachmentS3Downloads": JSON}
)


@settings(max_examples=60)
@given(OBJECT)
def test_any_document_has_a_plan_and_stays_as_it_is(document: Dict[str, Any]) -> None:
    before = copy.deepcopy(document)
    files = files_of(document, BOTH, "original")
    assert document == before
    assert len({each.key for each in files}) == len(files)
    assert len({each.address.url for each in files}) == len(files)
    assert all(each.name for each in files)


@pytest.mark.parametrize("kind", factories.KINDS)
def test_the_result_files_of_each_kind_of_task_are_found(kind: str) -> None:
    task = factories.task(kind, "completed")
    found = files_of(task, frozenset({"results"}), "original")
    assert {each.address.url for each in found} == {*factories.result_files(kind)}
