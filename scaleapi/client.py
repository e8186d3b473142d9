"""The client: all rooms of calls, summed up on one object."""

from __future__ import annotations

from typing import Dict, Optional, TypeVar

from scaleapi._transport.redact import masked_address
from scaleapi.api import (
    DEFAULT_POOL_SIZE,
    DEFAULT_TIMEOUT,
    HTTP_TOTAL_RETRIES,
    Api,
    Cert,
    Timeout,
    Verify,
)
from scaleapi.batches import BatchCalls
from scaleapi.bulk import BulkCalls
from scaleapi.evaluation_tasks import EvaluationCalls
from scaleapi.files import FileCalls
from scaleapi.projects import ProjectCalls
from scaleapi.studio import StudioCalls
from scaleapi.tasks import TaskCalls
from scaleapi.teams import TeamCalls
from scaleapi.training_tasks import TrainingCalls

Self = TypeVar("Self", bound="ScaleClient")


class ScaleClient(
    BulkCalls,  # derived from TaskCalls and FileCalls, so it stands before them
    TaskCalls,
    BatchCalls,
    ProjectCalls,
    FileCalls,
    EvaluationCalls,
    TrainingCalls,
    TeamCalls,
    StudioCalls,
):
    """Everything the API can do, on one object.

    One client serves many threads, and is meant to live as long as the program:
    it keeps its connections. It can be pickled (with its key) and used after a
    fork. ``with ScaleClient(...) as client:`` closes it at the end.

    Attributes:
        api: The transport; ``client.api.get_request("...")`` and
            ``post_request`` reach endpoints that have no call of their own.

    Args:
        api_key: Your API key; if None, the one in the variable
            ``SCALE_API_KEY`` of the environment. Keys that begin with ``test_``
            cost nothing.
        source: Name of your program, for the User-Agent header.
        api_instance_url: Replaces the whole base address, scheme and ``/v1``
            included; falsy means ``https://api.scale.com/v1``.
        verify: Path of a file of trusted certificates; False trusts anything;
            None trusts what the system or ``REQUESTS_CA_BUNDLE`` says.
        proxies: Scheme -> address of the proxy, as in requests. They win over
            those that the environment names.
        cert: Client certificate: one file, or a pair (certificate, key).
        timeout: Seconds to connect, and seconds from one sign of life to the
            next while sending and receiving: one number for both, or a pair.
            None waits for ever. No option limits a call as a whole.
        max_retries: How many attempts may follow the first.
        pool_size: How many idle connections are kept; as many threads can
            share the client without waiting for new ones.
        auto_unique_id: Whether every task that is created without a
            ``unique_id`` is given one, so that a lost request can be repeated
            without the risk of a second, paid task.

    Raises:
        ScaleException: There is no key. Whether it is right shows with the
            first request.
        ScaleTypeError: `api_instance_url` is not a str, or `proxies` not a dict of
            addresses.
        ScaleValueError: `api_instance_url` has no scheme or host, or something else
            that keeps requests from being sent; or an address of `proxies` has none.
        ValueError: `source` or an option cannot be what it is.
    """

    def __init__(
        self,
        api_key: Optional[str] = None,
        source: Optional[str] = None,
        api_instance_url: Optional[str] = None,
        verify: Verify = None,
        proxies: Optional[Dict[str, str]] = None,
        cert: Cert = None,
        *,
        timeout: Timeout = DEFAULT_TIMEOUT,
        max_retries: int = HTTP_TOTAL_RETRIES,
        pool_size: int = DEFAULT_POOL_SIZE,
        auto_unique_id: bool = False,
    ) -> None:
        try:
            self.api = Api(
                api_key,
                source,
                api_instance_url,
                verify,
                proxies,
                cert,
                timeout=timeout,
                max_retries=max_retries,
                pool_size=pool_size,
                auto_unique_id=auto_unique_id,
            )
        finally:
            # A traceback that shows local variables must not show a secret.
            del api_key, api_instance_url, proxies

    def close(self) -> None:
        """Close all connections. A later call opens new ones."""
        self.api.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        # Also of a client that is not made yet, as tracebacks may want it.
        api = getattr(self, "api", None)
        address = getattr(api, "base_api_url", None)
        return f"{type(self).__name__}({address and masked_address(str(address))!r})"
