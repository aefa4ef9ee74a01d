"""A person is found by number, and who asked is told, whichever keys are in use."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.store.ciphers import FieldKey
from hub.store.rotation import convert, keyed_tables
from hub.store.vault import Ring, Vault
from tests.support.reading import BUREAU, QIXING, World, small_world

KEY = FieldKey(b"k" * 32, "sm3")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with small_world() as world:
        yield world


async def test_before_during_and_after(world: World) -> None:
    vault = world.engine.vault
    known = [p for p in world.rows["beneficiary"] if p["county_code"] == QIXING[:6] and p.get("id_number")]
    numbers = {f"Beneficiary:{p['county_code']}:{p['id']}": vault.open(p["id_number"]) for p in known}

    async def found() -> None:
        for key, number in numbers.items():
            answer = await world.ask(
                BUREAU, "query ($n: String!) { beneficiary(idNumber: $n) { id idNumber } }", n=number
            )
            assert answer == {"beneficiary": {"id": key, "idNumber": number}}

    await found()
    changed = Vault(vault.keys[0].master, "sm4-gcm", Ring((KEY,), KEY.id))
    await world.database.owner.execute("insert into field_key_use (identifier) values ($1)", KEY.id)
    world.engine.vault = world.engine.asker.vault = changed
    await found()
    for keyed in keyed_tables():
        async for _ in convert(world.database, changed, keyed, 2):
            if keyed.table.name == "beneficiary":
                await found()
    await found()
    uses = await world.ask(
        BUREAU,
        "query ($id: ID!) { accessLog(beneficiary: $id, first: 50) { askedByNumber } }",
        id=next(iter(numbers)),
    )
    asked = [use for use in uses["accessLog"] if use["askedByNumber"]]
    assert len(asked) >= 3
    kept = await world.database.owner.fetch("select distinct unnest(asked) as asked from access_entry")
    assert {row["asked"] for row in kept} == {vault.blind(n).hex() for n in numbers.values()}
