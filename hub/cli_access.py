"""``hub access``: who sees which rows and columns, and what a client would see, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from hub.cli_documents import data_option, with_database
from hub.command import settings_of

if TYPE_CHECKING:
    from hub.store.database import Database


@click.group(invoke_without_command=True)
@click.pass_context
def access(context: click.Context) -> None:
    """Print who sees which rows and columns."""
    if context.invoked_subcommand is None:
        from hub.printed import access_page

        click.echo(access_page(), nl=False)


@access.command()
@click.option("--client", "client_id", required=True, help="Client that would ask.")
@click.option("--user", "login", help="User it would ask for.")
@click.option("--type", "type_", help="Kind of record, such as Beneficiary; without it, a line for each.")
@click.option("--id", "id_", help="Global id of one record.")
@click.option("--field", help="One field of it.")
@click.option("--purpose", help="Purpose of the request.")
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day, also one to come, at its noon; today, as without it, means now.",
)
@click.option("--scopes", default="", help="Scopes of the token, also such as are not granted yet.")
@click.option("--json", "as_json", is_flag=True, help="Print what the interface answers.")
@data_option
def explain(
    client_id: str,
    login: str | None,
    type_: str | None,
    id_: str | None,
    field: str | None,
    purpose: str | None,
    day: dt.datetime | None,
    scopes: str,
    as_json: bool,
    data_dir: Path | None,
) -> None:
    """Say what a client would see, and why, without a token of it: reasons only, no record's data.

    That this was asked about a record is in the access log, under the name of this command.
    """
    from hub import access_shown
    from hub.store.keys import load_vault
    from hub.supposed import suppose, told

    if field is not None and type_ is None and id_ is None:
        raise click.UsageError("--field needs --type or --id.")
    on = None if day is None else day.date()

    async def work(database: Database) -> None:
        supposed = await suppose(database, client_id, login, scopes.split(), on, purpose)
        vault, asked = load_vault(settings_of(data_dir)), _asked(type_, id_, field)
        found = _together([await told(database, vault, supposed, *each) for each in asked])
        if as_json:
            click.echo(orjson.dumps(supposed.facts() | found, option=orjson.OPT_INDENT_2))
            return
        for line in (*access_shown.facts(supposed.facts()), "", *_lines(found, type_, field)):
            click.echo(line)

    with_database(data_dir, work)


def _asked(type_: str | None, id_: str | None, field: str | None) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """Documents and their variables; of all kinds one each, for a document may select so many fields."""
    from graphql_schema.access import bound
    from graphql_schema.why import fields_of
    from hub.access_shown import RECORD, of_type
    from hub.errors import BadArgument
    from hub.read.bind import TYPES

    if id_ is not None:
        return [(RECORD, {"id": id_, "field": field})]
    if type_ is None:
        return [(of_type(name), {}) for name in TYPES]
    if field is not None and field not in fields_of(bound(type_)):
        raise BadArgument(f"Expected a field of {type_}.")
    return [(of_type(bound(type_).name), {})]


def _together(answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if "viewer" not in answers[0]:
        return answers[0]
    return {"viewer": {name: said for answer in answers for name, said in answer["viewer"].items()}}


def _lines(found: Mapping[str, Any], type_: str | None, field: str | None) -> Iterator[str]:
    from hub import access_shown

    if "explainAccess" in found:
        yield from access_shown.record(found["explainAccess"])
    elif type_ is None:
        yield from access_shown.brief(found["viewer"].values())
    else:
        yield from access_shown.whole(found["viewer"][type_], field)
