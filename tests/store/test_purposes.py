"""The registry of purposes: what it takes, what never changes, and what became of the budgets before it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from alembic import command
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey
from sqlalchemy import Connection

from hub.access.limits import Allowance
from hub.audit.entries import newest, told
from hub.cli import main
from hub.doctor import _purposes
from hub.domain.dates import CHINA
from hub.domain.vocabulary import LegalBasis
from hub.errors import BadArgument, NotFound
from hub.oauth.clients import find_client, list_clients, register_client
from hub.oauth.purposes import (
    Registered,
    add_purpose,
    allow_client,
    end_purpose,
    find_purposes,
    grant_purpose,
    withdraw_purpose,
)
from hub.store.database import Database
from hub.store.migrate import config, migrate
from tests.support.postgres import FIELD_KEY, fresh_database, server
from tests.support.purposes import LAW, duty, granted

ROOT = Path(__file__).resolve().parents[2]
KEY: Any = {"keys": [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)]}
LATER = dt.datetime(2099, 1, 1, tzinfo=CHINA)
EARLIER = dt.datetime(2098, 1, 1, tzinfo=CHINA)
PAST = dt.datetime(2020, 1, 1, tzinfo=CHINA)


@pytest_asyncio.fixture(loop_scope="session")
async def db() -> AsyncIterator[Database]:
    async with fresh_database() as database:
        for name, role in (("one", "operator"), ("other", "operator")):
            await register_client(database, name, name=name, role=role, jwks=KEY)
        yield database


async def the(db: Database, code: str) -> Registered:
    (found,) = await find_purposes(db, code)
    return found


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"code": "Relief"}, "small letters"),
    ({"code": "a" * 41}, "small letters"),
    ({"label_zh": " "}, "a Chinese and an English label"),
    ({"legal_basis": None}, "STATUTORY_DUTY"),
    ({"citation": None}, "cited with its article"),
    ({"legal_basis": LegalBasis.OTHER_LAW, "citation": " "}, "cited with its article"),
    ({"roles": ()}, "is for roles"),
    ({"roles": ("minister",)}, "is for roles"),
    ({"opens": ("internal",)}, "field:minor"),
    ({"opens": ("public",)}, "field:minor"),
    ({"valid_from": LATER, "valid_until": EARLIER}, "ends after it begins"),
    ({"valid_until": PAST}, "not in the past"),
]


async def test_what_a_purpose_needs(db: Database) -> None:
    for changed, expected in WRONG:
        given = {"code": "relief", **changed}
        with pytest.raises(BadArgument, match=expected):
            await add_purpose(db, duty(given.pop("code"), **given))
    assert await find_purposes(db) == []


async def test_a_purpose_is_only_ended(db: Database) -> None:
    consent = duty("consent", legal_basis=LegalBasis.CONSENT, citation=None, opens=("minor",))
    await add_purpose(db, consent)
    with pytest.raises(BadArgument, match="a code of its own"):
        await add_purpose(db, consent)
    for change in (
        "label_zh = 'x'",
        "legal_basis = 'NEWS'",
        "opens = '{}'",
        "code = 'x'",
        "valid_from = now()",
    ):
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await db.owner.execute(f"update purpose set {change}")
    with pytest.raises(asyncpg.RaiseError):
        await db.owner.execute("delete from purpose")
    await end_purpose(db, "consent", LATER)
    await end_purpose(db, "consent", EARLIER)
    assert (await the(db, "consent")).valid_until == EARLIER
    with pytest.raises(BadArgument, match="never moved back"):
        await end_purpose(db, "consent", LATER)
    with pytest.raises(BadArgument, match="now, or on a day to come"):
        await end_purpose(db, "consent", PAST)
    with pytest.raises(asyncpg.RaiseError):
        await db.owner.execute("update purpose set valid_until = null")
    await end_purpose(db, "consent")
    ended = await the(db, "consent")
    assert ended.valid_until is not None
    assert ended.valid_until <= dt.datetime.now(dt.UTC)
    with pytest.raises(NotFound):
        await end_purpose(db, "nothing")


async def test_what_has_not_begun_is_ended_before_it_begins(db: Database) -> None:
    await add_purpose(db, duty("plan", valid_from=EARLIER))
    await grant_purpose(db, "plan", "one")
    found = await find_client(db, "one")
    assert found is not None
    assert (found.granted("operator").live, found.granted("operator").ended) == ((), frozenset())
    await end_purpose(db, "plan")
    assert (await the(db, "plan")).valid_until == EARLIER


async def test_one_grant_of_a_client_is_the_usual_one(db: Database) -> None:
    async def usual() -> str | None:
        found = await find_client(db, "one")
        assert found is not None
        return found.granted("operator").usual

    for code in ("a", "b", "c"):
        await add_purpose(db, duty(code))
    await asyncio.gather(*(grant_purpose(db, code, "one") for code in ("a", "b", "c")))
    first = await usual()
    assert first in ("a", "b", "c")
    await asyncio.gather(*(grant_purpose(db, code, "one", usual=True) for code in ("a", "b", "c")))
    assert await db.owner.fetchval("select count(*) from client_purpose where is_default") == 1
    await grant_purpose(db, "b", "one", usual=True)
    await grant_purpose(db, "b", "one", until=LATER)  # which leaves what it was
    assert await usual() == "b"
    await grant_purpose(db, "b", "one", usual=False)
    assert await usual() is None
    await withdraw_purpose(db, "c", "one")
    clients = {client.client_id: client.granted("operator") for client in await list_clients(db)}
    assert [purpose.code for purpose in clients["one"].live] == ["a", "b"]
    assert clients["one"].ended == {"c"}
    assert not clients["other"].live


async def test_a_grant_is_of_what_there_is_and_for_the_role(db: Database) -> None:
    await add_purpose(db, duty("bureaus", roles=("bureau",)))
    with pytest.raises(BadArgument, match="is for: bureau"):
        await grant_purpose(db, "bureaus", "one")
    for code, client_id in (("nothing", "one"), ("bureaus", "nobody")):
        with pytest.raises(NotFound):
            await grant_purpose(db, code, client_id)
        with pytest.raises(NotFound):
            await withdraw_purpose(db, code, client_id)


async def test_a_grant_is_good_at_some_moment_to_come(db: Database) -> None:
    for code in ("over", "plan"):
        await add_purpose(db, duty(code, valid_from=EARLIER if code == "plan" else None))
    await grant_purpose(db, "plan", "other", until=LATER)
    for until in (PAST, EARLIER):
        with pytest.raises(BadArgument, match="after its purpose begins, and not in the past"):
            await grant_purpose(db, "plan", "one", until=until)
    for code in ("over", "plan"):  # the one after it began, the other before
        await end_purpose(db, code)
        with pytest.raises(BadArgument, match="has ended"):
            await grant_purpose(db, code, "one")
    assert [row["client_id"] for row in await db.owner.fetch("select client_id from client_purpose")] == [
        "other"
    ]


async def test_budgets_are_of_purposes_of_one_client(db: Database) -> None:
    for client_id in ("one", "other"):
        await granted(db, client_id, "a", "b")
        await allow_client(db, client_id, Allowance(), {"a": 5, "b": 6})
    await allow_client(db, "one", Allowance(), {"b": 7})
    held = {client.client_id: [p.units for p in client.purposes] for client in await list_clients(db)}
    assert held == {"one": [None, 7], "other": [5, 6]}


async def test_budgets_from_before_the_registry_are_moved_and_back(db: Database) -> None:
    def down(connection: Connection) -> None:
        alembic = config()
        alembic.attributes["connection"] = connection
        command.downgrade(alembic, "0015")

    before = {"one": {"relief": 200_000, "statistics": 5}, "other": {"relief": 7}}

    async def stored() -> dict[str, Any]:
        rows = await db.owner.fetch("select client_id, purposes from oauth_client")
        return {row["client_id"]: json.loads(row["purposes"]) for row in rows}

    for _ in range(2):  # there, and back, and there again
        async with db.engine.begin() as connection:
            await connection.run_sync(down)
        for client_id, purposes in before.items():
            await db.owner.execute(
                "update oauth_client set purposes = $2 where client_id = $1", client_id, json.dumps(purposes)
            )
        await migrate(db)
        held = {client.client_id: client for client in await list_clients(db)}
        for client_id, purposes in before.items():
            live = held[client_id].granted("operator")
            assert {purpose.code: purpose.units for purpose in live.live} == purposes
            assert (live.usual, live.needed) == (None, False)
            assert {(purpose.legal_basis, purpose.opens) for purpose in live.live} == {(None, frozenset())}
        assert (await the(db, "relief")).roles == ("operator",)
        assert await _purposes(db) == "not needed of: one other; without a legal basis: relief statistics"
        await db.owner.execute("update oauth_client set purposes = '{}'")
    async with db.engine.begin() as connection:
        await connection.run_sync(down)
    assert await stored() == before
    await migrate(db)


async def test_entries_tell_the_law_of_their_purpose(db: Database) -> None:
    await add_purpose(db, duty("check"))
    await db.owner.execute(
        "insert into access_entry (client_id, role, purpose, operation, tables, request_id) values"
        " ('one', 'bureau', 'check', 'x', '{}', 'r'), ('one', 'bureau', null, 'x', '{}', 'r')"
    )
    without, with_ = [list(told(row)) for row in await newest(db, None, 5)]
    assert with_[1] == f"    purpose 用途 check: STATUTORY_DUTY, {LAW}"
    assert len(without) == 1


# ── the commands ─────────────────────────────────────────────────────────────────────────────────────


async def typed(db: Database, *words: str) -> Result:
    environment = {"HUB_DATABASE_URL": (await server()).dsn(db.name), "HUB_FIELD_KEY": FIELD_KEY}
    return await asyncio.to_thread(CliRunner().invoke, main, list(words), env=environment)


async def said(db: Database, *words: str) -> str:
    found = await typed(db, *words)
    assert found.exit_code == 0, found.output
    return found.output


ADDING = [
    *("purpose", "add", "relief", "--zh", "救助", "--en", "Relief", "--basis", "STATUTORY_DUTY"),
    *("--citation", "第一条", "--role", "operator"),
]


async def test_a_purpose_from_its_registration_to_its_end(db: Database) -> None:
    nothing = await typed(db, "purpose", "list")
    assert (nothing.stdout, "hub purpose add" in nothing.stderr) == ("", True)
    more = ["--role", "contractor", "--opens", "field:minor", "--until", "2099-01-01"]
    assert "hub purpose grant relief" in await said(db, *ADDING, *more)
    granting = await said(db, "purpose", "grant", "relief", "one", "--until", "2098-01-01", "--default")
    assert granting == "one may state relief until 2098-01-01, 0:00.\n"
    shown = await said(db, "purpose", "show", "relief")
    for expected in ("救助 (Relief)", "STATUTORY_DUTY 为履行法定职责", "第一条", "contractor", "field:minor",
                     "2099-01-01 00:00", "one  until 2098-01-01 00:00"):  # fmt: skip
        assert expected in shown
    line = "relief  救助  STATUTORY_DUTY  operator,contractor  until 2099-01-01 00:00\n"
    assert await said(db, "purpose", "list") == line
    assert "in every request" in await said(db, "purpose", "require", "one") + await said(
        db, "client", "show", "one"
    )
    client = await said(db, "client", "show", "one")
    assert "relief  救助  where it names none  until 2098-01-01 00:00" in client
    assert "need not" in await said(db, "purpose", "require", "one", "--off")
    assert "any more" in await said(db, "purpose", "withdraw", "relief", "one")
    assert "on 2098-02-02" in await said(db, "purpose", "end", "relief", "--on", "2098-02-02")
    assert (await the(db, "relief")).valid_until == dt.datetime(2098, 2, 2, tzinfo=CHINA)
    assert "ends now" in await said(db, "purpose", "end", "relief")
    assert "operator,contractor  ended 2" in await said(db, "purpose", "list")
    assert re.search(r"(?m)^ended: +2", await said(db, "purpose", "show", "relief"))
    assert "relief  救助  where it names none  ended 2" in await said(db, "client", "show", "one")


def commands_of_the_page() -> list[list[str]]:
    """As a shell reads them, on whatever day."""
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"(?ms)^```sh\n(.*?)^```$", page)
    read = """hub() { printf '%s\\n' "$@" ''; }; """ + block
    lines = subprocess.run(["sh", "-c", read], capture_output=True, check=True, text=True).stdout
    return [words.split("\n") for words in lines.removesuffix("\n\n").split("\n\n")]


async def test_the_commands_of_the_page_do_what_it_says(db: Database) -> None:
    adding = "insert into contractor (name, credit_code) values ('某机构', '52450305') returning id"
    number = await db.owner.fetchval(adding)
    portal = "licheng-portal"
    await register_client(db, portal, name="门户", role="contractor", organisation_id=number, jwks=KEY)
    for words in commands_of_the_page():
        await said(db, *words)
    assert f"{portal}  until 2" in await said(db, "purpose", "show", "visits")


async def test_what_the_commands_refuse(db: Database) -> None:
    for words, expected in (
        ([*ADDING, "--opens", "minor"], "field:minor"),
        (["purpose", "show", "nothing"], "[NOT_FOUND]"),
        (["purpose", "require", "nobody"], "[NOT_FOUND]"),
    ):
        found = await typed(db, *words)
        assert (found.exit_code, expected in found.output) == (1, True), found.output


async def test_a_client_is_registered_with_what_it_is_for(db: Database, tmp_path: Any) -> None:
    await add_purpose(db, duty("relief"))
    await add_purpose(db, duty("bureaus", roles=("bureau",)))
    await add_purpose(db, duty("over"))
    await end_purpose(db, "over")
    start = ["client", "add", "new", "--name", "x", "--role", "operator"]
    for number, (words, expected) in enumerate(
        (
            ([], "--purpose (hub purpose list), or --no-purpose"),
            (["--purpose", "nothing"], "No purpose has this code"),
            (["--purpose", "relief", "--purpose", "bureaus"], "is for: bureau"),
            (["--purpose", "relief", "--purpose", "over"], "has ended"),
            (["--purpose", "relief", "--expires", "2020-01-01"], "not end in the past"),
        )
    ):
        found = await typed(db, *start, *words, "--make-key", str(tmp_path / str(number)))
        assert (found.exit_code, expected in found.output) == (1, True), found.output
        assert await find_client(db, "new") is None
    told_ = await said(db, *start, "--purpose", "relief", "--make-key", str(tmp_path / "key"))
    assert "relief  用途 relief  where it names none" in told_
    assert "in every request" in told_
    again = await said(db, *start, "--replace", "--make-key", str(tmp_path / "other"))
    assert "in every request" in again
    last = await said(db, *start, "--replace", "--no-purpose", "--make-key", str(tmp_path / "third"))
    assert "if it likes" in last
