"""A mutation: field by field, in their order, as the specification says. Each is done, committed and read
back before the next begins; one that fails is null with an error, and the others go on.

What is read back is a statement of the read engine like any other: the record of the mutation, under the
same slices, locks and access log, for the same viewer. The form of all arguments and the price of everything
are checked before anything is written.

One that does many items shows the record of each in the order in which they came, by one such statement; an
item that fails is null with an error at its place. Of a record that has moved on since the client read it,
what stands now is read as well, for the error (``hub.read.conflicts``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import orjson
from graphql import GraphQLError
from graphql.execution.values import VariableValues

from hub.access.mutation import Mutation
from hub.errors import Language, Stale
from hub.read import bind
from hub.read import plan as p
from hub.read.answers import Answer, answered
from hub.read.asker import MAX_BYTES
from hub.read.conflicts import explained, to_show
from hub.read.faults import Settler
from hub.read.leaves import Request, viewer_values
from hub.read.operation import Operation
from hub.read.planner import WRITTEN
from hub.read.selector import Selector
from hub.read.shapes import others_of, shape_of, without_values
from hub.read.sql import compile_plan
from hub.read.till import Bill
from hub.read.way import Compiled, Way

if TYPE_CHECKING:
    from hub.read.run import Engine

T = TypeVar("T")
Refused: TypeAlias = dict[tuple[int, ...], Exception]
"""Why something was not done, by its place below the field."""


async def mutate(
    engine: Engine, bill: Bill, operation: Operation, variables: VariableValues, way: Way, language: Language
) -> Answer:
    way, request, _ = await engine.priced(bill, operation, variables, way)
    doing = Doing(engine, bill, operation, request)
    selector = Selector(operation.fragments, variables, operation.schema)
    selected = [operation.node.selection_set]
    collected = selector.collect(selected, operation.root)
    compiled = cast(Compiled, way.compiled)
    data: dict[str, Any] = {}
    errors: list[GraphQLError] = []
    for key, node in compiled.plan.fields:
        refused: Refused = {}
        try:
            data[key] = await doing.one(compiled, key, node, refused)
        except Exception as error:  # what was done before stays done, and is told
            data[key], refused = None, {(): error}
        errors += [
            GraphQLError(str(error), collected[key], path=[key, *place], original_error=error)
            for place, error in refused.items()
        ]
    settler = Settler(selector, compiled.plan.faults)
    found = settler.settle(operation.root, selected, data)
    return answered(found, [*errors, *settler.errors], language)


@dataclass
class Doing:
    engine: Engine
    bill: Bill
    operation: Operation
    request: Request

    @cached_property
    def document(self) -> str:
        return without_values(self.operation.node)

    async def one(self, compiled: Compiled, key: str, node: p.Node, refused: Refused) -> Any:
        """The record, or those of all items; ``refused`` is told which items were not done, and why."""
        match node:
            case p.Object(bind.Written() as written, _, p.Leaf() as leaf):
                try:
                    made: str | Exception = await self._do(
                        written.write, compiled.plan.slots[leaf.slot], leaf.slot
                    )
                except Stale as error:
                    made, refused[()] = error, error
                found: Any = to_show(written.target, made, "")
            case p.Rows(bind.WrittenEach() as written, _, leaf):
                each = await self._do(written.write, compiled.plan.slots[leaf.slot], leaf.slot)
                refused |= {(at,): made for at, made in enumerate(each) if isinstance(made, Exception)}
                nobody = self.request.arguments[leaf.slot][WRITTEN]
                found = [to_show(written.target, made, none) for made, none in zip(each, nobody, strict=True)]
            case p.Typename(name):
                return name
            case _:
                return None  # its arguments are wrong, which is told where faults are
        given = self.request.arguments[leaf.slot]
        shown = await self._read_back(compiled.plan, key, node, leaf.slot, {**given, WRITTEN: found})
        definition = self.operation.root.fields[compiled.plan.slots[leaf.slot].node.name.value]
        return explained(shown, refused, definition, given)

    async def _do(self, write: Callable[[Mutation], Awaitable[T]], slot: p.Slot, number: int) -> T:
        engine, viewer, now = self.engine, self.bill.viewer, self.engine.clock()
        arguments = dict(self.request.arguments[number])
        del arguments[WRITTEN]
        held = await engine.live.now(viewer.organisation_id, now.date())
        asked = Mutation(
            engine.database,
            engine.vault,
            viewer,
            viewer_values(viewer, held, now.date()),
            now,
            slot.node.name.value,
            arguments,
            self.operation.digest,
            self.document,
            self.operation.node.name.value if self.operation.node.name else None,
            engine.limits,
        )
        async with engine.asker.turns.of(viewer.client_id):
            began = perf_counter()
            try:
                return await write(asked)
            finally:
                self.bill.seconds += perf_counter() - began

    async def _read_back(
        self, plan: p.Plan, key: str, node: p.Node, slot: int, arguments: dict[str, Any]
    ) -> Any:
        """What the viewer may see of the record now: the mutation may have changed that, too."""
        engine, viewer, today = self.engine, self.bill.viewer, self.engine.clock().date()
        alone = p.Plan(((key, node),), plan.slots, plan.faults)
        statement = compile_plan(alone, viewer.capability)
        values = viewer_values(viewer, await engine.live.now(viewer.organisation_id, today), today)
        given = list(self.request.arguments)
        given[slot] = arguments
        request = replace(self.request, arguments=given, viewer=values)
        params = [param.read(request) for param in statement.params]
        shape = shape_of(self.operation.node, statement.places, others_of(alone.fields))
        body = await engine.asker.ask(
            self.bill, self.operation.digest, statement, shape, params, values, MAX_BYTES, primary=True
        )
        return orjson.loads(body)[key]
