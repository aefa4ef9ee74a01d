"""``beneficiaryStatus``: entitled on a day or not, for the people of one's own area, and nothing else."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pytest

from connectors.emulators.model import Person
from hub.domain.vocabulary import Category
from tests.e2e.conftest import TODAY, Filled

PROGRAMMES: Final = (
    Category.DIBAO,
    Category.TEKUN,
    Category.TEMP_AID,
    Category.ORPHAN,
    Category.DE_FACTO_UNATTENDED,
    Category.SEVERE_DISABLED,
    Category.DISABLED,
)
AGENCY: Final = "agency-medical-insurance"
A_QUERY: Final = 60


class Question(NamedTuple):
    number: str
    programme: str
    on: dt.date
    entitled: bool


def questions(people: list[Person], area: str) -> Iterator[Question]:
    """Every programme on the first and last day of every membership, the day before and after, and today."""
    for person in people:
        days = {TODAY}
        for membership in person.memberships:
            for day in filter(None, (membership.starts_on, membership.ends_on)):
                days |= {day - dt.timedelta(days=1), day, day + dt.timedelta(days=1)}
        for programme in PROGRAMMES:
            for on in sorted(day for day in days if day <= TODAY):
                entitled = person.division_code.startswith(area) and person.is_in(programme, on)
                yield Question(person.id_number or "", programme.value, on, entitled)


def some_people(filled: Filled, county: str, count: int, seed: int) -> list[Person]:
    """Drawn by chance, and one in each programme at least."""
    known = [person for person in filled.world.people(county) if person.id_number]
    chance = random.Random(seed)
    chosen = {person.id_number: person for person in chance.sample(known, count)}
    for programme in PROGRAMMES:
        found = [person for person in known if programme in person.categories]
        chosen |= {person.id_number: person for person in chance.sample(found, min(1, len(found)))}
    return list(chosen.values())


async def told(filled: Filled, who: str, asked: list[Question]) -> list[bool]:
    answers: list[bool] = []
    for start in range(0, len(asked), A_QUERY):
        part = asked[start : start + A_QUERY]
        declared = ", ".join(f"$n{i}: String!, $p{i}: Programme!, $d{i}: Date" for i in range(len(part)))
        fields = " ".join(
            f"a{i}: beneficiaryStatus(idNumber: $n{i}, programme: $p{i}, on: $d{i})"
            " { entitled programme on }"
            for i in range(len(part))
        )
        variables: dict[str, Any] = {}
        for i, each in enumerate(part):
            variables |= {f"n{i}": each.number, f"p{i}": each.programme, f"d{i}": each.on.isoformat()}
        answer = await filled.hub.ask(who, f"query({declared}) {{ {fields} }}", variables)
        for i, each in enumerate(part):
            found = answer[f"a{i}"]
            assert (found["programme"], found["on"]) == (each.programme, each.on.isoformat())
            answers.append(found["entitled"])
    return answers


async def test_an_agency_is_told_the_truth(filled: Filled) -> None:
    """50 people of its own county, and some of another, of whom it learns nothing."""
    people = some_people(filled, "450305", 50, seed=1)
    asked = list(questions(people, "450305"))
    assert sum(each.entitled for each in asked) > 100
    assert await told(filled, AGENCY, asked) == [each.entitled for each in asked]
    elsewhere = list(questions(some_people(filled, "350582", 5, seed=2), "450305"))
    assert not any(await told(filled, AGENCY, elsewhere))


@pytest.mark.parametrize(
    ("who", "county", "area"),
    [
        ("county-bureau-jinjiang", "350582", "350582"),
        ("township-dongjiang", "450305", "450305002"),
    ],
)
async def test_others_are_told_of_their_own_area(filled: Filled, who: str, county: str, area: str) -> None:
    asked = list(questions(some_people(filled, county, 6, seed=3), area))
    assert await told(filled, who, asked) == [each.entitled for each in asked]


async def test_who_may_not_see_children_asks_about_nobody(filled: Filled) -> None:
    """It would be told no of each of them."""
    number = filled.world.example_id_number()
    query = f'{{ beneficiaryStatus(idNumber: "{number}", programme: DIBAO) {{ entitled }} }}'
    await filled.hub.refuses("province-bureau", query)


async def test_today_is_asked_about_if_no_day_is_named(filled: Filled) -> None:
    number = filled.world.example_id_number()
    query = "query($n: String!) { beneficiaryStatus(idNumber: $n, programme: DIBAO) { entitled on } }"
    answer = await filled.hub.ask(AGENCY, query, {"n": number})
    assert answer["beneficiaryStatus"] == {"entitled": True, "on": TODAY.isoformat()}


async def test_staff_and_strangers_are_entitled_to_nothing(filled: Filled) -> None:
    worker = next(w for w in filled.world.personnel("450305") if w.id_number)
    asked = [Question(worker.id_number, "DIBAO", TODAY, False)]
    assert await told(filled, AGENCY, asked) == [False]


async def test_a_number_that_is_none_is_an_error_that_does_not_repeat_it(filled: Filled) -> None:
    number = filled.world.example_id_number()
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    query = "query($n: String!) { beneficiaryStatus(idNumber: $n, programme: DIBAO) { entitled } }"
    answer = await filled.hub.post(AGENCY, query, {"n": wrong})
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_ARGUMENT"
    assert wrong not in answer.text


@pytest.mark.parametrize(
    "root", ["beneficiaries", "households", "visits", "stations", "personnel", "sources"]
)
async def test_an_agency_lists_nobody(filled: Filled, root: str) -> None:
    errors = await filled.hub.refuses(AGENCY, f"{{ {root} {{ totalCount }} }}")
    assert errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
