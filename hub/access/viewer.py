"""Who asks: a client of the hub with the rights of one access token."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, NamedTuple

from hub.access.scopes import atoms, groups_of, resources_of
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

    @property
    def capability(self) -> Capability:
        return Capability(self.role, self.groups, self.resources)


def make_viewer(
    client_id: str,
    role: str,
    scopes: frozenset[str],
    *,
    division_code: str | None = None,
    organisation_id: int | None = None,
    documents_only: bool = False,
) -> Viewer:
    """A viewer whose groups and resources follow from ``scopes``; the only place that derives them."""
    held = atoms(scopes)
    groups, resources = groups_of(held), resources_of(held)
    return Viewer(client_id, role, division_code, organisation_id, groups, resources, held, documents_only)
