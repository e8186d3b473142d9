"""Projects: what all tasks of one kind of work have in common."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Union

from scaleapi._core.calls import Calls, get_or_create
from scaleapi._core.models import ScaleObject
from scaleapi._core.params import required_enum
from scaleapi._transport.endpoint import endpoint, has_address
from scaleapi._transport.expectations import document_of, documents_of
from scaleapi._transport.recovery import Recovery, explained
from scaleapi.exceptions import ScaleDuplicateResource
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
        self.type: str = self._value("type")
        history: List[Dict[str, Any]] = json.get("param_history") or []
        self.params: Optional[Dict[str, Any]] = history[-1] if history else None
        newest = self.params or {}
        self.version: Optional[int] = newest.get("version")
        self.instruction: Optional[str] = newest.get("instruction")

    @classmethod
    def _problem_of(cls, json: Any) -> Optional[str]:
        problem = super()._problem_of(json)
        history = None if problem else json.get("param_history")
        if history and not (
            isinstance(history, list)
            and all(isinstance(version, dict) for version in history)
        ):
            return (
                "not the document of a Project, since its 'param_history' is no list "
                "of objects"
            )
        return problem

    def get_template(self) -> TaskTemplate:
        """Fetch the template of the project's tasks."""
        template: TaskTemplate = self._caller("get_template").get_project_template(
            self.name
        )
        return template


class TaskTemplate(ScaleObject):
    """What the tasks of a text collection or chat project look like.

    Attributes:
        id: Its id.
        version: Its version.
        created_at: ISO 8601 text, in UTC.
        updated_at: The same.
        template_variables: The variables of the template, as the API has them.
        response_schema: The form of a response, or None.
        auto_onboard_enabled: Whether labelers are taken on by themselves.
    """

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.id: str = json["id"]
        self.version: Optional[int] = self._value("version")
        self.created_at: str = self._value("created_at")
        self.updated_at: str = self._value("updated_at")
        self.template_variables: Any = self._value("template_variables")
        self.response_schema: Any = self._value("response_schema")
        self.auto_onboard_enabled: bool = json.get("auto_onboard_enabled", False)

    def get_template_variables(self) -> Any:
        """Return the variables of the template."""
        return self.template_variables

    def get_response_schema(self) -> Any:
        """Return the form of a response, or None."""
        return self.response_schema

    def is_auto_onboardable(self) -> bool:
        """Return whether labelers are taken on by themselves."""
        return self.auto_onboard_enabled


_PROJECT = document_of(Project)


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
            "type": required_enum("task_type", task_type),
            "name": project_name,
            "params": params,
            "rapid": rapid,
            "studio": studio,
            "datasetId": dataset_id,
        }
        recovery = None
        if has_address(project_name):
            recovery = Recovery.at(
                endpoint("projects", project_name, expect=_PROJECT),
                creates=True,
                name=project_name,
                type=body["type"],
            )
        path = endpoint("projects", expect=_PROJECT, idempotent=True, recovery=recovery)
        return Project(self.api.post_request(path, body=body), self)

    def get_or_create_project(
        self,
        project_name: str,
        task_type: Union[TaskType, str],
        params: Optional[Dict[str, Any]] = None,
        *,
        rapid: bool = False,
        studio: bool = False,
        dataset_id: Optional[str] = None,
    ) -> Project:
        """Return the project of this name; create it if there is none.

        Safe to call from many threads and machines at once: they all get the
        same project. One request if the project is new, two if it exists.

        Args:
            project_name: Any text.
            task_type: Kind of its tasks, as enum member or string.
            params: As in `create_project`, like all that follow. Used only if
                the project is created.
            rapid: Used only if the project is created.
            studio: Used only if the project is created.
            dataset_id: Used only if the project is created.

        Returns:
            The project as the server has it now.

        Raises:
            ScaleDuplicateResource: The project of this name is for tasks of
                another kind.
        """

        def existing(duplicate: ScaleDuplicateResource) -> Project:
            project = self.get_project(project_name)
            expected = required_enum("task_type", task_type)
            if project.type != expected:
                raise explained(
                    duplicate,
                    f"project {project_name!r} exists, and its type is "
                    f"{project.type!r}, not {expected!r}: choose another name, or pass "
                    f"task_type={project.type!r}",
                ) from duplicate
            return project

        return get_or_create(
            lambda: self.create_project(
                project_name,
                task_type,
                params,
                rapid=rapid,
                studio=studio,
                dataset_id=dataset_id,
            ),
            existing,
        )

    def get_project(self, project_name: str) -> Project:
        """Fetch one project by its name.

        Raises:
            ScaleResourceNotFound: There is no project of this name.
        """
        path = endpoint("projects", project_name, expect=_PROJECT)
        return Project(self.api.get_request(path), self)

    def get_projects(self) -> List[Project]:
        """Fetch all projects: one request, no pages."""
        return _projects(self)

    def projects(self) -> List[Project]:
        """Fetch all projects; the same as `get_projects`."""
        return _projects(self)

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
        path = endpoint(
            "projects", project_name, "setParams", expect=_PROJECT, idempotent=True
        )
        json = self.api.post_request(path, body=kwargs)
        return Project(json, self)

    def get_project_template(self, project_name: str) -> TaskTemplate:
        """Fetch the template of a text collection or chat project.

        Raises:
            ScaleInvalidRequest: The project is of another type.
            ScaleResourceNotFound: There is no project of this name.
        """
        path = endpoint(
            "projects",
            project_name,
            "taskTemplates",
            expect=document_of(TaskTemplate),
        )
        return TaskTemplate(self.api.get_request(path), self)


def _projects(client: ProjectCalls) -> List[Project]:
    path = endpoint("projects", expect=documents_of(Project))
    answer = client.api.get_request(path)
    return [Project(json, client) for json in answer]
