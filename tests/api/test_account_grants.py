"""``/account``: what a user has let clients do, and taking it back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest_asyncio

from hub.access.scopes import describe
from hub.oauth.clients import register_client
from hub.oauth.holders import Holder, read_holder
from tests.support.oauth import DONGJIANG, es256_key
from tests.support.users import Browser, UserHub, user_hub

GRANT = """
    insert into oauth_grant (client_id, user_id, scopes, expires_at, revoked_at)
    select $1, id, $3, now() + make_interval(days => $4), case when $5 then now() end
    from hub_user where login = $2 returning id::text
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with user_hub() as hub:
        for name in ("portal", "other"):
            jwks = {"keys": [es256_key().as_dict(private=False)]}
            title = "七星区<门户>" if name == "portal" else "另一个"
            options = {"division_code": DONGJIANG, "name": title, "role": "township"}
            await register_client(hub.db, name, jwks=jwks, **options)  # type: ignore[arg-type]
        yield hub


async def granted(
    hub: UserHub, client_id: str, login: str, *scopes: str, days: int = 30, revoked: bool = False
) -> str:
    return str(await hub.fetch(GRANT, client_id, login, [*scopes], days, revoked))


async def held(hub: UserHub, grant_id: str) -> Holder | None:
    async with hub.db.engine.connect() as connection:
        return await connection.run_sync(read_holder, grant_id)


async def signed_in(hub: UserHub, login: str) -> Browser:
    await hub.settled(login)
    browser = hub.browser()
    await browser.whole(login)
    return browser


async def test_what_clients_may_do_is_told_and_taken_back(hub: UserHub) -> None:
    browser = await signed_in(hub, "zhou")
    mine = [
        await granted(hub, "portal", "zhou", "visit.rs"),
        await granted(hub, "portal", "zhou", "visit.rs", "field:care", "gone.rs"),
    ]
    kept = await granted(hub, "other", "zhou", "station.rs")
    page = (await browser.get("/account")).text
    assert page.count("<section") == 2
    assert "七星区&lt;门户&gt;" in page
    for scope in ("visit.rs", "field:care", "station.rs"):
        assert page.count(f"<li>{describe(scope)[0]}</li>") == 1
    answer = await browser.submit("/account/grants", client="portal")
    assert answer.headers["location"].endswith("/account?done=withdrawn")
    assert "授权已收回。" in browser.page
    holders = [await held(hub, each) for each in (*mine, kept)]
    assert [each is not None and each.live for each in holders] == [False, False, True]
    assert "七星区" not in browser.page


async def test_what_has_ended_is_not_shown(hub: UserHub) -> None:
    browser = await signed_in(hub, "li")
    await granted(hub, "portal", "li", "visit.rs", days=-1)
    await granted(hub, "portal", "li", "visit.rs", revoked=True)
    assert "您没有授权任何应用。" in (await browser.get("/account")).text


async def test_nobody_takes_back_what_another_gave(hub: UserHub) -> None:
    browser = await signed_in(hub, "wang")
    await hub.settled("another")
    theirs = await granted(hub, "portal", "another", "visit.rs")
    await browser.get("/account")
    await browser.submit("/account/grants", client="portal")
    holder = await held(hub, theirs)
    assert holder is not None
    assert holder.live
    await granted(hub, "portal", "wang", "visit.rs")
    await browser.get("/account")
    refused = await browser.submit("/account/grants", {"sec-fetch-site": "cross-site"}, client="portal")
    assert refused.status_code == 403
    assert len(re.findall("<section", (await browser.get("/account")).text)) == 1
