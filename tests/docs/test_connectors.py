"""The connectors that ``docs/connectors.md`` shows work as the page says."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.emulators.web import served
from hub.domain.credit_code import make_credit_code
from hub.domain.dates import CHINA
from hub.domain.id_number import make_id_number
from hub.store.vault import Vault
from hub.sync.registry import register_source
from hub.sync.run import RunReport, run_source
from tests.connectors.hub_of import hub_of
from tests.support.postgres import fresh_database

PAGE: Final = Path(__file__).resolve().parents[2] / "docs/connectors.md"
CODE: Final = make_credit_code("5", "2", "450305", "MJA45900")


TOKEN: Final = "t0ken"
COUNTY: Final = "450305"


def shown(name: str, **others: str) -> Any:
    """``others``: what stands there in place of something."""
    (code,) = (c for c in re.findall(r"(?ms)^```python\n(.*?)^```$", PAGE.read_text("utf-8")) if name in c)
    for what, other in others.items():
        assert what in code
        code = code.replace(what, other)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names[name]()


@dataclass
class Kitchen:
    """The canteens' system: changes by number, two a page."""

    items: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, op: str, **record: Any) -> None:
        at = (dt.datetime(2026, 3, 1, 9, tzinfo=CHINA) + dt.timedelta(minutes=len(self.items))).isoformat()
        self.items.append({"op": op, "at": at, "record": record})

    def put(self, number: int, **cells: Any) -> None:
        who = make_id_number("459999", dt.date(1940, 1, number), number)
        told = {"memberNo": f"M{number}", "fullName": "示例甲", "idCard": who, "village": "450305001001"}
        dates = {"kind": "1", "joined": "2026-01-05", "left": None}
        self.tell("put", **told, **{**dates, **cells}, mobile="15400000000", bankCard="6222")

    @property
    def app(self) -> Starlette:
        async def answer(request: Request) -> JSONResponse:
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                return JSONResponse({}, 401)
            assert request.query_params["county"] == COUNTY
            after = int(request.query_params["after"])
            page = self.items[after : after + 2]
            last = after + len(page)
            return JSONResponse({"items": page, "last": last, "more": last < len(self.items)})

        return Starlette(routes=[Route("/changes", answer)])


async def test_the_second_connector_of_the_page_reads_changes() -> None:
    """First all, then what is new; what is gone is withdrawn, what is unknown is refused and read anew."""
    connector, kitchen = shown("Canteens"), Kitchen()
    held = {connector.name: connector}
    for number in (1, 2, 3):
        kitchen.put(number)
    async with served(kitchen.app) as address, hub_of(COUNTY, held) as hub:
        await hub.open_stations()
        await hub.register(connector.name, address, token=TOKEN)
        first, again = await hub.sync(), await hub.sync()
        assert (first.read, first.accepted, first.quarantined) == (3, 3, 0)
        assert (again.read, again.changed) == (0, 0)
        kitchen.tell("drop", memberNo="M1")
        kitchen.put(2, kind="9")
        kitchen.put(4, kind="3")
        kitchen.tell("drop", fullName="示例甲")
        news = await hub.sync()
        assert (news.read, news.accepted, news.quarantined) == (4, 1, 3)
        standing = "select count(*) from category_membership"
        assert await hub.one(standing) == 2, "of the second the hub keeps what it knew"
        assert await hub.reasons() == {
            "diner M2": ["CODE_UNKNOWN"],
            "diner M4": ["CODE_UNKNOWN"],
            "diner None": ["REQUIRED"],
        }
        held[connector.name] = shown("Canteens", **{'"2": "孤寡老人"': '"2": "孤寡老人", "3": "困难老年人"'})
        await hub.sync()
        assert len(await hub.reasons()) == 3
        anew = await hub.sync(anew=True)
        assert (anew.read, anew.unchanged) == (7, 2)
        assert await hub.reasons() == {"diner M2": ["CODE_UNKNOWN"], "diner None": ["REQUIRED"]}
        assert await hub.one(standing) == 3
        cells = await hub.database.owner.fetch("select raw from quarantined_row where resolved_at is null")
        assert not [row for row in cells if "6222" in hub.vault.open(row["raw"])]


async def test_the_connector_of_the_page_brings_its_rows(tmp_path: Path) -> None:
    connector, file = shown("Register"), tmp_path / "contractors.jsonl"

    def write(*rows: dict[str, str]) -> None:
        file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")

    good = {"uscc": CODE, "orgName": "示例社会工作服务中心", "tel": "0773-1234567", "bankAccount": "6222"}
    bad = {"uscc": CODE[:-1], "orgName": "编号不全的机构"}
    async with fresh_database() as database:

        async def run() -> RunReport:
            return await run_source(
                database,
                Vault(bytes(range(32))),
                {connector.name: connector},
                "register-450305",
                today=dt.date(2026, 3, 31),
            )

        await register_source(
            database,
            code="register-450305",
            name="七星区承接机构登记",
            connector=connector.name,
            division_code="450305000000",
            location=str(file),
            max_age_hours=24,
        )
        write(good, bad)
        first, again = await run(), await run()
        assert (first.read, first.accepted, first.quarantined, first.changed) == (2, 1, 1, 1)
        assert again.changed == 0
        stored = await database.owner.fetchrow("select credit_code, name, contact_phone from contractor")
        assert stored is not None
        assert tuple(stored)[:2] == (CODE, good["orgName"])
        refused = await database.owner.fetch("select reason_codes, resolved_at from quarantined_row")
        assert [tuple(row) for row in refused] == [(["CREDIT_CODE_LENGTH"], None)]
        write(good)
        await run()
        assert await database.owner.fetchval("select resolved_at is not null from quarantined_row")
