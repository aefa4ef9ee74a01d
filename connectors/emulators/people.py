"""服务对象: families, children, elders, disabled people, people on the street, township by township.

A township is a stream of *groups*: people who belong together and share what lists say of them.
Which kind of group comes next is drawn by the county's profile; the first groups of a county are
dealt out so that every one of the 31 categories occurs. Every draw comes from a generator seeded
with the township's code, so a township is the same whether or not others are read before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import accumulate
from random import Random
from typing import Final

from connectors.emulators import families, groups, marks
from connectors.emulators.model import County, Person, Township
from connectors.emulators.neighbourhood import Neighbourhood

Group = Callable[[Neighbourhood, int], list[Person]]
"""Makes at most as many people as asked."""

_PROFILE: Final[tuple[tuple[Group, float, float], ...]] = (
    # group, weight in towns and villages, weight in city districts
    (families.dibao_household, 20.0, 11.0),
    (families.tekun_household, 8.0, 3.0),
    (groups.temporary_aid, 3.5, 3.0),
    (groups.left_behind_child, 7.0, 0.6),
    (groups.migrant_child, 1.5, 4.0),
    (groups.orphan, 1.0, 0.6),
    (groups.unattended_child, 1.6, 0.8),
    (groups.child_in_difficulty, 3.0, 2.5),
    (groups.harmed_child, 0.3, 0.3),
    (groups.adopted_child, 0.3, 0.3),
    (groups.left_behind_elder, 6.0, 0.6),
    (groups.empty_nest_elder, 5.0, 12.0),
    (groups.living_alone_elder, 3.5, 9.0),
    (groups.advanced_age_elder, 11.0, 16.0),
    (groups.lonely_elder, 0.8, 0.8),
    (groups.dementia_elder, 2.0, 3.0),
    (groups.poor_elder, 2.0, 1.5),
    (groups.severely_disabled, 5.0, 4.0),
    (groups.disabled, 4.0, 5.0),
    (groups.vagrant, 0.6, 1.6),
    (groups.unnamed_vagrant, 0.3, 0.8),
    (groups.vagrant_minor, 0.1, 0.2),
    (groups.in_temporary_trouble, 0.4, 1.0),
    (groups.tekun_family_member, 0.7, 0.4),
    (groups.mental_disorder, 1.5, 1.5),
    (groups.violence_victim, 0.2, 0.4),
    (groups.left_behind_woman, 1.0, 0.1),
    (groups.crisis_victim, 0.2, 0.2),
    (groups.institution_resident, 0.5, 0.8),
    (groups.otherwise_funded, 0.5, 0.6),
)


def people(county: County, township: Township, seed: int, today: dt.date) -> Iterator[Person]:
    """Exactly ``township.people`` people, without assignments and visits."""
    chance = Random(f"{seed}:people:{township.code}")
    place = Neighbourhood(county, township, chance, today)
    kinds = [group for group, _, _ in _PROFILE]
    weights = list(accumulate(city if county.urban else country for _, country, city in _PROFILE))
    dealt = iter(_dealt(county, township))
    left = township.people
    while left > 0:
        group = next(dealt, None) or chance.choices(kinds, cum_weights=weights)[0]
        for person in group(place, left):
            person.key = f"{township.code[:9]}-{township.people - left:06d}"
            left -= 1
            yield marks.settle(place, person)


def _dealt(county: County, township: Township) -> list[Group]:
    """Each kind of group once in a county, at one of its townships."""
    at = county.townships.index(township)
    return [group for group, _, _ in _PROFILE][at :: len(county.townships)]
