"""An answer of 2xx with an unexpected document is an error like any other."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

import pytest

from scaleapi import ScaleClient, ScaleException, Task
from tests.faultserver import Answer, FaultServer

ACCEPTED = {"status": "accepted"}
ID = {"X-Request-Id": "7"}

#: Call -> answers that are objects or lists, but not the expected ones.
CALLS: Dict[str, Any] = {
    "create_task": lambda c: c.create_task("chat", unique_id="u"),
    "create_evaluation_task": lambda c: c.create_evaluation_task("chat", unique_id="u"),
    "create_training_task": lambda c: c.create_training_task("chat", unique_id="u"),
    "get_task": lambda c: c.get_task("1"),
    "refresh": lambda c: Task({"task_id": "1"}, c).refresh(),
    "cancel_task": lambda c: c.cancel_task("1"),
    "update_task_unique_id": lambda c: c.update_task_unique_id("1", "u"),
    "clear_task_unique_id": lambda c: c.clear_task_unique_id("1"),
    "set_task_metadata": lambda c: c.set_task_metadata("1", {}),
    "set_task_tags": lambda c: c.set_task_tags("1", []),
    "add_task_tags": lambda c: c.add_task_tags("1", ["a"]),
    "delete_task_tags": lambda c: c.delete_task_tags("1", ["a"]),
    "tasks": lambda c: c.tasks(),
    "get_tasks": lambda c: list(c.get_tasks("p")),
    "get_tasks_count": lambda c: c.get_tasks_count("p"),
    "create_batch": lambda c: c.create_batch("p", "b"),
    "finalize_batch": lambda c: c.finalize_batch("b"),
    "get_batch": lambda c: c.get_batch("b"),
    "set_batch_metadata": lambda c: c.set_batch_metadata("b", {}),
    "batches": lambda c: c.batches(),
    "get_batches": lambda c: list(c.get_batches()),
    "create_project": lambda c: c.create_project("p", "chat"),
    "get_project": lambda c: c.get_project("p"),
    "projects": lambda c: c.projects(),
    "get_projects": lambda c: c.get_projects(),
    "update_project": lambda c: c.update_project("p"),
    "get_project_template": lambda c: c.get_project_template("p"),
    "upload_file": lambda c: c.upload_file(b"x"),
    "import_file": lambda c: c.import_file("http://x"),
    "list_teammates": lambda c: c.list_teammates(),
    "invite_teammates": lambda c: c.invite_teammates("a@b.c", "member"),
    "update_teammates_role": lambda c: c.update_teammates_role("a@b.c", "member"),
    "list_studio_assignments": lambda c: c.list_studio_assignments(),
    "add_studio_assignments": lambda c: c.add_studio_assignments("a@b.c", "p"),
    "remove_studio_assignments": lambda c: c.remove_studio_assignments("a@b.c", "p"),
    "list_project_groups": lambda c: c.list_project_groups("p"),
    "create_project_group": lambda c: c.create_project_group("p", "a@b.c", "g"),
    "update_project_group": lambda c: c.update_project_group("p", "g", [], []),
    "list_studio_batches": lambda c: c.list_studio_batches(),
    "assign_studio_batches": lambda c: c.assign_studio_batches("b", "g"),
    "set_studio_batches_priorities": lambda c: c.set_studio_batches_priorities("b"),
    "reset_studio_batches_priorities": lambda c: c.reset_studio_batches_priorities(),
}
WITH_UNIQUE_ID = {
    "create_task",
    "create_evaluation_task",
    "create_training_task",
    "update_task_unique_id",
}


@pytest.fixture
def client(fault_server: FaultServer, waits: List[float]) -> ScaleClient:
    return ScaleClient("test_key", None, fault_server.url)


@pytest.mark.parametrize(
    "body",
    [
        ACCEPTED,
        [ACCEPTED],
        {"docs": [ACCEPTED]},
        {"docs": ACCEPTED},
        [None],
        {"task_id": None, "id": None, "name": None},
        None,
        "<html>Sign in</html>",
    ],
    ids=str,
)
@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_call_raises_if_the_answer_has_an_unexpected_type(
    client: ScaleClient, fault_server: FaultServer, name: str, body: Any
) -> None:
    # The look-up that follows finds nothing.
    fault_server.play(Answer(202, body, ID), Answer(404))
    call: Callable[[ScaleClient], Any] = CALLS[name]
    with pytest.raises(ScaleException, match="202 from .*, but the answer is") as info:
        call(client)
    error = info.value
    assert error.attempts == 1
    assert error.code is None
    assert error.headers["x-request-id"] == "7"
    assert error.body == Answer(200, body).content.decode()
    assert error.unique_id == ("u" if name in WITH_UNIQUE_ID else None)


def test_every_call_that_returns_objects_is_tested_here() -> None:
    public = {name for name in dir(ScaleClient) if not name.startswith("_")}
    takes_anything = {"audit_task", "batch_status", "close"}
    through_others = {name for name in public if name.startswith("get_or_create_")} | {
        "map",
        "create_tasks",
        "cancel_tasks",
        "upload_files",
        "import_files",
        "download_files",
        "export_tasks",
        "load_result",
    }
    # v2 has tests of its own, and so has the check of a key.
    elsewhere = {"v2", "v2_get_tasks", "check_key"}
    no_calls = {"mode", "from_profile", "callback_key"}
    others = takes_anything | through_others | elsewhere | no_calls
    assert public - others == set(CALLS) - {"refresh"}


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("get_project", {"name": "p", "param_history": {"version": 0}}),
        ("get_project", {"name": "p", "param_history": ["x"]}),
        ("list_project_groups", [{"id": "1", "workers": [{"email": "a@b.c"}]}]),
        ("list_project_groups", [{"id": "1", "workers": 5}]),
        ("update_project_group", {"id": "1", "workers": ACCEPTED}),
    ],
)
def test_lists_inside_of_a_document_are_checked(
    client: ScaleClient, fault_server: FaultServer, name: str, document: Any
) -> None:
    fault_server.play(Answer(200, document))
    with pytest.raises(ScaleException, match="but the answer is not") as caught:
        CALLS[name](client)
    assert caught.value.attempts == 1


def test_a_creation_answered_by_a_queue_is_looked_up(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    found = {"task_id": "1", "unique_id": "u", "type": "chat"}
    fault_server.play(Answer(202, ACCEPTED), Answer(200, {"docs": [found]}))
    assert client.create_task("chat", unique_id="u").as_dict() == found
    assert [r.method for r in fault_server.received] == ["POST", "GET"]


def test_a_creation_answered_by_a_queue_and_not_found_names_its_unique_id(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(202, ACCEPTED), Answer(200, {"docs": []}))
    with pytest.raises(ScaleException, match="'task_id'.*unique_id='u'"):
        client.create_task("chat", unique_id="u")
    fault_server.play(Answer(202, ACCEPTED))
    with pytest.raises(ScaleException, match="may or may not exist"):
        client.create_task("chat", instruction="i")


def test_create_tasks_counts_the_attempt_that_a_queue_answered(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(202, ACCEPTED), Answer(200, {"docs": []}))
    (result,) = client.create_tasks("chat", [{}], unique_id=None)
    assert isinstance(result.error, ScaleException)
    assert result.error.attempts == 1


def test_a_raw_request_returns_any_json(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(202, ACCEPTED))
    assert client.api.post_request("task/chat", {}) == ACCEPTED
