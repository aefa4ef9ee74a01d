"""Consent in a real browser that runs no script: from the portal's link to the page, and back again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest_asyncio
from playwright.async_api import Page
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tests.support.portal import Flow, PortalHub, served_portal
from tests.web.test_explorer import WITHOUT_NAME, chromium

PAGE = b"<!doctype html><title>portal</title>"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async def login(request: Request) -> Response:
        """Stands for the login page: whoever comes is a user of the town."""
        answer = RedirectResponse(request.query_params["next"], 303)
        answer.set_cookie(
            "hub_session", made.sessions.begin(await made.user()), httponly=True, samesite="lax"
        )
        return answer

    async with served_portal(Route("/login", login)) as made:
        yield made


@asynccontextmanager
async def portal() -> AsyncIterator[str]:
    """Where users come back to: another origin than the hub's, so that the page's policy has to name it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        )
        writer.write(head % len(PAGE) + PAGE)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/back"


@asynccontextmanager
async def asked(
    hub: PortalHub, language: str = "zh-CN", *, scripts: bool = False
) -> AsyncIterator[tuple[Page, Flow]]:
    """The consent page, to which the browser came from the portal's link by way of the login page."""
    async with portal() as uri, chromium(hub.issuer.url) as browser:
        flow = hub.flow(await hub.app(redirect_uris=[uri], name="七星区门户"), redirect_uri=uri)
        context = await browser.new_context(java_script_enabled=scripts, locale=language)
        page = await context.new_page()
        await page.goto(f"{hub.issuer.url}/oauth/authorize?{urlencode(flow.asked)}")
        yield page, flow


async def test_allowing_by_keyboard_leads_back_with_a_code(hub: PortalHub) -> None:
    async with asked(hub) as (page, flow):
        assert await page.get_by_role("heading", level=1).inner_text() == "“七星区门户”请求以您的名义访问数据"
        assert await page.get_by_role("listitem").all_inner_texts() == [
            "读取、检索民政服务站。",
            "读取、检索探访记录。",
        ]
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/back?code=*")
        answer = await flow.redeem(page.url.partition("code=")[2].partition("&")[0])
        assert answer.status_code == 200, answer.text


async def test_refusing_leads_back_without_one(hub: PortalHub) -> None:
    async with asked(hub, "en") as (page, _):
        await page.get_by_role("button", name="Refuse").click()
        await page.wait_for_url("**/back?error=access_denied*")


async def test_the_page_fits_a_phone_and_names_its_controls(hub: PortalHub) -> None:
    async with asked(hub, scripts=True) as (page, _):
        await page.set_viewport_size({"width": 320, "height": 640})
        assert await page.evaluate(WITHOUT_NAME) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        assert await page.evaluate("document.documentElement.lang") == "zh-CN"
        colour = "getComputedStyle(document.querySelector('button')).backgroundColor"
        assert await page.evaluate(colour) == "rgb(31, 95, 174)", "the style is let in by its nonce"
