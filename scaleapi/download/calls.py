"""`DownloadCalls`: the call that downloads the files of many tasks."""

from __future__ import annotations

import os
import queue
import threading
import time
from typing import Any, Dict, FrozenSet, Iterable, Iterator, Optional, Set, Tuple, Union

from scaleapi._core.progress import Progress
from scaleapi._transport.anonymous import FileSession
from scaleapi._transport.file_address import Address
from scaleapi._transport.file_answer import FileAnswer
from scaleapi._transport.interrupt import pause
from scaleapi._transport.options import checked_number
from scaleapi.bulk import BulkResults
from scaleapi.bulk.calls import BulkCalls, many
from scaleapi.download.fetch import EXISTING, FileDownload, Open
from scaleapi.download.manifest import FileOnDisk, Manifest
from scaleapi.download.names import TakenNames, Template
from scaleapi.download.plan import (
    CONVERTED,
    ORIGINAL,
    RESULTS,
    TaskFile,
    files_of,
    kinds,
)
from scaleapi.download.results import DownloadResult
from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError
from scaleapi.tasks import Task
from scaleapi.tasks.calls import TaskCalls

#: What a caller may choose from, for `files_of`.
_Choice = Tuple[FrozenSet[str], str]


class DownloadCalls(BulkCalls):
    """The download call of `ScaleClient`."""

    def download_files(
        self,
        tasks: Iterable[Task],
        folder: Union[str, "os.PathLike[str]"],
        *,
        what: Iterable[str] = ("attachments", "results"),
        names: str = "{task_id}/{name}",
        prefer: str = "original",
        overwrite: bool = False,
        max_workers: int = 16,
        progress: Progress = False,
        stop_on_error: bool = False,
    ) -> BulkResults[DownloadResult]:
        """Download the attachments and results of many tasks.

        A file is there as a whole or not at all. If the program is interrupted, run it
        again: files that are there are not requested, and a file of 1 MiB or more is
        continued where it broke off. Do not download into one folder from two programs
        at the same time.

        The files are listed in ``manifest.jsonl`` in the folder: one JSON object a
        line, with ``task``, ``key``, ``path``, ``size`` and ``sha256``.

        Args:
            tasks: Any iterable of tasks, such as ``client.get_tasks("cows")``.
            folder: Where the files go. It is made if it does not exist.
            what: ``"attachments"``, ``"results"`` (the files whose addresses are in a
                response), or both.
            names: The path of each file in the folder, with the fields ``{task_id}``,
                ``{unique_id}``, ``{project}``, ``{batch}``, ``{type}``, ``{kind}``
                (``attachments`` or ``results``) and ``{name}`` (the name of an
                attachment, or the keys that lead to a result). Characters that some
                system does not accept become ``_``, and a name that is in use gets a
                few digits more. A file without an extension gets the one that fits its
                content. A file that is in the manifest keeps its name.
            prefer: Which copy of an attachment is downloaded if there are two:
                ``"original"``, or ``"converted"``, the one that labelers have seen.
            overwrite: Whether files that are there are downloaded again.
            max_workers: Maximum number of requests at the same time. While as many are
                under way, up to half as many files more are written to the disk.
            progress: As in `map`.
            stop_on_error: As in `map`.

        Returns:
            An iterator over one `DownloadResult` for each file, in the order of the
            tasks: ``status`` is ``"downloaded"``, ``"existing"`` or ``"failed"``.

        Raises:
            ImportError: `progress` is True, and tqdm is not installed.
            ScaleTypeError: `tasks` is a single task, `folder` is no path, or `names` is
                not a str.
            ScaleValueError: `what`, `names` or `prefer` has none of the values above.
            ValueError: `max_workers` is not a positive int.
        """
        chosen = kinds(what)
        if chosen is None:
            raise ScaleValueError(
                f"what must be 'attachments', 'results' or both; got {what!r}"
            )
        if prefer not in (ORIGINAL, CONVERTED):
            raise ScaleValueError(
                f"prefer must be 'original' or 'converted'; got {prefer!r}"
            )
        if not isinstance(folder, (str, os.PathLike)):
            raise ScaleTypeError(f"folder must be a path; got {folder!r}")
        plan = _Plan(os.fspath(folder), Template(names), (chosen, prefer))
        self.api.file_session.make_room(checked_number("max_workers", max_workers, 1))
        turns = _Turns(max_workers)
        return BulkResults(
            self,
            _DownloadFile(self, plan, overwrite, turns),
            plan.files(many("tasks", tasks, single=isinstance(tasks, Task))),
            DownloadResult,
            # Some more, for the files that are being written to the disk meanwhile.
            max_workers=max_workers + max_workers // 2,
            progress=progress,
            stop_on_error=stop_on_error,
            label="downloads",
        )


class _TaskAddresses:
    """The present addresses of the files of one task, which are renewed together."""

    def __init__(self, task_id: str, files: Iterable[TaskFile]) -> None:
        self.task_id = task_id
        self._lock = threading.Lock()
        self._addresses = {each.key: each.address for each in files}
        self._version = 0
        self._clock_is_right = True

    def __reduce__(self) -> Any:
        # Pickled results need no addresses, which are signed.
        return type(self), (self.task_id, ())

    def get(self, key: str) -> Tuple[Optional[Address], int]:
        """Return an address, and the version of the task that it is from."""
        with self._lock:
            return self._addresses.get(key), self._version

    def has_expired(self, address: Address) -> bool:
        """Return whether an address says of itself that it has expired."""
        return self._clock_is_right and address.has_expired(time.time())

    def renew(self, client: TaskCalls, choice: _Choice, version: int) -> None:
        """Fetch the task again, unless another file has done so since `version`."""
        with self._lock:
            if self._version != version:
                return
            document = client.get_task(self.task_id).as_dict()
            files = files_of(document, *choice)
            self._addresses = {each.key: each.address for each in files}
            self._version += 1
            # A clock that is ahead would have every address renewed.
            now = time.time()
            self._clock_is_right = not any(
                address.has_expired(now) for address in self._addresses.values()
            )


class _PlannedFile:
    """An input of the bulk call: one file, with its place."""

    __slots__ = ("addresses", "folder", "from_response", "key", "path", "shown")

    def __init__(
        self, addresses: _TaskAddresses, file: TaskFile, folder: str, path: str
    ) -> None:
        self.addresses = addresses
        self.key = file.key
        self.shown = str(file.address)
        self.from_response = file.kind == RESULTS
        self.folder = folder
        self.path = path

    @property
    def task_id(self) -> str:
        """Id of the task."""
        return self.addresses.task_id

    def __repr__(self) -> str:
        return f"<{self.key} of task {self.task_id}>"


class _Plan:
    """Which file goes where.

    Args:
        folder: Where the files go.
        template: Makes their paths.
        choice: Which files there are.

    Attributes:
        made: The folders that this run has made.
    """

    def __init__(self, folder: str, template: Template, choice: _Choice) -> None:
        self.folder = folder
        self.choice = choice
        self.made: Set[str] = set()
        self._template = template
        self._manifest: Optional[Manifest] = None

    @property
    def manifest(self) -> Manifest:
        """The list of files in the folder. It is read when the first input is."""
        if self._manifest is None:
            self._manifest = Manifest(self.folder)
        return self._manifest

    def files(self, tasks: Iterable[Any]) -> Iterator[_PlannedFile]:
        """Yield the files of tasks, each once."""
        taken = TakenNames()
        for file in self.manifest.files.values():
            taken.add(file.path)
        seen: Set[str] = set()
        for task in tasks:
            if not isinstance(task, Task):
                raise ScaleTypeError(
                    f"each of tasks must be a Task, as get_tasks yields them and "
                    f"client.map(client.get_task, ids) returns them; got {task!r}"
                )
            if task.id not in seen:
                seen.add(task.id)
                yield from self._files_of(task, taken)

    def _files_of(self, task: Task, taken: TakenNames) -> Iterator[_PlannedFile]:
        document = task.as_dict()
        found = files_of(document, *self.choice)
        addresses = _TaskAddresses(task.id, found)
        for file in found:
            listed = self.manifest.files.get((task.id, file.key))
            if listed is not None:
                path = listed.path
            else:
                fields = {**document, "kind": file.kind, "name": file.name}
                wanted = self._template.path(fields)
                path = taken.take(wanted, f"{task.id} {file.key}")
            yield _PlannedFile(addresses, file, self.folder, path)


class _Turns:
    """Lets only so many requests be under way at the same time.

    A request is under way until its answer is received, but not while the file is
    written to the disk, which may take as long.
    """

    def __init__(self, number: int) -> None:
        self._free: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(number):
            self._free.put(None)

    def taken_by(self, send: Open) -> Open:
        """Return a function that waits for its turn and then sends the request."""

        def send_in_turn(headers: Dict[str, str]) -> FileAnswer:
            self._free.get()
            try:
                if not pause(0):
                    raise ScaleException("the run was stopped")
                answer = send(headers)
            except BaseException:
                self._free.put(None)
                raise
            answer.when_received = self._end
            return answer

        return send_in_turn

    def _end(self) -> None:
        self._free.put(None)


class _DownloadFile:
    """Downloads one file, unless it is there."""

    def __init__(
        self, client: TaskCalls, plan: _Plan, overwrite: bool, turns: _Turns
    ) -> None:
        self._client = client
        self._plan = plan
        self._overwrite = overwrite
        self._turns = turns

    def __call__(self, file: _PlannedFile) -> Tuple[str, FileOnDisk]:
        manifest = self._plan.manifest
        listed = manifest.files.get((file.task_id, file.key))
        if listed is not None and not self._overwrite and _is_there(file, listed):
            return EXISTING, listed
        with manifest:
            status, on_disk = self._download(file, damaged=listed is not None)
            manifest.add(file.task_id, file.key, on_disk)
        return status, on_disk

    def _download(self, file: _PlannedFile, *, damaged: bool) -> Tuple[str, FileOnDisk]:
        session = self._client.api.file_session
        request = _Request(self._client, session, self._plan.choice, file)
        send = self._turns.taken_by(request.send)
        download = FileDownload(
            session,
            send,
            file.folder,
            file.path,
            # A file that is listed but has another size is ours.
            overwrite=self._overwrite or damaged,
            made=self._plan.made,
        )
        return download.run()


def _is_there(file: _PlannedFile, listed: FileOnDisk) -> bool:
    try:
        path = os.path.join(file.folder, *listed.path.split("/"))
        return os.path.getsize(path) == listed.size
    except OSError:
        return False


class _Request:
    """Sends the requests for one file, whose address may have to be renewed."""

    def __init__(
        self,
        client: TaskCalls,
        session: FileSession,
        choice: _Choice,
        file: _PlannedFile,
    ) -> None:
        self._client = client
        self._session = session
        self._choice = choice
        self._file = file
        self._is_renewed = False

    def send(self, headers: Dict[str, str]) -> FileAnswer:
        """Send a request.

        Raises:
            Interrupted: As in `FileSession.open`.
            ScaleException: As in `FileSession.open`; or the file has no address that
                can be fetched, also after the task was fetched again.
        """
        address, version = self._address()
        unusable = not address.can_be_fetched
        expired = unusable or self._file.addresses.has_expired(address)
        if expired and not self._is_renewed:
            address = self._renewed(version)
        try:
            return self._open(address, headers)
        except ScaleException as error:
            # An address of a task that was fetched again is as good as it gets.
            if error.code != 403 or self._is_renewed or version > 0:
                raise
        return self._open(self._renewed(version), headers)

    def _address(self) -> Tuple[Address, int]:
        address, version = self._file.addresses.get(self._file.key)
        if address is None:
            raise ScaleException(
                f"task {self._file.task_id} has no longer a file at {self._file.key}"
            )
        return address, version

    def _renewed(self, version: int) -> Address:
        self._is_renewed = True
        self._file.addresses.renew(self._client, self._choice, version)
        return self._address()[0]

    def _open(self, address: Address, headers: Dict[str, str]) -> FileAnswer:
        if not address.can_be_fetched:
            raise ScaleException(
                f"{address} cannot be fetched, because task {self._file.task_id} has "
                f"no signed address for it: ask Scale for one, or fetch it with the "
                f"tools of its storage"
            )
        return self._session.open(
            address, headers, from_response=self._file.from_response
        )
