"""The connector that ``docs/connectors.md`` shows works as the page says."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any, Final

from hub.domain.credit_code import make_credit_code
from hub.store.vault import Vault
from hub.sync.registry import register_source
from hub.sync.run import RunReport, run_source
from tests.support.postgres import fresh_database

PAGE: Final = Path(__file__).resolve().parents[2] / "docs/connectors.md"
CODE: Final = make_credit_code("5", "2", "450305", "MJA45900")


def shown() -> Any:
    (code,) = re.findall(r"(?ms)^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names["Register"]()


async def test_the_connector_of_the_page_brings_its_rows(tmp_path: Path) -> None:
    connector, file = shown(), tmp_path / "contractors.jsonl"

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
