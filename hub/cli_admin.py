"""``hub admin roles|add|list|remove``: who administers the hub, in one of three duties."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import data_option, with_database

if TYPE_CHECKING:
    from hub.store.database import Database

DUTIES = ("system", "security", "audit")


@click.group()
def admin() -> None:
    """Administrators: system, security and audit, apart (docs/operations.md)."""


@admin.command()
@click.option("--create", is_flag=True, help="Run it, as the database's owner; else it is printed.")
@data_option
def roles(create: bool, data_dir: Path | None) -> None:
    """Print, or make, the groups of the three duties in PostgreSQL, with what their commands need."""
    from hub.store.administrators import ensure, statements

    async def work(database: Database) -> None:
        if create:
            await ensure(database)
            click.echo("The three groups are ready.")
        else:
            click.echo(";\n".join(statements(database)) + ";")

    with_database(data_dir, work)


@admin.command()
@click.argument("login")
@click.option("--duty", required=True, type=click.Choice(DUTIES), help="One of the three.")
@click.option("--person", required=True, help="Who it is, such as a staff number: nobody has two duties.")
@data_option
def add(login: str, duty: str, person: str, data_dir: Path | None) -> None:
    """Make LOGIN an administrator with a login of PostgreSQL, and print its password once."""
    from hub.store.administrators import add as add_here

    async def work(database: Database) -> None:
        made = await add_here(database, login, person, duty.upper())
        click.echo(f"{made.db_login} {made.password}")
        if made.again:
            click.echo("The login was made anew, with a new password.", err=True)
        click.echo("It is shown this once; it goes into the administrator's own HUB_DATABASE_URL.", err=True)

    with_database(data_dir, work)


@admin.command("list")
@data_option
def list_(data_dir: Path | None) -> None:
    """Print all administrators."""
    from hub.store.administrators import everybody

    async def work(database: Database) -> None:
        for each in await everybody(database):
            click.echo(f"{each.login}  {each.duty}  {each.person}  {each.db_login}")

    with_database(data_dir, work)


@admin.command()
@click.argument("login")
@data_option
def remove(login: str, data_dir: Path | None) -> None:
    """Take LOGIN its duty and its login of PostgreSQL, at once."""
    from hub.store.administrators import remove as remove_here

    async def work(database: Database) -> None:
        await remove_here(database, login)
        click.echo(f"{login} is no administrator any more.")

    with_database(data_dir, work)
