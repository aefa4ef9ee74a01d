"""Who asks: a client of the hub, or a user through one, with the rights of one access token."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from hub.access.limits import Allowance
from hub.access.scopes import atoms, groups_of, resources_of
from hub.errors import UnknownPurpose
from hub.tables import Group

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""Of the request that is being answered, for the logs; empty outside one."""


class Capability(NamedTuple):
    """What decides the shape of schemas and statements; viewers with an equal one share them."""

    role: str
    groups: frozenset[Group]
    resources: frozenset[str]


@dataclass(frozen=True, slots=True)
class Viewer:
    """``division_code``: 12 digits, the tree the client belongs to. ``organisation_id``: of ``contractor``.

    ``scopes`` are atoms (``hub.access.scopes``): those of the token that the registry still grants.
    ``purpose``: what the request is for, if it says so.
    """

    client_id: str
    role: str
    division_code: str | None
    organisation_id: int | None
    groups: frozenset[Group]
    resources: frozenset[str]
    scopes: frozenset[str]
    documents_only: bool = False
    """Nothing is answered but the client's trusted documents."""
    allowance: Allowance = field(default_factory=Allowance)
    purpose: str | None = None
    user_id: int | None = None
    """The user the client asks for; the rights are the user's then."""
    capability: Capability = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Once, since every request asks for it several times."""
        object.__setattr__(self, "capability", Capability(self.role, self.groups, self.resources))

    def asking_for(self, purpose: str | None) -> Viewer:
        """The viewer with what its request is for; UnknownPurpose unless its registration has it."""
        if purpose is None:
            return self
        if purpose in self.allowance.purposes:
            return replace(self, purpose=purpose)
        error = UnknownPurpose()
        error.details["purposes"] = sorted(self.allowance.purposes)
        raise error


def make_viewer(
    client_id: str,
    role: str,
    scopes: frozenset[str],
    *,
    division_code: str | None = None,
    organisation_id: int | None = None,
    documents_only: bool = False,
    allowance: Allowance | None = None,
    user_id: int | None = None,
) -> Viewer:
    """A viewer whose groups and resources follow from ``scopes``; the only place that derives them."""
    held = atoms(scopes)
    return Viewer(
        client_id,
        role,
        division_code,
        organisation_id,
        groups_of(held),
        resources_of(held),
        held,
        documents_only,
        allowance or Allowance(),
        user_id=user_id,
    )
