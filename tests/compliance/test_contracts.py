"""Contracts of Jinjiang, Xiamen and Ningxia: their terms, money, renewals, and what is told under them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import pytest

from hub.store.database import Database
from tests.compliance.facts import Facts, flips, told

PLACES: Final = {
    "JJ": ("350582", "350582101000"),
    "XM": ("350203", "350203003000"),
    "NX": ("640104", "640104001000"),
}
DAYS: Final = {"JJ": dt.date(2024, 11, 28), "XM": dt.date(2026, 8, 13), "NX": dt.date(2026, 8, 13)}

INSTITUTIONS: Final = ("PERSONNEL", "FINANCE", "VOLUNTEER", "RECORDS", "SERVICE_COMMITMENT", "EVALUATION")


class Made(NamedTuple):
    """Contract of each place, and rows by names."""

    facts: Mapping[str, Facts]
    contracts: Mapping[str, int]
    rows: Mapping[str, tuple[str, int]]


def report(kind: str, recipient: str, first: dt.date, last: dt.date, submitted: dt.date) -> dict[str, Any]:
    return {
        "kind": kind,
        "sender": "CONTRACTOR",
        "recipient": recipient,
        "period_starts_on": first,
        "period_ends_on": last,
        "submitted_at": dt.datetime(submitted.year, submitted.month, submitted.day, 4, tzinfo=dt.UTC),
        "status": "SUBMITTED",
    }


def rows_of(place: str, year: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """What the contract of a place is stated with, by name."""
    whole = dt.date(year, 1, 1), dt.date(year, 12, 31)
    half = dt.date(year, 1, 1), dt.date(year, 6, 30)
    if place == "JJ":
        budget = {"PERSONNEL": 750_000, "ACTIVITY": 100_000, "SUPERVISION_TRAINING": 30_000, "ADMIN": 120_000}
        return {
            **{
                category: ("budget_line", {"category": category, "planned_amount": Decimal(amount)})
                for category, amount in budget.items()
            },
            **{
                f"{kind} to {to}": ("report", report(kind, to, *whole, dt.date(year, 11, 20)))
                for kind in ("MID_TERM", "FINAL_TERM")
                for to in ("COUNTY_BUREAU", "TOWNSHIP")
            },
        }
    if place == "XM":
        evaluated = {"period_starts_on": whole[0], "evaluated_on": dt.date(year, 7, 10)}
        return {
            "self-report": (
                "report",
                report("SELF_EVALUATION", "COUNTY_BUREAU", *half, dt.date(year, 7, 10)),
            ),
            "self": ("evaluation", {"kind": "SELF_CONTRACTOR", "period_ends_on": half[1], **evaluated}),
            "last": ("evaluation", {"kind": "FINAL_YEAR", "period_ends_on": whole[1], **evaluated}),
        }
    july = dt.date(year, 7, 1), dt.date(year, 7, 31)
    august = dt.date(year, 8, 1), dt.date(year, 8, 31)
    return {
        f"{name} to {to}": ("report", report("MONTHLY", to, *month, submitted))
        for name, month, submitted in (
            ("July", july, dt.date(year, 8, 5)),
            ("August", august, dt.date(year, 8, 12)),
        )
        for to in ("COUNTY_BUREAU", "TOWNSHIP")
    }


@pytest.fixture(scope="module")
async def made(db: Database) -> Made:
    every: dict[str, Facts] = {}
    contracts: dict[str, int] = {}
    rows: dict[str, tuple[str, int]] = {}
    for place, where in PLACES.items():
        every[place] = facts = Facts(db, *where)
        bureau, year = f"{where[0]}000000", DAYS[place].year
        contractor = await facts.add(
            "contractor", business_scope="社会工作服务、培训", grade="GRADE_3A", has_party_organisation=False
        )
        rows[f"{place} contractor"] = "contractor", contractor
        term = {
            "contractor_id": contractor,
            "division_code": bureau,
            "procurement_method": "OPEN_TENDER",
            "amount": Decimal(1_000_000 if place == "JJ" else 100_000),
            "cycle_years": 2 if place == "NX" else 1,
        }
        before = await facts.add(
            "contract",
            number=f"{place} before",
            status="RENEWED",
            starts_on=dt.date(year - 1, 1, 1),
            ends_on=dt.date(year - 1, 12, 31),
            **term,
        )
        renews = {"renewal_of_number": f"{place} before"} if place == "NX" else {}
        contracts[place] = contract = await facts.add(
            "contract",
            status="ACTIVE",
            starts_on=dt.date(year, 1, 1),
            ends_on=dt.date(year, 12, 31),
            signed_on=dt.date(year - 1, 12, 20),
            **term,
            **renews,
        )
        rows |= {f"{place} before": ("contract", before), f"{place} contract": ("contract", contract)}
        for name, (table, given) in rows_of(place, year).items():
            given |= {"recipient_division_code": bureau} if table == "report" else {}
            rows[f"{place} {name}"] = table, await facts.add(table, contract_id=contract, **given)
        if place == "NX":
            rows["NX evaluation"] = (
                "evaluation",
                await facts.add(
                    "evaluation",
                    contract_id=before,
                    kind="ANNUAL_FOR_RENEWAL",
                    grade="QUALIFIED",
                    period_starts_on=dt.date(year - 1, 1, 1),
                    period_ends_on=dt.date(year - 1, 12, 31),
                    evaluated_on=dt.date(year - 1, 12, 10),
                ),
            )
            rows["NX past project"] = (
                "past_project",
                await facts.add("past_project", contractor_id=contractor, audit_rating="QUALIFIED"),
            )
            for kind in INSTITUTIONS:
                rows[f"NX {kind}"] = (
                    "management_system",
                    await facts.add("management_system", contractor_id=contractor, kind=kind),
                )
            for name in ("supervisor", "worker"):
                rows[f"NX {name}"] = (
                    "personnel",
                    await facts.add(
                        "personnel",
                        employer_id=contractor,
                        kind="SUPERVISOR" if name == "supervisor" else "PROJECT",
                        is_full_time=True,
                        credential="SOCIAL_WORKER" if name == "supervisor" else "SENIOR",
                    ),
                )
    return Made(every, contracts, rows)


@pytest.mark.parametrize(("place", "count"), [("JJ", 16), ("XM", 6), ("NX", 13)])
async def test_a_contract_that_keeps_to_the_rules(made: Made, place: str, count: int) -> None:
    found = told(await made.facts[place].verdicts("contract", made.contracts[place], DAYS[place]))
    assert {k: v for k, v in found.items() if v != "MET"} == (
        {"JJ": {"R132 report.REGULAR": "UNKNOWN"}, "XM": {"R129 report.REGULAR": "UNKNOWN"}}.get(place, {})
    ), "定期 has no number (A8)"
    assert len(found) == count


GONE: Final = None
CASES: Final[Sequence[tuple[str, Mapping[str, Any] | None, Mapping[str, str]]]] = (
    # Jinjiang: a year from the first of January, and four shares of the amount.
    (
        "JJ contract",
        {"starts_on": dt.date(2024, 1, 2)},
        {
            "R85 contract.length": "NOT_MET 0.9973/1 JJ",
            "R85 contract.starts_on": "NOT_MET 2024-01-02/2024-01-01 JJ",
        },
    ),
    (
        "JJ contract",
        {"ends_on": dt.date(2025, 1, 1)},
        {
            "R85 contract.length": "NOT_MET 1.0027/1 JJ",
            "R85 contract.ends_on": "NOT_MET 2025-01-01/2024-12-31 JJ",
        },
    ),
    (
        "JJ contract",
        {"procurement_method": "INQUIRY"},
        {"R83 contract.method": "NOT_MET INQUIRY/OPEN_TENDER JJ"},
    ),
    ("JJ contract", {"procurement_method": None}, {"R83 contract.method": "UNKNOWN None/OPEN_TENDER JJ"}),
    (
        "JJ contract",
        {"division_code": "350582101000"},
        {"R73 contract.purchaser": "NOT_MET TOWNSHIP/COUNTY_BUREAU JJ"},
    ),
    (
        "JJ contract",
        {"division_code": "350500000000"},
        {"R73 contract.purchaser": "NOT_MET PREFECTURE_BUREAU/COUNTY_BUREAU JJ"},
    ),
    (
        "JJ PERSONNEL",
        {"planned_amount": Decimal("749999.99")},
        {
            "R104 budget.personnel": "NOT_MET 0.74999999/0.75 JJ",
            "R108 budget.total": "NOT_MET 0.99999999/1 JJ",
        },
    ),
    (
        "JJ ADMIN",
        {"category": "ACTIVITY"},
        {"R105 budget.activities": "NOT_MET 0.22/0.10 JJ", "R107 budget.management": "NOT_MET 0/0.12 JJ"},
    ),
    (
        "JJ SUPERVISION_TRAINING",
        GONE,
        {"R106 budget.supervision": "NOT_MET 0/0.03 JJ", "R108 budget.total": "NOT_MET 0.97/1 JJ"},
    ),
    (
        "JJ contract",
        {"amount": None},
        {
            "R104 budget.personnel": "UNKNOWN None/0.75 JJ",
            "R105 budget.activities": "UNKNOWN None/0.10 JJ",
            "R106 budget.supervision": "UNKNOWN None/0.03 JJ",
            "R107 budget.management": "UNKNOWN None/0.12 JJ",
            "R108 budget.total": "UNKNOWN None/1 JJ",
        },
    ),
    ("JJ MID_TERM to TOWNSHIP", GONE, {"R132 report.MID_TERM.TOWNSHIP": "DUE 0/1 JJ"}),
    ("JJ FINAL_TERM to COUNTY_BUREAU", GONE, {"R132 report.FINAL": "DUE 0/1 JJ"}),
    (
        "JJ contractor",
        {"business_scope": "养老服务"},
        {"R76 contractor.scope": "NOT_MET 养老服务/社会工作 JJ"},
    ),
    ("JJ contractor", {"business_scope": None}, {"R76 contractor.scope": "UNKNOWN None/社会工作 JJ"}),
    # Xiamen: once in a contract year, and not twice.
    (
        "XM contract",
        {"procurement_method": "FRAMEWORK_AGREEMENT"},
        {
            "R82 contract.method": "NOT_MET FRAMEWORK_AGREEMENT/OPEN_TENDER、INVITED_TENDER、"
            "COMPETITIVE_CONSULTATION、COMPETITIVE_NEGOTIATION、INQUIRY、SINGLE_SOURCE XM"
        },
    ),
    ("XM self-report", {"submitted_at": None}, {"R130 report.SELF_EVALUATION": "DUE 0/1 XM"}),
    ("XM self", {"evaluated_on": dt.date(2026, 8, 14)}, {"R186 evaluation.SELF_CONTRACTOR": "DUE 0/1 XM"}),
    (
        "XM last",
        {"kind": "SELF_CONTRACTOR"},
        {"R186 evaluation.SELF_CONTRACTOR": "NOT_MET 2/1 XM", "R186 evaluation.FINAL_YEAR": "DUE 0/1 XM"},
    ),
    # Ningxia: a project of two years, signed year by year after an evaluation.
    ("NX contract", {"amount": Decimal("100000.01")}, {"R79 contract.amount": "NOT_MET 100000.01/100000 NX"}),
    ("NX contract", {"cycle_years": 4}, {"R86 contract.cycle AT_MOST": "NOT_MET 4/3 NX"}),
    (
        "NX before",
        {"starts_on": dt.date(2023, 12, 31)},
        {"R86 contract.cycle AT_MOST": "NOT_MET 3.0027/3 NX"},
    ),
    (
        "NX contract",
        {"renewal_of_number": None, "cycle_years": 1},
        {
            "R87 contract.length": "NOT_APPLICABLE 1/1 NX",
            "R88 renewal.evaluation": "NOT_APPLICABLE None/QUALIFIED NX",
        },
    ),
    (
        "NX contract",
        {"ends_on": dt.date(2026, 12, 30)},
        {"R87 contract.length": "NOT_MET 0.9945/1 NX"},
    ),
    (
        "NX evaluation",
        {"grade": "UNQUALIFIED"},
        {"R88 renewal.evaluation": "NOT_MET UNQUALIFIED/QUALIFIED NX"},
    ),
    ("NX evaluation", {"grade": "EXCELLENT"}, {}),
    ("NX evaluation", GONE, {"R88 renewal.evaluation": "UNKNOWN None/QUALIFIED NX"}),
    (
        "NX supervisor",
        {"credential": "ASSISTANT"},
        {"R35 supervisor.grade": "NOT_MET ASSISTANT/SOCIAL_WORKER NX"},
    ),
    ("NX supervisor", {"credential": None}, {"R35 supervisor.grade": "UNKNOWN None/SOCIAL_WORKER NX"}),
    (
        "NX supervisor",
        {"is_full_time": False},
        {
            "R35 project.supervisors": "NOT_MET 0/1 NX",
            "R35 supervisor.grade": "NOT_APPLICABLE None/SOCIAL_WORKER NX",
        },
    ),
    (
        "NX past project",
        {"audit_rating": "UNQUALIFIED"},
        {"R78 contractor.earlier_result": "NOT_MET UNQUALIFIED/QUALIFIED NX"},
    ),
    (
        "NX past project",
        {"ends_on": dt.date(2026, 8, 14)},
        {"R78 contractor.earlier_result": "UNKNOWN None/QUALIFIED NX"},
    ),
    ("NX contractor", {"grade": "GRADE_2A"}, {"R80 contractor.rating": "NOT_MET GRADE_2A/GRADE_3A NX"}),
    (
        "NX contractor",
        {"grade": "GRADE_2A", "has_party_organisation": True},
        {"R80 contractor.rating": "NOT_APPLICABLE GRADE_2A/GRADE_3A NX"},
    ),
    (
        "NX RECORDS",
        GONE,
        {
            "R81 contractor.institutions": "NOT_MET EVALUATION、FINANCE、PERSONNEL、SERVICE_COMMITMENT、"
            "VOLUNTEER/PERSONNEL、FINANCE、VOLUNTEER、RECORDS、SERVICE_COMMITMENT、EVALUATION NX"
        },
    ),
    ("NX July to TOWNSHIP", GONE, {}),
    ("NX August to TOWNSHIP", GONE, {"R134 report.MONTHLY.TOWNSHIP": "DUE 0/1 NX"}),
    ("NX August to COUNTY_BUREAU", {"status": "RETURNED"}, {"R134 report.MONTHLY": "DUE 0/1 NX"}),
)


@pytest.mark.parametrize(
    ("row", "change", "expected"), CASES, ids=lambda each: each if isinstance(each, str) else ""
)
async def test_one_fact_changes_only_what_it_is_about(
    made: Made, row: str, change: Mapping[str, Any] | None, expected: Mapping[str, str]
) -> None:
    place = row[:2]
    of = "contract", made.contracts[place]
    found = await flips(made.facts[place], of, DAYS[place], (*made.rows[row], change))
    assert found == {key: f"MET > {then}" for key, then in expected.items()}


async def test_before_it_is_signed_a_contract_is_not_judged(made: Made) -> None:
    """From then on by its terms; by what is done under it from its first day."""
    of = "contract", made.contracts["NX"]
    before = told(await made.facts["NX"].verdicts(*of, dt.date(2025, 12, 19)))
    assert set(before.values()) == {"NOT_APPLICABLE"}
    signed = told(await made.facts["NX"].verdicts(*of, dt.date(2025, 12, 20)))
    done = {key for key in signed if key.startswith(("R35", "R134"))}
    assert {key for key, status in signed.items() if status == "NOT_APPLICABLE"} == done
    assert {status for key, status in signed.items() if key not in done} == {"MET"}


async def test_the_year_after_tells_what_the_year_before_lacked(made: Made) -> None:
    """The contract is over, and so are its months; the final evaluation of its year is still missing."""
    of, day = ("contract", made.contracts["XM"]), dt.date(2027, 2, 1)
    before = told(await made.facts["XM"].verdicts(*of, day))
    assert before["R186 evaluation.FINAL_YEAR"] == "MET"
    found = await flips(made.facts["XM"], of, day, (*made.rows["XM last"], GONE))
    assert found == {"R186 evaluation.FINAL_YEAR": "MET > NOT_MET 0/1 XM"}
    late = {"evaluated_on": dt.date(2027, 1, 20)}
    assert not await flips(made.facts["XM"], of, day, (*made.rows["XM last"], late)), "made later, about then"


async def test_shares_are_right_to_the_fen_and_sub_items_are_not_counted_twice(made: Made) -> None:
    facts, contract = made.facts["JJ"], made.contracts["JJ"]
    odd = (
        *made.rows["JJ contract"],
        {"amount": Decimal("1000000.01")},
    )
    assert not {
        key: then
        for key, then in (await flips(facts, ("contract", contract), DAYS["JJ"], odd)).items()
        if key != "R108 budget.total"
    }, "75 % of a yuan and a fen is no whole fen"
    part = await facts.add(
        "budget_line",
        contract_id=contract,
        category="PERSONNEL",
        sub_item="五险一金",
        planned_amount=Decimal(200_000),
    )
    assert told(await facts.verdicts("contract", contract, DAYS["JJ"]))["R104 budget.personnel"] == "MET"
    whole = (*made.rows["JJ PERSONNEL"], {"sub_item": "基本工资", "planned_amount": Decimal(550_000)})
    assert not await flips(facts, ("contract", contract), DAYS["JJ"], whole), "parts make the whole"
    await facts.remove("budget_line", part)
