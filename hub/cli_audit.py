"""``hub audit``: the chained access log, for whoever has to answer for it (docs/audit.md)."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from hub.cli_documents import data_option, with_database
from hub.command import settings_of
from hub.errors import BadArgument

if TYPE_CHECKING:
    from hub.audit.chain import Check
    from hub.settings import Settings
    from hub.store.database import Database

keys_option = click.option(
    "--keys",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JWK Set that heads are checked with, such as a kept /oauth/jwks.json; else the hub's own keys.",
)
heads_option = click.option(
    "--head",
    "heads",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with heads that were kept, one on a line: the log must contain what they sign.",
)


@click.group()
def audit() -> None:
    """The access log: who was shown which records, and proof that it was not changed."""


@audit.command()
@data_option
@click.argument("output", type=click.File("wb"))
def export(data_dir: Path | None, output: BinaryIO) -> None:
    """Seal what is new, and write the whole log to OUTPUT (- for standard output)."""
    from hub.audit.export import exported

    here = settings_of(data_dir)

    async def work(database: Database) -> None:
        await _looked(here, database, "export")
        async with aclosing(exported(database, _issuer(here))) as lines:
            async for line in lines:
                output.write(line)

    with_database(data_dir, work)


@audit.command()
@data_option
@keys_option
@heads_option
@click.argument("file", type=click.File("rb"), required=False)
def verify(data_dir: Path | None, keys: Path | None, heads: Path | None, file: BinaryIO | None) -> None:
    """Check the log in the database, or an exported FILE, which needs no network and no database."""
    from hub.audit.export import check_database, check_file

    here = settings_of(data_dir)
    check, kept = _check(here, keys), heads.read_text().split() if heads else []
    if file is not None:
        _say(check_file(file, check, kept))
        return

    async def work(database: Database) -> None:
        await _looked(here, database, "verify")
        _say(await check_database(database, check, kept))

    with_database(data_dir, work)


@audit.command()
@data_option
def head(data_dir: Path | None) -> None:
    """Seal what is new and print the signed head of the chain, to be kept elsewhere."""
    here = settings_of(data_dir)

    async def work(database: Database) -> None:
        await _looked(here, database, "head")
        found = await database.owner.fetchval("select head from access_batch order by number desc limit 1")
        if found is None:
            raise BadArgument("The access log is empty.", zh="访问记录为空")
        click.echo(found)

    with_database(data_dir, work)


@audit.command()
@click.option("--client", "client_id", help="Only this client's.")
@click.option(
    "--last", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many, the newest."
)
@data_option
def show(client_id: str | None, last: int, data_dir: Path | None) -> None:
    """Print entries: when, who, why, which records and fields."""
    from hub.audit.entries import newest, told

    async def work(database: Database) -> None:
        await _looked(settings_of(data_dir), database, "show")
        for row in reversed(await newest(database, client_id, last)):
            click.echo("\n".join(told(row)))

    with_database(data_dir, work)


@audit.command()
@data_option
def prune(data_dir: Path | None) -> None:
    """Delete whole sealed batches older than HUB_AUDIT_DAYS; their hashes and heads stay."""
    from hub.audit.prune import prune as prune_here

    here = settings_of(data_dir)

    async def work(database: Database) -> None:
        click.echo(f"{await prune_here(database, here.audit_days)} entries deleted.")

    with_database(data_dir, work)


def _issuer(here: Settings) -> str:
    from hub.oauth.metadata import Issuer

    return Issuer.of(here.base_url).url


async def _looked(here: Settings, database: Database, command: str) -> None:
    """An administrator's look is in the log, which the hub seals within seconds; the owner seals it now."""
    from hub.sealing import sealer
    from hub.store.administrators import note

    if not database.is_owner:
        await note(database, f"audit {command}")
    elif command in ("export", "head"):
        await sealer(here, database).seal()


def _check(here: Settings, path: Path | None) -> Check:
    from hub.audit.chain import Check
    from hub.audit.heads import Opener, read_keys
    from hub.store.keys import load_signing_keys

    try:
        keys: Any = load_signing_keys(here) if path is None else read_keys(path.read_bytes())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--keys") from None
    return Check(_issuer(here), Opener(keys))


def _say(check: Check) -> None:
    batches = check.last.number if check.last else 0
    gone = f", the entries of {check.pruned} deleted by age" if check.pruned else ""
    click.echo(f"{batches} batches{gone}; {check.entries} entries are as they were sealed.")
