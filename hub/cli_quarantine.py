"""``hub quarantine list``: what is refused now, why, and where to look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import data_option, with_database

if TYPE_CHECKING:
    from hub.store.database import Database


@click.group()
def quarantine() -> None:
    """Rows that sources sent and the hub refused (docs/operations.md)."""


@quarantine.command("list")
@click.argument("code", required=False)
@data_option
def list_(code: str | None, data_dir: Path | None) -> None:
    """Print what is refused now of all sources or of CODE: how many, since when, why, and the first place.

    No cell is shown. A row is resolved when its source sends it corrected; once the hub reads it otherwise,
    hub replay reads it again.
    """
    from hub.domain.dates import CHINA
    from hub.sync.quarantine import refused_now

    async def work(database: Database) -> None:
        found = await refused_now(database, code)
        for each in found:
            click.echo(
                f"{each.source}  {each.list_kind}  {each.rows} since {each.since.astimezone(CHINA):%Y-%m-%d}"
                f"  {each.reason}  first: {each.place}"
            )
        if not found:
            click.echo("Nothing is refused.")

    with_database(data_dir, work)
