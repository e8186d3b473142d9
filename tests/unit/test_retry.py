from __future__ import annotations

from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi._transport.retry import Outcome, RetryPolicy, outcome_of_status

POLICY = RetryPolicy()


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([200, 201, 202, 204, 299], Outcome.SUCCEEDED),
        ([408, 429], Outcome.NOT_PROCESSED),
        ([500, 501, 502, 503, 504, 520, 530], Outcome.AMBIGUOUS),
        ([100, 301, 400, 401, 402, 404, 407, 409, 413, 531, 599], Outcome.FATAL),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_status_means(statuses: "list[int]", outcome: Outcome) -> None:
    assert {outcome_of_status(status) for status in statuses} == {outcome}


@pytest.mark.parametrize("seconds", [0.0, 3.0])
def test_a_503_that_says_when_to_come_back_is_a_refusal(seconds: float) -> None:
    assert outcome_of_status(503, seconds) is Outcome.NOT_PROCESSED
    for status in (500, 502, 504):
        assert outcome_of_status(status, seconds) is Outcome.AMBIGUOUS


@pytest.mark.parametrize(
    ("outcome", "idempotent", "again"),
    [
        (Outcome.SUCCEEDED, True, False),
        (Outcome.SUCCEEDED, False, False),
        (Outcome.NOT_PROCESSED, True, True),
        (Outcome.NOT_PROCESSED, False, True),
        (Outcome.AMBIGUOUS, True, True),
        (Outcome.AMBIGUOUS, False, False),
        (Outcome.FATAL, True, False),
        (Outcome.FATAL, False, False),
    ],
)
def test_what_follows_an_attempt(
    outcome: Outcome, idempotent: bool, again: bool
) -> None:
    wait = POLICY.wait(0, outcome, idempotent=idempotent, jitter=0.5)
    assert (wait is not None) == again


@given(
    st.sampled_from(Outcome),
    st.booleans(),
    st.floats(0, 1, exclude_max=True),
    st.one_of(st.none(), st.floats(-1e9, 1e9)),
    st.integers(0, 5),
)
def test_no_more_than_the_retries_allowed_and_never_a_long_wait(
    outcome: Outcome,
    idempotent: bool,
    jitter: float,
    retry_after: Optional[float],
    max_retries: int,
) -> None:
    policy = RetryPolicy(max_retries)
    attempt = 0
    while True:
        wait = policy.wait(
            attempt,
            outcome,
            idempotent=idempotent,
            jitter=jitter,
            retry_after=retry_after,
        )
        if wait is None:
            break
        assert 0 <= wait <= 60
        attempt += 1
    assert attempt <= max_retries


@pytest.mark.parametrize(("attempt", "longest"), [(0, 2), (1, 4), (2, 8)])
def test_the_wait_is_between_half_and_whole_of_a_growing_bound(
    attempt: int, longest: float
) -> None:
    for jitter, expected in ((0.0, longest / 2), (0.5, longest * 0.75)):
        wait = POLICY.wait(
            attempt, Outcome.NOT_PROCESSED, idempotent=True, jitter=jitter
        )
        assert wait == expected


@pytest.mark.parametrize(
    ("retry_after", "wait"), [(5.0, 5.0), (7200.0, 60.0), (0.0, 1.0), (None, 1.0)]
)
def test_the_servers_wish_is_obeyed_up_to_a_minute(
    retry_after: Optional[float], wait: float
) -> None:
    assert wait == POLICY.wait(
        0, Outcome.NOT_PROCESSED, idempotent=True, jitter=0.0, retry_after=retry_after
    )
