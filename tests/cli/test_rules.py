"""Rules that every command keeps: closed pipes, errors as JSON, partial failure."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

import click
import pytest

from scaleapi import ScaleClient
from scaleapi.cli.program import COMMANDS, root
from scaleapi.profiles import write_profile
from scaleapi.sandbox import Sandbox
from tests.cli.conftest import Cli
from tests.docs.blocks import ROOT

PICTURE = str(ROOT / "examples" / "data" / "street.png")
MISSING = "6b0000000000000000000000"

#: Command -> arguments with which it succeeds and writes to standard output. ``TASK``
#: is the id of a task. Commands come after those that they need.
SUCCESS: Dict[str, List[str]] = {
    "auth list": [],
    "auth check": [],
    "auth login": ["--profile", "other"],
    "auth logout": ["--profile", "default"],
    "project list": [],
    "project show": ["cows"],
    "project create": ["pigs", "--type", "annotation"],
    "project update": ["cows", "--params", "{}", "--patch"],
    "batch list": [],
    "batch show": ["week 9"],
    "batch create": ["week 10", "--project", "cows"],
    "batch finalize": ["week 9"],
    "batch status": ["week 9"],
    "batch wait": ["week 9"],
    "batch cancel": ["staged"],
    "task list": ["--project", "cows"],
    "task count": ["--project", "cows"],
    "task show": ["TASK"],
    "task create": ["rows.jsonl", "--project", "cows"],
    "task cancel": ["PENDING"],
    "task tag": ["TASK", "--add", "x"],
    "task audit": ["TASK", "--accept"],
    "file upload": [PICTURE],
    "file import": ["https://example.com/a.png"],
    "export": ["cows.jsonl", "--project", "cows"],
    "convert": ["tasks.jsonl", "cows.csv"],
    "download": ["files", "--project", "street"],
    "draw": ["TASK", "-o", "cow.svg"],
    "completion": ["bash"],
}

#: Command -> arguments with which one of several inputs fails. All others have one
#: input, and succeed or fail as a whole.
PARTLY: Dict[str, List[str]] = {
    "project show": ["cows", "nothing"],
    "batch show": ["week 9", "nothing"],
    "batch finalize": ["week 9", "nothing"],
    "batch status": ["week 9", "nothing"],
    "batch wait": ["week 9", "nothing"],
    "task show": ["TASK", MISSING],
    "task create": ["mixed.jsonl", "--project", "cows"],
    "task cancel": ["PENDING", "TASK"],
    "task tag": ["TASK", MISSING, "--add", "x"],
    "task audit": ["TASK", MISSING, "--accept"],
    "file upload": [PICTURE, "missing.png"],
    "download": ["files", "--project", "broken"],
    "draw": ["TASK", MISSING, "-o", "folder", "--svg"],
}

#: Command -> arguments with which it fails, and the status.
FAILING: Dict[str, Tuple[List[str], int]] = {
    "auth list": ([], 1),
    "auth check": (["--profile", "nothing"], 4),
    "auth login": (["--profile", "["], 1),
    "auth logout": (["--profile", "nothing"], 1),
    "project list": (["--profile", "nothing"], 4),
    "project show": (["nothing"], 1),
    "project create": (["cows", "--type", "categorization"], 1),
    "project update": (["nothing", "--params", "{}"], 1),
    "batch list": (["--profile", "nothing"], 4),
    "batch show": (["nothing"], 1),
    "batch create": (["week 10", "--project", "nothing"], 1),
    "batch finalize": (["nothing"], 1),
    "batch status": (["nothing"], 1),
    "batch wait": (["nothing"], 1),
    "batch cancel": (["nothing"], 1),
    "task list": (["--project", "cows", "--created-after", "soon"], 1),
    "task count": ([], 2),
    "task show": ([MISSING], 1),
    "task create": (["missing.jsonl", "--project", "cows"], 1),
    "task cancel": ([MISSING], 1),
    "task tag": (["TASK"], 2),
    "task audit": ([MISSING, "--accept"], 1),
    "file upload": (["missing.png"], 1),
    "file import": (["https://example.com/a.png", "--metadata", "7"], 2),
    "export": (["rows.jsonl/x", "--project", "cows"], 1),
    "convert": (["missing.jsonl", "cows.csv"], 1),
    "download": (["files"], 2),
    "draw": ([MISSING, "-o", "cow.svg"], 1),
    "completion": (["csh"], 2),
}


@pytest.fixture
def names(
    cli: Cli, sandbox: Sandbox, live_key: str, monkeypatch: pytest.MonkeyPatch
) -> Dict[str, str]:
    """Fill a live world; return what stands for ids in the tables above."""
    client = ScaleClient(live_key, api_instance_url=sandbox.url)
    client.create_project("cows", "categorization", {"categories": ["cow"]})

    def batch(name: str) -> str:
        client.create_batch("cows", name)
        return client.create_task(
            "categorization",
            project="cows",
            batch=name,
            attachment="https://example.com/1.jpg",
        ).id

    done, pending = batch("week 9"), batch("staged")
    client.finalize_batch("week 9")
    sandbox.complete(done)
    with open(PICTURE, "rb") as picture:
        file = client.upload_file(picture)
    for project in ("street", "broken"):
        client.create_project(project, "categorization", {"categories": ["cow"]})
    for project, attachment in (
        ("street", file.attachment_url),
        ("broken", file.attachment_url),
        ("broken", "s3://bucket/picture.png"),
    ):
        client.create_task("categorization", project=project, attachment=attachment)
    row = '{"attachment": "https://example.com/1.jpg"}\n'
    Path("rows.jsonl").write_text(row)
    Path("mixed.jsonl").write_text(row + '{"attachment": 7}\n')
    tasks = (client.get_task(task_id).as_dict() for task_id in (done, pending))
    Path("tasks.jsonl").write_text("".join(json.dumps(each) + "\n" for each in tasks))
    write_profile("default", api_key=live_key)
    return {"TASK": done, "PENDING": pending}


def words(command: str, arguments: List[str], names: Dict[str, str]) -> List[str]:
    return [*command.split(), *(names.get(each, each) for each in arguments)]


def all_commands() -> Iterator[str]:
    for name in COMMANDS:
        found = root.get_command(click.Context(root), name)
        if isinstance(found, click.Group):
            yield from (f"{name} {each}" for each in found.commands)
        else:
            yield name


def test_the_tables_have_all_commands() -> None:
    # Those that are left out are another program, and a server.
    found = set(all_commands()) - {"sandbox", "callback listen"}
    assert found == set(SUCCESS) == set(FAILING)


@pytest.mark.parametrize("command", SUCCESS)
def test_a_success_writes_data_and_says_nothing_else(
    cli: Cli, names: Dict[str, str], command: str
) -> None:
    arguments = words(command, SUCCESS[command], names)
    done = cli(*arguments, "--yes", "--json", stdin=f"{os.environ['SCALE_API_KEY']}\n")
    assert (done.status, done.err) == (0, "")
    if command == "completion":
        assert done.out
    else:
        assert done.json() not in ({}, [])
    assert os.environ["SCALE_API_KEY"] not in done.out


@pytest.mark.parametrize("command", PARTLY)
def test_a_partial_failure_has_a_status_of_its_own(
    cli: Cli, names: Dict[str, str], command: str
) -> None:
    done = cli(*words(command, PARTLY[command], names), "--yes", "--json")
    assert (done.status, done.error()["type"]) == (3, "PartlyFailed")
    assert done.error()["counts"]["failed"] == 1
    errors = [record.get("error") for record in done.json()]
    assert len(errors) == 2
    assert sum(error is not None for error in errors) == 1


@pytest.mark.parametrize("command", FAILING)
def test_an_error_under_json_is_one_line(
    cli: Cli, names: Dict[str, str], command: str
) -> None:
    arguments, status = FAILING[command]
    if command == "auth list":
        Path("credentials").write_text("nonsense\n")
    done = cli(*words(command, arguments, names), "--yes", "--json")
    assert done.status == status
    assert done.error()["exit_status"] == status
    assert set(done.error()) >= {"type", "message"}
    # Of many inputs, each has a record; otherwise there is nothing to write.
    assert done.out == "" or done.json()[0]["status"] == "failed"


@pytest.mark.parametrize("command", SUCCESS)
def test_a_closed_pipe_ends_quietly(
    cli: Cli, names: Dict[str, str], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = words(command, SUCCESS[command], names)
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        done = cli(*arguments, "--yes", stdin=f"{os.environ['SCALE_API_KEY']}\n")
    # What has changed something says so all the same.
    assert done.status == 0
    assert "Error" not in done.err
    assert "Traceback" not in done.err
