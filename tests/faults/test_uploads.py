"""Uploads are read while they are sent, and sent whole again."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, List

import pytest

from scaleapi import ScaleClient
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
def test_a_stream_that_cannot_seek_is_sent_whole_each_time(
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


def test_each_attempt_begins_where_the_file_stood(
    client: ScaleClient, fault_server: FaultServer, tmp_path: Path
) -> None:
    path = tmp_path / "numbers.bin"
    path.write_bytes(bytes(range(256)) * 1000)
    fault_server.play(Reset(), Answer(503), OK)
    with path.open("rb") as file:
        file.seek(100)
        client.upload_file(file)
        client.upload_file(file)  # nothing is left
    *first, last = fault_server.received
    assert len(first) == 3
    for request in first:
        assert path.read_bytes()[100:] in request.body
    assert b'filename="numbers.bin"\r\n\r\n\r\n--' in last.body


def test_raw_posts_take_all_that_requests_takes(
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


GIBIBYTE = """
    import re, sys
    from scaleapi import ScaleClient

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
def test_a_gibibyte_costs_little_memory(tmp_path: Path) -> None:
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
        file.truncate(1 << 30)  # a hole: takes no room on the disk
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
