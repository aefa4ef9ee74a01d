"""接收报告: whom a report is for takes it, or sends it back for a reason.

One that was sent back does not count as submitted, until its sender submits another.
"""

from __future__ import annotations

from typing import Any, Final

from hub.errors import Conflict
from hub.tables import report as reports
from hub.write.checks import MOST_TEXT
from hub.write.versions import hold
from hub.write.work import Key, NotYours, Work, key_in, words

SEEN: Final = "select status, recipient_division_code from report where id = $1"
DECIDE: Final = """
    update report set status = $2, decided_at = $3, return_reason = $4 where id = $1 returning true"""


class ReportDecided(Conflict):
    """The report was accepted or sent back already, or a source states it, which is not changed here."""

    zh = "该报告已接收、已退回，或由数据来源提供"


async def accept_report(work: Work, *, report: str, version: str | None = None) -> Key:
    return await _decide(work, report, version, "ACCEPTED", None)


async def return_report(work: Work, *, report: str, reason: str, version: str | None = None) -> Key:
    said = words("reason", reason, MOST_TEXT, zh="退回理由")
    return await _decide(work, report, version, "RETURNED", said)


async def _decide(work: Work, report: str, version: str | None, status: str, reason: str | None) -> Key:
    """In the viewer's name: a policy says that it is for the viewer's own division. NotYours,
    ReportDecided, Stale."""
    key = key_in(report, reports)
    row: Any = await work.viewer_row(SEEN, key.id)
    if row is None or row["recipient_division_code"] != work.viewer.division_code:
        raise NotYours
    await hold(work, reports, key, version)
    if not await work.viewer_row(DECIDE, key.id, status, work.now, reason):
        raise ReportDecided
    work.note("report", key, "U", "status", *(["return_reason"] if reason else []))
    return key
