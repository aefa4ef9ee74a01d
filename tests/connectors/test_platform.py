"""The sharing platform's protocol: keys and signs as Java makes them, and what its refusals mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from connectors.emulators.platform import SharingPlatform
from connectors.emulators.switches import Switches
from connectors.emulators.web import Faulty, served
from connectors.platform import (
    NotAnswered,
    Platform,
    PlatformRefused,
    Service,
    named,
    open_secret,
    read_answer,
    read_key,
    secret_key,
    sign,
)
from connectors.web import Again
from hub.domain.dates import CHINA
from hub.errors import ConfigurationError
from hub.sync.connector import Place, Subjects
from tests.connectors.hub_of import TODAY
from tests.connectors.platform_of import COUNTY, SECRETS, Clock, people_of

# Made by Java 17: KeyGenerator "AES" of 128 bits with SecureRandom "SHA1PRNG" seeded with the appkey,
# Cipher "AES/CBC/PKCS5Padding" with the IV of the platform, Mac "HmacSHA256" of "sid-1rid-11781481600000".
SECRET = "0123456789abcdef0123456789abcdef"
JAVA = (
    (
        "123456",
        "6bb4837eb74329105ee4568dda7dc67e",
        "oqR9EuarwKqMEGMVRjpuEMleq/A/Z5jJYUulAEySYI3G46p4TQpG+TTUqHpn++w+",
        "r3A899r8OrcPdCMI7Ohxb38JNh9wcr8wKVwTLzG6zD4=",
    ),
    (
        "a4f0c1d2e3b45678",
        "abd743f42f0c7feb305b032c207d2a3b",
        "rKqVsyPanAp0g4WGBVk0EbLC4S9C40A6dEgiKqany1gihQNVfzWkue41grGci8KG",
        "Vhxyy1OQPjwk9EWXphg/ciuw3IOjz0D1NgAFAJHC1JI=",
    ),
)
QUESTION = {"division": "450305", "month": "2026-06", "page": 1, "size": 5}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def there(tmp_path: Path, clock: Clock) -> SharingPlatform:
    return SharingPlatform(people_of(300), TODAY, clock.platform, Switches(tmp_path))


@pytest.fixture
async def base(there: SharingPlatform) -> AsyncIterator[str]:
    """Nothing waits before it tries again."""
    with stamina.set_testing(True, attempts=5):
        async with served(Faulty(there.app, there.switches)) as address:
            yield address


def place(base: str, **secrets: str) -> Place:
    return Place(SharingPlatform.location(base, "low-income"), COUNTY, {**SECRETS, **secrets})


def asking(base: str, clock: Clock, **secrets: str) -> Platform:
    return Platform(place(base, **secrets), clock, wait=0)


@pytest.mark.parametrize(("appkey", "key", "sealed", "signed"), JAVA)
def test_keys_secrets_and_signs_are_those_of_java(appkey: str, key: str, sealed: str, signed: str) -> None:
    assert secret_key(appkey).hex() == key
    assert open_secret(appkey, sealed) == SECRET
    assert sign(appkey, "sid-1rid-11781481600000") == signed
    service = Service("", "", "", "rid-1", "sid-1")
    headers = service.signed(appkey, dt.datetime.fromtimestamp(1781481600, dt.UTC))
    assert headers["gjgxjhpt_sign"] == signed


@pytest.mark.parametrize("sealed", ["", "no base64", JAVA[0][2][:-4] + "AAAA", JAVA[1][2], "AAAA"])
def test_a_secret_that_does_not_open(sealed: str) -> None:
    with pytest.raises(PlatformRefused, match="does not open with this appkey"):
        open_secret("123456", sealed)


async def test_a_signed_question_is_answered(base: str, there: SharingPlatform, clock: Clock) -> None:
    async with asking(base, clock) as platform:
        first, again = await platform.ask(QUESTION), await platform.ask(QUESTION)
    assert (len(first.rows), first.total) == (5, len(there.rows()))
    assert first == again
    assert not there.refused


async def test_x7_the_secret_of_yesterday(base: str, there: SharingPlatform, clock: Clock) -> None:
    """It is not tried after midnight; and one that ends early is fetched anew."""
    async with asking(base, clock) as platform:
        await platform.ask(QUESTION)
        clock.now = dt.datetime.combine(TODAY + dt.timedelta(days=1), dt.time(0, 0, 1), CHINA)
        await platform.ask(QUESTION)
        assert not there.refused
        there.switches.turn_on("x07-expired")
        assert (await platform.ask(QUESTION)).rows
    assert (there.switches.count("x07-expired"), there.refused) == (1, {"expired": 1})


async def test_x7_clocks_that_differ(base: str, there: SharingPlatform, clock: Clock) -> None:
    clock.slow = dt.timedelta(minutes=6)
    async with asking(base, clock) as platform:
        with pytest.raises(PlatformRefused, match=r"no key \(-1\): see its grant and the clock") as told:
            await platform.ask(QUESTION)
    assert there.refused == {"skew": 2}
    assert "appkey" in told.value.message_zh


async def test_x7_a_service_that_is_not_granted(base: str, there: SharingPlatform, clock: Clock) -> None:
    there.switches.turn_on("x07-grant", 9)
    async with asking(base, clock) as platform:
        with pytest.raises(PlatformRefused, match="E-106"):
            await platform.ask(QUESTION)
    assert there.switches.count("x07-grant") == 2, "asked once more, and not five times"
    there.switches.turn_off("x07-grant")
    async with asking(base, clock, appkey="another") as platform:
        with pytest.raises(PlatformRefused):
            await platform.ask(QUESTION)


@pytest.mark.parametrize("fault", ["x06-code", "x06-empty", "x05-500", "x05-half-open"])
async def test_x5_x6_an_error_that_passes(
    base: str, there: SharingPlatform, clock: Clock, fault: str
) -> None:
    async with asking(base, clock) as platform:
        await platform.ask(QUESTION)
        there.switches.turn_on(fault, 2)
        assert (await platform.ask(QUESTION)).rows
    assert there.switches.count(fault) == 2


async def test_x6_an_error_that_stays_quotes_nothing(base: str, there: SharingPlatform, clock: Clock) -> None:
    there.switches.turn_on("x06-code", 99)
    async with asking(base, clock) as platform:
        with pytest.raises(NotAnswered, match=r"answers with an error \(500\)") as told:
            await platform.ask({**QUESTION, "name": "张三"})
    assert "张三" not in told.value.message + told.value.message_zh
    there.switches.turn_off("x06-code")
    async with asking(base, clock, access_secret="another") as platform:
        with pytest.raises(NotAnswered, match=r"does not answer \(9\)"):
            await platform.ask(QUESTION)


async def test_x8_a_quota_is_not_waited_for(base: str, there: SharingPlatform, clock: Clock) -> None:
    there.switches.turn_on("x08-quota", 9)
    async with asking(base, clock) as platform:
        with pytest.raises(Again, match="too often"):
            await platform.ask(QUESTION)
    assert there.switches.count("x08-quota") == 1


@pytest.mark.parametrize("name", ["ID_CARD", "id_card", "idCard", "GMSFHM", "gmsfhm"])
def test_x14_names_of_one_field(name: str) -> None:
    assert named(name) == "ID_CARD"


@pytest.mark.parametrize(
    ("inner", "total"),
    [
        ({"code": "0", "result": [{"a": 1}]}, 1),
        ({"code": 0, "rows": [{"a": 1}], "recordcount": "7"}, 7),
        ({"rows": None, "result": [{"a": 1}], "recordcount": 3}, 3),
    ],
)
def test_x14_rows_or_result(inner: Any, total: int) -> None:
    answer = read_answer({"code": 1, "biz_data": inner})
    assert (answer.rows, answer.total) == ([{"A": 1}], total)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"code": "0", "biz_data": {"rows": []}},
        {"code": "1", "biz_data": []},
        {"code": "1", "biz_data": {"code": "1", "rows": []}},
        {"code": "1", "biz_data": {"code": "0"}},
        {"code": "1", "biz_data": {"rows": ["张三"]}},
        {"code": "查无此人张三", "biz_data": None},
    ],
)
def test_x6_what_is_no_answer(answer: Any) -> None:
    with pytest.raises(NotAnswered) as told:
        read_answer(answer)
    assert "张三" not in told.value.message


@pytest.mark.parametrize("answer", [None, {}, {"code": "5"}, {"code": "0"}, {"code": "0", "data": {}}])
def test_what_is_no_key(answer: Any) -> None:
    with pytest.raises(NotAnswered, match="no key now"):
        read_key(answer)


@pytest.mark.parametrize("ends", ["0", "", "tomorrow", "1"])
async def test_a_secret_without_a_sensible_end_is_good_for_the_day(
    base: str, there: SharingPlatform, clock: Clock, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors import platform as module

    monkeypatch.setattr(module, "read_key", lambda answer: {**read_key(answer), "secretEndTime": ends})
    async with asking(base, clock) as platform:
        await platform.ask(QUESTION)
        clock.now = clock.now.replace(hour=23, minute=59)
        await platform.ask(QUESTION)
    assert not there.refused


@pytest.mark.parametrize("location", ["", "/folder", "https://host/service", "https://host/s?rid=1&sid=2"])
def test_a_location_that_is_none(location: str) -> None:
    with pytest.raises(ConfigurationError, match="location of a service of the sharing platform"):
        Service.of(location)


async def test_a_place_without_a_hub_knows_nobody() -> None:
    asked = Subjects("beneficiary", ("name",), ("name",), "category_membership", "beneficiary_id", "ends_on")
    assert [one async for one in place("http://127.0.0.1").known(asked, 0, 9)] == []
