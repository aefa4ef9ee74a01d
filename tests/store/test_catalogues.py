"""Catalogues as rows: filled when a database is made ready, brought up to date, never taken away."""

from __future__ import annotations

from hub.store.catalogues import store_catalogues
from tests.support.postgres import fresh_database

ROWS = "select id, catalogue, version, number, parent_number, name, is_other from catalogue_item order by id"


async def test_items_keep_their_rows_and_take_their_words_from_the_package() -> None:
    async with fresh_database() as database:
        async with database.transaction() as connection:
            first = await connection.fetch(ROWS)
            assert len(first) == 196
            assert len([row for row in first if row["catalogue"] == "GX"]) == 7 + 51
            await connection.execute("update catalogue_item set name = '旧' where number = 'GX-1.2'")
            await connection.execute(
                "insert into catalogue_item (catalogue, version, number, name) values"
                " ('GX', '2014', 'GX-1', '旧')"
            )
        await store_catalogues(database)
        async with database.transaction() as connection:
            again = await connection.fetch(ROWS)
    assert [row for row in again if row["version"] != "2014"] == first
    assert len(again) == 197
