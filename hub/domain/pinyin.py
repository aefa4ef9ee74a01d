"""拼音: how characters are read, and by what a name is searched.

A name is found by any piece of it in characters, or by how it begins: spelled out (``zhangs``) or by first
letters (``zs``). Heteronyms are found by each reading, but a person's surname as surnames are read. What a
stored name is found by is made in PostgreSQL (``name_keys``), from the readings given here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from hub.domain.text import COMPOUND_SURNAMES

READINGS: Final = 2
"""Of a character, most usual first; most that come behind are read in old texts only."""

_SURNAMES: Final = """
仇qiu 单shan 区ou 曾zeng 解xie 查zha 朴piao/pu 盖ge/gai 覃qin/tan 翟zhai/di
乐yue/le 缪miao/mou 牟mu/mou 谌chen/shen 隗wei/kui 召shao 柏bai/bo 洗xian
郇xun/huan 员yun 贠yun 种chong 黑he/hei 折she 祭zhai 秘bi 费fei/bi 尉wei/yu
能nai 句gou 卜bu 都du 适kuo 粘nian 佴nai 角jue 阚kan 乜nie 宓mi/fu 郗xi/chi
藏zang 莘shen/xin 重chong 长chang 薄bo 蔚yu/wei
"""
SURNAMES: Final = {word[0]: word[1:].split("/") for word in _SURNAMES.split()}
"""Surnames that are not, or not only, read as a dictionary of characters has them first."""

COMPOUNDS: Final = {
    "乐正": "yue zheng",
    "单于": "chan yu",
    "尉迟": "yu chi",
    "万俟": "mo qi",
    "澹台": "tan tai",
}
"""Surnames of two characters that the library's phrases do not have, or that must not change with it."""

LONGEST: Final = 40
"""Characters of what is searched for."""

_DROPPED: Final = re.compile(r"[\s·•'’()（）\[\]【】《》、，,.。-]+")
_TYPED: Final = re.compile("[0-9]*[a-z][a-z0-9]*")
"""Pinyin, which may begin with a digit: ``3haofuwuzhan``."""


class Reading(NamedTuple):
    """``usual``: of a character anywhere; ``surname``: at the beginning of a person's name."""

    usual: list[str]
    surname: list[str]


def readings() -> Iterator[tuple[str, Reading]]:
    """Every character that has a reading, and the surnames of two characters, spaced as ``yu chi``."""
    from pypinyin import lazy_pinyin  # a dictionary of some megabytes
    from pypinyin.constants import PINYIN_DICT

    for code, sounds in PINYIN_DICT.items():
        usual = list(dict.fromkeys(filter(None, map(_plain_sound, sounds.split(",")))))[:READINGS]
        if usual:
            yield chr(code), Reading(usual, SURNAMES.get(chr(code), usual[:1]))
    compounds = {*COMPOUND_SURNAMES.pattern.split("|"), *COMPOUNDS}
    for name in sorted(compounds):
        yield name, Reading([], [COMPOUNDS.get(name) or " ".join(lazy_pinyin(name))])


def _plain_sound(sound: str) -> str:
    """``lǜ`` → ``lv``: as it is typed."""
    spelled = unicodedata.normalize("NFD", sound).replace("u\u0308", "v")
    return re.sub("[^a-z]", "", spelled)


class Sought(NamedTuple):
    """``keys``: all of these a name must have; ``piece``: what it must hold, where keys alone cannot tell."""

    keys: list[str]
    piece: str | None


def sought(text: str) -> Sought:
    """What to look for; ValueError where it is too little or too much."""
    plain = _DROPPED.sub("", text).lower().replace("ü", "v").replace("lyu", "lv")
    typed = _TYPED.fullmatch(plain)
    if not (2 if typed else 1) <= len(plain) <= LONGEST:
        raise ValueError
    if typed or len(plain) <= 2:
        return Sought([plain], None)
    pairs = (plain[i : i + 2] for i in range(len(plain) - 1))
    return Sought([pair for pair in pairs if not _TYPED.fullmatch(pair)], plain)
