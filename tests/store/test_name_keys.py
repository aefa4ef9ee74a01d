"""What a person is found by is the same whoever makes it: the trigger for one row, the merge for many."""

from __future__ import annotations

import random

from hub.domain.pinyin import Reading, asked, name_keys
from hub.store.database import Database
from tests.store import sync_source as source
from tests.store.sync_source import COUNTY, County, batch, dibao

ODD = [
    "张三", "曾国强", "单雄信", "欧阳修", "欧阳", "尉迟敬德", "万俟", "万俟卨", "买买提·吐尔逊", "·张", "张·",
    "O'Neil", "Al3x", "3haoLi", "Ⅷ号", "İnci", "ΣΑΣ", "ßtraße", "乐乐乐乐乐乐乐乐",
    "重长朴盖覃翟乐缪牟谌", "𠀀𠮷", "〇",
    "a1b", "1a", "a", "一二3四", "王\u00a0五", "李\u3000六", "赵[七]", "钱-八", "孙.九", "\ue000",
    "é", "e\u0301",
    "张\n三", "欧\t阳修", "\x01\x1f张", "(已故)",
]  # fmt: skip


async def readings(db: Database) -> dict[str, Reading]:
    rows = await db.owner.fetch("select characters, usual, surname from character_reading")
    return {row[0]: Reading(row[1], row[2]) for row in rows}


def names(known: dict[str, Reading]) -> list[str]:
    """Each character that has a reading, first and behind; compounds with names; and names of any length."""
    chance = random.Random(7)
    characters = [c for c in known if len(c) == 1]
    mixed = characters + list("abc·xyz 0123ABZ-'") * 200
    return [
        *ODD,
        "",
        *(c + chance.choice(characters) for c in characters),
        *(c + "".join(chance.choices(characters, k=n)) for c in known if len(c) == 2 for n in (0, 1, 2)),
        *("".join(chance.choices(mixed, k=chance.randint(1, 50))) for _ in range(2_000)),
    ]


async def test_postgresql_and_python_make_the_same(db: Database) -> None:
    known = await readings(db)
    made = await db.owner.fetch(
        "select name_plain(name), name_keys(name, true) from unnest($1::text[]) name", names(known)
    )
    assert len(made) > 40_000
    for plain, keys in made:
        assert name_keys(plain, {c: known[c] for c in asked(plain) if c in known}) == keys, plain


async def test_a_new_row_is_the_same_whoever_writes_it(db: Database) -> None:
    await source.empty(db)
    county = County(db)
    await county.register()
    born = ["2020-02-29", "1950-01-01", "2019-12-31"]
    people = [dibao(n, f"H{n}", 姓名=name) for n, name in enumerate(ODD)]
    people += [dibao(100 + n, "H0", 姓名=ODD[n], 出生日期=day) for n, day in enumerate(born)]
    report = await county.sync(batch("dibao", people))
    assert report.quarantined == 0
    told = "name, birth_on, name_keys, shown_from_on, township_code"
    merged = await db.owner.fetch(f"select {told} from beneficiary order by id")
    await db.owner.execute(f"""
        insert into beneficiary (county_code, id, name, name_masked, division_code, birth_on)
        select '{COUNTY}', 10000 + id, name, '*', division_code, birth_on from beneficiary""")
    assert merged == await db.owner.fetch(f"select {told} from beneficiary where id > 10000 order by id")
    assert all(row["name_keys"] is not None and row["shown_from_on"] is not None for row in merged)


async def test_a_new_name_is_spelled_anew(db: Database) -> None:
    await source.empty(db)
    county = County(db)
    await county.register()
    await county.sync(batch("dibao", [dibao(1, "H1", 姓名="张三")]))
    await county.sync(batch("dibao", [dibao(1, "H1", 姓名="李四")]))
    [[name, right]] = await db.owner.fetch("select name, name_keys = name_keys(name, true) from beneficiary")
    assert (name, right) == ("李四", True)
