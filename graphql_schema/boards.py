"""Boards: what is due, by the rules in force, of all records that the viewer sees or of some of them.

Each line is a verdict (``graphql_schema.compliance``, whose rules of who is told what hold here too) with the
figures people work by. Which bounds stand on which board says ``hub.compliance.boards``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import strawberry
from graphql.execution.values import VariableValues
from strawberry.types import Info
from strawberry.types.nodes import SelectedField, Selection

from graphql_schema.board_records import Found, Scope, by_county, questions, records, scope_of
from graphql_schema.board_types import FundsLine, Milestone, Quota, ReportDue, StaffGap
from graphql_schema.rule_verdict import MOST_NAMED, NAMED, inputs_of, number_of, told_of
from hub.access.readable import readable
from hub.access.viewer import Capability
from hub.compliance import money
from hub.compliance.boards import RUNNING, Board, expected, on_board, percent, remaining
from hub.compliance.calendar import calendar, sent_on
from hub.compliance.duties import duty_of
from hub.compliance.evaluate import Verdict, judged
from hub.domain.norms import rules_of
from hub.domain.vocabulary import CapBase, VerdictStatus
from hub.errors import BadArgument
from hub.read import cost
from hub.read.beside import Aside, Asks, Question
from hub.read.bind import described

KINDS: Final[Mapping[Board, tuple[str, ...]]] = {
    Board.QUOTAS: ("contract",),
    Board.REPORTS: ("division", "contract", "station"),
    Board.STAFF: ("division", "contract", "station", "personnel"),
    Board.FUNDS: ("division", "contract"),
    Board.MILESTONES: ("division", "contract", "station"),
}
MOST_DAYS: Final = 366
"""Of a calendar. A bound of the hub's own."""

Line = tuple[Verdict, Found]


def _argument(en: str, zh: str, **more: Any) -> Any:
    return strawberry.argument(description=described(en, zh), **more)


DIVISION: Final = _argument(
    "Code of a division: of what lies in it only. Absent: of all you see", "区划代码，缺省为可见范围"
)
CONTRACT: Final = _argument("Global id of a contract: of that only", "合同编号")
STATION: Final = _argument("Global id of a station: of that and its staff only", "服务站编号")
AT: Final = _argument("Day; today in China if absent, never later", "日期，缺省为当日")
STATUS: Final = _argument("Verdicts of these only", "判定结果")

Division = Annotated[str | None, DIVISION]
Contract = Annotated[strawberry.ID | None, CONTRACT]
Station = Annotated[strawberry.ID | None, STATION]
At = Annotated[dt.date | None, AT]
Statuses = Annotated[list[VerdictStatus] | None, STATUS]


async def quotas(
    info: Info[Any, Any],
    contract: Contract = None,
    division: Division = None,
    at: At = None,
    status: Statuses = None,
) -> list[Quota]:
    """By contract, and of each by rule."""
    day = _day(info, at)
    lines = await lines_of(
        info.context, Board.QUOTAS, scope_of(info.context.today, day, day, division, contract), status
    )
    return [
        Quota(
            **told,
            from_on=(begins := _begins(each, found)),
            remaining=remaining(each),
            percent=percent(each),
            expected=expected(each, begins, day),
        )
        for (each, found), told in zip(lines, await _told(info, lines, day), strict=True)
    ]


async def reports_due(
    info: Info[Any, Any],
    contract: Contract = None,
    division: Division = None,
    from_on: Annotated[
        dt.date | None,
        _argument(
            "Due from this day on; 1 January of this year if absent", "起始日期，缺省为本年首日", name="from"
        ),
    ] = None,
    until: Annotated[
        dt.date | None,
        _argument(f"Due until this day; {MOST_DAYS} days at most", "截止日期，缺省为起始年末"),
    ] = None,
    status: Statuses = None,
) -> list[ReportDue]:
    """By the day they are due; those without one last."""
    context = info.context
    first = from_on or context.today.replace(month=1, day=1)
    last = until or first.replace(month=12, day=31)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise BadArgument(
            f"Expected until: a day from `from` on, {MOST_DAYS} days at most.",
            zh=f"until 应不早于 from，且不超过 {MOST_DAYS} 天",
        )
    found = await records(
        context, KINDS[Board.REPORTS], scope_of(context.today, first, last, division, contract)
    )
    lines: list[Line] = []
    for (subjects, code), here in by_county(found).items():
        made = await calendar(context.facts, subjects, code, [*here], first, last, context.today)
        lines += [(each, here[each.id]) for each in made]
    lines = _by_day(_asked(lines, status))
    days = await sent_on(context.facts, [each for each, _ in lines])
    return [
        _report(each, told, min((days[one] for one in each.inputs if one in days), default=None))
        for (each, _), told in zip(lines, await _told(info, lines, context.today), strict=True)
    ]


async def staff_gaps(
    info: Info[Any, Any],
    division: Division = None,
    contract: Contract = None,
    station: Station = None,
    at: At = None,
    status: Statuses = None,
) -> list[StaffGap]:
    """What is not met or not known, and what is met only until a day; by that day."""
    day = _day(info, at)
    scope = scope_of(info.context.today, day, day, division, contract, station)
    lines = _by_day(
        [line for line in await lines_of(info.context, Board.STAFF, scope, status) if _is_gap(line[0])]
    )
    return [
        StaffGap(**told, from_on=each.from_on, remaining=remaining(each))
        for (each, _), told in zip(lines, await _told(info, lines, day), strict=True)
    ]


async def funds(
    info: Info[Any, Any],
    contract: Contract = None,
    division: Division = None,
    at: At = None,
    status: Statuses = None,
) -> list[FundsLine]:
    """By contract and county, and of each by rule."""
    day = _day(info, at)
    lines = await lines_of(
        info.context, Board.FUNDS, scope_of(info.context.today, day, day, division, contract), status
    )
    amounts = await _amounts(info.context, lines, day)
    return [
        FundsLine(
            **told,
            from_on=each.from_on,
            base=CapBase(each.bound.base) if each.bound.base else None,
            base_amount=amount.base,
            planned=amount.planned,
            spent=amount.spent,
        )
        for (each, _), told, amount in zip(lines, await _told(info, lines, day), amounts, strict=True)
    ]


async def milestones(
    info: Info[Any, Any], division: Division = None, at: At = None, status: Statuses = None
) -> list[Milestone]:
    """By the day they are due."""
    day = _day(info, at)
    scope = scope_of(info.context.today, day, day, division)
    lines = _by_day(await lines_of(info.context, Board.MILESTONES, scope, status))
    return [
        Milestone(
            **told,
            from_on=each.from_on,
            reached_on=dt.date.fromisoformat(each.value)
            if each.value and each.bound.unit == "DATE"
            else None,
        )
        for (each, _), told in zip(lines, await _told(info, lines, day), strict=True)
    ]


def _day(info: Info[Any, Any], at: dt.date | None) -> dt.date:
    today: dt.date = info.context.today
    if at is not None and at > today:
        raise BadArgument("Expected at: a day that has come.", zh="at 应为已到的日期")
    return at or today


async def lines_of(
    context: Any, board: Board, scope: Scope, status: Collection[VerdictStatus] | None
) -> list[Line]:
    """Verdicts of the last day of the scope, record by record and of each by rule."""
    day = scope.last
    lines: list[Line] = []
    for (subjects, code), here in by_county(await records(context, KINDS[board], scope)).items():
        for each in on_board(board, rules_of(code, day), subjects):
            made = await judged(context.facts, each, code, [*here], day)
            lines += [(one, here[one.id]) for one in made]
    lines = _asked(lines, status)
    places = {record: place for place, record in enumerate(dict.fromkeys(found.record for _, found in lines))}
    return sorted(lines, key=lambda line: places[line[1].record])


def _asked(lines: Sequence[Line], status: Collection[VerdictStatus] | None) -> list[Line]:
    kept = {*VerdictStatus} - {VerdictStatus.NOT_APPLICABLE} if status is None else {*status}
    return [line for line in lines if line[0].status in kept]


def _by_day(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line[0].due_on or dt.date.max)


def _begins(each: Verdict, found: Found) -> dt.date | None:
    """What is not counted in a window of its own, and is due at the contract's end, began with it."""
    return each.from_on or (found.starts_on if each.due_on == found.ends_on else None)


def _is_gap(each: Verdict) -> bool:
    if each.status != VerdictStatus.MET:
        return True
    return each.due_on is not None and each.bound.quantity.startswith(RUNNING)


def _report(each: Verdict, told: dict[str, Any], sent: dt.date | None) -> ReportDue:
    duty = duty_of(each.rule.key, each.bound.quantity)
    late = sent is not None and each.due_on is not None and sent > each.due_on
    return ReportDue(
        **told,
        from_on=each.from_on,
        sender=duty.sender,
        recipients=[*duty.recipients],
        sent_on=sent,
        is_late=late or each.status == VerdictStatus.NOT_MET,
    )


async def _amounts(context: Any, lines: Sequence[Line], day: dt.date) -> Sequence[money.Money]:
    """Of each line, as far as the viewer may read such figures."""
    capability = context.viewer.capability
    of_contract = {each.id for each, _ in lines if each.bound.quantity in money.CATEGORIES}
    named = {one for each, _ in lines for one in each.inputs if one.startswith("fund_source:")}
    contracts = await money.of_contracts(context.facts, [*of_contract], day) if of_contract else {}
    funds = await money.of_funds(context.facts, [*map(number_of, named)], day) if named else {}
    sees = {
        table: readable(capability, table) is not None
        for table in ("budget_line", "expenditure", "fund_source")
    }
    found = []
    for each, _ in lines:
        quantity = each.bound.quantity
        if quantity in money.CATEGORIES:
            whole = contracts[each.id, None]
            one = contracts.get((each.id, money.CATEGORIES[quantity]), money.Money(base=whole.base))
            planned = sees["budget_line"]
        else:
            one = money.together([funds[number_of(name)] for name in each.inputs if name in named])
            planned = sees["fund_source"]
            one = one._replace(base=one.base if planned else None)
        found.append(
            one._replace(
                planned=one.planned if planned else None, spent=one.spent if sees["expenditure"] else None
            )
        )
    return found


async def _told(info: Info[Any, Any], lines: Sequence[Line], day: dt.date) -> list[dict[str, Any]]:
    """Fields that every line has. Records are looked up where they are asked for."""
    wanted = any(_selects(each.selections, "inputs") for each in info.selected_fields)
    inputs = await inputs_of(info.context, [each for each, _ in lines]) if wanted else [()] * len(lines)
    return [
        told_of(each, found.record, day, inputs[n]) | {"name": found.name}
        for n, (each, found) in enumerate(lines)
    ]


def _selects(selections: Sequence[Selection], name: str) -> bool:
    return any(
        each.name == name if isinstance(each, SelectedField) else _selects(each.selections, name)
        for each in selections
    )


def _asks(board: Board) -> Asks:
    def asked(_: Aside, capability: Capability, __: VariableValues) -> Iterator[Question]:
        yield from questions(KINDS[board], capability)
        yield Question(NAMED, {"ids": ["Station:1"] * MOST_NAMED})

    return Asks(cost.BOARD, asked)


ASKED: Final = {board: _asks(board) for board in KINDS}
