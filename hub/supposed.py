"""A viewer who does not ask: what a client, or a user through it, would see on a day, with these scopes.

What it finds is in the access log under a name that no client can have, since nobody else has asked.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from graphql_schema.schema import EXECUTOR, audience
from hub.access.live import Held
from hub.access.purposes import granted
from hub.access.rights import Rights, rights_of
from hub.access.scopes import atoms, compact, still_offered
from hub.access.viewer import Viewer, make_viewer
from hub.domain.dates import CHINA, china_now
from hub.errors import BadArgument, NotFound
from hub.oauth.clients import Client, find_client
from hub.oauth.holders import serves
from hub.oauth.users import User, find_user
from hub.read.run import Engine
from hub.store.database import Database
from hub.store.vault import Vault

NAME: Final = "hub access explain"


@dataclass(frozen=True, slots=True)
class Supposed:
    """``scopes``: atoms of the token; ``at``: in China."""

    client: Client
    user: User | None
    scopes: frozenset[str]
    at: dt.datetime
    purpose: str | None = None

    @property
    def who(self) -> Client | User:
        return self.user or self.client

    @property
    def day(self) -> dt.date:
        return self.at.date()

    @property
    def granted(self) -> frozenset[str]:
        """What a token of today could be good for."""
        own = self.client.scopes
        return own if self.user is None else own & still_offered(self.user.scopes)

    def viewer(self) -> Viewer:
        who = self.who
        made = make_viewer(
            NAME,
            who.role,
            self.scopes,
            division_code=who.division_code,
            organisation_id=who.organisation_id,
            granted=granted(
                self.client.purposes, who.role, self.at.timestamp(), needed=self.client.purpose_needed
            ),
        )
        return made.asking_for(self.purpose)

    async def rights(self, database: Database, viewer: Viewer, live: Held, day: dt.date) -> Rights:
        """As the registry has them, and the scopes as if they were granted."""
        known = await rights_of(database, viewer, live, day)
        held = None if self.user is None else still_offered(self.user.scopes) | self.scopes
        return dataclasses.replace(known, granted=self.client.scopes | self.scopes, held=held)

    def facts(self) -> dict[str, Any]:
        """What stands before the explanation."""
        ends = self.client.expires_at
        over = ends is not None and ends.astimezone(CHINA).date() <= self.day
        return {
            "client": self.client.client_id,
            "user": self.user and self.user.login,
            "role": self.who.role,
            "day": self.day.isoformat(),
            "registration": "EXPIRED" if over else self.client.status,
            "account": self.user and self.user.status,
            "scopes": compact(self.scopes),
            "notGranted": compact(self.scopes - self.granted),
            "purpose": self.purpose,
        }


async def suppose(
    database: Database,
    client_id: str,
    login: str | None,
    scopes: Iterable[str],
    day: dt.date | None,
    purpose: str | None,
) -> Supposed:
    """Now, or at noon of another ``day``; without ``scopes`` all that are granted.

    NotFound for no such client or user; BadArgument for a user whom the client does not serve.
    """
    client = await find_client(database, client_id)
    if client is None:
        raise NotFound("No client has this name.")
    user = None
    if login is not None:
        user = await find_user(database, login)
        if user is None:
            raise NotFound("No user has this login.")
        if not serves(client, user):
            raise BadArgument("The client serves no users of this place.", zh="该客户端不服务此用户所在单位")
    now = china_now()
    at = now if day is None or day == now.date() else dt.datetime.combine(day, dt.time(12), CHINA)
    plain = Supposed(client, user, frozenset(), at, purpose)
    return dataclasses.replace(plain, scopes=atoms(scopes) or plain.granted)


async def told(
    database: Database, vault: Vault, supposed: Supposed, document: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """What the interface itself answers the supposed viewer; BadArgument with the first error of it."""
    engine = Engine(database, vault, audience, EXECUTOR, clock=lambda: supposed.at, rights=supposed.rights)
    answer = await engine.answer(supposed.viewer(), document, None, given, reading=True)
    body = orjson.loads(answer.body)
    for error in body.get("errors", ()):
        raise BadArgument(error["message"], zh=error["extensions"]["messageZh"])
    found: dict[str, Any] = body["data"]
    return found
