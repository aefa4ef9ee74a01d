"""What a copy refuses, what it costs, and what the access log has of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytest_asyncio

from hub.audit.records import shown
from hub.errors import Unavailable
from hub.read import copy_changes, pull, turns
from hub.read.asker import Asker
from hub.read.copy_place import START, Key, Now
from hub.read.positions import Snapshot
from hub.store.database import Database
from tests.support.copying import PERSON, QUERY, Copier, checksum_of
from tests.support.following import bring_up_to_date, note
from tests.support.reading import AGENCY, BUREAU, CONTRACTOR, OPERATOR, World, schema, small_world, viewer


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(seed=9) as made:
        await bring_up_to_date(made)
        yield made


async def asked(world: World, selection: str, who: Any = BUREAU) -> str:
    return await world.code(who, f"{{ caseload {{ entries {{ id beneficiary {{ {selection} }} }} }} }}")


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "selection",
    [
        "station { name }",
        "contracts { nodes { id } }",
        "verdicts { nodes { id } }",
        "provenance { field }",
        "assignments { nodes { worker { name } } }",
        "household { members { nodes { id } } }",
        'assignments(asOf: {valid: "2026-01-01"}) { nodes { id } }',
        'visits(where: {worker: {name: {eq: "x"}}}) { nodes { id } }',
        "visitsAggregate { count }",
    ],
)
async def test_what_nothing_would_tell_of_is_refused(world: World, selection: str) -> None:
    assert await asked(world, selection) == "GRAPHQL_VALIDATION_FAILED"


async def test_facts_by_conditions_of_their_own_are_held(world: World) -> None:
    held = (
        'id visits(first: 3, where: {visitedOn: {gte: "2020-01-01"}})'
        " { edges { node { visitedOn } } pageInfo { hasNextPage } }"
    )
    data = await world.ask(BUREAU, f"{{ caseload {{ entries {{ beneficiary {{ {held} }} }} }} }}")
    assert data["caseload"]["entries"]


async def test_a_copy_is_asked_for_alone_and_each_part_once(world: World) -> None:
    for query in (
        "{ caseload { cursor } stations { totalCount } }",
        "{ caseload { cursor } viewer { role } }",
        "{ a: caseload { cursor } b: caseload { cursor } }",
        "{ caseload { entries { id } more: entries { id } } }",
        "{ caseload { entries { a: beneficiary { id } b: beneficiary { name } } } }",
    ):
        assert await world.code(BUREAU, query) == "GRAPHQL_VALIDATION_FAILED", query


@pytest.mark.parametrize("first", [0, -1, 5_001])
async def test_a_page_has_a_size(world: World, first: int) -> None:
    assert await world.code(BUREAU, QUERY, first=first, whole=False) == "BAD_ARGUMENT"


def test_who_sees_no_people_has_no_copy() -> None:
    for who in (AGENCY, OPERATOR, viewer("bureau", "450305000000", scopes=["station.rs"])):
        assert "caseload" not in schema(who).query_type.fields  # type: ignore[union-attr]


# ── cursors ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_cursor_is_of_one_client_one_document_and_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    copier = Copier(world, BUREAU)
    await copier.catch_up()
    since = copier.cursor
    assert since is not None
    given: dict[str, Any] = {"since": since, "first": 7, "whole": True}
    assert (await world.ask(BUREAU, QUERY, **given))["caseload"]["entries"] == []
    for wrong in ("", "x", since[:-2], since[:-4] + "AAAA"):
        assert await world.code(BUREAU, QUERY, **{**given, "since": wrong}) == "RESYNC"
    assert await world.code(viewer("bureau", "450000000000"), QUERY, **given) == "RESYNC"
    less = QUERY.replace("riskLevel", "")
    assert await world.code(BUREAU, less, **given) == "RESYNC"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + world.engine.change_days * 86400 + 60)
    assert await world.code(BUREAU, QUERY, **given) == "RESYNC"


async def test_documents_that_hold_the_same_share_a_cursor(world: World) -> None:
    """The whole may be asked for by another one."""
    copier = Copier(world, BUREAU)
    await copier.catch_up()
    given: dict[str, Any] = {"since": copier.cursor, "first": 9}
    entries = QUERY[QUERY.index(" entries {") : QUERY.index(" cursor")]
    asked = "query Daily($since: String, $first: Int) { caseload(since: $since, first: $first) {%s } }"
    page = (await world.ask(BUREAU, asked % f"{entries} whole {{ count checksum }}", **given))["caseload"]
    assert page == {
        "entries": [],
        "whole": {"count": len(copier.held), "checksum": checksum_of(copier.versions)},
    }
    for less in ("whole { count } cursor", entries.replace("riskLevel", "risk: riskLevel"), "hasMore"):
        assert await world.code(BUREAU, asked % less, **given) == "RESYNC", less


async def test_a_walk_is_good_for_as_long_as_what_changed_meanwhile_is_known(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it goes on: changes are known from where it began."""
    copier, began, days = Copier(world, BUREAU, first=1), time.time(), world.engine.change_days
    copier.take(await copier.page())
    monkeypatch.setattr(time, "time", lambda: began + (days - 1) * 86400)
    copier.take(await copier.page())
    monkeypatch.setattr(time, "time", lambda: began + (days + 1) * 86400)
    given: dict[str, Any] = {"since": copier.cursor, "first": 1, "whole": False}
    assert await world.code(BUREAU, QUERY, **given) == "RESYNC"
    monkeypatch.setattr(time, "time", lambda: began + (days - 1) * 86400)
    copier.first = 200
    await copier.catch_up()
    monkeypatch.setattr(time, "time", lambda: began + (days + 1) * 86400)
    assert await copier.catch_up() == []


async def test_a_database_that_was_set_back_is_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    copier, look = Copier(world, BUREAU), copy_changes.look
    await copier.catch_up()

    async def earlier(*given: Any) -> Now:
        return (await look(*given))._replace(seen=Snapshot(3, 3, ()))

    monkeypatch.setattr(pull, "look", earlier)
    assert await world.code(BUREAU, QUERY, since=copier.cursor, first=1, whole=False) == "RESYNC"


async def test_an_answer_that_was_lost_is_given_again(world: World) -> None:
    copier = Copier(world, BUREAU, first=3)
    lost, page = await copier.page(), await copier.page()
    assert page["entries"] == lost["entries"]
    copier.take(page)
    assert page["hasMore"]
    again, page = await copier.page(), await copier.page()
    assert page["entries"] == again["entries"]


# ── halves of a page ─────────────────────────────────────────────────────────────────────────────────


async def walked(copier: Copier) -> list[int]:
    """Entries of each page."""
    sizes, more = [], True
    while more:
        page = await copier.page()
        copier.take(page)
        sizes.append(len(page["entries"]))
        more = page["hasMore"]
    return sizes


def key_of(id_: str) -> Key:
    _, code, number = id_.split(":")
    return code, int(number)


@pytest.mark.parametrize("who", [BUREAU, CONTRACTOR], ids=["bureau", "contractor"])
@pytest.mark.parametrize("first", [2, 3, 7, 64, 1000])
async def test_a_page_in_halves_is_a_page(
    world: World, monkeypatch: pytest.MonkeyPatch, who: Any, first: int
) -> None:
    whole, halves, sizes = Copier(world, who, first), Copier(world, who, first), []
    for copier, parted in ((whole, 5_001), (halves, 2)):
        monkeypatch.setattr(pull, "PARTED", parted)
        sizes.append(await walked(copier))
    assert sizes[0] == sizes[1]
    assert list(halves.held.items()) == list(whole.held.items())
    assert halves.versions == whole.versions
    await halves.assert_whole()


async def test_whoever_comes_or_goes_between_the_look_for_the_middle_and_the_halves_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A middle too far on is what a row before it makes of one, too near what one that is gone does."""
    rng, all_at_once = random.Random(5), Copier(world, BUREAU, 1000)
    await walked(all_at_once)
    keys = list(map(key_of, all_at_once.held))

    async def somewhere(self: pull.Pull, after: Key, now: Now, rows: int) -> Key | None:
        behind = [key for key in keys if key > after]
        return rng.choice([*behind[:40], (after[0], after[1] + 1)]) if behind else None

    monkeypatch.setattr(pull, "PARTED", 2)
    monkeypatch.setattr(pull.Pull, "_middle", somewhere)
    for first in (2, 5, 20):
        copier = Copier(world, BUREAU, first)
        assert max(await walked(copier)) <= first
        assert [key_of(id_) for id_ in copier.held] == keys
        await copier.assert_whole()


@pytest.mark.parametrize("most", [3_000, 6_000])
async def test_halves_of_more_bytes_than_a_page_holds_are_smaller_pages(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Though one of them alone would be held, and was read."""
    whole, halves = Copier(world, BUREAU, 40), Copier(world, BUREAU, 40)
    assert len(await walked(whole)) == 1
    with monkeypatch.context() as patched:
        patched.setattr(pull, "PARTED", 2)
        patched.setattr(pull, "PAGE_BYTES", most)
        assert len(await walked(halves)) > 2
    assert list(halves.held.items()) == list(whole.held.items())
    await halves.assert_whole()


async def test_everybody_who_is_told_in_halves_is_in_the_access_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, before = world.database.owner, "select coalesce(max(sequence), 0) from access_entry"
    last = await owner.fetchval(before)
    monkeypatch.setattr(pull, "PARTED", 2)
    page = await Copier(world, BUREAU, 10).page()
    entries = await owner.fetch("select records from access_entry where sequence > $1", last)
    logged = {f"Beneficiary:{each.key}" for entry in entries for each in shown(entry["records"])}
    assert len(entries) == 2
    assert {entry["id"] for entry in page["entries"]} <= logged


async def test_a_half_that_fails_ends_the_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, part = [], pull.Pull._part

    async def failing(self: pull.Pull, now: Now, after: Key, *given: Any) -> Any:
        if after != START:
            raise Unavailable
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(after)
            raise

    monkeypatch.setattr(pull, "PARTED", 2)
    monkeypatch.setattr(pull.Pull, "_part", failing)
    async with asyncio.timeout(5):
        assert await world.code(BUREAU, QUERY, first=10, whole=False) == "UNAVAILABLE"
    assert ended == [START]
    monkeypatch.setattr(pull.Pull, "_part", part)
    assert (await Copier(world, BUREAU, 10).page())["entries"]


async def test_a_page_is_read_at_once_where_its_halves_would_wait_for_each_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with few connections: the other half would be refused though the client asks nothing else."""
    asker, fetch = world.engine.asker, Asker._fetch

    async def slow(self: Asker, *given: Any, **options: Any) -> Any:
        await asyncio.sleep(0.3)
        return await fetch(self, *given, **options)

    monkeypatch.setattr(pull, "PARTED", 2)
    monkeypatch.setattr(turns, "PATIENCE", 0.1)
    monkeypatch.setattr(asker.turns, "most", 1)
    monkeypatch.setattr(Asker, "_fetch", slow)
    assert (await Copier(world, BUREAU, 10).page())["entries"]


# ── what comes to hang on somebody by itself ────────────────────────────────────────────────────────


async def test_an_encounter_that_follows_its_stay_to_somebody_is_told(world: World) -> None:
    """By a trigger: the run that moves the stay says nothing of the encounter (migration 0043)."""
    query = (
        "query($since: String) { caseload(since: $since, first: 1000) { entries { id beneficiary {"
        " streetEncounters(first: 50) { nodes { id } } } } cursor hasMore } }"
    )
    owner = world.database.owner
    stay = await owner.fetchrow(
        "select r.* from relief_episode r join street_encounter e on e.relief_episode_id = r.id"
        " where r.county_code = '450305' order by r.id limit 1"
    )
    assert stay is not None
    whom = await owner.fetchval(
        "select id from beneficiary where county_code = '450305' and id <> $1 order by id limit 1",
        stay["beneficiary_id"],
    )
    held: dict[str, int] = {}
    cursor: str | None = None

    async def pull_all() -> None:
        nonlocal cursor
        more = True
        while more:
            page = (await world.ask(BUREAU, query, since=cursor))["caseload"]
            cursor, more = page["cursor"], page["hasMore"]
            held.update(
                (e["id"], len(e["beneficiary"]["streetEncounters"]["nodes"])) for e in page["entries"]
            )

    await pull_all()
    old, new = (f"Beneficiary:450305:{id_}" for id_ in (stay["beneficiary_id"], whom))
    before = held[old], held[new]
    async with world.database.transaction() as connection:
        await connection.execute(
            "update relief_episode set beneficiary_id = $1 where id = $2", whom, stay["id"]
        )
        await note(connection, "U", "relief_episode", "450305", stay["id"])
    await pull_all()
    assert (held[old], held[new]) == (before[0] - 1, before[1] + 1)


# ── what it costs ────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch, world: World) -> Iterator[list[str]]:
    """Statements with the hub's own rights, and those of readers."""
    found: list[str] = []
    fetch, ask = Database.fetch, type(world.engine.asker).ask

    async def fetching(self: Database, text: str, *given: Any, **options: Any) -> Any:
        found.append(text)
        return await fetch(self, text, *given, **options)

    async def asking(self: Any, *given: Any, **options: Any) -> Any:
        found.append("reader")
        return await ask(self, *given, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Database, "fetch", fetching)
        patched.setattr(type(world.engine.asker), "ask", asking)
        yield found


@pytest.mark.parametrize("who", [BUREAU, CONTRACTOR], ids=["bureau", "contractor"])
async def test_a_pull_that_finds_nothing_is_two_short_statements(
    world: World, monkeypatch: pytest.MonkeyPatch, who: Any
) -> None:
    copier = Copier(world, who)
    await copier.catch_up()
    await copier.catch_up()
    with counted(monkeypatch, world) as statements:
        assert await copier.catch_up() == []
    assert len(statements) == 2


async def test_a_page_is_priced_by_its_size_and_given_back(world: World) -> None:
    query = f"query($first: Int) {{ caseload(first: $first) {{ entries {{ beneficiary {{ {PERSON} }} }} }} }}"
    small, large = [(await world.answer(BUREAU, query, first=n)).cost for n in (10, 1_000)]
    assert small is not None
    assert large is not None
    assert 20 * small.static < large.static
    assert 0 < large.actual < large.static / 2


# ── what is written down ─────────────────────────────────────────────────────────────────────────────


async def test_everybody_who_is_told_is_in_the_access_log_and_who_is_gone_too(world: World) -> None:
    owner = world.database.owner
    copier = Copier(world, BUREAU)
    entries = await copier.catch_up()
    written = await owner.fetchval("select records from access_entry order by sequence desc limit 1")
    county = {f"Beneficiary:{each.key}" for each in shown(written) if each.key.count(":") == 1}
    assert {entry["id"] for entry in entries} <= county
    township = Copier(world, viewer("township", "450305001000"))
    await township.catch_up()
    left = next(iter(township.held)).rpartition(":")[2]
    async with world.database.transaction() as connection:
        await connection.execute(
            "update beneficiary set division_code = '450305200000' where county_code = '450305' and id = $1",
            int(left),
        )
        await note(connection, "U", "beneficiary", "450305", int(left))
    [entry] = await township.catch_up()
    assert (entry["operation"], entry["reason"]) == ("TOMBSTONE", "OUT_OF_SLICE")
    told = await owner.fetchval("select records from access_entry order by sequence desc limit 1")
    assert f"450305:{left}" in told


async def test_days_alone_bring_and_take(world: World) -> None:
    copier = Copier(world, CONTRACTOR)
    clock = world.engine.clock
    try:
        await copier.catch_up()
        world.engine.clock = lambda: clock() + dt.timedelta(days=400)
        assert await copier.catch_up()
        assert copier.held == await copier.listed()
    finally:
        world.engine.clock = clock
    await copier.catch_up()
    assert copier.held == await copier.listed()
