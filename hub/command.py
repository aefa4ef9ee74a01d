"""What every command of ``hub`` needs: settings, an event loop, and errors that end with a sentence."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import os
import pwd
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

import click
import structlog
from pydantic import ValidationError

from hub import log
from hub.domain.dates import CHINA, china_now
from hub.errors import ConfigurationError, HubError
from hub.settings import Settings

OTHER_DUTY: Final = "The login in HUB_DATABASE_URL has no right to this; it is another's duty. [OTHER_DUTY]"

NO_HUB: Final = (
    "This database has not what the command needs: hub migrate makes or renews it;"
    " --data names the directory of a demo. [NOT_MIGRATED]"
)
TOLD: Final = {"42501": OTHER_DUTY, "42P01": NO_HUB, "42703": NO_HUB}
"""What PostgreSQL refuses, by code: to an administrator of another duty, or for want of a table or column."""


def _told(error: Exception) -> str | None:
    return TOLD.get(str(getattr(getattr(error, "orig", error), "sqlstate", None)))


class Commands(click.Group):
    """An error ends a command with a sentence, or a log line; a stack trace could show a person's data."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            log.configure(settings())
            return super().invoke(ctx)
        except HubError as error:
            raise click.ClickException(f"{error.message} [{error.code}]") from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if told := _told(error):
                raise click.ClickException(told) from None
            structlog.get_logger("hub.cli").exception("command_failed")
            raise SystemExit(1) from None


def end_of(at: dt.datetime) -> str:
    """In China, to the minute."""
    return f"{'until' if at > china_now() else 'ended'} {at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def settings(**given: Any) -> Settings:
    """From the environment; ConfigurationError names the variables that are wrong, never their values."""
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = [f"HUB_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise ConfigurationError("; ".join(wrong)) from None


def runner() -> asyncio.Runner:
    """What a process of the hub runs on: uvloop where there is one."""
    gc.freeze()  # What is imported stays: looking through it for garbage takes a tenth of a second each time.
    # A request makes thousands of objects, which end with it: to look at 700 at a time costs a twentieth.
    gc.set_threshold(20_000, 20, 50)
    factory = None
    if sys.platform != "win32":
        import uvloop

        factory = uvloop.new_event_loop
    return asyncio.Runner(loop_factory=factory)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end or to Ctrl-C."""
    try:
        with runner() as loop:
            loop.run(work)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def actor() -> str:
    """Who gives a command: the account of the machine it runs in, and the one that became it by sudo."""
    name = pwd.getpwuid(os.getuid()).pw_name
    before = os.environ.get("SUDO_USER")
    return f"{before} as {name}" if before else name


def settings_of(data_dir: Path | None) -> Settings:
    """Those of the demo in ``data_dir``, else the environment's."""
    if data_dir is None:
        return settings()
    from hub.personas import read_demo

    return settings(data_dir=data_dir, base_url=read_demo(data_dir)["base_url"])
