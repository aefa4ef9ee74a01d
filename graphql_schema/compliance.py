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
from graphql_schema.norms import RuleBasis, basis_of, labelled
from hub.access.readable import readable
from hub.access.slices import BUREAU, CONTRACTOR, TOWNSHIP
from hub.access.viewer import Capability, Viewer
from hub.compliance.evaluate import LEVELS, SUBJECTS, Verdict, evaluate
from hub.domain.division import code_range
from hub.domain.norms import RULES
from hub.domain.vocabulary import (
    Force,
    NormComparator,
    NormPeriod,
    NormScope,
    NormSubject,
    VerdictStatus,
)
from hub.errors import BadArgument
from hub.read import cost
from hub.read.beside import Aside, Asks, Question
from hub.read.bind import MAX_PAGE, TYPES, described
from hub.read.origins import FRESH, STALE
from hub.read.refetch import GLOBAL_ID
from hub.tables import FACTS, RECORDS, metadata

JUDGING: Final = frozenset({BUREAU, TOWNSHIP, CONTRACTOR})
"""Roles that work under the rules; other agencies are told nothing of who was visited."""
MOST_INPUTS: Final = 20
"""Of a verdict that are named, the newest first."""
MOST_NAMED: Final = 200
"""Of an answer that are named."""

GROUPS: Final = {"beneficiary": frozenset({"care"}), "personnel": frozenset({"identity"})}
"""What a verdict on such a record tells of: the risk a child is at, how old somebody is."""
KEYS: Final = frozenset(rule.key for rule in RULES)
SELECTED: Final = {
    **dict.fromkeys(("station", "personnel", "beneficiary", "contract"), "divisionCode"),
    "contractor": f"contracts(first: {MAX_PAGE}) {{ nodes {{ id divisionCode startsOn endsOn }} }}",
    "division": "code level",
}
"""Of each kind of record that there are verdicts on, what decides by which rules."""
NAMED: Final = "query Inputs($ids: [ID!]!) { nodes(ids: $ids) { id } }"


@strawberry.type(description=described("A record that a verdict was made of", "判定所依据的记录"))
class VerdictInput:
    kind: str = labelled("Kind of record, as the glossary has it", "记录类别")
    record: strawberry.ID | None = labelled(
        "Global id, where the viewer may read such a record by itself", "记录编号"
    )
    source: str | None = labelled("Code of the source that states it", "来源代码")
    source_name: str | None = labelled("Name of that source", "来源名称")
    observed_at: dt.datetime | None = labelled("When the source knew it", "来源时间")
    fresh_until: dt.datetime | None = labelled("Until when the promise of the source holds", "时效截止时间")
    stale: bool | None = labelled("Older than was promised", "是否超过承诺时效")


@strawberry.type(description=described("What the facts say of one bound of a rule", "对一项规则要求的判定"))
class RuleVerdict:
    record: strawberry.ID = labelled("Global id of what it is given on", "判定对象编号")
    rule: str = labelled("Key of the rule, as R32", "规则编号")
    force: Force = labelled("How binding the rule is", "效力")
    statement: str = labelled("What the rule says, in English", "英文说明")
    scope: NormScope = labelled("Over what is counted", "计量范围")
    quantity: str = labelled("What is limited, as station.workers", "事项")
    status: VerdictStatus = labelled("Verdict; what is not known is never met", "判定结果")
    value: str | None = labelled("What there is; null where nobody knows", "实际值")
    comparator: NormComparator = labelled("How it compares; strict and inclusive are kept apart", "比较方式")
    target: str | None = labelled("What there must be; null where the document gives no value", "要求值")
    unit: str | None = labelled("Unit of both, as PERSON", "单位")
    period: NormPeriod | None = labelled("Within which time", "周期")
    due_on: dt.date | None = labelled("Last day of the window that runs on that day", "截止日期")
    as_of: dt.date = labelled("Day it is given for", "判定日期")
    basis: RuleBasis = labelled("Where the rule stands", "依据")
    ambiguities: list[str] = labelled("Keys of what the rule leaves open, as A10", "疑义编号")
    input_count: int = labelled("Records it was made of", "依据记录数")
    inputs: list[VerdictInput] = labelled(
        f"The newest, {MOST_INPUTS} at most and {MOST_NAMED} in an answer, as far as the viewer sees them",
        "依据记录（可见部分，由新到旧）",
    )


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
    inputs = await _inputs(context, [each for each, _ in verdicts])
    return [_told(each, record, day, inputs[n]) for n, (each, record) in enumerate(verdicts)]


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
    if rules is not None and (strange := sorted({*rules} - KEYS)):
        raise BadArgument(
            f"There is no rule {strange[0][:10]!r}; expected keys as R32.",
            zh="没有此规则，应为 R32 一类的编号",
        )
    return at or today


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
            if subjects and viewer.role == BUREAU and _is_of(viewer, node["code"]):
                add(subjects, node["code"], int(node["code"]), node["id"])
        elif table == "contractor":
            for each in node["contracts"]["nodes"]:
                if each["startsOn"] <= day.isoformat() <= each["endsOn"]:
                    add(SUBJECTS["contract"], _county(each), _number(each["id"]), each["id"])
        elif table and node["divisionCode"]:
            add(SUBJECTS[table], _county(node), _number(node["id"]), node["id"])
    return records


def _county(node: Mapping[str, Any]) -> str:
    return f"{node['divisionCode'][:6]}000000"


def _is_of(viewer: Viewer, code: str) -> bool:
    low, high = code_range(viewer.division_code or "")
    return viewer.division_code is None or low <= code < high


def _number(global_id: str) -> int:
    return int(global_id.rpartition(":")[2])


async def _inputs(context: Any, verdicts: Sequence[Verdict]) -> Sequence[Sequence[VerdictInput]]:
    """Of each verdict; of a table that has a type only those that are seen."""
    named = [each.inputs[:MOST_INPUTS] for each in verdicts]
    wanted = list(dict.fromkeys(each for some in named for each in some))[:MOST_NAMED]
    ids = {each: f"{NAMES[table]}:{key}" for each, table, key in _parts(wanted) if table in NAMES}
    seen: set[str] = set()
    if ids:
        shown = (await context.ask(NAMED, {"ids": [*ids.values()]}))["nodes"]
        seen = {node["id"] for node in shown if node is not None}
    origins = await _origins(context.facts, wanted)
    told: dict[str, VerdictInput] = {}
    for each, table, _ in _parts(wanted):
        if each not in ids or ids[each] in seen:
            record = strawberry.ID(ids[each]) if each in ids else None
            told[each] = VerdictInput(kind=metadata.tables[table].info["zh"], record=record, **origins[each])
    return [[told[each] for each in some if each in told] for some in named]


def _parts(named: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for each in named:
        table, _, key = each.partition(":")
        yield each, table, key


async def _origins(facts: Any, named: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Which source states each, and how fresh it is; a part of a whole is stated with it, and has none."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for _, table, key in _parts(named):
        numbers[table].append(_number(key))
    nothing = dict.fromkeys(("source", "source_name", "observed_at", "fresh_until", "stale"))
    found: dict[str, Mapping[str, Any]] = dict.fromkeys(named, nothing)
    for table, ids in numbers.items():
        if statement := _origin(table):
            rows = {row["id"]: row for row in await facts(statement, ids)}
            for each, of_table, key in _parts(named):
                if of_table == table and (row := rows.get(_number(key))):
                    found[each] = {name: row[name] for name in nothing}
    return found


def _origin(table: str) -> str | None:
    if table in RECORDS:
        stated, number = RECORDS[table].name, "entity_id"
    elif table in FACTS:
        stated, number = table, "id"
    else:
        return None
    fresh, stale = (text.format(s="s", o="o") for text in (FRESH, STALE))
    return f"""
        select distinct on (o.{number}) o.{number} as id, s.code as source, s.name as source_name,
            o.observed_at, {fresh} as fresh_until, {stale} as stale
        from "{stated}" o join source s on s.id = o.source_id
        where o.{number} = any ($1) order by o.{number}, o.observed_at desc"""  # noqa: S608 names of tables


def _told(each: Verdict, record: str, day: dt.date, inputs: Sequence[VerdictInput]) -> RuleVerdict:
    return RuleVerdict(
        record=strawberry.ID(record),
        rule=each.rule.key,
        force=each.rule.force,
        statement=each.rule.en,
        scope=each.rule.scope,
        quantity=each.bound.quantity,
        status=each.status,
        value=each.value,
        comparator=each.bound.comparator,
        target=each.target,
        unit=each.bound.unit,
        period=each.bound.period,
        due_on=each.due_on,
        as_of=day,
        basis=basis_of(each.rule),
        ambiguities=[*each.rule.ambiguities],
        input_count=len(each.inputs),
        inputs=[*inputs],
    )


def _asks(aside: Aside, capability: Capability, variables: VariableValues) -> Iterator[Question]:
    given = [str(each) for each in aside.arguments(variables)["of"]]
    if question := _question(capability, given[:MAX_PAGE]):
        yield question
        yield Question(NAMED, {"ids": (given * MOST_NAMED)[:MOST_NAMED]})


JUDGED: Final = Asks(cost.JUDGED, _asks)
