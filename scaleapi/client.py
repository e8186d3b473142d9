"""`ScaleClient`: combines the calls of every resource module."""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Generator,
    Iterable,
    Optional,
    Type,
    TypeVar,
    Union,
)

from scaleapi._transport.options import (
    problem_of_address,
    problem_of_environment,
    problem_of_sending,
)
from scaleapi._transport.redact import masked_address
from scaleapi.api import (
    DEFAULT_POOL_SIZE,
    DEFAULT_TIMEOUT,
    HTTP_TOTAL_RETRIES,
    SCALE_API_BASE_URL_V1,
    Api,
    Cert,
    Timeout,
    Verify,
)
from scaleapi.batches import BatchCalls
from scaleapi.bulk import BulkCalls
from scaleapi.download import DownloadCalls
from scaleapi.evaluation_tasks import EvaluationCalls
from scaleapi.exceptions import ScaleProfileError, ScaleTypeError
from scaleapi.export.calls import ExportCalls
from scaleapi.files import FileCalls
from scaleapi.key_check import KeyCalls
from scaleapi.projects import ProjectCalls
from scaleapi.studio import StudioCalls
from scaleapi.tasks import TaskCalls
from scaleapi.teams import TeamCalls
from scaleapi.training_tasks import TrainingCalls

if TYPE_CHECKING:
    from scaleapi.v2.calls import V2Api
    from scaleapi.v2.conversations import V2Task
    from scaleapi.v2.enums import ExpandableEnumTask, Option
    from scaleapi.v2.times import TimeFilter

Self = TypeVar("Self", bound="ScaleClient")


class ScaleClient(
    # A class comes before those that it inherits.
    ExportCalls,
    DownloadCalls,
    BulkCalls,
    TaskCalls,
    KeyCalls,
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
        require: ``"test"`` refuses every key that is not a test key, also one that is
            set later, before anything is sent. None accepts every key. The environment
            variable ``SCALE_REQUIRE=test`` does the same for all clients.

    Raises:
        ScaleException: No API key was given, or `api_key` is malformed. Whether the API
            accepts the key shows only with the first request.
        ScaleTypeError: `api_instance_url` or `require` is not a str, or `proxies` is
            not a dict of addresses.
        ScaleValueError: `api_instance_url`, ``SCALE_API_URL`` or an address in
            `proxies` is not an address that requests can be sent to, or
            ``SCALE_API_URL`` would have a live key sent unencrypted to another machine;
            a test key is required, and `api_key` is none; or `require` is neither
            ``"test"`` nor None.
        ValueError: `source` cannot be sent in a header, or an option is out of range.
    """

    #: The key that callbacks of Scale have, if the profile has one.
    callback_key: Optional[str] = None

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
        require: Optional[str] = None,
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
                require=require,
            )
        finally:
            # Tracebacks may show local variables, and these hold secrets.
            del api_key, api_instance_url, proxies

    @classmethod
    def from_profile(
        cls: Type[Self], name: Optional[str] = None, **options: Any
    ) -> Self:
        """Return a client with the key and the address of a profile.

        ``docs/guides/keys`` says how to write profiles. ``SCALE_API_KEY`` does not
        count here, and ``SCALE_API_URL`` only if the profile has no ``url``; a key that
        is not a test key is then sent to no other machine.

        Args:
            name: Name of the profile. If None, it is that of the environment variable
                ``SCALE_PROFILE``, or else ``default``.
            options: Options of `ScaleClient`, all but `api_key`.

        Raises:
            ScaleProfileError: No profile is called `name`, its section or its key is
                malformed, or the credentials file cannot be used.
            ScaleTypeError: `options` has an `api_key`.
            ScaleValueError: An option has an invalid value, or a test key is required
                and that of the profile is none.
        """
        from scaleapi.profiles import read_profile  # imported late: few need it

        if "api_key" in options:
            raise ScaleTypeError("from_profile takes the key from the profile")
        # The repr of a profile, which tools may show with a traceback, hides its keys.
        profile = read_profile(name)
        if not options.get("api_instance_url"):
            options["api_instance_url"] = profile.url
            problem = (
                problem_of_environment(profile.mode, SCALE_API_BASE_URL_V1)
                if profile.url is None
                else problem_of_address(profile.url)
                or problem_of_sending(profile.mode, profile.url)
            )
            if problem:
                where = f"{profile.path}, [{profile.name}]"
                raise ScaleProfileError(f"{where}, url: {problem}")
        client = cls(profile.api_key, **options)
        client.callback_key = profile.callback_key
        return client

    @property
    def mode(self) -> Optional[str]:
        """``"test"``, ``"live"``, or None if the form of the key says neither.

        Live tasks are done by people and cost money.
        """
        return self.api.mode

    @property
    def v2(self) -> V2Api:
        """The calls of v2, for conversations: ``client.v2.get_task("...")``.

        They share session, retries and options with the other calls.
        """
        # Programs that do not use v2 do not load it.
        from scaleapi.v2.calls import V2Api
        from scaleapi.v2.connection import ApiClient

        calls: Optional[V2Api] = vars(self).get("_v2")
        if calls is None or calls.api_client.api is not self.api:
            calls = vars(self)["_v2"] = V2Api(ApiClient._over(self.api))
        return calls

    def v2_get_tasks(
        self,
        project_id: Optional[str] = None,
        project_name: Optional[str] = None,
        batch_id: Optional[str] = None,
        batch_name: Optional[str] = None,
        status: Optional[str] = None,
        completed_after: Optional[TimeFilter] = None,
        completed_before: Optional[TimeFilter] = None,
        limit: Optional[int] = None,
        expand: Optional[Iterable[Union[ExpandableEnumTask, str]]] = None,
        opts: Optional[Iterable[Union[Option, str]]] = None,
    ) -> Generator[V2Task, None, None]:
        """Iterate over all tasks of v2 that match.

        This is a generator: it sends nothing before the first task is requested, and
        then one request for each page. Only one page is held in memory.

        Args:
            project_id: Id of the project. A project or a batch is required.
            project_name: Name of the project.
            batch_id: Id of the batch.
            batch_name: Name of the batch.
            status: Status of the task, as a string or a member of either `TaskStatus`.
            completed_after: Earliest time of completion: a datetime, a date, ISO 8601
                text, or seconds since 1970.
            completed_before: Latest time of completion.
            limit: Tasks on a page, 1 to 100. Default: 100.
            expand: Ids that are replaced by their objects: ``project``, ``batch``.
            opts: What a task contains besides its threads, as members of `Option`.

        Yields:
            Each task once.

        Raises:
            ScaleTypeError: An argument such as `project_id` has another type. Like
                every error, this is raised when the first task is requested.
            ScaleValueError: `limit` is not from 1 to 100, `expand` or `opts` has an
                unknown element, or `completed_after` is no time.
        """
        yield from self.v2.iterate(
            self.v2.get_tasks,
            project_id=project_id,
            project_name=project_name,
            batch_id=batch_id,
            batch_name=batch_name,
            status=status,
            completed_after=completed_after,
            completed_before=completed_before,
            limit=limit,
            expand=expand,
            opts=opts,
        )

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
