"""``hub keys list|add|activate|retire``: the keys that sign access tokens."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hub.cli_documents import data_option
from hub.command import settings_of
from hub.domain.dates import CHINA

Jwks = list[dict[str, Any]]

now_option = click.option(
    "--now", "at_once", is_flag=True, help="Without the wait, for a key that is in wrong hands."
)


@click.group()
def keys() -> None:
    """Keys that sign access tokens (docs/operations.md); servers notice a change within a second."""


@keys.command("list")
@data_option
def list_(data_dir: Path | None) -> None:
    """Print a line for each key: since when it is what, and when it may go on."""
    from hub.oauth.key_states import ACTIVE, goes_on_at, told
    from hub.store.keys import read_signing_keys

    for key in told(read_signing_keys(settings_of(data_dir))):
        end = goes_on_at(key)
        then = "" if key["state"] == ACTIVE or end is None else f"  may go on {_moment(end)}"
        click.echo(f"{key['kid']}  {key['state']}  since {_moment(key['since'])}{then}")


@keys.command()
@data_option
def add(data_dir: Path | None) -> None:
    """Make a key. It is published from now on, and signs once it is activated."""
    from hub.oauth.key_states import add as add_to

    made = _change(data_dir, lambda stored: add_to(stored, time.time()))
    click.echo(made[-1]["kid"])


@keys.command()
@click.argument("kid")
@now_option
@data_option
def activate(kid: str, at_once: bool, data_dir: Path | None) -> None:
    """Sign with KID from now on; the key that did retires. Of a pending key, when everybody can know it."""
    from hub.oauth.key_states import activate as activate_in

    _change(data_dir, lambda stored: activate_in(stored, kid, time.time(), at_once=at_once))
    click.echo(f"{kid} signs from now on.")


@keys.command()
@click.argument("kid")
@now_option
@data_option
def retire(kid: str, at_once: bool, data_dir: Path | None) -> None:
    """Remove KID, when no token it signed can be good any more; --now ends such tokens within two seconds."""
    from hub.oauth.key_states import remove

    _change(data_dir, lambda stored: remove(stored, kid, time.time(), at_once=at_once))
    click.echo(f"{kid} is removed.")


def _change(data_dir: Path | None, change: Callable[[Jwks], Jwks]) -> Jwks:
    from hub.store.keys import change_signing_keys

    return change_signing_keys(settings_of(data_dir), change)


def _moment(seconds: float) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, CHINA):%Y-%m-%d %H:%M:%S}" if seconds else "-"
