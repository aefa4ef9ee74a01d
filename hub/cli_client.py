"""``hub client add|show|rotate|suspend|resume|expire|list``: the registry of who may ask."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from hub.cli_documents import data_option, with_database
from hub.command import settings_of
from hub.domain.dates import CHINA, china_now
from hub.errors import BadArgument

if TYPE_CHECKING:
    from hub.store.database import Database

ROLES: Final = ("bureau", "township", "contractor", "agency", "operator")
"""Those of ``hub.store.roles``, without loading it for every command; a test compares them."""

key_option = click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with its public key: PEM, a JWK, or a JWK Set.",
)
make_option = click.option(
    "--make-key",
    "private_file",
    type=click.Path(path_type=Path),
    help="Make a key pair, and write the private key into this new file (a JWK, for its owner only).",
)
credit_code_option = click.option(
    "--credit-code",
    help="Unified social credit code (统一社会信用代码) of the contractor it belongs to.",
)


class Day(click.DateTime):
    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "YYYY-MM-DD"


day = Day(["%Y-%m-%d"])


@click.command()
@click.argument("client_id")
@click.option("--name", required=True, help="Name people know it by.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What it is (docs/access.md).")
@click.option(
    "--division",
    help="12-digit code of its division: a bureau's is a county, a city or a province, "
    "a township's a township, an agency's the one whose people it may ask about.",
)
@credit_code_option
@click.option(
    "--scope", "scopes", multiple=True, help="Scopes in place of the role's usual ones; may be repeated."
)
@click.option("--expires", type=day, help="Day its registration ends, at 0:00 in China.")
@click.option("--grant-type", "grant_types", multiple=True, help="Besides client_credentials, or instead.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where users are sent back to.")
@click.option("--public", is_flag=True, help="It has no key: a program in its users' hands.")
@click.option("--fapi", is_flag=True, help="Hold it to the FAPI 2.0 Security Profile.")
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    help="Purpose it may state (hub purpose list), the first where it names none; may be repeated.",
)
@click.option(
    "--no-purpose", is_flag=True, help="Its requests need no purpose, as where no person's data is asked for."
)
@click.option("--replace", is_flag=True, help="Put this registration in place of an older one.")
@key_option
@make_option
@data_option
def add(
    client_id: str,
    credit_code: str | None,
    key_file: Path | None,
    private_file: Path | None,
    data_dir: Path | None,
    **given: Any,
) -> None:
    """Register CLIENT_ID, with a public key of its own or a new one."""
    from hub.client_shown import tell, tell_how
    from hub.oauth.clients import find_client, register_client
    from hub.oauth.flows import AUTH_METHOD, BASELINE, FAPI2, GRANT_TYPE, PUBLIC
    from hub.oauth.places import contractor_with, contractors
    from hub.oauth.purposes import grant_purpose, grantable

    if not (given["purposes"] or given["no_purpose"] or given["replace"]):
        raise BadArgument(
            "A client says what its requests are for: give --purpose (hub purpose list), or --no-purpose."
        )

    expires_at = begin_of(given["expires"])
    if expires_at and expires_at <= china_now():
        raise BadArgument("A registration does not end in the past: give a day to come.")

    async def work(database: Database) -> None:
        organisation = await contractor_with(database, credit_code)
        for code in given["purposes"]:
            await grantable(database, code, given["role"])
        with _keys(key_file, private_file, needed=not given["public"]) as jwks:
            client = await register_client(
                database,
                client_id,
                name=given["name"],
                role=given["role"],
                jwks=jwks,
                division_code=given["division"],
                organisation_id=organisation,
                scopes=given["scopes"] or None,
                expires_at=expires_at,
                grant_types=given["grant_types"] or (GRANT_TYPE,),
                redirect_uris=given["redirect_uris"],
                auth_method=PUBLIC if given["public"] else AUTH_METHOD,
                profile=FAPI2 if given["fapi"] else BASELINE,
                purpose_needed=not given["no_purpose"] if given["no_purpose"] or given["purposes"] else None,
                replace=given["replace"],
            )
        for code in given["purposes"]:
            await grant_purpose(database, code, client_id)
        called = await contractors(database, [organisation])
        tell(await find_client(database, client_id) or client, called.get(organisation))
        tell_how(settings_of(data_dir).base_url, private_file)

    with_database(data_dir, work)


@click.command()
@click.argument("client_id")
@data_option
def show(client_id: str, data_dir: Path | None) -> None:
    """Print the registration of CLIENT_ID."""
    from hub.client_shown import tell
    from hub.errors import NotFound
    from hub.oauth.clients import find_client
    from hub.oauth.places import contractors

    async def work(database: Database) -> None:
        client = await find_client(database, client_id)
        if client is None:
            raise NotFound("No client has this name.")
        called = await contractors(database, [client.organisation_id])
        tell(client, called.get(client.organisation_id))

    with_database(data_dir, work)


@click.command()
@click.argument("client_id")
@click.option(
    "--overlap-hours",
    type=click.FloatRange(0),
    default=24,
    show_default=True,
    help="Hours the keys there are stay good. Exactly 0, for a key that is lost: they end now, and so do all "
    "tokens that are out; with anything above 0 tokens live on.",
)
@key_option
@make_option
@data_option
def rotate(
    client_id: str,
    overlap_hours: float,
    key_file: Path | None,
    private_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Give CLIENT_ID a new key; the old one goes on for a while, and then ends by itself."""
    from hub.client_shown import tell_keys
    from hub.oauth.client_keys import rotate_keys

    async def work(database: Database) -> None:
        with _keys(key_file, private_file) as jwks:
            overlap = dt.timedelta(hours=overlap_hours)
            kept = await rotate_keys(database, client_id, jwks or {}, overlap)
        tell_keys(kept["keys"])

    with_database(data_dir, work)


@click.command()
@click.argument("client_id")
@data_option
def suspend(client_id: str, data_dir: Path | None) -> None:
    """Refuse CLIENT_ID; its tokens that are out end within two seconds, for good."""
    from hub.oauth.clients import suspend_client

    async def work(database: Database) -> None:
        await suspend_client(database, client_id)
        click.echo(f"{client_id} is suspended; within two seconds no token of it is taken.")

    with_database(data_dir, work)


@click.command()
@click.argument("client_id")
@data_option
def resume(client_id: str, data_dir: Path | None) -> None:
    """Undo a suspension: CLIENT_ID gets tokens again; what the suspension ended stays ended."""
    from hub.oauth.clients import resume_client

    async def work(database: Database) -> None:
        await resume_client(database, client_id)
        click.echo(f"{client_id} is active.")

    with_database(data_dir, work)


@click.command()
@click.argument("client_id")
@click.option("--on", "at", type=day, help="Day the registration ends, at 0:00 in China; without it never.")
@data_option
def expire(client_id: str, at: dt.datetime | None, data_dir: Path | None) -> None:
    """Change when the registration of CLIENT_ID ends, within two seconds."""
    from hub.oauth.clients import end_client

    async def work(database: Database) -> None:
        await end_client(database, client_id, begin_of(at))
        click.echo(
            f"The registration of {client_id} ends {f'on {at:%Y-%m-%d}' if at else 'by itself never'}."
        )

    with_database(data_dir, work)


@click.command("list")
@data_option
def list_(data_dir: Path | None) -> None:
    """Print a line for each client."""
    from hub.oauth.clients import list_clients
    from hub.oauth.places import contractors

    async def work(database: Database) -> None:
        clients = await list_clients(database)
        called = await contractors(database, (client.organisation_id for client in clients))
        for client in clients:
            place = client.division_code or called.get(client.organisation_id, "-")
            state = "EXPIRED" if client.status == "ACTIVE" and not client.is_active() else client.status
            click.echo(f"{client.client_id}  {client.role}  {place}  {state}  {client.name}")

    with_database(data_dir, work)


COMMANDS: Final = (add, show, rotate, suspend, resume, expire, list_)


def begin_of(at: dt.datetime | None) -> dt.datetime | None:
    return at and at.replace(tzinfo=CHINA)


@contextmanager
def _keys(
    key_file: Path | None, private_file: Path | None, *, needed: bool = True
) -> Iterator[dict[str, Any] | None]:
    """The public keys that were given or made. The new file is gone again where its key was not taken."""
    from hub.oauth.client_keys import new_key, read_keys

    if (key_file is None) == (private_file is None) and (needed or key_file):
        raise BadArgument("A client brings its public key (--key), or gets a new one (--make-key).")
    if key_file is not None:
        yield read_keys(key_file.read_bytes())
        return
    if private_file is None:
        yield None
        return
    key = new_key()
    _write(private_file, orjson.dumps(key.as_dict(private=True)) + b"\n")
    try:
        yield {"keys": [key.as_dict(private=False)]}
    except BaseException:
        private_file.unlink()
        raise


def _write(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise BadArgument(f"The private key cannot be written there: {error.strerror}.") from None
