"""Receipts: what was asked and answered can be shown to anybody, and of a person nothing is kept."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from click.testing import CliRunner
from joserfc.jwk import ECKey, KeySet

from hub.audit.proving import prove
from hub.audit.receipt import BadReceipt, asked, check, check_proof, read, sign
from hub.audit.seal import Sealer
from hub.audit.shape import Shape
from hub.cli import main
from hub.errors import Unavailable
from hub.oauth.jose import SigningKeys
from hub.store.keys import load_signing_keys
from hub.web.receipts import PATH, Receipts
from tests.support.pages import programs
from tests.support.reading import AGENCY
from tests.support.serving import Served, serving
from tests.support.trusted import register

STATUS = "query($n: String!) { beneficiaryStatus(idNumber: $n, programme: DIBAO) { entitled programme on } }"
NUMBER = "459999195003070019"
PARTS = ("iss", "client", "at", "status")
WANTED = {"Prefer": "receipt", "Content-Type": "application/json"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


def body_of(query: str = STATUS, **variables: Any) -> bytes:
    return orjson.dumps({"query": query, "variables": variables or {"n": NUMBER}})


async def given(hub: Served, body: bytes, role: str = "agency", **headers: str) -> httpx.Response:
    answer = await hub.http.post("/graphql", content=body, headers={**hub.bearer(role), **WANTED, **headers})
    assert answer.headers["preference-applied"] == "receipt"
    return answer


async def keys_of(hub: Served) -> KeySet:
    return KeySet.import_key_set((await hub.http.get(PATH)).json())


async def test_it_is_of_this_question_and_this_answer(hub: Served) -> None:
    body = body_of()
    answer = await given(hub, body)
    receipt = read(answer.headers["hub-receipt"])
    assert receipt.head["client"] == "agency"
    assert receipt.head["status"] == 200
    assert receipt.head["iss"] == hub.settings.base_url
    keys, question = await keys_of(hub), asked("POST", "/graphql", body)
    check(receipt, keys, question, answer.content)
    wrong = [
        (question, answer.content.replace(b"false", b"true")),
        (question.replace(b"DIBAO", b"TEKUN"), answer.content),
        (asked("POST", "/graphql", body_of(n="459999196001010019")), answer.content),
        (asked("GET", "/graphql", body), answer.content),
        (asked("POST", "/documents/x", body), answer.content),
        (question, answer.content + b" "),
    ]
    for other, told in wrong:
        with pytest.raises(BadReceipt):
            check(receipt, keys, other, told)


async def test_nothing_of_it_can_be_changed(hub: Served) -> None:
    body = body_of()
    answer = await given(hub, body)
    receipt, keys = read(answer.headers["hub-receipt"]), await keys_of(hub)
    first, _, last = receipt.text.partition("..")
    for name, value in (
        ("at", "2020-01-01T00:00:00.000000Z"),
        ("client", "bureau"),
        ("status", 500),
        ("salt", "AA"),
    ):
        head = {**receipt.head, name: value}
        forged = base64.urlsafe_b64encode(orjson.dumps(head)).rstrip(b"=").decode()
        with pytest.raises(BadReceipt):
            check(read(f"{forged}..{last}"), keys, asked("POST", "/graphql", body), answer.content)
    other = KeySet([ECKey.generate_key("P-256", auto_kid=True)])
    with pytest.raises(BadReceipt):
        check(receipt, other, asked("POST", "/graphql", body), answer.content)
    for text in ("", "a..b", f"{first}.e30.{last}", f"{first}..", "..", "x" * 10_000, answer.text):
        with pytest.raises(BadReceipt):
            check(read(text), keys, asked("POST", "/graphql", body), answer.content)


async def test_a_stranger_of_the_same_kid_is_no_key(hub: Served) -> None:
    body = body_of()
    receipt = read((await given(hub, body)).headers["hub-receipt"])
    stranger = ECKey.generate_key("P-256", parameters={"kid": str(receipt.head["kid"])})
    made = sign(
        stranger, {k: receipt.head[k] for k in ("iss", "client", "at", "status")}, b"s" * 16, b"q", b"a"
    )
    with pytest.raises(BadReceipt):
        check(read(made.text), await keys_of(hub), b"q", b"a")


async def test_every_answer_to_somebody_known_has_one_and_no_other(hub: Served) -> None:
    wrong = await given(hub, body_of("{ nothing }"))
    assert (wrong.status_code, read(wrong.headers["hub-receipt"]).head["status"]) == (422, 422)
    broken = await given(hub, b"{")
    check(
        read(broken.headers["hub-receipt"]),
        await keys_of(hub),
        asked("POST", "/graphql", b"{"),
        broken.content,
    )
    target = "/graphql?query=%7B%20viewer%20%7B%20role%20%7D%20%7D"
    got = await hub.http.get(target, headers={**hub.bearer("agency"), "Prefer": "wait=10, receipt; x=1"})
    check(read(got.headers["hub-receipt"]), await keys_of(hub), asked("GET", target, b""), got.content)
    nobody = await hub.http.post("/graphql", content=body_of(), headers=WANTED)
    assert nobody.status_code == 401
    assert "hub-receipt" not in nobody.headers
    loud = await given(hub, body_of(), Prefer="RECEIPT")  # names of preferences have no case (RFC 7240)
    check(
        read(loud.headers["hub-receipt"]),
        await keys_of(hub),
        asked("POST", "/graphql", body_of()),
        loud.content,
    )
    for preference in ("", "return=minimal", "receipts", "no-receipt"):
        plain = await hub.http.post(
            "/graphql", content=body_of(), headers={**hub.bearer("agency"), **WANTED, "Prefer": preference}
        )
        assert "hub-receipt" not in plain.headers
    stream = await hub.http.post(
        "/graphql",
        content=body_of("{ viewer { role } }"),
        headers={**hub.bearer("agency"), **WANTED, "Accept": "text/event-stream"},
    )
    assert "hub-receipt" not in stream.headers
    assert "event: complete" in stream.text


@pytest.mark.parametrize(
    ("method", "target", "headers", "status"),
    [
        ("POST", "/graphql", {"Content-Type": "text/plain"}, 415),
        ("POST", "/documents/nothing", {}, 404),
        ("POST", "/dci/social/registry/sync/search", {}, 403),
        ("GET", "/graphql?query=%7Bviewer%7Brole%7D%7D", {}, 200),
    ],
)
async def test_what_was_answered_unread_is_of_the_whole_request(
    hub: Served, method: str, target: str, headers: dict[str, str], status: int
) -> None:
    sent = hub.bearer("agency") | WANTED | headers
    answer = await hub.http.request(method, target, content=body_of(), headers=sent)
    assert answer.status_code == status
    question = asked(method, target, body_of())
    check(read(answer.headers["hub-receipt"]), await keys_of(hub), question, answer.content)


async def test_what_is_too_long_to_be_read_and_a_head_have_none(hub: Served) -> None:
    long = b"x" * (hub.settings.max_body_bytes + 1)
    answer = await hub.http.post("/graphql", content=long, headers=hub.bearer("agency") | WANTED)
    assert (answer.status_code, "hub-receipt" in answer.headers) == (413, False)
    target = "/graphql?query=%7Bviewer%7Brole%7D%7D"
    head = await hub.http.head(target, headers=hub.bearer("agency") | WANTED)
    assert (head.status_code, "hub-receipt" in head.headers) == (200, False)


async def test_compression_does_not_matter(hub: Served) -> None:
    body = body_of("{ beneficiaries(first: 50) { nodes { id name } } }")
    answer = await given(hub, body, "bureau", **{"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    check(
        read(answer.headers["hub-receipt"]),
        await keys_of(hub),
        asked("POST", "/graphql", body),
        answer.content,
    )
    assert gzip.compress(answer.content)


async def test_a_document_that_is_named_is_told_by_its_hash(hub: Served) -> None:
    source = "query Status($n: String!) { beneficiaryStatus(idNumber: $n, programme: DIBAO) { entitled } }"
    await register(hub.world.database, "agency", status=source)
    digest = hashlib.sha256(source.encode()).hexdigest()
    body = orjson.dumps({"n": NUMBER})
    answer = await hub.http.post(
        "/documents/status", content=body, headers={**hub.bearer("agency"), **WANTED}
    )
    receipt = read(answer.headers["hub-receipt"])
    assert receipt.head["document"] == digest
    check(receipt, await keys_of(hub), asked("POST", "/documents/status", body), answer.content)
    named = await given(hub, orjson.dumps({"documentId": "status", "variables": {"n": NUMBER}}))
    assert read(named.headers["hub-receipt"]).head["document"] == digest
    assert "document" not in read((await given(hub, body_of())).headers["hub-receipt"]).head


async def test_where_it_cannot_be_kept_there_is_no_answer(
    hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def given_(*_: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(Receipts, "given", given_)
    answer = await hub.http.post("/graphql", content=body_of(), headers={**hub.bearer("agency"), **WANTED})
    assert answer.status_code == 503
    assert "hub-receipt" not in answer.headers
    assert "entitled" not in answer.text


async def test_the_log_proves_it(hub: Served) -> None:
    body = body_of()
    answers = [await given(hub, body) for _ in range(3)]
    sealer = Sealer(hub.world.database, hub.settings.base_url, lambda: KeySet([signing(hub)]), "sha256")
    await sealer.seal()
    heads = KeySet.import_key_set((await hub.http.get("/oauth/jwks.json")).json())
    first, second, _ = (read(answer.headers["hub-receipt"]) for answer in answers)
    given_ = json.loads(json.dumps(await prove(hub.world.database, first)))
    told = check_proof(first, given_, heads)
    assert told["batch"] == given_["batch"][0]
    with pytest.raises(BadReceipt):
        check_proof(second, given_, heads)
    entry, batch = given_["entry"], given_["batch"]
    for name, value in (
        ("hashes", given_["hashes"][1:]),
        ("hashes", None),
        ("entry", [*entry[:6], "x", *entry[7:]]),
        ("batch", [*batch[:2], 10**9, *batch[3:]]),
        ("entry", ["1", *entry[1:]]),
        ("entry", [entry[0], "yesterday", *entry[2:]]),
        ("digest", "00" * 32),
        ("head", given_["head"][:-8] + "AAAAAAAA"),
    ):
        with pytest.raises(BadReceipt):
            check_proof(first, {**given_, name: value}, heads)
    never = sign(
        signing(hub), {k: first.head[k] for k in ("iss", "client", "at", "status")}, b"s" * 16, b"q", b"a"
    )
    with pytest.raises(BadReceipt):
        await prove(hub.world.database, read(never.text))


async def test_a_text_that_a_client_had_written_down_is_no_receipt(hub: Served) -> None:
    """What is refused with the name of a watched mutation in it is in the log, under the hash of its text."""
    given_ = read((await given(hub, body_of())).headers["hub-receipt"])
    forged = read(given_.text.partition("..")[0] + "..AopenEmergencyAccess")
    refused = await hub.http.post(
        "/graphql", content=body_of(forged.text), headers=hub.bearer("agency") | WANTED
    )
    assert refused.status_code == 400
    sealer = Sealer(hub.world.database, hub.settings.base_url, lambda: KeySet([signing(hub)]), "sha256")
    await sealer.seal()
    [entry] = await hub.world.database.fetch("select * from access_entry where operation = $1", forged.digest)
    assert entry["client_id"] == forged.head["client"]
    with pytest.raises(BadReceipt, match="no such receipt"):
        await prove(hub.world.database, forged)
    for at in ("yesterday", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", None):
        head = orjson.dumps({**forged.head, "at": at})
        with pytest.raises(BadReceipt):
            await prove(
                hub.world.database, read(base64.urlsafe_b64encode(head).rstrip(b"=").decode() + "..AA")
            )
    heads = KeySet.import_key_set((await hub.http.get("/oauth/jwks.json")).json())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.audit.proving.SHAPE", Shape(entry["shape"], ""))
        made = json.loads(json.dumps(await prove(hub.world.database, forged)))
    with pytest.raises(BadReceipt, match="not of this receipt"):
        check_proof(forged, made, heads)


def signing(hub: Served) -> ECKey:
    key = SigningKeys(load_signing_keys(hub.settings)).active.keys[0]
    assert isinstance(key, ECKey)
    return key


async def test_nothing_is_kept_that_a_number_could_be_guessed_from(hub: Served) -> None:
    """Of the answer's receipt there is a hash of what holds a salt, which is nowhere."""
    body = body_of()
    answer = await given(hub, body)
    receipt = read(answer.headers["hub-receipt"])
    salt = receipt.head["salt"]
    tables = await hub.world.database.fetch(
        "select table_name as name from information_schema.tables where table_schema = 'public'"
    )
    raw = base64.urlsafe_b64decode(salt + "==").hex()
    for table in tables:
        rows = await hub.world.database.fetch(
            f'select count(*) from "{table["name"]}" t where t::text like $1 or t::text like $2',
            f"%{salt}%",
            f"%{raw}%",
        )
        assert rows[0][0] == 0, table["name"]
    [entry] = await hub.world.database.fetch(
        "select * from access_entry where operation = $1", receipt.digest
    )
    assert (entry["records"], entry["asked"], entry["tables"]) == (None, None, [])
    assert receipt.text not in str(hub.logs.lines())


async def test_a_key_that_is_replaced_stays_published(hub: Served) -> None:
    database, audit = hub.world.database, hub.world.engine.asker.audit
    key = ECKey.generate_key("P-256", auto_kid=True)
    receipts = Receipts(database, audit, SigningKeys([key]), "https://old.example", 1000)
    receipt = await receipts.given(AGENCY, b"q", 200, b"a")
    published = (await hub.http.get(PATH)).json()["keys"]
    assert {key.kid, signing(hub).kid} <= {each["kid"] for each in published}
    assert all("d" not in each and each["nbf"] > 0 for each in published)
    check(read(receipt.text), await keys_of(hub), b"q", b"a")


@pytest.mark.parametrize("language", ["python", "js"])
async def test_the_programs_of_the_page_check_it(hub: Served, tmp_path: Path, language: str) -> None:
    body = body_of()
    answer = await given(hub, body)
    files = {
        "receipt.txt": answer.headers["hub-receipt"].encode(),
        "keys.json": (await hub.http.get(PATH)).content,
        "request.json": body,
        "answer.json": answer.content,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    program = tmp_path / ("check.py" if language == "python" else "check.mjs")
    [text] = programs("receipts", language)
    program.write_text(text, encoding="utf-8")
    command = [sys.executable if language == "python" else "node", program.name, *files]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    good = await asyncio.to_thread(run)
    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("agency ")
    paths = {name: str(tmp_path / name) for name in files}
    verifying = ["receipt", "verify", paths["receipt.txt"], "--keys", paths["keys.json"],
               "--request", paths["request.json"], "--answer", paths["answer.json"]]  # fmt: skip
    told = CliRunner().invoke(main, verifying)
    assert told.exit_code == 0, told.output
    other = tmp_path / "other"
    other.write_bytes(b"\xff not JSON")
    for wrong in ([*verifying, "--proof", str(other)], ["receipt", "verify", str(other), *verifying[3:]]):
        refused = CliRunner().invoke(main, wrong)
        assert (refused.exit_code, "RECEIPT_REFUSED" in refused.output) == (1, True)
    assert (
        f"answered agency at {read(answer.headers['hub-receipt']).head['at']} with status 200" in told.output
    )
    (tmp_path / "answer.json").write_bytes(answer.content.replace(b"false", b"true"))
    assert (await asyncio.to_thread(run)).returncode != 0
