"""What an agency does to be told of changes: it names people, and takes them back."""

from __future__ import annotations

import datetime as dt
from typing import Final

import strawberry

from graphql_schema.does import does, does_each
from graphql_schema.eligibility import PersonInput, Programme
from graphql_schema.types import Watch
from hub.access.slices import AGENCY
from hub.write import watching

WATCHED: Final = {
    "person": (PersonInput, "Who — 人员"),
    "programme": (Programme, "Programme — 救助项目"),
    "reference": (
        str,
        "What you call the person, 1 to 64 characters; you are told by it, and not by the number — 对方编号",
    ),
    "until": (dt.date, "Last day — 截止日期"),
}
WATCH: Final = {"watch": (strawberry.ID, "Global id of the watch — 关注编号")}


@strawberry.type
class WatchMutations:
    watch_person: Watch | None = does(
        "Watch",
        watching.watch_person,
        "watch.c",
        (AGENCY,),
        "Be told when the answer about a person becomes YES, or is YES no more; it ends with the purpose",
        "关注某人员的资格变动，随用途终止",
        **WATCHED,
    )
    watch_persons: list[Watch | None] | None = does_each(
        "Watch", watching.watch_person, "watch.c", (AGENCY,), "watchPerson", "关注资格变动", **WATCHED
    )
    end_watch: Watch | None = does(
        "Watch",
        watching.end_watch,
        "watch.d",
        (AGENCY,),
        "Take a watch back; the number is deleted at once",
        "取消关注，身份证号随即删除",
        **WATCH,
    )
    end_watches: list[Watch | None] | None = does_each(
        "Watch", watching.end_watch, "watch.d", (AGENCY,), "endWatch", "取消关注", **WATCH
    )
