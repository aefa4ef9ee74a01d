"""Groups of the two household rosters: 城乡低保 and 特困."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from connectors.emulators import marks
from connectors.emulators.identity import age
from connectors.emulators.model import Membership, Person
from connectors.emulators.neighbourhood import Neighbourhood
from hub.domain.vocabulary import Category, SelfCare, Sex, SupportMode

_HEAD, _SPOUSE = "02", "10"
_CHILD_OF: Final = {True: "20", False: "30"}
_PARENT_OF: Final = {True: "51", False: "52"}
_GRANDCHILD_OF: Final = {True: "41", False: "42"}
_SIZES: Final = ((1, 2, 3, 4, 5, 6), (34, 27, 19, 12, 5, 3))


def dibao_household(place: Neighbourhood, room: int) -> list[Person]:
    """One to six members; the whole household is approved, so every member is on the roster."""
    size = min(room, place.chance.choices(*_SIZES)[0])
    head = place.person(32, 78)
    head.relation_code = _HEAD
    members = [head]
    while len(members) < size:
        members.append(_member(place, head, len(members)))
    starts_on = place.month_start(84, 1)
    checked_on = place.day_ago(min(400, (place.today - starts_on).days)) if place.maybe(0.9) else None
    household = place.household(head, "DB", checked_on)
    household.member_count = size
    ends_on = marks.ended(place, starts_on, 0.08)
    amount = place.yuan(300, 900)
    for member in members:
        member.household = household
        member.memberships.append(_dibao(member, starts_on, ends_on, amount, household.certificate_number))
    return [_on_further_lists(place, member) for member in members]


def _dibao(
    member: Person, starts_on: dt.date, ends_on: dt.date | None, amount: Decimal, certificate: str
) -> Membership:
    starts_on = max(starts_on, member.birth_on or starts_on)
    if ends_on is not None:
        ends_on = marks.month_end(max(ends_on, starts_on))
    return Membership("dibao", Category.DIBAO, starts_on, ends_on, None, amount, certificate)


def _member(place: Neighbourhood, head: Person, number: int) -> Person:
    """The spouse first; then children of a younger head, grandchildren of an older one, a parent at last."""
    years = age(head.birth_on, place.today) if head.birth_on else 50
    male = place.maybe(0.5)
    if number == 1 and place.maybe(0.65):
        other = head.sex != Sex.MALE
        spouse = place.relative(head, max(22, years - 6), years + 4, other, heir=False)
        spouse.relation_code = _SPOUSE
        return spouse
    if number >= 3 and years < 58 and place.maybe(0.4):
        return _related(place.relative(head, years + 22, years + 32, male), _PARENT_OF[male])
    if years >= 58:
        return _related(place.relative(head, 2, years - 42, male), _GRANDCHILD_OF[male])
    return _related(place.relative(head, 0, max(1, years - 24), male), _CHILD_OF[male])


def _related(member: Person, code: str) -> Person:
    member.relation_code = code
    return member


def _on_further_lists(place: Neighbourhood, member: Person) -> Person:
    years = age(member.birth_on, place.today) if member.birth_on else 40
    if years < 18 and place.maybe(0.55):
        extra = (Category.CHILD_IN_DIFFICULTY,) if place.maybe(0.2) else ()
        marks.on_child_list(place, member, Category.DIBAO_CHILD, *extra)
    elif years >= 80 and place.maybe(0.5):
        marks.on_elder_list(place, member, Category.ADVANCED_AGE_ELDER)
    elif years >= 60 and place.maybe(0.25):
        marks.on_elder_list(place, member, Category.POOR_ELDER)
    if place.maybe(0.09):
        severe = place.maybe(0.6)
        marks.on_disability_list(place, member, Category.SEVERE_DISABLED if severe else Category.DISABLED)
    if 18 <= years < 60 and place.maybe(0.02):
        marks.on_other_list(place, member, Category.MENTAL_DISORDER)
    if years >= 18 and place.maybe(0.02):
        marks.on_temporary_aid_list(place, member)
    return member


def tekun_household(place: Neighbourhood, room: int) -> list[Person]:
    """Mostly one person, old or severely disabled; sometimes brother and sister."""
    old = place.maybe(0.8)
    head = place.person(61, 93) if old else place.person(19, 58)
    head.relation_code = _HEAD
    members = [head]
    if room > 1 and place.maybe(0.08):
        years = age(head.birth_on, place.today) if head.birth_on else 60
        male = place.maybe(0.5)
        sibling = place.relative(head, max(19, years - 8), years + 1, male)
        members.append(_related(sibling, "73" if male else "77"))
    household = place.household(head, "TK", None)
    household.member_count = len(members)
    for member in members:
        member.household = household
        _tekun(place, member, household.certificate_number)
    return members


def _tekun(place: Neighbourhood, member: Person, certificate: str) -> None:
    starts_on = max(place.month_start(120, 1), member.birth_on or dt.date.min)
    ends_on = marks.ended(place, starts_on, 0.04)
    mode = SupportMode.INSTITUTION if place.maybe(0.28) else SupportMode.SCATTERED
    member.self_care = place.chance.choices(tuple(SelfCare), (60, 24, 16))[0]
    member.memberships.append(
        Membership(
            "tekun",
            Category.TEKUN,
            starts_on,
            marks.month_end(ends_on) if ends_on else None,
            mode,
            place.yuan(900, 1900),
            certificate,
        )
    )
    years = age(member.birth_on, place.today) if member.birth_on else 60
    if years >= 60 and place.maybe(0.9):
        marks.on_elder_list(place, member, Category.TEKUN_ELDER)
    if years < 60 or place.maybe(0.12):
        marks.on_disability_list(place, member, Category.SEVERE_DISABLED)
