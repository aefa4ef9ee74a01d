"""The registry of webhooks: which client is told of what, and where."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import asyncpg
import orjson
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from hub.access.viewer import Capability
from hub.delivery.places import written
from hub.delivery.posting import Networks
from hub.delivery.signing import new_secret
from hub.errors import BadArgument, NotFound
from hub.oauth.acting import acting_for
from hub.oauth.clients import find_client
from hub.read import changes
from hub.read import plan as p
from hub.read.changes import PAGE
from hub.read.positions import Position, Snapshot
from hub.store.database import Database
from hub.store.vault import Vault

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)
MOST: Final = 20
"""Webhooks of a client."""
MOST_URL: Final = 2_000
THIN: Final = frozenset({"operation", "id", "position", "__typename"})

Schemas: TypeAlias = Callable[[Capability], GraphQLSchema]

_COUNT: Final = "select count(*) from webhook where client_id = $1"
_ADD: Final = """
    insert into webhook (client_id, name, url, document, variables, purpose, is_full, is_skipping, max_events,
        secret)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id"""
_PLACE: Final = "insert into webhook_place (webhook_id, place, cluster) values ($1, $2, $3)"
_OF: Final = "(select id from webhook where client_id = $1 and name = $2)"
_REMOVE: Final = "delete from webhook where client_id = $1 and name = $2 returning id"
_ROTATE: Final = """
    update webhook set former_secret = case when $4 > 0 then secret end, secret = $3,
        former_until = case when $4 > 0 then now() + $4 * interval '1 hour' end
    where client_id = $1 and name = $2 returning id"""
_PAUSE: Final = f"""
    update webhook_place set stopped_at = coalesce(stopped_at, now()), reason = 'PAUSED', lease = null,
        lease_until = null
    where webhook_id = {_OF} returning webhook_id"""
_RESUME: Final = f"""
    update webhook_place set stopped_at = null, reason = null, failure_count = 0, due_at = now(),
        looked_at = null
    where webhook_id = {_OF} returning webhook_id"""
_SETTLE: Final = "update webhook_letter set settled_at = now() where webhook_id = $1 and settled_at is null"
_BACK: Final = f"""
    update webhook_place set place = $3, told_at = $4, round = round + 1, stopped_at = null, reason = null,
        failure_count = 0, kind = null, ending = null, due_at = now(), looked_at = null, lease = null,
        lease_until = null
    where webhook_id = {_OF} returning webhook_id"""
_LETTER: Final = f"""
    select place, made_at from webhook_letter where settled_at is null and webhook_id = {_OF}
    order by id limit 1"""
_SINCE: Final = """
    select coalesce((select min(xact) from change where changed_at >= $1),
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"""
_LIST: Final = """
    select w.client_id, w.name, w.url, w.is_full, w.is_skipping, w.max_events, p.reason,
        p.stopped_at, p.failure_count, p.delivered_count, p.told_at, p.due_at,
        (select count(*) from webhook_letter l where l.webhook_id = w.id and l.settled_at is null) as letters
    from webhook w join webhook_place p on p.webhook_id = w.id
    where $1::text is null or w.client_id = $1 order by w.client_id, w.name"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``document``: text of a subscription of one field. ``is_full``: records may be sent,
    and not only which changed. ``is_skipping``: what was given up is skipped; else the webhook stops there.
    """

    client_id: str
    name: str
    url: str
    document: str
    variables: Mapping[str, Any]
    purpose: str | None = None
    is_full: bool = False
    is_skipping: bool = False
    max_events: int = 100


async def add(database: Database, vault: Vault, networks: Networks, schemas: Schemas, wanted: Wanted) -> str:
    """The secret, which is told this once. It is told of what changes from now on.

    ``schemas``: what each audience may ask. BadArgument, NotFound, or what a request of the client is
    refused with.
    """
    _check(wanted, networks)
    if await find_client(database, wanted.client_id) is None:
        raise NotFound("There is no client of this id: see hub client list.", zh="没有此客户端")
    viewer = await acting_for(database, wanted.client_id, wanted.purpose)
    check_document(schemas(viewer.capability), wanted.document, full=wanted.is_full)
    [(count,)] = await database.fetch(_COUNT, wanted.client_id)
    if count >= MOST:
        raise BadArgument(f"A client has {MOST} webhooks at most.")
    secret, cluster = new_secret(), await changes.cluster_of(database)
    variables = vault.seal(orjson.dumps(wanted.variables).decode())
    try:
        async with database.transaction() as connection:
            place = Position(Snapshot.of(await connection.fetchval(changes.NOW)))
            id_ = await connection.fetchval(
                _ADD, wanted.client_id, wanted.name, wanted.url, vault.seal(wanted.document), variables,
                wanted.purpose, wanted.is_full, wanted.is_skipping, wanted.max_events, vault.seal(secret),
            )  # fmt: skip
            await connection.execute(_PLACE, id_, written(place), cluster)
    except asyncpg.UniqueViolationError:
        raise BadArgument("The client has a webhook of this name already.") from None
    return secret


def _check(wanted: Wanted, networks: Networks) -> None:
    if not NAME.fullmatch(wanted.name):
        raise BadArgument("A webhook's name is 1 to 64 letters, digits, _ and -, a letter first.")
    if len(wanted.url) > MOST_URL:
        raise BadArgument(f"An address has {MOST_URL} characters at most.")
    if not 1 <= wanted.max_events <= PAGE:
        raise BadArgument(f"A message has 1 to {PAGE} events.")
    networks.check(wanted.url)


def check_document(schema: GraphQLSchema, source: str, *, full: bool) -> None:
    """BadArgument for what is no subscription of this audience, or asks for records and must not.

    Each message looks again.
    """
    try:
        parsed = parse(source)
    except GraphQLError:
        raise BadArgument("The document is not GraphQL.") from None
    found = [each for each in parsed.definitions if isinstance(each, OperationDefinitionNode)]
    if len(found) != 1 or found[0].operation is not OperationType.SUBSCRIPTION:
        raise BadArgument("The document of a webhook is one subscription.")
    errors = validate(schema, parsed, max_errors=1, hide_suggestions=True)
    if errors:
        raise BadArgument(f"The client may not subscribe so: {errors[0].message}")
    selected = [
        field
        for root in found[0].selection_set.selections
        for field in (getattr(root, "selection_set", None) or found[0].selection_set).selections
    ]
    if not full and not all(isinstance(f, FieldNode) and f.name.value in THIN for f in selected):
        raise BadArgument(
            "The document asks for records: register the webhook with --full,"
            " or let it ask for operation, id and position only."
        )


def is_thin(node: p.Changes) -> bool:
    """Whether events tell which records have changed, and nothing of what they hold."""
    return not any(isinstance(each, p.ChangedRow) for _, each in node.fields)


async def listed(database: Database, client_id: str | None = None) -> Sequence[Mapping[str, Any]]:
    return [dict(row) for row in await database.fetch(_LIST, client_id)]


async def remove(database: Database, client_id: str, name: str) -> None:
    await _one(database, _REMOVE, client_id, name)


async def rotate(database: Database, vault: Vault, client_id: str, name: str, overlap_hours: float) -> str:
    """A new secret; the former signs too for so long."""
    secret = new_secret()
    await _one(database, _ROTATE, client_id, name, vault.seal(secret), overlap_hours)
    return secret


async def pause(database: Database, client_id: str, name: str) -> None:
    """What changes meanwhile is told once it is resumed, while the sequence is kept."""
    await _one(database, _PAUSE, client_id, name)


async def resume(database: Database, client_id: str, name: str) -> None:
    """It goes on where it stopped, with the very message that could not be delivered."""
    id_ = await _one(database, _RESUME, client_id, name)
    await database.fetch(_SETTLE, id_)


async def replay(database: Database, client_id: str, name: str, since: dt.datetime, days: int) -> None:
    """All that changed since then is told again, as it is now. BadArgument for a time too long ago."""
    now = dt.datetime.now(dt.UTC)
    if not now - dt.timedelta(days=days) <= since <= now:
        raise BadArgument(f"The hub keeps changes for {days} days (HUB_CHANGE_DAYS).")
    [(first,)] = await database.fetch(_SINCE, since)
    place = Position(Snapshot(first, first, ()))
    await database.fetch(_SETTLE, await _one(database, _BACK, client_id, name, written(place), since))


async def retry(database: Database, client_id: str, name: str) -> None:
    """From the first message on that was given up. NotFound where none was."""
    rows = await database.fetch(_LETTER, client_id, name)
    if not rows:
        raise NotFound("No message of this webhook was given up.")
    id_ = await _one(database, _BACK, client_id, name, rows[0]["place"], rows[0]["made_at"])
    await database.fetch(_SETTLE, id_)


async def _one(database: Database, text: str, client_id: str, name: str, *given: Any) -> int:
    rows = await database.fetch(text, client_id, name, *given)
    if not rows:
        raise NotFound("The client has no webhook of this name.", zh="该客户端没有此名称的推送端点")
    return int(rows[0][0])
