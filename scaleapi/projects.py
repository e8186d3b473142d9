"""Projects: what all tasks of one kind of work have in common."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Union

from scaleapi._calls import Calls
from scaleapi._objects import ScaleObject
from scaleapi._paths import endpoint
from scaleapi._values import wire_word
from scaleapi.tasks.enums import TaskType


class Project(ScaleObject):
    """A project, as the API described it when it was fetched.

    Attributes:
        name: Its name, unique in the account.
        type: One of the values of `TaskType`, as plain text.
        params: The newest parameters, which its tasks inherit, with their
            ``version`` and ``created_at``; None if it has none.
        version: Version of these parameters, counted from 0; None without.
        instruction: The instruction among them, or None.
    """

    _identity_key = "name"

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.name: str = json["name"]
        self.type: Any = json.get("type")
        history: List[Dict[str, Any]] = json.get("param_history") or []
        self.params: Optional[Dict[str, Any]] = history[-1] if history else None
        newest = self.params or {}
        self.version: Optional[int] = newest.get("version")
        self.instruction: Optional[str] = newest.get("instruction")


class ProjectCalls(Calls):
    """The project calls of `ScaleClient`."""

    def create_project(
        self,
        project_name: str,
        task_type: Union[TaskType, str],
        params: Optional[Dict[str, Any]] = None,
        rapid: bool = False,
        studio: bool = False,
        dataset_id: Optional[str] = None,
    ) -> Project:
        """Create a project.

        Args:
            project_name: Any text that no other project of the account has.
            task_type: Kind of its tasks, as enum member or string.
            params: Parameters that its tasks inherit where they do not set
                them, such as ``instruction`` or ``geometries``.
            rapid: Whether it is a Scale Rapid project.
            studio: Whether it is a Scale Studio project.
            dataset_id: Data set that it belongs to.

        Raises:
            ScaleDuplicateResource: There is a project of this name.
        """
        body = {
            "type": wire_word("task_type", task_type),
            "name": project_name,
            "params": params,
            "rapid": rapid,
            "studio": studio,
            "datasetId": dataset_id,
        }
        json = self.api.post_request("projects", body=body, expect=dict, harmless=True)
        return Project(json, self)

    def get_project(self, project_name: str) -> Project:
        """Fetch one project by its name.

        Raises:
            ScaleResourceNotFound: There is no project of this name.
        """
        path = endpoint("projects", project_name)
        return Project(self.api.get_request(path, expect=dict), self)

    def get_projects(self) -> List[Project]:
        """Fetch all projects: one request, no pages."""
        return [
            Project(json, self)
            for json in self.api.get_request("projects", expect=list)
        ]

    def projects(self) -> List[Project]:
        """Fetch all projects; the same as `get_projects`."""
        return self.get_projects()

    def update_project(self, project_name: str, **kwargs: Any) -> Project:
        """Give a project a new version of its parameters.

        Tasks that exist keep what they have.

        Args:
            project_name: Name of the project.
            kwargs: The parameters. With ``patch=True`` they are added to the
                newest version, each replacing the one of its name whole;
                otherwise they are all that the new version has.

        Raises:
            ScaleResourceNotFound: There is no project of this name.
        """
        path = endpoint("projects", project_name, "setParams")
        json = self.api.post_request(path, body=kwargs, expect=dict, harmless=True)
        return Project(json, self)
