"""救助管理: people found on the street, and their stays as the relief system tells them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import (
    BigInteger,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    Named,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import (
    CODE,
    STAMP,
    StatedColumns,
    care,
    county,
    county_key,
    division,
    identity,
    internal,
    lived_in,
    points_to,
    public,
    refer,
    shown_from,
    table,
)
from hub.tables._facts import PersonFactColumns, person_fact
from hub.tables.beneficiary import beneficiary
from hub.tables.division import division as _division

LONG: Final = 10
"""Days of a stay; one that lasts longer is 滞留 (国务院令第381号)."""

_KEPT: Final = (
    f"case when left_on is null or left_on > admitted_on + {LONG} then admitted_on + {LONG + 1} end"
)

DUE: Final = """array_remove(array[
    case when is_minor and not 'CALL_110' = any (actions) then 'CALL_110' end,
    case when condition in ('CRITICAL', 'MENTAL', 'INFECTIOUS') and not 'CALL_120' = any (actions)
        then 'CALL_120' end,
    case when is_willing and condition = 'NORMAL_CAPACITY' and not coalesce(is_minor, false)
        and not 'TO_RELIEF_STATION' = any (actions) then 'TO_RELIEF_STATION' end], null)"""
"""Minors: the police (R173); the gravely ill: 120 (R174); the able and willing: the station (R175)."""


class ReliefEpisodeColumns(PersonFactColumns):
    """One stay is one row, whoever the person turns out to be: what was noted of the person at the door
    stays with the stay, and the person changes (``beneficiary_id``)."""

    division_code: Named[str | None] = lived_in()
    shown_from_on: Named[dt.date | None] = shown_from()
    number: Named[str] = identity("救助编号", "Number of the stay in the relief system", CODE)
    noted_name: Named[str | None] = identity("登记姓名", "Name or alias noted at the door")
    noted_age_from: Named[int | None] = identity(
        "登记年龄下限", "Age in years noted at the door; the least where a span was noted", SmallInteger
    )
    noted_age_to: Named[int | None] = identity("登记年龄上限", "The greatest age of that span", SmallInteger)
    is_age_estimated: Named[bool | None] = identity("年龄为估计", "The age is an estimate")
    height_cm: Named[int | None] = identity("身高（厘米）", "Height in centimetres", SmallInteger)
    features: Named[str | None] = identity("体貌特征", "What the person looks like")
    clothing: Named[str | None] = identity("衣着", "What the person wore")
    health: Named[str | None] = care("健康状况", "Health of body and mind, in the station's words")
    found_on: Named[dt.date | None] = care("发现日期", "Day the person was found")
    found_at: Named[dt.datetime | None] = care("发现时间", "Moment, where it was noted", STAMP)
    found_place: Named[str | None] = care("发现地点", "Where the person was found")
    relief_station: Named[str | None] = care("救助管理站", "Relief station that took the person in")
    admitted_on: Named[dt.date] = care("入站日期", "First day of the stay")
    left_on: Named[dt.date | None] = care("离站日期", "Last day of the stay; open while null")
    departure: Named[str | None] = care("离站方式", "How the stay ended", vocabulary="ReliefDeparture")
    escorted_to: Named[str | None] = care("护送去向", "Where the person was escorted to")
    detained_from_on: Named[dt.date | None] = care(
        "滞留起始日", "Day from which the stay is a long one (滞留)", Date, Computed(_KEPT, persisted=True),
        info={"derived": True},
    )  # fmt: skip


relief_episode = person_fact(
    "relief_episode",
    "救助记录",
    "Stay of a person with the relief system",
    ReliefEpisodeColumns,
    Index(None, "county_code", "number"),
    Index(None, "admitted_on", "county_code", "id"),
    Index(None, "detained_from_on", "county_code", "id"),
)


class StreetEncounterColumns(StatedColumns):
    """A person-scale table, though the person may stay unknown.

    What is noted of the person is what the relief system is told (R171). Its answer stands here, too: the
    number of the stay, by which the stay is found once it comes back; the person is then that of the stay.
    """

    county_code: Named[str] = county()
    id: Named[int] = county_key()
    division_code: Named[str] = division("区划", "Division where the person was found")
    contractor_id: Named[int | None] = points_to("承接机构", "Contractor", "contractor.id")
    patrol_id: Named[int | None] = points_to("街面巡查", "Patrol", "patrol.id")
    beneficiary_id: Named[int | None] = internal("服务对象", "Beneficiary, once known", BigInteger)
    shown_from_on: Named[dt.date | None] = shown_from()
    encountered_at: Named[dt.datetime] = public("发现时间", "When", STAMP)
    place: Named[str | None] = care("发现地点", "Where")
    said_name: Named[str | None] = identity("自述姓名", "Name or alias the person said")
    sex: Named[str | None] = identity("性别", "Sex, GB/T 2261.1", vocabulary="Sex")
    estimated_age: Named[int | None] = identity("估计年龄", "Age in years, an estimate", SmallInteger)
    features: Named[str | None] = identity("体貌特征", "What the person looks like")
    is_minor: Named[bool | None] = care("未成年人", "A minor (R173)")
    condition: Named[str | None] = care("状况", "Condition (R174, R175)", vocabulary="StreetCondition")
    is_willing: Named[bool | None] = care("愿意受助", "Willing to be helped (R175, R176)")
    actions: Named[list[str]] = care(
        "处置措施",
        "What was done (R173–R176)",
        ARRAY(Text),
        server_default="{}",
        vocabulary="StreetAction",
    )
    due_actions: Named[list[str]] = care(
        "应办措施",
        "What R173 to R175 ask for and was not noted",
        ARRAY(Text),
        Computed(DUE, persisted=True),
        vocabulary="StreetAction",
        info={"derived": True},
    )
    report_state: Named[str | None] = public(
        "上报状态",
        "How far the entry in the national system is (R171); null where the hub does not enter it",
        vocabulary="ReportState",
    )
    reported_at: Named[dt.datetime | None] = public("上报时间", "When it was handed over", STAMP)
    report_refusal: Named[str | None] = care(
        "退回原因", "Why it was refused there", vocabulary="ReportRefusal"
    )
    entered_national_system_at: Named[dt.datetime | None] = public(
        "录入全国救助管理信息系统时间", "When it was entered there (R171)", STAMP
    )
    national_system_number: Named[str | None] = identity(
        "全国救助管理信息系统编号", "Number in that system (R171)", CODE
    )
    relief_episode_id: Named[int | None] = internal("救助记录", "The stay it led to", BigInteger)


street_encounter = table(
    "street_encounter",
    "街面发现",
    "Person found on the street",
    StreetEncounterColumns,
    UniqueConstraint("county_code", "source_id", "record_key"),
    Index(None, "division_code"),
    Index(None, "contractor_id"),
    Index(None, "patrol_id"),
    Index(None, "county_code", "beneficiary_id"),
    Index(None, "county_code", "national_system_number"),
    Index(None, "county_code", "relief_episode_id"),
    Index(None, "encountered_at", "county_code", "id"),
    Index(None, "report_state", "county_code", "id"),
    refer(_division, "division_code"),
    refer(beneficiary, "county_code", "beneficiary_id"),
    ForeignKeyConstraint(
        ["county_code", "relief_episode_id"],
        [relief_episode.c.county_code, relief_episode.c.id],
        ondelete="SET NULL (relief_episode_id)",
    ),
)
