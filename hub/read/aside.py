"""What explanations ask beside the request they belong to: as the same viewer, counted apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from hub.access.rights import Rights
from hub.access.viewer import Viewer
from hub.read.answers import Answer
from hub.read.till import EXPLAINED

if TYPE_CHECKING:
    from hub.read.run import Engine


async def ask(engine: Engine, viewer: Viewer, source: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a document of the hub's own finds for ``viewer``, under the viewer's locks and in the access log.

    It needs no registration where the client is held to its trusted documents. HubError.
    """
    bill = engine.till.bill(viewer)
    operation = engine.operation(viewer, source, None, reading=True)
    variables = operation.variables(given)
    way, body = await engine._select(bill, operation, variables, engine.way(viewer, operation, variables))
    engine.till.paid(bill, Answer(body, True))
    for fault in way.compiled.plan.faults.values() if way.compiled else ():
        raise fault
    found: dict[str, Any] = orjson.loads(body)
    return found


async def standing(engine: Engine, viewer: Viewer) -> Rights:
    """What ``viewer`` has been given, for one explanation: hundreds of values that graphql-core writes."""
    bill = engine.till.bill(viewer)
    await engine.till.charge(bill, await engine.till.check(bill, (EXPLAINED,), None, (), {}))
    today = engine.clock().date()
    held = await engine.live.of(viewer.organisation_id, today)
    return await engine.rights(engine.database, viewer, held, today)
