"""Decoding of bodies, with orjson and without it."""

from __future__ import annotations

import gzip
import json
import math
import pickle
import sys
from types import SimpleNamespace
from typing import Any, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi import ScaleClient, ScaleException
from scaleapi._transport import decoding
from tests.faultserver import Answer, FaultServer


@pytest.fixture(params=["orjson", "json"])
def client(
    request: pytest.FixtureRequest,
    fault_server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
) -> ScaleClient:
    if request.param == "json":
        monkeypatch.setattr(decoding, "_orjson_loads", lambda: None)
    else:
        pytest.importorskip("orjson")
    return ScaleClient("test_x", None, fault_server.url)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, 2.5, null, true, "\xc3\xa9"]}', {"a": [1, 2.5, None, True, "é"]}),
        (b'"\\ud800"', "\ud800"),
        (b"[1e400]", [math.inf]),
        ("\ufeff[1]".encode(), [1]),
        ("[1]".encode("utf-16"), [1]),
        (b'{"a": 18446744073709551615}', {"a": 18446744073709551615}),
        (b'{"a": -80241446968629135069}', {"a": -80241446968629135069}),
        (b'{"a":18446744073709551616}', {"a": 18446744073709551616}),
        (b"[1,-9223372036854775809]", [1, -9223372036854775809]),
        (b"[\n\t340282366920938463463374607431768211456\n]", [2**128]),
        (b"123456789012345678901", 123456789012345678901),
        (b"[123456789012345678901.5, 1e400]", [123456789012345678901.5, math.inf]),
        (b'{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}),
        (b"", None),
        (b"{", None),
        (b"\xff", None),
        (b"OK", None),
        (b"[" * 100_000, None),
    ],
    ids=range(18),
)
def test_a_body_is_decoded_or_none(
    client: ScaleClient, fault_server: FaultServer, body: bytes, value: Any
) -> None:
    fault_server.play(Answer(200, body))
    assert client.api.get_request("x") == value


def test_nan_in_an_answer_is_read(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, b'{"a": NaN, "b": -Infinity}'))
    answer = client.api.get_request("x")
    assert math.isnan(answer["a"])
    assert answer["b"] == -math.inf


def test_a_compressed_answer_is_read(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    body = gzip.compress(b'{"task_id": "1"}' + b" " * 10_000)
    fault_server.play(Answer(200, body, {"Content-Encoding": "gzip"}))
    assert client.get_task("1").id == "1"
    assert client.get_task("1").id == "1"
    assert fault_server.connections == 1


def test_an_answer_with_broken_compression_is_an_error(
    client: ScaleClient, fault_server: FaultServer, waits: Any
) -> None:
    fault_server.play(Answer(200, b"no gzip", {"Content-Encoding": "gzip"}))
    with pytest.raises(ScaleException):
        client.get_task("1")
    assert len(waits) == 3


def test_a_hook_gets_the_complete_answer(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    fault_server.play(Answer(200, {"task_id": "é"}, {"X-A": "1"}))
    seen = []
    client.api.session.hooks["response"].append(lambda r, *_, **__: seen.append(r))
    assert client.get_task("1").id == "é"
    (response,) = seen
    assert response.json() == {"task_id": "é"}
    assert response.text == '{"task_id": "\\u00e9"}'
    assert response.content == b'{"task_id": "\\u00e9"}'
    assert b"".join(response.iter_content(3)) == response.content
    assert list(response.iter_lines()) == [response.content]
    assert response.ok
    assert response.headers["x-a"] == "1"
    assert response.url.endswith("/v1/task/1")
    assert response.request.headers["Content-Type"] == "application/json"
    response.close()
    response.request.hooks = {}  # a lambda cannot be pickled
    assert pickle.loads(pickle.dumps(response)).json() == {"task_id": "é"}


#: Text in which the two decoders may differ: forms of numbers, digits, escapes.
TEXTS = st.recursive(
    st.one_of(
        st.integers().map(str),
        st.integers(-(10**30), 10**30).map(str),
        st.floats().map(json.dumps),
        st.from_regex(
            r"-?[0-9]{1,25}(\.[0-9]{1,25})?([eE][-+]?[0-9]{1,3})?", fullmatch=True
        ),
        st.from_regex(r'"[a-f0-9 :,[-]{0,40}"', fullmatch=True),
        st.text().map(json.dumps),
        st.sampled_from(
            ['"\\ud800"', '"\\ude00x"', "NaN", "-0", "nul", "", "'a'", "01"]
        ),
    ),
    lambda parts: st.one_of(
        st.lists(parts, max_size=4).map(lambda texts: f"[{','.join(texts)}]"),
        st.lists(st.tuples(st.sampled_from("abc"), parts), max_size=4).map(
            lambda pairs: "{%s}" % ", ".join(f'"{k}": {text}' for k, text in pairs)
        ),
    ),
    max_leaves=8,
)


def written(loads: Any, content: bytes) -> str:
    """Return the decoded value as text in which 1, 1.0 and True, 0 and -0.0 differ."""
    try:
        return repr(loads(content))
    except ValueError:
        return "no JSON"


@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_text_has_the_same_value_with_orjson_and_without(
    text: str, encoding: str
) -> None:
    pytest.importorskip("orjson")
    content = text.encode(encoding)
    assert written(decoding.loads, content) == written(json.loads, content)


@pytest.mark.parametrize(
    "content",
    [
        b'{"docs": [{"id": "0123456789012345678901234567890"}]}',
        b'{"id": 1234567890123456789, "x": 0.00012345678901234567}',
        b'{"x": [-0.12345678901234567890, 1e-7]}',
    ],
    ids=["text", "19 digits", "fraction"],
)
def test_a_body_without_an_integer_beyond_64_bits_is_decoded_by_orjson(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: List[bytes] = []
    monkeypatch.setattr(decoding, "_orjson_loads", lambda: seen.append)
    decoding.loads(content)
    assert seen == [content]


@pytest.mark.parametrize(
    ("version", "used"), [("3.9.14", False), ("3.9.15", True), ("3.10.0rc1", True)]
)
def test_a_version_of_orjson_that_crashes_on_nested_arrays_is_not_used(
    version: str, used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = SimpleNamespace(__version__=version, loads=lambda content: "orjson")
    monkeypatch.setitem(sys.modules, "orjson", fake)
    find = decoding._orjson_loads.__wrapped__
    assert (find() is not None) is used
