"""``hub client person-key``: the key a client makes tokens of persons with."""

from __future__ import annotations

import datetime as dt
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from hub.cli_documents import data_option, with_database
from hub.command import settings_of

if TYPE_CHECKING:
    from hub.store.database import Database


@click.command("person-key")
@click.argument("client_id")
@click.option("--renew", is_flag=True, help="Make another; it is the client's from now on.")
@click.option(
    "--overlap-hours", default=24 * 30, show_default=True, help="How long the key before is taken as well."
)
@data_option
def person_key(client_id: str, renew: bool, overlap_hours: int, data_dir: Path | None) -> None:
    """Print the key that CLIENT_ID makes tokens of persons with, as JSON; where it has none, make one."""
    from hub.access.persons import person_key as key_of
    from hub.oauth.person_keys import person_key_number, renew_person_key
    from hub.store.keys import load_vault

    async def work(database: Database) -> None:
        number = await person_key_number(database, client_id)
        if renew or number == 0:
            number = await renew_person_key(database, client_id, dt.timedelta(hours=overlap_hours))
        key = urlsafe_b64encode(key_of(load_vault(settings_of(data_dir)), client_id, number)).rstrip(b"=")
        click.echo(orjson.dumps({"client": client_id, "number": number, "key": key.decode()}))

    with_database(data_dir, work)
