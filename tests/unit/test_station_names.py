"""Names of stations, badges and uniforms, for the divisions there are."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Final

import pytest

from hub.domain.division import STATION_KINDS, load_divisions, names_above_villages
from hub.domain.norms.names import badge_text, is_named, station_name, uniform_texts
from hub.domain.vocabulary.norm import NoName

DAY: Final = dt.date(2026, 6, 1)
QIXING, PINGAN = "450305001000", "450332107000"


def code_of(*path: str) -> str:
    """Of the division with this full name."""
    (found,) = (row.code for row in load_divisions() if row.full_name == "".join(path))
    return found


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("广西壮族自治区", "桂林市", "七星区", "七星区街道"), "七星区七星区街道民政服务站"),
        (("广西壮族自治区", "桂林市", "荔浦市", "马岭镇"), "荔浦市马岭镇民政服务站"),
        (("广西壮族自治区", "桂林市", "恭城瑶族自治县", "平安镇"), "恭城瑶族自治县平安镇民政服务站"),
        (("广西壮族自治区", "桂林市", "阳朔县", "金宝乡"), "阳朔县金宝乡民政服务站"),
        (("福建省", "厦门市", "同安区", "新民街道"), "同安区新民街道民政服务站"),
        (("宁夏回族自治区", "银川市", "兴庆区", "月牙湖乡"), "兴庆区月牙湖乡社会工作服务站"),
        (("宁夏回族自治区", "银川市", "灵武市", "东塔镇"), "灵武市东塔镇社会工作服务站"),
    ],
)
def test_a_station_is_named_by_its_region(path: tuple[str, ...], name: str) -> None:
    code = code_of(*path)
    assert station_name(code, DAY) == name
    assert is_named(f" {name}　", code, DAY) is True
    assert is_named(name[3:], code, DAY) is False


def test_where_no_name_is_given_the_reason_is() -> None:
    jinjiang = code_of("福建省", "泉州市", "晋江市", "青阳街道")
    assert station_name(jinjiang, dt.date(2024, 6, 1)) is NoName.NO_RULE
    assert station_name(QIXING, dt.date(2025, 2, 12)) is NoName.NO_RULE
    assert station_name(QIXING, dt.date(2025, 2, 13)) == "七星区七星区街道民政服务站"
    zone = code_of("广西壮族自治区", "桂林市", "七星区", "桂林华侨旅游经济区管理委员会")
    farm = code_of("福建省", "厦门市", "翔安区", "大帽山农场")
    for code in (zone, farm, "450305000000", "450305001001", "450000000000", "999999999000"):
        assert station_name(code, DAY) is NoName.NO_TOWNSHIP
        assert is_named("七星区", code, DAY) is None
        assert badge_text("测试", code, DAY) is None
        assert uniform_texts(code, DAY) == ()


def test_badges_and_uniforms() -> None:
    assert badge_text("测试甲", QIXING, DAY) == "七星区街道民政服务站测试甲"
    assert uniform_texts(QIXING, DAY) == ("七星区街道民政服务", "民政服务")
    xiamen = code_of("福建省", "厦门市", "同安区", "新民街道")
    assert (badge_text("测试甲", xiamen, DAY), uniform_texts(xiamen, DAY)) == (None, ())


def test_every_township_has_a_name_of_its_own_or_a_reason() -> None:
    """All of Guangxi, Ningxia and Xiamen but what is none; in Jinjiang and the rest of Fujian no rule."""
    names, reasons = {}, Counter[NoName]()
    for row in load_divisions():
        if row.level == "TOWNSHIP":
            found = station_name(row.code, DAY)
            if isinstance(found, NoName):
                reasons[found] += 1
                assert (row.kind in STATION_KINDS) is (found is NoName.NO_RULE)
                assert found is NoName.NO_TOWNSHIP or row.code.startswith("3505")
            else:
                names[row.code] = found
    assert reasons[NoName.NO_TOWNSHIP] == 59
    assert len(names) + sum(reasons.values()) == 1619
    doubled = [name for name, count in Counter(names.values()).items() if count > 1]
    assert doubled == []


def test_names_above_villages_are_those_of_the_divisions() -> None:
    assert names_above_villages() == {r.code: r.name for r in load_divisions() if r.level != "VILLAGE"}
