"""What one process does reaches tokens at every other one: two processes, one database."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import time
from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest_asyncio
from joserfc.jwk import ECKey

from hub.oauth.bearer import VIEWER_SECONDS
from hub.oauth.client_keys import rotate_keys
from hub.oauth.clients import resume_client, suspend_client
from hub.oauth.key_states import activate, add, remove
from hub.oauth.tokens import token_form
from hub.settings import Settings
from hub.store.keys import change_signing_keys
from tests.support.dpop import Prover
from tests.support.hubs import ASKED, Hubs, two_hubs


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hubs() -> AsyncIterator[Hubs]:
    async with two_hubs() as hubs:
        yield hubs


async def statuses(hubs: Hubs, token: str) -> list[int]:
    return [(await hubs.ask(which, token)).status_code for which in (0, 1)]


async def test_a_suspension_reaches_every_process(hubs: Hubs) -> None:
    await hubs.register("suspended")
    token = await hubs.token(0, "suspended")
    assert await statuses(hubs, token) == [200, 200]
    await suspend_client(hubs.database, "suspended")
    await asyncio.sleep(VIEWER_SECONDS)
    assert await statuses(hubs, token) == [401, 401]
    assert (await hubs.post(1, "/oauth/token", "suspended")).status_code == 400
    await resume_client(hubs.database, "suspended")
    assert await statuses(hubs, token) == [401, 401]
    assert await statuses(hubs, await hubs.token(0, "suspended")) == [200, 200]


async def test_a_lost_key_ends_in_every_process_with_its_tokens(hubs: Hubs) -> None:
    await hubs.register("lost")
    token = await hubs.token(0, "lost")
    assert await statuses(hubs, token) == [200, 200]
    key = ECKey.generate_key("P-256", auto_kid=True)
    await rotate_keys(hubs.database, "lost", {"keys": [key.as_dict(private=False)]}, dt.timedelta())
    await asyncio.sleep(VIEWER_SECONDS)
    assert await statuses(hubs, token) == [401, 401]
    hubs.keys["lost"] = key
    assert await statuses(hubs, await hubs.token(1, "lost")) == [200, 200]


async def test_keys_are_rolled_under_load_without_one_refused_token(hubs: Hubs) -> None:
    """Even without the pending period, which is there for others that keep copies of the keys."""
    await hubs.register("steady")
    settings = Settings(data_dir=hubs.data_dir)
    done, kids = asyncio.Event(), set()

    async def load(which: int) -> list[int]:
        seen = []
        for number in itertools.count():
            token = await hubs.token((which + number) % 2, "steady")
            kids.add(token.partition(".")[0])
            seen += await statuses(hubs, token)
            if done.is_set():
                return seen
        raise AssertionError

    async with asyncio.TaskGroup() as group:
        loads = [group.create_task(load(which)) for which in (0, 1, 0)]
        for _ in range(2):
            keys = change_signing_keys(settings, partial(add, now=time.time()))
            await asyncio.sleep(0.3)
            fresh = keys[-1]["kid"]
            change_signing_keys(settings, partial(activate, kid=fresh, now=time.time(), at_once=True))
            await asyncio.sleep(1.2)
        done.set()
    assert {status for each in loads for status in each.result()} == {200}
    assert len(kids) == 3


async def test_a_key_in_wrong_hands_ends_at_once_with_its_tokens(hubs: Hubs) -> None:
    await hubs.register("robbed")
    settings = Settings(data_dir=hubs.data_dir)
    token = await hubs.token(0, "robbed")
    assert await statuses(hubs, token) == [200, 200]
    keys = change_signing_keys(settings, partial(add, now=time.time()))
    fresh, now = keys[-1]["kid"], time.time()
    keys = change_signing_keys(settings, partial(activate, kid=fresh, now=now, at_once=True))
    for old in [key["kid"] for key in keys if key["kid"] != fresh]:
        change_signing_keys(settings, partial(remove, kid=old, now=now, at_once=True))
    await asyncio.sleep(VIEWER_SECONDS)
    assert await statuses(hubs, token) == [401, 401]
    assert await statuses(hubs, await hubs.token(1, "robbed")) == [200, 200]


async def test_a_token_given_back_to_one_process_is_refused_by_every_other(hubs: Hubs) -> None:
    await hubs.register("leaving")
    token, other = await hubs.token(0, "leaving"), await hubs.token(0, "leaving")
    assert await statuses(hubs, token) == [200, 200]
    assert (await hubs.post(1, "/oauth/revoke", "leaving", token=token)).status_code == 200
    await asyncio.sleep(VIEWER_SECONDS)
    assert await statuses(hubs, token) == [401, 401]
    assert await statuses(hubs, other) == [200, 200]


async def test_a_proof_is_good_once_in_all_processes(hubs: Hubs) -> None:
    await hubs.register("proving")
    prover, url = Prover(), hubs.base_url

    async def token(which: int, proof: str) -> httpx.Response:
        form, headers = token_form(hubs.assertion("proving")), {"dpop": proof}
        return prover.learn(await hubs.https[which].post("/oauth/token", data=form, headers=headers))

    async def ask(which: int, proof: str) -> int:
        headers = {"authorization": f"DPoP {bound}", "dpop": proof}
        return (await hubs.https[which].post("/graphql", json=ASKED, headers=headers)).status_code

    await token(0, prover.proof("POST", f"{url}/oauth/token"))
    # The nonce of one process is good at the other.
    proof = prover.proof("POST", f"{url}/oauth/token")
    answers = await asyncio.gather(*(token(number % 2, proof) for number in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 9]
    bound = next(answer.json()["access_token"] for answer in answers if answer.status_code == 200)
    proof = prover.proof("POST", f"{url}/graphql", bound)
    given = await asyncio.gather(*(ask(number % 2, proof) for number in range(10)))
    assert sorted(given) == [200, *[401] * 9]
    assert await statuses(hubs, bound) == [401, 401]
