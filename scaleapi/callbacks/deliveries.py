"""`Deliveries`: answers requests, and handles each delivery once."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import Any, Awaitable, Callable, Optional, Tuple, Union

from scaleapi.callbacks.event import Body, CallbackEvent, raw_body, read_event
from scaleapi.callbacks.seen import DeliveryInProgress, Seen
from scaleapi.callbacks.verify import (
    CallbackKeys,
    CallbackRejected,
    Headers,
    declared_length,
    is_live,
    too_large,
)
from scaleapi.exceptions import ScaleException, ScaleTypeError

logger = logging.getLogger("scaleapi")

#: HTTP status and text of an answer.
Answer = Tuple[int, str]
Loop = asyncio.AbstractEventLoop

_FAILED = (500, "failed")


class Deliveries:
    """Answers requests of which the headers and the body have been read.

    Args:
        keys: The callback keys.
        handle: Is called with each event.
        seen: Knows which deliveries were handled.
        client: The client of the tasks and batches; may be None.
        max_body_bytes: Size above which a body is answered with 413.
    """

    def __init__(
        self,
        keys: CallbackKeys,
        handle: Callable[[CallbackEvent], Any],
        seen: Seen,
        client: Any,
        max_body_bytes: int,
    ) -> None:
        self.max_body_bytes = max_body_bytes
        self._keys = keys
        self._handle = handle
        self._seen = seen
        self._client = client

    def refusal(self, headers: Headers, method: str) -> Optional[Answer]:
        """Return the answer to a request whose body need not be read.

        Returns:
            405, 401, 400 or 413 with a text; None if the body must be read.
        """
        try:
            if method != "POST":
                raise CallbackRejected("callbacks are POSTed", "wrong_method")
            is_live(headers, self._keys)
            declared_length(headers, self.max_body_bytes)
        except CallbackRejected as rejected:
            return self.rejected(rejected)
        return None

    def rejected(self, error: CallbackRejected) -> Answer:
        """Log why a request is rejected, and return the answer."""
        logger.warning("callback rejected with %d: %s", error.status, error)
        return error.status, error.message

    def answer(
        self, headers: Headers, body: Body, loop: Optional[Loop] = None
    ) -> Answer:
        """Return the answer to a POST request; call `handle` if it is a new delivery.

        Args:
            headers: The headers of the request.
            body: The body of the request.
            loop: Runs, in another thread, what `handle` returns if it is a coroutine
                function.
        """
        try:
            event = self._event(headers, body)
        except CallbackRejected as rejected:
            return self.rejected(rejected)
        except ScaleException as error:
            # Without the traceback, whose frames have the headers.
            logger.error("callback not read: %s", error)
            return _FAILED
        return self._begin(event) or self._handled(event, loop)

    def _event(self, headers: Headers, body: Body) -> CallbackEvent:
        live = is_live(headers, self._keys)
        raw = raw_body(body)
        if len(raw) > self.max_body_bytes:
            raise too_large(self.max_body_bytes)
        return read_event(raw, live, self._client)

    def _begin(self, event: CallbackEvent) -> Optional[Answer]:
        """Return the answer to a repeat; None if the delivery must be handled now."""
        try:
            begun = self._seen.begin(event.delivery_id)
            # A forgotten `return` would lose every callback.
            if not isinstance(begun, bool):
                raise ScaleTypeError(f"seen.begin() must return a bool; got {begun!r}")
        except DeliveryInProgress:
            return 503, "being handled"
        except Exception as error:
            _log("seen.begin() failed for %s; the callback comes again", event, error)
            return _FAILED
        return None if begun else (200, "handled before")

    def _handled(self, event: CallbackEvent, loop: Optional[Loop]) -> Answer:
        try:
            _finish(self._handle(event), loop)
        except BaseException as error:
            self._note(self._seen.failed, event)
            # With a loop this is a thread of ours, and sys.exit() in it would end the
            # server. Otherwise the server may need to know.
            if loop is None and not isinstance(error, Exception):
                raise
            _log("handle() failed for %s; the callback comes again", event, error)
            return _FAILED
        # If this fails, 2xx is right all the same: the delivery was handled.
        self._note(self._seen.done, event)
        return 200, "handled"

    def _note(self, method: Callable[[str], None], event: CallbackEvent) -> None:
        try:
            method(event.delivery_id)
        except Exception as error:
            _log("seen could not note what became of %s", event, error)


def _finish(result: Union[Any, Awaitable[Any]], loop: Optional[Loop]) -> None:
    """Wait for what `handle` has returned, if it is a coroutine function."""
    if not inspect.isawaitable(result):
        return
    if loop is None:
        if inspect.iscoroutine(result):
            result.close()
        raise ScaleTypeError(
            "handle is a coroutine function, which only receiver.asgi can run: pass a "
            "plain function"
        )
    # In the loop, but not in the task of the request, which the server may cancel.
    ended = asyncio.run_coroutine_threadsafe(_awaited(result), loop).result()
    if ended is not None:
        raise ended


async def _awaited(result: Awaitable[Any]) -> Optional[SystemExit]:
    try:
        await result
    except SystemExit as error:  # which would end the loop
        return error
    return None


def _log(message: str, event: CallbackEvent, error: BaseException) -> None:
    trace = error.__traceback__
    # The first frame is one of ours, and says nothing.
    shown = (type(error), error, trace.tb_next if trace else None)
    logger.error(message, event.subject, exc_info=shown)
