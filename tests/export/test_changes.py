"""Exports of a project that another process changes all the time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set

import pytest

from scaleapi import ScaleClient, export
from tests.export.test_export_tasks import PROJECT, fill, small

__all__ = ["small"]

#: For each line that it reads, it creates, completes and cancels a task, and answers.
SCRIPT = """
import json, sys
import requests
from scaleapi import ScaleClient

job = json.loads(sys.argv[1])
client = ScaleClient(job["key"], api_instance_url=job["url"])
control = job["url"].replace("/v1", "/control/tasks/{}/complete")
ids = iter(job["ids"])
for _ in sys.stdin:
    client.create_task(
        "imageannotation",
        project="cows",
        attachment="https://example.com/cow.jpg",
        geometries={"box": {"objects_to_annotate": ["cow"]}},
    )
    completed, canceled = next(ids), next(ids)
    requests.post(control.format(completed), json={}).raise_for_status()
    client.cancel_task(canceled)
    print(completed, canceled, flush=True)
"""


@pytest.fixture
def before(live_client: ScaleClient) -> List[str]:
    """The ids of tasks that exist before the changes, the newest first."""
    fill(live_client, 240)
    return [task.id for task in live_client.get_tasks(PROJECT)]


class Changes:
    """A process that changes tasks.

    Attributes:
        ids: The tasks that it has completed or canceled.
    """

    def __init__(self, client: ScaleClient, ids: List[str]) -> None:
        job = {"key": client.api.api_key, "url": client.api.base_api_url, "ids": ids}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, json.dumps(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ids: Set[str] = set()

    def make(self, _: Any = None) -> None:
        """Have it change three tasks, while the workers of the export go on."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.ids.update(self.process.stdout.readline().split())


@pytest.fixture
def changes(live_client: ScaleClient, before: List[str]) -> Iterator[Changes]:
    # Every third one stays as it is.
    running = Changes(live_client, [e for n, e in enumerate(before) if n % 3])
    yield running
    running.process.communicate(timeout=60)


def exported(
    client: ScaleClient, path: Path, changes: Changes, **options: Any
) -> List[Dict[str, Any]]:
    report = client.export_tasks(
        path, project_name=PROJECT, progress=changes.make, **options
    )
    assert report.windows >= 20
    assert len(changes.ids) == 2 * report.windows
    found = [task.as_dict() for task in export.read_tasks(path)]
    assert len(found) == report.tasks
    assert len({each["task_id"] for each in found}) == len(found)
    assert [each["created_at"] for each in found] == sorted(
        (each["created_at"] for each in found), reverse=True
    )
    return found


def test_without_a_filter_each_task_is_there_once(
    live_client: ScaleClient, before: List[str], changes: Changes, tmp_path: Path
) -> None:
    found = exported(live_client, tmp_path / "a", changes)
    known = set(before)
    assert [e["task_id"] for e in found if e["task_id"] in known] == before
    assert os.listdir(tmp_path) == ["a"]


def test_with_a_status_each_task_that_keeps_it_is_there_once(
    live_client: ScaleClient, before: List[str], changes: Changes, tmp_path: Path
) -> None:
    found = exported(live_client, tmp_path / "a", changes, status="pending")
    kept = [task_id for task_id in before if task_id not in changes.ids]
    assert len(kept) >= 80
    unchanged = set(kept)
    assert [e["task_id"] for e in found if e["task_id"] in unchanged] == kept
    assert {each["status"] for each in found} == {"pending"}
