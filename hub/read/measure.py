"""How large a document is, found by one walk that ends as soon as it is too large.

This comes before validation: graphql-core compares every two fields that answer under one key, which is
quadratic, and a fragment that spreads another twice doubles with every level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode
from graphql.language import FieldNode, FragmentSpreadNode, SelectionSetNode

from hub.errors import TooMuch

MAX_DEPTH: Final = 20
"""Fields inside each other."""
MAX_NESTING: Final = 60
"""Fields and fragments inside each other."""
MAX_FIELDS: Final = 1_000
MAX_SELECTIONS: Final = 3_000
"""Fields and fragments, each fragment counted wherever it is spread."""
MAX_LIKENESS: Final = 50_000
"""Work of comparing what answers under one key. Two plain fields cost 1, so 300 are possible."""
MAX_VALUES: Final = 25_000
"""Values in the variables of one request."""
COMPARED: Final = {"plain": 1, "spread": 5, "rich": 20}


class Place(dict[str, "Place"]):
    """One place in the answer: what stands below, by response key, and how often it was met."""

    times: int = 0


@dataclass(slots=True)
class Measure:
    fragments: Mapping[str, FragmentDefinitionNode]
    spread: set[str] = field(default_factory=set)
    fields: int = 0
    selections: int = 0
    likeness: int = 0

    def walk(self, chosen: SelectionSetNode, place: Place, inside: tuple[str, ...], depth: int) -> None:
        for selection in chosen.selections:
            self._count(depth, len(inside))
            if isinstance(selection, FieldNode):
                self._field(selection, place, inside, depth + 1)
            elif isinstance(selection, FragmentSpreadNode):
                self._spread(selection.name.value, place, inside, depth)
            else:
                self.walk(selection.selection_set, place, (*inside, ""), depth)  # type: ignore[attr-defined]

    def _field(self, node: FieldNode, place: Place, inside: tuple[str, ...], depth: int) -> None:
        self.fields += 1
        below = node.selection_set
        rich = bool(below or node.arguments)
        deeper = self._met((node.alias or node.name).value, place, "rich" if rich else "plain")
        if below is not None:
            self.walk(below, deeper, inside, depth)

    def _spread(self, name: str, place: Place, inside: tuple[str, ...], depth: int) -> None:
        self._met("...", place, "spread")
        self.spread.add(name)
        if name in self.fragments and name not in inside:  # validation names both faults
            self.walk(self.fragments[name].selection_set, place, (*inside, name), depth)

    def _met(self, key: str, place: Place, kind: str) -> Place:
        met = place.setdefault(key, Place())
        self.likeness += met.times * COMPARED[kind]
        met.times += 1
        return met

    def _count(self, depth: int, fragments: int) -> None:
        self.selections += 1
        if depth >= MAX_DEPTH or depth + fragments >= MAX_NESTING:
            raise TooMuch(f"A query may be {MAX_DEPTH} levels deep.", zh=f"查询最多嵌套 {MAX_DEPTH} 层")
        if self.fields > MAX_FIELDS or self.selections > MAX_SELECTIONS:
            raise TooMuch(f"A query may select {MAX_FIELDS} fields.", zh=f"查询最多选择 {MAX_FIELDS} 个字段")
        if self.likeness > MAX_LIKENESS:
            raise TooMuch("A query may not repeat one field that often.", zh="同一字段重复次数过多")


def measure(document: DocumentNode) -> None:
    """TooMuch for a document that would cost too much to validate; linear in the limits above."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    walk = Measure(fragments)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk.walk(definition.selection_set, Place(), (), 0)
    for name in fragments.keys() - walk.spread:  # not used, which validation will say
        walk.walk(fragments[name].selection_set, Place(), (name,), 0)


def measure_values(given: Mapping[str, Any]) -> None:
    """TooMuch for variables that hold more values than a request may."""
    count = 0
    level: list[Any] = [given]
    while level:
        count += sum(map(len, level))
        if count > MAX_VALUES:
            raise TooMuch(f"Variables may hold {MAX_VALUES} values.", zh=f"变量最多包含 {MAX_VALUES} 个值")
        values = chain.from_iterable(each.values() if type(each) is dict else each for each in level)
        level = [each for each in values if type(each) is dict or type(each) is list]  # as JSON is read
