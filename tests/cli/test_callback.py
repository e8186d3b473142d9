"""``scaleapi callback listen``, in a process."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

import pytest
import requests

from scaleapi import ScaleClient
from scaleapi.profiles import write_profile
from scaleapi.sandbox import Sandbox
from tests.cli.conftest import TIMEOUT_S, Cli, Shell, posix

KEY = "callback-key-of-a-test"
BODY = {
    "task_id": "6b0000000000000000000000",
    "response": {"category": "牛"},
    "task": {
        "task_id": "6b0000000000000000000000",
        "status": "completed",
        "is_test": True,
    },
}


class Listening:
    """A process that listens.

    Attributes:
        process: The process.
        url: Its address.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/", process.stderr.readline())
        assert found is not None
        self.url = found.group()

    def post(self, key: str = KEY) -> int:
        headers = {"scale-callback-auth": key}
        answer = requests.post(self.url, json=BODY, headers=headers, timeout=TIMEOUT_S)
        return answer.status_code

    def line(self) -> str:
        assert self.process.stdout is not None
        return str(self.process.stdout.readline())


@contextmanager
def listening(shell: Shell, *arguments: str, **options: Any) -> Iterator[Listening]:
    write = {"api_key": shell.key, "url": shell.url, "callback_key": KEY}
    with pytest.MonkeyPatch.context() as patch:
        path = str(shell.folder / "credentials")
        patch.setenv("SCALE_CREDENTIALS_FILE", path)
        write_profile("default", **write)
    with shell.start(
        *("callback", "listen", "--port", "0", *arguments),
        env={"SCALE_API_KEY": ""},
        **options,
    ) as process:
        try:
            yield Listening(process)
        finally:
            process.kill()


@posix
def test_each_delivery_is_a_line_and_other_requests_are_refused(
    shell: Shell,
    client: ScaleClient,
    sandbox: Sandbox,
) -> None:
    with listening(shell) as listener:
        assert listener.post("wrong") == 401
        assert [listener.post(), listener.post()] == [200, 200]
        line = json.loads(listener.line())
        assert (line["live"], line["response"]) == (False, BODY["response"])
        assert line["task"] == BODY["task"]
        listener.process.send_signal(signal.SIGINT)
        out, err = listener.process.communicate(timeout=TIMEOUT_S)
        assert (listener.process.returncode, out) == (130, "")
        assert "Error: interrupted: 1 handled\n" in err
        assert KEY not in err


@posix
def test_exec_gets_the_body_and_a_failure_lets_the_callback_come_again(
    shell: Shell,
) -> None:
    script = shell.folder / "handle it.py"
    script.write_text(
        "import json, os, sys\n"
        "body = json.load(sys.stdin)\n"
        "print(body['response']['category'], *sys.argv[1:])\n"
        "sys.exit(0 if os.path.exists('ready') else 3)\n",
        encoding="utf-8",
    )
    command = f"{sys.executable} -X utf8 '{script}' '$HOME;'"
    with listening(shell, "--exec", command) as listener:
        assert listener.post() == 500
        Path(shell.folder / "ready").touch()
        assert listener.post() == 200
        assert json.loads(listener.line())["task"] == BODY["task"]
        listener.process.send_signal(signal.SIGTERM)
        out, err = listener.process.communicate(timeout=TIMEOUT_S)
        assert (listener.process.returncode, out) == (143, "")
        # The output of the command is not data of ours, and no shell has seen it.
        assert err.count("牛 $HOME;\n") == 2
        assert "--exec ended with status 3" in err
        assert "Traceback" not in err


@posix
def test_it_ends_when_nobody_reads_what_it_writes(
    shell: Shell,
) -> None:
    with listening(shell) as listener:
        assert listener.process.stdout is not None
        assert listener.process.stderr is not None
        listener.process.stdout.close()
        # The callback was not handled, so it has to come again.
        assert listener.post() == 500
        assert listener.process.wait(TIMEOUT_S) == 0
        assert listener.process.stderr.read() == ""


@posix
def test_it_ends_although_a_sender_does_not_finish_its_request(shell: Shell) -> None:
    with listening(shell) as listener:
        address = ("127.0.0.1", int(listener.url.split(":")[2].strip("/")))
        with socket.create_connection(address, TIMEOUT_S) as sender:
            sender.sendall(b"POST / HTTP/1.1\r\n")
            assert listener.post() == 200  # so its thread has begun, too
            listener.process.send_signal(signal.SIGINT)
            # A sender may be silent for longer.
            assert listener.process.wait(8) == 130


@posix
def test_callbacks_that_cannot_be_written_come_again(shell: Shell) -> None:
    with open("/dev/full", "w") as full, listening(shell, stdout=full) as listener:
        assert listener.post() == 500
        assert listener.process.wait(TIMEOUT_S) == 1


def test_without_a_callback_key_it_does_not_start(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = cli("callback", "listen", "--port", 0, "--json")
    assert (done.status, done.error()["type"]) == (4, "NoKey")
    assert "set SCALE_CALLBACK_KEY" in done.error()["message"]


def test_a_port_in_use_is_an_error(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALE_CALLBACK_KEY", KEY)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = cli("callback", "listen", "--port", port)
    assert done.status == 1
    assert f"cannot listen on port {port}" in done.err


@posix
@pytest.mark.parametrize("program", ["a 'b", "", "no-such-program x"])
def test_a_program_that_cannot_be_run_is_wrong_usage(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setenv("SCALE_CALLBACK_KEY", KEY)
    assert cli("callback", "listen", "--port", 0, "--exec", program).status == 2
