"""Who carries the database away carries no identity number, no key and no token with it."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import pytest_asyncio

from connectors import CONNECTORS
from connectors.emulators.rosters import publish
from connectors.emulators.world import build_world
from hub.personas import read_demo
from hub.store.binaries import find_binaries
from hub.store.database import Database
from hub.store.keys import load_vault
from hub.sync.registry import register_source
from hub.sync.run import run_source
from hub.tables import PARTITIONS, metadata
from tests.e2e.conftest import TODAY, Filled
from tests.e2e.running import settings_in
from tests.e2e.scenarios import SCENARIO_OF, harm
from tests.support.postgres import fresh_database, server

OF_THE_WORLD: Final = re.compile(rb"459999[0-9]{9}")
"""What whole numbers, those of 15 digits and those inside certificates begin with."""

HEX: Final = re.compile(rb"\\\\?x([0-9a-f]+)")


async def dump(database: Database) -> bytes:
    """Every row as plain text, by pg_dump, which comes with the embedded server."""
    dsn = (await server()).dsn(database.name)
    program = find_binaries(None, None).directory / "pg_dump"
    process = await asyncio.create_subprocess_exec(
        str(program), "--data-only", "--no-sync", "--dbname", dsn,
        stdout=asyncio.subprocess.PIPE, env={"PATH": os.defpath},
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out


def opened(text: bytes) -> Iterator[bytes]:
    """The dump, and what stands in its columns of bytes."""
    yield text
    for found in HEX.finditer(text):
        yield bytes.fromhex(found[1][: len(found[1]) // 2 * 2].decode())


def numbers_in(text: bytes) -> list[bytes]:
    return [found for part in opened(text) for found in OF_THE_WORLD.findall(part)]


@pytest_asyncio.fixture(scope="module")
async def told(filled: Filled) -> AsyncIterator[bytes]:
    """The dump of the filled hub, after tokens were issued and questions asked."""
    await filled.hub.ask("county-bureau-qixing", "{ beneficiaries { nodes { name idNumber } } }")
    yield await dump(filled.database)


async def test_the_dump_is_whole(filled: Filled, told: bytes) -> None:
    """Or the other tests would look into nothing."""
    for table in metadata.sorted_tables:
        parted = table.dialect_options["postgresql"]["partition_by"]
        assert f"COPY {f'{PARTITIONS}.slice_' if parted else f'public.{table.name} ('}".encode() in told
    assert {thing.fact.name.encode() for thing in filled.truth.people} <= set(re.split(rb"[\t\n]", told))


async def test_no_identity_number_is_readable(filled: Filled, told: bytes) -> None:
    """Not even its first fifteen characters, as text or as bytes."""
    known = {
        thing.fact.id_number.encode()
        for kind in ("Beneficiary", "Personnel")
        for thing in filled.truth.things[kind]
        if thing.fact.id_number
    }
    assert len(known) > 1_000
    assert all(map(OF_THE_WORLD.match, known))
    assert numbers_in(told) == []


async def test_no_key_and_no_token_is_in_it(filled: Filled, told: bytes) -> None:
    demo = read_demo(filled.hub.settings.data_dir)
    signing = orjson.loads((filled.hub.settings.data_dir / "keys" / "signing.jwks").read_bytes())
    secrets = [who["private_key_jwk"]["d"] for who in demo["personas"]]
    secrets += [key["d"] for key in signing["keys"]]
    secrets += [token.rpartition(".")[2] for _, token in filled.hub.tokens.values()]
    assert len(secrets) > len(demo["personas"]) + 1
    assert filled.hub.settings.field_key is not None
    secrets.append(filled.hub.settings.field_key.get_secret_value())
    for secret in secrets:
        assert secret.encode() not in told
    heads = await filled.hub.database.owner.fetch("select head from access_batch")
    # What is signed of the access log is told to whoever wants to check it.
    assert set(re.findall(rb"eyJ[\w.-]+", told)) <= {head.encode() for [head] in heads}
    assert b"PRIVATE KEY" not in told


async def test_refused_rows_are_sealed_too(tmp_path: Path) -> None:
    """Raw copies hold whole rows, numbers included: this folder has a dozen faults."""
    world = build_world(seed=1, people=600, today=TODAY)
    publish(world, tmp_path / "published")
    scenario = SCENARIO_OF["x23-two-names"]
    harmed = harm(scenario, tmp_path / "published", tmp_path / "harmed" / scenario.county)
    settings = settings_in(tmp_path)
    async with fresh_database() as database:
        await register_source(
            database, code="lists", name="名单", connector="roster", max_age_hours=1,
            division_code=f"{scenario.county}000000", location=str(harmed.folder),
        )  # fmt: skip
        report = await run_source(database, load_vault(settings), CONNECTORS, "lists", today=TODAY)
        text = await dump(database)
        rows = await database.owner.fetch("select raw from quarantined_row")
    assert report.quarantined == len(rows) >= 5
    vault = load_vault(settings)
    raw: list[dict[str, Any]] = [orjson.loads(vault.open(row["raw"])) for row in rows]
    assert sum(bool(OF_THE_WORLD.search(str(row).encode())) for row in raw) >= 3
    assert numbers_in(text) == []
