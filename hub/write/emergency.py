"""紧急访问: somebody outside the slice is looked at for some hours, the bureau is told, and judges it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import structlog

from hub.access.live import LIVE
from hub.access.numbers import look_ups
from hub.access.slices import BUREAU, CONTRACTOR, TOWNSHIP
from hub.access.viewer import Viewer
from hub.access.writable import CLOSED
from hub.errors import BadArgument, Conflict, Forbidden
from hub.tables import beneficiary as beneficiaries
from hub.tables import emergency_access as accesses
from hub.write.work import Key, NotYours, Work, key_in, words

log = structlog.get_logger("hub.write")

MOST_PEOPLE: Final = 10
"""Of one access, and questions that each counts for (``graphql_schema/mutation.py``)."""
MOST_TEXT: Final = 2_000
DAY: Final = dt.timedelta(hours=24)

LOCK: Final = "select pg_advisory_xact_lock(hashtext($1))"
BARRED: Final = """
    select client_id, user_id from emergency_access
    where verdict = 'UNJUSTIFIED' and (client_id = $1 or user_id = $2)"""
RECENT: Final = """
    select client_id, user_id from emergency_access
    where opened_at > $3 and (client_id = $1 or user_id = $2)"""
HELD: Final = f"""
    select distinct county_code from contract where contractor_id = $1 and {LIVE.format(day="$2")}"""
BY_NUMBER: Final = """
    select county_code, id, id_number_hash as hash from beneficiary where id_number_hash = any ($1::bytea[])
        and county_code >= $2 and county_code < $3
    union
    select county_code, linked_to, id_number_hash from beneficiary_apart
    where id_number_hash = any ($1::bytea[]) and county_code >= $2 and county_code < $3"""
BY_ID: Final = (
    "select county_code, id from beneficiary where county_code = any ($1::text[]) and id = any ($2::bigint[])"
)
NAME: Final = "select name from oauth_client where client_id = $1"
# Who suspends or expires waits for who opens, and ends what was opened; who opens waits for who does.
ACTIVE: Final = """
    with client as (select status, expires_at from oauth_client where client_id = $1 for share),
        who as (select status from hub_user where id = $2 for share)
    select coalesce((select status from client), 'ACTIVE') = 'ACTIVE'
        and coalesce((select expires_at from client) > clock_timestamp(), true)
        and coalesce((select status from who), 'ACTIVE') = 'ACTIVE' as active"""
ADD: Final = """
    insert into emergency_access (client_id, user_id, opener_role, opener_name, opener_division_code,
        organisation_id, county_code, division_code, person_ids, people, reason, note, opened_at, ends_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id"""
SEEN: Final = "select true from emergency_access where id = $1"
OWN: Final = """
    select client_id, user_id, closed_at, ends_at, verdict from emergency_access where id = $1 for update"""
CLOSE: Final = "update emergency_access set closed_at = $2, end_reason = $3 where id = $1 returning id"
JUDGE: Final = """
    update emergency_access set verdict = $2, reviewed_at = $3, reviewer = $4, review_note = $5 where id = $1
    returning id"""


class NobodyThere(NotYours):
    """Expected people of one county in which you work; who is elsewhere is not opened."""

    zh = "应为您工作所在同一县（区）的服务对象"


class Barred(Forbidden):
    """An emergency access of yours was judged unjustified; the bureau has to settle that first."""

    code, zh = "EMERGENCY_BARRED", "您此前的紧急访问被认定为不正当，须先由民政部门处理"


class Suspended(Forbidden):
    """The client, or the user, has been suspended, or the client's registration has ended."""

    zh = "客户端或用户已被停用，或客户端登记已到期"


class TooManyEmergencies(Forbidden):
    """You have opened as many emergency accesses as may be within 24 hours."""

    code, zh = "EMERGENCY_LIMIT", "24 小时内启动紧急访问的次数已达上限"


class EmergencyOver(Conflict):
    """This emergency access has ended."""

    zh = "该紧急访问已结束"


class OwnEmergency(Forbidden):
    """Who opened an emergency access, or may have, does not review it."""

    zh = "启动方（或可能为启动方者）不得审查该紧急访问"


async def open_access(
    work: Work,
    *,
    reason: str,
    hours: int,
    note: str,
    people: Sequence[str] | None = None,
    id_numbers: Sequence[str] | None = None,
) -> Key:
    """For people found by id or by number, all of one county."""
    viewer, text = work.viewer, _text(note)
    most = work.limits.emergency_hours
    if not 1 <= hours <= most:
        raise BadArgument(f"Expected hours from 1 to {most}.", zh=f"时长应为 1 至 {most} 小时")
    await _lock(work, viewer.client_id, viewer.user_id)
    standing = await work.own_row(ACTIVE, viewer.client_id, viewer.user_id)
    if standing is None or not standing["active"]:
        raise Suspended
    if any(_same(viewer, row) for row in await work.own_rows(BARRED, viewer.client_id, viewer.user_id)):
        raise Barred
    recent = await work.own_rows(RECENT, viewer.client_id, viewer.user_id, work.now - DAY)
    if sum(_same(viewer, row) for row in recent) >= work.limits.emergency_openings:
        raise TooManyEmergencies
    county, numbers = await _people(work, people or (), id_numbers or ())
    named = await work.own_row(NAME, viewer.client_id)
    made = await work.viewer_row(
        ADD, viewer.client_id, viewer.user_id, viewer.role, named["name"] if named else "",
        viewer.division_code, viewer.organisation_id, county, f"{county}000000", numbers,
        [f"Beneficiary:{county}:{number}" for number in numbers], reason, work.vault.seal(text), work.now,
        work.now + dt.timedelta(hours=hours),
    )  # fmt: skip
    key = Key(None, made["id"])
    work.note("emergency_access", key, "I", "reason", "people")
    for number in numbers:
        work.used("beneficiary", Key(county, number), "emergency_access")
    log.warning(
        "emergency_opened", emergency=key.id, client_id=viewer.client_id, user_id=viewer.user_id,
        role=viewer.role, count=len(numbers), seconds=hours * 3600,
    )  # fmt: skip
    return key


async def close_access(work: Work, *, access: str) -> Key:
    """By who opened it, or by a bureau that sees it."""
    key, own = await _taken(work, access)
    is_own = _same(work.viewer, own)
    if work.viewer.role != BUREAU and not is_own:
        raise NotYours
    if own["closed_at"] is not None or own["ends_at"] <= work.now:
        raise EmergencyOver
    await work.viewer_row(CLOSE, key.id, work.now, "OPENER" if is_own else "BUREAU")
    work.note("emergency_access", key, "U", *CLOSED)
    log.info("emergency_closed", emergency=key.id, client_id=work.viewer.client_id)
    return key


async def review_access(work: Work, *, access: str, verdict: str, note: str) -> Key:
    """Another may be given later, such as that it is settled."""
    key, own = await _taken(work, access)
    if _same(work.viewer, own):
        raise OwnEmergency
    await _lock(work, own["client_id"], own["user_id"])
    by = f"{work.viewer.client_id} {work.viewer.user_id or ''}".strip()
    await work.viewer_row(JUDGE, key.id, verdict, work.now, by, work.vault.seal(_text(note)))
    work.note("emergency_access", key, "U", "verdict")
    log.info("emergency_reviewed", emergency=key.id, client_id=work.viewer.client_id)
    return key


async def _taken(work: Work, access: str) -> tuple[Key, Any]:
    key = key_in(access, accesses)
    if await work.viewer_row(SEEN, key.id) is None:
        raise NotYours
    return key, await work.own_row(OWN, key.id)


def _same(viewer: Viewer, row: Any) -> bool:
    """Whether the viewer may be who opened it: the same user, by whichever client; where a client asked for
    itself, then or now, nobody knows for whom, so the same client."""
    if viewer.user_id is None or row["user_id"] is None:
        return bool(row["client_id"] == viewer.client_id)
    return bool(row["user_id"] == viewer.user_id)


async def _lock(work: Work, client_id: str, user_id: int | None) -> None:
    """Openings and verdicts of one opener wait for each other; always the client first."""
    await work.own_row(LOCK, f"hub emergency {client_id}")
    if user_id is not None:
        await work.own_row(LOCK, f"hub emergency of user {user_id}")


def _text(note: str) -> str:
    return words("a note", note, MOST_TEXT, zh="说明")


async def _people(work: Work, ids: Sequence[str], numbers: Sequence[str]) -> tuple[str, list[int]]:
    """County, and numbers. Whoever is missing or elsewhere, the answer is the same."""
    if not 1 <= len(ids) + len(numbers) <= MOST_PEOPLE:
        raise BadArgument(f"Expected 1 to {MOST_PEOPLE} people.", zh=f"应为 1 至 {MOST_PEOPLE} 人")
    keys = {key_in(each, beneficiaries) for each in ids}
    asked = [look_ups(work.vault, each, work.today) for each in dict.fromkeys(numbers)]
    hashes = [look_up for each in asked for look_up in each]
    counties = await _counties(work)
    found = {
        Key(row["county_code"], row["id"])
        for row in await work.own_rows(BY_ID, [k.county for k in keys], [k.id for k in keys])
    } & keys
    rows = [row for lo, hi in counties for row in await work.own_rows(BY_NUMBER, hashes, lo, hi)]
    met, told = {Key(row["county_code"], row["id"]) for row in rows}, {row["hash"] for row in rows}
    within = {key for key in found if any(lo <= str(key.county) < hi for lo, hi in counties)}
    everybody = within | met
    unknown = any(told.isdisjoint(each) for each in asked)
    if within != keys or unknown or len(met) != len(asked) or len({k.county for k in everybody}) != 1:
        raise NobodyThere
    return str(next(iter(everybody)).county), sorted(key.id for key in everybody)


async def _counties(work: Work) -> list[tuple[str, str]]:
    """Half-open ranges of 6-digit codes: a bureau's tree, a township's county, where a contract is served."""
    match work.viewer.role:
        case "bureau":
            return [(work.values["lo6"], work.values["hi6"])]
        case "township":
            codes = [work.values["county"][:6]]
        case _:
            rows = await work.own_rows(HELD, work.viewer.organisation_id, work.today)
            codes = [row["county_code"] for row in rows]
    return [(code, code + "~") for code in codes]


OPENERS: Final = (BUREAU, TOWNSHIP, CONTRACTOR)
