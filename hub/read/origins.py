"""Provenance: for every field a viewer is shown, whose value stands, why, since when, and what others say.

What a source says is shown as the field itself is: columns the viewer is not shown are not looked at, and
sealed ones leave as marks (``hub.read.sql``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column

from hub.access.slices import resource_of
from hub.domain.names import camel
from hub.read import plan as p
from hub.read.leaves import leaf_param
from hub.read.text import Row, where
from hub.store.overrides import KEY
from hub.store.winners import TOLD, of_other, order, rule_for, says
from hub.tables import FACTS, LED, LINKABLE, PERSON, RECORDS

if TYPE_CHECKING:
    from hub.read.sql import Writer

SAID: Final = ("source_id", "record_key", "list_kind", "observed_at", "received_at")
"""What stands beside a statement of a source, whether it is a fact or a record."""

RULE: Final = """case when {o}.is_decided then 'OVERRIDE' when {o}.stated = 1 then 'ONLY'
    when {o}.is_next_other then 'NUMBER'
    when {o}.rank < {o}.next_rank then case when {o}.is_ruled then 'RULE' else 'PRECEDENCE' end
    when {o}.observed_at > {o}.next_observed_at then 'NEWEST' else 'FIRST' end"""
"""``ChosenBy``: the first thing that sets the first statement apart from the second."""
FRESH: Final = """case when {s}.max_age_hours > 0 and {s}.last_success_at is not null then
    least({s}.last_success_at, case when {s}.checkpoint is null then {o}.observed_at end)
        + make_interval(hours => {s}.max_age_hours) end"""
"""Until when the promise of the source holds. A source that sends only news says by its silence that what it
said before still is so; of any other a value is as old as the list it stands on. The hub promises nothing of
what it states itself: that does not age."""
STALE: Final = "({s}.max_age_hours > 0 and ({s}.last_success_at is null or " + FRESH + " < now()))"

FACTS_OF: Final = {
    "field": "{o}.field",
    "source": "{s}.code",
    "sourceName": "{s}.name",
    "recordKey": "{o}.record_key",
    "listKind": "{o}.list_kind",
    "observedAt": "{o}.observed_at",
    "receivedAt": "{o}.received_at",
    "rule": RULE,
    "conflicting": "{o}.is_contested",
    "maxAgeHours": "{s}.max_age_hours",
    "freshUntil": FRESH,
    "stale": STALE,
}
"""Each field of ``FieldProvenance`` but ``value``, of the statement ``{o}`` and its source ``{s}``."""
DECIDED: Final = {"reason": "reason", "decidedBy": "made_by", "until": "ends_on"}
"""Fields of ``FieldProvenance`` that a steward's decision has in its own row."""
CASTS: Final = {"conflicting": "boolean", "stale": "boolean"}


def origins(writer: Writer, row: Row, fields: p.Fields) -> str:
    """The JSON of ``provenance``. The winner is found before its source is: one that the viewer may not see
    leaves no second-best, and a rival of such a source is left out."""
    if not stated(row):
        return "'[]'"
    made, rival, listed = writer.alias(), writer.alias(), writer.alias()
    own, other = _source(writer, row), _source(writer, row)

    def member(node: p.Node) -> str:
        if isinstance(node, p.Rivals):
            items = writer.array(
                writer.object([(key, _fact(rival, other, n)) for key, n in node.fields]), f"{rival}.place"
            )
            return (
                f"(select {items} from {listed} {rival} join source {other.alias}"
                f" on {other.column('id')} = {rival}.source_id"
                f" where {rival}.field = {made}.field and {rival}.place > 1)"
            )
        if isinstance(node, p.OriginFact) and node.name in DECIDED:
            return _decided(writer, row, made, node.name)
        return _fact(made, own, node)

    items = writer.array(writer.object([(key, member(node)) for key, node in fields]), f"{made}.field")
    return (
        f"(with {listed} as materialized ({_ranked(writer, row, shown=_with_values(fields))}) select {items}"
        f" from {listed} {made} join source {own.alias} on {own.column('id')} = {made}.source_id"
        f" where {made}.place = 1 and not {made}.is_other)"
    )


def traced(writer: Writer, row: Row, tests: Sequence[p.Test | p.Null]) -> str:
    """Whether a field of ``row`` is such; as ``origins`` has it, so of those the viewer sees."""
    if not stated(row):
        return "false"
    made, own = writer.alias(), _source(writer, row)
    met = [f"{made}.place = 1", f"not {made}.is_other", f"{own.column('id')} = {made}.source_id"]
    for each in tests:
        fact = f"({FACTS_OF[each.column].format(o=made, s=own.alias)})"
        if isinstance(each, p.Null):
            met.append(f"{fact} is {'' if each.wanted else 'not '}null")
        else:
            cast = CASTS.get(each.column, "text") + ("[]" if each.operator == "in" else "")
            value = writer.put(leaf_param(each.leaf, cast))
            met.append(f"{fact} = any ({value})" if each.operator == "in" else f"{fact} = {value}")
    return (
        f"exists (select from ({_ranked(writer, row, shown=False)}) {made}, source {own.alias}{where(met)})"
    )


def stated(row: Row) -> list[Column[Any]]:
    """Columns a client may see and a source may state."""
    keys = {"source_id", "record_key"}
    return [
        c
        for c in row.table.c
        if row.readable.shows(c) and c.info["group"] != "internal" and c.name not in keys
    ]


def _source(writer: Writer, row: Row) -> Row:
    return Row(writer.alias(), writer.readable("source", under=resource_of(row.table.name)))


def _with_values(fields: p.Fields) -> bool:
    return any(
        node == p.OriginFact("value") or (isinstance(node, p.Rivals) and _with_values(node.fields))
        for _, node in fields
    )


def _fact(statement: str, source: Row, node: p.Node) -> str:
    if isinstance(node, p.Typename):
        return f"'\"{node.name}\"'"
    assert isinstance(node, p.OriginFact)
    if node.name == "value":
        return f"coalesce({statement}.shown, 'null')"
    return f"coalesce(to_json({FACTS_OF[node.name].format(o=statement, s=source.alias)})::text, 'null')"


def _decided(writer: Writer, row: Row, statement: str, name: str) -> str:
    """What is told of a steward's decision, and the reason of a rule."""
    own = Row(writer.alias(), writer.readable("field_override", under=resource_of(row.table.name)))
    column = own.table.c[DECIDED[name]]
    found, ruled = "null", "null"
    if row.table.name == PERSON and own.readable.shows(column):
        value = own.column(column.name)
        told = f"to_json({value})::text"
        if column.info.get("sealed"):
            told = writer.mark("s", f"encode({value}, 'hex')")
        found = (
            f"(select {told} from field_override {own.alias} where {own.column('county_code')} ="
            f" {row.column('county_code')} and '{KEY}' || {own.column('id')} = {statement}.record_key)"
        )
    if name == "reason":
        ruled = f"case when {statement}.is_ruled then to_json({statement}.because)::text end"
    return f"coalesce(case when {statement}.is_decided then {found} else {ruled} end, 'null')"


def _ranked(writer: Writer, row: Row, *, shown: bool) -> str:
    """A line per field and statement, its ``place`` among those of the field; 1 is what stands."""
    said, each = writer.alias(), writer.alias()
    return f"""
        select {each}.*, row_number() over best as place, count(*) over field as stated,
            min({each}.said) over field <> max({each}.said) over field as is_contested,
            lead({each}.is_other) over best as is_next_other, lead({each}.rank) over best as next_rank,
            lead({each}.observed_at) over best as next_observed_at,
            {each}.ruled or lead({each}.ruled) over best is true as is_ruled,
            coalesce({each}.reason, lead({each}.reason) over best) as because
        from ({_statements(writer, row, said, shown)}) {each}
        window field as (partition by {each}.field),
            best as (partition by {each}.field
                order by {order(each, f"{each}.rank", f"{each}.is_other, not {each}.is_decided")})"""


def _statements(writer: Writer, row: Row, line: str, shown: bool) -> str:
    """A line per field and statement: of the records of the row, or of the row itself where it is a fact."""
    columns = ["field", "led_as", "states", "said", *(["shown"] if shown else [])]
    if row.table.name in FACTS:
        said, source, chosen, tests = row, "", "", []
        ranks = "false as is_decided, false as is_other, 0 as rank, false as ruled, null::text as reason"
    else:
        writer.readable("precedence_rule", under=resource_of(row.table.name))
        said, rule = Row(writer.alias(), writer.readable(RECORDS[row.table.name].name)), writer.alias()
        source = f"{said.table.name} {said.alias} cross join lateral"
        chosen = f"left join lateral ({rule_for(said.alias, row.table, f'{line}.led_as')}) {rule} on true"
        keys = [(c.name, "entity_id" if c.name == "id" else c.name) for c in row.table.primary_key.columns]
        tests = [f"{said.column(b)} = {row.column(a)}" for a, b in keys]
        ranks = (
            f"{said.alias}.overrides is not null as is_decided, {_other(row, said, line)} as is_other,"
            f" coalesce({rule}.rank, {said.alias}.precedence) as rank, {rule}.rank is not null as ruled,"
            f" {rule}.reason"
        )
    values = ", ".join(f"({', '.join(_line(writer, row, said, c, shown))})" for c in stated(row))
    told = ", ".join([*(f"{line}.{c}" for c in ("field", *columns[3:])), *(said.column(c) for c in SAID)])
    return (
        f"select {told}, {ranks} from {source} (values {values}) {line}({', '.join(columns)}) {chosen}"
        f"{where([*tests, f'{line}.states'])}"
    )


def _other(row: Row, said: Row, line: str) -> str:
    """Whether what a record says of the line's column is not for it to say."""
    if row.table is not LINKABLE.golden:
        return "false"
    told = ", ".join(f"'{name}'" for name in sorted(TOLD))
    return f"{line}.led_as in ({told}) and {of_other(said.alias)}"


def _line(writer: Writer, row: Row, said: Row, column: Column[Any], shown: bool) -> list[str]:
    name, value = column.name, said.column(column.name)
    states = f"{value} is not null" if row.table.name in FACTS else says(said.alias, name)
    # What is said of nothing differs from any value: a steward may have decided that a field is empty.
    line = [f"'{camel(name)}'", f"'{LED.get(name, name)}'", states, f"coalesce({value}::text, '')"]
    if shown:
        sealed = column.info.get("sealed")
        line.append(
            writer.mark("s", f"encode({value}, 'hex')") if sealed else f"to_json({value}::text)::text"
        )
    return line
