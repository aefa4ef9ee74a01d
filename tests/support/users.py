"""The pages of users over a real database, and a browser's behaviour over HTTP: cookies, forms, redirects."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

import httpx
import uvicorn
from starlette.applications import Starlette

from hub.oauth import totp
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import Issuer
from hub.oauth.passwords import Passwords
from hub.oauth.provider_sign_in import ProviderSignIn
from hub.oauth.sessions import Sessions, SignedIn
from hub.oauth.signing_in import SigningIn
from hub.oauth.users import Users
from hub.store.database import Database
from hub.store.vault import Vault
from hub.tables import (
    former_identity,
    hub_user,
    metadata,
    provider_visit,
    recovery_code,
    sign_in_try,
    user_identity,
    user_session,
)
from hub.web.oauth import oauth_routes
from hub.web.users import user_routes
from tests.support.oauth import BASE_URL, DONGJIANG, es256_key, identity_tables
from tests.support.postgres import fresh_database

OWN: Final = "kX9-pdw2 mmqz 竹子"
FIREFOX: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


_SETTLED: Final = """
    insert into hub_user
        (login, display_name, role, password_hash, totp_secret, totp_confirmed_at, division_code, scopes)
    values ($1, '周明', 'township', $2, $3, now(), $4, $5) returning id
"""


@dataclass
class Clock:
    """The telephone's and the hub's."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_step(self) -> None:
        self.now += totp.SECONDS


class UserHub:
    def __init__(self, db: Database, base_url: str = BASE_URL) -> None:
        self.db = db
        self.vault = Vault(bytes(range(32)))
        self.clock = Clock(time.time())
        self.issuer = Issuer.of(base_url)
        self.sessions = Sessions(db)
        self.signing_in = SigningIn(db, self.vault, self.sessions, self.clock)
        self.users = Users(db, self.vault)
        self.keys = SigningKeys([es256_key()])
        self.providers = ProviderSignIn(db, self.vault, self.issuer, self.keys)
        pages = user_routes(self.issuer, self.signing_in, self.providers)
        self.app = Starlette(
            routes=[*pages, *oauth_routes(db, self.issuer, self.keys, sessions=self.sessions)]
        )
        self.secrets: dict[str, str] = {}
        """Of the authenticator app, by login."""
        self._own = ""

    async def add(self, login: str, **options: Any) -> str:
        """The initial password of a user of the town."""
        given = {"name": "周明", "role": "township", "division_code": DONGJIANG, **options}
        return await self.users.add(login, **given)

    async def settled(self, login: str) -> list[str]:
        """A user who has been through the first sign-in, with ``OWN``; the recovery codes."""
        if not self._own:
            self._own = await Passwords().hash(OWN)
        self.secrets[login] = totp.new_secret()
        values = login, self._own, self.vault.seal(self.secrets[login]), DONGJIANG, ["visit.rs"]
        number = await self.fetch(_SETTLED, *values)
        return await self.signing_in.recovery.renew(number)

    def browser(self, **headers: str) -> Browser:
        return Browser(self, {"user-agent": FIREFOX, **headers})

    def code(self, login: str, steps: int = 0) -> str:
        """What the user's app shows, ``steps`` from now."""
        return totp.code_at(self.secrets[login], int(self.clock.now) // totp.SECONDS + steps)

    async def fetch(self, text: str, *given: Any) -> Any:
        """The first value of the first row."""
        rows = await self.db.fetch(text, *given)
        return rows[0][0] if rows else None


class Browser:
    """``page``: the last it was shown."""

    def __init__(self, hub: UserHub, headers: dict[str, str]) -> None:
        self.hub = hub
        transport = httpx.ASGITransport(hub.app)
        self.http = httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers)
        self.page = ""

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([\w-]+)"', self.page)
        return found[1] if found else ""

    @property
    def cookie(self) -> str | None:
        return self.http.cookies.get("__Host-hub_session")

    async def get(self, path: str, **params: str) -> httpx.Response:
        answer = await self.http.get(path, params=params or None)
        if answer.status_code == 200:
            self.page = answer.text
        return answer

    async def submit(self, path: str, sent: dict[str, str] | None = None, /, **fields: str) -> httpx.Response:
        """A form of the page; where it leads is looked at if it is a page of ours."""
        answer = await self.http.post(path, data={"csrf": self.csrf, **fields}, headers=sent)
        target = answer.headers.get("location", "")
        if target.startswith(BASE_URL):
            await self.get(target)
        elif "<form" in answer.text:
            self.page = answer.text
        return answer

    async def sign_in(self, login: str, password: str, **fields: str) -> httpx.Response:
        """The first step only."""
        await self.get("/login", prompt="login")
        return await self.submit("/login", login=login, password=password, **fields)

    async def enrol(self, login: str) -> list[str]:
        """Set up the second step on the page that is shown; the recovery codes."""
        self.hub.secrets[login] = self.secret
        answer = await self.submit("/login/enrol", code=self.hub.code(login))
        assert answer.status_code == 200, answer.text
        return re.findall(r"<li><code>([\w-]+)</code>", answer.text)

    @property
    def secret(self) -> str:
        found = re.search(r"<code>([A-Z2-7 ]+)</code>", self.page)
        assert found, self.page
        return found[1].replace(" ", "")

    async def whole(self, login: str, password: str = OWN, **fields: str) -> httpx.Response:
        """Both steps."""
        answer = await self.sign_in(login, password, **fields)
        assert "/login/code" in answer.headers.get("location", ""), answer.text
        answer = await self.submit("/login/code", code=self.hub.code(login), **fields)
        self.hub.clock.pass_step()
        return answer

    async def who(self) -> SignedIn | None:
        return await self.hub.sessions.of(self.cookie)

    def problem(self) -> str:
        """What the page says is wrong."""
        found = re.search(r'role="alert".*?<p>(?:<a [^>]*>)?(.*?)<', self.page, re.DOTALL)
        return unescape(found[1]) if found else ""


async def user_tables(db: Database) -> None:
    """Only what signing in needs, so that these tests say nothing of the rest."""
    await identity_tables(db)
    needed = [
        hub_user,
        user_session,
        recovery_code,
        sign_in_try,
        user_identity,
        former_identity,
        provider_visit,
    ]
    async with db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all, tables=needed)


@asynccontextmanager
async def served_users() -> AsyncIterator[UserHub]:
    """On a port of this machine, for real browsers."""
    listener = socket.create_server(("127.0.0.1", 0))
    async with user_hub(f"http://127.0.0.1:{listener.getsockname()[1]}") as hub:
        server = uvicorn.Server(uvicorn.Config(hub.app, log_config=None, access_log=False, lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield hub
        finally:
            server.should_exit = True
            await running


@asynccontextmanager
async def user_hub(base_url: str = BASE_URL) -> AsyncIterator[UserHub]:
    async with fresh_database(user_tables) as db:
        yield UserHub(db, base_url)
