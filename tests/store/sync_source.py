"""A source that says what a test tells it to, with lists like those of a county's bureau."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final

from hub.domain.id_number import make_id_number
from hub.domain.refusal import Refused
from hub.store.database import Database
from hub.store.migrate import migrate
from hub.store.vault import Vault
from hub.sync.connector import (
    Batch,
    Check,
    Constant,
    Context,
    From,
    Link,
    ListMapping,
    Place,
    Reference,
    Refusal,
    Row,
    Spread,
    Target,
)
from hub.sync.registry import register_source
from hub.sync.run import RunReport, run_source
from hub.tables import FACTS, RECORDS, division

COUNTY: Final = "450305"
TOWNSHIP: Final = "450305001000"
VILLAGE: Final = "450305001001"
ELSEWHERE: Final = "350582100000"
TODAY: Final = dt.date(2026, 6, 15)
KEY: Final = bytes(range(32))
CHINA: Final = dt.timezone(dt.timedelta(hours=8))

JANUARY, MARCH, MAY = (dt.datetime(2026, month, 1, tzinfo=CHINA) for month in (1, 3, 5))


def person(number: int) -> str:
    """An identity number nobody has."""
    return make_id_number(
        "459999", dt.date(1950, 1, 1) + dt.timedelta(days=number % 20_000), number // 20_000
    )


def text(value: Any, _: Context) -> str | None:
    return None if value == "无" else str(value)


def day(value: Any, _: Context) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise Refused("DATE_UNREADABLE") from None


def whole(value: Any, _: Context) -> int:
    return int(value)


def several(value: Any, _: Context) -> list[str]:
    return str(value).split("、")


def identified(value: Any, context: Context) -> dict[str, Any]:
    if len(value) != 18:
        raise Refused("ID_LENGTH")
    return {
        "id_number": value,
        "id_number_hash": context.blind(value),
        "id_number_masked": f"{value[:3]}***********{value[-4:]}",
    }


def hashed(value: Any, context: Context) -> bytes:
    return context.blind(value)


def masked(value: Any, _: Context) -> dict[str, str]:
    return {"name": value, "name_masked": value[0] + "*" * (len(value) - 1)}


def not_reversed(columns: Mapping[str, Any], _: Mapping[str, Any], __: Context) -> None:
    if columns.get("ends_on") and columns["ends_on"] < columns["starts_on"]:
        raise Refused("PERIOD_REVERSED")


PERSON: Final = Reference(
    "beneficiary",
    by=[{"id_number_hash": From("身份证号", hashed)}, {"file_number": From("档案编号", text)}],
    required=True,
)
NAME: Final = Spread("姓名", masked, required=True)


def beneficiary(**more: From | Constant) -> Target:
    return Target(
        "beneficiary",
        columns={
            "file_number": From("档案编号", text),
            "division_code": From("区划代码", text, required=True),
            "address": From("住址", text),
            "phone": From("联系电话", text),
            "birth_on": From("出生日期", day),
            **more,
        },
        key=("id_number_hash", "file_number"),
        match=(("id_number_hash",), ("file_number",)),
        spreads=(NAME, Spread("身份证号", identified)),
        references={
            "household_id": Reference("household", by=[{"household_number": From("户编号", text)}]),
            "station_id": Reference("station", by=[{"division_code": From("服务站区划代码", text)}]),
        },
        same=(("file_number", "name"), ("household_id", "name"), ("name", "division_code")),
    )


def membership(category: From | Constant | None, **more: Any) -> Target:
    return Target(
        "category_membership",
        columns={
            **({"category": category} if category else {}),
            "starts_on": From("起始日期", day, required=True),
            "ends_on": From("终止日期", day),
        },
        key=("beneficiary_id", "category", "starts_on"),
        references={"beneficiary_id": PERSON},
        about="beneficiary_id",
        checks=(Check("终止日期", not_reversed),),
        **more,
    )


CONTRACTOR: Final = ListMapping(
    "contractor",
    ("信用代码", "名称"),
    [
        Target(
            "contractor",
            columns={
                "credit_code": From("信用代码", text, required=True),
                "name": From("名称", text, required=True),
                "division_code": From("登记地区划代码", text),
            },
            key=("credit_code",),
            match=(("credit_code",),),
        )
    ],
)
STATION: Final = ListMapping(
    "station",
    ("区划代码", "名称"),
    [
        Target(
            "station",
            columns={
                "division_code": From("区划代码", text, required=True),
                "name": From("名称", text, required=True),
                "kind": Constant("CIVIL_AFFAIRS"),
                "status": Constant("OPERATING"),
            },
            key=("division_code",),
            match=(("division_code",),),
        )
    ],
)
CONTRACT: Final = ListMapping(
    "contract",
    ("合同编号",),
    [
        Target(
            "contract",
            columns={
                "number": From("合同编号", text, required=True),
                "division_code": From("区划代码", text, required=True),
                "starts_on": From("开始日期", day, required=True),
                "ends_on": From("结束日期", day, required=True),
                "status": Constant("ACTIVE"),
            },
            key=("number",),
            match=(("number",),),
            references={
                "contractor_id": Reference("contractor", by=[{"credit_code": From("信用代码", text)}])
            },
            links=(
                Link(
                    "contract_station",
                    "contract_id",
                    "station_id",
                    "服务站",
                    Reference("station", by=[{"division_code": From("服务站", several)}]),
                ),
            ),
        )
    ],
)
DIBAO: Final = ListMapping(
    "dibao",
    ("户编号", "姓名", "身份证号"),
    [
        Target(
            "household",
            columns={
                "household_number": From("户编号", text, required=True),
                "division_code": From("区划代码", text, required=True),
                "address": From("住址", text),
                "registered_member_count": From("家庭人口", whole),
            },
            key=("household_number", "身份证号"),
            match=(("household_number",),),
        ),
        beneficiary(),
        membership(Constant("DIBAO")),
    ],
    precedence=3,
)
ELDER: Final = ListMapping(
    "elder",
    ("姓名",),
    [
        beneficiary(ability_level=From("能力等级", text)),
        membership(None, each=("category", From("类别", several)), when="起始日期"),
    ],
    precedence=5,
)
PHONES: Final = ListMapping(
    "phones",
    ("身份证号",),
    [
        Target(
            "beneficiary",
            columns={"phone": From("联系电话", text)},
            key=("id_number_hash",),
            match=(("id_number_hash",),),
            spreads=(
                Spread(
                    "身份证号", lambda v, c: {"id_number": v, "id_number_hash": c.blind(v)}, required=True
                ),
            ),
        )
    ],
    precedence=1,
)
FILED: Final = ListMapping(
    "filed",
    ("档案编号",),
    [
        Target(
            "beneficiary",
            columns={
                "file_number": From("档案编号", text, required=True),
                "division_code": Constant(VILLAGE),
            },
            key=("file_number",),
            match=(("id_number_hash",), ("file_number",)),
            spreads=(NAME, Spread("身份证号", identified)),
        )
    ],
)
VISIT: Final = ListMapping(
    "visit",
    ("探访编号",),
    [
        Target(
            "visit",
            columns={
                "visited_on": From("探访日期", day, required=True),
                "kind": Constant("HOME"),
                "purpose": Constant("ROUTINE"),
                "text_record": From("文字记录", text),
            },
            key=("探访编号",),
            references={
                "beneficiary_id": PERSON,
                "contract_id": Reference(
                    "contract",
                    by=[{"number": From("合同编号", text)}],
                    copy={"contractor_id": "contractor_id"},
                ),
            },
        )
    ],
)
LISTS: Final = {m.kind: m for m in (CONTRACTOR, STATION, CONTRACT, DIBAO, ELDER, PHONES, FILED, VISIT)}

Cells = Mapping[str, Any]


class Told:
    """The connector: gives the batches it was told."""

    name = "told"

    def __init__(self, lists: Mapping[str, ListMapping] = LISTS) -> None:
        self.lists = lists
        self.batches: list[Batch] = []
        self.asked: list[Mapping[str, Any] | None] = []

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        self.asked.append(checkpoint)
        for batch in self.batches:
            yield batch


def rows(cells: Iterable[Cells], file: str = "名单.xlsx", start: int = 2) -> list[Row]:
    return [
        Row(
            file,
            "Sheet1",
            number,
            {k: v for k, v in each.items() if v is not None},
            {k: str(v) for k, v in each.items()},
        )
        for number, each in enumerate(cells, start)
    ]


def batch(
    kind: str,
    cells: Iterable[Cells],
    *,
    at: dt.datetime = MARCH,
    refused: Sequence[tuple[Row, Sequence[Refusal]]] = (),
    checkpoint: Mapping[str, Any] | None = None,
    file: str | None = None,
    start: int = 2,
) -> Batch:
    return Batch(kind, at, rows(cells, file or f"{kind}.xlsx", start), refused, checkpoint=checkpoint)


def dibao(number: int, household: str = "H1", **more: Any) -> dict[str, Any]:
    return {
        "户编号": household,
        "姓名": f"测试{number}",
        "身份证号": person(number),
        "区划代码": VILLAGE,
        "住址": "一号",
        "起始日期": "2025-01-01",
        **more,
    }


def elder(number: int, **more: Any) -> dict[str, Any]:
    return {
        "姓名": f"测试{number}",
        "身份证号": person(number),
        "区划代码": VILLAGE,
        "类别": "ELDER",
        "起始日期": "2025-02-01",
        **more,
    }


STATIONS: Final = [{"区划代码": TOWNSHIP, "名称": "七星站"}]
CONTRACTORS: Final = [{"信用代码": "A1", "名称": "甲机构"}]
CONTRACTS: Final = [
    {
        "合同编号": "C1",
        "区划代码": "450305000000",
        "开始日期": "2025-01-01",
        "结束日期": "2027-01-01",
        "信用代码": "A1",
        "服务站": TOWNSHIP,
    }
]


class County:
    """A source in a database, and what stands there after it is synced."""

    def __init__(self, db: Database, code: str = "roster-450305") -> None:
        self.db = db
        self.vault = Vault(KEY)
        self.connector = Told()
        self.code = code

    async def register(self, division_code: str = "450305000000") -> None:
        await register_source(
            self.db,
            code=self.code,
            name="名单",
            connector="told",
            division_code=division_code,
            location="/",
            max_age_hours=24,
        )

    async def sync(self, *batches: Batch, today: dt.date = TODAY, anew: bool = False) -> RunReport:
        self.connector.batches = list(batches)
        told = {"told": self.connector}
        return await run_source(self.db, self.vault, told, self.code, today=today, anew=anew)

    async def all(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.db.owner.fetch(query, *arguments)]

    async def one(self, query: str, *arguments: Any) -> Any:
        return await self.db.owner.fetchval(query, *arguments)

    async def state(self) -> dict[str, str]:
        """Every synced table, whole, as one hash each."""
        names = [
            *RECORDS,
            *(r.name for r in RECORDS.values()),
            *FACTS,
            "contract_station",
            "seen_row",
            "change",
        ]
        return {
            name: await self.one(
                f"select md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) from \"{name}\" t"
            )
            for name in names
        }


async def tables(database: Database) -> None:
    """All tables with their triggers, and the few divisions of the tests."""
    await migrate(database)
    async with database.engine.begin() as connection:
        await connection.execute(
            division.insert(),
            [
                {"code": c, "name": c, "full_name": c, "level": "TOWNSHIP", "kind": "TOWN", "depth": 3}
                for c in ("450305000000", TOWNSHIP, VILLAGE, "450305002000", "350582000000", ELSEWHERE)
            ],
        )


async def empty(database: Database) -> None:
    """Back to divisions only."""
    synced = [*RECORDS, *(r.name for r in RECORDS.values()), *FACTS, "seen_row", "change", "source"]
    await database.owner.execute(f"truncate {', '.join(synced)} restart identity cascade")
