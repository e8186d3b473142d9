"""The pages about the command: made from the commands, and run as they stand."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from scaleapi import ScaleClient
from scaleapi.cli import failures
from scaleapi.cli.options import Command
from scaleapi.cli.program import COMMANDS, root, run
from scaleapi.sandbox import Sandbox
from tests.docs.blocks import ROOT, parts_of
from tests.docs.command_reference import PAGE, commands, page

GUIDE = ROOT / "docs" / "command-line.rst"
BLOCKS = [part.text for part in parts_of(GUIDE) if part.language == "sh"]


def test_the_reference_is_that_of_the_commands() -> None:
    again = "run python -m tests.docs.command_reference"
    assert PAGE.read_text(encoding="utf-8") == page(), again


@pytest.mark.parametrize(
    ("name", "command"), [*commands()], ids=lambda value: getattr(value, "name", value)
)
def test_help_shows_what_the_reference_shows(name: str, command: click.Command) -> None:
    text = command.get_help(click.Context(command, info_name=name))
    shown = "".join(text.split())
    for option in command.params:
        if isinstance(option, click.Option):
            help_of_it = "".join((option.help or "").split())
            assert option.hidden or help_of_it in shown, option.name


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    for name, text in COMMANDS.items():
        command = root.get_command(click.Context(root), name)
        assert command is not None
        assert (command.help or "").partition("\n")[0] == text


def test_no_option_takes_a_key() -> None:
    for name, command in commands():
        for option in command.params:
            takes_a_value = isinstance(option, click.Option) and not option.is_flag
            if takes_a_value and "key" in str(option.name):
                assert (name, option.name) == ("auth login", "key_command")


def test_the_guide_has_each_exit_status() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for name in ("DONE", "FAILED", "USAGE", "PARTLY", "KEY", "INTERRUPTED"):
        assert f"    * - {getattr(failures, name)}\n" in text


def test_the_guide_names_the_commands_that_ask() -> None:
    asking = {
        name
        for name, command in commands()
        if isinstance(command, Command) and "confirm" in command.features
    }
    (paragraph,) = (
        part.text for part in parts_of(GUIDE) if "these ask first" in part.text
    )
    assert {name for name, _ in commands() if f"``{name}``" in paragraph} == asking


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
def test_the_five_commands_of_the_guide_run_as_they_stand(
    client: ScaleClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    with open(ROOT / "examples" / "data" / "street.png", "rb") as picture:
        file = client.upload_file(picture)
    header = "attachment,metadata.camera,metadata.row:int,tags\n"
    assert header in GUIDE.read_text("utf-8").replace("    ", "")
    rows = "".join(f"{file.attachment_url},3,{number},\n" for number in range(2))
    (tmp_path / "cows.csv").write_text(header + rows, encoding="utf-8")
    done = run_in_shell(BLOCKS[0], client, tmp_path)
    assert len(BLOCKS[0].splitlines()) == 5
    assert (done.returncode, "Error" in done.stderr) == (0, False)
    lines = (tmp_path / "cows.jsonl").read_text("utf-8").splitlines()
    tasks = [json.loads(line) for line in lines]
    assert sorted(task["metadata"]["row"] for task in tasks) == [0, 1]
    for task in tasks:
        (downloaded,) = (tmp_path / "files" / task["task_id"]).iterdir()
        assert downloaded.read_bytes().startswith(b"\x89PNG")


OTHERS = [
    part.replace('eval "$(', "").replace(')"', "").partition(" > ")[0]
    for block in BLOCKS[1:]
    for line in block.splitlines()
    for part in line.split(" | ")
]


@pytest.mark.parametrize("line", OTHERS)
def test_the_other_commands_of_the_guide_are_right_usage(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # There is no key, so that nothing is sent.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCALE_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    program, *words = shlex.split(line)
    assert program == "scaleapi"
    assert run(words) != failures.USAGE


def run_in_shell(
    script: str, client: ScaleClient, folder: Path
) -> "subprocess.CompletedProcess[str]":
    """Run a script with ``scaleapi`` on the path, which stops at the first error."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    program = bin_folder / "scaleapi"
    code = "import sys; from scaleapi.cli import main; sys.exit(main())"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c \'{code}\' "$@"\n')
    program.chmod(0o755)
    return subprocess.run(
        ["sh", "-ec", script],
        cwd=str(folder),
        env={
            **os.environ,
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "SCALE_API_KEY": client.api.api_key,
            "SCALE_API_URL": str(client.api.base_api_url),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=60,
    )
