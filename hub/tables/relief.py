"""救助管理: stays of people from the street, as the relief system tells them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import Computed, Date, Index, Named, SmallInteger

from hub.tables._columns import CODE, STAMP, care, identity, lived_in, shown_from
from hub.tables._facts import PersonFactColumns, person_fact

LONG: Final = 10
"""Days of a stay; one that lasts longer is 滞留 (国务院令第381号)."""

_KEPT: Final = (
    f"case when left_on is null or left_on > admitted_on + {LONG} then admitted_on + {LONG + 1} end"
)


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
