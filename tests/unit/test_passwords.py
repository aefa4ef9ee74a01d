"""Codes of RFC 6238, what a new password must be, and that hashing is bounded and tells nothing by time."""

from __future__ import annotations

import asyncio
import re
from base64 import b32encode

import pytest
from argon2 import Parameters, extract_parameters
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type

from hub.errors import Unavailable
from hub.oauth import passwords, totp
from hub.oauth.passwords import (
    AT_ONCE,
    HASHER,
    WAITING,
    Passwords,
    WeakPassword,
    initial_password,
    is_outdated,
)

SECRET = b32encode(b"12345678901234567890").decode()
GOOD = "kX9-pdw2 mmqz"


@pytest.fixture(name="made", scope="module")
def _made() -> Passwords:
    return Passwords()


# Of the eight digits in RFC 6238, appendix B, the last six.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_of_the_rfc(seconds: int, code: str) -> None:
    assert totp.code_at(SECRET, seconds // 30) == code
    assert totp.step_of(SECRET, code, seconds) == seconds // 30


def test_a_code_is_good_one_step_around_its_own() -> None:
    step = 41_152_263
    code = totp.code_at(SECRET, step)
    found = [totp.step_of(SECRET, code, (step + off) * 30) for off in (-2, -1, 0, 1, 2)]
    assert found == [None, step, step, step, None]
    assert totp.step_of(SECRET, "", step * 30) is None
    assert totp.step_of(SECRET, "２８７０８２", step * 30) is None


def test_secrets_are_random_and_an_app_can_read_them() -> None:
    first, second = totp.new_secret(), totp.new_secret()
    assert first != second
    assert re.fullmatch(r"[A-Z2-7]{32}", first)
    assert totp.uri("ABC", "zhou.ming", "枢纽") == (
        "otpauth://totp/%E6%9E%A2%E7%BA%BD%3Azhou.ming?secret=ABC&issuer=%E6%9E%A2%E7%BA%BD"
    )


async def test_a_hash_is_argon2id_with_the_parameters_of_rfc_9106(made: Passwords) -> None:
    hashed = await made.hash(GOOD)
    parameters = extract_parameters(hashed)
    assert parameters.type is Type.ID
    assert (parameters.time_cost, parameters.memory_cost, parameters.parallelism) == (3, 65536, 1)
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)
    assert await made.verify(hashed, GOOD)
    assert not await made.verify(hashed, GOOD + " ")
    assert not is_outdated(hashed)
    assert is_outdated(hashed.replace("t=3", "t=2"))


async def test_one_password_on_two_keyboards_is_one(made: Passwords) -> None:
    assert await made.verify(await made.hash("Ｃafé 竹子"), "Cafe\u0301 竹子")


class Counted:
    """A hasher that notes what it verified whole, and found wrong."""

    def __init__(self) -> None:
        self.work: list[Parameters] = []

    def verify(self, hashed: str, password: str) -> bool:
        with pytest.raises(VerifyMismatchError):
            HASHER.verify(hashed, password)
        self.work.append(extract_parameters(hashed))
        return False


async def test_an_unknown_login_takes_the_work_of_a_wrong_password(
    made: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = await made.hash(GOOD)
    work: list[list[Parameters]] = []
    for known in (hashed, None):
        counted = Counted()
        monkeypatch.setattr(passwords, "HASHER", counted)
        assert not await made.verify(known, "wrong")
        work.append(counted.work)
    assert work[0] == work[1] == [extract_parameters(hashed)]


async def test_a_hash_nobody_can_read_is_a_wrong_password(made: Passwords) -> None:
    assert not await made.verify("$argon2id$broken", GOOD)


async def test_others_are_served_while_passwords_are_hashed(made: Passwords) -> None:
    """The loop turns many times during a hash, which it could not if the hash ran on it."""
    turns = 0
    work = asyncio.ensure_future(made.hash(GOOD))
    while not work.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10


async def test_few_hash_at_once_and_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a flood, those in line are served, and the rest is told at once to come again."""
    import threading

    gate, running, most = threading.Event(), 0, 0
    lock = threading.Lock()

    def slow(hashed: str, password: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.wait(30)
        with lock:
            running -= 1
        return True

    monkeypatch.setattr(passwords, "_fits", slow)
    made = Passwords()
    works = [asyncio.ensure_future(made.verify("x", "y")) for _ in range(AT_ONCE + WAITING + 3)]
    await asyncio.sleep(0)
    refused = [work for work in works if work.done()]
    assert len(refused) == 3
    for work in refused:
        with pytest.raises(Unavailable, match="Too many sign in"):
            work.result()
    gate.set()
    await asyncio.gather(*(work for work in works if work not in refused))
    assert most <= AT_ONCE
    assert await made.verify("x", "y")


@pytest.mark.parametrize("weak", ["kX9-pdw2 mm", "x" * 129, "竹" * 11])
async def test_length_is_counted_in_characters(made: Passwords, weak: str) -> None:
    with pytest.raises(WeakPassword, match="12 to 128 characters"):
        await made.check_new(weak, ())


@pytest.mark.parametrize("weak", ["kX9-ZHOUming-mmqz", "我的口令是周明明的77zq"])
async def test_neither_login_nor_name_stands_in_it(made: Passwords, weak: str) -> None:
    with pytest.raises(WeakPassword, match="login or the name"):
        await made.check_new(weak, ("zhouming", "周明明"))


@pytest.mark.parametrize(
    "weak",
    ["password1234", "aaaaaaaaaaaa", "123456789012", "qwertyuiop[]", "Woaini520520", "abcabcabcabcabc"],
)
async def test_what_others_use_or_repeats_itself_is_too_easy(made: Passwords, weak: str) -> None:
    with pytest.raises(WeakPassword, match="too easy to guess"):
        await made.check_new(weak, ("zhouming",))


@pytest.mark.parametrize(
    "good", [GOOD, "竹子 下午 三个 苹果 山路", "correct horse battery", "a1" * 3 + GOOD * 9]
)
async def test_kinds_of_characters_are_not_asked_for(made: Passwords, good: str) -> None:
    await made.check_new(good, ("zhouming", "周明"))


def test_an_initial_password_is_random_and_can_be_read_out() -> None:
    given = {initial_password() for _ in range(100)}
    assert len(given) == 100
    assert all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", each) for each in given)
