"""What rights cost before a question is answered: issuing a token, and knowing one again.

Issuing is measured beside what nobody can leave out: the same statements on a bare connection, the check of
the client's signature and the hub's own. Both sides count the CPU of this process and of PostgreSQL.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from statistics import median
from typing import Any, Final
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from rich.console import Console
from rich.table import Table

from benchmarks.read.asking import engine_of, viewer_of
from benchmarks.read.cases import Draw
from benchmarks.read.cpu import processes, seconds_of
from benchmarks.read.documents import DOCUMENTS, VARIABLES
from benchmarks.read.stage import Stage, settings_of
from hub import log
from hub.oauth.bearer import Bearer
from hub.oauth.clients import register_client
from hub.oauth.jose import CLIENTS, OURS, SigningKeys
from hub.oauth.metadata import Issuer
from hub.oauth.once import ASSERTION
from hub.oauth.server import FORM, Call
from hub.oauth.token_endpoint import TokenEndpoint
from hub.oauth.tokens import make_assertion, token_form

NAME: Final = "bench-token"
TIMES: Final = 300
"""Tokens in one round."""
ISSUER: Final = Issuer.of("http://127.0.0.1:8301")
FIND: Final = "select * from oauth_client where client_id = $1"


async def measure(stage: Stage, rounds: int) -> dict[str, Any]:
    """Milliseconds of CPU, medians of interleaved rounds."""
    log.configure(settings_of(stage.directory))  # as it logs in production, to standard error
    client, own = ECKey.generate_key("P-256", auto_kid=True), ECKey.generate_key("P-256", auto_kid=True)
    keys = SigningKeys(KeySet([own]))
    jwks = {"keys": [client.as_dict(private=False)]}
    await register_client(stage.database, NAME, name=NAME, role="operator", jwks=jwks, replace=True)
    endpoint = TokenEndpoint(stage.database, ISSUER, keys)
    issued, least = [], []

    async def by_hub(assertion: str) -> str:
        body = urlencode(token_form(assertion)).encode()
        answer = await endpoint.answer(Call("POST", FORM, b"", (), body))
        return str(answer.body["access_token"])

    async with stage.database.owner.acquire() as connection:

        async def by_hand(assertion: str) -> str:
            await connection.fetchrow(FIND, NAME)
            claims = jwt.decode(assertion, client, registry=CLIENTS).claims
            await connection.fetchval(ASSERTION, NAME, claims["jti"], float(claims["exp"]))
            now = int(time.time())
            made = {**claims, "iss": ISSUER.url, "aud": ISSUER.url, "iat": now, "exp": now + 300}
            return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": own.kid}, made, own, registry=OURS)

        for turn in range(-1, rounds):
            both = await _spent(stage, by_hub, client), await _spent(stage, by_hand, client)
            if turn >= 0:  # the first warms up
                issued.append(both[0])
                least.append(both[1])
    known = await _known(stage, Bearer(stage.database, ISSUER, keys), await by_hub(_assertion(client)))
    return {
        "issuing_ms": round(median(issued), 3),
        "least_ms": round(median(least), 3),
        "ratio": round(median(issued) / median(least), 2),
        **known,
    }


def _assertion(key: ECKey) -> str:
    return make_assertion(NAME, key.as_dict(private=True), ISSUER.token_url)


async def _spent(stage: Stage, work: Callable[[str], Awaitable[str]], key: ECKey) -> float:
    assertions = [_assertion(key) for _ in range(TIMES)]
    return await _cpu(stage, [partial(work, each) for each in assertions])


async def _cpu(stage: Stage, works: Sequence[Callable[[], Awaitable[object]]]) -> float:
    """Milliseconds of each, here and in PostgreSQL, which may be a child of this process."""
    before, began = _database(stage), time.process_time()
    for work in works:
        await work()
    here = time.process_time() - began
    await asyncio.sleep(0.05)  # a tick, in which PostgreSQL's last statement is charged
    return (here + _database(stage) - before) / len(works) * 1000


def _database(stage: Stage) -> float:
    return seconds_of(stage.postmaster, processes())


async def _known(stage: Stage, bearer: Bearer, token: str) -> dict[str, float]:
    """A token that was shown a moment ago, beside the whole of what Q1 takes after it."""
    header = f"Bearer {token}"
    await bearer.viewer(header)

    async def again() -> object:
        for _ in range(20):
            await bearer.viewer(header)
        return None

    engine, draw = engine_of(stage.database, stage.vault), Draw(stage.world, stage.vault, 1)
    case = draw.cases("Q1", 1)[0]
    viewer, variables = viewer_of(case.client), VARIABLES["Q1"](case.values)

    async def asked() -> object:
        return await engine.answer(viewer, DOCUMENTS["Q1"], None, variables, reading=False)

    await asked()
    authentication = median([await _cpu(stage, [again] * 100) / 20 for _ in range(5)])
    question = median([await _cpu(stage, [asked] * TIMES) for _ in range(5)])
    return {
        "authentication_ms": round(authentication, 4),
        "question_ms": round(question, 4),
        "authentication_percent": round(authentication / question * 100, 1),
    }


def show(console: Console, found: dict[str, Any]) -> None:
    table = Table("", "ms of CPU", title="Tokens")
    table.add_row("a token issued", f"{found['issuing_ms']:.3f}")
    table.add_row("its statements and signatures alone", f"{found['least_ms']:.3f}")
    table.add_row("ratio", f"{found['ratio']:.2f}")
    table.add_row("a token known again", f"{found['authentication_ms']:.4f}")
    table.add_row("Q1 without HTTP", f"{found['question_ms']:.4f}")
    table.add_row("authentication adds", f"{found['authentication_percent']:.1f} %")
    console.print(table)
