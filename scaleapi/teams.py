"""Teams: the people who have access to an account."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Union

from scaleapi._core.calls import Calls
from scaleapi._core.enums import WireEnum
from scaleapi._core.models import ScaleObject
from scaleapi._core.params import required_enum, wire_list
from scaleapi._transport.endpoint import endpoint
from scaleapi._transport.response_checks import documents_of

Emails = Union[str, Iterable[str]]


class TeammateRole(WireEnum):
    """Role of a teammate, which says what a teammate may do."""

    Labeler = "labeler"
    Member = "member"
    Manager = "manager"
    Admin = "admin"


class Teammate(ScaleObject):
    """A person who has access to the account, or was invited.

    All attributes but `email` and `role` are None until an invited person has joined.

    Attributes:
        email: Email address, unique in the account.
        role: One of the values of `TeammateRole`, as a str.
        company: Company.
        first_name: First name.
        last_name: Last name.
        is_studio_labeler: Whether the person labels in Studio.
        expiry: When the access ends.
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
        """Change the role of the teammate. This object does not change.

        Args:
            new_role: The new role, as an enum member or a string.

        Returns:
            All teammates in their new state.
        """
        teammates: List[Teammate] = self._caller(
            "update_teammate_role"
        ).update_teammates_role([self.email], new_role)
        return teammates


_TEAMMATES = documents_of(Teammate)


class TeamCalls(Calls):
    """The team calls of `ScaleClient`."""

    def list_teammates(self) -> List[Teammate]:
        """Fetch all teammates."""
        path = endpoint("teams", expect=_TEAMMATES)
        return _teammates(self, self.api.get_request(path))

    def invite_teammates(
        self, emails: Emails, role: Union[TeammateRole, str]
    ) -> List[Teammate]:
        """Invite people to the account.

        Args:
            emails: One or several email addresses. Teammates are not invited again.
            role: The role of all of them, as an enum member or a string. It cannot be
                ``admin``, because an account has only one.

        Returns:
            All teammates in their new state.

        Raises:
            ScaleTypeError: `emails` is None, or `role` is neither an enum member nor a
                str.
        """
        # api-notes: teammates
        return _change(self, "invite", emails, role)

    def update_teammates_role(
        self, emails: Emails, role: Union[TeammateRole, str]
    ) -> List[Teammate]:
        """Change the role of teammates.

        Args:
            emails: One or several email addresses.
            role: The new role of all of them, as an enum member or a string.

        Returns:
            All teammates in their new state.

        Raises:
            ScaleTypeError: `emails` is None, or `role` is neither an enum member nor a
                str.
            ScaleResourceNotFound: An address in `emails` does not belong to a teammate.
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
