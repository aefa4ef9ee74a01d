"""拼音: how characters are read, and by what a name is searched.

A name is found by any piece of it in characters, or by how it begins: spelled out (``zhangs``) or by first
letters (``zs``). Heteronyms are found by each reading, but a person's surname as surnames are read. What a
stored name is found by is made in PostgreSQL (``name_keys``), from the readings given here; of many people at
a time it is made here, ten times as fast, and is the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
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


# --- what a person's name is found by: the function ``name_keys`` of PostgreSQL once more ---------

SPELLINGS: Final = 12
"""Of one name, the most usual first."""

_IN_PINYIN: Final = re.compile("[a-z]|[a-z][a-z0-9]|[0-9][a-z]")


def asked(plain: str) -> set[str]:
    """The ``characters`` whose readings ``name_keys`` may ask for."""
    return {*plain, plain[:2]}


def name_keys(plain: str, known: Mapping[str, Reading]) -> list[str]:
    """Keys of a person's name, which ``name_plain`` of PostgreSQL made ``plain``."""
    family = known[plain[:2]].surname[0].split(" ") if len(plain) > 2 and plain[:2] in known else []
    spelled, letters, keys = [""], [""], []
    for n, character in enumerate(plain):
        reading = known.get(character)
        if n < len(family):
            sounds = [family[n]]
        elif reading is None:
            sounds = [character]
        else:
            sounds = reading.usual if n else reading.surname
        spelled = _combined(spelled, sounds)
        letters = _combined(letters, [sound[:1] for sound in sounds])
        pair = plain[n : n + 2]
        for piece in (character, pair)[: len(pair)]:
            if not (piece.isascii() and _IN_PINYIN.fullmatch(piece)):
                keys.append(piece)
    keys += [each[:n] for each in spelled + letters for n in range(2, min(len(each), LONGEST) + 1)]
    return keys


def _combined(heads: list[str], sounds: list[str]) -> list[str]:
    """Each beginning with each sound."""
    if len(sounds) == 1:  # most characters, and several times as fast
        return [head + sounds[0] for head in heads]
    return list(dict.fromkeys([head + sound for sound in sounds for head in heads]))[:SPELLINGS]


def spellings(plain: str, known: Mapping[str, Reading]) -> list[tuple[str, ...]]:
    """The syllables of a person's name as it may be read, as ``name_keys`` takes it."""
    family = known[plain[:2]].surname[0].split(" ") if len(plain) > 2 and plain[:2] in known else []
    found: list[tuple[str, ...]] = [()]
    for n, character in enumerate(plain):
        reading = known.get(character)
        sounds = [character] if reading is None else reading.usual if n else reading.surname
        sounds = [family[n]] if n < len(family) else sounds
        found = [(*head, sound) for sound in sounds for head in found][:SPELLINGS]
    return found


# --- what is looked for ---------------------------------------------------------------------------


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
