"""Reports, evaluations, money and contracts: what is told of the work, and agreed on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

import strawberry

from graphql_schema.does import VERSION, does, does_each
from graphql_schema.types import (
    Contract,
    Evaluation,
    Expenditure,
    Report,
    SubsidyCheck,
)
from graphql_schema.work_mutations import EVERYBODY, OF_WHOLE, UNDER
from hub.access.slices import BUREAU, CONTRACTOR, TOWNSHIP
from hub.domain.vocabulary import (
    EvaluationKind,
    Party,
    ProcurementMethod,
    Rating,
    ReportKind,
    SubsidyCheckKind,
    SubsidyFinding,
)
from hub.write import evaluating, receiving, reporting, sampling, signing, spending

OFFICES: Final = (BUREAU, TOWNSHIP)
TERM: Final = {
    "number": (str, "Number of the contract, of which the county has one — 合同编号"),
    "signed_on": (dt.date, "Day of signing — 签订日期"),
    "starts_on": (dt.date, "First day of service — 开始日期"),
    "ends_on": (dt.date, "Last day of service — 结束日期"),
    "amount": (Decimal | None, "Amount in yuan — 合同金额（元）"),
    "exception_reason": (
        str | None,
        "Why it departs from a rule that holds in principle (原则上) — 不按原则性规定办理的理由",
    ),
}
FOUND: Final = {
    "kind": (EvaluationKind, "Kind, of those that are yours to note — 评估类别"),
    "period_starts_on": (dt.date, "First day of the period — 评估期起"),
    "period_ends_on": (dt.date, "Last day of the period — 评估期止"),
    "evaluated_on": (dt.date | None, "Day; today if absent — 评估日期，缺省为当日"),
    "evaluator": (str | None, "Body, section or agency; you if absent — 评估方，缺省为本单位"),
    "score": (Decimal | None, "Score — 得分"),
    "full_score": (Decimal | None, "Highest possible score — 满分"),
    "grade": (Rating | None, "Grade — 等次"),
    "opinion": (str | None, "Opinion, without words about people — 评估意见（勿含个人信息）"),
    "published_at": (dt.datetime | None, "When it was published — 公布时间"),
}

RECEIVED: Final = {"report": (strawberry.ID, "Global id of the report — 报告编号"), **VERSION}
CHECKED: Final = {"check": (strawberry.ID, "Global id of the check — 核查编号"), **VERSION}
EXPENDITURE: Final = {
    "spent_on": (dt.date, "Day — 支出日期"),
    "amount": (Decimal, "Amount in yuan — 金额（元）"),
    "is_civil_affairs_money": (
        bool,
        "Civil-affairs money; not that of another purchaser, which is kept apart — 是否民政购买资金",
    ),
    "description": (str | None, "What it was spent on — 摘要"),
    "budget_line": (strawberry.ID | None, "Line of the contract's budget — 费用科目"),
    "fund_source": (
        strawberry.ID | None,
        "Source of funds, for a bureau that sees it — 资金来源（民政部门填写）",
    ),
    **UNDER,
}


@strawberry.type
class OversightMutations:
    submit_report: Report | None = does(
        "Report",
        reporting.submit_report,
        "report.c",
        EVERYBODY,
        "Submit a report to one recipient; the rule that asks for it and the day it is due are found",
        "报送工作报告，自动对应所依据的规定和期限；报送多方时分别提交",
        kind=(ReportKind, "Kind — 报告类别"),
        recipient=(Party, "To whom — 接收方"),
        period_starts_on=(dt.date, "First day of the period — 报告期起"),
        period_ends_on=(dt.date, "Last day of the period — 报告期止"),
        title=(str | None, "Title — 标题"),
        content=(str | None, "Text, which names no beneficiary — 内容（勿含服务对象个人信息）"),
        is_copy=(bool | None, "The recipient gets a copy — 是否抄送"),
        **OF_WHOLE,
    )
    accept_report: Report | None = does(
        "Report",
        receiving.accept_report,
        "report.x",
        OFFICES,
        "Accept a report that is for you",
        "接收报送本单位的报告",
        **RECEIVED,
    )
    accept_reports: list[Report | None] | None = does_each(
        "Report",
        receiving.accept_report,
        "report.x",
        OFFICES,
        "acceptReport",
        "接收报告",
        **RECEIVED,
    )
    return_report: Report | None = does(
        "Report",
        receiving.return_report,
        "report.x",
        OFFICES,
        "Send a report that is for you back to who sent it, who is shown the reason and submits another",
        "退回报送本单位的报告，报送方可见理由并重新报送",
        reason=(str, "Why, without words about people — 退回理由（勿含个人信息）"),
        **RECEIVED,
    )
    evaluate_station: Evaluation | None = does(
        "Evaluation",
        evaluating.evaluate_station,
        "evaluation.c",
        EVERYBODY,
        "Note an evaluation of a station; a contractor that of itself",
        "登记服务站评估；承接机构登记自评",
        station=(strawberry.ID, "Global id of the station — 服务站编号"),
        **FOUND,
    )
    evaluate_contract: Evaluation | None = does(
        "Evaluation",
        evaluating.evaluate_contract,
        "evaluation.c",
        EVERYBODY,
        "Note an evaluation of a contract; the annual one of the purchaser decides on its renewal",
        "登记合同评估；购买主体的年度评估决定是否续签",
        contract=(strawberry.ID, "Global id of the contract — 合同编号"),
        **FOUND,
    )
    record_expenditure: Expenditure | None = does(
        "Expenditure",
        spending.record_expenditure,
        "money.c",
        (BUREAU, CONTRACTOR),
        "Note what was spent under a contract, and whose money it was",
        "登记合同支出及资金归属",
        **EXPENDITURE,
    )
    record_expenditures: list[Expenditure | None] | None = does_each(
        "Expenditure",
        spending.record_expenditure,
        "money.c",
        (BUREAU, CONTRACTOR),
        "recordExpenditure",
        "登记合同支出及资金归属",
        **EXPENDITURE,
    )
    sign_contract: Contract | None = does(
        "Contract",
        signing.sign_contract,
        "contract.c",
        OFFICES,
        "Sign a contract as the purchaser; what a rule of the place forbids is not signed (AGAINST_RULE)",
        "购买主体登记签订合同；不符合当地规定的不予登记",
        **TERM,
        contractor_credit_code=(
            str,
            "Unified credit code of the contractor — 承接机构统一社会信用代码",
        ),
        stations=(list[strawberry.ID], "Stations it is served at — 服务站"),
        cycle_years=(int | None, "Service cycle in years — 服务周期（年）"),
        procurement_method=(ProcurementMethod | None, "Procurement method — 采购方式"),
        title=(str | None, "Title of the project — 项目名称"),
        project_number=(
            str | None,
            "Number of the procurement; yearly contracts of one project share it — 项目编号",
        ),
        purchaser_name=(str | None, "Purchaser; your division if absent — 购买主体"),
        standards=(str | None, "Agreed standards of service — 服务标准"),
        evaluation_rules=(str | None, "How performance is evaluated — 评估办法"),
    )
    renew_contract: Contract | None = does(
        "Contract",
        signing.renew_contract,
        "contract.c",
        OFFICES,
        "Renew a contract with its contractor, at its stations; not after a failed annual evaluation where"
        " that is the rule",
        "续签合同；当地规定年度评估不合格不予续签的，不能续签",
        contract=(strawberry.ID, "Contract that is renewed — 原合同"),
        **TERM,
    )
    draw_sample: SubsidyCheck | None = does(
        "SubsidyCheck",
        sampling.draw,
        "subsidy.c",
        (BUREAU,),
        "Draw which results of assessors, or services, are checked: as many as the rule in force asks for at"
        " least, by a seed nobody chooses",
        "按现行规则要求的最低比例抽取应核查的评估结果或服务，种子由系统随机产生",
        division_code=(str, "12-digit code of the division that checks — 核查方区划代码"),
        kind=(SubsidyCheckKind, "What is checked — 核查类别"),
        numbers=(
            list[str],
            f"Numbers of all results or services, at most {sampling.MOST_NUMBERS:,}; no identity numbers — "
            "全部评估结果或服务记录的编号，不得为身份证号",
        ),
        supplier_name=(str | None, "Body that is checked — 被核查机构"),
        contract=(strawberry.ID | None, "Contract of who helps with the check — 协助核查的合同"),
    )
    record_check_result: SubsidyCheck | None = does(
        "SubsidyCheck",
        sampling.record_result,
        "subsidy.u",
        (BUREAU,),
        "Note what was found of all that was drawn, once; what is not among the deviating numbers was right",
        "登记抽查结果，一次登记；未列入不符编号的视为相符",
        checked_on=(dt.date, "Day on which all of it had been checked — 核查完成日期"),
        checked_by=(
            str | None,
            "Body that checked; you if absent, no names of people — 核查单位，缺省为本单位，勿填个人姓名",
        ),
        deviating=(list[str] | None, "Drawn numbers that were wrong; none if absent — 不符编号"),
        findings=(list[SubsidyFinding] | None, "What was found of them — 发现问题"),
        satisfaction=(Decimal | None, "Satisfied elderly, per cent — 满意度（%）"),
        follow_up=(str | None, "What becomes of it, without words about people — 整改情况（勿含个人信息）"),
        **CHECKED,
    )
    follow_check: SubsidyCheck | None = does(
        "SubsidyCheck",
        sampling.follow_check,
        "subsidy.u",
        (BUREAU,),
        "Note what becomes of what a check found",
        "登记抽查发现问题的整改情况",
        follow_up=(str, "What becomes of it, without words about people — 整改情况（勿含个人信息）"),
        **CHECKED,
    )
