"""Clients are told of what changes: signed, in order, at least once, and of nothing outside their slice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError
from starlette.responses import RedirectResponse, Response

from hub.delivery import service, telling
from hub.delivery.endpoints import pause, replay, resume, retry, rotate
from hub.delivery.places import Places
from hub.domain.dates import china_now
from hub.oauth.clients import end_client, resume_client, suspend_client
from tests.support.delivery import COUNTY, Endpoint
from tests.support.purposes import granted
from tests.support.serving import Served
from tests.support.streaming import ENDED, LIVE, commit


async def people(hub: Served, division: str = COUNTY, count: int = 3) -> list[int]:
    rows = await hub.world.database.owner.fetch(
        "select id from beneficiary where county_code = $1 and left(division_code, length($2)) = $2"
        " order by id limit $3", COUNTY, division, count,
    )  # fmt: skip
    assert len(rows) == count
    return [row[0] for row in rows]


async def test_changes_are_told_signed_and_in_order(hub: Served, endpoint: Endpoint) -> None:
    secret = await endpoint.add(document="full", is_full=True)
    numbers = await people(hub)
    await commit(endpoint.database, beneficiary=numbers)
    assert await endpoint.ids(3) == [("UPSERT", str(n)) for n in numbers]
    [came] = endpoint.came
    told = came.verify(secret)
    assert (told["type"], told["data"]["webhook"]) == ("hub.changes", "one")
    assert set(came.events[0]["node"]) == {"nameMasked", "riskLevel"}
    with pytest.raises(WebhookVerificationError):
        came.verify("whsec_" + "A" * 43 + "=")
    await commit(endpoint.database, beneficiary=numbers[:1])
    assert (await endpoint.ids(4))[3:] == [("UPSERT", str(numbers[0]))]
    place = await endpoint.place(delivered_count=4, lease=None)
    assert (place["failure_count"], place["ending"], place["entities"]) == (0, None, ["beneficiary"])
    assert b"position" in came.body
    for line in hub.logs.text.splitlines():
        assert secret not in line


async def test_what_is_sent_is_in_the_access_log(hub: Served, endpoint: Endpoint) -> None:
    before = await endpoint.database.owner.fetchval("select count(*) from access_entry")
    await endpoint.add(document="full", is_full=True)
    numbers = await people(hub, count=2)
    await commit(endpoint.database, beneficiary=numbers)
    await endpoint.ids(2)
    rows = await endpoint.database.owner.fetch("select * from access_entry offset $1", before)
    [entry] = [row for row in rows if row["client_id"] == "bureau"]
    assert all(f"{COUNTY}:{n}" in entry["records"] for n in numbers)


async def test_each_is_told_of_its_slice(hub: Served, endpoint: Endpoint) -> None:
    await endpoint.add("township")
    [inside] = await people(hub, "450305001", 1)
    [outside] = [
        row[0]
        for row in await endpoint.database.owner.fetch(
            "select min(id) from beneficiary where county_code = $1 and division_code not like '450305001%'",
            COUNTY,
        )
    ]
    await commit(endpoint.database, beneficiary=[outside, inside])
    assert await endpoint.ids(1) == [("UPSERT", str(inside))]
    await endpoint.place(lease=None)
    # Who moves away is gone, and that is all that is told.
    moved = f"update beneficiary set division_code = '450305002001' where id = {inside}"
    await commit(endpoint.database, moved + f" and county_code = '{COUNTY}'", beneficiary=[inside])
    assert (await endpoint.ids(2))[1:] == [("GONE", str(inside))]


async def test_messages_hold_so_many_events(hub: Served, endpoint: Endpoint) -> None:
    await endpoint.add(max_events=2)
    numbers = await people(hub, count=5)
    await commit(endpoint.database, beneficiary=numbers)
    assert [n for _, n in await endpoint.ids(5)] == [str(n) for n in numbers]
    assert [len(each.events) for each in endpoint.came] == [2, 2, 1]
    assert len({each.id for each in endpoint.came}) == 3


async def test_a_secret_is_rotated_with_an_overlap(hub: Served, endpoint: Endpoint) -> None:
    old = await endpoint.add()
    new = await rotate(endpoint.database, hub.world.engine.vault, "bureau", "one", 1)
    await commit(endpoint.database, beneficiary=await people(hub, count=1))
    [came] = await endpoint.messages(1)
    assert len(came.headers["webhook-signature"].split()) == 2
    came.verify(old)
    came.verify(new)
    newest = await rotate(endpoint.database, hub.world.engine.vault, "bureau", "one", 0)
    await endpoint.place(lease=None)
    await commit(endpoint.database, beneficiary=await people(hub, count=1))
    came = (await endpoint.messages(2))[1]
    came.verify(newest)
    with pytest.raises(WebhookVerificationError):
        came.verify(new)


async def test_a_message_not_taken_comes_again_the_same(hub: Served, endpoint: Endpoint) -> None:
    await endpoint.add()
    one, two, three = await people(hub)
    endpoint.answers = [Response(status_code=503, headers={"retry-after": "3000"})]
    await commit(endpoint.database, beneficiary=[one, two])
    place = await endpoint.place(failure_count=1, lease=None)
    waits = (place["due_at"] - china_now()).total_seconds()
    assert 2900 < waits <= 3000
    await commit(endpoint.database, beneficiary=[three, one])  # which is told behind, and not within
    endpoint.answers = [RedirectResponse("http://127.0.0.1:1/")]
    await endpoint.soon()
    place = await endpoint.place(failure_count=2, lease=None)
    assert place["reason"] == "HTTP_307"
    await endpoint.soon()
    first, second, third, fourth = await endpoint.messages(4)
    assert first.id == second.id == third.id != fourth.id
    told = [[e["id"].rpartition(":")[2] for e in each.events] for each in (first, third, fourth)]
    assert told == [[str(one), str(two)], [str(one), str(two)], [str(three), str(one)]]
    await endpoint.place(failure_count=0, reason=None, delivered_count=4)


async def test_who_is_gone_is_told_no_more(hub: Served, endpoint: Endpoint) -> None:
    await endpoint.add()
    endpoint.answers = [Response(status_code=410)]
    await commit(endpoint.database, beneficiary=await people(hub, count=1))
    place = await endpoint.place(reason="HTTP_410")
    assert place["stopped_at"] is not None
    await resume(endpoint.database, "bureau", "one")
    first, second = await endpoint.messages(2)
    assert first.id == second.id


@pytest.mark.parametrize("is_skipping", [False, True])
async def test_what_is_given_up_leaves_nobody_s_data(
    hub: Served, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, is_skipping: bool
) -> None:
    monkeypatch.setattr(telling, "WAITS", (0,))
    await endpoint.add(document="full", is_full=True, is_skipping=is_skipping)
    one, two = await people(hub, count=2)
    endpoint.answers = [Response(status_code=500)] * 2
    await commit(endpoint.database, beneficiary=[one])
    await endpoint.messages(2)
    if is_skipping:
        await endpoint.place(failure_count=0, lease=None, ending=None)
    else:
        await endpoint.place(failure_count=2, lease=None, reason="HTTP_500")
    [letter] = await endpoint.database.owner.fetch("select * from webhook_letter")
    assert (letter["reason"], letter["event_count"], letter["failure_count"]) == ("HTTP_500", 1, 2)
    assert not {"name", "node", "Beneficiary"} & set("".join(map(str, letter.values())).split())
    await commit(endpoint.database, beneficiary=[two])
    if is_skipping:
        assert [n for _, n in await endpoint.ids(3)] == [str(one), str(one), str(two)]
    await retry(endpoint.database, "bureau", "one")
    sent = [n for _, n in await endpoint.ids(5 if is_skipping else 4)]
    assert sent[-2:] == [str(one), str(two)]
    assert await endpoint.database.owner.fetchval("select settled_at from webhook_letter") is not None


async def test_pause_resume_and_replay(hub: Served, endpoint: Endpoint) -> None:
    since = china_now()
    await endpoint.add()
    one, two = await people(hub, count=2)
    await pause(endpoint.database, "bureau", "one")
    await commit(endpoint.database, beneficiary=[one, two])
    await asyncio.sleep(0.5)
    assert endpoint.came == []
    await resume(endpoint.database, "bureau", "one")
    assert [n for _, n in await endpoint.ids(2)] == [str(one), str(two)]
    await endpoint.place(lease=None, delivered_count=2)
    await replay(endpoint.database, "bureau", "one", since, 7)
    assert [n for _, n in await endpoint.ids(4)][2:] == [str(one), str(two)]
    assert endpoint.came[0].id != endpoint.came[-1].id


async def test_an_endpoint_that_waited_too_long_for_its_turn_is_given_back(
    hub: Served, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    await endpoint.add()
    [number] = await people(hub, count=1)
    with monkeypatch.context() as patched:
        patched.setattr(service, "AHEAD_SECONDS", -1.0)
        await commit(endpoint.database, beneficiary=[number])
        await asyncio.sleep(0.5)
        assert endpoint.came == []
    assert await endpoint.ids(1) == [("UPSERT", str(number))]
    await endpoint.place(delivered_count=1, lease=None)


async def test_a_suspended_client_is_told_nothing(hub: Served, endpoint: Endpoint) -> None:
    await endpoint.add("township")
    await suspend_client(endpoint.database, "township")
    try:
        [inside] = await people(hub, "450305001", 1)
        await commit(endpoint.database, beneficiary=[inside])
        await endpoint.place(reason="UNAUTHENTICATED", lease=None)
        assert endpoint.came == []
    finally:
        await resume_client(endpoint.database, "township")
    assert await endpoint.ids(1) == [("UPSERT", str(inside))]


@pytest.mark.parametrize("ending", ["suspended", "expired"])
async def test_a_message_of_a_client_that_has_ended_does_not_leave(
    hub: Served, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Not even one that was made before."""
    sending, database = Places.sending, endpoint.database

    async def ended(self: Places, *given: Any) -> None:
        if ending == "suspended":
            await suspend_client(database, "township")
        else:
            await end_client(database, "township", china_now())
        await sending(self, *given)

    await endpoint.add("township")
    [inside] = await people(hub, "450305001", 1)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(Places, "sending", ended)
            await commit(database, beneficiary=[inside])
            await endpoint.place(reason="UNAUTHENTICATED", lease=None)
        assert endpoint.came == []
    finally:
        await end_client(database, "township", None)
        await resume_client(database, "township")
    assert await endpoint.ids(1) == [("UPSERT", str(inside))]


@pytest.mark.parametrize("moment", ["before it is asked why", "before it is noted"])
async def test_a_client_that_is_resumed_at_once_is_told(
    hub: Served, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    sending, later, database = Places.sending, Places.later, endpoint.database
    monkeypatch.setattr(telling, "PAUSE_SECONDS", 0.1)

    async def suspended(self: Places, *given: Any) -> None:
        if suspensions:
            await sending(self, *given)
            return
        suspensions.append(1)
        await suspend_client(database, "township")
        try:
            await sending(self, *given)
        finally:
            if moment == "before it is asked why":
                await resume_client(database, "township")

    async def resumed(self: Places, row: Any, reason: str | None, *given: Any) -> None:
        if reason == "UNAUTHENTICATED":
            await resume_client(database, "township")
            await asyncio.sleep(0.5)  # the hub hears of it
        await later(self, row, reason, *given)

    suspensions: list[int] = []
    monkeypatch.setattr(Places, "sending", suspended)
    monkeypatch.setattr(Places, "later", resumed)
    await endpoint.add("township")
    [inside] = await people(hub, "450305001", 1)
    await commit(database, beneficiary=[inside])
    assert await endpoint.ids(1) == [("UPSERT", str(inside))]


async def test_a_contract_that_ends_is_told_and_then_nothing(hub: Served, endpoint: Endpoint) -> None:
    await endpoint.add("contractor")
    answer = await hub.ask("{ beneficiaries(first: 1) { nodes { id } } }", "contractor")
    one = int(answer.json()["data"]["beneficiaries"]["nodes"][0]["id"].rpartition(":")[2])
    await commit(endpoint.database, beneficiary=[one])
    assert (await endpoint.ids(1))[0] == ("UPSERT", str(one))
    await endpoint.place(lease=None, ending=None)
    try:
        await commit(endpoint.database, ENDED, beneficiary=[one])
        last = (await endpoint.wait(lambda c: c[-1].message["type"] != "hub.changes"))[-1]
        assert last.message["type"] == "hub.access_changed"
        assert last.message["data"] == {"webhook": "one"}
        await endpoint.place(lease=None, ending=None)
        count = len(endpoint.came)
        await commit(endpoint.database, beneficiary=[one])
        await asyncio.sleep(0.5)
        assert len(endpoint.came) == count
    finally:
        await commit(endpoint.database, LIVE)


async def test_a_right_that_ends_is_told_once(hub: Served, endpoint: Endpoint) -> None:
    await endpoint.add("bureau", document="thin")
    [one] = await people(hub, count=1)
    await commit(endpoint.database, beneficiary=[one])
    await endpoint.ids(1)
    await endpoint.place(lease=None)
    scopes = await endpoint.database.owner.fetchval(
        "select scopes from oauth_client where client_id = 'bureau'"
    )
    await endpoint.database.owner.execute(
        "update oauth_client set scopes = array['stations:public'] where client_id = 'bureau'"
    )
    try:
        await commit(endpoint.database, beneficiary=[one])
        last = (await endpoint.messages(2))[1]
        assert last.message["type"] == "hub.access_ended"
        assert last.message["data"]["code"]
        await endpoint.place(slice="-", lease=None)
        await commit(endpoint.database, beneficiary=[one])
        await asyncio.sleep(0.5)
        assert len(endpoint.came) == 2
    finally:
        await endpoint.database.owner.execute(
            "update oauth_client set scopes = $1 where client_id = 'bureau'", scopes
        )
    assert (await endpoint.messages(3))[2].message["type"] == "hub.access_changed"


async def test_who_is_far_behind_reads_anew(hub: Served, endpoint: Endpoint) -> None:
    await endpoint.add()
    await pause(endpoint.database, "bureau", "one")
    await commit(endpoint.database, beneficiary=await people(hub, count=1))
    await endpoint.database.owner.execute("update webhook_place set told_at = now() - interval '8 days'")
    await resume(endpoint.database, "bureau", "one")
    [came] = await endpoint.messages(1)
    assert came.message["type"] == "hub.resync"
    await endpoint.place(lease=None, ending=None)
    [one] = await people(hub, count=1)
    await commit(endpoint.database, beneficiary=[one])
    assert await endpoint.ids(1) == [("UPSERT", str(one))]


async def _hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def test_one_that_hangs_holds_up_nobody(hub: Served, endpoint: Endpoint) -> None:
    silent = await asyncio.start_server(_hang, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    for n in range(3):
        await endpoint.add(name=f"slow{n}", url=f"http://127.0.0.1:{port}/")
    await endpoint.add("township", name="quick")
    [inside] = await people(hub, "450305001", 1)
    start = asyncio.get_running_loop().time()
    await commit(endpoint.database, beneficiary=[inside])
    assert await endpoint.ids(1) == [("UPSERT", str(inside))]
    assert asyncio.get_running_loop().time() - start < 2  # that they have to answer
    reasons: Any = []
    async with asyncio.timeout(10):
        while len(reasons) < 3:
            reasons = await endpoint.database.owner.fetch(
                "select 1 from webhook_place where reason = 'TOO_SLOW'"
            )
            await asyncio.sleep(0.05)
    silent.close()


async def test_an_agency_is_told_when_somebody_is_entitled(hub: Served, endpoint: Endpoint) -> None:
    """By what it calls the person, over HTTP from the mutation on; the number is in no message."""
    db, owner = hub.world.database, hub.world.database.owner
    await owner.execute(
        "update oauth_client set scopes = scopes || '{watch.c,watch.r,watch.d,watch.s}'"
        " where client_id = 'agency'"
    )
    await owner.execute("update sync_run set status = 'SUCCEEDED', is_replay = false, started_at = now()")
    await owner.execute(
        "insert into programme_source select distinct 'DIBAO', county_code,"
        " (select min(source_id) from sync_run) from beneficiary on conflict do nothing"
    )
    await granted(db, "agency", "relief", usual=True)
    await hub.sign_in("agency")
    row = await owner.fetchrow(
        "select m.id, b.id_number from category_membership m join beneficiary b"
        " on b.county_code = m.county_code and b.id = m.beneficiary_id where b.county_code = $1"
        " and b.deceased_on is null and b.id_number is not null"
        " and b.division_code like '450305%' order by m.id limit 1",
        COUNTY,
    )
    assert row is not None
    number = hub.world.engine.vault.open(row["id_number"])
    never = "update category_membership set category = 'DIBAO', starts_on = '2020-01-01', ends_on = {}"
    never += f" where county_code = '{COUNTY}' and id = {row['id']}"
    await commit(db, never.format("'2020-01-02'"), category_membership=[row["id"]])
    await endpoint.add("agency", document="watches", is_full=True)
    text = """mutation($n: String!) { watchPerson(person: {idNumber: $n}, programme: DIBAO,
        reference: "户-17", until: "2099-12-31") { id isEntitled } }"""
    answer = (await hub.ask(text, "agency", n=number)).json()
    assert answer["data"]["watchPerson"]["isEntitled"] is None, answer
    nodes = await endpoint.nodes(2)
    assert nodes[-1] == {"reference": "户-17", "isEntitled": False}
    await commit(db, never.format("null"), category_membership=[row["id"]])
    assert (await endpoint.nodes(len(nodes) + 1))[-1] == {"reference": "户-17", "isEntitled": True}
    assert all(number.encode() not in each.body for each in endpoint.came)
    assert number not in hub.logs.text
    assert "户-17" not in hub.logs.text
