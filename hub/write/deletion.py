"""返还与删除证明: the contractor says what became of the data, the bureau says whether that is enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from hub.errors import BadArgument, Conflict
from hub.tables import beneficiary as beneficiaries
from hub.tables import deletion_certificate as certificates
from hub.tables import deletion_duty as duties
from hub.write.settling import settling
from hub.write.work import Key, NotYours, Work, key_in, words

MOST_PEOPLE: Final = 1_000
MOST_NAME: Final = 100
MOST_TEXT: Final = 2_000

DUTY: Final = "select id from deletion_duty where id = $1"
LINES: Final = """
    select county_code, id, beneficiary_id, lost_on from deletion_duty_person
    where deletion_duty_id = $1 and released_on is null and deletion_certificate_id is null
    order by county_code, id for update"""
ADD: Final = """
    insert into deletion_certificate (deletion_duty_id, contract_id, contractor_id, division_code, method,
        statement, signer_name, signed_on, filed_at, line_ids, decision)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'PENDING') returning id"""
COVER: Final = """
    update deletion_duty_person set deletion_certificate_id = $2
    where deletion_duty_id = $1 and id = any ($3::bigint[])"""
SEEN: Final = """
    select deletion_duty_id, decision, statement from deletion_certificate c
    where id = $1 and cardinality(line_ids) = (select count(*) from deletion_duty_person p
        where p.deletion_duty_id = c.deletion_duty_id and p.id = any (c.line_ids))"""
"""By who decides: as a whole, every line and the words, or it is as if it were not there."""
TAKEN: Final = "select deletion_duty_id from deletion_certificate where id = $1 for update"
DECIDE: Final = """
    update deletion_certificate set decision = $2, decided_at = $3, decision_reason = $4 where id = $1
    returning deletion_duty_id"""
OPEN_AGAIN: Final = """
    update deletion_duty_person set deletion_certificate_id = null where deletion_certificate_id = $1"""


class NothingOpen(Conflict):
    """Nothing of this duty is left to be certified."""

    zh = "该义务没有待证明的人员"


class SignedTooSoon(BadArgument):
    """Expected signedOn not to be before the latest lostOn of the people it certifies."""

    zh = "签署日期不得早于所涉人员最晚的访问截止日期"


class CertificateDecided(Conflict):
    """The certificate was accepted or rejected meanwhile."""

    zh = "该证明已审核"


async def certify(
    work: Work,
    *,
    duty: str,
    method: str,
    statement: str,
    signer_name: str,
    signed_on: dt.date,
    people: Sequence[str] | None = None,
) -> Key:
    """For all who are still open, or for some of them."""
    key = key_in(duty, duties)
    if await work.viewer_row(DUTY, key.id) is None:
        raise NotYours
    said, signer = words("statement", statement, MOST_TEXT), words("signerName", signer_name, MOST_NAME)
    if signed_on > work.today:
        raise BadArgument("Expected signedOn not to lie ahead.", zh="签署日期不得晚于当日")
    async with _settling(work, key.id) as held:
        lines = _wanted(await work.own_rows(LINES, key.id), people)
        if not lines:
            raise NothingOpen
        if signed_on < max(row["lost_on"] for row in lines):
            raise SignedTooSoon
        made = await work.viewer_row(
            ADD, key.id, held["contract_id"], held["contractor_id"], held["division_code"], method,
            said, signer, signed_on, work.now, [row["id"] for row in lines],
        )  # fmt: skip
        await work.own_row(COVER, key.id, made["id"], [row["id"] for row in lines])
    work.note("deletion_certificate", Key(None, made["id"]), "I", "method", "statement", "signed_on")
    for row in lines:
        line = Key(row["county_code"], row["id"])
        work.note("deletion_duty_person", line, "U", "certificate", person=row["beneficiary_id"])
    return Key(None, made["id"])


def _wanted(lines: Sequence[Any], people: Sequence[str] | None) -> Sequence[Any]:
    if people is None:
        return lines
    if not 1 <= len(people) <= MOST_PEOPLE:
        raise BadArgument(f"Expected 1 to {MOST_PEOPLE} people.", zh=f"人员应为 1 至 {MOST_PEOPLE} 名")
    wanted = {key_in(each, beneficiaries) for each in people}
    found = [row for row in lines if Key(row["county_code"], row["beneficiary_id"]) in wanted]
    if len(found) != len(wanted):
        raise BadArgument("Expected people of this duty that are still open.", zh="应为该义务中待证明的人员")
    return found


async def accept(work: Work, *, certificate: str) -> Key:
    """The certificate stands; nothing of it can be changed any more."""
    return await _decide(work, certificate, "ACCEPTED", None)


async def reject(work: Work, *, certificate: str, reason: str) -> Key:
    """The people are open again; the certificate stays, with the reason."""
    said = words("reason", reason, MOST_TEXT)
    return await _decide(work, certificate, "REJECTED", said)


async def _decide(work: Work, certificate: str, decision: str, reason: str | None) -> Key:
    key = key_in(certificate, certificates)
    seen = await work.viewer_row(SEEN, key.id)
    if seen is None:
        raise NotYours
    async with _settling(work, seen["deletion_duty_id"]):
        if await work.viewer_row(TAKEN, key.id) is None:
            again = await work.viewer_row(SEEN, key.id)
            raise NotYours if again is None or again["decision"] == "PENDING" else CertificateDecided
        await work.viewer_row(DECIDE, key.id, decision, work.now, reason)
        if decision == "REJECTED":
            await work.own_row(OPEN_AGAIN, key.id)
    work.note("deletion_certificate", key, "U", "decision", "decision_reason")
    return key


@asynccontextmanager
async def _settling(work: Work, duty: int) -> AsyncIterator[Any]:
    async with settling(work.connection, duty) as [held]:
        yield held
    work.note("deletion_duty", Key(None, duty), "U", "status")
