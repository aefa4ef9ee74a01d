"""Reads a folder of lists: every file, every sheet, every table, in batches.

The folder is read whole each time; which rows are known already, the engine finds out. A file that
cannot be read, a table of unknown kind or without a required column is one refusal with row 0, and
the other files are read on.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from connectors.lists.mapping import LISTS
from connectors.roster.blocks import Memory
from connectors.roster.headers import KINDS, kinds_named
from connectors.roster.lines import TableLines
from connectors.roster.package import Unreadable
from connectors.roster.rows import Reader
from connectors.roster.sheet import find_tables, looks_like_a_list
from connectors.roster.table import Table, Unknown
from connectors.roster.told import header_of
from connectors.roster.workbook import Sheet, Workbooks, is_text
from hub.domain.dates import CHINA
from hub.domain.refusal import Refused
from hub.errors import SourceError
from hub.sync.connector import UNKNOWN_LIST, Batch, ListMapping, Place, Refusal, Row
from hub.sync.header import Header

log = logging.getLogger(__name__)

BATCH: Final = 2_000
"""Rows of a batch."""

_PASSED_OVER: Final = ("~$", ".", "Thumbs.db", "desktop.ini")
"""Lock files of open workbooks, and what operating systems leave in folders."""

REQUIRED: Final[Mapping[str, Sequence[str]]] = {kind: mapping.required for kind, mapping in LISTS.items()}


class Roster:
    """County rosters (名单): .xlsx, .xls and .csv files in a folder."""

    name: Final = "roster"

    @property
    def lists(self) -> Mapping[str, ListMapping]:
        return LISTS

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """Files by the kind of list their names tell, in the order of ``lists``; ``checkpoint`` is not used.

        Raises ``SourceError`` where there is no such folder, and where it is empty.
        """
        folder = Path(place.location)
        files = await asyncio.to_thread(list_files, folder)
        with Workbooks() as workbooks:
            for number, path in enumerate(files):
                then = next((file for file in files[number + 1 :] if not is_text(file)), None)
                name = path.relative_to(folder).as_posix()
                memory = Memory(place.parts.key, await place.parts.recall(name)) if is_text(path) else None
                async with aclosing(_in_thread(read_file(workbooks, path, name, then, memory))) as batches:
                    async for batch in batches:
                        yield batch
                if memory and memory.after is not None:
                    await place.parts.keep(name, memory.after)


async def _in_thread(batches: Generator[Batch, None, None]) -> AsyncGenerator[Batch, None]:
    step = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await asyncio.shield(step)) is not None:
            yield batch
            step = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
    finally:
        # A run that is cancelled leaves a thread at work, and a generator closes only when it rests.
        await asyncio.wait([step])
        if not step.cancelled():
            step.exception()  # told already, or nobody waits for it any more
        await asyncio.to_thread(batches.close)


def list_files(folder: Path) -> list[Path]:
    """Files in the folder and below it, at least one; no links, which could lead out of it."""
    if not folder.is_dir():
        raise SourceError("The folder of the lists does not exist.", zh="名单文件夹不存在")
    order = list(KINDS)

    def place(path: Path) -> tuple[int, str]:
        return order.index(next(kinds_named(path.stem), order[-1])), path.as_posix()

    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    found = sorted((path for path in files if not path.name.startswith(_PASSED_OVER)), key=place)
    if not found:
        # A share that is not mounted looks like this; it says nothing of anybody.
        raise SourceError("The folder of the lists holds no file.", zh="名单文件夹中没有文件")
    return found


def read_file(
    workbooks: Workbooks, path: Path, file: str, then: Path | None = None, memory: Memory | None = None
) -> Generator[Batch, None, None]:
    """The batches of one file; at least one, if only to say why there are none.

    ``then``: the workbook that will be read next. ``memory``: of the file, if it is a text.
    """
    modified_at = dt.datetime.now(dt.UTC)
    found = False
    try:
        modified_at = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
        for sheet in workbooks.sheets(path, then, memory):
            tables, lines = _tables(sheet, path, file, memory)
            if not tables and looks_like_a_list(sheet):
                tables = [Unknown(0, next(kinds_named(_about(sheet, path)), None), headless=True)]
            for place, table in enumerate(tables):
                found = True
                if isinstance(table, Unknown):
                    yield _unknown(file, sheet, table, place, modified_at)
                else:
                    yield from _batches(file, sheet, table, modified_at, lines)
            if memory and lines and (part := lines.remembered()):
                memory.after = part.content()
        if not found:
            yield _refused(file, "", 0, UNKNOWN_LIST, Refusal.of(Refused("LIST_UNKNOWN"), ""), modified_at)
    except Unreadable as error:
        yield _refused(file, "", 0, UNKNOWN_LIST, Refusal.of(error, ""), modified_at)
    except Exception as error:
        # Whatever is odd about one file must not keep the others out. The traceback holds no cell.
        log.warning(
            "a file could not be read: %s", type(error).__name__, exc_info=not isinstance(error, OSError)
        )
        yield _refused(file, "", 0, UNKNOWN_LIST, Refusal.of(Refused("UNREADABLE_FILE"), ""), modified_at)


def _tables(
    sheet: Sheet, path: Path, file: str, memory: Memory | None
) -> tuple[Sequence[Table | Unknown], TableLines | None]:
    """The tables of a sheet; with the lines of the only one where that may have been read before."""
    tables = find_tables(sheet, path.stem, LISTS)
    if memory is None or (text := memory.text) is None:
        return tables, None
    was_known = text.is_known
    if len(tables) == 1 and isinstance(table := tables[0], Table):
        lines = TableLines(_reader(sheet, table, file), LISTS[table.kind], text)
        if lines.recall() or not was_known:
            return tables, lines
    text.forget()  # it may have hidden a header
    return _tables(sheet, path, file, memory) if was_known else (tables, None)


def _reader(sheet: Sheet, table: Table, file: str) -> Reader:
    return Reader(sheet, table, file, LISTS[table.kind].required)


def _batches(
    file: str, sheet: Sheet, table: Table, modified_at: dt.datetime, lines: TableLines | None
) -> Iterator[Batch]:
    dated, observed_at = _observed_at(table.observed_on, modified_at)
    mapping = LISTS[table.kind]
    present = {column.header for column in table.columns}
    absent = [header for header in KINDS[table.kind].headers if header not in present]
    said = partial(Batch, table.kind, observed_at, dated=dated, absent=absent)
    lines = lines or TableLines(_reader(sheet, table, file), mapping)
    header: Header | None = header_of(sheet, table, file, lines.dropped)
    for rows, refused in lines.chunks(BATCH):
        yield said(rows=rows, refused=refused, header=header)
        header = None


def _observed_at(day: dt.date | None, modified_at: dt.datetime) -> tuple[bool, dt.datetime]:
    """Midnight in China of the day the list names; a day to come is a slip, then the file's own time.

    With it whether the list names the day: a file copied today is no news.
    """
    if day is not None:
        named = dt.datetime.combine(day, dt.time(), CHINA)
        if named <= dt.datetime.now(dt.UTC):
            return True, named
    return False, modified_at


def _unknown(file: str, sheet: Sheet, table: Unknown, place: int, modified_at: dt.datetime) -> Batch:
    if table.kind is None:
        refusal = Refusal.of(Refused("LIST_UNKNOWN"), "")
    elif table.headless:
        refusal = Refusal.of(_headless(table.kind), "")
    else:
        listed = "、".join(table.missing)
        refused = Refused(
            "HEADER_MISSING",
            expected=f"Columns are missing from the list: {listed}.{_strange(table, en=True)}",
            expected_zh=f"名单缺少必需的列：{listed}{_strange(table)}",
        )
        refusal = Refusal.of(refused, table.missing[0])
    number = table.header_row + 1 if place else 0
    batch = _refused(file, sheet.name, number, table.kind or UNKNOWN_LIST, refusal, modified_at)
    if table.kind is None or table.headless:
        return batch
    return replace(batch, header=header_of(sheet, table, file))


def _strange(table: Unknown, *, en: bool = False) -> str:
    """The columns that may be the missing ones under another name."""
    names = [c.text for c in table.ignored if not any(map(str.isdigit, c.text))]
    if not names:
        return ""
    words = "、".join(names[:12])
    return f" Columns not known: {words}." if en else f"；未识别的列：{words}"


def _about(sheet: Sheet, path: Path) -> str:
    """What tells the kind of a list without a header: file, sheet, title; the last says most."""
    title = next((cell for row in sheet.rows[:5] for cell in row if isinstance(cell, str) and cell), "")
    return f"{path.stem} {sheet.name} {title}"


def _headless(kind: str) -> Refused:
    listed = "、".join(REQUIRED[kind])
    return Refused(
        "LIST_UNKNOWN",
        expected=f"A header with the columns of the list was not found: {listed}.",
        expected_zh=f"未找到表头，应含：{listed}",
    )


def _refused(
    file: str, sheet: str, number: int, kind: str, refusal: Refusal, observed_at: dt.datetime
) -> Batch:
    return Batch(kind, observed_at, (), [(Row(file, sheet, number, {}, {}), [refusal])])
