"""`ScaleClient`: combines the calls of every resource module."""

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
from scaleapi.download import DownloadCalls
from scaleapi.evaluation_tasks import EvaluationCalls
from scaleapi.export.calls import ExportCalls
from scaleapi.files import FileCalls
from scaleapi.projects import ProjectCalls
from scaleapi.studio import StudioCalls
from scaleapi.tasks import TaskCalls
from scaleapi.teams import TeamCalls
from scaleapi.training_tasks import TrainingCalls

Self = TypeVar("Self", bound="ScaleClient")


class ScaleClient(
    # A class comes before those that it inherits.
    ExportCalls,
    DownloadCalls,
    BulkCalls,
    TaskCalls,
    BatchCalls,
    ProjectCalls,
    FileCalls,
    EvaluationCalls,
    TrainingCalls,
    TeamCalls,
    StudioCalls,
):
    """A client for the API: one method for each call.

    Many threads can use one client. Keep it for as long as the program runs, because it
    reuses its connections. A client can be pickled (with its key), and used after a
    fork.
    ``with ScaleClient(...) as client:`` closes it at the end.

    Attributes:
        api: The transport. ``client.api.get_request("...")`` and
            ``client.api.post_request("...")`` reach endpoints without a method of their
            own.

    Args:
        api_key: Your API key. If None, the environment variable ``SCALE_API_KEY`` is
            used. Requests with a key that begins with ``test_`` are free.
        source: Name of your program, for the User-Agent header. Default: none.
        api_instance_url: Base address, with scheme and ``/v1``. If None, the
            environment variable ``SCALE_API_URL`` is used, or else
            ``https://api.scale.com/v1``.
        verify: Path of a file with trusted certificates. False accepts any certificate.
            If None, ``REQUESTS_CA_BUNDLE`` or the default of requests applies.
        proxies: Scheme -> address of the proxy, as in requests. They override the
            proxies of the environment.
        cert: Client certificate: the path of a file, or a pair of paths (certificate,
            key).
        timeout: Seconds to wait for a connection, and seconds to wait between two bytes
            (read time-out): one number for both, or a pair. None waits forever. There
            is no limit to the duration of a whole call.
        max_retries: Maximum number of attempts after the first one.
        pool_size: Maximum number of idle connections that are kept, and of threads that
            can use the client without opening new connections for each request.
        auto_unique_id: Whether each task that is created without a ``unique_id`` gets
            one, so that a request whose answer is lost can be repeated without creating
            (and paying for) a second task.

    Raises:
        ScaleException: No API key was given, or `api_key` is malformed. Whether the API
            accepts the key shows only with the first request.
        ScaleTypeError: `api_instance_url` is not a str, or `proxies` is not a dict of
            addresses.
        ScaleValueError: `api_instance_url`, ``SCALE_API_URL`` or an address in
            `proxies` is not an address that requests can be sent to, or
            ``SCALE_API_URL`` would have a live key sent unencrypted to another machine.
        ValueError: `source` cannot be sent in a header, or an option is out of range.
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
            # Tracebacks may show local variables, and these hold secrets.
            del api_key, api_instance_url, proxies

    def close(self) -> None:
        """Close all idle connections. A later call opens new ones."""
        self.api.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        # repr() may run before __init__ has finished, e.g. in a traceback.
        api = getattr(self, "api", None)
        address = getattr(api, "base_api_url", None)
        return f"{type(self).__name__}({address and masked_address(str(address))!r})"
