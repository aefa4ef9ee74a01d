"""What the systems of the demo tell of a county, and so its rosters do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from connectors.emulators.drop import ELDER_SUBSIDY
from connectors.emulators.model import Membership, Person
from connectors.emulators.rosters import Elsewhere
from hub.domain.vocabulary import Category

HOUSEHOLD_LISTS: Final = ("dibao", "tekun")


def assistance(person: Person, membership: Membership) -> bool:
    """低保 and 特困 of people with a number."""
    of_household = membership.list_kind in HOUSEHOLD_LISTS and person.household is not None
    return of_household and person.id_number is not None


def assistance_asked_about(person: Person, membership: Membership) -> bool:
    """The same of those who live alone and whom the hub knows by another list: it asks about nobody else."""
    alone = person.household is not None and person.household.member_count == 1
    others = (m for m in person.memberships if m.list_kind not in HOUSEHOLD_LISTS)
    return assistance(person, membership) and alone and any(m.ends_on is None for m in others)


def numbered_children(person: Person, membership: Membership) -> bool:
    return membership.list_kind == "child" and person.id_number is not None


def street(person: Person, membership: Membership) -> bool:
    return membership.list_kind == "vagrant"


def disability(person: Person, membership: Membership) -> bool:
    return membership.list_kind == "disability" and person.disability_certificate is not None


def paid_elders(person: Person, membership: Membership) -> bool:
    """The subsidies for the elderly of people with a number."""
    return membership.category in ELDER_SUBSIDY and person.id_number is not None


def other_classes(person: Person, membership: Membership) -> bool:
    """What is monitored and receives no 低保 or 特困, which the rosters tell."""
    return membership.category not in (Category.DIBAO, Category.TEKUN)


def only(people: Iterable[Person], told: Elsewhere) -> list[Person]:
    """Everybody with nothing but what is told."""
    return [replace(p, memberships=[m for m in p.memberships if told(p, m)]) for p in people]
