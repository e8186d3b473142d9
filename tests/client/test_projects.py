from __future__ import annotations

import pytest

from scaleapi import (
    Project,
    ScaleClient,
    ScaleDuplicateResource,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
    TaskTemplate,
    TaskType,
)
from tests.client.test_tasks import ODD_NAME, TEXT


def test_project_params_are_the_newest_version(client: ScaleClient) -> None:
    project = client.create_project(ODD_NAME, TaskType.TextCollection)
    assert (project.params, project.version, project.instruction) == (None, None, None)

    project = client.update_project(ODD_NAME, instruction="one", fields=[])
    assert (project.version, project.instruction) == (0, "one")
    project = client.update_project(ODD_NAME, patch=True, instruction="two")
    assert project.version == 1
    assert project.params is not None
    assert (project.instruction, project.params["fields"]) == ("two", [])
    project = client.update_project(ODD_NAME, patch=False, urgency="week")
    assert project.version == 2
    assert project.instruction is None
    assert client.get_project(ODD_NAME).as_dict() == project.as_dict()
    assert len(project.as_dict()["param_history"]) == 3


def test_tasks_inherit_parameters_of_their_project(client: ScaleClient) -> None:
    client.create_project(
        "p",
        TaskType.TextCollection,
        params={"instruction": "project's", "fields": TEXT["fields"], "x": 1},
    )
    attachments = TEXT["attachments"]
    task = client.create_task(
        TaskType.TextCollection, project="p", attachments=attachments, x=2
    )
    assert task.instruction == "project's"
    assert task.params == {"fields": TEXT["fields"], "x": 2, "attachments": attachments}

    client.update_project("p", fields=TEXT["fields"], instruction="newer")
    for version, instruction in ((None, "newer"), (0, "project's"), (1, "newer")):
        task = client.create_task(
            TaskType.TextCollection,
            project="p",
            attachments=attachments,
            project_param_version=version,
        )
        assert task.instruction == instruction
    with pytest.raises(ScaleInvalidRequest, match="no version 7"):
        client.create_task(
            TaskType.TextCollection, project="p", project_param_version=7, **TEXT
        )


def test_get_projects_returns_all_projects_oldest_first(client: ScaleClient) -> None:
    names = [f"p{i}" for i in range(3)]
    for name in names:
        client.create_project(name, "chat")
    assert [project.name for project in client.projects()] == names
    assert client.get_projects() == client.projects()
    assert client.projects()[0].type == TaskType.Chat


def test_a_name_is_taken_once(client: ScaleClient) -> None:
    client.create_project("p", TaskType.Chat, rapid=True)
    with pytest.raises(ScaleDuplicateResource, match='"p" already exists'):
        client.create_project("p", TaskType.TextCollection)
    with pytest.raises(ScaleInvalidRequest, match='"name" is required'):
        client.create_project("", TaskType.Chat)


def test_get_project_of_an_unknown_name_is_not_found(client: ScaleClient) -> None:
    for call in (
        lambda: client.get_project("none"),
        lambda: client.update_project("none", instruction="x"),
        lambda: client.create_task(TaskType.TextCollection, project="none", **TEXT),
    ):
        with pytest.raises(ScaleResourceNotFound, match='Project "none" not found'):
            call()


def test_create_task_accepts_another_type_than_that_of_its_project(
    client: ScaleClient,
) -> None:
    client.create_project("p", TaskType.Chat)
    task = client.create_task(TaskType.TextCollection, project="p", **TEXT)
    assert (task.type, task.project) == ("textcollection", "p")


def test_project_without_param_history_has_no_params() -> None:
    project = Project({"name": "p", "type": "chat", "param_history": []}, None)
    assert project.params is None
    assert Project({"name": "p"}, None) == project
    assert str(project) == "Project(name=p)"


def test_get_project_template_returns_the_fields(client: ScaleClient) -> None:
    project = client.create_project("p", "textcollection", {"fields": TEXT["fields"]})
    template = project.get_template()
    assert isinstance(template, TaskTemplate)
    assert template.get_template_variables() == {"note": {"type": "text"}}
    assert template.get_response_schema() == {}
    assert template.is_auto_onboardable() is False
    assert template == client.get_project_template("p")
    assert str(template) == f"TaskTemplate(id={template.id})"
    client.create_project("q", "imageannotation")
    with pytest.raises(ScaleInvalidRequest, match="have no template"):
        client.get_project_template("q")
    with pytest.raises(ScaleResourceNotFound):
        client.get_project_template("none")


def test_task_template_may_lack_response_schema_and_auto_onboarding() -> None:
    template = TaskTemplate({"id": "1", "version": 1}, None)
    assert template.get_response_schema() is None
    assert template.is_auto_onboardable() is False
