"""Packages: sealed for one device, over by a time, on a list when recalled; no more in them than is seen."""

from __future__ import annotations

import asyncio
import datetime as dt
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from click.testing import CliRunner
from joserfc import jws
from joserfc.jwk import ECKey, KeySet

from hub.cli import main
from hub.errors import NotFound
from hub.oauth.clients import suspend_client
from hub.offline.package import BadPackage, read
from hub.offline.registry import recall
from tests.support.pages import programs
from tests.support.serving import Served, serving

QUERY = """query($since: String, $first: Int) { caseload(since: $since, first: $first) {
  entries { operation id version beneficiary { nameMasked phone } } cursor hasMore } }"""
DEVICE = ECKey.generate_key("P-256", auto_kid=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


def body_of(**given: Any) -> dict[str, Any]:
    asked = {"device": "tablet-3", "hours": 8, "key": DEVICE.as_dict(private=False), "query": QUERY, **given}
    return {name: value for name, value in asked.items() if value is not None}


async def made(hub: Served, role: str = "township", **given: Any) -> httpx.Response:
    return await hub.http.post("/packages", json=body_of(**given), headers=hub.bearer(role))


async def keys_of(hub: Served) -> KeySet:
    return KeySet.import_key_set((await hub.http.get("/oauth/jwks.json")).json())


async def recalls_of(hub: Served) -> list[str]:
    answer = await hub.http.get("/packages/recalled")
    found = jws.deserialize_compact(
        answer.text, await keys_of(hub), registry=jws.JWSRegistry(algorithms=["ES256"])
    )
    recalled: list[str] = orjson.loads(found.payload)["recalled"]
    return recalled


async def test_it_holds_the_caseload_and_goes_on_from_there(hub: Served) -> None:
    answer = await made(hub)
    assert answer.status_code == 201, answer.text
    package = read(answer.content, DEVICE, await keys_of(hub), time.time())
    listed = "{ beneficiaries(first: 200) { nodes { id nameMasked phone } } }"
    people = (await hub.ask(listed, "township")).json()["data"]["beneficiaries"]["nodes"]
    told = {entry["id"]: entry["beneficiary"] for entry in package.entries}
    assert told == {p["id"]: {"nameMasked": p["nameMasked"], "phone": p["phone"]} for p in people}
    claims = package.claims
    assert (claims["client"], claims["device"], claims["people"]) == ("township", "tablet-3", len(people))
    assert claims["exp"] - claims["iat"] == 8 * 3600
    assert answer.headers["location"] == f"/packages/{claims['jti']}"
    after = (await hub.ask(QUERY, "township", since=claims["cursor"])).json()["data"]["caseload"]
    assert (after["entries"], after["hasMore"]) == ([], False)


async def test_only_the_device_opens_it_in_time_and_unchanged(hub: Served) -> None:
    file, keys = (await made(hub)).content, await keys_of(hub)
    claims = read(file, DEVICE, keys, time.time()).claims
    other = ECKey.generate_key("P-256", auto_kid=True)
    wrong = [
        (file, other, keys, time.time(), []),
        (file, DEVICE, KeySet([other]), time.time(), []),
        (file, DEVICE, keys, claims["exp"], []),
        (file, DEVICE, keys, claims["iat"] - 1, []),
        (file, DEVICE, keys, time.time(), [claims["jti"]]),
        (file[:-4] + b"AAAA", DEVICE, keys, time.time(), []),
        (file[: len(file) // 2], DEVICE, keys, time.time(), []),
        (b"", DEVICE, keys, time.time(), []),
    ]
    for given in wrong:
        with pytest.raises(BadPackage):
            read(*given)
    for value in ("nameMasked", "tablet-3", "Beneficiary:"):
        assert value.encode() not in file


async def test_the_program_of_the_page_opens_it(hub: Served, tmp_path: Path) -> None:
    answer = await made(hub)
    files = {
        "package.jwe": answer.content,
        "device.json": orjson.dumps(DEVICE.as_dict(private=True)),
        "keys.json": (await hub.http.get("/oauth/jwks.json")).content,
        "recalls.jws": (await hub.http.get("/packages/recalled")).content,
    }
    [text] = programs("packages", "python")
    for name, content in {**files, "open.py": text.encode()}.items():
        (tmp_path / name).write_bytes(content)

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "open.py", *files]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    good = await asyncio.to_thread(run)
    assert " people until " in good.stdout, good.stderr
    id_ = answer.headers["location"].rpartition("/")[2]
    await recall(hub.world.database, id_, "lost")
    (tmp_path / "recalls.jws").write_bytes((await hub.http.get("/packages/recalled")).content)
    assert "recalled: delete it" in (await asyncio.to_thread(run)).stderr


async def test_one_is_recalled_or_all_of_a_client_or_with_its_rights(hub: Served) -> None:
    ids = [(await made(hub)).headers["location"].rpartition("/")[2] for _ in range(3)]
    assert not set(ids) & set(await recalls_of(hub))
    assert await recall(hub.world.database, ids[0], "lost") == 1
    assert set(ids) & set(await recalls_of(hub)) == {ids[0]}
    with pytest.raises(NotFound):
        await recall(hub.world.database, ids[0], "lost")
    await suspend_client(hub.world.database, "township")
    try:
        assert set(ids) <= set(await recalls_of(hub))
    finally:
        await hub.resume("township")
    assert set(ids) & set(await recalls_of(hub)) == {ids[0]}
    assert await recall(hub.world.database, "township", "ended", of_client=True) >= 2
    assert set(ids) <= set(await recalls_of(hub))


async def test_a_contractor_without_a_contract_has_none_that_is_good(hub: Served) -> None:
    """Its contracts have ended by now, so there is nobody in its package, and it is recalled at once."""
    answer = await made(hub, "contractor")
    package = read(answer.content, DEVICE, await keys_of(hub), time.time())
    live = await hub.world.engine.live.now(1, dt.datetime.now(dt.UTC).date())
    assert (package.claims["jti"] in await recalls_of(hub)) == (not live.contracts)


async def test_the_client_sees_its_own_and_says_what_is_deleted(hub: Served) -> None:
    id_ = (await made(hub)).headers["location"].rpartition("/")[2]
    told = (await hub.http.get("/packages", headers=hub.bearer("township"))).json()["packages"]
    assert next(each for each in told if each["id"] == id_)["deleted_at"] is None
    assert id_ not in (await hub.http.get("/packages", headers=hub.bearer("bureau"))).text
    path = f"/packages/{id_}/deleted"
    assert (await hub.http.post(path, headers=hub.bearer("bureau"))).status_code == 404
    for _ in range(2):
        assert (await hub.http.post(path, headers=hub.bearer("township"))).status_code == 204
    assert (await hub.http.post("/packages/x/deleted", headers=hub.bearer("township"))).status_code == 404
    told = (await hub.http.get("/packages", headers=hub.bearer("township"))).json()["packages"]
    assert next(each for each in told if each["id"] == id_)["deleted_at"] is not None


async def test_a_trusted_document_will_do_and_anything_else_is_refused(hub: Served) -> None:
    private = DEVICE.as_dict(private=True)
    wrong: list[dict[str, Any]] = [
        {"key": None},
        {"key": {}},
        {"key": private},
        {"key": ECKey.generate_key("P-384").as_dict(private=False)},
        {"key": "x"},
        {"device": None},
        {"device": ""},
        {"device": "x" * 101},
        {"hours": 0},
        {"hours": 73},
        {"hours": True},
        {"more": 1},
        {"query": "{ viewer { role } }"},
        {"query": QUERY.replace("entries { operation id version beneficiary { nameMasked phone } }", "")},
        {"query": "{ nothing }"},
        {"query": QUERY.replace("$since: String, ", "").replace("since: $since, ", "")},
        {"query": QUERY.replace(", $first: Int", "").replace(", first: $first", "")},
        {"documentId": "nobodys", "query": None},
    ]
    for given in wrong:
        answer = await made(hub, **given)
        assert answer.status_code in (400, 422), given
        assert answer.json()["errors"][0]["extensions"]["code"], given
        assert str(private["d"]) not in answer.text
    assert (await made(hub, "agency")).status_code == 422  # it has no caseload
    nobody = await hub.http.post("/packages", json=body_of())
    assert nobody.status_code == 401
    assert (await hub.http.put("/packages", headers=hub.bearer())).headers["allow"] == "GET, POST"


async def test_it_is_in_the_access_log(hub: Served) -> None:
    id_ = (await made(hub)).headers["location"].rpartition("/")[2]
    rows = await hub.world.database.fetch(
        "select client_id, records from access_entry where operation = $1", id_.replace("-", "")
    )
    assert [(row["client_id"], row["records"]) for row in rows] == [("township", None)]


def test_there_is_a_command_for_it() -> None:
    told = CliRunner().invoke(main, ["package", "--help"])
    assert {"list", "recall"} <= set(told.output.split())
