"""Lines of boards: a verdict each, whom it is about by name, and the figures of its board."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import strawberry

from graphql_schema.norms import labelled
from graphql_schema.rule_verdict import RuleVerdict
from hub.domain.vocabulary import CapBase, Party
from hub.read.bind import described


@strawberry.type(description=described("A line of a board", "看板条目"))
class BoardLine(RuleVerdict):
    name: str = labelled(
        "What people call the record: number of the contract, name of the station, person or division",
        "判定对象名称或编号",
    )
    from_on: dt.date | None = labelled("First day of the window that runs", "周期起始日期")


@strawberry.type(description=described("How far a contract is with one bound", "合同指标进度"))
class Quota(BoardLine):
    remaining: Decimal | None = labelled(
        "How much more there must be; of a bound that limits, how much more there may be", "剩余数量"
    )
    percent: Decimal | None = labelled(
        "Of a number that must be reached, how much there is; null for limits and for shares", "完成百分比"
    )
    expected: Decimal | None = labelled(
        "What there would be by the end of the day if it were spread evenly over its window: the hub's own "
        "reading, no document asks for it",
        "按时间均分的应达数量（系统自行推算，文件无此要求）",
    )


@strawberry.type(description=described("What must be told to whom, and by when", "报送事项"))
class ReportDue(BoardLine):
    sender: Party | None = labelled(
        "Who must; null for the purchaser of the contract", "报送方，空为购买主体"
    )
    recipients: list[Party] = labelled("To whom; none where the document names none", "接收方")
    sent_on: dt.date | None = labelled("Day the first was sent", "报送日期")
    is_late: bool = labelled("Not sent when its time was over, or sent after it", "是否逾期")


@strawberry.type(description=described("What staff is missing, or lacks", "人员缺口"))
class StaffGap(BoardLine):
    remaining: Decimal | None = labelled(
        "How much is missing: people, hours; of a time that is allowed, how much is left", "差额或剩余时限"
    )


@strawberry.type(description=described("Money held against one bound", "资金条目"))
class FundsLine(BoardLine):
    base: CapBase | None = labelled("What a capped share is of", "基数口径")
    base_amount: Decimal | None = labelled(
        "That base in yuan, or the amount of the contract; null where sources state none, or several",
        "基数（元）",
    )
    planned: Decimal | None = labelled("Planned or allotted, in yuan", "预算（元）")
    spent: Decimal | None = labelled("Spent by that day, in yuan", "已支出（元）")


@strawberry.type(description=described("A day by which something must be done", "里程碑"))
class Milestone(BoardLine):
    reached_on: dt.date | None = labelled("Day it was reached by all it is about", "达成日期")
