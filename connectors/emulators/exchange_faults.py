"""How an exchange database goes wrong: faults of the catalogue by name, each done to what stands there.

A fault returns how many rows it touched; ``strike`` counts it among the switches. ``now`` is the system's
local time. What becomes of the rows is said at each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from connectors.emulators.exchange import Exchange
from connectors.emulators.switches import Switches

FEW: Final = 5
Fault = Callable[[Exchange, dt.datetime], Awaitable[int]]


async def late(exchange: Exchange, now: dt.datetime) -> int:
    """X1: rows of three days ago arrive today; accepted."""
    people = await exchange.standing("SAM_PEOPLE", FEW)
    at = now - dt.timedelta(days=3)
    return await exchange.write(*(("SAM_PEOPLE", "U", at, {**p, "TEL": "15400000001"}) for p in people))


async def sent_again(exchange: Exchange, now: dt.datetime) -> int:
    """X2: everything is sent again with the time it had; changes nothing, and brings nobody back."""
    for table in ("SAM_FAMILY", "SAM_PEOPLE"):
        fields = ", ".join([*(await exchange.standing(table, 1))[0], "OP_TYPE", "OP_TIME"])
        await exchange.run(f"insert into {table} ({fields}) select {fields} from {table} order by ID")  # noqa: S608
    return len(await exchange.standing("SAM_PEOPLE"))


async def out_of_order(exchange: Exchange, now: dt.datetime) -> int:
    """X3: the end of a benefit arrives before the change that was made an hour earlier; it stays ended."""
    (family,) = await exchange.standing("SAM_FAMILY", 1)
    ended = {**family, "END_DATE": f"{now:%Y-%m}"}
    before = now - dt.timedelta(hours=1)
    return await exchange.write(
        ("SAM_FAMILY", "U", now, ended),
        ("SAM_FAMILY", "U", before, {**family, "END_DATE": "3000-01"}),
    )


async def same_second(exchange: Exchange, now: dt.datetime) -> int:
    """X11: two changes of one person within a second; the second one stands."""
    (person,) = await exchange.standing("SAM_PEOPLE", 1)
    phones = ("15400000001", "15400000002")
    return await exchange.write(*(("SAM_PEOPLE", "U", now, {**person, "TEL": phone}) for phone in phones))


async def flags_taken(exchange: Exchange, now: dt.datetime) -> int:
    """X12: another reader turns all flags; nothing is lost."""
    await exchange.run("update SAM_PEOPLE set SYNC_FLAG = '1'")
    return len(await exchange.standing("SAM_PEOPLE"))


async def filled_again(exchange: Exchange, now: dt.datetime) -> int:
    """X12: a table is emptied and filled again with what stands; changes nothing."""
    people = await exchange.standing("SAM_PEOPLE")
    await exchange.run("truncate table SAM_PEOPLE")
    return await exchange.write(*(("SAM_PEOPLE", "I", now, person) for person in people))


async def renamed(exchange: Exchange, now: dt.datetime) -> int:
    """X13: the run stops with SCHEMA_DRIFT until it is ``named_back``."""
    await exchange.run("alter table SAM_PEOPLE rename column ID_CARD to GMSFHM")
    return 1


async def named_back(exchange: Exchange, now: dt.datetime) -> int:
    await exchange.run("alter table SAM_PEOPLE rename column GMSFHM to ID_CARD")
    return 1


async def added(exchange: Exchange, now: dt.datetime) -> int:
    """X13: a field nobody asked for; dropped, and told."""
    await exchange.run("alter table SAM_PEOPLE add column NEW_FIELD varchar(9) default 'x'")
    return 1


async def small_letters(exchange: Exchange, now: dt.datetime) -> int:
    """X14: read as before."""
    await exchange.run(
        "rename table SAM_PEOPLE to sam_people, SAM_FAMILY to sam_family",
        "alter table sam_people rename column ID_CARD to id_card, rename column OP_TIME to op_time",
    )
    return 2


async def words_for_nothing(exchange: Exchange, now: dt.datetime) -> int:
    """X15: accepted, as nothing."""
    people = await exchange.standing("SAM_PEOPLE", FEW)
    words = ("", "无", "不详", "-", None)
    rows = (("SAM_PEOPLE", "U", now, {**p, "TEL": w}) for p, w in zip(people, words, strict=True))
    return await exchange.write(*rows)


async def new_code(exchange: Exchange, now: dt.datetime) -> int:
    """X16: quarantined, CODE_UNKNOWN."""
    people = await exchange.standing("SAM_PEOPLE", FEW)
    return await exchange.write(*(("SAM_PEOPLE", "U", now, {**p, "VIABILITY": "7"}) for p in people))


async def lost_characters(exchange: Exchange, now: dt.datetime) -> int:
    """X24: a name GBK cannot write; quarantined, NAME_LOST_CHARACTER."""
    people = await exchange.standing("SAM_PEOPLE", FEW)
    return await exchange.write(*(("SAM_PEOPLE", "U", now, {**p, "NAME": "王𠮷"}) for p in people))


async def dead(exchange: Exchange, now: dt.datetime) -> int:
    """X32: dead, and the benefit goes on; quarantined, DECEASED_WITHOUT_END."""
    (family,) = await exchange.standing("SAM_FAMILY", 1)
    people = [p for p in await exchange.standing("SAM_PEOPLE") if p["FAMILY_ID"] == family["FAMILY_ID"]]
    await exchange.write(("SAM_FAMILY", "U", now, {**family, "END_DATE": "3000-01"}))
    return await exchange.write(
        *(("SAM_PEOPLE", "U", now, {**p, "PERSONAL_STATS_TAG": "03"}) for p in people)
    )


async def without_family(exchange: Exchange, now: dt.datetime) -> int:
    """X32: people of a family that is not there; quarantined, REQUIRED."""
    people = await exchange.standing("SAM_PEOPLE", FEW)
    return await exchange.write(*(("SAM_PEOPLE", "U", now, {**p, "FAMILY_ID": "f" * 32}) for p in people))


async def half_deleted(exchange: Exchange, now: dt.datetime) -> int:
    """X10: half the people are deleted; the run stops with MASS_DELETE_STOPPED."""
    people = await exchange.standing("SAM_PEOPLE")
    return await exchange.write(*(("SAM_PEOPLE", "D", now, p) for p in people[: len(people) // 2]))


async def capital_letters(exchange: Exchange, now: dt.datetime) -> int:
    await exchange.run(
        "alter table sam_people rename column id_card to ID_CARD, rename column op_time to OP_TIME",
        "rename table sam_people to SAM_PEOPLE, sam_family to SAM_FAMILY",
    )
    return 2


async def taken_away(exchange: Exchange, now: dt.datetime) -> int:
    await exchange.run("alter table SAM_PEOPLE drop column NEW_FIELD")
    return 1


FAULTS: Final[Mapping[str, Fault]] = {
    "x01-late": late,
    "x02-sent-again": sent_again,
    "x03-out-of-order": out_of_order,
    "x10-half-deleted": half_deleted,
    "x11-same-second": same_second,
    "x12-flags-taken": flags_taken,
    "x12-filled-again": filled_again,
    "x13-renamed": renamed,
    "x13-named-back": named_back,
    "x13-added": added,
    "x14-small-letters": small_letters,
    "x15-words-for-nothing": words_for_nothing,
    "x16-new-code": new_code,
    "x24-lost-characters": lost_characters,
    "x32-dead": dead,
    "x32-without-family": without_family,
}

MENDED: Final[Mapping[str, Fault]] = {
    "x13-renamed": named_back,
    "x13-added": taken_away,
    "x14-small-letters": capital_letters,
}
"""What takes a fault of the tables themselves back; rows are mended by publishing again."""


async def strike(exchange: Exchange, name: str, now: dt.datetime, switches: Switches | None = None) -> int:
    """How many rows the fault ``name`` touched; with ``switches`` only where it is turned on."""
    if switches is not None and not switches.strikes(name):
        return 0
    return await FAULTS[name](exchange, now)
