"""The sandbox as a command."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

from scaleapi import ScaleClient, ScaleException
from scaleapi.sandbox import Sandbox

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@contextmanager
def start(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    # The output is read at the end, so a test of many requests needs --quiet.
    with subprocess.Popen(
        [sys.executable, "-m", "scaleapi.sandbox", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # A process that does not stop must not block the tests.


def read_until_ready(process: "subprocess.Popen[str]") -> List[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            return lines
    raise AssertionError(f"it ended: {lines}")


@posix
@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_its_url_serves_and_stops_cleanly(
    signal_number: signal.Signals,
) -> None:
    with start("--port", "0") as process:
        text = "".join(read_until_ready(process))
        url = re.search(r"http://\S+/v1", text)
        assert url is not None
        assert f"page     {url.group()[:-2]}\n" in text
        assert (
            f"export SCALE_API_URL={url.group()} SCALE_API_KEY=test_sandbox\n" in text
        )
        # The two lines that make a client are ready to be pasted.
        lines = re.search(r"  (from scaleapi .*)\n  (client = .*)\n", text)
        assert lines is not None
        pasted: Dict[str, Any] = {}
        exec("\n".join(lines.groups()), pasted)
        assert pasted["client"].projects() == []
        process.send_signal(signal_number)
        assert process.wait(timeout=30) == 0
        assert process.stderr is not None
        (line,) = process.stderr.read().splitlines()
        assert re.fullmatch(r"\S+  GET /v1/projects -> 200 \(\d+ ms\)", line)


_SIGNAL_AT_A_BAD_TIME = """
import signal, sys, threading, traceback
from scaleapi.sandbox.__main__ import main

def send():
    # To this thread, so that the main one is not woken out of its wait.
    where = []
    while where != ["wait", "wait", "main"]:
        frame = sys._current_frames()[threading.main_thread().ident]
        where = [place[0].f_code.co_name for place in traceback.walk_stack(frame)][:3]
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

threading.Thread(target=send, daemon=True).start()
sys.exit(main(["--port", "0"]))
"""


@posix
def test_a_signal_between_two_waits_stops_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SIGNAL_AT_A_BAD_TIME],
        stdout=subprocess.PIPE,
        timeout=30,
    )
    assert done.returncode == 0
    assert b"Ctrl-C stops it." in done.stdout


@posix
def test_acknowledged_requests_survive_a_kill(tmp_path: Path) -> None:
    db = str(tmp_path / "state.db")
    with start("--port", "0", "--db", db) as process:
        url = re.search(r"http://\S+/v1", "".join(read_until_ready(process)))
        assert url is not None
        client = ScaleClient("test_k", api_instance_url=url.group())
        for i in range(20):
            client.create_project(f"p{i}", "chat")
        process.kill()
    with Sandbox(db=db) as sandbox:
        client = ScaleClient("test_k", api_instance_url=sandbox.url)
        assert len(client.projects()) == 20


def test_the_command_reports_a_port_in_use(sandbox: Sandbox) -> None:
    port = sandbox.url.split(":")[2].split("/")[0]
    with start("--port", port) as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.startswith(f"cannot listen on 127.0.0.1, port {port}: ")
    assert "Traceback" not in errors


def test_the_command_reports_a_file_that_is_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100)
    with start("--port", "0", "--db", str(path)) as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.startswith(f"cannot keep the sandbox's state in {path}: ")


def test_the_command_warns_if_other_machines_can_connect() -> None:
    with start("--port", "0", "--host", "0.0.0.0", "--quiet") as process:
        read_until_ready(process)
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert errors.startswith("Warning: with --host 0.0.0.0 other machines may reach")
    assert len(errors.splitlines()) == 1


@posix
def test_the_line_of_each_request_shows_the_error_and_not_the_key() -> None:
    with start("--port", "0") as process:
        url = re.search(r"http://\S+/v1", "".join(read_until_ready(process)))
        assert url is not None
        client = ScaleClient("test_secret_key_x", api_instance_url=url.group())
        with pytest.raises(ScaleException):
            client.tasks(limit=0)
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert "GET /v1/tasks?limit=0" in errors and "-> 400" in errors
    assert "secret" not in errors
