"""The named options: chosen at the start, changed while it is running."""

from __future__ import annotations

import inspect
import re
import threading
from pathlib import Path
from typing import Any, Dict, Iterator

import pytest
import requests

from scaleapi import ScaleClient, ScaleInvalidRequest
from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.__main__ import main
from scaleapi.sandbox.options import OPTIONS, Options

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(OPTIONS)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ScaleClient]:
    with ScaleClient(sandbox.live_api_key, api_instance_url=sandbox.url) as client:
        client.create_project("cows", "imageannotation")
        yield client


def control(sandbox: Sandbox) -> str:
    return sandbox.url[: -len("/v1")] + "/control/options"


def another(name: str) -> Any:
    """Return a value that is not the default."""
    option = OPTIONS[name]
    if option.values:
        return option.values[-1]
    return True if isinstance(option.default, bool) else 7


@pytest.mark.parametrize("name", NAMES)
def test_each_option_is_an_argument_and_an_attribute_with_one_default(
    name: str,
) -> None:
    parameter = inspect.signature(Sandbox).parameters[name]
    assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
    assert parameter.default == OPTIONS[name].default
    chosen: Dict[str, Any] = {name: another(name)}
    assert getattr(Sandbox(**chosen).options, name) == another(name)
    # Python 3.13 stores docstrings without their indentation.
    assert f"\n    {name}: " in (inspect.getdoc(Sandbox) or "")
    assert name in Options.__annotations__ and name in dir(Options())


@pytest.mark.parametrize("name", NAMES)
def test_each_option_is_in_the_docs_with_all_its_values(name: str) -> None:
    page = (ROOT / "docs" / "sandbox.rst").read_text("utf-8")
    row = rf"^    \* - ``{name}``\n(?:      .*\n)*"
    found = re.search(row, page, re.MULTILINE)
    assert found is not None
    for value in OPTIONS[name].values or (str(OPTIONS[name].default),):
        assert f"``{value}``" in found.group()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", ["no such value", None, -1, 1.5, [], "True"])
def test_the_error_for_a_value_that_is_not_allowed_names_the_allowed_ones(
    name: str, wrong: Any
) -> None:
    options = Options()
    with pytest.raises((TypeError, ValueError), match=f"^{name} must be ") as caught:
        setattr(options, name, wrong)
    for value in OPTIONS[name].values:
        assert f'"{value}"' in str(caught.value)
    with pytest.raises((TypeError, ValueError), match=name):
        Sandbox(**{name: wrong})
    assert options.as_dict() == Options().as_dict()


def test_the_error_for_an_unknown_option_lists_the_known_ones() -> None:
    options = Options()
    with pytest.raises(AttributeError, match="unknown option new_batch; .*new_batches"):
        options.new_batch = "staging"
    with pytest.raises(AttributeError, match="unknown option new_batch; "):
        print(options.new_batch)
    with pytest.raises(TypeError, match="unknown option new_batch; .*new_batches"):
        options.update(new_batch="staging")


def test_options_update_changes_all_options_or_none() -> None:
    options = Options()
    with pytest.raises(ValueError, match="track_file"):
        options.update(new_batches="in_progress", track_file="round")
    assert options.new_batches == "staging"
    options.update(new_batches="in_progress", track_file="list")
    assert (options.new_batches, options.track_file) == ("in_progress", "list")


def test_a_reader_never_sees_half_of_an_update() -> None:
    options = Options()
    pairs = [("staging", "bare"), ("in_progress", "list")]
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            for batches, tracks in pairs:
                options.update(new_batches=batches, track_file=tracks)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    seen = set()
    for _ in range(20_000):
        now = options.as_dict()
        seen.add((now["new_batches"], now["track_file"]))
    done.set()
    for writer in writers:
        writer.join()
    assert seen <= set(pairs)


def test_a_copy_of_the_options_is_independent() -> None:
    options = Options(track_file="list")
    snapshot = options.snapshot()
    options.track_file = "wrapped"
    assert snapshot.track_file == "list"
    assert "track_file='list'" in repr(snapshot)


def test_reset_restores_the_options_of_the_constructor() -> None:
    with Sandbox(track_file="list") as sandbox:
        sandbox.options.update(track_file="inline", trailing_nuls=3)
        sandbox.reset()
        assert sandbox.options.track_file == "list"
        assert sandbox.options.trailing_nuls == 0


def test_options_can_be_read_and_changed_over_http(sandbox: Sandbox) -> None:
    shown = requests.get(control(sandbox)).json()
    assert shown == {name: option.default for name, option in OPTIONS.items()}
    given = {"frame_time": "none", "keyframe_fields": True}
    answer = requests.post(control(sandbox), json=given)
    assert answer.status_code == 200
    assert answer.json() == {**shown, **given}
    assert sandbox.options.frame_time == "none"
    assert requests.get(control(sandbox)).json() == {**shown, **given}


@pytest.mark.parametrize(
    "given, words",
    [
        ({"track_file": "round"}, '"bare" or "wrapped" or "list" or "inline"'),
        ({"track_fil": "bare"}, "track_file"),
        ({"keyframe_fields": "yes"}, "true or false"),
        ({"trailing_nuls": -1}, "0"),
        ([], "object"),
    ],
)
def test_an_invalid_option_over_http_is_a_400_that_names_the_allowed_values(
    sandbox: Sandbox, given: Any, words: str
) -> None:
    answer = requests.post(control(sandbox), json=given)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert sandbox.options.as_dict() == Options().as_dict()


def test_the_command_lists_the_allowed_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--track-file", "round"])
    assert caught.value.code == 2
    assert "inline" in capsys.readouterr().err
    with pytest.raises(SystemExit) as caught:
        main(["--trailing-nuls", "-1"])
    assert caught.value.code == 2
    assert "trailing_nuls must be" in capsys.readouterr().err


def test_the_command_has_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    for name in OPTIONS:
        assert "--" + name.replace("_", "-") in shown


@pytest.mark.parametrize(
    "kind, status",
    [({}, "in_progress"), ({"rapid": True}, "staging"), ({"studio": True}, "staging")],
)
def test_option_new_batches_applies_to_live_batches_of_standard_projects(
    sandbox: Sandbox, client: ScaleClient, kind: Dict[str, bool], status: str
) -> None:
    client.create_project("p", "categorization", **kind)  # type: ignore[arg-type]
    assert client.create_batch("p", "before").status == "staging"
    sandbox.options.new_batches = "in_progress"
    assert client.create_batch("p", "after").status == status
    assert client.get_batch("after").status == status
    test_client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
    sandbox.options.new_batches = "staging"
    test_client.create_project("p", "categorization")
    assert test_client.create_batch("p", "b").status == "in_progress"


def test_a_batch_in_progress_from_the_start_is_completed_with_its_tasks(
    sandbox: Sandbox, client: ScaleClient
) -> None:
    sandbox.options.new_batches = "in_progress"
    client.create_batch("cows", "b")
    task = client.create_task(
        "imageannotation", batch="b", attachment="https://e.com/1.png", geometries={}
    )
    assert client.get_batch("b").status == "in_progress"
    sandbox.complete(task)
    assert client.get_batch("b").status == "completed"


def test_option_project_type_mismatch(sandbox: Sandbox, client: ScaleClient) -> None:
    client.update_project("cows", labels=["road"], instruction="Look.")
    given = {"attachment": "https://e.com/1.png"}
    task = client.create_task("segmentannotation", project="cows", **given)
    assert task.status == "pending"
    assert task.params["labels"] == ["road"] and task.instruction == "Look."
    assert task.type == "segmentannotation"
    client.create_batch("cows", "b")
    task = client.create_task("segmentannotation", batch="b", **given)
    assert (task.project, task.batch) == ("cows", "b")
    expected = {"expected_response": {}}
    client.create_evaluation_task(
        "segmentannotation", project="cows", **given, **expected
    )
    sandbox.options.project_type_mismatch = "refused"
    words = "takes tasks of type imageannotation, not segmentannotation"
    with pytest.raises(ScaleInvalidRequest, match=words):
        client.create_task("segmentannotation", project="cows", **given)
    with pytest.raises(ScaleInvalidRequest, match=words):
        client.create_task("segmentannotation", batch="b", **given)
    with pytest.raises(ScaleInvalidRequest, match=words):
        client.create_training_task(
            "segmentannotation", project="cows", **given, **expected
        )


def test_option_attachment_downloads(sandbox: Sandbox, client: ScaleClient) -> None:
    task = client.create_task(
        "imageannotation", attachment="https://e.com/1.png", geometries={}
    )
    assert "attachmentS3Downloads" not in task.as_dict()
    assert "attachmentS3Downloads" in client.get_task(task.id).as_dict()
    assert "attachmentS3Downloads" not in client.tasks()[0].as_dict()
    sandbox.options.attachment_downloads = "on_request"
    assert "attachmentS3Downloads" not in client.get_task(task.id).as_dict()
    asked = client.api.get_request(f"task/{task.id}", {"include_attachment_url": True})
    assert "attachmentS3Downloads" in asked
