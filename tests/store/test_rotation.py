"""Sealing anew: every value opens and every person is found before, during and after; nobody is told."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import pytest

from hub.doctor import _field_keys
from hub.errors import HubError
from hub.settings import Settings
from hub.store.activation import KeyNeeded, activate, retire
from hub.store.database import Database
from hub.store.field_keys import add
from hub.store.keys import change_field_keys, load_vault, read_field_keys
from hub.store.rotation import KeysBehind, Unreadable, convert, counted, hold, keyed_tables, settle
from hub.store.vault import Ring, Vault
from hub.tables import FACTS, RECORDS, metadata
from tests.store import sync_source as source
from tests.store.sync_source import MAY, STATIONS, TOWNSHIP, County, batch, dibao, elder, person
from tests.support.postgres import FIELD_KEY, fresh_database, server

HUB = Path(sys.executable).with_name("hub")
QIXING = "450305"


@pytest.fixture(scope="module")
async def db() -> AsyncIterator[Database]:
    async with fresh_database() as database:
        yield database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=None, field_key=FIELD_KEY)


@pytest.fixture
async def county(db: Database, settings: Settings) -> County:
    await source.empty(db)
    await db.owner.execute("truncate field_key_use, settled_county")
    county = County(db)
    county.vault = load_vault(settings)
    await county.register()
    return county


def told(count: int = 6, **more: Any) -> list[Any]:
    return [
        batch("station", STATIONS),
        batch("dibao", [dibao(n, f"H{n // 2}", 服务站区划代码=TOWNSHIP, **more) for n in range(count)]),
        batch("elder", [elder(2)]),
        batch("phones", [{"身份证号": person(1), "联系电话": "1390"}]),
        batch("visit", [{"探访编号": "V1", "身份证号": person(3), "探访日期": "2026-01-01"}]),
        batch("dibao", [{**dibao(9), "区划代码": None}], file="refused.xlsx"),
    ]


def added(settings: Settings, hash_: Any = "sha256") -> str:
    """A key that everybody has known for long."""
    first = load_vault(settings).keys[0]
    return str(change_field_keys(settings, lambda stored: add(stored, 0.0, hash_, first))[-1]["id"])


async def in_use(county: County, settings: Settings, key_id: str, now: float = 1000.0) -> Vault:
    county.vault = await activate(county.db, settings, key_id, lambda: now)
    return county.vault


async def rotated(county: County, size: int = 500) -> int:
    return sum([n for keyed in keyed_tables() async for n in convert(county.db, county.vault, keyed, size)])


async def found(county: County, number: int) -> list[Any]:
    sought = county.vault.look_ups(person(number))
    rows = await county.all("select id_number from beneficiary where id_number_hash = any ($1)", sought)
    return [county.vault.open(sealed) for (sealed,) in rows]


MOVES: Final = {
    *("field_key_use", "settled_county", "sync_run", "source", "landed_run", "landed_slice"),
    *("run_list", "source_column", "dropped_cells"),
}
"""Tables that tell of every run or activation."""


async def untouched(county: County) -> dict[str, str]:
    """All that nobody may see change: everything but what is sealed, and what it is found by."""
    keyed = {keyed.table.name: {*keyed.sealed, *keyed.found} for keyed in keyed_tables()}
    state = {}
    for table in metadata.sorted_tables:
        names = [c.name for c in table.c if c.name not in keyed.get(table.name, ())]
        if table.name not in MOVES:
            listed = ", ".join(f'"{name}"' for name in names)
            state[table.name] = await county.one(
                f"select md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) from"
                f' (select {listed} from "{table.name}") t'
            )
    return state


def test_what_a_run_compares_is_of_a_county() -> None:
    synced = {*RECORDS, *(r.name for r in RECORDS.values()), *FACTS}
    keyed = {each.table.name: each for each in keyed_tables()}
    assert {"beneficiary", "beneficiary_record", "hub_user", "personnel", "quarantined_row"} <= set(keyed)
    assert all(each.by_county for name, each in keyed.items() if name in synced)
    hashes = [c for t in metadata.sorted_tables for c in t.c if "look_up" in c.info]
    assert all(c.info["look_up"] in keyed[c.table.name].sealed for c in hashes)


@pytest.mark.parametrize(("cipher", "hash_"), [("aes-256-gcm", "sha256"), ("sm4-gcm", "sm3")])
async def test_everything_is_sealed_anew_and_nobody_is_told(
    county: County, tmp_path: Path, cipher: Any, hash_: Any
) -> None:
    settings = Settings(data_dir=tmp_path, database_url=None, field_key=FIELD_KEY, field_cipher=cipher)
    await county.sync(*told())
    before, texts = await untouched(county), await opened(county)
    key = added(settings, hash_)
    vault = await in_use(county, settings, key)
    assert await found(county, 3) == [person(3)], "before anything is sealed anew"
    to_do = (await counted(county.db)).behind(vault.form)
    assert await rotated(county, 2) == to_do > 10
    count = await counted(county.db)
    assert (count.behind(vault.form), count.of(key), count.alone) == (0, to_do, 0)
    assert await opened(county) == texts
    assert [await found(county, n) for n in range(6)] == [[person(n)] for n in range(6)]
    assert await untouched(county) == before
    assert await rotated(county) == 0
    stored = await county.all("select id_number_hash from beneficiary")
    assert not {h for (h,) in stored} & {vault.blind(person(n)) for n in range(6)}


async def opened(county: County) -> dict[str, list[bytes]]:
    texts: dict[str, list[bytes]] = {}
    for keyed in keyed_tables():
        for name in keyed.sealed:
            rows = await county.all(f'select "{name}" from "{keyed.table.name}" where "{name}" is not null')
            texts[f"{keyed.table.name}.{name}"] = sorted(county.vault.open_bytes(value) for (value,) in rows)
    assert len(texts["beneficiary.id_number"]) >= 6
    assert len(texts["quarantined_row.raw"]) == 1
    return texts


@pytest.mark.parametrize("rotate", [False, True])
async def test_a_source_that_says_the_same_again_changes_nothing(
    county: County, settings: Settings, rotate: bool
) -> None:
    """Whether the rows are in the new form already, or the run itself has to bring them there."""
    await county.sync(*told())
    await in_use(county, settings, added(settings, "sm3"))
    if rotate:
        await rotated(county)
    last, state = await county.one("select max(sequence) from change"), await untouched(county)
    report = await county.sync(*told())
    assert (report.changed, await untouched(county)) == (0, state)
    report = await county.sync(*told(住址="二号"))
    assert report.changed == 6 + 3, "six people and three households"
    operations = await county.all("select distinct operation from change where sequence > $1", last)
    assert operations == [("U",)]
    assert await county.one("select count(*) from beneficiary") == 6
    assert [await found(county, n) for n in range(6)] == [[person(n)] for n in range(6)]
    kept = await county.one("select count(*) from landed_slice where run_id = 1")
    assert (await counted(county.db)).behind(county.vault.form) <= (0 if rotate else 1 + kept)


async def test_a_new_list_of_a_known_person_tells_of_no_change(county: County, settings: Settings) -> None:
    await county.sync(*told())
    await in_use(county, settings, added(settings))
    last = await county.one("select max(sequence) from change")
    first = [b for b in told() if b.list_kind != "elder"]
    await county.sync(*first, batch("elder", [elder(2), elder(4)], at=MAY))
    entities = await county.all("select distinct entity from change where sequence > $1", last)
    assert entities == [("category_membership",)]
    records = await county.one("select count(*) from beneficiary_record where entity_id in "
                               "(select id from beneficiary where id_number_hash = $1)",
                               county.vault.look_up(county.vault.blind(person(4))))  # fmt: skip
    assert records == 2


async def test_a_run_with_a_key_that_is_no_longer_in_use_ends(county: County, settings: Settings) -> None:
    await county.sync(*told())
    behind = county.vault.pinned()
    await in_use(county, settings, added(settings))
    county.vault = behind
    state = await county.state()
    for said in (told(住址="二号"), [batch("dibao", [{**dibao(8), "区划代码": None}])]):
        with pytest.raises(KeysBehind):
            await county.sync(*said)
    assert await county.state() == state


async def test_the_doctor_says_which_key_is_in_use(county: County, settings: Settings) -> None:
    await county.sync(*told())
    first = county.vault.active.id
    assert await _field_keys(settings, county.db) == f"{first} seals"
    key = added(settings)
    vault = await in_use(county, settings, key)
    behind = (await counted(county.db)).behind(vault.form)
    said = await _field_keys(settings, county.db)
    assert said == f"{key} seals, {behind} values to be sealed anew: run `hub field-key rotate`"
    await county.one("delete from field_key_use")
    with pytest.raises(KeysBehind):
        await _field_keys(settings, county.db)


async def test_activation_waits_for_a_run_that_merges(county: County, settings: Settings) -> None:
    key = added(settings)
    async with county.db.transaction() as connection:
        await hold(connection, county.vault)
        waiting = asyncio.create_task(in_use(county, settings, key))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        assert read_field_keys(settings)[0]["state"] == "PENDING"
    assert (await waiting).active.id == key


async def test_a_key_is_kept_while_a_row_needs_it(county: County, settings: Settings) -> None:
    await county.sync(*told())
    key = added(settings)
    await in_use(county, settings, key)
    await rotated(county)
    first = county.vault.keys[0].id
    await in_use(county, settings, first, 2000.0)
    with pytest.raises(HubError, match="wait 60 seconds"):
        await retire(county.db, settings, key, lambda: 2000.0)
    with pytest.raises(KeyNeeded, match="values still need the key"):
        await retire(county.db, settings, key, lambda: 3000.0)
    await rotated(county)
    await county.one(
        "update beneficiary set id_number = null, disability_certificate = $1 where name = '测试5'",
        Vault(settings_key(settings), ring=Ring((load_vault(settings).keys[1],), key)).seal_steady("残疾"),
    )
    alone = await county.one("select id_number_hash from beneficiary where name = '测试5'")
    await rotated(county)
    assert await county.one("select id_number_hash from beneficiary where name = '测试5'") == alone
    with pytest.raises(KeyNeeded, match="1 values"):  # nobody can say by which key that row is found
        await retire(county.db, settings, key, lambda: 3000.0)
    await county.one("update beneficiary set id_number_hash = null where name = '测试5'")
    await retire(county.db, settings, key, lambda: 3000.0)
    assert read_field_keys(settings) == []
    assert await found(county, 3) == [person(3)]
    plain = await county.one("select id_number from beneficiary where name = '测试3'")
    assert plain == Vault(settings_key(settings)).seal_steady(person(3)), (
        "the first key in the form of before"
    )


def settings_key(settings: Settings) -> bytes:
    return load_vault(settings).keys[0].master


async def test_a_damaged_value_is_named_by_its_table(county: County, settings: Settings) -> None:
    await county.sync(*told())
    await county.one("update beneficiary set id_number = '\\x0200' where name = '测试5'")
    await in_use(county, settings, added(settings))
    with pytest.raises(Unreadable, match=r"^beneficiary: not sealed") as raised:
        await rotated(county)
    assert "459999" not in str(raised.value)


async def test_readers_and_writers_go_on_while_it_works(county: County, settings: Settings) -> None:
    await county.sync(*told(40))
    await in_use(county, settings, added(settings))
    looked = 0
    keyed = next(each for each in keyed_tables() if each.table.name == "beneficiary")
    async with aclosing(convert(county.db, county.vault, keyed, 3)) as steps:
        async for _ in steps:
            looked += 1
            assert await found(county, looked) == [person(looked)]
            if looked == 2:
                assert (await county.sync(*told(40, 住址="二号"))).changed == 40 + 20
    assert looked >= 2
    assert await county.one("select count(*) from beneficiary") == 40
    await rotated(county)
    assert [await found(county, n) for n in range(40)] == [[person(n)] for n in range(40)]


async def test_a_rotation_that_is_killed_is_taken_up_again(county: County, tmp_path: Path) -> None:
    """By two at once."""
    settings = Settings(data_dir=tmp_path, database_url=None, field_key=FIELD_KEY, field_cipher="sm4-gcm")
    await county.sync(*told(60))
    texts = await opened(county)
    vault = await in_use(county, settings, added(settings))
    total = (await counted(county.db)).behind(vault.form)
    slow = await rotate_command(county, settings, "--batch", "1", "--pause", "10")
    async with asyncio.timeout(60):
        while (await counted(county.db)).behind(vault.form) > total - 10:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.02)
    slow.send_signal(signal.SIGKILL)
    await slow.communicate()
    left = (await counted(county.db)).behind(vault.form)
    assert 0 < left < total
    assert [await found(county, n) for n in range(60)] == [[person(n)] for n in range(60)]
    assert await opened(county) == texts
    other = await rotate_command(county, settings, "--batch", "5", "--pause", "0")
    mine = await rotated(county, 5)
    said = (await other.communicate())[0].decode()
    assert (other.returncode, mine + int(said.split()[0])) == (0, left), said
    assert (await counted(county.db)).behind(vault.form) == 0
    assert await opened(county) == texts
    assert [await found(county, n) for n in range(60)] == [[person(n)] for n in range(60)]


async def rotate_command(county: County, settings: Settings, *words: str) -> asyncio.subprocess.Process:
    here = await server()
    given = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    given |= {
        "HUB_DATABASE_URL": here.dsn(county.db.name),
        "HUB_DATA_DIR": str(settings.data_dir),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_FIELD_CIPHER": settings.field_cipher,
    }
    return await asyncio.create_subprocess_exec(
        HUB, "field-key", "rotate", *words, env=given, stdout=asyncio.subprocess.PIPE
    )


async def settled(county: County, vault: Vault) -> list[str]:
    """The tables that a run looks at to bring its county to one form."""
    asked: list[str] = []
    async with county.db.transaction() as connection:
        await hold(connection, vault)
        with connection.query_logger(lambda record: asked.append(record.query)):
            await settle(connection, vault, QIXING)
    names = [each.table.name for each in keyed_tables()]
    return sorted({name for name in names for text in asked if f" {name} " in text})


async def test_what_is_settled_is_not_looked_at_again(county: County, settings: Settings) -> None:
    """Not by any run until another key or cipher is in use; and never is it a table of nobody's rows."""
    await county.sync(*told())
    assert await settled(county, county.vault) == []
    first, key = county.vault.keys[0].id, added(settings)
    vault = await in_use(county, settings, key)
    compared = sorted(each.table.name for each in keyed_tables() if each.compared)
    assert await settled(county, vault) == compared
    assert not {"emergency_access", "quarantined_row", "hub_user"} & set(compared)
    assert await settled(county, vault) == []
    # Back again: the rows are in the new key's form, whatever an older mark says.
    vault = await in_use(county, settings, first, 2000.0)
    assert await settled(county, vault) == compared
    assert await settled(county, Vault(settings_key(settings), "sm4-gcm", vault._ring)) == compared


async def test_rotating_to_another_form_takes_the_mark_away(county: County, settings: Settings) -> None:
    await county.sync(*told())
    other = Vault(settings_key(settings), "sm4-gcm")
    assert sum([n for keyed in keyed_tables() async for n in convert(county.db, other, keyed)]) > 0
    assert await settled(county, county.vault) != []
    assert await settled(county, county.vault) == []
    await rotated(county)
    assert await settled(county, county.vault) == [], "in the form of the mark"


async def test_an_emergency_waits_for_no_run(county: County, settings: Settings) -> None:
    """Its texts are sealed anew by who rotates, row by row, and not held until a run has merged."""
    await county.sync(*told())
    old = county.vault.seal("火灾")
    await county.one(
        "insert into emergency_access (client_id, opener_role, opener_name, county_code, division_code,"
        " person_ids, people, reason, note, opened_at, ends_at)"
        " values ('x', 'township', 'x', $2, '450305000000', '{1}', '{}', 'FIRE', $1, now(), now())",
        old, QIXING,
    )  # fmt: skip
    vault = await in_use(county, settings, added(settings))
    async with county.db.transaction() as connection:
        await settle(connection, vault, QIXING)
        async with asyncio.timeout(5):
            await county.one("update emergency_access set review_note = $1", county.vault.seal("属实"))
    assert await county.one("select note from emergency_access") == old
    await rotated(county)
    row = await county.all("select note, review_note from emergency_access")
    assert [vault.open(value) for value in row[0]] == ["火灾", "属实"]
    assert all(value.startswith(vault.form) for value in row[0])
    await county.one("delete from emergency_access")


async def test_who_has_an_older_file_of_keys_rotates_nothing(county: County, settings: Settings) -> None:
    await county.sync(*told())
    behind = county.vault.pinned()
    await in_use(county, settings, added(settings))
    state = await county.all("select id_number from beneficiary order by id")
    county.vault = behind
    with pytest.raises(KeysBehind):
        await rotated(county)
    assert await county.all("select id_number from beneficiary order by id") == state
