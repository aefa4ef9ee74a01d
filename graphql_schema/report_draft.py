"""``reportDraft``: a report that records have written as far as they can, for a person to end and hand in.

Figures are verdicts (``graphql_schema.boards``) and count every fact; lists hold the records that the viewer
sees, asked of the read engine as the viewer. What a report of a kind holds says ``hub.compliance.forms``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Final

import strawberry
from graphql.execution.values import VariableValues
from strawberry.types import Info

from graphql_schema.board_records import Scope, questions, scope_of
from graphql_schema.boards import KINDS, Contract, Division, Line, lines_of
from graphql_schema.norms import basis_of
from graphql_schema.report_draft_types import (
    DraftFact,
    DraftFigure,
    DraftList,
    DraftRow,
    DraftSection,
    ReportDraft,
)
from graphql_schema.report_evidence import MOST_ROWS, NAMED_WITH, evidence_questions, list_of
from graphql_schema.rule_verdict import told_of
from hub.access.readable import readable
from hub.access.viewer import Capability
from hub.compliance.boards import Board
from hub.compliance.duties import duty_of
from hub.compliance.evaluate import Verdict
from hub.compliance.forms import EVIDENCE, FORMS, HEADINGS_ARE, UNITS, Form, Section
from hub.domain.norms import Rule, rules_of
from hub.domain.vocabulary import BudgetCategory, Party, ReportKind, VerdictStatus
from hub.errors import BadArgument, NotFound
from hub.read import cost
from hub.read.beside import Aside, Asks, Question
from hub.read.bind import described

MOST_DAYS: Final = 1_830
"""Of a period: five years, longer than any contract that the documents allow. A bound of the hub's own."""
ORDINALS: Final = "一二三四五六七八九十"
TITLE: Final = "民政服务站"
_WRONG: Final = {
    "contract": ("A report of this kind is about a contract.", "该类报告应指定合同"),
    "division": ("A report of this kind is about a division.", "该类报告应指定区划"),
}


def _argument(en: str, zh: str, **more: Any) -> Any:
    return strawberry.argument(description=described(en, zh), **more)


class NoReport(NotFound):
    """There is no such contract or division, or you see none."""

    zh = "没有此合同或区划，或您无权查看"


async def report_draft(
    info: Info[Any, Any],
    kind: Annotated[ReportKind, _argument("Kind of report", "报告类别")],
    from_on: Annotated[dt.date, _argument("First day of its period", "报告期起", name="from")],
    until: Annotated[dt.date, _argument("Last day of its period", "报告期止")],
    contract: Contract = None,
    division: Division = None,
) -> ReportDraft:
    """BadArgument, NoReport."""
    context = info.context
    form = _form(kind, contract, division)
    day = _day(context.today, from_on, until)
    scope = scope_of(context.today, from_on, day, division, contract)
    about = await (_contract(context, scope) if form.of == "contract" else _division(context, scope))
    if about is None:
        raise NoReport
    asked = [*_asked_by(form, about["division"], day)]
    sections = [
        await _section(context, form, each, n, about, scope, until) for n, each in enumerate(form.sections)
    ]
    return ReportDraft(
        kind=kind,
        title=f"{TITLE}{kind.zh}",
        file_name=re.sub(r"[^\w-]+", "-", f"{about['name']}-{kind.zh}-{from_on:%Y%m%d}-{until:%Y%m%d}"),
        about=strawberry.ID(about["id"]),
        sender=about["sender"],
        recipients=[*dict.fromkeys(one for _, parties in asked for one in parties)],
        rules=[*dict.fromkeys(rule.key for rule, _ in asked)],
        basis=[basis_of(rule) for rule in {rule.key: rule for rule, _ in asked}.values()],
        headings_are=" — ".join(HEADINGS_ARE),
        from_on=from_on,
        until=until,
        as_of=day,
        sections=sections,
        left_out=[*_left_out(context.viewer.capability, form, sections)],
    )


def _form(kind: ReportKind, contract: str | None, division: str | None) -> Form:
    form = FORMS.get(kind)
    if form is None:
        kinds = ", ".join(FORMS)
        raise BadArgument(f"Expected kind: one of {kinds}.", zh="该类报告由人工撰写，系统不生成草稿")
    given = {"contract": contract, "division": division}
    if given.pop(form.of) is None or any(given.values()):
        en, zh = _WRONG[form.of]
        raise BadArgument(en, zh=zh)
    return form


def _day(today: dt.date, first: dt.date, last: dt.date) -> dt.date:
    if not 0 <= (last - first).days < MOST_DAYS or first > today:
        raise BadArgument(
            f"Expected a period that has begun, of {MOST_DAYS} days at most.",
            zh=f"报告期应已开始，且不超过 {MOST_DAYS} 天",
        )
    return min(last, today)


def _asked_by(form: Form, code: str, day: dt.date) -> Iterator[tuple[Rule, Sequence[Party]]]:
    """Rules in force that ask for it, and whom they name."""
    for rule in rules_of(code, day):
        for bound in rule.bounds:
            if bound.quantity.startswith(form.quantity):
                yield rule, duty_of(rule.key, bound.quantity).recipients


# ── what it is about ─────────────────────────────────────────────────────────────────────────────────


async def _contract(context: Any, scope: Scope) -> dict[str, Any] | None:
    (node,) = (await context.ask(contract_document(context.viewer.capability), {"ids": [scope.contract]}))[
        "nodes"
    ]
    if not node:
        return None
    sender = (node.get("contractor") or {}).get("name")
    stations = [each["name"] for each in node.get("stations", {"nodes": []})["nodes"]]
    facts = [
        ("项目编号", node["number"]),
        ("项目名称", node["title"]),
        ("购买主体", node["purchaserName"]),
        ("承接机构", sender),
        ("合同期限", f"{_date(node['startsOn'])}至{_date(node['endsOn'])}"),
        ("民政服务站", "、".join(stations) or None),
    ]
    return {
        "id": node["id"],
        "number": node["number"],
        "division": f"{node['divisionCode'][:6]}000000",
        "name": node["number"],
        "sender": sender,
        "facts": facts,
        "budget": node.get("budgetLines", {"nodes": []})["nodes"],
    }


def contract_document(capability: Capability) -> str:
    told = ["id number title divisionCode startsOn endsOn purchaserName"]
    if readable(capability, "contractor") is not None:
        told.append("contractor { name }")
    if readable(capability, "station") is not None:
        told.append("stations(first: 100) { nodes { name } }")
    if readable(capability, "budget_line") is not None:
        told.append("budgetLines(first: 100) { nodes { id category subItem plannedAmount spentAmount } }")
    return f"query Draft($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Contract {{ {' '.join(told)} }} }} }}"


DIVISION_DOCUMENT: Final = "query Draft($code: String!) { division(code: $code) { id code level fullName } }"


async def _division(context: Any, scope: Scope) -> dict[str, Any] | None:
    node = (await context.ask(DIVISION_DOCUMENT, {"code": scope.division}))["division"]
    if node is None:
        return None
    facts = [("区划", node["fullName"]), ("区划代码", node["code"])]
    said = {"id": node["id"], "number": "", "division": node["code"], "name": node["fullName"]}
    return said | {"sender": node["fullName"], "facts": facts, "budget": []}


# ── sections ─────────────────────────────────────────────────────────────────────────────────────────


async def _section(
    context: Any, form: Form, each: Section, n: int, about: Mapping[str, Any], scope: Scope, until: dt.date
) -> DraftSection:
    lines = [line for board in each.boards for line in await lines_of(context, board, scope, None)]
    lists = [
        await list_of(context, EVIDENCE[name], form.of, about, scope.first, until) for name in each.evidence
    ]
    found = [one for one in lists if one is not None]
    facts = [DraftFact(label=label, value=value) for label, value in about["facts"]] if each.facts else []
    if each.facts:
        facts.append(DraftFact(label="报告期", value=f"{_date(scope.first)}至{_date(until)}"))
    if each.budget and about["budget"]:
        found.insert(0, _budget(about["budget"]))
    figures = [_figure(line, scope.last) for line in lines if line[1].record == about["id"]]
    if others := [line for line in lines if line[1].record != about["id"]]:
        found.insert(0, _tallied(others))
    return DraftSection(
        heading=f"{ORDINALS[n]}、{each.zh}",
        heading_en=each.en,
        facts=facts,
        figures=figures,
        lists=found,
        prompt=each.prompt or None,
        is_empty=not (facts or figures or each.prompt or any(one.rows for one in found)),
    )


def _figure(line: Line, day: dt.date) -> DraftFigure:
    each, found = line
    return DraftFigure(
        **told_of(each, found.record, day),
        name=found.name,
        from_on=each.from_on,
        required=_required(each),
        actual=_amount(each.value, each.bound.unit),
    )


def _required(each: Verdict) -> str:
    period = "" if each.bound.period is None else f"（{each.bound.period.zh}）"
    return f"{each.bound.comparator.zh}{_amount(each.target, each.bound.unit)}{period}"


def _amount(value: str | None, unit: str | None) -> str:
    if value is None:
        return "未知"
    if unit == "SHARE":
        return f"{_plain(Decimal(value) * 100)}%"
    return f"{value}{UNITS.get(unit or '', '')}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _tallied(lines: Sequence[Line]) -> DraftList:
    """Verdicts on stations, staff and other contracts, by rule: they are told as numbers, and name nobody."""
    counts: dict[tuple[str, str, str], Counter[VerdictStatus]] = defaultdict(Counter)
    for each, _ in lines:
        counts[each.rule.key, each.rule.quote, _required(each)][each.status] += 1
    told = (VerdictStatus.MET, VerdictStatus.NOT_MET, VerdictStatus.DUE, VerdictStatus.UNKNOWN)
    rows = [
        DraftRow(
            record=None,
            cells=[rule, quote, required, *(str(found[one]) for one in (*told,)), str(found.total())],
        )
        for (rule, quote, required), found in counts.items()
    ]
    columns = ["规则", "文件原文", "要求", *(one.zh for one in told), "合计"]
    return DraftList(
        heading="各项要求符合情况",
        columns=columns,
        rows=rows,
        total=len(rows),
        is_attached=False,
        is_cut=False,
    )


def _budget(lines: Sequence[Mapping[str, Any]]) -> DraftList:
    rows = [
        DraftRow(
            record=strawberry.ID(line["id"]),
            cells=[
                BudgetCategory(line["category"]).zh,
                line["subItem"],
                line["plannedAmount"],
                line["spentAmount"],
            ],
        )
        for line in lines
    ]
    sums = [
        sum((Decimal(line[key] or 0) for line in lines), Decimal(0))
        for key in ("plannedAmount", "spentAmount")
    ]
    rows.append(DraftRow(record=None, cells=["合计", None, *map(str, sums)]))
    return DraftList(
        heading="经费预算和支出表",
        columns=["类别", "子项", "预算（元）", "累计支出（元）"],
        rows=rows,
        total=len(lines),
        is_attached=False,
        is_cut=False,
    )


def _left_out(capability: Capability, form: Form, sections: Sequence[DraftSection]) -> Iterator[str]:
    yield "指标按全部事实判定；清单只列本账号可见的记录，不可见的人员和事项只计入指标数量。"
    yield "清单中服务对象只显示脱敏姓名，不含证件号码、电话和住址。"
    if NAMED_WITH not in capability.groups:
        yield "本账号无权查看服务情况，清单不显示服务对象姓名。"
    if "minor" not in capability.groups:
        yield "本账号无权查看未成年人信息，未成年人只计入指标数量。"
    wanted = dict.fromkeys(name for each in form.sections for name in each.evidence)
    held = {one.heading for each in sections for one in each.lists}
    if missing := [EVIDENCE[name].zh for name in wanted if EVIDENCE[name].zh not in held]:
        yield f"本账号无权查看，未列入：{'、'.join(missing)}。"
    for one in (one for each in sections for one in each.lists if one.is_cut):
        yield f"{one.heading}超过{MOST_ROWS}条，只列前{MOST_ROWS}条查得的记录。"


def _date(day: dt.date | str) -> str:
    found = dt.date.fromisoformat(day) if isinstance(day, str) else day
    return f"{found.year}年{found.month}月{found.day}日"


# ── what it costs ────────────────────────────────────────────────────────────────────────────────────


def _asks(aside: Aside, capability: Capability, variables: VariableValues) -> Iterator[Question]:
    form = FORMS.get(aside.arguments(variables)["kind"])
    if form is None:
        return
    if form.of == "contract":
        yield Question(contract_document(capability), {"ids": ["Contract:1"]})
    else:
        yield Question(DIVISION_DOCUMENT, {"code": "450000000000"})
    for board in _boards(form):
        yield from questions(KINDS[board], capability)
    yield from evidence_questions(
        capability, [name for each in form.sections for name in each.evidence], form.of
    )


def _boards(form: Form) -> list[Board]:
    return [board for each in form.sections for board in each.boards]


DRAFTED: Final = Asks(cost.BOARD * max(len(_boards(form)) for form in FORMS.values()), _asks)
