"""Work of stations that is noted: groups, activities, publicity, patrols, training, handovers, incidents."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

import strawberry

from graphql_schema.does import VERSION, does, does_each
from graphql_schema.types import (
    ArchiveTransfer,
    CommunityActivity,
    GroupSession,
    Handover,
    Incident,
    Patrol,
    PublicityEvent,
    TrainingEvent,
)
from hub.access.slices import BUREAU, CONTRACTOR, TOWNSHIP
from hub.domain.vocabulary import (
    ArchiveScope,
    Occasion,
    PublicityKind,
    PublicityTopic,
    TrainingKind,
    TrainingTopic,
)
from hub.write import fieldwork, reporting, staffing

EVERYBODY: Final = (BUREAU, TOWNSHIP, CONTRACTOR)

UNDER: Final = {
    "contract": (
        strawberry.ID | None,
        "Contract it is under; the only one you hold today if absent — 合同，缺省为当日唯一有效的合同",
    ),
}
AT: Final = {
    **UNDER,
    "station": (
        strawberry.ID | None,
        "Station; the only one of the contract if absent — 服务站，缺省为合同唯一的服务站",
    ),
}
OF_WHOLE: Final = {
    **UNDER,
    "station": (
        strawberry.ID | None,
        "Station it is about; the contract as a whole if absent — 服务站，缺省为合同整体",
    ),
}
HOURS: Final = {"hours": (Decimal, "Hours, with one decimal at most — 时数，最多一位小数")}
OCCASION: Final = {"occasion": (Occasion | None, "Festival or day it was for — 节日")}
SESSION: Final = {
    "held_on": (dt.date, "Day — 活动日期"),
    **HOURS,
    "group": (strawberry.ID | None, "Group it belongs to — 所属小组"),
    "series": (str | None, "Instead: name of the series that begins — 新小组名称"),
    "theme": (str | None, "Theme of the new series — 新小组主题"),
    "worker": (strawberry.ID | None, "Worker in charge of the new series — 责任社工"),
    "attendee_count": (int | None, "People who took part — 参加人数"),
    **AT,
}
ACTIVITY: Final = {
    "held_on": (dt.date, "Day — 活动日期"),
    "theme": (str, "Theme — 主题"),
    "attendee_count": (int, "People who took part; the size follows from it — 参加人数"),
    **OCCASION,
    **AT,
}
PUBLICITY: Final = {
    "held_on": (dt.date, "Day — 宣传日期"),
    "kind": (PublicityKind, "Kind — 宣传类别"),
    "topics": (list[PublicityTopic] | None, "Topics — 宣传主题"),
    "townships_covered": (
        list[str] | None,
        "12-digit codes of the townships covered — 覆盖乡镇（街道）的区划代码",
    ),
    "materials_count": (int | None, "Materials distributed — 发放资料数"),
    **OCCASION,
    **AT,
}
PATROL: Final = {
    "patrolled_on": (dt.date, "Day — 巡查日期"),
    "team": (list[strawberry.ID] | None, "Members of staff on the patrol — 巡查人员"),
    "volunteer_count": (int | None, "Volunteers on the patrol — 志愿者人数"),
    "route": (str | None, "Route, without words about people — 巡查路线（勿含个人信息）"),
    **AT,
}
TRAINING: Final = {
    "kind": (TrainingKind, "Kind — 培训类别"),
    "held_on": (dt.date, "Day — 培训日期"),
    **HOURS,
    "title": (str | None, "Title — 培训名称"),
    "topics": (list[TrainingTopic] | None, "Topics — 培训内容"),
    "organiser": (str | None, "Organiser; you if absent — 组织单位，缺省为本单位"),
    "attendees": (list[strawberry.ID] | None, "Members of staff who attended — 参训人员"),
    "child_workers": (
        list[strawberry.ID] | None,
        "Child supervisors and directors who attended — 参训儿童督导员、儿童主任",
    ),
    "attendee_count": (
        int | None,
        "Everybody who attended; those who are named if absent — 参训总人数，缺省为所列人数",
    ),
    **OF_WHOLE,
}


@strawberry.type
class WorkMutations:
    record_group_session: GroupSession | None = does(
        "GroupSession",
        fieldwork.record_group_session,
        "work.c",
        (CONTRACTOR,),
        "Note a session of a group, or the first of a new series",
        "登记小组活动，首次活动同时建立小组",
        **SESSION,
    )
    record_group_sessions: list[GroupSession | None] | None = does_each(
        "GroupSession",
        fieldwork.record_group_session,
        "work.c",
        (CONTRACTOR,),
        "recordGroupSession",
        "登记小组活动",
        **SESSION,
    )
    record_activity: CommunityActivity | None = does(
        "CommunityActivity",
        fieldwork.record_activity,
        "work.c",
        (CONTRACTOR,),
        "Note a community activity",
        "登记社区活动",
        **ACTIVITY,
    )
    record_activities: list[CommunityActivity | None] | None = does_each(
        "CommunityActivity",
        fieldwork.record_activity,
        "work.c",
        (CONTRACTOR,),
        "recordActivity",
        "登记社区活动",
        **ACTIVITY,
    )
    record_publicity: PublicityEvent | None = does(
        "PublicityEvent",
        fieldwork.record_publicity,
        "work.c",
        (CONTRACTOR,),
        "Note publicity in communities and villages",
        "登记宣传活动",
        **PUBLICITY,
    )
    record_publicities: list[PublicityEvent | None] | None = does_each(
        "PublicityEvent",
        fieldwork.record_publicity,
        "work.c",
        (CONTRACTOR,),
        "recordPublicity",
        "登记宣传活动",
        **PUBLICITY,
    )
    record_patrol: Patrol | None = does(
        "Patrol",
        fieldwork.record_patrol,
        "work.c",
        (CONTRACTOR,),
        "Note a street patrol; whom it found is noted by recordStreetEncounter",
        "登记街面巡查；发现的人员另行登记街面发现",
        **PATROL,
    )
    record_patrols: list[Patrol | None] | None = does_each(
        "Patrol",
        fieldwork.record_patrol,
        "work.c",
        (CONTRACTOR,),
        "recordPatrol",
        "登记街面巡查",
        **PATROL,
    )
    record_training: TrainingEvent | None = does(
        "TrainingEvent",
        staffing.record_training,
        "work.c",
        EVERYBODY,
        "Note a training, and credit its hours to members of staff; an office for its division",
        "登记培训并为参训人员记录学时；民政部门和乡镇（街道）按区划登记",
        **TRAINING,
    )
    record_trainings: list[TrainingEvent | None] | None = does_each(
        "TrainingEvent",
        staffing.record_training,
        "work.c",
        EVERYBODY,
        "recordTraining",
        "登记培训并为参训人员记录学时",
        **TRAINING,
    )
    hand_over: Handover | None = does(
        "Handover",
        staffing.hand_over,
        "work.c",
        (CONTRACTOR,),
        "List what a member of staff hands over, item by item; it is complete when every item is checked",
        "人员变动时逐项列明交接清单，逐项清点后完成交接",
        giver=(strawberry.ID, "Member of staff who hands over — 移交人"),
        receiver=(strawberry.ID | None, "Who takes over, if known — 接收人"),
        handed_over_on=(dt.date, "Day — 交接日期"),
        services=(list[str] | None, "Services in charge — 所负责的服务内容"),
        records=(list[str] | None, "Archive material — 档案资料"),
        equipment=(list[str] | None, "Facilities and equipment — 设施设备"),
        others=(list[str] | None, "Anything else — 其他"),
        **AT,
    )
    check_handover: Handover | None = does(
        "Handover",
        staffing.check_handover,
        "work.u",
        (CONTRACTOR,),
        "Say that items were counted and handed over",
        "清点交接清单条目",
        handover=(strawberry.ID, "Global id of the handover — 交接编号"),
        checked=(list[strawberry.ID], "Items that were checked — 已清点条目"),
        is_follow_up_arranged=(
            bool | None,
            "Whether continuity of the service is arranged — 是否已做好服务衔接",
        ),
        **VERSION,
    )
    report_incident: Incident | None = does(
        "Incident",
        reporting.report_incident,
        "work.c",
        (CONTRACTOR,),
        "Report a major event or emergency: township and bureau see it at once",
        "报告重大事件、紧急情况，乡镇（街道）和民政部门即时可见",
        occurred_at=(dt.datetime, "When it happened — 发生时间"),
        summary=(str, "What happened — 情况说明"),
        told_township_at=(
            dt.datetime | None,
            "When the township was told; now, by this, if absent — 报告乡镇（街道）时间，缺省为当前",
        ),
        told_civil_affairs_at=(
            dt.datetime | None,
            "When civil affairs was told; now, by this, if absent — 报告民政部门时间，缺省为当前",
        ),
        **AT,
    )
    transfer_archive: ArchiveTransfer | None = does(
        "ArchiveTransfer",
        reporting.transfer_archive,
        "work.c",
        (CONTRACTOR,),
        "Note that files were handed over, at the close of a project or year or with a change of staff",
        "登记档案移交",
        scope=(ArchiveScope, "Occasion — 移交情形"),
        transferred_on=(dt.date, "Day — 移交日期"),
        receiver=(str, "Who received them — 接收方"),
        listed_files=(
            list[str],
            "Files, without words about people — 移交清单（勿含个人信息）",
        ),
        is_complete=(bool, "Complete and orderly — 是否完整、规范"),
        **OF_WHOLE,
    )
