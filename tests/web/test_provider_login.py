"""Signing in at a provider in a real browser, by keyboard; and taking back what a client was let do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from hub.access.scopes import describe
from hub.errors import Language
from hub.oauth.clients import register_client
from hub.oauth.provider_http import Documents
from hub.oauth.providers import register_provider, remove_provider
from tests.api.test_account_grants import GRANT
from tests.support.oauth import DONGJIANG, es256_key
from tests.support.providers import GRANTED, open_id
from tests.support.users import UserHub, served_users
from tests.web.test_login import somebody


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with served_users() as hub:
        jwks = {"keys": [es256_key().as_dict(private=False)]}
        await register_client(
            hub.db, "portal", name="七星区门户", role="township", division_code=DONGJIANG, jwks=jwks
        )
        yield hub


@pytest.mark.parametrize(("language", "scripts"), [("zh", False), ("en", True)])
async def test_by_keyboard_there_and_back(
    hub: UserHub, tmp_path: Path, language: Language, scripts: bool
) -> None:
    async with open_id() as provider, somebody(hub, language, language, tmp_path, scripts=scripts) as person:
        hub.providers.documents = Documents()
        await register_provider(hub.db, provider.provider(**GRANTED))
        provider.claims = {"sub": language}
        await person.page.goto(f"{hub.issuer.url}/login")
        await person.reads("login")
        await person.page.get_by_role("button").focus()
        await person.tabs_to("a.button")
        await person.page.keyboard.press("Enter")
        await person.reads("account")
        login = await hub.fetch("select login from hub_user order by id desc limit 1")
        await hub.fetch(GRANT, "portal", login, ["visit.rs", "field:identity"], 30, False)
        await person.page.reload()
        await person.reads("account")
        part = person.page.get_by_role("region", name="七星区门户")
        sentences = [describe(scope)[language == "en"] for scope in ("visit.rs", "field:identity")]
        await expect(part.get_by_role("listitem")).to_have_text(sentences)
        await part.get_by_role("button").focus()
        await person.page.keyboard.press("Enter")
        await expect(person.page.get_by_role("status")).to_have_text(person.words["withdrawn"])
        await expect(part).to_have_count(0)
        await remove_provider(hub.db, "province")
