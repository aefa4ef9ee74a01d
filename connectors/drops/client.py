"""Reads drops: which files are complete and new, the newest first, as batches.

Files are read from the newest day back to the newest whole list: what an older file says no longer counts.
In whatever order files arrive, of a record the file with the later day stands, of one day the one that was
read later. A file waits for its marker and until its content is that of its digest; what has not fitted for
``patience`` without growing is refused, and read as soon as it fits.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Any, Final

import structlog

from connectors.drops.drop import Drop, DropList, find
from connectors.drops.folder import Folder, NotThere, opened
from connectors.drops.package import MOST_BYTES, parts_of
from connectors.drops.seen import Seen
from connectors.drops.table import Lacking, Text, columns_of, is_news, read_texts, rows_of
from connectors.lists.agreement import Found
from connectors.roster.package import Unreadable
from hub.domain.dates import CHINA
from hub.domain.refusal import Refused
from hub.sync.connector import Batch, ListMapping, Place, Refusal, Row
from hub.sync.header import Header

log = structlog.get_logger("connectors")

BATCH: Final = 2_000
PATIENCE: Final = dt.timedelta(hours=2)
MOST_OF_A_MARKER: Final = 4096
_DIGEST: Final = re.compile(rb"\b[0-9a-fA-F]{32}\b")
_SIZE: Final = re.compile(rb"\s*([0-9]{1,12})\s*")


class Waits(Exception):
    """A file is not complete yet. ``digest``: what the one beside it states."""

    def __init__(self, digest: str) -> None:
        self.digest = digest


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class FileDrops:
    """A system that drops lists; each in the order in which they must be merged.

    ``marked``: every file has a marker and a digest; else people put them there, and those that have none are
    read as they are, once they can be read.
    """

    name: str
    dropped: Sequence[DropList]
    marked: bool = True
    patience: dt.timedelta = PATIENCE
    now: Callable[[], dt.datetime] = _now

    @property
    def lists(self) -> Mapping[str, ListMapping]:
        return {each.mapping.kind: each.mapping for each in self.dropped}

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """SourceError where the folder cannot be reached."""
        seen = Seen(checkpoint)
        async with opened(place) as folder:
            drops = find(await folder.entries(), self.dropped, place.county_code)
            for each in self.dropped:
                mine = [drop for drop in drops if drop.list is each]
                async for batch in self._news(folder, seen, mine):
                    yield batch
        last = self.dropped[-1].mapping.kind
        yield Batch(last, self.now(), (), checkpoint=seen.checkpoint(drops))

    async def _news(self, folder: Folder, seen: Seen, drops: Sequence[Drop]) -> AsyncIterator[Batch]:
        """Back to the newest whole list."""
        tomorrow = self.now().astimezone(CHINA).date() + dt.timedelta(days=1)
        ahead = [drop for drop in drops if drop.day is None or drop.day > tomorrow]
        for drop in ahead:
            yield _refused(drop, Unreadable("A day in the file's name that has come.", "文件名中的日期有误"))
        drops = [drop for drop in drops if drop not in ahead]
        turns, there = seen.turns(drops), {drop.name for drop in drops}
        for drop in reversed(drops):
            if seen.is_past(drop, there):
                log.info("older_drops_passed_over", list=drop.list.mapping.kind)
                return
            try:
                digest, data = await (_content if self.marked or drop.marker else _as_it_is)(
                    folder, drop, seen
                )
                if data is None:
                    continue
                is_whole, tables = await asyncio.to_thread(_tables, drop, data, turns[drop.name])
            except Waits as waits:
                if self._is_late(drop, seen, waits.digest):
                    seen.refuse(drop)
                    yield _refused(drop, _INCOMPLETE)
                continue
            except Refused as refused:
                seen.refuse(drop)
                yield _refused(drop, refused)
                continue
            if not seen.has_content(drop, digest):
                for batch in _batches(drop, tables, turns[drop.name], is_whole=is_whole):
                    yield batch
            seen.note(drop, digest, turns[drop.name], whole=is_whole)

    def _is_late(self, drop: Drop, seen: Seen, digest: str) -> bool:
        if drop.marker is None:
            log.info("drop_without_marker", list=drop.list.mapping.kind)
            return False
        return self.now() - seen.waiting_since(drop, digest, self.now()) >= self.patience


_INCOMPLETE: Final = Unreadable(
    "A file with the size and MD5 that the files beside it (.ok, .md5) state.",
    "文件大小和MD5应与旁边的.ok、.md5文件一致；文件可能未传完或已被替换",
)


async def _content(folder: Folder, drop: Drop, seen: Seen) -> tuple[str, bytes | None]:
    """The digest and what it is of, None where it was read before. Raises Waits, Unreadable if too large."""
    if drop.marker is None:
        raise Waits("")
    try:
        stated = _DIGEST.search(await folder.read(drop.digest, MOST_OF_A_MARKER)) if drop.digest else None
        digest = stated[0].decode().lower() if stated else ""
        if digest and seen.has(drop, digest):
            return digest, None
        size = _SIZE.fullmatch(await folder.read(drop.marker, MOST_OF_A_MARKER))
        if drop.entry.size > MOST_BYTES:
            raise Unreadable("A file of at most 24 MB.", "文件不得超过24MB")
        data = await folder.read(drop.entry, MOST_BYTES)
    except NotThere:
        raise Waits("") from None
    if md5(data, usedforsecurity=False).hexdigest() != digest or (size and int(size[1]) != len(data)):
        raise Waits(digest)
    return digest, data


async def _as_it_is(folder: Folder, drop: Drop, seen: Seen) -> tuple[str, bytes | None]:
    """As ``_content``, of a file without a marker."""
    if digest := seen.digest_of(drop):
        return digest, None
    if drop.entry.size > MOST_BYTES:
        raise Unreadable("A file of at most 24 MB.", "文件不得超过24MB")
    try:
        data = await folder.read(drop.entry, MOST_BYTES)
    except NotThere:
        raise Waits("") from None
    return md5(data, usedforsecurity=False).hexdigest(), data


def _tables(drop: Drop, data: bytes, turn: int) -> tuple[bool, list[tuple[Text, list[Found]]]]:
    """Whether it is a whole list, and its rows. Raises Refused; a whole list without a row says nothing."""
    parts = parts_of(drop.name, data)
    texts = [text for part, content in parts for text in read_texts(drop.list, part, content, drop.name)]
    is_whole = not is_news(texts) and not drop.list.is_extract
    assert drop.day is not None
    tables = [(text, rows_of(drop.list, text, drop.name, drop.day, turn)) for text in texts]
    if is_whole and not any(rows for _, rows in tables):
        raise Unreadable("A whole list with a row.", "全量文件应至少有一行")
    return is_whole, tables


def _batches(
    drop: Drop, tables: Sequence[tuple[Text, list[Found]]], turn: int, *, is_whole: bool
) -> Iterator[Batch]:
    """A whole list ends what it does not say."""
    kind, observed_at = drop.list.mapping.kind, _moment(drop, turn)
    for text, rows in tables:
        header: Header | None = columns_of(drop.list, text.sheet, text.table, drop.name)
        for start in range(0, len(rows), BATCH):
            yield _batch(kind, observed_at, rows[start : start + BATCH], text, header)
            header = None
    if is_whole:
        yield Batch(kind, observed_at, (), ends=True)


def _batch(
    kind: str, observed_at: dt.datetime, found: Sequence[Found], text: Text, header: Header | None
) -> Batch:
    good = {
        what: [row for row, does, wrong in found if does == what and not wrong] for what in ("said", "gone")
    }
    refused = [(row, wrong) for row, _, wrong in found if wrong]
    return Batch(kind, observed_at, good["said"], refused, header, absent=text.absent, deleted=good["gone"])


def _refused(drop: Drop, refused: Refused) -> Batch:
    whole_file = Row(drop.name, "", 0, {}, {})
    header = refused.header if isinstance(refused, Lacking) else None
    why = [Refusal.of(refused, "")]
    return Batch(drop.list.mapping.kind, _moment(drop, 0), (), [(whole_file, why)], header)


def _moment(drop: Drop, turn: int) -> dt.datetime:
    """What a file says is of noon of the day it names; of one day the later turn is the newer."""
    if drop.day is None:
        return _now()
    return dt.datetime.combine(drop.day, dt.time(12), CHINA) + dt.timedelta(microseconds=turn)
