"""In what positions are good: one database, and no other of its name."""

from __future__ import annotations

from hub.read import changes
from hub.store.database import Database
from tests.support.postgres import server


async def test_a_database_that_is_made_anew_is_another() -> None:
    here = await server()
    found = []
    for _ in range(2):
        async with here.database("made_anew") as name:
            database = await Database.open(here.settings(name))
            try:
                [(said,)] = await database.fetch(changes.CLUSTER)
                found.append(str(said))
            finally:
                await database.close()
    (system, line, number), (same, same_line, other) = (each.split(".") for each in found)
    assert (system, line) == (same, same_line)
    assert number != other
