"""From a plan and a capability to one ``SELECT`` whose single value is the finished JSON.

Everything is text built here from three kinds of parts only: column and table names of the bound
schema, aliases counted here, and ``$n`` for every value. A row becomes JSON by ``||`` in PostgreSQL,
so no Python object exists per row or field. Three things cannot be finished there and leave as
*marks*, ``"<nonce>s<hex>"`` for a sealed value, ``"<nonce>c<hex>"`` for a cursor and ``"<nonce>m<hex>"``
for what is made of values, which ``hub.read.asker`` opens, signs and makes on the way out. Before the JSON of
each record about a person stands which it is (``hub.audit.records``); that is taken out for the access log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column

from hub.access.readable import Readable, countable, readable
from hub.access.viewer import Capability
from hub.access.writable import VERSION
from hub.audit.records import MARK
from hub.audit.shape import Place
from hub.read import bind
from hub.read import plan as p
from hub.read.bind import TYPES
from hub.read.counting import aggregate, seen
from hub.read.eligible import eligibilities, eligibility
from hub.read.identifiers import identified
from hub.read.leaves import Param, is_blind, nonce_param, viewer_param
from hub.read.origins import origins
from hub.read.pages import page
from hub.read.refetch import rows
from hub.read.shapes import place_of
from hub.read.special import status
from hub.read.text import Row, join, json_text, person_around, where
from hub.tables import OF_PERSON, PEOPLE, personal


class Hidden(Exception):
    """The plan names what this capability may not read; validation should have refused it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """``marks``: the JSON holds values to open, sign or make, by ``makers``. ``tables``: what was read.

    ``wide``: a list or a count of all the viewer may see is at its root. ``places``: kinds of records about
    people that it may show. ``asked``: which parameters are hashes of numbers somebody asks about.
    """

    text: str
    params: tuple[Param, ...]
    marks: bool
    tables: tuple[str, ...]
    wide: bool = False
    places: tuple[Place, ...] = ()
    asked: tuple[int, ...] = ()
    makers: tuple[Callable[..., Any], ...] = ()


@dataclass(slots=True)
class Writer:
    capability: Capability
    params: list[Param] = field(default_factory=list)
    numbers: dict[Any, int] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    aliases: int = 0
    marks: bool = False
    places: list[Place] = field(default_factory=list)
    makers: list[Callable[..., Any]] = field(default_factory=list)

    def statement(self, plan: p.Plan) -> Statement:
        body = self.object([(key, self.root(node)) for key, node in plan.fields])
        wide = any(isinstance(node, p.Page | p.Aggregate) for _, node in plan.fields)
        return self.made(f"select {body}", wide)

    def made(self, text: str, wide: bool = False) -> Statement:
        """``text`` with what writing it has brought together."""
        asked = tuple(i for i, param in enumerate(self.params) if is_blind(param))
        tables, places = tuple(sorted(self.tables)), tuple(self.places)
        makers = tuple(self.makers)
        return Statement(text, tuple(self.params), self.marks, tables, wide, places, asked, makers)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────

    def alias(self) -> str:
        self.aliases += 1
        return f"t{self.aliases}"

    def put(self, param: Param) -> str:
        if param.key not in self.numbers:
            self.params.append(param)
            self.numbers[param.key] = len(self.params)
        return f"${self.numbers[param.key]}::{param.cast}"

    def readable(self, table: str, *, under: str | None = None) -> Readable:
        found = readable(self.capability, table, under=under)
        if found is None:
            raise Hidden(table)
        self.tables.add(table)
        return found

    def countable(self, table: str) -> Readable:
        """``table`` for counting its rows, which may be more than the viewer may see one by one."""
        found = countable(self.capability, table)
        if found is None:
            raise Hidden(table)
        self.tables.add(table)
        return found

    def visible(self, row: Row, reached_from: str | None = None) -> list[str]:
        """The slice's predicate, or what of it is left where the row was reached from a visible one.

        Where the slice drives the query PostgreSQL may use an index for it. Where a key does, ``coalesce``
        makes it a mere filter: an index chosen by the slice would read the slice for every row.
        """
        rows = row.readable.rows
        if reached_from is not None:
            rows = row.readable.within.get(reached_from, rows)
        if not rows:
            return []
        rows = rows.format_map(_Names(self, row.alias))
        return [f"({rows})" if reached_from is None else f"coalesce({rows}, false)"]

    @staticmethod
    def object(members: Sequence[tuple[str, str]]) -> str:
        """``{"key": …}`` as a text expression; keys are GraphQL names, which need no escaping."""
        if not members:
            return "'{}'"
        parts = [f"'{{\"{members[0][0]}\":' || {members[0][1]}"]
        parts += [f"',\"{key}\":' || {value}" for key, value in members[1:]]
        return " || ".join(parts) + " || '}'"

    def count(self, row: Row, place: Place) -> None:
        """Before the members of ``row``, which may name its place."""
        if personal(row.table):
            row.place = len(self.places)
            self.places.append(place)

    def record(self, row: Row, members: Sequence[tuple[str, str]]) -> str:
        """An object that is a row; where it was counted, with its mark (``hub.audit.records``)."""
        text, table = self.object(members), row.table
        if row.place is None:
            return text
        mark, place = f"{MARK!r}"[1:-1], str(row.place)
        names = [c.name for c in table.primary_key.columns]
        if row.inside is not None:
            place, names = f"{place}<{row.inside.place}", names[1:]
        keys = " || ':' || ".join(f"{row.column(name)}::text" for name in names)
        end = mark
        if table.name in PEOPLE:
            end = "/" + mark
        elif OF_PERSON in table.c and row.inside is None:
            person = f"'/' || {row.column(OF_PERSON)}::text"
            keys += f" || coalesce({person}, '')" if table.c[OF_PERSON].nullable else f" || {person}"
        return f"e'{mark}{place}:' || {keys} || e'{end}{text[1:]}"

    @staticmethod
    def array(items: str, order: str) -> str:
        return f"coalesce('[' || string_agg({items}, ',' order by {order}) || ']', '[]')"

    # ── roots ────────────────────────────────────────────────────────────────────────────────────

    def root(self, node: p.Node) -> str:
        match node:
            case p.Typename(name):
                return f"'\"{name}\"'"
            case p.Faulty():
                return "'null'"
            case p.Object(bind.RootOne(target), fields):
                row = Row(self.alias(), self.readable(TYPES[target].table.name))
                return self.single(row, target, fields, identified(self, row, TYPES[target], node))
            case p.Page():
                return page(self, node, None)
            case p.Aggregate():
                return aggregate(self, node, None)
            case p.Rows():
                return rows(self, node)
            case p.Status():
                return status(self, node)
            case p.Eligibility():
                return eligibility(self, node)
            case p.Eligibilities():
                return eligibilities(self, node)
        raise AssertionError(node)

    def single(self, row: Row, type_name: str, fields: p.Fields, tests: list[str]) -> str:
        body = self.shown(row, type_name, fields)
        return (
            f"coalesce((select {body} from {row.table.name} {row.alias} where {' and '.join(tests)}), 'null')"
        )

    def shown(self, row: Row, type_name: str, fields: p.Fields) -> str:
        self.count(row, place_of(type_name, fields))
        return self.record(row, self.fields(row, fields))

    # ── fields of a row ──────────────────────────────────────────────────────────────────────────

    def fields(self, row: Row, fields: p.Fields) -> list[tuple[str, str]]:
        return [(key, self.field(row, node)) for key, node in fields]

    def field(self, row: Row, node: p.Node) -> str:
        match node:
            case p.Typename(name):
                return f"'\"{name}\"'"
            case p.Faulty():
                return "'null'"
            case p.GlobalId(name):
                # Cast, since the planner takes text || bigint apart again at every further ``||``.
                keys = " || ':' || ".join(
                    f"{row.column(c.name)}::text" for c in row.table.primary_key.columns
                )
                return f"'\"{name}:' || {keys} || '\"'"
            case p.Version():
                return f"'\"' || {row.column(VERSION)}::text || '\"'"
            case p.Value(name, sealed):
                return self.value(row, row.readable.column(name), sealed)
            case p.Quoted(binding):
                return self.quoted(row, binding)
            case p.Made(binding):
                return self.made_of(row, binding)
            case p.Number(_, counts):
                return seen(self, row, counts)
            case p.Object(bind.One() as relation, fields):
                return self.one(row, relation, fields)
            case p.Page():
                return page(self, node, row)
            case p.Aggregate():
                return aggregate(self, node, row)
            case p.Origins(fields):
                return origins(self, row, fields)
        raise AssertionError(node)

    def value(self, row: Row, column: Column[Any], sealed: bool) -> str:
        source = row.column(column.name)
        text = self.mark("s", f"encode({source}, 'hex')") if sealed else json_text(source, column)
        return f"coalesce({text}, 'null')" if column.nullable else text

    def quoted(self, row: Row, binding: bind.Quoted) -> str:
        """What it speaks of is not read: whether the viewer is shown that is known by its column."""
        of = readable(self.capability, binding.of)
        names = [f"'{c.name.upper()}'" for c in of.table.c if of.shows(c)] if of is not None else []
        if not names:
            return "'null'"
        value = self.mark("s", f"encode({row.column(binding.column)}, 'hex')")
        seen = f"{row.column(binding.named)} in ({', '.join(names)})"
        return f"coalesce(case when {seen} then {value} end, 'null')"

    def made_of(self, row: Row, binding: bind.Made) -> str:
        """``[which maker, value …]``, to be made on the way out."""
        values = [self.value(row, row.readable.column(name), False) for name in binding.columns]
        payload = " || ',' || ".join([f"'[{len(self.makers)}'", *values])
        self.makers.append(binding.make)
        return self.mark("m", f"encode(convert_to({payload} || ']', 'UTF8'), 'hex')")

    def mark(self, kind: str, payload: str) -> str:
        self.marks = True
        return f"'\"' || {self.put(nonce_param())} || '{kind}' || {payload} || '\"'"

    def one(self, row: Row, relation: bind.One, fields: p.Fields) -> str:
        own = self.readable(TYPES[relation.target].table.name)
        there = Row(self.alias(), own, inside=person_around(row, relation))
        tests = join(there, row, relation.pairs) + self.visible(there, row.table.name)
        return self.single(there, relation.target, fields, tests)

    def reached(self, row: Row, parent: Row, relation: bind.Many) -> tuple[str, list[str]]:
        """Rows of the relation: straight along the key, or those a link table names."""
        source = f"{row.table.name} {row.alias}"
        if relation.through is None:
            return source, join(row, parent, relation.pairs)
        link = Row(self.alias(), self.readable(relation.through))
        inner = join(link, parent, relation.pairs) + [
            f"{link.column(a)} = {row.column(b)}" for a, b in relation.through_pairs
        ]
        inner += self.visible(link, parent.table.name)
        return source, [f"exists (select from {link.table.name} {link.alias}{where(inner)})"]


class _Names(dict[str, str]):
    """``{t}`` is the alias; any other name in a slice is a value of the viewer."""

    def __init__(self, writer: Writer, alias: str) -> None:
        super().__init__(t=alias)
        self.writer = writer

    def __missing__(self, name: str) -> str:
        return self.writer.put(viewer_param(name))


def compile_plan(plan: p.Plan, capability: Capability) -> Statement:
    return Writer(capability).statement(plan)
