"""An agency is told when somebody is entitled, or is no more: never more, never by who is not there."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey
from structlog.testing import capture_logs

from hub.access.limits import Limits
from hub.access.persons import person_key, token_of
from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from hub.domain.id_number import make_id_number
from hub.oauth.acting import acting_for
from hub.oauth.clients import end_client, register_client, resume_client, suspend_client
from hub.oauth.person_keys import renew_person_key
from hub.oauth.purposes import end_purpose
from hub.store.cache import MemoryCache
from hub.store.listener import Listener
from hub.watching import keeper as keeping
from hub.watching.keeper import Keeper, answered
from hub.web.limits import Rate
from hub.web.questions import Questions
from tests.generative.test_caseload import link
from tests.generative.test_streams import copy, drop, edit
from tests.support.county import TODAY
from tests.support.purposes import granted
from tests.support.reading import QIXING, World, small_world

COUNTY: Final = "450305"
SCOPES: Final = ("division.rs", "status.r", "watch.crds")
CLOCK: Final = dt.datetime.combine(TODAY, dt.time(9), CHINA)
KEY: Final = ECKey.generate_key("P-256", auto_kid=True)
JOINED: Final = 1_000_000
"""Numbers of memberships that tests make, behind those of the people."""
ROUNDS: Final = 300
UNTIL: Final = (TODAY + dt.timedelta(days=30)).isoformat()
WATCH: Final = """mutation($items: [WatchPersonItem!]!) { watchPersons(items: $items) { id isEntitled } }"""
LIST: Final = """{ watches(first: 200) { nodes {
    id purpose programme reference isEntitled answeredAt endsOn endedAt endReason } } }"""
ANSWERS: Final = """query($p: [PersonInput!]!) {
    eligibilities(persons: $p, programme: DIBAO) { items { answer } } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def who(world: World) -> Viewer:
    """An agency with a purpose, of a county whose sources are fresh; nothing is watched yet."""
    owner = world.database.owner
    await owner.execute("delete from watch; delete from watch_state; delete from watch_round")
    await fresh(world, True)
    await register_client(
        world.database, "relief-office", name="救助办", role="agency", division_code=QIXING, scopes=SCOPES,
        jwks={"keys": [KEY.as_dict(private=False)]}, replace=True,
    )  # fmt: skip
    await granted(world.database, "relief-office", "relief")
    return await acting_for(world.database, "relief-office", "relief")


@pytest.fixture
def keeper(world: World) -> Keeper:
    return Keeper(world.engine, Listener(world.database), 7, seconds=0)


async def fresh(world: World, is_fresh: bool) -> None:
    """Every source of the county has just told, or none has for a year."""
    owner, at = world.database.owner, CLOCK if is_fresh else CLOCK - dt.timedelta(days=365)
    await owner.execute("update sync_run set started_at = $1, status = 'SUCCEEDED', is_replay = false", at)
    await owner.execute(
        "insert into programme_source select distinct 'DIBAO', county_code,"
        " (select min(source_id) from sync_run) from beneficiary on conflict do nothing"
    )
    world.engine.coverage._known.clear()


async def people(world: World, *, entitled: bool) -> list[tuple[int, str]]:
    """Of the county, alive, with a number that no other has, and in the programme today, or never."""
    held = "exists (select from category_membership m where m.county_code = b.county_code and"
    held += " m.beneficiary_id = b.id and m.category = 'DIBAO'{})"
    now = held.format(" and m.starts_on <= $2 and (m.ends_on is null or m.ends_on >= $2)")
    ever = held.format(" and $2::date is not null")
    rows = await world.database.owner.fetch(
        "select b.id, b.id_number from beneficiary b where b.county_code = $1 and b.deceased_on is null"
        f" and b.id_number is not null and {now if entitled else 'not ' + ever} and not exists (select from"
        " beneficiary o where o.id_number_hash = b.id_number_hash and o.id <> b.id) order by b.id",
        COUNTY, TODAY,
    )  # fmt: skip
    return [(row["id"], world.engine.vault.open(row["id_number"])) for row in rows]


def stranger(serial: int) -> str:
    return make_id_number("459999", dt.date(1950, 1, 1) + dt.timedelta(days=serial), 7)


async def watch(world: World, who: Viewer, *numbers: str, **more: Any) -> list[Any]:
    """Answers, by the references ``0``, ``1`` …"""
    items = [
        {"person": {"idNumber": each}, "programme": "DIBAO", "reference": f"{n}", "until": UNTIL, **more}
        for n, each in enumerate(numbers)
    ]
    answer = await world.answer(who, WATCH, items=items)
    body = orjson.loads(answer.body)
    return [*body["data"]["watchPersons"], *(e["extensions"]["code"] for e in body.get("errors", ()))]


async def listed(world: World, who: Viewer) -> list[Any]:
    return list((await world.ask(who, LIST))["watches"]["nodes"])


async def told(world: World, who: Viewer) -> list[bool | None]:
    return [node["isEntitled"] for node in await listed(world, who)]


async def events(world: World) -> int:
    found: int = await world.database.owner.fetchval(
        "select count(*) from change where entity = 'watch' and operation = 'U'"
    )
    return found


async def join(world: World, person: int, **more: Any) -> int:
    """A membership from today on."""
    async with world.database.transaction() as connection:
        await connection.execute(
            "insert into category_membership (id, county_code, beneficiary_id, category, starts_on, ends_on,"
            " source_id, record_key, content_hash, observed_at, received_at, run_id)"
            " select $5, $1, $2, 'DIBAO', $3, $4, source_id, $6, '\\x00', now(), now(), run_id"
            " from category_membership limit 1",
            COUNTY, person, TODAY, more.get("ends_on"), JOINED + person, f"w{person}",
        )  # fmt: skip
        await noted(connection, "category_membership", JOINED + person, "I")
    return JOINED + person


async def noted(
    connection: Any, entity: str, number: int, operation: str = "U", county: str = COUNTY
) -> None:
    await connection.execute(
        "insert into change (entity, county_code, entity_id, operation) values ($1, $2, $3, $4)",
        entity, county, number, operation,
    )  # fmt: skip


async def write(world: World, text: str, entity: str, number: int, operation: str = "U") -> None:
    async with world.database.transaction() as connection:
        await connection.execute(text, COUNTY, number)
        await noted(connection, entity, number, operation)


async def test_it_is_told_when_the_answer_is_another(world: World, who: Viewer, keeper: Keeper) -> None:
    (holder, number), *_ = await people(world, entitled=True)
    (other, never), *_ = await people(world, entitled=False)
    made = await watch(world, who, number, never, stranger(1))
    assert [each["isEntitled"] for each in made] == [None] * 3
    await keeper.look()
    assert await told(world, who) == [True, False, False]
    first = await listed(world, who)
    assert first[0] == {
        "id": made[0]["id"], "purpose": "relief", "programme": "DIBAO", "reference": "0", "isEntitled": True,
        "answeredAt": CLOCK.isoformat(), "endsOn": UNTIL, "endedAt": None, "endReason": None,
    }  # fmt: skip
    assert {key for node in first for key in node if node[key] is None} == {"endedAt", "endReason"}
    before = await events(world)
    await keeper.look()
    assert await events(world) == before, "nothing is told twice"
    membership = await join(world, other)
    await keeper.look()
    assert (await told(world, who), await events(world)) == ([True, True, False], before + 1)
    await write(
        world, "delete from category_membership where county_code = $1 and id = $2", "category_membership",
        membership, "D",
    )  # fmt: skip
    await keeper.look()
    assert (await told(world, who), await events(world)) == ([True, False, False], before + 2)
    await write(
        world, "update beneficiary set deceased_on = '2000-01-01' where county_code = $1 and id = $2",
        "beneficiary", holder,
    )  # fmt: skip
    await keeper.look()
    assert await told(world, who) == [False, False, False]
    await write(
        world, "update beneficiary set deceased_on = null where county_code = $1 and id = $2", "beneficiary",
        holder,
    )  # fmt: skip
    await keeper.look()
    assert await told(world, who) == [True, False, False]


async def test_a_file_elsewhere_with_the_number_hides_nothing(
    world: World, who: Viewer, keeper: Keeper
) -> None:
    """The number goes where its person was entitled, and stands on a file of another county still."""
    (holder, number), *_ = await people(world, entitled=True)
    owner = world.database.owner
    await owner.execute("delete from identity_review")
    await owner.execute("delete from beneficiary_apart")
    await watch(world, who, number)
    await keeper.look()
    files = "select county_code, id, id_number, id_number_hash, id_number_masked from beneficiary where "
    here = await owner.fetchrow(files + "county_code = $1 and id = $2", COUNTY, holder)
    there = await owner.fetchrow(
        files + "county_code <> $1 and id_number is not null order by id limit 1", COUNTY
    )
    assert here is not None
    assert there is not None
    await number_file(world, there["county_code"], there["id"], *list(here)[2:])
    await keeper.look()
    assert await told(world, who) == [True]
    keeper.seconds = 3_600
    await number_file(world, COUNTY, holder, None, None, None)
    await keeper.look()
    assert await told(world, who) == [False], "at once, where the file has none"
    await number_file(world, *here)
    await keeper.look()
    assert await told(world, who) == [True]
    await number_file(world, COUNTY, holder, *list(there)[2:])
    await keeper.look()
    assert await told(world, who) == [True], "of another number nothing says what it was before"
    keeper.seconds = 0
    await keeper.look()
    assert await told(world, who) == [False]
    await number_file(world, *here)
    await number_file(world, *there)


async def number_file(world: World, county: str, person: int, *number: Any) -> None:
    async with world.database.transaction() as connection:
        await connection.execute(
            "update beneficiary set id_number = $3, id_number_hash = $4, id_number_masked = $5"
            " where county_code = $1 and id = $2", county, person, *number,
        )  # fmt: skip
        await noted(connection, "beneficiary", person, county=county)


async def test_a_source_that_grows_old_takes_a_yes_away(world: World, who: Viewer, keeper: Keeper) -> None:
    numbers = [number for _, number in (await people(world, entitled=True))[:2]]
    await watch(world, who, *numbers, stranger(2))
    await keeper.look()
    await fresh(world, False)
    await keeper.look()
    assert await told(world, who) == [False, False, False]
    await fresh(world, True)
    await keeper.look()
    assert await told(world, who) == [True, True, False]


async def test_a_day_ends_it(
    world: World, who: Viewer, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A membership ends without anybody writing anything; and so does the watch, with the number."""
    (other, never), *_ = await people(world, entitled=False)
    await join(world, other, ends_on=TODAY)
    await watch(world, who, never, until=(TODAY + dt.timedelta(days=1)).isoformat())
    await keeper.look()
    assert await told(world, who) == [True]
    for days, answer, reason in ((1, False, None), (2, None, "LAST_DAY")):
        later = CLOCK + dt.timedelta(days=days)
        monkeypatch.setattr(keeper.quiet, "clock", lambda later=later: later)
        monkeypatch.setattr(world.engine, "clock", lambda later=later: later)
        await fresh(world, True)
        await world.database.owner.execute("update sync_run set started_at = $1", later)
        await keeper.look()
        [node] = await listed(world, who)
        assert (node["isEntitled"], node["endReason"]) == (answer, reason)
    [row] = await world.database.owner.fetch("select * from watch")
    assert (row["id_number"], row["id_number_hash"], row["answered_at"]) == (None, None, None)
    monkeypatch.setattr(world.engine, "clock", lambda: CLOCK + dt.timedelta(days=10))
    await keeper.look()
    assert await listed(world, who) == []
    await world.database.owner.execute("delete from category_membership where record_key = $1", f"w{other}")


async def test_it_ends_with_its_purpose(world: World, who: Viewer, keeper: Keeper) -> None:
    await granted(world.database, "relief-office", "loans", "relief-2")
    loans = await acting_for(world.database, "relief-office", "loans")
    [[_, number], *_] = await people(world, entitled=True)
    await watch(world, who, number)
    await watch(world, loans, number)
    await keeper.look()
    await end_purpose(world.database, "loans")
    await keeper.look()
    assert [(n["purpose"], n["isEntitled"], n["endReason"]) for n in await listed(world, who)] == [
        ("relief", True, None),
        ("loans", None, "PURPOSE_ENDED"),
    ]


async def test_it_ends_with_its_purpose_where_the_client_is_suspended(
    world: World, who: Viewer, keeper: Keeper
) -> None:
    await granted(world.database, "relief-office", "grants", "relief-3")
    grants = await acting_for(world.database, "relief-office", "grants")
    [[_, number], *_] = await people(world, entitled=True)
    await watch(world, who, number)
    await watch(world, grants, number)
    await suspend_client(world.database, "relief-office")
    await end_purpose(world.database, "grants")
    await keeper.look()
    assert [n["endReason"] for n in await listed(world, who)] == [None, "PURPOSE_ENDED"]
    await resume_client(world.database, "relief-office")


async def test_it_ends_where_the_client_may_not_ask_any_more(
    world: World, who: Viewer, keeper: Keeper
) -> None:
    [[_, number], *_] = await people(world, entitled=True)
    await watch(world, who, number)
    await suspend_client(world.database, "relief-office")
    await keeper.look()
    assert await told(world, who) == [None], "who is suspended is asked nothing"
    await resume_client(world.database, "relief-office")
    await keeper.look()
    assert await told(world, who) == [True]
    await end_client(world.database, "relief-office", dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))
    await keeper.look()
    [node] = await listed(world, who)
    assert (node["isEntitled"], node["endReason"]) == (None, "ACCESS_ENDED"), (
        "and not who is no client any more"
    )
    assert await world.database.owner.fetchval("select count(id_number) from watch") == 0
    await end_client(world.database, "relief-office", None)


async def test_it_ends_where_its_scopes_do(world: World, who: Viewer, keeper: Keeper) -> None:
    [[_, number], *_] = await people(world, entitled=True)
    await watch(world, who, number)
    await world.database.owner.execute(
        "update oauth_client set scopes = '{division.r,division.s,watch.r,watch.s}'"
        " where client_id = 'relief-office'"
    )
    await keeper.look()
    [node] = await listed(world, who)
    assert (node["isEntitled"], node["endReason"]) == (None, "ACCESS_ENDED")


async def test_it_is_taken_back(world: World, who: Viewer, keeper: Keeper) -> None:
    [made] = await watch(world, who, stranger(3))
    ended = await world.ask(
        who, "mutation($w: ID!) { endWatch(watch: $w) { endReason isEntitled } }", w=made["id"]
    )
    assert ended == {"endWatch": {"endReason": "UNWATCHED", "isEntitled": None}}
    assert await world.database.owner.fetchval("select count(id_number) from watch") == 0
    code = await world.code(who, "mutation($w: ID!) { endWatch(watch: $w) { id } }", w=made["id"])
    assert code == "CONFLICT"
    assert await watch(world, who, stranger(3)) != [None, "CONFLICT"], "it may be watched again"


async def test_what_is_refused(world: World, who: Viewer) -> None:
    bare = await acting_for(world.database, "relief-office")
    assert await watch(world, bare, stranger(4)) == [None, "BAD_ARGUMENT"], "without a purpose"
    assert await watch(world, who, stranger(4), until="2020-01-01") == [None, "BAD_ARGUMENT"]
    assert await watch(world, who, stranger(4), reference=" ") == [None, "BAD_ARGUMENT"]
    assert await watch(world, who, stranger(4), reference="一" * 65) == [None, "BAD_ARGUMENT"]
    assert await watch(world, who, stranger(4)[:-1] + "?") == [None, "BAD_ARGUMENT"]
    assert await watch(world, who, stranger(4), person={"token": "1." + "A" * 46}) == [None, "BAD_ARGUMENT"]
    first, second, code = await watch(world, who, stranger(4), stranger(4))
    assert (first["isEntitled"], second, code) == (None, None, "CONFLICT")


async def test_a_token_is_as_good_and_nobody_else_sees_it(world: World, who: Viewer, keeper: Keeper) -> None:
    await renew_person_key(world.database, "relief-office", dt.timedelta())
    who = await acting_for(world.database, "relief-office", "relief")
    [[_, number], *_] = await people(world, entitled=True)
    token = token_of(person_key(world.engine.vault, "relief-office", 1), 1, number)
    await watch(world, who, number, person={"token": token})
    await keeper.look()
    assert await told(world, who) == [True]
    await register_client(
        world.database, "another", name="另一部门", role="agency", division_code=QIXING, scopes=SCOPES,
        jwks={"keys": [KEY.as_dict(private=False)]}, replace=True,
    )  # fmt: skip
    other = await acting_for(world.database, "another")
    assert await listed(world, other) == []
    [node] = await listed(world, who)
    ended = "mutation($w: ID!) { endWatch(watch: $w) { id } }"
    assert await world.code(other, ended, w=node["id"]) == "FORBIDDEN"
    nobody = 'mutation { endWatch(watch: "Watch:999999") { id } }'
    assert await world.code(other, nobody) == "FORBIDDEN"


async def test_a_first_answer_is_a_question_and_waits_for_the_day(
    world: World, who: Viewer, keeper: Keeper
) -> None:
    """Two of three fit; and somebody who tries numbers out is told of none."""
    limits = Limits(questions_per_minute=1000, questions_per_day=2)
    made = Questions(world.database, Rate(MemoryCache(), 9, 9), limits, 5, lambda: CLOCK)
    world.engine.count_questions = made.count
    try:
        await watch(world, who, *(stranger(n) for n in range(10, 13)))
        await keeper.look()
        await keeper.look()
        assert await told(world, who) == [False, False, None]
        made.limits = Limits(questions_per_minute=1000, questions_per_day=1000)
        await keeper.look()
        assert await told(world, who) == [False] * 3
        alike = [make_id_number("459999", dt.date(1980, 1, 1), n) for n in range(1, 9)]
        await watch(world, who, *alike)
        await keeper.look()
        assert await told(world, who) == [False] * 3 + [None] * 8
    finally:
        world.engine.count_questions = None


async def test_one_process_has_the_round(world: World, who: Viewer, keeper: Keeper) -> None:
    await watch(world, who, stranger(20))
    await world.database.owner.execute(
        "insert into watch_round (id, snapshot, lease_until)"
        " values (1, pg_current_snapshot()::text, now() + interval '1 minute')"
    )
    await keeper.look()
    assert await told(world, who) == [None]
    await world.database.owner.execute("update watch_round set lease_until = now() - interval '1 second'")
    await keeper.look()
    assert await told(world, who) == [False]


async def test_nothing_of_a_person_is_logged(world: World, who: Viewer, keeper: Keeper) -> None:
    """A refusal by the engine, and one by the limits, are logged."""
    limits = Limits(questions_per_minute=1000, questions_per_day=0)
    world.engine.count_questions = Questions(
        world.database, Rate(MemoryCache(), 9, 9), limits, 5, lambda: CLOCK
    ).count
    await watch(world, who, stranger(30), reference="绝不记录的编号")
    with capture_logs() as lines:
        await keeper.look()
    world.engine.count_questions = None
    said = str(lines)
    assert "watches_wait" in said
    assert stranger(30) not in said
    assert "绝不记录的编号" not in said


async def test_whatever_happens_it_tells_what_would_be_answered(
    world: World, who: Viewer, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random histories: after each round every watch tells what ``eligibilities`` answers then; and few have
    been asked again."""
    rng, owner = random.Random(11), world.database.owner
    asked: list[int] = []

    async def counted(engine: Any, viewer: Viewer, programme: str, some: list[str]) -> list[bool | None]:
        asked.append(len(some))
        return await answered(engine, viewer, programme, some)

    monkeypatch.setattr(keeping, "answered", counted)
    rows = await owner.fetch("select id_number from beneficiary where id_number is not null order by 1")
    numbers = sorted({world.engine.vault.open(row["id_number"]) for row in rows})
    numbers += [stranger(n) for n in range(40, 45)]
    await watch(world, who, *numbers)
    await owner.execute("delete from identity_review")
    await owner.execute("delete from beneficiary_apart")
    turned = 0
    for _ in range(ROUNDS):
        async with world.database.transaction() as connection:
            for _ in range(rng.randint(1, 3)):
                await happen(connection, rng)
        before = await told(world, who)
        await keeper.look()
        found = await world.ask(who, ANSWERS, p=[{"idNumber": each} for each in numbers])
        expected = [item["answer"] == "YES" for item in found["eligibilities"]["items"]]
        assert await told(world, who) == expected
        turned += sum(was is not None and was != now for was, now in zip(before, expected, strict=True))
    assert turned > 10, "histories turn answers"
    assert len(numbers) + turned <= sum(asked) < ROUNDS * len(numbers) / 5


async def happen(connection: Any, rng: random.Random) -> None:
    match rng.choice((0, 0, 0, 1, 2, 3, 3, 4, 4, 5, 6, 7)):
        case 0:
            await edit(connection, rng, "category_membership", category="'DIBAO'", ends_on="null")
        case 1:
            days = f"date '{TODAY}' + {rng.randint(-2, 2)}"
            await edit(connection, rng, "category_membership", category="'DIBAO'", ends_on=days)
        case 2:
            await drop(connection, rng, "category_membership")
        case 3:
            await copy(connection, rng, "category_membership")
        case 4:
            await edit(
                connection, rng, "beneficiary", deceased_on=rng.choice(["null", "null", "date '2020-01-01'"])
            )
        case 5:
            town = "(case county_code when '450305' then '450305001000' else '350582103000' end)"
            await edit(connection, rng, "beneficiary", division_code=town)
        case 6:
            hidden = "id_number = null, id_number_hash = null, id_number_masked = null"
            row = await connection.fetchrow(
                "select county_code, id from beneficiary where id_number is not null"
                " order by (id * $1) % 17, id limit 1 offset 9",
                rng.randint(1, 16),
            )  # fmt: skip
            if row is None:
                return
            await connection.execute(
                f"update beneficiary set {hidden} where county_code = $1 and id = $2", *row
            )
            await connection.execute(
                "insert into change (entity, county_code, entity_id, operation)"
                " values ('beneficiary', $1, $2, 'U')", *row,
            )  # fmt: skip
        case 7:
            await link(connection, rng)
