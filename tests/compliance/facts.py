"""Rows of any table, with what it cannot be without, so that a test says only what it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from itertools import count
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, Boolean, Date, DateTime, Integer, LargeBinary, Numeric, SmallInteger

from hub.compliance.evaluate import SUBJECTS, Verdict, evaluate
from hub.domain.vocabulary import NormSubject
from hub.store.database import Database
from hub.tables import metadata

EARLY: Final = dt.date(2000, 1, 1)
SOURCE: Final = 1
_NUMBERS: Final = count(1)


class Facts:
    """``county``: six digits; ``division``: the township rows are of, unless they say another."""

    def __init__(self, db: Database, county: str, division: str) -> None:
        self.db, self.county, self.division = db, county, division

    async def add(self, table: str, **given: Any) -> int:
        """The row's id."""
        columns, number = metadata.tables[table].c, next(_NUMBERS)
        usual = {
            "county_code": self.county,
            "division_code": self.division,
            "source_id": SOURCE,
            "record_key": f"r{number}",
            "content_hash": number.to_bytes(16),
        }
        row = {name: value for name, value in usual.items() if name in columns} | given
        for column in columns:
            needed = not column.nullable and column.server_default is None and column.computed is None
            if column.name not in row and needed and column.identity is None:
                row[column.name] = _something(column.type, number)
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        id_: int = await self.db.owner.fetchval(
            f'insert into "{table}" ({names}) values ({places}) returning id',
            *row.values(),
        )
        return id_

    async def change(self, table: str, id_: int, **given: Any) -> None:
        named = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(given, 2))
        await self.db.owner.execute(f'update "{table}" set {named} where id = $1', id_, *given.values())

    async def remove(self, table: str, id_: int) -> None:
        await self.db.owner.execute(f'delete from "{table}" where id = $1', id_)

    async def verdicts(
        self, table: str, id_: int, day: dt.date, keys: Collection[str] | None = None
    ) -> list[Verdict]:
        return await self.of(SUBJECTS[table], id_, day, keys)

    async def of(
        self,
        subjects: Collection[NormSubject],
        id_: int,
        day: dt.date,
        keys: Collection[str] | None = None,
        division: str | None = None,
    ) -> list[Verdict]:
        return await evaluate(self.db.fetch, subjects, division or self.division, [id_], day, keys)


def told(verdicts: Collection[Verdict]) -> dict[str, str]:
    """Status by rule and quantity."""
    return {key: str(each.status) for key, each in by_bound(verdicts).items()}


def by_bound(verdicts: Collection[Verdict]) -> dict[str, Verdict]:
    """By rule and quantity; a second bound of one quantity by what it differs in, too."""
    found: dict[str, Verdict] = {}
    for each in verdicts:
        key = f"{each.rule.key} {each.bound.quantity}"
        if key in found:
            key += f" {each.bound.period or each.bound.when or each.bound.comparator}"
        found[key] = each
    return found


Change = tuple[str, int, Mapping[str, Any] | None]
"""Of the row of a table: new values; None takes it away."""


async def flips(facts: Facts, of: tuple[str, int], day: dt.date, *changes: Change) -> dict[str, str]:
    """What changes once facts do, by rule and quantity: how it was, is then, and why.

    Everything is put back as it was.
    """
    before = by_bound(await facts.verdicts(*of, day))
    async with facts.db.owner.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            for table, id_, change in changes:
                if change is None:
                    await connection.execute(f'delete from "{table}" where id = $1', id_)
                else:
                    named = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(change, 2))
                    await connection.execute(
                        f'update "{table}" set {named} where id = $1', id_, *change.values()
                    )
            found = await evaluate(connection.fetch, SUBJECTS[of[0]], facts.division, [of[1]], day)
        finally:
            await transaction.rollback()
    after = by_bound(found)
    assert before.keys() == after.keys()
    return {
        key: f"{before[key].status} > {then.status} {then.value}/{then.target} {then.rule.document.code}"
        for key, then in after.items()
        if before[key].status is not then.status
    }


def _something(kind: Any, number: int) -> Any:
    match kind:
        case ARRAY():
            return []
        case Boolean():
            return False
        case DateTime():
            return dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
        case Date():
            return EARLY
        case Integer() | BigInteger() | SmallInteger():
            return 1
        case Numeric():
            return Decimal(1)
        case LargeBinary():
            return number.to_bytes(16)
    return f"t{number}"
