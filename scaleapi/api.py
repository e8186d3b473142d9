"""The transport: one session, one loop over attempts, one way errors are raised.

It and the private rooms it stands on (how the session connects, what an answer
means, how a form is sent) are all of the client that knows HTTP. Whether and
when a request is repeated is decided in `scaleapi._transport.retry`.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import threading
import time
from typing import Any, Dict, Mapping, Optional, Tuple, Union

import requests  # noqa: F401  (under this name scripts patch it)
from urllib3.exceptions import HTTPError

from scaleapi._transport import moved, responses
from scaleapi._transport.endpoint import quote_segment
from scaleapi._transport.history import History, error_of
from scaleapi._transport.interrupt import pause
from scaleapi._transport.multipart import Multipart
from scaleapi._transport.options import (
    checked_address,
    checked_key,
    checked_number,
    checked_proxies,
    checked_source,
    checked_timeout,
)
from scaleapi._transport.rate_limiter import AdaptiveRateLimiter, Permit
from scaleapi._transport.recovery import Recovery, created_before
from scaleapi._transport.redact import Redactor, masked_address
from scaleapi._transport.request import Request
from scaleapi._transport.responses import Attempt
from scaleapi._transport.retry import (
    BACKOFF_FACTOR,
    MAX_RETRIES,
    RETRIED_METHODS,
    RETRIED_STATUSES,
    Outcome,
    RetryPolicy,
)
from scaleapi._transport.session import current_session, forget_connections, new_session
from scaleapi._version import __version__
from scaleapi.exceptions import (
    ExceptionMap as ExceptionMap,  # under this name scripts import it
)
from scaleapi.exceptions import ScaleException

moved.register()

logger = logging.getLogger("scaleapi")
# Without it Python prints warnings to stderr where logging is not set up.
logger.addHandler(logging.NullHandler())

SCALE_API_BASE_URL_V1 = "https://api.scale.com/v1"

# Under these names scripts import them.
HTTP_TOTAL_RETRIES = MAX_RETRIES
HTTP_RETRY_BACKOFF_FACTOR = BACKOFF_FACTOR
HTTP_STATUS_FORCE_LIST = RETRIED_STATUSES
HTTP_RETRY_ALLOWED_METHODS = RETRIED_METHODS

#: Seconds to connect, and seconds from one sign of life to the next.
DEFAULT_TIMEOUT = (10.0, 120.0)
#: Idle connections that are kept.
DEFAULT_POOL_SIZE = 64

_MAYBE_CREATED_TWICE = (
    ": if that one was carried out too, there are now two; a unique_id would rule it "
    "out"
)

Verify = Union[bool, str, None]
Cert = Union[str, Tuple[str, str], None]
Timeout = Union[float, Tuple[Optional[float], Optional[float]], None]


class Api:
    """HTTP requests on the API, as JSON in and JSON out.

    Made by `ScaleClient` and reachable as ``client.api``; of use to scripts for
    endpoints that the client does not wrap. The arguments, and what is raised,
    are those of `ScaleClient`; `user_agent_extension` is its `source`.

    Attributes:
        base_api_url: Base of all addresses, without a slash at its end.
        session: The `requests.Session` that all requests go through.
        verify: As given; may be changed, like the two that follow.
        proxies: As given.
        cert: As given.
        auto_unique_id: Whether every new task gets a ``unique_id``.
    """

    def __init__(
        self,
        api_key: Optional[str] = None,
        user_agent_extension: Optional[str] = None,
        api_instance_url: Optional[str] = None,
        verify: Verify = None,
        proxies: Optional[Dict[str, str]] = None,
        cert: Cert = None,
        *,
        timeout: Timeout = DEFAULT_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        pool_size: int = DEFAULT_POOL_SIZE,
        auto_unique_id: bool = False,
    ) -> None:
        try:
            self._timeout = checked_timeout(timeout)
            self._policy = RetryPolicy(checked_number("max_retries", max_retries, 0))
            user_agent = checked_source(
                user_agent_extension, self._generate_useragent(user_agent_extension)
            )
            self.session = new_session(
                checked_key(api_key),
                checked_number("pool_size", pool_size, 1),
                self._timeout[1],
            )
            self.base_api_url = checked_address(api_instance_url, SCALE_API_BASE_URL_V1)
            self.proxies = checked_proxies(proxies)
        finally:
            # A traceback that shows local variables must not show a secret.
            del api_key, api_instance_url, proxies
        self.verify = verify
        self.cert = cert
        self.auto_unique_id = auto_unique_id
        self._headers = {"User-Agent": user_agent}
        self._rate_limiter = AdaptiveRateLimiter(threading.Lock)
        self._process = os.getpid()
        self._secrets = Redactor()

    def __setstate__(self, state: Dict[str, Any]) -> None:
        renamed = moved.ATTRIBUTES
        vars(self).update({renamed.get(name, name): v for name, v in state.items()})

    def __repr__(self) -> str:
        # Also of one that is not made yet, as tracebacks may want it.
        address = vars(self).get("base_api_url")
        return f"{type(self).__name__}({address and masked_address(str(address))!r})"

    @property
    def api_key(self) -> str:
        """The key."""
        return str(getattr(self.session.auth, "username", ""))

    @staticmethod
    def _generate_useragent(extension: Optional[str] = None) -> str:
        import platform  # here, since importing the package need not wait for it

        parts = [
            f"scaleapi/{__version__}",
            f"Python/{platform.python_version()}",
            f"OS/{platform.platform()}",
            extension,
        ]
        return " ".join(part for part in parts if part)

    @staticmethod
    def quote_string(text: str) -> str:
        """Return `text` as one segment of a path: ``a b/c`` -> ``a%20b%2Fc``."""
        return quote_segment(text)

    def close(self) -> None:
        """Close all connections. The next request opens a new one."""
        self.session.close()

    def get_request(
        self, endpoint: str, params: Optional[Mapping[str, Any]] = None
    ) -> Any:
        """Send a GET request; see `request`."""
        return self.request("GET", endpoint, params=params)

    def post_request(
        self,
        endpoint: str,
        body: Any = None,
        files: Any = None,
        data: Optional[Mapping[str, Any]] = None,
    ) -> Any:
        """Send a POST request; see `request`."""
        return self.request("POST", endpoint, body=body, files=files, data=data)

    def put_request(
        self,
        endpoint: str,
        body: Any = None,
        params: Optional[Mapping[str, Any]] = None,
    ) -> Any:
        """Send a PUT request; see `request`."""
        return self.request("PUT", endpoint, params=params, body=body)

    def delete_request(
        self,
        endpoint: str,
        params: Optional[Mapping[str, Any]] = None,
        body: Any = None,
    ) -> Any:
        """Send a DELETE request; see `request`."""
        return self.request("DELETE", endpoint, params=params, body=body)

    def request(
        self,
        method: str,
        endpoint: str,
        *,
        params: Optional[Mapping[str, Any]] = None,
        body: Any = None,
        files: Any = None,
        data: Optional[Mapping[str, Any]] = None,
    ) -> Any:
        """Send a request, again where that is safe and may help.

        A GET, HEAD, OPTIONS, PUT or DELETE is repeated after every failure that
        may pass; a POST, PATCH or any other only after one that says it was not
        carried out, unless its body has a ``unique_id``. ``docs/reliability``
        has the whole table.

        Args:
            method: ``"GET"``, ``"POST"``, ..., in capitals or not.
            endpoint: What follows the base address and a slash, already quoted.
            params: Query. None is left out, a list repeats its key.
            body: Sent as JSON, empty lists and objects too; None sends no body.
            files: Name of a part -> file, for a multipart body; it is read
                while it is sent.
            data: Text fields of a multipart body.

        Returns:
            The decoded answer; None if it is empty or no JSON.

        Raises:
            ScaleException: The API answered with an error (see `ExceptionMap`),
                or with nothing of the kind expected.
            ScaleConnectionError: There was no answer.
            ScaleTypeError: `body` cannot be JSON, or `method` is no text.
            ScaleValueError: `body` has NaN or infinity in it, or `method` is not
                a single word.
        """
        form = Multipart(data, files) if files else None
        try:
            request = Request(
                method,
                endpoint,
                params or {},
                body=body,
                form=form,
                data=None if form else data,
            )
            return self._carry_out(request, self._policy, History())
        finally:
            if form:
                form.close()

    def _carry_out(
        self, request: Request, policy: RetryPolicy, history: History
    ) -> Any:
        """Send a request until it succeeds or must not be sent again.

        Args:
            request: What to send.
            policy: How often.
            history: Of a call that begins; what happens is noted in it.
        """
        while True:
            permit = self._permit(history.not_before)
            if permit is None:
                raise self._error(request, history) from history.cause
            attempt = self._attempt(request, history, permit)
            wait = policy.wait(
                history.attempts - 1,
                attempt.outcome,
                idempotent=request.idempotent,
                jitter=random.random(),
                retry_after=attempt.retry_after,
            )
            if wait is None:
                return self._result(request, history, attempt)
            history.maybe_processed |= attempt.maybe_processed
            self._log(
                logging.WARNING, "%s: %s; again in %.1f s", request, attempt, wait
            )
            history.not_before = time.monotonic() + wait
            pause(wait)

    def _result(self, request: Request, history: History, attempt: Attempt) -> Any:
        """Return what the last attempt came to, or what an earlier one has made."""
        if attempt.response is not None and attempt.outcome is Outcome.SUCCEEDED:
            value = responses.decode(attempt.response)
            if request.problem_of(value) is None:
                if history.maybe_processed and not request.idempotent:
                    self._log(
                        logging.WARNING,
                        "%s succeeded after a 503%s",
                        request,
                        _MAYBE_CREATED_TWICE,
                    )
                return value
            # A traceback that shows local variables must not show what it repeats.
            del value
            # It may come from a queue or a proxy, whose server has done the work.
            history.maybe_processed = True
        history.maybe_processed |= attempt.maybe_processed
        if request.recovery and history.maybe_processed:
            found = self._look(request, request.recovery, history, attempt.outcome)
            if found is not None:
                self._log(
                    logging.WARNING,
                    "%s: what it asks for is there, after a lost attempt",
                    request,
                )
                return found
        raise self._error(request, history) from attempt.error

    def _permit(self, not_before: float) -> Optional[Permit]:
        """Wait for a permit to send; None if the run of this thread was stopped.

        Args:
            not_before: Earliest time of the attempt.
        """
        self._leave_parents_connections()
        going_on = pause(0)
        while going_on:
            permit = self._rate_limiter.next_permit(max(not_before, time.monotonic()))
            if permit.wait <= 0:
                return permit
            going_on = pause(permit.wait)
            if going_on and permit.epoch == self._rate_limiter.epoch:
                return permit
        return None

    def _attempt(self, request: Request, history: History, permit: Permit) -> Attempt:
        """Send a request once."""
        # What the caller is handling, which is no part of what happens here.
        outer = sys.exc_info()[1]
        history.start_attempt()
        self.session = current_session(self.session)
        started = time.monotonic()
        try:
            attempt = responses.attempt_from_response(
                self.session.request(**self._arguments(request))
            )
        except (OSError, HTTPError, UnicodeError) as error:
            given = responses.given_to_hook(error)  # before frames are taken out
            self._redactor().clean(error, outer)
            attempt = responses.attempt_from_error(error, outer, given)
        except BaseException as error:
            failed = responses.failed_in_libraries(error)
            self._redactor().clean(error, outer)
            if isinstance(error, ScaleException):
                # Of a file that fails, or of a hook: nobody may take it for unsent.
                error.attempts = error.attempts or history.attempts + 1
                error.unique_id = error.unique_id or request.unique_id
            if failed is None:
                # By name: until Python 3.11 a bare raise brings the frames back.
                raise error
            attempt = failed
        history.add(attempt)
        ended = time.monotonic()
        if attempt.status == 429:
            self._rate_limiter.record_throttled(permit, ended, attempt.retry_after)
        elif attempt.response is not None:
            self._rate_limiter.record_success(ended)
        waited_ms = (ended - started) * 1000
        self._log(
            logging.DEBUG,
            "%s: %s (attempt %d, %.0f ms)",
            request,
            attempt,
            history.attempts,
            waited_ms,
        )
        return attempt

    def _leave_parents_connections(self) -> None:
        if self._process != os.getpid():
            forget_connections(self.session)
            # Its lock may have been held by a thread that is not here.
            self._rate_limiter = AdaptiveRateLimiter(threading.Lock)
            self._process = os.getpid()

    def _arguments(self, request: Request) -> Dict[str, Any]:
        """Return what `requests.Session.request` is called with.

        The first eight are those that the official client passes, which the
        stand-ins of users' tests may count on.
        """
        content = {"Content-Type": "application/json"}
        arguments = {
            "method": request.method,
            "url": f"{self.base_api_url}/{request.endpoint}",
            "headers": {
                **(request.form.headers if request.form else content),
                **self._headers,
            },
            "auth": self.session.auth,
            "params": request.params,
            # Beside data, which wins in requests: for stand-ins that read it.
            "json": request.body,
            "files": None,
            "data": request.form.body() if request.form else request.data,
            "timeout": self._timeout,
        }
        # Given with each request and not set on the session, where requests
        # lets the environment's certificates and proxies win over them.
        given = {"verify": self.verify, "proxies": self.proxies, "cert": self.cert}
        return {**arguments, **{k: v for k, v in given.items() if v is not None}}

    def _look(
        self, request: Request, recovery: Recovery, history: History, ended: Outcome
    ) -> Any:
        """Return what a lost attempt has made, None if it cannot be found.

        What was there before the call is noted in its history, and not returned.
        """
        look = Request("GET", recovery.endpoint, recovery.params or {})
        looked = History()
        # Where the attempts have run out on a server that does not answer, one
        # look is enough.
        answers = ended in (Outcome.SUCCEEDED, Outcome.FATAL)
        policy = self._policy if answers else RetryPolicy(max_retries=0)
        try:
            found = recovery.find(self._carry_out(look, policy, looked))
        except ScaleException:
            return None
        if found is None or request.problem_of(found):
            return None
        began = history.began(looked)
        if recovery.creates and began is not None and created_before(found, began):
            history.predecessor = found["created_at"]
            return None
        return found

    def _error(self, request: Request, history: History) -> ScaleException:
        return error_of(request, history, self.base_api_url, self._redactor())

    def _redactor(self) -> Redactor:
        """Return what takes the secrets of now out of texts."""
        return self._secrets.watch(self.session, self.base_api_url, self.proxies)

    def _log(self, level: int, text: str, *values: Any) -> None:
        """Log a line, with the secrets taken out of its values."""
        if logger.isEnabledFor(level):
            mask = self._redactor()
            shown = [v if type(v) in (int, float) else mask(str(v)) for v in values]
            logger.log(level, text, *shown, stacklevel=2)
