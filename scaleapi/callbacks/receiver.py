"""`Receiver`: receives callbacks in any web framework."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Optional

from scaleapi.callbacks import wsgi
from scaleapi.callbacks.asgi import AsgiApplication
from scaleapi.callbacks.deliveries import Answer, Deliveries
from scaleapi.callbacks.event import Body, CallbackEvent
from scaleapi.callbacks.seen import MemorySeen, Seen
from scaleapi.callbacks.verify import CallbackKeys, Headers, Keys
from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError

#: A document has all annotations of its task; those of a video are many.
_MAX_BODY_BYTES = 64 * 1024 * 1024


class Receiver:
    """Checks callbacks, and handles each delivery once.

    Mount `wsgi` or `asgi`, or call `answer` in a view of your own. A delivery is
    answered with 2xx only after `handle` has returned; otherwise it comes again, up to
    20 times in 24 hours. Threads can share a receiver.

    Attributes:
        asgi: An ASGI application for asyncio and any path. It calls `handle` in a
            thread or, if it is a coroutine function, in the event loop.

    Args:
        keys: Your callback keys, as in `parse_callback`.
        handle: Is called with each `CallbackEvent`. If it raises an exception, the
            answer is 500 and the delivery comes again. What it returns is ignored.
            Under `asgi`, it may be a coroutine function.
        seen: Knows which deliveries were handled. Default: a `MemorySeen`, which is
            for one process.
        client: The client of the tasks and batches, as in `parse_callback`.
        max_body_bytes: Size above which a body is answered with 413. Of a body larger
            than 64 KiB nothing is read before the callback key has been found right.

    Raises:
        ScaleTypeError: `keys` has the wrong type, `handle` cannot be called, or `seen`
            lacks a method.
        ScaleValueError: `keys` has no key, an empty one, or one for both modes, or
            `max_body_bytes` is less than 1.
    """

    def __init__(
        self,
        keys: Keys,
        handle: Callable[[CallbackEvent], Any],
        seen: Optional[Seen] = None,
        client: Any = None,
        *,
        max_body_bytes: int = _MAX_BODY_BYTES,
    ) -> None:
        try:
            known = CallbackKeys(keys)
        except ScaleException as error:
            # Tools that report errors show the local variables of each frame.
            del keys
            raise error.with_traceback(None) from None
        del keys
        if not callable(handle):
            raise ScaleTypeError(f"handle must be a function; got {type(handle)}")
        if max_body_bytes < 1:
            raise ScaleValueError(
                f"max_body_bytes must be at least 1; got {max_body_bytes!r}"
            )
        store = MemorySeen() if seen is None else seen
        for method in ("begin", "done", "failed"):
            if not callable(getattr(store, method, None)):
                raise ScaleTypeError(f"seen has no method {method}(); see Seen")
        self._deliveries = Deliveries(known, handle, store, client, max_body_bytes)
        self.asgi = AsgiApplication(self._deliveries)

    def wsgi(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request: a WSGI application, for any path."""
        return wsgi.respond(self._deliveries, environ, start_response)

    def answer(self, headers: Headers, body: Body) -> Answer:
        """Return the HTTP status and the text with which to answer a POST request.

        Args:
            headers: The headers of the request, as in `parse_callback`.
            body: The body of the request, as it came.

        Returns:
            200 after `handle` has returned, and for a repeat of a delivery that it has
            handled; 500 if it raised an exception; 503 while the same delivery is being
            handled; 400, 401 or 413 if the request is not a callback of yours.
        """
        return self._deliveries.answer(headers, body)
