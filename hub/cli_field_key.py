"""``hub field-key list|add|activate|rotate|retire``: the keys that seal fields and find people."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli_documents import data_option, with_database
from hub.command import settings_of

if TYPE_CHECKING:
    from hub.store.ciphers import HashName
    from hub.store.database import Database


@click.group("field-key")
def field_key() -> None:
    """Keys that seal identity numbers and other fields (docs/operations.md)."""


@field_key.command("list")
@data_option
def list_(data_dir: Path | None) -> None:
    """Print a line for each key: its hash, its state, and how many values it seals."""
    from hub.store.field_keys import ACTIVE, RETIRING
    from hub.store.keys import load_vault, read_field_keys
    from hub.store.rotation import counted

    here = settings_of(data_dir)

    async def work(database: Database) -> None:
        vault, found = load_vault(here), await counted(database)
        states = {each["id"]: each["state"] for each in read_field_keys(here)}
        for number, key in enumerate(vault.keys):
            plain = ACTIVE if key is vault.active else RETIRING
            said = f"{states.get(key.id, plain)}{'' if number else ', first key'}"
            click.echo(f"{key.id}  {key.hash}  {said}  {found.of(key.id, first=not number)} values")
        click.echo(
            f"{found.behind(vault.form)} values to be sealed anew by `hub field-key rotate`.", err=True
        )

    with_database(data_dir, work)


@field_key.command()
@click.option(
    "--hash",
    "hash_",
    type=click.Choice(["sha256", "sm3"]),
    default="sha256",
    show_default=True,
    help="Hash that people are found by under this key.",
)
@data_option
def add(hash_: HashName, data_dir: Path | None) -> None:
    """Make a key. Processes that share its file open with it from now on; it seals once it is activated."""
    from hub.store.activation import add as add_here
    from hub.store.administrators import note

    here = settings_of(data_dir)

    async def work(database: Database) -> None:
        made = await add_here(database, here, hash_, time.time)
        await note(database, "field-key add", made)
        click.echo(made)

    with_database(data_dir, work)


@field_key.command()
@click.argument("key_id")
@data_option
def activate(key_id: str, data_dir: Path | None) -> None:
    """Seal with KEY_ID from now on, when no run is merging. What is stored stays as it is."""
    from hub.store.activation import activate as activate_here

    here = settings_of(data_dir)

    async def work(database: Database) -> None:
        await activate_here(database, here, key_id, time.time)
        click.echo(f"{key_id} seals from now on.")

    with_database(data_dir, work)


@field_key.command()
@click.option(
    "--batch", type=click.IntRange(1, 10_000), default=500, show_default=True, help="Rows of a transaction."
)
@click.option(
    "--pause",
    type=click.IntRange(0, 60_000),
    default=20,
    show_default=True,
    help="Milliseconds between two of them.",
)
@data_option
def rotate(batch: int, pause: int, data_dir: Path | None) -> None:
    """Seal all stored values anew with the active key and HUB_FIELD_CIPHER. May be stopped, and run again."""
    from rich.console import Console

    from hub.progress import Steps
    from hub.store.administrators import note
    from hub.store.keys import load_vault
    from hub.store.rotation import convert, counted, keyed_tables

    here = settings_of(data_dir)

    async def work(database: Database) -> None:
        vault = load_vault(here)
        total, done = (await counted(database)).behind(vault.form), 0
        with Steps(Console(stderr=True)) as steps, steps.step("sealing anew") as progress:
            for keyed in keyed_tables():
                async for values in convert(database, vault, keyed, batch):
                    done += values
                    progress(keyed.table.name, done, max(total, done))
                    await asyncio.sleep(pause / 1000)
        await note(database, "field-key rotate", vault.active.id)
        left = await counted(database)
        click.echo(f"{done} values sealed anew; {left.behind(vault.form)} left.")
        if left.alone:
            click.echo(f"{left.alone} hashes have no value beside them and stay as they are.", err=True)

    with_database(data_dir, work)


@field_key.command()
@click.argument("key_id")
@data_option
def retire(key_id: str, data_dir: Path | None) -> None:
    """Forget KEY_ID for good, when no row needs it any more."""
    from hub.store.activation import retire as retire_here
    from hub.store.administrators import note

    here = settings_of(data_dir)

    async def work(database: Database) -> None:
        await retire_here(database, here, key_id, time.time)
        await note(database, "field-key retire", key_id)
        click.echo(f"{key_id} is forgotten.")

    with_database(data_dir, work)
