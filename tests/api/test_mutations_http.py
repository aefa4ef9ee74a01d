"""Mutations over HTTP: by POST and never by GET, as a trusted document too, and from no other site's page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.handing import CODES, OFFICE_REFERS, TO, begin, furnish, id_of
from tests.support.http import refused
from tests.support.serving import Served, serving
from tests.support.trusted import register, url

REFER = OFFICE_REFERS
FOR_LONG = f"update contract set ends_on = '2199-01-01' where id = {TO}"
GIVEN = {"person": id_of(1001), "to": CODES[2]}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        await furnish(served.world)
        await begin(served.world)
        await served.world.database.owner.execute(FOR_LONG)  # the application goes by the day of now
        await register(served.world.database, "bureau", refer=REFER)
        yield served


async def count(hub: Served) -> int:
    return int(await hub.world.database.owner.fetchval("select count(*) from referral"))


async def test_by_post_it_is_done(hub: Served) -> None:
    before = await count(hub)
    answer = await hub.ask(REFER, **GIVEN)
    assert answer.status_code == 200
    assert answer.json()["data"]["refer"]["status"] == "PENDING"
    assert await count(hub) == before + 1


async def test_by_get_it_is_not(hub: Served) -> None:
    before = await count(hub)
    answer = await hub.http.get(url(query=REFER, variables=GIVEN), headers=hub.bearer())
    refused(answer, 405, "BAD_DOCUMENT")
    assert answer.headers["allow"] == "POST"
    assert await count(hub) == before


async def test_as_a_document_it_answers_post_only(hub: Served) -> None:
    before = await count(hub)
    got = await hub.http.get("/documents/refer", params=GIVEN, headers=hub.bearer())
    assert (got.status_code, got.headers["allow"]) == (405, "POST")
    assert await count(hub) == before
    posted = await hub.http.post("/documents/refer", json=GIVEN, headers=hub.bearer())
    assert posted.status_code == 200
    assert posted.json()["data"]["refer"]["status"] == "PENDING"
    assert await count(hub) == before + 1
    wrong = await hub.http.post("/documents/refer", json={**GIVEN, "to": "x"}, headers=hub.bearer())
    assert (wrong.status_code, wrong.json()["errors"][0]["extensions"]["code"]) == (422, "BAD_ARGUMENT")


async def test_its_description_has_post_only(hub: Served) -> None:
    described = (await hub.http.get("/documents/openapi.json", headers=hub.bearer())).json()
    assert list(described["paths"]["/documents/refer"]) == ["post"]


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]
)
async def test_a_form_of_another_site_does_nothing(hub: Served, kind: str) -> None:
    before = await count(hub)
    answer = await hub.post(
        b"query=mutation", headers={"Content-Type": kind, "Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 415
    assert await count(hub) == before
