"""Team calls."""

from __future__ import annotations

from typing import List

from scaleapi.sandbox.routes.context import Call, invalid, required_text, required_texts
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError

#: An account has one admin, who is there from the start (contract 6.12).
_ROLES = ("labeler", "member", "manager")


def list_teammates(call: Call) -> List[Document]:
    return call.books.people.all()


def invite(call: Call) -> List[Document]:
    people = call.books.people
    emails, role = required_texts(call.object, "emails"), _role(call)
    for email in emails:
        if people.get(email) is None:
            people.save(_with_role({"email": email}, role))
    return people.all()


def set_role(call: Call) -> List[Document]:
    people = call.books.people
    emails, role = required_texts(call.object, "emails"), _role(call)
    for email in emails:
        teammate = known_teammate(call, email)
        if teammate["role"] == "admin":
            raise ApiError(400, f'"{email}" is the only admin, and has to stay one')
        people.save(_with_role(teammate, role))
    return people.all()


def known_teammate(call: Call, email: str) -> Document:
    """Return the teammate of this address.

    Raises:
        ApiError: There is none.
    """
    teammate = call.books.people.get(email)
    if teammate is None:
        raise ApiError(404, f'Teammate "{email}" not found')
    return teammate


def _role(call: Call) -> str:
    role = required_text(call.object, "team_role")
    if role not in _ROLES:
        raise invalid(f'"team_role" must be one of {", ".join(_ROLES)}')
    return role


def _with_role(teammate: Document, role: str) -> Document:
    return {
        "disableRapidEmails": False,
        **teammate,
        "role": role,
        "isStudioLabeler": role == "labeler",
    }
