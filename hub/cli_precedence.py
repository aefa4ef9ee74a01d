"""``hub precedence``: whose value stands in a field, where that is not for the lists to say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import click

from hub.cli_client import day
from hub.cli_documents import NUMBER, data_option, with_database
from hub.domain.dates import china_now

if TYPE_CHECKING:
    from hub.store.database import Database
    from hub.sync.rules import Rule


@click.group()
def precedence() -> None:
    """Which source wins for a field, by county: before the precedence of lists (docs/connectors.md)."""


@precedence.command("set")
@click.argument("field")
@click.option("--division", required=True, help='Province, prefecture or county, as 450305; "" for all.')
@click.option("--source", help="Of this source.")
@click.option("--connector", help="Of sources of this connector.")
@click.option("--list", "list_kind", help="Of lists of this kind, such as dibao.")
@click.option("--rank", type=int, required=True, help="In place of the list's precedence: 1 wins over 2.")
@click.option("--reason", required=True, help="Why: the document it follows. Readers of the field see it.")
@click.option("--from", "starts_on", type=day, help="First day it counts; without it today.")
@data_option
def set_(field: str, data_dir: Path | None, starts_on: dt.datetime | None, **given: Any) -> None:
    """Give what is named a RANK for FIELD, such as beneficiary.phone, and choose its values anew."""
    from connectors import CONNECTORS
    from hub.sync.rules import add_rule

    _known("--connector", given["connector"], CONNECTORS)
    _known("--list", given["list_kind"], {kind for each in CONNECTORS.values() for kind in each.lists})
    today = china_now().date()
    begins = starts_on.date() if starts_on else today

    async def work(database: Database) -> None:
        number = await add_rule(database, field, starts_on=begins, **given)
        click.echo(f"Rule {number}: {await _enforced(database)}" if begins <= today else f"Rule {number}.")

    with_database(data_dir, work)


@precedence.command()
@click.argument("number", type=NUMBER)
@click.option("--on", "ends_on", type=day, help="Day from which it counts no more; without it today.")
@data_option
def remove(number: int, ends_on: dt.datetime | None, data_dir: Path | None) -> None:
    """End rule NUMBER; what it chose is chosen anew."""
    from hub.sync.rules import end_rule

    today = china_now().date()
    ends = ends_on.date() if ends_on else today

    async def work(database: Database) -> None:
        await end_rule(database, number, ends)
        click.echo(
            f"Rule {number} has ended: {await _enforced(database)}"
            if ends <= today
            else f"Rule {number} ends on {ends}."
        )

    with_database(data_dir, work)


@precedence.command("list")
@click.option("--ended", is_flag=True, help="Those that have ended, too.")
@data_option
def list_(ended: bool, data_dir: Path | None) -> None:
    """Print a line for each rule."""
    from hub.sync.rules import all_rules

    async def work(database: Database) -> None:
        found = await all_rules(database, ended=ended)
        for rule in found:
            click.echo(line(rule))
        if not found:
            click.echo("There is none: the precedence of lists decides.", err=True)

    with_database(data_dir, work)


def line(rule: Rule) -> str:
    about = {"source": rule.source, "connector": rule.connector, "list": rule.list_kind}
    days = f"from {rule.starts_on}" + (f" to {rule.ends_on}" if rule.ends_on else "")
    whom = " ".join(f"{name} {value}" for name, value in about.items() if value)
    place = rule.division_prefix or "everywhere"
    state = "" if rule.is_in_force else "  (not in force)"
    field = f"{rule.table_name}.{rule.column_name}"
    return f"{rule.id}  {field}  {place}  {whom}  rank {rule.rank}  {days}{state}  {rule.reason}"


def _known(option: str, given: str | None, there_are: Collection[str]) -> None:
    if given is not None and given not in there_are:
        raise click.BadParameter(f"there are: {', '.join(sorted(there_are))}", param_hint=option)


async def _enforced(database: Database) -> str:
    from hub.sync.rules import enforce

    try:
        changed = await enforce(database, china_now().date())
    except asyncpg.InsufficientPrivilegeError:  # an administrator's login, which may read no person
        return "hub worker puts it in force within a minute."
    return f"in force, {changed or 0} records have another value."
