"""What is no message, who may send one, and signatures."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hub.dci.parties import add_party, is_within, remove_party
from hub.errors import BadArgument, NotFound
from tests.support.dci import AT, Party, by, header, party, searching, status_of
from tests.support.logs import SENTINELS
from tests.support.serving import Served

SYNC = "social/registry/sync/search"
GOOD = by("GLOBAL_ID", "Beneficiary:450305:1")


def whole(**given: Any) -> dict[str, Any]:
    return {"header": header("search", "bureau"), "message": searching(deepcopy(GOOD)), **given}


def changed(place: str, value: Any) -> dict[str, Any]:
    """The good message with one thing else; None: without it."""
    body = whole()
    *way, last = place.split(".")
    at: Any = body
    for step in way:
        at = at[int(step)] if step.isdecimal() else at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return body


ITEM = "message.search_request.0"
WRONG: list[tuple[str, Any, str]] = [
    ("header", None, "err.request.bad"),
    ("message", None, "err.request.bad"),
    ("message", [], "err.request.bad"),
    ("header.message_id", None, "err.request.bad"),
    ("header.message_ts", "2026-06-01T08:00:00", "err.request.bad"),
    ("header.message_ts", "1606970629", "err.request.bad"),
    ("header.action", "subscribe", "err.request.bad"),
    ("header.version", "2.0.0", "err.version.not_supported"),
    ("header.sender_id", "somebody", "err.sender_id.invalid"),
    ("header.receiver_id", "another.example", "err.receiver_id.invalid"),
    ("header.is_msg_encrypted", True, "err.encryption.invalid"),
    ("message.transaction_id", "x" * 100, "err.request.bad"),
    ("message.transaction_id", "", "err.request.bad"),
    ("message.transaction_id", "a\0", "err.request.bad"),
    ("header.message_id", "a\0", "err.request.bad"),
    ("message.search_request", [], "err.request.bad"),
    (f"{ITEM}.timestamp", "not-a-timestamp", "err.request.bad"),
    (f"{ITEM}.timestamp", "2026-02-30T08:00:00Z", "err.request.bad"),
    (f"{ITEM}.locale", "en", "err.request.bad"),
    (f"{ITEM}.locale", "ENG", "err.request.bad"),
    (f"{ITEM}.search_criteria", None, "err.request.bad"),
    (f"{ITEM}.search_criteria.query_type", "graphql", "err.request.bad"),
    (f"{ITEM}.search_criteria.pagination", {"page_size": 0}, "err.request.bad"),
    (f"{ITEM}.search_criteria.pagination", {"page_size": 10, "page_number": 0}, "err.request.bad"),
    (f"{ITEM}.search_criteria.pagination", {"page_size": -1}, "err.request.bad"),
    (f"{ITEM}.pagination", {"page_size": -1}, "err.request.bad"),
]


@pytest.mark.parametrize(("place", "value", "code"), WRONG)
async def test_what_is_no_message_is_refused_by_name(
    bureau: Party, place: str, value: Any, code: str
) -> None:
    answer = await bureau.post(SYNC, changed(place, value))
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (400, code)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'"x"', b'{"header": 1, "message": 2}', b"[" * 2000 + b"]" * 2000]
)
async def test_anything_else_is_refused(hub: Served, bureau: Party, body: bytes) -> None:
    given = {**hub.bearer(), "Content-Type": "application/json"}
    answer = await hub.http.post(f"/dci/{SYNC}", content=body, headers=given)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "err.request.bad"


async def test_the_edges_are_good(bureau: Party) -> None:
    for place, value in (
        ("message.transaction_id", "x" * 99),
        (f"{ITEM}.locale", "zho"),
        (f"{ITEM}.timestamp", "2026-06-01T00:00:00.123Z"),
        ("header.meta", {"anything": [1]}),
        ("header.receiver_id", "127.0.0.1"),
        ("signature", "unsigned-stub"),
    ):
        answer = await bureau.post(SYNC, changed(place, value))
        assert answer.status_code == 200, (place, answer.text)


async def test_who_may_send(hub: Served, bureau: Party) -> None:
    body = whole()
    for headers, status, code in (
        ({}, 401, "err.request.unauthorized"),
        ({"Authorization": "Bearer invalid"}, 401, "err.request.unauthorized"),
        (hub.bearer("operator"), 403, "err.request.forbidden"),  # not registered for it
    ):
        answer = await hub.http.post(f"/dci/{SYNC}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
        assert ("www-authenticate" in answer.headers) == (status == 401)
    for method in ("GET", "PUT", "DELETE"):
        answer = await hub.http.request(method, f"/dci/{SYNC}", headers=hub.bearer())
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    plain = await hub.http.post(f"/dci/{SYNC}", content=b"{}", headers=hub.bearer())
    assert plain.status_code == 415


async def test_a_signature_is_checked_where_there_is_one(hub: Served, bureau: Party) -> None:
    good = bureau.sign(whole())
    assert (await bureau.post(SYNC, good)).status_code == 200
    first, _, last = good["signature"].split(".")
    stranger = Party(hub, "agency").sign(whole())
    for wrong in (
        "invalid-signature",
        f"{first}.e30.{last}",
        f"{first}..{last[:-4]}AAAA",
        stranger["signature"],
        bureau.sign(whole())["signature"],  # of another message
        "a..b",
        ["x"],
    ):
        answer = await bureau.post(SYNC, {**good, "signature": wrong})
        assert answer.status_code == 400, wrong
        assert answer.json()["errors"][0]["code"] == "err.signature.invalid"


async def test_who_is_held_to_signing_must(hub: Served, agency: Party) -> None:
    held = await party(hub, "agency", is_signed=True)
    body = {"header": header("txn-status", "agency"), "message": status_of("transaction_id", "x")}
    path = "social/registry/sync/txn/status"
    for signature in ("", "unsigned-stub"):
        answer = await held.post(path, {**body, "signature": signature})
        assert answer.json()["errors"][0]["code"] == "err.signature.missing"
    assert (await held.post(path, held.sign(body))).status_code == 200
    await party(hub, "agency")


@pytest.mark.parametrize(
    "url",
    [
        "http://agency.example/registry/",
        "https://agency.example/registry",
        "https://user@agency.example/",
        "https://agency.example/?x=/",
        "https://agency.example/../",
        "ftp://agency.example/",
        "https:///",
        "https://agency.example:x/",
        "",
    ],
)
async def test_a_callback_is_an_address_that_cannot_wander(hub: Served, url: str) -> None:
    with pytest.raises(BadArgument):
        await add_party(hub.world.database, hub.world.engine.vault, "agency", url)


def test_an_address_is_below_another_by_whole_steps() -> None:
    base = "https://a.example/dci/"
    assert is_within("https://a.example/dci/registry/on-search", base)
    for other in (
        "https://a.example/dcix",
        "https://a.example.evil/dci/",
        "https://a.example@evil/dci/",
        "http://a.example/dci/x",
        "https://a.example:8443/dci/x",
        "https://a.example/dci/../admin",
        "https://a.example/dci/x#y",
        "https://a.example\\@evil/dci/",
        "//a.example/dci/",
        "https://a.example/dci/%2E%2e/admin",
        "https://a.example/dci/\r\nx",
        "https://a.example/dci/\0",
        "https://a.example/dci/\u3002\u3002/",
    ):
        assert not is_within(other, base)


async def test_only_a_client_can_be_registered(hub: Served) -> None:
    database, vault = hub.world.database, hub.world.engine.vault
    for name in ("nobody", ""):
        with pytest.raises(NotFound):
            await add_party(database, vault, name)
        with pytest.raises(NotFound):
            await remove_party(database, name)


async def test_nothing_of_a_message_is_logged(hub: Served, bureau: Party) -> None:
    name, number = SENTINELS["name"], SENTINELS["id_number"]
    for criteria in (
        by("NIN", number),
        by(name, number),
        {"query_type": "expression", "query": {"query": {name: 1}}},
    ):
        await bureau.search(criteria)
    for place in ("message.transaction_id", f"{ITEM}.reference_id", f"{ITEM}.locale", "header.action"):
        await bureau.post(SYNC, changed(place, number))
    lines = hub.logs.lines()
    assert lines
    assert not any(value in line for line in map(str, lines) for value in SENTINELS.values())
    assert AT not in str(lines)
