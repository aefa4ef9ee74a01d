"""Keeps the catalogues of services as rows, which items of contracts refer to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hub.domain.catalogues import CATALOGUES
from hub.store.database import Database

_KEY: Final = ("catalogue", "version", "number")
_SAID: Final = ("parent_number", "name", "name_en", "is_other")


async def store_catalogues(database: Database) -> None:
    """Idempotent. An item keeps its row, and none is deleted: a contract may name one of a former version."""
    columns = (*_KEY, *_SAID)
    places = ", ".join(f"${n}" for n, _ in enumerate(columns, 1))
    held, new = (", ".join(f"{row}.{name}" for name in _SAID) for row in ("catalogue_item", "excluded"))
    async with database.transaction() as connection:
        await connection.executemany(
            f"insert into catalogue_item ({', '.join(columns)}) values ({places})"
            f" on conflict ({', '.join(_KEY)}) do update set ({', '.join(_SAID)}) = row ({new})"
            f" where ({held}) is distinct from ({new})",
            list(_rows()),
        )


def _rows() -> Iterator[tuple[Any, ...]]:
    for catalogue in CATALOGUES:
        for item, parent in catalogue.with_parents():
            above = None if parent is None else parent.number
            key = catalogue.code, catalogue.version, item.number
            yield *key, above, item.name, item.name_en, item.is_other
