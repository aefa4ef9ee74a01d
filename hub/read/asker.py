"""Asking PostgreSQL: one statement, with what the viewer's policies read and an entry in the access log."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from string import Formatter
from time import perf_counter
from typing import Any, Final, cast

import asyncpg
import orjson

from hub.access.policies import setting
from hub.access.slices import SLICES
from hub.audit.records import parted
from hub.audit.shape import Shape
from hub.errors import TooMuch, Unavailable
from hub.read.audit import Audit
from hub.read.eligible import blinds_of
from hub.read.sql import Statement
from hub.read.statistics import StatisticsReader
from hub.read.till import Bill
from hub.read.turns import Turns
from hub.store.database import Database
from hub.store.vault import Vault


def names_in(rows: str) -> set[str]:
    """The viewer's values a slice speaks of."""
    return {name for _, name, _, _ in Formatter().parse(rows) if name and name != "t"}


SETTINGS: Final = {
    role: tuple(sorted({name for slice_ in slices.values() for name in names_in(slice_.rows)}))
    for role, slices in SLICES.items()
}
"""Settings of the transaction that the role's row-level policies read."""

SHORT: Final = 100
"""Units: a statement of so few, about a millisecond, may be asked with others."""

PEOPLE: Final = "beneficiary"
MANY: Final = 10_000
"""People who are looked through: for fewer, PostgreSQL's guess of a few rows is good enough."""

LIST: Final = 1_000
"""Persons asked about by number at once, from which on a plan for so many is worth being made."""
MAX_BYTES: Final = 32 * 1024 * 1024
"""Of an answer, which is built by PostgreSQL and held here once."""


@dataclass(slots=True)
class Asker:
    """``nonce``: around what a statement's JSON holds sealed."""

    database: Database
    vault: Vault
    nonce: str
    statistics: StatisticsReader
    turns: Turns
    audit: Audit

    async def ask(
        self,
        bill: Bill,
        digest: bytes,
        statement: Statement,
        shape: Shape,
        given: Sequence[Any],
        values: Mapping[str, Any],
        most: int,
        *,
        primary: bool = False,
    ) -> bytes:
        """The JSON of a statement, in the client's turn; which records it shows is in the access log.

        ``digest``: of the document; ``values``: the viewer's; ``most``: bytes; ``primary``: on the host that
        can write. TooMuch or Unavailable.
        """
        viewer = bill.viewer
        names = SETTINGS[viewer.reader]
        settings = [setting(values[name]) for name in names]
        text = scoped(statement.text, len(given), names, most)  # remembered, like the statement
        found, records = None, ""
        write = partial(self.audit.written, viewer, digest, shape, statement.tables)
        asked = [blind for i in statement.asked for blind in blinds_of(given[i])]
        # Where an answer names no record, all there is to write is known before it.
        early = write(records, asked) if statement.tables and not statement.places else None
        try:
            async with self.turns.of(viewer.client_id):
                planned = len(asked) >= LIST or await self.planned(statement, values)
                found = await self._fetch(bill, text, *given, *settings, planned=planned, primary=primary)
            if found is not None and statement.places:
                found, records = parted(found)
        finally:
            if statement.tables:
                await (early or write(records, asked))
        if found is None:
            raise too_wide()
        return self._finish(found, statement, values["today"]) if statement.marks else cast(bytes, found)

    async def planned(self, statement: Statement, values: Mapping[str, Any]) -> bool:
        """Whether it is for the login that plans for the parameters (``hub.store.roles``)."""
        if not statement.wide:
            return False
        known = await self.statistics.newest()
        counties, _, density = known.part(values)
        # A contractor's people are found among those of its counties.
        share = counties if values["contracts"] else counties * density
        return known.rows.get(PEOPLE, 0.0) * share >= MANY

    async def _fetch(self, bill: Bill, text: str, *given: Any, planned: bool, primary: bool) -> Any:
        reader, began = bill.viewer.reader, perf_counter()
        try:
            if bill.static > SHORT:
                lender = await self.database.lender(reader, planned=planned, primary=primary)
                return await lender.fetchval(text, *given)
            together = await self.database.together(reader, planned=planned, primary=primary)
            value, seconds = await together.fetchval(text, *given)
            began = perf_counter() - seconds  # the rest was spent on others
            return value
        except asyncpg.QueryCanceledError:
            raise Unavailable(
                "The query took too long; ask for less at once.", zh="查询超时，请缩小查询范围"
            ) from None
        except (asyncpg.ProgramLimitExceededError, asyncpg.OutOfMemoryError):
            raise too_wide() from None
        finally:
            bill.seconds += perf_counter() - began

    def _finish(self, body: bytes, statement: Statement, today: dt.date) -> bytes:
        """Open sealed values, sign cursors, and make what is made of values."""
        pattern = re.compile(b'"' + self.nonce.encode() + b'([scm])([0-9a-f]*)"')
        return pattern.sub(partial(self._finished, statement, today), body)

    def _finished(self, statement: Statement, today: dt.date, mark: re.Match[bytes]) -> bytes:
        payload = bytes.fromhex(mark[2].decode())
        if mark[1] == b"m":
            maker, *given = orjson.loads(payload)
            return orjson.dumps(statement.makers[maker](today, *given))
        if mark[1] == b"c":
            return orjson.dumps(self.vault.token(payload))
        return orjson.dumps(self.vault.open(payload))


@lru_cache(1024)
def scoped(text: str, count: int, names: tuple[str, ...], most: int) -> str:
    """``text`` run with the settings its row-level policies read, set in the same round trip.

    They are local to the transaction; where statements share one (``hub.store.together``), each sets all
    that policies of its role read. The condition of a CASE is evaluated before its branch; what PostgreSQL
    reads before it begins at all, as for the parts of a partitioned table, would be the setting of the
    statement before. An answer above
    ``most`` bytes becomes NULL; ``offset 0`` keeps PostgreSQL from building it twice. It is sent as bytes.
    """
    settings = [f"set_config('hub.{name}', ${count + i}::text, true)" for i, name in enumerate(names, 1)]
    ready = " and ".join(f"{setting} is not null" for setting in settings) or "true"
    return (
        f"select case when octet_length(body) <= {most} then convert_to(body, 'UTF8') end"  # noqa: S608
        f" from (select case when {ready} then ({text}) end as body offset 0) answer"
    )


def too_wide() -> TooMuch:
    return TooMuch(
        "The query asks for more rows than one answer may hold; give first.",
        zh="查询的数据过多，请减小 first",
    )
