"""Purposes: what a request is for, on which legal basis, and which groups of columns that opens.

The registry and its grants are rows (``hub.tables.purpose``). Here is what they mean for one client at one
moment: worked out when a token is looked up, and not for each request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hub.access.slices import DEMANDED
from hub.errors import NoPurpose, OtherPurpose, PurposeEnded, UnknownPurpose
from hub.tables import Group

CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
"""As a request and a token name a purpose."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One that a client is granted. ``since`` and ``until``, of it or of the grant, in seconds since 1970.

    ``units``: those of a minute of its own; None where it spends the client's. ``usual``: requests that name
    none are for it. ``legal_basis``: a name of ``LegalBasis``; None of those from before the registry.
    """

    code: str
    label_zh: str
    label_en: str
    legal_basis: str | None = None
    citation: str | None = None
    roles: frozenset[str] = frozenset()
    opens: frozenset[Group] = frozenset()
    since: float = 0.0
    until: float | None = None
    units: int | None = None
    questions_per_minute: int | None = None
    """Persons asked about for it, counted by themselves, as of a day; None where it spends the client's."""
    questions_per_day: int | None = None
    usual: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """What one client may ask for now. ``ended``: codes of what it might have asked for before.

    ``usual``: code of the purpose of requests that name none. ``needed``: each request must have one.
    ``fixed``: what the token was issued for, which no request can change.
    """

    live: tuple[Purpose, ...] = ()
    ended: frozenset[str] = frozenset()
    usual: str | None = None
    needed: bool = False
    fixed: str | None = None

    def stated(self, code: str | None) -> Purpose | None:
        """The purpose of a request that names ``code``, or names none; None where it need not have one.

        UnknownPurpose, or one of its kinds, says what is granted.
        """
        if code is not None and self.fixed not in (None, code):
            raise self._refused(OtherPurpose(), (self.fixed,))
        code = code if code is not None else self.fixed or self.usual
        if code is None:
            if self.needed:
                raise self._refused(NoPurpose())
            return None
        for purpose in self.live:
            if purpose.code == code:
                return purpose
        raise self._refused(PurposeEnded() if code in self.ended else UnknownPurpose())

    def _refused(self, error: UnknownPurpose, instead: Iterable[str | None] | None = None) -> UnknownPurpose:
        codes = sorted(filter(None, (p.code for p in self.live) if instead is None else instead))
        error.details["purposes"] = codes
        error.message += f" {'Granted: ' + ', '.join(codes) if codes else 'None is granted'}."
        error.message_zh += f"；{'可用用途：' + '、'.join(codes) if codes else '尚未授予任何用途'}"
        return error


NOTHING_GRANTED: Final = Granted()


def granted(
    purposes: Iterable[Purpose], role: str, now: float, *, needed: bool = False, fixed: str | None = None
) -> Granted:
    """What of a client's ``purposes`` somebody in ``role`` may state ``now``."""
    all_ = [p for p in purposes if role in p.roles and p.since <= now]
    return Granted(
        tuple(p for p in all_ if p.until is None or p.until > now),
        frozenset(p.code for p in all_ if p.until is not None and p.until <= now),
        next((p.code for p in all_ if p.usual), None),
        needed,
        fixed,
    )


def open_groups(role: str, held: frozenset[Group], opened: frozenset[Group]) -> frozenset[Group]:
    """Of the groups that scopes give, those left for a request whose purpose opens ``opened``."""
    return held - (DEMANDED.get(role, frozenset()) - opened)


def opened_by(purposes: Iterable[Purpose]) -> frozenset[Group]:
    """By one or another of them."""
    return frozenset(group for purpose in purposes for group in purpose.opens)
