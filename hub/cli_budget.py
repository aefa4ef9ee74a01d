"""``hub client budget``: what a client may spend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import data_option, with_database

if TYPE_CHECKING:
    from hub.store.database import Database


@click.command()
@click.argument("client_id")
@click.option("--per-request", type=int, help="Units one request may cost; without it HUB_COST_PER_REQUEST.")
@click.option("--per-minute", type=int, help="Units in a minute; without it HUB_COST_PER_MINUTE.")
@click.option(
    "--requests-per-minute", type=int, help="Requests in a minute; without it HUB_REQUESTS_PER_MINUTE."
)
@click.option(
    "--questions-per-minute", type=int, help="Persons in a minute; without it HUB_QUESTIONS_PER_MINUTE."
)
@click.option("--questions-per-day", type=int, help="Persons in a day; without it HUB_QUESTIONS_PER_DAY.")
@click.option(
    "--purpose-questions",
    multiple=True,
    metavar="NAME=MINUTE/DAY",
    help="A purpose it is granted, and the persons it may ask about for it, counted apart; may be repeated.",
)
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    metavar="NAME=UNITS",
    help="A purpose it is granted, and the units of its own minute; may be repeated.",
)
@data_option
def budget(
    client_id: str,
    per_request: int | None,
    per_minute: int | None,
    requests_per_minute: int | None,
    questions_per_minute: int | None,
    questions_per_day: int | None,
    purpose_questions: tuple[str, ...],
    purposes: tuple[str, ...],
    data_dir: Path | None,
) -> None:
    """Set what CLIENT_ID may spend, in place of what was set before (docs/limits.md)."""
    from hub.access.limits import Allowance, questions_of, units_of
    from hub.oauth.purposes import allow_client

    own = Allowance(per_request, per_minute, requests_per_minute, questions_per_minute, questions_per_day)
    apart = questions_of(purpose_questions)

    async def work(database: Database) -> None:
        await allow_client(database, client_id, own, units_of(purposes), apart)
        click.echo(f"{client_id} may spend this from now on.")

    with_database(data_dir, work)
