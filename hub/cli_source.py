"""``hub source`` and ``hub sync``: which upstream systems there are, what opens them, and their runs."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import data_option, with_database
from hub.command import settings_of
from hub.errors import BadArgument, NotFound, SourceError

if TYPE_CHECKING:
    from hub.store.database import Database

YEAR_HOURS = 365 * 24
COUNTY = (
    "select true from division where code = $1 and right(code, 6) = '000000' and right(code, 8) <> '00000000'"
)


@click.group()
def source() -> None:
    """Upstream systems."""


@source.command("add")
@click.argument("code")
@click.option("--name", required=True, help="Name people know it by.")
@click.option("--connector", required=True, help="Connector that reads it, such as roster.")
@click.option("--division", required=True, help="12-digit code of the county whose data it holds.")
@click.option("--location", required=True, help="Folder or address, without a password in it.")
@click.option(
    "--max-age-hours",
    type=click.IntRange(0, 10 * YEAR_HOURS),
    default=31 * 24,
    show_default=True,
    help="What it says is stale after that; 0 for no promise.",
)
@click.option(
    "--most-lost-percent",
    type=click.IntRange(0, 100),
    default=10,
    show_default=True,
    help="A run that would delete more of a list stops and asks.",
)
@click.option(
    "--every-minutes", type=click.IntRange(1, YEAR_HOURS * 60), help="Else HUB_SYNC_INTERVAL_SECONDS."
)
@click.option(
    "--window", metavar="HH:MM-HH:MM", help="Local time in which the system may be asked: 22:00-06:00."
)
@click.option(
    "--correction-days",
    type=click.IntRange(1, 365),
    help="Days its owner has to answer a request for correction; else HUB_CORRECTION_DAYS.",
)
@data_option
def add(
    code: str,
    name: str,
    connector: str,
    division: str,
    location: str,
    max_age_hours: int,
    most_lost_percent: int,
    every_minutes: int | None,
    window: str | None,
    correction_days: int | None,
    data_dir: Path | None,
) -> None:
    """Register a source, or change its registration."""
    from connectors import CONNECTORS
    from hub.sync.registry import register_source

    if connector not in CONNECTORS:
        raise click.BadParameter(f"there are: {', '.join(CONNECTORS)}", param_hint="--connector")

    async def work(database: Database) -> None:
        if not await database.owner.fetchval(COUNTY, division):
            raise BadArgument(f"There is no county {division}.", zh=f"没有区划 {division}")
        await register_source(
            database,
            code=code,
            name=name,
            connector=connector,
            division_code=division,
            location=location,
            max_age_hours=max_age_hours,
            most_lost_percent=most_lost_percent,
            every_minutes=every_minutes,
            window=None if window is None else _window(window),
            correction_days=correction_days,
        )

    with_database(data_dir, work)


def _window(text: str) -> tuple[dt.time, dt.time]:
    try:
        begin, end = map(dt.time.fromisoformat, text.split("-"))
    except ValueError:
        raise click.BadParameter("HH:MM-HH:MM is expected", param_hint="--window") from None
    if begin == end:
        raise click.BadParameter("it would never be asked", param_hint="--window")
    return begin, end


@source.command()
@click.argument("code")
@click.argument("name")
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Holds the secret."
)
@click.option("--remove", is_flag=True, help="Forget it.")
@data_option
def secret(code: str, name: str, file: Path | None, remove: bool, data_dir: Path | None) -> None:
    """Keep a secret that opens the source CODE, sealed: read from a file, standard input, or a prompt.

    The page of its connector says which NAME it needs.
    """
    from hub.store.keys import load_vault
    from hub.sync.registry import keep_secret

    value = None if remove else _read(file)

    async def work(database: Database) -> None:
        await keep_secret(database, load_vault(settings_of(data_dir)), code, name, value)
        click.echo(f"{name} of {code} is {'forgotten' if remove else 'kept'}.")

    with_database(data_dir, work)


def _read(file: Path | None) -> str:
    if file is not None:
        text = file.read_text(encoding="utf-8")
    elif sys.stdin.isatty():
        text = click.prompt("Secret", hide_input=True)
    else:
        text = sys.stdin.read()
    if not (text := text.strip("\r\n")):
        raise BadArgument("The secret is empty.", zh="密钥为空")
    return text


@source.command("list")
@data_option
def list_(data_dir: Path | None) -> None:
    """Print the sources: code, connector, last success, status, name."""
    from hub.tables.ledger import OWN

    async def work(database: Database) -> None:
        rows = await database.owner.fetch(
            "select code, connector, coalesce(to_char(last_success_at at time zone 'Asia/Shanghai',"
            " 'YYYY-MM-DD HH24:MI'), 'never') as at, coalesce(last_status, '-') as status, name"
            " from source where connector <> $1 order by code",
            OWN,
        )
        for row in rows:
            click.echo("  ".join(row.values()))
        if not rows:
            raise NotFound("No source is registered.", zh="尚未登记数据来源")

    with_database(data_dir, work)


@click.command()
@click.argument("code")
@click.option(
    "--accept-losses", is_flag=True, help="Though a list loses more than the source may lose at once."
)
@click.option(
    "--retry", is_flag=True, help="Read rows in quarantine again, too, of a source that sends only news."
)
@click.option(
    "--anew",
    is_flag=True,
    help="Ask for everything the source has, not only for what is new since the last run.",
)
@data_option
def sync(code: str, accept_losses: bool, retry: bool, anew: bool, data_dir: Path | None) -> None:
    """Run the connector of one source now."""
    from rich.console import Console

    from connectors import CONNECTORS
    from hub.domain.dates import china_now
    from hub.progress import Steps
    from hub.store.keys import load_vault
    from hub.sync.run import run_source

    async def work(database: Database) -> None:
        with Steps(Console(stderr=True)) as steps, steps.step(code) as progress:
            report = await run_source(
                database,
                load_vault(settings_of(data_dir)),
                CONNECTORS,
                code,
                today=china_now().date(),
                progress=progress,
                accept_losses=accept_losses,
                retry=retry,
                anew=anew,
            )
        click.echo(
            f"{report.status}: {report.read} rows read, {report.unchanged} unchanged,"
            f" {report.accepted} accepted, {report.quarantined} quarantined,"
            f" {report.withdrawn} withdrawn, {report.changed} records changed"
        )

    with_database(data_dir, work)


@click.command()
@click.argument("code")
@data_option
def enter(code: str, data_dir: Path | None) -> None:
    """Enter in the system of a source what is recorded for it, and fetch its answers.

    `hub worker` does so by itself, whenever something is due.
    """
    from connectors import CONNECTORS
    from hub.store.keys import load_vault
    from hub.sync.outgoing import enter_now

    async def work(database: Database) -> None:
        done = await enter_now(database, load_vault(settings_of(data_dir)), CONNECTORS, code)
        click.echo(
            f"{done.sent} handed over, {done.accepted} accepted, {done.refused} refused,"
            f" {done.waiting} without an answer yet"
        )
        if done.failed:
            raise SourceError(f"The system did not answer ({', '.join(done.failed)}).", zh="对方系统未应答")

    with_database(data_dir, work)
