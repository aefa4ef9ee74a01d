"""Changes one fact of the exercise, and tells which verdicts it turns, on every record and day of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import asyncpg
from sqlalchemy.dialects import postgresql

from hub.compliance.evaluate import Verdict, evaluate
from hub.domain.norms import Bound
from hub.errors import BadArgument, NotFound
from hub.exercise.scene import Judged, Row
from hub.exercise.script import script
from hub.exercise.writing import Ids
from hub.store.database import Connection, Database, Fetch
from hub.tables import metadata

MOST: Final = 20
"""Names that a refusal tells."""
_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]

Key = tuple[str, Any, str, str, Bound]
"""Record, day, document, rule, bound."""


class Flip(NamedTuple):
    """``before``, ``then``: verdicts of one bound on one record."""

    record: Judged
    before: Verdict
    then: Verdict


async def change(
    database: Database, ids: Ids, name: str, values: Mapping[str, str | None], *, keep: bool
) -> list[Flip]:
    """Columns of the row ``name`` become ``values``, texts as SQL reads them; without any the row is gone.

    Unless ``keep``, all is then as it was. NotFound, BadArgument.
    """
    row = _row(name)
    if len(ids.get(name, ())) == 0:
        raise NotFound(f"{name} cannot be changed by itself.")
    async with database.owner.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        kept = False
        try:
            before = await _verdicts(connection.fetch, ids)
            await _apply(connection, row, ids, values)
            after = await _verdicts(connection.fetch, ids)
            kept = keep
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            raise BadArgument(f"The table takes no such value ({type(error).__name__}).") from None
        finally:
            await (transaction.commit() if kept else transaction.rollback())
    return [
        Flip(record, before[key][1], then)
        for key, (record, then) in after.items()
        if key in before and before[key][1].status is not then.status
    ]


def _row(name: str) -> Row:
    for row in script().rows:
        if row.name == name:
            return row
    near = [row.name for row in script().rows if name.casefold() in row.name.casefold()]
    if not near:
        raise NotFound(f"The exercise has no row {name}.")
    raise NotFound(f"No row is named {name}; there are: {', '.join(near[:MOST])}.")


async def _apply(connection: Connection, row: Row, ids: Ids, values: Mapping[str, str | None]) -> None:
    table, id_ = metadata.tables[row.table], ids[row.name][0]
    if unknown := [name for name in values if name not in table.c or table.c[name].primary_key]:
        raise BadArgument(f"{row.name} is a {row.table}, which has no {unknown[0]} to change.")
    county = "county_code" if "county_code" in table.c else "null"
    if values:
        named = ", ".join(
            f'"{name}" = ${n}::text::{table.c[name].type.compile(dialect=_DIALECT)}'
            for n, name in enumerate(values, 2)
        )
        done, operation = f'update "{table.name}" set {named} where id = $1', "U"
    else:
        done, operation = f'delete from "{table.name}" where id = $1', "D"
    given = [str(ids[each][0]) if each and ids.get(each) else each for each in values.values()]
    await connection.execute(
        f"""
        with done as ({done} returning id, {county} as county)
        insert into change (entity, county_code, entity_id, operation)
        select '{table.name}', county, id, '{operation}' from done""",
        id_,
        *given,
    )


async def _verdicts(fetch: Fetch, ids: Mapping[str, Sequence[int]]) -> dict[Key, tuple[Judged, Verdict]]:
    found = {}
    for record in script().judged:
        id_ = ids[record.name][0] if record.name in ids else int(record.name)
        for day in record.days:
            for each in await evaluate(fetch, record.subjects, record.division, [id_], day):
                key = record.name, day, each.rule.document.code, each.rule.key, each.bound
                found[key] = record, each
    return found


def told(flip: Flip) -> dict[str, Any]:
    """For a printed list."""
    rule = flip.then.rule
    return {
        "en": flip.record.en,
        "zh": flip.record.zh,
        "rule": rule.key,
        "quantity": flip.then.bound.quantity,
        "before": flip.before.status,
        "then": flip.then.status,
        "value": flip.then.value,
        "target": flip.then.target,
        "document": rule.document.code,
        "number": rule.document.number,
        "article": rule.article,
        "quote": rule.quote,
    }
