"""抽样: the hub draws which results or services a bureau checks, as many as the rules ask for (R169, R170).

Nobody chooses the seed, and a drawing is never changed or taken back: who draws again until the sample suits
is seen to have drawn again. What the check found stands beside it, once.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from hub.domain import sampling
from hub.domain.norms import rules_of
from hub.domain.refusal import Refused
from hub.domain.vocabulary import NormComparator, SubsidyCheckKind
from hub.errors import BadArgument, Conflict
from hub.tables import subsidy_check
from hub.write.checks import MOST_NAME, MOST_TEXT, come, text
from hub.write.parties import called
from hub.write.place import seen_contract
from hub.write.stating import state
from hub.write.versions import hold
from hub.write.work import Key, NotYours, Work, key_in, words

SEEN: Final = "select drawn_at, drawn_numbers, checked_on from subsidy_check where id = $1"
CHANGE: Final = """
    update subsidy_check set checked_on = coalesce($2, checked_on), checked_by = coalesce($3, checked_by),
        deviating_numbers = coalesce($4, deviating_numbers), findings = coalesce($5, findings),
        satisfaction = coalesce($6, satisfaction), follow_up = coalesce($7, follow_up)
    where id = $1 returning true"""
MOST_NUMBERS: Final = 5_000
QUANTITIES: Final = {
    SubsidyCheckKind.ASSESSMENT_RECHECK: "subsidy.verified",
    SubsidyCheckKind.SERVICE_SPOT_CHECK: "subsidy.spot_checked",
}
PLACE: Final = "select true from division where code = $1"


RESULT: Final = (
    "checked_on", "checked_by", "deviating_numbers", "findings", "satisfaction", "follow_up",
)  # fmt: skip


class CheckDone(Conflict):
    """The result of this check was noted already; note what becomes of it with followCheck."""

    zh = "该核查结果已登记，后续整改请用 followCheck"


class CheckOfSource(Conflict):
    """The check is told by a source, and was not drawn here: what it states is not changed here."""

    zh = "该核查由数据来源提供，非本系统抽样，不在此更改"


class NothingAsked(Conflict):
    """No rule in force in the division that day asks for such a sample."""

    zh = "该区划当日没有要求此类抽查的规则"


async def draw(
    work: Work,
    *,
    division_code: str,
    kind: str,
    numbers: list[str],
    supplier_name: str | None = None,
    contract: str | None = None,
) -> Key:
    """The least number of them that meets the rule in force; ``contract``: of who helps with the check."""
    if not await work.own_row(PLACE, division_code):
        raise BadArgument(
            "Expected divisionCode: a division of 12 digits.", zh="divisionCode 应为12位区划代码"
        )
    sample = _drawn(work, division_code, SubsidyCheckKind(kind), numbers)
    under = None if contract is None else await seen_contract(work, contract)
    given = {
        "division_code": division_code,
        "kind": kind,
        "supplier_name": text("supplierName", supplier_name, "被核查机构"),
        "contract_id": under and under["id"],
        "contractor_id": under and under["contractor_id"],
        "population_count": sample.population,
        "sample_count": len(sample.numbers),
        "drawn_at": work.now,
        "sampling_method": sample.method,
        "sampling_seed": sample.seed,
        "population_digest": sample.digest,
        "drawn_numbers": list(sample.numbers),
    }
    return await state(work, subsidy_check, given, "drawn_numbers")


async def record_result(
    work: Work,
    *,
    check: str,
    checked_on: dt.date,
    checked_by: str | None = None,
    deviating: list[str] | None = None,
    findings: list[str] | None = None,
    satisfaction: Decimal | None = None,
    follow_up: str | None = None,
    version: str | None = None,
) -> Key:
    """What was found of all that was drawn: whatever is not among ``deviating`` was right. Said once."""
    key, row = await _seen(work, check, version)
    if row["checked_on"] is not None:
        raise CheckDone
    drawn_on = row["drawn_at"].astimezone(work.now.tzinfo).date()
    if come(work, "checkedOn", checked_on, "核查日期") < drawn_on:
        raise BadArgument("Expected checkedOn no earlier than the drawing.", zh="核查日期不得早于抽样日期")
    wrong = list(dict.fromkeys(deviating or ()))
    if not set(wrong) <= set(row["drawn_numbers"]):
        raise BadArgument("Expected deviating: numbers that were drawn.", zh="不符编号应在抽中编号之内")
    if findings and not wrong:
        raise BadArgument("Expected deviating: what the findings are about.", zh="有发现问题的应列明不符编号")
    told = {
        "checked_on": checked_on,
        "checked_by": text("checkedBy", checked_by, "核查单位", MOST_NAME) or await called(work),
        "deviating_numbers": wrong,
        "findings": list(dict.fromkeys(findings or ())),
        "satisfaction": None if satisfaction is None else _per_cent(satisfaction),
        "follow_up": text("followUp", follow_up, "整改情况"),
    }
    return await _change(work, key, told)


def _per_cent(given: Decimal) -> Decimal:
    if not given.is_finite() or not 0 <= given <= 100 or given != round(given, 2):
        raise BadArgument(
            "Expected satisfaction: 0 to 100 per cent, with at most 2 decimal places.",
            zh="满意度应为 0 至 100，最多 2 位小数",
        )
    return given


async def follow_check(work: Work, *, check: str, follow_up: str, version: str | None = None) -> Key:
    """What became of what was found; it takes the place of what was said before."""
    key, row = await _seen(work, check, version)
    if row["checked_on"] is None:
        raise BadArgument("Expected a check with a result.", zh="应先登记核查结果")
    return await _change(work, key, {"follow_up": words("followUp", follow_up, MOST_TEXT, zh="整改情况")})


async def _seen(work: Work, check: str, version: str | None) -> tuple[Key, Any]:
    """A check that was drawn here, held until the transaction ends; NotYours, CheckOfSource, Stale."""
    key = key_in(check, subsidy_check)
    if await work.viewer_row(SEEN, key.id) is None:
        raise NotYours
    await hold(work, subsidy_check, key, version)
    row = await work.viewer_row(SEEN, key.id)
    if row["drawn_at"] is None:
        raise CheckOfSource
    return key, row


async def _change(work: Work, key: Key, told: Mapping[str, Any]) -> Key:
    if not await work.viewer_row(CHANGE, key.id, *(told.get(name) for name in RESULT)):
        raise NotYours
    work.note("subsidy_check", key, "U", *(name for name in RESULT if told.get(name) is not None))
    return key


def _drawn(work: Work, division_code: str, kind: SubsidyCheckKind, numbers: list[str]) -> sampling.Sample:
    share, strictly = _asked(QUANTITIES[kind], division_code, work)
    if not 1 <= len(numbers) <= MOST_NUMBERS:
        raise BadArgument(
            f"Expected numbers: 1 to {MOST_NUMBERS:,} of them.", zh=f"numbers 应为 1 至 {MOST_NUMBERS} 个编号"
        )
    size = sampling.least(len(numbers), share, strictly=strictly)
    try:
        return sampling.draw(numbers, size, secrets.token_hex(16))
    except Refused as refused:
        raise BadArgument(refused.expected, zh=refused.expected_zh) from None


def _asked(quantity: str, division_code: str, work: Work) -> tuple[Decimal, bool]:
    """The share a rule asks for, and whether it is to be more than that; the largest of several."""
    found = [
        (bound.value, bound.comparator is NormComparator.MORE_THAN)
        for rule in rules_of(division_code, work.today)
        for bound in rule.bounds
        if bound.quantity == quantity and isinstance(bound.value, Decimal)
    ]
    if not found:
        raise NothingAsked
    return max(found)
