"""Scale Studio: your own labelers, their groups, and what they work on next."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Union

from scaleapi._core.calls import Calls
from scaleapi._core.enums import WireEnum
from scaleapi._core.models import ScaleObject
from scaleapi._core.params import wire_list
from scaleapi._transport.endpoint import Endpoint, endpoint
from scaleapi._transport.expectations import document_of, documents_of, lists_of_texts
from scaleapi._transport.recovery import Recovery
from scaleapi.teams import Emails

Names = Union[str, Iterable[str]]


class StudioBatchStatus(WireEnum):
    """What a Studio batch is for."""

    Production = "Production"


class StudioLabelerAssignment(ScaleObject):
    """The projects that a labeler is assigned to.

    Attributes:
        email: Address of the labeler.
        assigned_projects: Names of the projects; `as_dict` returns this list.
    """

    def __init__(self, assigned_projects: List[str], email: str, client: Any) -> None:
        # The document is the list alone; the address is its key in the answer.
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
        email: Address of the labeler.
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
        id: Its id.
        name: Its name, unique in the project.
        numWorkers: How many labelers are in it.
        isSingleton: Whether it stands for one person.
        workers: The labelers in it.
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
    """A batch that waits for, or is in, the hands of your labelers.

    Attributes:
        id: Its id.
        name: Its name.
        project_id: Id of its project.
        project_name: Name of its project.
        batch_type: One of the values of `StudioBatchStatus`, as plain text.
        studio_priority: Its place among the batches, from 1; None if not set.
        total: How many tasks are in it.
        completed: How many of them are completed.
        groups: The groups that work on it.
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
        """Fetch who is assigned to which projects.

        Returns:
            E-mail address -> assignment, for every teammate.
        """
        path = endpoint("studio", "assignments", expect=lists_of_texts)
        return _assignments(self, self.api.get_request(path))

    def add_studio_assignments(
        self, emails: Emails, projects: Names
    ) -> Dict[str, StudioLabelerAssignment]:
        """Assign each of some labelers to each of some projects.

        Args:
            emails: Addresses of the labelers.
            projects: Names of the projects.

        Returns:
            The assignments of every teammate, as they are now.

        Raises:
            ScaleResourceNotFound: A labeler or a project is unknown.
        """
        return _reassign(self, "add", emails, projects)

    def remove_studio_assignments(
        self, emails: Emails, projects: Names
    ) -> Dict[str, StudioLabelerAssignment]:
        """Take each of some labelers off each of some projects.

        Args:
            emails: Addresses of the labelers.
            projects: Names of the projects.

        Returns:
            The assignments of every teammate, as they are now.

        Raises:
            ScaleResourceNotFound: A labeler or a project is unknown.
        """
        return _reassign(self, "remove", emails, projects)

    def list_project_groups(self, project: str) -> List[StudioProjectGroup]:
        """Fetch the groups of labelers of a project."""
        path = endpoint("studio", "projects", project, "groups", expect=_GROUPS)
        answer = self.api.get_request(path)
        return [StudioProjectGroup(json, self) for json in answer]

    def create_project_group(
        self, project: str, emails: Emails, project_group: str
    ) -> StudioProjectGroup:
        """Make a group of labelers.

        Args:
            project: Name of the project.
            emails: Addresses of labelers who are assigned to the project.
            project_group: Name of the group.

        Raises:
            ScaleDuplicateResource: The project has a group of this name.
            ScaleInvalidRequest: A labeler is not assigned to the project.
        """
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
        """Add labelers to a group, and take labelers out of it.

        Args:
            project: Name of the project.
            project_group: Name of the group.
            add_emails: Addresses of labelers who are assigned to the project.
            remove_emails: Addresses of labelers; those not in it are passed over.

        Raises:
            ScaleInvalidRequest: An added labeler is not assigned to the project.
            ScaleResourceNotFound: There is no such group.
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
        """Fetch the batches that are not completed, in the order of priority."""
        path = endpoint("studio", "batches", expect=_BATCHES)
        return _batches(self, self.api.get_request(path))

    def assign_studio_batches(
        self, batch_name: str, project_groups: Names
    ) -> StudioBatch:
        """Say which groups work on a batch, in place of those who did.

        Args:
            batch_name: Name of the batch.
            project_groups: Names of groups of its project.

        Raises:
            ScaleResourceNotFound: There is no such batch, or no such group.
        """
        json = self.api.put_request(
            endpoint("studio", "batches", batch_name, expect=document_of(StudioBatch)),
            body={"groups": wire_list("project_groups", project_groups)},
        )
        return StudioBatch(json, self)

    def set_studio_batches_priorities(self, batch_names: Names) -> List[StudioBatch]:
        """Say in which order batches are worked on.

        Args:
            batch_names: Names of all batches that are not completed, each once.

        Returns:
            The batches, in their new order.

        Raises:
            ScaleInvalidRequest: A batch is missing, unknown or named twice.
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
        """Go back to the order in which the batches were made.

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
