"""监督: reports, incidents and archives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from hub import tables
from hub.access.slices import CONTRACTOR
from hub.domain.norms import Bound, Rule, rules_of
from hub.domain.vocabulary import Party, ReportKind
from hub.domain.vocabulary.norm import NormComparator, NormSubject
from hub.errors import BadArgument
from hub.write.checks import MOST_NAME, come, few, moment, period, text, texts
from hub.write.parties import party_of
from hub.write.place import Place, own_contract, place_of, work_place
from hub.write.stating import state
from hub.write.work import Key, Work, words

MOST_CONTENT: Final = 20_000
"""Characters of a report; the hub's own bound."""

ABOVE: Final[Mapping[Party, tuple[Party, ...]]] = {
    Party.CONTRACTOR: (Party.TOWNSHIP, Party.COUNTY_BUREAU),
    Party.TOWNSHIP: (Party.COUNTY_BUREAU,),
    Party.COUNTY_BUREAU: (Party.PREFECTURE_BUREAU, Party.PROVINCE_DEPARTMENT),
    Party.PREFECTURE_BUREAU: (Party.PROVINCE_DEPARTMENT,),
    Party.PROVINCE_DEPARTMENT: (),
}
"""Whom each reports to (R119–R137)."""
DIGITS: Final = {Party.COUNTY_BUREAU: 6, Party.PREFECTURE_BUREAU: 4, Party.PROVINCE_DEPARTMENT: 2}
"""Of a division code that name the division of an office."""
SPOKEN_OF: Final[Mapping[ReportKind, str]] = {
    ReportKind.FINAL_TERM: "FINAL",
    ReportKind.PROGRESS: "PROGRESS_Q{quarter}",
}
"""As the quantities of rules call a kind, where that is another word."""
SUBJECTS: Final[Mapping[Party, tuple[NormSubject, ...]]] = {
    Party.CONTRACTOR: (NormSubject.CONTRACTOR, NormSubject.CONTRACT),
    Party.TOWNSHIP: (NormSubject.STATION,),
    Party.COUNTY_BUREAU: (NormSubject.COUNTY,),
    Party.PREFECTURE_BUREAU: (NormSubject.PREFECTURE,),
}


async def submit_report(
    work: Work,
    *,
    kind: str,
    recipient: str,
    period_starts_on: dt.date,
    period_ends_on: dt.date,
    title: str | None = None,
    content: str | None = None,
    is_copy: bool | None = None,
    contract: str | None = None,
    station: str | None = None,
) -> Key:
    """To one recipient; who has to tell two (R134, R135) submits it twice.

    ``rule`` and ``due_on`` are those of the documents in force at the end of the period; no day where a
    document gives none (A8).
    """
    period(period_starts_on, period_ends_on)
    come(work, "periodStartsOn", period_starts_on, "报告期起")
    sender, to = Party(party_of(work.viewer)), Party(recipient)
    if to not in ABOVE[sender]:
        raise BadArgument("Expected a recipient that the sender reports to.", zh="接收方应为报送方的上级")
    place = await _sender_place(work, contract, station)
    rule = _asked(place.division_code, sender, ReportKind(kind), period_ends_on)
    told = {
        **place._asdict(),
        "kind": kind,
        "rule": rule.key if rule else None,
        "sender": sender.value,
        "recipient": to.value,
        "recipient_division_code": _recipient_code(to, place),
        "is_copy": bool(is_copy),
        "period_starts_on": period_starts_on,
        "period_ends_on": period_ends_on,
        **_due(rule),
        "submitted_at": work.now,
        "status": "SUBMITTED",
        "title": text("title", title, "标题", MOST_NAME),
        "content": text("content", content, "内容", MOST_CONTENT),
    }
    return await state(work, tables.report, told, "kind", "recipient")


async def _sender_place(work: Work, contract: str | None, station: str | None) -> Place:
    if work.viewer.role == CONTRACTOR:
        return await place_of(work, await own_contract(work, contract), station, as_whole=True)
    if contract is not None or station is not None:
        raise BadArgument(
            "Expected neither contract nor station: an office reports for its division.",
            zh="民政部门和乡镇（街道）按区划报送，不填合同和服务站",
        )
    return Place(work.viewer.division_code or "")


def _recipient_code(to: Party, place: Place) -> str:
    if to is Party.TOWNSHIP:
        if place.station_id is None:
            raise BadArgument(
                "Expected station: its township receives the report.", zh="请指明服务站所在乡镇（街道）"
            )
        return place.division_code[:9] + "000"
    return place.division_code[: DIGITS[to]].ljust(12, "0")


def _asked(division: str, sender: Party, kind: ReportKind, on: dt.date) -> Rule | None:
    """The rule that asks the sender for such a report; of several the closest region's."""
    word = "report." + SPOKEN_OF.get(kind, kind.value).format(quarter=(on.month + 2) // 3)
    found = [
        rule
        for rule in rules_of(division, on)
        if rule.subject in SUBJECTS.get(sender, ())
        and any(bound.quantity == word and _of_year(bound, on.year) for bound in rule.bounds)
    ]
    return found[-1] if found else None


def _of_year(bound: Bound, year: int) -> bool:
    """A day that a document gives is of the report of that year (R122–R124)."""
    return not isinstance(bound.value, dt.date) or bound.value.year == year


def _due(rule: Rule | None) -> dict[str, Any]:
    """The day a document gives; whether it still counts is left open where the document does (A23)."""
    for bound in rule.bounds if rule else ():
        if isinstance(bound.value, dt.date):
            included = bound.comparator is NormComparator.AT_MOST or None
            return {"due_on": bound.value, "is_due_day_included": included}
    return {"due_on": None, "is_due_day_included": None}


async def report_incident(
    work: Work,
    *,
    occurred_at: dt.datetime,
    summary: str,
    told_township_at: dt.datetime | None = None,
    told_civil_affairs_at: dt.datetime | None = None,
    contract: str | None = None,
    station: str | None = None,
) -> Key:
    """A major event or emergency (R177). Township and bureau see it from now on, so who was not told before
    is told now. No document says how soon is promptly (A8)."""
    happened = moment(work, "occurredAt", occurred_at, "发生时间")
    place = await work_place(
        work, "occurredAt", happened.astimezone(work.now.tzinfo).date(), "发生时间", contract, station
    )
    when = {
        "reported_to_township_at": ("toldTownshipAt", told_township_at, "报告乡镇（街道）时间"),
        "reported_to_civil_affairs_at": ("toldCivilAffairsAt", told_civil_affairs_at, "报告民政部门时间"),
    }
    told = {
        column: work.now if at is None else _after(happened, moment(work, name, at, zh), name, zh)
        for column, (name, at, zh) in when.items()
    }
    said = {"occurred_at": happened, "summary": words("summary", summary, 2000, zh="情况说明"), **told}
    return await state(work, tables.incident, {**place._asdict(), **said}, "occurred_at", "summary")


def _after(happened: dt.datetime, at: dt.datetime, name: str, zh: str) -> dt.datetime:
    if at < happened:
        raise BadArgument(f"Expected {name} no earlier than occurredAt.", zh=f"{zh}不得早于发生时间")
    return at


async def transfer_archive(
    work: Work,
    *,
    scope: str,
    transferred_on: dt.date,
    receiver: str,
    listed_files: list[str],
    is_complete: bool,
    contract: str | None = None,
    station: str | None = None,
) -> Key:
    """Files handed over at the close of a project or a year, or with a change of staff (R185, R62); often
    after the contract has ended."""
    under = await own_contract(work, contract)
    if come(work, "transferredOn", transferred_on, "移交日期") < under["starts_on"]:
        raise BadArgument(
            "Expected transferredOn no earlier than the contract.", zh="移交日期不得早于合同开始日期"
        )
    few("listedFiles", listed_files, "移交清单")
    if not listed_files:
        raise BadArgument("Expected listedFiles: what is handed over.", zh="请列明移交清单")
    told = {
        **(await place_of(work, under, station, as_whole=True))._asdict(),
        "scope": scope,
        "transferred_on": transferred_on,
        "receiver": words("receiver", receiver, MOST_NAME, zh="接收方"),
        "listed_files": texts("listedFiles", listed_files, "移交清单"),
        "is_complete": is_complete,
    }
    return await state(work, tables.archive_transfer, told, "scope", "transferred_on")
