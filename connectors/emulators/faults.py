"""Corrupts copies of published lists on purpose: every roster fault of the catalogue, by name.

``apply`` changes the files of one county and says which rows it touched and what a connector must do
with them. Rows are chosen so that nothing else depends on them: a row that must end in quarantine
takes no assignment or visit with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from connectors.emulators import fault_cells as cells
from connectors.emulators import fault_sheets as sheets
from connectors.emulators.fault_cells import AMOUNT, SOME_PEOPLE, Harm, cell
from connectors.emulators.fault_files import Choice, Folder
from hub.domain.money import to_capital

Expected = Literal["quarantined", "corrected", "accepted", "ignored"]
"""``corrected``: merged with what is true of the person. ``accepted``: merged as it stands.
``ignored``: not a row of the list at all, neither merged nor quarantined."""


@dataclass(frozen=True, slots=True)
class Fault:
    """``code``: of ``hub.domain.refusal`` where the row must be quarantined."""

    name: str
    expected: Expected
    code: str | None
    harm: Harm

    @property
    def catalogue(self) -> str:
        """``X19``."""
        return self.name.partition("-")[0].upper()


@dataclass(frozen=True, slots=True)
class Touched:
    """``row`` counts from 1 as in the file; 0 is the whole file. ``sheet`` is empty for text files."""

    file: str
    sheet: str
    row: int
    expected: Expected
    expected_code: str | None


@dataclass(frozen=True, slots=True)
class FaultReport:
    fault: str
    touched: tuple[Touched, ...]


def apply(fault: str, folder: Path, count: int = 3, seed: int = 1) -> FaultReport:
    """Harm up to ``count`` places in ``folder``, the published folder of one county.

    Raises ``ValueError`` where the county offers no place for this fault, ``KeyError`` for another name.
    """
    about = FAULTS[fault]
    lists = Folder(folder, seed)
    harmed = about.harm(lists, count)
    if not harmed:
        raise ValueError(f"{fault} finds nothing to harm in the lists of {lists.county}")
    lists.save(victim.table for victim in harmed)
    # Of a file that cannot be read nobody knows the sheets.
    sheets_known = about.code != "UNREADABLE_FILE"
    touched = (
        Touched(v.table.file, v.table.sheet if sheets_known else "", v.row, about.expected, about.code)
        for v in harmed
    )
    return FaultReport(fault, tuple(sorted(touched, key=lambda one: (one.file, one.row))))


def _number(change: Callable[[str], Any]) -> Harm:
    """Rows that will be quarantined."""
    return cell("身份证号", SOME_PEOPLE, cells.on_number(change), "spare")


def _same_number(change: Callable[[str], Any]) -> Harm:
    return cell("身份证号", ("elder", "child"), cells.on_number(change), "any")


def _lost_name(character: str) -> Harm:
    return cell("姓名", SOME_PEOPLE, cells.on_name(cells.last_as(character)), "spare")


def _same_name(change: Callable[[str], str | None]) -> Harm:
    return cell("姓名", SOME_PEOPLE, cells.on_name(change), "any")


def _all() -> Iterator[Fault]:
    yield from _schema()
    yield from _identity()
    yield from _names()
    yield from _facts()
    yield from _dates()
    yield from _money()
    yield from _sheets()
    yield from _texts()
    yield from _contents()
    yield from _attacks()


def _bad(name: str, code: str, harm: Harm) -> Fault:
    return Fault(name, "quarantined", code, harm)


def _good(name: str, harm: Harm, expected: Expected = "corrected") -> Fault:
    return Fault(name, expected, None, harm)


def _schema() -> Iterator[Fault]:
    yield _good("x13-column-added", sheets.column_added, "accepted")
    yield _good("x13-columns-reordered", sheets.columns_reordered, "accepted")
    for number, word in enumerate(("身份证号", "公民身份号码", "证件号码"), 1):
        yield _good(f"x13-header-synonym-{number}", sheets.renamed("身份证号", word, "elder"), "accepted")
    yield _bad("x13-header-missing", "HEADER_MISSING", sheets.renamed("合同编号", "备注", "assignment"))


def _identity() -> Iterator[Fault]:
    yield _bad(
        "x18-no-number", "PERSON_UNIDENTIFIED", cell("身份证号", ("elder",), cells.always(""), "spare")
    )
    yield _good(
        "x18-no-number-but-file",
        cell("身份证号", ("vagrant",), cells.on_number(lambda number: ""), "alone"),
        "accepted",
    )
    yield _bad("x19-checksum", "ID_CHECKSUM", _number(cells.other_check))
    yield _bad("x19-transposed", "ID_CHECKSUM", _number(cells.transposed))
    yield _bad("x19-letter-o", "ID_LOOKALIKE", _number(cells.lookalike("0", "O")))
    yield _bad("x19-letter-i", "ID_LOOKALIKE", _number(cells.lookalike("1", "I")))
    for letter, name in (("Х", "cyrillic"), ("Χ", "greek"), ("x", "small")):
        yield _good(f"x19-{name}-x", _same_number(cells.other_x(letter)))
    yield _good("x20-fifteen-digits", _same_number(cells.fifteen))
    yield _good("x21-full-width", _same_number(cells.full_width))
    yield _good("x21-spaces", _same_number(cells.spaced))
    yield _good("x21-apostrophe", _same_number(lambda number: "'" + number))
    yield _bad("x22-number-cell", "ID_LOST_DIGITS", _number(cells.as_number))
    yield _bad("x22-scientific", "ID_LOST_DIGITS", _number(cells.scientific))
    yield _bad("x22-without-x", "ID_LOST_DIGITS", _number(cells.without_x))
    yield _bad("x23-two-names", "ID_TWO_NAMES", cells.two_names)
    yield _good("x23-second-number", cell("身份证号", ("elder",), cells.second_number, "alone"), "accepted")


def _names() -> Iterator[Fault]:
    for character, name in (("?", "question-mark"), ("□", "box"), ("\ue5e5", "private-use"), ("*", "star")):
        yield _bad(f"x24-{name}", "NAME_LOST_CHARACTER", _lost_name(character))
    yield _bad("x24-described", "NAME_LOST_CHARACTER", _lost_name("（龙天）"))
    for character, name in (("•", "bullet"), ("．", "full-stop"), ("‧", "hyphenation-point")):
        yield _good(f"x24-dot-as-{name}", _same_name(cells.other_dot(character)))
    yield _good("x24-spaces", _same_name(cells.with_space))
    yield _bad("x24-deceased", "DECEASED_WITHOUT_END", cell("姓名", SOME_PEOPLE, cells.deceased, "spare"))
    yield _good("x24-former-name", _same_name(lambda name: f"{name}（曾用名：某某）"))
    yield _good("x24-rare", cell("姓名", ("elder",), cells.on_name(cells.last_as("𠮷")), "any"), "accepted")


def _facts() -> Iterator[Fault]:
    birth = cells.on_day("出生日期", lambda day: day.replace(year=day.year - 1, day=1).isoformat())
    sex = cells.on_number(lambda number: "女" if int(number[16]) % 2 else "男")
    yield _good("x25-birth-date", cell("出生日期", ("elder",), birth, "any"))
    yield _good("x25-sex", cell("性别", ("elder",), sex, "any"))
    yield _good("x26-other-grade", cells.other_grade, "accepted")
    yield _bad("x26-foreign-certificate", "CONTRADICTION", cells.foreign_certificate)

    def place(change: Callable[[str, str], str | None], choice: Choice = "any") -> Harm:
        return cell("区划代码", ("elder", "other"), cells.on_division(change), choice)

    yield _good("x27-successor", place(cells.only_in("350212", "350212106000")), "accepted")
    yield _bad("x27-abolished", "DIVISION_ABOLISHED", place(cells.only_in("350212", "350212106201"), "spare"))
    yield _good("x27-township-like", place(cells.township_like), "accepted")
    yield _good("x27-own-level", place(lambda county, code: f"{code[:9]}999"), "accepted")
    yield _good("x27-county-own-level", place(lambda county, code: f"{county}999000"), "accepted")
    yield _good("x27-six-digits", place(lambda county, code: county), "accepted")
    yield _good("x27-six-digits-padded", place(lambda county, code: f"{county}000000"), "accepted")
    yield _good("x27-nine-digits", place(lambda county, code: code[:9]), "accepted")
    yield _bad("x27-name-only", "DIVISION_FORM", place(lambda county, code: "新圩镇", "spare"))
    yield _bad("x27-unknown", "DIVISION_UNKNOWN", place(lambda county, code: f"{county}098000", "spare"))
    yield _bad("x27-elsewhere", "DIVISION_OUTSIDE", place(cells.elsewhere, "spare"))


def _dates() -> Iterator[Fault]:
    def start(write: Callable[[dt.date], Any]) -> Harm:
        return cell("起始日期", ("elder",), cells.on_day("起始日期", write), "any")

    yield _good("x28-serial", start(cells.serial))
    yield _good("x28-serial-text", start(lambda day: str(cells.serial(day))))
    yield _good("x28-epoch-1904", sheets.epoch_1904, "accepted")
    yield _good("x28-slashes", start(lambda day: f"{day.year}/{day.month}/{day.day}"))
    yield _good("x28-dots", start(lambda day: f"{day.year}.{day.month}.{day.day}"))
    yield _good("x28-chinese", start(lambda day: f"{day.year}年{day.month}月{day.day}日"))
    yield _good("x28-eight-digits", start(lambda day: f"{day:%Y%m%d}"))
    yield _good("x28-month-chinese", start(lambda day: f"{day.year}年{day.month}月"), "accepted")
    yield _good("x28-month-digits", start(lambda day: f"{day:%Y%m}"), "accepted")
    yield _good("x28-month-dot", start(cells.month_dot), "accepted")
    yield _good(
        "x28-open-ended", cell("终止日期", ("elder",), cells.where_empty("终止日期", "3000-01"), "any")
    )

    def wrong(content: str, header: str = "起始日期") -> Harm:
        return cell(header, ("elder",), cells.always(content), "spare")

    yield _bad("x28-month-ambiguous", "DATE_AMBIGUOUS", wrong("2023.1"))
    yield _bad("x28-lunar", "DATE_LUNAR", wrong("农历二〇二三年正月初八"))
    yield _bad("x28-zero", "DATE_PLACEHOLDER", wrong("1900-01-00"))
    yield _bad("x28-no-day", "DATE_INCOMPLETE", wrong("2023年3月", "建档日期"))
    yield _bad("x28-impossible", "DATE_UNREADABLE", wrong("2023-02-30"))


def _money() -> Iterator[Fault]:
    def amount(write: Callable[[Decimal], str], choice: Choice = "any") -> Harm:
        return cell(AMOUNT, ("dibao",), cells.on_amount(write), choice)

    yield _good("x29-thousands", amount(lambda yuan: f"{yuan:,.2f}元"))
    yield _good("x29-capitals", amount(to_capital))
    yield _good("x29-fen", amount(lambda yuan: f"{yuan * 100:.0f}分"))
    yield _good("x29-wan", amount(cells.in_wan))
    yield _bad("x29-words", "MONEY_UNREADABLE", amount(lambda yuan: "约三百元左右", "spare"))
    yield _bad("x29-masked", "MONEY_MASKED", amount(lambda yuan: "3**", "spare"))
    yield _bad("x29-capitals-disagree", "MONEY_DISAGREE", cells.capitals_disagree)
    yield _good("x29-merged-total", sheets.extra_row("合计", *[None] * 11, 123456, merge=5), "ignored")


def _sheets() -> Iterator[Fault]:
    yield _good("x30-merged-header", sheets.two_header_rows, "accepted")
    yield _good("x30-merged-body", sheets.merged_households, "accepted")
    yield _good("x30-blank-continuation", cell("户编号", ("dibao",), cells.always(""), "any"), "accepted")
    yield _good("x30-hidden-rows", sheets.hidden_rows, "accepted")
    yield _bad("x30-formula", "FORMULA_WITHOUT_VALUE", sheets.formula("姓名"))
    yield _good("x30-total-row", sheets.extra_row("本页小计", "12人"), "ignored")
    yield _good("x30-remark-row", sheets.extra_row("备注：以上名单截至本月末。"), "ignored")
    yield _good("x30-example-row", sheets.extra_row("示例", "张三"), "ignored")
    yield _good("x30-numbered-columns", sheets.numbered_columns, "ignored")
    yield _good("x30-two-tables", sheets.second_table, "accepted")
    yield _bad(
        "x30-remark-in-cell",
        "DATE_UNREADABLE",
        cell("终止日期", ("elder",), cells.always("已迁出，待核实"), "spare"),
    )
    yield _good("x30-wps", sheets.other_program, "accepted")


def _texts() -> Iterator[Fault]:
    for encoding in ("gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"):
        yield _good(f"x31-{encoding}", sheets.encoded(encoding), "accepted")
    yield _good("x31-semicolon", sheets.encoded("gb18030", ";"), "accepted")
    yield _good("x31-tab", sheets.encoded("utf-8-sig", "\t"), "accepted")
    yield _good(
        "x31-quoted-newline", sheets.text_cell("文字记录", lambda text: f'一、{text}\n二、"无"'), "accepted"
    )
    yield _bad(
        "x31-scientific",
        "ID_LOST_DIGITS",
        sheets.text_cell("身份证号", lambda number: "4.59999E+17" if len(number) == 18 else None),
    )
    yield _bad("x31-unquoted", "ROW_TOO_WIDE", sheets.unquoted)


def _contents() -> Iterator[Fault]:
    reversed_ = cell("终止日期", ("elder",), cells.always("1990-01-01"), "spare")
    yield _bad("x32-end-before-start", "PERIOD_REVERSED", reversed_)
    yield _good("x33-address", cell("住址", ("elder",), cells.always("别处村1组1号"), "any"), "accepted")


def _attacks() -> Iterator[Fault]:
    formulas = ("=cmd|'/C calc'!A0", "@SUM(1+1)*cmd|'/C calc'!A0", '=HYPERLINK("http://invalid/","点击")')
    for number, formula in enumerate(formulas, 1):
        yield _bad(
            f"x34-formula-{number}",
            "NAME_NOT_A_NAME",
            cell("姓名", ("elder",), cells.always(formula), "spare"),
        )
    markup = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    yield _bad(
        "x34-markup-in-name", "NAME_NOT_A_NAME", cell("姓名", ("elder",), cells.always(markup), "spare")
    )
    yield _good("x34-markup", cell("住址", ("elder",), cells.always(f"人民路1号{markup}"), "any"), "accepted")
    sql = "人民路1号'); DROP TABLE beneficiary;--"
    yield _good("x34-sql", cell("住址", ("elder",), cells.always(sql), "any"), "accepted")
    note = sheets.text_cell("文字记录", lambda text: f"{text}{markup}")
    yield _good("x34-markup-in-note", note, "accepted")
    yield _bad("x34-huge-cell", "CELL_TOO_LONG", sheets.huge_cell)
    yield _bad("x34-document-type", "UNREADABLE_FILE", sheets.document_type)
    yield _bad("x34-cut-off", "UNREADABLE_FILE", sheets.cut_off)


FAULTS: Final[dict[str, Fault]] = {fault.name: fault for fault in _all()}
"""By name; the part before the first dash is the number in the catalogue."""
