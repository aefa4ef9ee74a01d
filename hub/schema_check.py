"""``hub schema check``: the schema of now against the last release, its promises and registered documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from graphql_schema.schema import audience
from hub.access.viewer import Capability
from hub.errors import NotFound
from hub.governance.changelog import Schemas
from hub.governance.changes import Change, Severity, changes_between
from hub.governance.documents import Break, Document, Reliance, breaks, reliances
from hub.governance.promises import Broken, broken
from hub.released import WHOLE, Release
from hub.store.roles import ROLES


@dataclass(frozen=True, slots=True)
class Finding:
    """A change, the audiences that see it, and whom it breaks or may surprise."""

    change: Change
    audiences: tuple[str, ...]
    promise: str | None
    breaks: tuple[Break, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """``promises``: broken without a change. ``refused``: documents that fit no more without one."""

    version: str
    released_on: dt.date
    findings: tuple[Finding, ...]
    promises: tuple[Broken, ...]
    refused: tuple[Break, ...]
    reliances: tuple[Reliance, ...]
    documents: int

    @property
    def passes(self) -> bool:
        """A change whose sunset has come passes, whoever still relied on it."""
        return not (self.promises or self.refused or any(finding.promise for finding in self.findings))


def check(release: Release, now: Schemas, documents: Iterable[Document], today: dt.date) -> Report:
    """``now``: by audience, as ``release.schemas``."""
    changes = {name: changes_between(release.schemas[name], now[name]) for name in now}
    kept = {
        name: broken(release.schemas[name], now[name], changes[name], released_on=release.date, today=today)
        for name in now
    }
    promises = dict.fromkeys(found for name in now for found in kept[name])
    given = list(documents)
    met = [b for d in given for b in breaks(d, release.schemas[d.audience], changes[d.audience])]
    findings = tuple(_findings(changes, promises, met))
    explained = {f.change.coordinate for f in findings}
    return Report(
        version=release.version,
        released_on=release.date,
        findings=findings,
        promises=tuple(p for p in promises if p.coordinate not in explained),
        refused=tuple(b for b in met if b.coordinate is None),
        reliances=tuple(r for d in given for r in reliances(d)),
        documents=len(given),
    )


def _findings(
    changes: dict[str, list[Change]], promises: Iterable[Broken], met: list[Break]
) -> Iterator[Finding]:
    seen: dict[Change, list[str]] = {}
    for name, found in changes.items():
        for change in found:
            seen.setdefault(change, []).append(name)
    order = list(Severity)
    why = {promise.coordinate: promise.why for promise in promises}
    for change in sorted(seen, key=lambda c: (order.index(c.severity), c.coordinate, c.what)):
        roles = tuple(name for name in seen[change] if name != WHOLE) or (WHOLE,)
        hit = tuple(b for b in met if (b.coordinate, b.why) == (change.coordinate, change.en))
        yield Finding(change, roles, why.get(change.coordinate), hit)


class Registered(Protocol):
    """A document as a registry holds it; ``capability``: of all that its client is granted."""

    @property
    def client_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def capability(self) -> Capability: ...
    @property
    def source(self) -> str: ...


def registered(held: Iterable[Registered]) -> Iterator[Document]:
    """Each beside what its client sees now."""
    for one in held:
        capability = one.capability
        yield Document(one.client_id, one.name, capability.role, audience(capability), one.source)


def in_folder(folder: Path, now: Schemas) -> Iterator[Document]:
    """``folder/<role>/<client>/<name>.graphql``; a file under no role is held against the whole schema."""
    found = sorted(folder.rglob("*.graphql"))
    if not found:
        raise NotFound(f"There is no .graphql file in {folder}.", zh="文件夹中没有 .graphql 文件")
    for path in found:
        parts = path.relative_to(folder).with_suffix("").parts
        role = parts[0] if len(parts) > 1 and parts[0] in ROLES else WHOLE
        inside = parts if role == WHOLE else parts[1:]
        client = "/".join(inside[:-1]) or folder.name
        yield Document(client, inside[-1], role, now[role], path.read_text(encoding="utf-8"))
