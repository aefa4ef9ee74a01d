"""Questions to upstream systems over HTTP: what passes is tried again, what does not is one sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

from connectors import web
from connectors.emulators.switches import Switches
from connectors.emulators.web import Faulty, served
from connectors.web import ATTEMPTS, Again, Web
from hub.errors import SourceError


async def people(request: Request) -> JSONResponse:
    return JSONResponse({"code": "0", "asked": request.headers.get("x-time"), "rows": ["甲"] * 50})


async def away(_: Request) -> RedirectResponse:
    return RedirectResponse("http://127.0.0.1:9/elsewhere")


async def forbidden(_: Request) -> PlainTextResponse:
    return PlainTextResponse("身份证号459999199001010014无权", 403)


@pytest.fixture
def switches(tmp_path: Path) -> Switches:
    return Switches(tmp_path)


@pytest.fixture
async def base(switches: Switches) -> AsyncIterator[str]:
    routes = [Route("/people", people), Route("/away", away), Route("/forbidden", forbidden)]
    async with served(Faulty(Starlette(routes=routes), switches)) as address:
        yield address


def whole(answer: Any) -> Any:
    return answer


@pytest.mark.parametrize("fault", ["x05-500", "x05-half-open", "x08-too-often"])
async def test_what_passes_is_asked_again(base: str, switches: Switches, fault: str) -> None:
    switches.turn_on(fault, 2 if fault != "x08-too-often" else 1)
    async with Web(base, wait=0.01) as asked:
        assert len((await asked.ask("GET", "/people", whole))["rows"]) == 50
    assert switches.count(fault) == (1 if fault == "x08-too-often" else 2)


async def test_a_system_that_stays_away_is_given_up(base: str, switches: Switches) -> None:
    switches.turn_on("x05-500", 99)
    async with Web(base, wait=0.001) as asked:
        with pytest.raises(Again, match=r"answers with an error \(500\)") as told:
            await asked.ask("GET", "/people", whole)
    assert switches.count("x05-500") == ATTEMPTS
    assert "ORA" not in str(told.value)
    async with Web("http://127.0.0.1:9", wait=0.001) as asked:
        with pytest.raises(SourceError, match="ConnectError"):
            await asked.ask("GET", "/people", whole)


async def test_a_slow_answer_is_not_waited_for(
    base: str, switches: Switches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "TIMEOUT", httpx.Timeout(0.2))
    switches.turn_on("x05-slow", 1)
    async with Web(base, wait=0.01) as asked:
        assert await asked.ask("GET", "/people", whole)
    assert switches.count("x05-slow") == 1


async def test_a_page_is_no_answer_and_not_asked_for_twice(base: str, switches: Switches) -> None:
    """X6: a login page with status 200."""
    switches.turn_on("x06-page", 5)
    async with Web(base, wait=0.01) as asked:
        with pytest.raises(SourceError, match="with a page, not with data"):
            await asked.ask("GET", "/people", whole)
    assert switches.count("x06-page") == 1


@pytest.mark.parametrize("path", ["/forbidden", "/away", "/nowhere"])
async def test_a_refusal_is_one_sentence_that_quotes_nothing(base: str, path: str) -> None:
    async with Web(base) as asked:
        with pytest.raises(SourceError, match=r"refuses \((403|307|404)\)") as told:
            await asked.ask("GET", path, whole)
    assert "459999" not in told.value.message + told.value.message_zh


async def test_every_attempt_is_signed_anew(base: str, switches: Switches) -> None:
    switches.turn_on("x05-500", 1)
    signed: list[str] = []

    def sign() -> dict[str, str]:
        signed.append(str(len(signed)))
        return {"x-time": signed[-1]}

    async with Web(base, wait=0.01) as asked:
        assert (await asked.ask("GET", "/people", whole, sign=sign))["asked"] == "1"


async def test_an_answer_without_end_is_cut(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MOST_BYTES", 100)
    async with Web(base) as asked:
        with pytest.raises(SourceError, match="larger than any"):
            await asked.ask("GET", "/people", whole)


async def test_what_the_answer_means_is_the_connectors_matter(base: str) -> None:
    tries: list[int] = []

    def busy(answer: Any) -> Any:
        tries.append(1)
        if len(tries) < 3:
            raise Again("The system is busy.")
        return answer["code"]

    async with Web(base, wait=0.01) as asked:
        assert await asked.ask("GET", "/people", busy) == "0"
    assert len(tries) == 3
