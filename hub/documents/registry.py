"""The registry of trusted documents: what is in it, what comes in, what goes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import and_, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access.documents import ANSWERED, NOW, SHA256
from hub.access.purposes import opened_by
from hub.access.viewer import Capability, make_viewer
from hub.documents.check import check
from hub.documents.files import Offered
from hub.errors import BadArgument, NotFound
from hub.oauth.clients import CLIENT_ROW, STORED, Client, to_client
from hub.store.database import Database
from hub.tables import oauth_client
from hub.tables import trusted_document as held

MOST: Final = 1_000
"""Documents of one client."""
KEPT_DAYS: Final = 90
"""Days a text that was replaced may be answered for; a page in somebody's browser is not older."""

Kind = Literal["added", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class Pushed:
    """``before``: the id of the text it replaced."""

    kind: Kind
    name: str
    id: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """A document that is answered, and the audience it must fit."""

    client_id: str
    capability: Capability
    name: str
    source: str


async def push(
    database: Database, client_id: str, offered: Sequence[Offered], keep_days: int = 0
) -> list[Pushed]:
    """All of them, or none: BadArgument says what is wrong, NotFound that there is no such client.

    A document is checked against the schema of what the client is granted, and by the engine's limits.
    A text that is replaced is still answered by its id for ``keep_days``. The same again changes nothing.
    """
    if not 0 <= keep_days <= KEPT_DAYS:
        raise BadArgument(f"A text that is replaced is kept for 0 to {KEPT_DAYS} days.")
    async with database.engine.begin() as connection:
        client = await _locked(connection, client_id)
        descriptions = check(capability_of(client), list(offered))
        current = await _current(connection, client_id)
        _check_ids(current, offered)
        return [
            await _put(connection, client_id, current.get(one.name), one, description, keep_days)
            for one, description in zip(offered, descriptions, strict=True)
        ]


async def remove(database: Database, client_id: str, names: Iterable[str]) -> None:
    """All of them, or none: NotFound where one is not there. They are not answered within two seconds."""
    wanted = set(names)
    async with database.engine.begin() as connection:
        await _locked(connection, client_id)
        if not wanted <= (await _current(connection, client_id)).keys():
            raise NotFound("The client has no document of this name; nothing was removed.")
        await connection.execute(
            update(held)
            .where(held.c.client_id == client_id, held.c.name.in_(wanted), text(ANSWERED))
            .values(ended_at=func.now())
        )


async def history(database: Database, client_id: str | None, everything: bool) -> list[dict[str, Any]]:
    """Rows of the registry by client, name and age; ``everything``: also what is answered no more."""
    statement = select(held).order_by(held.c.client_id, held.c.name, held.c.id)
    if client_id is not None:
        statement = statement.where(held.c.client_id == client_id)
    if not everything:
        statement = statement.where(text(ANSWERED))
    async with database.engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def registered(database: Database) -> list[Registered]:
    """Every document that is answered to anybody, by client and name."""
    statement = (
        select(*STORED, held.c.name.label("document"), held.c.source)
        .join(held, and_(held.c.client_id == oauth_client.c.client_id, text(ANSWERED)))
        .order_by(held.c.client_id, held.c.name, held.c.id)
    )
    async with database.engine.connect() as connection:
        rows = (await connection.execute(statement)).mappings().all()
    return [
        Registered(row["client_id"], capability_of(to_client(row)), row["document"], row["source"])
        for row in rows
    ]


def capability_of(client: Client) -> Capability:
    """Of all that the client is granted, for one purpose or another."""
    opened = opened_by(client.granted(client.role).live)
    return make_viewer(client.client_id, client.role, client.scopes, opened=opened).capability


async def _locked(connection: AsyncConnection, client_id: str) -> Client:
    """The client; whoever else pushes for it waits."""
    found = await connection.execute(CLIENT_ROW.with_for_update(key_share=True), {"name": client_id})
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound("No client has this name.")
    return to_client(row)


async def _current(connection: AsyncConnection, client_id: str) -> Mapping[str, Any]:
    """What each name means."""
    found = await connection.execute(select(held).where(held.c.client_id == client_id, text(NOW)))
    return {row["name"]: row for row in found.mappings()}


def _check_ids(current: Mapping[str, Any], offered: Sequence[Offered]) -> None:
    """BadArgument where an id would mean two documents, or there would be too many."""
    aliases = {name: row["alias"] for name, row in current.items()} | {o.name: o.alias for o in offered}
    if len(aliases) > MOST:
        raise BadArgument(f"A client has {MOST} documents at most.")
    ids = [*aliases, *(alias for name, alias in aliases.items() if alias not in (None, name))]
    if len(set(ids)) < len(ids):
        raise BadArgument("An id in a manifest is also that of another document, or its name.")


async def _put(
    connection: AsyncConnection,
    client_id: str,
    before: Mapping[str, Any] | None,
    offered: Offered,
    description: str | None,
    keep_days: int,
) -> Pushed:
    values = {"sha256": offered.sha256, "alias": offered.alias, "description": description}
    id_ = SHA256 + offered.sha256
    if before is None:
        kind: Kind = "added"
    elif before["sha256"] == offered.sha256:
        if any(before[name] != value for name, value in values.items()):
            await connection.execute(update(held).where(held.c.id == before["id"]).values(values))
        return Pushed("unchanged", offered.name, id_)
    else:
        kind = "replaced"
        end = func.now() + dt.timedelta(days=keep_days)
        await connection.execute(update(held).where(held.c.id == before["id"]).values(ended_at=end))
    await connection.execute(
        insert(held).values(client_id=client_id, name=offered.name, source=offered.source, **values)
    )
    return Pushed(kind, offered.name, id_, None if before is None else SHA256 + before["sha256"])
