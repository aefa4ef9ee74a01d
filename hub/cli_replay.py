"""``hub replay`` and ``hub state-hash``: what has landed of a source merged again, and what that led to."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import NUMBER, data_option, with_database
from hub.command import settings_of

if TYPE_CHECKING:
    from hub.store.database import Database

MINUTE = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])


@click.command()
@click.argument("code")
@click.option("--from", "since", type=MINUTE, help="What landed from then on, in China's time.")
@click.option("--until", type=MINUTE, help="What landed before then.")
@click.option("--run", "run_id", type=NUMBER, help="What landed with this run.")
@data_option
def replay(
    code: str,
    since: dt.datetime | None,
    until: dt.datetime | None,
    run_id: int | None,
    data_dir: Path | None,
) -> None:
    """Merge again what source CODE has delivered, without asking it: after its mapping was corrected.

    Rows that the source has replaced or taken back since stay as they are. Where the hub holds nothing of the
    source, its runs are done again one after another.
    """
    from rich.console import Console

    from connectors import CONNECTORS
    from hub.domain.dates import china_now
    from hub.progress import Steps
    from hub.store.administrators import note
    from hub.store.keys import load_vault
    from hub.sync import replay as again

    window = again.Window(_in_china(since), _in_china(until), run_id)

    async def work(database: Database) -> None:
        with Steps(Console(stderr=True)) as steps, steps.step(code) as progress:
            vault, today = load_vault(settings_of(data_dir)), china_now().date()
            done = await again.replay(
                database, vault, CONNECTORS, code, window, today=today, progress=progress
            )
        await note(database, "replay", code)
        report = done.report
        click.echo(
            f"{done.runs} runs{' one by one' if done.from_nothing else ''}: {report.read} rows read,"
            f" {report.unchanged} unchanged, {report.accepted} accepted, {report.quarantined} quarantined,"
            f" {report.changed} records changed"
        )
        if done.missing:
            click.echo(f"{done.missing} rows are kept no longer, or were never, and stay as they are.")
        same = done.before == done.after
        click.echo(f"state {done.after}{', as before' if same else f'; before {done.before}'}")

    with_database(data_dir, work)


@click.command("state-hash")
@click.argument("code")
@data_option
def state_hash(code: str, data_dir: Path | None) -> None:
    """Print one hash of all that the hub holds of source CODE, whatever runs brought it there."""
    from hub.sync.run import find_source
    from hub.sync.state import state_hash as hash_of

    async def work(database: Database) -> None:
        source = await find_source(database, code)
        async with database.transaction() as connection:
            click.echo(await hash_of(connection, source.id))

    with_database(data_dir, work)


def _in_china(at: dt.datetime | None) -> dt.datetime | None:
    from hub.domain.dates import CHINA, FIRST_YEAR

    if at is not None and at.year < FIRST_YEAR:
        raise click.BadParameter(f"a day from {FIRST_YEAR} on is expected", param_hint="--from, --until")
    return None if at is None else at.replace(tzinfo=CHINA)
