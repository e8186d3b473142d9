"""Roles of teammates are checked before anything is changed."""

from __future__ import annotations

from typing import List

import pytest

from tests.sandbox.calling import Caller


@pytest.mark.parametrize("path", ["teams/invite", "teams/set_role"])
@pytest.mark.parametrize("emails", [[], ["new@example.com"]])
def test_the_role_admin_is_rejected(call: Caller, path: str, emails: List[str]) -> None:
    body = {"emails": emails, "team_role": "admin"}
    assert call("POST", path, json=body)[0] == 400
    assert len(call("GET", "teams")[1]) == 1


def test_the_role_of_the_admin_cannot_be_changed(call: Caller) -> None:
    (owner,) = call("GET", "teams")[1]
    body = {"emails": [owner["email"]], "team_role": "member"}
    assert call("POST", "teams/set_role", json=body)[0] == 400
    assert call("GET", "teams")[1] == [owner]
