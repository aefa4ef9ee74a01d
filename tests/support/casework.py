"""The county of ``tests.support.handing``, before anybody has noted anything of its people."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import orjson

from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from tests.support.county import TODAY
from tests.support.handing import ABOVE, BUREAU, OTHER, TOWNSHIP, begin
from tests.support.noted import TABLES
from tests.support.reading import JINJIANG, World, viewer

NOBODY: Final = 999_999
STRANGERS: Final = [OTHER, viewer("bureau", JINJIANG)]
OFFICES: Final = [BUREAU, TOWNSHIP]
SECRET: Final = "欧阳哨兵"
"""In every text that is noted, and never in a log."""


async def begin_casework(world: World) -> World:
    await begin(world)
    await world.database.owner.execute(f"""
        truncate change, write_key, {", ".join(TABLES)} restart identity cascade;
        delete from visit where text_record is not null or id > {ABOVE};
        select setval(pg_get_serial_sequence('visit', 'id'), {ABOVE});
        delete from beneficiary_record where source_id = (select id from source where code = 'hub');
        update beneficiary set birth_on = null, risk_level = null, dossier_opened_on = null,
            ability_level = null, ability_standard = null, self_care = null where id in (1001, 1002)""")
    world.engine.clock = lambda: dt.datetime.combine(TODAY, dt.time(9), CHINA)
    return world


async def count(world: World, table: str) -> int:
    return int(await world.database.owner.fetchval(f"select count(*) from {table}"))


async def partly(world: World, who: Viewer, query: str, **given: Any) -> tuple[Any, dict[int, str]]:
    """Of a mutation that does many: the records, and the code of each item that was not done."""
    body = orjson.loads((await world.answer(who, query, **given)).body)
    (made,) = body["data"].values()
    return made, {each["path"][1]: each["extensions"]["code"] for each in body.get("errors", ())}
