"""``eligibility`` and ``eligibilities``: whether a membership holds on a day, in one of four answers.

A YES is a membership in a county whose sources are fresh. Of everybody else, whoever that is, there is one
answer, which is known before anybody is looked for (``hub.access.coverage``): so both answers are values of
the statement, and which of them stands in it is all that PostgreSQL finds out. A person who is not there, not
visible, dead, or no member takes the same steps of the same plan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from hub.access.coverage import Reliance, Standing
from hub.access.numbers import hashes_of_each
from hub.access.persons import Asked, Asker
from hub.domain.dates import CHINA
from hub.errors import BadArgument
from hub.read import plan as p
from hub.read.leaves import Param, Request, day_param, leaf_param, value_of
from hub.read.standing import is_linkable, numbers
from hub.read.text import Row, where
from hub.tables import LINKABLE

if TYPE_CHECKING:
    from hub.read.sql import Writer

MOST: Final = 10_000
"""Persons of one ``eligibilities``."""
_REFUSED: Final = {"index": "index", "code": "code", "expected": "expected", "expectedZh": "expected_zh"}


class Hashes(list[bytes]):
    """Of many persons, ``each`` of one, one after the other; of none, 1."""

    each: int


def blinds_of(hashes: list[bytes]) -> list[bytes]:
    """What stands for the persons in the access log, of a parameter that they are found by."""
    each = hashes.each if isinstance(hashes, Hashes) else len(hashes)
    return hashes[each - 1 :: each]


# ── the statement ────────────────────────────────────────────────────────────────────────────────────


def eligibility(writer: Writer, node: p.Eligibility) -> str:
    if not any(isinstance(n, p.StatusFact) and n.name in ANSWERED for _, n in node.fields):
        return _object(writer, node, is_yes=False)
    person = Row(writer.alias(), writer.readable("beneficiary", under="status"))
    asked = numbers(writer, person, writer.put(person_param(node.persons)))
    tests = [f"{person.column('id_number_hash')} = any ({asked})", *_member(writer, person, node)]
    found = f"exists (select from beneficiary {person.alias}{where(tests)})"
    return f"case when {found} then {_object(writer, node, True)} else {_object(writer, node, False)} end"


def eligibilities(writer: Writer, node: p.Eligibilities) -> str:
    """Who is asked about is looked for as a set, once each."""
    members = []
    for key, part in node.fields:
        if isinstance(part, p.EligibilityItems):
            members.append((key, _items(writer, node.asked, part)))
        elif isinstance(part, p.RefusedPersons):
            members.append((key, writer.put(refused_param(node.asked.persons, part.fields))))
        elif isinstance(part, p.Typename):
            members.append((key, f"'\"{part.name}\"'"))
    return writer.object(members)


def _items(writer: Writer, asked: p.Eligibility, part: p.EligibilityItems) -> str:
    node = p.Eligibility(part.fields, asked.persons, asked.programme, asked.on)
    person = Row(writer.alias(), writer.readable("beneficiary", under="status"))
    named, each = writer.alias(), writer.alias()
    tests = [f"{person.column('id_number_hash')} = {named}.hash", *_member(writer, person, node)]
    found = (
        f"select {named}.n from ({_named(writer, person, asked.persons)}) {named}"
        f" join beneficiary {person.alias} on {' and '.join(tests)}"
    )
    # Not joined with what was found: PostgreSQL expects little of both, and would compare all with all.
    place = f"({writer.put(places_param(asked.persons))})[{each}]"
    yes, other = _object(writer, node, True), _object(writer, node, False)
    return (
        f"(select '[' || coalesce(string_agg(case when {place} = 0 then 'null'"
        f" when {place} in ({found}) then {yes} else {other} end, ',' order by {each}), '') || ']'"
        f" from generate_series(1, {writer.put(count_param(asked.persons))}) {each})"
    )


def _named(writer: Writer, person: Row, persons: p.Leaf) -> str:
    """Hashes with which person it is; where rows are linked, those of the rows that stand for them too."""
    hashes, each = writer.put(hashes_param(persons)), writer.put(each_param(persons))
    given = f"select hash, (place - 1) / {each} + 1 from unnest({hashes}) with ordinality u(hash, place)"
    if not is_linkable(writer, person):
        return f"select hash, n from ({given}) g(hash, n)"
    golden, apart, hashed = LINKABLE.golden.name, LINKABLE.apart.name, LINKABLE.number[1]
    return (
        f"with g(hash, n) as materialized ({given})"
        f" select hash, n from g union all select s.{hashed}, g.n from g"
        f" join {apart} a on a.{hashed} = g.hash"
        f" join {golden} s on s.county_code = a.county_code and s.id = a.linked_to"
    )


def _member(writer: Writer, person: Row, node: p.Eligibility) -> list[str]:
    """What holds of somebody whose answer is YES."""
    member = Row(writer.alias(), writer.readable("category_membership", under="status"))
    on = writer.put(day_param(node.on))
    tests = [
        f"{member.column('county_code')} = {person.column('county_code')}",
        f"{member.column('beneficiary_id')} = {person.column('id')}",
        f"{member.column('category')} = {writer.put(leaf_param(node.programme, 'text'))}",
        f"{member.column('starts_on')} <= {on}",
        f"({member.column('ends_on')} is null or {member.column('ends_on')} >= {on})",
        *writer.visible(member),
    ]
    return [
        f"({person.column('deceased_on')} is null or {person.column('deceased_on')} >= {on})",
        f"{person.column('county_code')} = any ({writer.put(fresh_param(node.programme))})",
        f"exists (select from category_membership {member.alias}{where(tests)})",
        *writer.visible(person),
    ]


def _object(writer: Writer, node: p.Eligibility, is_yes: bool) -> str:
    """Of one of the two answers there are."""
    return writer.put(told_param(node, is_yes))


# ── its values ───────────────────────────────────────────────────────────────────────────────────────


def _asker(request: Request) -> Asker:
    viewer = request.viewer
    return Asker(request.vault, viewer["client"], viewer["person_keys"], request.today)


def person_param(leaf: p.Leaf) -> Param:
    """One person as the keyed hashes a row may have."""

    def read(request: Request) -> list[bytes]:
        return request.asks(leaf, *_asker(request).one(value_of(request, leaf)))

    return Param(("blind", leaf), "bytea[]", read)


def asked_of(request: Request, leaf: p.Leaf) -> Asked:
    """The persons of a list, worked out once in a request."""
    found = request.memo.get(leaf)
    if found is None:
        persons = value_of(request, leaf)
        if not 1 <= len(persons) <= MOST:
            raise BadArgument(f"Expected 1 to {MOST} persons.", zh=f"应为 1 至 {MOST} 人")
        found = request.memo[leaf] = _asker(request).all(persons)
        request.persons[leaf] = found.persons
    return found


def hashes_param(leaf: p.Leaf) -> Param:
    """Of each different person once: looked for as often as it is in the list, time would tell of it."""

    def read(request: Request) -> Hashes:
        asked = asked_of(request, leaf)
        made = Hashes(asked.persons[1])
        made.each = hashes_of_each(asked.persons)
        return made

    return Param(("blind", leaf, "all"), "bytea[]", read)


def each_param(leaf: p.Leaf) -> Param:
    """How many hashes there are of each person."""
    return Param(("each", leaf), "int", lambda request: hashes_of_each(asked_of(request, leaf).persons))


def places_param(leaf: p.Leaf) -> Param:
    """For each in the list which of the persons it is, from 1; 0 where it is refused."""
    return Param(("places", leaf), "int[]", lambda request: list(asked_of(request, leaf).places))


def count_param(leaf: p.Leaf) -> Param:
    return Param(("persons", leaf), "int", lambda request: len(asked_of(request, leaf).places))


def refused_param(leaf: p.Leaf, fields: p.Fields) -> Param:
    def read(request: Request) -> str:
        faults = asked_of(request, leaf).faults
        told = [{key: _fault(node, place, fault) for key, node in fields} for place, fault in faults.items()]
        return orjson.dumps(told).decode()

    return Param(("refused", leaf, fields), "text", read)


def _fault(node: p.Node, place: int, fault: Any) -> Any:
    if isinstance(node, p.Typename):
        return node.name
    assert isinstance(node, p.StatusFact)
    return place if node.name == "index" else getattr(fault, _REFUSED[node.name])


def reliance_of(request: Request, programme: p.Leaf) -> Reliance:
    found: Reliance = request.reliances[programme]
    return found


def programme_of(request: Request, leaf: p.Leaf) -> str:
    return str(leaf_param(leaf, "text").read(request))


def fresh_param(programme: p.Leaf) -> Param:
    return Param(("fresh", programme), "text[]", lambda request: reliance_of(request, programme).fresh)


ANSWERED: Final[Mapping[str, Callable[[Standing], Any]]] = {
    "answer": lambda standing: standing.answer.value,
    "asOf": lambda standing: _moment(standing.as_of),
    "validUntil": lambda standing: _moment(standing.until),
}


def told_param(node: p.Eligibility, is_yes: bool) -> Param:
    """All that is told where one of the two answers stands, as JSON."""
    names = tuple(
        (key, fact.name) for key, fact in node.fields if isinstance(fact, p.Typename | p.StatusFact)
    )
    asked = {"programme": leaf_param(node.programme, "text"), "on": day_param(node.on)}
    varies = any(name in asked for _, name in names)

    def fact(request: Request, standing: Standing, name: str) -> Any:
        """The name itself is that of the type."""
        if name in asked:
            return asked[name].read(request)
        return ANSWERED[name](standing) if name in ANSWERED else name

    def read(request: Request) -> str:
        reliance = reliance_of(request, node.programme)
        standing: Standing = reliance.yes if is_yes else reliance.other
        told = None if varies else standing.memo.get(names)
        if told is None:
            told = orjson.dumps({key: fact(request, standing, name) for key, name in names}).decode()
            if not varies:
                standing.memo[names] = told
        return told

    return Param(("told", node.programme, node.on, names, is_yes), "text", read)


def _moment(at: dt.datetime | None) -> str | None:
    return None if at is None else at.astimezone(CHINA).isoformat(timespec="seconds")
