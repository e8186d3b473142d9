"""Teams: the people of an account."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Union

from scaleapi._core.calls import Calls
from scaleapi._core.enums import WireEnum
from scaleapi._core.models import ScaleObject
from scaleapi._core.params import required_enum, wire_list
from scaleapi._transport.endpoint import endpoint
from scaleapi._transport.expectations import documents_of

Emails = Union[str, Iterable[str]]


class TeammateRole(WireEnum):
    """What a teammate may do."""

    Labeler = "labeler"
    Member = "member"
    Manager = "manager"
    Admin = "admin"


class Teammate(ScaleObject):
    """One of the people of an account.

    Attributes:
        email: Address that tells them apart.
        role: One of the values of `TeammateRole`, as plain text.
        company: None, like all that follow, for people who were only invited.
        first_name: First name.
        last_name: Last name.
        is_studio_labeler: Whether they label in Studio.
        expiry: When their access ends.
    """

    _identity_key = "email"

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.email: str = json["email"]
        self.role: str = self._value("role")
        self.company: Optional[str] = self._value("company")
        self.first_name: Optional[str] = self._value("firstName")
        self.last_name: Optional[str] = self._value("lastName")
        self.is_studio_labeler: Optional[bool] = self._value("isStudioLabeler")
        self.expiry: Optional[str] = self._value("expiry")

    def update_teammate_role(
        self, new_role: Union[TeammateRole, str]
    ) -> List[Teammate]:
        """Give the teammate another role. This object does not change.

        Returns:
            All teammates, as they are now.
        """
        teammates: List[Teammate] = self._caller(
            "update_teammate_role"
        ).update_teammates_role([self.email], new_role)
        return teammates


_TEAMMATES = documents_of(Teammate)


class TeamCalls(Calls):
    """The team calls of `ScaleClient`."""

    def list_teammates(self) -> List[Teammate]:
        """Fetch all people of the account."""
        path = endpoint("teams", expect=_TEAMMATES)
        return _teammates(self, self.api.get_request(path))

    def invite_teammates(
        self, emails: Emails, role: Union[TeammateRole, str]
    ) -> List[Teammate]:
        """Invite people to the account.

        Args:
            emails: Their addresses; known ones are passed over.
            role: Their role, as enum member or string; an account has one
                admin, so not that.

        Returns:
            All teammates, as they are now.
        """
        return _change(self, "invite", emails, role)

    def update_teammates_role(
        self, emails: Emails, role: Union[TeammateRole, str]
    ) -> List[Teammate]:
        """Give people another role.

        Args:
            emails: Their addresses.
            role: Their new role, as enum member or string.

        Returns:
            All teammates, as they are now.

        Raises:
            ScaleResourceNotFound: An address is not that of a teammate.
        """
        return _change(self, "set_role", emails, role)


def _change(
    client: TeamCalls, change: str, emails: Emails, role: Union[TeammateRole, str]
) -> List[Teammate]:
    body = {
        "emails": wire_list("emails", emails),
        "team_role": required_enum("role", role),
    }
    path = endpoint("teams", change, expect=_TEAMMATES, idempotent=True)
    answer = client.api.post_request(path, body=body)
    return _teammates(client, answer)


def _teammates(client: TeamCalls, answer: List[Dict[str, Any]]) -> List[Teammate]:
    return [Teammate(json, client) for json in answer]
