"""A provider that is removed, and registered again: who stays out, who comes back, and who was on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
import pytest_asyncio

from hub.errors import BadArgument, HubError, NotFound
from hub.oauth.provider_http import Documents
from hub.oauth.provider_users import Arrival, admit
from hub.oauth.providers import (
    find_provider,
    link,
    named_provider,
    register_provider,
    remove_provider,
    resume_provider,
    suspend_provider,
    unlink,
)
from hub.oauth.users import find_named, find_user
from tests.support.providers import GRANTED, UNKNOWN, OpenId, open_id, refused, registered
from tests.support.users import UserHub, user_hub

CLAIMS = {"post": "street", "unit": "东江", "name": "李华"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with user_hub() as hub:
        yield hub


async def came(hub: UserHub, provider: OpenId, name: str, sub: str) -> int:
    browser = hub.browser()
    await provider.sign_in(browser, name, sub=sub)
    who = await browser.who()
    assert who is not None
    return who.user_id


async def login_of(hub: UserHub, user_id: int) -> str:
    return str(await hub.fetch("select login from hub_user where id = $1", user_id))


async def anew(hub: UserHub, provider: OpenId, name: str) -> None:
    await register_provider(hub.db, provider.provider(name, **GRANTED))
    hub.providers.documents = Documents()


@pytest.mark.parametrize("locked_first", [True, False])
@pytest.mark.parametrize("name", ["gone", "other"])
async def test_who_was_locked_stays_out_when_the_issuer_is_registered_again(
    hub: UserHub, name: str, locked_first: bool
) -> None:
    """Under whatever name; and others come back as the users they were."""
    async with open_id() as provider:
        await register_provider(hub.db, provider.provider("gone", **GRANTED))
        locked = await login_of(hub, await came(hub, provider, "gone", "bad"))
        good = await came(hub, provider, "gone", "good")
        if locked_first:
            await hub.users.lock(locked)
        await remove_provider(hub.db, "gone")
        if not locked_first:
            await hub.users.lock(locked)
        await anew(hub, provider, name)
        browser = hub.browser()
        await refused(hub, browser, await provider.sign_in(browser, name, sub="bad"), 403, UNKNOWN)
        assert await came(hub, provider, name, "good") == good
        await remove_provider(hub.db, name)
        await anew(hub, provider, name)
        await refused(hub, browser, await provider.sign_in(browser, name, sub="bad"), 403, UNKNOWN)
        await hub.users.unlock(locked)
        assert await login_of(hub, await came(hub, provider, name, "bad")) == locked
        await remove_provider(hub.db, name)


async def test_who_is_unlinked_while_locked_is_not_made_anew(hub: UserHub) -> None:
    await hub.settled("fang")
    async with registered(hub, **GRANTED) as provider:
        await link(hub.db, await find_named(hub.db, "fang"), "province", "fang-1")
        await hub.users.lock("fang")
        await unlink(hub.db, await find_named(hub.db, "fang"), "province")
        browser = hub.browser()
        await refused(hub, browser, await provider.sign_in(browser, sub="fang-1"), 403, UNKNOWN)
        await hub.settled("he")
        with pytest.raises(BadArgument, match="is locked"):
            await link(hub.db, await find_named(hub.db, "he"), "province", "fang-1")
        await hub.users.unlock("fang")
        made = await came(hub, provider, "province", "fang-1")
        assert await login_of(hub, made) != "fang", "what was linked is forgotten, as before"


async def test_no_such_provider(hub: UserHub) -> None:
    user = await find_user(hub.db, "he")
    assert user is not None
    for work in (
        lambda: remove_provider(hub.db, "nobody"),
        lambda: suspend_provider(hub.db, "nobody"),
        lambda: resume_provider(hub.db, "nobody"),
        lambda: link(hub.db, user, "nobody", "x"),
    ):
        with pytest.raises(NotFound):
            await work()


async def waiting(hub: UserHub) -> int:
    """Connections that wait for a lock."""
    return int(
        await hub.fetch(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and wait_event_type = 'Lock'"
        )
    )


async def has_to_wait(hub: UserHub, number: int) -> None:
    for _ in range(500):
        if await waiting(hub) >= number:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")


async def while_held(
    hub: UserHub, row: str | int, works: Sequence[Callable[[], Awaitable[Any]]]
) -> list[Any]:
    """What ``works`` end with that all have to wait, in this order, for somebody who has the row of the
    provider, or of the user."""
    connection = await hub.db.connect()
    try:
        async with connection.transaction():
            table = "oauth_provider where name" if isinstance(row, str) else "hub_user where id"
            await connection.execute(f"select from {table} = $1 for update", row)
            tasks = []
            for number, work in enumerate(works, 1):
                tasks.append(asyncio.ensure_future(work()))
                await has_to_wait(hub, number)
        return await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await connection.close()


async def test_removing_and_a_sign_in_under_way_come_one_after_the_other(hub: UserHub) -> None:
    """Whichever is first: nobody is in afterwards, no link is left, nothing fails."""
    for removed_first in (False, True):
        async with open_id() as served:
            await register_provider(hub.db, served.provider("race", **GRANTED))
            provider = await named_provider(hub.db, "race")
            arrival = Arrival({"sub": f"racer-{removed_first}", **CLAIMS}, "", 0)
            works: list[Callable[[], Awaitable[Any]]] = [
                lambda provider=provider, arrival=arrival: admit(hub.db, provider, arrival),  # type: ignore[misc]
                lambda: remove_provider(hub.db, "race"),
            ]
            ended = await while_held(hub, "race", works[::-1] if removed_first else works)
            errors = [each for each in ended if isinstance(each, BaseException)]
            assert [type(each).__name__ for each in errors] == (["NotAdmitted"] if removed_first else [])
            assert await find_provider(hub.db, "race") is None
            for table in ("user_session", "user_identity"):
                assert await hub.fetch(f"select count(*) from {table} where provider = 'race'") == 0


async def test_a_sign_in_under_way_does_not_get_in_by_another_registration(hub: UserHub) -> None:
    async with open_id() as served:
        await register_provider(hub.db, served.provider("race", **GRANTED))
        provider = await named_provider(hub.db, "race")

        async def anew() -> None:
            await remove_provider(hub.db, "race")
            await register_provider(hub.db, served.provider("race", **GRANTED))

        arrival = Arrival({"sub": "late", **CLAIMS}, "", 0)
        await while_held(hub, "race", [anew])
        with pytest.raises(HubError) as error:
            await admit(hub.db, provider, arrival)
        assert error.value.code == "PROVIDER_USER_REFUSED"
        await remove_provider(hub.db, "race")


async def test_locking_while_the_provider_is_being_removed_counts(hub: UserHub) -> None:
    """Whichever is first; so it does while the user comes back."""
    async with open_id() as served:
        await register_provider(hub.db, served.provider("race", **GRANTED))
        for lock_first in (True, False):
            hub.providers.documents = Documents()
            user_id = await came(hub, served, "race", f"lock-{lock_first}")
            login = await login_of(hub, user_id)
            works: list[Callable[[], Awaitable[Any]]] = [
                lambda login=login: hub.users.lock(login),  # type: ignore[misc]
                lambda: remove_provider(hub.db, "race"),
            ]
            ended = await while_held(hub, user_id, works if lock_first else works[::-1])
            assert not [each for each in ended if isinstance(each, BaseException)]
            assert await hub.fetch("select is_locked from former_identity where user_id = $1", user_id)
            await hub.users.unlock(login)
            await anew(hub, served, "race")
            provider = await named_provider(hub.db, "race")
            arrival = Arrival({"sub": f"lock-{lock_first}", **CLAIMS}, "", 0)
            works[1] = lambda provider=provider, arrival=arrival: admit(hub.db, provider, arrival)  # type: ignore[misc]
            ended = await while_held(hub, user_id, works if lock_first else works[::-1])
            errors = [type(each).__name__ for each in ended if isinstance(each, BaseException)]
            assert errors == (["NotAdmitted"] if lock_first else [])
            assert await hub.fetch("select status from hub_user where id = $1", user_id) == "SUSPENDED"
            assert await hub.fetch("select count(*) from user_session where user_id = $1", user_id) == 0
        await remove_provider(hub.db, "race")


async def test_removing_and_adding_at_once_leaves_one_or_none(hub: UserHub) -> None:
    async with open_id() as served:
        await register_provider(hub.db, served.provider("race", **GRANTED))
        works = [
            lambda: remove_provider(hub.db, "race"),
            lambda: register_provider(hub.db, served.provider("race", **GRANTED), replace=True),
        ]
        assert await while_held(hub, "race", works) == [None, None]
        assert await find_provider(hub.db, "race") is not None
        assert await while_held(hub, "race", works[::-1]) == [None, None]
        assert await find_provider(hub.db, "race") is None


async def test_who_is_sent_away_meanwhile_is_told_so(hub: UserHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at the registration and the visit's row the provider is removed."""
    async with open_id() as served:
        await anew(hub, served, "race")
        browser = hub.browser()
        await browser.get("/login")
        real = hub.providers.documents.endpoints

        async def removed(provider: Any) -> Any:
            found = await real(provider)
            await remove_provider(hub.db, "race")
            return found

        monkeypatch.setattr(hub.providers.documents, "endpoints", removed)
        answer = await browser.http.get("/login/provider/race")
        assert answer.status_code == 400
