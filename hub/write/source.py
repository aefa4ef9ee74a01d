"""The hub as a source of its own: facts that it states itself stand beside those of other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hub.tables.ledger import OWN

if TYPE_CHECKING:
    from hub.write.work import Work

NO_RUN: Final = 0
"""In place of the run that brought a fact: somebody said it to the hub."""
NAME: Final = "民政服务站数据枢纽"
ADD: Final = """
    insert into source (code, name, connector, location, max_age_hours) values ($1, $2, $1, '', 0)
    on conflict (code) do nothing"""


async def own_source(work: Work) -> int:
    """Its number; no county's and no connector's, so nothing ever reads it."""
    find = "select id from source where code = $1"
    found = await work.own_row(find, OWN)
    if found is None:
        await work.own_row(ADD, OWN, NAME)
        found = await work.own_row(find, OWN)
    return int(found["id"])
