"""Signing in, in a real browser, by keyboard alone: with no script in Chinese, and looked at in English."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, expect

from hub.errors import Language
from hub.web.login_words import WORDS
from tests.support.users import OWN, UserHub, served_users
from tests.web.test_explorer import WITHOUT_NAME, chromium

FAINT = """() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const bright = colour => parts(colour).slice(0, 3).map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0);
  const behind = e => !e ? 'rgb(255, 255, 255)' : parts(getComputedStyle(e).backgroundColor)[3] === 0
    ? behind(e.parentElement) : getComputedStyle(e).backgroundColor;
  return [...document.querySelectorAll('body *')]
    .filter(e => e.offsetParent && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => [bright(getComputedStyle(e).color), bright(behind(e)), e.outerHTML.slice(0, 100)])
    .filter(([a, b]) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5);
}"""
"""Texts whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3)."""


CLIPPED = """() => {
  const [whole, drawn] = ['svg', 'svg path']
    .map(each => document.querySelector(each).getBoundingClientRect());
  return drawn.left < whole.left || drawn.top < whole.top || drawn.right > whole.right
    || drawn.bottom > whole.bottom || drawn.width < 150;
}"""
"""Whether the picture is cut off, or too small for a phone's camera."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with served_users() as hub:
        yield hub


class Keyboard:
    """Somebody without a mouse, who reads a page and takes a picture of it."""

    def __init__(self, hub: UserHub, page: Page, language: Language, pictures: Path, scripts: bool) -> None:
        self.hub = hub
        self.page = page
        self.words = WORDS[language]
        self.language = language
        self.pictures = pictures
        self.scripts = scripts

    async def reads(self, page: str) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(self.words[f"{page}_title"])
        number = len([*self.pictures.glob(f"{self.language}-*")])
        await self.page.screenshot(
            path=self.pictures / f"{self.language}-{number}-{page}.png", full_page=True
        )
        if self.scripts:
            assert await self.page.evaluate(WITHOUT_NAME) == [], page
            assert await self.page.evaluate(FAINT) == [], page
            await self.page.set_viewport_size({"width": 320, "height": 640})
            assert await self.page.evaluate("document.documentElement.scrollWidth") <= 320, page
            await self.page.set_viewport_size({"width": 1024, "height": 768})

    async def tabs_to(self, target: str) -> None:
        """The next stop of the Tab key."""
        await self.page.keyboard.press("Tab")
        await expect(self.page.locator(target)).to_be_focused()

    async def types(self, **fields: str) -> None:
        """Into fields in the order they are reached, then Enter."""
        for name, text in fields.items():
            await self.tabs_to(f"#{name}")
            await self.page.keyboard.insert_text(text)
        await self.page.keyboard.press("Enter")

    async def first_sign_in(self, login: str, password: str) -> None:
        await self.page.goto(f"{self.hub.issuer.url}/login")
        await self.reads("login")
        await self.tabs_to("header a")
        await self.types(login=login, password="wrong")
        await self.mends_what_was_wrong(login, password)
        await self.reads("enrol")
        if self.scripts:
            assert not await self.page.evaluate(CLIPPED)
        secret = (await self.page.locator("code").inner_text()).replace(" ", "")
        self.hub.secrets[login] = secret
        await self.tabs_to("header a")
        await self.types(code=self.hub.code(login))
        await self.reads("recovery")
        await self.tabs_to("button")
        await self.page.keyboard.press("Enter")
        await self.reads("password")
        await self.tabs_to("header a")
        await self.types(new=OWN, again=OWN)
        await self.reads("account")

    async def mends_what_was_wrong(self, login: str, password: str) -> None:
        """The summary has the focus; its link leads to the field, and the login is still there."""
        summary = self.page.get_by_role("alert")
        await expect(summary).to_be_focused()
        assert await self.page.title() == (
            f"{self.words['error']} · {self.words['login_title']} · {self.words['hub']}"
        )
        await self.reads("login")
        await self.page.get_by_role("alert").focus()
        await self.tabs_to(".problem a")
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("#login")).to_be_focused()
        await expect(self.page.locator("#login")).to_have_value(login)
        await expect(self.page.locator("#login")).to_have_accessible_description(
            re.compile(re.escape(await self.page.locator("#login-wrong").inner_text()))
        )
        await self.types(password=password)

    async def signs_out(self) -> None:
        """The last button of the page."""
        await self.page.get_by_role("button").last.focus()
        await self.page.keyboard.press("Enter")
        await self.reads("login")
        await self.page.goto(f"{self.hub.issuer.url}/account")
        await self.reads("login")

    async def signs_in_again(self, login: str) -> None:
        self.hub.clock.pass_step()
        await self.tabs_to("header a")
        await self.types(login=login, password=OWN)
        await self.reads("code")
        await self.tabs_to("header a")
        await self.types(code=self.hub.code(login))
        await self.reads("account")
        self.hub.clock.pass_step()

    async def switches(self, to: Language) -> None:
        await self.tabs_to("header a")
        await self.page.keyboard.press("Enter")
        self.words, self.language = WORDS[to], to
        await self.reads("account")
        assert await self.page.locator("html").get_attribute("lang") == self.words["lang"]


@asynccontextmanager
async def somebody(
    hub: UserHub, language: Language, locale: str, pictures: Path, *, scripts: bool
) -> AsyncIterator[Keyboard]:
    async with chromium(hub.issuer.url) as browser:
        context = await browser.new_context(
            locale=locale, java_script_enabled=scripts, viewport={"width": 1024, "height": 768}
        )
        page, complaints = await context.new_page(), []
        page.on("console", lambda said: complaints.append(said.text) if "Refused" in said.text else None)
        yield Keyboard(hub, page, language, pictures, scripts)
        assert complaints == []
        await context.close()


async def test_without_scripts_in_chinese(hub: UserHub, tmp_path: Path) -> None:
    async with somebody(hub, "zh", "zh-CN", tmp_path, scripts=False) as person:
        await person.first_sign_in("zhou.ming", await hub.add("zhou.ming"))
        await person.signs_out()
        await person.signs_in_again("zhou.ming")
        await person.switches("en")


async def test_every_page_can_be_read_in_english(hub: UserHub, tmp_path: Path) -> None:
    async with somebody(hub, "en", "en-GB", tmp_path, scripts=True) as person:
        await person.first_sign_in("li.hua", await hub.add("li.hua", name="Li Hua"))
        await person.page.goto(f"{hub.issuer.url}/account/password")
        await person.reads("change")
        await person.page.goto(f"{hub.issuer.url}/account")
        await person.signs_out()
        await person.signs_in_again("li.hua")
        await person.switches("zh")
