"""Commands about sources: what is wrong is refused in words, before anything is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from hub import cli
from hub.errors import ConfigurationError
from hub.store.database import Database
from tests.store import sync_source as source
from tests.store.sync_source import County, batch, dibao
from tests.support.postgres import FIELD_KEY, fresh_database, server


@pytest.fixture(scope="module")
async def db() -> AsyncIterator[Database]:
    async with fresh_database(source.tables) as database:
        yield database


async def test_a_source_that_has_said_something_keeps_county_and_connector(db: Database) -> None:
    """Else its rows would be people of one county under the keys of another."""
    county = County(db)
    await county.register("450304000000")
    await county.register()
    await county.sync(batch("dibao", [dibao(1)]))
    with pytest.raises(ConfigurationError, match="450305"):
        await county.register("350582000000")
    await db.owner.execute("update source set connector = 'roster'")
    with pytest.raises(ConfigurationError, match="roster"):
        await county.register()


async def test_nobody_registers_the_hub_itself(db: Database) -> None:
    with pytest.raises(ConfigurationError, match="hub"):
        await County(db, "hub").register()


SAID: Final = {
    ("quarantine", "list", "nobody"): "there is no source 'nobody'",
    ("source", "add", "x", "--name", "n", "--connector", "roster", "--division", "450305999999",
     "--location", "/x"): "no county 450305999999",
    ("source", "add", "x", "--name", "n", "--connector", "roster", "--division", "450305000000",
     "--location", "/x", "--window", "10:00-10:00"): "never be asked",
    ("source", "add", "x", "--name", "n", "--connector", "roster", "--division", "450305000000",
     "--location", "/x", "--max-age-hours", "-5"): "--max-age-hours",
    ("replay", "roster-450305", "--run", "99999999999999999999"): "--run",
    ("replay", "roster-450305", "--from", "0001-01-01"): "from 1900 on",
    ("precedence", "remove", "99999999999999999999"): "NUMBER",
    ("precedence", "set", "beneficiary.phone", "--division", "999999", "--list", "dibao", "--rank", "1",
     "--reason", "x"): "no division 999999",
    ("precedence", "set", "beneficiary.phone", "--division", "450305", "--list", "dibaoo", "--rank", "1",
     "--reason", "x"): "there are: ",
    ("precedence", "set", "beneficiary.phone", "--division", "450305", "--connector", "rooster", "--rank",
     "1", "--reason", "x"): "there are: ",
}  # fmt: skip


@pytest.mark.parametrize("words", SAID)
async def test_what_is_wrong_is_said_and_nothing_is_written(
    db: Database, tmp_path: Path, words: tuple[str, ...]
) -> None:
    dsn = (await server()).dsn(db.name)
    environment = {"HUB_DATABASE_URL": dsn, "HUB_FIELD_KEY": FIELD_KEY, "HUB_DATA_DIR": str(tmp_path)}
    told = await asyncio.to_thread(CliRunner().invoke, cli.main, words, env=environment)
    assert told.exit_code in (1, 2)
    assert SAID[words] in told.output
    assert await db.owner.fetchval("select count(*) from source where code = 'x'") == 0
    assert await db.owner.fetchval("select count(*) from precedence_rule") == 0
