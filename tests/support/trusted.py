"""Trusted documents for tests, and a way to register them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from hub.documents.files import Offered
from hub.documents.registry import Pushed, push
from hub.store.database import Database
from tests.support.serving import Served, serving

CASELOAD: Final = '''"""Beneficiaries by risk — 按风险等级列出服务对象"""
query Caseload($first: Int = 2, $risks: [RiskLevel!], $withAddress: Boolean!) {
  beneficiaries(first: $first, where: {riskLevel: {in: $risks}}) {
    totalCount
    nodes { id nameMasked riskLevel birthOn address @include(if: $withAddress) station { name } }
  }
}
'''
STATION: Final = """query One($id: ID!) { station(id: $id) { ...Shown division { name } } }
fragment Shown on Station { name status }
"""
STATIONS: Final = "query ($where: StationWhere = {}) { stations(where: $where) { nodes { name } } }"
DIVISION: Final = """# A division by its code.
# 按代码查区划
query { division(code: "450305000000") { __typename name } }
"""
OWN: Final = "{ viewer { role } }"
DIVISION_ANSWER: Final = {"data": {"division": {"__typename": "Division", "name": "七星区"}}}


async def ask(hub: Served, role: str = "bureau", **body: Any) -> httpx.Response:
    """``body`` by POST to ``/graphql``."""
    return await hub.http.post("/graphql", json=body, headers=hub.bearer(role))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def register(database: Database, client: str, keep_days: int = 0, **documents: Any) -> list[Pushed]:
    """``documents`` by name, with ``_`` for ``-``."""
    offered = [Offered(f"{n}.graphql", n.replace("_", "-"), text) for n, text in documents.items()]
    return await push(database, client, offered, keep_days)


@asynccontextmanager
async def documented(**options: Any) -> AsyncIterator[Served]:
    """The hub with documents of the bureau's and one of the township's own; ``options``: settings."""
    async with serving(**options) as served:
        database = served.world.database
        await register(database, "bureau", caseload=CASELOAD, station=STATION, division=DIVISION)
        await register(database, "township", own=OWN)
        yield served


def url(path: str = "/graphql", **parameters: Any) -> str:
    """Objects as JSON."""
    pairs = {n: v if isinstance(v, str) else json.dumps(v) for n, v in parameters.items()}
    return f"{path}?{urlencode(pairs)}"


def persisted(text: str, **more: Any) -> dict[str, Any]:
    """``extensions`` as Apollo's clients send them."""
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text), **more}}


async def eventually(ask: Callable[[], Awaitable[httpx.Response]], status: int) -> httpx.Response:
    """The first answer with this status; the last one, if none comes in ten times what is promised."""
    for _ in range(200):
        answer = await ask()
        if answer.status_code == status:
            break
        await asyncio.sleep(0.1)
    return answer
