"""评估: what somebody finds of a station or of a contract; each kind is for whom the documents name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from hub import tables
from hub.domain.vocabulary import AnnualEvaluation, EvaluationKind, Party, Rating
from hub.errors import BadArgument
from hub.write.checks import MOST_NAME, come, moment, period, text
from hub.write.counties import hold_county
from hub.write.parties import called, party_of
from hub.write.place import STATION, Place, place_of, seen_contract
from hub.write.stating import say, state
from hub.write.work import Key, NotYours, Work, key_in, words

Kind = EvaluationKind
OFFICES: Final = frozenset({Party.COUNTY_BUREAU, Party.PREFECTURE_BUREAU, Party.PROVINCE_DEPARTMENT})
PURCHASERS: Final = frozenset({Party.COUNTY_BUREAU, Party.TOWNSHIP})
COUNTY: Final = frozenset({Party.COUNTY_BUREAU})

EVALUATORS: Final[Mapping[EvaluationKind, frozenset[Party]]] = {
    Kind.SELF_STATION: frozenset({Party.CONTRACTOR}),
    Kind.SELF_CONTRACTOR: frozenset({Party.CONTRACTOR}),
    Kind.SECTION_SCORE: COUNTY,
    Kind.OBJECT_OPINION: COUNTY,
    Kind.THIRD_PARTY: OFFICES,
    Kind.PROVINCE_SPOT_CHECK: frozenset({Party.PROVINCE_DEPARTMENT}),
    Kind.PURCHASER_SPOT_CHECK: PURCHASERS,
    Kind.FINAL_YEAR: PURCHASERS,
    Kind.ANNUAL_FOR_RENEWAL: PURCHASERS,
    Kind.COMPREHENSIVE_REVIEW: OFFICES,
    Kind.COUNTY_APPRAISAL: OFFICES,
    Kind.FINANCE_AUDIT: OFFICES,
    Kind.STAGE_INSPECTION: OFFICES,
    Kind.ANNUAL: OFFICES,
}
"""Who notes a kind (R180–R188). What a third party, finance or an auditor finds, the bureau notes."""
OF_STATIONS: Final = frozenset({Kind.SELF_STATION, Kind.SECTION_SCORE})
OF_CONTRACTS: Final = frozenset({Kind.SELF_CONTRACTOR, Kind.FINAL_YEAR, Kind.ANNUAL_FOR_RENEWAL})
DECIDED: Final = 1
"""Precedence of what the purchaser decides: no list knows better."""
STATION_UNDER: Final = """
    select k.id, k.contractor_id from contract_station l join contract k on k.id = l.contract_id
    where l.station_id = $1 and k.contractor_id = $2 and k.status <> 'DRAFT'
    order by k.starts_on <= $3 desc, k.starts_on desc, k.id desc limit 1"""


async def evaluate_station(work: Work, *, station: str, kind: str, **found: Any) -> Key:
    """Of a contractor the station's own assessment of itself (R180)."""
    which = _own_kind(work, kind)
    if which in OF_CONTRACTS:
        raise BadArgument("Expected a contract: this kind evaluates contracts.", zh="此类评估针对合同")
    return await _evaluate(work, await _station_place(work, station), which, **found)


async def evaluate_contract(work: Work, *, contract: str, kind: str, **found: Any) -> Key:
    """The annual evaluation of the purchaser decides on the renewal (R87, R88)."""
    which = _own_kind(work, kind)
    if which in OF_STATIONS:
        raise BadArgument("Expected a station: this kind evaluates stations.", zh="此类评估针对服务站")
    under = await seen_contract(work, contract)
    if EVALUATORS[which] is PURCHASERS and under["division_code"] != work.viewer.division_code:
        raise NotYours
    place = await place_of(work, under, None, as_whole=True)
    if which is not Kind.ANNUAL_FOR_RENEWAL:
        return await _evaluate(work, place, which, **found)
    await hold_county(work.connection, under["county_code"])
    key, about = await _evaluate(work, place, which, **found), Key(None, under["id"])
    said = {"annual_evaluation": _result(found["grade"])}
    await say(work, tables.contract, about, under["county_code"], said, why="evaluated", precedence=DECIDED)
    work.note("contract", about, "U", "annual_evaluation")
    return key


def _own_kind(work: Work, kind: str) -> EvaluationKind:
    if party_of(work.viewer) not in EVALUATORS[Kind(kind)]:
        raise BadArgument("Expected a kind that is yours to note.", zh="此类评估不由本单位登记")
    return Kind(kind)


async def _evaluate(
    work: Work,
    place: Place,
    kind: EvaluationKind,
    *,
    period_starts_on: dt.date,
    period_ends_on: dt.date,
    evaluated_on: dt.date | None = None,
    evaluator: str | None = None,
    score: Decimal | None = None,
    full_score: Decimal | None = None,
    grade: str | None = None,
    opinion: str | None = None,
    published_at: dt.datetime | None = None,
) -> Key:
    period(period_starts_on, period_ends_on)
    decides = kind is Kind.ANNUAL_FOR_RENEWAL
    if decides and grade is None:
        raise BadArgument(
            "Expected grade: it decides on the renewal.", zh="年度评估应填写等次，用于决定是否续签"
        )
    if score is None and grade is None and opinion is None:
        raise BadArgument("Expected score, grade or opinion.", zh="得分、等次、评估意见应至少填写一项")
    _fit(score, full_score)
    told = {
        **place._asdict(),
        "kind": kind.value,
        "evaluator": words("evaluator", evaluator or await called(work), MOST_NAME, zh="评估方"),
        "period_starts_on": period_starts_on,
        "period_ends_on": period_ends_on,
        "evaluated_on": come(work, "evaluatedOn", evaluated_on or work.today, "评估日期"),
        "score": score,
        "full_score": full_score,
        "grade": grade,
        "opinion": text("opinion", opinion, "评估意见", 2000),
        "published_at": None
        if published_at is None
        else moment(work, "publishedAt", published_at, "公布时间"),
        "is_used_for_renewal": decides or None,
    }
    return await state(work, tables.evaluation, told, "kind", "score", "grade")


def _fit(score: Decimal | None, full: Decimal | None) -> None:
    given = [each for each in (score, full) if each is not None]
    plain = all(each.is_finite() and 0 <= each < 10_000 and each == round(each, 2) for each in given)
    if not plain or (full is not None and (score is None or score > full)):
        raise BadArgument(
            "Expected score and fullScore: 0 to 9999.99, the score no more than the full one.",
            zh="得分与满分应为 0 至 9999.99，得分不超过满分",
        )


def _result(grade: str) -> str:
    failed = grade == Rating.UNQUALIFIED
    return (AnnualEvaluation.UNQUALIFIED if failed else AnnualEvaluation.QUALIFIED).value


async def _station_place(work: Work, given: str) -> Place:
    """With the contract under which its operator serves it, the newest one that has begun."""
    row = await work.viewer_row(STATION, key_in(given, tables.station).id)
    if row is None:
        raise NotYours
    served_by = work.viewer.organisation_id or row["operator_id"]
    under = await work.own_row(STATION_UNDER, row["id"], served_by, work.today)
    if under is None:
        return Place(row["division_code"], row["id"])
    return Place(row["division_code"], row["id"], under["id"], under["contractor_id"])
