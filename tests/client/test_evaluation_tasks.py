from __future__ import annotations

import pytest

from scaleapi import (
    EvaluationTask,
    ScaleClient,
    ScaleDuplicateResource,
    ScaleInvalidRequest,
    TaskType,
    TrainingTask,
)

ANSWER = {"annotations": {"note": {"response": [["fine"]], "score": 0.1}}}


def test_create_evaluation_task_returns_the_responses_that_were_sent(
    client: ScaleClient,
) -> None:
    client.create_project("p", TaskType.TextCollection)
    task = client.create_evaluation_task(
        TaskType.TextCollection,
        project="p",
        attachments=[],
        expected_response=ANSWER,
        initial_response={"a": [1]},
        unique_id="u",
    )
    assert task.expected_response == ANSWER
    assert task.initial_response == {"a": [1]}
    assert task.as_dict()["type"] == "textcollection"
    assert str(task) == f"EvaluationTask(id={task.id})"
    with pytest.raises(ScaleDuplicateResource, match="already used"):
        client.create_task(
            TaskType.TextCollection, attachments=[], fields=[], unique_id="u"
        )
    assert client.tasks().total == 0  # it is in no list of tasks


def test_initial_response_of_an_evaluation_task_may_be_none(
    client: ScaleClient,
) -> None:
    task = client.create_evaluation_task(
        "textcollection",
        attachments=[],
        expected_response=ANSWER,
    )
    assert task.initial_response is None
    assert EvaluationTask({"id": "1"}, None).expected_response is None


def test_create_evaluation_task_requires_an_expected_response(
    client: ScaleClient,
) -> None:
    with pytest.raises(ScaleInvalidRequest, match='"expected_response" is required'):
        client.create_evaluation_task(TaskType.TextCollection, attachments=[])


def test_create_training_task_returns_the_responses_that_were_sent(
    client: ScaleClient,
) -> None:
    task = client.create_training_task(
        "textcollection",
        attachments=[],
        expected_response={"a": 1},
        initial_response=[2],
    )
    assert isinstance(task, TrainingTask)
    assert (task.expected_response, task.initial_response) == ({"a": 1}, [2])
    assert str(task) == f"TrainingTask(id={task.id})"
