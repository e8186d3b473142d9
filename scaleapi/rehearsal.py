"""`rehearse`: sends the payloads of a real batch to a sandbox, and reports refusals.

It needs the extra ``scaleapi[sandbox]``.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Iterable,
    Iterator,
    List,
    Optional,
    Set,
    Tuple,
    Union,
)

from scaleapi._core.progress import Progress
from scaleapi._transport.endpoint import endpoint
from scaleapi.bulk import TaskResult
from scaleapi.bulk.calls import many
from scaleapi.client import ScaleClient
from scaleapi.exceptions import ScaleException, ScaleResourceNotFound
from scaleapi.projects import Project
from scaleapi.tasks import TaskType

if TYPE_CHECKING:
    from scaleapi.sandbox import Sandbox

#: Refusals that `str` shows; the others are only counted.
_SHOWN = 10
#: What the server adds to each version of the parameters of a project.
_OF_THE_SERVER = ("version", "created_at")


@dataclass(frozen=True)
class Refusal:
    """A payload that was refused.

    Attributes:
        index: Position of the payload, from 0.
        message: Why it was refused.
    """

    index: int
    message: str

    def __str__(self) -> str:
        return f"index {self.index}: {self.message}"


@dataclass(frozen=True)
class RehearsalReport:
    """What a rehearsal has shown. ``print(report)`` shows it.

    Attributes:
        project: Name of the project.
        batch: Name of the batch; None if none was given.
        payloads: Number of payloads.
        refused: The payloads that were refused, in their order.
        repeated: Positions of the payloads whose ``unique_id`` is that of an earlier
            one. The real call reports such a task as ``existing`` and creates no other.
    """

    project: str
    batch: Optional[str]
    payloads: int
    refused: Tuple[Refusal, ...] = ()
    repeated: Tuple[int, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no payload was refused."""
        return not self.refused

    def __str__(self) -> str:
        where = f"project {self.project!r}"
        if self.batch is not None:
            where += f", batch {self.batch!r}"
        lines = [
            f"{self.payloads:,} payloads for {where}, rehearsed in a sandbox: "
            f"{len(self.refused):,} refused"
        ]
        lines += [f"  {refusal}" for refusal in self.refused[:_SHOWN]]
        if len(self.refused) > _SHOWN:
            lines.append(f"  and {len(self.refused) - _SHOWN:,} more")
        if self.repeated:
            first = self.repeated[0]
            lines.append(
                f"{len(self.repeated):,} with the unique_id of an earlier payload, the "
                f"first at index {first}: they create no other task"
            )
        return "\n".join(lines)


def rehearse(
    client: ScaleClient,
    project_name: str,
    payloads: Iterable[Dict[str, Any]],
    *,
    batch_name: Optional[str] = None,
    task_type: Union[TaskType, str, None] = None,
    progress: Progress = False,
) -> RehearsalReport:
    """Send payloads to a sandbox with your project and batch, and report refusals.

    The project and the batch are read with the client, and so are others that a payload
    names. Nothing else is sent to the API, and nothing is created there. The sandbox
    runs in this process and has a key of its own. It fetches no attachments and sends
    no callbacks.

    Args:
        client: Reads the project and the batch.
        project_name: Name of the project of payloads that name none.
        payloads: Any iterable of dicts, as in `create_tasks`. They are read as they
            are sent, and not kept.
        batch_name: Name of the batch of payloads that name none. Default: none.
        task_type: Type of the tasks. Default: that of the project.
        progress: As in `map`.

    Raises:
        ImportError: The extra ``scaleapi[sandbox]`` is not installed, or `progress` is
            True, and tqdm is not.
        ScaleResourceNotFound: No project is called `project_name`, or no batch
            `batch_name`.
        ScaleException: The project cannot be read, or not be set up in a sandbox.
        ScaleTypeError: `payloads` is a single payload.
    """
    from scaleapi.sandbox import Sandbox  # needs the extra, and says so

    inputs = many("payloads", payloads, single=isinstance(payloads, dict))
    number, refused, repeated = 0, [], []
    with Sandbox() as sandbox:
        stage = _Stage(client, sandbox)
        project = stage.add_project(project_name)
        defaults = {"project": project_name}
        if batch_name is not None:
            stage.add_batch(batch_name)
            defaults["batch"] = batch_name
        kind = project.type if task_type is None else task_type
        for result in stage.results(inputs, defaults, kind, progress):
            number += 1
            if result.error is not None:
                refused.append(Refusal(result.index, _message(result.error)))
            elif result.status == "existing":
                repeated.append(result.index)
    return RehearsalReport(
        project_name, batch_name, number, tuple(refused), tuple(repeated)
    )


class _Stage:
    """A sandbox with copies of what the real account has.

    Args:
        client: The client of the real account.
        sandbox: A running sandbox.
    """

    def __init__(self, client: ScaleClient, sandbox: Sandbox) -> None:
        # Under a live key tasks stay pending, so that no response is made up. But a
        # client that may only have test keys may have no other here, either.
        mode = "test" if client.mode == "test" else "live"
        key = f"{mode}_{secrets.token_hex(8)}"
        self._real = client
        self._copy = ScaleClient(key, api_instance_url=sandbox.url)
        #: Names of the projects and batches that were looked up, found or not.
        self._known: Set[Tuple[str, str]] = set()

    def add_project(self, name: str) -> Project:
        """Set up a project of the real account; return it."""
        self._known.add(("project", name))
        project = self._real.get_project(name)
        history = project.as_dict().get("param_history") or [None]
        path = endpoint("projects", name, "setParams")
        try:
            self._copy.create_project(name, project.type, _own(history[0]))
            # A payload may name a version.
            for params in history[1:]:
                self._copy.api.post_request(path, body=_own(params))
        except ScaleException as error:
            raise ScaleException(
                f"project {name!r} cannot be set up in a sandbox: {error.message}"
            ) from error
        return project

    def add_batch(self, name: str) -> None:
        """Set up a batch of the real account, and its project."""
        self._known.add(("batch", name))
        batch = self._real.get_batch(name)
        if ("project", batch.project) not in self._known:
            self.add_project(batch.project)
        self._copy.create_batch(batch.project, name)

    def results(
        self,
        payloads: Iterable[Any],
        defaults: Dict[str, str],
        task_type: Union[TaskType, str],
        progress: Progress,
    ) -> Iterator[TaskResult]:
        """Create the tasks in the sandbox; yield the results.

        Args:
            payloads: The payloads.
            defaults: What a payload has unless it has it itself.
            task_type: Type of the tasks.
            progress: As in `map`.

        Raises:
            Exception: What `payloads` raised, or reading a project or batch.
        """
        failures: List[Exception] = []

        def inputs() -> Iterator[Any]:
            try:
                for payload in payloads:
                    yield self._staged(payload, defaults)
            except Exception as error:
                failures.append(error)

        with self._copy.create_tasks(
            task_type,
            inputs(),
            unique_id=None,
            # The first payload with a unique_id is the one that counts. And more
            # workers would wait for the sandbox, which runs in this process.
            max_workers=1,
            progress=progress,
        ) as results:
            yield from results
        for failure in failures:
            raise failure

    def _staged(self, payload: Any, defaults: Dict[str, str]) -> Any:
        """Return a payload as it is sent to the sandbox, with all that it names."""
        if not isinstance(payload, dict):
            return payload
        staged = {**defaults, **payload}
        if isinstance(staged.get("callback_url"), str):
            staged["callback_url"] = ""
        for kind, add in (("project", self.add_project), ("batch", self.add_batch)):
            name = staged.get(kind)
            if isinstance(name, str) and name and (kind, name) not in self._known:
                # If there is none, the sandbox says so as the API would.
                with suppress(ScaleResourceNotFound):
                    add(name)
        return staged


def _own(params: Optional[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    """Return a version of the parameters of a project as a user would send it."""
    if params is None:
        return None
    own = {k: v for k, v in params.items() if k not in _OF_THE_SERVER}
    # Nobody is to be called back.
    return {**own, "callback_url": ""} if "callback_url" in own else own


def _message(error: BaseException) -> str:
    """Return why a payload was refused.

    Raises:
        BaseException: `error` says nothing about the payload.
    """
    code = getattr(error, "code", None)
    if getattr(error, "attempts", 0) and not (code and 400 <= code < 500):
        raise error
    return str(getattr(error, "message", error))
