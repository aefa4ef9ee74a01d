"""Text as people write it into spreadsheets: cleaned, recognised as empty, masked."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Final

from hub.domain.refusal import Refused

CELL_LIMIT: Final = 32_767
"""Characters a spreadsheet cell can hold; longer text is an accident or an attack."""

NAME_LIMIT: Final = 50

EXACT_DIGITS: Final = 15
"""Digits a spreadsheet keeps of a number."""

UNNAMED: Final = "无名氏"
"""How shelters register a person who cannot say a name; it names nobody, so it is never masked."""

EMPTY: Final = frozenset(
    {"", "无", "暂无", "不详", "-", "--", "---", "—", "——", "/", "//", "\\", "\\n", "null", "(null)"}
    | {"none", "nan", "n/a", "#n/a"}
)
"""How sources write that there is nothing; compared after folding to narrow lower case."""

_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
)
_CONTROL: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_JUNK: Final = re.compile(f"[{_INVISIBLE}{_CONTROL}]+")
_BLANK: Final = re.compile(rf"[{_INVISIBLE}{_CONTROL}\s]+")
_NOT_NARROW: Final = re.compile("[\u3000\u00a0\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_WIDE: Final = {0x3000: " ", 0x00A0: " "} | {
    c: chr(c - 0xFEE0) for c in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_APOSTROPHES: Final = "'‘’`＇"
_MARKS: Final = tuple(_APOSTROPHES)
_LONGEST_EMPTY: Final = 8
"""No way to write nothing is longer, spaces between included."""


def fold(value: str) -> str:
    """For codes, numbers and comparison: NFKC, no invisible characters, no white space at all.

    Raises ``TEXT_TOO_LONG`` above ``CELL_LIMIT``.
    """
    if len(value) > CELL_LIMIT:
        raise Refused("TEXT_TOO_LONG")
    return _BLANK.sub("", unicodedata.normalize("NFKC", value)).lstrip(_APOSTROPHES)


def fold_cell(value: object) -> str:
    """``fold`` of a cell that may also be a number; "" where there is nothing."""
    return fold(_as_text(value))


def is_empty(value: object) -> bool:
    """Whether a source says "nothing" here, in any of the ways of ``EMPTY``."""
    # No way to say so has a digit, and folding takes none away: most numbers and days need no folding.
    if type(value) is str and (value[:1].isdecimal() or value[-1:].isdecimal()) and len(value) <= CELL_LIMIT:
        return False
    return fold_cell(value).casefold() in EMPTY


def clean(value: object, *, limit: int = CELL_LIMIT) -> str | None:
    """The text of a cell, or ``None`` where the source says there is nothing.

    Full-width letters and digits become narrow; Chinese punctuation stays, which whole NFKC
    would turn into ASCII. Numbers become their digits, a day becomes ``2023-03-31``.
    Raises ``TEXT_TOO_LONG``, ``DIGITS_LOST``, ``TEXT_EXPECTED``.
    """
    raw = _as_text(value)
    if len(raw) > limit:
        raise Refused("TEXT_TOO_LONG")
    text = _JUNK.sub("", raw.replace("\r\n", "\n").replace("\r", "\n"))
    if _NOT_NARROW.search(text):
        text = text.translate(_WIDE)
    text = unicodedata.normalize("NFC", text).strip()
    if text.startswith(_MARKS):
        text = text[1:].strip()
    return None if len(text) <= _LONGEST_EMPTY and is_empty(text) else text


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        raise Refused("TEXT_EXPECTED")
    if isinstance(value, int | float):
        return _digits(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    raise Refused("TEXT_EXPECTED")


def _digits(value: int | float) -> str:
    if not abs(value) < 10**EXACT_DIGITS:
        raise Refused("DIGITS_LOST")
    return str(int(value)) if value == int(value) else repr(value)


# --- names -------------------------------------------------------------------------------------

DOT: Final = "·"
"""U+00B7, as GB 18030 and the residents' registry write the dot in minority names."""

SPACED_LIMIT: Final = 4
"""Chinese characters of 张 三 or 欧阳 娜娜; more with a space between may be two people in one cell."""

COMPOUND_SURNAMES: Final = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙"
    "|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|子车|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|乐正|宰父|谷梁|拓跋|夹谷"
    "|轩辕|令狐|段干|百里|呼延|东郭|南门|羊舌|微生|公户|公玉|公仪|梁丘|公仲|公上|公门|公山|公坚|左丘|公伯|西门|公祖|第五"
    "|公乘|贯丘|公皙|南荣|东里|东宫|仲长|子书|子桑|即墨|淳于|达奚|褚师|纳兰"
)

_CJK: Final = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_DOTS: Final = re.compile("[·•‧・∙⋅᛫]+")
_FULL_STOP: Final = re.compile(f"(?<=[{_CJK}])[.。](?=[{_CJK}])")
_INNER_SPACE: Final = re.compile(f"(?<=[{_CJK}]) +(?=[{_CJK}])| *{DOT} *")
_TWO_NAMES: Final = re.compile(f"[{_CJK}]{{2}} +[{_CJK}]{{2}}")
"""张三 李四; 欧阳 娜娜 is one."""

_LOST: Final = re.compile(f"^{DOT}|{DOT}$|[?●□■▯▢◻◼☐〓○◯*×�\ue000-\uf8ff\U000f0000-\U0010ffff]")
_REMARK: Final = re.compile(r"\((?:已故|已?死亡|已?去世|已?亡|已?注销|户主|曾用名.*|原名.*)\)$")
_DECEASED: Final = re.compile(r"\((?:已故|已?死亡|已?去世|已?亡)\)$")
_BRACKETS: Final = str.maketrans("[]{}【】〔〕", "()()()()")


def clean_name(value: object) -> str | None:
    """A person's name, or ``None`` where there is none.

    One form of the dot in minority names, no spaces between Chinese characters, no remark such as
    （已故） behind it. Raises ``NAME_LOST_CHARACTER`` where ?, □, ×, * or a private character
    stands for one that the source's character set does not have or that was masked, and where a
    bracket describes such a character; ``NAME_NOT_A_NAME`` for formulas, markup, digits.
    """
    text = clean(value, limit=4 * NAME_LIMIT)
    if text is None:
        return None
    spaced = _FULL_STOP.sub(DOT, _DOTS.sub(DOT, _REMARK.sub("", _plain(text)))).strip()
    name = _INNER_SPACE.sub(lambda gap: gap[0].strip(), spaced)
    if _TWO_NAMES.fullmatch(spaced) and not COMPOUND_SURNAMES.match(spaced):
        raise Refused("NAME_NOT_A_NAME")
    if "\n" in text or (len(spaced) > len(name) > SPACED_LIMIT and DOT not in name):
        raise Refused("NAME_NOT_A_NAME")
    if name[:1] in set("=+-@"):
        raise Refused("NAME_NOT_A_NAME")
    if _LOST.search(name) or ("(" in name and re.search(f"[{_CJK}]", name)):
        raise Refused("NAME_LOST_CHARACTER")
    if not name or len(name) > NAME_LIMIT or not all(map(_in_a_name, name)):
        raise Refused("NAME_NOT_A_NAME")
    return name


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(_BRACKETS).split())


def _in_a_name(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" or character in f"〇{DOT} -'.’"


def is_marked_deceased(value: object) -> bool:
    """Whether a remark such as （已故） stands behind a name."""
    return isinstance(value, str) and bool(_DECEASED.search(_plain(value)))


# --- masks -------------------------------------------------------------------------------------


def mask_name(name: str) -> str:
    """``张三`` → ``张*``; at most two stars, so that a long name is not known by its length."""
    if name == UNNAMED:
        return name
    return name[:1] + "*" * min(2, len(name) - 1) if len(name) > 1 else "*"


def mask_id_number(number: str) -> str:
    """The first three characters and the last one: ``459**************X``.

    The usual mask (first six, last four) hides nothing here. Who sees it also sees the birth date
    and the county, and together they are the whole number; with the last two characters nine
    candidates are left, with the last one 45 of the known sex. The last one still tells two people
    of one name apart over the telephone, which is all a mask is for.
    """
    return number[:3] + "*" * (len(number) - 4) + number[-1:] if len(number) > 8 else "*" * len(number)


# --- headers -----------------------------------------------------------------------------------


def header_key(header: str) -> str:
    """How headers are compared: no white space, one kind of bracket, no star, no final colon.

    ``*月保障金额\\n(元)：`` and ``月保障金额（元）`` have the same key.
    """
    return fold(header[:CELL_LIMIT]).translate(_BRACKETS).casefold().strip("*:")
