"""`Task`, and `Tasklist`, a page of tasks."""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, Mapping, Optional

from scaleapi._core import notebook
from scaleapi._core.models import ScaleObject
from scaleapi._core.paging import Paginator
from scaleapi._core.polling import wait_for
from scaleapi._core.progress import Counts, Progress
from scaleapi.annotations import Annotations, parse
from scaleapi.exceptions import ScaleException
from scaleapi.tasks.enums import TaskStatus
from scaleapi.tasks.filters import OneOrMany


class Task(ScaleObject):
    """A task, in the state in which it was fetched.

    The keys of the first level of its document are attributes: ``task.status``,
    ``task.params``, ``task.response`` and so on. A key that is not in the document,
    such as ``response`` before the task is completed, raises an ``AttributeError``, so
    that ``hasattr`` and ``getattr(task, "response", None)`` work. An attribute that you
    set is not in the document. It hides the key of the same name, also after `refresh`.

    Attributes:
        id: The id that the API gave the task: 24 hexadecimal digits.
    """

    _identity_key = "task_id"
    _notebook_keys = (
        "type",
        "status",
        "project",
        "batch",
        "unique_id",
        "tags",
        "created_at",
        "customer_review_status",
    )

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.id: str = json["task_id"]

    @property
    def _identity(self) -> str:
        return self.id

    def __getattr__(self, name: str) -> Any:
        # copy and pickle look up private names before the object has a document.
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
        # For completion, and for the suggestions in Python's tracebacks. Only keys that
        # can be written after a dot are listed.
        document = vars(self).get("_json", {})
        keys = [key for key in document if isinstance(key, str) and key.isidentifier()]
        public = [key for key in keys if not key.startswith("_")]
        return sorted({*super().__dir__(), *public})

    def __str__(self) -> str:
        return f"{type(self).__name__}(id={self.id})"

    def get_annotations(self, *, load: bool = False) -> Annotations:
        """Return what the response says, as one object for all types of tasks.

        A task without a response gives an empty object.

        Args:
            load: Whether to fetch results that are in files of their own. Otherwise
                nothing is fetched, and their addresses are the object's
                ``result_urls``.

        Raises:
            ScaleException: A result cannot be fetched, or is not JSON.
        """
        found = parse(self._json)
        if not load or not found.result_urls:
            return found
        from scaleapi.tasks.result_files import load_results

        caller = self._caller("get_annotations")
        results = load_results(
            caller.api.file_session,
            self._json,
            found.result_urls,
            lambda: caller.get_task(self.id).as_dict(),
        )
        return parse(self._json, results)

    def get_result(self, key: str = "annotations") -> Any:
        """Return a result, decoded, also if it is in a file of its own.

        Args:
            key: The key of the response under which the result, or the address of its
                file, is: ``"annotations"``, ``"events"``, ``"point_segmentations"``.

        Raises:
            ScaleException: There is no such result, or it cannot be fetched, or it is
                not JSON.
        """
        return self._caller("get_result").load_result(self, key)

    def draw(
        self,
        image: Any = None,
        *,
        frame: Optional[int] = None,
        camera: Optional[int] = None,
        page: Optional[int] = None,
        results: Optional[Mapping[str, Any]] = None,
    ) -> Any:
        """Return the task's picture with its annotations on it, as an image of Pillow.

        Needs Pillow: install ``scaleapi[images]``. Without Pillow, use
        ``scaleapi.annotations.svg``. Cuboids of lidar are drawn as seen from above, on
        a blank ground.

        Args:
            image: The picture: a path, bytes, or an image of Pillow, which is not
                changed. Default: the attachment is downloaded, without the API key.
            frame: As in ``scaleapi.annotations.svg``. The attachment at this position
                is downloaded.
            camera: As in ``scaleapi.annotations.svg``.
            page: As in ``scaleapi.annotations.svg``. The attachment at this position is
                downloaded.
            results: As in ``scaleapi.annotations.parse``. Default: annotations that are
                in a file of their own are fetched.

        Raises:
            ScaleException: Pillow is not installed, or the picture or the annotations
                cannot be downloaded, or are of another kind.
            ScaleValueError: There is no such frame or camera.
            FileNotFoundError: There is no file at the path.
        """
        from scaleapi.tasks.pictures import draw

        return draw(self, image, frame, camera, page, results)

    def _facts(self) -> List[notebook.Fact]:
        from scaleapi.tasks.pictures import counted

        return [*super()._facts(), *counted(self.get_annotations())]

    def _repr_html_(self) -> str:
        """Return HTML for notebooks, with the shapes on a blank ground.

        Nothing is fetched for it, and it has no signed address.
        """
        from scaleapi.annotations.drawing import drawing_of

        drawing = drawing_of(self.get_annotations())
        picture = drawing.svg(width=notebook.PICTURE_WIDTH) if drawing.shapes else ""
        return notebook.card(type(self).__name__, self.id, self._facts(), picture)

    def refresh(self) -> None:
        """Fetch the task again, and update this object."""
        self._json: Dict[str, Any] = self._caller("refresh").get_task(self.id).as_dict()

    def wait(
        self,
        timeout: Optional[float] = None,
        poll: float = 2.0,
        progress: Progress = False,
    ) -> Task:
        """Wait until the task is completed, and update this object meanwhile.

        Args:
            timeout: Seconds after which to give up. Default: never.
            poll: Seconds between the first request and the second. Further intervals
                grow, up to a minute.
            progress: As in `Batch.wait`, with a total of one task.

        Returns:
            This task; its status is ``completed``.

        Raises:
            ScaleWaitTimeoutError: The task was not completed within `timeout` seconds.
                The error is also a ``TimeoutError``.
            ScaleException: The task will never be completed: its status is ``canceled``
                or ``error``.
            ScaleValueError: `poll` is not positive and finite, or `timeout` is
                negative.
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
        """Cancel the task. Call `refresh` to update this object.

        Args:
            clear_unique_id: Whether to remove its ``unique_id``, so that another task
                can use it.
        """
        self._caller("cancel").cancel_task(self.id, clear_unique_id)

    def audit(self, accepted: bool, comments: Optional[str] = None) -> None:
        """Accept or reject the completed task. Call `refresh` to update this object.

        Args:
            accepted: Whether you accept the response.
            comments: Comments for the labelers. Default: none.
        """
        self._caller("audit").audit_task(self.id, accepted, comments)

    def update_unique_id(self, unique_id: str) -> None:
        """Change the ``unique_id``. Call `refresh` to update this object."""
        self._caller("update_unique_id").update_task_unique_id(self.id, unique_id)

    def clear_unique_id(self) -> None:
        """Remove the ``unique_id``. Call `refresh` to update this object."""
        self._caller("clear_unique_id").clear_task_unique_id(self.id)

    def set_metadata(self, metadata: Dict[str, Any]) -> None:
        """Replace the metadata. Call `refresh` to update this object."""
        self._caller("set_metadata").set_task_metadata(self.id, metadata)

    def set_tags(self, tags: OneOrMany) -> None:
        """Replace the tags. Call `refresh` to update this object."""
        self._caller("set_tags").set_task_tags(self.id, tags)

    def add_tags(self, tags: OneOrMany) -> None:
        """Add tags. Call `refresh` to update this object."""
        self._caller("add_tags").add_task_tags(self.id, tags)

    def delete_tags(self, tags: OneOrMany) -> None:
        """Remove tags. Call `refresh` to update this object."""
        self._caller("delete_tags").delete_task_tags(self.id, tags)


class Tasklist(Paginator[Task]):
    """One page of tasks."""
