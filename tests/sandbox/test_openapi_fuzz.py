"""Calls generated from the OpenAPI description: none of them gets a 500.

A few for each operation; ``SCALEAPI_FUZZ=300`` makes as many.
"""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterator, List
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox, factories
from scaleapi.sandbox.routes import openapi
from scaleapi.sandbox.routes.operation_table import API, API_V2, CONTROL
from scaleapi.sandbox.services import example_dataset as dataset

schemathesis = pytest.importorskip(
    "schemathesis", minversion="4", reason="schemathesis 4 needs Python 3.11"
)

EXAMPLES = int(os.environ.get("SCALEAPI_FUZZ", "4"))
CHAT = "talks & more"
PROJECT, BATCH, GROUP = "streets/1 ä", "week 9?", "night #1"
OWNER = "owner@example.com"


def described() -> Any:
    description = json.dumps(openapi.describe([*API, *API_V2, *CONTROL]))
    return schemathesis.openapi.from_dict(json.loads(description))


SCHEMA = described()
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def known(server: Sandbox) -> Dict[str, List[str]]:
    """Name of a path variable -> values that exist in the live world."""
    server.reset()
    key = server.live_api_key
    with ScaleClient(key, api_instance_url=server.url) as client:
        params = factories.parameters("category")
        client.create_project(PROJECT, "textcollection", params, studio=True)
        client.create_batch(PROJECT, BATCH)
        client.finalize_batch(BATCH)
        client.add_studio_assignments([OWNER], [PROJECT])
        client.create_project_group(PROJECT, [OWNER], GROUP)
        work = {"batch": BATCH, "unique_id": "known", "tags": ["red"]}
        pending = client.create_task("textcollection", **work)
        done = client.create_task("textcollection", project=PROJECT)
        client.create_project(CHAT, "chat")
        talk = client.create_task("chat", project=CHAT)
        client.create_task("chat", project=CHAT)
    server.complete(done)
    server.complete(talk)
    delivery = server.deliver(CHAT, api_key=key)
    ids = [pending.id, done.id, talk.id, dataset.TASKS[0]["task_id"]]
    return {
        "task_id": ids,
        "type_or_task_id": [*ids, "textcollection"],
        "task": ids,
        "type": ["textcollection"],
        "name": [PROJECT, BATCH],
        "batch_name": [BATCH],
        "project_name": [CHAT, PROJECT],
        "delivery_id": [delivery["id"], dataset.DELIVERY["id"]],
        "delivery_name": [delivery["name"]],
        "dataset_id": [dataset.DATASET["id"]],
        "attachment_id": list(dataset.FILES),
        "schema_id": [dataset.SCHEMA["id"]],
        "project": [PROJECT, CHAT],
        "group": [GROUP],
        "batch": [BATCH],
        "unique_id": ["known"],
        "emails": [OWNER],
    }


def takes_something(label: str) -> bool:
    raw = OPERATIONS[label].definition.raw
    return "parameters" in raw or "requestBody" in raw


def test_every_operation_of_the_description_is_tried() -> None:
    described = sum(len(methods) for methods in SCHEMA.raw_schema["paths"].values())
    assert len(OPERATIONS) == described > 50


@pytest.mark.parametrize(
    ("mode", "label"),
    [
        *(("positive", label) for label in OPERATIONS),
        *(("negative", label) for label in OPERATIONS if takes_something(label)),
    ],
)
def test_no_generated_call_gets_a_500(
    mode: str,
    label: str,
    server: Sandbox,
    known: Dict[str, List[str]],
) -> None:
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [not_a_server_error, content_type_conformance]
    if mode == "positive":
        checks += [response_schema_conformance, status_code_conformance]
    operation = OPERATIONS[label]
    strategy = operation.as_strategy(generation_mode=GenerationMode(mode))
    origin = server.url[: -len("/v1")]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy, data=st.data())
    def run(case: Any, data: st.DataObject) -> None:
        for values in (case.path_parameters, case.query, case.body):
            if isinstance(values, dict):
                for name in set(values) & set(known):
                    if data.draw(st.booleans(), label=f"known {name}"):
                        value = data.draw(st.sampled_from(known[name]))
                        # The path is already quoted here.
                        is_path = values is case.path_parameters
                        values[name] = quote(value, safe="") if is_path else value
        key = server.live_api_key
        if case.path.startswith("/v2/"):
            case.headers["Authorization"] = f"Bearer {key}"
            answer = case.call(base_url=origin, timeout=20)
        else:
            case.headers.pop("Authorization", None)
            answer = case.call(base_url=origin, auth=(key, ""), timeout=20)
        assert "Traceback" not in answer.text
        case.validate_response(answer, checks=checks)

    run()
    server.reset()
