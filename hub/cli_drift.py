"""``hub source drift``: what the columns of a source's lists are, and what changed about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import data_option, with_database

if TYPE_CHECKING:
    from hub.store.database import Database
    from hub.sync.drifts import ColumnNow, Drift, Found


@click.command()
@click.argument("code")
@click.option(
    "--days", type=click.IntRange(1), default=90, show_default=True, help="Changes of so many days."
)
@click.option("--columns", is_flag=True, help="Print every column of every list as well.")
@data_option
def drift(code: str, days: int, columns: bool, data_dir: Path | None) -> None:
    """Print what changed in the lists of the source CODE: columns gone, come or renamed, types, codes.

    And how many cells its last run dropped that nobody asked for, by what they tell of people. Names of
    columns are shown, cells never.
    """
    from hub.sync.drifts import drift_of

    async def work(database: Database) -> None:
        found = await drift_of(database, code, dt.datetime.now(dt.UTC) - dt.timedelta(days=days))
        for line in _lines(found, days, columns=columns):
            click.echo(line)

    with_database(data_dir, work)


def _lines(found: Drift, days: int, *, columns: bool) -> Iterator[str]:
    from hub.domain.dates import CHINA
    from hub.domain.vocabulary import FieldClass

    if not found.columns:
        yield "No run has told the columns of a list yet."
        return
    yield f"Changed in {days} days:" if found.changes else f"Nothing changed in {days} days."
    for change in found.changes:
        yield f"  {change.found_at.astimezone(CHINA):%Y-%m-%d %H:%M}  {change.list_kind}  {_said(change)}"
    if found.dropped:
        yield "Dropped by the last run that was sent what nobody asked for:"
    for each in found.dropped:
        kind = FieldClass(each.field_class)
        yield f"  {each.list_kind}  {kind.en} {kind.zh}: {each.cell_count} cells of {'、'.join(each.names)}"
    if columns:
        yield "Columns:"
        yield from (f"  {each.list_kind}  {_column(each)}" for each in found.columns)


def _said(change: Found) -> str:
    read_as = f" (read as {change.header})" if change.header not in (None, change.name) else ""
    unread = "" if change.header else "; nobody asked for it"
    match change.kind:
        case "COLUMN_CAME":
            return f"{change.name}{read_as} came{unread}"
        case "COLUMN_GONE":
            return f"{change.name}{read_as} is gone{unread}"
        case "COLUMN_RENAMED":
            return f"{change.before} is called {change.after} now{read_as}"
        case "COLUMN_LACKING":
            return f"{change.name}{read_as} is lacking in {change.number} tables"
        case "TYPE_CHANGED":
            return f"{change.name}{read_as} has cells of another type: {change.before}, now {change.after}"
    return f"{change.name}{read_as}: {change.number} rows are refused for codes nobody knows"


def _column(column: ColumnNow) -> str:
    from hub.domain.dates import CHINA

    told = [column.header or "dropped"]
    told += [column.form] if column.form else []
    told += [f"lacking in {column.lacking_count} tables"] if column.lacking_count else []
    told += [f"{column.dropped_count} cells dropped"] if column.dropped_count else []
    told += [f"{column.unknown_code_count} rows with unknown codes"] if column.unknown_code_count else []
    told += [f"gone since {column.gone_at.astimezone(CHINA):%Y-%m-%d}"] if column.gone_at else []
    return f"{column.name}: {', '.join(told)}"
