from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from scaleapi import (
    File,
    ScaleClient,
    ScaleDuplicateResource,
    ScaleException,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
)
from tests.faultserver import Answer, FaultServer

PICTURE = Path(__file__).parents[2] / "examples" / "data" / "street.png"
FILE = {"id": "1", "attachment_url": "scaledata://a/1"}


def test_upload_file_returns_an_attachment_url(client: ScaleClient) -> None:
    client.create_project("p", "imageannotation")
    with PICTURE.open("rb") as picture:
        file = client.upload_file(
            picture,
            project_name="p",
            reference_id="r",
            display_name=None,
            metadata={"k": "é"},
        )
    document = file.as_dict()
    assert file.attachment_url.startswith("scaledata://")
    assert file.attachment_url.endswith(file.id)
    assert document["mime_type"] == "image/png"
    assert document["size"] == PICTURE.stat().st_size
    assert document["project_names"] == ["p"]
    assert document["metadata"] == {"k": "é"}
    assert "display_name" not in document
    with pytest.raises(ScaleDuplicateResource, match='"r" already exists'):
        client.upload_file(b"x", reference_id="r", project_name="p")
    with pytest.raises(ScaleResourceNotFound, match='Project "none" not found'):
        client.upload_file(b"x", project_name="none")


def test_import_file_returns_an_attachment_url(client: ScaleClient) -> None:
    file = client.import_file("https://example.com/a.jpg", reference_id="r")
    assert file.attachment_url.startswith("scaledata://")
    assert file.as_dict()["mime_type"] == "image/jpeg"
    with pytest.raises(ScaleDuplicateResource):
        client.import_file("https://example.com/b.jpg", reference_id="r")
    with pytest.raises(ScaleInvalidRequest, match='"file_url" is required'):
        client.import_file("")


@pytest.mark.parametrize("size", [0, 1, 3 << 20])
def test_what_is_uploaded_is_counted_to_the_byte(
    client: ScaleClient, size: int
) -> None:
    assert client.upload_file(io.BytesIO(b"x" * size)).as_dict()["size"] == size


class Named(io.BytesIO):
    def __init__(self, name: Any) -> None:
        super().__init__(b"abc")
        self.name = name


@pytest.mark.parametrize(
    ("file", "name", "content_type"),
    [
        (b"abc", "file", None),
        (io.BytesIO(b"abc"), "file", None),
        (Named("/tmp/é.png"), "é.png", None),
        (Named("<stdin>"), "file", None),
        (Named(3), "file", None),
        (("n.png", b"abc"), "n.png", None),
        (("n", io.BytesIO(b"abc"), "image/png"), "n", "image/png"),
        (("n.txt", "abc"), "n.txt", None),
        (Named(b"/tmp/n.png"), "n.png", None),
        (Named("/tmp/"), "file", None),
    ],
    ids=range(10),
)
def test_the_form_has_the_fields_first_and_the_file_last(
    fault_server: FaultServer, file: Any, name: str, content_type: Any
) -> None:
    fault_server.play(Answer(200, FILE))
    client = ScaleClient("test_x", api_instance_url=fault_server.url)
    client.upload_file(
        file, project_name="p", display_name=None, many=["1", "2"], yes=True
    )
    (request,) = fault_server.received
    assert request.method == "POST"
    kind, _, boundary = request.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    assert request.headers["content-length"] == str(len(request.body))
    parts = request.body.split(f"--{boundary}".encode())
    assert parts[0] == b""
    assert parts[-1].strip() == b"--"

    def field(field_name: str, value: str) -> bytes:
        return (
            f'\r\nContent-Disposition: form-data; name="{field_name}"\r\n\r\n'
            f"{value}\r\n"
        ).encode()

    type_line = f"Content-Type: {content_type}\r\n" if content_type else ""
    assert parts[1:-1] == [
        field("project_name", "p"),
        field("many", "1"),
        field("many", "2"),
        field("yes", "True"),
        (
            f'\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"{type_line}\r\nabc\r\n"
        ).encode(),
    ]


def test_a_file_is_sent_whole_again_from_where_it_stood(
    fault_server: FaultServer, waits: "list[float]"
) -> None:
    fault_server.play(Answer(503), Answer(500), Answer(200, FILE))
    client = ScaleClient("test_x", api_instance_url=fault_server.url)
    file = io.BytesIO(b"0123456789")
    file.seek(4)
    assert client.upload_file(file) == File(FILE, client)
    assert len(waits) == 2
    assert all(b"\r\n\r\n456789\r\n" in r.body for r in fault_server.received)


@pytest.mark.parametrize("file", ["a.png", Path("a.png"), None, io.StringIO("text")])
def test_upload_file_rejects_what_is_not_a_binary_file(
    client: ScaleClient, file: Any
) -> None:
    with pytest.raises(TypeError, match=r'open\(.*, "rb"\)') as caught:
        client.upload_file(file)
    assert isinstance(caught.value, ScaleException)


def test_upload_file_rejects_a_closed_file(client: ScaleClient) -> None:
    file = io.BytesIO(b"x")
    file.close()
    with pytest.raises(ValueError, match="closed") as caught:
        client.upload_file(file)
    assert isinstance(caught.value, ScaleException)


def test_upload_file_takes_metadata_as_a_json_string(client: ScaleClient) -> None:
    file = client.upload_file(b"x", metadata=json.dumps({"a": 1}))
    assert file.as_dict()["metadata"] == {"a": 1}
    with pytest.raises(ScaleInvalidRequest, match="8192"):
        client.upload_file(b"x", metadata={"a": "x" * 8192})
