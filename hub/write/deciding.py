"""What becomes of a referral: accepted, declined, withdrawn. Whoever comes first decides."""

from __future__ import annotations

from typing import Any, Final

from hub.errors import BadArgument, Conflict
from hub.tables import contract as contracts
from hub.tables import referral as referrals
from hub.tables import station as stations
from hub.write.counties import hold_county, hold_person
from hub.write.handing import GONE, TRANSFER, NoLongerAssigned
from hub.write.noting import seen_worker
from hub.write.source import NO_RUN, own_source
from hub.write.work import Key, NotYours, Work, key_in, words

MOST_TEXT: Final = 500

SEEN: Final = "select beneficiary_id, status from referral where county_code = $1 and id = $2"
TAKEN: Final = """
    select county_code, id, beneficiary_id, kind, assignment_id, to_contract_id from referral
    where county_code = $1 and id = $2 for update"""
DECIDE: Final = """
    update referral set status = $3, decided_at = $4, decline_reason = $5, to_contract_id = $6,
        to_station_id = $7
    where county_code = $1 and id = $2 returning true"""
SERVED_AT: Final = """
    select station_id from contract_station l join station s on s.id = l.station_id
    where l.contract_id = $1 and s.county_code = $2 and ($3::bigint is null or l.station_id = $3)"""
ENDED: Final = """
    update assignment set ends_on = $4
    where county_code = $1 and id = $2 and beneficiary_id = $3
        and starts_on <= $4 and (ends_on is null or ends_on >= $4)
    returning source_id, content_hash"""
HEAR_AGAIN: Final = """
    with source as (select exists (select from seen_pack where source_id = $1) as is_packed),
    forgotten as (
        delete from seen_row s using source where not is_packed and s.source_id = $1 and s.row_hash = $2)
    insert into seen_row (source_id, row_hash, observed_at)
    select $1, $2, '-infinity' from source where is_packed
    on conflict (source_id, row_hash) do update set observed_at = excluded.observed_at"""
"""Or the source's next run would pass over the row, and nobody be told that it does not follow."""
OVERTAKE: Final = """
    update referral set status = 'OVERTAKEN', decided_at = $4
    where county_code = $1 and assignment_id = $2 and id <> $3 and kind = 'TRANSFER' and status = 'PENDING'
    returning id"""
HELD: Final = """
    select true from assignment where county_code = $1 and beneficiary_id = $2 and contract_id = $3
        and (ends_on is null or ends_on >= $4)"""
ADD: Final = """
    insert into assignment (county_code, beneficiary_id, station_id, contract_id, contractor_id, worker_id,
        starts_on, source_id, record_key, content_hash, observed_at, received_at, run_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12) returning id"""
LED_TO: Final = "update referral set to_assignment_id = $3 where county_code = $1 and id = $2"


class Decided(Conflict):
    """It was accepted, declined or withdrawn meanwhile, or another transfer was accepted."""

    zh = "该转介已办结"


class AlreadyAssigned(Conflict):
    """The person is assigned under this contract already."""

    zh = "该对象已在此合同下服务"


async def accept(
    work: Work,
    *,
    referral: str,
    contract: str | None = None,
    station: str | None = None,
    worker: str | None = None,
) -> Key:
    """The receiver's own assignment begins today; that of a transfer ends today, in the same transaction."""
    await hold_county(work.connection, str(key_in(referral, referrals).county), beside_others=True)
    key, row = await _taken(work, referral, with_person=True)
    under = key_in(contract, contracts).id if contract is not None else row["to_contract_id"]
    if row["to_contract_id"] not in (None, under):
        raise BadArgument("Expected the contract it is meant for.", zh="应为转介指定的合同")
    if under is None:
        under = await _only_contract(work)
    if under not in work.values["contracts"]:
        raise BadArgument("Expected a contract of yours in force today.", zh="应为本机构当日有效的合同")
    at = await _station(work, under, key.county, station)
    await _decide(work, key, row, "ACCEPTED", contract=under, station=at)
    if row["kind"] == TRANSFER:
        await _end(work, key, row)
    await _begin(work, key, row, under, at, await seen_worker(work, worker))
    return key


async def decline(work: Work, *, referral: str, reason: str) -> Key:
    said = words("reason", reason, MOST_TEXT)
    key, row = await _taken(work, referral)
    await _decide(work, key, row, "DECLINED", reason=said)
    return key


async def withdraw(work: Work, *, referral: str) -> Key:
    key, row = await _taken(work, referral)
    await _decide(work, key, row, "WITHDRAWN")
    return key


async def _taken(work: Work, referral: str, *, with_person: bool = False) -> tuple[Key, Any]:
    """The referral, held until the transaction ends; NotYours, or Decided where somebody was sooner."""
    key = key_in(referral, referrals)
    seen = await work.viewer_row(SEEN, *key)
    if seen is None:
        raise NotYours
    if with_person:
        await hold_person(work.connection, key.county, seen["beneficiary_id"])
    row = await work.viewer_row(TAKEN, *key)  # policies show what is pending only
    if row is None:
        seen = await work.viewer_row(SEEN, *key)
        raise NotYours if seen["status"] == "PENDING" else Decided
    return key, row


async def _decide(
    work: Work,
    key: Key,
    row: Any,
    status: str,
    *,
    reason: str | None = None,
    contract: int | None = None,
    station: int | None = None,
) -> None:
    """In the viewer's name: a policy says who may bring it to this status."""
    contract = contract or row["to_contract_id"]
    await work.viewer_row(DECIDE, *key, status, work.now, reason, contract, station)
    work.note("referral", key, "U", "status", "decline_reason", person=row["beneficiary_id"])


async def _only_contract(work: Work) -> int:
    if len(work.values["contracts"]) != 1:
        raise BadArgument(
            "Expected contract: several are in force today.", zh="当日有多个有效合同，请指明 contract"
        )
    return int(work.values["contracts"][0])


async def _station(work: Work, contract: int, county: str | None, given: str | None) -> int:
    wanted = None if given is None else key_in(given, stations).id
    found = await work.viewer_rows(SERVED_AT, contract, county, wanted)
    if len(found) != 1:
        raise BadArgument(
            "Expected station: one of the person's county that the contract is served at.",
            zh="请以 station 指明合同服务的、对象所在县（区）的一个服务站",
        )
    return int(found[0]["station_id"])


async def _end(work: Work, key: Key, row: Any) -> None:
    """The assignment that is transferred, and what other transfers there are of it."""
    person, assignment = row["beneficiary_id"], Key(key.county, row["assignment_id"])
    ended = await work.own_row(ENDED, *assignment, person, work.today)
    if ended is None or await work.own_row(GONE, *assignment, key.id):
        raise NoLongerAssigned
    await work.own_row(HEAR_AGAIN, ended["source_id"], ended["content_hash"])
    work.note("assignment", assignment, "U", "ends_on", person=person)
    for other in await work.own_rows(OVERTAKE, *assignment, key.id, work.now):
        work.note("referral", Key(key.county, other["id"]), "U", "status", person=person)


async def _begin(work: Work, key: Key, row: Any, contract: int, station: int, worker: int | None) -> None:
    person = row["beneficiary_id"]
    if await work.own_row(HELD, key.county, person, contract, work.today):
        raise AlreadyAssigned
    name = f"referral:{key.text}"
    made = await work.own_row(
        ADD, key.county, person, station, contract, work.viewer.organisation_id, worker, work.today,
        await own_source(work), name, work.vault.blind(name), work.now, NO_RUN,
    )  # fmt: skip
    begun = Key(key.county, made["id"])
    await work.own_row(LED_TO, *key, begun.id)
    work.note("assignment", begun, "I", "starts_on", person=person)
