"""The registry of OpenID providers, and which of their users is which of the hub's."""

from __future__ import annotations

from typing import Any, Final

import asyncpg
import orjson
import structlog
from sqlalchemy import Connection, text

from hub.access.scopes import compact, still_offered
from hub.errors import BadArgument, NotFound
from hub.oauth.clients import ACTIVE, SUSPENDED
from hub.oauth.provider_rules import Provider, check_inside, check_provider
from hub.oauth.users import User
from hub.store.database import Database

log = structlog.get_logger(__name__)

LONGEST_SUBJECT: Final = 255
"""OpenID Connect Core 1.0, 2."""

_LISTS: Final = ("algorithms", "hosts", "asked_scopes", "acr_values")
_TABLES: Final = ("role_values", "division_values")
_PLAIN: Final = (
    "name",
    "title_zh",
    "title_en",
    "issuer",
    "registered_as",
    "division_code",
    "auth_method",
    "name_claim",
    "role_claim",
    "division_claim",
)
_ADDED: Final = (*_PLAIN, "client_secret", "scopes", *_LISTS, *_TABLES)
_VALUES: Final = ", ".join(f"${at}" for at in range(1, len(_ADDED) + 1))
# S608: of names of this file.
_ALL: Final = f"select {', '.join(_ADDED)}, status, xmin::text as version from oauth_provider"  # noqa: S608
_FIND: Final = f"{_ALL} where name = $1"
_LIST: Final = f"{_ALL} order by name"
_OFFERED: Final = f"{_ALL} where status = 'ACTIVE' order by name"
_ADD: Final = f"insert into oauth_provider ({', '.join(_ADDED)}) values ({_VALUES})"  # noqa: S608
_CHANGE: Final = f"""
    update oauth_provider set ({", ".join(_ADDED)}, status) = ({_VALUES}, 'ACTIVE')
    where name = $1 and issuer = $4 returning name
"""  # noqa: S608
_STATUS: Final = "update oauth_provider set status = $2 where name = $1 returning name"
_LINK: Final = "insert into user_identity (provider, subject, user_id, is_made) values ($1, $2, $3, false)"
_LINKED: Final = "select provider, is_made from user_identity where user_id = $1 order by provider, subject"
_UNLINK: Final = text(
    "delete from user_identity where user_id = :user and provider = :provider and not is_made"
    " returning user_id"
)
_LOCK: Final = text(
    "select xmin::text from oauth_provider where name = :provider and status = 'ACTIVE' for update"
)
_END: Final = """
    with sessions as (delete from user_session
            where provider = :provider and user_id = coalesce(:user, user_id) returning id),
        grants as (update oauth_grant set revoked_at = now() where provider = :provider
            and user_id = coalesce(:user, user_id) and revoked_at is null returning id)
    select (select count(*) from sessions), (select count(*) from grants)
"""
_REMOVE: Final = (
    "update hub_user set status = 'SUSPENDED' where id in"
    " (select user_id from user_identity where provider = :provider and is_made)",
    "delete from user_identity where provider = :provider",
    "delete from provider_visit where provider = :provider",
    "delete from oauth_provider where name = :provider",
)


async def find_provider(db: Database, name: str) -> Provider | None:
    rows = await db.fetch(_FIND, name)
    return _provider(rows[0]) if rows else None


async def named_provider(db: Database, name: str) -> Provider:
    """NotFound for no such provider."""
    provider = await find_provider(db, name)
    if provider is None:
        raise NotFound("No provider has this name.", zh="没有此标识的身份提供方")
    return provider


async def list_providers(db: Database) -> list[Provider]:
    return [_provider(row) for row in await db.fetch(_LIST)]


async def offered_providers(db: Database) -> list[Provider]:
    """Those that users may sign in at."""
    return [_provider(row) for row in await db.fetch(_OFFERED)]


async def register_provider(db: Database, given: Provider, *, replace: bool = False) -> None:
    """Add a provider; with ``replace`` put the registration in place of the one with its name and issuer.

    What came through the one before ends then: at the next sign-in, rights are those of the new one.
    BadArgument says what a registration needs, or that name or issuer are taken.
    """
    check_provider(given)
    try:
        rows = await db.fetch(_CHANGE, *_row(given)) if replace else []
        if rows:
            await end_all(db, given.name)
        else:
            await db.fetch(_ADD, *_row(given))
    except asyncpg.UniqueViolationError:
        raise BadArgument("A provider of this name, or of this issuer, is registered already.") from None
    except asyncpg.ForeignKeyViolationError:
        raise BadArgument("The hub knows no such division.") from None
    log.info("provider_registered", provider=given.name)


async def suspend_provider(db: Database, name: str) -> tuple[int, int]:
    """Nobody signs in there; sessions and grants that came through it end, at once and for good: how many."""
    await _set_status(db, name, SUSPENDED)
    ended = await end_all(db, name)
    log.info("provider_suspended", provider=name, sessions=ended[0], grants=ended[1])
    return ended


async def resume_provider(db: Database, name: str) -> None:
    await _set_status(db, name, ACTIVE)
    log.info("provider_resumed", provider=name)


async def remove_provider(db: Database, name: str) -> None:
    """Forget it, and who its users are there; those made at the first sign-in are locked."""
    await named_provider(db, name)
    async with db.engine.begin() as connection:
        await connection.execute(text(_END), {"provider": name, "user": None})
        for statement in _REMOVE:
            await connection.execute(text(statement), {"provider": name})
    log.info("provider_removed", provider=name)


async def link(db: Database, user: User, provider_name: str, subject: str) -> None:
    """Let who has this ``sub`` at the provider sign in as ``user``, with the user's own rights."""
    provider = await named_provider(db, provider_name)
    if not is_subject(subject):
        raise BadArgument(f"A subject is the provider's sub: 1 to {LONGEST_SUBJECT} ASCII characters.")
    check_inside(provider, user.division_code)
    try:
        await db.fetch(_LINK, provider_name, subject, user.id)
    except asyncpg.UniqueViolationError:
        raise BadArgument("This subject is linked to a user already.") from None
    log.info("user_linked", provider=provider_name, user_id=user.id)


async def unlink(db: Database, user: User, provider_name: str) -> None:
    """Undo ``link``: sessions and grants that came through it end. NotFound where nothing is linked."""
    async with db.engine.begin() as connection:
        if not await connection.run_sync(_unlink, provider_name, user.id):
            raise NotFound("The user is not linked to this provider.", zh="该用户未与此身份提供方关联")
    log.info("user_unlinked", provider=provider_name, user_id=user.id)


def _unlink(connection: Connection, name: str, user_id: int) -> bool:
    lock_provider(connection, name)
    gone = connection.execute(_UNLINK, {"provider": name, "user": user_id}).first()
    end_of(connection, name, user_id)
    return gone is not None


def lock_provider(connection: Connection, name: str) -> str | None:
    """The version of an active provider. Sign-ins there, and what ends them, come one after the other."""
    version: str | None = connection.execute(_LOCK, {"provider": name}).scalar_one_or_none()
    return version


async def linked_of(db: Database, user: User) -> list[tuple[str, bool]]:
    """Providers the user signs in at, and whether the first sign-in there made the user."""
    return [tuple(row) for row in await db.fetch(_LINKED, user.id)]


def is_subject(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_SUBJECT
        and value.isascii()
        and value.isprintable()
    )


async def end_all(db: Database, name: str, user_id: int | None = None) -> tuple[int, int]:
    """End the sessions and grants that came through a provider, of all or of one user; how many."""
    async with db.engine.begin() as connection:
        return await connection.run_sync(lambda here: end_of(here, name, user_id))


def end_of(connection: Connection, name: str, user_id: int | None) -> tuple[int, int]:
    sessions, grants = connection.execute(text(_END), {"provider": name, "user": user_id}).one()
    return sessions, grants


async def _set_status(db: Database, name: str, status: str) -> None:
    if not await db.fetch(_STATUS, name, status):
        raise NotFound("No provider has this name.", zh="没有此标识的身份提供方")


def _row(given: Provider) -> list[Any]:
    special = {
        "client_secret": given.secret,
        "scopes": compact(given.scopes).split(),
        **{name: orjson.dumps(dict(getattr(given, name))).decode() for name in _TABLES},
        **{name: list(getattr(given, name)) for name in _LISTS},
    }
    return [special[name] if name in special else getattr(given, name) for name in _ADDED]


def _provider(row: Any) -> Provider:
    held: dict[str, Any] = {
        **{name: row[name] for name in (*_PLAIN, "status", "version")},
        **{name: orjson.loads(row[name]) for name in _TABLES},
        **{name: tuple(row[name]) for name in _LISTS},
    }
    return Provider(**held, secret=row["client_secret"], scopes=still_offered(row["scopes"]))
