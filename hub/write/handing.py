"""转介、移交: a person is handed on, and nobody sees who it is before it is accepted.

Who refers must see the person; the receiver sees the category and the township until it accepts, and from
then on what its own assignment shows. A transfer ends the assignment it is about on the same day.
"""

from __future__ import annotations

from typing import Any, Final

from hub.access.live import LIVE
from hub.access.slices import CONTRACTOR
from hub.errors import BadArgument, Conflict
from hub.tables import assignment as assignments
from hub.tables import beneficiary as beneficiaries
from hub.tables import contract as contracts
from hub.write.counties import hold_person
from hub.write.parties import called, party_of
from hub.write.work import Key, NotYours, Work, key_in

TRANSFER: Final = "TRANSFER"

PERSON: Final = "select division_code from beneficiary where county_code = $1 and id = $2"
EFFECTIVE: Final = "starts_on <= $3 and (ends_on is null or ends_on >= $3)"
ASSIGNED: Final = f"""
    select id, contract_id, contractor_id from assignment
    where county_code = $1 and beneficiary_id = $2 and {EFFECTIVE}"""
GONE: Final = """
    select true from referral where county_code = $1 and assignment_id = $2 and id is distinct from $3
        and kind = 'TRANSFER' and status = 'ACCEPTED'"""
BELONGS: Final = f"""
    select true from category_membership
    where county_code = $1 and beneficiary_id = $2 and {EFFECTIVE} and category = $4"""
RECEIVER: Final = f"""
    select c.id from contractor c where c.credit_code = $1 and exists (
        select from contract k
        where k.contractor_id = c.id and k.county_code = $2 and {LIVE.format(day="$3")})"""
MEANT: Final = f"""
    select contractor_id as id from contract where id = $1 and county_code = $2 and {LIVE.format(day="$3")}"""
ADD: Final = """
    insert into referral (county_code, beneficiary_id, division_code, kind, status, category, need,
        referrer, referrer_name, referrer_division_code, from_contractor_id, from_contract_id,
        assignment_id, to_contractor_id, to_contract_id, made_at)
    values ($1, $2, $3, $4, 'PENDING', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning id"""


class NoReceiver(BadArgument):
    """Expected a contractor that holds a contract in the person's county today."""

    zh = "接收方当日在该县（区）没有有效合同"


class SeveralAssignments(BadArgument):
    """The person has several assignments; say which."""

    zh = "该对象有多项服务分派，请指明"


class NotAssigned(BadArgument):
    """The person has no such assignment today."""

    zh = "该对象当日没有此项服务分派"


class NoLongerAssigned(Conflict):
    """The assignment that was to be transferred has ended meanwhile."""

    zh = "原服务分派已结束"


async def refer(
    work: Work,
    *,
    beneficiary: str,
    kind: str,
    category: str,
    need: str | None = None,
    assignment: str | None = None,
    to_contract: str | None = None,
    to_credit_code: str | None = None,
) -> Key:
    """Offers the person to another; nothing changes for anybody until it is accepted."""
    county, person = key_in(beneficiary, beneficiaries)
    found = await work.viewer_row(PERSON, county, person)
    if found is None:
        raise NotYours
    who = county, person
    if not await work.viewer_row(BELONGS, *who, work.today, category):
        raise BadArgument("Expected a category the person is in today.", zh="该对象当日不属于此类别")
    viewer, with_whom = work.viewer, None
    if kind == TRANSFER:
        with_whom = await _to_transfer(work, who, assignment)
    elif viewer.role == CONTRACTOR:
        with_whom = await _assignment(work, who, assignment)
    receiver, contract = await _receiver(work, county, to_contract, to_credit_code)
    if with_whom is not None and contract == with_whom["contract_id"]:
        raise BadArgument(
            "Expected a contract other than the person is served under.", zh="接收合同与原合同相同"
        )
    name = await called(work)
    made = await work.viewer_row(
        ADD, county, person, found["division_code"], kind, category, need, party_of(viewer), name,
        viewer.division_code, *_parts_with(with_whom, kind), receiver, contract, work.now,
    )  # fmt: skip
    key = Key(county, made["id"])
    work.note("referral", key, "I", "kind", "category", "need", person=person)
    return key


def _parts_with(assignment: Any, kind: str) -> tuple[int | None, int | None, int | None]:
    """Contractor and contract the person is with, and the assignment that ends if it is a transfer."""
    if assignment is None:
        return None, None, None
    ends = assignment["id"] if kind == TRANSFER else None
    return assignment["contractor_id"], assignment["contract_id"], ends


async def _to_transfer(work: Work, who: tuple[str | None, int], given: str | None) -> Any:
    """An assignment that was transferred today is seen until the day is over, and not transferred again."""
    await hold_person(work.connection, *who)
    found = await _assignment(work, who, given)
    if await work.own_row(GONE, who[0], found["id"], None):
        raise NoLongerAssigned
    return found


async def _assignment(work: Work, who: tuple[str | None, int], given: str | None) -> Any:
    """Of the person today, as far as the viewer sees it: the one that is given, or the only one."""
    found = await work.viewer_rows(ASSIGNED, *who, work.today)
    if given is not None:
        wanted = key_in(given, assignments)
        found = [row for row in found if Key(who[0], row["id"]) == wanted]
    if not found:
        raise NotAssigned
    if len(found) > 1:
        raise SeveralAssignments
    return found[0]


async def _receiver(
    work: Work, county: str | None, to_contract: str | None, to_credit_code: str | None
) -> tuple[int, int | None]:
    """The contractor, and the contract where one is meant."""
    if (to_contract is None) == (to_credit_code is None):
        raise BadArgument("Expected toContract or toCreditCode.", zh="toContract 与 toCreditCode 应任选其一")
    if to_contract is None:
        found = await work.own_row(RECEIVER, to_credit_code, county, work.today)
        contract = None
    else:
        contract = key_in(to_contract, contracts).id
        # Which contracts there are is the viewer's to see, and which of them are live is the hub's to say.
        seen = await work.viewer_row("select true from contract where id = $1", contract)
        found = seen and await work.own_row(MEANT, contract, county, work.today)
    if found is None:
        raise NoReceiver
    return found["id"], contract
