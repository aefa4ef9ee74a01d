"""Which errors of a statement are of the values it was given, and of nothing that is broken."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError


def is_of_values(error: Exception) -> bool:
    """PostgreSQL's class 22, data exception; or what asyncpg does not even send, which is a ValueError."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    sent = getattr(cause, "sqlstate", None)
    return isinstance(getattr(cause, "__cause__", None), ValueError) or str(sent or "").startswith("22")
