"""``Accept-Language`` chooses the language of every message, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hub.errors import Language, all_errors
from hub.web.accept import GRAPHQL, language
from tests.support.http import BODY, QUERY
from tests.support.serving import Served, serving

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", "en"),
        ("en", "en"),
        ("zh", "zh"),
        ("ZH-cn", "zh"),
        ("zh-Hant-TW", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("en;q=0.5, zh;q=0.7", "zh"),
        ("en, zh", "en"),
        ("zh, en", "zh"),
        ("fr, zh;q=0.1", "zh"),
        ("fr, de", "en"),
        ("*", "en"),
        ("zh;q=0.5, *;q=0.1", "zh"),
        ("zh;q=0", "en"),
        ("zh;q=0.0001, en;q=0.001", "en"),
        ("zha, zhx", "en"),
        (";;;,,,q=1", "en"),
        ("zh" * 10_000, "en"),
    ],
)
def test_the_language_is_the_one_liked_best(header: str, chosen: Language) -> None:
    assert language(header) == chosen


def requests(hub: Served) -> dict[str, httpx.Request]:
    """By code and what is wrong."""
    post = {**hub.bearer(), "Content-Type": "application/json", "Accept": GRAPHQL}

    def asking(query: str, **variables: Any) -> httpx.Request:
        content = json.dumps({"query": query, "variables": variables})
        return hub.http.build_request("POST", "/graphql", content=content, headers=post)

    def sending(method: str, content: str = BODY, **headers: str) -> httpx.Request:
        return hub.http.build_request(method, "/graphql", content=content, headers={**post, **headers})

    many = "{ " + " ".join(f"a{i}: stations {{ totalCount }}" for i in range(101)) + " }"
    return {
        "UNAUTHENTICATED": sending("POST", Authorization="Bearer x"),
        "BAD_DOCUMENT method": sending("PUT"),
        "BAD_DOCUMENT type": sending("POST", **{"Content-Type": "text/plain"}),
        "BAD_DOCUMENT accept": sending("POST", Accept="text/html"),
        "BAD_DOCUMENT json": sending("POST", "{"),
        "BAD_DOCUMENT form": sending("POST", "7"),
        "BAD_DOCUMENT operation": asking(f"query A {QUERY} query B {QUERY}"),
        "BATCH_REFUSED": sending("POST", f"[{BODY}]"),
        "STREAM_NEEDED": asking("subscription { a }"),
        "LIMIT_EXCEEDED": asking(many),
        "GRAPHQL_PARSE_FAILED": asking("{"),
        "GRAPHQL_VALIDATION_FAILED": asking("{ nothing stations { nothing } }"),
        "BAD_USER_INPUT": asking("query($i: ID!) { station(id: $i) { id } }", i={}),
        "BAD_ARGUMENT": asking('{ station(id: "x") { id } }'),
        "BAD_ARGUMENT ordinary": asking('query($n: String = "a") { __type(name: $n) { name } }', n=None),
        "BAD_CURSOR": asking('{ stations(after: "x") { totalCount } }'),
    }


ENGLISH = {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "BAD_ARGUMENT ordinary"}
"""What graphql-core words."""


async def test_every_error_speaks_both(hub: Served) -> None:
    for name, request in requests(hub).items():
        english = await hub.http.send(request)
        request.headers["Accept-Language"] = "zh-CN,zh;q=0.9,en;q=0.8"
        chinese = await hub.http.send(request)
        assert english.status_code == chinese.status_code, name
        for ours, theirs in zip(english.json()["errors"], chinese.json()["errors"], strict=True):
            assert ours["extensions"]["code"] == theirs["extensions"]["code"] == name.split()[0]
            assert not CHINESE.search(ours["message"]), name
            assert theirs["message"] == theirs["extensions"]["messageZh"] == ours["extensions"]["messageZh"]
            assert CHINESE.search(theirs["message"]), name
            detail = {"detail": ours["message"]} if name in ENGLISH else {}
            assert theirs["extensions"] == {**ours["extensions"], **detail}
            assert {k: theirs.get(k) for k in ("path", "locations")} == {
                k: ours.get(k) for k in ("path", "locations")
            }


async def test_a_fault_of_the_hub_speaks_both(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("hub.web.graphql.respond", fails)
    for header, message in (("zh", "系统内部错误"), ("de", "Internal error.")):
        answer = await hub.post(BODY, headers={"Accept-Language": header})
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (500, message)


def test_every_error_has_a_chinese_sentence() -> None:
    for error in all_errors():
        assert CHINESE.search(error.zh), error
        assert not CHINESE.search(error().message), error
