"""The OpenAPI description: valid, complete, and in agreement with the answers."""

from __future__ import annotations

import json
import re
import sys
import urllib.error
import urllib.request
from typing import Any, Dict, Iterator, List, Set, Tuple

import pytest

from scaleapi import ScaleClient, TaskType
from scaleapi.sandbox import Sandbox, factories
from scaleapi.sandbox.routes.operation_table import API, OPERATIONS
from scaleapi.sandbox.routes.schemas import SCHEMAS
from scaleapi.sandbox.routes.task_creation_validation import check_parameters

KINDS = list(factories.KINDS)


@pytest.fixture(scope="module")
def description(sandbox: Sandbox) -> Dict[str, Any]:
    """The description as it is served."""
    address = sandbox.url[: -len("/v1")] + "/openapi.json"
    with urllib.request.urlopen(address) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        found: Dict[str, Any] = json.loads(answer.read().decode())
        return found


def demand_valid(description: Dict[str, Any]) -> None:
    if sys.version_info < (3, 9):
        pytest.skip("openapi-spec-validator fails at its import on Python 3.8")
    pytest.importorskip("openapi_spec_validator").validate(description)


def operations(description: Dict[str, Any]) -> Iterator[Tuple[str, str, Any]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def form(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


def test_the_description_is_valid_openapi(description: Dict[str, Any]) -> None:
    demand_valid(description)


def test_every_operation_is_described(description: Dict[str, Any]) -> None:
    described = [(m, form(path)) for m, path, _ in operations(description)]
    known = [(operation.method, form(operation.path)) for operation in OPERATIONS]
    assert sorted(described) == sorted(known)


def test_operation_ids_are_unique() -> None:
    names = [operation.name for operation in API]
    assert len(names) == len(set(names))


def test_the_calls_of_the_api_are_named_as_in_the_client(
    description: Dict[str, Any],
) -> None:
    for _, path, operation in operations(description):
        if path.startswith("/v1/"):
            assert callable(getattr(ScaleClient, operation["operationId"]))
    ids = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(ids) == len(set(ids))


def test_no_two_paths_differ_only_in_parameter_names(
    description: Dict[str, Any],
) -> None:
    forms = [form(path) for path in description["paths"]]
    assert len(forms) == len(set(forms))


def test_every_schema_is_used(description: Dict[str, Any]) -> None:
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(description)))
    assert used == set(SCHEMAS)


def test_only_the_calls_of_the_api_need_a_key(
    description: Dict[str, Any],
) -> None:
    for _, path, operation in operations(description):
        by_version = {"/v1/": [{"key": []}], "/v2/": [{"bearer": []}]}
        assert operation["security"] == by_version.get(path[:4], []), path
    assert description["components"]["securitySchemes"] == {
        "key": {"type": "http", "scheme": "basic"},
        "bearer": {"type": "http", "scheme": "bearer"},
    }


def test_all_types_of_tasks_are_named(description: Dict[str, Any]) -> None:
    create = description["paths"]["/v1/task/{type_or_task_id}"]["post"]
    (parameter,) = create["parameters"]
    assert parameter["schema"]["enum"] == [t.value for t in TaskType]


def test_every_required_parameter_of_a_type_is_described() -> None:
    named = set(SCHEMAS["TaskRequest"]["properties"])
    for kind in KINDS:
        for name in factories.parameters(kind):
            params = {**factories.parameters(kind), name: None}
            try:
                check_parameters(factories.KINDS[kind], params)
            except Exception:
                assert name in named, (kind, name)


def complaints(name: str, value: Any) -> List[str]:
    """Return how a value violates a schema."""
    library = pytest.importorskip("openapi_schema_validator")
    schema = {
        "$ref": f"#/components/schemas/{name}",
        "components": {"schemas": SCHEMAS},
    }
    checker = library.OAS30Validator(
        schema, format_checker=library.oas30_format_checker
    )
    return [error.message for error in checker.iter_errors(value)]


@pytest.mark.parametrize("kind", KINDS)
def test_task_documents_of_the_factories_match_the_description(kind: str) -> None:
    for status in ("pending", "completed", "canceled", "error"):
        assert complaints("Task", factories.task(kind, status)) == []
    assert complaints("TaskRequest", factories.parameters(kind)) == []
    assert complaints("Project", factories.project(type=kind)) == []


def test_other_documents_of_the_factories_match_the_description() -> None:
    for status in ("staging", "in_progress", "completed"):
        assert complaints("Batch", factories.batch(status=status)) == []
    assert complaints("File", factories.file()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_answers_of_the_sandbox_match_the_description(
    kind: str, client: ScaleClient
) -> None:
    parameters = factories.parameters(kind)
    task = client.create_task(factories.KINDS[kind], tags=["a"], **parameters)
    client.audit_task(task.id, True, "good")
    page = client.api.get_request("tasks", {"include_attachment_url": "true"})
    assert complaints("TaskPage", page) == []
    assert page["docs"][0]["response"]


def test_a_document_without_a_required_key_does_not_match_the_description() -> None:
    task = factories.task("boxes")
    del task["params"]
    assert complaints("Task", task) == ["'params' is a required property"]


def test_an_error_matches_the_description(sandbox: Sandbox) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{sandbox.url}/tasks")
    with refused.value as answer:
        assert complaints("Error", json.loads(answer.read().decode())) == []


def test_everything_that_the_client_sends_is_described() -> None:
    queries: Set[str] = set()
    for operation in OPERATIONS:
        queries |= set(operation.query or {})
    # The filters that the client sends.
    assert queries >= {
        *("start_time", "end_time", "status", "type", "project", "batch", "limit"),
        *("completed_before", "completed_after", "next_token", "tags", "unique_id"),
        *("customer_review_status", "updated_before", "updated_after", "offset"),
        *("include_attachment_url", "limited_response", "exclude_archived"),
    }
