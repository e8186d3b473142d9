"""`load_result`, `Task.get_result` and `get_annotations(load=True)`."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest

from scaleapi import ScaleClient, ScaleException, ScaleTypeError, Task
from scaleapi.sandbox import Sandbox, factories
from tests.faultserver import Answer, FaultServer

FRAMES = [{"annotations": [{"type": "box", "label": "cow", "left": 1}]}]


def lidar_task(client: ScaleClient) -> Task:
    task = client.create_task(
        "lidarannotation", attachments=["https://example.com/1.json"], labels=["Car"]
    )
    return client.get_task(task.id)


def document(url: str, **response: Any) -> Dict[str, Any]:
    annotations = {"annotations": {"url": url}}
    return {
        "task_id": "t",
        "status": "completed",
        "response": {**annotations, **response},
    }


@pytest.fixture
def near(fault_server: FaultServer, waits: List[float]) -> ScaleClient:
    """A client of an API that also serves the files, on one server."""
    return ScaleClient("test_key", api_instance_url=fault_server.url)


def test_a_result_file_of_the_sandbox_is_decoded(client: ScaleClient) -> None:
    task = lidar_task(client)
    result = client.load_result(task)
    assert result[0]["cuboids"][0]["label"] == "Car"
    assert task.get_result() == task.get_result("annotations") == result
    assert len(task.get_annotations(load=True).cuboids_3d) > 0
    assert not task.get_annotations().cuboids_3d


def test_nul_bytes_at_the_end_are_removed() -> None:
    with Sandbox(trailing_nuls=3) as sandbox:
        client = ScaleClient("test_nuls", api_instance_url=sandbox.url)
        task = client.create_task(
            "videoannotation",
            attachment="https://example.com/1.mp4",
            geometries={"box": {"objects_to_annotate": ["cow"]}},
        )
        assert client.get_task(task.id).get_result()
        client.close()


def test_a_result_in_the_response_is_returned_as_it_is(near: ScaleClient) -> None:
    inline = {"task_id": "t", "response": {"annotations": FRAMES, "events": []}}
    task = Task(inline, near)
    assert task.get_result() is inline["response"]["annotations"]  # type: ignore[index]
    assert task.get_result("events") == []


def test_a_bare_address_is_a_result_too(
    near: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, json.dumps(FRAMES) + "\0\0"))
    url = f"{fault_server.origin}/r"
    task = Task({"task_id": "t", "response": {"unlabeled": url}}, near)
    assert task.get_result("unlabeled") == FRAMES


def test_a_result_that_is_too_large_is_refused(
    near: ScaleClient, fault_server: FaultServer
) -> None:
    content = json.dumps([1] * 50)
    fault_server.play(*[Answer(200, content) for _ in range(2)])
    task = Task(document(f"{fault_server.origin}/r?X-Amz-Signature=s"), near)
    with pytest.raises(ScaleException, match="/r has more than 149 bytes") as caught:
        near.load_result(task, max_bytes=149)
    assert "X-Amz" not in str(caught.value)
    assert near.load_result(task, max_bytes=150) == [1] * 50
    with pytest.raises(ValueError, match="max_bytes"):
        near.load_result(task, max_bytes=0)


@pytest.mark.parametrize(
    ("response", "text"),
    [
        (None, "it has no response, and its status is 'pending'"),
        ({"events": []}, "its response has 'events'"),
        ({}, "its response has no keys"),
    ],
)
def test_a_result_that_is_not_there_is_named(
    near: ScaleClient, response: Any, text: str
) -> None:
    given = {"task_id": "t", "status": "pending", "response": response}
    with pytest.raises(
        ScaleException, match=f"task t has no result 'annotations': {text}"
    ):
        near.load_result(Task(given, near))


def test_what_is_no_task_is_a_mistake(near: ScaleClient) -> None:
    with pytest.raises(ScaleTypeError, match="task must be a Task"):
        near.load_result("t")  # type: ignore[arg-type]


@pytest.mark.parametrize("beside", [True, False])
def test_the_address_of_events_may_stand_beside_that_of_the_annotations(
    client: ScaleClient, beside: bool
) -> None:
    # api-notes: events
    task = client.create_task(
        "videoplaybackannotation", **factories.parameters("videoplaybackannotation")
    )
    task.refresh()
    events = task.get_annotations(load=True).events
    assert len(events) == 2
    document = task.as_dict()
    given = document["response"].pop("events")
    if beside:
        document["response"]["annotations"]["events"] = given
    moved = Task(document, client)
    assert ("events" in moved.get_annotations().result_urls) is beside
    assert moved.get_annotations(load=True).events == (events if beside else ())
    if beside:
        assert moved.get_result("events")[0]["label"] == events[0].label


def test_an_expired_address_is_renewed_once_for_all_results(
    near: ScaleClient, fault_server: FaultServer
) -> None:
    old, new = f"{fault_server.origin}/f?v=1", f"{fault_server.origin}/f?v=2"

    def answer(got: Any) -> Answer:
        if got.target == "/v1/task/t":
            return Answer(200, document(new, events={"url": new}))
        return Answer(200, FRAMES) if got.target == "/f?v=2" else Answer(403)

    fault_server.play(answer)
    task = Task(document(old, events={"url": old}), near)
    assert len(task.get_annotations(load=True).frames) == 1
    targets = [request.target for request in fault_server.received]
    assert targets.count("/v1/task/t") == 1
    assert targets == ["/f?v=1", "/v1/task/t", "/f?v=2", "/f?v=2"]
    assert task.response["annotations"]["url"] == old


def test_an_address_that_has_expired_by_itself_is_not_asked(
    near: ScaleClient, fault_server: FaultServer
) -> None:
    fresh = f"{fault_server.origin}/f"
    fault_server.play(Answer(200, document(fresh)), Answer(200, FRAMES))
    assert Task(document(f"{fresh}?Expires=1"), near).get_result() == FRAMES
    targets = [request.target for request in fault_server.received]
    assert targets == ["/v1/task/t", "/f"]


def test_a_second_403_is_the_error(
    near: ScaleClient, fault_server: FaultServer
) -> None:
    url = f"{fault_server.origin}/f"
    again = Answer(200, document(url))
    fault_server.play(lambda got: again if "/v1/" in got.target else Answer(403))
    with pytest.raises(ScaleException) as caught:
        Task(document(url), near).get_result()
    assert caught.value.code == 403
    assert len(fault_server.received) == 3


def test_a_result_that_is_not_json_is_an_error(client: ScaleClient) -> None:
    task = client.create_task(
        "segmentannotation", attachment="https://example.com/1.jpg", labels=["road"]
    )
    task.refresh()
    picture = task.response["annotations"]["unlabeled"]
    with pytest.raises(ScaleException, match="is not JSON; client.download_files"):
        Task(
            {"task_id": task.id, "response": {"annotations": picture}}, client
        ).get_result()


def test_an_address_of_another_private_server_is_not_fetched(
    near: ScaleClient,
) -> None:
    with FaultServer() as other:
        with pytest.raises(ScaleException, match="private network"):
            Task(document(f"{other.origin}/latest/meta-data"), near).get_result()
        assert other.received == []


def test_a_redirect_to_a_malformed_address_is_named(
    near: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(302, "", {"Location": "http://[::1/x"}))
    task = Task(document(f"{fault_server.origin}/r?X-Amz-Signature=s"), near)
    with pytest.raises(ScaleException, match="/r redirects to an address") as caught:
        task.get_result()
    assert "X-Amz" not in str(caught.value)
