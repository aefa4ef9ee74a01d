"""What is acknowledged first and answered at a callback: over real HTTP, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from starlette.responses import JSONResponse

from hub.access.persons import person_key, token_of
from hub.dci.exchange import Exchange
from hub.dci.registry import Registry
from hub.dci.subscriptions import ABSENT, Subscriptions
from hub.oauth.clients import suspend_client
from hub.oauth.person_keys import renew_person_key
from tests.support.dci import Party, Receiver, by, party, receiving, searching, status_of, subscribing
from tests.support.serving import Served

SEARCH = "social/registry/search"


@pytest_asyncio.fixture(loop_scope="session")
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def sender(hub: Served, receiver: Receiver) -> Party:
    return await party(hub, "township", receiver.url, callback_token="opensesame")


def number_of(hub: Served) -> str:
    """Of somebody of the township who lives and was in a programme."""
    rows = hub.world.rows
    members = {m["beneficiary_id"] for m in rows["category_membership"] if m["county_code"] == "450305"}
    for person in rows["beneficiary"]:
        here = person["division_code"].startswith("450305001") and person["id"] in members
        if here and person.get("id_number") and not person["deceased_on"]:
            return hub.world.engine.vault.open(person["id_number"])
    raise AssertionError("nobody")


async def soon(hub: Served, number: str) -> None:
    """What waits for its next try is due now."""
    await hub.world.database.fetch(
        "update dci_transaction set due_at = now() where message_number = $1 and due_at is not null", number
    )


async def settled(sender: Party, asked: dict[str, Any]) -> dict[str, Any]:
    """The status, once nothing is pending: the callback is told before that is noted."""
    for _ in range(100):
        answer = await sender.send("social/registry/sync/txn/status", "txn-status", asked)
        found: dict[str, Any] = answer.json()["message"]["txnstatus_response"]["txn_status"]
        if not {each["status"] for each in found["search_response"]} & {"rcvd", "pdng"}:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("still pending")


async def test_a_search_is_acknowledged_and_answered(hub: Served, sender: Party, receiver: Receiver) -> None:
    number = number_of(hub)
    message = searching(by("NIN", number), by("MOBILE", "1"))
    answer = await sender.send(SEARCH, "search", message)
    assert answer.status_code == 202
    told = answer.json()["message"]
    assert told["ack_status"] == "ACK"
    body = await receiver.wait(lambda path, _: path == "/registry/on-search")
    assert body["header"]["action"] == "on-search"
    assert body["message"]["transaction_id"] == message["transaction_id"]
    assert body["message"]["correlation_id"] == told["correlation_id"]
    first, second = body["message"]["search_response"]
    assert (first["status"], second["status"]) == ("succ", "rjct")
    assert len(first["data"]["reg_records"]) == 1
    assert [headers["authorization"] for *_, headers in receiver.came] == ["Bearer opensesame"]
    assert body["signature"].count("..") == 1

    asked = status_of("transaction_id", message["transaction_id"])
    found = await settled(sender, asked)
    assert found["correlation_id"] == told["correlation_id"]
    assert [(e["reference_id"], e["status"]) for e in found["search_response"]] == [
        ("r-0", "succ"),
        ("r-1", "rjct"),
    ]
    assert "data" not in found["search_response"][0]


async def test_nothing_of_an_answer_and_no_number_stays(
    hub: Served, sender: Party, receiver: Receiver
) -> None:
    number = number_of(hub)
    await sender.send(SEARCH, "search", searching(by("NIN", number)))
    await receiver.wait(lambda path, _: path == "/registry/on-search")
    rows = await hub.world.database.fetch("select t::text as text from dci_transaction t")
    assert rows
    assert not any(number.encode().hex() in row["text"] or number in row["text"] for row in rows)


async def test_the_same_message_is_one(hub: Served, sender: Party, receiver: Receiver) -> None:
    message = searching(by("NIN", number_of(hub)))
    told = [
        (await sender.send(SEARCH, "search", message, message_id="again")).json()["message"]["correlation_id"]
        for _ in range(3)
    ]
    assert len(set(told)) == 1
    await receiver.wait(lambda path, _: path == "/registry/on-search")
    await asyncio.sleep(0.3)
    assert len(receiver.came) == 1


async def test_an_answer_that_is_not_taken_is_sent_again(
    hub: Served, sender: Party, receiver: Receiver
) -> None:
    refusals = [
        JSONResponse({}, 503),
        JSONResponse({"message": {"ack_status": "ERR"}}),
        JSONResponse({}, 302, {"Location": receiver.url}),
    ]
    receiver.answers += refusals
    answer = await sender.send(SEARCH, "search", searching(by("NIN", number_of(hub))), message_id="hard")
    for count in range(1, len(refusals) + 2):
        async with receiver.changed, asyncio.timeout(20):
            await receiver.changed.wait_for(lambda n=count: len(receiver.came) >= n)  # type: ignore[misc]
        await asyncio.sleep(0.2)
        if count == 1:
            asked = status_of("correlation_id", answer.json()["message"]["correlation_id"])
            status = await sender.send("social/registry/sync/txn/status", "txn-status", asked)
            assert status.status_code == 200
        await soon(hub, "hard")
    assert len({body["message"]["correlation_id"] for _, body, _ in receiver.came}) == 1
    [row] = await hub.world.database.fetch("select * from dci_transaction where message_number = 'hard'")
    assert (row["due_at"], row["failure_count"]) == (None, len(refusals))


async def test_an_answer_goes_nowhere_else(hub: Served, sender: Party, receiver: Receiver) -> None:
    message = searching(by("NIN", number_of(hub)))
    for uri in ("http://127.0.0.1:1/registry/on-search", "file:///etc/passwd", receiver.url[:-10]):
        answer = await sender.send(SEARCH, "search", message, sender_uri=uri)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "err.sender_uri.invalid"
    await sender.send(SEARCH, "search", message, sender_uri=f"{receiver.url}v2/on-search")
    await receiver.wait(lambda path, _: path == "/registry/v2/on-search")


async def test_who_has_no_callback_asks_at_once(bureau: Party) -> None:
    answer = await bureau.send(SEARCH, "search", searching(by("GLOBAL_ID", "x")))
    assert answer.json()["errors"][0]["code"] == "err.sender_uri.invalid"


async def test_a_client_that_was_suspended_meanwhile_is_told_nothing(
    hub: Served, sender: Party, receiver: Receiver
) -> None:
    receiver.answers.append(JSONResponse({}, 500))
    await sender.send(SEARCH, "search", searching(by("NIN", number_of(hub))), message_id="late")
    await receiver.wait(lambda path, _: True)
    await asyncio.sleep(0.2)
    await suspend_client(hub.world.database, "township")
    try:
        await soon(hub, "late")
        for _ in range(100):
            [row] = await hub.world.database.fetch(
                "select due_at from dci_transaction where message_number = 'late'"
            )
            if row["due_at"] is None:
                break
            await asyncio.sleep(0.1)
        assert row["due_at"] is None
        assert len(receiver.came) == 1
    finally:
        await hub.resume("township")


async def test_the_status_of_nobodys_transaction_is_rejected(
    hub: Served, sender: Party, bureau: Party
) -> None:
    message = searching(by("NIN", number_of(hub)))
    await sender.send(SEARCH, "search", message)
    path = "social/registry/sync/txn/status"
    for who, value in ((sender, "unknown"), (bureau, message["transaction_id"])):
        body = (await who.send(path, "txn-status", status_of("transaction_id", value))).json()
        assert body["header"]["status"] == "rjct"
        assert body["message"]["txnstatus_response"]["txn_status"]["search_response"] == []
    listed = status_of("reference_id_list", ["r-0"])
    body = (await sender.send(path, "txn-status", listed)).json()
    assert body["header"]["status"] == "succ"


async def test_a_message_that_fails_holds_up_no_other(
    hub: Served, sender: Party, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = Registry.find

    async def failing(self: Registry, viewer: Any, criteria: Any) -> Any:
        if criteria.reg_type == "broken":
            raise TypeError("a text that holds what was asked")
        return await find(self, viewer, criteria)

    monkeypatch.setattr(Registry, "find", failing)
    number = number_of(hub)
    await sender.send(SEARCH, "search", searching(by("NIN", number, reg_type="broken")), message_id="fails")
    good = searching(by("NIN", number))
    for _ in range(2):
        await sender.send(SEARCH, "search", good)
        wanted = good["transaction_id"]
        await receiver.wait(lambda _, body, t=wanted: body["message"]["transaction_id"] == t)  # type: ignore[misc]
        await soon(hub, "fails")
        good = searching(by("NIN", number))
    [row] = await hub.world.database.fetch("select * from dci_transaction where message_number = 'fails'")
    assert row["failure_count"] >= 1
    assert row["due_at"] is not None
    await hub.world.database.fetch("delete from dci_transaction where message_number = 'fails'")
    assert "what was asked" not in str(hub.logs.lines())


async def test_a_status_may_be_told_later(hub: Served, sender: Party, receiver: Receiver) -> None:
    message = searching(by("NIN", number_of(hub)))
    await sender.send(SEARCH, "search", message)
    await receiver.wait(lambda path, _: path == "/registry/on-search")
    asked = status_of("transaction_id", message["transaction_id"])
    await settled(sender, asked)
    await sender.send("social/registry/txn/status", "txn-status", asked)
    body = await receiver.wait(lambda path, _: path == "/registry/txn/on-status")
    found = body["message"]["txnstatus_response"]["txn_status"]["search_response"]
    assert [each["status"] for each in found] == ["succ"]


async def subscribed(sender: Party, receiver: Receiver, number: str, event: str, **given: Any) -> str:
    message = subscribing(number, event, **given)
    answer = await sender.send("social/registry/subscribe", "subscribe", message)
    wanted = answer.json()["message"]["correlation_id"]
    body = await receiver.wait(
        lambda path, body: path == "/registry/on-subscribe" and body["message"]["correlation_id"] == wanted
    )
    [item] = body["message"]["subscribe_response"]
    return str(item["subscriptions"][0]["code"]) if item["status"] == "succ" else item["status_reason_code"]


def notified(text: str) -> Callable[[str, dict[str, Any]], bool]:
    return lambda path, body: path == "/registry/notify" and text in str(body)


async def looked(hub: Served, code: str, is_there: bool = True) -> None:
    """Until a look at the subscription is over which found somebody, or nobody."""
    for _ in range(200):
        rows = await hub.world.database.fetch(
            "select from dci_subscription where code = $1 and (told <> $2) = $3"
            " and failure_count = 0 and due_at > now()",
            code, ABSENT, is_there,
        )  # fmt: skip
        if rows:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("never looked at")


CHANGE = """
    with changed as (update beneficiary set phone = $2 where id_number_hash = $1 returning county_code, id)
    insert into change (entity, county_code, entity_id, operation)
    select 'beneficiary', county_code, id, 'U' from changed"""


async def test_a_subscriber_is_told_of_changes_it_may_see(
    hub: Served, sender: Party, receiver: Receiver
) -> None:
    number, vault = number_of(hub), hub.world.engine.vault
    sought = vault.look_up(vault.blind(number))
    bodies = []
    code = await subscribed(sender, receiver, number, "ns:org:RegistryEventType:Update")
    assert await subscribed(sender, receiver, number, "UPDATE") == "rjct.event.already_subscribed"
    await looked(hub, code)
    for phone in ("459 0001", "459 0002"):
        await hub.world.database.fetch(CHANGE, sought, phone)
        bodies.append(await receiver.wait(notified(phone)))
        await looked(hub, code)
    [event] = bodies[0]["message"]["notify_event"]
    assert event["reference_id"] == code
    assert event["data"]["reg_records"]["demographic_info"]["phone_number"] == ["459 0001"]
    before = len(receiver.came)
    await hub.world.database.fetch(CHANGE, sought, "459 0002")  # nothing of it has changed
    await asyncio.sleep(1)
    assert len(receiver.came) == before

    answer = await sender.send(
        "social/registry/unsubscribe",
        "unsubscribe",
        {"transaction_id": "u", "timestamp": "2026-06-01T08:00:00Z", "subscription_codes": [code, "nobodys"]},
    )
    assert answer.status_code == 202
    body = await receiver.wait(lambda path, _: path == "/registry/on-unsubscribe")
    assert body["message"]["subscription_status"] == [{"code": code, "status": "unsubscribe"}]
    assert body["message"]["status_reason_code"] == "rjct.subscription_code.invalid"
    assert not await hub.world.database.fetch("select from dci_subscription where code = $1", code)


async def test_what_another_process_hears_of_meanwhile_is_told(
    hub: Served, sender: Party, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, vault, database = number_of(hub), hub.world.engine.vault, hub.world.database
    sought, post = vault.look_up(vault.blind(number)), Exchange.post
    code = await subscribed(sender, receiver, number, "UPDATE")
    await looked(hub, code)

    async def meanwhile(self: Exchange, http: Any, url: str, *given: Any) -> None:
        await post(self, http, url, *given)
        if url.endswith("/notify"):
            monkeypatch.undo()
            text = "update beneficiary set phone = '459 0005' where id_number_hash = $1"
            await database.fetch(text, sought)
            await database.fetch("update dci_subscription set due_at = now() where code = $1", code)

    monkeypatch.setattr(Exchange, "post", meanwhile)
    await database.fetch(CHANGE, sought, "459 0004")
    for phone in ("459 0004", "459 0005"):
        await receiver.wait(notified(phone))
    await database.fetch("delete from dci_subscription where code = $1", code)


async def test_two_processes_do_not_make_each_other_look_again(
    hub: Served, sender: Party, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, vault, database = number_of(hub), hub.world.engine.vault, hub.world.database
    sought, turn, record = vault.look_up(vault.blind(number)), Subscriptions.turn, Subscriptions._record
    looks: list[Any] = []
    found: list[Subscriptions] = []

    async def turned(self: Subscriptions, http: Any) -> bool:
        found.append(self)
        return await turn(self, http)

    async def slow(self: Subscriptions, viewer: Any, row: Any) -> Any:
        looks.append(row["code"])
        await asyncio.sleep(0.1)
        return await record(self, viewer, row)

    code = await subscribed(sender, receiver, number, "UPDATE")
    await looked(hub, code)
    monkeypatch.setattr(Subscriptions, "turn", turned)
    async with asyncio.timeout(10):
        while not found:  # noqa: ASYNC110 — it has no event
            await asyncio.sleep(0.05)
    stop = asyncio.Event()
    other = asyncio.create_task(replace(found[0]).until(stop))
    try:
        await asyncio.sleep(0.5)
        monkeypatch.setattr(Subscriptions, "_record", slow)
        for phone in ("459 1001", "459 1002", "459 1003"):
            await database.fetch(CHANGE, sought, phone)
            await receiver.wait(notified(phone))
        await asyncio.sleep(1)
        assert looks.count(code) <= 3 * 3
    finally:
        stop.set()
        await other
    await database.fetch("delete from dci_subscription where code = $1", code)


async def test_an_agency_is_told_by_its_token_of_programmes_alone(hub: Served, receiver: Receiver) -> None:
    """From being in no programme to being in one, and out of it again."""
    agency, number = await party(hub, "agency", receiver.url), number_of(hub)
    key = await renew_person_key(hub.world.database, "agency", dt.timedelta(0))
    await hub.sign_in("agency")
    database, vault = hub.world.database, hub.world.engine.vault
    await covered(hub)
    token = token_of(person_key(vault, "agency", key), key, number)
    given = {"filter": {"type": "TOKEN", "value": token}}
    codes = [
        await subscribed(agency, receiver, number, event, **given) for event in ("REGISTER", "DEREGISTER")
    ]
    await set_programme(hub, number, "TEMP_AID", None)
    for code in codes:
        await looked(hub, code, is_there=False)
    await set_programme(hub, number, "TEMP_AID", "2020-01-01")
    told = await receiver.wait(notified(codes[0]))
    record = told["message"]["notify_event"][0]["data"]["reg_records"]
    assert record["member_identifier"][0]["identifier_value"] == token
    assert "TEMP_AID" in str(record["programmes"])
    await looked(hub, codes[1])  # what comes and goes between two looks is not told
    await set_programme(hub, number, "TEMP_AID", None)
    gone = await receiver.wait(notified(codes[1]))
    assert not any(number in str(body) for _, body, _ in receiver.came)
    assert gone["message"]["notify_event"][0]["data"]["reg_records"]["member_identifier"] == [
        {"@type": "Identifier", "identifier_type": "TOKEN", "identifier_value": token}
    ]
    assert len(await database.fetch("select from dci_subscription where client_id = 'agency'")) == 2


async def covered(hub: Served) -> None:
    """Every programme is told of in the county, just now."""
    await hub.world.database.fetch("select setval(pg_get_serial_sequence('sync_run', 'id'), 5000)")
    await hub.world.database.fetch(
        "insert into sync_run (source_id, started_at, status) values (1, now(), 'SUCCEEDED')"
    )
    await hub.world.database.fetch(
        "insert into programme_source (category, county_code, source_id)"
        " select unnest($1::text[]), '450305', 1 on conflict do nothing",
        ["DIBAO", "TEKUN", "TEMP_AID", "ORPHAN", "DE_FACTO_UNATTENDED", "SEVERE_DISABLED", "DISABLED"],
    )
    await asyncio.sleep(2.1)


async def set_programme(hub: Served, number: str, category: str, since: str | None) -> None:
    """The person's memberships are this one, or none; and the sequence of changes says so."""
    vault = hub.world.engine.vault
    sought = vault.look_up(vault.blind(number))
    await hub.world.database.fetch(
        """
        with person as (select county_code, id from beneficiary where id_number_hash = $1),
        kept as (
            update category_membership m set category = $2, starts_on = coalesce($3::date, '2199-01-01'),
                ends_on = null
            from person p where m.county_code = p.county_code and m.beneficiary_id = p.id
            returning m.county_code, m.id)
        insert into change (entity, county_code, entity_id, operation)
        select 'category_membership', county_code, id, 'U' from kept""",
        sought,
        category,
        None if since is None else dt.date.fromisoformat(since),
    )


@pytest.mark.parametrize(
    ("number", "event", "code"),
    [
        ("12345", "UPDATE", "rjct.person_id.invalid"),
        ("459999195003070019", "BIRTH", "rjct.notify_types.invalid"),
    ],
)
async def test_a_wrong_subscription_is_told(
    sender: Party, receiver: Receiver, number: str, event: str, code: str
) -> None:
    assert await subscribed(sender, receiver, number, event) == code


async def test_a_subscription_ends_with_the_client_and_not_with_a_callback_that_is_down(
    hub: Served, sender: Party, receiver: Receiver
) -> None:
    number, vault = number_of(hub), hub.world.engine.vault
    code = await subscribed(sender, receiver, number, "UPDATE")
    await looked(hub, code)
    receiver.answers.append(JSONResponse({}, 500))
    await hub.world.database.fetch(CHANGE, vault.look_up(vault.blind(number)), "459 0003")
    await receiver.wait(notified("459 0003"))
    await asyncio.sleep(0.2)
    due = "update dci_subscription set due_at = now() where code = $1"
    await hub.world.database.fetch(due, code)
    for _ in range(150):
        if len([path for path, body, _ in receiver.came if "459 0003" in str(body)]) == 2:
            break
        await asyncio.sleep(0.1)
    await looked(hub, code)
    await suspend_client(hub.world.database, "township")
    try:
        await hub.world.database.fetch(due, code)
        for _ in range(150):
            if not await hub.world.database.fetch("select from dci_subscription where code = $1", code):
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError("still there")
    finally:
        await hub.resume("township")
