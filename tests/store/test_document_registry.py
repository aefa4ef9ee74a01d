"""The registry of trusted documents: checked before it is kept, all or none, and the commands over it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey
from sqlalchemy import text

from graphql_schema.schema import audience
from hub.access.documents import LISTED, TrustedDocuments
from hub.cli import main
from hub.documents import registry
from hub.documents.files import Offered
from hub.documents.registry import Pushed, history, push, registered, remove
from hub.errors import BadArgument, NotFound
from hub.oauth.clients import find_client, register_client
from hub.store.database import Database
from tests.support.postgres import FIELD_KEY, fresh_database, server
from tests.support.trusted import CASELOAD, DIVISION, STATION, register, sha256

ONE, TWO = "{ viewer { role } }", "{ viewer { clientId } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def prepared() -> AsyncIterator[Database]:
    async with fresh_database() as made:
        for client_id, role in (("bureau", "bureau"), ("agency", "agency")):
            key = ECKey.generate_key("P-256", auto_kid=True)
            await register_client(
                made,
                client_id,
                name=client_id,
                role=role,
                jwks={"keys": [key.as_dict(private=False)]},
                division_code="450305000000",
            )
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def database(prepared: Database) -> Database:
    """Without documents."""
    await prepared.owner.execute("delete from trusted_document")
    return prepared


async def names(database: Database, client: str = "bureau", everything: bool = False) -> list[str]:
    return [row["name"] for row in await history(database, client, everything)]


async def test_pushing_again_changes_nothing(database: Database) -> None:
    added = await register(database, "bureau", one=ONE, caseload=CASELOAD)
    assert added == [
        Pushed("added", "one", f"sha256:{sha256(ONE)}"),
        Pushed("added", "caseload", f"sha256:{sha256(CASELOAD)}"),
    ]
    before = await history(database, "bureau", True)
    again = await register(database, "bureau", one=ONE, caseload=CASELOAD)
    assert [done.kind for done in again] == ["unchanged", "unchanged"]
    assert await history(database, "bureau", True) == before


async def test_another_text_takes_the_place_and_says_so(database: Database) -> None:
    await register(database, "bureau", one=ONE)
    (done,) = await register(database, "bureau", one=TWO)
    assert done == Pushed("replaced", "one", f"sha256:{sha256(TWO)}", f"sha256:{sha256(ONE)}")
    old, new = await history(database, "bureau", True)
    assert (old["source"], new["source"], new["ended_at"]) == (ONE, TWO, None)
    assert old["ended_at"] == new["created_at"]
    (back,) = await register(database, "bureau", one=ONE)
    assert back.before == f"sha256:{sha256(TWO)}"
    assert await names(database, everything=True) == ["one"] * 3


STATUS = "query ($n: String!) { beneficiaryStatus(idNumber: $n, programme: DIBAO) { entitled } }"
WRONG: dict[str, tuple[str, str]] = {
    "none": ("", "Syntax Error"),
    "syntax": ("{", "line 1, column 2: Syntax Error"),
    "value": ('{ division(code: "459999) { name } }', "Syntax Error"),
    "unknown": ("{ viewer { nothing } }", "line 1, column 12: Cannot query field 'nothing' on type"),
    "two": ("query A { viewer { role } } query B { viewer { role } }", "one operation"),
    "fragments": ("fragment F on Viewer { role }", "never used"),
    "mutation": ("mutation { a }", "Cannot query field 'a'"),
    "subscription": ("subscription { a }", "a query or a mutation"),
    "introspection": ("{ __schema { queryType { name } } }", "not for the schema"),
    "hidden": ("{ ...F } fragment F on Query { x: __type(name: \"Query\") { name } }", "not for the schema"),
    "deep": ("{ division(code: 1)" + " { parent" * 30 + " }" * 30 + "}", "20 levels"),
    "long": ("{ viewer { role } } #" + "x" * 70_000, "65536 characters"),
    "tokens": ("{ viewer { " + "role " * 5000 + "} }", "Syntax Error"),
    "surrogate": ("{ viewer { role } } # \ud800", "Syntax Error"),
    "zero": ("{ viewer { role } } # \0", "a character that no text has"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
async def test_a_document_the_client_could_not_ask_is_refused_with_all_others(
    database: Database, kind: str
) -> None:
    source, expected = WRONG[kind]
    with pytest.raises(BadArgument) as caught:
        await register(database, "bureau", good=ONE, wrong=source, again="{ nothing }")
    assert expected in caught.value.message
    assert "wrong.graphql: " in caught.value.message
    assert "again.graphql: " in caught.value.message, "every fault is told"
    assert "good.graphql" not in caught.value.message
    assert "459999" not in caught.value.message
    assert await names(database) == []


async def test_it_is_checked_against_the_schema_of_that_client(database: Database) -> None:
    with pytest.raises(BadArgument, match="Cannot query field 'station'"):
        await register(database, "agency", station=STATION)
    await register(database, "bureau", station=STATION)
    await register(database, "agency", status=STATUS)
    narrow = "update oauth_client set scopes = '{division.rs}' where client_id = 'agency'"
    await database.owner.execute(narrow)
    with pytest.raises(BadArgument, match="Cannot query field 'beneficiaryStatus'"):
        await register(database, "agency", other=STATUS)
    await register(database, "agency", division=DIVISION)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1a",
        "-a",
        "a b",
        "a.b",
        "openapi.json",
        "../a",
        "a/b",
        "名单",
        "a" * 101,
        "a;drop table x",
        "a\n",
        "a" * 64,
    ],
)
async def test_a_name_is_a_part_of_a_path(database: Database, name: str) -> None:
    with pytest.raises(BadArgument, match="A document's name is"):
        await push(database, "bureau", [Offered("file", name, ONE)])


async def test_ids_mean_one_document_each(database: Database) -> None:
    one, two = Offered("1", "one", ONE, "x1"), Offered("2", "two", TWO, "x1")
    with pytest.raises(BadArgument, match="also that of another"):
        await push(database, "bureau", [one, two])
    with pytest.raises(BadArgument, match="also that of another"):
        await push(database, "bureau", [one, Offered("2", "x1", TWO)])
    with pytest.raises(BadArgument, match="two documents have this name"):
        await push(database, "bureau", [one, Offered("2", "one", TWO)])
    await push(database, "bureau", [one])
    with pytest.raises(BadArgument, match="also that of another"):
        await push(database, "bureau", [two])
    found = await TrustedDocuments(database).find("bureau", "x1")
    assert found is not None
    assert found.source == ONE
    await push(database, "bureau", [Offered("1", "one", ONE, "x2")])
    await push(database, "bureau", [two])
    found = await TrustedDocuments(database).find("bureau", "x1")
    assert found is not None
    assert found.source == TWO


async def test_a_client_has_so_many(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MOST", 2)
    await register(database, "bureau", one=ONE, two=TWO)
    with pytest.raises(BadArgument, match="2 documents at most"):
        await register(database, "bureau", three=DIVISION)
    await register(database, "bureau", two=DIVISION)


async def test_nobody_and_nothing(database: Database) -> None:
    with pytest.raises(NotFound):
        await register(database, "nobody", one=ONE)
    with pytest.raises(NotFound):
        await remove(database, "nobody", ["one"])
    with pytest.raises(BadArgument, match="0 to 90 days"):
        await register(database, "bureau", 91, one=ONE)
    await register(database, "bureau", one=ONE)
    with pytest.raises(NotFound):
        await remove(database, "bureau", ["one", "two"])
    assert await names(database) == ["one"]
    await remove(database, "bureau", ["one"])
    assert await names(database) == []
    assert await names(database, everything=True) == ["one"]
    with pytest.raises(NotFound):
        await remove(database, "bureau", ["one"])


async def test_pushes_at_once_come_one_after_the_other(database: Database) -> None:
    texts = [f"{{ viewer {{ a{number}: role }} }}" for number in range(6)]
    done = await asyncio.gather(*(register(database, "bureau", one=text) for text in texts))
    kinds = sorted(pushed.kind for (pushed,) in done)
    assert kinds == ["added", *["replaced"] * 5]
    rows = await history(database, "bureau", True)
    assert [row["ended_at"] is None for row in rows].count(True) == 1


async def test_everything_registered_with_the_audience_it_must_fit(database: Database) -> None:
    await register(database, "bureau", one=ONE, gone=TWO)
    await register(database, "bureau", 5, one=DIVISION)
    await remove(database, "bureau", ["gone"])
    await register(database, "agency", own=TWO)
    found = [(one.client_id, one.name, one.source) for one in await registered(database)]
    assert found == [("agency", "own", TWO), ("bureau", "one", ONE), ("bureau", "one", DIVISION)]
    capabilities = {one.client_id: one.capability for one in await registered(database)}
    assert capabilities["bureau"].role == "bureau"
    assert "stations" in audience(capabilities["bureau"]).query_type.fields  # type: ignore[union-attr]
    assert "stations" not in audience(capabilities["agency"]).query_type.fields  # type: ignore[union-attr]


async def test_a_client_that_has_documents_can_still_be_changed_and_not_deleted(database: Database) -> None:
    await register(database, "bureau", one=ONE)
    async with database.engine.begin() as connection:
        await connection.execute(text("update oauth_client set name = 'x' where client_id = 'bureau'"))
    with pytest.raises(Exception, match="trusted_document_client_id_fkey"):
        await database.owner.execute("delete from oauth_client where client_id = 'bureau'")


async def test_a_list_is_made_without_the_texts(database: Database) -> None:
    await register(database, "bureau", one=ONE, caseload=CASELOAD)
    documents = TrustedDocuments(database)
    listed, whole = await documents.listed("bureau"), await documents.of("bureau")
    assert [(one.name, one.id, one.description) for one in listed] == [
        (one.name, one.id, one.description) for one in whole
    ]
    assert [one.name for one in listed] == ["caseload", "one"]
    assert not any(hasattr(one, "source") for one in listed)
    assert "source" not in LISTED


async def test_only_what_may_be_an_id_is_looked_up_and_remembered(database: Database) -> None:
    documents = TrustedDocuments(database)
    for id_ in ("x" * 100_000, "", "a b", "sha256:", f"sha256:{'0' * 63}", f"md5:{'0' * 64}", "名单", "a\0"):
        assert await documents.find("bureau", id_) is None
    assert len(documents._known) == 0
    for number in range(300):
        assert await documents.find("bureau", f"none{number}") is None
    assert len(documents._known) == 300


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────


async def hub(database: Database, *words: Any) -> Result:
    environment = {
        "HUB_DATABASE_URL": (await server()).dsn(database.name),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_LOG_LEVEL": "error",
    }
    return await asyncio.to_thread(CliRunner().invoke, main, [str(word) for word in words], env=environment)


async def test_the_commands(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "own-role.graphql"
    file.write_text(ONE)
    found = await hub(database, "documents", "push", "--client", "bureau", tmp_path)
    assert (found.exit_code, found.output) == (0, f"added      own-role  sha256:{sha256(ONE)}\n")
    found = await hub(database, "documents", "push", "--client", "bureau", file)
    assert found.output == f"unchanged  own-role  sha256:{sha256(ONE)}\n"
    file.write_text(TWO)
    found = await hub(database, "documents", "push", "--client", "bureau", "--keep-days", 3, file)
    assert found.output == (f"replaced   own-role  sha256:{sha256(TWO)}  INSTEAD OF sha256:{sha256(ONE)}\n")
    found = await hub(database, "documents", "list")
    first, second = found.output.splitlines()
    assert first.startswith(f"bureau  own-role  sha256:{sha256(ONE)}  since ")
    assert "  until " in first
    assert "  until " not in second
    found = await hub(database, "documents", "remove", "--client", "bureau", "own-role")
    assert (found.exit_code, found.output) == (0, "removed    own-role\n")
    assert (await hub(database, "documents", "list", "--client", "bureau")).output == ""
    assert len((await hub(database, "documents", "list", "--history")).output.splitlines()) == 2


async def test_the_schema_is_checked_for_every_registered_document(database: Database) -> None:
    await register(database, "bureau", caseload=CASELOAD)
    await register(database, "agency", division=DIVISION)
    found = await hub(database, "schema", "check", "--registered", "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["documents"] == 2
    grant = "update oauth_client set scopes = $1 where client_id = 'bureau'"
    before = await database.owner.fetchval("select scopes from oauth_client where client_id = 'bureau'")
    await database.owner.execute(grant, ["division.r", "division.s"])
    found = await hub(database, "schema", "check", "--registered")
    await database.owner.execute(grant, before)
    assert found.exit_code == 1
    assert (
        "document caseload of bureau (line 3, column 3): Cannot query field 'beneficiaries'" in found.output
    )


async def test_the_commands_say_what_is_wrong(database: Database, tmp_path: Path) -> None:
    (tmp_path / "bad.graphql").write_text("{ nothing }")
    (tmp_path / "worse.graphql").write_text("{")
    found = await hub(database, "documents", "push", "--client", "bureau", tmp_path)
    assert found.exit_code == 1
    assert "bad.graphql: line 1, column 3: Cannot query field 'nothing' on type 'Query'." in found.output
    assert "worse.graphql: line 1, column 2: Syntax Error" in found.output
    assert "[BAD_ARGUMENT]" in found.output
    found = await hub(database, "documents", "remove", "--client", "bureau", "none")
    assert (found.exit_code, "[NOT_FOUND]" in found.output) == (1, True)


async def test_a_client_is_limited_to_its_documents_by_a_command(database: Database) -> None:
    for word, limited in (("documents", True), ("any", False)):
        found = await hub(database, "client", "set", "bureau", "--queries", word)
        assert found.exit_code == 0, found.output
        client = await find_client(database, "bureau")
        assert client is not None
        assert client.documents_only is limited
    found = await hub(database, "client", "set", "nobody", "--queries", "any")
    assert (found.exit_code, "[NOT_FOUND]" in found.output) == (1, True)
