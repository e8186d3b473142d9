"""``scaleapi task create``: formats, repeats, failures and what is sent again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from tests.cli.conftest import Cli, Result

HEADER = "attachment,metadata.row:int,tags\n"
ROWS = """\
https://example.com/1.jpg,1,"[""dawn"", ""dusk""]"
https://example.com/2.jpg,2,
"""
CREATE = ("task", "create")


@pytest.fixture(autouse=True)
def project(client: ScaleClient) -> None:
    client.create_project("cows", "categorization", {"categories": ["cow", "calf"]})


def statuses(result: Result) -> List[str]:
    return [each["status"] for each in result.json()]


def tasks(client: ScaleClient) -> List[Dict[str, Any]]:
    return [task.as_dict() for task in client.get_tasks("cows")]


def test_each_row_of_a_csv_file_becomes_a_task_once(
    cli: Cli, client: ScaleClient
) -> None:
    Path("rows.csv").write_bytes(b"\xef\xbb\xbf" + (HEADER + ROWS).encode())
    first = cli(*CREATE, "rows.csv", "--project", "cows")
    assert (first.status, first.err) == (0, "2 created\n")
    assert sorted(task["metadata"]["row"] for task in tasks(client)) == [1, 2]
    assert ["dawn", "dusk"] in [task.get("tags") for task in tasks(client)]
    again = cli(*CREATE, "rows.csv", "--project", "cows", "--json")
    assert (again.status, statuses(again)) == (0, ["existing", "existing"])
    assert len(tasks(client)) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.jsonl", '{"attachment": "https://x.y/1", "unique_id": "é"}\n\n'),
        ("rows.json", '[{"attachment": "https://x.y/1", "unique_id": "é"}]'),
        ("rows.json", '{"attachment": "https://x.y/1",\n "unique_id": "é"}'),
        ("-", '{"attachment": "https://x.y/1", "unique_id": "é"}\n'),
        ("-", '[{"attachment": "https://x.y/1", "unique_id": "é"}]'),
        ("-", '{"attachment": "https://x.y/1",\n "unique_id": "é"}'),
        ("-", "attachment,unique_id\nhttps://x.y/1,é\n"),
    ],
)
def test_formats_are_known_by_name_or_by_content(
    cli: Cli, client: ScaleClient, name: str, text: str
) -> None:
    if name != "-":
        Path(name).write_text(text, encoding="utf-8")
    done = cli(*CREATE, name, "--project", "cows", "--json", stdin=text)
    assert (done.status, statuses(done)) == (0, ["created"])
    assert tasks(client)[0]["unique_id"] == "é"


def test_what_failed_can_be_sent_again_as_it_is(cli: Cli, client: ScaleClient) -> None:
    Path("rows.jsonl").write_text(
        '{"attachment": "https://x.y/1"}\n'
        '{"attachment": 7}\n'
        '{"attachment": "https://x.y/2"}\n'
    )
    command = (*CREATE, "rows.jsonl", "--project", "cows", "--failed", "failed.jsonl")
    done = cli(*command, "--json")
    assert (done.status, statuses(done)) == (3, ["created", "failed", "created"])
    assert done.error()["counts"] == {"created": 2, "failed": 1}
    assert done.json()[1]["input"] == "line 2"
    (line,) = Path("failed.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert entry["error"]["status"] == 400
    assert entry["payload"]["attachment"] == 7
    # As it is, it fails for the same reason; once it is mended, nothing is left.
    same = cli(*CREATE, "failed.jsonl", "--failed", "failed.jsonl")
    assert same.status == 1
    assert json.loads(Path("failed.jsonl").read_text()) == entry
    entry["payload"]["attachment"] = "https://x.y/7"
    Path("failed.jsonl").write_text(json.dumps(entry))
    assert cli(*CREATE, "failed.jsonl", "--failed", "failed.jsonl").status == 0
    assert Path("failed.jsonl").read_text() == ""
    assert len(tasks(client)) == 3


def test_nothing_is_sent_if_an_entry_is_malformed(cli: Cli, sandbox: Sandbox) -> None:
    for name, text, where in (
        ("a.csv", HEADER + ROWS + "https://example.com/3.jpg,three,\n", "line 4"),
        ("b.csv", HEADER + ROWS + "https://example.com/3.jpg\n", "line 4"),
        ("c.csv", HEADER + "https://example.com/3.jpg,3,[\n", "line 2"),
        ("d.csv", "metadata,metadata.a\nx,y\n", "line 2"),
        ("e.csv", "a,a\nx,y\n", "two columns"),
        ("f.csv", "a..b\nx\n", "header"),
        ("g.csv", "a\n\xff\n", "UTF-8"),
        ("k.csv", 'a,b\n1,"x\ny"\n2,"open\n3,\n4,\n', "begins in line 4"),
        ("l.csv", "a,b, \n1,2,\n", "column 3 has no name"),
        ("m.csv", "a,b:float\n1,2\n1,nan\n", "line 3"),
        ("n.csv", 'a\n"[1e999]"\n', "line 2"),
        ("o.jsonl", '{"a": 1}\n{"a": NaN}\n', "line 2"),
        ("h.jsonl", '{"a": 1}\n{"a": \n', "line 2"),
        ("i.jsonl", '{"a": 1}\n[]\n', "line 2"),
        ("j.json", "[7]", "element 1"),
        ("missing.csv", "", "cannot be read"),
    ):
        if not name.startswith("missing"):
            Path(name).write_bytes(text.encode("latin-1"))
        sandbox.requests.clear()
        done = cli(*CREATE, name, "--type", "categorization")
        assert (done.status, done.out) == (1, "")
        assert where in done.err
        assert len(sandbox.requests) == 0


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_csv_file_of_a_spreadsheet_is_read(
    cli: Cli, client: ScaleClient, delimiter: str
) -> None:
    text = "attachment,instruction\r\nhttps://x.y/1,ü\r\n,\r\n \r\n\r\n"
    text = text.replace(",", delimiter) + f"https://x.y/2{delimiter}{'x' * 200_000}\r\n"
    Path("rows.csv").write_bytes(text.encode("utf-8-sig"))
    assert statuses(cli(*CREATE, "rows.csv", "--project", "cows", "--json")) == [
        "created",
        "created",
    ]
    texts = {task["instruction"][:1] for task in tasks(client)}
    assert texts == {"ü", "x"}


def test_the_type_is_that_of_the_project_of_all_rows(cli: Cli) -> None:
    Path("rows.csv").write_text("project,attachment\ncows,https://x.y/1\n")
    assert cli(*CREATE, "rows.csv").status == 0
    Path("rows.csv").write_text("project,attachment\ncows,a\npigs,b\n")
    assert cli(*CREATE, "rows.csv").status == 2
    assert "--type" in cli(*CREATE, "rows.csv").err


def test_a_project_that_differs_from_that_of_a_row_is_refused(cli: Cli) -> None:
    Path("rows.csv").write_text("project,attachment\npigs,https://x.y/1\n")
    done = cli(*CREATE, "rows.csv", "--project", "cows")
    assert (done.status, done.out) == (2, "")
    assert "line 2: project is 'pigs' there, but --project is 'cows'." in done.err


def test_failed_does_not_replace_the_input(cli: Cli) -> None:
    Path("rows.csv").write_text(HEADER + ROWS)
    done = cli(*CREATE, "rows.csv", "--project", "cows", "--failed", "./rows.csv")
    assert done.status == 2
    assert Path("rows.csv").read_text() == HEADER + ROWS


def test_failed_does_not_replace_its_input_if_only_a_part_is_sent(cli: Cli) -> None:
    lines = [
        json.dumps({"error": None, "task_type": "categorization", "payload": {"a": n}})
        for n in range(3)
    ]
    Path("failed.jsonl").write_text("\n".join(lines))
    again = (*CREATE, "failed.jsonl", "--failed", "failed.jsonl")
    assert cli(*again, "--limit", 1).status == 2
    assert Path("failed.jsonl").read_text() == "\n".join(lines)


def test_params_are_for_tasks_that_have_no_others(
    cli: Cli, client: ScaleClient
) -> None:
    rows = (
        '{"attachment": "https://x.y/1"}\n'
        '{"attachment": "https://x.y/2", "instruction": "B"}\n'
    )
    cli(
        *CREATE, "-", "--project", "cows", "--params", '{"instruction": "A"}',
        stdin=rows,
    )  # fmt: skip
    assert sorted(task["instruction"] for task in tasks(client)) == ["A", "B"]


def test_limit_creates_only_the_first(cli: Cli, client: ScaleClient) -> None:
    Path("rows.csv").write_text(HEADER + ROWS)
    cli(*CREATE, "rows.csv", "--project", "cows", "--limit", 1)
    assert [task["metadata"]["row"] for task in tasks(client)] == [1]


def test_nothing_to_create_is_a_success(cli: Cli) -> None:
    Path("rows.csv").write_text(HEADER)
    done = cli(*CREATE, "rows.csv", "--project", "cows", "--json")
    assert (done.status, done.json()) == (0, [])


def test_nothing_to_create_is_not_asked_about(cli: Cli, live_key: str) -> None:
    Path("rows.csv").write_text(HEADER)
    assert cli(*CREATE, "rows.csv", "--type", "categorization").status == 0


def test_project_and_batch_are_created_and_the_batch_finalized_if_told(
    cli: Cli, client: ScaleClient
) -> None:
    Path("rows.jsonl").write_text(
        '{"attachment": "https://x.y/1"}\n{"attachment": 7}\n'
    )
    command = [
        *("task", "create", "rows.jsonl", "--project", "pigs", "--batch", "week 9"),
        *("--type", "categorization", "--params", '{"categories": ["pig"]}'),
        *("--create-missing", "--finalize"),
    ]
    partly = cli(*command)
    assert partly.status == 3
    assert "finalized" not in partly.err
    done = cli(*command, "--limit", 1)
    assert (done.status, done.err) == (0, "1 existing\nbatch 'week 9' is finalized\n")
    assert client.get_batch("week 9").project == "pigs"
    assert cli(*CREATE, "rows.jsonl", "--project", "cows", "--finalize").status == 2


def test_a_key_that_is_refused_ends_the_run_at_once(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("rows.jsonl").write_text('{"attachment": "https://x.y/1"}\n' * 500)
    monkeypatch.setenv("SCALE_API_KEY", "nothing")
    sandbox.requests.clear()
    done = cli(
        *CREATE, "rows.jsonl", "--type", "categorization", "--workers", 2, "--json",
        "--yes", "--failed", "failed.jsonl",
    )  # fmt: skip
    assert (done.status, done.error()["type"]) == (4, "ScaleUnauthorized")
    assert len(sandbox.requests) < 50
    # All of them can be sent again.
    assert len(Path("failed.jsonl").read_text().splitlines()) == 500
