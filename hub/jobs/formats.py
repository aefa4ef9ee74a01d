"""Files of the rows of a job: each written row by row, and nowhere but into memory.

A table has a column for each leaf that the document selects, named by its path (``address.county``); a list
inside a row is JSON in one cell. What is a number, a day or a moment in the schema is one in the file.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from importlib.util import find_spec
from typing import Any, Final, Protocol

import orjson

from hub.domain.dates import CHINA
from hub.errors import ConfigurationError
from hub.jobs.document import JSON, Column
from hub.jobs.workbook import Workbook

NDJSON: Final = "ndjson"
"""The rows as they were answered: every other file is made of it."""
FORMULAS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""A text that begins with one may be run by who opens a CSV in a spreadsheet; with an apostrophe before it,
it is a text. Those of full width are taken for the others where people write Chinese."""
SCALE: Final = 6
"""Decimals of a number in Parquet, whose columns have one scale: amounts have two, hours one."""


class NoParquet(ConfigurationError):
    """This hub makes no Parquet: its extra `parquet` (pyarrow) is not installed."""

    code, status, zh = "PARQUET_MISSING", 422, "本系统未安装 Parquet 组件（pyarrow）"


class Writer(Protocol):
    """Rows in, bytes out: ``take`` what has become ready; ``close`` gives the end."""

    def add(self, rows: Iterable[Any]) -> None: ...
    def take(self) -> bytes: ...
    def close(self) -> bytes: ...


def value_of(column: Column, row: Any) -> Any:
    """As Python has it; None for nothing."""
    value = column.of(row)
    if value is None:
        return None
    match column.kind:
        case "Date":
            return dt.date.fromisoformat(value)
        case "DateTime":
            return dt.datetime.fromisoformat(value)
        case "Decimal":
            return Decimal(value)
        case "Int" | "Float" | "Boolean":
            return value
        case "JSON":
            return orjson.dumps(value).decode()
    return str(value)


class Drained(io.RawIOBase):
    """Takes what is written until somebody takes it away; it has no way back."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


class Csv:
    """RFC 4180 in UTF-8, with the mark that tells spreadsheets so."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._text = io.StringIO()
        self._writer = csv.writer(self._text)
        self._text.write("\ufeff")
        self._writer.writerow([column.name for column in columns])

    def add(self, rows: Iterable[Any]) -> None:
        self._writer.writerows([_cell(column, row) for column in self._columns] for row in rows)

    def take(self) -> bytes:
        data = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        return data

    def close(self) -> bytes:
        return self.take()


def _cell(column: Column, row: Any) -> str:
    """Numbers, days and moments as they were answered."""
    value = column.of(row)
    if value is None:
        return ""
    if column.kind == JSON:
        return orjson.dumps(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if column.kind == "String" and text.startswith(FORMULAS) else text


class Xlsx:
    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns, self._sink = columns, Drained()
        self._book = Workbook(self._sink, [column.name for column in columns])

    def add(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self._book.add([_in_china(value_of(column, row)) for column in self._columns])

    def take(self) -> bytes:
        return self._sink.take()

    def close(self) -> bytes:
        self._book.close()
        return self._sink.take()


def _in_china(value: Any) -> Any:
    """A spreadsheet knows no offset."""
    return value.astimezone(CHINA).replace(tzinfo=None) if isinstance(value, dt.datetime) else value


class Parquet:
    def __init__(self, columns: Sequence[Column]) -> None:
        import pyarrow
        from pyarrow import parquet

        self._arrow: Any = pyarrow
        kinds = {
            "Int": pyarrow.int64(),
            "Float": pyarrow.float64(),
            "Boolean": pyarrow.bool_(),
            "Date": pyarrow.date32(),
            "DateTime": pyarrow.timestamp("ms", "UTC"),
            "Decimal": pyarrow.decimal128(38, SCALE),
        }
        fields = [(column.name, kinds.get(column.kind, pyarrow.string())) for column in columns]
        self._schema, self._columns, self._sink = pyarrow.schema(fields), columns, Drained()
        self._writer: Any = parquet.ParquetWriter(self._sink, self._schema, compression="zstd")

    def add(self, rows: Iterable[Any]) -> None:
        read = list(rows)
        given = [
            self._arrow.array([value_of(column, row) for row in read], field.type)
            for column, field in zip(self._columns, self._schema, strict=True)
        ]
        self._writer.write_batch(self._arrow.record_batch(given, schema=self._schema))

    def take(self) -> bytes:
        return self._sink.take()

    def close(self) -> bytes:
        self._writer.close()
        return self._sink.take()


MADE: Final[Mapping[str, Callable[[Sequence[Column]], Writer]]] = {
    "csv": Csv,
    "xlsx": Xlsx,
    "parquet": Parquet,
}
TYPES: Final = {
    NDJSON: "application/x-ndjson; charset=utf-8",
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


def can_make(format_: str) -> None:
    """NoParquet where it cannot be."""
    if format_ == "parquet" and find_spec("pyarrow") is None:
        raise NoParquet
