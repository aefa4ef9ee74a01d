"""人员: training, and what one member of staff hands over to the next."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from hub import tables
from hub.access.slices import CONTRACTOR
from hub.domain.vocabulary import HandoverItemKind
from hub.errors import BadArgument
from hub.write.checks import MOST_NAME, come, count, few, hours_of, text, texts
from hub.write.parties import called
from hub.write.place import Place, own_contract, place_of, seen_staff, work_place
from hub.write.stating import state, state_all
from hub.write.versions import still
from hub.write.work import Key, NotYours, Work, key_in

SEEN: Final = "select true from handover where id = $1"
CHECK: Final = """
    update handover_item set is_checked = true
    where handover_id = $1 and id = any ($2) and not is_checked returning id"""
ITEMS: Final = "select id from handover_item where handover_id = $1 and id = any ($2)"
ARRANGE: Final = "update handover set is_follow_up_arranged = $2 where id = $1 returning id"


async def record_training(
    work: Work,
    *,
    kind: str,
    held_on: dt.date,
    hours: Decimal,
    title: str | None = None,
    topics: list[str] | None = None,
    organiser: str | None = None,
    attendees: list[str] | None = None,
    child_workers: list[str] | None = None,
    attendee_count: int | None = None,
    contract: str | None = None,
    station: str | None = None,
) -> Key:
    """A training (R49–R57, R212), with who is credited with its hours."""
    come(work, "heldOn", held_on, "培训日期")
    few("attendees", attendees or [], "参训人员")
    few("childWorkers", child_workers or [], "参训儿童督导员、儿童主任")
    credited = hours_of(hours)
    named = [("personnel_id", each) for each in await seen_staff(work, attendees or [])]
    workers = await seen_staff(work, child_workers or [], tables.child_worker)
    named += [("child_worker_id", each) for each in workers]
    stated = count("attendeeCount", attendee_count, "参训人数", len(named))
    told = {
        **(await _training_place(work, contract, station))._asdict(),
        "kind": kind,
        "held_on": held_on,
        "hours": credited,
        "title": text("title", title, "培训名称", MOST_NAME),
        "topics": list(dict.fromkeys(topics or ())),
        "organiser": text("organiser", organiser, "组织单位", MOST_NAME) or await called(work),
        "attendee_count": len(named) if stated is None else stated,
    }
    key = await state(work, tables.training_event, told, "held_on", "kind")
    nobody = {"training_event_id": key.id, "personnel_id": None, "child_worker_id": None, "hours": credited}
    records = [{**nobody, column: each} for column, each in named]
    await state_all(work, tables.training_record, records, "hours")
    return key


async def _training_place(work: Work, contract: str | None, station: str | None) -> Place:
    """It may be held before the contract begins (R49). An office trains for its division (R52, R53)."""
    if work.viewer.role == CONTRACTOR:
        return await place_of(work, await own_contract(work, contract), station, as_whole=True)
    if contract is not None or station is not None:
        raise BadArgument(
            "Expected neither contract nor station: an office trains for its division.",
            zh="民政部门和乡镇（街道）的培训按区划登记，不填合同和服务站",
        )
    return Place(work.viewer.division_code or "")


async def hand_over(
    work: Work,
    *,
    giver: str,
    handed_over_on: dt.date,
    receiver: str | None = None,
    services: list[str] | None = None,
    records: list[str] | None = None,
    equipment: list[str] | None = None,
    others: list[str] | None = None,
    contract: str | None = None,
    station: str | None = None,
) -> Key:
    """The list of what is handed over (R62); each item is checked by ``checkHandover``."""
    place = await work_place(work, "handedOverOn", handed_over_on, "交接日期", contract, station)
    given = {
        HandoverItemKind.SERVICE: texts("services", services or [], "所负责的服务"),
        HandoverItemKind.RECORDS: texts("records", records or [], "档案资料"),
        HandoverItemKind.EQUIPMENT: texts("equipment", equipment or [], "设施设备"),
        HandoverItemKind.OTHER: texts("others", others or [], "其他"),
    }
    items = [{"kind": kind.value, "description": each} for kind, some in given.items() for each in some]
    if not items:
        raise BadArgument("Expected what is handed over, item by item.", zh="请逐项列明交接内容")
    if receiver == giver:
        raise BadArgument("Expected another member of staff as receiver.", zh="接收人应为另一人")
    from_id, *to_id = await seen_staff(work, [giver, *([receiver] if receiver is not None else [])])
    told = {
        **place._asdict(),
        "from_id": from_id,
        "to_id": to_id[0] if to_id else None,
        "handed_over_on": handed_over_on,
    }
    key = await state(work, tables.handover, told, "handed_over_on")
    listed: list[dict[str, Any]] = [{**item, "handover_id": key.id} for item in items]
    await state_all(work, tables.handover_item, listed, "kind", "description")
    return key


async def check_handover(
    work: Work,
    *,
    handover: str,
    checked: list[str],
    is_follow_up_arranged: bool | None = None,
    version: str | None = None,
) -> Key:
    """Says that these items were counted and handed over; the handover is complete with the last (R62).

    To check one again changes nothing. ``is_follow_up_arranged``: whether the service goes on, if it is said.
    """
    key = key_in(handover, tables.handover)
    if not await work.viewer_row(SEEN, key.id):
        raise NotYours
    if version is not None:
        await still(work, tables.handover, key, version)
    few("checked", checked, "清单条目")
    numbers = list({key_in(each, tables.handover_item).id for each in checked})
    if len(await work.viewer_rows(ITEMS, key.id, numbers)) != len(numbers):
        raise BadArgument("Expected items of this handover.", zh="应为本次交接的清单条目")
    for row in await work.viewer_rows(CHECK, key.id, numbers):
        work.note("handover_item", Key(None, row["id"]), "U", "is_checked")
    if is_follow_up_arranged is not None:
        if not await work.viewer_row(ARRANGE, key.id, is_follow_up_arranged):
            raise NotYours
        work.note("handover", key, "U", "is_follow_up_arranged")
    return key
