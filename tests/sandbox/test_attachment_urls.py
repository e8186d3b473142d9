"""`attachmentS3Downloads`: its entries, and what their URLs return."""

from __future__ import annotations

import io
from typing import Any, Dict, List, Tuple

import pytest
import requests

from scaleapi import ScaleClient
from scaleapi.sandbox.web.pdf import MAX_PAGES, page_count


def entries(client: ScaleClient, type: str, **params: Any) -> List[Dict[str, Any]]:
    task = client.create_task(type, **params)
    found: List[Dict[str, Any]] = client.get_task(task.id).attachmentS3Downloads
    # A list has the same entries if requested, with other signatures.
    (listed,) = client.tasks(include_attachment_url=True, limit=1)
    assert bare(listed.attachmentS3Downloads) == bare(found)
    return found


def bare(downloads: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    return [{k: v for k, v in entry.items() if k != "s3URL"} for entry in downloads]


def kinds(downloads: List[Dict[str, Any]]) -> List[Tuple[bool, str]]:
    return [(e["isConvertedImage"], e["metadata"]["mimeType"]) for e in downloads]


@pytest.mark.parametrize(
    "address, mime_type",
    [
        ("https://e.com/1.jpg?a=b.mp4#c.pdf", "image/jpeg"),
        ("https://e.com/1.PNG", "image/png"),
        ("https://e.com/v.mp4", "video/mp4"),
        ("s3://bucket/key.gif", "image/gif"),
    ],
)
def test_images_and_videos_have_an_original_and_a_converted_copy(
    live_client: ScaleClient, address: str, mime_type: str
) -> None:
    found = entries(
        live_client, "datacollection", attachment=address, fields={"a": "A"}
    )
    assert kinds(found) == [(False, mime_type), (True, mime_type)]
    assert {entry["attachmentURL"] for entry in found} == {address}
    assert len({entry["s3URL"] for entry in found}) == 2


@pytest.mark.parametrize(
    "address, mime_type",
    [
        ("https://e.com/1.mp3", "audio/mpeg"),
        ("https://e.com/1", "application/octet-stream"),
        ("https://e.com/", "application/octet-stream"),
        ("https://[e.com/1.png", "application/octet-stream"),
    ],
)
def test_anything_else_has_its_original_only(
    live_client: ScaleClient, address: str, mime_type: str
) -> None:
    found = entries(
        live_client, "datacollection", attachment=address, fields={"a": "A"}
    )
    assert kinds(found) == [(False, mime_type)]
    assert set(found[0]["metadata"]) == {"mimeType"}


@pytest.mark.parametrize(
    "type, params, mime_type",
    [
        ("imageannotation", {"geometries": {}}, "image/jpeg"),
        ("segmentannotation", {"labels": ["a"]}, "image/jpeg"),
        ("videoplaybackannotation", {"geometries": {}}, "video/mp4"),
        ("categorization", {"attachment_type": "image"}, "image/jpeg"),
        ("categorization", {"attachment_type": "audio"}, "audio/mpeg"),
        ("categorization", {"attachment_type": "hologram"}, "application/octet-stream"),
    ],
)
def test_the_type_of_the_task_decides_if_the_url_has_no_extension(
    live_client: ScaleClient, type: str, params: Dict[str, Any], mime_type: str
) -> None:
    address = "https://e.com/no-extension"
    found = entries(live_client, type, attachment=address, categories=["a"], **params)
    assert found[0]["metadata"] == {"mimeType": mime_type}


def test_each_attachment_of_a_list_has_its_entries_in_order(
    live_client: ScaleClient,
) -> None:
    attachments = [
        {"type": "text", "content": "https://e.com/ is a text"},
        {"type": "video", "content": "https://e.com/v"},
        {"type": "image", "content": "https://e.com/1.png"},
        {"type": ["image"], "content": "https://e.com/2.txt"},
    ]
    found = entries(live_client, "textcollection", attachments=attachments, fields=[])
    assert kinds(found) == [
        (False, "video/mp4"),
        (True, "video/mp4"),
        (False, "image/png"),
        (True, "image/png"),
        (False, "text/plain"),
    ]


def test_both_entries_of_an_upload_lead_to_what_was_uploaded(
    live_client: ScaleClient,
) -> None:
    file = live_client.upload_file(("1", b"not really a picture", "image/webp"))
    found = entries(
        live_client, "imageannotation", attachment=file.attachment_url, geometries={}
    )
    assert kinds(found) == [(False, "image/webp"), (True, "image/webp")]
    for entry in found:
        answer = requests.get(entry["s3URL"], timeout=10)
        assert answer.content == b"not really a picture"
        assert answer.headers["content-type"] == "image/webp"


def test_a_signature_is_valid_for_one_entry_only(
    live_client: ScaleClient,
) -> None:
    file = live_client.upload_file(("1.png", b"x"))
    original, converted = entries(
        live_client, "imageannotation", attachment=file.attachment_url, geometries={}
    )
    path, _, _ = original["s3URL"].partition("?")
    _, _, query = converted["s3URL"].partition("?")
    assert requests.get(f"{path}?{query}", timeout=10).status_code == 403


def pdf(pages: int) -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R >>\n"
    return b"%PDF-1.4\n<< /Type /Pages /Count 9 >>\n" + page * pages


@pytest.mark.parametrize("pages", [1, 3])
def test_a_pdf_has_one_entry_for_each_page(
    live_client: ScaleClient, pages: int
) -> None:
    file = live_client.upload_file(("a.pdf", pdf(pages)))
    found = entries(
        live_client,
        "documenttranscription",
        attachment=file.attachment_url,
        features=[],
    )
    assert bare(found) == [
        {
            "attachmentURL": file.attachment_url,
            "isConvertedImage": False,
            "metadata": {
                "mimeType": "application/pdf",
                "frame": page,
                "totalFrames": pages,
            },
        }
        for page in range(pages)
    ]
    assert requests.get(found[-1]["s3URL"], timeout=10).content == pdf(pages)


def test_a_pdf_that_was_not_uploaded_counts_as_one_page(
    live_client: ScaleClient,
) -> None:
    url = live_client.import_file("https://e.com/a.pdf").attachment_url
    for address in (url, "https://e.com/a.pdf"):
        (entry,) = entries(
            live_client, "documentmodel", attachment=address, features=[]
        )
        assert entry["metadata"]["totalFrames"] == 1


def test_a_task_without_an_attachment_has_no_entries(live_client: ScaleClient) -> None:
    text = [{"type": "text", "content": "a"}]
    assert entries(live_client, "textcollection", attachments=text, fields=[]) == []


@pytest.mark.parametrize(
    "content, pages",
    [
        (b"", 1),
        (pdf(0), 1),
        (pdf(2), 2),
        (b"/Type/Page/Type/Pages/Type\n/Page>", 2),
        (b"/PageMode /UseNone /Type /PageLabel /Type /Page", 1),
        (pdf(MAX_PAGES + 5), MAX_PAGES),
    ],
)
def test_the_pages_of_a_pdf_are_counted(content: bytes, pages: int) -> None:
    assert page_count(io.BytesIO(content)) == pages


@pytest.mark.parametrize("missing", range(-40, 8, 3))
def test_a_page_at_the_border_of_two_chunks_is_counted_once(missing: int) -> None:
    begin = b" " * ((1 << 20) + missing)
    content = begin + b"/Type /Pages /Type /Page /Type /Page"
    assert page_count(io.BytesIO(content)) == 2
