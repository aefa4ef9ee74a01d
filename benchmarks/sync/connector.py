"""The hub's connector for the benchmark's file: what the roster reads by, over one file of any length."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from connectors.lists import parse
from connectors.lists.identity import grade
from connectors.lists.people import ADDRESS, DOSSIER, ENDS, ETHNIC, FILE, PHONE, membership, person
from connectors.roster.blocks import Memory, Text
from connectors.roster.client import BATCH
from connectors.roster.lines import TableLines
from connectors.roster.rows import Reader
from connectors.roster.table import Column, Table
from connectors.roster.workbook import Sheet
from hub.domain.vocabulary import HOUSEHOLD_RELATION, AbilityLevel, DisabilityCategory, RiskLevel, SelfCare
from hub.sync.connector import Batch, From, ListMapping, Place

PART: Final = 16 << 20
"""Bytes that are read at a time, some 70,000 rows. No record of the file has a line break in a cell."""
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
        path = Path(place.location)
        observed_at = _written_at(path)
        for name, data in read(path):
            memory = Memory(place.parts.key, await place.parts.recall(name))
            sheet = Sheet(name, memory.rows(data), is_text=True)
            for batch in batches(sheet, path.name, memory, observed_at):
                yield batch
            if memory.after is not None:
                await place.parts.keep(name, memory.after)
            del data, memory, sheet  # or two parts would be in memory at once


def batches(sheet: Sheet, file: str, memory: Memory, observed_at: dt.datetime) -> Iterator[Batch]:
    lines = table_of(sheet, file, memory.text)
    for rows, refused in lines.chunks(BATCH):
        yield Batch(KIND, observed_at, rows, refused)
    if part := lines.remembered():
        memory.after = part.content()


def _written_at(path: Path) -> dt.datetime:
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)


def table_of(sheet: Sheet, file: str, text: Text | None) -> TableLines:
    columns = [Column(place, word, word) for place, word in enumerate(sheet.rows[0])]
    table = Table(
        KIND, 0, 1, len(sheet.rows), len(columns), columns, (), padded=len(columns), widest=len(columns)
    )
    lines = TableLines(Reader(sheet, table, file, PERSON.required), PERSON, text)
    if text:
        lines.recall()
    return lines


def read(path: Path) -> Iterator[tuple[str, bytes]]:
    """The file in parts with their names, each as if it were a file of a roster: those have an end."""
    with path.open("rb") as file:
        header = file.readline()
        part = 0
        while data := file.read(PART):
            part += 1
            yield f"{part}", header + data + file.readline()
