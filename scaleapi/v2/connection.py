"""`ApiClient` and `Configuration`: the way of v2 through the transport of v1."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any, Mapping, Optional, Type

from scaleapi._transport.endpoint import Endpoint, endpoint
from scaleapi._transport.options import checked_address
from scaleapi._transport.recovery import Recovery
from scaleapi._transport.redact import masked_address
from scaleapi._transport.settings import CallSettings
from scaleapi.api import Api
from scaleapi.exceptions import ScaleException
from scaleapi.v2.errors import of_v2
from scaleapi.v2.records import Record
from scaleapi.v2.requests import checked_options

_HOST = "https://api.scale.com"


class Configuration:
    """Where v2 is.

    Args:
        host: Address of the API. A ``/v1`` or ``/v2`` at its end is left out. Default:
            ``https://api.scale.com``, or beside the ``SCALE_API_URL`` of the
            environment.
        access_token: The API key. Default: the environment's ``SCALE_API_KEY``.

    Raises:
        ScaleTypeError: `host` is not a str.
        ScaleValueError: `host` is not an address that requests can be sent to.
    """

    __slots__ = ("_access_token", "_api", "_host")

    def __init__(
        self, host: Optional[str] = None, access_token: Optional[str] = None
    ) -> None:
        self._access_token = access_token
        del access_token  # a traceback that shows local variables must not show it
        self._api: Optional[Api] = None
        self._host: Optional[str] = None
        if host is not None:
            self.host = host

    @property
    def host(self) -> str:
        """Address of the API, without ``/v1`` or ``/v2``. It can be set at any time."""
        if self._host is not None:
            return self._host
        if self._api is None:
            return _HOST
        # api-notes: v2-base
        return re.sub(r"/v1/*$", "", str(self._api.base_api_url))

    @host.setter
    def host(self, host: str) -> None:
        self._host = re.sub("/v[12]$", "", checked_address("host", host, _HOST))

    @property
    def access_token(self) -> Optional[str]:
        """The API key; None for that of the environment. It cannot be set."""
        return self._access_token if self._api is None else self._api.api_key

    def __repr__(self) -> str:
        return f"{type(self).__name__}({masked_address(self.host)!r})"


class ApiClient:
    """Sends the calls of v2 through the transport of v1.

    ``client.v2`` has one that shares session, retries and options with its client.

    Args:
        configuration: Where v2 is. Default: ``Configuration()``.

    Raises:
        ScaleException: `configuration` has no API key, and the environment has none.

    Attributes:
        configuration: Where v2 is.
    """

    def __init__(self, configuration: Optional[Configuration] = None) -> None:
        given = configuration or Configuration()
        url = None if given._host is None else f"{given._host}/v1"
        self._share(Api(given._access_token, api_instance_url=url), given)

    @classmethod
    def _over(cls, api: Api) -> ApiClient:
        """Return the one that shares the transport of a client."""
        made = cls.__new__(cls)
        made._share(api, Configuration())
        return made

    def _share(self, api: Api, configuration: Configuration) -> None:
        self.api = api
        self.configuration = configuration
        configuration._api = api

    def _target(
        self,
        *segments: str,
        expected: Optional[Type[Record]],
        query: str = "",
        options: Mapping[str, Any] = MappingProxyType({}),
        idempotent: Optional[bool] = None,
        recovery: Optional[Recovery] = None,
    ) -> Endpoint:
        """Return the endpoint of a call.

        Args:
            segments: Its path after ``/v2/``. Each segment is quoted.
            expected: Class of the answer. None: the answer is a redirect, whose target
                is returned.
            query: Its query, encoded.
            options: Further keywords of the call.
            idempotent: As in `endpoint`, and so is `recovery`.
            recovery: Where to look for the result if the answer is lost.
        """
        headers, timeout = checked_options(options)
        settings = CallSettings(
            self.configuration.host,
            headers,
            timeout,
            returns_location=expected is None,
        )
        return endpoint(
            "v2",
            *segments,
            query=query,
            expect=_no_redirect if expected is None else expected._problem_of,
            idempotent=idempotent,
            recovery=recovery,
            settings=settings,
        )

    def _send(self, method: str, target: Endpoint, body: Any = None) -> Any:
        """Send a request, and return the decoded answer.

        Args:
            method: Its method.
            target: What `_target` returned.
            body: Its body.

        Raises:
            ApiException: The API answered with an error.
            ScaleException: The API did not answer, or with something else.
        """
        try:
            return self.api.request(method, target, body=body)
        except ScaleException as error:
            failure, cause = of_v2(error), error.__cause__
        raise failure from cause


def _no_redirect(_answer: Any) -> Optional[str]:
    return "not a redirect to the file"
