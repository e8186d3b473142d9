"""A `Receiver` as a WSGI application."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Callable, List, Mapping, Tuple

from scaleapi.callbacks.deliveries import Deliveries
from scaleapi.callbacks.verify import CallbackRejected, declared_length, too_large

#: Bytes that are read of a request that is refused. A server that closes a connection
#: with unread bytes resets it, and the sender may not see the answer.
DISCARDED_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024


def respond(
    deliveries: Deliveries,
    environ: Mapping[str, Any],
    start_response: Callable[..., Any],
) -> List[bytes]:
    """Answer one request."""
    refused = deliveries.refusal(environ, environ["REQUEST_METHOD"])
    most = DISCARDED_BYTES if refused else deliveries.max_body_bytes
    try:
        body = _body(environ, most)
    except CallbackRejected as rejected:
        status, text = refused or deliveries.rejected(rejected)
    else:
        status, text = refused or deliveries.answer(environ, body)
    content = text.encode("utf-8")
    start_response(
        f"{status} {HTTPStatus(status).phrase}",
        [(name.decode(), value.decode()) for name, value in headers(status, content)],
    )
    return [content]


def headers(status: int, content: bytes) -> List[Tuple[bytes, bytes]]:
    """Return the headers of an answer."""
    found = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(content)).encode()),
    ]
    return [*found, (b"allow", b"POST")] if status == 405 else found


def _body(environ: Mapping[str, Any], most: int) -> bytes:
    """Return the body.

    Raises:
        CallbackRejected: The body has more than `most` bytes, or fewer than it should.
    """
    length = declared_length(environ, most)
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""  # nothing says where it ends, so that reading on could hang
    found = bytearray()
    try:
        while length is None or len(found) < length:
            wanted = most + 1 if length is None else length
            chunk = environ["wsgi.input"].read(min(wanted - len(found), _CHUNK_BYTES))
            if not chunk:
                break
            found += chunk
            if len(found) > most:
                raise too_large(most)
    except CallbackRejected:
        raise
    except Exception as error:  # each server has errors of its own
        raise CallbackRejected(
            f"the body could not be read: {type(error).__name__}", "wrong_length"
        ) from None
    if length is not None and len(found) < length:
        raise CallbackRejected(
            f"the body ended after {len(found):,} of {length:,} bytes", "wrong_length"
        )
    return bytes(found)
