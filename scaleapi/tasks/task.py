"""A task, and a page of tasks."""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, Optional

from scaleapi._core.models import ScaleObject
from scaleapi._core.paging import Paginator
from scaleapi._core.polling import wait_for
from scaleapi._core.progress import Counts, Progress
from scaleapi.exceptions import ScaleException
from scaleapi.tasks.enums import TaskStatus
from scaleapi.tasks.filters import OneOrMany


class Task(ScaleObject):
    """One piece of work, as the API described it when it was fetched.

    The keys of the document's first level are attributes: ``task.status``,
    ``task.params``, ``task.response``, ... What is not in the document, such as
    ``response`` before the task is completed, is an ``AttributeError``, so that
    ``hasattr`` and ``getattr(task, "response", None)`` work. An attribute that you
    set is yours: it is not in the document, and it hides a key of its name, after
    `refresh` too.

    Attributes:
        id: The id that the API gave the task: 24 hexadecimal digits.
    """

    _identity_key = "task_id"

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.id: str = json["task_id"]

    @property
    def _identity(self) -> str:
        return self.id

    def __getattr__(self, name: str) -> Any:
        # Private names are never keys: copy and pickle ask for such on objects
        # that have no document yet.
        if not name.startswith("_"):
            document = self._json
            if name in document:
                return document[name]
            params = document.get("params")
            if isinstance(params, dict) and name in params:
                warnings.warn(
                    f"task.{name} is deprecated: use task.params[{name!r}]",
                    DeprecationWarning,
                    stacklevel=2,
                )
                return params[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name}")

    def __dir__(self) -> List[str]:
        # For completion, and for the "Did you mean" of Python's tracebacks. Names
        # that cannot stand behind a dot help nobody.
        document = vars(self).get("_json", {})
        keys = [key for key in document if isinstance(key, str) and key.isidentifier()]
        public = [key for key in keys if not key.startswith("_")]
        return sorted({*super().__dir__(), *public})

    def __str__(self) -> str:
        return f"{type(self).__name__}(id={self.id})"

    def refresh(self) -> None:
        """Fetch the document anew, into this object."""
        self._json: Dict[str, Any] = self._caller("refresh").get_task(self.id).as_dict()

    def wait(
        self,
        timeout: Optional[float] = None,
        poll: float = 2.0,
        progress: Progress = False,
    ) -> Task:
        """Wait until the task is completed, fetching it anew each time.

        Args:
            timeout: Seconds after which to give up; None waits as long as it
                takes.
            poll: Seconds between the first look and the second. From then on
                the pauses grow, up to a minute.
            progress: As in `Batch.wait`, of one task.

        Returns:
            This task, completed.

        Raises:
            ScaleWaitTimeoutError: It is not completed in time; a
                ``TimeoutError`` too.
            ScaleException: It never will be: it is canceled or in error.
        """
        wait_for(
            f"task {self.id}",
            self._look,
            self._finished,
            timeout=timeout,
            poll=poll,
            progress=progress,
        )
        return self

    def _look(self) -> Counts:
        self.refresh()
        return Counts(int(self._json.get("status") == TaskStatus.Completed), 1)

    def _finished(self) -> bool:
        status = self._json.get("status")
        if status in (TaskStatus.Canceled, "error"):
            raise ScaleException(
                f"task {self.id} will never be completed: its status is {status!r}"
            )
        return bool(status == TaskStatus.Completed)

    def cancel(self, clear_unique_id: bool = False) -> None:
        """Cancel the task. This object does not change: `refresh` shows it.

        Args:
            clear_unique_id: Whether the ``unique_id`` may be used again.
        """
        self._caller("cancel").cancel_task(self.id, clear_unique_id)

    def audit(self, accepted: bool, comments: Optional[str] = None) -> None:
        """Accept or reject the task. `refresh` shows what came of it.

        Args:
            accepted: Whether the response is good.
            comments: What to tell those who did it.
        """
        self._caller("audit").audit_task(self.id, accepted, comments)

    def update_unique_id(self, unique_id: str) -> None:
        """Give the task another ``unique_id``. `refresh` shows it."""
        self._caller("update_unique_id").update_task_unique_id(self.id, unique_id)

    def clear_unique_id(self) -> None:
        """Take the ``unique_id`` from the task. `refresh` shows it."""
        self._caller("clear_unique_id").clear_task_unique_id(self.id)

    def set_metadata(self, metadata: Dict[str, Any]) -> None:
        """Replace the metadata, all of it. `refresh` shows it."""
        self._caller("set_metadata").set_task_metadata(self.id, metadata)

    def set_tags(self, tags: OneOrMany) -> None:
        """Replace the tags. `refresh` shows them."""
        self._caller("set_tags").set_task_tags(self.id, tags)

    def add_tags(self, tags: OneOrMany) -> None:
        """Add tags. `refresh` shows them."""
        self._caller("add_tags").add_task_tags(self.id, tags)

    def delete_tags(self, tags: OneOrMany) -> None:
        """Take tags away. `refresh` shows what is left."""
        self._caller("delete_tags").delete_task_tags(self.id, tags)


class Tasklist(Paginator[Task]):
    """One page of tasks."""
