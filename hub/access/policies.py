"""The second lock: row-level security and column grants, derived from the same ``SLICES``.

Each role of the hub reads through its own PostgreSQL login, which can bypass neither. A setting that
is missing or empty compares as NULL, so a policy that was not told who asks shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Table

from hub.access.rows import Slice, Writable, viewer_type
from hub.access.slices import COUNTED, SLICES
from hub.access.tallies import TALLIED, in_tally
from hub.access.writable import VERSION, VERSIONED, WRITABLE
from hub.store.roles import ROLE_OF
from hub.tables import TALLIES, metadata

BASES: Final = {tally.name: base for base, tally in TALLIES.items()}
OWNERS: Final = ("recount_tallies()", "note_act(text, text, jsonb, jsonb)")
"""Functions with the owner's rights that no login of a role may call; trigger functions nobody can."""


class _Settings(dict[str, str]):
    """``{t}`` is the table; any other name is a setting of the transaction.

    The sub-select makes PostgreSQL read the setting once per statement, so that a range over it can
    use an index. The cast behind it keeps ``any (…)`` from taking it for a set of rows.
    """

    def __missing__(self, name: str) -> str:
        cast = f"::{viewer_type(name)}"
        return f"(select nullif(current_setting('hub.{name}', true), ''){cast}){cast}"


def setting(value: Any) -> str:
    """A viewer's value as PostgreSQL reads it back: a list as an array."""
    return f"{{{','.join(map(str, value))}}}" if isinstance(value, list | tuple) else str(value)


def policy_rows(slice_: Slice, table: str) -> str:
    """The slice as a filter and nothing more.

    ``coalesce`` hides its inside from the planner, which would otherwise choose indexes by it, and think
    the rows fewer than they are since the read engine's own statement says the same once more.
    """
    rows = slice_.rows if slice_.locked is None else slice_.locked
    return _filter(rows, table) if rows else "true"


def _filter(rows: str, table: str) -> str:
    return f"coalesce({rows.format_map(_Settings(t=table))}, false)"


def statements(logins: Mapping[str, str]) -> Iterator[str]:
    """DDL that puts every table under exactly the policies of ``SLICES``; ``logins``: role → login."""
    for login in logins.values():
        yield f'revoke all on all tables in schema public from "{login}"'
        yield f'grant usage on schema public to "{login}"'
    for function in OWNERS:  # a dump that was restored without its grants has opened them to everybody
        yield f"revoke all on function {function} from public"
    for table in metadata.sorted_tables:
        yield f"alter table {table.name} enable row level security"
        for role, login in logins.items():
            for name in (f"hub_{role}", f"hub_{role}_new", f"hub_{role}_old"):
                yield f"drop policy if exists {name} on {table.name}"
            slice_ = slice_of(role, table.name)
            if slice_ is not None:
                yield from _opened(table, slice_, role, login)
            written = WRITABLE.get(ROLE_OF[role], {})
            if table.name in written:
                yield from _written(table, written[table.name], role, login)
            if "name_keys" in table.c:
                yield from _searched(table, slice_, login)


def slice_of(role: str, table: str) -> Slice | None:
    """A tally is under the lock of its base table."""
    if table in BASES:
        base = BASES[table]
        return in_tally(SLICES[role][base]) if base in TALLIED[role] else None
    return SLICES[role].get(table)


def _opened(table: Table[Any], slice_: Slice, role: str, login: str) -> Iterator[str]:
    columns = ", ".join([*granted(table, role), *([VERSION] if table.name in VERSIONED else [])])
    yield f'grant select ({columns}) on {table.name} to "{login}"'
    rows = policy_rows(slice_, table.name)
    yield f'create policy hub_{role} on {table.name} for select to "{login}" using ({rows})'


def _written(table: Table[Any], own: Writable, role: str, login: str) -> Iterator[str]:
    if own.new is not None:
        given = ", ".join(own.given)
        yield f'grant insert ({given}) on {table.name} to "{login}"'
        check = _filter(own.new, table.name)
        yield f'create policy hub_{role}_new on {table.name} for insert to "{login}" with check ({check})'
    if own.old is not None:
        yield f'grant update ({", ".join(own.columns)}) on {table.name} to "{login}"'
        rows, check = _filter(own.old, table.name), _filter(own.then, table.name)
        yield (
            f'create policy hub_{role}_old on {table.name} for update to "{login}"'
            f" using ({rows}) with check ({check})"
        )


def _searched(table: Table[Any], slice_: Slice | None, login: str) -> Iterator[str]:
    """Who may be shown a name may search by it; the function tells keys, which the policies test again."""
    function, name = f"function {table.name}_named(text[], text)", table.c["name"]
    yield f"revoke all on {function} from public"
    yield f'revoke all on {function} from "{login}"'
    if slice_ is not None and name.info["group"] in slice_.groups:
        yield f'grant execute on {function} to "{login}"'


def granted(table: Table[Any], role: str) -> list[str]:
    """Columns of the slice's groups, what is tested or counted by, and keys, which joins need."""
    base = BASES.get(table.name, table.name)
    slice_ = SLICES[role][base]
    groups = {*slice_.groups, "internal"}
    counted = COUNTED.get(role, {}).get(base)
    tested = slice_.tested | (counted.tested if counted else frozenset())
    grouped = {c.name for c in table.c if c.info.get("group", "internal") in groups} - slice_.left_out
    return [c.name for c in table.c if c.name in grouped | tested]
