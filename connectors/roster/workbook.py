"""Sheets of a file, whatever its format; workbooks are read by a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Final

import orjson

from connectors.roster import delimited
from connectors.roster.blocks import Memory
from connectors.roster.package import Unreadable

SECONDS: Final = 300.0
"""A workbook that takes longer to read is refused; what is done with its rows does not count."""

TEXT_LIMIT: Final = 50 * 1024 * 1024
"""Bytes of a text; as rows in memory it takes ten times as much."""

_READER: Final = "from connectors.roster.cells import main; main()"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows from the first of the sheet on; ``merged``: first row, first column, last row, last column."""

    name: str
    rows: Sequence[Sequence[Any]]
    merged: Sequence[Sequence[int]] = ()
    no_value: frozenset[tuple[int, int]] = frozenset()
    hidden: bool = False
    epoch_1904: bool = False
    is_text: bool = False


class Workbooks:
    """Reads files one after another; a file that kills the reader is refused and the next gets a new one."""

    def __init__(self) -> None:
        self._reader: subprocess.Popen[bytes] | None = None
        self._ahead: Path | None = None

    def __enter__(self) -> Workbooks:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def sheets(self, path: Path, then: Path | None = None, memory: Memory | None = None) -> Iterator[Sheet]:
        """The sheets of a file, one in memory at a time. Raises ``Unreadable``.

        ``then``: the workbook that will be asked for next; it is read while this one's rows are used.
        ``memory``: of a text.
        """
        if is_text(path):
            content = _content(path)
            rows = memory.rows(content) if memory else delimited.rows_in(content)
            del content
            yield Sheet("", rows, is_text=True)
        else:
            yield from self._cells(path, then)

    def _cells(self, path: Path, then: Path | None) -> Iterator[Sheet]:
        try:
            reader = self._ask(path, then)
        except BaseException:
            self._stop()
            raise
        left, finished = SECONDS, False
        try:
            while not finished:
                started = monotonic()
                frame = _receive(reader, path, left)
                left -= monotonic() - started
                finished = "sheet" not in frame
                if "error" in frame:
                    raise Unreadable(*frame["error"])
                if not finished:
                    yield _sheet(frame["sheet"])
        finally:
            if not finished:
                self._stop()

    def _ask(self, path: Path, then: Path | None) -> subprocess.Popen[bytes]:
        if self._ahead not in (None, path):
            self._stop()
        reader = self._start()
        if self._ahead is None:
            _send(reader, path)
        self._ahead = then
        if then is not None:
            _send(reader, then)
        return reader

    def _start(self) -> subprocess.Popen[bytes]:
        if self._reader is not None and self._reader.poll() is not None:
            self._stop()
        if self._reader is None:
            self._reader = subprocess.Popen(  # noqa: S603 our own interpreter, no input in the command
                [sys.executable, "-c", _READER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        return self._reader

    def _stop(self) -> None:
        reader, self._reader, self._ahead = self._reader, None, None
        if reader is None:
            return
        reader.kill()
        for pipe in (reader.stdin, reader.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        reader.wait()


def is_text(path: Path) -> bool:
    return path.suffix.lower() in delimited.SUFFIXES


def _content(path: Path) -> bytes:
    if path.stat().st_size > TEXT_LIMIT:
        raise Unreadable("A text of at most 50 MB.", "文本文件不得超过50MB")
    return path.read_bytes()


def _named(path: Path) -> str:
    return os.fsencode(path.absolute()).hex()


def _send(reader: subprocess.Popen[bytes], path: Path) -> None:
    assert reader.stdin is not None
    with suppress(BrokenPipeError):
        reader.stdin.write(_named(path).encode() + b"\n")
        reader.stdin.flush()


def _receive(reader: subprocess.Popen[bytes], path: Path, seconds: float) -> dict[str, Any]:
    assert reader.stdout is not None
    watch = threading.Timer(max(0.0, seconds), reader.kill)
    watch.start()
    try:
        head = reader.stdout.read(8)
        data = reader.stdout.read(int.from_bytes(head, "big")) if len(head) == 8 else b""
    finally:
        watch.cancel()
    if not data:
        raise Unreadable(
            "A workbook that can be read within 2 GB of memory and five minutes.",
            "文件过大或已损坏，无法在限定的内存和时间内读取",
        )
    frame: dict[str, Any] = orjson.loads(data)
    if frame.pop("path") != _named(path):
        raise RuntimeError("the reader answered for another file")
    return frame


def _sheet(frame: dict[str, Any]) -> Sheet:
    frame["no_value"] = frozenset((row, column) for row, column in frame["no_value"])
    return Sheet(**frame)
