"""What a viewer has been given, and by whom: what the token of a request does not say by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hub.access.live import Held
from hub.access.scopes import still_offered
from hub.access.viewer import Viewer
from hub.store.database import Database

# Each is the viewer's own: its registration, its user's account, its place.
_STANDING: Final = """
    select (select scopes from oauth_client where client_id = $1),
        (select scopes from hub_user where id = $2),
        (select full_name from division where code = $3)"""


@dataclass(frozen=True, slots=True)
class Rights:
    """``granted``: atoms of scopes that the registration grants the client; ``held``: those of the user's
    account, None where the client asks for itself. ``live``: own contracts that give access on ``day``.
    """

    viewer: Viewer
    granted: frozenset[str]
    held: frozenset[str] | None
    division_name: str | None
    day: dt.date
    live: frozenset[int]


async def rights_of(database: Database, viewer: Viewer, live: Held, day: dt.date) -> Rights:
    asked = viewer.client_id, viewer.user_id, viewer.division_code
    row = await (await database.asking()).fetchrow(_STANDING, *asked)
    granted, held, name = row or (None, None, None)
    return Rights(
        viewer,
        _atoms(granted),
        None if viewer.user_id is None else _atoms(held),
        name,
        day,
        frozenset(live.contracts),
    )


def _atoms(scopes: Iterable[str] | None) -> frozenset[str]:
    return still_offered(scopes or ())
