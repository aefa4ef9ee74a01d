"""Files of people of the truth world, and of the same people once more as they are met without papers.

What is written of somebody on the street, or of a child nobody has registered, is less and worse than what
a register has. How much less nobody has counted for China; the shares here are the benchmark's own, and the
same for every contender.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Final

from connectors.emulators import names
from connectors.emulators.model import Person
from connectors.emulators.world import build_world
from hub.domain.likeness import File, file_of, named
from hub.domain.pinyin import Reading, readings, spellings
from hub.domain.text import UNNAMED

TODAY: Final = dt.date(2026, 6, 15)
SHARE: Final = 0.03
"""Of the people of a county, who is met once more without papers."""
STRANGERS: Final = 0.5
"""To each of these, people met whom no register has."""


@dataclass(frozen=True, slots=True)
class Met:
    """``file``: as it is written. ``truth``: number of the same person's file in the register, or None."""

    file: File
    truth: int | None


@dataclass(frozen=True, slots=True)
class Scene:
    registered: Sequence[File]
    met: Sequence[Met]


def scene(seed: int, people: int, county: str = "450305", *, times: float = 1.0) -> Scene:
    """A county of a world of ``people``, of whom a quarter live in 450305. ``times`` as many are met."""
    chance = Random(f"{seed}:identity")
    everybody = list(build_world(seed, people, today=TODAY).people(county))
    registered = [_file(number, each) for number, each in enumerate(everybody, 1) if each.name != UNNAMED]
    places = sorted({each.township_code for each in everybody})
    elsewhere = build_world(seed + 500_000, max(people // 10, 600), today=TODAY).people(county)
    strangers = [each for each in elsewhere if each.name != UNNAMED]
    known = [each for each in registered if chance.random() < SHARE * times]
    met = [Met(_met(number, each, places, chance), each.id) for number, each in enumerate(known, 10_000_001)]
    new = chance.choices(strangers, k=int(len(known) * STRANGERS))
    met += [
        Met(_met(number, _file(0, each), places, chance), None) for number, each in enumerate(new, 20_000_001)
    ]
    return Scene(registered, met)


def _file(number: int, person: Person) -> File:
    guardian = person.guardian
    row = {
        "name": person.name, "sex": person.sex and str(person.sex), "birth_on": person.birth_on,
        "division_code": person.division_code, "ethnicity_code": person.ethnicity_code, "phone": person.phone,
        "guardian_name": guardian and guardian.name, "guardian_phone": guardian and guardian.phone,
    }  # fmt: skip
    return file_of(number, row, person.id_number is not None, known_readings())


def _met(number: int, file: File, places: Sequence[str], chance: Random) -> File:
    name = named(_written(file.name or "", chance))
    return replace(
        file,
        id=number,
        name=name,
        spoken=frozenset(spellings(name, known_readings())) if name else frozenset(),
        sex=file.sex if chance.random() < 0.97 else "UNKNOWN",
        birth_on=_told(file.birth_on, chance),
        division_code=_place(file.division_code, places, chance),
        ethnicity_code=file.ethnicity_code if chance.random() < 0.3 else None,
        phones=file.phones if chance.random() < 0.1 else frozenset(),
        guardian=file.guardian if chance.random() < 0.6 else None,
        numbered=False,
    )


def _written(name: str, chance: Random) -> str:
    roll = chance.random()
    if roll < 0.70:
        return name
    at = chance.randrange(len(name))
    if roll < 0.82:  # another character of the same sound
        return name[:at] + chance.choice(_alike(name[at])) + name[at + 1 :]
    if roll < 0.88:  # misheard, or misread
        return name[:at] + chance.choice(_pool()) + name[at + 1 :]
    if roll < 0.91:  # a former name, of which only the surname is the same
        return name[:1] + names.given_name(chance, chance.random() < 0.5)
    if roll < 0.94 and len(name) > 3:
        return name[: len(name) // 2 + 1]
    return chance.choice((UNNAMED, "不详", f"{name[:1]}某")) if roll > 0.95 else name


def _told(born: dt.date | None, chance: Random) -> dt.date | None:
    roll = chance.random()
    if born is None or roll > 0.75:
        return None
    if roll < 0.40:
        return born
    if roll < 0.45:  # a slip of the pen
        return born.replace(day=born.day % 28 + 1)
    return dt.date(born.year + chance.choice((-3, -2, -1, 0, 0, 0, 1, 2, 3)), 1, 1)


def _place(home: str, places: Sequence[str], chance: Random) -> str:
    roll = chance.random()
    return home if roll < 0.2 else f"{home[:9]}000" if roll < 0.55 else chance.choice(places)


@cache
def known_readings() -> Mapping[str, Reading]:
    return dict(readings())


@cache
def _by_sound() -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for character in _pool():
        found[known_readings()[character].usual[0]].append(character)
    return found


@cache
def _pool() -> Sequence[str]:
    """Characters that stand in names of the world, and a few hundred others of everyday."""
    everyday = (chr(code) for code in range(0x4E00, 0x9FA5, 37))
    return sorted({c for c in _of_names(names.__dict__.values()) if c in known_readings()} | {
        c for c in everyday if c in known_readings()
    })  # fmt: skip


def _of_names(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if isinstance(value, tuple):
            yield from (c for each in value if isinstance(each, str) for c in each if c > "\u3400")


@cache
def _alike(character: str) -> Sequence[str]:
    reading = known_readings().get(character)
    others = _by_sound().get(reading.usual[0], ()) if reading else ()
    return [c for c in others if c != character] or [character]
