"""Where a client or a user belongs. Slices are cut by it: without, they would see nothing, or everything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from hub.access.slices import BUREAU, CONTRACTOR, TOWNSHIP
from hub.domain.division import is_township
from hub.errors import BadArgument
from hub.store.database import Database
from hub.store.roles import ROLES

NEEDS_DIVISION: Final = (BUREAU, TOWNSHIP)

_NUMBER: Final = "select id from contractor where credit_code = $1"
_CALLED: Final = "select id, credit_code, name from contractor where id = any ($1)"
_DIVISION: Final = re.compile(r"[0-9]{12}", re.ASCII)


def check_place(
    who: Literal["client", "user"], role: str, division_code: str | None, organisation_id: int | None
) -> None:
    """BadArgument says what the role needs."""
    if role not in ROLES:
        raise BadArgument(f"A role is one of: {', '.join(ROLES)}.")
    if division_code is not None and not _DIVISION.fullmatch(division_code):
        raise BadArgument("A division code has 12 digits.")
    if role in NEEDS_DIVISION and division_code is None:
        raise BadArgument(f"A {who} of role {role} belongs to a division.")
    if role == BUREAU and division_code and division_code[6:] != "000000":
        raise BadArgument(f"A {who} of role bureau belongs to a province, a city or a county.")
    if role == TOWNSHIP and division_code and not is_township(division_code):
        raise BadArgument(f"A {who} of role township belongs to a township or sub-district.")
    if role == CONTRACTOR and organisation_id is None:
        raise BadArgument(f"A {who} of role contractor belongs to a contractor.")


async def contractor_with(db: Database, credit_code: str | None) -> int | None:
    """Its number; None for no code. BadArgument where no source has brought such a contractor."""
    if credit_code is None:
        return None
    for row in await db.fetch(_NUMBER, credit_code):
        return int(row["id"])
    raise BadArgument("No source has brought a contractor with this credit code yet.")


async def contractors(db: Database, numbers: Iterable[int | None]) -> dict[int | None, str]:
    """Credit code and name of each, as people know it."""
    rows = await db.fetch(_CALLED, [number for number in numbers if number is not None])
    return {row["id"]: f"{row['credit_code']} {row['name']}" for row in rows}
