"""The exchange database (前置库) of a province's social assistance system, for one county.

Two tables in GBK, each a log: ``publish`` appends what differs from what stands there, as the system's own
triggers would. ``truth`` says what is behind a record; no reader of the database sees it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from connectors.emulators.model import Membership, Person
from connectors.emulators.truth import Truth
from hub.domain.vocabulary import Category, SelfCare, Sex, SupportMode

OPERATION: Final = "OP_TYPE char(1), OP_TIME datetime, SYNC_FLAG char(1) default '0', BATCH_NO varchar(20)"
TABLES: Final = f"""
create table if not exists SAM_FAMILY (ID bigint auto_increment primary key, FAMILY_ID char(32),
    DOMICILE_CODE varchar(12), ASSISTANCE_TYPE char(2), CARD_NO varchar(30), BEGIN_DATE varchar(10),
    END_DATE varchar(10), ASSISTANCE_MONEY varchar(20), ADDRESS varchar(200), FAMILY_SIZE varchar(4),
    SUPPORT_WAY char(2), CHECK_DATE varchar(10), BANK varchar(40), ACCOUNT_NO varchar(40), {OPERATION},
    index (FAMILY_ID), index (OP_TIME)) character set gbk;
create table if not exists SAM_PEOPLE (ID bigint auto_increment primary key, PEOPLE_ID char(32),
    FAMILY_ID char(32), NAME varchar(50), ID_CARD varchar(18), SEX char(1), NATION char(2),
    BIRTHDAY varchar(10), RELATIONSHIP_TYPE char(2), TEL varchar(20), VIABILITY char(1),
    IS_ASSISTANCE char(1), PERSONAL_STATS_TAG char(2), FACE_ID varchar(40), {OPERATION},
    index (PEOPLE_ID), index (FAMILY_ID), index (OP_TIME)) character set gbk"""
SEX: Final = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "0", Sex.UNSPECIFIED: "9"}
SELF_CARE: Final = {SelfCare.FULL: "1", SelfCare.PARTIAL: "2", SelfCare.NONE: "3"}
SUPPORT: Final = {SupportMode.INSTITUTION: "03", SupportMode.SCATTERED: "04"}
CATEGORY: Final = {"01": Category.DIBAO, "02": Category.DIBAO, "03": Category.TEKUN}
OWN: Final = frozenset({"ID", "OP_TYPE", "OP_TIME", "SYNC_FLAG", "BATCH_NO"})

KEYS: Final = {"SAM_FAMILY": "FAMILY_ID", "SAM_PEOPLE": "PEOPLE_ID"}

Cells = dict[str, Any]


@dataclass(slots=True)
class Exchange:
    """``people``: of one county."""

    people: Iterable[Person]
    port: int
    password: str
    truth: Truth = field(default_factory=Truth)

    def engine(self) -> AsyncEngine:
        url = f"mysql+asyncmy://writer:{self.password}@127.0.0.1:{self.port}/qzk"
        return create_async_engine(url, poolclass=NullPool)

    @property
    def location(self) -> str:
        return f"mysql://reader@127.0.0.1:{self.port}/qzk"

    async def publish(self, at: dt.datetime, people: Sequence[Person] | None = None) -> dict[str, int]:
        """Appends what changed, as of ``at``; how many rows of each OP_TYPE. ``people``: else all."""
        families: dict[str, Cells] = {}
        members: dict[str, Cells] = {}
        for person in self.people if people is None else people:
            for membership in person.memberships:
                if membership.list_kind in ("dibao", "tekun") and person.household and person.id_number:
                    family, member = family_cells(person, membership), member_cells(person, membership)
                    family = families.setdefault(family["FAMILY_ID"], family)
                    members[member["PEOPLE_ID"]] = member
                    self.truth.tell("SAM_PEOPLE", member["PEOPLE_ID"], person, category_of(family))
                    break
        counts = dict.fromkeys("IUD", 0)
        engine = self.engine()
        async with engine.begin() as connection:
            for statement in TABLES.split(";"):
                await connection.execute(text(statement))
            for table, now in (("SAM_FAMILY", families), ("SAM_PEOPLE", members)):
                was = await _standing(connection, table, KEYS[table])
                changes = list(_changes(was, now))
                for operation, _ in changes:
                    counts[operation] += 1
                await append(connection, table, [(op, at, cells) for op, cells in changes])
        await engine.dispose()
        return counts

    async def write(self, *rows: tuple[str, str, dt.datetime, Cells]) -> int:
        """Appends rows (table, OP_TYPE, OP_TIME, cells); how many."""
        engine = self.engine()
        async with engine.begin() as connection:
            for table, operation, at, cells in rows:
                await append(connection, table, [(operation, at, cells)])
        await engine.dispose()
        return len(rows)

    async def run(self, *statements: str) -> None:
        engine = self.engine()
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()

    async def standing(self, table: str, limit: int = 1_000_000) -> list[Cells]:
        """Cells of what stands, without what the log adds, in order of the key."""
        engine = self.engine()
        async with engine.connect() as connection:
            found = await _standing(connection, table, KEYS[table])
        await engine.dispose()
        return [found[key] for key in sorted(found)][:limit]


def _changes(was: Mapping[str, Cells], now: Mapping[str, Cells]) -> Iterator[tuple[str, Cells]]:
    for key, cells in now.items():
        if key not in was:
            yield "I", cells
        elif {k: v for k, v in was[key].items() if k in cells} != cells:
            yield "U", cells
    for key, cells in was.items():
        if key not in now:
            yield "D", cells


async def _standing(connection: AsyncConnection, table: str, key: str) -> dict[str, Cells]:
    """What stands: the newest row of each key, but those that are deleted."""
    newest: dict[str, Cells] = {}
    for row in (await connection.execute(text(f"select * from {table} order by OP_TIME, ID"))).mappings():  # noqa: S608
        newest[row[key]] = dict(row)
    return {
        k: {name: cell for name, cell in row.items() if name not in OWN}
        for k, row in newest.items()
        if row["OP_TYPE"] != "D"
    }


async def append(
    connection: AsyncConnection, table: str, rows: Sequence[tuple[str, dt.datetime, Cells]]
) -> None:
    """What GBK has no character for becomes ``?``, as old clients make of it (X24)."""
    for operation, at, cells in rows:
        told = {k: in_gbk(v) for k, v in {**cells, "OP_TYPE": operation, "OP_TIME": at}.items()}
        names, places = ", ".join(told), ", ".join(f":{name}" for name in told)
        await connection.execute(text(f"insert into {table} ({names}) values ({places})"), told)  # noqa: S608


def in_gbk(value: Any) -> Any:
    return value.encode("gbk", "replace").decode("gbk") if isinstance(value, str) else value


def family_cells(person: Person, membership: Membership) -> Cells:
    home = person.household
    assert home is not None
    urban = "01" if person.division_code[6:9] < "100" else "02"
    return {
        "FAMILY_ID": _id(home.number),
        "DOMICILE_CODE": person.division_code,
        "ASSISTANCE_TYPE": "03" if membership.category == Category.TEKUN else urban,
        "CARD_NO": membership.certificate_number,
        "BEGIN_DATE": f"{membership.starts_on:%Y-%m}",
        "END_DATE": f"{membership.ends_on:%Y-%m}" if membership.ends_on else "3000-01",
        "ASSISTANCE_MONEY": str(membership.amount or ""),
        "ADDRESS": person.address or "",
        "FAMILY_SIZE": str(home.member_count),
        "SUPPORT_WAY": SUPPORT[membership.support_mode] if membership.support_mode else "",
        "CHECK_DATE": home.checked_on.isoformat() if home.checked_on else "",
        "BANK": "农村信用社",
        "ACCOUNT_NO": f"62{home.number[-6:]:0>14}",
    }


def category_of(family: Cells) -> str:
    return str(CATEGORY[family["ASSISTANCE_TYPE"]])


def member_cells(person: Person, membership: Membership) -> Cells:
    assert person.household is not None
    assert person.id_number is not None
    return {
        "PEOPLE_ID": _id(person.id_number),
        "FAMILY_ID": _id(person.household.number),
        "NAME": person.name,
        "ID_CARD": person.id_number,
        "SEX": SEX[person.sex] if person.sex else "0",
        "NATION": person.ethnicity_code or "",
        "BIRTHDAY": person.birth_on.isoformat() if person.birth_on else "",
        "RELATIONSHIP_TYPE": person.relation_code or "",
        "TEL": person.phone or "",
        "VIABILITY": SELF_CARE[person.self_care] if person.self_care else "",
        "IS_ASSISTANCE": "1",
        "PERSONAL_STATS_TAG": "03" if person.deceased_on and membership.ends_on else "01",
        "FACE_ID": "F" + _id(person.id_number)[:12],
    }


def _id(text_: str) -> str:
    return md5(text_.encode(), usedforsecurity=False).hexdigest()
