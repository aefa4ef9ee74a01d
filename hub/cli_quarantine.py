"""``hub quarantine``: what is refused now, why, and where to look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import NUMBER, data_option, with_database
from hub.command import settings_of

if TYPE_CHECKING:
    from hub.store.database import Database
    from hub.sync.refused import RefusedRow


@click.group()
def quarantine() -> None:
    """Rows that sources sent and the hub refused (docs/operations.md)."""


@quarantine.command("list")
@click.argument("code", required=False)
@data_option
def list_(code: str | None, data_dir: Path | None) -> None:
    """Print what is refused now of all sources or of CODE: how many, since when, why, and the first place.

    No cell is shown. A row is resolved when its source sends it corrected; once the hub reads it otherwise,
    hub replay reads it again.
    """
    from hub.domain.dates import CHINA
    from hub.sync.quarantine import refused_now
    from hub.sync.run import find_source

    async def work(database: Database) -> None:
        if code is not None:
            await find_source(database, code)
        found = await refused_now(database, code)
        for each in found:
            click.echo(
                f"{each.source}  {each.list_kind}  {each.rows} since {each.since.astimezone(CHINA):%Y-%m-%d}"
                f"  {each.reason}  first: {each.place}  (hub quarantine show {each.first})"
            )
        if not found:
            click.echo("Nothing is refused.")

    with_database(data_dir, work)


@quarantine.command()
@click.argument("number", type=NUMBER)
@click.option(
    "--open",
    "opened_for",
    metavar="REASON",
    help="Show the cells as they came, for this reason, which the access log keeps.",
)
@data_option
def show(number: int, opened_for: str | None, data_dir: Path | None) -> None:
    """Print one refused row: why, what was expected, and its cells by their shape.

    Of each character the kind is shown: 9 a digit, A or a a letter, 文 a character; marks and blanks stay.
    Whose row it is, file and row tell its keeper. A look is in the access log (hub audit show).
    """
    from hub.store.keys import load_vault
    from hub.sync.refused import refused_row

    if opened_for is not None and not opened_for.strip():
        raise click.BadParameter("a reason is expected", param_hint="--open")

    async def work(database: Database) -> None:
        vault = load_vault(settings_of(data_dir))
        for line in _lines(await refused_row(database, vault, number, opened_for=opened_for)):
            click.echo(line)

    with_database(data_dir, work)


def _lines(row: RefusedRow) -> Iterator[str]:
    from hub.domain.dates import CHINA

    place = " / ".join(each for each in (row.file, row.sheet) if each)
    yield f"{row.source}  {row.list_kind}  {place} : {row.row_number}"
    state = (
        "still refused"
        if row.resolved_at is None
        else f"resolved {row.resolved_at.astimezone(CHINA):%Y-%m-%d}"
    )
    yield f"refused since {row.quarantined_at.astimezone(CHINA):%Y-%m-%d} (run {row.run_id}), {state}"
    yield ", ".join(row.reason_codes)
    yield from (f"  {reason}" for reason in row.reasons)
    yield "cells, by shape:" if row.masked else "cells:"
    yield from (f"  {header}: {cell}" for header, cell in row.cells.items())
    if not row.cells:
        yield "  none: the file or the sheet is refused as a whole"
    if row.resolved_at is None:
        again = f"hub sync {row.source} --retry" if row.sends_news else f"hub sync {row.source}"
        yield "to mend it: its source corrects it and sends it again"
        yield f"read again by: {again}, once the hub reads or knows what it did not"
