"""What puts a person on a list: memberships with their dates, and what the list says besides."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Final

from connectors.emulators.identity import age, years_before
from connectors.emulators.model import ListKind, Membership, Person
from connectors.emulators.neighbourhood import Neighbourhood
from hub.domain.vocabulary import (
    AbilityLevel,
    AbilityStandard,
    Category,
    DisabilityCategory,
    RiskLevel,
)

MONTHLY: Final[frozenset[ListKind]] = frozenset({"dibao", "tekun"})
"""Lists whose memberships begin on the first and end on the last day of a month."""

_RISKS: Final = (RiskLevel.LEVEL_1, RiskLevel.LEVEL_2, RiskLevel.LEVEL_3, None)
_NEW_LEVELS: Final = tuple(AbilityLevel)
_OLD_LEVELS: Final = tuple(AbilityLevel)[:4]
_SCHOOLS: Final = ("中心小学", "第一小学", "实验小学", "第二小学")
_IMPAIRMENTS: Final = tuple(DisabilityCategory)


def month_end(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def began(place: Neighbourhood, person: Person, days: int) -> dt.date:
    """A day up to ``days`` ago, and not before birth."""
    day = place.day_ago(days, 1)
    return max(day, person.birth_on) if person.birth_on else day


def ended(place: Neighbourhood, starts_on: dt.date, probability: float) -> dt.date | None:
    """Mostly None: the membership is open; else a day between the start and yesterday."""
    days = (place.today - starts_on).days
    if days < 40 or not place.maybe(probability):
        return None
    return starts_on + dt.timedelta(days=place.chance.randrange(30, days))


def on_elder_list(place: Neighbourhood, person: Person, category: Category) -> Person:
    starts_on = began(place, person, 1500)
    person.memberships.append(Membership("elder", category, starts_on, ended(place, starts_on, 0.02)))
    person.dossier_opened_on = starts_on
    if category == Category.DISABLED_DEMENTIA_ELDER:
        person.ability_standard = AbilityStandard.GB_T_42195_2022
        person.ability_level = place.chance.choice((AbilityLevel.SEVERE, AbilityLevel.COMPLETE))
    elif place.maybe(0.8):
        _assess(place, person)
    return person


def _assess(place: Neighbourhood, person: Person) -> None:
    old = place.maybe(0.3)
    person.ability_standard = AbilityStandard.MZ_T_039_2013 if old else AbilityStandard.GB_T_42195_2022
    levels, weights = (_OLD_LEVELS, (55, 28, 12, 5)) if old else (_NEW_LEVELS, (52, 26, 12, 7, 3))
    person.ability_level = place.chance.choices(levels, weights)[0]


def on_child_list(
    place: Neighbourhood, person: Person, *categories: Category, limit: int = 18, parents: bool = True
) -> Person:
    """One row of the list, whatever the number of categories; it ends before the birthday ``limit``."""
    starts_on = began(place, person, 1100)
    ends_on = ended(place, starts_on, 0.03)
    if person.birth_on and age(person.birth_on, place.today) >= limit:
        birthday = years_before(person.birth_on, -limit)
        starts_on = min(starts_on, years_before(birthday, 1))
        ends_on = birthday - dt.timedelta(days=1)
    person.memberships.extend(Membership("child", category, starts_on, ends_on) for category in categories)
    person.dossier_opened_on = starts_on
    person.risk_level = place.chance.choices(_RISKS, (6, 24, 60, 10))[0]
    person.guardian = place.guardian(person, parents=parents)
    if person.birth_on and age(person.birth_on, place.today) >= 6 and place.maybe(0.9):
        person.school = place.township.name + place.chance.choice(_SCHOOLS)
    return person


def on_disability_list(place: Neighbourhood, person: Person, category: Category) -> Person:
    impairment = place.chance.choice(_IMPAIRMENTS)
    grades = (1, 2) if category == Category.SEVERE_DISABLED else (3, 4)
    person.disability_category, person.disability_grade = impairment, place.chance.choice(grades)
    number = _IMPAIRMENTS.index(impairment) + 1
    person.disability_certificate = f"{person.id_number}{number}{person.disability_grade}"
    starts_on = began(place, person, 2500)
    person.memberships.append(Membership("disability", category, starts_on, ended(place, starts_on, 0.03)))
    return person


def on_other_list(place: Neighbourhood, person: Person, category: Category) -> Person:
    starts_on = began(place, person, 900)
    person.memberships.append(Membership("other", category, starts_on, ended(place, starts_on, 0.05)))
    return person


def on_temporary_aid_list(place: Neighbourhood, person: Person) -> Person:
    starts_on = began(place, person, 420)
    ends_on = starts_on + dt.timedelta(days=place.chance.randrange(30, 180))
    amount = place.yuan(600, 6000)
    person.memberships.append(Membership("temp_aid", Category.TEMP_AID, starts_on, ends_on, None, amount))
    return person


def on_relief_list(place: Neighbourhood, person: Person, category: Category, stays: float) -> Person:
    """People met on the street: a file number always, an address never; ``stays``: share still in care."""
    person.file_number = place.number("LL")
    person.division_code, person.address, person.phone = place.township.code, None, None
    starts_on = began(place, person, 700)
    days = place.chance.randrange(1, 15)
    leaves = starts_on + dt.timedelta(days=days)
    ends_on = None if place.maybe(stays) or leaves >= place.today else leaves
    person.memberships.append(Membership("vagrant", category, starts_on, ends_on))
    return person


# --- at the end ----------------------------------------------------------------------------------

_STATES_ETHNICITY: Final[frozenset[ListKind]] = frozenset(
    {"dibao", "tekun", "temp_aid", "child", "elder", "other"}
)
_STATES_PHONE: Final[frozenset[ListKind]] = frozenset(
    {"dibao", "tekun", "temp_aid", "elder", "disability", "other"}
)


def settle(place: Neighbourhood, person: Person) -> Person:
    """Death, and nothing known that no list says."""
    if person.birth_on and place.maybe(_mortality(age(person.birth_on, place.today))):
        _die(place, person)
    kinds = person.list_kinds
    if not kinds & _STATES_ETHNICITY:
        person.ethnicity_code = None
    if not kinds & _STATES_PHONE:
        person.phone = None
    return person


def _mortality(years: int) -> float:
    return 0.001 if years < 45 else 0.008 if years < 70 else 0.04


def _die(place: Neighbourhood, person: Person) -> None:
    """Three of ten deaths have not reached the bureau: the memberships stay open."""
    latest = max(membership.starts_on for membership in person.memberships)
    days = min(540, (place.today - latest).days)
    if days < 30 or (person.household and person.household.member_count > 1):
        return
    person.deceased_on = place.today - dt.timedelta(days=place.chance.randrange(3, days))
    if place.maybe(0.7):
        person.memberships = [closed(membership, person.deceased_on) for membership in person.memberships]


def closed(membership: Membership, on: dt.date) -> Membership:
    last = month_end(on) if membership.list_kind in MONTHLY else on
    if membership.ends_on is not None and membership.ends_on <= last:
        return membership
    return membership._replace(ends_on=last)
