"""``hub schema``: what clients see, how it differs from what was released, and releasing it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import data_option, with_database
from hub.domain.dates import china_now
from hub.store.roles import ROLES

if TYPE_CHECKING:
    from hub.governance.documents import Document
    from hub.store.database import Database


@click.group(invoke_without_command=True)
@click.option("--role", type=click.Choice(ROLES), help="The schema of a role's default grant.")
@click.option("--federation", is_flag=True, help="As a subgraph of Apollo Federation 2.")
@click.option("--write", is_flag=True, help="Write every printed page of the repository.")
@click.pass_context
def schema(context: click.Context, role: str | None, federation: bool, write: bool) -> None:
    """Print the GraphQL schema."""
    from hub import printed

    if context.invoked_subcommand is not None:
        return
    if write:
        click.echo("\n".join(printed.write_all()) or "nothing changed")
    else:
        click.echo(printed.subgraph_sdl(role) if federation else printed.sdl(role), nl=False)


day = click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    default=lambda: f"{china_now().date()}",
    help="Day, instead of today in China.",
)


@schema.command("check")
@click.option(
    "--documents",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of documents to check as well, as ROLE/CLIENT/NAME.graphql.",
)
@click.option("--registered", "asked", is_flag=True, help="Check the trusted documents of all clients.")
@click.option("--json", "as_data", is_flag=True, help="Print JSON.")
@data_option
@day
def schema_check(
    documents: Path | None, asked: bool, as_data: bool, data_dir: Path | None, on: dt.datetime
) -> None:
    """Compare the schema with the last release; exit with 1 where a promise is broken."""
    import orjson

    from hub import printed, released, schema_report
    from hub.schema_check import check, in_folder

    now = released.current(printed.sdl)
    given = [*(in_folder(documents, now) if documents else ()), *(_registered(data_dir) if asked else ())]
    report = check(released.last(), now, given, on.date())
    if as_data:
        click.echo(orjson.dumps(schema_report.as_json(report), option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo("\n".join(schema_report.sentences(report)))
    raise SystemExit(0 if report.passes else 1)


def _registered(data_dir: Path | None) -> list[Document]:
    from hub.documents.registry import registered as held
    from hub.schema_check import registered

    found: list[Document] = []

    async def work(database: Database) -> None:
        found.extend(registered(await held(database)))

    with_database(data_dir, work)
    return found


@schema.command("release")
@click.argument("version")
@day
def schema_release(version: str, on: dt.datetime) -> None:
    """Keep the schema as VERSION, which clients may rely on from now on; not if it breaks a promise."""
    from hub import printed, released, schema_report
    from hub.schema_check import check

    if released.releases():
        report = check(released.last(), released.current(printed.sdl), [], on.date())
        if not report.passes:
            click.echo("\n".join(schema_report.sentences(report)))
            raise SystemExit(1)
    made = released.release(version, on.date(), printed.sdl)
    printed.write_all()
    click.echo(f"Released {made.version} of {made.date}.")
