"""Synthetic names: common surnames and syllables put together by chance.

A name here belongs to nobody: it is drawn, never copied from a list of persons.
"""

from __future__ import annotations

from random import Random
from typing import Final

HAN: Final = "01"
HUI: Final = "03"
UYGHUR: Final = "05"
MIAO: Final = "06"
ZHUANG: Final = "08"
DONG: Final = "12"
YAO: Final = "13"
TUJIA: Final = "15"
SHE: Final = "22"

_SURNAMES: Final = tuple(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡"
    "贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱"
)
_SURNAMES_OF: Final = {
    HUI: tuple("马马马杨丁金白沙哈虎海穆禹锁买"),
    ZHUANG: tuple("韦韦黄覃农陆蓝莫梁罗岑"),
    YAO: tuple("盘邓赵李黄蒋"),
    DONG: tuple("吴石杨龙姚"),
    MIAO: tuple("杨龙吴石麻"),
    SHE: tuple("雷蓝钟盘"),
    TUJIA: tuple("田向彭覃冉"),
}
LONG_SURNAMES: Final = ("欧阳", "上官", "司徒", "诸葛", "司马")

_MALE: Final = tuple(
    "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林建国志文海金水生福根荣贵发祥德"
)
_FEMALE: Final = tuple("芳娜敏静秀丽艳娟霞燕玲桂英兰凤洁梅琳雪雅慧莹婷琴云莲珍贞莉美香月素红春菊彩惠珠翠")
_RARE: Final = ("䶮", "𠮷", "㛃", "㙓", "䴖", "𬭚")
"""Characters of names outside GBK: only gb18030 and Unicode carry them."""

_UYGHUR_MALE: Final = ("艾力", "吐尔逊", "买买提", "阿不都", "玉素甫", "艾合买提", "库尔班", "依明", "卡德尔")
_UYGHUR_FEMALE: Final = ("阿依古丽", "帕提古丽", "热依汗", "古丽娜尔", "阿孜古丽", "迪丽达尔", "茹仙")
_HUI_DOTTED: Final = ("尤素福", "伊布拉", "穆萨", "法图麦", "阿依舍", "索菲亚")
_ZHUANG_DOTTED: Final = ("达妮", "勒山", "依岚", "特康")
MIDDLE_DOT: Final = "·"

_MIX: Final = {
    "GX": ((HAN, 70), (ZHUANG, 20), (YAO, 4), (DONG, 2), (MIAO, 1), (HUI, 2), (UYGHUR, 1)),
    "FJ": ((HAN, 962), (SHE, 15), (TUJIA, 10), (HUI, 8), (UYGHUR, 5)),
    "NX": ((HAN, 58), (HUI, 40), (UYGHUR, 2)),
}


def ethnicity(chance: Random, province: str) -> str:
    """A code of GB/T 3304, in the proportions of ``GX``, ``FJ`` or ``NX`` (roughly)."""
    mix = _MIX[province]
    return chance.choices([code for code, _ in mix], [weight for _, weight in mix])[0]


def given_name(chance: Random, male: bool) -> str:
    syllables = _MALE if male else _FEMALE
    roll = chance.random()
    if roll < 0.18:
        return chance.choice(syllables)
    last = chance.choice(_RARE) if roll > 0.992 else chance.choice(syllables)
    return chance.choice(syllables) + last


def surname(chance: Random, ethnicity_code: str = HAN) -> str:
    own = _SURNAMES_OF.get(ethnicity_code)
    if own and chance.random() < 0.8:
        return chance.choice(own)
    return chance.choice(LONG_SURNAMES) if chance.random() < 0.006 else chance.choice(_SURNAMES)


def full_name(chance: Random, male: bool, ethnicity_code: str = HAN, family: str | None = None) -> str:
    """A whole name; ``family`` hands down a surname, which names with a middle dot do not have."""
    dotted = _dotted_name(chance, male, ethnicity_code)
    return dotted or (family or surname(chance, ethnicity_code)) + given_name(chance, male)


def _dotted_name(chance: Random, male: bool, ethnicity_code: str) -> str | None:
    if ethnicity_code == UYGHUR:
        own = chance.choice(_UYGHUR_MALE if male else _UYGHUR_FEMALE)
        return own + MIDDLE_DOT + chance.choice(_UYGHUR_MALE)
    if ethnicity_code == HUI and chance.random() < 0.03:
        return chance.choice(_HUI_DOTTED) + MIDDLE_DOT + chance.choice(_SURNAMES_OF[HUI])
    if ethnicity_code == ZHUANG and chance.random() < 0.02:
        return chance.choice(_ZHUANG_DOTTED) + MIDDLE_DOT + chance.choice(_SURNAMES_OF[ZHUANG])
    return None
