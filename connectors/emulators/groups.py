"""Groups of the other rosters: children, elders, disabled people, people on the street, others."""

from __future__ import annotations

from collections.abc import Callable

from connectors.emulators import marks
from connectors.emulators.model import Person
from connectors.emulators.neighbourhood import Neighbourhood
from hub.domain.text import UNNAMED
from hub.domain.vocabulary import Category, Sex

_Made = list[Person]
_Group = Callable[[Neighbourhood, int], _Made]


# --- children ------------------------------------------------------------------------------------


def _child(*categories: Category, youngest: int = 1, limit: int = 18, parents: bool = True) -> _Group:
    """Now and then somebody just too old, whose membership has ended; rarely one without a number."""

    def make(place: Neighbourhood, room: int) -> _Made:
        oldest = limit + 1 if place.maybe(0.06) else limit - 1
        child = place.person(youngest, oldest)
        child.phone = None
        if place.maybe(0.006):
            child.id_number, child.file_number = None, place.number("ET")
        return [marks.on_child_list(place, child, *categories, limit=limit, parents=parents)]

    return make


migrant_child = _child(Category.MIGRANT_CHILD, limit=16)
orphan = _child(Category.ORPHAN, parents=False)
unattended_child = _child(Category.DE_FACTO_UNATTENDED, parents=False)
child_in_difficulty = _child(Category.CHILD_IN_DIFFICULTY)
harmed_child = _child(Category.HARMED_CHILD, Category.CHILD_IN_DIFFICULTY, youngest=4, parents=False)
adopted_child = _child(Category.ADOPTED_CHILD, youngest=0)


def left_behind_child(place: Neighbourhood, room: int) -> _Made:
    """One or two children, and sometimes the grandparent they were left with, who is on a list too."""
    child = place.person(2, 16)
    extra = (Category.CHILD_IN_DIFFICULTY,) if place.maybe(0.12) else ()
    made = [marks.on_child_list(place, child, Category.LEFT_BEHIND_CHILD, *extra, limit=16, parents=False)]
    if room > 1 and place.maybe(0.3):
        sibling = place.relative(child, 1, 15, place.maybe(0.5))
        marks.on_child_list(place, sibling, Category.LEFT_BEHIND_CHILD, limit=16, parents=False)
        sibling.guardian = child.guardian
        made.append(sibling)
    if room > 2 and place.maybe(0.25):
        grandparent = place.relative(child, 61, 79, place.maybe(0.5))
        made.append(marks.on_elder_list(place, grandparent, Category.LEFT_BEHIND_ELDER))
    return made


# --- elders --------------------------------------------------------------------------------------


def _elder(category: Category, youngest: int, oldest: int) -> _Group:
    def make(place: Neighbourhood, room: int) -> _Made:
        elder = marks.on_elder_list(place, place.person(youngest, oldest), category)
        if place.maybe(0.08):
            marks.on_disability_list(place, elder, Category.DISABLED)
        if place.maybe(0.02):
            marks.on_temporary_aid_list(place, elder)
        return [elder]

    return make


left_behind_elder = _elder(Category.LEFT_BEHIND_ELDER, 60, 86)
living_alone_elder = _elder(Category.LIVING_ALONE_ELDER, 62, 92)
advanced_age_elder = _elder(Category.ADVANCED_AGE_ELDER, 80, 99)
lonely_elder = _elder(Category.LONELY_ELDER, 66, 94)
dementia_elder = _elder(Category.DISABLED_DEMENTIA_ELDER, 66, 96)
poor_elder = _elder(Category.POOR_ELDER, 60, 84)


def empty_nest_elder(place: Neighbourhood, room: int) -> _Made:
    """Often a couple."""
    first = marks.on_elder_list(place, place.person(62, 84, male=True), Category.EMPTY_NEST_ELDER)
    if room < 2 or place.maybe(0.4):
        return [first]
    second = place.relative(first, 60, 82, male=False, heir=False)
    return [first, marks.on_elder_list(place, second, Category.EMPTY_NEST_ELDER)]


# --- people in hardship ----------------------------------------------------------------------------


def temporary_aid(place: Neighbourhood, room: int) -> _Made:
    return [marks.on_temporary_aid_list(place, place.person(18, 70))]


def severely_disabled(place: Neighbourhood, room: int) -> _Made:
    return [marks.on_disability_list(place, place.person(8, 78), Category.SEVERE_DISABLED)]


def disabled(place: Neighbourhood, room: int) -> _Made:
    return [marks.on_disability_list(place, place.person(10, 82), Category.DISABLED)]


def _other(category: Category, youngest: int, oldest: int, *, woman: bool = False) -> _Group:
    def make(place: Neighbourhood, room: int) -> _Made:
        person = place.person(youngest, oldest, male=False if woman else None)
        return [marks.on_other_list(place, person, category)]

    return make


tekun_family_member = _other(Category.TEKUN_FAMILY, 20, 70)
mental_disorder = _other(Category.MENTAL_DISORDER, 18, 68)
violence_victim = _other(Category.DV_VICTIM, 20, 58, woman=True)
left_behind_woman = _other(Category.LEFT_BEHIND_WOMAN, 22, 54, woman=True)
crisis_victim = _other(Category.CRISIS_VICTIM, 12, 70)
institution_resident = _other(Category.WELFARE_INSTITUTION_RESIDENT, 3, 92)
otherwise_funded = _other(Category.OTHER_FUNDED, 18, 80)


# --- people on the street ----------------------------------------------------------------------------


def vagrant(place: Neighbourhood, room: int) -> _Made:
    """Somebody who says a name; half of them have papers."""
    person = place.person(19, 70)
    if place.maybe(0.5):
        person.id_number = None
        person.birth_on = person.birth_on if place.maybe(0.4) else None
    return [marks.on_relief_list(place, person, Category.VAGRANT, stays=0.2)]


def unnamed_vagrant(place: Neighbourhood, room: int) -> _Made:
    person = place.person(25, 80, male=place.maybe(0.8))
    person.name, person.id_number, person.birth_on = UNNAMED, None, None
    if place.maybe(0.1):
        person.sex = Sex.UNKNOWN
    return [marks.on_relief_list(place, person, Category.VAGRANT, stays=0.5)]


def vagrant_minor(place: Neighbourhood, room: int) -> _Made:
    person = place.person(9, 17)
    if place.maybe(0.5):
        person.id_number = None
    return [marks.on_relief_list(place, person, Category.VAGRANT_MINOR, stays=0.3)]


def in_temporary_trouble(place: Neighbourhood, room: int) -> _Made:
    return [marks.on_relief_list(place, place.person(18, 75), Category.TEMP_TROUBLED, stays=0.0)]
