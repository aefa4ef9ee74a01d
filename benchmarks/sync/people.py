"""The people of the benchmark: what is meant of each, and how the source writes it.

All by chance from one seed. Identity numbers begin with 459999, which no division has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple

from benchmarks.sync import dialect
from benchmarks.sync.columns import NAMES
from connectors.emulators.names import HAN, ZHUANG, full_name
from hub.domain.division import load_divisions
from hub.domain.id_number import make_id_number
from hub.domain.vocabulary import (
    AbilityLevel,
    Category,
    DisabilityCategory,
    RiskLevel,
    SelfCare,
)

COUNTY: Final = "450881"
TODAY: Final = dt.date(2026, 6, 15)
REGION: Final = "459999"
EPOCH: Final = dt.date(1935, 1, 1)
BIRTH_DAYS: Final = 30_000
"""To 2017. 7919 is prime to it, so that this many people have a day each before one comes again."""
MOST: Final = BIRTH_DAYS * 500
"""People there are numbers for."""

FILES: Final = 100_000_007
"""A prime, so that nobody has the number of another."""

OF_CHILDREN: Final = (
    Category.LEFT_BEHIND_CHILD,
    Category.DE_FACTO_UNATTENDED,
    Category.CHILD_IN_DIFFICULTY,
    Category.DIBAO_CHILD,
)
OF_ADULTS: Final = (Category.DIBAO, Category.DIBAO, Category.TEKUN, Category.OTHER_FUNDED)
OF_ELDERS: Final = (
    Category.DIBAO,
    Category.TEKUN_ELDER,
    Category.EMPTY_NEST_ELDER,
    Category.LIVING_ALONE_ELDER,
    Category.ADVANCED_AGE_ELDER,
)
RELATIONS: Final = ("01", "10", "20", "30", "51", "52")
GUARDIANS: Final = ("祖父", "祖母", "外祖父", "外祖母", "父亲", "母亲")
FAULTS: Final = ("ID_CHECKSUM", "DATE_UNREADABLE", "CODE_UNKNOWN", "DIVISION_OUTSIDE", "NAME_LOST_CHARACTER")
BAD_EVERY: Final = 500
CHANGED_EVERY: Final = 100


class Record(NamedTuple):
    """``meant`` and ``written`` in the order of ``COLUMNS``; ``fault`` is why the row must be refused.

    ``changed``: the same two a day later, where the record is one of those that change.
    """

    meant: tuple[Any, ...]
    written: list[str]
    fault: str | None
    changed: tuple[tuple[Any, ...], list[str]] | None


def people(rows: int, seed: int) -> Iterator[Record]:
    if not 0 < rows <= MOST:
        raise ValueError(f"from 1 to {MOST:,} records are expected, not {rows}")
    chance = Random(seed)
    for index in range(rows):
        meant = _meant(index, chance)
        written = dialect.written(meant, chance)
        fault = FAULTS[index // BAD_EVERY % len(FAULTS)] if is_bad(index) else None
        if fault:
            dialect.spoil(written, fault)
        yield Record(meant, written, fault, _changed(index, meant, written) if is_changed(index) else None)


def is_bad(index: int) -> bool:
    return index % BAD_EVERY == BAD_EVERY // 2


def is_changed(index: int) -> bool:
    """Never a bad one: these are at 50 of a hundred."""
    return index % CHANGED_EVERY == 7


def _changed(index: int, meant: tuple[Any, ...], written: Sequence[str]) -> tuple[tuple[Any, ...], list[str]]:
    """Of one record the telephone, of the next one that changes the amount."""
    values, cells = [*meant], [*written]
    if index // CHANGED_EVERY % 2:
        place = NAMES.index("monthly_amount")
        values[place] = meant[place] + 35
        cells[place] = str(values[place])
    else:
        place = NAMES.index("phone")
        values[place] = cells[place] = f"1540{index:07d}"
    return tuple(values), cells


def _meant(index: int, chance: Random) -> tuple[Any, ...]:
    birth_on = EPOCH + dt.timedelta(days=index * 7919 % BIRTH_DAYS)
    male = chance.random() < 0.5
    number = make_id_number(REGION, birth_on, index // BIRTH_DAYS * 2 + male)
    ethnicity = ZHUANG if chance.random() < 0.2 else HAN
    age = TODAY.year - birth_on.year
    division, place = chance.choice(_villages())
    disability = _disability(number, chance) if chance.random() < 0.1 else (None, None, None)
    dossier = TODAY - dt.timedelta(days=chance.randrange(30, 2500))
    starts_on = dossier - dt.timedelta(days=chance.randrange(0, 400))
    ends_on = starts_on + dt.timedelta(days=364 * 10) if chance.random() < 0.15 else None
    return (
        _file_number(index),
        full_name(chance, male, ethnicity),
        number,
        "MALE" if male else "FEMALE",
        birth_on,
        ethnicity,
        division,
        f"{place}{chance.randrange(1, 20)}组{chance.randrange(1, 300)}号",
        f"1541{index:07d}",
        chance.choice(RELATIONS),
        str(chance.choice(tuple(RiskLevel))),
        str(chance.choice(tuple(SelfCare))) if chance.random() < 0.3 else None,
        str(chance.choice(tuple(AbilityLevel))) if age >= 60 else None,
        *disability,
        *(_guardian(index, chance) if age < 18 else (None, None, None, None)),
        dossier,
        str(chance.choice(OF_CHILDREN if age < 18 else OF_ELDERS if age >= 60 else OF_ADULTS)),
        starts_on,
        ends_on,
        Decimal(chance.randrange(30_000, 150_000)) / 100,
    )


def _file_number(index: int) -> str:
    """In no order: people are listed by where they live, and numbered as they came over the years."""
    return f"DA{COUNTY}{index * 49_999_991 % FILES:09d}"


def _disability(number: str, chance: Random) -> tuple[str, int, str]:
    kind, grade = chance.choice(tuple(DisabilityCategory)), chance.randrange(1, 5)
    place = tuple(DisabilityCategory).index(kind) + 1
    return str(kind), grade, f"{number}{place}{grade}"


def _guardian(index: int, chance: Random) -> tuple[str, str, str, str]:
    place = chance.choice(_villages())[1]
    name = full_name(chance, chance.random() < 0.5)
    return name, chance.choice(GUARDIANS), f"1542{index:07d}", f"{place}小学"


@cache
def _villages() -> tuple[tuple[str, str], ...]:
    """Codes of the county's villages, with their names behind those of their townships."""
    rows = [row for row in load_divisions() if row.code.startswith(COUNTY)]
    names = {row.code: row.name for row in rows}
    return tuple((row.code, names[row.code[:9] + "000"] + row.name) for row in rows if row.level == "VILLAGE")
