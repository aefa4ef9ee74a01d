"""What bounds a job: rights that end, budgets, numbers and sizes; and the commands that look after them."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from hub.access.viewer import Viewer
from hub.cli import main
from hub.doctor import JOBS
from hub.errors import HubError
from hub.jobs.asking import NotForUsers, Reception
from hub.jobs.store import Jobs as Store
from hub.jobs.store import TooManyJobs, delete, listed, purge
from hub.oauth.acting import acting_for
from hub.oauth.purposes import end_purpose
from tests.jobs.conftest import ASKED, PEOPLE, REMEMBERED, Jobs, code_of, eventually
from tests.support.logs import captured_logs
from tests.support.postgres import FIELD_KEY, server


def of(persons: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    return {"query": ASKED, "variables": {"programme": "DIBAO"}, "persons": persons, **more}


async def set_client(jobs: Jobs, role: str, **values: Any) -> None:
    for name, value in values.items():
        await jobs.hub.world.database.fetch(
            f"update oauth_client set {name} = $2 where client_id = $1", role, value
        )


async def test_a_purpose_that_ends_ends_its_jobs_and_no_others(jobs: Jobs) -> None:
    database, code = jobs.hub.world.database, await jobs.purpose("agency")
    started = await jobs.start(purpose=code, **of(jobs.persons(3)))
    told, other = await jobs.ended(started), await jobs.ended(await jobs.start(**of(jobs.persons(3))))
    assert (told["purpose"], other["purpose"]) == (code, None)
    url = told["files"][0]["url"]
    assert (await jobs.http.get(url)).status_code == 200
    await end_purpose(database, code)
    assert (await jobs.http.get(url)).status_code == 403
    await asyncio.sleep(REMEMBERED)
    assert (
        await jobs.http.get(started.headers["location"], headers=jobs.hub.bearer("agency"))
    ).status_code == 404
    await jobs.work().tidy()
    row = await jobs.row(told["id"])
    assert (row["state"], row["reason"]) == ("FAILED", "PURPOSE_ENDED")
    assert not await database.fetch("select from job_part where job::text = $1", told["id"])
    assert (await jobs.row(other["id"]))["state"] == "DONE"


async def test_a_purpose_that_ends_while_a_job_waits_ends_it_at_its_next_step(jobs: Jobs) -> None:
    database, code = jobs.hub.world.database, await jobs.purpose("agency", 4)
    started = await jobs.start(purpose=code, **of(jobs.persons(20)))
    told = await jobs.until(started.headers["location"], lambda told: "code" in told)
    assert (told["state"], told["code"], told["progress"]["done"] % 2) == ("WAITING", "RATE_LIMITED", 0)
    assert await database.fetch("select from job_part where job::text = $1", told["id"])
    await end_purpose(database, code)
    await database.fetch("update job set due_at = now() where id::text = $1", told["id"])
    row = await eventually(lambda: jobs.row(told["id"]), lambda row: row["state"] == "FAILED")
    assert row["reason"] == "PURPOSE_ENDED"
    assert not await database.fetch("select from job_part where job::text = $1", told["id"])


async def test_every_job_of_an_ended_right_is_emptied_however_many_there_are(jobs: Jobs) -> None:
    """More than a client is told of at once, and the newest of them have failed long ago."""
    database, code = jobs.hub.world.database, await jobs.purpose("agency")
    old = await jobs.ended(await jobs.start(purpose=code, **of(jobs.persons(1))))
    await database.fetch(
        "insert into job (id, client_id, key, request, document, variables, purpose, scopes, formats, state,"
        " expires_at) select gen_random_uuid(), client_id, key || n, request, document, variables, purpose,"
        " scopes, formats, 'FAILED', expires_at from job, generate_series(1, 250) n where id::text = $1",
        old["id"],
    )
    await end_purpose(database, code)
    await jobs.work().tidy()
    assert (await jobs.row(old["id"]))["reason"] == "PURPOSE_ENDED"
    assert not await database.fetch("select from job_part where job::text = $1", old["id"])
    await database.fetch("delete from job where purpose = $1", code)


async def test_half_of_a_minute_is_left_for_requests(jobs: Jobs) -> None:
    """Of persons, of requests and of units; whatever jobs there are."""
    code = await jobs.purpose("agency", 40)
    started = [await jobs.start(purpose=code, **of(jobs.persons(100))) for _ in range(2)]
    for each in started:
        await jobs.until(each.headers["location"], lambda told: told.get("code") == "RATE_LIMITED")

    async def asked(number: int) -> str | None:
        """The code of an error."""
        body = of(jobs.persons(number))
        body = {"query": body["query"], "variables": {**body["variables"], "persons": body["persons"]}}
        headers = {**jobs.hub.bearer("agency"), "Hub-Purpose": code}
        answer = (await jobs.http.post("/graphql", json=body, headers=headers)).json()
        return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None

    assert [await asked(15), await asked(5)] == [None, None]
    for each in started:
        await jobs.http.delete(each.headers["location"], headers=jobs.hub.bearer("agency"))


async def test_a_job_waits_for_the_next_minute_when_half_of_its_units_are_spent(jobs: Jobs) -> None:
    code = await jobs.purpose("bureau")
    first = await jobs.hub.ask(PEOPLE, "bureau", first=7)
    cost = first.json()["extensions"]["cost"]["static"]
    await jobs.hub.world.database.fetch(
        "update client_purpose set cost_per_minute = $2 where purpose = $1", code, cost * 3
    )
    await asyncio.sleep(REMEMBERED)
    started = await jobs.start("bureau", purpose=code, query=PEOPLE, variables={"first": 7})
    told = await jobs.until(started.headers["location"], lambda told: "code" in told, "bureau")
    assert (told["state"], told["code"]) == ("WAITING", "BUDGET_EXCEEDED")
    assert told["progress"]["done"] in (7, 14)
    row = await jobs.row(told["id"])
    [gone] = await jobs.hub.world.database.fetch("select now() as now")
    assert (row["due_at"] - gone["now"]).total_seconds() <= 60
    await jobs.http.delete(started.headers["location"], headers=jobs.hub.bearer("bureau"))


async def test_a_narrower_token_opens_no_job_of_a_wider_one(jobs: Jobs) -> None:
    told = await jobs.ended(await jobs.start("township", query=PEOPLE), "township")
    database = jobs.hub.world.database
    [row] = await database.fetch("select scopes from oauth_client where client_id = 'township'")
    url, fewer = told["files"][0]["url"], [scope for scope in row["scopes"] if scope != "field:contact"]
    assert len(fewer) < len(row["scopes"])
    await set_client(jobs, "township", scopes=fewer)
    try:
        assert (await jobs.http.get(url)).status_code == 404
        await jobs.hub.sign_in("township")
        assert (await jobs.file(told, "ndjson", "township")).status_code == 404
    finally:
        await set_client(jobs, "township", scopes=row["scopes"])
        await jobs.hub.sign_in("township")
    assert (await jobs.file(told, "ndjson", "township")).status_code == 200


async def test_a_contractor_without_a_contract_has_no_files(jobs: Jobs) -> None:
    """Its last one is terminated; another contractor's are not its own."""
    database = jobs.hub.world.database
    [held] = await database.fetch(
        "select array_agg(id) as ids, array_agg(status) as states from contract where contractor_id = 1"
    )
    today = jobs.work().engine.clock().date()
    await database.fetch(
        "insert into contract (id, county_code, number, division_code, contractor_id, starts_on, ends_on,"
        " amount, status) select 900, county_code, 'HT-900', division_code, 1, $1, $1, 1, 'ACTIVE'"
        " from contract order by id limit 1",
        today,
    )
    told = await jobs.ended(await jobs.start("contractor", query=PEOPLE), "contractor")
    await jobs.work().tidy()
    assert (await jobs.row(told["id"]))["state"] == "DONE"
    try:
        await database.fetch("update contract set status = 'TERMINATED' where contractor_id = 1")
        await jobs.work().tidy()
        row = await jobs.row(told["id"])
        assert (row["state"], row["reason"]) == ("FAILED", "FORBIDDEN")
        assert not await database.fetch("select from job_part where job::text = $1", told["id"])
    finally:
        await database.fetch("delete from contract where id = 900")
        await database.fetch(
            "update contract set status = t.state from unnest($1::bigint[], $2::text[]) t (id, state)"
            " where contract.id = t.id",
            held["ids"],
            held["states"],
        )


async def test_a_document_that_is_trusted_no_more_ends_the_job(jobs: Jobs) -> None:
    """It was when the job began; the client is held to its documents before the second step."""
    await set_client(jobs, "agency", questions_per_minute=4)
    try:
        started = await jobs.start(**of(jobs.persons(20)))
        await jobs.until(started.headers["location"], lambda told: "code" in told)
        await set_client(jobs, "agency", questions_per_minute=None, documents_only=True)
        id_ = started.json()["id"]
        await jobs.hub.world.database.fetch("update job set due_at = now() where id::text = $1", id_)
        told = await jobs.ended(started)
        assert (told["state"], told["code"], told["files"]) == ("FAILED", "DOCUMENT_NOT_TRUSTED", [])
        refused = await jobs.start(**of(jobs.persons(1)))
        assert refused.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    finally:
        await set_client(jobs, "agency", questions_per_minute=None, documents_only=False)
        await asyncio.sleep(REMEMBERED)


async def test_a_day_that_is_spent_is_waited_for(jobs: Jobs) -> None:
    """And the job does not expire before it has come."""
    await set_client(jobs, "agency", questions_per_day=1)
    try:
        told = await jobs.until(
            (await jobs.start(**of(jobs.persons(2)))).headers["location"], lambda told: "code" in told
        )
        assert (told["state"], told["code"]) == ("WAITING", "QUESTIONS_EXCEEDED")
        row = await jobs.row(told["id"])
        assert row["expires_at"] > row["due_at"]
        await jobs.http.delete(f"/jobs/{told['id']}", headers=jobs.hub.bearer("agency"))
    finally:
        await set_client(jobs, "agency", questions_per_day=None)


async def test_a_client_that_is_stopped_waits_for_a_decision_and_loses_nothing(jobs: Jobs) -> None:
    """And is not kept for longer by that."""
    code = await jobs.purpose("agency", 6)
    started = await jobs.start(purpose=code, formats=["csv"], **of(jobs.persons(12)))
    path, database = started.headers["location"], jobs.hub.world.database
    told = await jobs.until(path, lambda told: told.get("code") == "RATE_LIMITED")
    [barred] = await database.fetch("select now() as at")
    await set_client(jobs, "agency", questions_barred_at=barred["at"])
    before, again = await jobs.row(told["id"]), "update job set due_at = now() where id::text = $1"
    try:
        await jobs.allow(code, None)
        await database.fetch(again, told["id"])
        told = await jobs.until(path, lambda told: told.get("code") == "QUESTIONS_BARRED")
        assert (told["state"], told["progress"]["done"] % 3) == ("WAITING", 0)
        row = await jobs.row(told["id"])
        assert (row["expires_at"], row["due_at"] > barred["at"]) == (before["expires_at"], True)
    finally:
        await set_client(jobs, "agency", questions_barred_at=None)
    await database.fetch(again, told["id"])
    assert (await jobs.ended(started))["progress"] == {"done": 12, "total": 12, "failed": 0}


async def test_a_step_that_is_too_much_is_halved_until_it_fits(jobs: Jobs) -> None:
    """Each request of the client may cost no more than a page of some rows."""
    whole = await jobs.ended(await jobs.start("bureau", query=PEOPLE), "bureau")
    answer = await jobs.hub.ask(PEOPLE, "bureau", first=8)
    cost = answer.json()["extensions"]["cost"]["static"]
    await set_client(jobs, "bureau", cost_per_request=cost)
    try:
        told = await jobs.ended(await jobs.start("bureau", query=PEOPLE), "bureau")
        assert told["state"] == "DONE", told
        row = await jobs.row(told["id"])
        assert row["most"] is not None
        assert row["step"] > (await jobs.row(whole["id"]))["step"]
        assert await jobs.rows(told, "bureau") == await jobs.rows(whole, "bureau")
        await set_client(jobs, "bureau", cost_per_request=1)
        told = await jobs.ended(await jobs.start("bureau", query=PEOPLE), "bureau")
        assert (told["state"], told["code"]) == ("FAILED", "COST_EXCEEDED")
    finally:
        await set_client(jobs, "bureau", cost_per_request=None)


async def test_a_client_has_so_many_under_way_and_others_have_theirs(jobs: Jobs) -> None:
    await set_client(jobs, "agency", questions_per_minute=2)
    try:
        answers = [await jobs.start(**of(jobs.persons(9))) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [202] * 5 + [429]
        assert answers[-1].json()["errors"][0]["extensions"]["code"] == TooManyJobs.code
        assert (await jobs.start("township", query=PEOPLE)).status_code == 202
        for answer in answers[:5]:
            gone = await jobs.http.delete(answer.headers["location"], headers=jobs.hub.bearer("agency"))
            assert gone.status_code == 204
    finally:
        await set_client(jobs, "agency", questions_per_minute=None)


async def test_what_is_kept_of_all_jobs_of_a_client_has_a_bound(jobs: Jobs) -> None:
    """Of those that are done, too; until one is deleted."""
    told = await jobs.ended(await jobs.start(**of(jobs.persons(2))))
    bound = jobs.hub.settings.jobs_per_client * jobs.hub.settings.job_bytes
    text = "update job set bytes = $2 where id::text = $1"
    await jobs.hub.world.database.fetch(text, told["id"], bound)
    refused = await jobs.start(**of(jobs.persons(1)))
    assert (refused.status_code, code_of(refused)) == (429, TooManyJobs.code)
    await jobs.ended(await jobs.start("township", query=PEOPLE), "township")
    await jobs.http.delete(f"/jobs/{told['id']}", headers=jobs.hub.bearer("agency"))
    await jobs.ended(await jobs.start(**of(jobs.persons(1))))


async def test_a_result_that_is_too_large_ends_the_job(jobs: Jobs) -> None:
    work, viewer = jobs.work(), await acting_for(jobs.hub.world.database, "bureau")
    few = replace(work, most_rows=10)
    job: dict[str, Any] = {"id": "x", "done": 8, "bytes": 0, "step": 1}
    with pytest.raises(HubError) as error:
        await few._stepped(job, [{}] * 3, 0, None, True)
    assert (error.value.code, viewer.client_id) == ("JOB_TOO_LARGE", "bureau")
    with pytest.raises(HubError):
        await replace(work, most_bytes=10)._stepped(job, [{"a": "b" * 10}], 0, None, True)


async def test_an_upload_has_its_bounds_and_leaves_nothing(jobs: Jobs) -> None:
    database = jobs.hub.world.database
    reception = Reception(jobs.work(), None, 5, 1500, 10_000, 1000)  # type: ignore[arg-type]

    async def some(count: int) -> Any:
        for _ in range(count):
            yield [("459999193004064563", None, None)] * 400

    with pytest.raises(HubError, match="1500"):
        await reception._take(await _begun(jobs), some(4), _Digest())
    assert await reception._take(await _begun(jobs), some(3), _Digest()) == 1200
    await database.fetch("delete from job where key like 'bounds-%'")
    body = orjson.dumps(jobs.persons(1)[0])
    await database.fetch("update job set due_at = now() + interval '1 hour' where state = 'WAITING'")
    before = (await database.fetch("select count(*) from job_part"))[0][0]
    refused = await jobs.upload(b"\n".join([body] * 3000 + [b"{}"]), "application/x-ndjson")
    assert refused.json()["errors"][0]["message"].startswith("Line 3001:")
    assert (await database.fetch("select count(*) from job_part"))[0][0] == before


class _Digest:
    def update(self, data: bytes) -> None:
        pass


async def _begun(jobs: Jobs) -> Any:
    import uuid

    id_ = uuid.uuid4()
    store = Store(jobs.hub.world.database, "x", 1)
    await store.begin(50, 10**12, id_, "agency", f"bounds-{secrets.token_hex(4)}", b"", b"", None, [], [])
    return id_


async def test_users_start_none(jobs: Jobs) -> None:
    """Who signed in may be gone when a job runs."""
    viewer: Viewer = replace(await acting_for(jobs.hub.world.database, "township"), user_id=7)
    reception = Reception(jobs.work(), None, 5, 10, 10, 10)  # type: ignore[arg-type]
    with pytest.raises(NotForUsers):
        await reception.started(None, viewer)  # type: ignore[arg-type]


async def said(jobs: Jobs, *words: str) -> str:
    """By ``hub job``, where all goes well."""
    environment = {
        "HUB_DATABASE_URL": (await server()).dsn(jobs.hub.world.database.name),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_DATA_DIR": str((await server()).directory / "commands"),
    }
    with captured_logs(jobs.hub.settings):  # a command configures logging, and the hub goes on with its own
        done = await asyncio.to_thread(CliRunner().invoke, main, ["job", *words], env=environment)
    assert done.exit_code == 0, done.output
    return done.output


async def test_operators_see_and_end_jobs_of_clients(jobs: Jobs) -> None:
    done = await jobs.ended(await jobs.start(key="of-the-list", **of(jobs.persons(2))))
    code = await jobs.purpose("agency", 4)
    started = await jobs.start(purpose=code, **of(jobs.persons(9)))
    waits = await jobs.until(started.headers["location"], lambda told: "code" in told)
    lines = {line.split()[0]: line for line in (await said(jobs, "list", "--client", "agency")).splitlines()}
    assert "agency  of-the-list  DONE  2 of 2 rows" in lines[done["id"]]
    assert f"WAITING (RATE_LIMITED)  {waits['progress']['done']} of 9 rows" in lines[waits["id"]]
    assert done["id"] not in await said(jobs, "list", "--client", "bureau")
    assert await said(jobs, "cancel", waits["id"]) == "Deleted.\n"
    assert (await jobs.http.get(f"/jobs/{waits['id']}", headers=jobs.hub.bearer("agency"))).status_code == 404
    assert await said(jobs, "purge") == "0 deleted.\n"
    count = len((await said(jobs, "list", "--client", "agency", "--last", "9999")).splitlines())
    assert await said(jobs, "purge", "--client", "agency") == f"{count} deleted.\n"
    assert await said(jobs, "list", "--client", "agency") == ""


async def test_commands_and_doctor_look_after_them(jobs: Jobs) -> None:
    database = jobs.hub.world.database
    told = await jobs.ended(await jobs.start(**of(jobs.persons(2))))
    assert told["id"] in {str(row["id"]) for row in await listed(database, "agency", 50)}
    assert not [row for row in await listed(database, "bureau", 50) if str(row["id"]) == told["id"]]
    await database.fetch(
        "update job set expires_at = now() - interval '1 hour' where id::text = $1", told["id"]
    )
    assert (await database.fetch(JOBS))[0]["left_alone"] >= 1
    assert await purge(database) >= 1
    assert not await delete(database, told["id"])
    left = await jobs.ended(await jobs.start(**of(jobs.persons(2))))
    assert await delete(database, left["id"])
    await jobs.ended(await jobs.start("township", query=PEOPLE), "township")
    assert await purge(database, "township") >= 1
    assert not await listed(database, "township", 5)
