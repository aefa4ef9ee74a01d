"""``compliance``: what the rules in force on a day ask of one record, and whether the facts meet it.

The record is asked of the read engine, as the viewer and under all its locks: of one that is not shown there
is no verdict. A verdict counts every fact there is, also those the viewer does not see, or it would be wrong;
of the facts it was made of only those are named that the viewer sees.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import strawberry
from graphql.execution.values import VariableValues
from strawberry.types import Info

from graphql_schema.access import NAMES
from graphql_schema.rule_verdict import MOST_NAMED, NAMED, RuleVerdict, inputs_of, number_of, told_of
from hub.access.readable import readable
from hub.access.slices import BUREAU, CONTRACTOR, TOWNSHIP
from hub.access.viewer import Capability, Viewer
from hub.compliance.evaluate import LEVELS, SUBJECTS, Verdict, evaluate
from hub.domain.division import code_range
from hub.domain.norms import RULES
from hub.domain.vocabulary import NormSubject, VerdictStatus
from hub.errors import BadArgument
from hub.read import cost
from hub.read.beside import Aside, Asks, Question
from hub.read.bind import MAX_PAGE, TYPES, described
from hub.read.refetch import GLOBAL_ID

JUDGING: Final = frozenset({BUREAU, TOWNSHIP, CONTRACTOR})
"""Roles that work under the rules; other agencies are told nothing of who was visited."""
GROUPS: Final = {"beneficiary": frozenset({"care"}), "personnel": frozenset({"identity"})}
"""What a verdict on such a record tells of: the risk a child is at, how old somebody is."""
KEYS: Final = frozenset(rule.key for rule in RULES)
SELECTED: Final = {
    **dict.fromkeys(("station", "personnel", "beneficiary", "contract"), "divisionCode"),
    "contractor": f"contracts(first: {MAX_PAGE}) {{ nodes {{ id divisionCode startsOn endsOn }} }}",
    "division": "code level",
}
"""Of each kind of record that there are verdicts on, what decides by which rules."""


def may_judge(capability: Capability) -> bool:
    return capability.role in JUDGING


async def compliance(
    info: Info[Any, Any],
    of: Annotated[
        list[strawberry.ID],
        strawberry.argument(
            description=described(
                f"Global ids, {MAX_PAGE} at most, of stations, staff, beneficiaries, contracts, contractors "
                "(all their contracts of that day), or for its bureau of a county, prefecture or province",
                "服务站、工作人员、服务对象、合同、承接机构或本级区划的编号",
            )
        ),
    ],
    at: Annotated[
        dt.date | None,
        strawberry.argument(
            description=described("Day; today in China if absent, never later", "日期，缺省为当日")
        ),
    ] = None,
    rules: Annotated[
        list[str] | None,
        strawberry.argument(description=described("Keys of these rules only", "规则编号")),
    ] = None,
    status: Annotated[
        list[VerdictStatus] | None,
        strawberry.argument(description=described("Verdicts of these only", "判定结果")),
    ] = None,
) -> list[RuleVerdict]:
    """Record by record in the order of their kinds and counties, and of each by rule."""
    context = info.context
    day = _asked(of, at, rules, context.today)
    capability = context.viewer.capability
    question = _question(capability, of)
    found = (await context.ask(*question))["nodes"] if question else []
    verdicts: list[tuple[Verdict, str]] = []
    for (subjects, division), ids in _records(context.viewer, [node for node in found if node], day).items():
        made = await evaluate(context.facts, subjects, division, [*ids], day, rules)
        verdicts += [(each, ids[each.id]) for each in made if status is None or each.status in status]
    places = {record: place for place, record in enumerate(dict.fromkeys(record for _, record in verdicts))}
    verdicts.sort(key=lambda each: places[each[1]])
    inputs = await inputs_of(context, [each for each, _ in verdicts])
    return [RuleVerdict(**told_of(each, record, day, inputs[n])) for n, (each, record) in enumerate(verdicts)]


def _asked(of: Sequence[str], at: dt.date | None, rules: Sequence[str] | None, today: dt.date) -> dt.date:
    if len(of) > MAX_PAGE:
        raise BadArgument(f"Expected of: {MAX_PAGE} ids at most.", zh=f"of 最多 {MAX_PAGE} 个编号")
    if not all(_is_judged(each) for each in of):
        raise BadArgument(
            "Expected of: global ids of stations, staff, beneficiaries, contracts, contractors or divisions.",
            zh="of 应为服务站、工作人员、服务对象、合同、承接机构或区划的编号",
        )
    if at is not None and at > today:
        raise BadArgument("Expected at: a day that has come.", zh="at 应为已到的日期")
    known(rules)
    return at or today


def known(rules: Sequence[str] | None) -> None:
    """BadArgument where one is no key of a rule."""
    if rules is not None and (strange := sorted({*rules} - KEYS)):
        raise BadArgument(
            f"There is no rule {strange[0][:10]!r}; expected keys as R32.",
            zh="没有此规则，应为 R32 一类的编号",
        )


def _is_judged(of: str) -> bool:
    bound_type = TYPES.get(of.partition(":")[0]) if GLOBAL_ID.fullmatch(of) else None
    return bound_type is not None and bound_type.table.name in SELECTED


def _question(capability: Capability, of: Sequence[str]) -> Question | None:
    """What decides by which rules each is judged, of the kinds on which the viewer is told verdicts."""
    told = [
        f"... on {NAMES[table]} {{ id __typename {selected} }}"
        for table, selected in SELECTED.items()
        if readable(capability, table) is not None and GROUPS.get(table, frozenset()) <= capability.groups
    ]
    if not told:
        return None
    document = f"query Compliance($ids: [ID!]!) {{ nodes(ids: $ids) {{ {' '.join(told)} }} }}"
    return Question(document, {"ids": [*of]})


def _records(
    viewer: Viewer, found: Sequence[Mapping[str, Any]], day: dt.date
) -> Mapping[tuple[Sequence[NormSubject], str], dict[int, str]]:
    """Global ids by number, by subjects and county: no document is in force in less than a county."""
    records: dict[tuple[Sequence[NormSubject], str], dict[int, str]] = defaultdict(dict)

    def add(subjects: Sequence[NormSubject], code: str, number: int, record: str) -> None:
        records[tuple(subjects), code].setdefault(number, record)

    for node in found:
        table = TYPES[node["__typename"]].table.name if node else ""
        if table == "division":
            subjects = LEVELS.get(node["level"])
            if subjects and viewer.role == BUREAU and is_of(viewer, node["code"]):
                add(subjects, node["code"], int(node["code"]), node["id"])
        elif table == "contractor":
            for each in node["contracts"]["nodes"]:
                if each["startsOn"] <= day.isoformat() <= each["endsOn"]:
                    add(SUBJECTS["contract"], county_of(each), number_of(each["id"]), each["id"])
        elif table and node["divisionCode"]:
            add(SUBJECTS[table], county_of(node), number_of(node["id"]), node["id"])
    return records


def county_of(node: Mapping[str, Any]) -> str:
    return f"{node['divisionCode'][:6]}000000"


def is_of(viewer: Viewer, code: str) -> bool:
    if viewer.division_code is None:
        return True
    low, high = code_range(viewer.division_code)
    return low <= code < high


def _asks(aside: Aside, capability: Capability, variables: VariableValues) -> Iterator[Question]:
    given = [str(each) for each in aside.arguments(variables)["of"]]
    if question := _question(capability, given[:MAX_PAGE]):
        yield question
        yield Question(NAMED, {"ids": (given * MOST_NAMED)[:MOST_NAMED]})


JUDGED: Final = Asks(cost.JUDGED, _asks)
