"""The hub as it is served in production: ``hub serve``, registered clients, real tokens, slices, log."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Final

import httpx
from joserfc.jwk import ECKey

from benchmarks.read.cases import Case, Client
from benchmarks.read.contenders.contender import Contender
from benchmarks.read.documents import request_of
from benchmarks.read.server import serving
from benchmarks.read.shapes import OF_THE_HUB
from benchmarks.read.stage import POOL, Stage
from benchmarks.read.wire import post
from hub.demo_purposes import grant_purposes, register_purposes
from hub.oauth.clients import register_client
from hub.oauth.metadata import Issuer
from hub.oauth.tokens import ACCESS_TOKEN_SECONDS, fetch_token

NO_LIMIT: Final = 1_000_000_000
GOOD_FOR: Final = 120.0
"""Seconds a token must still live when requests are made with it: longer than any cell takes."""


class Hub(Contender):
    name = "hub"
    placed: ClassVar = False
    """Whether its documents say themselves which part of the country they mean."""

    def __init__(self, stage: Stage, port: int) -> None:
        super().__init__(stage, port)
        self.issuer = Issuer.of(f"http://127.0.0.1:{port}")
        self.keys: dict[str, ECKey] = {}
        self.tokens: dict[str, tuple[float, str]] = {}

    def serving(self) -> AbstractAsyncContextManager[int]:
        environment = {
            "HUB_DATA_DIR": str(self.stage.directory),
            "HUB_BASE_URL": self.issuer.url,
            "HUB_PORT": str(self.port),
            "HUB_POOL_SIZE": str(POOL),
            "HUB_REQUESTS_PER_MINUTE": str(NO_LIMIT),
            "HUB_QUESTIONS_PER_MINUTE": str(NO_LIMIT),
            "HUB_QUESTIONS_PER_DAY": str(NO_LIMIT),
            "HUB_QUESTIONS_ALIKE": "1000",
            "HUB_COST_PER_MINUTE": str(NO_LIMIT),
        }
        return serving(self.command(), self.port, self.log, environment)

    def command(self) -> list[str]:
        return [str(Path(sys.executable).with_name("hub")), "serve"]

    async def prepare(self, cases: list[Case]) -> None:
        """Register who asks, each with a key and the purpose of its own."""
        await register_purposes(self.stage.database)
        for client in {case.client.name: case.client for case in cases}.values():
            key = ECKey.generate_key("P-256", auto_kid=True)
            await register_client(
                self.stage.database,
                self._id(client.name),
                name=client.name,
                role=client.role,
                jwks={"keys": [key.as_dict(private=False)]},
                division_code=client.division_code,
                organisation_id=client.organisation_id,
                replace=True,
            )
            await grant_purposes(self.stage.database, self._id(client.name), client.role)
            self.keys[client.name] = key

    async def requests(self, workload: str, cases: list[Case]) -> list[bytes]:
        bearer = await self._bearers({case.client.name: case.client for case in cases})
        bodies = [request_of(workload, case, placed=self.placed) for case in cases]
        return [post("/graphql", b, bearer[c.client.name]) for b, c in zip(bodies, cases, strict=True)]

    async def _bearers(self, clients: dict[str, Client]) -> dict[str, dict[str, str]]:
        """Authorization of each client, with a token that lives long enough."""
        async with httpx.AsyncClient(timeout=10) as http:
            for name in clients:
                ends_at, _ = self.tokens.get(name, (0.0, ""))
                if ends_at - time.time() < GOOD_FOR:
                    key = self.keys[name].as_dict(private=True)
                    token = await fetch_token(http, self.issuer.token_url, self._id(name), key)
                    self.tokens[name] = time.time() + ACCESS_TOKEN_SECONDS, token
        return {name: {"Authorization": f"Bearer {self.tokens[name][1]}"} for name in clients}

    def _id(self, client: str) -> str:
        """Its own, since each contender gives its clients other keys."""
        return f"{self.name}-{client}"

    def shape(self, workload: str, case: Case, answer: Any) -> Any:
        return OF_THE_HUB[workload](answer["data"])

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("civil-affairs-hub", "graphql-core", "strawberry-graphql")}
