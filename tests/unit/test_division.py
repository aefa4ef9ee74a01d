"""行政区划: the list, the arithmetic of codes, and raw codes."""

import collections

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.division import (
    STATION_KINDS,
    WIDTHS,
    code_range,
    county_of,
    division_codes,
    kind_of,
    level_of,
    load_divisions,
    township_of,
)
from hub.domain.refusal import Refused
from hub.domain.vocabulary import DivisionKind, DivisionLevel

ROWS = {row.code: row for row in load_divisions()}
codes = st.sampled_from(sorted(ROWS))


def test_the_size_of_the_list() -> None:
    assert collections.Counter(row.level for row in ROWS.values()) == {
        "PROVINCE": 3,
        "PREFECTURE": 21,
        "COUNTY": 140,
        "TOWNSHIP": 1619,
        "VILLAGE": 20553,
    }


def test_codes_alone() -> None:
    assert division_codes() == ROWS.keys()


def test_parents_stand_before_children_and_above_them() -> None:
    seen: set[str | None] = {None}
    for row in load_divisions():
        assert row.parent_code in seen
        seen.add(row.code)
        parent = ROWS.get(row.parent_code or "")
        assert row.depth == (parent.depth + 1 if parent else 0) == list(WIDTHS).index(row.level)
        assert row.full_name == (parent.full_name if parent else "") + row.name
        assert parent is None or row.code[: WIDTHS[parent.level]] == parent.code[: WIDTHS[parent.level]]


def test_levels_and_kinds_have_words() -> None:
    assert {row.kind for row in ROWS.values()} <= {kind.value for kind in DivisionKind}
    assert {row.level for row in ROWS.values()} == {level.value for level in DivisionLevel}


@pytest.mark.parametrize(
    ("prefix", "townships", "stations"),
    [("45", 1284, 1253), ("3502", 54, 45), ("350582", 22, 19), ("64", 259, 243), ("450305", 6, 5)],
)
def test_stations_are_of_real_townships_only(prefix: str, townships: int, stations: int) -> None:
    """Counts published for 2021 to 2023; development zones and farms have no station."""
    rows = [row for row in ROWS.values() if row.level == "TOWNSHIP" and row.code.startswith(prefix)]
    assert (len(rows), sum(row.kind in STATION_KINDS for row in rows)) == (townships, stations)


@pytest.mark.parametrize(
    ("code", "full_name", "kind"),
    [
        ("350000000000", "福建省", "PROVINCE"),
        ("450000000000", "广西壮族自治区", "AUTONOMOUS_REGION"),
        ("350200000000", "福建省厦门市", "PREFECTURE_CITY"),
        ("450305000000", "广西壮族自治区桂林市七星区", "DISTRICT"),
        ("350582000000", "福建省泉州市晋江市", "COUNTY_CITY"),
        ("640422000000", "宁夏回族自治区固原市西吉县", "COUNTY"),
        ("450226000000", "广西壮族自治区柳州市三江侗族自治县", "AUTONOMOUS_COUNTY"),
        ("350582101000", "福建省泉州市晋江市安海镇", "TOWN"),
        ("350212003000", "福建省厦门市同安区新民街道", "SUBDISTRICT"),
        ("350582402000", "福建省泉州市晋江市泉州综合保税区", "TOWNSHIP_LIKE"),
        ("350203001001", "福建省厦门市思明区厦港街道鸿山社区居委会", "COMMUNITY"),
        ("350582005500", "福建省泉州市晋江市新塘街道国营晋江市良种繁殖场生活区", "VILLAGE"),
    ],
)
def test_some_divisions(code: str, full_name: str, kind: str) -> None:
    assert (ROWS[code].full_name, ROWS[code].kind) == (full_name, kind)


@pytest.mark.parametrize(
    ("code", "name", "kind"),
    [("110000000000", "北京市", "MUNICIPALITY"), ("532300000000", "楚雄彝族自治州", "PREFECTURE")],
)
def test_kinds_outside_the_list(code: str, name: str, kind: str) -> None:
    assert kind_of(code, name) == kind


def test_endings_of_names_agree_with_the_digits() -> None:
    for row in ROWS.values():
        if row.kind in ("SUBDISTRICT", "TOWN", "TOWNSHIP"):
            assert row.name.endswith({"SUBDISTRICT": "街道", "TOWN": "镇", "TOWNSHIP": "乡"}[row.kind])


def test_pilot_towns_and_urban_subdistricts() -> None:
    """R33 names the nine; digits 7-9 from 001 to 099 are 街道."""
    pilots = {row.name.removesuffix("镇") for row in ROWS.values() if row.is_pilot_town}
    assert pilots == {"陈埭", "池店", "安海", "磁灶", "东石", "英林", "金井", "龙湖", "深沪"}
    for row in ROWS.values():
        urban = row.level == "TOWNSHIP" and "001" <= row.code[6:9] <= "099"
        assert row.is_urban_subdistrict is urban


# --- arithmetic --------------------------------------------------------------------------------


@given(codes, codes)
def test_a_range_holds_a_division_and_all_below_it_and_nothing_else(code: str, other: str) -> None:
    lo, hi = code_range(code)
    assert lo == code
    assert (lo <= other < hi) == other.startswith(code[: WIDTHS[level_of(code)]])


@given(codes)
def test_a_range_needs_no_zeros(code: str) -> None:
    assert code_range(code[: WIDTHS[level_of(code)]]) == code_range(code)


@pytest.mark.parametrize(
    ("code", "hi"),
    [
        ("45", "460000000000"),
        ("459999", "460000000000"),
        ("450305009", "450305010000"),
        ("350582101999", "350582102000"),
    ],
)
def test_ends_of_ranges(code: str, hi: str) -> None:
    assert code_range(code)[1] == hi


@pytest.mark.parametrize("code", ["", "4", "450", "4503050", "45030500000a", "七星区", "99"])
def test_a_range_of_no_code_is_refused(code: str) -> None:
    """An empty or endless range would open everything or nothing."""
    with pytest.raises(Refused):
        code_range(code)


@given(codes)
def test_ancestors_are_found_by_their_digits(code: str) -> None:
    for width, ancestor in ((6, county_of), (9, township_of)):
        if WIDTHS[level_of(code)] >= width:
            assert ROWS[ancestor(code).ljust(12, "0")].level == level_of(code[:width].ljust(12, "0"))
            assert code.startswith(ancestor(code)[:width])
        else:
            with pytest.raises(Refused) as refused:
                ancestor(code)
            assert refused.value.code == "DIVISION_TOO_HIGH"
