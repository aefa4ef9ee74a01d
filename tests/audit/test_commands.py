"""``hub audit`` and the doctor over a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from click.testing import CliRunner, Result

from hub.cli import main
from hub.doctor import _access_log
from hub.errors import HubError
from hub.settings import Settings
from tests.support.postgres import FIELD_KEY, server
from tests.support.reading import AGENCY, BUREAU, World, small_world

DSN: dict[str, str] = {}


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        DSN["url"] = (await server()).dsn(made.database.name)
        yield made


async def hub(tmp_path: Path, *words: str, at: str = "http://127.0.0.1:8000") -> Result:
    environment = {
        "HUB_DATABASE_URL": DSN["url"],
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_DATA_DIR": str(tmp_path),
        "HUB_BASE_URL": at,
    }
    return await asyncio.to_thread(CliRunner().invoke, main, ["audit", *words], env=environment)


async def asked(world: World) -> None:
    await world.ask(BUREAU, "query Some { beneficiaries(first: 2) { nodes { name } totalCount } }")
    await world.ask(
        AGENCY, '{ beneficiaryStatus(idNumber: "459999195003070019", programme: DIBAO) { entitled } }'
    )


async def test_the_log_is_exported_verified_and_shown(world: World, tmp_path: Path) -> None:
    empty = await hub(tmp_path, "head")
    assert "The access log is empty" in empty.output
    await asked(world)
    head = await hub(tmp_path, "head")
    (tmp_path / "heads").write_text(head.output)
    file = str(tmp_path / "log.jsonl")
    assert (await hub(tmp_path, "export", file)).exit_code == 0
    for words in (("verify",), ("verify", file), ("verify", "--head", str(tmp_path / "heads"), file)):
        said = await hub(tmp_path, *words)
        assert said.output == "1 batches; 2 entries are as they were sealed.\n", words
    shown = (await hub(tmp_path, "show")).output
    assert "test as bureau: Some (beneficiary)" in shown
    assert ": name\n" in shown
    assert "BeneficiaryConnection.totalCount" in shown
    assert "asked about 1 number(s)" in shown
    assert (await hub(tmp_path, "show", "--client", "nobody")).output == ""
    assert (await hub(tmp_path, "prune")).output == "0 entries deleted.\n"


async def test_what_was_changed_is_said_with_its_code(world: World, tmp_path: Path) -> None:
    await asked(world)
    await hub(tmp_path, "head")
    await world.database.owner.execute(
        "alter table access_entry disable trigger user; update access_entry set purpose = 'none'"
    )
    said = await hub(tmp_path, "verify")
    assert said.exit_code == 1
    assert "batch 1: an entry was changed [AUDIT_CHAIN_BROKEN]" in said.output
    keys = tmp_path / "wrong.json"
    keys.write_text("{}")
    assert "expected a JWK Set" in (await hub(tmp_path, "verify", "--keys", str(keys))).output


async def test_the_doctor_says_when_the_log_is_behind_or_broken(world: World, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, field_key=FIELD_KEY)
    await asked(world)
    assert "2 not sealed yet" in await _access_log(settings, world.database)
    owner: Any = world.database.owner
    await owner.execute(
        "alter table access_entry disable trigger user; update access_entry set at = at - interval '1 hour'"
    )
    assert "2 entries wait to be sealed" in await wrong(settings, world)
    await hub(tmp_path, "head")
    assert "the last 2 entries" in await _access_log(settings, world.database)
    await owner.execute("delete from access_entry where sequence = 1")
    assert "missing" in await wrong(settings, world)


async def test_another_address_seals_nothing_and_a_move_is_said(world: World, tmp_path: Path) -> None:
    here, there = "http://127.0.0.1:8000", "http://127.0.0.1:8140"
    await asked(world)
    file = str(tmp_path / "kept.jsonl")
    assert (await hub(tmp_path, "export", file)).exit_code == 0
    await asked(world)
    for words in (("head",), ("export", str(tmp_path / "log.jsonl")), ("verify",)):
        said = await hub(tmp_path, *words, at=there)
        assert (said.exit_code, "[AUDIT_OTHER_ADDRESS]" in said.output) == (1, True), words
        assert f"sealed for {here}, and HUB_BASE_URL is {there}" in said.output
        assert f"hub audit head --moved-from {here}" in said.output
    said = await hub(tmp_path, "verify", file, at=there)
    assert (said.exit_code, "[AUDIT_OTHER_ADDRESS]" in said.output) == (1, True)
    assert f"of the log of {here}, and HUB_BASE_URL is {there}" in said.output
    assert "moved-from" not in said.output
    elsewhere = Settings(data_dir=tmp_path, field_key=FIELD_KEY, base_url=there)
    assert "The access log is sealed for" in await wrong(elsewhere, world)
    assert (await hub(tmp_path, "verify")).output.startswith("1 batches")

    assert (await hub(tmp_path, "head", "--moved-from", here + "/", at=there)).exit_code == 0
    assert "the last 4 entries" in await _access_log(elsewhere, world.database)
    said = await hub(tmp_path, "verify", at=there)
    assert (
        said.output == "2 batches; 4 entries are as they were sealed.\n"
    )  # the one head of before was signed again
    await world.database.owner.execute(
        "alter table access_entry disable trigger user; delete from access_entry where sequence <= 2;"
        " update access_batch set pruned_at = now(), people = '{}', asked = '{}' where number = 1"
    )
    said = await hub(tmp_path, "verify", at=there)
    assert "only 0 days ago and entries are kept for 1095 [AUDIT_CHAIN_BROKEN]" in said.output
    said = await hub(tmp_path, "verify", "--least-days", "0", at=there)
    assert "the entries of 1 deleted by age, the newest sealed 0 days ago; 2 entries" in said.output


async def wrong(settings: Settings, world: World) -> str:
    try:
        await _access_log(settings, world.database)
    except HubError as error:
        return error.message
    raise AssertionError("the doctor found nothing")
