"""The access log as a chain: what is written is sealed, and nothing is changed, removed or moved unseen."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey, KeySet

from hub.access.emergencies import Emergencies
from hub.audit import seal
from hub.audit.chain import AnotherAddress, ChainBroken, Check
from hub.audit.export import check_database, check_file, exported, waiting
from hub.audit.heads import Opener, read_keys
from hub.audit.prune import prune
from hub.audit.seal import Sealer
from hub.domain.dates import CHINA
from tests.support.reading import AGENCY, BUREAU, CONTRACTOR, TOWNSHIP, World, small_world

ISSUER = "https://hub.example"
KEYS = KeySet([ECKey.generate_key("P-256", auto_kid=True)])
PUBLIC = orjson.dumps(KEYS.as_dict(private=False))
AUDITOR = Path(__file__).resolve().parents[2] / "scripts" / "auditor.py"
PAGE = "query Caseload($n: Int!) { beneficiaries(first: $n) { nodes { id name visits(first: 2) { nodes { visitedOn } } } } }"  # noqa: E501
NUMBER = '{ beneficiary(idNumber: "459999195003070019") { name } }'


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


def sealer(world: World, algorithm: str = "sha256", keys: KeySet = KEYS) -> Sealer:
    return Sealer(world.database, ISSUER, lambda: keys, algorithm)


def check(keys: KeySet = KEYS) -> Check:
    return Check(ISSUER, Opener(keys))


async def batches(world: World, monkeypatch: pytest.MonkeyPatch, algorithm: str = "sha256") -> list[bytes]:
    """The lines of a log of three batches with three entries each, and one more."""
    monkeypatch.setattr(seal, "NEXT", seal.NEXT.replace(f"limit {seal.MOST}", "limit 3"))
    for who in (BUREAU, TOWNSHIP, CONTRACTOR):
        await world.ask(who, PAGE, n=3)
        await world.ask(who, "{ visits(first: 2) { nodes { visitedOn } totalCount } }")
        await world.ask(who, "{ stations(first: 1) { nodes { name } } }")
    await world.ask(BUREAU, NUMBER)
    assert await sealer(world, algorithm).seal() == 4
    return [line async for line in exported(world.database, ISSUER)]


def refused(lines: list[bytes], kept: tuple[str, ...] = ()) -> str:
    with pytest.raises(ChainBroken) as error:
        check_file(lines, check(), kept)
    return error.value.message


def audited(tmp_path: Path, lines: list[bytes], *words: str) -> subprocess.CompletedProcess[str]:
    """What the script says that stands alone."""
    log, keys = tmp_path / "log.jsonl", tmp_path / "jwks.json"
    log.write_bytes(b"".join(lines))
    keys.write_bytes(PUBLIC)
    command = [sys.executable, "-I", str(AUDITOR), str(log), "--keys", str(keys), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
async def test_what_is_sealed_is_verified(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, algorithm: str
) -> None:
    lines = await batches(world, monkeypatch, algorithm)
    found = await check_database(world.database, check())
    assert (found.entries, found.last and found.last.number) == (10, 4)
    assert found.last is not None
    assert found.last.algorithm == algorithm
    recent = await check_database(world.database, check(), recent=2)
    assert recent.entries == 4
    assert check_file(lines, check(read_keys(PUBLIC))).entries == 10
    said = audited(tmp_path, lines)
    assert said.returncode == 0, said.stderr
    assert "10 entries in 4 batches" in said.stdout


async def test_the_auditor_tells_who_saw_what(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = await batches(world, monkeypatch)
    shown = (await world.ask(TOWNSHIP, PAGE, n=3))["beneficiaries"]["nodes"]
    said = audited(tmp_path, lines, "--show").stdout
    uses = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert len(uses) == 10
    of_township = next(use for use in uses if use["role"] == "township")
    people = [r for r in of_township["records"] if r["type"] == "Beneficiary"]
    assert [f"Beneficiary:{r['key']}" for r in people] == [node["id"] for node in shown]
    assert people[0]["fields"] == ["id", "name"]
    assert of_township["operation"] == "Caseload"
    assert of_township["document"].startswith("query Caseload ( $ n : Int ! )")
    one = audited(tmp_path, lines, "--person", people[0]["key"]).stdout
    assert one.count('"role"') == sum(
        any(r["person"] == people[0]["key"] for r in use["records"]) for use in uses
    )


async def test_the_auditor_tells_an_emergency_and_who_was_refused_one(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(world.engine, "clock", lambda: dt.datetime(2026, 6, 15, 9, tzinfo=CHINA))
    owner = world.database.owner
    await owner.execute("truncate emergency_access restart identity")
    person = (await world.ask(TOWNSHIP, PAGE, n=1))["beneficiaries"]["nodes"][0]["id"]
    ask = """mutation ($hours: Int!, $id: ID!) {
        openEmergencyAccess(reason: MISSING, hours: $hours, note: "x", people: [$id]) { id } }"""
    assert await world.code(TOWNSHIP, ask, hours=99, id=person) == "BAD_ARGUMENT"
    made = (await world.ask(TOWNSHIP, ask, hours=1, id=person))["openEmergencyAccess"]["id"]
    there = await Emergencies(world.database, world.engine.clock).entered(TOWNSHIP, made)
    await world.ask(there, PAGE, n=1)
    await owner.execute(  # as one stands there whose viewer stated a purpose
        "insert into access_entry (client_id, role, purpose, operation, tables, request_id)"
        " values ('c', 'emergency', 'emergency:9 relief', 'x', '{}', '')"
    )
    await sealer(world).seal()
    said = audited(tmp_path, [line async for line in exported(world.database, ISSUER)], "--show").stdout
    uses = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [(use["emergency_access"], use["purpose"], use["refused"]) for use in uses[-5:]] == [
        (None, None, "BAD_ARGUMENT"),
        (None, None, None),
        (None, None, None),
        (int(made.partition(":")[2]), None, None),
        (9, "relief", None),
    ]
    assert [f"Beneficiary:{record['key']}" for record in uses[-5]["records"]] == [person]


async def test_one_changed_byte_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = await batches(world, monkeypatch)
    whole, rng = b"".join(lines), random.Random(5)
    places = [*rng.sample(range(len(whole)), 400), len(whole) - 1]
    for place in places:
        changed = whole[:place] + bytes([whole[place] ^ rng.choice((1, 2, 4, 8, 32))]) + whole[place + 1 :]
        refused(changed.splitlines(keepends=True))
    changed = whole.replace(b'"township"', b'"townsh1p"', 1)
    said = audited(tmp_path, [changed])
    assert said.returncode == 1
    assert "an entry was changed" in said.stderr


async def test_removed_moved_and_added_entries_are_found(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = await batches(world, monkeypatch)
    entries = [i for i, line in enumerate(lines) if line.startswith(b'{"entry"')]
    assert len(entries) == 10
    for i in entries:
        for tampered in (lines[:i] + lines[i + 1 :], lines[: i + 1] + lines[i:]):
            refused(tampered)
            assert audited(tmp_path, tampered).returncode == 1
    a, b = entries[0], entries[1]
    moved = [*lines[:a], lines[b], *lines[a + 1 : b], lines[a], *lines[b + 1 :]]
    assert "another order" in refused(moved)
    assert "another order" in audited(tmp_path, moved).stderr


async def test_a_removed_batch_is_found_and_a_cut_log_by_who_kept_a_head(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = await batches(world, monkeypatch)
    ends = [i for i, line in enumerate(lines) if line.startswith(b'{"batch"')]
    for tampered in (
        lines[:1] + lines[ends[0] + 1 :],
        lines[: ends[0] + 1] + lines[ends[1] + 1 :],
        lines[: ends[2] + 1] + lines[ends[3] :],
    ):
        refused(tampered)
        assert audited(tmp_path, tampered).returncode == 1
    cut = lines[: ends[2] + 1]
    assert check_file(cut, check()).entries == 9  # nothing in it says that there was more
    head = json.loads(lines[ends[3]])["head"]
    assert "missing" in refused(cut, (head,))
    kept = tmp_path / "heads"
    kept.write_text(head + "\n")
    assert audited(tmp_path, cut, "--heads", str(kept)).returncode == 1
    assert audited(tmp_path, lines, "--heads", str(kept)).returncode == 0


async def test_what_the_owner_changes_in_the_database_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "SPAN", seal.SPAN.replace(str(seal.TOGETHER), "2"))
    await batches(world, monkeypatch)
    owner = world.database.owner
    for statement in (
        "update access_entry set role = role",
        "delete from access_entry",
        "truncate access_entry",
    ):
        with pytest.raises(asyncpg.RaiseError, match="only added to"):
            await owner.execute(statement)
    for tampering in (
        "update access_entry set records = replace(records, '/', '') where sequence = 1",
        "delete from access_entry where sequence = 5",
        "insert into access_entry (sequence, client_id, role, operation, tables, request_id)"
        " overriding system value select 0, client_id, role, operation, tables, '' from access_entry limit 1",
        "update access_batch set people = '{}' where number = 1",
        "update access_span set people = people[2:]",
        "update access_span set asked = '{}' where last_number = 4",
        "update access_span set first_number = 4 where last_number = 4",
        "delete from access_span where last_number = 2",
        "update access_batch set sealed_at = sealed_at - interval '1 day' where number = 2",
        "delete from access_batch where number = 2",
        "delete from access_shape",
        "update access_shape set content = content || ' '",
        "update access_batch set pruned_at = now() where number = 1",
    ):
        async with owner.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("alter table access_entry disable trigger user")
            await connection.execute(tampering)
            with pytest.raises(ChainBroken):
                await check_database(_Within(connection), check())  # type: ignore[arg-type]
            await transaction.rollback()
    await check_database(world.database, check())


class _Within:
    """A database as one open transaction sees it."""

    def __init__(self, connection: Any) -> None:
        self.owner = self
        self._connection = connection

    def acquire(self) -> Any:
        return self

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    def transaction(self, **_: object) -> Any:
        return self._connection.transaction()

    def cursor(self, *given: Any) -> Any:
        return self._connection.cursor(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


async def test_a_rolled_back_entry_is_a_gap_and_no_deletion(world: World) -> None:
    await world.ask(BUREAU, PAGE, n=1)
    async with world.database.owner.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            "insert into access_entry (client_id, role, operation, tables, request_id)"
            " select client_id, role, operation, tables, request_id from access_entry"
        )
        sealing = asyncio.create_task(sealer(world).seal())
        await asyncio.sleep(0.2)
        assert not sealing.done()  # it could still be committed
        await transaction.rollback()
    assert await sealing == 1
    await world.ask(BUREAU, PAGE, n=1)
    assert await sealer(world).seal() == 1
    assert (await check_database(world.database, check())).entries == 2
    last = await world.database.owner.fetchval("select max(last_sequence) from access_batch")
    assert last == 3


async def test_several_seal_at_once_and_each_entry_once(world: World) -> None:
    async def ask() -> None:
        for _ in range(10):
            await world.ask(BUREAU, PAGE, n=2)

    await asyncio.gather(*(ask() for _ in range(4)), *(sealer(world).seal() for _ in range(12)))
    await sealer(world).seal()
    assert (await check_database(world.database, check())).entries == 40
    assert (await waiting(world.database))[0] == 0


async def test_a_sealer_works_by_itself_and_seals_at_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "SECONDS", 0.05)
    stop = asyncio.Event()
    working = asyncio.create_task(sealer(world).until(stop))
    await world.ask(BUREAU, PAGE, n=1)
    async with asyncio.timeout(10):
        while (await waiting(world.database))[0]:  # noqa: ASYNC110 - PostgreSQL tells by being asked
            await asyncio.sleep(0.05)
    monkeypatch.setattr(seal, "SECONDS", 600.0)
    await world.ask(BUREAU, PAGE, n=1)
    stop.set()
    await working
    assert (await waiting(world.database))[0] == 0


async def test_old_batches_are_deleted_whole_and_their_hashes_stay(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(seal, "SPAN", seal.SPAN.replace(str(seal.TOGETHER), "1"))
    old = Sealer(
        world.database,
        ISSUER,
        lambda: KEYS,
        "sha256",
        lambda: dt.datetime.now(dt.UTC) - dt.timedelta(days=400),
    )
    await world.ask(BUREAU, PAGE, n=3)
    await world.ask(BUREAU, PAGE, n=3)
    await old.seal()
    await world.ask(TOWNSHIP, PAGE, n=3)
    await sealer(world).seal()
    await world.ask(TOWNSHIP, PAGE, n=3)
    assert await prune(world.database, 500) == 0
    assert await prune(world.database, 365) == 2
    assert await world.database.owner.fetchval("select array_agg(last_number) from access_span") == [2]
    assert await world.database.owner.fetchval("select count(*) from access_entry") == 2
    found = await check_database(world.database, check())
    assert (found.entries, found.pruned) == (1, 1)
    lines = [line async for line in exported(world.database, ISSUER)]
    assert check_file(lines, check()).pruned == 1
    assert (
        "the entries of 1 deleted by age, the newest sealed 400 days ago" in audited(tmp_path, lines).stdout
    )
    with pytest.raises(ChainBroken, match="sealed only 400 days ago and entries are kept for 401"):
        await check_database(world.database, Check(ISSUER, Opener(KEYS), 401))
    assert "only 400 days ago" in audited(tmp_path, lines, "--least-days", "401").stderr


async def test_entries_that_are_too_young_to_be_deleted_are_missed(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The oldest batches, marked as if age had taken their entries, in a file and in the database."""
    lines = await batches(world, monkeypatch)
    shapes = {json.loads(line)["shape"]: line for line in lines if line.startswith(b'{"shape"')}
    ends = [i for i, line in enumerate(lines) if line.startswith(b'{"batch"')]
    marked = [lines[i].replace(b'"pruned":false', b'"pruned":true') for i in ends[:2]]
    forged = [lines[0], *marked]
    for line in lines[ends[1] + 1 :]:
        value = json.loads(line)
        if "entry" in value:  # what it was shown stands before the first entry of it
            forged += [each for each in [shapes.pop(value["entry"][7], None)] if each]
        if "shape" not in value:
            forged.append(line)
    assert "sealed only 0 days ago" in refused(forged)
    kept = tmp_path / "heads"
    kept.write_text("".join(json.loads(lines[i])["head"] + "\n" for i in ends))
    assert "batch 1: its entries are gone" in audited(tmp_path, forged, "--heads", str(kept)).stderr
    assert audited(tmp_path, forged, "--least-days", "0").returncode == 0  # nothing else is wrong with it

    full = [*lines[: ends[0]], marked[0], *lines[ends[0] + 1 :]]
    refused(full)
    assert "is said to be deleted" in audited(tmp_path, full, "--least-days", "0").stderr

    await world.database.owner.execute(
        "alter table access_entry disable trigger user; delete from access_entry where sequence <= 3;"
        " update access_batch set pruned_at = now(), people = '{}', asked = '{}' where number = 1"
    )
    with pytest.raises(ChainBroken, match="batch 1: its entries are gone"):
        await check_database(world.database, check())


async def test_a_log_has_one_address_until_the_hub_moves(world: World, tmp_path: Path) -> None:
    there = "https://moved.example"
    moved = Sealer(world.database, there, lambda: KEYS, "sha256")
    await moved.move(ISSUER)  # there is nothing yet
    await world.ask(BUREAU, PAGE, n=1)
    await sealer(world).seal()
    kept = await world.database.owner.fetchval("select head from access_batch")
    await world.ask(BUREAU, PAGE, n=1)
    with pytest.raises(
        AnotherAddress, match=r"sealed for https://hub\.example, and HUB_BASE_URL is https://moved"
    ):
        await moved.seal()
    assert await sealer(world).seal() == 1
    await check_database(world.database, check(), recent=1)

    with pytest.raises(AnotherAddress):
        await moved.move("https://third.example")
    unknown = KeySet([ECKey.generate_key("P-256", auto_kid=True)])
    with pytest.raises(ChainBroken, match="no key of this hub"):
        await Sealer(world.database, there, lambda: unknown, "sha256").move(ISSUER)
    for _ in range(2):
        await moved.move(ISSUER)
    with pytest.raises(AnotherAddress):
        await sealer(world).seal()
    await world.ask(BUREAU, PAGE, n=1)
    assert await moved.seal() == 1
    found = await check_database(world.database, Check(there, Opener(KEYS)), [kept])
    assert (found.entries, found.addresses) == (3, {1: ISSUER, 2: there})
    with pytest.raises(AnotherAddress):
        await check_database(world.database, check())

    lines = [line async for line in exported(world.database, there)]
    assert check_file(lines, Check(there, Opener(KEYS)), [kept]).entries == 3
    said = audited(tmp_path, lines)
    assert "Sealed for https://hub.example from batch 1, https://moved.example from batch 2." in said.stdout
    misnamed = [line async for line in exported(world.database, ISSUER)]
    assert "line 1: names another address" in refused(misnamed)
    assert "line 1: names another address" in audited(tmp_path, misnamed).stderr
    await world.database.owner.execute("update access_batch set head = 'x.y.z' where number = 3")
    with pytest.raises(ChainBroken, match="none of an access log"):
        await moved.seal()


async def test_the_last_head_is_of_the_key_that_signs_now(world: World) -> None:
    """So that the key before can be forgotten, though nothing was asked in between."""
    old, new = KEYS.keys[0], ECKey.generate_key("P-256", auto_kid=True)
    await world.ask(BUREAU, PAGE, n=3)
    await sealer(world).seal()
    kept = await world.database.owner.fetchval("select head from access_batch")
    await sealer(world, keys=KeySet([new, old])).seal()
    found = await check_database(world.database, check(KeySet([new])))
    assert (found.entries, found.known) == (1, True)
    await check_database(world.database, check(KeySet([new, old])), [kept])
    await world.ask(BUREAU, PAGE, n=3)
    await sealer(world, keys=KeySet([new])).seal()
    assert (await check_database(world.database, check(KeySet([new])))).entries == 2


async def test_a_head_nobody_can_check_is_not_signed_again(world: World) -> None:
    await world.ask(BUREAU, PAGE, n=3)
    await sealer(world).seal()
    before = await world.database.owner.fetchval("select head from access_batch")
    await sealer(world, keys=KeySet([ECKey.generate_key("P-256", auto_kid=True)])).seal()
    assert await world.database.owner.fetchval("select head from access_batch") == before
    await world.database.owner.execute("update access_batch set digest = sha256(digest)")
    await sealer(world, keys=KeySet([ECKey.generate_key("P-256", auto_kid=True), *KEYS.keys])).seal()
    assert await world.database.owner.fetchval("select head from access_batch") == before


async def test_heads_of_another_key_and_another_hub_are_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = await batches(world, monkeypatch)
    other = KeySet([ECKey.generate_key("P-256", auto_kid=True)])
    with pytest.raises(ChainBroken, match="no key is given"):
        check_file(lines, check(other))
    with pytest.raises(AnotherAddress, match="HUB_BASE_URL is https://other"):
        check_file(lines, Check("https://other.example", Opener(KEYS)))
    with pytest.raises(ValueError, match="JWK Set"):
        read_keys(b"{}")
    assert "begins with its format" in refused(lines[1:])
    assert refused([]) == "the file: is empty"
    for said in ("[]", '{"entry":[1]}', '{"batch":[1],"digest":"","head":"","pruned":false}', "{"):
        refused([lines[0], said.encode() + b"\n"])


async def test_a_question_about_a_number_is_told_by_its_hash(world: World) -> None:
    await world.ask(
        AGENCY, '{ beneficiaryStatus(idNumber: "459999195003070019", programme: DIBAO) { entitled } }'
    )
    [row] = await world.database.owner.fetch("select * from access_entry")
    blind = world.engine.vault.blind("459999195003070019").hex()
    assert (row["asked"], row["records"]) == ([blind], None)
    content = await world.database.owner.fetchval("select content from access_shape")
    assert "459999" not in content
    assert json.loads(content)["others"] == ["BeneficiaryStatus.entitled"]


async def test_five_thousand_people_take_a_few_bytes_each(world: World) -> None:
    records = " ".join(f"0:450305:{n}/" for n in range(100_000, 105_000))
    from hub.audit.shape import Shape

    await world.engine.asker.audit.written(BUREAU, b"", Shape(b"\0" * 32, "{}"), ("beneficiary",), records)
    size = await world.database.owner.fetchval("select pg_column_size(records) from access_entry")
    assert size < 8 * 5000
