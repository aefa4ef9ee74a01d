"""``hub receipt``: what was asked, answered and signed (docs/receipts.md)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import click
import orjson

from hub.cli_documents import data_option, with_database
from hub.command import settings_of
from hub.errors import BadArgument

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

    from hub.audit.receipt import Receipt
    from hub.store.database import Database

file = click.Path(path_type=Path, exists=True, dir_okay=False)
text_file = click.File("r", encoding="ascii", errors="replace")


@click.group()
def receipt() -> None:
    """Receipts of answers: check one, and show where it stands in the access log."""


@receipt.command()
@click.argument("text", metavar="FILE", type=text_file)
@click.option("--keys", required=True, type=file, help="JWK Set: a kept /receipts/keys.json.")
@click.option("--request", "request_file", required=True, type=file, help="Body of the request, to the byte.")
@click.option("--answer", "answer_file", required=True, type=file, help="Body of the answer, to the byte.")
@click.option("--method", default="POST", show_default=True, help="Of the request.")
@click.option("--target", default="/graphql", show_default=True, help="Path of the request, and its query.")
@click.option("--proof", "proof_file", type=file, help="What hub receipt prove wrote.")
@click.option("--head-keys", type=file, help="JWK Set of the proof's head: a kept /oauth/jwks.json.")
def verify(
    text: TextIO,
    keys: Path,
    request_file: Path,
    answer_file: Path,
    method: str,
    target: str,
    proof_file: Path | None,
    head_keys: Path | None,
) -> None:
    """Check the receipt in FILE against a request and an answer. Needs no hub and no network."""
    from hub.audit.receipt import asked, check, check_proof, read

    found, known = read(text.read()), _keys(keys)
    check(found, known, asked(method, target, request_file.read_bytes()), answer_file.read_bytes())
    for line in _told(found):
        click.echo(line)
    if proof_file is not None:
        heads = known if head_keys is None else _keys(head_keys)
        said = check_proof(found, _proof(proof_file), heads)
        click.echo(f"in batch {said['batch']} of the access log, sealed {said['sealedAt']}")


@receipt.command()
@click.argument("text", metavar="FILE", type=text_file)
@click.option("--output", type=click.File("wb"), help="Writes the proof there, for receipt verify --proof.")
@data_option
def prove(text: TextIO, output: BinaryIO | None, data_dir: Path | None) -> None:
    """Show where the receipt in FILE stands in the sealed access log."""
    from hub.audit.proving import prove as proved
    from hub.audit.receipt import read
    from hub.sealing import sealer

    found, settings = read(text.read()), settings_of(data_dir)

    async def work(database: Database) -> None:
        await sealer(settings, database).seal()
        given = await proved(database, found)
        if output is not None:
            output.write(orjson.dumps(given))
        for line in _told(found):
            click.echo(line)
        click.echo(f"entry {given['entry'][0]} in batch {given['batch'][0]}, sealed {given['batch'][5]}")

    with_database(data_dir, work)


def _proof(path: Path) -> Any:
    """None, which is no proof, where the file is not JSON."""
    try:
        return orjson.loads(path.read_bytes())
    except ValueError:
        return None


def _keys(path: Path) -> KeySet:
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        return KeySet.import_key_set(orjson.loads(path.read_bytes()))
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadArgument("The file of keys holds no JWK Set.", zh="密钥文件不是 JWK Set") from None


def _told(found: Receipt) -> list[str]:
    head = found.head
    purpose = f" for {head['purpose']}" if "purpose" in head else ""
    return [f"{head['iss']} answered {head['client']}{purpose} at {head['at']} with status {head['status']}"]
