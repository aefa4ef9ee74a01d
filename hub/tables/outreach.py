"""志愿服务、简报、媒体: volunteers, bulletins, articles."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import BigInteger, Index, Named, SmallInteger, TypedColumns

from hub.tables._columns import HOURS, STAMP, internal, key, public
from hub.tables._facts import WorkColumns, part, work_fact


class VolunteerTeamColumns(WorkColumns):
    name: Named[str] = public("名称", "Name")
    founded_on: Named[dt.date | None] = public("成立日期", "Day of founding")
    member_count: Named[int | None] = public("人数", "Members (R210)")
    is_stable: Named[bool | None] = public("稳定队伍", "A stable team (R210)")


volunteer_team = work_fact("volunteer_team", "志愿服务队", "Volunteer team", VolunteerTeamColumns)


class VolunteerActivityColumns(TypedColumns):
    id: Named[int] = key()
    volunteer_team_id: Named[int] = internal("志愿服务队", "Team", BigInteger)
    held_on: Named[dt.date] = public("活动日期", "Day")
    theme: Named[str | None] = public("主题", "Theme")
    hours: Named[Decimal] = public("工时", "Work hours (R211)", HOURS)
    volunteer_count: Named[int | None] = public("志愿者人数", "Volunteers who took part")
    reported_at: Named[dt.datetime | None] = public(
        "上报时间", "When the activity was reported (R210)", STAMP
    )


volunteer_activity = part(
    "volunteer_activity",
    "志愿服务活动",
    "Activity of a volunteer team",
    VolunteerActivityColumns,
    volunteer_team,
    ("volunteer_team_id",),
)


class BulletinColumns(WorkColumns):
    year: Named[int] = public("年度", "Year", SmallInteger)
    month: Named[int] = public("月份", "Month, 1 to 12 (R137)", SmallInteger)
    issue: Named[str | None] = public("期号", "Issue")
    title: Named[str | None] = public("标题", "Title")
    issued_on: Named[dt.date] = public("印发日期", "Day of issue")


bulletin = work_fact("bulletin", "工作简报", "Work bulletin", BulletinColumns, Index(None, "year", "month"))


class MediaArticleColumns(WorkColumns):
    title: Named[str] = public("标题", "Title")
    medium: Named[str] = public("媒体", "Medium")
    level: Named[str] = public("媒体级别", "Level of the medium (R213)", vocabulary="MediaLevel")
    adopted_on: Named[dt.date] = public("采用日期", "Day it was taken (R213)")
    url: Named[str | None] = public("网址", "Address of the page")


media_article = work_fact("media_article", "媒体稿件", "Article taken by a medium", MediaArticleColumns)
