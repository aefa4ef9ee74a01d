"""Automatic persisted queries: a client sends a text with its hash once, and then the hash."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hub.store.cache import MemoryCache
from hub.web.trusted import LONGEST, MOST, Automatic
from tests.support.http import refused, told
from tests.support.serving import Served, serving
from tests.support.trusted import ask, persisted, sha256, url

QUERY = "{ viewer { role } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving(automatic_documents=True) as served:
        yield served


async def test_first_the_hash_then_the_text_then_the_hash(hub: Served) -> None:
    """The steps of Apollo's protocol, the last of them by GET as its clients do."""
    error = refused(await ask(hub, extensions=persisted(QUERY)), 422, "PERSISTED_QUERY_NOT_FOUND")
    assert error["message"] == "PersistedQueryNotFound"
    first = await ask(hub, query=QUERY, extensions=persisted(QUERY))
    assert (first.status_code, told(first)) == (200, {"data": {"viewer": {"role": "bureau"}}})
    again = await ask(hub, extensions=persisted(QUERY), operationName=None, variables={})
    got = await hub.http.get(url(extensions=persisted(QUERY)), headers=hub.bearer())
    assert told(first) == told(again) == told(got)


async def test_a_client_has_its_own(hub: Served) -> None:
    text = "{ viewer { clientId } }"
    assert (await ask(hub, query=text, extensions=persisted(text))).status_code == 200
    refused(await ask(hub, "township", extensions=persisted(text)), 422, "PERSISTED_QUERY_NOT_FOUND")


async def test_a_text_under_another_hash_is_refused_and_not_kept(hub: Served) -> None:
    text = "{ viewer { roleLabel } }"
    given = persisted("{ viewer { scopes } }")
    refused(await ask(hub, query=text, extensions=given), 422, "BAD_DOCUMENT")
    refused(await ask(hub, extensions=given), 422, "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("{ nothing }", 422),
        ("{", 400),
        ("subscription { a }", 422),
        ("{ viewer { role } } #" + "x" * LONGEST, 200),
    ],
)
async def test_what_is_not_answered_or_too_long_is_not_kept(hub: Served, text: str, status: int) -> None:
    assert (await ask(hub, query=text, extensions=persisted(text))).status_code == status
    refused(await ask(hub, extensions=persisted(text)), 422, "PERSISTED_QUERY_NOT_FOUND")


async def test_an_id_of_the_draft_does_not_name_one(hub: Served) -> None:
    text = "{ viewer { organisationId } }"
    assert (await ask(hub, query=text, extensions=persisted(text))).status_code == 200
    refused(await ask(hub, documentId=f"sha256:{sha256(text)}"), 422, "PERSISTED_QUERY_NOT_FOUND")


async def test_a_text_somebody_put_into_the_cache_is_not_asked() -> None:
    cache = MemoryCache()
    automatic = Automatic(cache)
    await automatic.keep("one", sha256(QUERY), QUERY)
    (key,) = (name for name in cache._entries if name.startswith("document:"))
    assert await automatic.find("one", sha256(QUERY)) == QUERY
    await cache.set(key, b"{ beneficiaries { nodes { idNumber } } }")
    assert await automatic.find("one", sha256(QUERY)) is None


async def test_a_client_keeps_so_many_a_minute_and_each_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("hub.web.trusted.time.time", lambda: 90.0)
    automatic = Automatic(MemoryCache(clock=lambda: now))
    texts = [f"{{ a{number} }}" for number in range(MOST + 1)]
    for text in (*texts[:MOST], *texts):
        await automatic.keep("one", sha256(text), text)
    found = [await automatic.find("one", sha256(text)) for text in texts]
    assert found == [*texts[:MOST], None]
    await automatic.keep("other", sha256(QUERY), QUERY)
    assert await automatic.find("other", sha256(QUERY)) == QUERY
    now = 3601.0
    assert await automatic.find("one", sha256(texts[0])) is None
