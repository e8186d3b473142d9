"""The client: all rooms of calls, summed up on one object."""

from __future__ import annotations

from typing import Dict, Optional

from scaleapi.api import Api, Cert, Verify
from scaleapi.batches import BatchCalls
from scaleapi.evaluation_tasks import EvaluationCalls
from scaleapi.files import FileCalls
from scaleapi.projects import ProjectCalls
from scaleapi.studio import StudioCalls
from scaleapi.tasks import TaskCalls
from scaleapi.teams import TeamCalls
from scaleapi.training_tasks import TrainingCalls


class ScaleClient(
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

    Attributes:
        api: The transport; ``client.api.get_request("...")`` and
            ``post_request`` reach endpoints that have no call of their own.

    Args:
        api_key: Your API key. Keys that begin with ``test_`` cost nothing.
        source: Name of your program, for the User-Agent header.
        api_instance_url: Replaces the whole base address, ``/v1`` included;
            falsy means ``https://api.scale.com/v1``.
        verify: Path of a file of trusted certificates; False trusts anything;
            None trusts what the system or ``REQUESTS_CA_BUNDLE`` says.
        proxies: Scheme -> address of the proxy, as in requests. They win over
            those that the environment names.
        cert: Client certificate: one file, or a pair (certificate, key).

    Raises:
        ScaleException: The key is empty. Whether it is right shows with the
            first request.
    """

    def __init__(
        self,
        api_key: Optional[str],
        source: Optional[str] = None,
        api_instance_url: Optional[str] = None,
        verify: Verify = None,
        proxies: Optional[Dict[str, str]] = None,
        cert: Cert = None,
    ) -> None:
        self.api = Api(api_key, source, api_instance_url, verify, proxies, cert)

    def __repr__(self) -> str:
        return f"ScaleClient({self.api.base_api_url!r})"
