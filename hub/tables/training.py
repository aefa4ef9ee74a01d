"""持证、考试、培训: what staff, child workers and volunteers learned and proved."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Named, SmallInteger, Text, false
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import (
    HOURS,
    StatedColumns,
    contact,
    division,
    fact,
    identity,
    key,
    points_to,
    public,
    refer,
)
from hub.tables._facts import WorkColumns, work_fact
from hub.tables.division import division as _division


class CredentialColumns(StatedColumns):
    id: Named[int] = key()
    personnel_id: Named[int] = points_to("驻站人员", "Personnel", "personnel.id")
    kind: Named[str] = public("证书类别", "Kind of certificate (R38)", vocabulary="CredentialKind")
    title: Named[str | None] = public("证书名称", "Title, for certificates of other kinds (R42)")
    obtained_on: Named[dt.date | None] = public("取证日期", "Day it was obtained (R47, R107)")
    is_verified: Named[bool] = public("已核验", "Verified with the issuer", server_default=false())
    verified_on: Named[dt.date | None] = public("核验日期", "Day of verification")


credential = fact(
    "credential",
    "持证",
    "Certificate of a member of staff",
    CredentialColumns,
    Index(None, "personnel_id"),
)


class ExamEntryColumns(StatedColumns):
    id: Named[int] = key()
    personnel_id: Named[int] = points_to("驻站人员", "Personnel", "personnel.id")
    year: Named[int] = public("年度", "Year", SmallInteger)
    level: Named[str | None] = public("报考级别", "Level entered for", vocabulary="CredentialKind")
    is_registered: Named[bool] = public("已报名", "Registered (R45)", server_default=false())
    has_sat: Named[bool | None] = public("参加考试", "Sat the exam (R45)")
    has_passed: Named[bool | None] = public("通过考试", "Passed")


exam_entry = fact(
    "exam_entry",
    "职业水平考试",
    "Entry for the national social-worker exam",
    ExamEntryColumns,
    Index(None, "personnel_id"),
)


class ChildWorkerColumns(StatedColumns):
    id: Named[int] = key()
    division_code: Named[str] = division("所在区划", "Township or village in charge of")
    kind: Named[str] = public("类别", "Child supervisor or child director", vocabulary="ChildWorkerKind")
    name: Named[str] = identity("姓名", "Name")
    phone: Named[str | None] = contact("联系电话", "Telephone")
    starts_on: Named[dt.date | None] = public("任职日期", "First day")
    ends_on: Named[dt.date | None] = public("卸任日期", "Last day; in office while null")


child_worker = fact(
    "child_worker",
    "儿童督导员、儿童主任",
    "Child supervisor or child director",
    ChildWorkerColumns,
    Index(None, "division_code"),
    refer(_division, "division_code"),
)


class TrainingEventColumns(WorkColumns):
    kind: Named[str] = public("培训类别", "Kind of training (R49–R57, R212)", vocabulary="TrainingKind")
    title: Named[str | None] = public("培训名称", "Title")
    held_on: Named[dt.date] = public("培训日期", "Day")
    hours: Named[Decimal] = public("学时", "Training hours", HOURS)
    topics: Named[list[str]] = public(
        "培训内容",
        "Topics (R50)",
        ARRAY(Text),
        server_default="{}",
        vocabulary="TrainingTopic",
    )
    organiser: Named[str | None] = public("组织单位", "Organiser")
    attendee_count: Named[int | None] = public("参训人数", "People who attended, as stated")


training_event = work_fact(
    "training_event", "培训", "Training event", TrainingEventColumns, Index(None, "kind", "held_on")
)


class TrainingRecordColumns(StatedColumns):
    id: Named[int] = key()
    training_event_id: Named[int] = points_to("培训", "Training event", "training_event.id")
    personnel_id: Named[int | None] = points_to("驻站人员", "Personnel", "personnel.id")
    child_worker_id: Named[int | None] = points_to(
        "儿童督导员、儿童主任", "Child supervisor or director", "child_worker.id"
    )
    hours: Named[Decimal] = public("学时", "Hours this person was credited with", HOURS)


training_record = fact(
    "training_record",
    "培训记录",
    "Attendance of a training event",
    TrainingRecordColumns,
    Index(None, "training_event_id"),
    Index(None, "personnel_id"),
    Index(None, "child_worker_id"),
    CheckConstraint("num_nonnulls(personnel_id, child_worker_id) = 1", name="one_attendee"),
)
