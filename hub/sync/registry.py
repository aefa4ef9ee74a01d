"""Which sources there are, and what opens them."""

from __future__ import annotations

import datetime as dt
from typing import Final
from urllib.parse import urlsplit

import orjson

from hub.errors import ConfigurationError, NotFound
from hub.store.database import Database
from hub.store.vault import Vault
from hub.tables.ledger import OWN

# From 22:00 until 06:00 is a window, too.
OPEN: Final = """
    (s.window_from is null or s.window_until is null or case when s.window_from <= s.window_until
        then $3::time >= s.window_from and $3::time < s.window_until
        else $3::time >= s.window_from or $3::time < s.window_until end)"""
"""Whether a source may be asked at the local time $3."""

SAID: Final = """
    select left(division_code, 6) as county, connector from source
    where code = $1 and last_success_at is not null"""


async def register_source(
    db: Database,
    *,
    code: str,
    name: str,
    connector: str,
    division_code: str,
    location: str,
    max_age_hours: int,
    most_lost_percent: int = 10,
    every_minutes: int | None = None,
    window: tuple[dt.time, dt.time] | None = None,
    correction_days: int | None = None,
) -> int:
    """The number of the source; its registration is brought up to date. ConfigurationError.

    One that has said something keeps its county and its connector: what it said stays there, and how far it
    was read only its connector knows.
    """
    if OWN in (code, connector):
        raise ConfigurationError(f"source {code}: {OWN} is what this hub states itself")
    if not (division_code.isascii() and division_code.isdigit() and len(division_code) == 12):
        raise ConfigurationError(f"source {code}: a division code of 12 digits is expected")
    if urlsplit(location).password is not None:
        raise ConfigurationError(
            f"source {code}: no password in the location; hub source secret keeps it sealed"
        )
    async with db.transaction() as connection:
        said = await connection.fetchrow(SAID, code)
        if said is not None and (said["county"], said["connector"]) != (division_code[:6], connector):
            raise ConfigurationError(
                f"source {code}: what it has said is of {said['county']}, read by {said['connector']};"
                " register another county or connector under another code"
            )
        number: int = await connection.fetchval(
            """
            insert into source (code, name, connector, division_code, location, max_age_hours,
                most_lost_percent, every_minutes, window_from, window_until, correction_days)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            on conflict (code) do update set name = excluded.name, connector = excluded.connector,
                division_code = excluded.division_code, location = excluded.location,
                max_age_hours = excluded.max_age_hours,
                most_lost_percent = excluded.most_lost_percent, every_minutes = excluded.every_minutes,
                window_from = excluded.window_from, window_until = excluded.window_until,
                correction_days = excluded.correction_days
            returning id""",
            code,
            name,
            connector,
            division_code,
            location,
            max_age_hours,
            most_lost_percent,
            every_minutes,
            *(window or (None, None)),
            correction_days,
        )
    return number


def opened(vault: Vault, secrets: bytes | None) -> dict[str, str]:
    """A source's secrets by name, of what stands sealed with it."""
    return dict(orjson.loads(vault.open(secrets))) if secrets else {}


async def keep_secret(db: Database, vault: Vault, code: str, name: str, value: str | None) -> None:
    """Seals ``value`` under ``name`` with the source's other secrets; None forgets it. NotFound."""
    async with db.transaction() as connection:
        row = await connection.fetchrow("select secrets from source where code = $1 for update", code)
        if row is None:
            raise NotFound(f"there is no source {code!r}")
        held = opened(vault, row["secrets"])
        held = {**held, name: value} if value is not None else {k: v for k, v in held.items() if k != name}
        sealed = vault.seal(orjson.dumps(held).decode()) if held else None
        await connection.execute("update source set secrets = $2 where code = $1", code, sealed)
