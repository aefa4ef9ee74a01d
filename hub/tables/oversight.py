"""监督: incidents, reports, supervision, evaluation, archives."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import Index, Named, Numeric, Text, false
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import CODE, STAMP, care, division, points_to, public, refer
from hub.tables._facts import WorkColumns, work_fact
from hub.tables.division import division as _division


class IncidentColumns(WorkColumns):
    occurred_at: Named[dt.datetime] = public("发生时间", "When it happened", STAMP)
    summary: Named[str] = care("情况说明", "What happened; may concern people")
    reported_to_township_at: Named[dt.datetime | None] = public(
        "报告乡镇（街道）时间", "When the township was told (R177)", STAMP
    )
    reported_to_civil_affairs_at: Named[dt.datetime | None] = public(
        "报告民政部门时间", "When civil affairs was told (R177)", STAMP
    )


incident = work_fact(
    "incident",
    "重大事件、紧急情况",
    "Major event or emergency",
    IncidentColumns,
    Index(None, "occurred_at"),
)


class ReportColumns(WorkColumns):
    """The division of the work is that of the sender."""

    kind: Named[str] = public("报告类别", "Kind (R119–R136)", vocabulary="ReportKind")
    rule: Named[str | None] = public("依据", "Rule that asks for it, e.g. R119", CODE)
    sender: Named[str] = public("报送方", "Who reports", vocabulary="Party")
    recipient: Named[str] = public("接收方", "To whom", vocabulary="Party")
    recipient_division_code: Named[str] = division("接收方区划", "Division of the recipient")
    is_copy: Named[bool] = public("抄送", "The recipient gets a copy (R135)", server_default=false())
    period_starts_on: Named[dt.date] = public("报告期起", "First day of the period")
    period_ends_on: Named[dt.date] = public("报告期止", "Last day of the period")
    due_on: Named[dt.date | None] = public("报送期限", "Day it is due; null where no day is given (A8)")
    is_due_day_included: Named[bool | None] = public("期限含当日", "The day itself still counts (A23)")
    submitted_at: Named[dt.datetime | None] = public("报送时间", "When it was submitted", STAMP)
    status: Named[str] = public("状态", "Status", vocabulary="ReportStatus")
    decided_at: Named[dt.datetime | None] = public(
        "处理时间", "When the recipient took it or sent it back", STAMP
    )
    return_reason: Named[str | None] = public("退回理由", "Why it was sent back; names no beneficiary")
    title: Named[str | None] = public("标题", "Title")
    content: Named[str | None] = public("内容", "Text of the report; names no beneficiary")


report = work_fact(
    "report",
    "报告",
    "Report",
    ReportColumns,
    Index(None, "recipient_division_code"),
    Index(None, "due_on"),
    refer(_division, "recipient_division_code"),
)


class SupervisionColumns(WorkColumns):
    form: Named[str] = public("督导形式", "Form (R178)", vocabulary="SupervisionForm")
    supervised_on: Named[dt.date] = public("督导日期", "Day")
    supervisor_id: Named[int | None] = points_to("督导员", "Supervisor", "personnel.id")
    findings: Named[str | None] = public("发现问题", "What was found (R178)")
    improvements: Named[str | None] = public("整改措施", "What was improved (R178)")
    notified_bureau_at: Named[dt.datetime | None] = public(
        "通报民政部门时间", "When the bureau was told (R178)", STAMP
    )


supervision = work_fact(
    "supervision", "督导", "Supervision", SupervisionColumns, Index(None, "supervisor_id")
)


class EvaluationColumns(WorkColumns):
    kind: Named[str] = public("评估类别", "Kind (R180–R188)", vocabulary="EvaluationKind")
    evaluator: Named[str] = public("评估方", "Who evaluates: body, section or agency")
    period_starts_on: Named[dt.date] = public("评估期起", "First day of the period")
    period_ends_on: Named[dt.date] = public("评估期止", "Last day of the period")
    evaluated_on: Named[dt.date | None] = public("评估日期", "Day")
    score: Named[Decimal | None] = public("得分", "Score", Numeric(6, 2))
    full_score: Named[Decimal | None] = public("满分", "Highest possible score", Numeric(6, 2))
    grade: Named[str | None] = public("等次", "Grade", vocabulary="Rating")
    opinion: Named[str | None] = public("评估意见", "Opinion")
    published_at: Named[dt.datetime | None] = public("公布时间", "When it was published (R188)", STAMP)
    is_used_for_renewal: Named[bool | None] = public("用于续签", "Decides renewal (R87, R88, R188)")


evaluation = work_fact(
    "evaluation", "评估评分", "Evaluation", EvaluationColumns, Index(None, "kind", "period_ends_on")
)


class ArchiveTransferColumns(WorkColumns):
    scope: Named[str] = public("移交情形", "Occasion (R185)", vocabulary="ArchiveScope")
    transferred_on: Named[dt.date] = public("移交日期", "Day")
    receiver: Named[str | None] = public("接收方", "Who received them")
    listed_files: Named[list[str]] = public("移交清单", "Files handed over", ARRAY(Text), server_default="{}")
    is_complete: Named[bool | None] = public("完整", "Complete and orderly (R185)")


archive_transfer = work_fact("archive_transfer", "档案移交", "Transfer of archives", ArchiveTransferColumns)
