"""Headers are read as the parser of the standard library reads them."""

from __future__ import annotations

import http.client
import io
import itertools
from typing import Any

import pytest

from scaleapi._transport.fast_headers import FastHTTPResponse, parse_headers

_LINES = [
    b"Content-Length: 10",
    b'ETag: "x"',
    b"X:\t y \t",
    b"X:",
    b" folded",
    b"Bad Name: x",
    b"Name : x",
    b":no name",
    b"no colon",
    b"Content-Type: multipart/mixed; boundary=x",
    b"Content-Type: message/rfc822",
    b"\xe9: a",
    b"A: \xe9",
    b"From me",
    b"a\rb: c",
    b"X: y\rz",
    b"X: \0",
    b"Set-Cookie: a=b; c",
]


def read_by(parse: Any, block: bytes) -> Any:
    stream = io.BufferedReader(io.BytesIO(block))  # type: ignore[arg-type]
    message = parse(stream)
    return (
        message.items(),
        [type(each) for each in message.defects],
        message.is_multipart() or message.get_payload(),
        message.get_content_type(),
        stream.read(),
    )


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\r\n\n", b"\r\n", b""])
def test_headers_are_those_of_the_standard_library(end: bytes) -> None:
    for lines in itertools.chain(
        [()], *(itertools.product(_LINES, repeat=n) for n in (1, 2))
    ):
        block = b"\r\n".join(lines) + end + b"the body\r\n\r\n"
        assert read_by(parse_headers, block) == read_by(
            http.client.parse_headers, block
        )


def test_too_many_headers_are_refused_as_ever() -> None:
    block = b"A: b\r\n" * 101 + b"\r\n"
    with pytest.raises(http.client.HTTPException, match="more than 100 headers"):
        read_by(parse_headers, block)


def test_a_parser_that_a_tool_has_put_in_place_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http.client, "parse_headers", lambda stream: "of the tool")
    assert parse_headers(io.BytesIO(b"A: b\r\n\r\n")) == "of the tool"


class _Socket:
    def makefile(self, *_: object) -> Any:
        content = b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\nabc"
        return io.BufferedReader(io.BytesIO(content))  # type: ignore[arg-type]


def test_plain_headers_are_not_given_to_the_parser_for_e_mail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("email.parser.Parser.parsestr", None)
    answer = FastHTTPResponse(_Socket())  # type: ignore[arg-type]
    answer.begin()
    assert (answer.getheaders()[0], answer.read()) == (("A", "b"), b"abc")
