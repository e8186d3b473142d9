"""Values that cannot be sent as JSON or text: rejected, with their place, unsent."""

from __future__ import annotations

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import io
import pathlib
import types
import uuid
from typing import Any, Callable, Dict

import pytest

from scaleapi import (
    ScaleClient,
    ScaleException,
    ScaleTypeError,
    ScaleValueError,
    TaskType,
)
from tests.faultserver import Answer, FaultServer

OK = Answer(200, {"task_id": "1", "id": "1"})


class Color(enum.Enum):
    RED = 1


class Word(str, enum.Enum):
    RED = "red"


class Number(enum.IntEnum):
    ONE = 1


@dataclasses.dataclass
class Box:
    left: int = 0


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError


@pytest.fixture
def client(fault_server: FaultServer) -> ScaleClient:
    fault_server.play(OK)
    return ScaleClient("test_x", None, fault_server.url)


def refused(call: Callable[[], Any], fault_server: FaultServer) -> ScaleException:
    with pytest.raises(ScaleException) as caught:
        call()
    assert fault_server.received == []
    assert caught.value.attempts == 0
    return caught.value


@pytest.mark.parametrize(
    ("value", "what", "instead"),
    [
        (b"ab", "bytes b'ab'", "value.decode()"),
        (datetime.datetime(2020, 1, 2), "datetime.datetime", "value.isoformat()"),
        (datetime.date(2020, 1, 2), "datetime.date", "value.isoformat()"),
        (datetime.timedelta(1), "datetime.timedelta", "value.total_seconds()"),
        (decimal.Decimal("1.5"), "decimal.Decimal", "float(value), or str(value)"),
        (uuid.UUID(int=1), "uuid.UUID", "str(value)"),
        (pathlib.Path("a"), "Path('a')", "str(value)"),
        (Color.RED, "Color <Color.RED: 1>", "value.value"),
        (Box(), "Box(left=0)", "dataclasses.asdict(value)"),
        (Box, "type <class", "an object of this class"),
        (io.BytesIO(b""), "_io.BytesIO", "upload_file(value).attachment_url"),
        (range(3), "range range(0, 3)", "list(value)"),
        (collections.deque([1]), "collections.deque", "list(value)"),
        (types.MappingProxyType({}), "mappingproxy", "dict(value)"),
        (array.array("i", [1]), "array.array", "value.tolist()"),
        (len, "<built-in function len>", "what it returns"),
        (1j, "complex 1j", "a dict, list, str, int, float, bool or None"),
        (Unprintable(), "Unprintable", "a dict, list"),
        (float("nan"), "nan is not in JSON", "None"),
        (float("inf"), "inf is not in JSON", "None"),
    ],
    ids=lambda value: str(type(value).__name__),
)
def test_create_task_names_the_place_of_a_value_that_is_not_json(
    client: ScaleClient, fault_server: FaultServer, value: Any, what: str, instead: str
) -> None:
    metadata = {"frame": [{"index": 0}, {"index": value}]}
    error = refused(
        lambda: client.create_task("imageannotation", metadata=metadata), fault_server
    )
    assert "POST /task/imageannotation" in error.message
    assert "metadata.frame[1].index: " in error.message
    assert what in error.message
    assert f"pass {instead}" in error.message
    assert isinstance(error, (ScaleTypeError, ScaleValueError))


def test_the_error_for_a_numpy_or_pandas_value_says_how_to_convert_it(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    np = pytest.importorskip("numpy")
    pd = pytest.importorskip("pandas")
    for value, instead in [
        (np.int64(7), "value.item()"),
        (np.float32(7), "value.item()"),
        (np.bool_(True), "value.item()"),
        (np.array([1, 2]), "value.tolist()"),
        (np.datetime64("2020-01-01"), "str(value)"),
        (np.float64("nan"), "None"),
        (pd.NaT, "None, or leave it out"),
        (pd.NA, "None, or leave it out"),
        (pd.Timestamp("2020-01-01"), "value.isoformat()"),
        (pd.Series([1]), "value.tolist()"),
        (pd.DataFrame({"a": [1]}), 'value.to_dict("records")'),
    ]:
        error = refused(
            lambda value=value: client.create_task("chat", metadata={"index": value}),
            fault_server,
        )
        assert "metadata.index: " in error.message
        assert f"pass {instead}" in error.message
    client.create_task("chat", metadata={"a": np.float64(2), "b": np.str_("s")})
    assert fault_server.received[0].json == {"metadata": {"a": 2.0, "b": "s"}}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ((1, 2), "the key tuple (1, 2) is not a str; pass str(key)"),
        (b"a", "the key bytes b'a' is not a str; pass key.decode()"),
        (Color.RED, "<Color.RED: 1> is not a str; pass key.value"),
    ],
)
def test_a_key_that_is_not_a_str_is_named_with_the_place_of_its_object(
    client: ScaleClient, fault_server: FaultServer, key: Any, text: str
) -> None:
    body: Dict[str, Any] = {"metadata": {"a b": {key: 1}}}
    error = refused(lambda: client.create_task("chat", **body), fault_server)
    assert isinstance(error, ScaleTypeError)
    assert "metadata['a b']: the key" in error.message
    assert text in error.message


def test_a_body_that_contains_itself_or_is_endless_is_rejected(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    loop: Dict[str, Any] = {"inner": []}
    loop["inner"].append(loop)
    error = refused(lambda: client.create_task("chat", metadata=loop), fault_server)
    assert "metadata.inner[0]: the same object as metadata, so" in error.message
    deep: Any = []
    for _ in range(20_000):
        deep = [deep]
    error = refused(lambda: client.create_task("chat", metadata=deep), fault_server)
    assert isinstance(error, ScaleValueError)
    assert "metadata[0][0]" in error.message
    assert len(error.message) < 300
    long = {"number": 10**5000}
    if hasattr(__import__("sys"), "set_int_max_str_digits"):
        error = refused(lambda: client.create_task("chat", metadata=long), fault_server)
        assert "metadata.number: " in error.message


def test_values_that_json_has_are_sent_unchanged(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    shared = {"a": 1}
    body = {
        "two": [shared, shared],
        "pair": (1, 2.5),
        "words": [Word.RED, Number.ONE],
        "keys": {1: "a", None: "b", 2.5: "c"},
        "half": "caf\udce9",
    }
    client.create_task("chat", metadata=body)
    assert fault_server.received[0].body == (
        b'{"metadata": {"two": [{"a": 1}, {"a": 1}], "pair": [1, 2.5], '
        b'"words": ["red", 1], "keys": {"1": "a", "null": "b", "2.5": "c"}, '
        b'"half": "caf\\udce9"}}'
    )


def test_a_set_is_sent_as_a_list_wherever_strings_are_listed(
    client: ScaleClient,
) -> None:
    # Through a real server, which answers with what it has read.
    from scaleapi.sandbox import Sandbox

    with Sandbox() as sandbox:
        live = ScaleClient(sandbox.live_api_key, api_instance_url=sandbox.url)
        params: Dict[str, Any] = {
            "attachment": "https://example.com/a.jpg",
            "categories": {"cow", "calf"},
            "tags": {"b", "a"},
        }
        task = live.create_task(TaskType.Categorization, **params)
        assert task.tags == ["a", "b"]
        assert task.params["categories"] == ["calf", "cow"]
        task.set_tags(frozenset({"d", "c"}))
        task.add_tags({"e": 1}.keys())
        task.refresh()
        assert task.tags == ["c", "d", "e"]
        (result,) = live.create_tasks("categorization", [params], unique_id="content")
        listed = {**params, "tags": ["a", "b"], "categories": ["calf", "cow"]}
        (again,) = live.create_tasks("categorization", [listed], unique_id="content")
        assert (result.status, again.status) == ("created", "existing")
        view = {**params, "tags": dict.fromkeys("ab").keys()}
        (viewed,) = live.create_tasks("categorization", [view], unique_id="content")
        assert viewed.task == result.task


def test_a_mock_of_the_session_gets_lists_in_place_of_sets(
    client: ScaleClient, fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    send = client.api.session.request

    def spy(**arguments: Any) -> Any:
        seen.append(arguments["json"])
        return send(**arguments)

    monkeypatch.setattr(client.api.session, "request", spy)
    client.create_task("chat", tags={"a"})
    assert seen == [{"tags": ["a"]}]


def test_every_call_with_a_body_names_the_place_of_a_wrong_value(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    bad = {"deep": [b"x"]}
    for call in (
        lambda: client.set_task_metadata("1", bad),
        lambda: client.api.put_request("x", bad),
        lambda: client.api.delete_request("x", body=bad),
        lambda: client.create_evaluation_task("chat", **bad),
        lambda: client.import_file("https://example.com/a", metadata=bad),
        lambda: client.upload_file(b"x", metadata=bad),
    ):
        assert "deep[0]: bytes" in refused(call, fault_server).message
    tags: Any = ["a", 1j]
    error = refused(lambda: client.set_task_tags("1", tags), fault_server)
    assert "body[1]: complex 1j" in error.message
    for way in ("content", "auto", None):
        results = client.create_tasks(
            "chat", [{"metadata": bad}, {"metadata": (n for n in "a")}], unique_id=way
        )
        first, second = [str(result.error) for result in results]
        assert "metadata.deep[0]: bytes" in first
        assert "metadata: generator" in second and "pass list(value)" in second
    assert fault_server.received == []


@pytest.mark.parametrize("text", ["caf\udce9", b"caf\xe9"])
def test_an_id_or_a_filter_that_is_not_text_is_rejected(
    client: ScaleClient, fault_server: FaultServer, text: Any
) -> None:
    for call in (
        lambda: client.get_task(text),
        lambda: client.get_batch(text),
        lambda: client.tasks(unique_id=[text]),
        lambda: next(client.get_tasks("cows", tags=text)),
        lambda: next(client.get_tasks("cows", status=text)),
        lambda: client.api.post_request("x", data={"a": ["caf\udce9"]}),
    ):
        error = refused(call, fault_server)
        assert isinstance(error, ValueError)
        assert "caf" in error.message
