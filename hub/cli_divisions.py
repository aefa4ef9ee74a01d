"""``hub divisions``: what a code stands for, and bringing what names a division to the newest list."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_client import day
from hub.cli_documents import data_option, with_database

if TYPE_CHECKING:
    from hub.store.database import Database


@click.group()
def divisions() -> None:
    """Administrative divisions (行政区划) and their former codes (docs/divisions.md)."""


@divisions.command()
@click.argument("code")
@click.option("--on", type=day, help="Day of the record that holds the code.")
def show(code: str, on: dt.datetime | None) -> None:
    """What CODE stands for today, as in a record, and what it stood for before."""
    from hub.domain.division import load_divisions
    from hub.domain.division_changes import history, resolve
    from hub.domain.refusal import Refused

    names = {row.code: row.full_name for row in load_divisions()}
    try:
        found, how = resolve(code, on=on.date() if on else None)
        click.echo(f"{found} {names[found]} ({how})")
    except Refused as refused:
        click.echo(f"{refused.code}: {refused.expected} {refused.expected_zh}")
    for former in history().former():
        if code.ljust(12, "0") in (former.code, former.division_code):
            until = (
                f"until {former.ends_on}" if former.is_day_known else f"until {former.ends_on} at the latest"
            )
            became = " ".join(former.successor_codes) or "nothing"
            click.echo(f"  {former.code} {former.name} {until}: {former.change}, became {became}")


@divisions.command()
@data_option
def update(data_dir: Path | None) -> None:
    """Store the list of this version; what names a code that has ended names its successor from now on.

    hub migrate does the same. Run it again when a county has said where rows of a divided division belong.
    """
    from hub.store.divisions import store_divisions

    async def work(database: Database) -> None:
        moved = await store_divisions(database)
        for name, count in moved.rows.items():
            click.echo(f"{count} rows moved: {name}")
        for code, named in moved.left.items():
            for name, count in named.items():
                click.echo(f"{count} rows still name {code}, which has no single successor: {name}")
        if not moved.rows and not moved.left:
            click.echo("Nothing names a division that has ended.")

    with_database(data_dir, work)
