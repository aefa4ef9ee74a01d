"""``hub purpose``: what data may be asked for, on which legal basis, and by which clients."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from hub.cli_client import ROLES, begin_of, day
from hub.cli_documents import data_option, with_database
from hub.command import end_of
from hub.domain.dates import CHINA
from hub.domain.vocabulary import LegalBasis
from hub.errors import BadArgument, NotFound

if TYPE_CHECKING:
    from hub.oauth.purposes import Registered
    from hub.store.database import Database

FIELD: Final = "field:"


@click.group()
def purpose() -> None:
    """What data may be asked for, on which legal basis, and by which clients (docs/security.md)."""


@purpose.command()
@click.argument("code")
@click.option("--zh", "label_zh", required=True, help="Chinese label.")
@click.option("--en", "label_en", required=True, help="English label.")
@click.option(
    "--basis",
    "legal_basis",
    required=True,
    type=click.Choice(list(LegalBasis.__members__)),
    help="What makes it lawful: items (1) to (7) of PIPL article 13, in this order.",
)
@click.option("--citation", help="Law and article; needed with STATUTORY_DUTY and OTHER_LAW.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    help=f"Whose clients may state it: {', '.join(ROLES)}; repeatable.",
)
@click.option(
    "--opens", multiple=True, help="Group of columns with ◐ in docs/access.md, as field:minor; repeatable."
)
@click.option("--from", "valid_from", type=day, help="Day it begins, at 0:00 in China; without it now.")
@click.option("--until", "valid_until", type=day, help="Day it ends, at 0:00 in China; without it never.")
@data_option
def add(code: str, data_dir: Path | None, **given: Any) -> None:
    """Register CODE. It can be ended, and never changed: another law is another purpose."""
    from hub.oauth.purposes import Registered, add_purpose

    if not all(group.startswith(FIELD) for group in given["opens"]):
        raise BadArgument("What a purpose opens is given as field:GROUP, such as field:minor.")
    made = Registered(
        code,
        given["label_zh"],
        given["label_en"],
        LegalBasis[given["legal_basis"]],
        given["citation"],
        given["roles"],
        tuple(group.removeprefix(FIELD) for group in given["opens"]),
        begin_of(given["valid_from"]),
        begin_of(given["valid_until"]),
    )

    async def work(database: Database) -> None:
        await add_purpose(database, made)
        click.echo(f"{code} is registered; `hub purpose grant {code} CLIENT` lets a client state it.")

    with_database(data_dir, work)


@purpose.command()
@click.argument("code")
@data_option
def show(code: str, data_dir: Path | None) -> None:
    """Print CODE, and which clients may state it."""
    from hub.oauth.purposes import NONE, find_purposes, holders_of

    async def work(database: Database) -> None:
        found = await find_purposes(database, code)
        if not found:
            raise NotFound(NONE)
        for line in lines(found[0]):
            click.echo(line)
        for client_id, until in await holders_of(database, code):
            click.echo(f"{'granted to:':14} {client_id}{_until(until)}")

    with_database(data_dir, work)


def lines(held: Registered) -> list[str]:
    basis = f"{held.legal_basis.name} {held.legal_basis.zh}" if held.legal_basis else None
    facts = {
        "purpose": held.code,
        "label": f"{held.label_zh} ({held.label_en})",
        "legal basis": basis or "not stated: end it and register another",
        "citation": held.citation,
        "for": " ".join(held.roles),
        "opens": " ".join(f"{FIELD}{group}" for group in held.opens),
        "from": held.valid_from and f"{held.valid_from.astimezone(CHINA):%Y-%m-%d %H:%M}",
    }
    if held.valid_until is not None:
        word, _, when = end_of(held.valid_until).partition(" ")
        facts[word] = when
    return [f"{name + ':':14} {value}" for name, value in facts.items() if value]


def _until(at: dt.datetime | None) -> str:
    return "" if at is None else f"  {end_of(at)}"


@purpose.command("list")
@data_option
def list_(data_dir: Path | None) -> None:
    """Print a line for each purpose."""
    from hub.oauth.purposes import find_purposes

    async def work(database: Database) -> None:
        registered = await find_purposes(database)
        if not registered:
            click.echo("None is registered yet: `hub purpose add`.", err=True)
        for held in registered:
            basis = held.legal_basis.name if held.legal_basis else "-"
            click.echo(
                f"{held.code}  {held.label_zh}  {basis}  {','.join(held.roles)}{_until(held.valid_until)}"
            )

    with_database(data_dir, work)


@purpose.command()
@click.argument("code")
@click.option("--on", "at", type=day, help="Day it ends, at 0:00 in China; without it now.")
@data_option
def end(code: str, at: dt.datetime | None, data_dir: Path | None) -> None:
    """End CODE for every client; requests that state it are refused from then on, within two seconds."""
    from hub.oauth.purposes import end_purpose

    async def work(database: Database) -> None:
        await end_purpose(database, code, begin_of(at))
        click.echo(f"{code} ends {f'on {at:%Y-%m-%d}' if at else 'now'}.")

    with_database(data_dir, work)


@purpose.command()
@click.argument("code")
@click.argument("client_id")
@click.option("--until", "until", type=day, help="Day the grant ends, at 0:00 in China; without it never.")
@click.option(
    "--default/--no-default",
    "usual",
    default=None,
    help="Whether requests that name none are for it; the first purpose of a client is so by itself.",
)
@data_option
def grant(
    code: str, client_id: str, until: dt.datetime | None, usual: bool | None, data_dir: Path | None
) -> None:
    """Let CLIENT_ID state CODE, within two seconds; or change until when it may."""
    from hub.oauth.purposes import grant_purpose

    async def work(database: Database) -> None:
        await grant_purpose(database, code, client_id, until=begin_of(until), usual=usual)
        click.echo(f"{client_id} may state {code}{f' until {until:%Y-%m-%d}, 0:00' if until else ''}.")

    with_database(data_dir, work)


@purpose.command()
@click.argument("code")
@click.argument("client_id")
@data_option
def withdraw(code: str, client_id: str, data_dir: Path | None) -> None:
    """Refuse CODE to CLIENT_ID from now on, within two seconds."""
    from hub.oauth.purposes import withdraw_purpose

    async def work(database: Database) -> None:
        await withdraw_purpose(database, code, client_id)
        click.echo(f"{client_id} may not state {code} any more.")

    with_database(data_dir, work)


@purpose.command()
@click.argument("client_id")
@click.option("--off", is_flag=True, help="Answer requests without a purpose again.")
@data_option
def require(client_id: str, off: bool, data_dir: Path | None) -> None:
    """Refuse requests of CLIENT_ID that have no purpose, within two seconds."""
    from hub.oauth.purposes import need_purpose

    async def work(database: Database) -> None:
        await need_purpose(database, client_id, not off)
        click.echo(f"{client_id} {'need not state' if off else 'states'} a purpose in every request.")

    with_database(data_dir, work)
