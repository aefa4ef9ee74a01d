"""``complianceSummary``: how many records of a division meet each rule, from verdicts that are kept.

A bureau or a township is told of its own division and what lies in it. These are numbers of all records
there are, and name none; of whom it is not shown it learns no number either (``GROUPS``; children).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Annotated, Any, Final, cast

import strawberry
from strawberry.types import Info

from graphql_schema.compliance import GROUPS, is_of, known
from graphql_schema.norms import RuleBasis, basis_of, labelled, place
from hub.access.readable import readable
from hub.access.slices import BUREAU, TOWNSHIP
from hub.access.viewer import Capability, Viewer
from hub.compliance.summing import MOST, Sum, TooMany, summed
from hub.domain.division import WIDTHS, Level, level_of
from hub.domain.vocabulary import DivisionLevel, Force, NormComparator, NormPeriod, NormSubject
from hub.errors import BadArgument
from hub.read import cost
from hub.read.beside import Asks
from hub.read.bind import described

SUMMING: Final = frozenset({BUREAU, TOWNSHIP})
ABOUT_PEOPLE: Final = {NormSubject.BENEFICIARY: "beneficiary", NormSubject.PERSONNEL: "personnel"}
SUBJECTS: Final = (
    *(NormSubject.STATION, NormSubject.PERSONNEL, NormSubject.BENEFICIARY, NormSubject.CONTRACT),
    *(NormSubject.COUNTY, NormSubject.PREFECTURE, NormSubject.PROVINCE),
)


@strawberry.type(
    description=described("How many records meet one bound of a rule", "一项规则要求的符合情况（计数）")
)
class RuleSum:
    division: str = labelled("Code of the division that is summed", "汇总区划代码")
    entity: NormSubject = labelled("What the verdicts are on", "规则对象")
    rule: str = labelled("Key of the rule, as R32", "规则编号")
    force: Force = labelled("How binding the rule is", "效力")
    statement: str = labelled("What the rule says, in English", "英文说明")
    quantity: str = labelled("What is limited, as station.workers", "事项")
    comparator: NormComparator = labelled("How it compares; strict and inclusive are kept apart", "比较方式")
    target: str | None = labelled("What there must be; null where the document gives no value", "要求值")
    unit: str | None = labelled("Unit, as PERSON", "单位")
    period: NormPeriod | None = labelled("Within which time", "周期")
    met: int = labelled("Records that meet it", "符合数")
    not_met: int = labelled("Records that do not", "不符合数")
    due: int = labelled("Records that do not yet, and have time left", "待完成数")
    unknown: int = labelled("Records of which nobody knows; they are never met", "无法判定数")
    basis: RuleBasis = labelled("Where the rule stands", "依据")


@strawberry.type(
    description=described(
        "Verdicts of today on the records of a division, counted. What a rule is not about is not counted",
        "本区划内今日判定的汇总",
    )
)
class ComplianceSummary:
    division: str = labelled("Code of the division", "区划代码")
    as_of: dt.date | None = labelled(
        "Earliest day for which a county in it was judged; null before all were", "判定日期"
    )
    judged_at: dt.datetime | None = labelled("When changes were last followed", "判定时间")
    settled: bool = labelled("No change waits to be judged", "是否已计入全部变更")
    sums: list[RuleSum] = labelled(f"By division, kind and rule; {MOST} at most", "汇总")


def may_sum(capability: Capability) -> bool:
    return capability.role in SUMMING


async def compliance_summary(
    info: Info[Any, Any],
    division: Annotated[
        str | None,
        strawberry.argument(
            description=described(
                "Code of a division of yours; the viewer's own if absent", "区划代码，缺省为本级"
            )
        ),
    ] = None,
    by: Annotated[
        DivisionLevel | None,
        strawberry.argument(
            description=described(
                "One sum for each division of this level; what lies in none is summed as the one above",
                "按此级区划分别汇总",
            )
        ),
    ] = None,
    entity: Annotated[
        list[NormSubject] | None, strawberry.argument(description=described("On these only", "规则对象"))
    ] = None,
    rules: Annotated[
        list[str] | None, strawberry.argument(description=described("Keys of these rules only", "规则编号"))
    ] = None,
) -> ComplianceSummary:
    """BadArgument for a division of others, a strange rule, a level above the division, or too many sums."""
    viewer: Viewer = info.context.viewer
    code = _division(viewer, division, info.context.today)
    known(rules)
    found = [each for each in _told(viewer.capability) if entity is None or each in entity]
    try:
        told = await summed(info.context.facts, code, _digits(code, by), found, rules)
    except TooMany:
        raise BadArgument(
            f"Expected at most {MOST} sums: ask for a higher level, a smaller division, or some rules.",
            zh=f"汇总超过 {MOST} 行，请提高级别、缩小区划或指定规则",
        ) from None
    return ComplianceSummary(
        division=code,
        as_of=told.day,
        judged_at=told.judged_at,
        settled=told.settled,
        sums=[_sum(each) for each in told.sums],
    )


def _division(viewer: Viewer, given: str | None, today: dt.date) -> str:
    own = viewer.division_code
    if given is None:
        if own is None:
            raise BadArgument("Expected division: this viewer has none.", zh="请指定 division")
        return own
    code = place(given, today)
    if not is_of(viewer, code):
        raise BadArgument("Expected a division of yours.", zh="division 应在本级区划之内")
    return code


def _digits(code: str, by: DivisionLevel | None) -> int:
    """How many digits of a code tell where it is summed."""
    own = WIDTHS[level_of(code)]
    wanted = own if by is None else WIDTHS[cast(Level, by.value)]
    if wanted < own:
        raise BadArgument("Expected by: the level of the division or one below.", zh="by 应为本级或下级")
    return wanted


def _told(capability: Capability) -> Collection[NormSubject]:
    """Kinds of records on which the viewer is told verdicts; numbers of people include children."""
    return [each for each in SUBJECTS if each not in ABOUT_PEOPLE or _is_shown(capability, each)]


def _is_shown(capability: Capability, subject: NormSubject) -> bool:
    table = ABOUT_PEOPLE[subject]
    needed = GROUPS[table] | ({"minor"} if subject is NormSubject.BENEFICIARY else set())
    return readable(capability, table) is not None and needed <= capability.groups


def _sum(each: Sum) -> RuleSum:
    bound = each.bound
    return RuleSum(
        division=each.place,
        entity=each.subject,
        rule=each.rule.key,
        force=each.rule.force,
        statement=each.rule.en,
        quantity=bound.quantity,
        comparator=bound.comparator,
        target=bound.said,
        unit=bound.unit,
        period=bound.period,
        met=each.met,
        not_met=each.not_met,
        due=each.due,
        unknown=each.unknown,
        basis=basis_of(each.rule),
    )


SUMMED: Final = Asks(units=cost.SUMMED)
