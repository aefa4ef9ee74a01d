"""The explorer in a real browser, cut off from everything but the hub.

``check_explorer`` asks only for a base URL in demo mode, so that it also judges the whole hub.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from playwright.async_api import Browser, Page, Request, Route, async_playwright

from hub.settings import Settings
from hub.web.explorer import Example, examples
from tests.support.needs import need
from tests.web.stand_in import stand_in

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WITHOUT_NAME = """() => [...document.querySelectorAll('button, input, select, textarea, a')]
  .filter(e => e.offsetParent && !(e.ariaLabel || e.title || e.placeholder || e.textContent.trim()
    || e.labels?.length || e.getAttribute('aria-labelledby')))
  .map(e => e.outerHTML.slice(0, 200))"""
EDITOR = "document.querySelector('%s .CodeMirror')?.CodeMirror.getValue() ?? ''"


@dataclass
class Watch:
    """What the page did that it should not do, and every token it sent."""

    base_url: str
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def gate(self, route: Route) -> None:
        here, there = urlsplit(self.base_url), urlsplit(route.request.url)
        if (here.scheme, here.netloc) == (there.scheme, there.netloc):
            await route.continue_()
        else:
            self.strangers.append(route.request.url)
            await route.abort()

    async def note(self, request: Request) -> None:
        if urlsplit(request.url).path.endswith("/graphql"):
            headers = await request.all_headers()
            query = json.loads(request.post_data or "{}").get("query", "")
            self.asked.append((headers.get("authorization", ""), query))

    def tokens(self, introspecting: bool) -> list[str]:
        return [token for token, query in self.asked if ("__schema" in query) == introspecting]


@asynccontextmanager
async def chromium(base_url: str) -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        need("Chromium")
    only_the_hub = f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {urlsplit(base_url).hostname}"
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=[only_the_hub])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(base_url: str, browser: Browser) -> AsyncIterator[tuple[Page, Watch]]:
    """The explorer at 1280 by 800, watched; leaving proves that nothing was wrong meanwhile."""
    watch = Watch(base_url)
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    await context.route("**/*", watch.gate)
    page = await context.new_page()
    page.on("request", watch.note)
    page.on("pageerror", lambda error: watch.complaints.append(f"error: {error}"))
    page.on(
        "console",
        lambda said: watch.complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    await page.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error(e.violatedDirective, e.blockedURI))"
    )
    await page.goto(f"{base_url}/explorer")
    await page.wait_for_selector(".graphiql-query-editor .CodeMirror")
    yield page, watch
    assert await page.evaluate(WITHOUT_NAME) == []
    await context.close()
    assert watch.strangers == []
    assert watch.complaints == []


async def check_explorer(base_url: str, screenshot_path: Path) -> None:
    """Fail unless the explorer at ``base_url`` (demo mode) does all that the README says of it.

    Writes ``screenshot_path`` (1280 by 800, Chinese) and next to it ``…-390.png``, a telephone's.
    """
    async with chromium(base_url) as browser, opened(base_url, browser) as (page, watch):
        saved = examples()
        await _ask(page)
        await _docs(page, screenshot_path)
        await _another_persona(page, watch)
        for example in saved[1:]:
            await _saved_query(page, example)
        await _keyboard(page)
        await _english(page)
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.locator(".bar-note").evaluate("note => note.remove()")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await page.screenshot(path=screenshot_path.with_name(f"{screenshot_path.stem}-390.png"))


async def _until(true: Callable[[], Any], what: str) -> Any:
    """Poll: the page's policy forbids the eval that the driver's own waiting needs."""
    for _ in range(300):
        if found := await true():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited in vain for {what}")


async def _value(page: Page, where: str) -> str:
    return str(await page.evaluate(EDITOR % where))


async def _ask(page: Page) -> dict[str, Any]:
    """Run the query in the editor; its answer, which must hold data and no error."""
    await page.get_by_role("button", name="Ctrl-Enter").click()
    text = await _until(lambda: _value(page, ".result-window"), "an answer")
    answer: dict[str, Any] = json.loads(text)
    assert "errors" not in answer, text
    assert next(iter(answer["data"].values())) is not None
    return answer


async def _docs(page: Page, screenshot_path: Path) -> None:
    await page.get_by_role("button", name="显示结构文档").click()
    docs = page.get_by_role("region", name="结构文档")
    await docs.get_by_role("link", name="Query", exact=True).click()
    await docs.get_by_role("link", name="stations", exact=True).first.wait_for()
    await page.screenshot(path=screenshot_path)
    await page.get_by_role("button", name="隐藏结构文档").click()


async def _another_persona(page: Page, watch: Watch) -> None:
    """Another persona: another token, the schema read anew, the query kept, the answer gone."""
    query = await _value(page, ".graphiql-query-editor")
    switcher = page.get_by_label("当前身份")
    first = await switcher.input_value()
    before = watch.tokens(introspecting=True)
    names = [await option.get_attribute("value") for option in await switcher.locator("option").all()]
    await switcher.select_option(next(name for name in names if name != first))

    async def read_again() -> bool:
        return len(watch.tokens(introspecting=True)) > len(before)

    await _until(read_again, "the new persona's schema")
    after = watch.tokens(introspecting=True)
    assert after[-1].startswith("Bearer ")
    assert after[-1] not in before
    assert await _value(page, ".graphiql-query-editor") == query
    assert await _value(page, ".result-window") == ""


async def _saved_query(page: Page, example: Example) -> None:
    """One click brings the query, its variables and a persona that may ask it."""
    await page.locator(f"[data-example={example.name}]").click()

    async def there() -> bool:
        return await _value(page, ".graphiql-query-editor") == example.query

    await _until(there, f"the query {example.name}")
    await _ask(page)


async def _keyboard(page: Page) -> None:
    await page.locator(".graphiql-query-editor .CodeMirror").click()
    await page.keyboard.press("Tab")
    assert not await page.evaluate("!!document.activeElement.closest('.graphiql-query-editor .CodeMirror')")


async def _english(page: Page) -> None:
    query = await _value(page, ".graphiql-query-editor")
    await page.get_by_role("button", name="Switch to English").click()
    await page.get_by_role("button", name="Show Documentation Explorer").wait_for()
    await page.get_by_label("Acting as").wait_for()
    assert await page.evaluate("document.documentElement.lang") == "en"

    async def kept() -> bool:
        return await _value(page, ".graphiql-query-editor") == query

    await _until(kept, "the query in the other language")
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await page.get_by_role("button", name="切换为中文").click()
    await page.get_by_role("region", name="结构文档").get_by_role("link", name="Query", exact=True).wait_for()
    await page.get_by_role("button", name="隐藏结构文档").click()


@asynccontextmanager
async def served(demo: bool) -> AsyncIterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = stand_in(Settings.model_validate({"demo": demo, "base_url": base_url}))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield base_url
        finally:
            server.should_exit = True
            await running


async def test_a_visitor_can_explore_as_each_persona(tmp_path: Path) -> None:
    async with served(demo=True) as base_url:
        await check_explorer(base_url, tmp_path / "explorer.png")
    assert (tmp_path / "explorer.png").stat().st_size > 20_000
    assert (tmp_path / "explorer-390.png").exists()


async def test_without_demo_mode_a_pasted_token_is_used_and_not_kept() -> None:
    async with (
        served(demo=False) as base_url,
        chromium(base_url) as browser,
        opened(base_url, browser) as (page, watch),
    ):
        assert watch.asked == []
        assert "尚无访问令牌" in await _until(lambda: _value(page, ".result-window"), "the hint")
        await page.get_by_label("访问令牌").fill("Bearer token-bureau")
        await page.get_by_role("button", name="使用").click()
        await _ask(page)
        assert set(watch.tokens(introspecting=True) + watch.tokens(introspecting=False)) == {
            "Bearer token-bureau"
        }
        stored = await page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
        assert "token-bureau" not in stored
        assert "query" not in stored
        await page.get_by_role("button", name="清除").click()
        assert await page.get_by_label("访问令牌").input_value() == ""
        asked = len(watch.asked)
        await page.get_by_role("button", name="Ctrl-Enter").click()
        await _until(lambda: _value(page, ".result-window"), "the hint")
        assert len(watch.asked) == asked
