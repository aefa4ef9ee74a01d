"""One fact about a station changes exactly the verdicts it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest

from hub.store.database import Database
from tests.compliance.facts import Facts, flips, told

PLACES: Final = {
    "QX": (("450305", "450305003000"), dt.date(2026, 5, 1)),
    "XM": (("350203", "350203003000"), dt.date(2026, 5, 1)),
    "JJ": (("350582", "350582101000"), dt.date(2024, 5, 1)),
    "NX": (("640104", "640104001000"), dt.date(2026, 5, 1)),
}
Given = Mapping[str, tuple[str, Mapping[str, Any]]]


def people(count: int) -> Given:
    return {
        f"resident {n}": ("personnel", {"kind": "RESIDENT", "is_full_time": True})
        for n in range(1, count + 1)
    }


def kinds(table: str, *words: str) -> Given:
    return {word: (table, {"kind": word}) for word in words}


def heads(deputies: int) -> Given:
    return {
        "head": ("station_role", {"role": "HEAD"}),
        **{f"deputy {n}": ("station_role", {"role": "DEPUTY"}) for n in range(1, deputies + 1)},
    }


NAMES: Final = {
    "QX": "七星区穿山街道民政服务站",
    "XM": "思明区中华街道民政服务站",
    "JJ": "安海镇民政服务站",
    "NX": "兴庆区凤凰北街街道社会工作服务站",
}
GIVEN: Final[Mapping[str, Given]] = {
    "QX": {
        **heads(1),
        "sign": ("station_sign", {"form": "VERTICAL", "height_cm": 200, "width_cm": 35}),
        **kinds("station_institution", "REPORTING", "SUPERVISION", "WORK_ARCHIVE", "EVALUATION", "HANDOVER"),
    },
    "XM": {
        **heads(2),
        **people(2),
        **kinds("station_institution", "ORGANISATION", "ADMINISTRATION", "VENUE"),
        **kinds("station_institution", "SERVICE", "VOLUNTEER", "RECORDS"),
        **kinds("station_equipment", "DESKS_AND_CHAIRS", "MATERIAL_CABINET", "FILE_CABINET"),
        **kinds("station_equipment", "COMPUTER", "PRINTER", "SERVICE_EQUIPMENT"),
    },
    "JJ": {
        **people(3),
        "vacancy": (
            "vacancy",
            {"post": "RESIDENT", "since_on": dt.date(2024, 3, 1), "filled_on": dt.date(2024, 4, 1)},
        ),
    },
    "NX": people(1),
}
Made = tuple[Mapping[str, Facts], Mapping[str, tuple[str, int]]]


@pytest.fixture(scope="module")
async def made(db: Database) -> Made:
    every: dict[str, Facts] = {}
    rows: dict[str, tuple[str, int]] = {}
    for place, (where, _) in PLACES.items():
        every[place] = facts = Facts(db, *where)
        renamed = {"former_name": "社工站", "renamed_on": dt.date(2025, 3, 31)} if place == "QX" else {}
        station = await facts.add("station", name=NAMES[place], **renamed)
        rows[place] = "station", station
        for name, (table, given) in GIVEN[place].items():
            rows[f"{place} {name}"] = table, await facts.add(table, station_id=station, **given)
    return every, rows


@pytest.mark.parametrize(
    ("place", "rules"),
    [
        ("QX", {"R6", "R10", "R11", "R24", "R26", "R30"}),
        ("XM", {"R7", "R21", "R23", "R31", "R32"}),
        ("JJ", {"R33", "R44"}),
        ("NX", {"R8", "R34"}),
    ],
)
async def test_a_station_that_has_all_it_must(made: Made, place: str, rules: set[str]) -> None:
    every, rows = made
    found = told(await every[place].verdicts(*rows[place], PLACES[place][1]))
    assert {key.split()[0] for key, status in found.items() if status == "MET"} == rules
    assert "NOT_MET" not in {found[key] for key in found if key.split()[0] in rules}


ENDED: Final = dt.date(2026, 4, 30)
CASES: Final[Sequence[tuple[str, Mapping[str, Any] | None, Mapping[str, str]]]] = (
    ("QX", {"name": "穿山街道民政服务站"}, {"R6 station.name": "NOT_MET"}),
    ("QX", {"name": "七星区 穿山街道 民政服务站"}, {}),
    (
        "QX",
        {"renamed_on": dt.date(2025, 4, 1)},
        {"R26 station.renamed_on": "NOT_MET 2025-04-01/2025-03-31 GX"},
    ),
    ("QX", {"renamed_on": None}, {"R26 station.renamed_on": "NOT_MET None/2025-03-31 GX"}),
    ("QX sign", {"height_cm": 180}, {"R11 sign.vertical.height": "NOT_MET 180/200 GX"}),
    ("QX sign", {"width_cm": None}, {"R11 sign.vertical.width": "UNKNOWN None/35 GX"}),
    ("QX HANDOVER", None, {"R24 station.institutions": "NOT_MET"}),
    ("QX HANDOVER", {"adopted_on": dt.date(2026, 5, 2)}, {"R24 station.institutions": "NOT_MET"}),
    ("QX head", {"ends_on": ENDED}, {"R30 station.heads": "NOT_MET 0/1 GX"}),
    ("QX deputy 1", {"starts_on": dt.date(2026, 5, 2)}, {"R30 station.deputies": "NOT_MET 0/1 GX"}),
    (
        "XM deputy 2",
        {"role": "HEAD"},
        {"R31 station.heads": "NOT_MET 2/1 XM", "R31 station.deputies": "NOT_MET 1/2 XM"},
    ),
    ("XM", {"name": "思明区民政服务站"}, {"R7 station.name": "NOT_MET"}),
    ("XM resident 1", {"left_on": ENDED}, {"R32 station.workers": "NOT_MET 1/2 XM"}),
    ("XM VENUE", None, {"R23 station.institutions": "NOT_MET"}),
    ("XM PRINTER", {"item_count": 0}, {"R21 station.equipment": "NOT_MET"}),
    ("JJ resident 1", {"is_full_time": False}, {}),
    ("JJ resident 1", {"left_on": dt.date(2024, 4, 30)}, {"R33 station.resident": "NOT_MET 2/3 JJ"}),
    ("JJ vacancy", {"filled_on": dt.date(2024, 4, 2)}, {"R44 vacancy.length": "NOT_MET"}),
    ("JJ vacancy", {"since_on": dt.date(2024, 4, 2), "filled_on": None}, {}),
    ("JJ vacancy", None, {"R44 vacancy.length": "NOT_APPLICABLE None/1 JJ"}),
    ("NX", {"name": "凤凰北街街道社会工作服务站"}, {"R8 station.name": "NOT_MET"}),
    ("NX resident 1", None, {"R34 station.resident_social_workers": "NOT_MET 0/1 NX"}),
)


@pytest.mark.parametrize(
    ("row", "change", "expected"), CASES, ids=lambda each: each if isinstance(each, str) else ""
)
async def test_one_fact_changes_only_what_it_is_about(
    made: Made, row: str, change: Mapping[str, Any] | None, expected: Mapping[str, str]
) -> None:
    every, rows = made
    place = row[:2]
    found = await flips(every[place], rows[place], PLACES[place][1], (*rows[row], change))
    assert found.keys() == expected.keys()
    assert all(found[key].startswith(f"MET > {then}") for key, then in expected.items()), found


async def test_who_may_be_full_time_decides_nothing(made: Made) -> None:
    every, rows = made
    for changes, status in (({"is_full_time": None}, "UNKNOWN None"), ({"is_full_time": False}, "NOT_MET 1")):
        found = await flips(
            every["JJ"],
            rows["JJ"],
            PLACES["JJ"][1],
            (*rows["JJ resident 1"], {"is_full_time": False}),
            (*rows["JJ resident 2"], changes),
        )
        assert found == {"R33 station.resident_full_time": f"MET > {status}/2 JJ"}


async def test_a_past_day_is_told_by_what_was_then(made: Made) -> None:
    every, rows = made
    head = (*rows["QX head"], {"ends_on": ENDED})
    assert not await flips(every["QX"], rows["QX"], ENDED, head)
