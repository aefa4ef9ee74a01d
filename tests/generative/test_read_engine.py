"""Random operations of random viewers: the compiled answer equals the naive oracle's."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import orjson
import pytest

from graphql_schema.schema import EXECUTOR, audience
from hub.access.limits import Limits
from hub.access.readable import readable
from hub.access.scopes import DEFAULT_SCOPES
from hub.access.viewer import Viewer, make_viewer
from hub.domain.names import camel
from hub.read import bind
from hub.read.bind import TYPES
from hub.read.run import Engine
from hub.store.roles import OLDER, ROLE_OF
from hub.store.vault import Vault
from hub.tables import GROUPS, Group
from tests.support.county import TODAY, Rows, build, store
from tests.support.oracle import Oracle, key_of
from tests.support.postgres import fresh_database

WORLDS = (3, 11)
ROUNDS = 40
ROOTS = {
    "stations": "Station", "personnel": "Personnel", "contractors": "Contractor", "contracts": "Contract",
    "households": "Household", "beneficiaries": "Beneficiary", "assignments": "Assignment", "visits": "Visit",
    "warnings": "Warning", "reliefEpisodes": "ReliefEpisode", "streetEncounters": "StreetEncounter",
    "dossiers": "Dossier", "riskAssessments": "RiskAssessment", "needs": "NeedsRecord",
    "assessments": "Assessment", "guardians": "Guardian", "protectionCases": "ProtectionCase",
    "cases": "CaseWork", "hospitalEscorts": "HospitalEscort",
    "groupWorks": "GroupWork", "communityActivities": "CommunityActivity", "handovers": "Handover",
    "publicityEvents": "PublicityEvent", "patrols": "Patrol", "trainingEvents": "TrainingEvent",
    "childWorkers": "ChildWorker",
    "incidents": "Incident", "archiveTransfers": "ArchiveTransfer", "reports": "Report",
    "evaluations": "Evaluation", "expenditures": "Expenditure", "fundSources": "FundSource",
    "subsidyChecks": "SubsidyCheck",
}  # fmt: skip
ALL: frozenset[Group] = frozenset(GROUPS)
NO_PURPOSE: frozenset[Group] = frozenset()
Who = tuple[str, str | None, int | None] | tuple[str, str | None, int | None, frozenset[Group]]
VIEWERS: list[Who] = [
    ("bureau", "450000000000", None), ("bureau", "450305000000", None), ("bureau", "350582000000", None),
    ("township", "450305001000", None), ("township", "350582103000", None),
    ("contractor", None, 1), ("contractor", None, 2), ("contractor", None, 3),
    ("contractor", None, 1, NO_PURPOSE),
    ("bureau_14", "450305000000", None), ("township_14", "450305001000", None), ("contractor_14", None, 2),
]  # fmt: skip


def roots_of(viewer: Viewer) -> dict[str, str]:
    """The lists that exist for it."""
    query: Any = audience(viewer.capability).query_type
    return {root: kind for root, kind in ROOTS.items() if root in query.fields}


@dataclasses.dataclass
class World:
    engine: Engine
    rows: Rows

    def viewer(
        self, role: str, division: str | None, organisation: int | None, opened: frozenset[Group] = ALL
    ) -> Viewer:
        """``opened``: groups that its purpose opens."""
        own = ROLE_OF[role]
        scopes = frozenset(DEFAULT_SCOPES[own]) - ({"field:minor"} if role in OLDER.values() else set())
        return make_viewer(
            "test", own, scopes, division_code=division, organisation_id=organisation, opened=opened
        )

    async def ask(self, viewer: Viewer, query: str, **variables: Any) -> Any:
        answer = await self.engine.answer(viewer, query, None, variables, reading=False)
        body = orjson.loads(answer.body)
        assert "errors" not in body, (query, body)
        return body["data"]


@pytest.fixture(scope="module", params=WORLDS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with fresh_database() as database:
        vault = Vault(bytes(range(32)))
        rows = build(random.Random(request.param), vault)
        await store(database, rows)
        clock = dt.datetime.combine(TODAY, dt.time(9))
        engine = Engine(database, vault, audience, EXECUTOR, clock=lambda: clock)
        engine.till.limits = Limits(cost_per_request=2_000_000_000, cost_per_minute=2_000_000_000)
        yield World(engine, rows)


@dataclasses.dataclass
class Writer:
    """Writes a random selection and, beside it, what the oracle says it must give."""

    rng: random.Random
    oracle: Oracle
    vault: Any

    def selection(self, type_name: str, depth: int) -> list[tuple[str, str, Any]]:
        bound = TYPES[type_name]
        own = readable(self.oracle.viewer.capability, bound.table.name)
        assert own is not None
        chosen: list[tuple[str, str, Any]] = [("id", "id", None)]
        for name in bound.cls.__dataclass_fields__:  # type: ignore[attr-defined]
            field = next(f for f in bound.cls.__strawberry_definition__.fields if f.python_name == name)  # type: ignore[attr-defined]
            binding = field.metadata.get(bind.BINDING)
            shown = isinstance(binding, bind.Scalar) and own.shows(bound.table.c[binding.column])
            if shown or isinstance(binding, bind.Number):
                if self.rng.random() < 0.3:
                    chosen.append((camel(name), camel(name), binding))
            elif isinstance(binding, bind.One | bind.Many) and depth and self.rng.random() < 0.4:
                target = TYPES[binding.target]
                if readable(self.oracle.viewer.capability, target.table.name) and target.name != "Division":
                    inner = self.page(binding, depth - 1) if isinstance(binding, bind.Many) else None
                    one = self.selection(target.name, depth - 1) if isinstance(binding, bind.One) else None
                    chosen.append((camel(name), camel(name), (binding, inner or one)))
        return chosen

    def page(self, relation: bind.Many | bind.RootMany, depth: int) -> dict[str, Any]:
        return {
            "first": self.rng.choice([0, 1, 2, 5, 200]),
            "order": self.order(relation.target),
            "backward": self.rng.random() < 0.3,
            "fields": self.selection(relation.target, depth),
        }

    def order(self, type_name: str) -> list[tuple[str, str, str]]:
        bound = TYPES[type_name]
        own = readable(self.oracle.viewer.capability, bound.table.name)
        assert own is not None
        keys = [(k, c) for k, c in bound.sort_keys.items() if own.shows(bound.table.c[c])]
        count = min(len(keys), self.rng.choice([0, 0, 1, 2]))
        return [(k, c, self.rng.choice(["ASC", "DESC"])) for k, c in self.rng.sample(keys, count)]

    # ── as text ──────────────────────────────────────────────────────────────────────────────────

    def text(self, fields: list[tuple[str, str, Any]]) -> str:
        return "{ " + " ".join(self._text(*f) for f in fields) + " }"

    def _text(self, key: str, name: str, what: Any) -> str:
        if what is None or isinstance(what, bind.Scalar | bind.Number):
            return name
        relation, inner = what
        if isinstance(relation, bind.One):
            return f"{name} {self.text(inner)}"
        return f"{name}{self.page_text(inner)}"

    def page_text(self, page: dict[str, Any]) -> str:
        order = ", ".join(f"{{{k}: {d}}}" for k, _, d in page["order"])
        arguments = f"{'last' if page['backward'] else 'first'}: {page['first']}"
        if order:
            arguments += f", orderBy: [{order}]"
        info = "pageInfo { hasNextPage hasPreviousPage }"
        return f"({arguments}) {{ totalCount nodes {self.text(page['fields'])} {info} }}"

    # ── as the oracle answers ────────────────────────────────────────────────────────────────────

    def row(self, type_name: str, row: dict[str, Any], fields: list[tuple[str, str, Any]]) -> dict[str, Any]:
        return {key: self._value(type_name, row, what) for key, _, what in fields}

    def _value(self, type_name: str, row: dict[str, Any], what: Any) -> Any:
        table = TYPES[type_name].table.name
        if what is None:
            return ":".join([type_name, *map(str, key_of(table, row))])
        if isinstance(what, bind.Number):
            return self.oracle.number(row, what.counts)
        if isinstance(what, bind.Scalar):
            column = TYPES[type_name].table.c[what.column]
            value = row.get(what.column)
            if what.sealed and value is not None:
                return self.vault.open(value)
            return _plain(value, column)
        relation, inner = what
        found = self.oracle.related(relation, row)
        if isinstance(relation, bind.One):
            return self.row(relation.target, found[0], inner) if found else None
        return self.answer(relation.target, found, inner)

    def answer(self, type_name: str, found: list[dict[str, Any]], page: dict[str, Any]) -> dict[str, Any]:
        table = TYPES[type_name].table.name
        down = bool(page["order"]) and page["order"][-1][2] == "DESC"
        ordered = sorted(found, key=lambda r: key_of(table, r), reverse=down)
        for _, column, direction in reversed(page["order"]):
            known = [r for r in ordered if r.get(column) is not None]
            known.sort(key=lambda r: r[column], reverse=direction == "DESC")  # equals keep their places
            ordered = known + [r for r in ordered if r.get(column) is None]
        count, size = len(ordered), page["first"]
        shown = (ordered[-size:] if size else []) if page["backward"] else ordered[:size]
        more = count > size
        return {
            "totalCount": count,
            "nodes": [self.row(type_name, r, page["fields"]) for r in shown],
            "pageInfo": {
                "hasNextPage": False if page["backward"] else more,
                "hasPreviousPage": more if page["backward"] else False,
            },
        }


def _plain(value: Any, column: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if column.type.python_type is Decimal and value is not None:
        return f"{Decimal(value):.{column.type.scale}f}"
    if value is None and column.server_default is not None and column.type.python_type is bool:
        return False
    return value


def likely(oracle: Oracle) -> list[str]:
    """Roots to choose from: those in which something is seen three times as often."""
    roots = list(roots_of(oracle.viewer))
    return [*roots, *2 * [root for root in roots if oracle.seen(TYPES[ROOTS[root]].table.name)]]


@pytest.mark.parametrize("who", VIEWERS, ids=lambda w: f"{w[0]}-{w[1] or w[2]}")
async def test_random_operations_equal_the_oracle(
    world: World, who: tuple[str, str | None, int | None]
) -> None:
    viewer = world.viewer(*who)
    oracle = Oracle(world.rows, viewer, TODAY)
    rng = random.Random(f"{who}")
    nonempty = 0
    roots = likely(oracle)
    for _ in range(ROUNDS):
        root = rng.choice(roots)
        writer = Writer(rng, oracle, world.engine.vault)
        page = writer.page(bind.RootMany(ROOTS[root]), depth=2)
        query = f"{{ {root}{writer.page_text(page)} }}"
        expected = writer.answer(ROOTS[root], oracle.seen(TYPES[ROOTS[root]].table.name), page)
        assert (await world.ask(viewer, query))[root] == expected, query
        nonempty += bool(expected["nodes"])
    assert nonempty > ROUNDS // 6, "the random operations hardly saw a row"


@pytest.mark.parametrize("who", VIEWERS, ids=lambda w: f"{w[0]}-{w[1] or w[2]}")
async def test_paging_walks_every_row_once(world: World, who: Who) -> None:
    viewer = world.viewer(*who)
    oracle = Oracle(world.rows, viewer, TODAY)
    rng = random.Random(7)
    for root, type_name in roots_of(viewer).items():
        writer = Writer(rng, oracle, world.engine.vault)
        page: dict[str, Any] = {
            "first": 200,
            "order": writer.order(type_name),
            "backward": False,
            "fields": [("id", "id", None)],
        }
        expected = writer.answer(type_name, oracle.seen(TYPES[type_name].table.name), page)["nodes"]
        for forward in (True, False):
            found = await _walk(world, viewer, root, type_name, page["order"], forward)
            assert found == (expected if forward else expected[::-1]), (root, page["order"])


async def _walk(
    world: World, viewer: Viewer, root: str, type_name: str, order: list[Any], forward: bool
) -> list[Any]:
    size, place, end, more = (
        ("first", "after", "endCursor", "hasNextPage")
        if forward
        else ("last", "before", "startCursor", "hasPreviousPage")
    )
    keys = ", ".join(f"{{{k}: {d}}}" for k, _, d in order)
    sort = f", orderBy: [{keys}]" if keys else ""
    query = (
        f"query($c: String) {{ {root}({size}: 7, {place}: $c{sort}) "
        f"{{ edges {{ cursor node {{ id }} }} pageInfo {{ {end} {more} }} }} }}"
    )
    found: list[Any] = []
    cursor = None
    while True:
        data = (await world.ask(viewer, query, c=cursor))[root]
        nodes = [edge["node"] for edge in data["edges"]]
        found += nodes if forward else nodes[::-1]
        if not data["pageInfo"][more]:
            return found
        cursor = data["pageInfo"][end]
        assert cursor == data["edges"][-1 if forward else 0]["cursor"]
