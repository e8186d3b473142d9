"""Scale Studio: assignments and groups of your own labelers, and their batches."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Union

from scaleapi._core.calls import Calls
from scaleapi._core.enums import WireEnum
from scaleapi._core.models import ScaleObject
from scaleapi._core.params import wire_list
from scaleapi._transport.endpoint import Endpoint, endpoint
from scaleapi._transport.recovery import Recovery
from scaleapi._transport.response_checks import (
    document_of,
    documents_of,
    lists_of_texts,
)
from scaleapi.teams import Emails

Names = Union[str, Iterable[str]]


class StudioBatchStatus(WireEnum):
    """Type of a Studio batch."""

    Production = "Production"


class StudioLabelerAssignment(ScaleObject):
    """The projects that a labeler is assigned to.

    Attributes:
        email: Email address of the labeler.
        assigned_projects: Names of the projects. `as_dict` returns this list.
    """

    def __init__(self, assigned_projects: List[str], email: str, client: Any) -> None:
        # In the answer the document is only the list, under the address as its key.
        self._json: Any = assigned_projects
        self._client = client
        self.email = email
        self.assigned_projects = assigned_projects

    @property
    def _identity(self) -> str:
        return self.email

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}(email={self.email},"
            f"assigned_projects={self.assigned_projects})"
        )


class StudioWorker(ScaleObject):
    """A labeler in a group.

    Attributes:
        id: Id of the labeler.
        email: Email address of the labeler.
    """

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.id: str = json["id"]
        self.email: str = self._value("email")

    def __str__(self) -> str:
        return f"{type(self).__name__}(id={self.email})"


class StudioProjectGroup(ScaleObject):
    """A group of labelers of a project.

    Attributes:
        id: Id of the group.
        name: Name of the group, unique in the project.
        numWorkers: Number of labelers in the group.
        isSingleton: Whether the group represents a single person.
        workers: The labelers in the group.
    """

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.id: str = json["id"]
        self.name: str = self._value("name")
        self.numWorkers: int = self._value("numWorkers")
        self.isSingleton: bool = self._value("isSingleton")
        self.workers: List[StudioWorker] = [
            StudioWorker(worker, client) for worker in json.get("workers") or []
        ]

    @classmethod
    def _problem_of(cls, json: Any) -> Optional[str]:
        problem = super()._problem_of(json)
        workers = None if problem else json.get("workers")
        return documents_of(StudioWorker)(workers) if workers else problem

    def __str__(self) -> str:
        return f"{type(self).__name__}(name={self.name})"


class StudioBatch(ScaleObject):
    """A batch that your own labelers work on.

    Attributes:
        id: Id of the batch.
        name: Name of the batch.
        project_id: Id of the batch's project.
        project_name: Name of the batch's project.
        batch_type: One of the values of `StudioBatchStatus`, as a str.
        studio_priority: Position in the order of work, from 1; None if it is not set.
        total: Number of tasks.
        completed: Number of completed tasks.
        groups: The groups that work on the batch.
    """

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.id: str = json["id"]
        self.name: str = self._value("name")
        self.project_id: str = self._value("projectId")
        self.project_name: str = self._value("projectName")
        self.batch_type: str = self._value("batchType")
        self.studio_priority: Optional[int] = self._value("studioPriority")
        self.total: int = self._value("total")
        self.completed: int = self._value("completed")
        self.groups: List[str] = self._value("groups")

    def __str__(self) -> str:
        return f"{type(self).__name__}(name={self.name})"


_GROUP = document_of(StudioProjectGroup)
_GROUPS = documents_of(StudioProjectGroup)
_BATCHES = documents_of(StudioBatch)


class StudioCalls(Calls):
    """The Studio calls of `ScaleClient`."""

    def list_studio_assignments(self) -> Dict[str, StudioLabelerAssignment]:
        """Fetch the assignments of all teammates.

        Returns:
            Email address -> assignment.
        """
        path = endpoint("studio", "assignments", expect=lists_of_texts)
        return _assignments(self, self.api.get_request(path))

    def add_studio_assignments(
        self, emails: Emails, projects: Names
    ) -> Dict[str, StudioLabelerAssignment]:
        """Assign labelers to projects: each labeler to each project.

        Args:
            emails: One or several email addresses of labelers.
            projects: One or several names of projects.

        Returns:
            The new assignments of all teammates: email address -> assignment.

        Raises:
            ScaleTypeError: `emails` or `projects` is None.
            ScaleResourceNotFound: A labeler in `emails` or a project in `projects` does
                not exist.
        """
        return _reassign(self, "add", emails, projects)

    def remove_studio_assignments(
        self, emails: Emails, projects: Names
    ) -> Dict[str, StudioLabelerAssignment]:
        """Unassign labelers from projects: each labeler from each project.

        Args:
            emails: One or several email addresses of labelers.
            projects: One or several names of projects.

        Returns:
            The new assignments of all teammates: email address -> assignment.

        Raises:
            ScaleTypeError: `emails` or `projects` is None.
            ScaleResourceNotFound: A labeler in `emails` or a project in `projects` does
                not exist.
        """
        return _reassign(self, "remove", emails, projects)

    def list_project_groups(self, project: str) -> List[StudioProjectGroup]:
        """Fetch the groups of labelers of a project.

        Args:
            project: Name of the project.
        """
        path = endpoint("studio", "projects", project, "groups", expect=_GROUPS)
        answer = self.api.get_request(path)
        return [StudioProjectGroup(json, self) for json in answer]

    def create_project_group(
        self, project: str, emails: Emails, project_group: str
    ) -> StudioProjectGroup:
        """Create a group of labelers.

        Args:
            project: Name of the project.
            emails: One or several email addresses of labelers who are assigned to the
                project.
            project_group: Name of the group.

        Raises:
            ScaleTypeError: `emails` is None.
            ScaleDuplicateResource: `project` already has a group `project_group`.
            ScaleInvalidRequest: A labeler in `emails` is not assigned to `project`.
        """
        # api-notes: studio
        groups = ("studio", "projects", project, "groups")
        recovery = Recovery.in_list(
            endpoint(*groups, expect=_GROUPS), creates=True, name=project_group
        )
        json = self.api.post_request(
            endpoint(*groups, expect=_GROUP, recovery=recovery),
            body={"emails": wire_list("emails", emails), "name": project_group},
        )
        return StudioProjectGroup(json, self)

    def update_project_group(
        self,
        project: str,
        project_group: str,
        add_emails: Emails,
        remove_emails: Emails,
    ) -> StudioProjectGroup:
        """Add labelers to a group, and remove others from it.

        Args:
            project: Name of the project.
            project_group: Name of the group.
            add_emails: One or several email addresses of labelers who are assigned to
                the project.
            remove_emails: One or several email addresses. Those that are not in the
                group are ignored.

        Raises:
            ScaleTypeError: `add_emails` or `remove_emails` is None.
            ScaleInvalidRequest: A labeler in `add_emails` is not assigned to `project`.
            ScaleResourceNotFound: There is no group `project_group` in `project`.
        """
        groups = ("studio", "projects", project, "groups")
        json = self.api.put_request(
            endpoint(*groups, project_group, expect=_GROUP),
            body={
                "add_emails": wire_list("add_emails", add_emails),
                "remove_emails": wire_list("remove_emails", remove_emails),
            },
        )
        return StudioProjectGroup(json, self)

    def list_studio_batches(self) -> List[StudioBatch]:
        """Fetch the batches that are not completed, in order of priority."""
        path = endpoint("studio", "batches", expect=_BATCHES)
        return _batches(self, self.api.get_request(path))

    def assign_studio_batches(
        self, batch_name: str, project_groups: Names
    ) -> StudioBatch:
        """Replace the groups that work on a batch.

        Args:
            batch_name: Name of the batch.
            project_groups: One or several names of groups of the batch's project.

        Raises:
            ScaleTypeError: `project_groups` is None.
            ScaleResourceNotFound: `batch_name` or a group in `project_groups` does not
                exist.
        """
        json = self.api.put_request(
            endpoint("studio", "batches", batch_name, expect=document_of(StudioBatch)),
            body={"groups": wire_list("project_groups", project_groups)},
        )
        return StudioBatch(json, self)

    def set_studio_batches_priorities(self, batch_names: Names) -> List[StudioBatch]:
        """Set the order in which batches are worked on.

        Args:
            batch_names: Names of all batches that are not completed, in the new order.

        Returns:
            The batches, in their new order.

        Raises:
            ScaleTypeError: `batch_names` is None.
            ScaleInvalidRequest: A batch is missing from `batch_names`, or one of the
                names is unknown or repeated.
        """
        names = wire_list("batch_names", batch_names)
        return _batches(
            self,
            self.api.post_request(
                _ordering("set_priorities"),
                body={"batches": [{"name": name} for name in names]},
            ),
        )

    def reset_studio_batches_priorities(self) -> List[StudioBatch]:
        """Reset the order of the batches to that of their creation.

        Returns:
            The batches, in their new order.
        """
        path = _ordering("reset_priorities")
        return _batches(self, self.api.post_request(path))


def _ordering(change: str) -> Endpoint:
    return endpoint("studio", "batches", change, expect=_BATCHES, idempotent=True)


def _reassign(
    client: StudioCalls, change: str, emails: Emails, projects: Names
) -> Dict[str, StudioLabelerAssignment]:
    body = {
        "emails": wire_list("emails", emails),
        "projects": wire_list("projects", projects),
    }
    path = endpoint(
        "studio", "assignments", change, expect=lists_of_texts, idempotent=True
    )
    answer = client.api.post_request(path, body=body)
    return _assignments(client, answer)


def _assignments(
    client: StudioCalls, answer: Dict[str, List[str]]
) -> Dict[str, StudioLabelerAssignment]:
    return {
        email: StudioLabelerAssignment(projects, email, client)
        for email, projects in answer.items()
    }


def _batches(client: StudioCalls, answer: List[Dict[str, Any]]) -> List[StudioBatch]:
    return [StudioBatch(json, client) for json in answer]
