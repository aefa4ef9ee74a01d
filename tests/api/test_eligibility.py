"""``eligibility``: four answers, of which only YES tells of a person; and the same of many."""

from __future__ import annotations

import datetime as dt
import json
import random
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
import pytest_asyncio

from hub.access.numbers import Persons
from hub.access.persons import Asker, person_key, token_of
from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from hub.domain.id_number import make_id_number
from hub.read.asker import Asker as Asking
from tests.support.county import TODAY
from tests.support.pages import programs
from tests.support.reading import AGENCY, DONGJIANG, GUANGXI, JINJIANG, TOWNSHIP, World, small_world, viewer

DAY = dt.timedelta(days=1)
NOW = dt.datetime.combine(TODAY, dt.time(9), CHINA)
ASK = """query($p: PersonInput!, $programme: Programme!, $on: Date) {
  eligibility(person: $p, programme: $programme, on: $on) { answer asOf validUntil programme on } }"""
MANY = """query($persons: [PersonInput!]!, $programme: Programme!, $on: Date) {
  eligibilities(persons: $persons, programme: $programme, on: $on) {
    items { answer asOf validUntil on } refused { index code expected expectedZh } } }"""
ASKERS = [
    AGENCY,
    viewer("agency", GUANGXI),
    viewer("agency", JINJIANG),
    viewer("agency", DONGJIANG),
    TOWNSHIP,
]
TOWNSHIPS: list[str] = []
STRANGER = make_id_number("459999", dt.date(1950, 3, 7), 77)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        rows = await made.database.fetch("select code from division where substr(code, 7, 3) <> '000'")
        await made.database.fetch("select setval(pg_get_serial_sequence('sync_run', 'id'), 1000)")
        TOWNSHIPS[:] = [row["code"] for row in rows]
        yield made


class Run(NamedTuple):
    """Of a source: hours since its newest success began, None where there is none; how old it may be."""

    hours: float | None
    most: int = 24


async def told(world: World, runs: Mapping[int, Run]) -> None:
    """What is known of sources is so, for whoever asks now."""
    async with world.database.transaction() as connection:
        await connection.execute("update sync_run set status = 'FAILED'")
        for source, run in runs.items():
            await connection.execute("update source set max_age_hours = $2 where id = $1", source, run.most)
            if run.hours is not None:
                await connection.execute(
                    "insert into sync_run (source_id, started_at, status) values ($1, $2, 'SUCCEEDED')",
                    source,
                    NOW - dt.timedelta(hours=run.hours),
                )
    world.engine.coverage._known.clear()


OPENED: dict[bytes, str] = {}


def number_of(world: World, person: Mapping[str, Any]) -> str | None:
    sealed = person.get("id_number")
    if sealed and sealed not in OPENED:
        OPENED[sealed] = world.engine.vault.open(sealed)
    return OPENED[sealed] if sealed else None


def inside(who: Viewer, code: str) -> bool:
    level = str(who.division_code).rstrip("0")
    return code.startswith({5: level + "0"}.get(len(level), level))


@cache
def counties_of(who: Viewer) -> set[str]:
    counties = {code[:6] for code in TOWNSHIPS if inside(who, code)}
    if str(who.division_code)[4:6] != "00":
        counties.add(str(who.division_code)[:6])
    return counties


def expected(
    world: World, who: Viewer, runs: Mapping[int, Run], number: str, programme: str, on: dt.date
) -> Any:
    """In plain words: answer, asOf and validUntil."""
    counties = counties_of(who)
    sources: dict[str, list[Run]] = {county: [] for county in counties}
    for m in world.rows["category_membership"]:
        run = runs.get(m["source_id"])
        if m["category"] == programme and m["county_code"] in counties and run and run.hours is not None:
            sources[m["county_code"]].append(run)
    best = {c: max(known, key=lambda r: r.most - (r.hours or 0)) for c, known in sources.items() if known}
    fresh = {county: run for county, run in best.items() if run.most >= (run.hours or 0)}
    yes = any(
        number_of(world, person) == number
        and inside(who, person["division_code"])
        and person["county_code"] in fresh
        and (person["deceased_on"] is None or on <= person["deceased_on"])
        and any(
            (m["county_code"], m["beneficiary_id"], m["category"])
            == (person["county_code"], person["id"], programme)
            and m["starts_on"] <= on
            and (m["ends_on"] is None or on <= m["ends_on"])
            for m in world.rows["category_membership"]
        )
        for person in world.rows["beneficiary"]
    )
    answer = "NO"
    if yes or len(best) < len(counties):
        answer = "YES" if yes else "UNKNOWN"
    elif len(fresh) < len(best):
        answer = "STALE"
    rests = fresh if yes else {} if answer == "UNKNOWN" else best
    times = [NOW - dt.timedelta(hours=run.hours or 0) for run in rests.values()]
    ends = [NOW - dt.timedelta(hours=(run.hours or 0) - run.most) for run in rests.values()]
    as_of, until = (min(each).isoformat(timespec="seconds") if each else None for each in (times, ends))
    return {"answer": answer, "asOf": as_of, "validUntil": until, "on": on.isoformat()}


STATES = [
    {1: Run(1), 2: Run(2)},
    {1: Run(30), 2: Run(2)},
    {1: Run(None), 2: Run(2)},
    {1: Run(5, 720), 2: Run(900, 720)},
    {},
]


@pytest.mark.parametrize("runs", STATES)
@pytest.mark.parametrize("who", ASKERS, ids=lambda v: f"{v.role}-{v.division_code}")
async def test_every_answer_is_right(world: World, who: Viewer, runs: dict[int, Run]) -> None:
    """One by one and all at once, for every person, on days on which something may change."""
    await told(world, runs)
    chance = random.Random(7)
    numbers = [n for p in world.rows["beneficiary"] if (n := number_of(world, p))] + [STRANGER]
    answers = set()
    for programme in ("DIBAO", "ORPHAN"):
        for on in (TODAY, TODAY - 200 * DAY, dt.date(2020, 1, 1)):
            given = chance.choices(numbers, k=60)
            right = [expected(world, who, runs, number, programme, on) for number in given]
            found = await world.ask(
                who, MANY, persons=[{"idNumber": n} for n in given], programme=programme, on=str(on)
            )
            assert found["eligibilities"] == {"items": right, "refused": []}
            answers |= {each["answer"] for each in right}
            for place in chance.sample(range(len(given)), 5):
                one = await world.ask(who, ASK, p={"idNumber": given[place]}, programme=programme, on=str(on))
                assert one["eligibility"] == {**right[place], "programme": programme}
    if who is AGENCY and runs == STATES[0]:
        assert answers == {"YES", "NO"}


@pytest.mark.parametrize("runs", STATES)
async def test_who_is_no_yes_is_told_from_nobody(world: World, runs: dict[int, Run]) -> None:
    """Unknown, of another county, dead, not in the programme, or in it by an old list: the same bytes."""
    await told(world, runs)
    bodies: dict[bool, set[bytes]] = {True: set(), False: set()}
    numbers = [n for p in world.rows["beneficiary"] if (n := number_of(world, p))] + [STRANGER]
    for number in numbers:
        body = (await world.answer(AGENCY, ASK, p={"idNumber": number}, programme="DIBAO")).body
        bodies[b'"YES"' in body].add(body)
    assert len(bodies[False]) == 1
    assert len(bodies[True]) == (1 if runs.get(1, Run(None)).hours in (1, 5) else 0)


async def test_a_run_that_asked_nobody_or_failed_makes_nothing_fresh(world: World) -> None:
    await told(world, {1: Run(30)})
    for status, replay in (("FAILED", False), ("RUNNING", False), ("SUCCEEDED", True)):
        text = "insert into sync_run (source_id, started_at, status, is_replay) values (1, $1, $2, $3)"
        await world.database.fetch(text, NOW, status, replay)
    found = await world.ask(AGENCY, ASK, p={"idNumber": STRANGER}, programme="DIBAO")
    assert found["eligibility"]["answer"] == "STALE"


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────────


def with_keys(who: Viewer, *keys: int) -> Viewer:
    return replace(who, person_keys=frozenset(keys))


async def test_a_token_stands_for_the_number(world: World) -> None:
    await told(world, STATES[0])
    key = person_key(world.engine.vault, AGENCY.client_id, 2)
    who = with_keys(AGENCY, 1, 2)
    numbers = [n for p in world.rows["beneficiary"] if (n := number_of(world, p))]
    by_number = await world.ask(who, MANY, persons=[{"idNumber": n} for n in numbers], programme="DIBAO")
    tokens = [{"token": token_of(key, 2, n)} for n in numbers]
    assert await world.ask(who, MANY, persons=tokens, programme="DIBAO") == by_number
    assert {each["answer"] for each in by_number["eligibilities"]["items"]} == {"YES", "NO"}
    assert not any(number in json.dumps(tokens) for number in numbers)
    one = await world.ask(who, ASK, p=tokens[0], programme="DIBAO")
    assert one["eligibility"]["answer"] == by_number["eligibilities"]["items"][0]["answer"]


async def test_the_log_has_the_same_hash_of_a_number_and_its_token(world: World) -> None:
    vault, who = world.engine.vault, with_keys(AGENCY, 1)
    token = token_of(person_key(vault, AGENCY.client_id, 1), 1, STRANGER)
    for persons in ([{"idNumber": STRANGER}], [{"token": token}], [{"token": token}, {"idNumber": STRANGER}]):
        await world.ask(who, MANY, persons=persons, programme="DIBAO")
    for person in ({"idNumber": STRANGER}, {"token": token}):
        await world.ask(who, ASK, p=person, programme="DIBAO")
    rows = await world.database.fetch("select asked from access_entry order by sequence desc limit 5")
    assert [row["asked"] for row in rows] == [[vault.blind(STRANGER).hex()]] * 5


async def test_only_the_clients_own_tokens_of_keys_it_has_are_taken(world: World) -> None:
    vault, who = world.engine.vault, with_keys(AGENCY, 2)
    good = token_of(person_key(vault, AGENCY.client_id, 2), 2, STRANGER)
    wrong = [
        token_of(person_key(vault, AGENCY.client_id, 1), 1, STRANGER),  # a key that has ended
        token_of(person_key(vault, AGENCY.client_id, 3), 3, STRANGER),  # one to come
        token_of(person_key(vault, "another", 2), 2, STRANGER),
        token_of(person_key(vault, AGENCY.client_id, 1), 2, STRANGER),
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good + "=",
        "2." + STRANGER,
        "",
        "2.",
    ]
    for token in wrong:
        assert await world.code(who, ASK, p={"token": token}, programme="DIBAO") == "BAD_ARGUMENT"
    found = await world.ask(who, MANY, persons=[{"token": t} for t in (*wrong, good)], programme="DIBAO")
    alone = (await world.ask(who, MANY, persons=[{"token": wrong[0]}], programme="DIBAO"))["eligibilities"]
    assert (alone["items"], [each["index"] for each in alone["refused"]]) == ([None], [0])
    refused = found["eligibilities"]["refused"]
    assert [each["index"] for each in refused] == list(range(len(wrong)))
    assert {each["code"] for each in refused} == {"BAD_TOKEN"}
    assert len({token_of(person_key(vault, c, n), n, STRANGER) for c in "ab" for n in (1, 2)}) == 4


@pytest.mark.parametrize("language", ["python", "js"])
def test_the_programs_of_the_page_make_it(world: World, tmp_path: Path, language: str) -> None:
    key = person_key(world.engine.vault, "agency", 3)
    given = orjson.dumps(
        {"client": "agency", "number": 3, "key": urlsafe_b64encode(key).rstrip(b"=").decode()}
    )
    [text] = programs("eligibility", language)
    program = tmp_path / ("token.py" if language == "python" else "token.mjs")
    program.write_text(text, encoding="utf-8")
    command = [sys.executable if language == "python" else "node", str(program), given.decode(), STRANGER]
    made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    assert made == token_of(key, 3, STRANGER)
    assert Asker(world.engine.vault, "agency", frozenset({3}), TODAY).number({"token": made}) == STRANGER


# ── many ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_who_is_wrong_takes_no_other_along(world: World) -> None:
    await told(world, STATES[0])
    number = next(n for p in world.rows["beneficiary"] if (n := number_of(world, p)))
    persons = [
        {"idNumber": "12345"},
        {"idNumber": number},
        {"idNumber": STRANGER[:-1] + "0"},
        {"idNumber": number},
    ]
    found = (await world.ask(AGENCY, MANY, persons=persons, programme="DIBAO"))["eligibilities"]
    assert [each is None for each in found["items"]] == [True, False, True, False]
    assert found["items"][1] == found["items"][3]
    assert [(each["index"], each["code"]) for each in found["refused"]] == [
        (0, "ID_LENGTH"),
        (2, "ID_CHECKSUM"),
    ]
    assert "12345" not in json.dumps(found)
    alone = "query($persons: [PersonInput!]!) { eligibilities(persons: $persons, programme: DIBAO) { %s } }"
    only = await world.ask(AGENCY, alone % "__typename r: refused { __typename i: index }", persons=persons)
    assert only["eligibilities"] == {
        "__typename": "Eligibilities",
        "r": [{"__typename": "RefusedPerson", "i": 0}, {"__typename": "RefusedPerson", "i": 2}],
    }


async def test_a_fault_of_another_field_mixes_no_lists(world: World) -> None:
    """What cannot be answered is left out, and places of arguments move up."""
    number = next(n for p in world.rows["beneficiary"] if (n := number_of(world, p)))
    many = "%s: eligibilities(persons: $%s, programme: DIBAO) { items { on } refused { index } }"
    query = f"""query($a: [PersonInput!]!, $b: [PersonInput!]!) {{
        beneficiary(id: "nobody's") {{ id }} {many % ("a", "a")} {many % ("b", "b")} }}"""
    lists = [{"idNumber": number}], [{"idNumber": "1"}, {"idNumber": STRANGER}]
    asked: list[int] = []

    async def count(_: object, questions: int, persons: Iterable[Persons]) -> None:
        asked.extend([questions, *(len(numbers) for numbers, _ in persons)])

    world.engine.count_questions = count
    try:
        answer = orjson.loads((await world.answer(TOWNSHIP, query, a=lists[0], b=lists[1])).body)
    finally:
        world.engine.count_questions = None
    assert [error["path"] for error in answer["errors"]] == [["beneficiary"]]
    found = [(len(part["items"]), part["refused"]) for part in map(answer["data"].get, "ab")]
    assert found == [(1, []), (2, [{"index": 0}])]
    assert asked == [2, 1, 1]


async def test_every_different_person_is_one_question(world: World) -> None:
    asked: list[int] = []

    async def count(_: object, questions: int, __: object) -> None:
        asked.append(questions)

    world.engine.count_questions = count
    try:
        persons = [{"idNumber": STRANGER}] * 5 + [
            {"idNumber": "1"},
            {"idNumber": make_id_number("459999", DAY1, 1)},
        ]
        await world.ask(AGENCY, MANY, persons=persons, programme="DIBAO")
        await world.ask(AGENCY, ASK, p=persons[0], programme="DIBAO")
    finally:
        world.engine.count_questions = None
    assert asked == [2, 1]


async def test_who_comes_again_is_looked_for_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand look-ups of one person, for one question, would tell by time whether there is one."""
    sent: list[Any] = []
    fetch = Asking._fetch

    async def spy(self: Asking, bill: Any, text: str, *given: Any, **how: Any) -> Any:
        sent.extend(given)
        return await fetch(self, bill, text, *given, **how)

    monkeypatch.setattr(Asking, "_fetch", spy)
    persons = [{"idNumber": STRANGER}] * 5_000 + [{"idNumber": "1"}] + [{"idNumber": STRANGER}] * 4_999
    found = (await world.ask(AGENCY, MANY, persons=persons, programme="DIBAO"))["eligibilities"]
    assert [each is None for each in found["items"]] == [n == 5_000 for n in range(10_000)]
    hashes = [given for given in sent if isinstance(given, list) and given and isinstance(given[0], bytes)]
    assert [len(set(each)) for each in hashes] == [len(each) for each in hashes] != []


DAY1 = dt.date(1950, 1, 1)


@pytest.mark.parametrize("count", [0, 10_001])
async def test_there_are_ten_thousand_at_most(world: World, count: int) -> None:
    persons = [{"idNumber": STRANGER}] * count
    code = await world.code(AGENCY, MANY, persons=persons, programme="DIBAO")
    assert code == "BAD_ARGUMENT"


async def test_ten_thousand_are_answered(world: World) -> None:
    await told(world, STATES[0])
    persons = [{"idNumber": make_id_number("459999", DAY1 + n * DAY, n % 999)} for n in range(9_900)]
    known = [{"idNumber": n} for p in world.rows["beneficiary"] if (n := number_of(world, p))][:100]
    found = await world.ask(AGENCY, MANY, persons=known + persons, programme="DIBAO")
    items = found["eligibilities"]["items"]
    assert len(items) == len(known) + len(persons)
    assert {each["answer"] for each in items[len(known) :]} == {"NO"}
    assert "YES" in {each["answer"] for each in items[: len(known)]}


@pytest.mark.parametrize(
    "asked",
    [
        "eligibility(person: {}, programme: DIBAO) { answer }",
        'eligibility(person: {idNumber: "1", token: "2"}, programme: DIBAO) { answer }',
        "eligibility(person: {idNumber: null}, programme: DIBAO) { answer }",
        "eligibility(programme: DIBAO) { answer }",
        'eligibility(person: {idNumber: "1"}, programme: LEFT_BEHIND_CHILD) { answer }',
        'eligibility(person: {idNumber: "1"}, programme: DIBAO) { answer county }',
    ],
)
async def test_nothing_else_can_be_asked(world: World, asked: str) -> None:
    assert await world.code(AGENCY, f"{{ {asked} }}") in ("GRAPHQL_VALIDATION_FAILED", "BAD_ARGUMENT")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "must specify exactly one key"),
        ({"idNumber": STRANGER, "token": "1.A"}, "must specify exactly one key"),
        ({"idNumber": None}, "'idNumber' must be non-null"),
    ],
)
async def test_who_is_not_named_in_one_way_is_told_with_its_place(
    world: World, wrong: dict[str, Any], told: str
) -> None:
    persons = [{"idNumber": STRANGER}] * 7
    one = (await world.answer(AGENCY, ASK, p=wrong, programme="DIBAO")).body.decode()
    assert "Variable '$p' has invalid value:" in one
    many = await world.answer(AGENCY, MANY, persons=[*persons, wrong, *persons], programme="DIBAO")
    assert "Variable '$persons' has invalid value at [7]:" in many.body.decode()
    assert told in one
    assert told in many.body.decode()
    assert STRANGER not in many.body.decode()


@pytest.mark.parametrize("shown", ["on", "programme", "__typename", "a: on b: on", "asOf", "answer asOf"])
async def test_any_part_may_be_left_out_and_what_is_wrong_is_told_still(world: World, shown: str) -> None:
    query = f'{{ eligibility(person: {{idNumber: "%s"}}, programme: DIBAO, on: "2026-01-01") {{ {shown} }} }}'
    assert len((await world.ask(AGENCY, query % STRANGER))["eligibility"]) == len(
        shown.replace(": ", ":").split()
    )
    assert await world.code(AGENCY, query % "12345") == "BAD_ARGUMENT"
    assert await world.code(AGENCY, query.replace("2026", "2099") % STRANGER) == "BAD_ARGUMENT"
