"""The hub's connector for the benchmark's file: the roster's own parsers, over one file of any length."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from connectors.lists import parse
from connectors.lists.identity import grade
from connectors.lists.people import ADDRESS, DOSSIER, ENDS, ETHNIC, FILE, PHONE, membership, person
from hub.domain.vocabulary import HOUSEHOLD_RELATION, AbilityLevel, DisabilityCategory, RiskLevel, SelfCare
from hub.sync.connector import Batch, Connector, From, ListMapping, Place, Row
from hub.sync.lines import Lines

BATCH: Final = 4 << 20
"""Bytes of a batch, some 20,000 rows."""
KIND: Final = "person"

PERSON: Final = ListMapping(
    KIND,
    ("档案编号", "姓名", "身份证号", "区划代码", "对象类别", "起始日期"),
    (
        person(
            {
                **FILE,
                **ETHNIC,
                **ADDRESS,
                **PHONE,
                **DOSSIER,
                "household_relation_code": From("与户主关系", parse.term(HOUSEHOLD_RELATION)),
                "risk_level": From("风险等级", parse.term(RiskLevel)),
                "self_care": From("生活自理能力", parse.term(SelfCare)),
                "ability_level": From("能力等级", parse.term(AbilityLevel)),
                "disability_category": From("残疾类别", parse.term(DisabilityCategory)),
                "disability_grade": From("残疾等级", grade),
                "guardian_name": From("监护人姓名", parse.name),
                "guardian_relation": From("监护人关系", parse.text),
                "guardian_phone": From("监护人电话", parse.phone),
                "school": From("就读学校", parse.text),
            },
            certified=True,
        ),
        membership("对象类别", {"monthly_amount": From("月保障金额（元）", parse.amount)}),
    ),
    expected=ENDS,
)


class People:
    """One file, delivered whole; its time is the day it speaks of."""

    name: Final = "benchmark"
    lists: Final[Mapping[str, ListMapping]] = {KIND: PERSON}

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        for batch in batches(Path(place.location)):
            yield batch


def batches(path: Path) -> Iterator[Batch]:
    observed_at = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    for lines in read(path):
        yield Batch(KIND, observed_at, lines)


def read(path: Path) -> Iterator[Lines]:
    with path.open("rb") as file:
        header = file.readline()
        [headers] = _cells([header])
        number = 2
        for told in _records(file):
            numbers = range(number, number + len(told))
            yield Lines(path.name, "", header.decode(), told, numbers, partial(_rows, path.name, headers))
            number += len(told)


def _records(file: BinaryIO) -> Iterator[list[bytes]]:
    """Lines of about ``BATCH`` bytes; one with a quote that goes on goes on as well."""
    while lines := file.readlines(BATCH):
        if b'"' in b"".join(lines):
            lines = list(_whole(chain(lines, file), len(lines)))
        yield lines


def _whole(lines: Iterator[bytes], count: int) -> Iterator[bytes]:
    for line in islice(lines, count):
        while line.count(b'"') % 2 and (more := next(lines, b"")):
            line += more
        yield line


def _rows(file: str, headers: Sequence[str], told: Sequence[bytes], numbers: Sequence[int]) -> Iterator[Row]:
    for number, cells in zip(numbers, _cells(told), strict=True):
        values = {header: cell for header, cell in zip(headers, cells, strict=True) if cell}
        yield Row(file, "", number, values, values)


def _cells(records: Iterable[bytes]) -> Iterator[list[str]]:
    return csv.reader(line for record in records for line in record.decode().splitlines(keepends=True))


CONNECTORS: Final[Mapping[str, Connector]] = {connector.name: connector for connector in (People(),)}
