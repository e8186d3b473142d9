"""Bars where somebody looks, counts for callables, and silence."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest

from scaleapi import Counts, ScaleClient, ScaleTypeError
from scaleapi._core.progress import Meter
from tests.faulty_proxy import TEXT, numbered

CLIENT = ScaleClient("key", api_instance_url="http://localhost:9/v1")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextlib.contextmanager
def shown_on(stream: io.StringIO) -> Iterator[io.StringIO]:
    # Not in a fixture: between those and the test pytest sets its own.
    pytest.importorskip("tqdm")
    with contextlib.redirect_stderr(stream):
        yield stream


def test_a_terminal_shows_a_bar() -> None:
    with shown_on(Terminal()) as terminal:
        list(CLIENT.map(lambda n: 1 // n, [1, 0, 2], progress=True))
    shown = terminal.getvalue()
    assert "calls: 100%" in shown
    assert "3/3" in shown
    assert "failed=1" in shown


def test_without_a_total_a_bar_only_counts() -> None:
    with shown_on(Terminal()) as terminal:
        list(CLIENT.map(str, iter("abc"), progress=True))
    assert "calls: 3 [" in terminal.getvalue()


def test_progress_shows_no_bar_without_a_terminal() -> None:
    with shown_on(io.StringIO()) as paper:
        list(CLIENT.map(str, "abc", progress=True))
    assert paper.getvalue() == ""


def test_a_notebook_shows_a_bar_although_it_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: List[Any] = []
    Bar = type("Bar", (), {"__module__": "tqdm.notebook"})

    def remember(self: Any, **options: Any) -> None:
        made.append(options)
        self.n = 0

    Bar.__init__ = remember  # type: ignore[misc]
    Bar.update = Bar.close = lambda self, *_: None  # type: ignore[attr-defined]
    monkeypatch.setattr("scaleapi._core.progress._bar_class", lambda: Bar)
    list(CLIENT.map(str, "abc", progress=True))
    assert made == [{"desc": "calls", "unit": "", "disable": False}]


@pytest.mark.parametrize("wanted", ["0", "1"])
def test_a_bar_can_be_disabled_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    """By whatever is not empty, as tqdm itself has it."""
    monkeypatch.setenv("TQDM_DISABLE", wanted)
    with shown_on(Terminal()) as terminal:
        results = list(CLIENT.map(lambda n: 1 // n, [1, 0], progress=True))
    assert [result.status for result in results] == ["done", "failed"]
    assert terminal.getvalue() == ""


def test_an_empty_variable_disables_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "")
    with shown_on(Terminal()) as terminal:
        list(CLIENT.map(str, "abc", progress=True))
    assert "3/3" in terminal.getvalue()


def test_a_notebook_without_widgets_shows_a_bar_as_text() -> None:
    """Its stream is no terminal, but is looked at."""
    Cell = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})
    with shown_on(Cell()) as cell:
        list(CLIENT.map(str, "abc", progress=True))
    assert "calls: 100%" in cell.getvalue()


def test_without_tqdm_a_bar_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r'pip install "scaleapi\[progress\]"'):
        CLIENT.map(str, "abc", progress=True)


def test_tqdm_is_not_imported_before_a_bar_is_requested() -> None:
    script = (
        "import sys; from scaleapi import ScaleClient\n"
        "c = ScaleClient('k'); list(c.map(str, [1], progress=lambda c: None))\n"
        "print('tqdm' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=str(Path(__file__).resolve().parents[2]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_get_tasks_counts_up_to_the_total_of_the_first_page(
    live_client: ScaleClient,
) -> None:
    live_client.create_project("p", "textcollection", studio=True)
    payloads = [{**payload, "project": "p"} for payload in numbered(5)]
    list(live_client.create_tasks("textcollection", payloads))
    seen: List[Counts] = []
    assert len(list(live_client.get_tasks("p", limit=2, progress=seen.append))) == 5
    assert [(counts.done, counts.total) for counts in seen] == [
        (n, 5) for n in range(1, 6)
    ]


def test_get_tasks_shows_a_bar(live_client: ScaleClient) -> None:
    live_client.create_project("p", "textcollection", studio=True)
    live_client.create_task("textcollection", project="p", **TEXT)
    with shown_on(Terminal()) as terminal:
        tasks = live_client.get_tasks("p", progress=True)
        next(tasks)
        tasks.close()
        list(live_client.get_tasks("p", progress=True))
    assert "tasks: 100%" in terminal.getvalue()


@pytest.mark.parametrize("progress", [None, 1, "yes"])
def test_progress_rejects_other_types(progress: Any) -> None:
    with pytest.raises(ScaleTypeError, match="progress must be True, False or"):
        Meter(progress, "x")


def test_progress_shows_nothing_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    quiet: Callable[..., Any] = CLIENT.map
    list(quiet(str, "abc"))
    assert capsys.readouterr() == ("", "")
