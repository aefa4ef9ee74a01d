"""What explanations ask beside the request they belong to: as the same viewer, on the same bill."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

import asyncpg
import orjson
from graphql import GraphQLError
from graphql.execution.values import VariableValues

from hub.access.rights import Rights
from hub.access.viewer import Viewer
from hub.errors import HubError
from hub.read import cost
from hub.read.asker import MAX_BYTES
from hub.read.beside import Question
from hub.read.leaves import Request
from hub.read.operation import Invalid, Operation
from hub.read.till import Bill
from hub.read.way import Compiled, Way

if TYPE_CHECKING:
    from hub.read.run import Engine


async def price(engine: Engine, viewer: Viewer, way: Way, variables: VariableValues) -> float:
    """Units of all that an operation's explanations will take, before anything is asked."""
    units = 0.0
    for aside in way.asides:
        units += aside.asks.units
        try:
            for question in aside.questions(viewer.capability, variables):
                units += await _price(engine, viewer, question)
        except (HubError, GraphQLError, Invalid):
            pass  # its arguments are wrong, which it says itself, and asks nothing
    return units


async def _price(engine: Engine, viewer: Viewer, question: Question) -> float:
    _, way, given, request = await _read(engine, viewer, *question)
    known = await engine.till.statistics.newest()
    return way.price.of(known, given, known.part(request.viewer)) - cost.REQUEST


async def ask(engine: Engine, bill: Bill, source: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a document of the hub's own finds for the viewer, under the viewer's locks and in the access log.

    It needs no registration where the client is held to its trusted documents, and is paid for by the request
    (``price``). HubError.
    """
    operation, way, params, request = await _read(engine, bill.viewer, source, given)
    await engine.count(bill.viewer, way.plan, request)
    values, digest = request.viewer, operation.digest
    body = await engine.asker.ask(bill, digest, way.statement, way.shape, params, values, MAX_BYTES)
    found: dict[str, Any] = orjson.loads(body)
    return found


async def _read(
    engine: Engine, viewer: Viewer, source: str, given: Mapping[str, Any]
) -> tuple[Operation, Compiled, list[Any], Request]:
    """The operation, how it is compiled, the statement's parameters, and the request. HubError."""
    operation = engine.operation(viewer, source, None, reading=True)
    variables = operation.variables(given)
    way, request, params = await engine.read(
        viewer, operation, variables, engine.way(viewer, operation, variables)
    )
    compiled = cast(Compiled, way.compiled)
    for fault in compiled.plan.faults.values():
        raise fault
    return operation, compiled, params, request


async def facts(engine: Engine, bill: Bill, query: str, *given: Any) -> list[asyncpg.Record]:
    """Rows with the hub's own rights, whose time the request pays for."""
    began = perf_counter()
    try:
        return await engine.database.fetch(query, *given)
    finally:
        bill.seconds += perf_counter() - began


async def standing(engine: Engine, bill: Bill) -> Rights:
    """What the viewer has been given, for one explanation: hundreds of values that graphql-core writes."""
    bill.explained += cost.LOOKED_UP
    today, viewer = engine.clock().date(), bill.viewer
    held = await engine.live.of(viewer.organisation_id, today)
    return await engine.rights(engine.database, viewer, held, today)
