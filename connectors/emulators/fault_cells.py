"""Faults of single cells: identity numbers, names, divisions, dates, money, injection."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from connectors.emulators.fault_files import Choice, Folder, Victim
from connectors.emulators.identity import REGION
from connectors.emulators.names import MIDDLE_DOT
from hub.domain.dates import parse_date, parse_end_date
from hub.domain.id_number import make_id_number
from hub.domain.money import to_capital
from hub.domain.refusal import Refused

Change = Callable[[Victim, Folder], Any]
"""The new content of the cell; None where the row does not suit."""

Harm = Callable[[Folder, int], list[Victim]]


def cell(header: str, kinds: tuple[str, ...], change: Change, choice: Choice) -> Harm:
    """Changes the cell under ``header`` in rows drawn by chance."""

    def harm(folder: Folder, count: int) -> list[Victim]:
        harmed: list[Victim] = []
        for victim in candidates(folder, kinds, choice):
            content = change(victim, folder)
            if content is None:
                continue
            victim.table.put(victim.row, header, content)
            harmed.append(victim)
            if len(harmed) == count:
                break
        return harmed

    return harm


def candidates(folder: Folder, kinds: tuple[str, ...], choice: Choice) -> Iterator[Victim]:
    """Rows in an order of chance."""
    rows = list(folder.rows(*kinds))
    folder.chance.shuffle(rows)
    return (victim for victim in rows if folder.may_harm(victim, choice))


# --- identity numbers ------------------------------------------------------------------------------


def on_number(change: Callable[[str], Any]) -> Change:
    def of(victim: Victim, folder: Folder) -> Any:
        number = victim.text("身份证号")
        return change(number) if len(number) == 18 else None

    return of


def other_check(number: str) -> str:
    """No 0: three of them look like digits that a spreadsheet lost."""
    return number[:17] + ("1" if number[17] != "1" else "2")


def transposed(number: str) -> str | None:
    """Two digits of the sequence change places."""
    for at in (15, 14):
        if number[at] != number[at + 1]:
            return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return None


def lookalike(digit: str, letter: str) -> Callable[[str], str | None]:
    def change(number: str) -> str | None:
        at = number.rfind(digit, 6, 17)
        return None if at < 0 else number[:at] + letter + number[at + 1 :]

    return change


def other_x(letter: str) -> Callable[[str], str | None]:
    return lambda number: number[:17] + letter if number.endswith("X") else None


def fifteen(number: str) -> str | None:
    return number[:6] + number[8:17] if number[6:8] == "19" else None


def full_width(number: str) -> str:
    return number.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})


def spaced(number: str) -> str:
    return f" {number[:6]} {number[6:14]} {number[14:]}\u200b"


def as_number(number: str) -> float | None:
    return None if number.endswith("X") else float(number)


def scientific(number: str) -> str | None:
    return None if number.endswith("X") else "4.59999E+17"


def without_x(number: str) -> str | None:
    return number[:17] if number.endswith("X") else None


def second_number(victim: Victim, folder: Folder) -> str | None:
    """A number assigned anew: another valid number for the same birth date."""
    number = victim.text("身份证号")
    if len(number) != 18:
        return None
    birth_on = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return make_id_number(REGION, birth_on, (int(number[14:17]) + 500) % 1000)


def two_names(folder: Folder, count: int) -> list[Victim]:
    """The number of one row is copied to another: two people with one number, neither can be told."""
    rows = [v for v in candidates(folder, ("elder",), "spare") if v.text("身份证号")]
    pairs = [(a, b) for a, b in zip(rows[::2], rows[1::2], strict=False) if a.text("姓名") != b.text("姓名")]
    for one, other in pairs[:count]:
        other.table.put(other.row, "身份证号", one.text("身份证号"))
    return [victim for pair in pairs[:count] for victim in pair]


# --- names -------------------------------------------------------------------------------------------


def on_name(change: Callable[[str], str | None]) -> Change:
    return lambda victim, folder: change(victim.text("姓名"))


def deceased(victim: Victim, folder: Folder) -> str | None:
    """Who is marked as dead and whose benefit does not end."""
    return None if parse_end_date(victim.text("终止日期")) else victim.text("姓名") + "（已故）"


def last_as(character: str) -> Callable[[str], str | None]:
    return lambda name: name[:-1] + character if len(name) > 1 else None


def other_dot(character: str) -> Callable[[str], str | None]:
    return lambda name: name.replace(MIDDLE_DOT, character) if MIDDLE_DOT in name else None


def with_space(name: str) -> str | None:
    return f"{name[0]} {name[1:]} " if len(name) > 1 and MIDDLE_DOT not in name else None


# --- divisions ---------------------------------------------------------------------------------------


def on_division(make: Callable[[str, str], str | None]) -> Change:
    """``make`` gets the county's six digits and the code in the cell."""
    return lambda victim, folder: make(folder.county, victim.text("区划代码"))


def elsewhere(county: str, code: str) -> str:
    return "450305001000" if county != "450305" else "640104001000"


def only_in(county: str, code: str) -> Callable[[str, str], str | None]:
    return lambda here, _: code if here == county else None


def township_like(county: str, code: str) -> str | None:
    return f"{county}400000" if county in ("450305", "350582") else None


# --- dates -------------------------------------------------------------------------------------------


def on_day(header: str, write: Callable[[dt.date], Any]) -> Change:
    """Writes the day of the cell differently."""

    def change(victim: Victim, folder: Folder) -> Any:
        try:
            return write(parse_date(victim.table.get(victim.row, header)))
        except Refused:
            return None

    return change


def serial(day: dt.date) -> int:
    return (day - dt.date(1899, 12, 30)).days


def month_dot(day: dt.date) -> str | None:
    return f"{day.year}.{day.month}" if day.month not in (1, 10) else None


def where_empty(header: str, content: str) -> Change:
    return lambda victim, folder: None if victim.text(header) else content


# --- money -------------------------------------------------------------------------------------------

AMOUNT: Final = "月保障金额（元）"


def on_amount(write: Callable[[Decimal], str]) -> Change:
    def change(victim: Victim, folder: Folder) -> str | None:
        text = victim.text(AMOUNT)
        return write(Decimal(text)) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else None

    return change


def in_wan(amount: Decimal) -> str:
    return f"{(amount / 10_000).normalize():f}万元"


def capitals_disagree(folder: Folder, count: int) -> list[Victim]:
    """Only in contracts that no assignment or visit names."""
    named = set(folder.column("合同编号", "assignment", "visit"))
    harmed = [v for v in folder.rows("contract") if v.text("合同编号") not in named][:count]
    for victim in harmed:
        victim.table.put(victim.row, "合同金额（大写）", to_capital(Decimal("999999.99")))
    return harmed


# --- certificates ------------------------------------------------------------------------------------


def other_grade(folder: Folder, count: int) -> list[Victim]:
    """A new certificate after a new assessment: its number ends in another grade."""
    harmed = list(candidates(folder, ("disability",), "any"))[:count]
    for victim in harmed:
        number = victim.text("残疾人证号")
        grade = int(number[19]) % 4 + 1
        victim.table.put(victim.row, "残疾人证号", f"{number[:19]}{grade}")
        victim.table.put(victim.row, "残疾等级", f"{'一二三四'[grade - 1]}级")
    return harmed


def foreign_certificate(folder: Folder, count: int) -> list[Victim]:
    """Certificates of two people change places."""
    rows = list(candidates(folder, ("disability",), "spare"))
    pairs = list(zip(rows[::2], rows[1::2], strict=False))[:count]
    for one, other in pairs:
        numbers = one.text("残疾人证号"), other.text("残疾人证号")
        one.table.put(one.row, "残疾人证号", numbers[1])
        other.table.put(other.row, "残疾人证号", numbers[0])
    return [victim for pair in pairs for victim in pair]


# --- everything else ---------------------------------------------------------------------------------


def always(content: Any) -> Change:
    return lambda victim, folder: content


SOME_PEOPLE: Final = ("dibao", "elder", "child")
