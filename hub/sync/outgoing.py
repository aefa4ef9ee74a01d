"""Enters what the hub has to tell other systems: the rows that ``outgoing`` names, until each is answered.

A message is written with its row, in one transaction, and has a name. It is claimed for a while and only then
handed over, so whoever dies on the way leaves it to the next one, who hands it over under the same name; the
other system takes a name once. That it was handed over, and the answer, are noted in one transaction with the
row. Attempts are made after a minute, then two, four … up to an hour; the number of attempts begins anew when
the message was handed over. A run of the source asks for answers before it merges what it has read: whose a
number is, is known by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from hub.domain.dates import china_now
from hub.errors import ConfigurationError, HubError, NotFound
from hub.store.database import Connection, Database
from hub.store.listener import CHANGES
from hub.store.rotation import BESIDE
from hub.store.rounds import rounds
from hub.store.vault import Vault
from hub.sync.connector import Connector, Context, Entering, Message, Outgoing, Place, Receipt, Row
from hub.sync.registry import OPEN, opened
from hub.sync.stage import StagedList
from hub.tables import metadata

log = structlog.get_logger("hub.sync")

AT_ONCE: Final = 100
LOOK_SECONDS: Final = 15.0
PENDING, SENT, ACCEPTED, REFUSED = "PENDING", "SENT", "ACCEPTED", "REFUSED"

# The first source of a county that may enter something is the one; a message stays with it.
SYSTEMS: Final = f"""
    select s.id, s.code, s.connector, s.division_code, s.location, s.secrets from source s
    where s.connector = any ($1) and s.secrets is not null and ($2::text is null or s.code = $2)
        and ($2 is not null or {OPEN}) and exists (
            select from outgoing o where o.county_code = left(s.division_code, 6) and o.settled_at is null
                and ($2 is not null or o.next_at <= now()))
    order by s.id"""
CLAIM: Final = """
    update outgoing o set source_id = $1, attempt_count = o.attempt_count + 1,
        next_at = now() + least(interval '1 hour', interval '1 minute' * 2 ^ least(o.attempt_count, 10))
    from (select id from outgoing where county_code = $2 and entity = $3 and settled_at is null
            and coalesce(source_id, $1) = $1 and ($4 or next_at <= now()) and id > $6
        order by id limit $5 for update skip locked) due
    where o.id = due.id returning o.id, o.name, o.entity_id"""
FAILED: Final = "update outgoing set error = $2 where id = any ($1) and settled_at is null"
NOTED: Final = """
    update outgoing set settled_at = $2, error = null,
        attempt_count = case when $3 then 0 else attempt_count end,
        next_at = case when $3 then now() + interval '1 minute' else next_at end
    where name = $1 and settled_at is null"""
CHANGE: Final = "insert into change (entity, county_code, entity_id, operation) values ($1, $2, $3, 'U')"


@dataclass(slots=True)
class Entered:
    """Messages handed over for the first time, and answers by what they were."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    waiting: int = 0
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class System:
    id: int
    code: str
    connector: str
    division_code: str
    location: str
    secrets: bytes = field(repr=False)

    @property
    def county(self) -> str:
        return self.division_code[:6]


async def enter_until(
    db: Database, vault: Vault, connectors: Mapping[str, Connector], stop: asyncio.Event
) -> None:
    """Until ``stop``: what is due is entered; a system that fails keeps no other waiting."""

    async def look() -> None:
        await enter(db, vault, connectors)

    await rounds(look, stop, LOOK_SECONDS, log, "entries_kept")


async def enter_now(db: Database, vault: Vault, connectors: Mapping[str, Connector], code: str) -> Entered:
    """All that the system has not answered yet. NotFound, ConfigurationError where nothing can be entered."""
    async with db.transaction() as connection:
        row = await connection.fetchrow("select connector, secrets from source where code = $1", code)
    if row is None:
        raise NotFound(f"there is no source {code!r}")
    connector = _able(connectors).get(row["connector"])
    if connector is None:
        raise ConfigurationError(f"source {code}: the connector {row['connector']} enters nothing")
    Place("", "", opened(vault, row["secrets"])).secret(connector.outgoing.secret)
    return await enter(db, vault, connectors, code)


async def enter(
    db: Database, vault: Vault, connectors: Mapping[str, Connector], code: str | None = None
) -> Entered:
    """What is due; with ``code`` all that the one system has not answered. A system that fails is told."""
    able = _able(connectors)
    async with db.transaction() as connection:
        rows = await connection.fetch(SYSTEMS, list(able), code, china_now().time())
    entered = Entered()
    for system in (System(**row) for row in rows):
        try:
            await _enter_all(db, vault, able[system.connector], system, entered, now=code is not None)
        except Exception as error:  # whatever one system sends, the others are entered
            entered.failed.append(_code(error))
            unforeseen = None if isinstance(error, HubError) else error
            log.warning("entries_failed", source=system.code, code=_code(error), exc_info=unforeseen)
    return entered


async def _enter_all(
    db: Database, vault: Vault, connector: Entering, system: System, entered: Entered, *, now: bool
) -> None:
    secrets = opened(vault, system.secrets)
    if connector.outgoing.secret not in secrets:
        return
    place = Place(system.location, system.county, secrets)
    last: int | None = 0
    while last is not None:
        last = await _enter(db, vault.pinned(), connector, system, place, entered, now=now, after=last)


def _code(error: Exception) -> str:
    return error.code if isinstance(error, HubError) else "INTERNAL_ERROR"


def _able(connectors: Mapping[str, Connector]) -> dict[str, Entering]:
    return {name: each for name, each in connectors.items() if isinstance(each, Entering)}


async def _enter(
    db: Database,
    vault: Vault,
    connector: Entering,
    system: System,
    place: Place,
    entered: Entered,
    *,
    now: bool,
    after: int,
) -> int | None:
    """The last of the messages behind ``after`` that were claimed, None if there are no more."""
    to = connector.outgoing
    async with db.transaction() as connection:
        claimed = await connection.fetch(CLAIM, system.id, system.county, to.table, now, AT_ONCE, after)
        rows = await connection.fetch(_told(to), system.county, [each["entity_id"] for each in claimed])
    by_id = {row["id"]: dict(row) for row in rows}
    of = {each["name"]: by_id[each["entity_id"]] for each in claimed if each["entity_id"] in by_id}
    last = max(each["id"] for each in claimed) if len(claimed) == AT_ONCE else None
    if not of:
        return last
    messages = [Message(name, _opened(vault, to, row)) for name, row in of.items()]
    try:
        receipts = {each.name: each for each in await connector.enter(place, messages)}
    except Exception as error:
        async with db.transaction() as connection:
            await connection.execute(FAILED, [each["id"] for each in claimed], _code(error))
        raise
    for name, row in of.items():
        async with db.transaction() as connection:
            await _note(connection, vault, connector, system, name, row, receipts.get(name), entered)
    return last


async def _note(
    connection: Connection,
    vault: Vault,
    connector: Entering,
    system: System,
    name: str,
    row: Mapping[str, Any],
    receipt: Receipt | None,
    entered: Entered,
) -> None:
    to = connector.outgoing
    # A run that merges what the system says must not meet with what is noted of it here.
    await connection.execute(BESIDE, system.county)
    # Whom it is about may have become another while the system was waited for.
    held = (
        f'select "{to.state}", "{to.about}" from "{to.table}" where county_code = $1 and id = $2 for update'
    )
    state, person = await connection.fetchrow(held, system.county, row["id"]) or (None, None)
    first = state == PENDING
    if receipt is None and not first:
        entered.waiting += 1
        return
    settled_at = None if receipt is None else receipt.at
    if await connection.execute(NOTED, name, settled_at, first) == "UPDATE 0":
        return  # somebody else has noted the answer
    entered.sent += first
    told: dict[str, Any]
    if receipt is None:
        told = {to.state: SENT}
    elif receipt.number is None:
        entered.refused += 1
        told = {to.state: REFUSED, to.refusal: receipt.refusal}
    else:
        entered.accepted += 1
        told = {to.state: ACCEPTED, to.entered_at: receipt.at, to.number: receipt.number, to.refusal: None}
    if first:
        told[to.sent_at] = china_now()
    named = ", ".join(f'"{column}" = ${place}' for place, column in enumerate(told, 3))
    await connection.execute(
        f'update "{to.table}" set {named} where county_code = $1 and id = $2',
        system.county,
        row["id"],
        *told.values(),
    )
    if receipt is not None and receipt.number is not None and person is not None:
        await _know(connection, vault, connector, system, {**row, to.about: person}, receipt.number)
    await connection.execute(CHANGE, to.table, system.county, row["id"])
    await connection.execute("select pg_notify($1, 'written')", CHANGES)


async def _know(
    connection: Connection,
    vault: Vault,
    connector: Entering,
    system: System,
    row: Mapping[str, Any],
    number: str,
) -> None:
    """Whom the number is of: what the system will say under it is said of the person of the row.

    As a record of the system that says no more than it has to, older than anything the system says itself.
    """
    to, lists = connector.outgoing, getattr(connector, "lists", {})
    staged = StagedList(lists[to.kind], 0, vault)
    layout = staged.layouts[0]
    context = Context(system.county, china_now().date(), vault.blind)
    keys, _ = staged.check.keys(Row("", "", 0, {to.header: number}, {}), context)
    assert layout.record is not None
    needed = ", ".join(f'"{name}"' for name in layout.needed)
    await connection.execute(
        f"""
        insert into "{layout.record.name}" (source_id, record_key, entity_id, precedence, content_hash,
            observed_at, received_at, run_id, list_kind, county_code, {needed})
        select $1, $2, g.id, $3, $4, $5, now(), 0, $6, g.county_code, {needed}
        from "{layout.table.name}" g where g.county_code = $7 and g.id = $8
        on conflict do nothing""",
        system.id,
        keys[0][0],
        layout.precedence,
        vault.blind(f"entered|{number}"),
        row["_at"],
        to.kind,
        system.county,
        row[to.about],
    )


def _told(to: Outgoing) -> str:
    """$1 county, $2 numbers of rows; ``_at``: when the hub knew the row."""
    about = _about(to)
    own = dict.fromkeys(("id", to.about, *to.columns))
    columns = [*(f'e."{name}"' for name in own), *(f'p."{n}" as "{to.about}.{n}"' for n in to.of)]
    return f"""
        select {", ".join(columns)}, e.observed_at as "_at" from "{to.table}" e left join "{about}" p
            on p.county_code = e.county_code and p.id = e."{to.about}"
        where e.county_code = $1 and e.id = any ($2)"""


def _about(to: Outgoing) -> str:
    keys = (key for key in metadata.tables[to.table].foreign_key_constraints if to.about in key.column_keys)
    return str(next(keys).referred_table.name)


def _opened(vault: Vault, to: Outgoing, row: Mapping[str, Any]) -> Mapping[str, Any]:
    about = metadata.tables[_about(to)].c
    sealed = {f"{to.about}.{name}" for name in to.of if about[name].info.get("sealed")}
    names: Sequence[str] = [*to.columns, *(f"{to.about}.{name}" for name in to.of)]
    return {
        name: vault.open(row[name]) if name in sealed and row[name] is not None else row[name]
        for name in names
    }
