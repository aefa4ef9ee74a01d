"""``hub client webhook``: where a client is told of changes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from hub.cli_documents import data_option, with_database
from hub.command import settings_of
from hub.domain.dates import CHINA
from hub.errors import BadArgument

if TYPE_CHECKING:
    from hub.store.database import Database

client_argument = click.argument("client_id")
name_argument = click.argument("name")


@click.group()
def webhook() -> None:
    """Tell a client of changes at an address of its own (docs/webhooks.md)."""


@webhook.command()
@client_argument
@name_argument
@click.option("--url", required=True, help="Address that messages are posted to.")
@click.option(
    "--document",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the subscription it is told by, as GraphQL.",
)
@click.option("--variables", default="{}", help="Its variables, as JSON.")
@click.option("--purpose", help="Purpose of it; without it the client's usual one.")
@click.option("--full", is_flag=True, help="Send records, and not only which of them have changed.")
@click.option("--skip", is_flag=True, help="Go on behind a message that was given up, instead of stopping.")
@click.option("--max-events", type=int, default=100, show_default=True, help="Events in one message at most.")
@data_option
def add(client_id: str, name: str, data_dir: Path | None, **given: Any) -> None:
    """Register the webhook NAME of CLIENT_ID, and print the secret that its messages are signed with."""
    from graphql_schema.schema import audience
    from hub.delivery.endpoints import Wanted
    from hub.delivery.endpoints import add as register
    from hub.delivery.posting import Networks
    from hub.store.keys import load_vault

    settings = settings_of(data_dir)
    text, variables = _text(given["document"]), _variables(given["variables"])
    wanted = Wanted(
        client_id, name, given["url"], text, variables, given["purpose"],
        given["full"], given["skip"], given["max_events"],
    )  # fmt: skip

    async def work(database: Database) -> None:
        networks = Networks(settings.webhook_networks)
        secret = await register(database, load_vault(settings), networks, audience, wanted)
        click.echo(f"{client_id} is told of what changes from now on. The secret is shown this once:")
        click.echo(secret)

    with_database(data_dir, work)


@webhook.command("list")
@click.argument("client_id", required=False)
@data_option
def list_(client_id: str | None, data_dir: Path | None) -> None:
    """Print a line for each webhook."""
    from hub.delivery.endpoints import listed

    async def work(database: Database) -> None:
        for row in await listed(database, client_id):
            state = "STOPPED" if row["stopped_at"] else "FAILING" if row["failure_count"] else "ACTIVE"
            why = f" ({row['reason']})" if row["reason"] else ""
            kind = "full" if row["is_full"] else "thin"
            told = f"{row['delivered_count']} events, {row['letters']} messages given up"
            told_at = f"told up to {row['told_at'].astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
            line = f"{row['client_id']}  {row['name']}  {state}{why}  {told}  {told_at}  {kind}  {row['url']}"
            click.echo(line)

    with_database(data_dir, work)


@webhook.command()
@client_argument
@name_argument
@click.option(
    "--overlap-hours",
    type=click.FloatRange(0),
    default=24,
    show_default=True,
    help="Hours messages are signed with both; 0 for a secret that is lost.",
)
@data_option
def rotate(client_id: str, name: str, overlap_hours: float, data_dir: Path | None) -> None:
    """Print a new secret; messages bear the signature of the old one too for a while."""
    from hub.delivery.endpoints import rotate as renew
    from hub.store.keys import load_vault

    async def work(database: Database) -> None:
        vault = load_vault(settings_of(data_dir))
        click.echo(await renew(database, vault, client_id, name, overlap_hours))

    with_database(data_dir, work)


@webhook.command()
@client_argument
@name_argument
@data_option
def pause(client_id: str, name: str, data_dir: Path | None) -> None:
    """Send nothing until it is resumed."""
    from hub.delivery import endpoints

    async def work(database: Database) -> None:
        await endpoints.pause(database, client_id, name)
        click.echo(f"{client_id} is told nothing at {name} until it is resumed.")

    with_database(data_dir, work)


@webhook.command()
@client_argument
@name_argument
@data_option
def resume(client_id: str, name: str, data_dir: Path | None) -> None:
    """Go on where it was paused, or where it stopped since a message was not taken."""
    from hub.delivery import endpoints

    async def work(database: Database) -> None:
        await endpoints.resume(database, client_id, name)
        click.echo(f"{client_id} is told at {name} again, from where it stopped.")

    with_database(data_dir, work)


@webhook.command()
@client_argument
@name_argument
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="Time in China from which on all is sent again; without it from the first message given up.",
)
@data_option
def replay(client_id: str, name: str, since: dt.datetime | None, data_dir: Path | None) -> None:
    """Send again what changed, as it is now."""
    from hub.delivery import endpoints

    async def work(database: Database) -> None:
        if since is None:
            await endpoints.retry(database, client_id, name)
        else:
            days = settings_of(data_dir).change_days
            await endpoints.replay(database, client_id, name, since.replace(tzinfo=CHINA), days)
        click.echo(f"{client_id} is told at {name} again.")

    with_database(data_dir, work)


@webhook.command()
@client_argument
@name_argument
@data_option
def remove(client_id: str, name: str, data_dir: Path | None) -> None:
    """End it, with all that is kept of it."""
    from hub.delivery import endpoints

    async def work(database: Database) -> None:
        await endpoints.remove(database, client_id, name)
        click.echo(f"{client_id} is told nothing more at {name}.")

    with_database(data_dir, work)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        raise BadArgument("The document cannot be read.") from None


def _variables(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise BadArgument("The variables are a JSON object.")
    return found
