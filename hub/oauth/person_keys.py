"""Keys that clients make tokens of persons with (``hub.access.persons``): the registry counts them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from hub.errors import BadArgument, NotFound
from hub.oauth.client_keys import MOST_OVERLAP
from hub.oauth.clients import find_client
from hub.store.database import Database

_RENEW: Final = """
    update oauth_client set person_key = person_key + 1,
        person_key_before_until = case when person_key > 0 then now() + $2::interval end
    where client_id = $1 returning person_key"""


async def person_key_number(database: Database, client_id: str) -> int:
    """Of the key that tokens are made with now; 0 for none. NotFound for no such client."""
    client = await find_client(database, client_id)
    if client is None:
        raise NotFound("No client has this name.", zh="没有此名称的客户端")
    return client.person_key


async def renew_person_key(database: Database, client_id: str, overlap: dt.timedelta) -> int:
    """Another key from now on, and so other tokens; the one before is taken for ``overlap`` longer."""
    if not dt.timedelta(0) <= overlap <= MOST_OVERLAP:
        raise BadArgument(f"An overlap has {MOST_OVERLAP.days} days at most.", zh="重叠期过长")
    await person_key_number(database, client_id)
    [row] = await database.fetch(_RENEW, client_id, overlap)
    return int(row["person_key"])
