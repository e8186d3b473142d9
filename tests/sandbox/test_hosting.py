"""Downloads of files and results from the sandbox."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any, Dict

import pytest
import requests

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from tests.sandbox.calling import Caller

CATEGORIES = {"categories": ["a"]}


def signed(call: Caller, attachment: str) -> str:
    """Return the signed address of an attachment of a new task."""
    _, task = call(
        "POST", "task/categorization", json={"attachment": attachment, **CATEGORIES}
    )
    _, task = call("GET", f"task/{task['task_id']}?include_attachment_url=true")
    download = task["attachmentS3Downloads"][0]
    assert download["attachmentURL"] == attachment
    return str(download["s3URL"])


def uploaded(call: Caller, content: bytes, **part: str) -> Dict[str, Any]:
    file = (part.get("name", "x"), content, part.get("kind"))
    status, document = call("POST", "files/upload", files={"file": file})
    assert status == 200
    return dict(document)


def test_an_upload_can_be_downloaded_at_its_signed_url(call: Caller) -> None:
    content = b"secret" * 500_000
    file = uploaded(call, content, kind="text/html")
    url = signed(call, file["attachment_url"])
    answer = requests.get(url, timeout=10)
    assert answer.content == content
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == "sandbox"


def test_an_upload_is_not_served_as_a_result(sandbox: Sandbox, call: Caller) -> None:
    file = uploaded(call, b"secret")
    origin = sandbox.url[: -len("/v1")]
    answer = requests.get(f"{origin}/results/{file['id']}", timeout=10)
    assert answer.status_code == 404


def test_a_signed_url_gives_no_access_to_files_of_another_world(
    call: Caller, live: Caller
) -> None:
    file = uploaded(call, b"secret")
    url = signed(live, file["attachment_url"])
    assert requests.get(url, timeout=10).status_code == 404
    own = signed(call, file["attachment_url"])
    world = own.split("/attachments/")[1].partition("/")[0]
    moved = url.replace(
        url.split("/attachments/")[1].partition("/")[0] + "/", f"{world}/"
    )
    assert moved == url or requests.get(moved, timeout=10).status_code == 403


def test_a_signed_url_expires(call: Caller, sandbox: Sandbox) -> None:
    url = signed(call, uploaded(call, b"x")["attachment_url"])
    assert requests.get(url, timeout=10).status_code == 200
    try:
        sandbox.clock.advance(3700)
        assert requests.get(url, timeout=10).status_code == 403
    finally:
        sandbox.clock.reset()


def test_the_signed_url_of_an_imported_file_redirects_to_its_origin(
    call: Caller,
) -> None:
    source = "https://example.com/cows/17.jpg?x=1"
    _, file = call("POST", "files/import", json={"file_url": source})
    url = signed(call, file["attachment_url"])
    answer = requests.get(url, timeout=10, allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["location"] == source


def test_results_are_found_when_the_port_has_changed(tmp_path: Path) -> None:
    db = str(tmp_path / "state.db")
    urls = []
    for number in range(2):
        with Sandbox(db=db) as sandbox:
            client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
            if number == 0:
                client.create_task(
                    "lidarannotation",
                    attachments=["x"],
                    labels=["Car"],
                    metadata={"like": "\u2302 /results/ \u2302"},
                )
            (task,) = client.tasks()
            assert task.metadata == {"like": "\u2302 /results/ \u2302"}
            url = task.response["annotations"]["url"]
            assert requests.get(url, timeout=10).json()[0]["cuboids"]
            assert url.startswith(sandbox.url[: -len("/v1")])
            urls.append(url)
            blocked = Sandbox(port=0)  # takes another free port
        blocked.stop()
    assert urls[0].rpartition("/")[2] == urls[1].rpartition("/")[2]


@pytest.mark.parametrize(
    "kind", ["a\0b", "text/plain\x01", "bad", "/", "a/", "te xt/plain", "é/ü"]
)
def test_an_invalid_content_type_is_not_used(call: Caller, kind: str) -> None:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
        b"Content-Type: " + kind.encode() + b"\r\n\r\nhello\r\n--B--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    status, file = call("POST", "files/upload", data=body, headers=headers)
    if status == 200:
        assert file["mime_type"] == "image/png"
        url = signed(call, file["attachment_url"])
        assert requests.get(url, timeout=10).content == b"hello"


def test_a_content_type_may_have_parameters(call: Caller) -> None:
    file = uploaded(call, b"x", kind="text/plain; charset=utf-8")
    assert file["mime_type"] == "text/plain; charset=utf-8"


def header_of_png(width: int, height: int) -> bytes:
    """Return only the beginning of a PNG."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    check = struct.pack(">I", zlib.crc32(head))
    pixels = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + check + pixels


@pytest.mark.parametrize(("width", "height"), [(20_000, 12_000), (400, 300)])
def test_the_size_of_a_large_picture_is_read_from_its_header(
    live: Caller, sandbox: Sandbox, width: int, height: int
) -> None:
    file = uploaded(live, header_of_png(width, height))
    assert file["mime_type"] == "image/png"
    body = {
        "attachment": file["attachment_url"],
        "geometries": {"box": {"objects_to_annotate": ["a"], "min_width": width}},
    }
    _, task = live("POST", "task/imageannotation", json=body)
    done = sandbox.complete(task["task_id"])
    assert done["response"]["annotations"][0]["width"] == width


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"])
def test_pictures_of_common_formats_are_identified_by_content(
    call: Caller, kind: str
) -> None:
    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (40, 30)).save(content, kind)
    file = uploaded(call, content.getvalue())
    assert file["mime_type"] == f"image/{kind.lower()}"


def test_lidarlinking_uses_the_cuboids_of_its_lidar_task(
    sandbox: Sandbox,
) -> None:
    client = ScaleClient("test_lidar", api_instance_url=sandbox.url)

    def frames(task_type: str, **params: Any) -> Any:
        task = client.create_task(task_type, **params)
        task.refresh()
        url = task.response["annotations"]["url"]
        return task.id, requests.get(url, timeout=10).json()

    scans = ["https://example.com/1.json", "https://example.com/2.json"]
    earlier, scanned = frames("lidarannotation", attachments=scans, labels=["a", "b"])
    _, linked = frames("lidarlinking", lidar_task=earlier)
    assert len(linked) == len(scanned) == 2
    for scan, link in zip(scanned, linked):
        # Each cuboid is in the camera that saw it.
        assert {
            cuboid["uuid"]: (cuboid["label"], cuboid["camera_used"])
            for cuboid in scan["cuboids"]
        } == {
            box["cuboid_uuid"]: (box["label"], camera["camera_used"])
            for camera in link["camera_responses"]
            for box in camera["annotations"]
            if "not_in_lidar" not in box
        }


@pytest.mark.parametrize("task_type", ["lidarlinking", "lidarsegmentation"])
def test_a_task_is_completed_although_its_lidar_task_has_no_cuboids(
    sandbox: Sandbox, task_type: str
) -> None:
    client = ScaleClient("live_lidar", api_instance_url=sandbox.url)
    mask = client.create_task("segmentannotation", attachment="a", labels=["cow"])
    combined = sandbox.complete(mask)["response"]["annotations"]["combined"]
    scans = ["https://example.com/1.json"]
    earlier = client.create_task("lidarannotation", attachments=scans, labels=["a"])
    picture = {"annotations": {"url": combined["image"]}}
    sandbox.complete(earlier, picture)
    task = client.create_task(task_type, lidar_task=earlier.id, labels=["a"])
    assert sandbox.complete(task)["status"] == "completed"
