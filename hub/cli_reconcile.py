"""``hub reconcile``: what the hub holds of a source's lists against what the source told, and has itself."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from hub.cli_client import day as calendar_day
from hub.cli_documents import data_option, with_database
from hub.command import settings_of
from hub.errors import BadArgument

if TYPE_CHECKING:
    from hub.store.database import Database
    from hub.sync.reconcile import Held, Reconciled

Place = tuple[str, str, str]
"""Kind of list, kind of record, division."""


@click.command()
@click.argument("code")
@click.option(
    "--day",
    type=calendar_day,
    help="Print what was counted on that day; without it, count now.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the source's keeper has: a csv with list_kind, entity, division_code, count, digest.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--key", "show_key", is_flag=True, help="Print the key for the source's keeper, and no more.")
@data_option
def reconcile(
    code: str,
    day: dt.datetime | None,
    against: Path | None,
    as_json: bool,
    show_key: bool,
    data_dir: Path | None,
) -> None:
    """Compare the hub with the source CODE: counts and digests by list and township (docs/reconciliation.md).

    With --against it names every difference, in which direction, and exits with 1 where there is one.
    """
    from connectors import CONNECTORS
    from hub.domain.dates import china_now
    from hub.store.administrators import note
    from hub.store.keys import load_vault
    from hub.sync import reconcile as engine
    from hub.sync.run import find_source

    theirs = None if against is None else read(against)

    async def work(database: Database) -> None:
        vault = load_vault(settings_of(data_dir))
        if show_key:
            await find_source(database, code)
            await note(database, "tell the reconciliation key of source", code)
            click.echo(engine.key_of(vault, code).hex())
            return
        if day is None:
            found = await engine.reconcile(database, vault, CONNECTORS, code, china_now().date())
        else:
            found = await engine.kept(database, code, day.date())
        differences = [*compared(found.held, theirs)] if theirs is not None else []
        if as_json:
            click.echo(orjson.dumps(_json(found, differences, theirs), option=orjson.OPT_INDENT_2))
        else:
            for line in (*_lines(found), *_said(differences, theirs)):
                click.echo(line)
        if differences:
            raise SystemExit(1)

    with_database(data_dir, work)


def read(path: Path) -> Mapping[Place, tuple[int, str]]:
    """Counts and digests as the source's keeper made them. BadArgument."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            return {
                (row["list_kind"], row["entity"], row["division_code"]): (
                    int(row["count"]),
                    (row["digest"] or "").strip().lower(),
                )
                for row in csv.DictReader(file)
            }
        except (KeyError, ValueError, TypeError):
            raise BadArgument(
                "A csv with the columns list_kind, entity, division_code, count and digest is expected.",
                zh="应为csv，列为list_kind、entity、division_code、count、digest",
            ) from None


def compared(held: Sequence[Held], theirs: Mapping[Place, tuple[int, str]]) -> Iterator[str]:
    """A sentence for each difference. Of the lists and kinds of record that the keeper names."""
    named = {place[:2] for place in theirs}
    ours = {
        (each.list_kind, each.entity, each.division_code): (each.keys, each.digest or "")
        for each in held
        if (each.list_kind, each.entity) in named
    }
    for place in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(place, (0, "")), theirs.get(place, (0, ""))
        where = " ".join(place)
        if here[0] > there[0]:
            yield f"{where}: the hub has {here[0] - there[0]} more ({here[0]} against {there[0]})"
        elif here[0] < there[0]:
            yield f"{where}: the source has {there[0] - here[0]} more ({there[0]} against {here[0]})"
        elif here[1] != there[1]:
            yield f"{where}: {here[0]} on both sides, but not the same ones"


def _said(differences: list[str], theirs: object) -> Iterator[str]:
    if theirs is not None:
        yield ""
        yield f"{len(differences)} differences:" if differences else "No difference."
    yield from (f"  {each}" for each in differences)


def _json(found: Reconciled, differences: list[str], theirs: object) -> dict[str, Any]:
    told = asdict(found)
    told["lists"] = [each._asdict() for each in found.lists]
    told["held"] = [each._asdict() for each in found.held]
    return told if theirs is None else {**told, "differences": differences}


def _lines(found: Reconciled) -> Iterator[str]:
    yield f"{found.source} on {found.day}"
    if found.lists:
        yield "What it told last, or of news on that day, in rows; withdrawn in records:"
        heads = ("list", "read", "unchanged", "accepted", "refused", "withdrawn", "in quarantine", "nowhere")
        yield from _table(heads, found.lists)
    if not found.held:
        yield "The hub holds nothing of it."
        return
    yield "What the hub holds, in records:"
    heads = ("list", "record", "division", "held", "not said", "about", "keys", "digest")
    short = (each._replace(digest=each.digest and each.digest[:16]) for each in found.held)
    yield from _table(heads, short)


def _table(heads: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    cells = [heads, *(["" if cell is None else str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
