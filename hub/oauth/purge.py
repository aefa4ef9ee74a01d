"""What is old goes a few rows with each request, never waiting, so that tables stay small by themselves."""

from __future__ import annotations

from typing import Final

PAST: Final = "expires_at < now()"


def few(table: str, old: str = PAST, by: str = "expires_at") -> str:
    """The condition of some rows that are ``old``, those first that have been longest ``by`` a column with
    an index."""
    return f"""ctid = any (array(
        select ctid from {table} where {old} order by {by} limit 20 for update skip locked))"""  # noqa: S608


def purge(table: str, old: str = PAST) -> str:
    return f"delete from {table} where {few(table, old)}"  # noqa: S608 - of the caller's names
