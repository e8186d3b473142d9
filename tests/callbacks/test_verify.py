"""The callback key: where it may stand, and what it says."""

from __future__ import annotations

import hmac
import pickle
import traceback
from email.message import Message
from functools import partial
from typing import Any, Dict, List

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from scaleapi import ScaleException, ScaleTypeError, ScaleValueError
from scaleapi.callbacks import CallbackRejected, Receiver, parse_callback
from scaleapi.callbacks.verify import STATUSES, CallbackKeys
from tests.callbacks.bodies import KEYS, LIVE, TEST, headers, task_body


def message(key: str) -> Message:
    made = Message()
    made["Scale-Callback-Auth"] = key
    return made


FORMS: Dict[str, Any] = {
    "a dict": {"scale-callback-auth": LIVE},
    "any case": {"Scale-CALLBACK-Auth": LIVE},
    "bytes": {b"Scale-Callback-Auth": LIVE.encode()},
    "WSGI": {"REQUEST_METHOD": "POST", "HTTP_SCALE_CALLBACK_AUTH": LIVE, "x": object()},
    "ASGI": [(b"host", b"x"), (b"scale-callback-auth", LIVE.encode())],
    "pairs of str": [("Host", "x"), ("Scale-Callback-Auth", LIVE)],
    "API Gateway, several values": {"Scale-Callback-Auth": [LIVE], "Accept": ["a"]},
    "http.server": message(LIVE),
    "requests": requests.structures.CaseInsensitiveDict({"SCALE-callback-auth": LIVE}),
    "starlette": Headers({"scale-callback-auth": LIVE}),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_key_is_found_in_the_headers_of_any_framework(form: str) -> None:
    event = parse_callback(task_body(), FORMS[form], KEYS)
    assert event.live is True


REPEATED: Dict[str, Any] = {
    "ASGI": [(b"scale-callback-auth", LIVE.encode())] * 2,
    "two cases": {"scale-callback-auth": LIVE, "Scale-Callback-Auth": LIVE},
    "both names": {"scale-callback-auth": "x", "HTTP_SCALE_CALLBACK_AUTH": LIVE},
    "API Gateway": {"scale-callback-auth": [LIVE, "x"]},
    "starlette": Headers(raw=[(b"scale-callback-auth", LIVE.encode())] * 2),
}


@pytest.mark.parametrize("form", REPEATED)
def test_a_repeated_header_is_refused_even_if_one_of_its_keys_is_right(
    form: str,
) -> None:
    with pytest.raises(CallbackRejected) as caught:
        parse_callback(task_body(), REPEATED[form], KEYS)
    assert (caught.value.reason, caught.value.status) == ("repeated_key", 401)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "no_key"),
        ({"scale-callback-auth": ""}, "no_key"),
        ({"scale-callback-auth": None}, "no_key"),
        ({"scale-callback-auth": []}, "no_key"),
        ({"scale_callback_auth": LIVE}, "no_key"),
        ({"http-scale-callback-auth": LIVE}, "no_key"),
        ({"x-scale-callback-auth": LIVE}, "no_key"),
        # lower() makes a "k" of the sign for Kelvin.
        ({"scale-callbac\u212a-auth": LIVE}, "no_key"),
        ({"scale-callback-auth": LIVE + "x"}, "wrong_key"),
        ({"scale-callback-auth": LIVE[:-1]}, "wrong_key"),
        ({"scale-callback-auth": LIVE.upper()}, "wrong_key"),
        ({"scale-callback-auth": f"{LIVE},{LIVE}"}, "wrong_key"),
        ({"scale-callback-auth": f"{LIVE}\0"}, "wrong_key"),
        ({"scale-callback-auth": "\u20ac\ud800"}, "wrong_key"),
    ],
)
def test_a_key_that_is_missing_or_wrong_is_refused(given: Any, reason: str) -> None:
    with pytest.raises(CallbackRejected) as caught:
        parse_callback(task_body(), given, KEYS)
    assert (caught.value.reason, caught.value.status) == (reason, 401)


def test_every_key_is_compared_in_constant_time_whichever_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: List[bytes] = []
    original = hmac.compare_digest

    def compare(ours: bytes, theirs: bytes) -> bool:
        compared.append(ours)
        return original(ours, theirs)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    keys = {"live": ["new", "old"], "test": TEST}
    for key, live in (("new", True), ("old", True), (TEST, False)):
        compared.clear()
        body = task_body(is_test=not live)
        assert parse_callback(body, headers(key), keys).live is live
        assert compared == [b"new", b"old", TEST.encode()]


@pytest.mark.parametrize("key", ["new", "old"])
def test_while_a_key_is_replaced_both_are_right(key: str) -> None:
    event = parse_callback(task_body(), headers(key), {"live": ["new", "old"]})
    assert event.live


def test_after_a_key_was_replaced_both_may_be_the_same() -> None:
    assert parse_callback(task_body(), headers(), {"live": [LIVE, LIVE]}).live


def test_a_key_from_a_file_may_end_with_a_line_break() -> None:
    assert parse_callback(task_body(), headers(), {"live": f" {LIVE}\r\n"}).live


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "keys is empty"),
        ({"live": ""}, r"keys\['live'\] has no key"),
        ({"live": "\n"}, r"keys\['live'\] has no key"),
        ({"live": None}, r"keys\['live'\] has no key"),
        ({"live": []}, r"keys\['live'\] has no key"),
        ({"live": LIVE, "test": ""}, r"leave 'test' out"),
        ({"live": [LIVE, ""]}, r"keys\['live'\] has no key"),
        ({"live": f"{LIVE}\n{TEST}"}, "white space or a control character"),
        ({"live": f"\ufeff{LIVE}"}, "white space or a control character"),
        ({"live": f"{LIVE}\0"}, "white space or a control character"),
        ({"live": LIVE, "test": LIVE}, "same key for both modes"),
        ({"live": [TEST, LIVE], "test": [f"{LIVE}\n"]}, "same key for both modes"),
        ({"Live": LIVE}, "only have the modes 'live' and 'test'$"),
        ({LIVE: "live"}, "only have the modes 'live' and 'test'$"),
    ],
)
def test_without_a_key_nothing_starts(keys: Any, said: str) -> None:
    for call in (
        lambda: Receiver(keys, print),
        lambda: parse_callback(task_body(), headers(), keys),
    ):
        with pytest.raises(ScaleValueError, match=said):
            call()


@pytest.mark.parametrize(
    "keys", [LIVE, None, [LIVE], {"live": LIVE.encode()}, {"live": {LIVE}}]
)
def test_keys_of_another_type_are_a_type_error_without_the_key(keys: Any) -> None:
    with pytest.raises(ScaleTypeError) as caught:
        Receiver(keys, print)
    assert LIVE not in str(caught.value)


def shown(error: BaseException) -> str:
    """Return a traceback with local variables, without the frame of the test."""
    trace = error.__traceback__
    assert trace is not None
    made = traceback.TracebackException(
        type(error), error, trace.tb_next, capture_locals=True
    )
    return "".join(made.format())


@pytest.mark.parametrize(
    "given", [{"live": LIVE, "test": ""}, {"live": [LIVE, 7]}, LIVE]
)
def test_no_frame_of_an_error_about_keys_shows_them(given: Any) -> None:
    for call in (partial(Receiver, handle=print), partial(parse_callback, b"", {})):
        with pytest.raises(ScaleException) as caught:
            call(keys=given)
        assert LIVE not in shown(caught.value)


def test_neither_a_rejection_nor_a_repr_shows_a_key() -> None:
    wrong = "live_callback_wrong"
    for key in (LIVE, wrong):
        with pytest.raises(CallbackRejected) as caught:
            parse_callback(b"{", headers(key), KEYS)
        assert not {LIVE, TEST, wrong} & set(shown(caught.value).split("'"))
        assert key not in shown(caught.value)
    assert repr(CallbackKeys({"live": LIVE})) == "CallbackKeys(live)"
    assert LIVE not in repr(Receiver(KEYS, print))
    event = parse_callback(task_body(), headers(), KEYS)
    assert LIVE not in repr(event) + repr(vars(event))


@pytest.mark.parametrize("given", [None, 7, ["x"], [("a",)], "scale-callback-auth: x"])
def test_what_is_no_headers_is_a_type_error(given: Any) -> None:
    with pytest.raises(ScaleTypeError, match="headers must be a mapping"):
        parse_callback(task_body(), given, KEYS)


@pytest.mark.parametrize("reason", STATUSES)
def test_a_rejection_can_be_pickled(reason: str) -> None:
    copy = pickle.loads(pickle.dumps(CallbackRejected("why", reason)))
    assert (str(copy), copy.reason, copy.status) == ("why", reason, STATUSES[reason])


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"scale-callback-auth", b"Scale-Callback-Auth", b"x"]),
            st.one_of(st.binary(max_size=20), st.sampled_from([LIVE.encode()])),
        ),
        max_size=3,
    )
)
def test_only_one_header_with_the_very_key_is_accepted(pairs: Any) -> None:
    presented = [value for name, value in pairs if name != b"x"]
    try:
        parse_callback(task_body(), pairs, {"live": LIVE})
    except CallbackRejected:
        assert presented != [LIVE.encode()]
    else:
        assert presented == [LIVE.encode()]
