"""The ``hub`` command."""

from __future__ import annotations

from pathlib import Path

import click

from hub.cli_access import access
from hub.cli_admin import admin
from hub.cli_audit import audit
from hub.cli_budget import budget
from hub.cli_client import COMMANDS
from hub.cli_dci import dci
from hub.cli_divisions import divisions
from hub.cli_documents import client, documents
from hub.cli_drift import drift
from hub.cli_field_key import field_key
from hub.cli_job import job
from hub.cli_keys import keys
from hub.cli_package import package
from hub.cli_person_key import person_key
from hub.cli_precedence import precedence
from hub.cli_provider import provider
from hub.cli_purpose import purpose
from hub.cli_quarantine import quarantine
from hub.cli_receipt import receipt
from hub.cli_reconcile import reconcile
from hub.cli_replay import replay, state_hash
from hub.cli_sandbox import sandbox
from hub.cli_schema import schema
from hub.cli_source import enter, source, sync
from hub.cli_user import user
from hub.cli_watch import watch
from hub.cli_webhook import webhook
from hub.command import Commands, run, settings, settings_of


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="civil-affairs-hub")
def main() -> None:
    """A GraphQL data hub for China's civil-affairs service stations (民政服务站)."""


for each in (budget, dci, person_key, watch, webhook, *COMMANDS):
    client.add_command(each)
source.add_command(drift)
main.add_command(access)
main.add_command(admin)
main.add_command(audit)
main.add_command(client)
main.add_command(divisions)
main.add_command(documents)
main.add_command(enter)
main.add_command(field_key)
main.add_command(job)
main.add_command(keys)
main.add_command(package)
main.add_command(precedence)
main.add_command(receipt)
main.add_command(purpose)
main.add_command(provider)
main.add_command(quarantine)
main.add_command(sandbox)
main.add_command(reconcile)
main.add_command(replay)
main.add_command(schema)
main.add_command(source)
main.add_command(state_hash)
main.add_command(sync)
main.add_command(user)

demo_directory = click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path),
    default=Path("demo-data"),
    show_default=True,
    help="Directory of the demo.",
)


@main.command()
@demo_directory
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on."
)
@click.option(
    "--people",
    type=click.IntRange(100, 5_000_000),
    default=10_000,
    show_default=True,
    help="Beneficiaries of the world.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another world.")
def demo(data_dir: Path, port: int, people: int, seed: int) -> None:
    """Set up a synthetic world in DATA, sync it, and serve it."""
    from hub.demo import demo as start

    run(start(data_dir, port, people, seed))


@main.command()
@demo_directory
@click.option("--persona", required=True, help="Name of a persona of the demo.")
@click.option("--scope", help="Fewer scopes than the persona is granted.")
def token(data_dir: Path, persona: str, scope: str | None) -> None:
    """Print an access token of a persona from the running demo."""
    from hub.personas import fetch

    async def work() -> None:
        click.echo(await fetch(data_dir, persona, scope))

    run(work())


@main.command()
def serve() -> None:
    """Serve the API; settings come from the environment (docs/settings.md)."""
    from hub.serve import serve as serve_here
    from hub.serve import serve_many

    here = settings()
    if here.workers > 1:
        serve_many(here)
    else:
        run(serve_here(here))


@main.command()
def worker() -> None:
    """Sync every source again when it is due."""
    from hub.worker import run as work

    run(work(settings()))


@main.command()
def migrate() -> None:
    """Create or update tables, logins, policies and the division tree."""
    from hub.prepare import prepare
    from hub.store.database import Database

    async def work() -> None:
        database = await Database.open(settings())
        try:
            await prepare(database)
        finally:
            await database.close()
        click.echo("The database is ready.")

    run(work())


@main.command("recount")
@click.option("--data", "data_dir", type=click.Path(path_type=Path), help="Directory of a demo.")
def recount_(data_dir: Path | None) -> None:
    """Count anew what tallies tell, should `hub doctor` say that they are wrong."""
    from hub.store.database import Database
    from hub.sync.tallies import recount

    async def work() -> None:
        database = await Database.open(settings_of(data_dir))
        try:
            await recount(database)
        finally:
            await database.close()
        click.echo("The tallies are counted anew.")

    run(work())


@main.command()
def errors() -> None:
    """Print every error and its code."""
    from hub.printed import errors_page

    click.echo(errors_page(), nl=False)


@main.command("settings")
def settings_() -> None:
    """Print every setting."""
    from hub.printed import settings_page

    click.echo(settings_page(), nl=False)


@main.command()
@click.option("--data", "data_dir", type=click.Path(path_type=Path), help="Directory of a demo.")
def doctor(data_dir: Path | None) -> None:
    """Check that this machine and database can run the hub."""
    from hub.doctor import examine

    here = settings_of(data_dir)

    async def work() -> None:
        if not await examine(here, click.echo):
            raise SystemExit(1)

    run(work())
