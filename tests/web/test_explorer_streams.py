"""A subscription in the explorer, in a real browser against the whole hub."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page

from tests.support.streaming import Followed, commit, following, streaming
from tests.web.test_explorer import EDITOR, chromium, opened

TYPED = "text => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.setValue(text)"


async def shown(page: Page, text: str) -> None:
    for _ in range(300):
        if text in str(await page.evaluate(EDITOR % ".result-window")):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited in vain for {text}")


async def closed(hub: Followed) -> None:
    for _ in range(300):
        if 'hub_streams{transport="sse"} 0.0' in (await hub.served.http.get("/metrics")).text:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the stream was not ended")


async def test_a_subscription_shows_its_newest_event_until_it_is_stopped() -> None:
    async with streaming() as hub:
        person = next(r["id"] for r in hub.served.world.rows["beneficiary"] if r["county_code"] == "450305")
        base_url = hub.http_url.removesuffix("/graphql")
        async with chromium(base_url) as browser, opened(base_url, browser) as (page, _):
            await page.get_by_label("访问令牌").fill(hub.served.tokens["bureau"])
            await page.get_by_role("button", name="使用").click()
            await page.evaluate(TYPED, following())
            await page.get_by_role("tab", name="Follow").wait_for()  # it was read
            await page.get_by_role("button", name="Ctrl-Enter").click()
            await shown(page, '"CURRENT"')
            await commit(hub.database, beneficiary=[person])
            await shown(page, f'"Beneficiary:450305:{person}"')
            await page.locator(".graphiql-execute-button").click()
            await closed(hub)
