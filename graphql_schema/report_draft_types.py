"""A draft of a report: what its form asks for, filled with what the hub knows."""

from __future__ import annotations

import datetime as dt

import strawberry

from graphql_schema.board_types import BoardLine
from graphql_schema.norms import RuleBasis, labelled
from hub.domain.vocabulary import Party, ReportKind
from hub.read.bind import described


@strawberry.type(description=described("A fact of a report", "报告事项"))
class DraftFact:
    label: str = labelled("What it is, in Chinese", "事项")
    value: str | None = labelled("What is known; null where nothing is", "内容")


@strawberry.type(description=described("A verdict in words of a report", "报告指标"))
class DraftFigure(BoardLine):
    required: str = labelled("What the rule asks for, in Chinese", "要求")
    actual: str = labelled("What there is, in Chinese", "完成情况")


@strawberry.type(description=described("A line of a list", "清单行"))
class DraftRow:
    record: strawberry.ID | None = labelled("Global id of the record; null for a sum", "记录编号")
    cells: list[str | None] = labelled("A value for each column", "各列内容")


@strawberry.type(description=described("A list of a report, with the records that prove it", "报告清单"))
class DraftList:
    heading: str = labelled("Heading, in Chinese", "标题")
    columns: list[str] = labelled("Headings of the columns, in Chinese", "列名")
    rows: list[DraftRow] = labelled("Lines, the earliest first", "行")
    total: int = labelled("How many records there are, as far as they were read", "条数")
    is_attached: bool = labelled("Evidence, which a file has as an attachment", "是否为附件")
    is_cut: bool = labelled("There are more than were read", "是否截断")


@strawberry.type(description=described("A section of a report", "报告章节"))
class DraftSection:
    heading: str = labelled("Heading, in Chinese", "标题")
    heading_en: str = labelled("Heading in English", "英文标题")
    facts: list[DraftFact] = labelled("Facts", "事项")
    figures: list[DraftFigure] = labelled("Verdicts by the rules in force on `asOf`", "指标")
    lists: list[DraftList] = labelled("Lists of records", "清单")
    prompt: str | None = labelled("What a person has to write here", "填写说明")
    is_empty: bool = labelled("Nothing is recorded for it", "是否无记录")


@strawberry.type(description=described("A report, as far as records can write it", "报告草稿"))
class ReportDraft:
    kind: ReportKind = labelled("Kind of report", "报告类别")
    title: str = labelled("Title, in Chinese", "标题")
    file_name: str = labelled("Name for its file, without ending", "文件名")
    about: strawberry.ID = labelled("Global id of the contract or division it is about", "报告对象编号")
    sender: str | None = labelled("Who reports", "报告单位")
    recipients: list[Party] = labelled("To whom, by the rules; none where no rule asks for it", "接收方")
    rules: list[str] = labelled("Keys of the rules that ask for it", "规则编号")
    basis: list[RuleBasis] = labelled("Where they stand", "依据")
    headings_are: str = labelled("Where the headings come from", "标题来源")
    from_on: dt.date = labelled("First day of the period", "报告期起")
    until: dt.date = labelled("Last day of the period", "报告期止")
    as_of: dt.date = labelled("Day of its figures: the last of the period, or today", "数据日期")
    sections: list[DraftSection] = labelled("Sections in their order", "章节")
    left_out: list[str] = labelled("What the draft does not hold, and why, in Chinese", "未列入内容及原因")
