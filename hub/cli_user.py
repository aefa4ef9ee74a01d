"""``hub user``: who may sign in during a pilot. Nobody signs up by a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_client import ROLES, credit_code_option
from hub.cli_documents import data_option, with_database
from hub.command import settings_of

if TYPE_CHECKING:
    from hub.oauth.users import User, Users
    from hub.store.database import Database


def users_of(database: Database, data_dir: Path | None) -> Users:
    from hub.oauth.users import Users
    from hub.store.keys import load_vault

    return Users(database, load_vault(settings_of(data_dir)))


def with_users(data_dir: Path | None, work: Callable[[Users], Awaitable[None]]) -> None:
    with_database(data_dir, lambda database: work(users_of(database, data_dir)))


def say_password(login: str, password: str) -> None:
    from hub.oauth.users import INITIAL_DAYS

    click.echo(f"Initial password of {login}: {password}")
    click.echo(
        f"It is shown this once, is good for {INITIAL_DAYS} days, and must be changed at the first sign-in.",
        err=True,
    )


@click.group()
def user() -> None:
    """Users who sign in at the hub (docs/users.md)."""


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="Name the user is shown.")
@click.option("--role", required=True, help=f"One of: {', '.join(ROLES)} (docs/access.md).")
@click.option("--division", help="12-digit code of the user's division.")
@credit_code_option
@click.option("--scope", help="Scopes in place of the role's usual ones, blanks between them.")
@data_option
def add(
    login: str,
    name: str,
    role: str,
    division: str | None,
    credit_code: str | None,
    scope: str | None,
    data_dir: Path | None,
) -> None:
    """Register LOGIN, and print the initial password once."""
    from hub.access.scopes import parse
    from hub.oauth.places import contractor_with

    async def work(database: Database) -> None:
        scopes = parse(scope) if scope else None
        password = await users_of(database, data_dir).add(
            login,
            name=name,
            role=role,
            division_code=division,
            organisation_id=await contractor_with(database, credit_code),
            scopes=scopes,
        )
        say_password(login, password)

    with_database(data_dir, work)


@user.command("list")
@data_option
def list_(data_dir: Path | None) -> None:
    """Print a line for each user."""
    from hub.oauth.places import contractors

    async def work(database: Database) -> None:
        users = await users_of(database, data_dir).all()
        called = await contractors(database, (found.organisation_id for found in users))
        for found in users:
            place = found.division_code or called.get(found.organisation_id, "-")
            click.echo(f"{found.login}  {found.role}  {place}  {found.status}  {_state(found)}")

    with_database(data_dir, work)


@user.command()
@click.argument("login")
@data_option
def show(login: str, data_dir: Path | None) -> None:
    """Print one user."""
    from hub.oauth.places import contractors
    from hub.oauth.providers import linked_of
    from hub.oauth.users import find_named

    async def work(database: Database) -> None:
        found = await find_named(database, login)
        called = await contractors(database, [found.organisation_id])
        linked = [f"{name} (made there)" if made else name for name, made in await linked_of(database, found)]
        for label, value in (
            ("login", found.login),
            ("number", found.id),
            ("name", found.display_name),
            ("role", found.role),
            ("division", found.division_code),
            ("contractor", called.get(found.organisation_id)),
            ("scopes", " ".join(found.scopes)),
            ("status", found.status),
            ("since", f"{found.created_at:%Y-%m-%d %H:%M}"),
            ("sign-in", _state(found)),
            ("providers", ", ".join(linked)),
        ):
            click.echo(f"{label:13} {'' if value is None else value}".rstrip())

    with_database(data_dir, work)


def _state(found: User) -> str:
    if not found.password_hash:
        return "at a provider"
    password = "initial password" if found.password_ends_at else "own password"
    return f"{password}, {'second step set up' if found.totp_confirmed_at else 'no second step yet'}"


@user.command()
@click.argument("login")
@data_option
def lock(login: str, data_dir: Path | None) -> None:
    """Suspend LOGIN and end its sessions and grants; tokens in its name stop within two seconds, for good."""

    async def work(users: Users) -> None:
        click.echo(f"{login} is locked; sessions ended: {await users.lock(login)}.")

    with_users(data_dir, work)


@user.command()
@click.argument("login")
@data_option
def unlock(login: str, data_dir: Path | None) -> None:
    """Let LOGIN sign in again, also if it has to wait for tries that failed; what ended stays ended."""

    async def work(users: Users) -> None:
        await users.unlock(login)
        click.echo(f"{login} may sign in.")

    with_users(data_dir, work)


@user.command("reset-password")
@click.argument("login")
@data_option
def reset_password(login: str, data_dir: Path | None) -> None:
    """Print a new initial password of LOGIN once, and end its sessions and grants."""

    async def work(users: Users) -> None:
        say_password(login, await users.reset_password(login))

    with_users(data_dir, work)


@user.command("reset-totp")
@click.argument("login")
@data_option
def reset_totp(login: str, data_dir: Path | None) -> None:
    """Let LOGIN set up the second step anew, without its recovery codes; end its sessions and grants."""

    async def work(users: Users) -> None:
        await users.reset_totp(login)
        click.echo(f"{login} sets up the second step at the next sign-in.")

    with_users(data_dir, work)


@user.command("end-sessions")
@click.argument("login")
@data_option
def end_sessions(login: str, data_dir: Path | None) -> None:
    """End all sessions of LOGIN."""

    async def work(users: Users) -> None:
        click.echo(f"Sessions ended: {await users.end_sessions(login)}.")

    with_users(data_dir, work)


@user.command()
@click.argument("login")
@click.option("--provider", required=True, help="Name of an OpenID provider (`hub provider list`).")
@click.option("--subject", required=True, help="What it calls the user: the sub of its ID tokens.")
@data_option
def link(login: str, provider: str, subject: str, data_dir: Path | None) -> None:
    """Let LOGIN sign in at a provider too, with the rights it has here."""
    from hub.oauth.providers import link as link_here
    from hub.oauth.users import find_named

    async def work(database: Database) -> None:
        await link_here(database, await find_named(database, login), provider, subject)
        click.echo(f"{login} may sign in at {provider}.")

    with_database(data_dir, work)


@user.command()
@click.argument("login")
@click.option("--provider", required=True, help="Name of an OpenID provider.")
@data_option
def unlink(login: str, provider: str, data_dir: Path | None) -> None:
    """Undo `link`; sessions and grants that came through the provider end."""
    from hub.oauth.providers import unlink as unlink_here
    from hub.oauth.users import find_named

    async def work(database: Database) -> None:
        await unlink_here(database, await find_named(database, login), provider)
        click.echo(f"{login} no longer signs in at {provider}.")

    with_database(data_dir, work)
