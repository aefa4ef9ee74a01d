"""PostgreSQL's own lock: what each role's login sees when a query forgets every predicate."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from hub.access.live import NONE, Held
from hub.access.policies import granted, policy_rows, setting
from hub.access.rows import viewer_type
from hub.access.slices import COUNTED, OF_RUNS, SLICES
from hub.access.tallies import TALLIED
from hub.access.viewer import Emergency, Viewer, make_viewer
from hub.read import bind
from hub.read.asker import SETTINGS
from hub.read.conditions import binding_of
from hub.read.leaves import viewer_values
from hub.store.roles import EMERGENCY, OLDER, READERS
from hub.tables import TALLIES, metadata
from hub.tables.tally import kinds
from tests.support.county import TODAY
from tests.support.oracle import Row
from tests.support.reading import (
    BUREAU,
    DONGJIANG,
    GUANGXI,
    JINJIANG,
    QIXING,
    World,
    schema,
    small_world,
    viewer,
    without_minor,
)
from tests.support.whole import WholeOracle

VIEWERS = [
    viewer("bureau", GUANGXI),
    viewer("bureau", QIXING),
    viewer("bureau", JINJIANG),
    viewer("township", DONGJIANG),
    viewer("township", "350582103000"),
    viewer("contractor", None, 1),
    viewer("contractor", None, 2),
    viewer("contractor", None, 3),
    viewer("contractor", None, 99),
    viewer("agency", QIXING),
    viewer("agency", DONGJIANG),
    viewer("operator"),
]
VIEWERS += [without_minor(v) for v in VIEWERS if v.reader in OLDER]
VIEWERS += [viewer("agency", place, scopes=["status.r", "field:minor"]) for place in (QIXING, DONGJIANG)]
VIEWERS.append(
    make_viewer(
        "test",
        EMERGENCY,
        BUREAU.scopes,
        division_code=QIXING,
        emergency=Emergency(1, tuple(range(1, 40, 3)), dt.datetime.max, ("bureau", QIXING, None)),
    )
)
NAMES = [f"{v.reader}-{v.division_code or v.organisation_id or 'hub'}" for v in VIEWERS]


LOOSER = {("contractor", "visit"), ("contractor_14", "visit")}
"""Where the second lock is wider than the slice: rows under own live contracts, whoever is assigned today."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


@asynccontextmanager
async def login(world: World, role: str, planned: bool = False, **settings: Any) -> AsyncIterator[Any]:
    """A transaction under a login of the role, with these settings."""
    pool = await world.database.reader(role, planned=planned)
    async with pool.acquire() as connection, connection.transaction():
        for name, value in settings.items():
            await connection.execute("select set_config($1, $2, true)", f"hub.{name}", str(value))
        yield connection


def settings_of(world: World, who: Viewer) -> dict[str, Any]:
    own = [k["id"] for k in world.rows["contract"] if WholeOracle(world.rows, who, TODAY).live(k["id"])]
    values = viewer_values(who, Held(own, ("000000", "~")), TODAY)
    return {name: setting(values[name]) for name in SETTINGS[who.reader]}


async def keys(connection: Any, table: str) -> set[tuple[Any, ...]]:
    """The primary keys of every row that a query without any predicate shows."""
    columns = ", ".join(c.name for c in metadata.tables[table].primary_key.columns)
    return {tuple(row) for row in await connection.fetch(f"select {columns} from {table}")}


def keys_of(table: str, rows: list[Row]) -> set[tuple[Any, ...]]:
    return {tuple(row[c.name] for c in metadata.tables[table].primary_key.columns) for row in rows}


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize("who", VIEWERS, ids=NAMES)
async def test_without_a_predicate_a_login_sees_its_slice(world: World, who: Viewer, planned: bool) -> None:
    oracle = WholeOracle(world.rows, who, TODAY)
    shown = 0
    async with login(world, who.reader, planned, **settings_of(world, who)) as connection:
        for table in SLICES[who.reader]:
            if table != "division":
                expected = keys_of(table, oracle.seen(table))
                if (who.reader, table) in LOOSER:
                    rows = world.rows[table]
                    own = [r for r in rows if oracle.live(r["contract_id"]) and oracle.tells(table, r)]
                    assert expected <= keys_of(table, own)
                    expected = keys_of(table, own)
                assert await keys(connection, table) == expected, table
                shown += len(expected)
        assert len(await keys(connection, "division")) > 1_000
    assert shown or who.organisation_id == 99


@pytest.mark.parametrize("who", VIEWERS, ids=NAMES)
async def test_without_a_predicate_a_login_counts_its_slice(world: World, who: Viewer) -> None:
    """An agency, which may count people, by the same lock as it is told of one: its division."""
    oracle = WholeOracle(world.rows, who, TODAY)
    async with login(world, who.reader, **settings_of(world, who)) as connection:
        for base in TALLIED[who.reader]:
            columns = [name for name in kinds(TALLIES[base]) if name in granted(TALLIES[base], who.reader)]
            names = ", ".join(columns)
            found = await connection.fetch(
                f"select {names}, sum(count) from {TALLIES[base].name} group by {names}"
            )
            rows = oracle.seen(base)
            assert {tuple(row)[:-1]: row[-1] for row in found} == Counter(
                tuple(row[name] for name in columns) for row in rows
            )
            assert rows
    async with login(world, who.reader) as connection:
        for base in TALLIED[who.reader]:
            assert await connection.fetchval(f"select count(*) from {TALLIES[base].name}") == 0


def test_a_tally_is_read_by_whose_slice_it_can_be_cut_to() -> None:
    assert {
        "bureau": {"beneficiary", "visit"}, "township": {"beneficiary"}, "agency": {"beneficiary"},
        "contractor": set(), "operator": set(), "emergency": set(),
        **{older: set() for older in OLDER.values()},
    } == TALLIED  # fmt: skip
    for role, bases in TALLIED.items():
        for base in bases:
            tally = granted(TALLIES[base], role)
            assert set(tally) - {"count"} == set(granted(metadata.tables[base], role)) & set(
                kinds(TALLIES[base])
            )
            assert "count" in tally


async def test_the_second_lock_is_wider_only_where_it_says_so() -> None:
    found = {
        (reader, table)
        for reader, slices in SLICES.items()
        for table, slice_ in slices.items()
        if slice_.wider
    }
    assert found == LOOSER


async def test_the_world_has_something_to_hide(world: World) -> None:
    """Every table that a slice names holds rows, and some role sees some but not all of them."""
    split = set()
    for who in VIEWERS:
        oracle = WholeOracle(world.rows, who, TODAY)
        for table in SLICES[who.reader]:
            if table != "division":
                assert world.rows[table], table
                if 0 < len(oracle.seen(table)) < len(world.rows[table]):
                    split.add(table)
    assert {t for slices in SLICES.values() for t in slices} - split <= {
        "division",
        "former_division",
        "precedence_rule",
    }


EVERY_CONTRACTOR = {(1, f"contractor:{i}") for i in (1, 2, 3)}
BUREAUS, TOWNSHIPS = ("bureau", OLDER["bureau"]), ("township", OLDER["township"])
OF_SOURCES = ("source", "sync_run", "reconciliation", *OF_RUNS)
OPEN: dict[tuple[str, str], set[tuple[Any, ...]]] = {
    **{(reader, "contractor_record"): EVERY_CONTRACTOR for reader in (*BUREAUS, *TOWNSHIPS)},
    **{(reader, table): {(4,)} for reader in BUREAUS for table in OF_SOURCES},
}
"""What is everybody's of a role, and so does not depend on who asks."""


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("value", [None, "", " "], ids=["missing", "empty", "blank"])
async def test_without_settings_a_login_sees_nothing(world: World, role: str, value: str | None) -> None:
    """Also on a connection that had them a moment ago: what is left of them is '', and not NULL."""
    who = next(v for v in VIEWERS if v.reader == role)
    pool = await world.database.reader(role)
    async with pool.acquire() as connection:
        for table, slice_ in SLICES[role].items():
            async with connection.transaction():
                for name, given in settings_of(world, who).items():
                    await connection.execute("select set_config($1, $2, true)", f"hub.{name}", str(given))
                await keys(connection, table)
            if not slice_.rows:
                continue
            async with connection.transaction():
                for name in SETTINGS[role] if value is not None else ():
                    if viewer_type(name) == "text" or not value:
                        await connection.execute("select set_config($1, $2, true)", f"hub.{name}", value)
                shown = await keys(connection, table)
            assert shown <= OPEN.get((role, table), set()), table


@pytest.mark.parametrize("role", READERS)
async def test_columns_outside_the_groups_cannot_be_selected(world: World, role: str) -> None:
    who = next(v for v in VIEWERS if v.reader == role)
    hidden = 0
    pool = await world.database.reader(role)
    async with pool.acquire() as connection:
        for name, slice_ in SLICES[role].items():
            table = metadata.tables[name]
            given = set(granted(table, role))
            counted = COUNTED.get(role, {}).get(name)
            tested = slice_.tested | (counted.tested if counted else set())
            await connection.fetch(f"select {', '.join(sorted(given))} from {name} limit 0")
            for column in table.c:
                grouped = column.info["group"] in {*slice_.groups, "internal"}
                assert (column.name in given) == (
                    (grouped and column.name not in slice_.left_out) or column.name in tested
                )
                if column.name not in given:
                    hidden += 1
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await connection.fetch(f"select {column.name} from {name} limit 0")
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await connection.fetch(f"select from {name} where {column.name} is null limit 0")
    assert hidden or who.reader in ("bureau", EMERGENCY)


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize("role", READERS)
async def test_every_other_table_is_closed(world: World, role: str, planned: bool) -> None:
    """Every table of the hub is in a slice of the role, or not even its emptiness can be read."""
    pool = await world.database.reader(role, planned=planned)
    closed = metadata.tables.keys() - SLICES[role].keys() - {TALLIES[base].name for base in TALLIED[role]}
    async with pool.acquire() as connection:
        for table in closed:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"select from {table} limit 0")
        for table in ("alembic_version", "pg_authid", "pg_shadow"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"select from {table} limit 0")
    assert {"oauth_client", "oauth_assertion", "change", "seen_row", "intervention"} <= closed


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize("role", READERS)
async def test_a_login_writes_nothing(world: World, role: str, planned: bool) -> None:
    pool = await world.database.reader(role, planned=planned)
    async with pool.acquire() as connection:
        for table in metadata.tables:
            for statement in (
                f"delete from {table}",
                f"insert into {table} default values",
                f"truncate {table}",
                f"alter table {table} disable row level security",
                f"create policy open on {table} for select using (true)",
                f"drop table {table}",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        for statement in ("create table t ()", "create role r", "set role postgres", "copy division to '/x'"):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedObjectError)):
                await connection.execute(statement)


async def test_a_login_is_below_the_policies(world: World) -> None:
    found = await world.database.owner.fetch(
        "select c.relname, c.relrowsecurity from pg_class c"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
    )
    bare = {row["relname"] for row in found if not row["relrowsecurity"]}
    assert bare == {"alembic_version"}
    assert {row["relname"] for row in found} - bare == set(metadata.tables)
    names = [world.database.reader_role_name(role) for role in READERS]
    above = (
        "select rolname from pg_roles where rolname = any($1) and (rolsuper or rolbypassrls or rolinherit)"
    )
    assert await world.database.owner.fetch(above, names) == []
    owned = "select relname from pg_class where pg_get_userbyid(relowner) = any($1)"
    assert await world.database.owner.fetch(owned, names) == []


def test_the_engine_sets_what_the_policies_read() -> None:
    assert SETTINGS["contractor"] == ("contracts", "hi6", "lo6", "organisation", "today")
    assert SETTINGS["operator"] == ()
    for role, slices in SLICES.items():
        text = " ".join(policy_rows(slice_, table) for table, slice_ in slices.items())
        assert set(re.findall(r"current_setting\('hub\.(\w+)', true\)", text)) == set(SETTINGS[role])


def test_no_slice_names_a_setting_that_is_not_one() -> None:
    known = set(viewer_values(next(v for v in VIEWERS if v.emergency), NONE, TODAY)) | {"t"}
    for slices in SLICES.values():
        for slice_ in slices.values():
            assert set(re.findall(r"{(\w+)}", slice_.rows)) <= known


# ── nobody reaches another's rows through the API ────────────────────────────────────────────────────


@pytest.mark.parametrize("who", VIEWERS, ids=NAMES)
async def test_every_list_is_the_slice(world: World, who: Viewer) -> None:
    oracle = WholeOracle(world.rows, who, TODAY)
    for name, field in schema(who).query_type.fields.items():  # type: ignore[union-attr]
        binding = binding_of(field)
        if isinstance(binding, bind.RootMany) and binding.target != "Division":
            table = bind.TYPES[binding.target].table.name
            page = (await world.ask(who, f"{{ {name}(first: 200) {{ totalCount nodes {{ id }} }} }}"))[name]
            seen = [
                row
                for row in oracle.seen(table)
                if all(row[column] in codes for column, codes in binding.only)
            ]
            expected = {":".join([binding.target, *map(str, key)]) for key in keys_of(table, seen)}
            assert {node["id"] for node in page["nodes"]} == expected
            assert page["totalCount"] == len(expected)


@pytest.mark.parametrize("own", [1, 2, 3])
async def test_a_contractor_that_names_another_gets_nothing(world: World, own: int) -> None:
    who = viewer("contractor", None, own)
    document = """query($c: String!, $id: ID!) {
      contracts(where: {contractor: {creditCode: {eq: $c}}}) { totalCount nodes { id } }
      assignments(where: {contractor: {creditCode: {eq: $c}}}) { totalCount nodes { id } }
      visits(where: {contractor: {creditCode: {eq: $c}}}) { totalCount nodes { id } }
      stations(where: {operator: {creditCode: {eq: $c}}}) { totalCount }
      personnel(where: {employer: {creditCode: {eq: $c}}}) { totalCount }
      contractors(where: {creditCode: {eq: $c}}) { totalCount }
      contractor(id: $id) { id name contracts { totalCount } assignments { totalCount } }
    }"""
    for other in {1, 2, 3} - {own}:
        data = await world.ask(who, document, c=f"5245030{other}", id=f"Contractor:{other}")
        assert data.pop("contractor") is None
        assert all(not page["totalCount"] and not page.get("nodes") for page in data.values()), data
    itself = await world.ask(who, document, c=f"5245030{own}", id=f"Contractor:{own}")
    assert itself["contractor"] is not None


async def test_a_contractor_never_sees_whom_only_others_serve(world: World) -> None:
    document = """{ beneficiaries(first: 200) { nodes { id
      assignments { nodes { contractor { id } } } visits { nodes { contractor { id } } }
      household { members { nodes { id } } } station { beneficiaries { nodes { id } } }
      contracts { nodes { contractor { id } beneficiaries { nodes { id } } } } } } }"""
    for own in (1, 2, 3):
        who = viewer("contractor", None, own)
        data = await world.ask(who, document)
        seen = {
            f"Beneficiary:{p['county_code']}:{p['id']}"
            for p in WholeOracle(world.rows, who, TODAY).seen("beneficiary")
        }
        text = str(data)
        assert set(re.findall(r"Beneficiary:\d{6}:\d+", text)) == seen
        assert set(re.findall(r"Contractor:\d+", text)) <= {f"Contractor:{own}"}


async def test_one_persons_id_opens_nothing_outside_the_slice(world: World) -> None:
    document = "query($id: ID!) { beneficiary(id: $id) { id } }"
    for who in VIEWERS:
        if "beneficiary" not in who.resources:
            continue
        oracle = WholeOracle(world.rows, who, TODAY)
        for person in world.rows["beneficiary"]:
            name = f"Beneficiary:{person['county_code']}:{person['id']}"
            found = (await world.ask(who, document, id=name))["beneficiary"]
            assert found == ({"id": name} if oracle.visible("beneficiary", person) else None)


async def test_settings_of_one_request_do_not_reach_the_next(world: World) -> None:
    """The engine's own statement leaves nothing behind on its connection."""
    who = viewer("bureau", QIXING)
    assert (await world.ask(who, "{ stations { totalCount } }"))["stations"]["totalCount"] == 2
    pool = await world.database.reader("bureau")
    for _ in range(pool.get_size()):
        async with pool.acquire() as connection:
            assert await connection.fetchval("select count(*) from station") == 0
            assert not await connection.fetchval("select nullif(current_setting('hub.lo', true), '')")


def test_today_is_a_day() -> None:
    assert isinstance(viewer_values(viewer("operator"), NONE, TODAY)["today"], dt.date)
