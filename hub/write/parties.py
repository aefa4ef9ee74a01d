"""Who does something, as the documents call it."""

from __future__ import annotations

from typing import Final

from hub.access.slices import BUREAU
from hub.access.viewer import Viewer
from hub.write.work import Work

CALLED: Final = """
    select case when $1::bigint is not null then (select name from contractor where id = $1)
        else (select full_name from division where code = $2) end as name"""


def party_of(viewer: Viewer) -> str:
    """The viewer as ``Party`` has it; an office by the level of its division."""
    if viewer.role != BUREAU:
        return viewer.role.upper()
    code = viewer.division_code or ""
    if code[4:6] != "00":
        return "COUNTY_BUREAU"
    return "PREFECTURE_BUREAU" if code[2:4] != "00" else "PROVINCE_DEPARTMENT"


async def called(work: Work) -> str:
    """The name of the contractor or of the division."""
    viewer = work.viewer
    row = await work.own_row(CALLED, viewer.organisation_id, viewer.division_code)
    return row["name"] or ""
