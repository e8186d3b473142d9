"""`Api`: sends requests over one session, and retries them in one loop.

This module and ``scaleapi._transport`` are the only code that speaks HTTP.
``scaleapi._transport.retry`` decides whether and when a request is sent again.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import threading
from typing import Any, Dict, Mapping, Optional, Tuple, Union
from urllib.parse import urljoin

import requests  # noqa: F401  (scripts patch scaleapi.api.requests)
from urllib3.exceptions import HTTPError

from scaleapi._key_mode import key_mode
from scaleapi._monotonic import monotonic
from scaleapi._transport import old_pickles
from scaleapi._transport.anonymous import FileSession
from scaleapi._transport.attempts import (
    Attempt,
    attempt_from_error,
    attempt_from_response,
    failed_in_libraries,
    response_in_hook,
)
from scaleapi._transport.bearer import Bearer
from scaleapi._transport.endpoint import quote_segment
from scaleapi._transport.errors import error_of
from scaleapi._transport.file_address import Address
from scaleapi._transport.history import History
from scaleapi._transport.interrupt import pause
from scaleapi._transport.key_requirement import (
    check_requirement,
    checked_requirement,
    key_of,
)
from scaleapi._transport.multipart import Multipart
from scaleapi._transport.options import (
    base_address,
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
from scaleapi._transport.retry import (
    BACKOFF_FACTOR,
    MAX_RETRIES,
    RETRIED_METHODS,
    RETRIED_STATUSES,
    Outcome,
    RetryPolicy,
)
from scaleapi._transport.session import (
    STANDARD,
    current_session,
    forget_connections,
    new_session,
)
from scaleapi._version import __version__
from scaleapi.exceptions import (
    ExceptionMap as ExceptionMap,  # scripts import it from here
)
from scaleapi.exceptions import ScaleException

old_pickles.register()

logger = logging.getLogger("scaleapi")
# Without a handler, Python prints warnings to stderr if logging is not set up.
logger.addHandler(logging.NullHandler())

SCALE_API_BASE_URL_V1 = "https://api.scale.com/v1"

# Scripts import these names from here.
HTTP_TOTAL_RETRIES = MAX_RETRIES
HTTP_RETRY_BACKOFF_FACTOR = BACKOFF_FACTOR
HTTP_STATUS_FORCE_LIST = RETRIED_STATUSES
HTTP_RETRY_ALLOWED_METHODS = RETRIED_METHODS

#: Seconds to connect, and seconds between two bytes (read time-out).
DEFAULT_TIMEOUT = (10.0, 120.0)
#: Number of idle connections that are kept.
DEFAULT_POOL_SIZE = 64

_MAYBE_CREATED_TWICE = (
    ": if the server carried out that attempt too, there are now two; pass a unique_id "
    "to rule this out"
)

Verify = Union[bool, str, None]
Cert = Union[str, Tuple[str, str], None]
Timeout = Union[float, Tuple[Optional[float], Optional[float]], None]


class Api:
    """Sends HTTP requests to the API, with JSON in both directions.

    `ScaleClient` makes one and offers it as ``client.api``. Scripts can use it for
    endpoints that the client has no method for. The arguments and the exceptions are
    those of `ScaleClient`; `user_agent_extension` is the argument `source` there.

    Attributes:
        base_api_url: Base address of all requests, without a slash at its end.
        session: The `requests.Session` that sends all requests.
        verify: The argument of the same name; it can be changed at any time, and so
            can `proxies` and `cert`.
        proxies: The argument of the same name.
        cert: The argument of the same name.
        auto_unique_id: Whether every new task gets a ``unique_id``.
    """

    #: Not in pickles of older versions.
    _require: Optional[str] = None

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
        require: Optional[str] = None,
    ) -> None:
        try:
            self._require = checked_requirement(require)
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
            check_requirement(self._require, self.session.auth)
            self.base_api_url = base_address(
                api_instance_url, SCALE_API_BASE_URL_V1, self.api_key
            )
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
        renamed = old_pickles.ATTRIBUTES
        vars(self).update({renamed.get(name, name): v for name, v in state.items()})

    def __repr__(self) -> str:
        # repr() may run before __init__ has finished, e.g. in a traceback.
        address = vars(self).get("base_api_url")
        return f"{type(self).__name__}({address and masked_address(str(address))!r})"

    @property
    def api_key(self) -> str:
        """The API key that requests are sent with."""
        return key_of(self.session.auth)

    @property
    def mode(self) -> Optional[str]:
        """``"test"``, ``"live"``, or None if the form of the key says neither."""
        return key_mode(self.api_key)

    @staticmethod
    def _generate_useragent(extension: Optional[str] = None) -> str:
        import platform  # imported late, so that importing the package is fast

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

    @property
    def file_session(self) -> FileSession:
        """Fetches attachments and results from other hosts, without the API key."""
        made: Optional[FileSession] = vars(self).get("_file_session")
        if made is None:
            made = FileSession(self._timeout, self._policy, self._headers["User-Agent"])
        # Another thread may have been faster.
        session: FileSession = vars(self).setdefault("_file_session", made)
        session.verify, session.proxies = self.verify, self.proxies
        session.own_server = Address(str(self.base_api_url)).server
        return session

    def close(self) -> None:
        """Close all connections. The next request opens a new connection."""
        self.session.close()
        file_session = vars(self).get("_file_session")
        if file_session is not None:
            file_session.close()

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
        """Send a request, and retry it if that is safe and can help.

        GET, HEAD, OPTIONS, PUT and DELETE requests are retried after every failure
        that may be temporary. Requests with another method are retried only if the
        server has not carried them out, or if their body has a ``unique_id``.
        ``docs/reliability`` has the whole table.

        Args:
            method: The HTTP method, such as ``"GET"``, in any case.
            endpoint: Path after the base address, without a leading slash, already
                quoted.
            params: Query parameters. None is left out, a list repeats its key.
            body: Sent as JSON, even if it is an empty list or dict; None sends no
                body.
            files: Name of a part -> file, for a multipart body. Files are read while
                they are sent.
            data: Text fields of a multipart body.

        Returns:
            The decoded answer; None if the answer is empty or is not JSON.

        Raises:
            ScaleException: The API answered with an error (see `ExceptionMap`), or
                with something else than the endpoint is expected to return.
            ScaleConnectionError: The API did not answer.
            ScaleTypeError: `body` cannot be encoded as JSON, or `method` is not a
                str.
            ScaleValueError: `body` contains NaN or infinity, or `method` is not a
                single word.
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
        """Send a request until it succeeds or must not be retried; return the answer.

        Args:
            request: The request; every attempt sends the same.
            policy: Decides whether and when it is retried.
            history: An empty history, to which the attempts are added.
        """
        while True:
            permit = self._permit(history.not_before)
            if permit is None:  # the bulk run that this call is part of was stopped
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
            history.ambiguous |= attempt.maybe_processed
            self._log(
                logging.WARNING, "%s: %s; retrying in %.1f s", request, attempt, wait
            )
            history.not_before = monotonic() + wait
            pause(wait)

    def _result(self, request: Request, history: History, attempt: Attempt) -> Any:
        """Return the answer to the last attempt, or the result of a lost one.

        Raises:
            ScaleException: `attempt` failed, and the result of no attempt was found.
        """
        target = self._target(request, attempt)
        if target is not None:
            return target
        if attempt.response is not None and attempt.outcome is Outcome.SUCCEEDED:
            value = request.decode(attempt.response)
            if request.accepts(attempt.response, value):
                if history.ambiguous and not request.idempotent:
                    self._log(
                        logging.WARNING,
                        "%s succeeded after a 503%s",
                        request,
                        _MAYBE_CREATED_TWICE,
                    )
                return value
            # The value may repeat secrets, and tracebacks may show local variables.
            del value
            # An unexpected answer may come from a proxy, behind which the server has
            # carried out the request.
            history.ambiguous = True
        history.ambiguous |= attempt.maybe_processed
        if request.recovery and history.ambiguous:
            found = self._look(request, request.recovery, history, attempt.outcome)
            if found is not None:
                self._log(
                    logging.WARNING,
                    "%s: an attempt whose answer was lost has succeeded",
                    request,
                )
                return found
        raise self._error(request, history) from attempt.error

    def _target(self, request: Request, attempt: Attempt) -> Optional[str]:
        """Return the address that an answer redirects to, if that is the result."""
        response = attempt.response
        if response is None or request.settings is None:
            return None
        if not (request.settings.returns_location and response.is_redirect):
            return None
        target = STANDARD.get_redirect_target(self.session, response)
        return None if target is None else urljoin(str(response.url), target)

    def _permit(self, not_before: float) -> Optional[Permit]:
        """Wait for a permit to send; None if the run of this thread was stopped.

        Args:
            not_before: Earliest time of the attempt.
        """
        self._leave_parents_connections()
        going_on = pause(0)
        while going_on:
            permit = self._rate_limiter.next_permit(max(not_before, monotonic()))
            if permit.wait <= 0:
                return permit
            going_on = pause(permit.wait)
            if going_on and permit.epoch == self._rate_limiter.epoch:
                return permit
        return None

    def _attempt(self, request: Request, history: History, permit: Permit) -> Attempt:
        """Send a request once."""
        # The exception that the caller is handling is not a cause of ours, although
        # Python links it as the context.
        outer = sys.exc_info()[1]
        self.session = current_session(self.session)
        check_requirement(self._require, self.session.auth)
        history.start_attempt()
        started = monotonic()
        try:
            attempt = attempt_from_response(
                self.session.request(**self._arguments(request))
            )
        except (OSError, HTTPError, UnicodeError) as error:
            # Reads frames of the traceback, so it comes before they are hidden.
            hook_response = response_in_hook(error)
            self._redactor().clean(error, outer)
            attempt = attempt_from_error(error, outer, hook_response)
        except BaseException as error:
            failed = failed_in_libraries(error)
            self._redactor().clean(error, outer)
            if isinstance(error, ScaleException):
                # Raised while a file was read, or by a hook: the request may have
                # been sent, and the error must say so.
                error.attempts = error.attempts or history.attempts + 1
                error.unique_id = error.unique_id or request.unique_id
            if failed is None:
                # Until Python 3.11, a bare `raise` would restore the hidden frames.
                raise error
            attempt = failed
        history.add(attempt)
        ended = monotonic()
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
        """After a fork, leave the connections to the parent process."""
        if self._process != os.getpid():
            forget_connections(self.session)
            # A thread of the parent may have held its lock during the fork.
            self._rate_limiter = AdaptiveRateLimiter(threading.Lock)
            self._process = os.getpid()

    def _arguments(self, request: Request) -> Dict[str, Any]:
        """Return the arguments for `requests.Session.request`.

        The official client passes the first eight too, so that stand-ins in users'
        tests may expect them.
        """
        content = {"Content-Type": "application/json"}  # api-notes: request-encoding
        settings = request.settings
        arguments = {
            "method": request.method,
            "url": f"{self._address(request)}/{request.endpoint}",
            "headers": {
                **(request.form.headers if request.form else content),
                **self._headers,
            },
            "auth": self.session.auth,
            "params": request.params,
            # Only for stand-ins that read it: requests sends data if both are given.
            "json": request.body,
            "files": None,
            "data": request.form.body() if request.form else request.data,
            "timeout": self._timeout,
        }
        if settings is not None:
            # api-notes: v2-transport
            arguments["auth"] = Bearer(self.api_key)
            arguments["headers"] = {
                **({} if request.body is None else content),
                "Accept": "application/json",
                **self._headers,
                **settings.headers,
            }
            arguments["timeout"] = settings.timeout or self._timeout
            if settings.returns_location:
                arguments["allow_redirects"] = False
        # Passed with each request: variables of the environment would win over
        # settings of the session.
        options = {"verify": self.verify, "proxies": self.proxies, "cert": self.cert}
        return {**arguments, **{k: v for k, v in options.items() if v is not None}}

    def _look(
        self, request: Request, recovery: Recovery, history: History, ended: Outcome
    ) -> Any:
        """Return the document that a lost attempt left behind, or None.

        A document that is older than the call is not returned. When it was created is
        kept in the history, for the error.

        Args:
            request: The request whose answer was lost.
            recovery: Where to look.
            history: The attempts of the request.
            ended: Outcome of the last attempt.
        """
        look = Request("GET", recovery.endpoint, recovery.params or {})
        looked = History()
        # If the server did not even answer the last attempt, look only once.
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
        if recovery.then is None:
            return found
        try:
            result = Request("GET", recovery.then(found), {})
            return self._carry_out(result, policy, History())
        except ScaleException:
            return None

    def _address(self, request: Request) -> str:
        """Return the address that the path of a request is appended to."""
        settings = request.settings
        return self.base_api_url if settings is None else settings.base_address

    def _error(self, request: Request, history: History) -> ScaleException:
        return error_of(request, history, self._address(request), self._redactor())

    def _redactor(self) -> Redactor:
        """Return the redactor, which knows the current secrets."""
        return self._secrets.watch(self.session, self.base_api_url, self.proxies)

    def _log(self, level: int, text: str, *values: Any) -> None:
        """Log a message with secrets masked in its values."""
        if logger.isEnabledFor(level):
            mask = self._redactor()
            shown = [v if type(v) in (int, float) else mask(str(v)) for v in values]
            logger.log(level, text, *shown, stacklevel=2)
