from __future__ import annotations

import copy
import json
import pickle

import pytest

from scaleapi import BatchStatus, TaskReviewStatus, TaskStatus, TaskType


def test_enum_member_equals_its_string() -> None:
    assert TaskStatus.Completed == "completed"
    assert TaskStatus.Completed == "completed"
    assert {TaskStatus.Completed: 1}["completed"] == 1
    assert TaskStatus.Completed != TaskStatus.Pending


@pytest.mark.parametrize("cls", [TaskType, TaskStatus, TaskReviewStatus, BatchStatus])
def test_enum_member_prints_as_that_of_a_plain_enum(cls: type) -> None:
    for member in cls:  # type: ignore[attr-defined]
        assert str(member) == f"{cls.__name__}.{member.name}"
        assert f"{member}" == str(member)
        assert f"{member:>40}" == f"{str(member):>40}"
        assert "%s" % member == str(member)
        assert repr(member) == f"<{cls.__name__}.{member.name}: {member.value!r}>"


def test_enum_member_is_found_by_its_value_and_by_itself() -> None:
    assert TaskStatus("completed") is TaskStatus.Completed
    assert TaskStatus(TaskStatus.Completed) is TaskStatus.Completed


def test_enum_member_is_its_value_in_json() -> None:
    assert json.dumps([BatchStatus.InProgress]) == '["in_progress"]'


def test_copied_or_pickled_enum_member_is_the_same_member() -> None:
    assert copy.deepcopy(TaskType.Chat) is TaskType.Chat
    assert pickle.loads(pickle.dumps(TaskType.Chat)) is TaskType.Chat


def test_every_task_type_is_the_lower_case_of_its_name() -> None:
    assert all(member.value == member.name.lower() for member in TaskType)
    assert len(TaskType) == 31
