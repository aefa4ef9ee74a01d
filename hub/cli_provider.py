"""``hub provider``: OpenID providers whose users sign in at the hub."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.cli_documents import data_option, with_database
from hub.command import settings_of
from hub.errors import BadArgument

if TYPE_CHECKING:
    from hub.oauth.provider_rules import Provider
    from hub.store.database import Database


@click.group()
def provider() -> None:
    """OpenID providers whose users sign in at the hub (docs/users.md)."""


@provider.command()
@click.argument("name")
@click.option("--issuer", required=True, help="Its issuer, exactly as its discovery document has it.")
@click.option("--client-id", "registered_as", required=True, help="What it calls the hub.")
@click.option("--title-zh", required=True, help="Its name on the login page, in Chinese.")
@click.option("--title-en", required=True, help="Its name on the login page, in English.")
@click.option("--division", required=True, help="12-digit code of the division all its users are inside of.")
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with a secret shared with it. Without, the hub signs with its own key (private_key_jwt).",
)
@click.option("--secret-in-body", is_flag=True, help="Send the secret as client_secret_post.")
@click.option(
    "--algorithm", "algorithms", multiple=True, help="Signatures taken, instead of the hub's own list."
)
@click.option("--host", "hosts", multiple=True, help="Host besides the issuer's where its endpoints are.")
@click.option("--ask", default="openid", show_default=True, help="Scopes asked of it.")
@click.option("--acr", "acr_values", multiple=True, help="Way of signing in there that is enough.")
@click.option("--name-claim", help="Claim that has the name shown to the user.")
@click.option("--role-claim", help="Claim that names the role.")
@click.option("--role", "roles", multiple=True, help="VALUE=ROLE: what a value of that claim means.")
@click.option("--division-claim", help="Claim that names the division.")
@click.option("--place", "places", multiple=True, help="VALUE=CODE: what a value of that claim means.")
@click.option("--scope", help="Scopes of users who are made at the first sign-in, at most. None without.")
@click.option("--replace", is_flag=True, help="Put this in place of the registration there is.")
@data_option
def add(
    secret_file: Path | None, secret_in_body: bool, replace: bool, data_dir: Path | None, **given: Any
) -> None:
    """Register NAME, which lets in who is linked, and whom the tables of values describe."""
    from hub.access.scopes import parse
    from hub.oauth.provider_rules import ALGORITHMS, BASIC, POST, PRIVATE_KEY, Provider
    from hub.oauth.providers import register_provider
    from hub.store.keys import load_vault

    secret = secret_file and secret_file.read_text(encoding="utf-8").strip()
    method = (POST if secret_in_body else BASIC) if secret else PRIVATE_KEY
    registration = Provider(
        **{name: given[name] for name in ("name", "issuer", "registered_as", "title_zh", "title_en")},
        **{
            name: given[name]
            for name in ("name_claim", "role_claim", "division_claim", "hosts", "acr_values")
        },
        division_code=given["division"],
        auth_method=method,
        secret=load_vault(settings_of(data_dir)).seal(secret) if secret else None,
        algorithms=given["algorithms"] or ALGORITHMS,
        asked_scopes=tuple(given["ask"].split()),
        role_values=_table(given["roles"]),
        division_values=_table(given["places"]),
        scopes=parse(given["scope"] or ""),
    )

    async def work(database: Database) -> None:
        await register_provider(database, registration, replace=replace)
        _tell(registration)
        _tell_how(data_dir, registration)

    with_database(data_dir, work)


def _table(pairs: Iterable[str]) -> dict[str, str]:
    """The last ``=`` parts a value from its meaning, which has none."""
    split = [pair.rpartition("=") for pair in pairs]
    table = {value: meaning for value, _, meaning in split}
    if len(table) < len(split) or not all(value and meaning for value, _, meaning in split):
        raise BadArgument("A table is given as VALUE=MEANING, each value once.")
    return table


def _tell_how(data_dir: Path | None, registration: Provider) -> None:
    from hub.oauth.metadata import JWKS_PATH, Issuer
    from hub.oauth.provider_sign_in import back_of

    issuer = Issuer.of(settings_of(data_dir).base_url)
    click.echo("\nRegister the hub there with:", err=True)
    click.echo(f"redirect_uri  {back_of(issuer, registration.name)}", err=True)
    click.echo(f"jwks_uri      {issuer.url}{JWKS_PATH}", err=True)
    click.echo(f"method        {registration.auth_method}", err=True)


def _tell(found: Provider) -> None:
    from hub.access.scopes import compact

    values = {"role": found.role_values, "division": found.division_values}
    claims = {"role": found.role_claim, "division": found.division_claim}
    lines = [
        ("provider", found.name),
        ("titles", f"{found.title_zh} / {found.title_en}"),
        ("issuer", found.issuer),
        ("client_id", found.registered_as),
        ("method", found.auth_method),
        ("algorithms", " ".join(found.algorithms)),
        ("hosts", " ".join(found.hosts)),
        ("asks", " ".join(found.asked_scopes)),
        ("acr", " ".join(found.acr_values)),
        ("division", found.division_code),
        ("name claim", found.name_claim or ""),
        *(
            (f"{kind} claim", f"{claims[kind]}: {value} = {meaning}")
            for kind, table in values.items()
            for value, meaning in table.items()
        ),
        ("scopes", compact(found.scopes) or "none: only linked users sign in"),
        ("status", found.status),
    ]
    for label, value in lines:
        click.echo(f"{label:15} {value}".rstrip())


@provider.command()
@click.argument("name")
@data_option
def show(name: str, data_dir: Path | None) -> None:
    """Print the registration of NAME."""
    from hub.oauth.providers import named_provider

    async def work(database: Database) -> None:
        _tell(await named_provider(database, name))

    with_database(data_dir, work)


@provider.command("list")
@data_option
def list_(data_dir: Path | None) -> None:
    """Print a line for each provider."""
    from hub.oauth.providers import list_providers

    async def work(database: Database) -> None:
        for found in await list_providers(database):
            click.echo(f"{found.name}  {found.division_code}  {found.status}  {found.issuer}")

    with_database(data_dir, work)


@provider.command()
@click.argument("name")
@data_option
def suspend(name: str, data_dir: Path | None) -> None:
    """Let nobody sign in at NAME, and end what came through it, within two seconds and for good."""
    from hub.oauth.providers import suspend_provider

    async def work(database: Database) -> None:
        sessions, grants = await suspend_provider(database, name)
        click.echo(f"{name} is suspended; sessions ended: {sessions}, grants: {grants}.")

    with_database(data_dir, work)


@provider.command()
@click.argument("name")
@data_option
def resume(name: str, data_dir: Path | None) -> None:
    """Let users sign in at NAME again; what has ended stays ended."""
    from hub.oauth.providers import resume_provider

    async def work(database: Database) -> None:
        await resume_provider(database, name)
        click.echo(f"{name} is active.")

    with_database(data_dir, work)


@provider.command()
@click.argument("name")
@click.confirmation_option(prompt="Users made at its sign-ins are locked, links forgotten. Go on?")
@data_option
def remove(name: str, data_dir: Path | None) -> None:
    """Forget NAME and who its users are there."""
    from hub.oauth.providers import remove_provider

    async def work(database: Database) -> None:
        await remove_provider(database, name)
        click.echo(f"{name} is removed.")

    with_database(data_dir, work)
