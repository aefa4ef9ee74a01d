"""``hub job``: what clients have done in the background, and what of it is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import data_option, with_database

if TYPE_CHECKING:
    from hub.store.database import Database


@click.group()
def job() -> None:
    """Jobs of clients, and the files they made (docs/jobs.md)."""


@job.command("list")
@click.option("--client", "client_id", help="Of this client only.")
@click.option("--last", default=50, show_default=True, help="How many, the newest first.")
@data_option
def list_(client_id: str | None, last: int, data_dir: Path | None) -> None:
    """Print how far jobs are, what they wait for, and until when they are kept."""
    from hub.command import end_of
    from hub.jobs.store import listed

    async def work(database: Database) -> None:
        for row in await listed(database, client_id, last):
            total = "" if row["persons"] is None else f" of {row['persons']}"
            reason = f" ({row['reason']})" if row["reason"] else ""
            click.echo(
                f"{row['id']}  {row['client_id']}  {row['key']}  {row['state']}{reason}"
                f"  {row['done']}{total} rows, {row['bytes']} bytes  {end_of(row['expires_at'])}"
            )

    with_database(data_dir, work)


@job.command()
@click.argument("which")
@data_option
def cancel(which: str, data_dir: Path | None) -> None:
    """Delete WHICH, the name of a job, with all it was given and made."""
    from hub.errors import NotFound
    from hub.jobs.store import delete

    async def work(database: Database) -> None:
        if not await delete(database, which):
            raise NotFound("There is no such job.")
        click.echo("Deleted.")

    with_database(data_dir, work)


@job.command()
@click.option("--client", "client_id", help="All jobs of this client, not only those that are over.")
@data_option
def purge(client_id: str | None, data_dir: Path | None) -> None:
    """Delete what is over, as `hub serve` does each minute; or all jobs of a client, at once."""
    from hub.jobs.store import purge as purged

    async def work(database: Database) -> None:
        click.echo(f"{await purged(database, client_id)} deleted.")

    with_database(data_dir, work)
