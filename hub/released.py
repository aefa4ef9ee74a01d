"""Released schemas: ``graphql_schema/released/<version>``, and their days in ``versions.json``."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

from graphql import GraphQLSchema, build_schema

import graphql_schema
from hub.errors import BadArgument, NotFound
from hub.governance.changelog import Entry, Schemas, entries
from hub.store.roles import ROLES

FOLDER: Final = Path(graphql_schema.__file__).parent / "released"
VERSIONS: Final = "versions.json"
WHOLE: Final = "whole"
AUDIENCES: Final = (*ROLES, WHOLE)
"""The roles, each with its default grant, and the schema they are parts of."""
Print = Callable[[str | None], str]
"""SDL of a role, or of the whole schema."""


@dataclass(frozen=True)
class Release:
    version: str
    date: dt.date
    folder: Path

    @cached_property
    def schemas(self) -> Schemas:
        return {
            audience: build_schema((self.folder / _file(audience)).read_text(encoding="utf-8"))
            for audience in AUDIENCES
        }


def _file(audience: str) -> str:
    return "schema.graphql" if audience == WHOLE else f"audience/{audience}.graphql"


def current(sdl: Print) -> dict[str, GraphQLSchema]:
    """What the code declares, read back from its SDL as a release is."""
    return {audience: build_schema(sdl(None if audience == WHOLE else audience)) for audience in AUDIENCES}


def releases(folder: Path | None = None) -> list[Release]:
    """In the order they were released; none where there is no folder."""
    folder = folder or FOLDER
    if not (folder / VERSIONS).exists():
        return []
    listed: Mapping[str, str] = json.loads((folder / VERSIONS).read_text(encoding="utf-8"))
    return [Release(v, dt.date.fromisoformat(day), folder / v) for v, day in listed.items()]


def last(folder: Path | None = None) -> Release:
    found = releases(folder)
    if not found:
        raise NotFound("No schema was released yet; run `hub schema release`.", zh="尚未发布任何模式版本")
    return found[-1]


def changelog(sdl: Print, folder: Path | None = None) -> list[Entry]:
    """Every change since the first release, the newest first, before them what is not released yet."""
    listed = releases(folder)
    if not listed:
        return []
    steps = [
        entries(_seen(old.schemas), _seen(new.schemas), new.version, new.date)
        for old, new in pairwise(listed)
    ]
    steps.append(entries(_seen(listed[-1].schemas), _seen(current(sdl)), None, None))
    return [entry for step in reversed(steps) for entry in step]


def _seen(schemas: Schemas) -> Schemas:
    """Without the whole one, which no client sees."""
    return {audience: schema for audience, schema in schemas.items() if audience != WHOLE}


def release(version: str, date: dt.date, sdl: Print, folder: Path | None = None) -> Release:
    """Keep the schema of now as ``version``; BadArgument where it does not follow the last one."""
    folder = folder or FOLDER
    listed = releases(folder)
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise BadArgument("Expected a version such as 1.2.0.", zh="版本号格式应如 1.2.0")
    if listed and (_order(version) <= _order(listed[-1].version) or date < listed[-1].date):
        raise BadArgument(
            f"Expected a version behind {listed[-1].version}, on {listed[-1].date} or later.",
            zh="版本号和日期应晚于上一版本",
        )
    made = Release(version, date, folder / version)
    for audience in AUDIENCES:
        path = made.folder / _file(audience)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sdl(None if audience == WHOLE else audience), encoding="utf-8")
    days = {release.version: release.date.isoformat() for release in (*listed, made)}
    (folder / VERSIONS).write_text(json.dumps(days, indent=2) + "\n", encoding="utf-8")
    return made


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
