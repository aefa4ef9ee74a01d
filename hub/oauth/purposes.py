"""The registry of purposes, and which client may state which.

A purpose is never changed, which the database sees to: it is ended, and another takes its place. So the
access log, which keeps its code, always tells what it meant. All that is done here reaches tokens that are
out within two seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from sqlalchemy import BigInteger, Text, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access.limits import Allowance
from hub.access.purposes import CODE
from hub.access.scopes import FIELDS
from hub.domain.vocabulary import LegalBasis
from hub.errors import BadArgument, NotFound
from hub.oauth.clients import change_client
from hub.store.database import Database
from hub.store.roles import ROLES
from hub.tables import client_purpose as grants
from hub.tables import oauth_client
from hub.tables import purpose as purposes

CITED: Final = (LegalBasis.STATUTORY_DUTY, LegalBasis.OTHER_LAW)
"""Bases that are empty without the article of another law."""
MOST_UNITS: Final = 2_000_000_000
NONE: Final = "No purpose has this code; `hub purpose list` prints those there are."

_BUDGETS: Final = text(
    "update client_purpose g set cost_per_minute = n.units, questions_per_minute = q.minute,"
    " questions_per_day = q.day from client_purpose o"
    " left join unnest(:codes, :units) as n (code, units) on n.code = o.purpose"
    " left join unnest(:asked, :minutes, :days) as q (code, minute, day) on q.code = o.purpose"
    " where o.client_id = :client and g.client_id = o.client_id and g.purpose = o.purpose returning g.purpose"
).bindparams(
    *(bindparam(name, type_=ARRAY(Text)) for name in ("codes", "asked")),
    *(bindparam(name, type_=ARRAY(BigInteger)) for name in ("units", "minutes", "days")),
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A row of ``purpose``. ``legal_basis`` of None: from before the registry."""

    code: str
    label_zh: str
    label_en: str
    legal_basis: LegalBasis | None
    citation: str | None
    roles: tuple[str, ...]
    opens: tuple[str, ...] = ()
    valid_from: dt.datetime | None = None
    valid_until: dt.datetime | None = None


async def add_purpose(db: Database, purpose: Registered) -> None:
    """BadArgument says what a purpose needs, or that its code was used before."""
    _check(purpose)
    values = {name: value for name, value in asdict(purpose).items() if value is not None}
    if purpose.legal_basis is not None:
        values["legal_basis"] = purpose.legal_basis.name
    try:
        async with db.engine.begin() as connection:
            await connection.execute(insert(purposes).values(**values))
    except IntegrityError:
        raise BadArgument("A purpose of this code is registered; each has a code of its own.") from None


def _check(purpose: Registered) -> None:
    if not CODE.fullmatch(purpose.code):
        raise BadArgument("A purpose is 1 to 40 small letters, digits and -, a letter first.")
    if not purpose.label_zh.strip() or not purpose.label_en.strip():
        raise BadArgument("A purpose has a Chinese and an English label.")
    if purpose.legal_basis is None:
        raise BadArgument(f"A legal basis is one of: {', '.join(LegalBasis.__members__)} (PIPL 13).")
    if purpose.legal_basis in CITED and not (purpose.citation or "").strip():
        raise BadArgument("A statutory duty or another law is cited with its article.")
    if not purpose.roles or not set(purpose.roles) <= set(ROLES):
        raise BadArgument(f"A purpose is for roles, of: {', '.join(ROLES)}.")
    if not set(purpose.opens) <= set(FIELDS):
        raise BadArgument(f"What a purpose opens is of: {', '.join(f'field:{group}' for group in FIELDS)}.")
    if purpose.valid_until and purpose.valid_until <= _first_moment(purpose):
        raise BadArgument("A purpose ends after it begins, and not in the past.")


def _first_moment(purpose: Registered) -> dt.datetime:
    """From which it can be stated, of those to come."""
    now = dt.datetime.now(dt.UTC)
    return max(now, purpose.valid_from or now)


async def find_purposes(db: Database, code: str | None = None) -> list[Registered]:
    """All, or the one of this code, by code."""
    statement = select(purposes).order_by(purposes.c.code)
    if code is not None:
        statement = statement.where(purposes.c.code == code)
    async with db.engine.connect() as connection:
        return [_registered(row) for row in (await connection.execute(statement)).mappings()]


def _registered(row: Mapping[Any, Any]) -> Registered:
    held = {field.name: row[field.name] for field in fields(Registered)}
    basis = held["legal_basis"] and LegalBasis[held["legal_basis"]]
    lists = {name: tuple(held[name]) for name in ("roles", "opens")}
    return Registered(**{**held, **lists, "legal_basis": basis})


async def holders_of(db: Database, code: str) -> list[tuple[str, dt.datetime | None]]:
    """Clients that were granted it, and until when."""
    statement = select(grants.c.client_id, grants.c.valid_until).where(grants.c.purpose == code)
    async with db.engine.connect() as connection:
        found = await connection.execute(statement.order_by(grants.c.client_id))
        return [(row.client_id, row.valid_until) for row in found]


async def end_purpose(db: Database, code: str, at: dt.datetime | None = None) -> None:
    """For everybody who states it: at once, or ``at`` a time, which may be moved forward and not back.

    NotFound for no such purpose, BadArgument for a later end than it has, and for one in the past.
    """
    if at is not None and at <= dt.datetime.now(dt.UTC):
        raise BadArgument("That day has begun: a purpose ends now, or on a day to come.")
    end = func.greatest(purposes.c.valid_from, func.now() if at is None else at)
    async with db.engine.begin() as connection:
        await _lock(connection, code)
        held = func.coalesce(purposes.c.valid_until, text("'infinity'"))
        ending = update(purposes).where(purposes.c.code == code, held >= end).values(valid_until=end)
        if (await connection.execute(ending)).rowcount == 0:
            raise BadArgument("The purpose has ended, or ends before that; an end is never moved back.")


async def _lock(connection: AsyncConnection, code: str) -> Mapping[Any, Any]:
    found = await connection.execute(select(purposes).where(purposes.c.code == code).with_for_update())
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound(NONE)
    return row


async def grantable(db: Database, code: str, role: str) -> None:
    """NotFound for no such purpose, BadArgument where it has ended or is not for the role."""
    found = await find_purposes(db, code)
    if not found:
        raise NotFound(NONE)
    _check_grant(found[0], role)


def _check_grant(purpose: Registered, role: str, until: dt.datetime | None = None) -> None:
    """A grant is one of which there can be a request."""
    if role not in purpose.roles:
        raise BadArgument(f"This purpose is for: {', '.join(purpose.roles)}.")
    first = _first_moment(purpose)
    if purpose.valid_until and purpose.valid_until <= first:
        raise BadArgument("This purpose has ended: register another, and grant that.")
    if until and until <= first:
        raise BadArgument("A grant ends after its purpose begins, and not in the past.")


async def grant_purpose(
    db: Database, code: str, client_id: str, *, until: dt.datetime | None = None, usual: bool | None = None
) -> None:
    """Let the client state it, ``until`` a time, or until it is withdrawn; a grant there is gets this end.

    ``usual``: whether requests that state none are for it; None leaves that, and makes the first one it is
    granted the usual one. NotFound for no such purpose or client; BadArgument where it is not for its role,
    or the grant would be good at no moment to come.
    """
    async with db.engine.begin() as connection:
        # Whoever else grants this client something waits: one grant at most is the usual one.
        of_client = select(oauth_client.c.role).where(oauth_client.c.client_id == client_id)
        role = await connection.scalar(of_client.with_for_update(key_share=True))
        if role is None:
            raise NotFound("No client has this name.")
        _check_grant(_registered(await _lock(connection, code)), role, until)
        own = grants.c.client_id == client_id
        if usual is None:
            before = await connection.scalar(select(func.count()).where(own))
            usual = None if before else True
        if usual:
            await connection.execute(update(grants).where(own).values(is_default=False))
        values = {"valid_until": until, **({} if usual is None else {"is_default": usual})}
        adding = upsert(grants).values(client_id=client_id, purpose=code, **values)
        await connection.execute(
            adding.on_conflict_do_update(index_elements=["client_id", "purpose"], set_=values)
        )


async def withdraw_purpose(db: Database, code: str, client_id: str) -> None:
    """The grant ends at once. NotFound where there is none."""
    statement = (
        update(grants)
        .where(grants.c.client_id == client_id, grants.c.purpose == code)
        .values(valid_until=func.least(grants.c.valid_until, func.now()))
    )
    async with db.engine.begin() as connection:
        if (await connection.execute(statement)).rowcount == 0:
            raise NotFound("The client was never granted this purpose.")


async def need_purpose(db: Database, client_id: str, needed: bool) -> None:
    """Whether every request of the client must have a purpose. NotFound for no such client."""
    async with db.engine.begin() as connection:
        await change_client(connection, client_id, purpose_needed=needed)


async def allow_client(
    db: Database,
    client_id: str,
    own: Allowance,
    units: Mapping[str, int] | None = None,
    questions: Mapping[str, tuple[int, int]] | None = None,
) -> None:
    """Give the client limits of its own, in place of those it had.

    ``units``: of a minute, by purpose; ``questions``: of a minute and a day; one that is not named spends the
    client's own.
    BadArgument for a number that is none or a purpose that is not granted, NotFound for no such client.
    """
    given, asked = units or {}, questions or {}
    counts = (count for both in asked.values() for count in both)
    numbers: Sequence[int | None] = (*asdict(own).values(), *given.values(), *counts)
    if any(number is not None and not 1 <= number <= MOST_UNITS for number in numbers):
        raise BadArgument(f"A limit is a number from 1 to {MOST_UNITS}.")
    values = {
        "client": client_id,
        "codes": list(given),
        "units": list(given.values()),
        "asked": list(asked),
        "minutes": [minute for minute, _ in asked.values()],
        "days": [day for _, day in asked.values()],
    }
    async with db.engine.begin() as connection:
        await change_client(connection, client_id, **asdict(own))
        granted = set((await connection.execute(_BUDGETS, values)).scalars())
        if not given.keys() | asked.keys() <= granted:
            raise BadArgument("A budget is of a purpose that the client is granted (hub purpose grant).")
