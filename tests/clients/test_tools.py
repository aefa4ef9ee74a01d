"""Tools that read the schema take it as it is. Needs Node and npm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import build_schema

from hub.printed import ROOT, sdl, subgraph_sdl
from hub.released import FOLDER as RELEASED
from hub.released import last
from hub.schema_check import in_folder
from tests.support.npm import run


async def test_the_relay_compiler_takes_fragments_and_a_growing_list(clients: Path, tmp_path: Path) -> None:
    """It would add what it writes to the index of git where it finds a repository."""
    source = clients / "relay"
    config = json.loads((source / "relay.config.json").read_text())
    (tmp_path / "generated").mkdir()
    (tmp_path / "src").symlink_to(source / "src")
    (tmp_path / "schema.graphql").write_text(sdl("township"))
    (tmp_path / "relay.config.json").write_text(json.dumps({**config, "schema": "schema.graphql"}))
    await run(tmp_path, str(clients / "node_modules/.bin/relay-compiler"), "relay.config.json")
    made = {path.name.partition(".")[0] for path in (tmp_path / "generated").iterdir()}
    assert made == {"CaseloadPageQuery", "CaseloadNextPageQuery", "Caseload_query", "Caseload_case"}


@pytest.mark.parametrize("role", ["bureau", "township", "contractor"])
async def test_it_is_a_subgraph_of_a_federation(clients: Path, tmp_path: Path, role: str) -> None:
    hub = tmp_path / "hub.graphql"
    hub.write_text(subgraph_sdl(role))
    composed = await run(
        clients, "node", "federation/compose.mjs", str(hub), str(clients / "federation/notes.graphql")
    )
    supergraph = composed.decode()
    fields = supergraph.split("\ntype Beneficiary implements Node\n")[1].split("\n}\n")[0]
    assert "notes(first: Int, after: String): NoteConnection!" in fields
    assert "riskLevel: RiskLevel" in fields
    assert '@join__type(graph: HUB, key: "id", resolvable: false)' in fields


async def test_graphql_eslint_finds_nothing_in_schema_and_documents(clients: Path) -> None:
    eslint = str(clients / "node_modules/.bin/eslint")
    paths = "clients/documents", "graphql_schema/audience/bureau.graphql"
    await run(ROOT, eslint, "--config", "clients/eslint.config.mjs", *paths)


async def test_graphql_inspector_agrees_that_nothing_breaks(clients: Path, tmp_path: Path) -> None:
    old, new = RELEASED / last().version / "schema.graphql", tmp_path / "new.graphql"
    now = (ROOT / "graphql_schema/schema.graphql").read_text(encoding="utf-8")
    new.write_text(f"{now}\ntype Later {{ id: ID! }}\n", encoding="utf-8")  # a change to find
    found = json.loads(await run(clients, "node", "inspect.mjs", str(old), str(new)))
    assert "Later" in [change.get("path") for change in found]
    assert [change for change in found if change["level"] == "BREAKING"] == []


def test_the_documents_of_the_examples_fit() -> None:
    """As ``hub schema check --documents clients/documents`` reads them."""
    now = {role: build_schema(sdl(role)) for role in ("township", "bureau", "agency", "contractor")}
    found = {(d.audience, d.client, d.name) for d in in_folder(ROOT / "clients/documents", now)}
    assert found == {
        ("township", "portal", "caseload"),
        ("bureau", "dashboard", "county"),
        ("agency", "counter", "status"),
        *(("contractor", "field", name) for name in ("caseload", "dossiers", "needs", "visits")),
    }
