"""``python -m scaleapi.sandbox run``: scripts that know of no sandbox, in processes."""

from __future__ import annotations

import ast
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaleapi import ScaleClient, ScaleResourceNotFound
from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.run import command
from scaleapi.sandbox.run.calls import Calls
from scaleapi.sandbox.run.sample import fill
from scaleapi.sandbox.run.world import RunSandbox
from tests.faultserver import Answer, FaultServer

SCRIPTS = Path(__file__).parent / "run_scripts"
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Everything temporary goes where the test can see whether it is left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """The command sets a level, with which other tests would see lines of the log."""
    logger = logging.getLogger("scaleapi.sandbox")
    level = logger.level
    yield
    logger.setLevel(level)


@pytest.fixture
def script(tmp_path: Path) -> Any:
    """Writes a script, and returns the command that runs it."""

    def write(text: str, name: str = "script.py") -> List[str]:
        path = tmp_path / name
        path.write_text(text)
        return [sys.executable, str(path)]

    return write


def test_every_library_reaches_the_sandbox_and_the_report_says_what_it_did(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    fault_server: FaultServer,
) -> None:
    fault_server.play(Answer(200, {}))
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import os; os.environ['HIDDEN'] = 'ran'")
    (tmp_path / "seed.py").write_text(
        "import helper\ndef seed(client, sandbox):\n"
        "    client.create_project(helper.NAME, 'categorization')\n"
    )
    (tmp_path / "helper.py").write_text("NAME = 'cows'\n")
    monkeypatch.setenv("PYTHONPATH", str(hidden))
    # A proxy would be sent the key, even if nobody can reach the address.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "localhost")
    report = tmp_path / "report.json"
    other = fault_server.url.replace("127.0.0.1", "localhost")
    status = command.main(
        ["--report", str(report), "--key-variable", "OTHER_KEY"]
        + ["--seed", str(tmp_path / "seed.py"), "--"]
        + [sys.executable, str(SCRIPTS / "every_library.py"), other]
    )
    out, err = capfd.readouterr()
    assert status == 7, err
    found = json.loads(out)
    key, same, url = found.pop("variables")
    assert (key, same) == ("test_sandbox", "test_sandbox")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
    assert "so they are refused" in found.pop("another library")
    assert found.pop("is_test") == [True] * 4
    assert (found.pop("missing"), found.pop("v2")) == (404, 404)
    assert found.pop("hidden sitecustomize") == "ran"
    assert len(found) == 11
    assert {name: ["cows"] for name in found} == found
    saved = json.loads(report.read_text())
    assert saved == {
        "exit_status": 7,
        "calls": {
            "GET /v1/projects": 11,
            "POST /v1/task/{type}": 4,
            "GET /v1/projects/{name}": 1,
            "GET /v2/tasks": 1,
        },
        "refused": [
            {
                "status": 404,
                "call": "GET /v1/projects/{name}",
                "text": 'Project "none" not found',
                "times": 1,
            },
            {
                "status": 404,
                "call": "GET /v2/tasks",
                "text": 'Project "none" not found',
                "times": 1,
            },
        ],
        "would_have_cost_money": {"POST /v1/task/categorization": 1},
        "other_hosts": ["localhost"],
        "python_processes": 2,
        "refused_libraries": True,
    }
    before, _, after = err.partition("The command has ended with status 7.")
    assert f"https://api.scale.com is {url} here" in before
    assert "can reach the live API" in before
    for line in (
        "17 calls of the API:",
        "     11  GET /v1/projects",
        '      1  404 GET /v2/tasks: Project "none" not found',
        "1 task created under a live key, which would have cost money:",
        "      1  POST /v1/task/categorization",
        "  localhost",
        (
            "A library that cannot be redirected was kept from the live API; its error "
            "says more."
        ),
        "2 Python processes were redirected.",
    ):
        assert f"[sandbox] {line}\n" in after
    assert "secret" not in err and "Warning" not in err


def test_a_live_key_has_tasks_pend_and_a_file_keeps_them_for_the_next_script(
    tmp_path: Path, script: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    options = ["--live-key", "--quiet", "--db", str(tmp_path / "state.db")]
    words = script(
        """
import sys
from scaleapi import ScaleClient
client = ScaleClient()
print(repr(client), client.api.api_key)
if sys.argv[1] == "1":
    client.create_project("cows", "categorization")
    task = client.create_task("categorization", project="cows", unique_id="a",
        attachment="https://example.com/1.jpg", categories=["cow"])
print([task.status for task in client.get_tasks("cows")])
"""
    )
    assert command.main([*options, "--", *words, "1"]) == 0
    assert command.main([*options, "--", *words, "2"]) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert lines[1] == lines[3] == "['pending']"
    assert re.fullmatch(r"ScaleClient\('http://127.0.0.1:\d+/v1'\) live_s.*", lines[0])
    # Without a report, what a person must know is still said.
    assert len(err.splitlines()) == 4 and "calls of the API" not in err


def test_a_program_that_was_not_held_back_is_warned_of(
    capfd: pytest.CaptureFixture[str],
) -> None:
    words = [sys.executable, "-I", "-c", "import os; os.kill(os.getpid(), 9)"]
    expected = 137 if sys.platform != "win32" else 9
    assert command.main(["--quiet", "--", *words]) == expected
    err = capfd.readouterr().err
    assert "Warning: no Python process of the command was redirected" in err
    assert "calls may have gone to the live API" in err


def test_ipv6_works_and_what_is_not_known_is_not_said(
    script: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    words = script(
        "import http.client\n"
        "own = http.client.HTTPSConnection('api.scale.com', timeout=30)\n"
        "own.request('GET', '/v1/tasks')\n"
        "print(own.getresponse().status)\n"
    )
    assert command.main(["--host", "::1", "--", *words]) == 0
    out, err = capfd.readouterr()
    assert out == "401\n" and "1  401 GET /v1/tasks: Unauthorized" in err
    assert "None of these calls would have cost money" in err
    assert command.main(["--", sys.executable, "-I", "-c", "pass"]) == 0
    assert "money" not in capfd.readouterr().err


def test_a_call_is_counted_before_its_answer_is_sent() -> None:
    calls = Calls()
    counted = []

    class Watching(RunSandbox):
        def _served(self, app: ASGIApp) -> ASGIApp:
            served = super()._served(app)

            async def watching(scope: Scope, receive: Receive, send: Send) -> None:
                async def watching_send(message: Message) -> None:
                    if message["type"] == "http.response.body":
                        counted.append(sum(calls.answered.values()))
                    await send(message)

                await served(scope, receive, watching_send)

            return watching

    with Watching(False, [], calls) as sandbox, sandbox.client() as client:
        client.projects()
        with pytest.raises(ScaleResourceNotFound):
            client.get_task("none")
        client.projects()
    # Otherwise a report could have calls of --seed, or lack the last one of a command.
    assert counted == [1, 2, 3]
    assert sum(calls.answered.values()) == 3


_ASKS = """
import http.client, sys
own = http.client.HTTPSConnection("api.scale.com", timeout=30)
own.request("GET", "/v1/projects", headers={"Authorization": "Basic bGl2ZV94Og=="})
print(own.getresponse().status, *(open(name).read() for name in sys.argv[1:]))
"""


@posix
def test_a_run_within_a_run_and_files_that_the_shell_has_opened_work(
    script: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = [sys.executable, "-m", "scaleapi.sandbox", "run", "--"]
    given = tmp_path / "given"
    given.write_text("given")
    with given.open() as file:
        os.set_inheritable(file.fileno(), True)  # as with <(...) in a shell
        words = [*run[1:], *script(_ASKS), f"/dev/fd/{file.fileno()}"]
        assert command.main(["--", sys.executable, *words]) == 0
    out, err = capfd.readouterr()
    assert out == "200 given\n"
    inner, outer = re.findall(r"(\d+) calls? of the API", err)
    assert (inner, outer) == ("1", "0")


@posix
def test_what_a_killed_run_leaves_is_removed_by_the_next(
    script: Any, temporary: Path
) -> None:
    with start("--", *script("print('ready', flush=True); input()")) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.kill()
    assert list(temporary.iterdir()) != []
    with Sandbox() as sandbox:
        (own,) = temporary.iterdir()
        assert sandbox.url and (own / "sandbox.db").exists()


def test_numbers_of_calls_have_a_bound_and_a_lost_answer_counts() -> None:
    calls = Calls()
    calls.add("POST", "/v1/task/categorization", None, b"", True)
    calls.add("POST", "/v1/task/categorization", 400, b"[1]" + b"x" * 5000, True)
    for number in range(2000):
        calls.add("GET", f"/v1/{number}/secret", 404, b"%d" % number, True)
    found = calls.as_dict()
    assert len(found["calls"]) == 1001 and found["calls"]["other calls"] == 1001
    assert found["would_have_cost_money"] == {}
    assert len(found["refused"]) == 1001
    lost = {"status": None, "call": "POST /v1/task/{type}", "text": "no answer"}
    assert {**lost, "times": 1} in found["refused"]
    assert max(len(one["text"]) for one in found["refused"]) == 500
    assert "secret" not in str(found)


@pytest.mark.parametrize("redirect", ["", "print 'for another Python'"])
def test_without_the_redirect_nothing_runs(tmp_path: Path, redirect: str) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    start = Path(command.__file__).parent / "redirect" / "sitecustomize.py"
    shutil.copy(str(start), str(folder))
    (folder / "_scaleapi_redirect.py").write_text(redirect)
    done = subprocess.run(
        [sys.executable, "-c", "print('it ran')"],
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert (done.returncode, done.stdout) == (125, "")
    assert "cannot be sent to the sandbox, so it does not run" in done.stderr


def test_pythons_too_old_for_the_redirect_can_read_what_stops_them() -> None:
    path = Path(command.__file__).parent / "redirect" / "sitecustomize.py"
    newer = (ast.AnnAssign, ast.AsyncFunctionDef, ast.JoinedStr, ast.arg)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        assert not isinstance(node, newer), ast.dump(node)
        if isinstance(node, ast.ImportFrom):
            assert node.module != "__future__"


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["--", "no-such-program-x"], 127, "there is no program no-such-program-x"),
        (["--", "{}"], 126, "cannot be executed: Permission denied; write python {}"),
        (["--seed", "{}", "--", "true"], 125, "has no function seed(client, sandbox)"),
        (
            ["--seed", "none.py", "--", "true"],
            125,
            "none.py has failed; the command wa",
        ),
        (["--db", "/", "--", "true"], 125, "cannot keep the sandbox's state in /"),
        (["--host", "192.0.2.1", "--", "true"], 125, "cannot listen on 192.0.2.1"),
        (["--report", "none/r", "--", "true"], 125, "none for the report; the command"),
    ],
)
def test_what_cannot_be_started_is_said_in_words(
    script: Any, words: List[str], status: int, text: str, capfd: Any
) -> None:
    path = script("x = 1")[1]
    assert command.main([word.format(path) for word in words]) == status
    assert text.format(path) in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "write -- before the command: python -m scaleapi.sandbox run -- python s"),
        (["--keep"], "write -- before the command"),
        (
            ["python", "x.py"],
            "before the command: python -m scaleapi.sandbox run -- py",
        ),
        (["--nothing", "--", "x"], "there is no option --nothing"),
        (["--live", "--", "x"], "there is no option --live;"),
        (["--trailing-nuls", "-1", "--", "x"], "trailing_nuls"),
    ],
)
def test_a_wrong_option_is_said_in_words(
    words: List[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(words)
    assert caught.value.code == 2
    assert text in capsys.readouterr().err


@contextmanager
def start(*words: str, **options: Any) -> Iterator["subprocess.Popen[str]"]:
    """Run a command in a session of its own, so that it has no terminal."""
    with subprocess.Popen(
        [sys.executable, "-m", "scaleapi.sandbox", "run", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


_COUNTS_SIGNALS = """
import signal, sys
count = 0
def arrived(number, frame):
    global count
    count += 1
for number in (signal.SIGINT, signal.SIGUSR1, signal.SIGTERM):
    signal.signal(number, arrived)
print("ready", flush=True)
while count < int(sys.argv[1]):
    signal.sigtimedwait([], 0.05)
signal.sigtimedwait([], 0.2)  # one more must not come
print("got", count, flush=True)
sys.exit(3)
"""


@posix
def test_signals_reach_the_command_and_nothing_is_left_behind(script: Any) -> None:
    with start("--keep", "--", *script(_COUNTS_SIGNALS), "3") as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        for number in (signal.SIGINT, signal.SIGUSR1, signal.SIGTERM):
            process.send_signal(number)
        out, err = process.communicate(timeout=30)
    # A signal that ends programs ends --keep, too.
    assert (out, process.returncode) == ("got 3\n", 3)
    assert "has ended with status 3" in err and "goes on" not in err


#: Runs a command in a terminal, whose keyboard is standard input.
_TERMINAL = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"


@posix
def test_ctrl_c_in_a_terminal_reaches_the_command_once(script: Any) -> None:
    words = [sys.executable, "-c", _TERMINAL]
    words += [sys.executable, "-m", "scaleapi.sandbox", "run", "--keep", "--quiet"]
    with subprocess.Popen(
        [*words, "--", *script(_COUNTS_SIGNALS), "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        text = ""
        for line in process.stdout:
            text += line
            if line == "ready\n":
                process.stdin.write("\x03")
                process.stdin.flush()
        assert process.wait(timeout=30) == 3
    assert "got 1\n" in text and "goes on" not in text


@posix
def test_it_goes_on_after_the_command_until_ctrl_c(script: Any) -> None:
    import urllib.request

    with start("--keep", "--", *script("raise SystemExit(4)")) as process:
        assert process.stderr is not None
        lines: Dict[bool, str] = {}
        for line in process.stderr:
            lines["goes on" in line] = line
            if "goes on" in line:
                break
        match = re.search(r"http://\S+/", lines[True])
        assert match is not None
        with urllib.request.urlopen(match.group()) as page:
            assert page.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 4


@pytest.mark.parametrize("live", [False, True])
def test_the_sample_has_tasks_in_every_state_with_pictures(live: bool) -> None:
    with Sandbox() as sandbox:
        key = sandbox.live_api_key if live else sandbox.api_key
        client = ScaleClient(key, api_instance_url=sandbox.url)
        fill(client, sandbox)
        fill(client, sandbox)  # nothing is made twice
        projects = client.projects()
        assert len({p.type for p in projects}) == len(projects) == 8
        for project in projects:
            tasks = list(client.get_tasks(project.name))
            states = sorted(
                f"{t.status} {t.as_dict().get('customer_review_status', 'unaudited')}"
                for t in tasks
            )
            assert states == [
                "completed accepted",
                "completed rejected",
                "completed unaudited",
                "completed unaudited",
                "pending unaudited",
                "pending unaudited",
            ]
            assert len({t.as_dict()["batch"] for t in tasks}) == 2
            assert all("response" in t.as_dict() for t in tasks if t.status[0] == "c")
        boxes = [t for t in client.get_tasks("street boxes") if t.status == "completed"]
        sizes = [box["width"] for t in boxes for box in t.response["annotations"]]
        assert len(sizes) == 4 * 4 and min(sizes) >= 20
        downloads = client.get_task(boxes[0].id).attachmentS3Downloads
        assert downloads[0]["metadata"] == {"mimeType": "image/png"}
        client.close()
