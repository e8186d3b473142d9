"""`FileSession`: fetches files from hosts that must not see the API key."""

from __future__ import annotations

import logging
import os
import random
import re
import sys
from contextvars import ContextVar
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Mapping,
    Optional,
    Tuple,
    TypeVar,
    Union,
)

import requests
from requests.auth import HTTPBasicAuth
from requests.utils import get_auth_from_url
from urllib3.exceptions import HTTPError

from scaleapi._transport.adapter import Adapter
from scaleapi._transport.attempts import attempt_from_error
from scaleapi._transport.file_address import Address
from scaleapi._transport.file_answer import FileAnswer, Interrupted, without_query
from scaleapi._transport.history import SENT
from scaleapi._transport.interrupt import pause
from scaleapi._transport.public_hosts import PublicAdapter
from scaleapi._transport.retry import Outcome, RetryPolicy, outcome_of_status
from scaleapi._transport.session import STANDARD, SessionMixin, forget_connections
from scaleapi._transport.speedups import FastFileSession
from scaleapi.exceptions import ExceptionMap, ScaleConnectionError, ScaleException

if TYPE_CHECKING:
    _Standard = requests.Session
else:
    _Standard = STANDARD

logger = logging.getLogger("scaleapi")

T = TypeVar("T")

MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_ERROR_CODE = re.compile(rb"<Code>(\w{1,60})</Code>")

#: Whether this thread is fetching a file, whose address may be signed.
_FETCHING: ContextVar[bool] = ContextVar("FETCHING", default=False)


class _WithoutQueries(logging.Filter):
    """Removes the queries of signed addresses from what urllib3 logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if _FETCHING.get() and isinstance(record.args, tuple):
            record.args = tuple(
                each.partition("?")[0] if isinstance(each, str) else each
                for each in record.args
            )
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_WithoutQueries())


class FileSession:
    """Fetches files from any host, without API key, cookies and netrc.

    Args:
        timeout: Seconds to connect, and seconds between two bytes; None waits forever.
        policy: Decides whether and when a request is sent again.
        user_agent: The header of this name.

    Attributes:
        verify: As in `Api`, and so is `proxies`.
        own_server: Host and port of the API, which may be in a private network.
    """

    def __init__(
        self,
        timeout: Tuple[Optional[float], Optional[float]],
        policy: RetryPolicy,
        user_agent: str,
    ) -> None:
        self.verify: Any = None
        self.proxies: Any = None
        self.own_server: Optional[Tuple[str, int]] = None
        self._timeout = timeout
        self._policy = policy
        self._user_agent = user_agent
        self._process = os.getpid()
        read_timeout = timeout[1]
        self._to_any = _AnonymousSession(read_timeout)
        self._to_public = _PublicSession(read_timeout)

    def __reduce__(self) -> Any:
        return type(self), (self._timeout, self._policy, self._user_agent)

    def close(self) -> None:
        """Close all connections."""
        self._to_any.close()
        self._to_public.close()

    def make_room(self, connections: int) -> None:
        """Keep at least this many idle connections from now on."""
        for session in (self._to_any, self._to_public):
            for adapter in session.adapters.values():
                if isinstance(adapter, Adapter):
                    adapter.make_room(connections)

    def open(
        self,
        address: Address,
        headers: Optional[Mapping[str, str]] = None,
        *,
        from_response: bool,
    ) -> FileAnswer:
        """Send one GET request, follow its redirects, and return the answer.

        Args:
            address: Where the file is.
            headers: Headers, besides the usual ones.
            from_response: Whether the address comes from a task's response. It must
                then be on a public host, or on the server of the API.

        Raises:
            Interrupted: There was no answer, or one that may be another the next time.
            ScaleException: The address cannot be fetched.
        """
        for _ in range(MAX_REDIRECTS + 1):
            result = self._send(address, headers or {}, from_response)
            if isinstance(result, Exception):
                raise result
            target = _target(result)
            if target is None:
                return self._checked(result)
            with result:
                result.beginning()
            address = target
        raise ScaleException(
            f"{address} was the end of {MAX_REDIRECTS} redirects, and redirects again"
        )

    def _checked(self, answer: FileAnswer) -> FileAnswer:
        if answer.status in (200, 206, 416):
            encoding = answer.headers.get("Content-Encoding", "identity").lower()
            problem = (
                f"the server has compressed it ({encoding}), although asked not to"
                if encoding not in ("", "identity")
                else "the server does not say where the file ends"
                if not answer.is_delimited
                else None
            )
            if problem is None:
                return answer
            with answer:
                raise ScaleException(f"{answer.address} cannot be fetched: {problem}")
        with answer:
            found = _ERROR_CODE.search(answer.beginning())
        code = f" ({found.group(1).decode()})" if found else ""
        kind = ExceptionMap.get(answer.status, ScaleException)
        # Neither body nor headers are kept: S3 repeats the signature in them.
        error = kind(
            f"GET {answer.address} was answered with {answer.status}{code}",
            answer.status,
        )
        outcome = outcome_of_status(answer.status, answer.retry_after)
        if outcome in (Outcome.FATAL, Outcome.SUCCEEDED):
            raise error
        raise Interrupted(error, outcome, answer.retry_after)

    def _send(
        self, address: Address, headers: Mapping[str, str], from_response: bool
    ) -> Union[FileAnswer, Interrupted, ScaleException]:
        """Send one request; return the answer, or an error that shows no query."""
        server = address.server
        if server is None or not address.can_be_fetched:
            return ScaleException(
                f"{address} cannot be fetched: only http and https addresses can"
            )
        self._leave_parents_connections()
        session = self._to_any
        outer = sys.exc_info()[1]
        sent = SENT.get()
        if sent is not None:
            sent.attempts += 1
        before = _FETCHING.set(True)
        try:
            if from_response and server != self.own_server:
                session = self._to_public
            response = session.request(
                "GET", address.url, headers=self._headers(headers), **self._options()
            )
            return FileAnswer(address, response)
        except ScaleException as refusal:
            return refusal.with_traceback(None)
        except (OSError, HTTPError, UnicodeError, ValueError) as error:
            attempt = attempt_from_error(error, outer)
            reason = without_query(attempt.reason, address)
            outcome = attempt.outcome
        finally:
            _FETCHING.reset(before)
        failure = ScaleConnectionError(f"no answer to GET {address}: {reason}")
        return failure if outcome is Outcome.FATAL else Interrupted(failure, outcome)

    def _headers(self, headers: Mapping[str, str]) -> Dict[str, str]:
        return {
            "User-Agent": self._user_agent,
            # What is stored and hashed are the bytes of the file itself.
            "Accept-Encoding": "identity",
            **headers,
        }

    def _options(self) -> Dict[str, Any]:
        options = {"verify": self.verify, "proxies": self.proxies}
        return {
            "timeout": self._timeout,
            "stream": True,
            "allow_redirects": False,
            **{name: value for name, value in options.items() if value is not None},
        }

    def retried(self, attempt: Callable[[], T]) -> T:
        """Call a function until it is not `Interrupted`; return its result.

        Raises:
            ScaleException: `attempt` failed too often, or the bulk run was stopped.
        """
        failures = attempts = 0
        while True:
            attempts += 1
            try:
                return attempt()
            except Interrupted as interrupted:
                cut = interrupted
            if cut.received:
                failures = 0
            wait = self._policy.wait(
                failures,
                cut.outcome,
                idempotent=True,
                jitter=random.random(),
                retry_after=cut.retry_after,
            )
            failures += 1
            cut.error.attempts = attempts
            if wait is None:
                raise cut.error
            logger.warning("%s; retrying in %.1f s", cut.error.message, wait)
            if not pause(wait):
                raise cut.error

    def read(
        self,
        address: Address,
        *,
        from_response: bool,
        max_bytes: Optional[int] = None,
    ) -> bytes:
        """Return a whole file.

        Args:
            address: Where it is.
            from_response: As in `open`.
            max_bytes: Maximum size; None for any.

        Raises:
            ScaleException: The file cannot be fetched, or is too large.
        """

        def check_size(size: int) -> None:
            if max_bytes is not None and size > max_bytes:
                raise ScaleException(f"{address} has more than {max_bytes:,} bytes")

        def attempt() -> bytes:
            content = bytearray()
            with self.open(address, from_response=from_response) as answer:
                check_size(answer.length or 0)
                for piece in answer.pieces():
                    content += piece
                    check_size(len(content))
            return bytes(content)

        return self.retried(attempt)

    def _leave_parents_connections(self) -> None:
        if self._process != os.getpid():
            for session in (self._to_any, self._to_public):
                forget_connections(session)
            self._process = os.getpid()


class _AnonymousSession(FastFileSession, SessionMixin, _Standard):
    """A session without key, cookies and netrc.

    Args:
        read_timeout: Seconds between two bytes; None waits forever.
    """

    def __init__(self, read_timeout: Optional[float]) -> None:
        super().__init__("", 16, read_timeout)
        # Without a value, requests looks for a password in netrc.
        self.auth = _auth_of_address

    def resolve_redirects(self, *args: Any, **kwargs: Any) -> Any:
        """Leave redirects to `FileSession`, which checks where they lead."""
        return iter(())


class _PublicSession(_AnonymousSession):
    """The same, with connections to public hosts only."""

    adapter_class = PublicAdapter


def _target(answer: FileAnswer) -> Optional[Address]:
    """Return where an answer redirects to; None if it does not."""
    location = answer.headers.get("Location")
    if answer.status not in _REDIRECTS or location is None:
        return None
    try:
        return answer.address.redirected(location)
    except ValueError:
        with answer:
            raise ScaleException(
                f"{answer.address} redirects to an address that is malformed"
            ) from None


def _auth_of_address(request: Any) -> Any:
    user, password = get_auth_from_url(request.url)
    return HTTPBasicAuth(user, password)(request) if user or password else request
