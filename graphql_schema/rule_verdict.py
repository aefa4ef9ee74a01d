"""What a verdict tells: by which words, what there is, and of which records it was made."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import strawberry

from graphql_schema.access import NAMES
from graphql_schema.norms import RuleBasis, basis_of, labelled
from hub.compliance.evaluate import Verdict
from hub.domain.vocabulary import Force, NormComparator, NormPeriod, NormScope, VerdictStatus
from hub.read.bind import described
from hub.read.origins import FRESH, STALE
from hub.tables import FACTS, RECORDS, metadata

MOST_INPUTS: Final = 20
"""Of a verdict that are named, the newest first."""
MOST_NAMED: Final = 200
"""Of an answer that are named."""
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


def number_of(global_id: str) -> int:
    return int(global_id.rpartition(":")[2])


async def inputs_of(context: Any, verdicts: Sequence[Verdict]) -> Sequence[Sequence[VerdictInput]]:
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
        numbers[table].append(number_of(key))
    nothing = dict.fromkeys(("source", "source_name", "observed_at", "fresh_until", "stale"))
    found: dict[str, Mapping[str, Any]] = dict.fromkeys(named, nothing)
    for table, ids in numbers.items():
        if statement := _origin(table):
            rows = {row["id"]: row for row in await facts(statement, ids)}
            for each, of_table, key in _parts(named):
                if of_table == table and (row := rows.get(number_of(key))):
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


def told_of(each: Verdict, record: str, day: dt.date, inputs: Sequence[VerdictInput] = ()) -> dict[str, Any]:
    """Values of the fields of a ``RuleVerdict``."""
    return {
        "record": strawberry.ID(record),
        "rule": each.rule.key,
        "force": each.rule.force,
        "statement": each.rule.en,
        "scope": each.rule.scope,
        "quantity": each.bound.quantity,
        "status": each.status,
        "value": each.value,
        "comparator": each.bound.comparator,
        "target": each.target,
        "unit": each.bound.unit,
        "period": each.bound.period,
        "due_on": each.due_on,
        "as_of": day,
        "basis": basis_of(each.rule),
        "ambiguities": [*each.rule.ambiguities],
        "input_count": len(each.inputs),
        "inputs": [*inputs],
    }
