"""Attachments and results, fetched as from Amazon S3."""

from __future__ import annotations

import hashlib
import http.client
import random
import socket
import tracemalloc
import xml.etree.ElementTree as ElementTree
from typing import Any, Dict, Iterator, List, Optional
from urllib.parse import parse_qsl, urlsplit

import pytest
import urllib3

from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.routes import object_storage
from scaleapi.sandbox.store.files import PIECE_BYTES
from tests.sandbox.calling import Caller

CONTENT = bytes(random.Random(7).randrange(256) for _ in range(5614))
#: Longer than two pieces, and the last one is not full.
LONG = bytes(range(251)) * (2 * PIECE_BYTES // 251 + 100)


@pytest.fixture
def pool() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=30) as pool:
        yield pool


def uploaded(call: Caller, content: bytes) -> str:
    """Return the address by which tasks refer to an uploaded file."""
    status, file = call("POST", "files/upload", files={"file": ("x.bin", content)})
    assert status == 200
    return str(file["attachment_url"])


def signed(call: Caller, attachment: str) -> str:
    """Return the signed address of an attachment, from a new task."""
    body = {"attachment": attachment, "categories": ["a"]}
    _, task = call("POST", "task/categorization", json=body)
    _, task = call("GET", f"task/{task['task_id']}?include_attachment_url=true")
    return str(task["attachmentS3Downloads"][0]["s3URL"])


def result(call: Caller) -> str:
    """Return the address of a part of a response."""
    body = {"attachments": ["https://example.com/1.json"], "labels": ["Car"]}
    _, task = call("POST", "task/lidarannotation", json=body)
    _, task = call("GET", f"task/{task['task_id']}")
    return str(task["response"]["annotations"]["url"])


@pytest.fixture(params=["attachment", "result"])
def address(request: pytest.FixtureRequest, call: Caller) -> str:
    if request.param == "result":
        return result(call)
    return signed(call, uploaded(call, CONTENT))


def error_of(
    answer: urllib3.BaseHTTPResponse, status: int, code: str
) -> Dict[str, Any]:
    """Return the elements of an error after checking its status and code."""
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/xml"
    root = ElementTree.fromstring(answer.data)
    assert root.tag == "Error"
    elements = {child.tag: child.text for child in root}
    assert elements["Code"] == code
    assert elements["Message"] and elements["RequestId"] and elements["HostId"]
    return elements


def test_get_has_the_headers_of_s3(pool: urllib3.PoolManager, address: str) -> None:
    answer = pool.request("GET", address)
    assert answer.status == 200
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["ETag"] == f'"{hashlib.md5(answer.data).hexdigest()}"'
    assert answer.headers["Last-Modified"].endswith(" GMT")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Type"]
    assert not {"transfer-encoding", "content-encoding"} & {
        name.lower() for name in answer.headers
    }


def test_get_is_never_compressed(pool: urllib3.PoolManager, address: str) -> None:
    headers = {"Accept-Encoding": "gzip, br, deflate, zstd"}
    answer = pool.request("GET", address, headers=headers, decode_content=False)
    assert answer.data == pool.request("GET", address).data
    assert "Content-Encoding" not in answer.headers


def test_get_range(pool: urllib3.PoolManager, address: str) -> None:
    whole = pool.request("GET", address).data
    size = len(whole)
    for text, first, last in (
        ("bytes=10-19", 10, 19),
        ("bytes=10-", 10, size - 1),
        ("bytes=-10", size - 10, size - 1),
        (f"bytes=10-{size + 1000}", 10, size - 1),
    ):
        answer = pool.request("GET", address, headers={"Range": text})
        assert answer.status == 206
        assert answer.data == whole[first : last + 1]
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert answer.headers["Content-Length"] == str(last + 1 - first)
        assert answer.headers["ETag"] and answer.headers["Last-Modified"]


@pytest.mark.parametrize("text", ["bytes=1-2,5-6", "bytes=x", "lines=1-2"])
def test_get_range_that_s3_ignores(
    pool: urllib3.PoolManager, address: str, text: str
) -> None:
    answer = pool.request("GET", address, headers={"Range": text})
    assert answer.status == 200
    assert answer.data == pool.request("GET", address).data
    assert "Content-Range" not in answer.headers


def test_get_range_beyond_the_end(pool: urllib3.PoolManager, address: str) -> None:
    size = len(pool.request("GET", address).data)
    asked = f"bytes={size}-"
    answer = pool.request("GET", address, headers={"Range": asked})
    elements = error_of(answer, 416, "InvalidRange")
    assert answer.headers["Content-Range"] == f"bytes */{size}"
    assert elements["RangeRequested"] == asked
    assert elements["ActualObjectSize"] == str(size)


def test_get_conditions(pool: urllib3.PoolManager, address: str) -> None:
    first = pool.request("GET", address)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]

    def status(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return pool.request("GET", address, headers=named).status

    part = "bytes=0-0"
    assert status(If_Range=etag, Range=part) == 206
    assert status(If_Range=modified, Range=part) == 206
    assert status(If_Range='"other"', Range=part) == 200
    assert status(If_Range="Mon, 01 Jan 1990 00:00:00 GMT", Range=part) == 200
    assert status(If_Match=etag) == status(If_Unmodified_Since=modified) == 200
    unchanged = pool.request("GET", address, headers={"If-None-Match": etag})
    assert (unchanged.status, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == etag
    assert status(If_Modified_Since=modified) == 304
    changed = pool.request("GET", address, headers={"If-Match": '"other"'})
    assert error_of(changed, 412, "PreconditionFailed")["Condition"] == "If-Match"
    old = {"If-Unmodified-Since": "Mon, 01 Jan 1990 00:00:00 GMT"}
    error_of(pool.request("GET", address, headers=old), 412, "PreconditionFailed")


def test_an_interrupted_download_can_be_continued_at_a_new_signed_url(
    pool: urllib3.PoolManager, call: Caller, sandbox: Sandbox
) -> None:
    attachment = uploaded(call, LONG)
    first = signed(call, attachment)
    headers = {"Range": f"bytes=0-{PIECE_BYTES + 9}"}
    begun = pool.request("GET", first, headers=headers)
    sandbox.clock.advance(4000)
    try:
        again = signed(call, attachment)
        error_of(pool.request("GET", first), 403, "AccessDenied")
        headers = {
            "Range": f"bytes={PIECE_BYTES + 10}-",
            "If-Range": begun.headers["ETag"],
        }
        rest = pool.request("GET", again, headers=headers)
    finally:
        sandbox.clock.reset()
    assert again != first
    assert rest.status == 206
    assert begun.data + rest.data == LONG


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1])
def test_get_of_every_size(pool: urllib3.PoolManager, call: Caller, size: int) -> None:
    address = signed(call, uploaded(call, LONG[:size]))
    answer = pool.request("GET", address)
    assert answer.data == LONG[:size]
    assert answer.headers["Content-Length"] == str(size)
    if size == 0:
        asked = {"Range": "bytes=0-"}
        error_of(pool.request("GET", address, headers=asked), 416, "InvalidRange")


def test_etag_changes_with_the_content(pool: urllib3.PoolManager, call: Caller) -> None:
    def etag(content: bytes) -> str:
        answer = pool.request("GET", signed(call, uploaded(call, content)))
        return str(answer.headers["ETag"])

    large = b"\0" * (8 << 20)
    assert etag(LONG) == etag(LONG) != etag(LONG + b"x")
    assert "-" not in etag(large)
    # An upload in several parts has no checksum of the whole.
    assert etag(large + b"x").endswith('-2"')


def test_head_of_a_signed_url_is_rejected_without_a_body(
    pool: urllib3.PoolManager, call: Caller
) -> None:
    address = signed(call, uploaded(call, CONTENT))
    answer = pool.request("HEAD", address)
    assert (answer.status, answer.data) == (403, b"")
    assert pool.request("GET", address).status == 200


def test_head_of_a_result_has_the_headers_of_get(
    pool: urllib3.PoolManager, call: Caller
) -> None:
    address = result(call)
    get, head = pool.request("GET", address), pool.request("HEAD", address)
    assert (head.status, head.data) == (200, b"")
    names = ("ETag", "Content-Length", "Last-Modified", "Accept-Ranges", "Content-Type")
    for name in names:
        assert head.headers[name] == get.headers[name]
    # The connection can be reused: nothing is left unread on it.
    assert pool.request("GET", address).data == get.data


def test_an_expired_url_is_rejected(
    pool: urllib3.PoolManager, call: Caller, sandbox: Sandbox
) -> None:
    sandbox.clock.set("2022-03-01T08:05:00Z")
    try:
        address = signed(call, uploaded(call, CONTENT))
        sandbox.clock.set("2022-03-01T09:07:12Z")
        answer = pool.request("GET", address)
    finally:
        sandbox.clock.reset()
    elements = error_of(answer, 403, "AccessDenied")
    assert elements["Message"] == "Request has expired"
    assert elements["Expires"][:17] == "2022-03-01T09:05:"
    assert elements["ServerTime"][:17] == "2022-03-01T09:07:"


def test_an_altered_url_is_rejected(pool: urllib3.PoolManager, call: Caller) -> None:
    address = signed(call, uploaded(call, CONTENT))
    plain, _, query = address.partition("?")
    given = dict(parse_qsl(query))
    later = str(int(given["Expires"]) + 1)
    other = plain.replace("/attachments/", "/attachments/1")
    for altered in (
        address[:-1] + ("0" if address[-1] != "0" else "1"),
        address[:-1] + "é",
        f"{plain}?Expires={later}&Signature={given['Signature']}",
        f"{plain}?Expires={given['Expires']}",
        f"{plain[:-4]}?{query}",
        f"{other}?{query}",
    ):
        answer = pool.request("GET", altered)
        elements = error_of(answer, 403, "SignatureDoesNotMatch")
        assert "signature" in elements["Message"]
    for unsigned in (plain, f"{plain}?x=1", f"{plain}?Signature=x"):
        error_of(pool.request("GET", unsigned), 403, "AccessDenied")
    for date in ("soon", "-1", "1e9", "9" * 5000, "²"):
        odd = f"{plain}?Expires={date}&Signature={given['Signature']}"
        error_of(pool.request("GET", odd), 403, "AccessDenied")


def test_get_with_an_api_key_is_rejected(
    pool: urllib3.PoolManager, call: Caller, address: str
) -> None:
    headers = urllib3.make_headers(basic_auth=f"{call.key}:")
    answer = pool.request("GET", address, headers=headers)
    elements = error_of(answer, 400, "InvalidArgument")
    assert elements["ArgumentName"] == "Authorization"
    assert headers["authorization"].split()[1] not in answer.data.decode()
    assert pool.request("GET", address).status == 200


def test_an_unknown_object_is_not_found(
    pool: urllib3.PoolManager, sandbox: Sandbox, call: Caller, live: Caller
) -> None:
    origin = sandbox.url[: -len("/v1")]
    for path in ("results/none", "results/a%2Fb", "results/", "results/a/b"):
        answer = pool.request("GET", f"{origin}/{path}")
        assert error_of(answer, 404, "NoSuchKey")["Key"] == path
        assert pool.request("HEAD", f"{origin}/{path}").status == 404
    of_another_world = signed(live, uploaded(call, CONTENT))
    error_of(pool.request("GET", of_another_world), 404, "NoSuchKey")


def test_special_characters_in_a_key_are_escaped(sandbox: Sandbox) -> None:
    host, _, port = sandbox.url.split("/")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /results/<&]]> HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with http.client.HTTPResponse(connection) as answer:
            answer.begin()
            root = ElementTree.fromstring(answer.read())
    assert root.findtext("Key") == "results/<&]]>"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_objects_cannot_be_changed(
    pool: urllib3.PoolManager, address: str, method: str
) -> None:
    answer = pool.request(method, address, body=b"x")
    error_of(answer, 405, "MethodNotAllowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}
    assert pool.request("GET", address).status == 200


def test_the_signed_url_of_an_attachment_elsewhere_redirects_to_it(
    pool: urllib3.PoolManager, call: Caller
) -> None:
    elsewhere = "https://example.com/cows/17.jpg?x=1"
    address = signed(call, elsewhere)
    answer = pool.request("GET", address, redirect=False)
    assert answer.status == 302
    assert answer.headers["Location"] == elsewhere
    assert pool.request("HEAD", address, redirect=False).status == 403


def test_a_range_reads_no_more_than_it_needs(
    pool: urllib3.PoolManager, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = signed(call, uploaded(call, LONG))
    read: List[int] = []
    piece_of = object_storage.piece_of

    def counted(database: Any, object_id: str, number: int) -> Optional[bytes]:
        read.append(number)
        return piece_of(database, object_id, number)

    monkeypatch.setattr(object_storage, "piece_of", counted)
    for asked, pieces in (
        ("bytes=10-19", [0]),
        (f"bytes={PIECE_BYTES - 1}-{PIECE_BYTES}", [0, 1]),
        (f"bytes={PIECE_BYTES}-{PIECE_BYTES}", [1]),
        ("bytes=-1", [2]),
        (f"bytes={len(LONG)}-", []),
    ):
        read.clear()
        pool.request("GET", address, headers={"Range": asked})
        assert read == pieces
    pool.request("HEAD", address)
    assert read == []


def test_a_large_file_is_never_in_memory_whole(
    pool: urllib3.PoolManager, call: Caller
) -> None:
    size = 40 << 20
    address = signed(call, uploaded(call, b"\0" * size))
    received = 0
    tracemalloc.start()
    try:
        with pool.request("GET", address, preload_content=False) as answer:
            for chunk in answer.stream(1 << 16):
                received += len(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert received == size
    assert peak < size // 4


def test_reset_breaks_off_downloads(
    pool: urllib3.PoolManager,
) -> None:
    with Sandbox() as sandbox:
        call = Caller(sandbox.url)
        address = signed(call, uploaded(call, b"\0" * (40 << 20)))
        answer = pool.request("GET", address, preload_content=False)
        assert answer.read(10) == b"\0" * 10
        sandbox.reset()
        with pytest.raises(urllib3.exceptions.ProtocolError):
            answer.read()
        assert pool.request("GET", address).status == 404
        call.session.close()


def test_a_result_in_a_database_file_has_the_same_etag_later(
    pool: urllib3.PoolManager, tmp_path: Any
) -> None:
    seen = []
    db = str(tmp_path / "state.db")
    path = ""
    for _ in range(2):
        with Sandbox(db=db) as sandbox:
            if not path:
                call = Caller(sandbox.url)
                path = urlsplit(result(call)).path
                call.session.close()
            answer = pool.request("GET", sandbox.url[: -len("/v1")] + path)
            seen.append((answer.headers["ETag"], answer.headers["Last-Modified"]))
    assert seen[0] == seen[1]
