"""``hub client watch``: how clients ask about persons, and whether one that was stopped may go on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hub.cli_documents import data_option, with_database
from hub.errors import BadArgument, NotFound

if TYPE_CHECKING:
    from hub.store.database import Database

DAYS: Final = """
    select q.*, c.questions_barred_at is not null as barred
    from question_day q join oauth_client c using (client_id)
    where q.day > current_date - $1::int and ($2::text is null or client_id = $2)
    order by q.day desc, q.questions desc, q.client_id, q.purpose"""
BARRED: Final = "select client_id from oauth_client where questions_barred_at is not null order by client_id"
ALLOW: Final = """
    update oauth_client set questions_barred_at = null
    where client_id = $1 and questions_barred_at is not null returning client_id"""
HEAD: Final = "day         client                purpose           persons   nobody  alike  repeated"


@click.command()
@click.argument("client_id", required=False)
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 3650), help="How far back.")
@click.option("--allow", is_flag=True, help="Let CLIENT_ID, which was stopped, ask about persons again.")
@data_option
def watch(client_id: str | None, days: int, allow: bool, data_dir: Path | None) -> None:
    """Print how many persons clients asked about, day by day, and which are stopped (docs/security.md)."""
    if allow and client_id is None:
        raise BadArgument("Name the client that may ask again.")

    async def work(database: Database) -> None:
        if allow:
            if not await database.fetch(ALLOW, client_id):
                raise NotFound("No client of this name is stopped.")
            click.echo(f"{client_id} may ask about persons again.")
            return
        click.echo(HEAD)
        for row in await database.fetch(DAYS, days, client_id):
            counts = (
                f"{row['questions']:>9} {row['unknown']:>8} {row['most_alike']:>6} {row['most_repeated']:>9}"
            )
            click.echo(f"{row['day']}  {row['client_id']:20}  {row['purpose'] or '-':16} {counts}")
        for row in await database.fetch(BARRED):
            click.echo(
                f"stopped: {row['client_id']}; `hub client watch {row['client_id']} --allow` lets it go on"
            )

    with_database(data_dir, work)
