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

days_option = click.option(
    "--least-days",
    type=click.IntRange(0),
    help="No entry younger than that may have been deleted; else HUB_AUDIT_DAYS. "
    "Where that was raised, what it was before.",
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
        await _same_address(here, database)
        async with aclosing(exported(database, _issuer(here))) as lines:
            async for line in lines:
                output.write(line)

    with_database(data_dir, work)


@audit.command()
@data_option
@keys_option
@heads_option
@days_option
@click.argument("file", type=click.File("rb"), required=False)
def verify(
    data_dir: Path | None,
    keys: Path | None,
    heads: Path | None,
    least_days: int | None,
    file: BinaryIO | None,
) -> None:
    """Check the log in the database, or an exported FILE, which needs no network and no database."""
    from hub.audit.export import check_database, check_file

    here = settings_of(data_dir)
    check, kept = _check(here, keys, least_days), heads.read_text().split() if heads else []
    if file is not None:
        _say(check_file(file, check, kept))
        return

    async def work(database: Database) -> None:
        await _looked(here, database, "verify")
        _say(await check_database(database, check, kept))

    with_database(data_dir, work)


@audit.command()
@data_option
@click.option("--moved-from", metavar="URL", help="HUB_BASE_URL before the hub moved to another address.")
def head(data_dir: Path | None, moved_from: str | None) -> None:
    """Seal what is new and print the signed head of the chain, to be kept elsewhere."""
    from hub.sealing import sealer

    here = settings_of(data_dir)

    async def work(database: Database) -> None:
        if moved_from is not None:
            await sealer(here, database).move(moved_from.rstrip("/"))
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


async def _same_address(here: Settings, database: Database) -> None:
    """AnotherAddress: a file must name the address of its last head."""
    from hub.audit.chain import AnotherAddress
    from hub.audit.heads import issuer_of

    head = await database.owner.fetchval("select head from access_batch order by number desc limit 1")
    if head is not None and issuer_of(head) != _issuer(here):
        raise AnotherAddress.of(issuer_of(head), _issuer(here))


def _check(here: Settings, path: Path | None, least_days: int | None) -> Check:
    from hub.audit.chain import Check
    from hub.audit.heads import Opener, read_keys
    from hub.store.keys import load_signing_keys

    try:
        keys: Any = load_signing_keys(here) if path is None else read_keys(path.read_bytes())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--keys") from None
    return Check(_issuer(here), Opener(keys), here.audit_days if least_days is None else least_days)


def _say(check: Check) -> None:
    batches = check.last.number if check.last else 0
    gone = ""
    if check.pruned:
        gone = (
            f", the entries of {check.pruned} deleted by age, the newest sealed {check.pruned_age} days ago"
        )
    click.echo(f"{batches} batches{gone}; {check.entries} entries are as they were sealed.")
    if len(check.addresses) > 1:
        moves = ", ".join(f"{address} from batch {number}" for number, address in check.addresses.items())
        click.echo(f"Sealed for {moves}.")
