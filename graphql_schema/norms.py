"""``rules``: what policy documents ask for at a place and on a day, from ``hub.domain.norms``.

They are data of the package and of no person, so whoever is served at all may read them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import fields
from functools import cache
from typing import Annotated, Any, Final

import strawberry
from strawberry.types import Info

from hub.domain import norms
from hub.domain.division import code_range
from hub.domain.division_changes import history
from hub.domain.norms import AMBIGUITIES, DOCUMENTS, RULES
from hub.domain.norms.strictness import Compared, Standing, standings
from hub.domain.refusal import Refused, Sentence
from hub.domain.vocabulary import (
    BoundRelation,
    BoundStanding,
    Force,
    NormComparator,
    NormPeriod,
    NormScope,
    NormSubject,
)
from hub.errors import BadArgument
from hub.read import cost
from hub.read.beside import Asks
from hub.read.bind import described

FORM: Final = Sentence(
    "Expected a division code of 2, 4, 6, 9 or 12 digits.", "应为 2、4、6、9 或 12 位区划代码"
)


def labelled(en: str, zh: str) -> Any:
    return strawberry.field(description=described(en, zh))


@strawberry.type(description="Policy document that rules stand in — 政策文件")
class RuleDocument:
    code: str = labelled("Short code: GX, XM, JJ, NX, QX", "文件代号")
    number: str | None = labelled("Number it was issued under; null where it has none", "文号")
    title: str = labelled("Title", "标题")
    title_en: str = labelled("Title in English", "英文标题")
    issuer: str = labelled("Who issued it", "发文机关")
    jurisdiction: str = labelled("12-digit code of the division it is in force in", "适用区划代码")
    issued_on: dt.date | None = labelled("Day of issue; null where it tells none", "印发日期")
    effective_from: dt.date = labelled("First day in force", "起始日期")
    effective_to: dt.date | None = labelled("Last day in force; null while there is none", "终止日期")


@strawberry.type(description="Where something is said — 依据")
class RuleBasis:
    document: RuleDocument = labelled("Document", "文件")
    article: str = labelled("Article, or row of a table", "条款")
    quote: str = labelled(
        "Words of the document; …… stands for what is left out between", "原文，……表示中间有省略"
    )


@strawberry.type(description="What the documents leave open, and how the hub reads it — 文件中的疑义")
class RuleAmbiguity:
    key: str = labelled("Key, as A1", "编号")
    issue: str = labelled("What is not clear", "疑义")
    treatment: str = labelled("How the hub reads it", "系统的处理方式")


@strawberry.type(
    description="Another bound on the same, and which of the two is stricter — 同一事项的另一项要求"
)
class RuleComparison:
    rule: str = labelled("Key of the other rule", "另一规则编号")
    document: str = labelled("Code of its document", "所在文件代号")
    relation: BoundRelation = labelled("How this bound is to the other", "本项与另一项的关系")
    comparator: NormComparator = labelled("How the other compares", "另一项的比较方式")
    value: str | None = labelled("Value of the other", "另一项的数值")
    values: list[str] | None = labelled("Words of the other", "另一项的各项内容")


@strawberry.type(description="What a rule asks of a quantity — 规则对某一事项的要求")
class RuleBound:
    quantity: str = labelled("What is limited, as station.workers", "事项")
    comparator: NormComparator = labelled("How it compares; strict and inclusive are kept apart", "比较方式")
    value: str | None = labelled(
        "Number, day as 2026-03-31, or word; null with `values` where the document gives none: then nobody "
        "can say whether it is met",
        "数值、日期或文字；与 values 同为空时表示文件未作规定，无从判断",
    )
    values: list[str] | None = labelled(
        "Several words, of ONE_OF and ALL_OF; or first and last day, of WITHIN", "各项内容，或起止日期"
    )
    unit: str | None = labelled("Unit, as PERSON; a SHARE of 0.02 is 2 %", "单位")
    period: NormPeriod | None = labelled("Within which time", "周期")
    base: str | None = labelled("What a share is of", "基数")
    when: str | None = labelled("For which of the subjects; null for all", "适用情形")
    standing: BoundStanding = labelled("Whether it binds here, among others in force", "在此是否适用")
    compared: list[RuleComparison] = labelled(
        "Bounds on the same quantity and subject in force here, and how this one is to each",
        "与同一事项其他要求的比较",
    )


@strawberry.type(description="A rule as a document in force states it — 规则")
class Rule:
    key: str = labelled("Key, as R32; two documents may state one rule", "规则编号")
    force: Force = labelled("How binding it is", "效力")
    entity: NormSubject = labelled("What a verdict is given on", "规则对象")
    scope: NormScope = labelled("Over what its numbers are counted", "计量范围")
    statement: str = labelled("What it says, in English", "英文说明")
    basis: RuleBasis = labelled("Where it stands", "依据")
    bounds: list[RuleBound] = labelled("What can be measured of it", "可衡量的要求")
    ambiguities: list[RuleAmbiguity] = labelled("What it leaves open", "疑义")


TOLD: Final = Asks(units=cost.TOLD)


def rules(
    info: Info[Any, Any],
    jurisdiction: Annotated[
        str, strawberry.argument(description=described("Code of a division of any level", "任一级区划代码"))
    ],
    at: Annotated[
        dt.date | None,
        strawberry.argument(description=described("Day; today in China if absent", "日期，缺省为当日")),
    ] = None,
    entity: Annotated[
        list[NormSubject] | None, strawberry.argument(description=described("About these only", "规则对象"))
    ] = None,
    force: Annotated[
        list[Force] | None, strawberry.argument(description=described("So binding only", "效力"))
    ] = None,
    key: Annotated[
        list[str] | None, strawberry.argument(description=described("With these keys only", "规则编号"))
    ] = None,
) -> list[Rule]:
    """Those in force, by number; where two documents state one, that of the wider region first."""
    on = at or info.context.today
    here = place(jurisdiction, on)
    return [
        rule
        for rule in _in_force(tuple(code for code, document in DOCUMENTS.items() if document.binds(here, on)))
        if _among(rule.entity, entity) and _among(rule.force, force) and _among(rule.key, key)
    ]


def place(code: str, on: dt.date) -> str:
    """The 12 digits of the division of today that a code of 2, 4, 6, 9 or 12 stood for; BadArgument."""
    try:
        return history().resolve(code_range(code)[0], on).code
    except Refused as refused:
        if refused.code == "DIVISION_FORM":
            raise BadArgument(FORM.en, zh=FORM.zh) from None
        raise BadArgument(refused.expected, zh=refused.expected_zh) from None


def _among(value: str, wanted: Collection[str] | None) -> bool:
    return wanted is None or value in wanted


@cache
def _in_force(documents: tuple[str, ...]) -> Sequence[Rule]:
    """One list for each set of documents that are in force together, of which there are few."""
    found = [rule for rule in RULES if rule.document.code in documents]
    return [_rule(rule, bounds) for rule, bounds in zip(found, standings(found), strict=True)]


def _rule(rule: norms.Rule, bounds: Sequence[Standing]) -> Rule:
    return Rule(
        key=rule.key,
        force=rule.force,
        entity=rule.subject,
        scope=rule.scope,
        statement=rule.en,
        basis=basis_of(rule),
        bounds=[_bound(each) for each in bounds],
        ambiguities=[
            RuleAmbiguity(key=each.key, issue=each.issue, treatment=each.treatment)
            for each in map(AMBIGUITIES.__getitem__, rule.ambiguities)
        ],
    )


def basis_of(rule: norms.Rule) -> RuleBasis:
    return RuleBasis(document=_document(rule.document.code), article=rule.article, quote=rule.quote)


@cache
def _document(code: str) -> RuleDocument:
    document = DOCUMENTS[code]
    return RuleDocument(**{field.name: getattr(document, field.name) for field in fields(document)})


def _bound(told: Standing) -> RuleBound:
    bound = told.bound
    return RuleBound(
        quantity=bound.quantity,
        comparator=bound.comparator,
        unit=bound.unit,
        period=bound.period,
        base=bound.base,
        when=bound.when,
        standing=told.standing,
        compared=[_compared(each) for each in told.compared],
        **_values(bound),
    )


def _compared(told: Compared) -> RuleComparison:
    return RuleComparison(
        rule=told.rule.key,
        document=told.rule.document.code,
        relation=told.relation,
        comparator=told.bound.comparator,
        **_values(told.bound),
    )


def _values(bound: norms.Bound) -> dict[str, Any]:
    several = isinstance(bound.value, tuple)
    alone = None if several or bound.value is None else f"{bound.value}"
    return {"value": alone, "values": bound.value if several else None}
