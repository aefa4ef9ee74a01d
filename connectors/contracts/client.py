"""Reads a portal's list of contract notices from the newest back to those it has read, and each notice once.

One that could not be read is tried again with every run. Notices appear late, so the list is looked through
to ``LATE`` before the newest that was read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from connectors.contracts.fields import NOTICE, PUBLISHED, WORDS, is_for_civil_affairs
from connectors.contracts.page import Link, cells, links, next_page, read_page
from connectors.contracts.terms import complete
from connectors.lists.wording import SchemaDrift
from connectors.web import Again, Web
from hub.domain.dates import CHINA, parse_date
from hub.domain.refusal import Refused
from hub.errors import ConfigurationError, SourceError
from hub.sync.connector import Batch, ListMapping, Place, Refusal, Row

log = structlog.get_logger("connectors")

LATE: Final = dt.timedelta(days=30)
"""The hub's own: how late a notice may appear in the list."""
MOST_PAGES: Final = 500
PATIENCE: Final = 3
"""Notices in a row that are not answered for, after which the portal is away."""


class Notices:
    """``location``: the address of the list of notices."""

    name: Final = "contract-notices"
    lists: Final[Mapping[str, ListMapping]] = {NOTICE.kind: NOTICE}

    def __init__(self, wait: float = 0.2, per_second: float = 2.0) -> None:
        self._wait, self._per_second = wait, per_second

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """SourceError where the list does not arrive, or for three notices in a row there is no answer."""
        at = urlsplit(place.location)
        if at.scheme not in ("http", "https") or not at.netloc:
            raise ConfigurationError("the address of a list of notices is expected: https://HOST/PATH")
        mark = _Mark(checkpoint)
        silent = others = 0
        async with Web(f"{at.scheme}://{at.netloc}", wait=self._wait, per_second=self._per_second) as web:
            for link in await self._listed(web, place.location, mark):
                try:
                    root = await web.ask("GET", link.path, _same, parse=read_page, pages=True)
                except SourceError as error:
                    silent = silent + 1 if isinstance(error, Again) else 0
                    if silent >= PATIENCE:
                        raise
                    mark.missed(link)
                    yield _refused(link, Refused("UNREADABLE_FILE"))
                    continue
                silent = 0
                batch = _batch(link, root)
                others += batch is None
                if batch is None or not batch.refused:
                    mark.read(link)
                else:
                    mark.missed(link)
                if batch:
                    yield batch
        if others:
            log.info("notices_of_others", count=others)
        yield Batch(NOTICE.kind, dt.datetime.now(dt.UTC), (), checkpoint=mark.checkpoint())

    async def _listed(self, web: Web, address: str, mark: _Mark) -> Sequence[Link]:
        """Those not read yet, the oldest first."""
        found: dict[str, Link] = {}
        at = urlsplit(address)
        path: str | None = at.path + (f"?{at.query}" if at.query else "")
        seen: set[str] = set()
        while path and path not in seen and len(seen) < MOST_PAGES:
            seen.add(path)
            here = f"{at.scheme}://{at.netloc}{path}"
            root = await web.ask("GET", path, _same, parse=read_page, pages=True)
            listed = list(links(root, here))
            if not listed and len(seen) == 1:
                raise SourceError("The page lists no notice.", zh="网页上没有公告列表")
            found.update((link.path, link) for link in listed)
            if listed and all(link.published_on < mark.since for link in listed):
                break
            path = next_page(root, here)
        news = {link.path: link for link in found.values() if mark.wants(link)}
        again = {link.path: link for link in mark.again if link.path not in news}
        return sorted((news | again).values(), key=lambda link: (link.published_on, link.path))


class _Mark:
    """Which notices were read, of those a list may still hold; ``again``: those that could not be."""

    def __init__(self, checkpoint: Mapping[str, Any] | None) -> None:
        told = checkpoint or {}
        self._read = {path: dt.date.fromisoformat(day) for path, day in told.get("read", {}).items()}
        self._missed = {path: dt.date.fromisoformat(day) for path, day in told.get("missed", {}).items()}
        self.since = self._since()

    def _since(self) -> dt.date:
        return max(self._read.values(), default=dt.date.min + LATE) - LATE

    @property
    def again(self) -> Sequence[Link]:
        return [Link(path, day) for path, day in self._missed.items()]

    def wants(self, link: Link) -> bool:
        return link.published_on >= self.since and link.path not in self._read

    def read(self, link: Link) -> None:
        self._read[link.path] = link.published_on
        self._missed.pop(link.path, None)

    def missed(self, link: Link) -> None:
        self._missed[link.path] = link.published_on

    def checkpoint(self) -> Mapping[str, Any]:
        since = self._since()
        kept = {path: day.isoformat() for path, day in self._read.items() if day >= since}
        return {"read": kept, "missed": {path: day.isoformat() for path, day in self._missed.items()}}


def _same(root: Any) -> Any:
    return root


def _batch(link: Link, root: Any) -> Batch | None:
    """A notice of somebody else is none."""
    try:
        found = cells(root)
        WORDS.expect(found, "contract notice")
    except Refused as refused:
        return _refused(link, refused)
    except SchemaDrift as drift:
        return _refused(link, Refused("HEADER_MISSING", expected=drift.message, expected_zh=drift.message_zh))
    row = WORDS.row(found, file=link.path, number=1)
    values = complete({PUBLISHED: link.published_on.isoformat(), **row.values})
    if not is_for_civil_affairs(values):
        return None
    at = dt.datetime.combine(_published(values, link), dt.time(), CHINA)
    told = WORDS.header("contract notice", [found], is_all=False)
    return Batch(NOTICE.kind, at, [Row(link.path, "", 1, values, values, at)], (), told)


def _published(values: Mapping[str, str], link: Link) -> dt.date:
    try:
        return parse_date(values[PUBLISHED])
    except Refused:
        return link.published_on


def _refused(link: Link, refused: Refused) -> Batch:
    whole = Row(link.path, "", 0, {}, {})
    at = dt.datetime.combine(link.published_on, dt.time(), CHINA)
    return Batch(NOTICE.kind, at, (), [(whole, [Refusal.of(refused, "")])])
