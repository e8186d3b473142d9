"""Uploads are read while they are sent, and each attempt sends all of them."""

from __future__ import annotations

import contextlib
import gzip
import io
import mmap
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import threading
import zipfile
from pathlib import Path
from typing import Any, List

import pytest

from scaleapi import (
    ScaleClient,
    ScaleException,
    ScaleTypeError,
    ScaleValueError,
)
from tests.faults.keys import BASIC, KEY, full_traceback
from tests.faultserver import Answer, FaultServer, Reset

OK = Answer(200, {"id": "1"})


@pytest.fixture
def client(fault_server: FaultServer, waits: List[float]) -> ScaleClient:
    return ScaleClient("test_x", None, fault_server.url)


class Pipe(io.RawIOBase):
    """A stream that cannot seek, in small pieces."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._content.read(min(size, 1000) if size >= 0 else 1000)


@pytest.mark.parametrize("ends", [[], [Reset()], [Answer(500), Answer(429)]])
def test_each_attempt_sends_a_stream_that_cannot_seek_completely(
    client: ScaleClient, fault_server: FaultServer, ends: List[Any]
) -> None:
    fault_server.play(*ends, OK)
    content = os.urandom(200_000)
    client.upload_file(Pipe(content))  # type: ignore[arg-type]
    assert len(fault_server.received) == len(ends) + 1
    for request in fault_server.received:
        assert content in request.body
        assert request.headers["content-length"] == str(len(request.body))
        assert "transfer-encoding" not in request.headers


def test_a_pipe_of_the_system_can_be_uploaded(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(OK)
    with subprocess.Popen(
        [sys.executable, "-c", "print('x' * 100_000)"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        client.upload_file(process.stdout)
    assert b"x" * 100_000 in fault_server.received[0].body


def test_each_attempt_begins_at_the_initial_position_of_the_file(
    client: ScaleClient, fault_server: FaultServer, tmp_path: Path
) -> None:
    path = tmp_path / "numbers.bin"
    path.write_bytes(bytes(range(256)) * 1000)
    fault_server.play(Reset(), Answer(503), OK)
    with path.open("rb") as file:
        file.seek(100)
        client.upload_file(file)
        client.upload_file(file)  # nothing is left to read
    *first, last = fault_server.received
    assert len(first) == 3
    for request in first:
        assert path.read_bytes()[100:] in request.body
    assert b'filename="numbers.bin"\r\n\r\n\r\n--' in last.body


def test_raw_posts_accept_every_form_of_files_that_requests_accepts(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(OK)
    client.api.post_request(
        "files/upload",
        files=[
            ("a", "text"),
            ("b", (None, "value")),
            ("c", ("n.txt", io.BytesIO(b"abc"), "text/x", {"X-Part": "1"})),
        ],
        data={"k": {"json": [1]}},
    )
    client.api.post_request("x", body={"a": 1}, files={})
    form, plain = fault_server.received
    for part in (
        b'name="k"\r\n\r\n{"json": [1]}\r\n',
        b'name="a"; filename="file"\r\n\r\ntext\r\n',
        b'name="b"\r\n\r\nvalue\r\n',
        b'name="c"; filename="n.txt"\r\nContent-Type: text/x\r\n',
        b"X-Part: 1\r\n",
    ):
        assert part in form.body, form.body
    assert plain.json == {"a": 1}


@pytest.mark.skipif(sys.platform == "win32", reason="names are UTF-16 there")
def test_a_file_whose_name_is_not_utf8_is_sent_with_replacement_characters(
    client: ScaleClient, fault_server: FaultServer, tmp_path: Path
) -> None:
    fault_server.play(OK)
    path = os.fsencode(tmp_path) + b"/caf\xe9.png"
    with open(path, "wb") as file:
        file.write(b"abc")
    with open(path, "rb") as file:
        client.upload_file(file)
    with open(os.fsdecode(path), "rb") as file:
        client.upload_file(file)
    client.upload_file(("caf\udce9.png", b"abc"))
    list(client.upload_files([os.fsdecode(path)]))
    assert len(fault_server.received) == 4
    for request in fault_server.received:
        assert 'filename="caf\ufffd.png"'.encode() in request.body
        assert b"\r\n\r\nabc\r\n" in request.body


def test_the_error_for_a_missing_temporary_directory_names_the_stream_and_tmpdir(
    client: ScaleClient,
    fault_server: FaultServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = str(tmp_path / "gone")
    for variable in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(variable, gone)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: [gone])
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(ScaleException) as caught:
        client.upload_file(("frames.tar", Pipe(b"abc")))  # type: ignore[arg-type]
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert "'frames.tar' cannot seek, and no copy of it can be kept" in str(
        caught.value
    )
    assert "TMPDIR" in str(caught.value)
    assert fault_server.received == []


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_the_error_for_a_full_disk_names_the_stream(
    client: ScaleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    full: List[Any] = []

    def on_a_full_disk() -> Any:
        full.append(open("/dev/full", "wb", buffering=0))  # noqa: SIM115  (the client closes it)
        return full[0]

    monkeypatch.setattr("tempfile.TemporaryFile", on_a_full_disk)
    with pytest.raises(ScaleException, match="No space left") as caught:
        client.upload_file(("frames.tar", Pipe(b"abc")))  # type: ignore[arg-type]
    assert "'frames.tar'" in str(caught.value)
    assert full[0].closed


@pytest.mark.skipif(sys.platform != "linux", reason="/proc and /dev are Linux's")
def test_special_files_are_sent_completely_or_rejected(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Reset(), OK)
    with open("/proc/version", "rb") as file:
        client.upload_file(file)
    content = Path("/proc/version").read_bytes()
    assert content
    assert all(content in request.body for request in fault_server.received)
    with open("/dev/zero", "rb") as file, pytest.raises(ScaleValueError) as caught:
        client.upload_file(file)
    assert "/dev/zero" in str(caught.value)
    assert "may have no end" in str(caught.value)
    assert len(fault_server.received) == 2


def test_the_error_for_an_unreadable_file_names_it(
    client: ScaleClient, fault_server: FaultServer, tmp_path: Path
) -> None:
    path = tmp_path / "frame.png"
    path.write_bytes(b"x" * 100)
    closed = path.open("rb")
    closed.close()
    with path.open("ab") as write_only, path.open("r") as text:
        for file, kind, reason in [
            (closed, ScaleValueError, "it is closed"),
            (write_only, ScaleException, "cannot read"),
            (text, ScaleTypeError, "must be opened in binary mode"),
            (path.open, ScaleTypeError, "must be a binary file object"),
            (None, ScaleTypeError, "must be a binary file object or bytes; got None"),
        ]:
            with pytest.raises(ScaleException, match=reason) as caught:
                client.upload_file(file)  # type: ignore[arg-type]
            assert isinstance(caught.value, kind)
            assert caught.value.attempts == 0
            assert file is None or "frame.png" in caught.value.message
    assert fault_server.received == []


def test_the_error_for_a_file_that_shrinks_while_it_is_sent_names_it(
    client: ScaleClient, fault_server: FaultServer, tmp_path: Path
) -> None:
    path = tmp_path / "frame.png"
    path.write_bytes(b"x" * (1 << 20))

    def shrink(_: Any) -> Any:
        os.truncate(path, 10)
        return Reset()

    fault_server.play(shrink)
    with path.open("rb") as file, pytest.raises(ScaleValueError) as caught:
        client.upload_file(file)
    assert "frame.png" in caught.value.message
    assert "bytes shorter while it was sent" in caught.value.message


class Streaming(io.BytesIO):
    """A stream over HTTP as in fsspec: ``seek`` raises ValueError."""

    def seek(self, *_: Any) -> int:
        raise ValueError("Cannot seek streaming HTTP file")


class TornPipe(Pipe):
    def read(self, size: int = -1) -> bytes:
        if size:
            raise OSError("torn")
        return b""


class Broken(io.BytesIO):
    """A stream whose repr fails as well."""

    def __repr__(self) -> str:
        raise RuntimeError

    def read(self, *_: Any) -> bytes:
        raise EOFError


class Later:
    """A file of an asynchronous package: its methods return awaitables."""

    def read(self, *_: Any) -> Any:
        return iter(())

    tell = seek = read


def test_all_file_classes_of_the_standard_library_are_sent_completely(
    client: ScaleClient, fault_server: FaultServer, tmp_path: Path
) -> None:
    content = b"frame" * 100_000
    (tmp_path / "a.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.bin", content)
    (tmp_path / "a.bin").write_bytes(content)
    fault_server.play(OK)
    with contextlib.ExitStack() as stack:
        rolled = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=10))
        kept = stack.enter_context(tempfile.SpooledTemporaryFile())
        named = stack.enter_context(tempfile.NamedTemporaryFile())
        for file in (rolled, kept, named):
            file.write(content)
            file.seek(0)
        archive = stack.enter_context(zipfile.ZipFile(tmp_path / "a.zip"))
        raw = stack.enter_context(open(tmp_path / "a.bin", "rb", buffering=0))
        files: List[Any] = [
            rolled,
            kept,
            named,
            raw,
            stack.enter_context(gzip.open(tmp_path / "a.gz")),
            stack.enter_context(archive.open("a.bin")),
            stack.enter_context(mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ)),
            bytearray(content),
            memoryview(content),
        ]
        for file in files:
            client.upload_file(file)
    assert len(fault_server.received) == len(files)
    for request in fault_server.received:
        assert b"\r\n\r\n" + content + b"\r\n--" in request.body


def test_streams_of_other_packages_are_sent_or_named_in_an_error(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(OK)
    client.upload_file(("a.bin", Streaming(b"abc")))
    assert b"\r\n\r\nabc\r\n" in fault_server.received[0].body
    later: Any = Later()
    with pytest.raises(ScaleTypeError, match="Later .* gave .*iterator, not bytes"):
        client.upload_file(later)
    with pytest.raises(ScaleException, match="cannot read a Broken: EOFError"):
        client.upload_file(Broken(b"abc"))
    with pytest.raises(ScaleException, match="cannot read 'n': EOFError"):
        client.upload_file(("n", Broken(b"abc")))


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ({"files": 5}, ScaleTypeError, "files must be a dict, or a list of pairs"),
        ({"files": ["a"]}, ScaleTypeError, "files must be a dict"),
        ({"data": "a=b"}, ScaleTypeError, "data must be a dict"),
        ({"data": {1: "a"}}, ScaleTypeError, "a name in data must be a str; got 1"),
        ({"data": {"k": "a\udce9"}}, ScaleValueError, "k cannot be sent"),
        ({"data": {"a\udce9": "k"}}, ScaleValueError, "a name in data cannot be sent"),
        ({"data": {"k": {"n": 1j}}}, ScaleTypeError, "k.n: complex 1j"),
        ({"files": {"f": (5, b"")}}, ScaleTypeError, "the name of a file must be a"),
        ({"files": {"f": "\udce9"}}, ScaleValueError, "the content of a file cannot"),
        ({"files": {"f": ("n", b"", 7)}}, ScaleTypeError, "a header of a file must"),
        ({"files": {"f": ("n", b"", "a/b", [1])}}, ScaleTypeError, "must be a dict"),
        ({"files": {"f": ("n", b"", "a\nb")}}, ScaleValueError, "part of a header"),
        ({"files": {"f": ("n", b"", "\udce9")}}, ScaleValueError, "header of a file"),
    ],
    ids=range(13),
)
def test_the_error_for_an_invalid_form_says_why(
    client: ScaleClient,
    fault_server: FaultServer,
    arguments: Any,
    kind: type,
    text: str,
) -> None:
    with pytest.raises(ScaleException) as caught:
        client.api.post_request("files/upload", **{"files": {"f": b""}, **arguments})
    assert isinstance(caught.value, kind)
    assert text in caught.value.message
    assert fault_server.received == []


def test_an_invalid_form_leaves_no_temporary_file(
    client: ScaleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: List[Any] = []
    make = tempfile.TemporaryFile
    monkeypatch.setattr(
        tempfile, "TemporaryFile", lambda: copies.append(make()) or copies[-1]
    )
    with pytest.raises(ScaleTypeError):
        files = [("a", Pipe(b"abc")), ("b", 5)]
        client.api.post_request("files/upload", files=files)
    torn: Any = TornPipe(b"abc")
    with pytest.raises(ScaleException, match="torn"):
        client.upload_file(torn)
    assert len(copies) == 2
    assert all(copy.closed for copy in copies)


def test_fields_may_be_pairs_as_requests_takes_them(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(OK)
    fields: Any = [("tag", "a"), ("tag", "b"), ("none", None)]
    client.api.post_request("files/upload", files=[("f", b"x")], data=fields)
    body = fault_server.received[0].body
    assert body.index(b'name="tag"\r\n\r\na\r\n') < body.index(b"\r\n\r\nb\r\n")
    assert b"none" not in body


GIBIBYTE = """
    import re, sys
    from scaleapi import ScaleClient, ScaleException, ScaleTypeError, ScaleValueError

    def peak():
        with open("/proc/self/status") as status:
            return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read()).group(1))

    client = ScaleClient("test_x", None, sys.argv[1])
    client.upload_file(b"warm")
    before = peak()
    with open(sys.argv[2], "rb") as file:
        client.upload_file(file)
    print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_upload_of_a_gibibyte_needs_little_memory(tmp_path: Path) -> None:
    import socketserver
    import threading

    class Swallow(socketserver.StreamRequestHandler):
        """Answers an upload of any size without keeping it."""

        def handle(self) -> None:
            while True:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = self.rfile.readline()
                    if not line:
                        return
                    head += line
                match = re.search(rb"content-length: (\d+)", head.lower())
                left = int(match.group(1)) if match else 0
                while left:
                    left -= len(self.rfile.read(min(left, 1 << 20)))
                self.wfile.write(
                    b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"id": "1"}'
                )

    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(1 << 30)  # a sparse file: takes no space on the disk
    script = tmp_path / "upload.py"
    script.write_text(textwrap.dedent(GIBIBYTE))
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Swallow) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        root = Path(__file__).parents[2]
        done = subprocess.run(
            [sys.executable, str(script), url, str(path)],
            env={**os.environ, "PYTHONPATH": str(root)},
            stdout=subprocess.PIPE,
            timeout=120,
            check=True,
        )
        server.shutdown()
        thread.join()
    assert int(done.stdout) < 32 * 1024


def test_a_file_that_another_thread_is_uploading_is_rejected(
    client: ScaleClient, fault_server: FaultServer, tmp_path: Path
) -> None:
    """Each upload would read a part of it. Afterwards it can be uploaded again."""
    path = tmp_path / "cow.png"
    path.write_bytes(b"moo")
    asked, go = threading.Event(), threading.Event()

    def later(_: Any) -> Answer:
        asked.set()
        go.wait(10)
        return OK

    fault_server.play(later, OK)
    with path.open("rb") as file:
        thread = threading.Thread(target=client.upload_file, args=(file,))
        thread.start()
        assert asked.wait(10)
        refused = [
            lambda: client.upload_file(file),
            lambda: client.upload_file(("other.png", file)),
            lambda: client.api.post_request("files/upload", files={"file": file}),
        ]
        for call in refused:
            with pytest.raises(ScaleValueError, match="cow.png.*another upload"):
                call()
        with path.open("rb") as other:
            client.upload_file(other)  # has a position of its own
        go.set()
        thread.join()
        file.seek(0)
        client.upload_file(file)
    assert [request.body.count(b"moo") for request in fault_server.received] == [1] * 3


def test_a_file_can_be_uploaded_after_it_was_rejected_or_failed(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(400, {}), OK)
    file = io.BytesIO(b"moo")
    with pytest.raises(ScaleException):
        client.upload_file(file)
    file.seek(0)
    with pytest.raises(ScaleTypeError):
        client.api.post_request("files/upload", files=[("a", file), ("b", 7)])
    client.api.post_request("files/upload", files=[("a", file), ("b", file)])
    assert fault_server.received[-1].body.count(b"moo") == 2


def test_uploading_a_file_that_is_at_its_end_is_logged(
    client: ScaleClient, fault_server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    fault_server.play(OK)
    file = io.BytesIO()
    client.upload_file(file)  # which is really empty
    assert caplog.text == ""
    file.write(b"moo")
    client.upload_file(file)
    assert "nothing is left to upload of <_io.BytesIO" in caplog.text
    assert "seek(0)" in caplog.text


class Failing:
    """A file that fails while it is sent."""

    name = "broken.bin"

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.reads = 0

    def tell(self) -> int:
        return 0

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        self.reads += 1
        if self.reads > 1:
            raise self.error
        return b"x" * 10


@pytest.mark.parametrize(
    "error",
    [OSError(5, "Input/output error"), RuntimeError("no"), ValueError("closed")],
)
def test_an_error_of_a_file_is_not_an_error_of_the_network(
    fault_server: FaultServer, waits: List[float], error: Exception
) -> None:
    class Long(Failing):
        def tell(self) -> int:
            return 100 if self.reads == 0 and self.ended else 0

        ended = False

        def seek(self, offset: int, whence: int = 0) -> int:
            self.ended = whence == os.SEEK_END
            return 0

    client = ScaleClient(KEY, None, fault_server.url)
    with pytest.raises(ScaleException, match="cannot read") as caught:
        client.upload_file(Long(error))  # type: ignore[arg-type]
    assert caught.value.__cause__ is error
    assert waits == []
    text = full_traceback(caught.value)
    assert KEY not in text
    assert BASIC not in text


def test_memory_maps_and_minimal_readers_can_be_uploaded(
    fault_server: FaultServer, tmp_path: Any
) -> None:
    import mmap

    path = tmp_path / "a.bin"
    path.write_bytes(b"mapped")
    fault_server.play(Answer(200, {"id": "1"}))
    client = ScaleClient(KEY, None, fault_server.url)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=1) as mapped:
        client.upload_file(mapped)  # type: ignore[arg-type]

    class All:
        content = b"all at once"

        def read(self) -> bytes:
            content, self.content = self.content, b""
            return content

    client.upload_file(All())  # type: ignore[arg-type]
    assert b"mapped" in fault_server.received[0].body
    assert b"all at once" in fault_server.received[1].body


def test_a_line_break_in_a_content_type_is_rejected(fault_server: FaultServer) -> None:
    client = ScaleClient(KEY, None, fault_server.url)
    with pytest.raises(ValueError, match="header"):
        client.upload_file(("n", b"x", "text/plain\r\nX-Evil: 1"))
    assert fault_server.received == []


def test_an_upload_that_the_server_rejects_early_raises_a_scale_exception(
    fault_server: FaultServer, waits: List[float]
) -> None:
    fault_server.play(Answer(413, {"error": "too large"}, close=True))
    # The server closes without reading the body, so its answer may be lost.
    fault_server.answer_early = True
    client = ScaleClient(KEY, None, fault_server.url)
    with pytest.raises(ScaleException, match="too large|no answer") as caught:
        client.upload_file(b"x" * (8 << 20))
    assert caught.value.code in (413, None)
