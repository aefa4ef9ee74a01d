"""How characters are read, and what a search looks for."""

from __future__ import annotations

import pytest

from hub.domain.pinyin import LONGEST, SURNAMES, Sought, readings, sought

KNOWN = dict(readings())


@pytest.mark.parametrize(
    ("characters", "read"),
    [
        ("张", ["zhang"]), ("曾", ["zeng"]), ("单", ["shan"]), ("仇", ["qiu"]), ("区", ["ou"]),
        ("解", ["xie"]),
        ("查", ["zha"]), ("任", ["ren"]), ("华", ["hua"]), ("盖", ["ge", "gai"]), ("朴", ["piao", "pu"]),
        ("覃", ["qin", "tan"]), ("翟", ["zhai", "di"]), ("吕", ["lv"]), ("尉迟", ["yu chi"]),
        ("万俟", ["mo qi"]),
        ("欧阳", ["ou yang"]), ("长孙", ["zhang sun"]), ("令狐", ["ling hu"]), ("澹台", ["tan tai"]),
    ],
)  # fmt: skip
def test_surnames_are_read_as_surnames(characters: str, read: list[str]) -> None:
    assert KNOWN[characters].surname == read


def test_every_reading_is_typed_with_letters() -> None:
    assert len(KNOWN) > 40_000
    for characters, reading in KNOWN.items():
        assert len(reading.usual) <= 2
        for sound in reading.usual + reading.surname:
            assert sound.replace(" ", "").isascii(), characters
            assert sound.replace(" ", "").islower(), characters
    assert all(len(c) == 1 and read for c, read in SURNAMES.items())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("张", Sought(["张"], None)),
        (" 张 三 ", Sought(["张三"], None)),
        ("张三丰", Sought(["张三", "三丰"], "张三丰")),
        ("阿卜杜·热", Sought(["阿卜", "卜杜", "杜热"], "阿卜杜热")),
        ("Zhang San", Sought(["zhangsan"], None)),
        ("zs", Sought(["zs"], None)),
        ("Lü", Sought(["lv"], None)),
        ("lyu", Sought(["lv"], None)),
        ("chanyu", Sought(["chanyu"], None)),
        ("3", Sought(["3"], None)),
        ("3hao", Sought(["3hao"], None)),
        ("120", Sought(["12", "20"], "120")),
        ("ab区服", Sought(["b区", "区服"], "ab区服")),
    ],
)
def test_what_is_looked_for(text: str, found: Sought) -> None:
    assert sought(text) == found


@pytest.mark.parametrize("text", ["", " ", "·", "z", "（）", "张" * (LONGEST + 1)])
def test_too_little_and_too_much_to_look_for(text: str) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        sought(text)
