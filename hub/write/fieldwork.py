"""实务: groups, activities, publicity and patrols, as the contractor's staff notes them.

Whether they are enough is judged elsewhere (R172, R200, R207–R209): what happened is noted as it was.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from hub import tables
from hub.domain.division import STATION_KINDS
from hub.errors import BadArgument
from hub.write.checks import MOST_NAME, count, few, hours_of, text
from hub.write.place import seen_staff, work_place
from hub.write.stating import state
from hub.write.work import Key, NotYours, Work, key_in, words

GROUP: Final = "select id, contract_id from group_work where id = $1"
TOWNSHIPS: Final = """
    select code from division where code = any ($1) and left(code, 6) = $2 and kind = any ($3)"""


async def record_group_session(
    work: Work,
    *,
    held_on: dt.date,
    hours: Decimal,
    group: str | None = None,
    series: str | None = None,
    theme: str | None = None,
    attendee_count: int | None = None,
    worker: str | None = None,
    contract: str | None = None,
    station: str | None = None,
) -> Key:
    """A session of a ``group``, or the first of a new ``series`` (R207)."""
    if (group is None) == (series is None):
        raise BadArgument("Expected group or series.", zh="group 与 series 应任选其一")
    told = {
        "held_on": held_on,
        "hours": hours_of(hours),
        "attendee_count": count("attendeeCount", attendee_count, "参加人数", 1),
    }
    if group is None:
        place = await work_place(work, "heldOn", held_on, "活动日期", contract, station)
        (by,) = await seen_staff(work, [worker]) if worker is not None else (None,)
        made = await state(
            work,
            tables.group_work,
            {
                **place._asdict(),
                "series": words("series", series or "", MOST_NAME, zh="小组名称"),
                "theme": text("theme", theme, "主题"),
                "worker_id": by,
            },
            "series",
        )
        number = made.id
    else:
        found = await work.viewer_row(GROUP, key_in(group, tables.group_work).id)
        if found is None:
            raise NotYours
        number = found["id"]
        await work_place(work, "heldOn", held_on, "活动日期", f"Contract:{found['contract_id']}", None)
    return await state(work, tables.group_session, {**told, "group_work_id": number}, "held_on")


async def record_activity(
    work: Work,
    *,
    held_on: dt.date,
    theme: str,
    attendee_count: int,
    occasion: str | None = None,
    contract: str | None = None,
    station: str | None = None,
) -> Key:
    """A community activity; its size follows from the number of people (R208, R209)."""
    place = await work_place(work, "heldOn", held_on, "活动日期", contract, station)
    told = {
        "held_on": held_on,
        "theme": words("theme", theme, MOST_NAME, zh="主题"),
        "occasion": occasion,
        "attendee_count": count("attendeeCount", attendee_count, "参加人数", 1),
    }
    return await state(work, tables.community_activity, {**place._asdict(), **told}, "held_on", "theme")


async def record_publicity(
    work: Work,
    *,
    held_on: dt.date,
    kind: str,
    topics: list[str] | None = None,
    occasion: str | None = None,
    townships_covered: list[str] | None = None,
    materials_count: int | None = None,
    contract: str | None = None,
    station: str | None = None,
) -> Key:
    """Publicity (R163, R167, R200, R214); ``townships_covered``: 12-digit codes, of the county."""
    place = await work_place(work, "heldOn", held_on, "宣传日期", contract, station)
    told = {
        "held_on": held_on,
        "kind": kind,
        "topics": list(dict.fromkeys(topics or ())),
        "occasion": occasion,
        "townships_covered": await _townships(work, place.division_code[:6], townships_covered or []),
        "materials_count": count("materialsCount", materials_count, "发放资料数"),
    }
    return await state(work, tables.publicity_event, {**place._asdict(), **told}, "held_on", "kind")


async def record_patrol(
    work: Work,
    *,
    patrolled_on: dt.date,
    team: list[str] | None = None,
    volunteer_count: int | None = None,
    route: str | None = None,
    contract: str | None = None,
    station: str | None = None,
) -> Key:
    """A street patrol (R171, R172); whom it found is noted by ``recordStreetEncounter``."""
    place = await work_place(work, "patrolledOn", patrolled_on, "巡查日期", contract, station)
    few("team", team or [], "巡查人员")
    told = {
        "patrolled_on": patrolled_on,
        "team": await seen_staff(work, team or []),
        "volunteer_count": count("volunteerCount", volunteer_count, "志愿者人数"),
        "route": text("route", route, "巡查路线"),
    }
    return await state(work, tables.patrol, {**place._asdict(), **told}, "patrolled_on")


async def _townships(work: Work, county: str, given: list[str]) -> list[str]:
    codes = sorted(set(given))
    few("townshipsCovered", codes, "覆盖乡镇（街道）")
    found = await work.own_rows(TOWNSHIPS, codes, county, sorted(STATION_KINDS))
    if len(found) != len(codes):
        raise BadArgument(
            "Expected townshipsCovered: 12-digit codes of townships of the county.",
            zh="townshipsCovered 应为本县（区）乡镇（街道）的12位区划代码",
        )
    return codes
