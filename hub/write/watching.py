"""关注名单: an agency names people whose entitlement it is told of when it changes, for a purpose, to a day.

Nothing is found out here, nor told: whether somebody is entitled is asked afterwards (``hub.watching``),
for the client as it is then, and counts as any question.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from hub.access.persons import NUMBER, TOKEN, Asker
from hub.errors import BadArgument, Conflict
from hub.tables import watch as watches
from hub.write.work import Key, NotYours, Work, key_in, words

MOST_REFERENCE: Final = 64

SAME: Final = """
    select id from watch where client_id = $1 and purpose = $2 and programme = $3 and ended_at is null
        and id_number_hash = any ($4::bytea[])"""
ADD: Final = """
    insert into watch (client_id, purpose, programme, id_number, id_number_hash, reference, made_at, ends_on)
    values ($1, $2, $3, $4, $5, $6, $7, $8) returning id"""
END: Final = """
    update watch set ended_at = $2, end_reason = 'UNWATCHED', id_number = null, id_number_hash = null,
        is_entitled = null, answered_at = null
    where id = $1 and ended_at is null returning id"""
SEEN: Final = "select true from watch where id = $1"
HELD: Final = "select pg_advisory_xact_lock(hashtext('watch ' || $1))"


class NoBasis(BadArgument):
    """Expected a purpose with a legal basis: a watch ends with it."""

    zh = "应声明具有合法性基础的用途，关注随用途终止"


class AlreadyWatched(Conflict):
    """The person is watched already, for this purpose and programme."""

    zh = "该人员已在同一用途、同一项目的关注名单内"


class WatchOver(Conflict):
    """This watch is over."""

    zh = "该关注已结束"


async def watch_person(
    work: Work, *, person: Mapping[str, str], programme: str, reference: str, until: dt.date
) -> Key:
    """``person``: as ``eligibility`` takes it; the number is kept sealed, and a token's number as well."""
    viewer, purpose = work.viewer, work.viewer.stated
    if purpose is None or purpose.legal_basis is None:
        raise NoBasis
    if until < work.today:
        raise BadArgument("Expected a last day that is not over.", zh="截止日期不得早于当日")
    asker = Asker(work.vault, viewer.client_id, viewer.person_keys, work.today)
    number, hashes = asker.one({NUMBER: person.get("id_number"), TOKEN: person.get("token")})
    called = words("a reference", reference, MOST_REFERENCE, zh="对方编号")
    await work.own_row(HELD, viewer.client_id)
    if await work.viewer_row(SAME, viewer.client_id, purpose.code, programme, hashes):
        raise AlreadyWatched
    made = await work.viewer_row(
        ADD, viewer.client_id, purpose.code, programme, work.vault.seal(number),
        work.vault.look_up(work.vault.blind(number)), work.vault.seal(called), work.now, until,
    )  # fmt: skip
    key = Key(None, made["id"])
    work.note("watch", key, "I", "programme", "ends_on")
    return key


async def end_watch(work: Work, *, watch: str) -> Key:
    """The number goes at once."""
    key = key_in(watch, watches)
    if not await work.viewer_row(SEEN, key.id):
        raise NotYours
    if not await work.viewer_row(END, key.id, work.now):
        raise WatchOver
    work.note("watch", key, "U", "ended_at", "end_reason")
    return key
