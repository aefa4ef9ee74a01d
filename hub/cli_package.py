"""``hub package``: copies of caseloads on devices, and taking them back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import data_option, with_database

if TYPE_CHECKING:
    from hub.store.database import Database


@click.group()
def package() -> None:
    """Packages: caseloads on devices without a network (docs/packages.md)."""


@package.command("list")
@click.option("--client", "client_id", help="Of this client only.")
@click.option("--last", default=50, show_default=True, help="How many, the newest first.")
@data_option
def list_(client_id: str | None, last: int, data_dir: Path | None) -> None:
    """Print which packages are out, and what became of them."""
    from hub.command import end_of
    from hub.offline.registry import listed

    async def work(database: Database) -> None:
        for row in await listed(database, client_id, last):
            state = next((word for word in ("deleted", "recalled") if row[f"{word}_at"]), "out")
            click.echo(
                f"{row['id']}  {row['client_id']}  {row['device']}  {row['people_count']} people"
                f"  {end_of(row['expires_at'])}  {state}"
            )

    with_database(data_dir, work)


@package.command()
@click.argument("which")
@click.option("--reason", required=True, help="Why; it stays in the registry.")
@click.option("--client", "of_client", is_flag=True, help="WHICH is a client: all its packages.")
@data_option
def recall(which: str, reason: str, of_client: bool, data_dir: Path | None) -> None:
    """Put WHICH, the name of a package, on the list of those that no device may open any more."""
    from hub.offline.registry import recall as recalled

    async def work(database: Database) -> None:
        count = await recalled(database, which, reason, of_client=of_client)
        click.echo(f"{count} recalled: devices learn of it when they next ask.")

    with_database(data_dir, work)
