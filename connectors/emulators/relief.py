"""The relief system (全国救助管理信息系统), as a province passes it on to one county.

A table of stays in an exchange database, which is a log, and exports that people of a station make. It knows
a person by what was noted at the door: of somebody who has papers an earlier stay may have none, and who says
no name is 无名氏.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from typing import Any, ClassVar, Final

from sqlalchemy import text

from connectors.emulators.logs import OPERATION, Cells, Logs, append
from connectors.emulators.model import Membership, Person
from connectors.emulators.switches import Switches
from connectors.emulators.truth import Told, Truth
from connectors.emulators.workbook import SheetWriter
from connectors.relief.fields import FIELDS
from hub.domain.text import UNNAMED
from hub.domain.vocabulary import Sex

EPISODES: Final = "JZ_EPISODE"
TABLES: Final = f"""
create table if not exists {EPISODES} (ID bigint auto_increment primary key, JZBH varchar(30),
    XM varchar(50), XB char(1), SFZH varchar(18), CSRQ varchar(10), NL varchar(10), NLGJ char(1),
    SG varchar(10), TMTZ varchar(200), YZ varchar(100), JKZK varchar(100), FXSJ varchar(20),
    FXDD varchar(200), XZQH varchar(12), JZZMC varchar(60), RZRQ varchar(10), LZRQ varchar(10), LZFS char(2),
    HSQX varchar(100), PHOTO mediumblob, FACE_ID varchar(40), DNA_NO varchar(40), {OPERATION},
    index (JZBH), index (OP_TIME)) character set gbk"""
INBOX: Final = """
create table if not exists JZ_INBOX (MSG_ID varchar(36) primary key, XM varchar(50), XB char(1),
    SFZH varchar(18), CSRQ varchar(10), NL varchar(10), NLGJ char(1), TMTZ varchar(200), FXSJ varchar(20),
    FXDD varchar(200), XZQH varchar(12), WCN char(1), YYJS char(1), ZK varchar(20), CZCS varchar(200))
    character set gbk;
create table if not exists JZ_RECEIPT (ID bigint auto_increment primary key, MSG_ID varchar(36),
    RESULT char(1), JZBH varchar(30), REASON char(2), OP_TIME datetime, index (MSG_ID)) character set gbk"""
SEX: Final = {Sex.MALE: "1", Sex.FEMALE: "2", Sex.UNKNOWN: "0", Sex.UNSPECIFIED: "9"}
MARKS: Final = ("左眉有疤", "右手缺一指", "口音偏南方", "驼背", "")
CLOTHES: Final = ("蓝色上衣", "灰色棉衣", "迷彩服", "")
EARLIER: Final = dt.timedelta(days=200)
STATION: Final = "市救助管理站"
NOT_ASKED_FOR: Final = {"照片": "IMG", "人脸编号": "F", "DNA编号": "D"}


@dataclass(slots=True)
class Relief(Logs):
    """``people``: of one county."""

    KEYS: ClassVar[Mapping[str, str]] = {EPISODES: "JZBH"}

    people: Iterable[Person]
    port: int
    password: str
    truth: Truth = field(default_factory=Truth)

    def stays(self, people: Iterable[Person] | None = None) -> dict[str, Cells]:
        """What the system holds of them, by 救助编号."""
        found = {}
        for person in self.people if people is None else people:
            for cells in _stays(person):
                number = cells["JZBH"]
                found[number] = cells
                known_by = cells["SFZH"], "" if cells["SFZH"] else number
                self.truth.add(Told(EPISODES, number, *known_by, cells["XM"], cells["RZRQ"], person.key))
        return found

    async def publish(self, at: dt.datetime, people: Sequence[Person] | None = None) -> dict[str, int]:
        """Appends what changed, as of ``at``; how many rows of each OP_TYPE."""
        return await self.bring(at, f"{TABLES};{INBOX}", {EPISODES: self.stays(people)})

    async def answer(self, at: dt.datetime, switches: Switches | None = None) -> dict[str, str]:
        """Takes what stands in the inbox and was not answered; by MSG_ID the number, or nothing if refused.

        A message makes one stay, however often it comes.
        """
        engine, answers = self.engine(), dict[str, str]()
        async with engine.begin() as connection:
            if switches and switches.strikes("x12-inbox-lost"):
                await connection.execute(text("delete from JZ_INBOX"))
            known = "select 1 from JZ_RECEIPT r where r.MSG_ID = i.MSG_ID"
            asked = f"select * from JZ_INBOX i where not exists ({known})"  # noqa: S608
            for row in [dict(each) for each in (await connection.execute(text(asked))).mappings()]:
                if switches and switches.strikes("x01-answers-late"):
                    continue
                refuses = bool(switches and switches.strikes("x16-refuses"))
                number = "" if refuses else f"JZ{_digest(row['MSG_ID'])[:12].upper()}"
                for _ in range(2 if switches and switches.strikes("x02-answers-twice") else 1):
                    await connection.execute(
                        text(
                            "insert into JZ_RECEIPT values (default, :name, :result, :number, :reason, :at)"
                        ),
                        {
                            "name": row["MSG_ID"],
                            "result": "0" if refuses else "1",
                            "number": number,
                            "reason": "01" if refuses else "",
                            "at": at,
                        },
                    )
                if number:
                    await append(connection, EPISODES, [("I", at, _admitted(row, number, at))])
                answers[row["MSG_ID"]] = number
            if switches and switches.strikes("x12-inbox-taken"):
                await connection.execute(text("delete from JZ_INBOX"))
        await engine.dispose()
        return answers


def _admitted(row: Mapping[str, Any], number: str, at: dt.datetime) -> Cells:
    told = {
        name: row[name] for name in ("XM", "XB", "SFZH", "CSRQ", "NL", "NLGJ", "TMTZ", "FXSJ", "FXDD", "XZQH")
    }
    return {**told, "JZBH": number, "JZZMC": STATION, "RZRQ": f"{at:%Y-%m-%d}", "LZRQ": "", "LZFS": ""}


def export(folder: Path, county: str, day: dt.date, stays: Sequence[Cells], *, title: str = "") -> Path:
    """An Excel export as somebody of a station makes it, with columns nobody asked for."""
    path = folder / f"救助记录_{county}_{day:%Y%m%d}.xlsx"
    headers = [*FIELDS, *NOT_ASKED_FOR]
    with SheetWriter(path, "救助记录", len(headers)) as sheet:
        if title:
            sheet.write([title])
        sheet.write(headers)
        for cells in stays:
            said = [_label(name, str(cells.get(theirs, ""))) for name, (theirs, _) in FIELDS.items()]
            sheet.write([*said, *NOT_ASKED_FOR.values()])
    return path


def _label(name: str, code: str) -> str:
    return FIELDS[name][1].words.get(code, code) or ""


def _stays(person: Person) -> Iterator[Cells]:
    mark = int(_digest(person.file_number or "")[:8], 16)
    for membership in person.memberships:
        if membership.list_kind != "vagrant":
            continue
        yield _stay(person, membership, mark, 0)
        if mark % 3 == 0:
            first = membership.starts_on - EARLIER
            before = membership._replace(starts_on=first, ends_on=first + dt.timedelta(days=5))
            unknown = {"SFZH": "", "CSRQ": "", "XM": UNNAMED, "NLGJ": "1"}
            yield {**_stay(person, before, mark, 1), **unknown}


def _stay(person: Person, stay: Membership, mark: int, turn: int) -> Cells:
    age = stay.starts_on.year - person.birth_on.year - 1 if person.birth_on else 30 + mark % 40
    return {
        "JZBH": f"JZ{person.county_code}{_digest(f'{person.file_number}{turn}')[:8].upper()}",
        "XM": person.name,
        "XB": SEX[person.sex] if person.sex else "0",
        "SFZH": person.id_number or "",
        "CSRQ": person.birth_on.isoformat() if person.birth_on else "",
        "NL": str(age) if person.birth_on else f"约{age}岁",
        "NLGJ": "0" if person.birth_on else "1",
        "SG": str(150 + mark % 35),
        "TMTZ": MARKS[mark % len(MARKS)],
        "YZ": CLOTHES[mark % len(CLOTHES)],
        "JKZK": "良好",
        "FXSJ": f"{stay.starts_on} {8 + mark % 12:02}:30",
        "FXDD": f"{person.division_code[6:9]}路口",
        "XZQH": person.division_code,
        "JZZMC": STATION,
        "RZRQ": stay.starts_on.isoformat(),
        "LZRQ": stay.ends_on.isoformat() if stay.ends_on else "",
        "LZFS": f"{1 + mark % 4:02}" if stay.ends_on else "",
        "HSQX": "",
        "FACE_ID": f"F{mark}",
        "DNA_NO": f"D{mark}",
    }


def _digest(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
