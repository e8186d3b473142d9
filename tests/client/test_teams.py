"""Members of the team: invitations and roles."""

from __future__ import annotations

import pytest

from scaleapi import (
    ScaleClient,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
    TeammateRole,
)

ANNA, BERT = "anna@example.com", "bert@example.com"


def test_invite_teammates_and_update_teammates_role(client: ScaleClient) -> None:
    (owner,) = client.list_teammates()
    assert owner.role == TeammateRole.Admin
    assert (owner.first_name, owner.is_studio_labeler) == ("Ada", False)
    mates = client.invite_teammates([ANNA, BERT, ANNA], TeammateRole.Labeler)
    assert [mate.email for mate in mates] == [owner.email, ANNA, BERT]
    anna = mates[1]
    assert (anna.role, anna.is_studio_labeler) == ("labeler", True)
    assert (anna.company, anna.last_name, anna.expiry) == (None, None, None)
    assert str(anna) == f"Teammate(email={ANNA})"
    client.invite_teammates(ANNA, "manager")  # known already: changes nothing
    assert client.list_teammates()[1].role == "labeler"

    assert anna.update_teammate_role(TeammateRole.Member)[1].role == "member"
    assert anna.role == "labeler"  # this object does not change
    assert client.update_teammates_role([BERT], "manager")[2].role == "manager"
    assert client.list_teammates() == mates
    with pytest.raises(ScaleInvalidRequest, match="team_role"):
        client.invite_teammates(["c@example.com"], TeammateRole.Admin)
    with pytest.raises(ScaleResourceNotFound, match="not found"):
        client.update_teammates_role(["nobody@example.com"], "member")
    with pytest.raises(TypeError, match="role must be"):
        client.invite_teammates([ANNA], 7)  # type: ignore[arg-type]
