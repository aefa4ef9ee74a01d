"""Whose record is it? Gives every statement of an entity the key of its golden row.

The first alternative of ``match`` is the strong key, unique in the hub: one entity has one, and one
strong key belongs to one entity. In order:

1. the golden row with the strong key;
2. the golden row the record belonged to so far, if that does not contradict: a record without a
   strong key stays (of a list that ``retracts`` it leaves what others hold by the key it had); one whose
   strong key is new to the hub takes the row along if no other record holds it to another strong key (a
   corrected number), and leaves it otherwise; a record whose list now states the new strong key too, and
   the old one no longer, holds nothing;
3. the golden row with a weaker key (a file number), under the same condition;
4. a new one, one per distinct key among the rest, in the order of arrival.

A statement that lacks required columns cannot found an entity; if it finds none, it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.sync.layout import Layout, unique_by
from hub.sync.references import Scope, because
from hub.sync.silence import silent


class Identity:
    """Fills ``entity`` of ``<staging>_h``, whose ``match<a>_<i>`` hold the keys of alternative a."""

    def __init__(self, scope: Scope, layout: Layout, sequence: str, siblings: Sequence[Layout]) -> None:
        self._scope = scope
        self._layout = layout
        self._sequence = sequence
        self._h = f"{layout.staging}_h"
        self._golden = layout.table.name
        self._match = layout.target.match
        self._siblings = [s for s in siblings if set(self._match[0]) <= set(s.direct)]

    async def assign(self) -> None:
        for statement in self._statements():
            await self._scope.connection.execute(statement)

    def _statements(self) -> list[str]:
        weak = range(1, len(self._match))
        return [
            self._by_strong_key(),
            self._stays(),
            self._takes_along(self._own_record()),
            *(s for a in weak for s in (self._by_weak_key(a), self._takes_along(self._weak_row(a)))),
            *self._found(0),
            *(s for a in weak for s in (self._joins_new(a), *self._found(a))),
            self._found_alone(),
            self._refuse(),
            f"delete from {self._h} where entity is null",
        ]

    def _keys(self, alternative: int, alias: str = "h") -> list[str]:
        return [f"{alias}.match{alternative}_{i}" for i in range(len(self._match[alternative]))]

    def _has(self, alternative: int, alias: str = "h") -> str:
        return " and ".join(f"{key} is not null" for key in self._keys(alternative, alias))

    def _lacks(self, alternative: int, alias: str = "h") -> str:
        return "(" + " or ".join(f"{key} is null" for key in self._keys(alternative, alias)) + ")"

    def _golden_lacks(self, alias: str) -> str:
        return "(" + " or ".join(f'{alias}."{name}" is null' for name in self._match[0]) + ")"

    def _same(self, alternative: int, row: str) -> str:
        """The keys of the statement ``h`` are those of the golden or record row ``row``."""
        names = self._match[alternative]
        pairs = zip(names, self._keys(alternative), strict=True)
        return " and ".join(f'{row}."{name}" = {key}' for name, key in pairs)

    def _within(self, alias: str) -> str:
        return self._scope.within(alias, self._layout.table)

    def _by_strong_key(self) -> str:
        _, county = unique_by(self._layout.table, self._match[0])
        return f"""
            update {self._h} h set entity = g.id from "{self._golden}" g
            where {self._same(0, "g")}{self._within("g") if county else ""}"""

    def _stays(self) -> str:
        return f"""
            update {self._h} h set entity = old_entity
            where entity is null and old_entity is not null and {self._lacks(0)}{self._not_retracted()}"""

    def _not_retracted(self) -> str:
        """Unless the record held a strong key which another record holds the golden row to."""
        record = self._layout.record
        if record is None or not self._layout.target.retracts:
            return ""
        alike = " and ".join(f'o."{name}" = e."{name}"' for name in self._match[0])
        other = f"(o.source_id, o.record_key) <> (e.source_id, e.record_key){self._scope.within('o', record)}"
        return f""" and not exists (
            select from "{record.name}" e
                join "{record.name}" o on o.entity_id = e.entity_id and {alike} and {other}
            where e.source_id = {self._scope.source_id}
                and e.record_key = h.record_key{self._scope.within("e", record)})"""

    def _own_record(self) -> str:
        """Golden rows that statements with a new strong key belonged to, and may take along."""
        record = self._layout.record
        assert record is not None
        others = f"""
            select from "{record.name}" r where r.entity_id = h.old_entity{self._within("r")}
                and not (r.source_id = {self._scope.source_id} and r.record_key = h.record_key)
                and {" and ".join(f'r."{name}" is not null' for name in self._match[0])}
                {f"and not ({self._corrected_too()})" if self._scope.whole and self._siblings else ""}"""
        claimed = " and ".join(f'o.match0_{i} = g."{name}"' for i, name in enumerate(self._match[0]))
        return f"""
            select {", ".join(self._keys(0))}, g.id
            from {self._h} h join "{self._golden}" g on g.id = h.old_entity{self._within("g")}
            where h.entity is null and {self._has(0)} and ({self._golden_lacks("g")}
                or not exists ({others}) and not exists (select from {self._h} o where {claimed}))"""

    def _corrected_too(self) -> str:
        """Whether the list of record ``r`` corrects its number as well, in this run."""
        keys = ", ".join(f'"{name}"' for name in self._match[0])
        stated = " union all ".join(
            f"select '{s.list_kind}' as list_kind, {keys} from {s.staging}" for s in self._siblings
        )
        return f"""{silent("r.content_hash")} and exists (
            select from ({stated}) n where n.list_kind = r.list_kind and {self._same(0, "n")})"""

    def _weak_row(self, alternative: int) -> str:
        """Golden rows without a strong key that a weaker key of the statement finds."""
        return f"""
            select {", ".join(self._keys(0))}, g.id
            from {self._h} h join "{self._golden}" g on {self._same(alternative, "g")}{self._within("g")}
            where h.entity is null and {self._has(0)} and {self._golden_lacks("g")}"""

    def _takes_along(self, candidates: str) -> str:
        """One strong key takes one golden row, and no row is taken twice."""
        keys = [f"key{i}" for i in range(len(self._match[0]))]
        listed = ", ".join(keys)
        on = " and ".join(f"{mine} = c.{key}" for mine, key in zip(self._keys(0), keys, strict=True))
        return f"""
            with free ({listed}, id) as ({candidates}),
            untaken as (
                select * from free f where not exists (
                    select from {self._h} o where o.entity = f.id and {self._has(0, "o")})),
            pairs as (select distinct on ({listed}) {listed}, id from untaken order by {listed}, id),
            claims as (select distinct on (id) id, {listed} from pairs order by id, {listed})
            update {self._h} h set entity = c.id from claims c where h.entity is null and {on}"""

    def _by_weak_key(self, alternative: int) -> str:
        return f"""
            update {self._h} h set entity = found.id from (
                select h.item, min(g.id) as id from {self._h} h join "{self._golden}" g
                    on {self._same(alternative, "g")}{self._within("g")}
                where h.entity is null and {self._lacks(0)} group by h.item) found
            where found.item = h.item"""

    def _joins_new(self, alternative: int) -> str:
        """A statement with only a weaker key joins an entity this run has just given that key."""
        same = " and ".join(
            f"{o} = {h}" for o, h in zip(self._keys(alternative, "o"), self._keys(alternative), strict=True)
        )
        return f"""
            update {self._h} h set entity = found.id from (
                select h.item, min(o.entity) as id from {self._h} h join {self._h} o
                    on o.entity is not null and {same}
                where h.entity is null and {self._lacks(0)} group by h.item) found
            where found.item = h.item"""

    def _found(self, alternative: int) -> Sequence[str]:
        """New entities, one for each distinct key."""
        keys = ", ".join(self._keys(alternative))
        names = [f"match{alternative}_{i}" for i in range(len(self._match[alternative]))]
        on = " and ".join(f"h.{name} = fresh.{name}" for name in names)
        return [
            f"""
            with keyed as (
                select {keys}, min(h.item) as first from {self._h} h
                where h.entity is null and {self._has(alternative)}
                group by {keys} having bool_or(h.complete) order by first),
            fresh as (select {", ".join(names)}, nextval('{self._sequence}') as id from keyed)
            update {self._h} h set entity = fresh.id from fresh where h.entity is null and {on}"""
        ]

    def _found_alone(self) -> str:
        no_key = " and ".join(self._lacks(a) for a in range(len(self._match)))
        return f"""
            update {self._h} h set entity = nextval('{self._sequence}')
            where h.entity is null and h.complete and {no_key}"""

    def _refuse(self) -> str:
        header = self._layout.header_of(self._match[0][0])
        return because(header, self._layout.table, f"from {self._h} m where m.entity is null")
