"""Handlers of the operations on teammates."""

from __future__ import annotations

from typing import List

from scaleapi.sandbox.routes.body_values import required_string, required_strings
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError, invalid

#: An account has one admin from the start, and nobody else becomes one.
#: api-notes: teammates
_ROLES = ("labeler", "member", "manager")


def list_teammates(context: RequestContext) -> List[Document]:
    return context.store.people.all()


def invite(context: RequestContext) -> List[Document]:
    people = context.store.people
    emails, role = required_strings(context.object, "emails"), _role(context)
    for email in emails:
        if people.get(email) is None:
            people.save(_with_role({"email": email}, role))
    return people.all()


def set_role(context: RequestContext) -> List[Document]:
    people = context.store.people
    emails, role = required_strings(context.object, "emails"), _role(context)
    for email in emails:
        teammate = known_teammate(context, email)
        if teammate["role"] == "admin":
            raise ApiError(400, f'"{email}" is the only admin, and has to stay one')
        people.save(_with_role(teammate, role))
    return people.all()


def known_teammate(context: RequestContext, email: str) -> Document:
    """Return the teammate of this address.

    Raises:
        ApiError: No teammate has the address `email`; the status is 404.
    """
    teammate = context.store.people.get(email)
    if teammate is None:
        raise ApiError(404, f'Teammate "{email}" not found')
    return teammate


def _role(context: RequestContext) -> str:
    role = required_string(context.object, "team_role")
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
