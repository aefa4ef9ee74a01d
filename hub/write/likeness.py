"""同一人核验: a bureau says that two files are of one person, or of two, and takes a link back."""

from __future__ import annotations

from typing import Any, Final

import structlog

from hub.errors import BadArgument, Conflict
from hub.store.linking import know, regroup
from hub.tables import identity_review as reviews
from hub.write.counties import hold_county
from hub.write.work import Key, NotYours, Work, key_in, words

log = structlog.get_logger("hub.write")

MOST_TEXT: Final = 500

TAKEN: Final = """
    select first_id, second_id, status from identity_review where county_code = $1 and id = $2"""
BOTH: Final = "select count(*) as n from beneficiary where county_code = $1 and id = any ($2::bigint[])"
DECIDE: Final = """
    update identity_review set status = $3, decided_at = $4, decided_by = $5, by_rule = false,
        decision_reason = $6
    where county_code = $1 and id = $2 returning true"""
TOGETHER: Final = """
    select count(distinct linked_to) = 1 and count(*) = 2 as still from beneficiary_apart
    where county_code = $1 and id = any ($2::bigint[])"""


class IdentityDecided(Conflict):
    """It was decided, or one of the two was linked or changed, meanwhile."""

    zh = "该核验已办结，或双方档案已有变动"


class LinkedByOthers(Conflict):
    """The two are linked through others as well: end those links first."""

    zh = "双方还通过其他档案关联，请先解除其他关联"


async def decide(work: Work, *, review: str, status: str, reason: str) -> Key:
    """Of a question that waits."""
    if status not in ("LINKED", "DIFFERENT"):
        raise BadArgument("Expected status LINKED or DIFFERENT.", zh="核验结论应为 LINKED 或 DIFFERENT")
    key, row, said = await _taken(work, review, reason, "PENDING")
    sides = [row["first_id"], row["second_id"]]
    if (await work.viewer_row(BOTH, key.county, sides))["n"] != 2:
        raise IdentityDecided
    await _decide(work, key, row, status, said)
    return key


async def unlink(work: Work, *, review: str, reason: str) -> Key:
    """The two are held to be of two people from then on."""
    key, row, said = await _taken(work, review, reason, "LINKED")
    await _decide(work, key, row, "DIFFERENT", said)
    if (await work.own_row(TOGETHER, key.county, [row["first_id"], row["second_id"]]))["still"]:
        raise LinkedByOthers
    return key


async def _taken(work: Work, review: str, reason: str, status: str) -> tuple[Key, Any, str]:
    """With the county held, so that no run and no round has the two in its hands."""
    said = words("reason", reason, MOST_TEXT)
    key = key_in(review, reviews)
    if await work.viewer_row(TAKEN, *key) is None:
        raise NotYours
    await hold_county(work.connection, str(key.county))
    row = await work.viewer_row(TAKEN, *key)
    if row is None or row["status"] != status:
        raise IdentityDecided
    return key, row, said


async def _decide(work: Work, key: Key, row: Any, status: str, said: str) -> None:
    """In the viewer's name; what follows for the rows is the hub's own."""
    by = f"{work.viewer.client_id} {work.viewer.user_id or ''}".strip()
    await work.viewer_row(DECIDE, *key, status, work.now, by, work.vault.seal(said))
    work.note("identity_review", key, "U", "status", "decision_reason")
    for side in (row["first_id"], row["second_id"]):
        work.used("beneficiary", Key(key.county, side), "identity_review")
    await regroup(work.connection, str(key.county), (row["first_id"], row["second_id"]))
    await know(work.connection, str(key.county), key.id)
    log.info("identity_decided", review=key.id, status=status, client_id=work.viewer.client_id)
