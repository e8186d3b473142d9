"""Projects, which hold the parameters that their tasks share, and task templates."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Union

from scaleapi._core.calls import Calls, get_or_create
from scaleapi._core.models import ScaleObject
from scaleapi._core.params import required_enum
from scaleapi._transport.endpoint import endpoint, has_address
from scaleapi._transport.recovery import Recovery, explained
from scaleapi._transport.response_checks import document_of, documents_of
from scaleapi.exceptions import ScaleDuplicateResource
from scaleapi.tasks.enums import TaskType


class Project(ScaleObject):
    """A project, in the state in which it was fetched.

    Attributes:
        name: Name of the project, unique in the account.
        type: Type of its tasks: one of the values of `TaskType`, as a str.
        params: The newest version of the parameters, which the tasks inherit, with
            ``version`` and ``created_at``; None if there are no parameters.
        version: Number of that version, from 0; None if there are no parameters.
        instruction: The instruction in these parameters; None if there is none.
    """

    _identity_key = "name"
    _notebook_keys = ("type", "created_at", "instruction")

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
                "not the document of a Project, since its 'param_history' is not a "
                "list of objects"
            )
        return problem

    def get_template(self) -> TaskTemplate:
        """Fetch the template of the project's tasks."""
        template: TaskTemplate = self._caller("get_template").get_project_template(
            self.name
        )
        return template


class TaskTemplate(ScaleObject):
    """Template of the tasks of a text collection or chat project.

    Attributes:
        id: Id of the template.
        version: Version of the template.
        created_at: Time of creation, as an ISO 8601 string in UTC.
        updated_at: Time of the last change, as an ISO 8601 string in UTC.
        template_variables: Variables of the template, as the API sends them.
        response_schema: Schema of the responses; None if there is none.
        auto_onboard_enabled: Whether labelers are onboarded automatically.
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
        """Return the schema of the responses; None if there is none."""
        return self.response_schema

    def is_auto_onboardable(self) -> bool:
        """Return whether labelers are onboarded automatically."""
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
            project_name: Name that no other project of the account has.
            task_type: Type of its tasks, as an enum member or a string.
            params: Parameters that its tasks inherit unless they set them, such as
                ``instruction`` or ``geometries``. Default: none.
            rapid: Whether it is a Scale Rapid project.
            studio: Whether it is a Scale Studio project.
            dataset_id: Id of the dataset that it belongs to. Default: none.

        Raises:
            ScaleTypeError: `task_type` is neither an enum member nor a str.
            ScaleDuplicateResource: A project `project_name` exists already.
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
        """Return the project with this name, and create it if it does not exist.

        Many threads and machines may call this at the same time; all get the same
        project. It sends one request if the project is new, and two if it exists.

        Args:
            project_name: Name of the project.
            task_type: Type of its tasks, as an enum member or a string.
            params: As in `create_project`. Used only if the project is created.
            rapid: As in `create_project`. Used only if the project is created.
            studio: As in `create_project`. Used only if the project is created.
            dataset_id: As in `create_project`. Used only if the project is created.

        Returns:
            The project in its current state.

        Raises:
            ScaleTypeError: `task_type` is neither an enum member nor a str.
            ScaleDuplicateResource: The project `project_name` has another task type.
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
        """Fetch a project.

        Args:
            project_name: Name of the project.

        Raises:
            ScaleResourceNotFound: There is no project `project_name`.
        """
        path = endpoint("projects", project_name, expect=_PROJECT)
        return Project(self.api.get_request(path), self)

    def get_projects(self) -> List[Project]:
        """Fetch all projects with one request."""
        return _projects(self)

    def projects(self) -> List[Project]:
        """Fetch all projects. The same as `get_projects`."""
        return _projects(self)

    def update_project(self, project_name: str, **kwargs: Any) -> Project:
        """Add a new version of the parameters to a project.

        Existing tasks do not change.

        Args:
            project_name: Name of the project.
            kwargs: The parameters. With ``patch=True`` the new version has those of the
                newest version, too; a parameter that is in both is replaced. Otherwise
                the new version has only these.

        Raises:
            ScaleResourceNotFound: There is no project `project_name`.
        """
        path = endpoint(
            "projects", project_name, "setParams", expect=_PROJECT, idempotent=True
        )
        json = self.api.post_request(path, body=kwargs)
        return Project(json, self)

    def get_project_template(self, project_name: str) -> TaskTemplate:
        """Fetch the template of a text collection or chat project.

        Args:
            project_name: Name of the project.

        Raises:
            ScaleInvalidRequest: Projects of the type of `project_name` have no
                template.
            ScaleResourceNotFound: There is no project `project_name`.
        """
        # api-notes: templates
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
