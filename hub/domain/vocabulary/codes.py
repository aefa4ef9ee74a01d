"""Codes of national standards that are longer than an enumeration should be."""

from __future__ import annotations

from typing import Final

from hub.domain.vocabulary.term import normalised


class CodeTable:
    """Codes of one standard: ``label(code)``, and ``parse(label)`` by word, synonym or code."""

    def __init__(
        self, zh: str, en: str, standard: str, labels: dict[str, str], synonyms: dict[str, str]
    ) -> None:
        self.zh, self.en, self.standard, self.labels = zh, en, standard, labels
        self._codes = {normalised(word): code for word, code in synonyms.items()}
        self._codes |= {normalised(word): code for code, word in labels.items()}
        self._codes |= {code: code for code in labels}

    def label(self, code: str) -> str | None:
        return self.labels.get(code)

    def parse(self, label: str) -> str | None:
        """The code ``label`` names; None when there is none."""
        return self._codes.get(normalised(label))


def _labels(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_ETHNIC_GROUPS: Final = _labels("""
01 汉族  02 蒙古族  03 回族  04 藏族  05 维吾尔族  06 苗族  07 彝族  08 壮族  09 布依族  10 朝鲜族
11 满族  12 侗族  13 瑶族  14 白族  15 土家族  16 哈尼族  17 哈萨克族  18 傣族  19 黎族  20 傈僳族
21 佤族  22 畲族  23 高山族  24 拉祜族  25 水族  26 东乡族  27 纳西族  28 景颇族  29 柯尔克孜族  30 土族
31 达斡尔族  32 仫佬族  33 羌族  34 布朗族  35 撒拉族  36 毛南族  37 仡佬族  38 锡伯族  39 阿昌族
40 普米族  41 塔吉克族  42 怒族  43 乌孜别克族  44 俄罗斯族  45 鄂温克族  46 德昂族  47 保安族  48 裕固族
49 京族  50 塔塔尔族  51 独龙族  52 鄂伦春族  53 赫哲族  54 门巴族  55 珞巴族  56 基诺族  97 其他
98 外国血统中国籍人士
""")

ETHNICITY: Final = CodeTable(
    "民族",
    "Ethnic group",
    "GB/T 3304-1991",
    _ETHNIC_GROUPS,
    {label.removesuffix("族"): code for code, label in _ETHNIC_GROUPS.items()}
    | {code.lstrip("0"): code for code in _ETHNIC_GROUPS},
)

HOUSEHOLD_RELATION: Final = CodeTable(
    "与户主关系",
    "Relation to the head of household",
    "GB/T 4761-2008",
    _labels("""
01 本人  02 户主  10 配偶  11 夫  12 妻  20 子  21 独生子  22 长子  23 次子  24 三子  25 四子
26 五子  27 养子或继子  28 女婿  29 其他儿子  30 女  31 独生女  32 长女  33 次女  34 三女  35 四女
36 五女  37 养女或继女  38 儿媳  39 其他女儿  40 孙子、孙女或外孙子、外孙女  41 孙子  42 孙女  43 外孙子
44 外孙女  45 孙媳妇或外孙媳妇  46 孙女婿或外孙女婿  47 曾孙子或外曾孙子  48 曾孙女或外曾孙女
49 其他孙子、孙女或外孙子、外孙女  50 父母  51 父亲  52 母亲  53 公公  54 婆婆  55 岳父  56 岳母
57 继父或养父  58 继母或养母  59 其他父母关系  60 祖父母或外祖父母  61 祖父  62 祖母  63 外祖父  64 外祖母
65 配偶的祖父母或外祖父母  66 曾祖父  67 曾祖母  68 配偶的曾祖父母或外曾祖父母  69 其他祖父母或外祖父母关系
70 兄、弟、姐、妹  71 兄  72 嫂  73 弟  74 弟媳  75 姐姐  76 姐夫  77 妹妹  78 妹夫  79 其他兄弟姐妹
80 其他  81 伯父  82 伯母  83 叔父  84 婶母  85 舅父  86 舅母  87 姨父  88 姨母  89 姑父  90 姑母
91 堂兄弟、堂姐妹  92 表兄弟、表姐妹  93 侄子  94 侄女  95 外甥  96 外甥女  97 其他亲属  99 非亲属
"""),
    {
        "0": "02",
        "本人或户主": "02",
        "1": "10",
        "2": "20",
        "3": "30",
        "4": "40",
        "5": "50",
        "6": "60",
        "7": "70",
        "8": "80",
        "丈夫": "11",
        "妻子": "12",
        "夫妻": "10",
        "儿子": "20",
        "女儿": "30",
        "次女儿": "33",
        "二子": "23",
        "二女": "33",
        "媳妇": "38",
        "养子": "27",
        "继子": "27",
        "养女": "37",
        "继女": "37",
        "孙": "41",
        "外孙": "43",
        "孙媳": "45",
        "孙女婿": "46",
        "曾孙": "47",
        "曾孙女": "48",
        "父": "51",
        "母": "52",
        "爸爸": "51",
        "妈妈": "52",
        "继父": "57",
        "养父": "57",
        "继母": "58",
        "养母": "58",
        "爷爷": "61",
        "奶奶": "62",
        "外公": "63",
        "外婆": "64",
        "姥爷": "63",
        "姥姥": "64",
        "祖父母": "60",
        "外祖父母": "60",
        "兄弟姐妹": "70",
        "兄弟": "70",
        "姐妹": "70",
        "哥哥": "71",
        "哥": "71",
        "嫂子": "72",
        "弟弟": "73",
        "弟妹": "74",
        "姐": "75",
        "妹": "77",
        "姨夫": "87",
        "侄儿": "93",
        "亲属": "97",
        "其他关系": "80",
    },
)
"""Codes of two digits; the standard's one-digit codes are read as the general code of their group."""

HEAD_OF_HOUSEHOLD: Final = frozenset({"01", "02"})
"""Relations of the head to himself; the head of a household is derived from them."""
