"""A run holds what is under way, and nothing of what is done or to come."""

from __future__ import annotations

from tests.bulk.measure import traced


def test_ten_times_the_payloads_need_no_more_memory() -> None:
    traced(200)
    few, many = traced(1000), traced(10_000)
    assert many < few + 0.5  # MiB; the payloads alone have 15
