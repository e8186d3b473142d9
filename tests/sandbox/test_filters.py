"""Any filter finds what a full scan finds, whatever index it uses."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.store import Database, Store, TaskFilter, World
from scaleapi.sandbox.store.repository import Document

NUMBER = 60
STATUSES = ("pending", "completed", "canceled", "error")
Filled = Tuple[Database, World, List[Document]]


def document(number: int) -> Document:
    status = STATUSES[number % 4]
    found: Document = {
        "task_id": f"{number:024x}",
        "type": ("chat", "comparison")[number % 5 == 0],
        "status": status,
        "created_at": to_text(1000 + number // 2),
        "updated_at": to_text(2000 + number * 7 % NUMBER),
        "tags": ["all", *(["x"] if number % 3 else []), f"t{number % 7}"],
        "params": {},
        "metadata": {},
    }
    if number % 6:
        found["project"] = f"p{number % 2}"
        found["batch"] = f"b{number % 4}"
    if number % 2:
        found["unique_id"] = f"u{number}"
    if status == "completed":
        found["completed_at"] = to_text(3000 + number)
        if number % 8 == 1:
            found["customer_review_status"] = "accepted"
    return found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    database = Database(str(tmp_path_factory.mktemp("filters") / "state.db"))
    world = database.world("test_k", live=False)
    with database.writing() as connection:
        documents = [document(number) for number in range(NUMBER)]
        for each in documents:
            Store(connection, world).tasks.add(each)
        # Another world, whose tasks must not be found.
        other = database.worlds()[0]
        assert other == world
    yield database, world, documents[::-1]
    database.close()


def matches(task: Document, wanted: TaskFilter) -> bool:
    for name in ("project", "batch", "type", "status"):
        values = getattr(wanted, name)
        if values is not None and task.get(name) not in values:
            return False
    if wanted.unique_ids is not None and task.get("unique_id") not in wanted.unique_ids:
        return False
    if wanted.tags is not None and not set(task["tags"]) & set(wanted.tags):
        return False
    if wanted.review_statuses is not None:
        review = task.get("customer_review_status")
        if review is None and task["status"] == "completed":
            review = "pending"
        if review not in wanted.review_statuses:
            return False
    for name in ("created", "updated", "completed"):
        moment = task.get(f"{name}_at")
        low, high = getattr(wanted, f"{name}_from"), getattr(wanted, f"{name}_to")
        if low is not None and (moment is None or moment < to_text(low)):
            return False
        if high is not None and (moment is None or moment > to_text(high)):
            return False
    return True


def some(values: Sequence[str]) -> Any:
    return st.none() | st.lists(st.sampled_from([*values, "", "none"]), max_size=3)


def bound(start: int) -> Any:
    return st.none() | st.none() | st.integers(start - 1, start + NUMBER)


FILTERS: Dict[str, Any] = {
    "project": some(["p0", "p1"]),
    "batch": some(["b0", "b1", "b2", "b3"]),
    "type": some(["chat", "comparison"]),
    "status": some(STATUSES),
    "review_statuses": some(["pending", "accepted", "rejected"]),
    "unique_ids": st.none() | some(["u1", "u3", "u5"]),
    "tags": some(["all", "x", "t1", "t2"]),
    **{
        f"{name}_{end}": bound(start)
        for name, start in (("created", 1000), ("updated", 2000), ("completed", 3000))
        for end in ("from", "to")
    },
}


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    wanted=st.fixed_dictionaries({}, optional=FILTERS).map(lambda f: TaskFilter(**f)),
    few=st.sampled_from([0, 5, 20_000]),
    limit=st.sampled_from([1, 7, 100]),
)
def test_every_page_has_the_tasks_that_a_full_scan_finds(
    filled: Filled,
    monkeypatch: pytest.MonkeyPatch,
    wanted: TaskFilter,
    few: int,
    limit: int,
) -> None:
    database, world, documents = filled
    monkeypatch.setattr("scaleapi.sandbox.store.tasks._MAX_SCANNED_TASKS", few)
    expected = [task for task in documents if matches(task, wanted)]
    for _ in range(2):  # found, then cached
        found: List[Document] = []
        place: Optional[Tuple[int, int]] = None
        while True:
            with database.reading() as connection:
                page, total, place = Store(connection, world).tasks.page(
                    wanted, limit=limit, before=place
                )
            assert total == len(expected)
            found += page
            if place is None:
                break
        assert found == expected
