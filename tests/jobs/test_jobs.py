"""Jobs: what is asked once or in steps is the same; done once, for whoever may, and for no longer."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
import pytest

from hub.access.persons import person_key, token_of
from hub.jobs.document import listing_of
from hub.jobs.store import Job, Lost
from hub.jobs.working import Work
from hub.oauth.acting import acting_for
from hub.oauth.clients import suspend_client
from hub.store.rotation import keyed_tables
from tests.api.test_dpop_requests import Holder
from tests.jobs.conftest import ASKED, PEOPLE, REMEMBERED, Jobs, code_of, eventually
from tests.support.trusted import register

BAD = {"idNumber": "459999195003070771"}
"""Its last character is wrong."""


async def answers(jobs: Jobs, persons: list[dict[str, str]], role: str = "agency") -> list[Any]:
    """At once, as ``eligibilities`` gives them."""
    answer = await jobs.hub.ask(ASKED, role, persons=persons, programme="DIBAO")
    items: list[Any] = answer.json()["data"]["eligibilities"]["items"]
    return items


def row_of(place: int, item: Any, reference: str | None = None, refused: str | None = None) -> dict[str, Any]:
    return {"line": place, "reference": reference, "refused": refused, **(item or {})}


async def test_persons_are_answered_in_order_as_they_are_at_once(jobs: Jobs) -> None:
    persons = [*jobs.persons(), BAD, *jobs.persons(3)]
    told = await jobs.ended(await jobs.start(query=ASKED, variables={"programme": "DIBAO"}, persons=persons))
    assert (told["state"], told["progress"]) == (
        "DONE",
        {"done": len(persons), "total": len(persons), "failed": 1},
    )
    items = await answers(jobs, persons)
    assert {item and item["answer"] for item in items} > {None, "YES"}
    refused = {len(persons) - 4: "ID_CHECKSUM"}
    assert await jobs.rows(told) == [
        row_of(n, item, None, refused.get(n - 1)) for n, item in enumerate(items, 1)
    ]


async def test_steps_are_of_as_many_as_a_minute_allows_and_make_one_result(jobs: Jobs) -> None:
    """So many persons that there are several steps; each row refers to what the client called it."""
    some = jobs.persons(40)
    persons = [{**some[n % len(some)], "reference": f"A-{n}"} for n in range(2345)]
    body = b"\n".join(map(orjson.dumps, persons))
    told = await jobs.ended(await jobs.upload(body, "application/x-ndjson"))
    assert told["progress"] == {"done": 2345, "total": 2345, "failed": 0}
    assert (await jobs.row(told["id"]))["step"] == 3
    items = await answers(jobs, some)
    rows = await jobs.rows(told)
    assert rows == [row_of(n + 1, items[n % len(some)], f"A-{n}") for n in range(2345)]


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
async def test_a_csv_is_read_in_its_charset(jobs: Jobs, charset: str) -> None:
    some = jobs.persons(5)
    lines = ["编号,身份证号", *(f'"第{n}号, 甲",{each["idNumber"]}' for n, each in enumerate(some)), ""]
    mark = "\ufeff" if charset == "utf-8" else ""
    body = (mark + "\r\n".join(lines)).encode(charset)
    told = await jobs.ended(await jobs.upload(body, f"text/csv; charset={charset}"))
    rows = await jobs.rows(told)
    assert [row["reference"] for row in rows] == [f"第{n}号, 甲" for n in range(5)]
    assert [row["answer"] for row in rows] == [item["answer"] for item in await answers(jobs, some)]


async def test_a_list_is_read_to_its_end(jobs: Jobs) -> None:
    told = await jobs.ended(await jobs.start("bureau", query=PEOPLE, variables={"first": 7}), "bureau")
    listed = await jobs.hub.ask(PEOPLE, "bureau", first=200)
    nodes = listed.json()["data"]["beneficiaries"]["nodes"]
    assert len(nodes) > 20
    assert await jobs.rows(told, "bureau") == nodes
    assert told["progress"] == {"done": len(nodes), "total": len(nodes), "failed": 0}
    assert (await jobs.row(told["id"]))["step"] == -(-len(nodes) // 7)


async def test_a_key_starts_one_job(jobs: Jobs) -> None:
    given: dict[str, Any] = {"query": ASKED, "variables": {"programme": "DIBAO"}, "persons": jobs.persons(3)}
    key = secrets.token_hex(8)
    first = await jobs.start(key=key, **given)
    again = await asyncio.gather(*(jobs.start(key=key, **given) for _ in range(3)))
    assert {each.json()["id"] for each in again} == {first.json()["id"]}
    await jobs.ended(first)
    assert (await jobs.start(key=key, **given)).status_code == 200
    other = await jobs.start(key=key, **{**given, "persons": jobs.persons(2)})
    assert (other.status_code, other.json()["errors"][0]["extensions"]["code"]) == (409, "KEY_REUSED")
    nobodys = await jobs.start("township", key=key, **given)  # another client's key is another
    assert nobodys.json()["id"] != first.json()["id"]


async def test_another_clients_job_is_no_job(jobs: Jobs) -> None:
    given: dict[str, Any] = {"query": ASKED, "variables": {"programme": "DIBAO"}, "persons": jobs.persons(3)}
    told = await jobs.ended(await jobs.start(**given))
    url = told["files"][0]["url"]
    paths = [f"/jobs/{told['id']}", f"/jobs/{told['id']}/result.ndjson"]
    for path in paths:
        none = path.replace(told["id"], "00000000-0000-4000-8000-000000000000")
        for method in ("GET", "DELETE") if path == paths[0] else ("GET", "HEAD"):
            theirs = await jobs.http.request(method, path, headers=jobs.hub.bearer("bureau"))
            nobodys = await jobs.http.request(method, none, headers=jobs.hub.bearer("bureau"))
            assert (theirs.status_code, theirs.content) == (404, nobodys.content), (method, path)
            assert nobodys.status_code == 404
    assert told["id"] not in (await jobs.http.get("/jobs", headers=jobs.hub.bearer("bureau"))).text
    assert told["id"] in (await jobs.http.get("/jobs", headers=jobs.hub.bearer("agency"))).text
    assert (await jobs.http.get(url)).status_code == 200


async def test_a_job_is_deleted_with_all_it_has(jobs: Jobs) -> None:
    database = jobs.hub.world.database
    given: dict[str, Any] = {"query": ASKED, "variables": {"programme": "DIBAO"}, "persons": jobs.persons(3)}
    told = await jobs.ended(await jobs.start(formats=["csv"], **given))
    kinds = await database.fetch("select kind from job_part where job::text = $1 order by 1", told["id"])
    assert [row["kind"] for row in kinds] == ["csv", "ndjson"], "and not what it was given"
    gone = await jobs.http.delete(f"/jobs/{told['id']}", headers=jobs.hub.bearer("agency"))
    assert gone.status_code == 204
    for table in ("job_part", "job_file"):
        assert not await database.fetch(f"select from {table} where job::text = $1", told["id"])
    assert (await jobs.http.get(told["files"][0]["url"])).status_code == 401


async def test_what_expired_is_gone_before_it_is_deleted(jobs: Jobs) -> None:
    database = jobs.hub.world.database
    given: dict[str, Any] = {"query": ASKED, "variables": {"programme": "DIBAO"}, "persons": jobs.persons(3)}
    told = await jobs.ended(await jobs.start(key="expiring", **given))
    await database.fetch("update job set expires_at = now() where id::text = $1", told["id"])
    assert (await jobs.file(told, "ndjson")).status_code == 404
    assert (await jobs.http.get(told["files"][0]["url"])).status_code == 401
    assert await database.fetch("select from job_part where job::text = $1", told["id"])
    assert (await jobs.start(key="expiring", **given)).status_code == 202, "its key is free"
    assert not await database.fetch("select from job where id::text = $1", told["id"])
    assert not await database.fetch("select from job_part where job::text = $1", told["id"])


@asynccontextmanager
async def taken(jobs: Jobs, started: httpx.Response, by: Work) -> AsyncIterator[Job]:
    """The job as one process has it, which is killed at the end."""
    database, id_ = jobs.hub.world.database, started.json()["id"]
    [row] = await database.fetch(
        "update job set state = 'RUNNING', lease = $2, lease_until = now() + interval '1 minute'"
        " where id::text = $1 returning *",
        id_,
        by.jobs.lease,
    )
    yield dict(row)
    await database.fetch("update job set lease_until = now() - interval '1 second' where id::text = $1", id_)


async def test_after_a_crash_another_goes_on_and_nothing_is_there_twice(jobs: Jobs) -> None:
    """The process that began took two steps, and was killed before it wrote the third."""
    dead, some, stop = jobs.work(), jobs.persons(30), asyncio.Event()
    body = b"\n".join(orjson.dumps(some[n % len(some)]) for n in range(3500))
    started = await jobs.upload(body, "application/x-ndjson")
    async with taken(jobs, started, dead) as job:
        while job["step"] < 2:
            job = await dead.step(job, stop) or job
        running = await jobs.look(f"/jobs/{job['id']}")
        assert (running["state"], running["progress"]["done"]) == ("RUNNING", 2000)
    told = await jobs.ended(started)
    with pytest.raises(Lost):
        await dead.step(job, stop)
    items = await answers(jobs, some)
    assert await jobs.rows(told) == [row_of(n + 1, items[n % len(some)]) for n in range(3500)]


async def test_after_a_crash_while_a_file_is_made_it_is_made_again(jobs: Jobs) -> None:
    """The process was killed behind the first piece of two; what it held to then is not in the file."""
    dead, stop, some, reference = jobs.work(), asyncio.Event(), jobs.persons(20), "r" * 190
    body = b"\n".join(
        orjson.dumps({**some[n % len(some)], "reference": f"{n}{reference}"}) for n in range(6000)
    )
    started = await jobs.upload(body, "application/x-ndjson", formats="csv")
    async with taken(jobs, started, dead) as job:
        while job["done"] < 6000:
            job = await dead.step(job, stop) or job
        viewer = await acting_for(jobs.hub.world.database, "agency")
        listing = listing_of(dead.engine.operation(viewer, ASKED, None, reading=True))
        pieces = dead.maker._written(job, "csv", listing)
        size = len(await anext(pieces))
    told = await jobs.ended(started)
    with pytest.raises(Lost):
        await anext(pieces)
    rows = await jobs.rows(told)
    text = (await jobs.file(told, "csv")).text
    assert len(text) > size
    assert [line.split(",")[:2] for line in text.splitlines()[1:]] == [
        [str(row["line"]), row["reference"]] for row in rows
    ]


async def test_several_processes_do_each_step_once(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of them and four jobs; in the access log there is one entry for each step."""
    monkeypatch.setattr("hub.jobs.working.SECONDS", 0.05)
    some, stop, work = jobs.persons(10), asyncio.Event(), [jobs.work() for _ in range(2)]
    body = b"\n".join(orjson.dumps(some[n % len(some)]) for n in range(2500))
    count = "select count(*) from access_entry where client_id = 'agency' and asked <> '{}'"
    [before] = await jobs.hub.world.database.fetch(count)
    others = [asyncio.create_task(each.until(stop)) for each in work]
    try:
        started = [await jobs.upload(body, "application/x-ndjson", formats="csv") for _ in range(4)]
        told = [await jobs.ended(each) for each in started]
    finally:
        stop.set()
        await asyncio.gather(*others)
    [after] = await jobs.hub.world.database.fetch(count)
    assert after["count"] - before["count"] == 4 * 3
    for each in told:
        assert (each["state"], each["progress"]["done"]) == ("DONE", 2500)
        assert [row["line"] for row in await jobs.rows(each)] == list(range(1, 2501))
        assert [file["format"] for file in each["files"]] == ["csv", "ndjson"]


async def test_a_job_that_is_deleted_while_it_runs_is_gone_and_stays_so(jobs: Jobs) -> None:
    runs, stop = jobs.work(), asyncio.Event()
    body = b"\n".join(orjson.dumps(each) for each in jobs.persons(20) * 60)
    started = await jobs.upload(body, "application/x-ndjson")
    path = started.headers["location"]
    async with taken(jobs, started, runs) as job:
        job = await runs.step(job, stop) or job
        assert (await jobs.http.delete(path, headers=jobs.hub.bearer("agency"))).status_code == 204
        with pytest.raises(Lost):
            await runs.step(job, stop)
    parts = "select from job_part where job = $1"
    assert not await jobs.hub.world.database.fetch(parts, job["id"])
    assert (await jobs.http.get(path, headers=jobs.hub.bearer("agency"))).status_code == 404


async def test_a_right_that_ends_ends_the_job_and_deletes_it(jobs: Jobs) -> None:
    database = jobs.hub.world.database
    started = await jobs.start("township", query=PEOPLE, variables={})
    told = await jobs.ended(started, "township")
    await suspend_client(database, "township")
    try:
        assert (await jobs.http.get(told["files"][0]["url"])).status_code == 401
        await jobs.work().tidy()
        row = await jobs.row(told["id"])
        assert (row["state"], row["reason"]) == ("FAILED", "UNAUTHENTICATED")
        assert not await database.fetch("select from job_part where job::text = $1", told["id"])
    finally:
        await jobs.hub.resume("township")
    assert (await jobs.look(f"/jobs/{told['id']}", "township"))["code"] == "UNAUTHENTICATED"
    assert (await jobs.file(told, "ndjson", "township")).status_code == 404


async def test_what_is_no_job_is_refused_with_nobodys_number(jobs: Jobs) -> None:
    number = jobs.persons(1)[0]["idNumber"]
    ask: dict[str, Any] = {"query": ASKED, "variables": {"programme": "DIBAO"}}
    persons = jobs.persons(1)
    wrong: list[dict[str, Any]] = [
        {},
        ask,
        {**ask, "persons": []},
        {**ask, "persons": "x"},
        {**ask, "persons": [{}]},
        {**ask, "persons": [{"idNumber": number, "token": number}]},
        {**ask, "persons": [{"idNumber": number, "name": number}]},
        {**ask, "persons": [{"idNumber": int(number[:17])}]},
        {**ask, "persons": [{"idNumber": number * 10}]},
        {**ask, "persons": persons, "formats": ["doc"]},
        {**ask, "persons": persons, "more": 1},
        {**ask, "persons": persons, "variables": {}},
        {**ask, "persons": persons, "variables": {"programme": "DIBAO", "persons": persons}},
        {"query": PEOPLE, "persons": persons},
        {"query": "{ viewer { role } }"},
        {"query": "{ nothing }"},
        {"query": "{"},
        {"query": ASKED.replace("refused { index code }", ""), "persons": persons},
        {"query": PEOPLE.replace("hasNextPage ", "")},
        {"query": PEOPLE.replace("nodes", "n: nodes")},
        {"documentId": "nobodys"},
    ]
    before = (await jobs.hub.world.database.fetch("select count(*) from job"))[0][0]
    for given in wrong:
        answer = await jobs.start("township", **given)
        assert answer.status_code in (400, 422), (given, answer.text)
        assert answer.json()["errors"][0]["extensions"]["code"]
        assert number not in answer.text
    for body, kind in (
        (f"{number}\n", "text/csv"),
        (f"idNumber\n{number},1\n", "text/csv"),
        (f'idNumber\n"{number}\n', "text/csv"),
        (f"{number}\n", "application/x-ndjson"),
        ("idNumber\n" + "x" * 3000, "text/csv"),
        ("\xff", "text/csv; charset=utf-16"),
        (b"idNumber\n\xff\xff", "text/csv"),
        ("", "text/csv"),
        (number, "text/plain"),
    ):
        answer = await jobs.upload(body if isinstance(body, bytes) else body.encode(), kind)
        assert answer.status_code in (400, 415, 422), (body, answer.text)
        assert number not in answer.text
    assert (await jobs.hub.world.database.fetch("select count(*) from job"))[0][0] == before
    without = await jobs.http.post("/jobs", json={"query": PEOPLE}, headers=jobs.hub.bearer("bureau"))
    assert without.json()["errors"][0]["extensions"]["code"] == "BAD_ARGUMENT"
    assert (await jobs.http.put("/jobs", headers=jobs.hub.bearer())).headers["allow"] == "GET, POST"


async def test_what_every_step_would_be_refused_for_is_refused_at_once(jobs: Jobs) -> None:
    born = 'after: $after, where: {birthOn: {eq: "1799-01-01"}})'
    on = 'programme: $programme, on: "1799-01-01")'
    for role, given in (
        ("bureau", {"query": PEOPLE.replace("after: $after)", born)}),
        ("bureau", {"query": PEOPLE, "variables": {"first": 100_000}}),
        ("agency", {"query": ASKED.replace("programme: $programme)", on), "persons": jobs.persons(1)}),
    ):
        answer = await jobs.start(role, **({"variables": {"programme": "DIBAO"}} | given))
        assert (answer.status_code, code_of(answer)) == (422, "BAD_ARGUMENT"), answer.text


async def test_nothing_of_a_person_is_told_or_lies_open(jobs: Jobs) -> None:
    """In the tables everything that is of somebody is sealed; in logs there is nobody."""
    given: dict[str, Any] = {"query": ASKED, "variables": {"programme": "DIBAO"}, "persons": jobs.persons(9)}
    told = await jobs.ended(await jobs.start(formats=["csv", "xlsx", "parquet"], **given))
    number = jobs.persons(1)[0]["idNumber"]
    sealed = {keyed.table.name: keyed.sealed for keyed in keyed_tables()}
    assert (sealed["job"], sealed["job_part"]) == (("document", "variables"), ("content",))
    rows = await jobs.hub.world.database.fetch(
        "select t::text from job t union all select t::text from job_part t"
    )
    assert not [row for row in rows if number in row[0] or number.encode().hex() in row[0]]
    assert number not in orjson.dumps(told).decode()
    lines = [str(line) for line in jobs.hub.logs.lines()]
    assert any("job_done" in line for line in lines)
    assert not [line for line in lines if number in line]


async def test_who_was_asked_about_is_in_the_access_log(jobs: Jobs) -> None:
    database, vault = jobs.hub.world.database, jobs.hub.world.engine.vault
    number = jobs.persons(4)[3]["idNumber"]
    count = "select count(*) from access_entry where client_id = 'agency' and $1 = any (asked)"
    before = (await database.fetch(count, vault.blind(number).hex()))[0][0]
    given: dict[str, Any] = {"query": ASKED, "variables": {"programme": "DIBAO"}, "persons": jobs.persons(4)}
    told = await jobs.ended(await jobs.start(**given))
    assert (await database.fetch(count, vault.blind(number).hex()))[0][0] == before + 1
    downloads = "select count(*) from access_entry where operation = $1"
    for n in range(2):
        assert (await database.fetch(downloads, told["id"].replace("-", "")))[0][0] == n
        await jobs.file(told, "ndjson")


async def test_a_list_of_nobody_makes_files_without_rows(jobs: Jobs) -> None:
    empty = PEOPLE.replace("after: $after", 'after: $after, where: {birthOn: {eq: "1901-01-01"}}')
    started = await jobs.start("bureau", query=empty, formats=["csv", "xlsx", "parquet"])
    told = await jobs.ended(started, "bureau")
    assert (told["state"], told["progress"]) == ("DONE", {"done": 0, "total": 0, "failed": 0})
    sizes = {file["format"]: file["bytes"] for file in told["files"]}
    assert sizes.pop("ndjson") == 0
    assert min(sizes.values()) > 0
    assert (await jobs.file(told, "ndjson", "bureau")).content == b""
    assert (await jobs.file(told, "ndjson", "bureau", Range="bytes=0-")).status_code == 416
    text = (await jobs.file(told, "csv", "bureau")).text
    assert text.splitlines() == [
        "\ufeffid,nameMasked,birthOn,disabilityGrade,division.code,division.name,memberships.nodes"
    ]


async def test_a_trusted_document_is_asked_by_its_name(jobs: Jobs) -> None:
    await register(jobs.hub.world.database, "bureau", everybody=PEOPLE)
    by_name = await jobs.ended(await jobs.start("bureau", documentId="everybody"), "bureau")
    by_text = await jobs.ended(await jobs.start("bureau", query=PEOPLE), "bureau")
    assert by_name["progress"]["done"] > 20
    assert await jobs.rows(by_name, "bureau") == await jobs.rows(by_text, "bureau")


async def test_persons_can_be_named_by_tokens(jobs: Jobs) -> None:
    """And who has a bad one is refused in his row."""
    database, vault = jobs.hub.world.database, jobs.hub.world.engine.vault
    await database.fetch("update oauth_client set person_key = 1 where client_id = 'agency'")
    await asyncio.sleep(REMEMBERED)
    persons, key = jobs.persons(20), person_key(vault, "agency", 1)
    tokens = [{"token": token_of(key, 1, each["idNumber"])} for each in persons]
    lines = ["token", *(each["token"] for each in tokens), f"2{tokens[0]['token'][1:]}"]
    told = await jobs.ended(await jobs.upload("\n".join(lines).encode(), "text/csv"))
    assert told["progress"] == {"done": 21, "total": 21, "failed": 1}
    items = await answers(jobs, persons)
    expected = [row_of(n, item) for n, item in enumerate(items, 1)]
    assert await jobs.rows(told) == [*expected, row_of(21, None, refused="BAD_TOKEN")]


async def test_a_token_that_is_bound_to_a_key_starts_and_downloads(jobs: Jobs) -> None:
    """With a proof for each request; without one, as nobody."""
    hub: Any = SimpleNamespace(served=jobs.hub, database=jobs.hub.world.database)
    holder = await Holder(hub, "prover").begin()
    headers = {**holder.headers("POST", "/jobs"), "Idempotency-Key": "one"}
    started = await jobs.http.post("/jobs", json={"query": PEOPLE}, headers=headers)
    path = started.headers["location"]

    async def look() -> dict[str, Any]:
        told: dict[str, Any] = (await jobs.http.get(path, headers=holder.headers("GET", path))).json()
        return told

    await eventually(look, lambda told: told.get("state") == "DONE")
    file = f"{path}/result.ndjson"
    good = await jobs.http.get(file, headers=holder.headers("GET", file))
    assert (good.status_code, good.content.count(b"\n")) == (200, (await look())["progress"]["done"])
    for headers in (holder.headers("GET", path), {"Authorization": f"Bearer {holder.token}"}):
        assert (await jobs.http.get(file, headers=headers)).status_code == 401
    await jobs.http.delete(path, headers=holder.headers("DELETE", path))
