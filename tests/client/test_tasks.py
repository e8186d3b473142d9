from __future__ import annotations

import copy
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any, Dict

import pytest

import scaleapi
from scaleapi import (
    ScaleClient,
    ScaleDuplicateResource,
    ScaleException,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
    ScaleValueError,
    Task,
    TaskReviewStatus,
    TaskStatus,
    TaskType,
)
from scaleapi.sandbox import Sandbox

ODD_NAME = "a/b c?#% é"
TEXT: Dict[str, Any] = {
    "attachments": [{"type": "text", "content": "one"}],
    "fields": [{"type": "text", "field_id": "note", "title": "Note"}],
}


def make(client: ScaleClient, **params: Any) -> Task:
    return client.create_task(TaskType.TextCollection, **{**TEXT, **params})


def test_create_task_gives_a_pending_task_that_get_task_finds_completed(
    client: ScaleClient,
) -> None:
    client.create_project("texts", TaskType.TextCollection)
    task = make(client, project="texts", unique_id="a")
    assert task.status == TaskStatus.Pending == "pending"
    assert not hasattr(task, "response")
    assert task.unique_id == "a"

    fetched = client.get_task(task.id)
    assert fetched.status == TaskStatus.Completed
    assert isinstance(fetched.response["annotations"]["note"], str)
    assert fetched == task
    assert hash(fetched) == hash(task)

    assert task.refresh() is None
    assert task.as_dict() == fetched.as_dict()


def test_task_as_dict_returns_the_dict_it_was_made_from() -> None:
    document = {"task_id": "1", "status": "pending"}
    task = Task(json=document, client=None)
    assert task.as_dict() is document
    assert task._json is document
    assert str(task) == "Task(id=1)"
    assert repr(task) == f"Task({document})"


def test_create_task_takes_the_task_type_as_a_string(client: ScaleClient) -> None:
    assert client.create_task("textcollection", **TEXT).type == "textcollection"


def test_key_under_params_is_a_deprecated_attribute() -> None:
    task = Task({"task_id": "1", "params": {"geometries": {"box": {}}}}, None)
    with pytest.warns(DeprecationWarning, match=r"task\.params\['geometries'\]"):
        assert task.geometries == {"box": {}}


def test_first_level_of_a_task_overrides_params(
    recwarn: pytest.WarningsRecorder,
) -> None:
    task = Task({"task_id": "1", "status": "a", "params": {"status": "b"}}, None)
    assert task.status == "a"
    assert not recwarn.list


def test_missing_key_of_a_task_is_an_attribute_error() -> None:
    task = Task({"task_id": "1", "params": None}, None)
    with pytest.raises(AttributeError, match="'Task' object has no attribute respons"):
        _ = task.response
    assert getattr(task, "prior_responses", []) == []


def test_task_with_own_attributes_can_be_copied_and_pickled() -> None:
    task = Task({"task_id": "1", "params": {}}, None)
    task.note = "mine"
    for other in (
        copy.copy(task),
        copy.deepcopy(task),
        pickle.loads(pickle.dumps(task)),
    ):
        assert other == task
        assert other.note == "mine"


def test_a_task_equals_only_tasks_of_its_id() -> None:
    assert Task({"task_id": "1"}, None) != Task({"task_id": "2"}, None)
    assert Task({"task_id": "1"}, None) != scaleapi.File({"id": "1"}, None)
    assert Task({"task_id": "1"}, None) != "1"


@pytest.mark.parametrize("document", [None, {}, {"id": "1"}, [], {"task_id": None}])
def test_task_without_task_id_is_rejected(document: Any) -> None:
    with pytest.raises(ScaleException, match="not the document of a Task"):
        Task(document, None)


def test_methods_of_a_task_without_a_client_raise_a_clear_error() -> None:
    task = Task({"task_id": "1"}, None)
    for call in (task.refresh, task.cancel):
        with pytest.raises(ScaleException, match="made without a client"):
            call()


def test_cancel_cancels_a_pending_task_once(live_client: ScaleClient) -> None:
    task = make(live_client, unique_id="a")
    assert task.cancel() is None
    assert task.status == "pending"  # until it is refreshed
    task.refresh()
    assert task.status == TaskStatus.Canceled
    assert task.unique_id == "a"
    with pytest.raises(ScaleInvalidRequest, match="already canceled"):
        task.cancel()
    with pytest.raises(ScaleDuplicateResource) as caught:
        make(live_client, unique_id="a")
    assert caught.value.message.endswith(f"({task.id}).")


def test_cancel_task_with_clear_unique_id_frees_the_id(
    live_client: ScaleClient,
) -> None:
    task = make(live_client, unique_id="a")
    canceled = live_client.cancel_task(task.id, clear_unique_id=True)
    assert canceled.status == TaskStatus.Canceled
    assert not hasattr(canceled, "unique_id")
    assert make(live_client, unique_id="a").unique_id == "a"


def test_cancel_task_rejects_a_completed_task(client: ScaleClient) -> None:
    task = make(client)
    with pytest.raises(ScaleInvalidRequest, match="already completed"):
        client.cancel_task(task.id)


def test_get_task_of_an_unknown_id_is_not_found(client: ScaleClient) -> None:
    for task_id in ("61d0f4a29b3c7e0012ab34cd", "a/b?x=1", ODD_NAME):
        with pytest.raises(ScaleResourceNotFound) as caught:
            client.get_task(task_id)
        assert caught.value.code == 404
        assert caught.value.message == "Task not found"


@pytest.mark.parametrize("task_id", ["", ".", ".."])
def test_get_task_rejects_an_id_that_would_reach_another_endpoint(
    client: ScaleClient, task_id: str
) -> None:
    with pytest.raises(ValueError, match="cannot be an id"):
        client.get_task(task_id)


def test_create_task_without_a_required_parameter_raises_the_error_of_the_api(
    client: ScaleClient,
) -> None:
    with pytest.raises(ScaleInvalidRequest) as caught:
        client.create_task(TaskType.TextCollection)
    text = 'Parameter is invalid, reason: "attachments" is required'
    assert caught.value.message == text
    assert str(caught.value) == f"<Response [400]> {text}"


def test_tasks_pages_by_next_token(client: ScaleClient) -> None:
    ids = [make(client).id for _ in range(5)]
    page = client.tasks(limit=2)
    assert [task.id for task in page] == ids[:2:-1]
    assert (page.total, page.limit, page.offset, page.has_more) == (5, 2, 0, True)
    following = client.tasks(limit=2, next_token=page.next_token)
    make(client)  # created between two pages: moves nothing
    last = client.tasks(limit=2, next_token=following.next_token)
    assert [task.id for task in [*following, *last]] == ids[2::-1]
    assert not last.has_more
    assert last.next_token is None


def test_tasks_rejects_an_unknown_filter_and_sends_nothing() -> None:
    nowhere = ScaleClient("test_x", api_instance_url="http://127.0.0.1:1/v1")
    with pytest.raises(ScaleInvalidRequest) as caught:
        nowhere.tasks(created_after="2020-01-01")
    assert (
        caught.value.message
        == "Illegal parameter created_after for ScaleClient.tasks()"
    )
    assert caught.value.code == 400


def test_get_tasks_yields_all_pages_in_order(client: ScaleClient) -> None:
    client.create_project("p", TaskType.TextCollection)
    ids = [make(client, project="p").id for _ in range(7)]
    assert [task.id for task in client.get_tasks("p", limit=3)] == ids[::-1]
    assert client.get_tasks_count("p") == 7
    assert list(client.get_tasks("unknown")) == []


def test_get_tasks_without_project_or_batch_fails_at_the_first_task(
    client: ScaleClient,
) -> None:
    tasks = client.get_tasks()
    with pytest.raises(ValueError, match="project_name or batch_name must be"):
        next(tasks)
    with pytest.raises(ValueError, match="project_name or batch_name must be"):
        client.get_tasks_count()


def test_get_tasks_filters_by_each_argument(client: ScaleClient) -> None:
    client.create_project(ODD_NAME, TaskType.TextCollection)
    client.create_batch(ODD_NAME, "b")
    one = make(client, project=ODD_NAME, unique_id="1", tags=["red", "blue"])
    two = make(client, batch="b", unique_id="2", tags=["green"])

    def found(**filters: Any) -> "list[str]":
        filters.setdefault("project_name", ODD_NAME)
        tasks = list(client.get_tasks(**filters))
        assert len(tasks) == client.get_tasks_count(**filters)
        return [task.unique_id for task in tasks]

    now = datetime.now(timezone.utc)
    hour = timedelta(hours=1)
    assert found() == ["2", "1"]
    assert found(batch_name="b") == ["2"]
    assert found(project_name=None, batch_name="b") == ["2"]
    assert found(task_type=TaskType.TextCollection) == ["2", "1"]
    assert found(task_type="chat") == []
    assert found(status="completed") == ["2", "1"]
    assert found(status=TaskStatus.Pending) == []
    assert found(unique_id="1") == ["1"]
    assert found(unique_id=["1", "2", "3"]) == ["2", "1"]
    assert found(tags="red") == ["1"]
    assert found(tags=("red", "green")) == ["2", "1"]
    assert found(review_status=TaskReviewStatus.Accepted) == []
    assert found(review_status=["accepted", TaskReviewStatus.Pending]) == ["2", "1"]
    assert found(created_after=now - hour, created_before=now + hour) == ["2", "1"]
    assert found(created_after=now.astimezone(timezone(hour * 5)) + hour) == []
    assert found(created_after=now.replace(tzinfo=None) - hour) == ["2", "1"]
    assert found(completed_after=(now - hour).isoformat()) == ["2", "1"]
    assert found(completed_before=(now - hour).date()) == []
    assert found(updated_after="2020-01-01", updated_before="2100-01-01") == ["2", "1"]
    assert found(created_before=one.created_at) == ["1"] or (
        one.created_at == two.created_at
    )


def test_get_tasks_includes_signed_addresses_of_attachments(
    client: ScaleClient,
) -> None:
    client.create_project("p", TaskType.DataCollection)
    url = client.upload_file(b"content of a file").attachment_url
    client.create_task(TaskType.DataCollection, project="p", attachment=url, fields={})
    (task,) = client.get_tasks("p")
    (download,) = task.attachmentS3Downloads
    assert download["attachmentURL"] == url
    answer = scaleapi.api.requests.get(download["s3URL"], timeout=10)
    assert answer.content == b"content of a file"
    forged = download["s3URL"].replace("Signature=", "Signature=0")
    assert scaleapi.api.requests.get(forged, timeout=10).status_code == 403
    (plain,) = client.get_tasks("p", include_attachment_url=False)
    assert not hasattr(plain, "attachmentS3Downloads")


def test_get_tasks_with_limited_response_has_few_keys(client: ScaleClient) -> None:
    client.create_project("p", TaskType.TextCollection)
    make(client, project="p")
    (task,) = client.get_tasks("p", limited_response=True)
    assert set(task.as_dict()) == {"task_id", "status", "metadata", "project"}


def test_process_tasks_endpoint_args_returns_the_query() -> None:
    query = ScaleClient._process_tasks_endpoint_args("p", created_after="")
    assert query == {
        "start_time": "",
        "end_time": None,
        "project": "p",
        "batch": None,
        "completed_before": None,
        "completed_after": None,
        "tags": None,
        "updated_before": None,
        "updated_after": None,
        "unique_id": None,
        "include_attachment_url": True,
    }
    query = ScaleClient._process_tasks_endpoint_args(
        None,
        "b",
        TaskType.Chat,
        TaskStatus.Pending,
        [TaskReviewStatus.Accepted, TaskReviewStatus.Fixed],
        limited_response=True,
    )
    assert query["type"] == "chat"
    assert query["status"] == "pending"
    assert query["customer_review_status"] == "accepted,fixed"
    assert query["limited_response"] is True


FILTERS = {
    "project_name": "project",
    "batch_name": "batch",
    "task_type": "type",
    "status": "status",
    "review_status": "customer_review_status",
    "unique_id": "unique_id",
    "completed_after": "completed_after",
    "completed_before": "completed_before",
    "updated_after": "updated_after",
    "updated_before": "updated_before",
    "created_after": "start_time",
    "created_before": "end_time",
    "tags": "tags",
}


@pytest.mark.parametrize("argument", FILTERS)
def test_get_tasks_sends_each_argument_under_its_own_key(
    argument: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ScaleClient("test_x")
    queries: "list[Dict[str, Any]]" = []

    def get_request(endpoint: str, params: Any = None) -> Any:
        queries.append({k: v for k, v in params.items() if v is not None})
        return {"docs": [], "total": 0}

    # A stand-in with the official signature, as users' tests have them.
    monkeypatch.setattr(client.api, "get_request", get_request)
    arguments = {"project_name": "p", argument: "sentinel"}
    list(client.get_tasks(**arguments))
    client.get_tasks_count(**arguments)
    for query in queries:
        assert query[FILTERS[argument]] in ("sentinel", ["sentinel"])
        others = {FILTERS[argument], "project", "include_attachment_url", "limit"}
        assert set(query) <= others


def test_stand_ins_of_the_official_signatures_serve(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = ScaleClient("test_x")
    document = {"task_id": "1", "name": "n"}
    seen: "list[Any]" = []

    def post(
        endpoint: str, body: Any = None, files: Any = None, data: Any = None
    ) -> Any:
        seen.append((endpoint, body))
        return document

    monkeypatch.setattr(client.api, "post_request", post)
    monkeypatch.setattr(
        client.api, "put_request", lambda e, body=None, params=None: document
    )
    monkeypatch.setattr(
        client.api, "delete_request", lambda e, params=None, body=None: document
    )
    assert client.create_task("chat", a=1, unique_id="u").id == "1"
    assert client.cancel_task("1").id == "1"
    assert client.create_batch("p", "n").name == "n"
    assert client.add_task_tags("1", ["a"]).id == "1"
    assert client.delete_task_tags("1", ["a"]).id == "1"
    assert seen[:2] == [
        ("task/chat", {"a": 1, "unique_id": "u"}),
        ("task/1/cancel", None),
    ]


def test_get_tasks_uses_an_overridden_tasks() -> None:
    class Mine(ScaleClient):
        def tasks(self, **kwargs: Any) -> scaleapi.Tasklist:
            return scaleapi.Tasklist([Task({"task_id": "m"}, self)], 7, 100, 0, False)

    client = Mine("test_x")
    assert [task.id for task in client.get_tasks("p")] == ["m"]
    assert client.get_tasks_count("p") == 7


NOTHING = [[], (), set(), {}, "", b"", [""], [b""], [None], ["", None], iter(())]


@pytest.mark.parametrize("nothing", NOTHING)
def test_get_tasks_rejects_an_empty_unique_id(
    client: ScaleClient, nothing: Any
) -> None:
    with pytest.raises(ScaleValueError, match="every task of project 'p'.*=None"):
        client.get_tasks_count("p", unique_id=nothing)
    with pytest.raises(ValueError, match="every task of the account"):
        client.tasks(unique_id=[])
    found = client.get_tasks("p", "b", status="completed", unique_id=())
    with pytest.raises(ScaleException, match="unique_id is empty") as caught:
        next(found)
    assert (
        "every task of batch 'b' of project 'p' that the other filters match"
        in caught.value.message
    )


def test_cancel_tasks_of_an_empty_unique_id_cancels_nothing(
    live_client: ScaleClient,
) -> None:
    live_client.create_project("p", TaskType.TextCollection)
    task = make(live_client, project="p")
    found = live_client.get_tasks("p", unique_id=[])
    (result,) = live_client.cancel_tasks(found)
    assert isinstance(result.error, ScaleValueError)
    task.refresh()
    assert task.status == "pending"


@pytest.mark.parametrize("nothing", ["", [""], [None], ["", None]])
def test_get_tasks_rejects_tags_that_are_all_empty(
    client: ScaleClient, nothing: Any
) -> None:
    for call in (client.tasks, lambda **f: list(client.get_tasks("p", **f))):
        with pytest.raises(ScaleValueError, match="every task .* would match"):
            call(tags=nothing)


@pytest.mark.parametrize(
    "filters",
    [
        {"project_name": [], "batch_name": "b"},
        {"project_name": ["", b""], "batch_name": "b"},
        {"batch_name": iter([None])},
    ],
)
def test_get_tasks_rejects_empty_iterables_of_names(
    client: ScaleClient, filters: Any
) -> None:
    with pytest.raises(ScaleValueError, match="_name is empty"):
        next(client.get_tasks(**{"project_name": "p", **filters}))
    for name in ("project", "batch"):
        with pytest.raises(ScaleValueError, match=f"{name} is empty"):
            client.tasks(**{name: ()})


@pytest.mark.parametrize("empty", [[], (), set(), {}, iter(())])
@pytest.mark.parametrize("name", ["tags", "review_status"])
def test_get_tasks_leaves_out_empty_tags_and_review_status_with_a_warning(
    client: ScaleClient, caplog: pytest.LogCaptureFixture, name: str, empty: Any
) -> None:
    client.create_project("p", TaskType.TextCollection)
    make(client, project="p")
    assert len(list(client.get_tasks("p", **{name: empty}))) == 1
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("scaleapi", "WARNING")
    assert f"{name} is empty" in record.getMessage()
    assert "every task of project 'p' may match" in (record.getMessage())


@pytest.mark.parametrize(
    ("name", "sent"),
    [("status", []), ("task_type", []), ("review_status", []), ("batch_name", [""])],
)
def test_get_tasks_sends_an_empty_string_as_before_with_a_warning(
    client: ScaleClient,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
    name: str,
    sent: "list[str]",
) -> None:
    client.create_project("p", TaskType.TextCollection)
    for _ in range(3):
        make(client, project="p")
    list(client.get_tasks("p", limit=1, **{name: ""}))
    query = sandbox.requests[-1].query
    assert query.get(FILTERS[name], []) == sent
    (record,) = caplog.records
    assert f"{name} is empty ('')" in record.getMessage()


def test_get_tasks_leaves_out_filters_that_are_none_without_a_warning(
    client: ScaleClient, caplog: pytest.LogCaptureFixture
) -> None:
    none = dict.fromkeys(FILTERS, None)
    assert list(client.get_tasks(**{**none, "project_name": "p"})) == []
    client.tasks(**dict.fromkeys(FILTERS.values(), None), next_token="")
    assert caplog.records == []


def test_set_metadata_rejects_none(client: ScaleClient) -> None:
    with pytest.raises(TypeError, match="metadata must be a dict"):
        client.set_task_metadata("1", None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="metadata must be a dict"):
        client.set_batch_metadata("b", None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unique_id must be a str"):
        client.update_task_unique_id("1", None)  # type: ignore[arg-type]


def test_task_id_is_an_attribute_that_can_be_set() -> None:
    task = Task({"task_id": 5}, None)
    assert vars(task)["id"] == task.id == 5
    task.id = "mine"
    assert hash(task) == hash("mine")
