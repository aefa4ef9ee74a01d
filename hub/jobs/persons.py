"""Persons a job is given: in lines of JSON or CSV, read as they come, or in a list.

Whom the hub can tell nothing of is refused in its row, as in any answer. Here is only what is no person at
all, which refuses the whole: by its line, and without its value.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final

import orjson

from hub.errors import BadArgument, BadDocument, TooMuch

NDJSON, CSV = "application/x-ndjson", "text/csv"
CHARSETS: Final = frozenset({"utf-8", "utf8", "gb18030", "gbk", "gb2312"})
NUMBER, TOKEN, REFERENCE = "idNumber", "token", "reference"
HEADINGS: Final = {
    NUMBER: NUMBER, TOKEN: TOKEN, REFERENCE: REFERENCE,
    "身份证号": NUMBER, "公民身份号码": NUMBER, "人员令牌": TOKEN, "编号": REFERENCE,
}  # fmt: skip
LONGEST_LINE: Final = 2000
LONGEST: Final = {NUMBER: 100, TOKEN: 100, REFERENCE: 200}
"""Characters."""

Person = tuple[str | None, str | None, str | None]
"""Number, token, reference."""


class Lines:
    """Bytes that come in pieces, as lines of text."""

    def __init__(self, charset: str) -> None:
        if charset not in CHARSETS:
            raise BadArgument("Expected charset utf-8 or gb18030.", zh="字符集应为 utf-8 或 gb18030")
        name = "utf-8-sig" if charset.startswith("utf") else "gb18030"
        self._decoder = codecs.getincrementaldecoder(name)()
        self._rest = ""

    def add(self, data: bytes, *, last: bool = False) -> list[str]:
        try:
            text = self._rest + self._decoder.decode(data, last)
        except UnicodeDecodeError:
            raise BadDocument("The text is not in its charset.", zh="文本与所声明的字符集不符") from None
        *lines, self._rest = text.split("\n")
        if last and self._rest:
            lines.append(self._rest)
        if any(len(line) > LONGEST_LINE for line in (*lines, self._rest)):
            raise TooMuch(f"A line may have {LONGEST_LINE} characters.", zh=f"每行至多 {LONGEST_LINE} 个字符")
        return lines


async def read(
    body: AsyncIterator[bytes], kind: str, charset: str, most_bytes: int
) -> AsyncIterator[list[Person]]:
    """In lists of as many as have come. TooMuch above ``most_bytes``; BadArgument and BadDocument."""
    lines, reader, size = Lines(charset), _Csv() if kind == CSV else _Json(), 0
    async for data in body:
        size += len(data)
        if size > most_bytes:
            raise TooMuch(f"Expected at most {most_bytes} bytes.", zh=f"上传内容至多 {most_bytes} 字节")
        yield list(reader.persons(lines.add(data)))
    yield list(reader.persons(lines.add(b"", last=True)))


def listed(given: Any) -> list[Person]:
    """Of a list of JSON."""
    if not isinstance(given, list):
        raise BadArgument("Expected persons to be a list.", zh="persons 应为列表")
    return [person_of(each, place) for place, each in enumerate(given, 1)]


def person_of(given: Any, line: int) -> Person:
    """BadArgument names the line."""
    if isinstance(given, Mapping) and not given.keys() - LONGEST.keys():
        values = [given.get(name) or None for name in (NUMBER, TOKEN, REFERENCE)]
        fits = all(
            value is None or (isinstance(value, str) and len(value) <= most)
            for value, most in zip(values, LONGEST.values(), strict=True)
        )
        if fits and (values[0] is None) != (values[1] is None):
            return values[0], values[1], values[2]
    raise BadArgument(
        f"Line {line}: expected idNumber or token, and a reference of the client's own if it likes.",
        zh=f"第 {line} 行：应含 idNumber 或 token 之一，可另含 reference",
    )


class _Json:
    line = 0

    def persons(self, lines: list[str]) -> Iterator[Person]:
        for text in lines:
            self.line += 1
            if not text.strip():
                continue
            try:
                given = orjson.loads(text)
            except orjson.JSONDecodeError:
                given = None
            yield person_of(given, self.line)


class _Csv:
    """The first line has the headings, in any order."""

    line = 0
    names: list[str] | None = None

    def persons(self, lines: list[str]) -> Iterator[Person]:
        for text in lines:
            self.line += 1
            if not text.strip():
                continue
            try:
                [cells] = csv.reader([text.rstrip("\r")], strict=True)
            except (csv.Error, ValueError):
                cells = []
            if self.names is None:
                self.names = _headings(cells)
                continue
            fits = len(cells) == len(self.names)
            given = dict(zip(self.names, map(str.strip, cells), strict=True)) if fits else None
            yield person_of(given, self.line)


def _headings(cells: list[str]) -> list[str]:
    names = [HEADINGS.get(cell.strip(), "") for cell in cells]
    if "" in names or len(set(names)) != len(names):
        raise BadArgument(
            "Expected the headings idNumber or token, and reference if there is one.",
            zh="首行应为 idNumber 或 token，可另有 reference",
        )
    return names


def variable(person: Person) -> dict[str, str]:
    """As the document's variable names somebody."""
    number, token, _ = person
    return {NUMBER: number} if number is not None else {TOKEN: token or ""}


def packed(persons: list[Person]) -> bytes:
    return orjson.dumps(persons)


def unpacked(data: bytes) -> list[Person]:
    return [(number, token, reference) for number, token, reference in orjson.loads(data)]
