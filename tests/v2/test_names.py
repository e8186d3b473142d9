"""The names of v2: where they are, and what is behind them."""

from __future__ import annotations

import importlib
import inspect
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, get_type_hints

import pytest

import scaleapi
from scaleapi.api_client import v2
from scaleapi.exceptions import ExceptionMap, ScaleException
from scaleapi.v2.records import Record

SURFACE: Dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "surface" / "surface-v2.json").read_text("utf-8")
)
MODELS = {**SURFACE["models"], **SURFACE["enums"]}


def test_the_package_has_all_names() -> None:
    assert len(SURFACE["package_names"]) == 126
    for name in SURFACE["package_names"]:
        assert getattr(v2, name) is getattr(v2, name)
    # The official client has the exceptions of single statuses only in their module.
    more = set(SURFACE["modules"]["scaleapi.api_client.v2.exceptions"])
    assert {*v2.__all__, "__version__"} == {*SURFACE["package_names"], *more}
    assert v2.NotFoundException is v2.exceptions.NotFoundException
    assert set(v2.__all__) <= set(dir(v2))
    assert v2.__version__ == "1.0.0"
    namespace: Dict[str, Any] = {}
    exec("from scaleapi.api_client.v2 import *", namespace)
    assert set(v2.__all__) <= set(namespace)


@pytest.mark.parametrize("name", MODELS)
def test_each_model_has_a_module_of_its_own(name: str) -> None:
    module = importlib.import_module(MODELS[name]["module"])
    cls = getattr(module, name)
    assert dir(module)[0] == name or name in dir(module)
    assert (
        getattr(importlib.import_module("scaleapi.api_client.v2.models"), name) is cls
    )
    assert hasattr(v2, name) == MODELS[name]["in_package"]
    assert pickle.loads(pickle.dumps(cls)) is cls


@pytest.mark.parametrize("module", SURFACE["modules"])
def test_the_other_modules_have_their_names(module: str) -> None:
    for name in SURFACE["modules"][module]:
        assert inspect.isclass(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("name", SURFACE["enums"])
def test_an_enum_has_its_members(name: str) -> None:
    module = importlib.import_module(SURFACE["enums"][name]["module"])
    enum = getattr(module, name)
    assert {each.name: each.value for each in enum} == SURFACE["enums"][name]["members"]
    assert all(each == each.value for each in enum)


@pytest.mark.parametrize("name", SURFACE["models"])
def test_a_model_has_its_fields(name: str) -> None:
    model = SURFACE["models"][name]
    cls = getattr(importlib.import_module(model["module"]), name)
    assert issubclass(cls, Record)
    declared = set(get_type_hints(cls))
    if cls.__module__ == "scaleapi.api_client.v2.models" or model["kind"] == "fragment":
        return  # a name and nothing else
    assert set(model["fields"]) <= declared
    for field, (key, _, _) in model["fields"].items():
        assert cls._wire_names.get(field, field) == key


def test_names_without_fields_are_those_that_no_call_returns() -> None:
    bare = {
        name
        for name, model in SURFACE["models"].items()
        if getattr(importlib.import_module(model["module"]), name).__module__
        == "scaleapi.api_client.v2.models"
    }
    worth = {name for name in bare if not name.endswith("Properties")}
    assert all(
        "Expandable" in n or "V1Task" in n or "WorkspaceExec" in n
        for n in worth
        - {
            "AnnotationFilePropertiesValue",
            "CreateBatchRequestProject",
            "DatasetDeliveryDataset",
        }
    )
    instance = v2.ExpandableProject.from_dict({"id": "p"})
    assert pickle.loads(pickle.dumps(instance)) == instance
    assert instance.id == "p"


@pytest.mark.parametrize("name", SURFACE["exceptions"])
def test_an_exception_has_its_bases(name: str) -> None:
    errors = importlib.import_module("scaleapi.api_client.v2.exceptions")
    ancestors = {base.__name__ for base in getattr(errors, name).__mro__}
    assert set(SURFACE["exceptions"][name]) <= ancestors


def test_deep_imports_work_as_scripts_write_them() -> None:
    from scaleapi.api_client.v2.api.v2_api import V2Api
    from scaleapi.api_client.v2.models.batch_operation_request import (
        BatchOperationRequest,
    )
    from scaleapi.api_client.v2.models.create_batch_request import CreateBatchRequest

    assert V2Api is scaleapi.V2Api
    assert BatchOperationRequest is v2.BatchOperationRequest
    assert CreateBatchRequest is v2.models.CreateBatchRequest
    assert scaleapi.V2Task is v2.Task
    assert scaleapi.Task is not v2.Task


def test_what_is_not_there_is_an_import_error() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("scaleapi.api_client.v2.models.nothing")
    with pytest.raises(ImportError):
        exec("from scaleapi.api_client.v2 import Nothing")
    assert not hasattr(v2.models, "Nothing")


def test_a_client_that_does_not_touch_v2_loads_none_of_it() -> None:
    script = """
import sys
from scaleapi import ScaleClient, TaskType
client = ScaleClient("test_key")
import scaleapi.api
assert not any("v2" in name for name in sys.modules if name.startswith("scaleapi"))
import scaleapi.api_client.v2.models.task
loaded = [name for name in sys.modules if name.startswith("scaleapi.v2")]
assert loaded == [], loaded
client.v2
assert "scaleapi.v2.calls" in sys.modules
assert "pydantic" not in sys.modules
print("fine")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, timeout=60
    )
    assert done.stdout == "fine\n"


def test_the_exceptions_are_those_of_their_status() -> None:
    from scaleapi.v2.errors import of_v2

    for status in (*ExceptionMap, 403, 413, 422, 500, 502, 599):
        plain = ExceptionMap.get(status, ScaleException)("text", status)
        error = of_v2(plain)
        assert isinstance(error, v2.ApiException)
        assert isinstance(error, type(plain))
        assert error.status == error.code == status
        assert isinstance(error, v2.ServiceException) == (500 <= status < 600)
        assert str(error) == str(plain)
