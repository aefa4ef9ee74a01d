"""Who asks: a client of the hub, or a user through one, with the rights of one access token."""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from hub.access.limits import Allowance
from hub.access.purposes import NOTHING_GRANTED, Granted, Purpose, open_groups
from hub.access.scopes import acts_of, atoms, groups_of, resources_of
from hub.store.roles import OLDER
from hub.tables import Group

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""Of the request that is being answered, for the logs; empty outside one."""


class Capability(NamedTuple):
    """What decides the shape of schemas and statements; viewers with an equal one share them."""

    role: str
    groups: frozenset[Group]
    resources: frozenset[str]
    acts: frozenset[str] = frozenset()
    """Atoms of scopes that do something: which mutations there are."""

    @property
    def reader(self) -> str:
        """Whose slices and login it reads by: key of ``SLICES``."""
        return self.role if "minor" in self.groups else OLDER.get(self.role, self.role)


class Emergency(NamedTuple):
    """Emergency access a request is made by: its number, its people, and when it ends by itself."""

    number: int
    people: tuple[int, ...]
    ends_at: dt.datetime
    opener: tuple[str, str | None, int | None]
    """Role, division and organisation it was opened in, which whoever reads by it still has."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """``division_code``: 12 digits, the tree the client belongs to. ``organisation_id``: of ``contractor``.

    ``scopes`` are atoms (``hub.access.scopes``): those of the token that the registry still grants.
    ``groups``: what they open, without what only a purpose opens that this one does not state.
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
    granted: Granted = NOTHING_GRANTED
    """What it may ask for."""
    stated: Purpose | None = None
    """What it asks for."""
    user_id: int | None = None
    """The user the client asks for; the rights are the user's then."""
    person_keys: frozenset[int] = frozenset()
    """Numbers of the keys whose tokens of persons are taken from the client (``hub.access.persons``)."""
    is_barred: bool = False
    """It may ask about nobody by number until somebody decides."""
    emergency: Emergency | None = None
    purpose: str | None = field(init=False, compare=False)
    """The code of ``stated``."""
    capability: Capability = field(init=False, repr=False, compare=False)
    reader: str = field(init=False, repr=False, compare=False)
    """As of its capability."""
    _asking: dict[str | None, Viewer] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Once, since every request asks for it several times."""
        made = Capability(self.role, self.groups, self.resources, acts_of(self.scopes))
        object.__setattr__(self, "capability", made)
        object.__setattr__(self, "reader", made.reader)
        object.__setattr__(self, "purpose", self.stated and self.stated.code)
        object.__setattr__(self, "_asking", {})

    @property
    def cause(self) -> str | None:
        """What the access log says it was for."""
        if self.emergency is None:
            return self.purpose
        return f"emergency:{self.emergency.number}" + (f" {self.purpose}" if self.purpose else "")

    def asking_for(self, code: str | None) -> Viewer:
        """The viewer of a request that names this purpose, or none: UnknownPurpose where it may not.

        Made once for each purpose, so that a request pays for a look into a dictionary.
        """
        found = self._asking.get(code)
        if found is None:
            stated = self.granted.stated(code)
            found = self._asking[code] = self if stated is None else self.stating(stated)
        return found

    def stating(self, purpose: Purpose) -> Viewer:
        groups = open_groups(self.role, groups_of(self.scopes), purpose.opens)
        return replace(self, groups=groups, stated=purpose)


def make_viewer(
    client_id: str,
    role: str,
    scopes: frozenset[str],
    *,
    division_code: str | None = None,
    organisation_id: int | None = None,
    documents_only: bool = False,
    allowance: Allowance | None = None,
    granted: Granted = NOTHING_GRANTED,
    opened: frozenset[Group] = frozenset(),
    user_id: int | None = None,
    emergency: Emergency | None = None,
    person_keys: frozenset[int] = frozenset(),
    is_barred: bool = False,
) -> Viewer:
    """A viewer whose groups and resources follow from ``scopes``; the only place that derives them.

    ``opened``: groups it has as if it stated a purpose that opens them.
    """
    held = atoms(scopes)
    return Viewer(
        client_id,
        role,
        division_code,
        organisation_id,
        open_groups(role, groups_of(held), opened),
        resources_of(held),
        held,
        documents_only,
        allowance or Allowance(),
        granted,
        user_id=user_id,
        person_keys=person_keys,
        is_barred=is_barred,
        emergency=emergency,
    )
