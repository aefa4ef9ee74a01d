"""The registry of OpenID providers, and which of their users is which of the hub's."""

from __future__ import annotations

from typing import Any, Final

import asyncpg
import orjson
import structlog
from sqlalchemy import BigInteger, Connection, bindparam, text
from sqlalchemy.exc import IntegrityError

from hub.access.scopes import compact, still_offered
from hub.errors import BadArgument, NotFound
from hub.oauth.clients import ACTIVE, SUSPENDED
from hub.oauth.provider_rules import Provider, check_inside, check_provider
from hub.oauth.users import User
from hub.store.database import Connection as Plain
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
_LINK: Final = text(
    "insert into user_identity (provider, subject, user_id, is_made)"
    " values (:provider, :subject, :user, false)"
)
_LINKED: Final = "select provider, is_made from user_identity where user_id = $1 order by provider, subject"
_UNLINK: Final = text(
    "delete from user_identity where user_id = :user and provider = :provider and not is_made"
    " returning user_id"
)
_REMEMBER: Final = text(
    "insert into former_identity (issuer, subject, user_id, is_made, is_locked)"
    " select p.issuer, i.subject, i.user_id, i.is_made, u.status <> 'ACTIVE' from user_identity i"
    " join oauth_provider p on p.name = i.provider join hub_user u on u.id = i.user_id"
    " where i.provider = :provider and i.user_id = coalesce(:user, i.user_id)"
    " and (:user is null or not i.is_made) for update of u on conflict (issuer, subject) do update"
    " set user_id = excluded.user_id, is_made = excluded.is_made, is_locked = excluded.is_locked"
    " where not former_identity.is_locked"
).bindparams(bindparam("user", type_=BigInteger))
_FORMER: Final = (
    "former_identity where issuer = (select issuer from oauth_provider where name = :provider)"
    " and subject = :subject"
)
# S608: of the line above.
_FORMER_USER: Final = text(f"select from hub_user where id = (select user_id from {_FORMER}) for update")  # noqa: S608
_FIND_FORMER: Final = text(f"select user_id, is_made, is_locked from {_FORMER}")  # noqa: S608
_LOCK: Final = text(
    "select xmin::text as version, status from oauth_provider where name = :provider for update"
)
_ENDING: Final = """
    with sessions as (delete from user_session
            where provider = {provider} and user_id = coalesce({user}, user_id) returning id),
        grants as (update oauth_grant set revoked_at = now() where provider = {provider}
            and user_id = coalesce({user}, user_id) and revoked_at is null returning id)
    select (select count(*) from sessions), (select count(*) from grants)
"""
_END: Final = text(_ENDING.format(provider=":provider", user=":user"))
_END_ALL: Final = _ENDING.format(provider="$1", user="null")
_REMOVE: Final = tuple(
    map(
        text,
        (
            "update hub_user set status = 'SUSPENDED' where id in"
            " (select user_id from user_identity where provider = :provider and is_made)",
            "delete from user_identity where provider = :provider",
            "delete from provider_visit where provider = :provider",
            "delete from oauth_provider where name = :provider",
        ),
    )
)


async def find_provider(db: Database, name: str) -> Provider | None:
    rows = await db.fetch(_FIND, name)
    return _provider(rows[0]) if rows else None


async def named_provider(db: Database, name: str) -> Provider:
    """NotFound for no such provider."""
    provider = await find_provider(db, name)
    if provider is None:
        raise _unknown()
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
        async with db.transaction() as connection:
            if replace and await connection.fetch(_CHANGE, *_row(given)):
                await _end_all(connection, given.name)
            else:
                await connection.execute(_ADD, *_row(given))
    except asyncpg.UniqueViolationError:
        raise BadArgument("A provider of this name, or of this issuer, is registered already.") from None
    except asyncpg.ForeignKeyViolationError:
        raise BadArgument("The hub knows no such division.") from None
    log.info("provider_registered", provider=given.name)


async def suspend_provider(db: Database, name: str) -> tuple[int, int]:
    """Nobody signs in there; sessions and grants that came through it end, at once and for good: how many."""
    async with db.transaction() as connection:
        await _set_status(connection, name, SUSPENDED)
        ended = await _end_all(connection, name)
    log.info("provider_suspended", provider=name, sessions=ended[0], grants=ended[1])
    return ended


async def resume_provider(db: Database, name: str) -> None:
    async with db.transaction() as connection:
        await _set_status(connection, name, ACTIVE)
    log.info("provider_resumed", provider=name)


async def remove_provider(db: Database, name: str) -> None:
    """Nobody is anybody there any more; those made at the first sign-in are locked with it.

    Who was what is kept by the issuer: where that is registered again, they come back as who they were, and
    who was locked by himself stays out.
    """
    async with db.engine.begin() as connection:
        await connection.run_sync(_remove, name)
    log.info("provider_removed", provider=name)


async def link(db: Database, user: User, provider_name: str, subject: str) -> None:
    """Let who has this ``sub`` at the provider sign in as ``user``, with the user's own rights."""
    provider = await named_provider(db, provider_name)
    if not is_subject(subject):
        raise BadArgument(f"A subject is the provider's sub: 1 to {LONGEST_SUBJECT} ASCII characters.")
    check_inside(provider, user.division_code)
    try:
        async with db.engine.begin() as connection:
            await connection.run_sync(_link, {"provider": provider_name, "subject": subject, "user": user.id})
    except IntegrityError:
        raise BadArgument("This subject is linked to a user already.") from None
    log.info("user_linked", provider=provider_name, user_id=user.id)


async def unlink(db: Database, user: User, provider_name: str) -> None:
    """Undo ``link``: sessions and grants that came through it end. NotFound where nothing is linked."""
    async with db.engine.begin() as connection:
        if not await connection.run_sync(_unlink, provider_name, user.id):
            raise NotFound("The user is not linked to this provider.", zh="该用户未与此身份提供方关联")
    log.info("user_unlinked", provider=provider_name, user_id=user.id)


def _remove(connection: Connection, name: str) -> None:
    if _locked(connection, name) is None:
        raise _unknown()
    given = {"provider": name, "user": None}
    connection.execute(_END, given)
    connection.execute(_REMEMBER, given)
    for statement in _REMOVE:
        connection.execute(statement, {"provider": name})


def _link(connection: Connection, who: dict[str, Any]) -> None:
    if _locked(connection, who["provider"]) is None:
        raise _unknown()
    former = former_of(connection, who)
    if former and former.is_locked and former.user_id != who["user"]:
        raise BadArgument(
            "The user of this subject is locked: `hub user unlock`, or link another.",
            zh="该主体标识的用户已被锁定",
        )
    connection.execute(_LINK, who)


def _unlink(connection: Connection, name: str, user_id: int) -> bool:
    _locked(connection, name)
    connection.execute(_REMEMBER, {"provider": name, "user": user_id})
    gone = connection.execute(_UNLINK, {"provider": name, "user": user_id}).first()
    end_of(connection, name, user_id)
    return gone is not None


def lock_provider(connection: Connection, name: str) -> str | None:
    """The version of an active provider. Sign-ins there, and what ends them, come one after the other."""
    found = _locked(connection, name)
    return found.version if found and found.status == ACTIVE else None


def _locked(connection: Connection, name: str) -> Any:
    """``version`` and ``status``, None for no such provider."""
    return connection.execute(_LOCK, {"provider": name}).one_or_none()


def former_of(connection: Connection, who: dict[str, Any]) -> Any:
    """``user_id``, ``is_made``, ``is_locked`` of who had this ``subject`` at the issuer of ``provider``.

    From here on nobody locks or unlocks that user.
    """
    connection.execute(_FORMER_USER, who)
    return connection.execute(_FIND_FORMER, who).one_or_none()


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


def end_of(connection: Connection, name: str, user_id: int) -> None:
    """End a user's sessions and grants that came through a provider."""
    connection.execute(_END, {"provider": name, "user": user_id})


async def _end_all(connection: Plain, name: str) -> tuple[int, int]:
    """Those of all; how many."""
    [ended] = await connection.fetch(_END_ALL, name)
    return ended[0], ended[1]


async def _set_status(connection: Plain, name: str, status: str) -> None:
    if not await connection.fetch(_STATUS, name, status):
        raise _unknown()


def _unknown() -> NotFound:
    return NotFound("No provider has this name.", zh="没有此标识的身份提供方")


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
