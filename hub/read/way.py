"""How an operation is answered: what of it is compiled to one statement, and what is left to graphql-core."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

from graphql.execution.values import VariableValues

from hub.access.viewer import Capability
from hub.audit.shape import Shape
from hub.errors import BadUserInput
from hub.read.beside import Aside, asides_of
from hub.read.bind import Written, WrittenEach
from hub.read.checks import checks_of, wrong
from hub.read.copy_rows import Copied, compile_copy
from hub.read.leaves import Param, Request
from hub.read.operation import Operation
from hub.read.plan import Copy, Eligibilities, Eligibility, Faulty, Leaf, Plan
from hub.read.planner import NotCompiled, Planner
from hub.read.pricing import Price, price_of
from hub.read.selector import Collected, Selector
from hub.read.shapes import others_of, shape_of
from hub.read.sql import Statement, compile_plan

INTROSPECTION: Final = {"__schema", "__type"}
WRITE: Final = "mutation"
"""In place of the name of a field that writes; none is called so."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """``checks``: values that the statement does not need and that must be right."""

    plan: Plan
    statement: Statement
    shape: Shape
    checks: tuple[Param, ...]
    price: Price
    programmes: tuple[Leaf, ...] = ()
    """Where programmes are found that it is asked who is entitled under."""

    @property
    def empty(self) -> bool:
        """Nothing is left to ask PostgreSQL."""
        return all(isinstance(node, Faulty) for _, node in self.plan.fields)

    def read(self, request: Request) -> list[Any]:
        for check in self.checks:
            check.read(request)
        return [param.read(request) for param in self.statement.params]

    def wrong(self, request: Request) -> dict[int, BadUserInput]:
        return wrong(self.plan, (*self.checks, *self.statement.params), request)


@dataclass(frozen=True, slots=True)
class Way:
    """How an operation is answered: root keys in order, those compiled, those left to graphql-core.

    ``fixed``: nothing but introspection, without variables; the answer is the same for ever.
    """

    keys: tuple[str, ...]
    compiled: Compiled | None
    ordinary: Collected
    fixed: bool
    writes: int = 0
    """Mutations in it."""
    asides: tuple[Aside, ...] = ()
    """Fields that ask something beside it."""
    copied: Copied | None = None
    """It pulls a copy, and nothing else."""

    @property
    def resolved(self) -> Iterator[str]:
        """Names of the fields that graphql-core answers, and of those that write."""
        yield from (nodes[0].name.value for nodes in self.ordinary.values())
        yield from repeat(WRITE, self.writes)


def programmes_in(plan: Plan) -> Iterator[Leaf]:
    for _, node in plan.fields:
        if isinstance(node, Eligibility):
            yield node.programme
        if isinstance(node, Eligibilities):
            yield node.asked.programme


def way_of(
    capability: Capability,
    operation: Operation,
    variables: VariableValues,
    refused: Mapping[int, Exception],
) -> Way:
    query = operation.root
    selector = Selector(operation.fragments, variables, operation.schema)
    collected = selector.collect([operation.node.selection_set], query)
    compiled: Collected = {}
    ordinary: Collected = {}
    for key, nodes in collected.items():
        try:
            Planner(selector, refused).root(query, {key: nodes})
            compiled[key] = nodes
        except NotCompiled:
            ordinary[key] = nodes
    plan = Planner(selector, refused).root(query, compiled)
    if any(isinstance(node, Copy) for _, node in plan.fields):
        return Way(tuple(collected), None, ordinary, False, copied=compile_copy(plan, capability, operation))
    made = None
    if compiled:
        statement = compile_plan(plan, capability)
        price = price_of(plan, capability, statement.params)
        shape = shape_of(operation.node, statement.places, others_of(plan.fields))
        checks, programmes = checks_of(plan, statement.params), tuple(programmes_in(plan))
        made = Compiled(plan, statement, shape, checks, price, programmes)
    asked = {node.name.value for nodes in ordinary.values() for node in nodes}
    fixed = made is None and asked <= INTROSPECTION and not operation.node.variable_definitions
    writes = sum(
        isinstance(getattr(node, "relation", None), Written | WrittenEach) for _, node in plan.fields
    )
    asides = tuple(asides_of(selector, query, ordinary))
    return Way(tuple(collected), made, ordinary, fixed, writes, asides)
