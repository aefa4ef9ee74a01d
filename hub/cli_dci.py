"""``hub client dci``: who asks by messages of SPDCI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import data_option, with_database
from hub.command import settings_of

if TYPE_CHECKING:
    from hub.store.database import Database


@click.command()
@click.argument("client_id")
@click.option("--callback", help="How the addresses begin that it is answered at; without it, at once only.")
@click.option(
    "--callback-token",
    "token_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the bearer token that its callbacks expect.",
)
@click.option("--signed", is_flag=True, help="Refuse its messages that are not signed with its key.")
@click.option("--remove", is_flag=True, help="End it, with what is still to be answered or told.")
@data_option
def dci(
    client_id: str,
    callback: str | None,
    token_file: Path | None,
    signed: bool,
    remove: bool,
    data_dir: Path | None,
) -> None:
    """Let CLIENT_ID ask by messages of SPDCI, in place of what was said before (docs/dci.md)."""
    from hub.dci.parties import add_party, remove_party
    from hub.store.keys import load_vault

    token = None if token_file is None else token_file.read_text().strip()

    async def work(database: Database) -> None:
        if remove:
            await remove_party(database, client_id)
            click.echo(f"{client_id} asks by SPDCI no more.")
            return
        vault = load_vault(settings_of(data_dir))
        await add_party(database, vault, client_id, callback, token, is_signed=signed)
        click.echo(f"{client_id} may ask at /dci from now on.")

    with_database(data_dir, work)
