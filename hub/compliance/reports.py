"""What a contractor tells others under a contract, and how it is judged: reports, incidents, evaluations.

A report counts once it was submitted and did not come back, for the period it is about: that of March, handed
in during April, is March's. No document gives a day within the month or the year, so none is asked for. Where
a document names two recipients (R132, R134) each must have it; of several townships, one at least.
"""

from __future__ import annotations

from typing import Final

from hub.compliance.contracts import OF, contract_state, due
from hub.compliance.measure import CONTRACT_SPANS, Events, Measures, State, inputs, local_day
from hub.compliance.projects import BEGUN, work
from hub.domain.vocabulary import NormSubject

_SUBMITTED: Final = local_day("x.submitted_at")


def _report(kind: str, recipient: str, *, stays: bool = False) -> Events:
    """``recipient``: a test of the row ``x``; ``k`` is the contract."""
    return Events(
        NormSubject.CONTRACT,
        f"""
        select x.contract_id as id, least({_SUBMITTED}, x.period_ends_on) as on_day, 1 as amount,
            'report:' || x.id as record
        from report x join contract k on k.id = x.contract_id
        where x.contract_id = any ($2) and x.kind = '{kind}' and x.sender = 'CONTRACTOR' and {recipient}
            and not x.is_copy and x.status <> 'RETURNED' and {_SUBMITTED} <= $3""",
        CONTRACT_SPANS,
        stays,
    )


_BUREAU: Final = "x.recipient = 'COUNTY_BUREAU'"
_TOWNSHIP: Final = "x.recipient = 'TOWNSHIP'"
_PURCHASER: Final = "x.recipient_division_code = k.division_code"


def _evaluation(kind: str) -> Events:
    """Of the contract year that it is about, though it may be made after its end."""
    return work(
        "evaluation",
        "least(x.evaluated_on, x.period_ends_on)",
        f"x.kind = '{kind}' and x.evaluated_on <= $3",
        stays=True,
    )


def _incidents(value: str) -> State:
    """``x``: all that happened under the contract, up to the day."""
    return contract_state(
        f"""
        select k.id, {value} as value, {BEGUN} and count(x.id) > 0 as applies, {due("k.ends_on")},
            {inputs("incident", "x")}
        from contract k left join incident x on x.contract_id = k.id and {local_day("x.occurred_at")} <= $3
        where {OF} group by k.id""",
        "due_on",
    )


def _told(column: str) -> str:
    return f"bool_and(coalesce({local_day(column)} <= $3, false))"


_TOWNSHIP_AT: Final = "x.reported_to_township_at"
_BUREAU_AT: Final = "x.reported_to_civil_affairs_at"
_TIME: Final = f"max(greatest({_TOWNSHIP_AT}, {_BUREAU_AT}) - x.occurred_at)"
_HOURS: Final = f"trim_scale(round(extract(epoch from {_TIME}) / 3600, 1))"

MEASURES: Final[Measures] = {
    "report.MONTHLY": _report("MONTHLY", _BUREAU),
    "report.MONTHLY.TOWNSHIP": _report("MONTHLY", _TOWNSHIP),
    "report.MID_TERM": _report("MID_TERM", _BUREAU, stays=True),
    "report.MID_TERM.TOWNSHIP": _report("MID_TERM", _TOWNSHIP),
    "report.FINAL": _report("FINAL_TERM", _BUREAU),
    "report.FINAL.TOWNSHIP": _report("FINAL_TERM", _TOWNSHIP),
    "report.REGULAR": _report("REGULAR", "true"),
    "report.SELF_EVALUATION": _report("SELF_EVALUATION", _PURCHASER, stays=True),
    "incident.told_within": _incidents(
        f"case when {_told(_TOWNSHIP_AT)} and {_told(_BUREAU_AT)} then {_HOURS} end"
    ),
    "incident.recipients": _incidents(
        f"array_remove(array[case when {_told(_TOWNSHIP_AT)} then 'TOWNSHIP' end,"
        f" case when {_told(_BUREAU_AT)} then 'COUNTY_BUREAU' end], null)"
    ),
    "bulletin": work("bulletin", "x.issued_on"),
    "supervision": work("supervision", "x.supervised_on", f"{local_day('x.notified_bureau_at')} <= $3"),
    "evaluation.SELF_CONTRACTOR": _evaluation("SELF_CONTRACTOR"),
    "evaluation.FINAL_YEAR": _evaluation("FINAL_YEAR"),
}
