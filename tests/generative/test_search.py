"""Search by name: whoever may be shown a name finds the rows of the slice, as plain reading finds them."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio
from graphql import GraphQLSchema

from hub.access.viewer import Viewer
from hub.naming import make_searchable
from hub.read.bind import TYPES
from hub.store.roles import ROLES
from tests.support.county import TODAY
from tests.support.names import is_found, known, sounds
from tests.support.oracle import key_of
from tests.support.reading import (
    BUREAU,
    CONTRACTOR,
    JINJIANG,
    OPERATOR,
    PROVINCE,
    QIXING,
    TOWNSHIP,
    World,
    schema,
    small_world,
    viewer,
    without_minor,
)
from tests.support.whole import WholeOracle

LISTS: Final = {
    "beneficiaries": "Beneficiary", "personnel": "Personnel", "stations": "Station",
    "contractors": "Contractor",
}  # fmt: skip
PEOPLE: Final = (
    "张三", "张三丰", "曾乐", "单重阳", "仇行长", "区小解", "解放", "查查", "尉迟恭", "欧阳娜娜", "单于长",
    "吕绿", "朴正", "覃大单", "阿卜杜·热合曼", "Maria Li", "张", "长孙无忌", "翟乐乐", "王五",
)  # fmt: skip
PLACES: Final = ("七星区（东江）民政服务站", "单县服务站", "乐山街道长安站", "3号服务站")
VIEWERS: Final = {
    "county": BUREAU, "province": PROVINCE, "jinjiang": viewer("bureau", JINJIANG), "township": TOWNSHIP,
    "contractor": CONTRACTOR, "contractor-2": viewer("contractor", None, 2), "operator": OPERATOR,
    "older": without_minor(BUREAU),
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    """The small county with names worth searching, given by plain updates: triggers keep up with any."""
    async with small_world(11) as made:
        async with made.database.transaction() as connection:
            for type_name in LISTS.values():
                table = TYPES[type_name].table.name
                for number, row in enumerate(made.rows[table]):
                    names = PEOPLE if table in ("beneficiary", "personnel") else PLACES
                    row["name"] = names[number % len(names)]
                    await connection.execute(
                        f"update {table} set name = $1 where id = $2", row["name"], row["id"]
                    )
        yield made


def wish(rng: random.Random, table: str, name: str) -> str:
    """Something of the name that one might type, or nearly."""
    start = rng.randrange(len(name))
    piece = name[start : start + rng.choice([1, 1, 2, 3, 9])]
    spelled = [rng.choice(each) for each in sounds(name.replace("·", "").replace(" ", "").lower(), True)]
    letters = "".join(s[0] for s in spelled)
    typed = "".join(spelled)
    kinds = [piece, piece, typed[: rng.randint(2, 12)], " ".join(spelled[:3]), letters[:4], piece + "李"]
    return rng.choice(kinds)


def searchable(made: GraphQLSchema) -> dict[str, str]:
    query: Any = made.query_type
    wheres: Any = {n: made.type_map.get(f"{t}Where") for n, t in LISTS.items() if n in query.fields}
    return {n: LISTS[n] for n, where in wheres.items() if "search" in where.fields}


@pytest.mark.parametrize("who", VIEWERS.values(), ids=VIEWERS)
async def test_random_searches_equal_the_oracle(world: World, who: Viewer) -> None:
    oracle, rng, lists = (
        WholeOracle(world.rows, who, TODAY),
        random.Random(f"{who.role} {who.organisation_id}"),
        searchable(schema(who)),
    )
    hits = 0
    for _ in range(200):
        root, type_name = rng.choice(list(lists.items()))
        table = TYPES[type_name].table.name
        text = wish(rng, table, rng.choice(PEOPLE if rng.random() < 0.7 else PLACES))
        page = "totalCount nodes { id }"
        document = f"query($s: String) {{ {root}(first: 200, where: {{search: $s}}) {{ {page} }} }}"
        answer = json.loads((await world.answer(who, document, s=text)).body)
        if answer.get("errors"):
            assert answer["errors"][0]["extensions"]["code"] == "BAD_ARGUMENT"
            assert len(text.strip("·（） ")) < 2
            continue
        found = {node["id"] for node in answer["data"][root]["nodes"]}
        expected = {
            ":".join([type_name, *map(str, key_of(table, row))])
            for row in oracle.seen(table)
            if is_found(table, row["name"], text)
        }
        assert found == expected, (root, text)
        assert answer["data"][root]["totalCount"] == len(expected)
        hits += bool(expected)
    assert hits > 10, "hardly anything was found"


async def test_search_joins_other_conditions(world: World) -> None:
    async def count(where: str) -> int:
        data = await world.ask(BUREAU, f"{{ beneficiaries(where: {where}) {{ totalCount }} }}")
        return int(data["beneficiaries"]["totalCount"])

    everybody, found = await count("{}"), await count('{search: "zhang"}')
    assert 0 < found < everybody
    assert await count('{not: {search: "zhang"}}') == everybody - found
    assert await count('{or: [{search: "zhang"}, {not: {search: "zhang"}}]}') == everybody
    assert await count('{search: "zhang", name: {eq: "张三"}}') == await count('{name: {eq: "张三"}}')
    through = 'station { beneficiaries(where: {search: "zhang"}) { totalCount } }'
    await world.ask(
        BUREAU, f'{{ visits(where: {{beneficiary: {{search: "zs"}}}}) {{ nodes {{ {through} }} }} }}'
    )
    many = ", ".join(['{search: "zs"}'] * 21)
    assert (
        await world.code(BUREAU, f"{{ beneficiaries(where: {{or: [{many}]}}) {{ totalCount }} }}")
        == "LIMIT_EXCEEDED"
    )


async def test_a_surname_is_no_other_reading_of_its_character(world: World) -> None:
    query = "query($s: String) { beneficiaries(where: {search: $s}) { nodes { name } } }"
    for typed, name in (
        ("zengl", "曾乐"),
        ("zengy", "曾乐"),
        ("yuchi", "尉迟恭"),
        ("shanz", "单重阳"),
        ("zsw", "长孙无忌"),
    ):
        found = (await world.ask(PROVINCE, query, s=typed))["beneficiaries"]["nodes"]
        assert {node["name"] for node in found} == {name}, typed
    for typed in ("ceng", "weichi", "danch", "chouh"):
        assert (await world.ask(PROVINCE, query, s=typed))["beneficiaries"]["nodes"] == []


@pytest.mark.parametrize(
    ("who", "lists"),
    [
        (BUREAU, {*LISTS}),
        (viewer("bureau", QIXING, scopes=["beneficiary.rs", "personnel.rs", "station.rs"]), {"stations"}),
        (OPERATOR, {"stations", "contractors"}),
        (viewer("agency", QIXING, scopes=["statistics.s", "division.rs"]), set()),
    ],
    ids=["bureau", "without identity", "operator", "agency"],
)  # fmt: skip
def test_who_is_shown_no_name_searches_by_none(who: Viewer, lists: set[str]) -> None:
    assert searchable(schema(who)).keys() == lists
    counted: Any = schema(who).type_map.get("BeneficiaryWhere")
    assert counted is None or ("search" in counted.fields) == ("beneficiaries" in lists)


async def test_a_search_too_short_says_so(world: World) -> None:
    query = "query($s: String) { beneficiaries(where: {search: $s}) { totalCount nodes { id } } }"
    for text in ("", "z", "·", "\0张", "张" * 41):
        (error,) = await world.errors(BUREAU, query, s=text)
        assert error["extensions"]["code"] == "BAD_ARGUMENT"
        assert "张" not in json.dumps(error, ensure_ascii=False)
    only_counted = "query($s: String) { beneficiaries(first: 0, where: {search: $s}) { __typename } }"
    assert await world.code(BUREAU, only_counted, s="z") == "BAD_ARGUMENT"


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────────


async def test_rows_from_before_are_filled(world: World) -> None:
    owner = world.database.owner
    kept = await owner.fetch("select id, name_keys from beneficiary order by id")
    await owner.execute("update beneficiary set name_keys = null; update station set name_keys = null")
    await make_searchable(world.database)
    assert await owner.fetch("select id, name_keys from beneficiary order by id") == kept
    assert await owner.fetchval("select count(*) from station where name_keys is null") == 0


async def test_the_stored_readings_are_those_of_the_library(world: World) -> None:
    rows = await world.database.owner.fetch("select characters, usual, surname from character_reading")
    assert {row[0]: (row[1], row[2]) for row in rows} == {c: tuple(r) for c, r in known().items()}


async def test_an_index_finds_the_keys(world: World) -> None:
    """Of 20,000 more people PostgreSQL reads only those that are found."""
    async with world.database.owner.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            "insert into beneficiary (county_code, id, name, name_masked, division_code)"
            " select '450305', 1000 + i, chr(20000 + i % 5000) || chr(21000 + i % 4999), '*', '450305001000'"
            " from generate_series(1, 20000) i"
        )
        # What waits to be put into the index makes it look dear.
        await connection.execute("select gin_clean_pending_list('beneficiary_name_keys_idx')")
        await connection.execute("analyze beneficiary (name_keys)")
        for key in ("张三", "张", "zhangsan", "zs"):
            explained = await connection.fetch(
                "explain select county_code, id from beneficiary where name_keys @> $1::text[]", [key]
            )
            assert "beneficiary_name_keys_idx" in "".join(row[0] for row in explained), key
        await transaction.rollback()


# ── the second lock ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ROLES)
async def test_the_function_tells_keys_only_to_those_who_may_see_names(world: World, role: str) -> None:
    pool = await world.database.reader(role)
    asked = "select count(*) from beneficiary_named(array['张'], null)"
    async with pool.acquire() as connection, connection.transaction():
        if role in ("agency", "operator"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetchval(asked)
            return
        assert await connection.fetchval(asked) == 0, "nobody said who asks"
        for lo, hi, counties in (("450305", "450306", {"450305"}), ("3", "5", {"450305", "350582"})):
            await connection.execute(
                "select set_config('hub.lo6', $1, true), set_config('hub.hi6', $2, true)", lo, hi
            )
            rows = await connection.fetch("select county_code from beneficiary_named(array['张'], null)")
            assert {row[0] for row in rows} == counties
