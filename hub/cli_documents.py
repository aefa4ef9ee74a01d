"""``hub documents`` and ``hub client``: what a client has registered, and whether it may ask more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.command import actor, run, settings_of

if TYPE_CHECKING:
    from hub.store.database import Database

data_option = click.option("--data", "data_dir", type=click.Path(path_type=Path), help="Directory of a demo.")
NUMBER = click.IntRange(1, 2**63 - 1)
"""Of a row."""


def with_database(data_dir: Path | None, work: Callable[[Database], Awaitable[Any]]) -> None:
    from hub.store.database import Database

    async def working() -> None:
        database = await Database.open(settings_of(data_dir), actor())
        try:
            await work(database)
        finally:
            await database.close()

    run(working())


@click.group()
def documents() -> None:
    """Trusted documents of clients (docs/documents.md)."""


@documents.command()
@click.option("--client", "client_id", required=True, help="Client whose documents they are.")
@click.option(
    "--keep-days",
    type=click.IntRange(0, 90),
    default=0,
    show_default=True,
    help="Days a text that is replaced is still answered by its id.",
)
@data_option
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
def push(client_id: str, keep_days: int, data_dir: Path | None, paths: tuple[Path, ...]) -> None:
    """Register the documents in PATHS, all or none: .graphql files, folders of them, or manifests."""
    from hub.documents.files import read_files
    from hub.documents.registry import push as push_here

    offered = read_files(paths)

    async def work(database: Database) -> None:
        for done in await push_here(database, client_id, offered, keep_days):
            instead = f"  INSTEAD OF {done.before}" if done.before else ""
            click.echo(f"{done.kind:9}  {done.name}  {done.id}{instead}")

    with_database(data_dir, work)


@documents.command("list")
@click.option("--client", "client_id", help="Only this client's.")
@click.option("--history", "everything", is_flag=True, help="Also what was replaced or removed.")
@data_option
def list_(client_id: str | None, everything: bool, data_dir: Path | None) -> None:
    """Print the registry."""
    from hub.documents.registry import history

    async def work(database: Database) -> None:
        for row in await history(database, client_id, everything):
            end = f"  until {row['ended_at']:%Y-%m-%d %H:%M}" if row["ended_at"] else ""
            since = f"since {row['created_at']:%Y-%m-%d %H:%M}"
            click.echo(f"{row['client_id']}  {row['name']}  sha256:{row['sha256']}  {since}{end}")

    with_database(data_dir, work)


@documents.command()
@click.option("--client", "client_id", required=True, help="Client whose documents they are.")
@data_option
@click.argument("names", nargs=-1, required=True)
def remove(client_id: str, data_dir: Path | None, names: tuple[str, ...]) -> None:
    """Remove the documents NAMES, all or none; within two seconds nobody is answered by them."""
    from hub.documents.registry import remove as remove_here

    async def work(database: Database) -> None:
        await remove_here(database, client_id, names)
        click.echo("\n".join(f"removed    {name}" for name in names))

    with_database(data_dir, work)


@click.group()
def client() -> None:
    """Registered clients (docs/operations.md)."""


@client.command("set")
@click.argument("client_id")
@click.option(
    "--queries",
    type=click.Choice(["documents", "any"]),
    required=True,
    help="What it may ask: only its trusted documents, or any query.",
)
@data_option
def client_set(client_id: str, queries: str, data_dir: Path | None) -> None:
    """Change what a client may ask, within two seconds."""
    from hub.oauth.clients import limit_to_documents

    async def work(database: Database) -> None:
        await limit_to_documents(database, client_id, queries == "documents")
        click.echo(
            f"{client_id} may ask {'its trusted documents only' if queries == 'documents' else 'any query'}."
        )

    with_database(data_dir, work)
