"""Warnings that are pushed: a sender with a clock and a key of its own, the hub's route, and the next run."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from connectors import CONNECTORS
from connectors.emulators.push import Sender
from connectors.emulators.switches import Switches
from hub.domain.dates import china_now
from hub.domain.id_number import make_id_number
from hub.sync import hooks
from hub.sync.hooks import Hooks, forget_deliveries, signature
from hub.sync.schedule import _claim, work
from hub.web.hooks import hook_routes
from tests.connectors.hub_of import CODE, Filled, at, hub_of, moment

COUNTY = "450305"
NUMBERS = [make_id_number("459999", dt.date(1950, 1, day), 11) for day in range(1, 6)]
MOST = 16_384
HELD = "select kind, level, raised_on, settled_on from warning order by raised_on, kind"


@pytest.fixture
async def hub() -> AsyncIterator[Filled]:
    async with hub_of(COUNTY) as filled:
        await filled.register("warnings", "push://省级动态监测平台")
        for number in NUMBERS:
            await person(filled, number)
        yield filled


async def person(hub: Filled, number: str) -> None:
    hashed = hub.vault.look_up(hub.vault.blind(number))
    await hub.database.owner.execute(
        "insert into beneficiary (county_code, name, name_masked, id_number, id_number_hash, division_code)"
        " values ($1, '测试', '测*', $2, $3, '450305001000')",
        COUNTY,
        hub.vault.seal_steady(number),
        hashed,
    )


@pytest.fixture
async def sender(hub: Filled, tmp_path: Path) -> AsyncIterator[Sender]:
    app = Starlette(routes=hook_routes(Hooks(hub.database, hub.vault, china_now), MOST))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:
        there = Sender(client, f"/hooks/{CODE}", Switches(tmp_path), china_now)
        await hub.register("warnings", "push://省级动态监测平台", webhook=there.secret)
        yield there


def warning(number: int, **more: Any) -> dict[str, Any]:
    cells = {
        "WARNING_NO": f"YJ{number:05}",
        "KIND": "大额医疗支出",
        "DEPARTMENT": "医保局",
        "LEVEL": "2",
        "ID_CARD": NUMBERS[number],
        "DIVISION_CODE": "450305001001",
        "RAISED_ON": f"2026-06-0{number + 1}",
        "SETTLED_ON": "",
        "RESULT": "",
        "NAME": "张三",
        "BANK_ACCOUNT": "62220000",
    }
    return {**cells, **more}


async def held(hub: Filled) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await hub.database.owner.fetch(HELD)]


async def test_warnings_arrive_are_settled_and_withdrawn(hub: Filled, sender: Sender) -> None:
    for number in range(3):
        sender.tell("raised", at(moment(1)), **warning(number))
    assert await sender.send() == [204] * 3
    report = await hub.sync()
    assert (report.read, report.changed, report.quarantined) == (3, 3, 0)
    settled = warning(0, SETTLED_ON="2026-06-09", RESULT="已纳入临时救助")
    sender.tell("settled", at(moment(9)), **settled)
    sender.tell("withdrawn", at(moment(9)), **warning(1))
    await sender.send()
    await hub.sync()
    assert await held(hub) == [
        ("大额医疗支出", "LEVEL_2", dt.date(2026, 6, 1), dt.date(2026, 6, 9)),
        ("大额医疗支出", "LEVEL_2", dt.date(2026, 6, 3), None),
    ]
    assert (await hub.sync()).read == 0


async def test_x2_what_is_sent_again_is_kept_once(hub: Filled, sender: Sender) -> None:
    sender.switches.turn_on("x02-again", 2)
    for number in range(2):
        sender.tell("raised", at(moment(1)), **warning(number))
    assert await sender.send() == [204] * 4
    assert sender.switches.count("x02-again") == 2
    assert await hub.one("select count(*) from hook_delivery") == 2
    report = await hub.sync()
    assert (report.read, len(await held(hub))) == (2, 2)
    sender.tell("raised", at(moment(1)), **warning(0))  # under an id of its own, long since read
    await sender.send()
    assert (await hub.sync()).changed == 0


async def test_x3_the_end_comes_before_the_beginning(hub: Filled, sender: Sender) -> None:
    sender.switches.turn_on("x03-order", 1)
    sender.tell("raised", at(moment(1)), **warning(0))
    sender.tell("settled", at(moment(5)), **warning(0, SETTLED_ON="2026-06-05"))
    await sender.send()
    await hub.sync()
    sender.tell("withdrawn", at(moment(9)), **warning(1))
    await sender.send()
    await hub.sync()
    sender.tell("raised", at(moment(2)), **warning(1))
    await sender.send()
    await hub.sync()
    assert sender.switches.count("x03-order") == 1
    assert await held(hub) == [("大额医疗支出", "LEVEL_2", dt.date(2026, 6, 1), dt.date(2026, 6, 5))]


@pytest.mark.parametrize("fault", ["x07-skew", "forged"])
async def test_a_wrong_clock_or_key_is_refused_until_it_is_mended(
    hub: Filled, sender: Sender, fault: str
) -> None:
    sender.switches.turn_on(fault, 1)
    sender.tell("raised", at(moment(1)), **warning(0))
    assert await sender.send() == [401]
    assert await hub.one("select count(*) from hook_delivery") == 0
    assert await sender.send() == [204]
    assert sender.switches.count(fault) == 1


async def test_nobody_learns_which_sources_there_are(hub: Filled, sender: Sender) -> None:
    heads = {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
    answers = [
        (await sender.client.post(f"/hooks/{code}", content=b"{}", headers=given))
        for code in (CODE, "nobody")
        for given in (heads, {})
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["errors"][0]["extensions"]["code"] == "HOOK_REFUSED"


async def test_a_signed_delivery_with_an_id_or_a_time_that_is_none(hub: Filled, sender: Sender) -> None:
    now = str(int(china_now().timestamp()))
    for name, time in (("a b", now), ("", now), ("m", "now"), ("m", "999999999999")):
        signed = signature(sender.secret, name, time, b"{}")
        heads = {"webhook-id": name, "webhook-timestamp": time, "webhook-signature": signed}
        answer = await sender.client.post(sender.path, content=b"{}", headers=heads)
        assert answer.status_code == 401


async def test_bodies_that_are_too_large_or_packed_and_other_methods(hub: Filled, sender: Sender) -> None:
    assert (await sender.client.post(sender.path, content=b"x" * (MOST + 1))).status_code == 413
    packed = {"content-encoding": "gzip"}
    assert (await sender.client.post(sender.path, content=b"x", headers=packed)).status_code == 415
    assert (await sender.client.get(sender.path)).status_code == 405


async def test_two_keys_while_one_takes_the_place_of_the_other(hub: Filled, sender: Sender) -> None:
    await hub.register("warnings", "push://x", webhook=f"a-plain-secret {sender.secret}")
    sender.tell("raised", at(moment(1)), **warning(0))
    assert await sender.send() == [204]


def test_the_signature_is_that_of_the_standard() -> None:
    """The example that the libraries of Standard Webhooks test themselves with."""
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_what_could_not_be_kept_is_not_taken(
    hub: Filled, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "PATIENCE", 0.2)
    sender.tell("raised", at(moment(1)), **warning(0))
    async with hub.database.transaction() as connection:
        await connection.execute("lock table hook_delivery")
        assert await sender.send() == [503]
    assert await hub.one("select count(*) from hook_delivery") == 0
    assert await sender.send() == [204]


async def test_a_number_is_never_committed_behind_one_that_was_read(hub: Filled, sender: Sender) -> None:
    """While a delivery is under way, no later one of its source is committed."""
    sender.tell("raised", at(moment(1)), **warning(0))
    sender.tell("raised", at(moment(1)), **warning(1))
    async with hub.database.transaction() as connection:
        number = await hub.one("select id from source where code = $1", CODE)
        await connection.execute("select pg_advisory_xact_lock($1, $2)", hooks.LOCK, number)
        sending = asyncio.create_task(sender.send())
        await asyncio.sleep(0.1)
        assert not sending.done()
    assert await sending == [204, 204]
    assert (await hub.sync()).read == 2


async def test_who_is_not_there_yet_is_waited_for(hub: Filled, sender: Sender) -> None:
    later = make_id_number("459999", dt.date(1960, 1, 1), 11)
    sender.tell("raised", at(moment(1)), **warning(0, ID_CARD=later))
    await sender.send()
    await hub.sync()
    assert await held(hub) == []
    assert list((await hub.reasons()).values()) == [["REFERENCE_UNKNOWN"]]
    await person(hub, later)
    await hub.sync()
    assert len(await held(hub)) == 1
    assert await hub.reasons() == {}


async def test_what_is_no_warning_stops_none_that_is(hub: Filled, sender: Sender) -> None:
    sender.tell("raised", at(moment(1)), **warning(0, LEVEL="9"))
    sender.tell("raised", at(moment(1)), **warning(1, DIVISION_CODE="350582001000"))
    sender.tell("raised", at(moment(1)), **warning(2, DIVISION_CODE=""))
    sender.tell("renamed", at(moment(1)), **warning(3))
    sender.outbox += [
        ("m1", {"type": "warning.raised", "timestamp": "gestern", "data": {}}),
        ("m2", {"type": "warning.raised", "timestamp": "0001-01-01T00:00:00+08:00", "data": {}}),
        ("m3", {"type": "warning.raised", "timestamp": "2026-06-01T09:00:00", "data": {"KIND": "x"}}),
        ("m4", [1]),  # type: ignore[list-item]
    ]
    sender.tell("raised", at(moment(1)), **warning(4))
    assert set(await sender.send()) == {204}
    report = await hub.sync()
    assert (report.quarantined, len(await held(hub))) == (8, 1)
    reasons = await hub.reasons()
    assert reasons["WARNING YJ00000"] == ["CODE_UNKNOWN"]
    assert reasons["WARNING YJ00001"] == ["DIVISION_OUTSIDE"]
    assert reasons["WARNING YJ00002"] == ["REQUIRED"]
    assert [reasons[f"delivery m{n}"] for n in range(1, 5)] == [
        ["DELIVERY_UNREADABLE"],
        ["DELIVERY_UNREADABLE"],
        ["REQUIRED"],
        ["DELIVERY_UNREADABLE"],
    ]
    sender.tell("changed", at(moment(2)), **warning(0, LEVEL="1"))
    await sender.send()
    await hub.sync()
    assert "WARNING YJ00000" not in await hub.reasons()


async def test_x35_what_nobody_asked_for_is_in_no_quarantine(hub: Filled, sender: Sender) -> None:
    sender.tell("raised", at(moment(1)), **warning(0, LEVEL="9"))
    await sender.send()
    await hub.sync()
    raw = hub.vault.open(await hub.one("select raw from quarantined_row"))
    assert "62220000" not in raw
    assert "张三" not in raw
    body = await hub.one("select body from hook_delivery")
    assert NUMBERS[0].encode() not in body


async def test_the_worker_reads_what_was_pushed_before_its_interval(hub: Filled, sender: Sender) -> None:
    await hub.sync()
    sender.tell("raised", at(moment(1)), **warning(0))
    await sender.send()
    stop = asyncio.Event()
    working = asyncio.create_task(work(hub.database, hub.vault, CONNECTORS, 3600, stop))
    async with asyncio.timeout(20):
        while not await held(hub):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    stop.set()
    await working


async def test_a_source_that_fails_is_not_tried_all_the_time(hub: Filled, sender: Sender) -> None:
    await hub.sync()
    sender.tell("raised", at(moment(1)), **warning(0))
    await sender.send()
    await hub.database.owner.execute("update source set last_status = 'FAILED'")
    assert await _claim(hub.database, dt.timedelta(hours=1)) is None
    await hub.database.owner.execute("update source set last_status = 'SUCCEEDED'")
    assert await _claim(hub.database, dt.timedelta(hours=1)) == CODE


async def test_what_was_read_is_forgotten_in_time(hub: Filled, sender: Sender) -> None:
    sender.tell("raised", at(moment(1)), **warning(0))
    await sender.send()
    assert await forget_deliveries(hub.database, 0) == 0, "nobody has read it"
    await hub.sync()
    assert await forget_deliveries(hub.database, 1) == 0
    assert await forget_deliveries(hub.database, 0) == 1


def event(data: Any, kind: Any = "warning.raised", at: str = "2026-06-01T09:00:00+08:00") -> dict[str, Any]:
    return {"type": kind, "timestamp": at, "data": data}


async def test_nothing_that_is_signed_stops_what_comes_after_it(hub: Filled, sender: Sender) -> None:
    """Kinds and cells that are no text, and a number too long for any index, beside a good warning."""
    long = "".join(chr(0x4E00 + n * 37 % 20_000) for n in range(3500))
    sender.outbox += [
        ("m1", event(warning(0), kind=["warning.raised"])),
        ("m2", event(warning(0), kind={"a": 1})),
        ("m3", event(warning(0, WARNING_NO=["a", {"b": 1}]))),
        ("m4", event(warning(0, ID_CARD={"a": "b"}))),
        ("m5", event([["WARNING_NO", "a"], ["KIND", []]])),
        ("m6", event(warning(0, WARNING_NO=long))),
        ("m7", event({"": None, "WARNING_NO": "b\0"})),
    ]
    sender.tell("raised", at(moment(1)), **warning(4))
    assert set(await sender.send()) == {204}
    report = await hub.sync()
    assert (report.read, report.quarantined, len(await held(hub))) == (8, 7, 1)
    reasons = await hub.reasons()
    assert [reasons[f"delivery m{n}"] for n in range(1, 6)] == [["DELIVERY_UNREADABLE"]] * 5
    assert reasons[f"WARNING {long}"[:300]] == ["TEXT_TOO_LONG"]


async def test_an_event_from_the_future_yields_to_the_next(hub: Filled, sender: Sender) -> None:
    sender.outbox.append(("m1", event(warning(0), at="2098-01-01T00:00:00+08:00")))
    sender.outbox.append(("m2", event(warning(1), "warning.withdrawn", at="2098-01-01T00:00:00+08:00")))
    await sender.send()
    await hub.sync(today=china_now().date())
    assert len(await held(hub)) == 1
    later = china_now() + dt.timedelta(minutes=1)
    sender.tell("settled", later, **warning(0, SETTLED_ON="2026-06-05"))
    sender.tell("raised", later, **warning(1))
    sender.clock = lambda: later
    await sender.send()
    await hub.sync(today=china_now().date())
    assert [row[3] for row in await held(hub)] == [dt.date(2026, 6, 5), None]
