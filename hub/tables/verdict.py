"""判定: what was last judged of each record, kept so that lists and roll-ups need judge nothing.

``hub.compliance.keeping`` alone writes them: a row goes where the rule is no longer about the record.
Those on people are tallied by triggers (migration 0053); those on stations, staff, contracts and divisions
are few and counted as they stand.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Named,
    SmallInteger,
    Table,
    TypedColumns,
    UniqueConstraint,
)

from hub.tables._columns import (
    CODE,
    STAMP,
    care,
    county,
    county_key,
    division,
    internal,
    key,
    lived_in,
    metadata,
    now,
    public,
    shown_from,
    table,
)
from hub.tables.beneficiary import beneficiary


class VerdictColumns(TypedColumns):
    """By one bound of a rule."""

    document: Named[str] = care("文件代号", "Short code of the document the rule stands in", CODE)
    rule: Named[str] = care("规则编号", "Key of the rule, as R32", CODE)
    bound: Named[int] = internal("序号", "Place among the bounds of the rule", SmallInteger)
    quantity: Named[str] = care("事项", "What is limited, as station.workers", CODE)
    status: Named[str] = care("判定结果", "Verdict", vocabulary="VerdictStatus")
    value: Named[str | None] = care("实际值", "What there is; null where nobody knows")
    target: Named[str | None] = care("要求值", "What there must be; null where the document gives none")
    due_on: Named[dt.date | None] = care("截止日期", "Last day of the window that runs")
    since_on: Named[dt.date] = care("自何日起", "Day on which this was first the verdict")


class BeneficiaryVerdictColumns(VerdictColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)
    division_code: Named[str | None] = lived_in()
    shown_from_on: Named[dt.date | None] = shown_from()


beneficiary_verdict = table(
    "beneficiary_verdict",
    "服务对象判定",
    "What was last judged of a beneficiary, by one bound of a rule",
    BeneficiaryVerdictColumns,
    UniqueConstraint("county_code", "beneficiary_id", "document", "rule", "bound"),
    Index(None, "quantity", "county_code", "id"),
    Index(None, "status", "county_code", "id"),
    Index(None, "due_on", "county_code", "id"),
    Index(None, "since_on", "county_code", "id"),
    ForeignKeyConstraint(
        ["county_code", "beneficiary_id"], list(beneficiary.primary_key.columns), ondelete="CASCADE"
    ),
)

COUNTED: Final = ("county_code", "division_code", "document", "rule", "bound", "status")
beneficiary_verdict_tally: Final[Table[Any]] = Table(
    "beneficiary_verdict_tally",
    metadata,
    *(
        Column(c.name, c.type, nullable=c.nullable, comment=c.comment, info=c.info)
        for c in (beneficiary_verdict.c[name] for name in COUNTED)
    ),
    internal("增减数", "Rows more, or less", Integer, name="count", nullable=False),
    Index("beneficiary_verdict_tally_idx", *COUNTED, "count"),
    comment="服务对象判定（计数）",
    info={"zh": "服务对象判定（计数）", "en": "How many verdicts on beneficiaries there are of each kind"},
)
"""Rows are appended by triggers and folded by the keeper: their sum is the number."""


class WorkVerdictColumns(VerdictColumns):
    """On a station, a member of staff, a contract, or a division, whose number is its code."""

    id: Named[int] = key()
    division_code: Named[str] = division("区划", "Division the record is of")
    county_code: Named[str] = internal(
        "县级区划代码",
        "First six digits of the division",
        CODE,
        Computed("left(division_code, 6)", persisted=True),
    )
    subject: Named[str] = public("规则对象", "Kind of record", vocabulary="NormSubject")
    record_id: Named[int] = internal("记录", "Number of the record", BigInteger)


work_verdict = table(
    "work_verdict",
    "工作判定",
    "What was last judged of a station, a member of staff, a contract or a division, by one bound of a rule",
    WorkVerdictColumns,
    UniqueConstraint("county_code", "subject", "record_id", "document", "rule", "bound"),
)


class JudgedCountyColumns(TypedColumns):
    """``edition``: of the rules and measures; with another all is judged anew."""

    county_code: Named[str] = county()
    day: Named[dt.date | None] = internal("判定日期", "Day all of it was last judged for; null: due", Date)
    edition: Named[str] = internal("规则版本", "Edition of rules and measures", CODE)
    judged_at: Named[dt.datetime] = now("判定时间", "When that was")


judged_county = table(
    "judged_county", "县级判定", "What was judged of a county as a whole", JudgedCountyColumns
)


class JudgedColumns(TypedColumns):
    """One row: the changes up to this snapshot of PostgreSQL are in the verdicts."""

    id: Named[int] = internal("编号", "Always 1", SmallInteger, primary_key=True, autoincrement=False)
    snapshot: Named[str] = internal("快照", "pg_snapshot of the changes that were followed", CODE)
    judged_at: Named[dt.datetime] = internal("判定时间", "When that was", STAMP)


judged = table("judged", "判定进度", "Up to where changes were followed", JudgedColumns)
