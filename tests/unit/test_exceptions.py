from __future__ import annotations

import copy
import pickle
from typing import Any, Optional

import pytest

from scaleapi import exceptions
from scaleapi.exceptions import ExceptionMap, ScaleException, ScaleInvalidRequest


@pytest.mark.parametrize(
    ("error", "message", "code", "text"),
    [
        (ScaleException("m"), "m", None, "m"),
        (ScaleException("m", 418), "m", 418, "<Response [418]> m"),
        (ScaleInvalidRequest("m"), "m", 400, "<Response [400]> m"),
        (ScaleInvalidRequest("m", 404), "m", 404, "<Response [404]> m"),
        (
            ScaleInvalidRequest(""),
            "ScaleInvalidRequest",
            400,
            "<Response [400]> ScaleInvalidRequest",
        ),
        (
            ScaleInvalidRequest(None),
            "ScaleInvalidRequest",
            400,
            "<Response [400]> ScaleInvalidRequest",
        ),
    ],
)
def test_message_code_and_text_follow_from_the_arguments(
    error: ScaleException, message: str, code: Optional[int], text: str
) -> None:
    assert (error.message, error.code, str(error)) == (message, code, text)


def test_exception_map_has_the_class_of_each_status() -> None:
    for status, cls in ExceptionMap.items():
        assert cls.code == status
        assert cls.__bases__ == (ScaleException,)
    assert sorted(ExceptionMap) == [400, 401, 402, 404, 409, 429, 500, 503, 504]


class WithOtherArguments(ScaleException):
    def __init__(self, *, task_id: str) -> None:
        super().__init__(f"task {task_id}", 404)
        self.task_id = task_id


def with_headers(headers: Any) -> ScaleException:
    error = ScaleException("m")
    error.headers = headers
    return error


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
@pytest.mark.parametrize(
    "error",
    [
        ScaleException("m"),
        ScaleException("m", 418),
        exceptions.ScaleTimeoutError("m", 599),
        WithOtherArguments(task_id="7"),
        with_headers(ScaleException.headers),
    ],
)
def test_pickled_or_copied_exception_is_the_same(
    error: ScaleException, again: Any
) -> None:
    copied = again(error)
    assert type(copied) is type(error)
    assert str(copied) == str(error)
    assert vars(copied) == vars(error)
    assert copied.code == error.code
