"""The end of a program while a variable still refers to the results of a run."""

from __future__ import annotations

import glob
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Dict, List

import pytest

from tests.bulk import scripts
from tests.faultserver import Answer, FaultServer, Received

TASK = {"task_id": "1", "status": "pending"}
BUSY = {"Retry-After": "60"}


def busy_but_once(server: FaultServer, status: int = 503) -> None:
    """Let the server create one task, then answer with a Retry-After of a minute."""
    made = threading.Event()

    def event(request: Received) -> Answer:
        if request.json["metadata"]["n"] == 0:
            made.set()
            return Answer(200, TASK)
        made.wait(10)
        return Answer(status, {}, BUSY)

    server.play(event)


def stop_files() -> List[str]:
    return glob.glob(os.path.join(tempfile.gettempdir(), "scaleapi-*.stop"))


@pytest.fixture(autouse=True)
def own_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


RUN = "results = client.create_tasks('chat', payloads, max_workers=4{options})\n"
LOOP = "for result in results:\n    {body}\n"

ENDINGS: Dict[str, Any] = {
    "break": ("break", "", 0),
    "exit": ("sys.exit(3)", "", 3),
    "exception": ("raise KeyError", "", 1),
    "threads": ("break", ", executor=ThreadPoolExecutor(4)", 0),
    "processes": ("break", ", executor=ProcessPoolExecutor(2)", 0),
}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_end_of_a_program_does_not_wait_for_retries(
    fault_server: FaultServer, ending: str, status: int
) -> None:
    body, options, code = ENDINGS[ending]
    busy_but_once(fault_server, status)
    script = RUN.format(options=options) + LOOP.format(body=body)
    scripts.run(script, fault_server.url, code)
    assert stop_files() == []
    # The first task, at most one more for each worker, and nothing after that.
    assert 1 <= len(fault_server.received) <= 5


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_interrupted_program_does_not_wait_for_retries(
    fault_server: FaultServer,
) -> None:
    busy_but_once(fault_server)
    body = "print('in the loop', flush=True); threading.Event().wait()"
    script = RUN.format(options="") + LOOP.format(body=body)
    process = scripts.start(script, fault_server.url)
    assert process.stdout is not None
    assert process.stdout.readline() == "in the loop\n"
    process.send_signal(signal.SIGINT)
    _, errors = scripts.finish(process)
    assert "KeyboardInterrupt" in errors
    assert len(fault_server.received) <= 5


def test_the_end_of_a_program_does_not_wait_for_task_wait(
    fault_server: FaultServer,
) -> None:
    """`task.wait()` in a worker is cut short like any other wait."""
    fault_server.play(Answer(200, TASK))
    scripts.run(
        "first, second = [client.get_task(id) for id in '12']\n"
        "def wait(task): return task if task is first else task.wait(poll=60)\n"
        "results = client.map(wait, [first, second])\n" + LOOP.format(body="break"),
        fault_server.url,
    )


def test_requests_under_way_are_finished_when_a_program_ends(
    fault_server: FaultServer,
) -> None:
    asked, ending = threading.Event(), threading.Event()

    def late(_: Received) -> Answer:
        asked.set()
        ending.wait(10)
        return Answer(200, TASK)

    fault_server.play(Answer(200, TASK), late)
    process = scripts.start(
        "def get(id):\n"
        "    client.get_task(id)\n"
        "    print('came back', id, flush=True)\n"
        "results = client.map(get, range(100), max_workers=1)\n"
        "next(results)\n"
        "sys.stdin.readline()\n"
        "print('ends', flush=True)\n",
        fault_server.url,
    )
    assert asked.wait(10)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    lines = [process.stdout.readline() for _ in range(2)]
    ending.set()
    output, _ = scripts.finish(process)
    assert lines == ["came back 0\n", "ends\n"]
    assert output == "came back 1\n"
    assert len(fault_server.received) == 2


def test_inputs_that_processes_have_not_started_are_canceled_when_a_program_ends(
    fault_server: FaultServer,
) -> None:
    slow = threading.Event()

    def later(_: Received) -> Answer:
        slow.wait(0.2)
        return Answer(200, TASK)

    fault_server.play(Answer(200, TASK), later)
    # The executor is imported after the first run, which must make no difference.
    scripts.run(
        "list(client.map(str, [1]))\n"
        "executor = ProcessPoolExecutor(1)\n"
        "results = client.map(client.get_task, range(1000), executor=executor)\n"
        "next(results)\n",
        fault_server.url,
    )
    # Inputs that were handed over stay so: one for each process, two in the queue.
    assert len(fault_server.received) <= 10


@pytest.mark.parametrize("ending", ["results.close()", "del results"])
def test_worker_processes_stop_when_the_run_ends(
    fault_server: FaultServer, ending: str
) -> None:
    """Their waits are cut short, and inputs that they have not started stay so."""
    busy_but_once(fault_server)
    scripts.run(
        "with ProcessPoolExecutor(1) as executor:\n"
        "    results = client.create_tasks('chat', payloads, executor=executor)\n"
        f"    next(results); {ending}\n",
        fault_server.url,
    )
    assert len(fault_server.received) <= 2
    assert stop_files() == []


def test_processes_work_without_a_temporary_directory(
    fault_server: FaultServer,
) -> None:
    fault_server.play(Answer(200, TASK))
    output, _ = scripts.run(
        "import tempfile\n"
        "with ProcessPoolExecutor(1) as executor:\n"
        "    for place in ('/nowhere', None):\n"
        "        tempfile.tempdir = place\n"
        "        if place is None:\n"
        "            tempfile._candidate_tempdir_list = lambda: []\n"
        "        results = client.map(client.get_task, '1234', executor=executor)\n"
        "        print(next(results).status); results.close()\n",
        fault_server.url,
    )
    assert output == "done\ndone\n"


COUNT = (
    "    errors = [result.error for result in results]\n"
    "    kinds = {(type(e) is ScaleException, e.attempts) for e in errors}\n"
    "    print(len(errors), kinds)\n"
    "    print([result.payload['metadata']['n'] for result in results])\n"
)

EXECUTORS = ["None", "ThreadPoolExecutor(2)", "ProcessPoolExecutor(1)"]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_each_input_has_a_result_after_the_main_thread_has_ended(
    fault_server: FaultServer, executor: str
) -> None:
    output, _ = scripts.run(
        f"executor = {executor}\n"
        "def go():\n"
        "    threading.main_thread().join()\n"
        "    results = list(client.create_tasks('chat', payloads[:5], "
        "executor=executor))\n" + COUNT + "threading.Thread(target=go).start()\n",
        fault_server.url,
    )
    assert output == "5 {(True, 0)}\n[0, 1, 2, 3, 4]\n"
    assert fault_server.received == []


@pytest.mark.parametrize("executor", EXECUTORS[:2])
def test_a_run_in_another_thread_sends_nothing_after_the_main_thread_has_ended(
    fault_server: FaultServer, executor: str
) -> None:
    fault_server.play(Answer(200, TASK))
    output, _ = scripts.run(
        "import collections\n"
        f"executor = {executor}\n"
        "begun = threading.Event()\n"
        "def go():\n"
        "    results = client.create_tasks('chat', payloads, executor=executor)\n"
        "    first = next(results)\n"
        "    begun.set()\n"
        "    threading.main_thread().join()\n"
        "    results = [first, *results]\n"
        "    assert [r.index for r in results] == list(range(1000))\n"
        "    print(collections.Counter(r.status for r in results)['created'])\n"
        "    assert {r.error.attempts for r in results if r.error} == {0}\n"
        "threading.Thread(target=go).start()\n"
        "begun.wait()\n",
        fault_server.url,
    )
    # At most the inputs read ahead were sent, and no sent input counts as unsent.
    assert int(output) == len(fault_server.received) <= 1 + 8 * 16


def test_a_run_that_starts_in_an_atexit_function_sends_nothing(
    fault_server: FaultServer,
) -> None:
    output, _ = scripts.run(
        "@atexit.register\n"
        "def go():\n"
        "    results = list(client.create_tasks('chat', payloads[:5]))\n" + COUNT,
        fault_server.url,
    )
    assert output == "5 {(True, 0)}\n[0, 1, 2, 3, 4]\n"
    assert fault_server.received == []


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_forked_child_ends_while_a_run_is_under_way_in_its_parent(
    fault_server: FaultServer,
) -> None:
    busy_but_once(fault_server)
    output, _ = scripts.run(
        "import multiprocessing\n"
        "results = client.create_tasks('chat', payloads, max_workers=4)\n"
        "next(results)\n"
        "def child():\n"
        "    global results\n"
        "    del results\n"
        "    print('child', flush=True)\n"
        "process = multiprocessing.get_context('fork').Process(target=child)\n"
        "process.start(); process.join(10); print(process.exitcode)\n"
        "results.close()\n",
        fault_server.url,
    )
    assert output == "child\n0\n"


def test_a_program_that_ends_without_starting_its_run_is_warned(
    fault_server: FaultServer,
) -> None:
    """Also if the garbage collector finds the run, which must not warn itself."""
    scripts_: List[str] = [
        "results = client.map(str, [1])\ndel results\n",
        "results = client.map(str, [1])\nresults.me = results\ndel results\n",
    ]
    for script in scripts_:
        _, errors = scripts.run(script + "import gc; gc.collect()", fault_server.url)
        assert errors.count("RuntimeWarning: the calls were never begun") == 1
