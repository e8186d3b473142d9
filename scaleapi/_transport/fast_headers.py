"""Reads the headers of answers without the parser for e-mail: speed, nothing else.

That parser, which ``http.client`` uses, takes a sixth of the CPU time of a short
download. Whatever is not the plain form of headers is still left to it.
"""

from __future__ import annotations

import http.client
import re
from types import FunctionType
from typing import Any

_STANDARD: Any = http.client.parse_headers
_NAME, _VALUE = rb"[!#-'*+\-.0-9A-Z^_`a-z|~]+", rb"[\t -~]*"
_FIELD = re.compile(rb"(%s):[ \t]*(%s)\r\n" % (_NAME, _VALUE))
#: Headers in the plain form: whole lines of ASCII.
_PLAIN = re.compile(rb"(?:%s:%s\r\n){1,50}\r\n" % (_NAME, _VALUE))


def parse_headers(stream: Any, *args: Any, **options: Any) -> Any:
    """Return the same as the function of ``http.client`` with this name."""
    standard: Any = http.client.parse_headers
    if standard is _STANDARD and not args and not options and hasattr(stream, "peek"):
        block = _PLAIN.match(stream.peek())
        # The parser for e-mail looks at the parts of a body of several parts.
        if block and not re.search(rb"multipart/|message/", block.group(), re.I):
            message = http.client.HTTPMessage()
            for name, value in _FIELD.findall(stream.read(block.end())):
                message.set_raw(name.decode(), value.decode())
            message.set_payload("")
            return message
    return standard(stream, *args, **options)


_begin = http.client.HTTPResponse.begin


class FastHTTPResponse(http.client.HTTPResponse):
    """Reads its headers with `parse_headers`."""

    if type(_begin) is FunctionType:  # no tool has replaced it
        # It looks the parser up in its module, and there is no other way to pass one.
        begin = FunctionType(
            _begin.__code__, {**vars(http.client), "parse_headers": parse_headers}
        )
