"""Every command does what it says."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import List

import pytest

from scaleapi import ScaleClient, TaskReviewStatus, TaskStatus, TaskType
from scaleapi.batches import BatchStatus
from scaleapi.cli.commands import batch as batch_commands
from scaleapi.cli.filters import REVIEWS, STATUSES
from scaleapi.cli.program import run
from scaleapi.export import read_csv, read_tasks
from scaleapi.profiles import write_profile
from scaleapi.sandbox import Sandbox
from tests.cli.conftest import Cli
from tests.docs.blocks import ROOT
from tests.keys import new_key

PICTURE = ROOT / "examples" / "data" / "street.png"


def test_project_create_makes_a_project_with_parameters(
    cli: Cli, client: ScaleClient
) -> None:
    Path("params.json").write_text('{"categories": ["cow"]}')
    done = cli(
        "project", "create", "cows", "--type", "categorization", "--params",
        "@params.json", "--json",
    )  # fmt: skip
    assert (done.status, done.err) == (0, "")
    assert done.json()["params"]["categories"] == ["cow"]
    assert client.get_project("cows").type == TaskType.Categorization


def test_project_create_takes_an_existing_project_only_if_told(
    cli: Cli, cows: List[str]
) -> None:
    command = ("project", "create", "cows", "--type", "categorization")
    assert cli(*command).status == 1
    assert cli(*command, "--exist-ok", "--ids").lines == ["cows"]


def test_project_list_and_show(cli: Cli, client: ScaleClient, cows: List[str]) -> None:
    client.create_project("pigs", "annotation")
    assert [line.split()[0] for line in cli("project", "list").lines] == [
        "NAME",
        "cows",
        "pigs",
    ]
    assert cli("project", "list", "--ids", "--limit", 1).lines == ["cows"]
    assert cli("project", "show", "cows", "--json").json()["name"] == "cows"
    both = cli("project", "show", "-", "--json", stdin="cows\npigs\n").json()
    assert [each["name"] for each in both] == ["cows", "pigs"]


def test_project_update_replaces_or_patches_the_parameters(
    cli: Cli, client: ScaleClient, cows: List[str]
) -> None:
    patch = ("project", "update", "cows", "--params", '{"instruction": "Look."}')
    assert cli(*patch, "--patch", "--json").json()["version"] == 1
    assert client.get_project("cows").params["categories"] == ["cow", "calf"]
    cli(*patch)
    assert "categories" not in client.get_project("cows").params


def test_batch_create_list_and_show(
    cli: Cli, client: ScaleClient, cows: List[str]
) -> None:
    made = cli(
        "batch", "create", "w 10", "--project", "cows", "--metadata", '{"a": 1}',
        "--json",
    )  # fmt: skip
    assert made.status == 0
    assert client.get_batch("w 10").metadata == {"a": 1}
    assert cli("batch", "list", "--ids", "--project", "cows").lines == [
        "w 10",
        "week 9",
    ]
    assert cli("batch", "list", "--ids", "--status", "completed").lines == ["week 9"]
    again = cli("batch", "create", "w 10", "--project", "cows", "--exist-ok", "--ids")
    assert again.lines == ["w 10"]
    assert cli("batch", "show", "w 10", "--json").json()["project"] == "cows"


def test_batch_finalize_status_and_wait(
    cli: Cli, sandbox: Sandbox, live_key: str
) -> None:
    live = ScaleClient(live_key, api_instance_url=sandbox.url)
    live.create_project("cows", "categorization")
    live.create_batch("cows", "week 9")
    task = live.create_task(
        "categorization",
        project="cows",
        batch="week 9",
        attachment="https://example.com/1.jpg",
        categories=["cow"],
    )
    assert cli("batch", "finalize", "week 9", "--yes").status == 0
    status = cli("batch", "status", "week 9", "--json").json()
    assert (status["status"], status["tasks_pending"]) == ("in_progress", 1)
    late = cli("batch", "wait", "week 9", "--timeout", 0, "--json")
    assert (late.status, late.error()["type"]) == (1, "ScaleWaitTimeoutError")
    sandbox.complete(task.id)
    waited = cli("batch", "wait", "week 9", "--json")
    assert waited.json()["tasks_completed"] == 1


def test_batch_cancel_cancels_what_is_pending(
    cli: Cli, sandbox: Sandbox, live_key: str
) -> None:
    live = ScaleClient(live_key, api_instance_url=sandbox.url)
    live.create_project("cows", "categorization")
    live.create_batch("cows", "week 9")
    for number in range(2):
        task = live.create_task(
            "categorization",
            batch="week 9",
            project="cows",
            unique_id=f"cow-{number}",
            attachment="https://example.com/1.jpg",
            categories=["cow"],
        )
    sandbox.complete(task.id)
    asked = cli("batch", "cancel", "week 9")
    assert asked.status == 2
    assert "Cancel 1 task of 'week 9' with a live key" in asked.err
    done = cli("batch", "cancel", "week 9", "--yes", "--clear-unique-ids", "--json")
    (record,) = done.json()
    assert (done.status, record["status"]) == (0, "canceled")
    assert live.batch_status("week 9")["canceled"] == 1
    assert cli("batch", "cancel", "week 9", "--yes").err.startswith("nothing to cancel")


def test_task_list_has_filters_fields_and_a_limit(cli: Cli, cows: List[str]) -> None:
    listed = cli("task", "list", "--project", "cows", "--status", "completed")
    assert [line.split()[0] for line in listed.lines] == ["TASK_ID", *cows[::-1]]
    ids = cli("task", "list", "--batch", "week 9", "--ids", "--limit", 2)
    assert ids.lines == cows[:0:-1]
    rows = cli(
        "task", "list", "--project", "cows", "--jsonl", "--fields",
        "metadata.row,status",
    )  # fmt: skip
    assert json.loads(rows.lines[0]) == {"metadata.row": 2, "status": "completed"}
    none = cli("task", "list", "--project", "cows", "--tag", "x")
    assert (none.status, none.out, none.err) == (0, "", "none\n")
    assert cli("task", "list", "--project", "cows", "--tag", "x", "--json").json() == []


@pytest.mark.parametrize(
    "words",
    [["task", "list"], ["task", "count"], ["export", "x.jsonl"], ["download", "x"]],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize("scope", ["--project", "--batch"])
def test_a_mistyped_name_is_an_error_and_not_an_empty_result(
    cli: Cli, cows: List[str], words: List[str], scope: str
) -> None:
    done = cli(*words, scope, "cosw", "--json")
    assert (done.status, done.error()["status"]) == (1, 404)
    assert not Path("x.jsonl").exists()


@pytest.mark.parametrize("group", [[], ["task"]], ids=["root", "group"])
def test_without_a_command_the_help_is_shown(cli: Cli, group: List[str]) -> None:
    done = cli(*group)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("Error: Missing command.\nUsage: scaleapi")
    assert cli(*group, "--json").error()["message"] == "Missing command."


def test_a_field_that_is_no_path_is_wrong_usage(cli: Cli) -> None:
    done = cli("project", "list", "--fields", "a..b")
    assert (done.status, done.out) == (2, "")
    assert "--fields: a..b" in done.err


def test_control_characters_in_names_do_not_reach_a_terminal(
    cli: Cli, client: ScaleClient
) -> None:
    name = "a\x1b[31m\u202eb\nc\x9b"
    client.create_project(name, "annotation")
    for words in (["project", "list"], ["project", "show", name]):
        shown = cli(*words)
        assert "a\\x1b[31m\\u202eb\\nc\\x9b" in shown.out
    missing = cli("project", "show", "x\x1b[31m").err
    assert "\x1b" not in missing
    assert "x\\x1b[31m" in missing
    # Another command would take a line break for the end of the name.
    (shown_name,) = cli("project", "list", "--ids").lines
    assert "b\\nc" in shown_name
    # Programs get it as it is.
    assert cli("project", "list", "--json").json()[0]["name"] == name


def test_an_unexpected_error_shows_a_traceback_only_if_told(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(client: ScaleClient) -> None:
        raise KeyError("odd")

    monkeypatch.setattr(ScaleClient, "get_projects", fail)
    done = cli("project", "list")
    assert done.status == 1
    assert done.err.startswith("Error: unexpected KeyError: 'odd'\n")
    assert "Traceback" not in done.err
    assert "Traceback" in cli("project", "list", "-vv").err


def test_verbose_shows_requests_and_never_the_key(
    cli: Cli, client: ScaleClient
) -> None:
    done = cli("-v", "project", "list", "--jsonl")
    # The sandbox, which is in this process, logs too.
    logged = [json.loads(line)["log"] for line in done.err.splitlines()]
    assert any(line.startswith("GET /projects: 200") for line in logged)
    assert "GET /projects: 200" in cli("project", "list", "-v").err
    # A traceback does not have it, either.
    shown = cli("project", "show", "nothing", "-vv").err
    assert "Traceback" in shown
    assert client.api.api_key not in shown


def test_test_only_refuses_a_live_key(
    cli: Cli, sandbox: Sandbox, live_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.requests.clear()
    done = cli("project", "list", "--test-only", "--json")
    assert (done.status, done.error()["type"]) == (4, "NotUsable")
    monkeypatch.setenv("SCALE_REQUIRE", "test")
    assert cli("project", "list").status == 4
    assert not sandbox.requests
    assert live_key not in done.err


def test_auth_login_refuses_a_live_key_under_test_only(cli: Cli, live_key: str) -> None:
    done = cli("auth", "login", "--test-only", stdin=live_key)
    assert (done.status, live_key in done.err) == (4, False)
    assert "--test-only allows only test keys" in done.err


def test_auth_login_takes_no_key_as_an_argument(cli: Cli, live_key: str) -> None:
    done = cli("auth", "login", live_key)
    assert (done.status, live_key in done.err) == (2, False)
    assert "standard input" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("export", "-", "--project", "cows"),
        ("convert", "a.jsonl", "-", "--to", "csv"),
        ("download", "-", "--project", "cows"),
        ("draw", "x", "--out", "-"),
        ("task", "create", "a.csv", "--failed", "-"),
    ],
)
def test_files_are_not_written_to_standard_output(
    cli: Cli, words: "tuple[str, ...]"
) -> None:
    Path("a.csv").write_text("attachment\n")
    done = cli(*words)
    assert (done.status, done.out) == (2, "")
    assert "not standard output" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("project", "list", "--profile", ""),
        ("--url", "", "project", "list"),
        ("task", "list", "--project", "cows", "--batch", ""),
        ("task", "list", "--project", "cows", "--tag", "a", "--tag", ""),
        ("task", "create", "rows.csv", "--project", ""),
        ("task", "cancel", "a", ""),
        ("batch", "cancel", ""),
        ("export", "", "--project", "cows"),
    ],
)
def test_a_variable_that_is_not_set_is_wrong_usage(
    cli: Cli, sandbox: Sandbox, words: "tuple[str, ...]"
) -> None:
    sandbox.requests.clear()
    done = cli(*words, "--json")
    assert (done.status, done.out) == (2, "")
    assert "is empty: is a variable not set?" in done.error()["message"]
    assert not sandbox.requests


def test_standard_input_that_is_not_utf_8_is_an_error(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    spooled = io.BytesIO(b"\xff")
    monkeypatch.setattr("scaleapi.cli.inputs._spooled_stdin", lambda: spooled)
    done = cli("task", "show", "-", "--json")
    assert (done.status, done.error()["type"]) == (1, "MalformedInput")


def test_a_message_of_the_server_looks_like_none_of_ours(cli: Cli) -> None:
    done = cli("project", "show", "x\nError: y")
    assert "\n  Error: y" in done.err


def test_the_key_is_that_of_the_profile_then_the_variable_then_the_default(
    cli: Cli, client: ScaleClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("default", "one", "two"):
        write_profile(name, api_key=new_key("live"))

    def source(*words: str) -> str:
        return str(cli("auth", "check", "--json", *words).json()["source"])

    monkeypatch.setenv("SCALE_PROFILE", "one")
    assert source("--profile", "two") == "profile two"
    assert source() == "profile one"
    monkeypatch.delenv("SCALE_PROFILE")
    assert source() == "SCALE_API_KEY"
    monkeypatch.delenv("SCALE_API_KEY")
    assert source() == "profile default"


def test_without_a_terminal_a_live_key_needs_yes(
    cli: Cli, sandbox: Sandbox, live_key: str
) -> None:
    Path("rows.jsonl").write_text('{"attachment": "https://x.y/1"}\n' * 1200)
    sandbox.requests.clear()
    done = cli("task", "create", "rows.jsonl", "--type", "categorization")
    assert (done.status, done.out) == (2, "")
    assert (
        "Create 1,200 tasks with a live key (SCALE_API_KEY) at http://127" in done.err
    )
    assert "--yes" in done.err
    for words in (["task", "cancel", "x"], ["batch", "finalize", "x"]):
        assert cli(*words).status == 2
    assert not sandbox.requests


def test_task_list_warns_of_fields_that_no_record_has(
    cli: Cli, cows: List[str]
) -> None:
    listed = cli("task", "list", "--project", "cows", "--fields", "task_id,staus")
    assert listed.err == "Warning: --fields: no record has staus\n"


def test_task_count_and_show(cli: Cli, cows: List[str]) -> None:
    assert cli("task", "count", "--project", "cows").out == "3\n"
    assert cli("task", "count", "--project", "cows", "--json").json() == {"count": 3}
    shown = dict(line.split(None, 1) for line in cli("task", "show", cows[0]).lines)
    assert (shown["task_id"], shown["metadata"]) == (cows[0], '{"row": 0}')


def test_task_tag_and_audit(cli: Cli, client: ScaleClient, cows: List[str]) -> None:
    tagged = cli("task", "tag", cows[0], cows[1], "--add", "a", "--add", "b", "--jsonl")
    assert json.loads(tagged.lines[0])["tags"] == ["a", "b"]
    cli("task", "tag", cows[0], "--remove", "a", "--add", "c")
    assert client.get_task(cows[0]).tags == ["b", "c"]
    cli("task", "tag", cows[0], "--set", "x")
    assert client.get_task(cows[0]).tags == ["x"]
    done = cli("task", "audit", *cows[:2], "--reject", "--comments", "no", "--ids")
    assert (done.status, done.lines) == (0, cows[:2])
    assert client.get_task(cows[1]).customer_review_status == "rejected"


def test_file_upload_and_import(cli: Cli, cows: List[str]) -> None:
    done = cli("file", "upload", PICTURE, "--project", "cows", "--json")
    (record,) = done.json()
    assert (done.status, record["status"]) == (0, "uploaded")
    assert record["attachment_url"].startswith("scaledata://")
    urls = cli("file", "import", "-", "--ids", stdin="https://example.com/a.png\n")
    assert urls.lines[0].startswith("scaledata://")


def test_export_convert_and_draw(cli: Cli, cows: List[str]) -> None:
    done = cli("export", "cows.jsonl.gz", "--project", "cows", "--json")
    assert done.json()["tasks"] == 3
    assert [task.id for task in read_tasks("cows.jsonl.gz")] == cows[::-1]
    split = cli("export", "by batch", "--project", "cows", "--split-by", "batch")
    assert split.out.startswith("3 tasks in by batch")
    table = cli(
        "convert", "cows.jsonl.gz", "cows.csv", "--column", "row=metadata.row:int",
        "--json",
    )  # fmt: skip
    assert (table.status, table.json()["tasks"]) == (0, 3)
    assert [row["row"] for row in read_csv("cows.csv")] == ["2", "1", "0"]
    drawn = cli("draw", "--from", "cows.jsonl.gz", "-o", "pictures", "--svg", "--ids")
    assert [Path(line).stem for line in drawn.lines] == cows[::-1]
    assert "<svg" in Path(drawn.lines[0]).read_text("utf-8")


def test_draw_paints_on_a_picture(cli: Cli, cows: List[str]) -> None:
    done = cli("draw", cows[0], "-o", "cow.png", "--image", PICTURE)
    assert done.status == 0
    assert Path("cow.png").read_bytes().startswith(b"\x89PNG")


def test_download_fetches_what_is_not_there(
    cli: Cli, client: ScaleClient, sandbox: Sandbox
) -> None:
    client.create_project("street", "imageannotation")
    with PICTURE.open("rb") as picture:
        file = client.upload_file(picture, project_name="street")
    task = client.create_task(
        "imageannotation",
        project="street",
        attachment=file.attachment_url,
        geometries={"box": {"objects_to_annotate": ["car"]}},
    )
    first = cli("download", "files", "--project", "street", "--json")
    (record,) = first.json()
    assert (first.status, record["status"]) == (0, "downloaded")
    assert Path(record["path"]).read_bytes() == PICTURE.read_bytes()
    cli("export", "street.jsonl", "--project", "street")
    again = cli("download", "files", "--from", "street.jsonl", "--jsonl")
    assert json.loads(again.out)["status"] == "existing"
    assert json.loads(again.out)["task_id"] == task.id


def test_completion_is_a_script_for_the_shell(cli: Cli) -> None:
    for shell in ("bash", "zsh", "fish"):
        done = cli("completion", shell)
        assert done.status == 0
        assert "_SCALEAPI_COMPLETE=" in done.out


def test_sandbox_takes_the_arguments_of_its_module(
    capsys: "pytest.CaptureFixture[str]",
) -> None:
    with pytest.raises(SystemExit) as end:
        run(["sandbox", "run", "--help"])
    assert end.value.code == 0
    assert (
        "python -m scaleapi.sandbox run [options] -- COMMAND" in capsys.readouterr()[0]
    )


def test_auth_login_list_and_logout(
    cli: Cli, client: ScaleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = client.api.api_key
    done = cli("auth", "login", "--profile", "cows", "--json", stdin=f"{key}\n")
    assert (done.status, done.json()["mode"]) == (0, "test")
    monkeypatch.delenv("SCALE_API_KEY")
    listed = cli("auth", "list")
    assert listed.lines[1].split() == ["cows", "test", client.api.base_api_url, *(
        "file", "false"
    )]  # fmt: skip
    assert cli("auth", "check", "--profile", "cows", "--json").json()["mode"] == "test"
    assert key not in done.out + done.err + listed.out
    assert cli("auth", "logout", "--profile", "cows").status == 0
    assert cli("auth", "list", "--ids").lines == []


def test_auth_list_shows_what_is_right_beside_a_profile_that_is_not(cli: Cli) -> None:
    write_profile("cows", api_key=new_key("test"))
    assert [each["profile"] for each in cli("auth", "list", "--json").json()] == [
        "cows"
    ]
    with Path("credentials").open("a") as file:
        file.write("[odd]\nkey = x\n")
    done = cli("auth", "list")
    assert (done.status, "cows" in done.out) == (3, True)
    assert "has an option that is not known" in done.err


def test_the_choices_are_the_values_of_the_enums() -> None:
    # "error" is documented, and not a member.
    assert set(STATUSES) == {each.value for each in TaskStatus} | {"error"}
    assert set(REVIEWS) == {each.value for each in TaskReviewStatus}
    assert set(batch_commands._STATUSES) == {each.value for each in BatchStatus}


DRY_RUNS = [
    ["project", "create", "pigs", "--type", "annotation"],
    ["project", "update", "cows", "--params", "{}"],
    ["batch", "create", "week 10", "--project", "cows"],
    ["batch", "finalize", "week 9"],
    ["batch", "cancel", "week 9"],
    ["task", "create", "rows.csv", "--project", "cows", "--failed", "f.jsonl"],
    ["task", "cancel", "TASK"],
    ["task", "tag", "TASK", "--add", "x"],
    ["task", "audit", "TASK", "--accept"],
    ["file", "upload", str(PICTURE)],
    ["file", "import", "https://example.com/a.png"],
]


@pytest.mark.parametrize("arguments", DRY_RUNS, ids=lambda words: " ".join(words[:2]))
def test_a_dry_run_only_reads(
    cli: Cli, sandbox: Sandbox, live_key: str, arguments: List[str]
) -> None:
    live = ScaleClient(live_key, api_instance_url=sandbox.url)
    live.create_project("cows", "categorization", {"categories": ["cow"]})
    live.create_batch("cows", "week 9")
    task = live.create_task(
        "categorization",
        project="cows",
        batch="week 9",
        attachment="https://example.com/1.jpg",
    )
    Path("rows.csv").write_text("attachment,priority:int\nhttps://x.y/1,7\n")
    sandbox.requests.clear()
    words = [task.id if word == "TASK" else word for word in arguments]
    # Nothing is asked, since nothing is done.
    done = cli(*words, "--dry-run", "--json")
    assert done.status == 0
    found = done.json()
    for record in found if isinstance(found, list) else [found]:
        assert record["status"] in ("checked", "staging", "completed", "pending")
    assert {each.method for each in sandbox.requests} <= {"GET"}
    assert not Path("f.jsonl").exists()


def test_a_command_that_has_no_dry_run_refuses_the_option(cli: Cli) -> None:
    for words in (
        ["task", "list", "--project", "cows"],
        ["export", "x", "--batch", "b"],
    ):
        assert cli(*words, "--dry-run").status == 2
        assert cli("--dry-run", *words).status == 2
