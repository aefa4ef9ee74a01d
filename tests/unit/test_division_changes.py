"""What divisions were before, and what becomes of raw codes: the real changes, and made-up ones."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.division import WIDTHS, level_of, load_divisions
from hub.domain.division_changes import (
    Change,
    DivisionChange,
    DivisionHistory,
    authority_of,
    history,
    load_changes,
    moves,
    resolve,
    resolve_code,
)
from hub.domain.refusal import Refused

ROWS = {row.code: row for row in load_divisions()}
codes = st.sampled_from(sorted(ROWS))

REAL: Final = """
350212003000 - 新民街道 added
350212004000 - 西柯街道 added
350212005000 - 祥和街道 added
350212006000 - 新美街道 added
350212007000 - 美林街道 added
350212106000 新民镇 - removed
350212108000 西柯镇 - removed
350582402000 泉州出口加工区 泉州综合保税区 renamed
450103400000 仙葫经济开发区管理委员会 仙葫经济开发区 renamed
450103451000 青秀山管理委员会 青秀山 renamed
450105451000 明阳工业园区管委会 明阳工业园区 renamed
450107454000 高新技术开发区管委会 高新技术开发区 renamed
450108452000 良庆经济开发区管委会 良庆经济开发区 renamed
450123450000 隆安华侨管理区管理委员会 隆安华侨管理区 renamed
450181400000 南宁六景工业园区管委会 南宁六景工业园区 renamed
450422111000 蒙江镇 濛江镇 renamed
451223001000 - 思源街道 added
451226001000 - 城西街道 added
640104012000 - 星河街街道 added
640122400000 南梁台子管委会 南梁台子 renamed
640205005000 河滨街道 河滨街街道 renamed
640221400000 前进农场 - removed
640302401000 孙家滩管委会 宁夏吴忠国家农业科技园区 renamed
640303400000 工业园区管委会 吴忠太阳山开发区 renamed
"""
"""How the lists of 2021 and 2023 differ, by code: names in the one and in the other."""
DIFFERENCES: Final = [tuple(line.split()) for line in REAL.split("\n") if line]
BECAME: Final = {"350212106000": "350212003000", "350212108000": "350212004000"}
BEFORE, AFTER = dt.date(2021, 12, 30), dt.date(2023, 6, 30)


def refusal(raw: object, within: str | None = None, on: dt.date | None = None) -> str:
    with pytest.raises(Refused) as refused:
        resolve_code(raw, within=within, on=on)
    return refused.value.code


# --- the real changes --------------------------------------------------------------------------


def test_there_are_24() -> None:
    kinds = [kind for *_, kind in DIFFERENCES]
    assert [kinds.count(kind) for kind in ("added", "removed", "renamed")] == [8, 3, 13]


@pytest.mark.parametrize(("code", "was", "is_", "kind"), DIFFERENCES)
def test_a_real_change(code: str, was: str, is_: str, kind: str) -> None:
    """What the code resolves to on any day, and what is told of it."""
    former = [f for f in history().former() if f.code == code]
    for on in (None, dt.date(2000, 1, 1), BEFORE, AFTER, dt.date(2026, 1, 1)):
        if kind != "removed":
            assert resolve(code, on=on) == (code, "EXACT")
            assert ROWS[code].name == is_
        elif code in BECAME:
            assert resolve(code, on=on) == (BECAME[code], "SUCCESSOR")
        else:
            assert refusal(code, on=on) == "DIVISION_ABOLISHED"
    if kind == "added":
        assert former == []
        return
    (told,) = former
    assert (told.name, told.starts_on) == (was, None)
    assert BEFORE <= told.ends_on < AFTER
    assert told.is_day_known is (code in BECAME)
    if kind == "renamed":
        assert (told.change, told.successor_codes, told.division_code) == ("RENAMED", (code,), code)
    else:
        assert code not in ROWS
        assert told.division_code == BECAME.get(code)


@pytest.mark.parametrize(("old", "new"), BECAME.items())
@pytest.mark.parametrize("width", [9, 12])
def test_old_codes_in_old_records_in_any_form(old: str, new: str, width: int) -> None:
    assert resolve(old[:width], within="350212") == (new, "SUCCESSOR")
    assert refusal(old[:9] + "201") == "DIVISION_ABOLISHED", "villages were numbered anew"
    assert moves()[old] == new


def test_nothing_else_has_changed() -> None:
    assert len(load_changes()) == 22, "two differences each make one change of a code"
    assert {f.code for f in history().former()} == {code for code, was, *_ in DIFFERENCES if was != "-"}
    assert moves() == BECAME
    for change in load_changes():
        assert authority_of(change.new_code or change.old_code) == change.authority
        if change.new_code:
            assert ROWS[change.new_code].name == change.new_name


def test_names_never_join() -> None:
    """新圩镇 is the name of six townships, and 新民镇 that of two more beside the one that ended."""
    assert sum(row.name == "新圩镇" for row in ROWS.values()) == 6
    for name in ("新圩镇", "新民镇", "福建省厦门市同安区新民镇", "新民街道"):
        assert refusal(name) == "DIVISION_FORM"


# --- made-up changes ---------------------------------------------------------------------------

A, B, C, D = (f"4503050{n}0000" for n in "1234")


def change(kind: Change, old: str, new: str, day: int | None) -> DivisionChange:
    """On that day of 2022, or on some day between two lists."""
    on = None if day is None else dt.date(2022, 1, day)
    return DivisionChange("STATISTICS", kind, old, old and "旧", new, new and "新", on, BEFORE, AFTER)


def made(codes_: set[str], *changes: DivisionChange) -> DivisionHistory:
    return DivisionHistory(frozenset(codes_), changes)


def why_not(known: DivisionHistory, code: str, on: dt.date | None = None) -> str:
    with pytest.raises(Refused) as refused:
        known.resolve(code, on)
    return refused.value.code


def test_merged_divisions_lead_to_the_one() -> None:
    known = made({C}, change("MERGED", A, C, 5), change("MERGED", B, C, 5))
    assert known.resolve(A) == known.resolve(B) == (C, "SUCCESSOR")
    assert [f.division_code for f in known.former()] == [C, C]


def test_a_divided_one_is_refused_and_not_guessed() -> None:
    known = made({B, C, D}, change("SPLIT", A, B, 5), change("SPLIT", A, C, 5), change("RECODED", D, D, 7))
    assert why_not(known, A) == "DIVISION_SPLIT"
    former = next(f for f in known.former() if f.code == A)
    assert (former.successor_codes, former.division_code) == ((B, C), None)


def test_what_lives_on_step_by_step_is_followed_even_between_two_lists() -> None:
    for days in ((5, 9), (None, None)):
        known = made({C}, change("RECODED", A, B, days[0]), change("RECODED", B, C, days[1]))
        assert known.resolve(A) == known.resolve(B) == (C, "SUCCESSOR")


def test_what_led_to_one_that_ended_has_ended() -> None:
    known = made(set(), change("RECODED", A, B, 5), change("ABOLISHED", B, "", 9))
    assert why_not(known, A) == why_not(known, B) == "DIVISION_ABOLISHED"


def test_a_code_that_was_given_twice_needs_the_day() -> None:
    known = made({A, B}, change("RECODED", A, B, 5), change("ADDED", "", A, 9))
    assert why_not(known, A) == "DIVISION_REUSED"
    assert known.resolve(A, dt.date(2022, 1, 4)) == (B, "SUCCESSOR")
    assert known.resolve(A, dt.date(2022, 1, 9)) == (A, "EXACT")
    assert why_not(known, A, dt.date(2022, 1, 6)) == "DIVISION_REUSED", "nobody had it that day"
    between = made({A, B}, *(replace(c, effective_on=None) for c in known.changes))
    assert between.resolve(A, BEFORE) == (B, "SUCCESSOR")
    assert between.resolve(A, AFTER) == (A, "EXACT")
    assert why_not(between, A, dt.date(2022, 6, 1)) == "DIVISION_REUSED", "either had it"


def test_a_circle_ends() -> None:
    known = made(set(), change("RECODED", A, B, None), change("RECODED", B, A, None))
    assert why_not(known, A) == "DIVISION_ABOLISHED"


@given(st.integers(0, 10_000))
def test_any_history_is_followed_as_it_happened(seed: int) -> None:
    """Against a world that is lived through day by day: who has which code when, and what became of it."""
    rng = random.Random(seed)
    now = {code: index for index, code in enumerate((A, B, C))}
    became: dict[int, list[int]] = {}
    days: list[dict[str, int]] = [dict(now)]
    changes: list[DivisionChange] = []
    fresh = iter(range(10, 100))
    for day in range(2, 28):
        free = [code for code in (A, B, C, D) if code not in now and code not in days[-1]]
        old = rng.choice(sorted(now)) if now else ""
        match rng.choice(("RECODED", "MERGED", "SPLIT", "ABOLISHED", "ADDED", "RENAMED", "")):
            case "RENAMED" if old:
                changes.append(change("RENAMED", old, old, day))
            case "ABOLISHED" if old:
                became[now.pop(old)] = []
                changes.append(change("ABOLISHED", old, "", day))
            case "ADDED" if free:
                now[free[0]] = next(fresh)
                changes.append(change("ADDED", "", free[0], day))
            case "RECODED" if old and free:
                now[free[0]] = now.pop(old)
                changes.append(change("RECODED", old, free[0], day))
            case "MERGED" if len(now) > 1:
                other = rng.choice(sorted(set(now) - {old}))
                became[now.pop(old)] = [now[other]]
                changes.append(change("MERGED", old, other, day))
            case "SPLIT" if old and len(free) > 1:
                parts = {code: next(fresh) for code in free[:2]}
                became[now.pop(old)] = list(parts.values())
                now |= parts
                changes += [change("SPLIT", old, code, day) for code in parts]
        days.append(dict(now))
    known, codes_of = made(set(now), *changes), {index: code for code, index in now.items()}
    for number, had in enumerate(days, 1):
        for code, index in had.items():
            lives = index
            while len(became.get(lives, ())) == 1:
                lives = became[lives][0]
            on = dt.date(2022, 1, number)
            if lives in codes_of:
                assert known.resolve(code, on).code == codes_of[lives], (code, on)
            else:
                split = bool(became[lives])
                assert why_not(known, code, on) == ("DIVISION_SPLIT" if split else "DIVISION_ABOLISHED")


# --- raw codes ---------------------------------------------------------------------------------


@given(codes, st.sampled_from([6, 9, 12]))
def test_codes_without_their_zeros(code: str, width: int) -> None:
    if width >= WIDTHS[level_of(code)]:
        assert resolve(code[:width]) == (code, "EXACT")


@pytest.mark.parametrize(
    ("raw", "code", "how"),
    [
        (450305001000, "450305001000", "EXACT"),
        (450305001.0, "450305001000", "EXACT"),
        (" ４５０３０５ ", "450305000000", "EXACT"),
        ("'450305001", "450305001000", "EXACT"),
        ("350582402", "350582402000", "EXACT"),
        ("350212106", "350212003000", "SUCCESSOR"),
        ("350212108000", "350212004000", "SUCCESSOR"),
        ("450305999", "450305000000", "OWN_LEVEL"),
        ("450305999999", "450305000000", "OWN_LEVEL"),
        ("450305001999", "450305001000", "OWN_LEVEL"),
        ("350212106999", "350212003000", "OWN_LEVEL"),
    ],
)
def test_resolving(raw: object, code: str, how: str) -> None:
    assert resolve(raw) == (code, how)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "REQUIRED"),
        ("无", "REQUIRED"),
        ("七星区", "DIVISION_FORM"),
        ("新圩镇", "DIVISION_FORM"),
        ("450305001 七星区街道", "DIVISION_FORM"),
        ("4503050010", "DIVISION_FORM"),
        ("4.50305E+11", "DIVISION_FORM"),
        ("459999", "DIVISION_UNKNOWN"),
        ("459999999", "DIVISION_UNKNOWN"),
        ("450305888", "DIVISION_UNKNOWN"),
        ("450305001888", "DIVISION_UNKNOWN"),
        ("640221400", "DIVISION_ABOLISHED"),
        ("350212106201", "DIVISION_ABOLISHED"),
    ],
)
def test_what_does_not_resolve(raw: object, code: str) -> None:
    assert refusal(raw) == code


@given(codes, codes)
def test_a_source_speaks_for_its_own_area_only(code: str, other: str) -> None:
    area = other[: WIDTHS[level_of(other)]]
    if code.startswith(area):
        assert resolve_code(code, within=other) == code
    else:
        assert refusal(code, other) == "DIVISION_OUTSIDE"
